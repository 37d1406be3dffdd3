"""The seam over pypsrp: PSRP on WSMan, to this machine's session host and to WinRM alike.

pypsrp carries the requests, signs in, and makes the messages that open a pool and start a pipeline. What it does
with answers is not used: it decodes what arrives before anyone could store it, forgets names and states of shells, and
sends no idle time-out. So enumeration, receiving, disconnecting and answering are done here on its WSMan object.

One connection belongs to the thread that receives; while it waits there, a second one carries what others want.
"""

from __future__ import annotations

import base64
import logging
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pypsrp.complex_objects import Color, Coordinates, Size
from pypsrp.exceptions import WSManFaultError
from pypsrp.host import PSHost, PSHostRawUserInterface, PSHostUserInterface
from pypsrp.powershell import PowerShell, RunspacePool, RunspacePoolState
from pypsrp.shell import SignalCode
from pypsrp.wsman import NAMESPACES, SelectorSet, WSMan

from jobmagics import clixml, credentials
from jobmagics.errors import Fault, HostError, SessionGone, UsageError
from jobmagics.fragments import Message, fragment
from jobmagics.psobject import Int64, PSObject
from jobmagics.psrp_errors import NOTHING_YET, talking_to
from jobmagics.remote import POWERSHELL_URI, ConnectionInfo, Detached, HostAnswer, HostCall, Invocation, ShellInfo

POLL_SECONDS = 20
"""Operation time-out of a Receive: so long the other side may wait for output before it says "nothing yet"."""
CONNECT_SECONDS = 10
READ_SECONDS = 30
LIST_ELEMENTS = 32000
SHELL_URI = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
PIPELINE_HOST_RESPONSE = 0x00041101
REFERENCE_BASE = 1000
"""Above all reference numbers that pypsrp gives in one message."""
ARGUMENT_DEPTH = 2
ANSWER_DEPTH = 4
SCREEN_WIDTH, SCREEN_HEIGHT = 120, 50

AUTHENTICATIONS = ("Default", "Basic", "Negotiate", "NTLM", "Kerberos", "CredSSP", "Certificate")

RSP = "{%s}" % NAMESPACES["rsp"]
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$")

# pypsrp reports each retried time-out with a traceback; they are told here in our words
logging.getLogger("pypsrp").addHandler(logging.NullHandler())


def connect(connection: ConnectionInfo) -> PsrpEndpoint:
    """The Connector for SessionManager. Asks nothing of the network yet."""
    return PsrpEndpoint(connection)


class PsrpEndpoint:
    """A computer through one configuration."""

    def __init__(self, connection: ConnectionInfo) -> None:
        self.connection = connection

    def wire(self, *, may_start: bool) -> WSMan:
        """A new connection object. ``may_start``: the session host of this machine is started if it does not run."""
        connection = self.connection
        with talking_to(connection.computer_name):
            return _local_wire(may_start) if connection.is_local else _remote_wire(connection)

    def pool(self, pool_id: str) -> PsrpPool:
        return PsrpPool(self, pool_id)

    def list_shells(self) -> list[ShellInfo]:
        """PowerShell's shells only."""
        shells = map(_shell_info, self._enumerate(SHELL_URI, "Shell"))
        return [shell for shell in shells if shell.resource_uri.startswith(POWERSHELL_URI)]

    def list_commands(self, shell_id: str) -> list[str]:
        found = self._enumerate(SHELL_URI + "/Command", "Command", shell_id)
        return [_find_text(command, "CommandId") for command in found]

    def _enumerate(self, uri: str, element: str, shell_id: str = "") -> list[ET.Element]:
        """All items, page after page until the end of the sequence."""
        wsman = self.wire(may_start=True)
        try:
            with talking_to(self.connection.computer_name):
                body = wsman.enumerate(uri, _enumerate_request(shell_id))
                found: list[ET.Element] = []
                while True:
                    found += body.iter(RSP + element)
                    context = _enumeration_context(body)
                    if context is None:
                        return found
                    body = wsman.pull(uri, _pull_request(context))
        finally:
            wsman.close()


