"""WS-Management envelopes: what a request says, and what WinRM would answer ([MS-WSMV], as pypsrp 0.9.1 uses it).

Pure: text in, records out; records in, text out. Requests are parsed by expat with our own handlers: no DTD,
no entities, bounded in size, depth and number of elements. Who may do what is decided in ``shells``.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from jobmagics.host.faults import BAD_REQUEST, Refusal

MAX_REQUEST_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 32
MAX_ELEMENTS = 5000
MAX_ENVELOPE_KB = 500
"""What Get of config answers; pypsrp's own size once it knows that the server speaks protocol 2.2."""
MAX_OPERATION_TIMEOUT = 600.0
SMALLEST_ENVELOPE = 8192
ENVELOPE_OVERHEAD = 2048
"""Room left in a reply for everything but the stream's base64."""

SOAP = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
WSMV = "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd"
SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
ENUMERATION = "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
TRANSFER = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
POWERSHELL = "http://schemas.microsoft.com/powershell"
CONFIG = "http://schemas.microsoft.com/wbem/wsman/1/config"
FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
IDENTITY = "http://schemas.dmtf.org/wbem/wsman/identify/1/wsmanidentity.xsd"
ANONYMOUS = "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
FAULT_ACTION = "http://schemas.dmtf.org/wbem/wsman/1/wsman/fault"

ACTIONS = (
    {f"{TRANSFER}/{name}": name for name in ("Get", "Create", "Delete")}
    | {f"{ENUMERATION}/{name}": name for name in ("Enumerate", "Pull")}
    | {
        f"{SHELL}/{name}": name
        for name in ("Command", "Send", "Receive", "Signal", "Disconnect", "Reconnect", "Connect")
    }
)

DONE = f"{SHELL}/CommandState/Done"
RUNNING = f"{SHELL}/CommandState/Running"


