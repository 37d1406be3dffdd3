"""Invoke-RestMethod and Invoke-WebRequest against a server of the test's own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from command_session import Session


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        missing = self.path == "/404"
        body = b"gone" if missing else b'{"a":1}'
        self.send_response(404 if missing else 200)
        self.send_header("Content-Type", "text/plain" if missing else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Foo", "bar")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    made = Session(tmp_path)
    made.run(f"$u = 'http://127.0.0.1:{server.server_port}'")
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("(Invoke-RestMethod $u/x).a", [1]),
        ("Invoke-RestMethod $u/x -ResponseHeadersVariable h | Out-Null; $h['X-Foo']", ["bar"]),
        ("Invoke-RestMethod $u/404 -SkipHttpErrorCheck -StatusCodeVariable code; $code", ["gone", 404]),
        ("try { Invoke-RestMethod $u/404 } catch { $_.ErrorDetails.Message }", ["gone"]),
        ("Invoke-WebRequest $u/x -OutFile f; Get-Content f -Raw | % Length", [7]),
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
    ],
)
def test_what_fails_is_told(session: Session, script: str, start: str) -> None:
    assert session.errors(script) == [f"{start}Microsoft.PowerShell.Commands.InvokeRestMethodCommand"]