def _local_wire(may_start: bool) -> WSMan:
    from jobmagics.host.client import host_info

    try:
        info = host_info(start=may_start)
    except HostError:
        if may_start:
            raise
        raise SessionGone(
            "The session host of this machine does not run any more, and its sessions ended with it.", 0
        ) from None
    return WSMan(
        info.address,
        port=info.port,
        username=info.user,
        password=info.secret(),
        ssl=True,
        auth="basic",
        cert_validation=str(info.certificate),
        no_proxy=True,
        operation_timeout=POLL_SECONDS,
        connection_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
    )


def _remote_wire(connection: ConnectionInfo) -> WSMan:
    known = {name.lower(): name for name in AUTHENTICATIONS}
    authentication = connection.authentication.lower()
    if authentication not in known:
        raise UsageError(f"{connection.authentication!r} is no authentication; valid: {', '.join(AUTHENTICATIONS)}.")
    if authentication == "basic" and not connection.use_ssl:
        raise UsageError("Basic authentication would send the password in the clear; use TLS with it, or Negotiate.")
    secret = credentials.find(connection.credential) if connection.credential else None
    option = connection.option
    return WSMan(
        connection.computer_name or "localhost",
        port=connection.port,
        username=secret.username if secret else None,
        password=secret.password if secret else None,
        ssl=connection.use_ssl,
        path=connection.application_name,
        auth="negotiate" if authentication == "default" else authentication,
        cert_validation=not (option.skip_ca_check or option.skip_cn_check),
        operation_timeout=POLL_SECONDS,
        connection_timeout=int(min(option.open_timeout, READ_SECONDS)),
        read_timeout=READ_SECONDS,
        locale=option.ui_culture,
        data_locale=option.culture,
    )


