"""Signing in to real endpoints: NTLM and Kerberos with message encryption, Basic and certificates over TLS; and each
usual failure told in one sentence with its remedy.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import keyring
import pytest
from certificates import Authority
from kdc import REALM, Kdc, require_kdc
from keyring.backends.null import Keyring as NoKeyring
from winrm import Winrm, serving

from jobmagics import credentials
from jobmagics.credentials import Credential
from jobmagics.credentials.certificates import trust
from jobmagics.errors import AccessDenied, ConnectionFailed, Fault, JobMagicsError, NotFound, RemoteError, UsageError
from jobmagics.host.faults import Refusal
from jobmagics.psrp import connect
from jobmagics.remote import ConnectionInfo, Invocation, PSSessionOption, new_id
from jobmagics.remote.fragments import Defragmenter, Kind
from jobmagics.remote.messages import pipeline_end
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

HERE = "127.0.0.1"
Know = Callable[..., str]


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """No keyring, no ticket, nothing trusted but what a test puts there."""
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    monkeypatch.setenv("JOBMAGICS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/no-tickets")
    for name in ("NTLM_USER_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    yield tmp_path
    keyring.set_keyring(before)


@pytest.fixture
def know(monkeypatch: pytest.MonkeyPatch) -> Know:
    """Puts a credential into the environment."""

    def put(name: str, user: str, password: str) -> str:
        monkeypatch.setenv(f"{credentials.variable_of(name)}_USER", user)
        monkeypatch.setenv(f"{credentials.variable_of(name)}_PASSWORD", password)
        return name

    return put


@pytest.fixture
def accounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, know: Know) -> None:
    """CORP\\ada with the password "right", known by NTLM's acceptor and as the credential "ada"."""
    file = tmp_path / "ntlm"
    file.write_text("CORP:ada:right\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(file))
    know("ada", "CORP\\ada", "right")


def run(connection: ConnectionInfo, script: str = "echo hello") -> list[bytes]:
    pool = connect(connection).pool(new_id())
    pool.open("test", 600)
    try:
        pipeline = pool.pipeline(new_id())
        pipeline.begin(Invocation(script))
        joined, found = Defragmenter(), list[bytes]()
        while True:
            for message in joined.feed(pipeline.receive()):
                if message.kind == Kind.OUTPUT:
                    found.append(message.data)
                if message.kind == Kind.PIPELINE_STATE and pipeline_end(message.data):
                    return found
    finally:
        pool.close()


def failure(connection: ConnectionInfo) -> JobMagicsError:
    with pytest.raises(JobMagicsError) as caught:
        run(connection)
    assert "\n" not in caught.value.message
    assert connection.computer_name in caught.value.message
    return caught.value


def at(server: Winrm, **details: object) -> ConnectionInfo:
    return ConnectionInfo(HERE, port=server.port, **{"use_ssl": server.tls is not None, **details})  # type: ignore[arg-type]


# -- NTLM


@pytest.mark.parametrize("authentication", ["Default", "Negotiate", "NTLM"])
def test_ntlm_with_encrypted_messages(real_host: Path, accounts: None, authentication: str) -> None:
    with serving("Negotiate") as server:
        assert run(at(server, authentication=authentication, credential="ada")) == [b"<S>hello</S>"]
        assert set(server.signed_in) == {"ntlm:CORP\\ada"}
        assert server.encrypted > 0, "over HTTP nothing goes in the clear"


def test_large_messages_are_encrypted_too(real_host: Path, accounts: None) -> None:
    with serving("Negotiate") as server:
        lines = run(at(server, credential="ada"), f"echo {'x' * 300_000}")
        assert [len(line) for line in lines] == [300_000 + len("<S></S>")]


def test_a_wrong_password(real_host: Path, accounts: None, know: Know) -> None:
    know("ada", "CORP\\ada", "wrong")
    with serving("Negotiate") as server:
        error = failure(at(server, authentication="NTLM", credential="ada"))
    assert isinstance(error, AccessDenied)
    assert "did not accept the user name or password of the credential 'ada'; correct it" in error.message
    assert "wrong" not in error.message


def test_a_wrong_password_that_was_typed_is_asked_for_again(
    real_host: Path, accounts: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(credentials._typed, "typed", Credential("CORP\\ada", "wrong"))
    with serving("Negotiate") as server:
        failure(at(server, authentication="NTLM", credential="typed"))
    assert credentials.look_up("typed") is None


def test_a_password_that_is_changed_while_a_job_runs_leaves_it_disconnected(
    real_host: Path, accounts: None, places: Path
) -> None:
    """The way back is shut until a person corrects the credential; the job goes on, and nothing of it is lost."""
    manager = SessionManager(Store.open(places / "jobs.sqlite"), connect, "notebook")
    with serving("Negotiate") as server:
        (session,) = manager.new_pssession([at(server, authentication="NTLM", credential="ada")])
        job = manager.invoke("count 1 60 0.05", sessions=[session])
        deadline = time.monotonic() + 15
        while not job.records():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        (places / "ntlm").write_text("CORP:ada:changed\n")
        server.cut()
        assert manager.wait([job], timeout=15) == [job]
        assert (str(job.state), session.state) == ("Disconnected", "Disconnected")
        assert "did not accept the user name or password of the credential 'ada'" in " ".join(manager.take_notices())
        (places / "ntlm").write_text("CORP:ada:right\n")
        session.connect()
        assert manager.wait([job], timeout=15) == [job]
        assert job.receive() == [f"line {n}" for n in range(1, 61)]
    manager.close()
    manager.store.close()


def test_nobody_is_signed_in_here(real_host: Path, accounts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NTLM_USER_FILE")
    with serving("Negotiate") as server:
        error = failure(at(server, authentication="NTLM"))
    assert isinstance(error, AccessDenied)
    assert "-Credential" in error.message


@pytest.mark.parametrize(
    ("offered", "asked", "said"),
    [
        (["Basic"], "NTLM", "does not offer NTLM authentication, but Basic; name -Authentication Basic together with"),
        (["Kerberos"], "NTLM", "does not offer NTLM authentication, but Kerberos; name -Authentication Kerberos"),
        ([], "Default", "offers no way to sign in that is known here; enable Negotiate"),
    ],
)
def test_another_way_to_sign_in_is_wanted(
    real_host: Path, accounts: None, offered: list[str], asked: str, said: str
) -> None:
    with serving(*offered) as server:
        assert said in failure(at(server, authentication=asked, credential="ada")).message


# -- CredSSP


@pytest.fixture
def credssp(real_host: Path, accounts: None) -> Iterator[Winrm]:
    pytest.importorskip("requests_credssp", reason="pypsrp[credssp] is not installed")
    with serving("CredSSP") as server:
        yield server


def test_credssp_hands_the_credential_over_and_encrypts(credssp: Winrm) -> None:
    large = "x" * 40_000  # WinRM encrypts CredSSP's messages in parts of 16 KB
    lines = run(at(credssp, authentication="CredSSP", credential="ada"), f"echo {large}")
    assert lines == [f"<S>{large}</S>".encode()]
    assert set(credssp.signed_in) == {"ntlm:CORP\\ada"}, "inside of it NTLM or Kerberos signs in"
    assert set(credssp.delegated) == {("CORP\\ada", "right")}, "what the second hop needs"
    assert credssp.encrypted > 0


def test_credssp_says_no(credssp: Winrm, know: Know) -> None:
    know("ada", "CORP\\ada", "wrong")
    error = failure(at(credssp, authentication="CredSSP", credential="ada"))
    assert isinstance(error, AccessDenied)
    assert "did not accept the user name or password of the credential 'ada'; correct it" in error.message
    assert not credssp.delegated


def test_credssp_where_it_is_not_offered(credssp: Winrm) -> None:
    with serving("Negotiate") as server:
        error = failure(at(server, authentication="CredSSP", credential="ada"))
    assert "Enable-WSManCredSSP -Role Server" in error.message


def test_credssp_needs_its_package_and_a_credential(monkeypatch: pytest.MonkeyPatch, know: Know) -> None:
    """The class is what pypsrp has in its place when the package is missing."""

    def missing(**details: object) -> None:
        raise ImportError("Cannot use CredSSP auth as requests-credssp is not installed: No module named 'x'")

    monkeypatch.setattr("pypsrp.wsman.HttpCredSSPAuth", missing)
    know("ada", "CORP\\ada", "right")
    asked = ConnectionInfo("web01", authentication="CredSSP")
    with pytest.raises(UsageError, match="CredSSP authentication needs a user and password: -Credential <name>"):
        run(asked)
    with pytest.raises(
        UsageError, match=r'CredSSP authentication is not installed .*pip install "jobmagics\[credssp\]"'
    ):
        run(replace(asked, credential="ada"))


# -- TLS


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def tls(certificate: Path, clients: Path | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if clients is not None:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def test_basic_over_tls_by_a_trusted_authority(
    real_host: Path, accounts: None, authority: Authority, monkeypatch: pytest.MonkeyPatch, know: Know
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    context = tls(authority.issue("server", address=HERE))
    with serving("Basic", users={"ada": "right"}, context=context) as server:
        know("ada", "ada", "right")
        assert run(at(server, authentication="Basic", credential="ada")) == [b"<S>hello</S>"]
        know("ada", "ada", "wrong")
        assert "did not accept" in failure(at(server, authentication="Basic", credential="ada")).message


def test_basic_in_the_clear_is_refused(accounts: None) -> None:
    with pytest.raises(UsageError, match="in the clear"):
        run(ConnectionInfo(HERE, port=1, authentication="Basic", credential="ada"))


def test_ntlm_over_tls_with_a_certificate_that_was_trusted_by_hand(
    real_host: Path, accounts: None, authority: Authority
) -> None:
    """Whatever name is in it: that is what pinning means. Another certificate is then none."""
    certificate = authority.issue("elsewhere", host="elsewhere.example")
    with serving("Negotiate", context=tls(certificate)) as server:
        trust(HERE, ssl.get_server_certificate((HERE, server.port)))
        assert run(at(server, authentication="NTLM", credential="ada")) == [b"<S>hello</S>"]
    with serving("Negotiate", context=tls(authority.issue("other", address=HERE))) as server:
        error = failure(at(server, authentication="NTLM", credential="ada"))
        assert "shows another certificate than the one that was trusted" in error.message


@pytest.mark.parametrize(
    ("details", "is_trusted", "said"),
    [
        (
            {"address": HERE},
            False,
            "signed by nobody who is trusted here; run `jupyter jobmagics trust 127.0.0.1 --port",
        ),
        ({"address": "127.0.0.9"}, True, "is for another name; connect by the name that is in it"),
        ({"address": HERE, "expired": True}, True, "has expired; renew it there"),
    ],
)
def test_certificates_that_are_not_taken(
    real_host: Path,
    accounts: None,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    details: dict[str, object],
    is_trusted: bool,
    said: str,
) -> None:
    if is_trusted:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    certificate = authority.issue("faulty", **details)  # type: ignore[arg-type]
    with serving("Negotiate", context=tls(certificate)) as server:
        error = failure(at(server, credential="ada"))
        assert isinstance(error, ConnectionFailed)
        assert said in error.message


def test_skip_cn_check_still_checks_the_authority(
    real_host: Path, accounts: None, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    option = PSSessionOption(skip_cn_check=True)
    with serving("Negotiate", context=tls(authority.issue("named", host="named.example"))) as server:
        connection = at(server, authentication="NTLM", credential="ada", option=option)
        assert "signed by nobody" in failure(connection).message
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
        assert run(connection) == [b"<S>hello</S>"]


def test_skip_ca_check(real_host: Path, accounts: None, authority: Authority) -> None:
    option = PSSessionOption(skip_ca_check=True)
    with serving("Negotiate", context=tls(authority.issue("unknown", address=HERE))) as server:
        assert run(at(server, authentication="NTLM", credential="ada", option=option)) == [b"<S>hello</S>"]


def test_a_client_certificate(
    real_host: Path, places: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch, know: Know
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    context = tls(authority.issue("server", address=HERE), clients=authority.file)
    (places / "certificates").mkdir()
    with serving("Certificate", context=context) as server:
        connection = at(server, authentication="Certificate", credential="ada")
        with pytest.raises(NotFound, match=r"No certificate 'ada' was found; put it .* into .*certificates/ada.pem"):
            run(connection)
        mine = authority.issue("ada").rename(places / "certificates" / "ada.pem")
        assert run(connection) == [b"<S>hello</S>"]
        assert set(server.signed_in) == {"ada"}
        mine.chmod(0o644)
        with pytest.raises(UsageError, match="chmod 600"):
            run(connection)
        authority.issue("ada", secret="open sesame").rename(mine)
        know("ada", "", "open sesame")
        assert run(connection) == [b"<S>hello</S>"]
        stranger = Authority(places / "others", "Another").issue("ada").rename(mine)
        assert stranger.exists()
        error = failure(connection)
        assert isinstance(error, AccessDenied | ConnectionFailed)


def test_tls_where_there_is_none(real_host: Path, accounts: None) -> None:
    with serving("Negotiate") as server:
        error = failure(at(server, use_ssl=True, credential="ada"))
    assert "does not speak TLS at port" in error.message


# -- what answers is not what was looked for


class Page(BaseHTTPRequestHandler):
    """A web server that lets everybody in."""

    status = 200

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(self.status)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"<br>")

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def web_server(answer: int) -> Iterator[int]:
    server = HTTPServer((HERE, 0), type("Answer", (Page,), {"status": answer}))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (200, "does not speak WSMan"),
        (404, "no WSMan service at this address"),
        (403, "denied access"),
        (500, "HTTP 500"),
    ],
)
def test_a_web_server_is_no_wsman_server(accounts: None, answer: int, said: str) -> None:
    with web_server(answer) as port:
        assert said in failure(ConnectionInfo(HERE, port=port, credential="ada")).message


def test_an_ssh_server_is_no_wsman_server(accounts: None) -> None:
    with socket.create_server((HERE, 0)) as listener:

        def greet() -> None:
            client, _address = listener.accept()
            client.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
            client.recv(65536)
            client.close()

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        connection = ConnectionInfo(HERE, port=listener.getsockname()[1], credential="ada")
        assert "does not speak WSMan" in failure(connection).message
        thread.join()


# -- faults of the service, as WinRM numbers them


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        (5, AccessDenied, "Remote Management Users"),
        (0x8033803B, Fault, "has no endpoint Microsoft.PowerShell"),
        (0x803381A6, Fault, "raise the quota there"),
        (0x803381E6, Fault, "raise the quota there"),
    ],
)
def test_faults_at_the_start_of_a_session(
    real_host: Path, accounts: None, code: int, kind: type[JobMagicsError], said: str
) -> None:
    with serving("Negotiate") as server:
        server.refusal = Refusal(code, "It was refused.")
        error = failure(at(server, authentication="NTLM", credential="ada"))
    assert type(error) is kind
    assert said in error.message


# -- Kerberos


@pytest.fixture(scope="module")
def kdc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kdc]:
    require_kdc()
    running = Kdc(tmp_path_factory.mktemp("kdc"))
    running.add("ada", "right")
    yield running
    running.close()


@pytest.fixture
def kerberos(kdc: Kdc, monkeypatch: pytest.MonkeyPatch) -> Kdc:
    """The KDC, with an empty ticket cache."""
    for name, value in kdc.environment.items():
        monkeypatch.setenv(name, value)
    kdc.sign_out()
    return kdc


@contextmanager
def kerberos_endpoint(*schemes: str) -> Iterator[ConnectionInfo]:
    with serving(*schemes, hostname="localhost", service="host") as server:
        yield ConnectionInfo("localhost", port=server.port, authentication="Kerberos")
        assert all(each == f"kerberos:ada@{REALM}" for each in server.signed_in)


@pytest.mark.parametrize("scheme", ["Kerberos", "Negotiate"])
def test_a_kerberos_ticket(real_host: Path, kerberos: Kdc, scheme: str) -> None:
    with kerberos_endpoint(scheme) as connection:
        kerberos.sign_in("ada", "right")
        assert run(connection) == [b"<S>hello</S>"]


def test_kerberos_with_a_password(real_host: Path, kerberos: Kdc, know: Know) -> None:
    with kerberos_endpoint("Negotiate") as connection:
        know("ada", f"ada@{REALM}", "right")
        assert run(replace(connection, credential="ada")) == [b"<S>hello</S>"]


def test_no_ticket(real_host: Path, kerberos: Kdc) -> None:
    with kerberos_endpoint("Negotiate") as connection:
        assert "There is no Kerberos ticket" in failure(connection).message


def test_an_expired_ticket(real_host: Path, kerberos: Kdc) -> None:
    kerberos.sign_in("ada", "right", "-l", "1s")
    deadline = time.monotonic() + 15

    def until_refused(connection: ConnectionInfo) -> None:
        while time.monotonic() < deadline:
            run(connection)

    with kerberos_endpoint("Negotiate") as connection, pytest.raises(RemoteError, match="has expired; run kinit"):
        until_refused(connection)


@pytest.mark.parametrize(
    ("user", "password", "said"),
    [
        (f"ada@{REALM}", "wrong", "Kerberos knows another password of the credential 'who'"),
        (f"bob@{REALM}", "right", "Kerberos does not know the credential 'who'; check the user name"),
        ("bob@NOBODY.TEST", "right", "No KDC of Kerberos can be reached"),
        ("bob@WHERE.TEST", "right", "does not know the realm"),
    ],
)
def test_kerberos_says_no(kerberos: Kdc, know: Know, user: str, password: str, said: str) -> None:
    with kerberos_endpoint("Negotiate") as connection:
        know("who", user, password)
        assert said in failure(replace(connection, credential="who")).message


def test_a_computer_that_kerberos_does_not_know(kerberos: Kdc) -> None:
    kerberos.sign_in("ada", "right")
    with kerberos_endpoint("Negotiate") as connection:
        elsewhere = ConnectionInfo(HERE, port=connection.port, authentication="Kerberos")
        assert (
            "Kerberos does not know a computer by the name 127.0.0.1; use its full name" in failure(elsewhere).message
        )


def test_kerberos_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, know: Know) -> None:
    """The error is pyspnego's own, asked for what an interpreter without its extra has."""
    from jobmagics.psrp.errors import translate

    error = ImportError("GSSAPIProxy requires the Python gssapi library: No module named 'gssapi'")
    ours = translate(error, ConnectionInfo("web01"))
    assert "pip install" in ours.message
    assert "jobmagics[kerberos]" in ours.message
