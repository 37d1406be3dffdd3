"""Why somebody could not sign in, said in our words: what pypsrp, pyspnego and Kerberos raise, and what helps.

The numbers are MIT Kerberos' own (krb5.h), which GSSAPI gives as its minor code, too.
"""

from __future__ import annotations

import importlib
import re
from typing import Any

import spnego.exceptions
from pypsrp.exceptions import AuthenticationError

from jobmagics.errors import AccessDenied, ConnectionFailed, JobMagicsError, UsageError
from jobmagics.remote import ConnectionInfo

Kinds = tuple[type[Exception], ...]


def _kinds(module: str, *names: str) -> Kinds:
    """Exceptions of a module that comes with an extra; none where it is not installed."""
    try:
        found = importlib.import_module(module)
    except ImportError:
        return ()
    return tuple(getattr(found, name) for name in names)


GSS_ERRORS = _kinds("gssapi.exceptions", "GSSError")
KRB5_ERRORS = _kinds("krb5", "Krb5Error")
CREDSSP_ERRORS = _kinds("requests_credssp.exceptions", "AuthenticationException", "NTStatusException")
FOREIGN: Kinds = (spnego.exceptions.SpnegoError, *GSS_ERRORS, *KRB5_ERRORS, *CREDSSP_ERRORS)
"""What signing in raises below pypsrp. pyspnego lets some of GSSAPI's and Kerberos' own errors through."""
EXPIRED: Kinds = (spnego.exceptions.ContextExpiredError, *_kinds("gssapi.exceptions", "ExpiredContextError"))

LOGON_DENIED = (0x8009030C, 0xC000006D)
"""How CredSSP's other side says that the password is wrong."""

KRB5_BASE = -1765328384
NOT_ONE_OF = "did not response with one of the following authentication methods"
NO_CREDSSP = "did not response CredSSP being an available authentication method"
NOT_THIS = "incompatible with the specified auth_provider"
INSTALL_KERBEROS = 'pip install "jobmagics[kerberos]"'
INSTALL_CREDSSP = 'pip install "jobmagics[credssp]"'
_MINOR = re.compile(r"Minor \((\d+)\)")
_OFFERED = re.compile(r"\b(Negotiate|Kerberos|NTLM|Basic|CredSSP)\b", re.IGNORECASE)


def is_about_signing_in(error: BaseException) -> bool:
    """Whether ``refused`` knows this error."""
    if isinstance(error, (AuthenticationError, *FOREIGN)):
        return True
    return isinstance(error, ValueError | ImportError) and any(sign in str(error) for sign in (NOT_THIS, *_MISSING))


def refused(error: BaseException, connection: ConnectionInfo) -> JobMagicsError:
    """Our error for one about signing in."""
    text = str(error)
    for sign, (what, remedy) in _MISSING.items():
        if sign in text:
            return UsageError(f"{what} authentication is not installed here; run: {remedy}")
    if NOT_ONE_OF in text or NOT_THIS in text or NO_CREDSSP in text:
        return _not_offered(text, connection)
    code = _kerberos_code(error)
    if code is not None and code in _KERBEROS:
        kind, words = _KERBEROS[code]
        return kind(words.format(**_names(connection)))
    if isinstance(error, EXPIRED):  # signed in long ago: who connects again signs in anew
        return ConnectionFailed(_EXPIRED.format(**_names(connection)))
    if isinstance(error, spnego.exceptions.SpnegoError) and code is None and not connection.credential:
        return AccessDenied(_NO_CREDENTIAL.format(**_names(connection)))
    if isinstance(error, spnego.exceptions.NoCredentialError):
        return AccessDenied(_NO_TICKET.format(**_names(connection)))
    if isinstance(error, FOREIGN) and getattr(error, "status", None) not in LOGON_DENIED:
        reason = _last_words(text)
        return AccessDenied(
            f"Signing in to {connection.computer_name} failed ({reason}); check the credential, or name another"
            " -Authentication."
        )
    return _not_accepted(connection)


_MISSING = {
    "gssapi library": ("Kerberos", INSTALL_KERBEROS),
    "krb5 library": ("Kerberos", INSTALL_KERBEROS),
    "requests-credssp": ("CredSSP", INSTALL_CREDSSP),
}
"""By what the error says."""