class PsrpPool:
    """One runspace pool."""

    def __init__(self, endpoint: PsrpEndpoint, pool_id: str) -> None:
        self.endpoint = endpoint
        self.pool_id = pool_id
        self.computer = endpoint.connection.computer_name
        self._pool: RunspacePool | None = None
        self._main_lock = threading.Lock()
        self._side: WSMan | None = None
        self._side_lock = threading.Lock()

    # -- connections

    def _make(self, *, may_start: bool) -> RunspacePool:
        option = self.endpoint.connection.option
        pool = RunspacePool(
            self.endpoint.wire(may_start=may_start),
            host=_host(),
            configuration_name=self.endpoint.connection.configuration_name,
            no_profile=option.no_machine_profile,
        )
        pool.id = pool.shell.id = self.pool_id
        return pool

    @property
    def live(self) -> RunspacePool:
        assert self._pool is not None, "open or connect first"
        return self._pool

    @contextmanager
    def main(self) -> Iterator[RunspacePool]:
        """The connection of the receiving thread."""
        with self._main_lock, talking_to(self.computer):
            yield self.live

    @contextmanager
    def any_wire(self) -> Iterator[WSMan]:
        """The main connection if nobody waits on it, else the second."""
        if self._pool is not None and self._main_lock.acquire(blocking=False):
            try:
                with talking_to(self.computer):
                    yield self.live.connection
            finally:
                self._main_lock.release()
            return
        with self._side_lock:
            if self._side is None:
                self._side = self.endpoint.wire(may_start=False)
                if self._pool is not None:
                    self._side.session_id = self._pool.connection.session_id
            with talking_to(self.computer):
                yield self._side

    def _drop_wires(self) -> None:
        for wsman in (self._pool.connection if self._pool else None, self._side):
            if wsman is not None:
                wsman.close()
        self._side = None

    @property
    def resource_uri(self) -> str:
        return POWERSHELL_URI + self.endpoint.connection.configuration_name

    @property
    def selectors(self) -> SelectorSet:
        chosen = SelectorSet()
        chosen.add_option("ShellId", self.pool_id)
        return chosen

    # -- the life of a pool

    def open(self, name: str, idle_timeout: float | None) -> None:
        pool = self._make(may_start=True)
        pool.shell.name = name
        pool.shell.idle_time_out = None if idle_timeout is None else int(idle_timeout)
        with talking_to(self.computer):
            try:
                pool.open()
            except WSManFaultError as error:
                if error.code != NOTHING_YET:
                    raise
            while pool.state == RunspacePoolState.NEGOTIATION_SENT:
                _receive_for_pool(pool)
        self._pool = pool

    def connect(self) -> None:
        pool = self._make(may_start=False)
        pool.shell.opened = True
        pool.state = RunspacePoolState.DISCONNECTED
        with talking_to(self.computer):
            try:
                pool._connect_new_client()
            except WSManFaultError as error:
                if error.code != NOTHING_YET:  # the pool itself had nothing more to say
                    raise
        pool.shell.id = self.pool_id
        pool.shell._selector_set = self.selectors
        pool.state = RunspacePoolState.OPENED
        self._pool = pool

    def reconnect(self) -> None:
        """After a loss: the same client on fresh connections, or a new client where the server has forgotten the old one."""
        session_id = self.live.connection.session_id
        self._drop_wires()
        fresh = self._reach_again()
        fresh.session_id = session_id
        with self._main_lock:
            self.live.connection = self.live.shell.wsman = fresh
        try:
            with self.main() as pool:
                pool.connection.reconnect(self.resource_uri, selector_set=self.selectors)
        except SessionGone:
            raise
        except Fault:  # WinRM has several numbers for "not this client, not this way"
            self.connect()

    def _reach_again(self) -> WSMan:
        """A new connection to where the pool was made. Another session host on this machine never has it."""
        fresh = self.endpoint.wire(may_start=False)
        if self.endpoint.connection.is_local and fresh.transport.endpoint != self.live.connection.transport.endpoint:
            raise SessionGone("The session host of this machine was started anew, and its old sessions ended.", 0)
        return fresh

    def disconnect(self, idle_timeout: float | None = None) -> None:
        request = ET.Element(RSP + "Disconnect")
        if idle_timeout is not None:
            ET.SubElement(request, RSP + "IdleTimeOut").text = f"PT{idle_timeout:g}S"
        mode = self.endpoint.connection.option.output_buffering_mode
        if mode:
            ET.SubElement(request, RSP + "BufferMode").text = mode
        with self.any_wire() as wsman:
            wsman.disconnect(self.resource_uri, request, selector_set=self.selectors)

    def close(self) -> None:
        """A pool that is gone already is closed, too; one that was disconnected is connected first, as only its holder can close it."""
        try:
            try:
                self._delete()
            except Detached:
                self.connect()
                self._delete()
        except SessionGone:
            return
        finally:
            self._drop_wires()

    def _delete(self) -> None:
        with self.any_wire() as wsman:
            wsman.delete(self.resource_uri, selector_set=self.selectors)

    def pipeline(self, pipeline_id: str) -> PsrpPipeline:
        return PsrpPipeline(self, pipeline_id)


def _receive_for_pool(pool: RunspacePool) -> None:
    try:
        pool._receive()
    except WSManFaultError as error:
        if error.code != NOTHING_YET:
            raise


