"""Envelopes: what pypsrp writes is understood, what we write pypsrp understands, and the rest is refused."""

from __future__ import annotations

import contextlib
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypsrp.shell import WinRS
from pypsrp.wsman import NAMESPACES, WSMan, WSManAction

from jobmagics.host import wsman
from jobmagics.host.faults import TIMED_OUT, Refusal

SHELL_URI = "http://schemas.microsoft.com/powershell/Microsoft.PowerShell"


class Recorder:
    """In place of pypsrp's transport: keeps what was sent, answers what it is told."""

    endpoint = "https://127.0.0.1:1/wsman"

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, message: bytes, **_: object) -> bytes:
        self.sent.append(message)
        request = wsman.parse_request(message)
        shell = wsman.shell_element([("ShellId", "S-1"), ("Name", "<n&m>"), ("IdleTimeOut", "PT7200.000S")])
        body = {
            "Create": wsman.created_body(self.endpoint, SHELL_URI, "S-1", shell),
            "Command": wsman.command_body("C-1"),
            "Receive": wsman.receive_body("C-1", b"data\x00", is_done=True),
        }.get(request.action, "")
        return wsman.envelope(request, body)

    def close(self) -> None:
        pass


@pytest.fixture
def shell() -> WinRS:
    connection = WSMan("127.0.0.1", auth="basic", username="u", password="p", operation_timeout=7)
    connection.transport = Recorder()
    made = WinRS(connection, SHELL_URI, id="94D2FF45-91C4-4735-BE3F-73E353E22381", name="a <b> & c", idle_time_out=90)
    content = ET.Element("creationXml", xmlns="http://schemas.microsoft.com/powershell")
    content.text = "AAEC"
    made.open(open_content=content)
    return made


def last(shell: WinRS) -> wsman.Request:
    return wsman.parse_request(shell.wsman.transport.sent[-1])


def test_create_as_pypsrp_writes_and_reads_it(shell: WinRS) -> None:
    request = last(shell)
    creation = wsman.creation(request)
    assert request.action == "Create"
    assert request.resource_uri == SHELL_URI
    assert request.operation_timeout == 7
    assert request.session_id == f"uuid:{shell.wsman.session_id}"
    assert creation.shell_id == "94D2FF45-91C4-4735-BE3F-73E353E22381"
    assert (creation.name, creation.idle_timeout, creation.fragments) == ("a <b> & c", 90, b"\0\1\2")
    assert shell.id == "S-1"
    assert shell.idle_time_out == "PT7200.000S"


def test_command_send_receive_and_signal_as_pypsrp_writes_them(shell: WinRS) -> None:
    shell.command("", arguments=["AAEC"], command_id="C-1")
    assert wsman.command_line(last(shell)) == ("C-1", b"\0\1\2")
    assert last(shell).shell_id == "S-1"
    shell.send("pr", b"xyz", command_id="C-1")
    assert wsman.sent(last(shell)) == ("C-1", "pr", b"xyz")
    shell.signal("powershell/signal/ctrl_c", "C-1")
    assert wsman.signal(last(shell)) == ("C-1", "powershell/signal/ctrl_c")
    state, code, buffers = shell.receive("stdout", "C-1", timeout=3)
    assert wsman.desired_stream(last(shell)) == "C-1"
    assert last(shell).operation_timeout == 3
    assert (state, code, buffers) == (wsman.DONE, 0, {"stdout": b"data\x00"})


def test_pypsrp_reads_our_faults() -> None:
    fault = WSMan._parse_wsman_fault(wsman.fault(Refusal(TIMED_OUT, "not <yet>"), "uuid:1", 'a"b').decode())
    assert (fault.code, fault.reason, fault.machine) == (2150858793, "not <yet>", 'a"b')


def test_the_reply_fits_the_envelope_that_the_client_takes() -> None:
    request = wsman.Request("Receive", message_id="uuid:1", max_envelope=153600)
    body = wsman.receive_body("94D2FF45-91C4-4735-BE3F-73E353E22381", b"x" * request.payload_limit, is_done=True)
    assert len(wsman.envelope(request, body)) <= 153600


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT20S", 20),
        ("PT7200.000S", 7200),
        ("P0DT1H2M3.5S", 3723.5),
        ("P1D", 86400),
        ("P", None),
        ("20", None),
        ("", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert wsman.parse_duration(text) == seconds


@given(st.floats(0, 1e7))
def test_durations_we_write_we_read(seconds: float) -> None:
    assert wsman.parse_duration(wsman.duration(seconds)) == pytest.approx(seconds, abs=0.001)


BAD = [
    b'<?xml version="1.0"?><!DOCTYPE a><a/>',
    b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    b"<?target data?><a/>",
    b"<a>" * 40 + b"</a>" * 40,
    b"<a>" + b"<b/>" * 6000 + b"</a>",
    b"<a>&undefined;</a>",
    b'<?xml version="1.0" encoding="nonsense"?><a/>',
    b"<a/>" + b" " * wsman.MAX_REQUEST_BYTES,
]


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_xml_that_no_client_needs_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        wsman.parse_xml(data)


@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(str.encode)))
def test_no_bytes_do_anything_but_parse_or_be_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        wsman.parse_request(data)


READERS = [wsman.creation, wsman.command_line, wsman.sent, wsman.desired_stream, wsman.signal, wsman.disconnection]
tags = st.sampled_from(["Shell", "CommandLine", "Send", "Stream", "Receive", "DesiredStream", "Signal", "Disconnect"])
texts = st.one_of(
    st.sampled_from(["PT20S", "AAEC", "\u00e9", "12", ""]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=12),
)
trees = st.recursive(
    st.tuples(tags, texts, st.just([])), lambda inner: st.tuples(tags, texts, st.lists(inner, max_size=3)), max_leaves=6
)


def built(tree: tuple[str, str, list[object]]) -> ET.Element:
    name, text, children = tree
    element = ET.Element(f"{{{NAMESPACES['rsp']}}}{name}", CommandId=text, Name=text)
    element.text = text
    for child in children:
        element.append(built(child))  # type: ignore[arg-type]
    return element


@given(trees, st.sampled_from(READERS), texts)
def test_any_body_is_read_or_refused(tree: tuple[str, str, list[object]], reader: object, header: str) -> None:
    envelope = ET.Element(f"{{{NAMESPACES['s']}}}Envelope")
    head = ET.SubElement(envelope, f"{{{NAMESPACES['s']}}}Header")
    ET.SubElement(head, f"{{{NAMESPACES['wsa']}}}Action").text = WSManAction.SEND
    for name in ("OperationTimeout", "MaxEnvelopeSize"):
        ET.SubElement(head, f"{{{NAMESPACES['wsman']}}}{name}").text = header
    ET.SubElement(envelope, f"{{{NAMESPACES['s']}}}Body").append(built(tree))
    request = wsman.parse_request(ET.tostring(envelope))
    assert request.operation_timeout > 0
    assert request.payload_limit > 0
    with contextlib.suppress(Refusal):
        assert reader(request) is not None  # type: ignore[operator]