_NO_TICKET = "There is no Kerberos ticket to sign in to {computer} with; run kinit, or name a user with -Credential."
_NO_CREDENTIAL = "Nobody is named who signs in to {computer}; name a user with -Credential, or run kinit first."
_EXPIRED = "The Kerberos ticket for {computer} has expired; run kinit, or name a user with -Credential."
_WRONG = "{computer} cannot be signed in to: Kerberos knows another password of {who}; correct the credential."
_KERBEROS: dict[int, tuple[type[JobMagicsError], str]] = {
    6: (
        AccessDenied,
        "Kerberos does not know {who}; check the user name, written user@REALM, for {computer}.",
    ),
    7: (
        AccessDenied,
        "Kerberos does not know a computer by the name {computer}; use its full name, as in its domain (no address), or"
        " name -Authentication NTLM.",
    ),
    18: (AccessDenied, "The account of {who} is disabled or locked in Kerberos, so {computer} cannot be signed in to."),
    23: (AccessDenied, "The password of {who} has expired; change it (kpasswd), then connect to {computer} again."),
    24: (AccessDenied, _WRONG),
    31: (AccessDenied, _WRONG),
    32: (AccessDenied, _EXPIRED),
    37: (
        AccessDenied,
        "The clocks of this machine, of Kerberos and of {computer} differ by more than five minutes; set the clock.",
    ),
    154: (
        AccessDenied,
        "Kerberos does not know the realm of {who} for {computer}; write user@REALM, and name the realm in krb5.conf.",
    ),
    156: (
        ConnectionFailed,
        "No KDC of Kerberos can be reached to sign in to {computer}; check the network and the realm in krb5.conf, or"
        " name -Authentication NTLM.",
    ),
    141: (AccessDenied, _NO_TICKET),
    195: (AccessDenied, _NO_TICKET),
}
"""By number, from KRB5_BASE on: KDC_ERR_C_PRINCIPAL_UNKNOWN, S_PRINCIPAL_UNKNOWN, CLIENT_REVOKED, KEY_EXP,
PREAUTH_FAILED, AP_ERR_BAD_INTEGRITY, TKT_EXPIRED, SKEW, REALM_UNKNOWN, KDC_UNREACH, CC_NOTFOUND, FCC_NOFILE.
"""


def _kerberos_code(error: BaseException) -> int | None:
    if isinstance(error, KRB5_ERRORS):
        number: Any = getattr(error, "err_code", None)
    else:
        found = _MINOR.search(str(error))
        number = int(found[1]) - 2**32 if found else None
    return number - KRB5_BASE if isinstance(number, int) else None


def _names(connection: ConnectionInfo) -> dict[str, str]:
    who = f"the credential {connection.credential!r}" if connection.credential else "the ticket's user"
    return {"computer": connection.computer_name, "who": who}


def _last_words(text: str) -> str:
    """GSSAPI says the reason last: "… Minor (2529638919): the reason, Context: …"."""
    reason = text.partition(", Context:")[0]
    found = _MINOR.search(reason)
    return (reason[found.end() :] if found else reason).lstrip(": ").strip().rstrip(".")[:300] or "no reason was given"


def _not_offered(text: str, connection: ConnectionInfo) -> JobMagicsError:
    """The server wants another way to sign in than was asked for."""
    computer = connection.computer_name
    told = text.rpartition("actual:")[2] if NOT_THIS not in text else text.partition("'")[2].partition("'")[0]
    offered = ways_in(told)
    if not offered:
        return AccessDenied(
            f"{computer} offers no way to sign in that is known here; enable Negotiate or Kerberos in its WinRM service"
            " (WSMan:\\localhost\\Service\\Auth)."
        )
    names = ", ".join(offered)
    if offered == ["Basic"]:
        remedy = "name -Authentication Basic" + ("" if connection.use_ssl else " together with -UseSSL")
    else:
        remedy = f"name -Authentication {offered[0]}"
    is_credssp = connection.authentication.lower() == "credssp"
    enable = "run Enable-WSManCredSSP -Role Server there" if is_credssp else "enable the other in its WinRM service"
    return AccessDenied(
        f"{computer} does not offer {connection.authentication} authentication, but {names}; {remedy}, or {enable}."
    )


_SPELLED = {each.lower(): each for each in ("Negotiate", "Kerberos", "NTLM", "Basic", "CredSSP")}


def ways_in(challenge: str) -> list[str]:
    """The authentications that a WWW-Authenticate header names."""
    return list(dict.fromkeys(_SPELLED[each.lower()] for each in _OFFERED.findall(challenge)))


def _not_accepted(connection: ConnectionInfo) -> JobMagicsError:
    computer = connection.computer_name
    if connection.authentication.lower() == "certificate":
        return AccessDenied(
            f"{computer} did not accept the certificate {connection.credential!r}; map it to an account there"
            " (WSMan:\\localhost\\ClientCertificate), and enable Certificate in its WinRM service."
        )
    if not connection.credential:
        return AccessDenied(f"{computer} did not accept who you are signed in as here; name a user with -Credential.")
    return AccessDenied(
        f"{computer} did not accept the user name or password of the credential {connection.credential!r}; correct it"
        " (%get_credential, keyring), or name another -Authentication; a local account is written computer\\user."
    )
