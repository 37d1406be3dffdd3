"""Coverage-guided fuzzing of what the host reads: ``python tests/host/fuzz.py TARGET [-max_total_time=600]``.

Targets: wsman, outofproc, fragments. Needs atheris (``pip install atheris``), which the tests do not: they hold the
same targets with hypothesis. A target may refuse any input by its own exception; anything else is a finding, and
atheris leaves the input beside it.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports():
    from jobmagics.host import fragments, outofproc, wsman
    from jobmagics.host.faults import Refusal

READERS = (
    wsman.creation,
    wsman.command_line,
    wsman.sent,
    wsman.desired_stream,
    wsman.signal,
    wsman.disconnection,
    wsman.reconnection,
    wsman.connection,
    wsman.enumeration_filter,
)
ACTIONS = sorted(wsman.ACTIONS)
ENVELOPE = (
    '<s:Envelope xmlns:s="{soap}" xmlns:a="{addressing}" xmlns:w="{management}"><s:Header><a:Action>{action}</a:Action>'
    "</s:Header><s:Body>{body}</s:Body></s:Envelope>"
)


def wsman_target(data: bytes) -> None:
    """Bytes as a request, and as the body of one."""
    with contextlib.suppress(Refusal):
        read(data)
    action = ACTIONS[data[0] % len(ACTIONS)] if data else ACTIONS[0]
    text = ENVELOPE.format(
        soap=wsman.SOAP,
        addressing=wsman.ADDRESSING,
        management=wsman.WSMAN,
        action=action,
        body=data[1:].decode("utf-8", "replace"),
    )
    with contextlib.suppress(Refusal):
        read(text.encode())


def read(data: bytes) -> None:
    request = wsman.parse_request(data)
    for reader in READERS:
        with contextlib.suppress(Refusal):
            reader(request)


def outofproc_target(data: bytes) -> None:
    with contextlib.suppress(outofproc.ProtocolError):
        outofproc.PacketReader().feed(data)


def fragments_target(data: bytes) -> None:
    with contextlib.suppress(fragments.FragmentError):
        found = list(fragments.walk(data))
        assert b"".join(fragments.cut(data, found)) == data
        for fragment in found:
            fragments.kind_of(data, fragment)
            fragments.is_record(data, fragment)
            fragments.ends_pipeline(data, fragment)
    with contextlib.suppress(fragments.FragmentError):
        fragments.ObjectAssembler(1 << 20).feed(data)


GUID = "94d2ff45-91c4-4735-be3f-73e353e22381"
SHELL = f'xmlns:rsp="{wsman.SHELL}"'
SEEDS = {
    "wsman": [
        f'0<rsp:Shell {SHELL} ShellId="{GUID}"><rsp:IdleTimeOut>PT60S</rsp:IdleTimeOut></rsp:Shell>',
        f'1<rsp:CommandLine {SHELL} CommandId="{GUID}"><rsp:Arguments>AAEC</rsp:Arguments></rsp:CommandLine>',
        f'2<rsp:Send {SHELL}><rsp:Stream Name="pr" CommandId="{GUID}">AAEC</rsp:Stream></rsp:Send>',
        f'3<rsp:Receive {SHELL}><rsp:DesiredStream CommandId="{GUID}">stdout</rsp:DesiredStream></rsp:Receive>',
        f'4<rsp:Signal {SHELL} CommandId="{GUID}"><rsp:Code>powershell/signal/ctrl_c</rsp:Code></rsp:Signal>',
        f"5<rsp:Disconnect {SHELL}><rsp:BufferMode>Drop</rsp:BufferMode></rsp:Disconnect>",
    ],
    "outofproc": [f"<Data Stream='Default' PSGuid='{GUID}'>AAEC</Data>\n", f"<CommandAck PSGuid='{GUID}' />\n"],
    "fragments": [],
}
TARGETS = {"wsman": wsman_target, "outofproc": outofproc_target, "fragments": fragments_target}


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"name a target: {', '.join(TARGETS)}")
    name = sys.argv.pop(1)
    corpus = Path(tempfile.mkdtemp(prefix="corpus"))
    for number, seed in enumerate(SEEDS[name]):
        (corpus / str(number)).write_text(seed, encoding="utf-8")
    message = (
        fragments.MESSAGE.pack(1, fragments.PIPELINE_STATE, bytes(16), bytes(16)) + b'<I32 N="PipelineState">4</I32>'
    )
    (corpus / "fragment").write_bytes(fragments.HEADER.pack(1, 0, 3, len(message)) + message)
    atheris.Setup([*sys.argv, str(corpus)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
