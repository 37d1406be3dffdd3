"""A WSMan endpoint that signs people in as WinRM does, in front of a real session host.

Basic, client certificates, and by pyspnego's acceptors Negotiate (NTLM and Kerberos) and CredSSP, with message
encryption. What comes in is taken out of its encryption and handed to the session host, whose answer goes back the same
way. ``users`` are accounts of NTLM and Basic; NTLM's acceptor reads its own from the file that NTLM_USER_FILE names.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import ssl
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import spnego
import spnego.channel_bindings
import spnego.exceptions
from pypsrp.encryption import WinRMEncryption

from jobmagics.host import wsman
from jobmagics.host.client import host_info
from jobmagics.host.faults import Refusal

BOUNDARY = "Encrypted Boundary"
MUTUAL = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"
SOAP = "application/soap+xml;charset=UTF-8"
SPELLED = {"negotiate": "Negotiate", "kerberos": "Kerberos", "credssp": "CredSSP"}
PROTOCOLS = {"kerberos": WinRMEncryption.KERBEROS, "credssp": WinRMEncryption.CREDSSP}


class Winrm(ThreadingHTTPServer):
    """``schemes``: what it offers. ``refusal``: the fault that every shell's creation meets."""

    daemon_threads = True

    def __init__(
        self,
        *schemes: str,
        users: Mapping[str, str] | None = None,
        context: ssl.SSLContext | None = None,
        hostname: str = "127.0.0.1",
        service: str = "wsman",
    ) -> None:
        super().__init__(("127.0.0.1", 0), Connection)
        self.schemes, self.users, self.tls = schemes, users or {}, context
        self.hostname, self.service = hostname, service
        self.refusal: Refusal | None = None
        self.connections: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self.encrypted = 0
        self.signed_in: list[str] = []
        self.delegated: list[tuple[str, str]] = []
        """User and password that CredSSP handed over."""

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def cut(self) -> None:
        """Every connection ends now."""
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def get_request(self) -> tuple[Any, Any]:
        """The handshake is left to the connection's own thread."""
        connection, address = super().get_request()
        if self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self.connections.add(connection)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that will not have our certificate hangs up: nothing to report."""


class Connection(BaseHTTPRequestHandler):
    """One client connection: signed in once, as in WinRM, and then the same person's."""

    protocol_version = "HTTP/1.1"
    server: Winrm
    user = ""
    context: Any = None
    encryption: WinRMEncryption | None = None
    is_sealed = False
    final_token = ""
    upstream: http.client.HTTPSConnection | None = None

    def setup(self) -> None:
        super().setup()
        if self.server.tls is not None:
            self.connection.do_handshake()  # type: ignore[attr-defined]

    def finish(self) -> None:
        super().finish()
        if self.upstream is not None:
            self.upstream.close()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.user and not self._sign_in(*self._authorization()):
            return
        if not body:
            self._answer(200)
            return
        request = self._opened(body)
        self._answer(*self._asked(request))

    def _authorization(self) -> tuple[str, str]:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return scheme.lower(), token.strip()

    # -- signing in

    def _sign_in(self, scheme: str, token: str) -> bool:
        offered = {each.lower() for each in self.server.schemes}
        if scheme == "basic" and "basic" in offered:
            name, _, password = base64.b64decode(token).decode().partition(":")
            self.user = name if self.server.users.get(name) == password else ""
        elif scheme == MUTUAL and "certificate" in offered:
            certificate = self.connection.getpeercert()  # type: ignore[attr-defined]
            self.user = dict(fact[0] for fact in certificate["subject"])["commonName"] if certificate else ""
        elif scheme in offered and token:
            return self._negotiate(scheme, base64.b64decode(token))
        if not self.user:
            self._turn_away()
            return False
        self.server.signed_in.append(self.user)
        return True

    def _negotiate(self, scheme: str, token: bytes) -> bool:
        if self.context is None:
            self.context = spnego.server(
                hostname=self.server.hostname,
                service=self.server.service,
                protocol=scheme if scheme in ("kerberos", "credssp") else "negotiate",
                options=spnego.NegotiateOptions.wrapping_winrm,
                channel_bindings=self._bindings(),
            )
        try:
            answer = self.context.step(token)
        except spnego.exceptions.SpnegoError:
            self.context = None
            self._turn_away()
            return False
        if not self.context.complete:
            self._turn_away(f"{SPELLED[scheme]} {base64.b64encode(answer or b'').decode()}")
            return False
        self.encryption = WinRMEncryption(self.context, PROTOCOLS.get(scheme, WinRMEncryption.SPNEGO))
        if scheme == "credssp":
            handed_over = self.context.get_extra_info("client_credential")
            user = f"{handed_over.domain_name}\\{handed_over.username}"
            self.server.delegated.append((user, handed_over.password))
        self.user = self.context.client_principal or "somebody"
        self.server.signed_in.append(f"{self.context.negotiated_protocol}:{self.user}")
        self.final_token = f"{SPELLED[scheme]} {base64.b64encode(answer).decode()}" if answer else ""
        return True

    def _bindings(self) -> spnego.channel_bindings.GssChannelBindings | None:
        """None: the acceptor takes what comes."""
        return None

    def _turn_away(self, *challenge: str) -> None:
        self._send(401, b"", challenge or [each for each in self.server.schemes if each != "Certificate"])

    # -- a request

    def _opened(self, body: bytes) -> bytes:
        """Without its encryption. The answer is encrypted if the request was: over TLS neither is."""
        self.is_sealed = self.headers.get("Content-Type", "").startswith("multipart/")
        if not self.is_sealed:
            return body
        assert self.encryption is not None
        self.server.encrypted += 1
        return bytes(self.encryption.unwrap_message(body, BOUNDARY))

    def _asked(self, request: bytes) -> tuple[int, bytes]:
        refusal = self.server.refusal
        if refusal is not None and b"/transfer/Create<" in request:
            return 500, wsman.fault(refusal, wsman.parse_request(request).message_id, "web01")
        info = host_info()
        if self.upstream is None:
            trust = ssl.create_default_context(cafile=str(info.certificate))
            self.upstream = http.client.HTTPSConnection(info.address, info.port, context=trust, timeout=60)
        token = base64.b64encode(f"{info.user}:{info.secret()}".encode()).decode()
        self.upstream.request("POST", "/wsman", request, {"Authorization": f"Basic {token}", "Content-Type": SOAP})
        reply = self.upstream.getresponse()
        return reply.status, reply.read()

    def _answer(self, status: int, content: bytes = b"") -> None:
        final, self.final_token = self.final_token, ""
        kind = SOAP
        if content and self.is_sealed and self.encryption is not None:
            kind, content = self.encryption.wrap_message(content)
            kind = f'{kind};protocol="{self.encryption.protocol}";boundary="{BOUNDARY}"'
        self._send(status, content, [final] if final else (), kind)

    def _send(self, status: int, content: bytes, challenges: Any = (), kind: str = SOAP) -> None:
        self.send_response(status)
        for challenge in challenges:
            self.send_header("WWW-Authenticate", 'Basic realm="WSMAN"' if challenge == "Basic" else challenge)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serving(*schemes: str, **details: Any) -> Iterator[Winrm]:
    server = Winrm(*schemes, **details)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