class PsrpPipeline:
    """One pipeline of a pool."""

    def __init__(self, pool: PsrpPool, pipeline_id: str) -> None:
        self.pool = pool
        self.pipeline_id = pipeline_id
        self._is_done = False

    def begin(self, invocation: Invocation) -> None:
        with self.pool.main() as pool:
            shell = PowerShell(pool)
            shell.id = self.pipeline_id
            shell.add_script(invocation.script)
            elements = _Elements()
            for value in invocation.arguments:
                shell.add_argument(elements.add(value))
            for name, value in invocation.parameters:
                shell.add_parameter(name, elements.add(value))
            items = None if invocation.input is None else [_Elements().add(value) for value in invocation.input]
            shell.begin_invoke(input=([item] for item in items) if items else None)
            pool.pipelines.pop(self.pipeline_id, None)  # its answers are ours to read

    def connect(self) -> None:
        request = ET.Element(RSP + "Connect", CommandId=self.pipeline_id)
        with self.pool.main() as pool:
            pool.connection.connect(self.pool.resource_uri, request, selector_set=self.pool.selectors)

    def receive(self) -> bytes:
        with self.pool.main() as pool:
            try:
                state, _code, buffers = pool.shell.receive("stdout", command_id=self.pipeline_id)
            except WSManFaultError as error:
                if error.code != NOTHING_YET:
                    raise
                return b""
        data = bytes(buffers["stdout"])
        is_done = state.endswith("Done")
        if is_done and self._is_done and not data:
            raise SessionGone(f"The script on {self.pool.computer} ended without saying how.", 0)
        self._is_done = is_done
        return data

    def answer(self, call: HostCall, answer: HostAnswer) -> None:
        facts: dict[str, Any] = {"ci": Int64(call.call_id), "mi": _MethodId(call.method)}
        if answer.refusal:
            facts["me"] = _refusal(answer.refusal)
        elif answer.value is not None:
            facts["mr"] = answer.value
        text = clixml.encode(PSObject(facts, type_names=[]), depth=ANSWER_DEPTH)
        pool_id = self.pool.pool_id
        blob = Message(PIPELINE_HOST_RESPONSE, text.encode(), 0, pool_id, self.pipeline_id).pack()
        with self.pool.any_wire() as wsman:
            for piece in fragment(blob, self.pool.live._fragmenter.outgoing_counter, wsman.max_payload_size - 21):
                self._send(wsman, "pr", piece)
            self.pool.live._fragmenter.outgoing_counter += 1

    def _send(self, wsman: WSMan, stream: str, data: bytes) -> None:
        request = ET.Element(RSP + "Send")
        element = ET.SubElement(request, RSP + "Stream", Name=stream, CommandId=self.pipeline_id)
        element.text = base64.b64encode(data).decode()
        wsman.send(self.pool.resource_uri, request, selector_set=self.pool.selectors)

    def stop(self) -> None:
        self._signal(SignalCode.PS_CTRL_C)

    def close(self) -> None:
        self._signal(SignalCode.TERMINATE)

    def _signal(self, code: str) -> None:
        request = ET.Element(RSP + "Signal", CommandId=self.pipeline_id)
        ET.SubElement(request, RSP + "Code").text = code
        with self.pool.any_wire() as wsman:
            wsman.signal(self.pool.resource_uri, request, selector_set=self.pool.selectors)


# -- values ------------------------------------------------------------------


class _Elements:
    """Values as pypsrp takes them: elements that it puts into its message as they stand.

    References are numbered within one message, so each value's numbers are moved out of the way of all others.
    """

    def __init__(self) -> None:
        self._base = REFERENCE_BASE

    def add(self, value: Any) -> ET.Element:
        root = ET.fromstring(clixml.encode(value, depth=ARGUMENT_DEPTH) or "<Nil />")  # noqa: S314 - our own text
        highest = 0
        for element in root.iter():
            number = element.get("RefId")
            if number is not None:
                highest = max(highest, int(number))
                element.set("RefId", str(int(number) + self._base))
        self._base += highest + 1
        return root


class _MethodId:
    """RemoteHostMethodId as an enum value."""

    def __init__(self, number: int) -> None:
        self._number = number

    def ps_type_names(self) -> list[str]:
        name = "System.Management.Automation.Remoting.RemoteHostMethodId"
        return [name, "System.Enum", "System.ValueType", "System.Object"]

    def ps_properties(self) -> list[tuple[str, Any]]:
        return []

    def ps_to_string(self) -> str:
        return str(self._number)

    def ps_enum_value(self) -> int:
        return self._number


