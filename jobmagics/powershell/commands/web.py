"""Invoke-WebRequest, Invoke-RestMethod, Test-Connection."""

from __future__ import annotations

import http.client
import re
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from typing import Any

from ...psobject import Hashtable, Int64, PSObject
from ..records import ErrorRecord, NetException
from ..runtime.cmdlet import Cmdlet, command
from ..values.conversions import convert
from ..values.utf16 import decode, encode, joined
from ..values.value import as_list, to_string, unwrap
from .content import file_error
from .json_reading import JsonProblem, JsonReader
from .newtonsoft import JsonError

USER_AGENT = "Mozilla/5.0 (Linux; en-US) PowerShell/7.6.5"
DEFAULT_TIMEOUT = 100.0


class WebCommand(Cmdlet):
    def request(self) -> Any:
        uri = joined(to_string(self.arg("Uri")))
        if "://" not in uri:
            uri = f"http://{uri}"
        if urllib.parse.urlsplit(uri).scheme not in ("http", "https"):
            raise self._failed(f"The '{uri.partition(':')[0]}' scheme is not supported.")
        method = str(self.arg("CustomMethod") or self.arg("Method") or "GET").upper()
        body = self._body()
        if body is not None and method == "GET":
            uri += ("&" if "?" in uri else "?") + body.decode()
            body = None
        headers = {"User-Agent": to_string(self.arg("UserAgent") or USER_AGENT)}
        table = self.arg("Headers")
        headers.update(
            {to_string(key): to_string(value) for key, value in (table.items() if table is not None else ())}
        )
        kind = self.arg("ContentType")
        if kind is not None or body is not None:
            headers["Content-Type"] = to_string(kind or "application/x-www-form-urlencoded")
        request = urllib.request.Request(uri, data=body, headers=headers, method=method)  # noqa: S310 - http and https only
        timeout = float(self.arg("TimeoutSec") or self.arg("ConnectionTimeoutSeconds") or DEFAULT_TIMEOUT)
        try:
            return urllib.request.urlopen(request, timeout=timeout)  # noqa: S310
        except urllib.error.HTTPError as problem:
            if self.switch("SkipHttpErrorCheck"):
                return problem
            raise self._refused(problem) from None
        except (urllib.error.URLError, OSError, http.client.HTTPException) as problem:
            reason = getattr(problem, "reason", problem)
            raise self._failed(
                f"{getattr(reason, 'strerror', None) or reason} ({urllib.parse.urlsplit(uri).netloc})"
            ) from None

    def _body(self) -> bytes | None:
        body = unwrap(self.arg("Body"))
        if body is None:
            path = self.arg("InFile")
            if path is None:
                return None
            try:
                with open(self.path(path), "rb") as source:
                    return source.read()
            except OSError as problem:
                raise file_error(self, problem, self.path(path)) from None
        if isinstance(body, Hashtable):
            fields = {encode(to_string(key)): encode(to_string(value)) for key, value in body.items()}
            return urllib.parse.urlencode(fields).encode()
        if isinstance(body, list):
            return bytes(int(item) & 0xFF for item in body)
        return encode(to_string(body))

    def _refused(self, problem: urllib.error.HTTPError) -> Exception:
        """An answer that tells of an error: its text is what is shown."""
        message = f"Response status code does not indicate success: {problem.code} ({problem.reason})."
        exception = NetException(message, net_type="Microsoft.PowerShell.Commands.HttpResponseException")
        shown = re.sub("<[^>]*>", "", text_of(problem, problem.read()))
        fqid = "WebCmdletWebResponseException"
        return self.terminate(ErrorRecord(exception, fqid, "InvalidOperation", details=shown or None))

    def _failed(self, message: str, net_type: str = "System.Net.Http.HttpRequestException") -> Exception:
        fqid = "WebCmdletWebResponseException"
        return self.terminate(message, fqid, "InvalidOperation", net_type=net_type)

    def save(self, data: bytes) -> bool:
        path = self.arg("OutFile")
        if path is None:
            return False
        try:
            with open(self.path(path), "wb") as target:
                target.write(data)
        except OSError as problem:
            raise file_error(self, problem, self.path(path)) from None
        return True

    def tell(self, response: Any) -> None:
        """-StatusCodeVariable and -ResponseHeadersVariable."""
        told = {
            "StatusCodeVariable": int(response.status),
            "ResponseHeadersVariable": Hashtable({name: [value] for name, value in response.headers.items()}),
        }
        for parameter, value in told.items():
            if self.has(parameter):
                name = to_string(self.arg(parameter))
                self.frame.scope.set(name.lower(), name, value)


def text_of(response: Any, data: bytes) -> str:
    return decode(data, response.headers.get_content_charset() or "utf-8")


class WebResponse:
    def __init__(self, response: Any, data: bytes) -> None:
        self.status, self.reason = int(response.status), str(response.reason or "")
        self.headers = Hashtable({name: [value] for name, value in response.headers.items()})
        self.data, self.text = data, text_of(response, data)

    def ps_type_names(self) -> list[str]:
        commands = "Microsoft.PowerShell.Commands."
        return [commands + "BasicHtmlWebResponseObject", commands + "WebResponseObject", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "StatusCode", self.status
        yield "StatusDescription", self.reason
        yield "Content", self.text
        yield "RawContent", self.text
        yield "Headers", self.headers
        yield "RawContentLength", Int64(len(self.data))

    def ps_to_string(self) -> str:
        return self.text


@command("Invoke-WebRequest")
class InvokeWebRequest(WebCommand):
    def end(self) -> None:
        with self.request() as response:
            data = response.read()
            if not self.save(data) or self.switch("PassThru"):
                self.write(WebResponse(response, data))


@command("Invoke-RestMethod")
class InvokeRestMethod(WebCommand):
    def end(self) -> None:
        with self.request() as response:
            self.tell(response)
            data = response.read()
            if self.save(data) and not self.switch("PassThru"):
                return
            kind, text = response.headers.get_content_type(), text_of(response, data)
        if "xml" in kind and "html" not in kind:
            self.write(convert(text, "System.Xml.XmlDocument"))
            return
        try:
            self.write(JsonReader().value(text))
        except (JsonError, JsonProblem):
            self.write(text)


@command("Test-Connection")
class TestConnection(Cmdlet):
    """-TcpPort only: a ping needs a raw socket, which an ordinary user does not have."""

    def process(self) -> None:
        port = self.arg("TcpPort")
        if port is None:
            raise self.terminate(
                "Test-Connection without -TcpPort is not supported by the built-in engine; pwsh runs it.",
                "NotSupported",
                "NotImplemented",
                net_type="System.NotSupportedException",
            )
        for name in as_list(self.arg("TargetName")):
            start = time.monotonic()
            try:
                with socket.create_connection((to_string(name), int(port)), float(self.arg("TimeoutSeconds", 5))):
                    reached = True
            except OSError:
                reached = False
            if self.switch("Detailed"):
                spent = int((time.monotonic() - start) * 1000)
                self.write(PSObject({"Target": to_string(name), "Port": port, "Latency": spent, "Connected": reached}))
            else:
                self.write(reached)
