"""Invoke-WebRequest, Invoke-RestMethod, Test-Connection."""

from __future__ import annotations

import base64
import http.client
import re
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from typing import Any

from ...psobject import Hashtable, Int64, PSObject, XmlDocument
from ..dotnet.table import snake
from ..dotnet.web_sessions import WebSession
from ..members.access import get_property
from ..records import SMA, ErrorRecord, NetException
from ..runtime.cmdlet import Cmdlet, command
from ..values.conversions import convert
from ..values.utf16 import decode, encode, joined
from ..values.value import as_list, to_string, unwrap
from .content import file_error
from .json_reading import JsonProblem, JsonReader
from .newtonsoft import JsonError
from .web_forms import multipart
from .web_session import DEFAULT_REDIRECTIONS, InsecureRedirect, Redirects, opener

USER_AGENT = "Mozilla/5.0 (Linux; en-US) PowerShell/7.6.5"
DEFAULT_TIMEOUT = 100.0
VALIDATION = SMA + "ValidationMetadataException"
NOT_SUPPORTED = ("CertificateThumbprint", "Certificate", "UnixSocket", "HttpVersion", "Resume", "ProxyCredential")
_RUN = "The cmdlet cannot run because the following "
_CONFLICT = _RUN + "conflicting parameters are specified: "
_MISSING = _RUN + "parameter is not specified: "
# what is wrong with the parameters that were given together -> the id's word and the sentence
CONFLICTS = {
    ("WebSession", "SessionVariable"): (
        "SessionConflict",
        _CONFLICT + "Session and SessionVariable. Specify either Session or SessionVariable, then retry.",
    ),
    ("UseDefaultCredentials", "Credential"): (
        "CredentialConflict",
        _CONFLICT + "Credential and UseDefaultCredentials. Specify either Credential or UseDefaultCredentials, then "
        "retry.",
    ),
    ("Body", "InFile"): (
        "BodyConflict",
        _CONFLICT + "Body and InFile. Specify either Body or Infile, then retry.  ",
    ),
    ("Body", "Form"): ("BodyFormConflict", _CONFLICT + "Body and Form. Specify either Body or Form, then retry.  "),
    ("InFile", "Form"): (
        "FormInFileConflict",
        _CONFLICT + "InFile and Form. Specify either InFile or Form, then retry.  ",
    ),
}
AUTHENTICATION_CONFLICT = (
    _CONFLICT + "Authentication and UseDefaultCredentials. Authentication does not support Default Credentials. "
    "Specify either Authentication or UseDefaultCredentials, then retry."
)
TOKEN_CONFLICT = _CONFLICT + "Credential and Token. Specify either Credential or Token, then retry."
NO_CREDENTIAL = (
    _MISSING + "Credential. The supplied Authentication type requires a Credential. Specify Credential, then retry."
)
NO_TOKEN = _MISSING + "Token. The supplied Authentication type requires a Token. Specify Token, then retry."
UNENCRYPTED = (
    "The cmdlet cannot protect plain text secrets sent over unencrypted connections. To suppress this warning and send "
    "plain text secrets over unencrypted networks, reissue the command specifying the AllowUnencryptedAuthentication "
    "parameter."
)
INSECURE_REDIRECT = (
    "Cannot follow an insecure redirection by default. Reissue the command specifying the -AllowInsecureRedirect "
    "switch. "
)
TOO_MANY = (
    "The maximum redirection count has been exceeded. To increase the number of redirections allowed, supply a higher "
    "value to the -MaximumRedirection parameter."
)
NO_OUT_FILE = (
    _RUN + "parameter is missing: OutFile. Provide a valid OutFile parameter value when using the PassThru parameter, "
    "then retry."
)