def _refusal(text: str) -> PSObject:
    """An ErrorRecord as .NET reads one from the wire ([MS-PSRP] 2.2.3.15)."""
    exception = PSObject(
        type_names=["System.Management.Automation.Host.HostException", "System.Exception", "System.Object"],
        adapted={"Message": text},
        to_string=text,
    )
    facts = {
        "Exception": exception,
        "TargetObject": None,
        "FullyQualifiedErrorId": "HostFunctionNotImplemented",
        "InvocationInfo": None,
        "ErrorCategory_Category": 1,
        "ErrorCategory_Activity": "",
        "ErrorCategory_Reason": "HostException",
        "ErrorCategory_TargetName": "",
        "ErrorCategory_TargetType": "",
        "ErrorCategory_Message": "OpenError: (:) [], HostException",
        "SerializeExtendedInfo": False,
    }
    return PSObject(facts, type_names=["System.Management.Automation.ErrorRecord", "System.Object"], to_string=text)


def _host() -> PSHost:
    """A host that can be asked: without one, Read-Host and its like fail on the other side before we hear of them."""
    size = Size(width=SCREEN_WIDTH, height=SCREEN_HEIGHT)
    origin = Coordinates(x=0, y=0)
    gray, black = Color(value=Color.GRAY), Color(value=Color.BLACK)
    raw = PSHostRawUserInterface("jobmagics", 25, gray, black, origin, origin, size, size, size, size)
    return PSHost(None, None, False, "jobmagics", None, PSHostUserInterface(raw_ui=raw), "1.0")


# -- enumeration ([MS-WSMV] 3.1.4.12, DSP0226 8) ------------------------------


def _enumerate_request(shell_id: str) -> ET.Element:
    wsman = "{%s}" % NAMESPACES["wsman"]
    request = ET.Element("{%s}Enumerate" % NAMESPACES["wsen"])
    ET.SubElement(request, wsman + "OptimizeEnumeration")
    ET.SubElement(request, wsman + "MaxElements").text = str(LIST_ELEMENTS)
    if shell_id:
        dialect = "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"
        chosen = ET.SubElement(request, wsman + "Filter", Dialect=dialect)
        selectors = SelectorSet()
        selectors.add_option("ShellId", shell_id)
        chosen.append(selectors.pack())
    return request


def _pull_request(context: str) -> ET.Element:
    wsen = "{%s}" % NAMESPACES["wsen"]
    request = ET.Element(wsen + "Pull")
    ET.SubElement(request, wsen + "EnumerationContext").text = context
    ET.SubElement(request, wsen + "MaxElements").text = str(LIST_ELEMENTS)
    return request


def _enumeration_context(body: ET.Element) -> str | None:
    """Where to go on, None at the end of the sequence."""
    for space in ("wsman", "wsen"):
        if body.find(f".//{{{NAMESPACES[space]}}}EndOfSequence") is not None:
            return None
    context = body.find(f".//{{{NAMESPACES['wsen']}}}EnumerationContext")
    return context.text or None if context is not None else None


def _find_text(element: ET.Element, name: str) -> str:
    found = element.find(RSP + name)
    return (found.text or "").strip() if found is not None else ""


def _shell_info(shell: ET.Element) -> ShellInfo:
    return ShellInfo(
        _find_text(shell, "ShellId").upper(),
        _find_text(shell, "Name"),
        _find_text(shell, "State"),
        _find_text(shell, "ResourceUri"),
        seconds(_find_text(shell, "IdleTimeOut")),
        seconds(_find_text(shell, "MaxIdleTimeOut")),
        _find_text(shell, "BufferMode"),
        seconds(_find_text(shell, "ShellInactivity")),
        _find_text(shell, "Owner"),
    )


def seconds(duration: str) -> float | None:
    """An XML duration in seconds, None if it is none."""
    found = _DURATION.match(duration)
    if not found or duration == "P":
        return None
    days, hours, minutes, rest = (float(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest
