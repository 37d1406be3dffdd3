"""Questions to a computer before anybody signs in, and whether somebody can: for the doctor."""

from __future__ import annotations

import datetime
import socket
import ssl
from dataclasses import dataclass

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID
from pypsrp.exceptions import WinRMTransportError, WSManFaultError

from jobmagics.errors import AccessDenied, ConnectionFailed
from jobmagics.psrp.errors import NOT_WSMAN, talking_to
from jobmagics.psrp.pools import connect
from jobmagics.psrp.signing import ways_in
from jobmagics.psrp.wires import stranger_wire
from jobmagics.remote import ConnectionInfo

PROBE_SECONDS = 10.0


def port_of(connection: ConnectionInfo) -> int:
    return connection.port or (5986 if connection.use_ssl else 5985)


@dataclass(frozen=True)
class Certificate:
    """What a computer shows over TLS. ``fingerprint``: SHA-256."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    expires: datetime.datetime
    fingerprint: str
    pem: str


def certificate_of(connection: ConnectionInfo) -> Certificate:
    """The certificate, whoever signed it. Raises ConnectionFailed."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # looked at, not trusted
    place = (connection.computer_name, port_of(connection))
    try:
        with (
            socket.create_connection(place, PROBE_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=connection.computer_name) as safe,
        ):
            shown = safe.getpeercert(binary_form=True)
    except OSError as error:
        raise ConnectionFailed(
            f"{place[0]} does not speak TLS at port {place[1]} ({error.strerror or error}); name its HTTPS listener's"
            " with -Port, or leave -UseSSL out."
        ) from None
    assert shown is not None
    found = x509.load_der_x509_certificate(shown)
    try:
        extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = tuple(str(name.value) for name in extension.value)
    except x509.ExtensionNotFound:
        names = ()
    return Certificate(
        _common_name(found.subject),
        _common_name(found.issuer),
        names,
        found.not_valid_after_utc,
        found.fingerprint(hashes.SHA256()).hex(":").upper(),
        ssl.DER_cert_to_PEM_cert(shown),
    )


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def ways_offered(connection: ConnectionInfo) -> list[str]:
    """How the WSMan service lets people sign in, asked without doing so; over TLS its certificate is checked as ever.
    Raises ConnectionFailed where there is no such service.
    """
    with talking_to(connection):
        transport = stranger_wire(connection).transport
        session = transport.session or transport._build_session()
        session.auth = None
        try:
            # sent as pypsrp sends: ``session.post`` lets REQUESTS_CA_BUNDLE win over what was trusted by hand
            request = session.prepare_request(requests.Request("POST", transport.endpoint))
            reply = session.send(request, timeout=PROBE_SECONDS)
        finally:
            session.close()
        if reply.status_code == 401:
            return ways_in(reply.headers.get("WWW-Authenticate", ""))
        if reply.status_code >= 400:
            raise WinRMTransportError("http", reply.status_code, "")
    raise ConnectionFailed(NOT_WSMAN.format(connection.computer_name))


def sign_in(connection: ConnectionInfo) -> bool:
    """Whether who signs in may also list sessions. Raises what stands in the way of signing in."""
    try:
        connect(connection).list_shells()
    except AccessDenied as error:
        if isinstance(error.__cause__, WSManFaultError):  # the service knows who it is, and says no
            return False
        raise
    return True
