"""The doctor of a computer: what is missing is named with its remedy, and nothing is found wrong where nothing is."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from certificates import Authority
from keyring.backends.null import Keyring as NoKeyring
from sshd import Sshd
from test_signing import tls, web_server
from winrm import serving

from jobmagics.doctor import examine_as_asked
from jobmagics.host.faults import Refusal
from jobmagics.options import parse
from jobmagics.options.access_specs import DOCTOR

HERE = "127.0.0.1"
pytestmark = pytest.mark.filterwarnings(
    # as in test_signing: pypsrp forgets the answer that turned it away
    "ignore:Exception ignored in. <socket.socket:pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(autouse=True)
def accounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """CORP\\ada with the password "right", and a credential "ada" that has it."""
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    (tmp_path / "ntlm").write_text("CORP:ada:right\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(tmp_path / "ntlm"))
    monkeypatch.setenv("JOBMAGICS_CREDENTIAL_ADA_USER", "CORP\\ada")
    monkeypatch.setenv("JOBMAGICS_CREDENTIAL_ADA_PASSWORD", "right")
    monkeypatch.setenv("JOBMAGICS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    yield
    keyring.set_keyring(before)


def doctor(capsys: pytest.CaptureFixture[str], line: str) -> tuple[int, list[str]]:
    """Its verdict and what it said."""
    capsys.readouterr()
    status = examine_as_asked(parse(DOCTOR, line, {}))
    return status, capsys.readouterr().out.splitlines()


def missing(capsys: pytest.CaptureFixture[str], line: str) -> str:
    """The part that it found missing, after others that are all there."""
    status, said = doctor(capsys, line)
    assert status == 1
    assert all(each.startswith("ok ") for each in said[:-1])
    assert said[-1].startswith("MISSING  ")
    return said[-1].removeprefix("MISSING  ")


def test_nothing_is_wrong(real_host: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving("Negotiate", "Basic") as server:
        line = f"{HERE} -Port {server.port} -Authentication NTLM -Credential ada -ConfigurationName jobmagics.builtin"
        status, said = doctor(capsys, line)
    assert status == 0
    assert said[:6] == [
        "ok       name: 127.0.0.1",
        f"ok       port: {server.port} is open",
        "ok       TLS: not asked for (-UseSSL); NTLM, Kerberos and CredSSP encrypt each message themselves",
        "ok       WSMan service: it offers Negotiate, Basic",
        "ok       credential: ada, the user CORP\\ada",
        "ok       authentication: NTLM: signed in",
    ]
    assert re.fullmatch(
        r"ok       endpoint: jobmagics\.builtin, the built-in engine .* \(the language of PowerShell 7\.6\.5\)", said[6]
    )
    assert re.fullmatch(r"ok       a first pipeline: PowerShell 7\.6\.5 on \S+ as \S+", said[7])
    assert "(the double hop); use -Authentication CredSSP" in said[8]


def test_a_name_that_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert missing(capsys, "nosuch.invalid") == (
        "name: The name nosuch.invalid is not known; check its spelling and the DNS, or use its full name."
    )


def test_a_port_that_is_closed(capsys: pytest.CaptureFixture[str]) -> None:
    assert "port: Nothing listens at port 1 of 127.0.0.1; name another" in missing(capsys, f"{HERE} -Port 1")


@pytest.mark.parametrize(("answer", "said"), [(200, "does not speak WSMan"), (404, "has no WSMan service")])
def test_no_wsman_service(capsys: pytest.CaptureFixture[str], answer: int, said: str) -> None:
    with web_server(answer) as port:
        told = missing(capsys, f"{HERE} -Port {port}")
    assert told.startswith("WSMan service: ")
    assert said in told


def test_no_credential(real_host: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving("Negotiate") as server:
        told = missing(capsys, f"{HERE} -Port {server.port} -Credential nobody")
    assert told.startswith("credential: No credential 'nobody' was found; store it with `keyring set jobmagics nobody`")


def test_a_wrong_password(real_host: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBMAGICS_CREDENTIAL_ADA_PASSWORD", "wrong")
    with serving("Negotiate") as server:
        told = missing(capsys, f"{HERE} -Port {server.port} -Authentication NTLM -Credential ada")
    assert told.startswith("authentication: 127.0.0.1 did not accept the user name or password of the credential 'ada'")


@pytest.mark.parametrize(
    ("code", "said"), [(0x8033803B, "has no endpoint"), (0x803381A6, "takes no more for now"), (5, "denied access")]
)
def test_an_endpoint_that_does_not_open(
    real_host: Path, capsys: pytest.CaptureFixture[str], code: int, said: str
) -> None:
    with serving("Negotiate") as server:
        server.refusal = Refusal(code, "It was refused.")
        told = missing(capsys, f"{HERE} -Port {server.port} -Authentication NTLM -Credential ada")
    assert told.startswith("endpoint: 127.0.0.1 ")
    assert said in told


def test_tls_and_trust(
    real_host: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the doctor says is done, in a shell of its own, and then it is content."""
    authority = Authority(tmp_path / "authority")
    with serving("Negotiate", context=tls(authority.issue("elsewhere", host="elsewhere.example"))) as server:
        line = f"{HERE} -Port {server.port} -UseSSL -Authentication NTLM -Credential ada"
        line += " -ConfigurationName jobmagics.builtin"
        told = missing(capsys, line)
        remedy = re.search(r"`jupyter jobmagics (trust .*?)`", told)
        assert told.startswith("TLS: The certificate of 127.0.0.1 is signed by nobody who is trusted here")
        assert remedy
        command = [sys.executable, "-m", "jobmagics.app", *remedy[1].split()]
        asked = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert asked.returncode == 1
        assert "compare the SHA-256 with the computer's, and add --yes" in asked.stderr
        done = subprocess.run([*command, "--yes"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert re.search(r"SHA-256 +([0-9A-F]{2}:){31}[0-9A-F]{2}\n", done.stdout)
        status, said = doctor(capsys, line)
        assert status == 0, said
        assert said[2].startswith("ok       TLS: certificate elsewhere by Test Authority, valid until ")
        assert "trusted by hand" in said[2]
    with socket.create_server((HERE, 0)) as silent:
        port = silent.getsockname()[1]
        silent.close()
        assert f"Nothing listens at port {port}" in missing(capsys, f"{HERE} -Port {port} -UseSSL")
    with serving("Negotiate") as plain:
        assert missing(capsys, f"{HERE} -Port {plain.port} -UseSSL").startswith("TLS: 127.0.0.1 does not speak TLS")


def test_mistakes_on_the_command_line(tmp_path: Path) -> None:
    for words, said in (
        (["web01", "-Prt", "1"], "doctor has no option -Prt; it has -ComputerName"),
        (["web01", "-Port", "x"], "-Port wants a TCP port"),
        (["a@b", "-UseSSL"], "-UseSSL does not go with -HostName"),
        (["web01", "-Port", "{1/0}"], "-Port wants a TCP port"),
    ):
        command = [sys.executable, "-m", "jobmagics.app", "doctor", *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr


# -- over SSH


def test_a_host_over_ssh(
    real_host: Path, sshd: Sshd, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(sshd.programs), prepend=":")
    status, said = doctor(capsys, sshd.target)
    assert status == 0, said
    assert said[:4] == [
        f"ok       SSH client: {sshd.programs / 'ssh'}",
        "ok       name: 127.0.0.1 is 127.0.0.1",
        *[each for each in said[2:3] if each.startswith(f"ok       port: {sshd.port}, SSH-2.0-")],
        "ok       authentication: signed in",
    ]
    assert said[5].startswith("ok       a first pipeline: PowerShell 7.6.5 on ")


def test_a_host_over_ssh_that_lets_nobody_in(
    sshd: Sshd, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(sshd.programs), prepend=":")
    told = missing(capsys, f"nobody@127.0.0.1:{sshd.port}")
    assert told.startswith("authentication: 127.0.0.1 did not let you in (Permission denied); put your key there")
    assert missing(capsys, "-HostName 127.0.0.1:1").startswith("port: Nothing listens at port 1 of 127.0.0.1")


def test_what_is_no_ssh_server(
    real_host: Path, sshd: Sshd, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(sshd.programs), prepend=":")
    with serving("Negotiate") as server:
        server.timeout = 1
        monkeypatch.setattr("jobmagics.doctor.over_ssh.PROBE_SECONDS", 0.2)
        assert f"Port {server.port} of 127.0.0.1 does not answer" in missing(capsys, f"x@127.0.0.1:{server.port}")