class WebCommand(Cmdlet):
    def begin(self) -> None:
        for name in NOT_SUPPORTED:
            if self.has(name):
                raise self.terminate(
                    f"{self.name} -{name} is not supported by the built-in engine; pwsh runs it.",
                    "NotSupportedByBuiltInEngine",
                    "NotImplemented",
                    net_type="System.NotSupportedException",
                )

    def invalid(self, word: str, message: str) -> Exception:
        return self.terminate(message, f"WebCmdlet{word}Exception", "InvalidArgument", net_type=VALIDATION)

    def check_parameters(self, scheme: str) -> None:
        """In PowerShell's order."""
        how = self.authentication()

        def given(name: str) -> bool:
            return self.arg(name) is not None

        if self.arg("WebSession") is not None and given("SessionVariable"):
            raise self.invalid(*CONFLICTS["WebSession", "SessionVariable"])
        if self.switch("UseDefaultCredentials") and how != "None":
            raise self.invalid("AuthenticationConflict", AUTHENTICATION_CONFLICT)
        if how != "None" and given("Token") and given("Credential"):
            raise self.invalid("AuthenticationTokenConflict", TOKEN_CONFLICT)
        if how == "Basic" and not given("Credential"):
            raise self.invalid("AuthenticationCredentialNotSupplied", NO_CREDENTIAL)
        if how in ("OAuth", "Bearer") and not given("Token"):
            raise self.invalid("AuthenticationTokenNotSupplied", NO_TOKEN)
        secret = how != "None" or given("Credential") or self.switch("UseDefaultCredentials")
        if secret and scheme != "https" and not self.switch("AllowUnencryptedAuthentication"):
            raise self.invalid("AllowUnencryptedAuthenticationRequired", UNENCRYPTED)
        for names, (word, message) in list(CONFLICTS.items())[1:]:
            if all(self.switch(name) if name.startswith("Use") else given(name) for name in names):
                raise self.invalid(word, message)
        if self.switch("PassThru") and not given("OutFile"):
            raise self.invalid("OutFileMissing", NO_OUT_FILE)

    def authentication(self) -> str:
        return to_string(self.arg("Authentication") or "None")

    def session(self) -> WebSession:
        """The one that is given, or a new one, which -SessionVariable keeps."""
        given = unwrap(self.arg("WebSession"))
        if given is not None:
            assert isinstance(given, WebSession)
            return given
        made = WebSession()
        if self.has("SessionVariable"):
            name = to_string(self.arg("SessionVariable"))
            self.frame.scope.set(name.lower(), name, made)
        return made

    def request(self) -> Any:
        """The answer; what tells of an error or cannot be had is this cmdlet's error."""
        uri = joined(to_string(self.arg("Uri")))
        if "://" not in uri:
            uri = f"http://{uri}"
        scheme = urllib.parse.urlsplit(uri).scheme
        if scheme not in ("http", "https"):
            raise self._failed(f"The '{uri.partition(':')[0]}' scheme is not supported.")
        self.check_parameters(scheme)
        session = self.session()
        self._take_over(session)
        request = self._made(uri, session)
        limit = session.maximum_redirection
        redirects = Redirects(
            DEFAULT_REDIRECTIONS if limit < 0 else limit,
            self.switch("PreserveHttpMethodOnRedirect"),
            self.switch("PreserveAuthorizationOnRedirect"),
            self.switch("AllowInsecureRedirect"),
        )
        credential = session.credentials
        proxy = self.arg("Proxy")
        way = opener(
            session,
            redirects,
            proxy=joined(to_string(proxy)) if proxy is not None else None,
            no_proxy=self.switch("NoProxy"),
            check_certificate=not self.switch("SkipCertificateCheck"),
            login=(uri, credential.user_name, credential.password) if credential is not None else None,
        )
        return self._tried(way, request, session, limit == 0)

    def _tried(self, way: Any, request: urllib.request.Request, session: WebSession, told: bool) -> Any:
        timeout = float(self.arg("ConnectionTimeoutSeconds") or self.arg("OperationTimeoutSeconds") or DEFAULT_TIMEOUT)
        left = session.maximum_retry_count
        while True:
            try:
                return way.open(request, timeout=timeout)
            except urllib.error.HTTPError as problem:
                if left > 0 and problem.code >= 400 and problem.code != 400:
                    left -= 1
                    wait = session.retry_interval_in_seconds or 5
                    self.verbose(
                        f"Retrying after interval of {wait} seconds. Status code for previous attempt: {problem.reason}"
                    )
                    self.sleep(wait)
                    continue
                if self.switch("SkipHttpErrorCheck"):
                    if told and problem.code in (300, 301, 302, 303, 307, 308):
                        self._tell_too_many()
                    return problem
                raise self._refused(problem) from None
            except InsecureRedirect:
                raise self._failed(
                    INSECURE_REDIRECT, "System.InvalidOperationException", "InsecureRedirection"
                ) from None
            except (urllib.error.URLError, OSError, http.client.HTTPException) as problem:
                reason = getattr(problem, "reason", problem)
                raise self._failed(
                    f"{getattr(reason, 'strerror', None) or reason} ({urllib.parse.urlsplit(request.full_url).netloc})"
                ) from None

    def _tell_too_many(self) -> None:
        words = "Operation is not valid due to the current state of the object."
        exception = NetException(words, net_type="System.InvalidOperationException")
        self.runtime.write_error(
            ErrorRecord(exception, "MaximumRedirectExceeded", "InvalidOperation", details=TOO_MANY)
        )

    def _take_over(self, session: WebSession) -> None:
        """What was given is the session's from now on."""
        for name in ("UserAgent", "MaximumRedirection", "MaximumRetryCount"):
            if self.has(name):
                setattr(session, snake(name), self.arg(name))
        if self.has("RetryIntervalSec"):
            session.retry_interval_in_seconds = int(self.arg("RetryIntervalSec"))
        table = self.arg("Headers")
        for key, value in table.items() if table is not None else ():
            session.headers[to_string(key)] = to_string(value)
        credential, how = self.arg("Credential"), self.authentication()
        if how == "None" and credential is not None:
            session.credentials = unwrap(credential).network_credential()
        elif how == "Basic":
            login = unwrap(credential).network_credential()
            pair = base64.b64encode(encode(f"{login.user_name}:{login.password}")).decode()
            session.headers["Authorization"] = f"Basic {pair}"
        elif how in ("Bearer", "OAuth"):
            session.headers["Authorization"] = f"Bearer {unwrap(self.arg('Token')).reveal()}"

    def _made(self, uri: str, session: WebSession) -> urllib.request.Request:
        method = str(self.arg("CustomMethod") or self.arg("Method") or "GET").upper()
        if method == "DEFAULT":
            method = "GET"
        body, kind = self._body()
        if body is not None and method == "GET" and self.arg("Form") is None:
            uri += ("&" if "?" in uri else "?") + body.decode()
            body = None
        headers = {"User-Agent": to_string(session.user_agent or USER_AGENT)}
        headers.update({to_string(key): to_string(value) for key, value in session.headers.items()})
        given = self.arg("ContentType")
        if given is not None or body is not None:
            headers["Content-Type"] = to_string(given or kind)
        return urllib.request.Request(uri, data=body, headers=headers, method=method)  # noqa: S310 - http and https only

    def _body(self) -> tuple[bytes | None, str]:
        """What is sent, and the type that it has if nobody says otherwise."""
        plain = "application/x-www-form-urlencoded"
        form, path = self.arg("Form"), self.arg("InFile")
        try:
            if form is not None:
                return multipart(unwrap(form))
            if path is not None:
                with open(self.path(path), "rb") as source:
                    return source.read(), plain
        except OSError as problem:
            raise file_error(self, problem, problem.filename or self.path(path or "")) from None
        body = unwrap(self.arg("Body"))
        if body is None:
            return None, plain
        if isinstance(body, Hashtable):
            fields = {encode(to_string(key)): encode(to_string(value)) for key, value in body.items()}
            return urllib.parse.urlencode(fields).encode(), plain
        if isinstance(body, XmlDocument):
            return encode(to_string(get_property(body, "OuterXml"))), plain
        if isinstance(body, list):
            return bytes(int(item) & 0xFF for item in body), plain
        return encode(to_string(body)), plain

    def _refused(self, problem: urllib.error.HTTPError) -> Exception:
        """An answer that tells of an error: its text is what is shown."""
        message = f"Response status code does not indicate success: {problem.code} ({problem.reason})."
        data = problem.read()
        exception = NetException(
            message,
            net_type="Microsoft.PowerShell.Commands.HttpResponseException",
            extra={"StatusCode": int(problem.code), "Response": WebResponse(problem, data)},
        )
        shown = re.sub("<[^>]*>", "", text_of(problem, data))
        fqid = "WebCmdletWebResponseException"
        return self.terminate(ErrorRecord(exception, fqid, "InvalidOperation", details=shown or None))

    def _failed(
        self, message: str, net_type: str = "System.Net.Http.HttpRequestException", word: str = "WebResponse"
    ) -> Exception:
        fqid = f"WebCmdlet{word}Exception" if word == "WebResponse" else word
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
        told = {"StatusCodeVariable": int(response.status), "ResponseHeadersVariable": headers_of(response)}
        for parameter, value in told.items():
            if self.has(parameter):
                name = to_string(self.arg(parameter))
                self.frame.scope.set(name.lower(), name, value)


