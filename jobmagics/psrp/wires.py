"""Connection objects: to a session host of this machine, and to a computer with the way to sign in that was asked for.

Secrets come in here from ``credentials`` and go no further than pypsrp. Whom to trust over TLS: the session host's own
certificate; one that was trusted by hand for that computer; else who is signed by an authority that requests knows
(its own list, or the file that REQUESTS_CA_BUNDLE names).
"""

from __future__ import annotations

import weakref
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pypsrp.wsman import WSMan
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from jobmagics import credentials
from jobmagics.credentials.certificates import client_certificate, trusted_fingerprint
from jobmagics.errors import HostError, SessionGone, UsageError
from jobmagics.psrp.enumeration import RSP
from jobmagics.remote import ConnectionInfo

if TYPE_CHECKING:
    from jobmagics.host.client import HostInfo

POLL_SECONDS = 20
"""Operation time-out of a Receive: so long the other side may wait for output before it says "nothing yet"."""
CONNECT_SECONDS = 10
READ_SECONDS = 30
GRACE_SECONDS = 10
"""How much longer than an operation may take its answer is waited for."""

AUTHENTICATIONS = ("Default", "Basic", "Negotiate", "NTLM", "Kerberos", "CredSSP", "Certificate")
NEED_A_CREDENTIAL = frozenset({"basic", "credssp"})
"""The others can do without: a ticket, or a certificate."""


def local_wire(pool_id: str) -> WSMan:
    """To the session host that has the pool, or to where a new one would be made."""
    from jobmagics.host.client import host_info, host_of

    if not pool_id:
        return wsman_for(host_info())
    try:
        return wsman_for(host_of(pool_id))
    except HostError:
        raise SessionGone(
            "The session host of this machine does not run any more, and its sessions ended with it.", 0
        ) from None


def local_hosts() -> list[HostInfo]:
    """All that run: one of an older version may still have sessions."""
    from jobmagics.host.client import host_info, host_statuses

    host_info()
    return [status.info for status in host_statuses()]


def wsman_for(info: HostInfo) -> WSMan:
    """A connection to a session host of this machine."""
    return WSMan(
        info.address,
        port=info.port,
        username=info.user,
        password=info.secret(),
        ssl=True,
        auth="basic",
        cert_validation=str(info.certificate),  # type: ignore[arg-type] # a path pins it; pypsrp says bool only
        no_proxy=True,
        operation_timeout=POLL_SECONDS,
        connection_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
    )


def remote_wire(connection: ConnectionInfo) -> WSMan:
    """A connection to another computer. Asks nothing of the network yet. Raises UsageError, NotFound."""
    authentication = _authentication(connection)
    way = "negotiate" if authentication == "default" else authentication
    return _trusting(connection, auth=way, **_secrets(connection, authentication))


def stranger_wire(connection: ConnectionInfo) -> WSMan:
    """One over which nobody signs in."""
    return _trusting(connection, auth="negotiate")


def _trusting(connection: ConnectionInfo, **way_in: Any) -> WSMan:
    option = connection.option
    computer = connection.computer_name or "localhost"
    pinned = trusted_fingerprint(computer) if connection.use_ssl else None
    wsman = WSMan(
        computer,
        port=connection.port,
        ssl=connection.use_ssl,
        path=connection.application_name,
        cert_validation=not (option.skip_ca_check or pinned),
        operation_timeout=max(1, int(min(POLL_SECONDS, option.operation_timeout))),
        connection_timeout=max(1, int(min(option.open_timeout, READ_SECONDS))),
        read_timeout=max(2, int(min(READ_SECONDS, option.operation_timeout + GRACE_SECONDS))),
        locale=option.ui_culture,
        data_locale=option.culture,
        **way_in,
    )
    if pinned is not None:
        _adapt(wsman, assert_fingerprint=pinned)
    elif connection.use_ssl and option.skip_cn_check:
        _adapt(wsman, assert_hostname=False)
    else:
        _adapt(wsman)
    return wsman


@contextmanager
def waiting_for(wsman: WSMan, seconds: float) -> Iterator[None]:
    """An answer may take so long meanwhile: opening a session does."""
    transport = wsman.transport
    before = transport.read_timeout, wsman.operation_timeout
    transport.read_timeout = max(1, int(seconds))
    wsman.operation_timeout = max(1, min(wsman.operation_timeout, int(seconds) - 1))
    try:
        yield
    finally:
        transport.read_timeout, wsman.operation_timeout = before


def buffer_as(wsman: WSMan, mode: str | None) -> None:
    """Shells that it creates buffer output so while nobody is connected; pypsrp has no word for that."""
    if mode is None:
        return
    create = wsman.create

    def create_buffering(resource_uri: str, resource: ET.Element, **details: Any) -> Any:
        element = ET.Element(RSP + "BufferMode")
        element.text = mode
        resource.insert(max(0, len(resource) - 1), element)  # before what opens the pool
        return create(resource_uri, resource, **details)

    wsman.create = create_buffering  # type: ignore[assignment, method-assign]


def _authentication(connection: ConnectionInfo) -> str:
    known = {name.lower() for name in AUTHENTICATIONS}
    authentication = connection.authentication.lower()
    if authentication not in known:
        raise UsageError(f"{connection.authentication!r} is no authentication; valid: {', '.join(AUTHENTICATIONS)}.")
    if authentication == "basic" and not connection.use_ssl:
        raise UsageError("Basic authentication would send the password in the clear; use TLS with it, or Negotiate.")
    if authentication == "certificate" and not connection.use_ssl:
        raise UsageError("A certificate signs in only over TLS; add -UseSSL.")
    if authentication in NEED_A_CREDENTIAL and not connection.credential:
        raise UsageError(f"{connection.authentication} authentication needs a user and password: -Credential <name>.")
    return authentication


def _secrets(connection: ConnectionInfo, authentication: str) -> dict[str, Any]:
    if authentication == "certificate":
        certificate = client_certificate(connection.credential)
        assert connection.credential is not None
        passphrase = credentials.find(connection.credential).password if certificate.is_encrypted else None
        return {
            "certificate_pem": str(certificate.path),
            "certificate_key_pem": str(certificate.path),
            "certificate_key_password": passphrase,
        }
    if not connection.credential:
        return {}
    secret = credentials.find(connection.credential)
    return {"username": secret.username, "password": secret.password}


class _Adapter(HTTPAdapter):
    """Trusts one certificate, or any name on a certificate that is trusted, if ``checks`` say so. Closes the answer
    that nobody reads: pypsrp drops the one in which signing in failed, and its socket stayed open.
    """

    def __init__(self, retries: Retry, **checks: Any) -> None:
        self._checks = checks
        self._newest: weakref.ref[Response] | None = None
        super().__init__(max_retries=retries)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **details: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **details, **self._checks)

    def send(self, request: PreparedRequest, **details: Any) -> Response:  # type: ignore[override]
        answer = super().send(request, **details)
        self._newest = weakref.ref(answer)
        return answer

    def close(self) -> None:
        if self._newest is not None and (answer := self._newest()) is not None:
            answer.close()
        super().close()


def _adapt(wsman: WSMan, **checks: Any) -> None:
    """pypsrp makes its requests session late and takes one that is there."""
    transport = wsman.transport
    session = transport._build_session()
    scheme = "https://" if transport.ssl else "http://"
    made = session.get_adapter(scheme)
    assert isinstance(made, HTTPAdapter)
    session.mount(scheme, _Adapter(made.max_retries, key_password=transport.certificate_key_password, **checks))
    transport.session = session
