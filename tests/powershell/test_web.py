"""Invoke-RestMethod and Invoke-WebRequest against a server of the test's own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from command_session import Session


class Answers(BaseHTTPRequestHandler):
    """Says what it was asked for: /echo as JSON; /to/N redirects N times; /flaky fails twice; /cookie sets one."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        sent = self.rfile.read(length)
        name = self.path.partition("?")[0]
        self.asked.append(name)
        if name.startswith("/to/"):
            left = int(name.rpartition("/")[2])
            self.answer(302, b"", "text/plain", {"Location": f"/to/{left - 1}" if left > 1 else "/echo"})
        elif name == "/flaky" and self.asked.count(name) < 3:
            self.answer(503, b"busy", "text/plain")
        elif name == "/login" and "Authorization" not in self.headers:
            self.answer(401, b"who?", "text/plain", {"WWW-Authenticate": 'Basic realm="x"'})
        elif name == "/404":
            self.answer(404, b"gone", "text/plain")
        elif name == "/page":
            self.answer(200, b"<p><a href='/x' id=k>go</a><img src=\"i.png\"></p>", "text/html")
        elif name == "/x":
            self.answer(200, b'{"a":1}', "application/json")
        else:
            told = {
                "method": self.command,
                "path": self.path,
                "body": sent.decode("utf-8", "replace"),
                "type": self.headers.get("Content-Type"),
                "authorization": self.headers.get("Authorization"),
                "agent": self.headers.get("User-Agent"),
                "cookie": self.headers.get("Cookie"),
                "own": self.headers.get("X-Own"),
            }
            self.answer(200, json.dumps(told).encode(), "application/json", {"Set-Cookie": "k=v"})

    do_POST = do_PUT = do_GET

    def answer(self, code: int, body: bytes, kind: str, heads: dict[str, str] | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Foo", "bar")
        for name, value in (heads or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    @property
    def asked(self) -> list[str]:
        return self.server.asked  # type: ignore[attr-defined,no-any-return]

    def log_message(self, *arguments: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    made = Session(tmp_path)
    made.run(f"$u = 'http://127.0.0.1:{server.server_port}'")
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


SECRET = (
    "$s = ConvertTo-SecureString pw -AsPlainText -Force; $c = [pscredential]::new('me', $s); "
    "$plain = @{ AllowUnencryptedAuthentication = $true }; "
)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("(Invoke-RestMethod $u/x).a", [1]),
        ("Invoke-RestMethod $u/x -ResponseHeadersVariable h | Out-Null; $h['X-Foo']", ["bar"]),
        ("Invoke-RestMethod $u/404 -SkipHttpErrorCheck -StatusCodeVariable code; $code", ["gone", 404]),
        ("try { Invoke-RestMethod $u/404 } catch { $_.ErrorDetails.Message }", ["gone"]),
        ("Invoke-WebRequest $u/x -OutFile f; Get-Content f -Raw | % Length", [7]),
        # who signs in
        (
            SECRET + "(Invoke-RestMethod $u/echo -Authentication Basic -Credential $c @plain).authorization",
            ["Basic bWU6cHc="],
        ),
        (SECRET + "(Invoke-RestMethod $u/echo -Authentication Bearer -Token $s @plain).authorization", ["Bearer pw"]),
        (SECRET + "(Invoke-RestMethod $u/login -Credential $c @plain).authorization", ["Basic bWU6cHc="]),
        # forms
        (
            "$r = Invoke-RestMethod $u/echo -Method Post -Form @{ a = 'x y' }; $r.type -like 'multipart/form-data; *'; "
            "$r.body -match 'name=\"a\"\\r\\n\\r\\nx y\\r\\n--'",
            [True, True],
        ),
        (
            "Set-Content f.txt hello -NoNewline; $r = Invoke-RestMethod $u/echo -Method Post -Form @{ "
            "f = Get-Item f.txt; l = 'p', 'q' }; $r.body -match 'filename=\"f.txt\"[\\s\\S]*\\r\\n\\r\\nhello\\r\\n'; "
            "[regex]::Count($r.body, 'name=\"l\"')",
            [True, 2],
        ),
        ("(Invoke-RestMethod $u/echo -Method Post -Body @{ a = 1 }).body", ["a=1"]),
        ("(Invoke-RestMethod $u/echo -Body @{ a = 1 }).path", ["/echo?a=1"]),
        ("('{}' | Invoke-RestMethod $u/echo -Method Put -ContentType application/json).body", ["{}"]),
        # redirects
        ("(Invoke-RestMethod $u/to/3).path", ["/echo"]),
        ("$r = Invoke-RestMethod $u/to/1 -Method Post -Body x; $r.method; $r.body", ["GET", ""]),
        (
            "$r = Invoke-RestMethod $u/to/1 -Method Post -Body x -PreserveHttpMethodOnRedirect; $r.method; $r.body",
            ["POST", "x"],
        ),
        (
            "$h = @{ Authorization = 'k' }; (Invoke-RestMethod $u/to/1 -Headers $h).authorization, "
            "(Invoke-RestMethod $u/to/1 -Headers $h -PreserveAuthorizationOnRedirect).authorization",
            [None, "k"],
        ),
        ("(Invoke-WebRequest $u/to/1 -MaximumRedirection 0 -SkipHttpErrorCheck -ErrorAction Ignore).StatusCode", [302]),
        ("try { Invoke-RestMethod $u/to/3 -MaximumRedirection 2 } catch { [int]$_.Exception.StatusCode }", [302]),
        # sessions and retries
        (
            "$null = Invoke-RestMethod $u/echo -SessionVariable ws -Headers @{ 'X-Own' = 'o' } -UserAgent me; "
            "$r = Invoke-RestMethod $u/echo -WebSession $ws; $r.cookie; $r.own; $r.agent; $ws.GetType().Name",
            ["k=v", "o", "me", "WebRequestSession"],
        ),
        ("(Invoke-RestMethod $u/flaky -MaximumRetryCount 2 -RetryIntervalSec 1).path", ["/flaky"]),
        # the answer
        (
            "$r = Invoke-WebRequest $u/page; "
            '$r.Links.href; $r.Links.id; $r.Images.src; $r.RawContent.Split("`r`n")[0]; ' + "$r.RawContentLength",
            ["/x", "k", "i.png", "HTTP/1.1 200 OK", 48],
        ),
        ("try { Invoke-WebRequest $u/404 } catch { [int]$_.Exception.Response.StatusCode }", [404]),
    ],
)
def test_answers(session: Session, script: str, expected: list[object]) -> None:
    assert session.run(script) == expected


@pytest.mark.parametrize(
    ("script", "start"),
    [
        ("Invoke-RestMethod $u/404", "WebCmdletWebResponseException,"),
        ("Invoke-RestMethod 'http://a b/'", "WebCmdletWebResponseException,"),
        ("Invoke-RestMethod $u/x -Method Post -InFile none", "FileOpenFailure,"),
        ("Invoke-RestMethod $u/x -OutFile no/x", "FileOpenFailure,"),
        (SECRET + "Invoke-RestMethod $u/x -Credential $c", "WebCmdletAllowUnencryptedAuthenticationRequiredException,"),
        ("Invoke-RestMethod $u/x -Authentication Basic", "WebCmdletAuthenticationCredentialNotSuppliedException,"),
        ("Invoke-RestMethod $u/x -Authentication Bearer", "WebCmdletAuthenticationTokenNotSuppliedException,"),
        ("Invoke-RestMethod $u/x -Form @{ a = 1 } -Body x", "WebCmdletBodyFormConflictException,"),
        ("Invoke-RestMethod $u/x -PassThru", "WebCmdletOutFileMissingException,"),
        ("Invoke-RestMethod $u/x -Method Post -Form @{ f = [IO.FileInfo]'./none' }", "FileOpenFailure,"),
        ("Invoke-RestMethod $u/to/1 -MaximumRedirection 0", "WebCmdletWebResponseException,"),
        ("Invoke-RestMethod $u/x -Resume -OutFile f", "NotSupportedByBuiltInEngine,"),
    ],
)
def test_what_fails_is_told(session: Session, script: str, start: str) -> None:
    assert session.errors(script) == [f"{start}Microsoft.PowerShell.Commands.InvokeRestMethodCommand"]