def text_of(response: Any, data: bytes) -> str:
    return decode(data, response.headers.get_content_charset() or "utf-8")


def headers_of(response: Any) -> Hashtable:
    found = Hashtable()
    for name, value in response.headers.items():
        found[name] = [*found.get(name, []), value]
    return found


class WebResponse:
    def __init__(self, response: Any, data: bytes) -> None:
        self.status, self.reason = int(response.status), str(response.reason or "")
        self.headers = headers_of(response)
        self.data, self.text = data, text_of(response, data)

    def ps_type_names(self) -> list[str]:
        commands = "Microsoft.PowerShell.Commands."
        return [commands + "BasicHtmlWebResponseObject", commands + "WebResponseObject", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "StatusCode", self.status
        yield "StatusDescription", self.reason
        yield "Content", self.text
        yield "RawContent", self.raw
        yield "Headers", self.headers
        yield "Images", self._elements("img")
        yield "InputFields", self._elements("input")
        yield "Links", self._elements("a")
        yield "RawContentLength", Int64(len(self.data))
        yield "RelationLink", self._relations()

    @property
    def raw(self) -> str:
        heads = "".join(f"{name}: {', '.join(values)}\r\n" for name, values in self.headers.items())
        return f"HTTP/1.1 {self.status} {self.reason}\r\n{heads}\r\n{self.text}"

    def _elements(self, tag: str) -> list[PSObject]:
        """The elements of that name, with their attributes."""
        pattern = rf"<{tag}\b[^>]*(?:/>|>.*?</{tag}\s*>)" if tag == "a" else rf"<{tag}\b[^>]*>"
        found = []
        for one in re.finditer(pattern, self.text, re.IGNORECASE | re.DOTALL):
            attributes = re.findall(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", one[0].partition(">")[0])
            named = {name: "".join(values) for name, *values in attributes}
            found.append(PSObject({"outerHTML": one[0], "tagName": tag.upper(), **named}))
        return found

    def _relations(self) -> Hashtable:
        links = ", ".join(self.headers.get("Link", []))
        return Hashtable({rel: url for url, rel in re.findall(r'<([^>]*)>\s*;[^,]*?rel="?([^",;]+)"?', links)})

    def ps_to_string(self) -> str:
        return self.text


@command("Invoke-WebRequest")
class InvokeWebRequest(WebCommand):
    def process(self) -> None:
        with self.request() as response:
            data = response.read()
            if not self.save(data) or self.switch("PassThru"):
                self.write(WebResponse(response, data))


@command("Invoke-RestMethod")
class InvokeRestMethod(WebCommand):
    def process(self) -> None:
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