class _Reader:
    """Expat's handlers: build a tree, refuse what no client needs."""

    def __init__(self) -> None:
        self.builder = TreeBuilder()
        self.depth = 0
        self.elements = 0
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.builder.data
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.parser.EntityDeclHandler = self.refuse
        self.parser.ProcessingInstructionHandler = self.refuse

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH or self.elements > MAX_ELEMENTS:
            raise Refusal(BAD_REQUEST, "The request's XML is nested too deeply or has too many elements.")
        self.builder.start(_clark(name), {_clark(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        self.depth -= 1
        self.builder.end(_clark(name))

    def refuse(self, *_: object) -> None:
        raise Refusal(BAD_REQUEST, "The request's XML has a document type, an entity or a processing instruction.")


def _clark(name: str) -> str:
    return "{" + name if "}" in name else name


def parse_xml(data: bytes) -> Element:
    """The root element. Raises Refusal for anything that is not small, plain, well-formed XML."""
    if len(data) > MAX_REQUEST_BYTES:
        raise Refusal(BAD_REQUEST, f"The request is larger than {MAX_REQUEST_BYTES} bytes.")
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # ValueError, LookupError: unknown encodings
        raise Refusal(BAD_REQUEST, "The request is not well-formed XML.") from error
    root: Element = reader.builder.close()
    return root


@dataclass(frozen=True)
class Request:
    """One SOAP request. ``action``: the short name, "" for Identify; times in seconds."""

    action: str
    action_uri: str = ""
    resource_uri: str = ""
    message_id: str = ""
    session_id: str = ""
    operation_timeout: float = 60.0
    max_envelope: int = MAX_ENVELOPE_KB * 1024
    selectors: dict[str, str] = field(default_factory=dict)
    body: Element | None = None

    @property
    def shell_id(self) -> str:
        return self.selectors.get("shellid", "")

    @property
    def payload_limit(self) -> int:
        """Raw bytes whose base64 fits into the reply that this client takes."""
        return (max(self.max_envelope, SMALLEST_ENVELOPE) - ENVELOPE_OVERHEAD) * 3 // 4


def parse_request(data: bytes) -> Request:
    """The request in an envelope. Raises Refusal."""
    root = parse_xml(data)
    body = root.find(f"{{{SOAP}}}Body")
    header = root.find(f"{{{SOAP}}}Header")
    if root.tag != f"{{{SOAP}}}Envelope" or body is None:
        raise Refusal(BAD_REQUEST, "The request is not a SOAP 1.2 envelope with a body.")
    content = body[0] if len(body) else None
    if content is not None and content.tag == f"{{{IDENTITY}}}Identify":
        return Request(action="")
    if header is None:
        raise Refusal(BAD_REQUEST, "The request has no SOAP header.")
    uri = _header(header, ADDRESSING, "Action")
    return Request(
        action=ACTIONS.get(uri, "?"),
        action_uri=uri,
        resource_uri=_header(header, WSMAN, "ResourceURI"),
        message_id=_header(header, ADDRESSING, "MessageID"),
        session_id=_header(header, WSMV, "SessionId").lower(),
        operation_timeout=_operation_timeout(_header(header, WSMAN, "OperationTimeout")),
        max_envelope=_number(_header(header, WSMAN, "MaxEnvelopeSize"), MAX_ENVELOPE_KB * 1024),
        selectors=_selectors(header),
        body=content,
    )


def _header(header: Element, namespace: str, name: str) -> str:
    return (header.findtext(f"{{{namespace}}}{name}") or "").strip()


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


def _operation_timeout(text: str) -> float:
    seconds = parse_duration(text) if text else None
    return min(seconds, MAX_OPERATION_TIMEOUT) if seconds else 60.0


def _selectors(parent: Element) -> dict[str, str]:
    found = parent.iter(f"{{{WSMAN}}}Selector")
    return {(item.get("Name") or "").lower(): (item.text or "").strip() for item in found}


_DURATION = re.compile(r"P(?:(\d{1,6})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12}(?:\.\d{1,9})?)S)?)?")


def parse_duration(text: str) -> float | None:
    """Seconds of an xs:duration without years and months; None when it is not one."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def duration(seconds: float) -> str:
    return f"PT{seconds:.3f}S"


# What the bodies of requests say


@dataclass(frozen=True)
class Creation:
    """``rsp:Shell`` of Create: a name, where and how long, and the PSRP fragments of creationXml."""

    shell_id: str
    name: str
    working_directory: str
    environment: dict[str, str]
    idle_timeout: float | None
    buffer_mode: str
    fragments: bytes


def creation(request: Request) -> Creation:
    shell = _body(request, "Shell")
    return Creation(
        shell_id=shell.get("ShellId", ""),
        name=_text(shell, "Name"),
        working_directory=_text(shell, "WorkingDirectory"),
        environment={v.get("Name", ""): v.text or "" for v in shell.iter(f"{{{SHELL}}}Variable") if v.get("Name")},
        idle_timeout=_idle_timeout(shell),
        buffer_mode=_text(shell, "BufferMode"),
        fragments=_base64(shell.findtext(f"{{{POWERSHELL}}}creationXml") or ""),
    )


def command_line(request: Request) -> tuple[str, bytes]:
    """CommandId and the first fragments of Command."""
    line = _body(request, "CommandLine")
    return line.get("CommandId", ""), _base64(line.findtext(f"{{{SHELL}}}Arguments") or "")


def sent(request: Request) -> tuple[str, str, bytes]:
    """CommandId ("" is the pool), stream name and fragments of Send."""
    stream = _body(request, "Send").find(f"{{{SHELL}}}Stream")
    if stream is None:
        raise Refusal(BAD_REQUEST, "The Send request has no Stream element.")
    return stream.get("CommandId", ""), stream.get("Name", ""), _base64(stream.text or "")


def desired_stream(request: Request) -> str:
    """The CommandId that a Receive is for ("" is the pool)."""
    stream = _body(request, "Receive").find(f"{{{SHELL}}}DesiredStream")
    return "" if stream is None else stream.get("CommandId", "")


def signal(request: Request) -> tuple[str, str]:
    """CommandId and signal code."""
    body = _body(request, "Signal")
    return body.get("CommandId", ""), _text(body, "Code")


def disconnection(request: Request) -> tuple[float | None, str]:
    """Idle time-out in seconds and buffer mode of Disconnect, where given."""
    body = _body(request, "Disconnect")
    return _idle_timeout(body), _text(body, "BufferMode")


def reconnection(request: Request) -> str:
    """Buffer mode of Reconnect, where given; pypsrp sends no body at all."""
    return "" if request.body is None else _text(_body(request, "Reconnect"), "BufferMode")


def connection(request: Request) -> tuple[str, str]:
    """CommandId ("" is the shell) and buffer mode of Connect. What its connectXml negotiates is known from Create."""
    body = _body(request, "Connect")
    return body.get("CommandId", ""), _text(body, "BufferMode")


def enumeration_filter(request: Request) -> dict[str, str]:
    return {} if request.body is None else _selectors(request.body)


def _body(request: Request, name: str) -> Element:
    if request.body is None or request.body.tag != f"{{{SHELL}}}{name}":
        raise Refusal(BAD_REQUEST, f"The {request.action} request has no {name} element in its body.")
    return request.body


def _text(parent: Element, name: str) -> str:
    return (parent.findtext(f"{{{SHELL}}}{name}") or "").strip()


def _idle_timeout(parent: Element) -> float | None:
    text = _text(parent, "IdleTimeOut") or _text(parent, "IdleTimeout")
    if not text:
        return None
    seconds = parse_duration(text)
    if seconds is None:
        raise Refusal(BAD_REQUEST, "The idle time-out is not a duration such as PT7200.000S.")
    return seconds


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(BAD_REQUEST, "The request's fragments are not valid base64.") from error


# Replies

_PREFIXES = (
    f'xmlns:s="{SOAP}" xmlns:a="{ADDRESSING}" xmlns:w="{WSMAN}" xmlns:p="{WSMV}" '
    f'xmlns:rsp="{SHELL}" xmlns:n="{ENUMERATION}" xmlns:x="{TRANSFER}"'
)


def envelope(request: Request, body: str) -> bytes:
    """The reply to ``request`` with this body, header and all."""
    return _envelope(f"{request.action_uri}Response", request.message_id, body)


def _envelope(action: str, relates_to: str, body: str) -> bytes:
    return (
        f'<s:Envelope xml:lang="en-US" {_PREFIXES}><s:Header><a:Action>{escape(action)}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{ANONYMOUS}</a:To>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(refusal: Refusal, relates_to: str, machine: str) -> bytes:
    side = "s:Sender" if refusal.code == BAD_REQUEST else "s:Receiver"
    reason = escape(refusal.reason)
    body = (
        f"<s:Fault><s:Code><s:Value>{side}</s:Value><s:Subcode><s:Value>{refusal.subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{reason}</s:Text></s:Reason><s:Detail>'
        f'<f:WSManFault xmlns:f="{FAULT}" Code="{refusal.code}" Machine={quoteattr(machine)}>'
        f"<f:Message>{reason}</f:Message></f:WSManFault></s:Detail></s:Fault>"
    )
    return _envelope(FAULT_ACTION, relates_to, body)


def identity(version: str) -> bytes:
    return (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{SOAP}"><s:Header/><s:Body><i:IdentifyResponse xmlns:i="{IDENTITY}">'
        f"<i:ProtocolVersion>{WSMAN}</i:ProtocolVersion><i:ProductVendor>jobmagics</i:ProductVendor>"
        f"<i:ProductVersion>{escape(version)}</i:ProductVersion></i:IdentifyResponse></s:Body></s:Envelope>"
    ).encode()


def config_body() -> str:
    return (
        f'<cfg:Config xmlns:cfg="{CONFIG}"><cfg:MaxEnvelopeSizekb>{MAX_ENVELOPE_KB}</cfg:MaxEnvelopeSizekb>'
        f"<cfg:MaxTimeoutms>{int(MAX_OPERATION_TIMEOUT * 1000)}</cfg:MaxTimeoutms></cfg:Config>"
    )


def shell_element(fields: Iterable[tuple[str, str]]) -> str:
    return _element("Shell", fields)


def command_element(fields: Iterable[tuple[str, str]]) -> str:
    return _element("Command", fields)


def _element(name: str, fields: Iterable[tuple[str, str]]) -> str:
    inner = "".join(f"<rsp:{key}>{escape(value)}</rsp:{key}>" for key, value in fields)
    return f"<rsp:{name}>{inner}</rsp:{name}>"


def created_body(endpoint: str, resource_uri: str, shell_id: str, shell: str) -> str:
    return (
        f"<x:ResourceCreated><a:Address>{escape(endpoint)}</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{escape(resource_uri)}</w:ResourceURI>"
        f'<w:SelectorSet><w:Selector Name="ShellId">{escape(shell_id)}</w:Selector></w:SelectorSet>'
        f"</a:ReferenceParameters></x:ResourceCreated>{shell}"
    )


def command_body(command_id: str) -> str:
    return f"<rsp:CommandResponse><rsp:CommandId>{escape(command_id)}</rsp:CommandId></rsp:CommandResponse>"


def connect_body(fragments: bytes | None) -> str:
    if fragments is None:
        return "<rsp:ConnectResponse/>"
    text = base64.b64encode(fragments).decode()
    answer = f'<connectResponseXml xmlns="{POWERSHELL}">{text}</connectResponseXml>'
    return f"<rsp:ConnectResponse>{answer}</rsp:ConnectResponse>"


def enumerate_body(items: Iterable[str]) -> str:
    return (
        "<n:EnumerateResponse><n:EnumerationContext/>"
        f"<w:Items>{''.join(items)}</w:Items><w:EndOfSequence/></n:EnumerateResponse>"
    )


def receive_body(command_id: str, data: bytes, *, is_done: bool) -> str:
    """``ReceiveResponse``; for a command with its CommandState, so that a client sees the end."""
    attribute = f" CommandId={quoteattr(command_id)}" if command_id else ""
    stream = f'<rsp:Stream Name="stdout"{attribute}>{base64.b64encode(data).decode()}</rsp:Stream>' if data else ""
    if is_done:
        stream += f'<rsp:Stream Name="stdout"{attribute} End="true"/>'
    state = ""
    if command_id:
        code = "<rsp:ExitCode>0</rsp:ExitCode>" if is_done else ""
        state = f'<rsp:CommandState{attribute} State="{DONE if is_done else RUNNING}">{code}</rsp:CommandState>'
    return f"<rsp:ReceiveResponse>{stream}{state}</rsp:ReceiveResponse>"


def plain_body(name: str) -> str:
    """``SendResponse``, ``SignalResponse``, ``DisconnectResponse`` …: an element and nothing in it."""
    return f"<rsp:{name}/>"
