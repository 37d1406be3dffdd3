"""SecureString, PSCredential, NetworkCredential."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...psobject import SecureString
from ..records import SMA
from ..values.types import NetType
from .table import NetObject, argument_null, declare, net_error, out_of_range

SECURE = declare("System.Security.SecureString")


def _change(secret: SecureString, text: str) -> None:
    if getattr(secret, "read_only", False):
        raise net_error("System.InvalidOperationException", "Instance is read-only.")
    secret._text = text


def _checked(secret: SecureString, index: int) -> str:
    text = secret.reveal()
    if not 0 <= index < len(text):
        raise out_of_range(
            "index", "Index was out of range. Must be non-negative and less than the size of the collection."
        )
    return text


class OwnSecureString(SecureString):
    """A SecureString that a script builds up, character by character."""

    __slots__ = ("read_only",)

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.read_only = False


def _set_at(secret: SecureString, index: int, char: str) -> None:
    text = _checked(secret, index)
    _change(secret, text[:index] + char + text[index + 1 :])


def _remove_at(secret: SecureString, index: int) -> None:
    text = _checked(secret, index)
    _change(secret, text[:index] + text[index + 1 :])


def _make_read_only(secret: SecureString) -> None:
    if isinstance(secret, OwnSecureString):
        secret.read_only = True


SECURE.constructor("()")(lambda kind: OwnSecureString())
SECURE.property("int Length", lambda secret: len(secret.reveal()))
SECURE.method("void AppendChar(char c)")(lambda secret, char: _change(secret, secret.reveal() + char))
SECURE.method("void InsertAt(int index, char c)")(
    lambda secret, index, char: _change(secret, secret.reveal()[:index] + char + secret.reveal()[index:])
)
SECURE.method("void SetAt(int index, char c)")(_set_at)
SECURE.method("void RemoveAt(int index)")(_remove_at)
SECURE.method("void Clear()")(lambda secret: _change(secret, ""))
SECURE.method("securestring Copy()")(lambda secret: OwnSecureString(secret.reveal()))
SECURE.method("void MakeReadOnly()")(_make_read_only)
SECURE.method("bool IsReadOnly()")(lambda secret: getattr(secret, "read_only", False))
SECURE.method("void Dispose()")(lambda secret: None)
SECURE.method("string ToString()")(lambda secret: "System.Security.SecureString")


class NetworkCredential(NetObject):
    """The secret in the clear, for those who ask for it in so many words."""

    net_type = "System.Net.NetworkCredential"

    def __init__(self, user_name: str = "", password: str = "", domain: str = "") -> None:
        self.user_name = user_name
        self.password = password
        self.domain = domain

    @property
    def secure_password(self) -> SecureString:
        return SecureString(self.password)


NETWORK = declare(NetworkCredential.net_type)
NETWORK.constructor("()", "(string userName, string password)", "(string userName, string password, string domain)")(
    lambda kind, *words: NetworkCredential(*(word or "" for word in words))
)


@NETWORK.constructor(
    "(string userName, securestring password)", "(string userName, securestring password, string domain)"
)
def _secure(kind: NetType, user: str, password: SecureString, domain: str = "") -> NetworkCredential:
    return NetworkCredential(user or "", password.reveal(), domain)


NETWORK.attributes("string UserName", "string Password", "string Domain", writable=True)
NETWORK.property("securestring SecurePassword", lambda held: held.secure_password)


class Credential(NetObject):
    """System.Management.Automation.PSCredential."""

    net_type = SMA + "PSCredential"
    ps_credential = True

    def __init__(self, user_name: str, password: SecureString) -> None:
        self.user_name = user_name
        self.password = password

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "UserName", self.user_name
        yield "Password", self.password

    def network_credential(self) -> NetworkCredential:
        domain, mark, user = self.user_name.partition("\\")
        if not mark:
            user, _, domain = self.user_name.partition("@")
        return NetworkCredential(user, self.password.reveal(), domain)


CREDENTIAL = declare(Credential.net_type)


@CREDENTIAL.constructor("(string userName, securestring password)")
def _credential(kind: NetType, user: str | None, password: SecureString | None) -> Credential:
    if not user:
        raise net_error(
            SMA + "PSArgumentException",
            'Cannot process argument because the value of argument "userName" is not valid. Change the '
            'value of the "userName" '
            "argument and run the operation again.",
        )
    if password is None:
        raise argument_null("password")
    return Credential(user, password)


CREDENTIAL.attributes("string UserName", "securestring Password")
CREDENTIAL.method("System.Net.NetworkCredential GetNetworkCredential()")(Credential.network_credential)
CREDENTIAL.static_property("pscredential Empty", lambda: Credential("", SecureString("")))
