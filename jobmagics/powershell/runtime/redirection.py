"""``>``, ``2>``, ``2>&1``, ``*>``: redirections of one command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..records import ErrorRecord
from ..values.value import to_string
from .streams import BY_NUMBER, KINDS, NULL, StreamSet

if TYPE_CHECKING:
    from .calls import Call

# compiled form: ("file", stream, path expression or None for $null, append) | ("merge", stream, to)


def apply(call: Call) -> StreamSet:
    sinks: dict[str, Any] = {}
    files: dict[str, Any] = {}
    for kind, stream, target, append in call.redirections:
        if kind != "file":
            continue
        sink = NULL if target is None else _file_sink(call, target(call.frame), append, files)
        if stream in (0, 1):
            call.write = sink
        if stream == 0:
            sinks.update(dict.fromkeys(KINDS, sink))
        elif stream != 1:
            sinks[BY_NUMBER[stream]] = sink
    for kind, stream, _, _ in call.redirections:
        if kind == "merge":
            if stream == 0:
                sinks.update(dict.fromkeys(KINDS, call.write))
            else:
                sinks[BY_NUMBER[stream]] = call.write
    return call.frame.streams.redirected(sinks)


def _file_sink(call: Call, location: Any, append: bool, files: dict[str, Any]) -> Any:
    """Formats as Out-File does: the redirection is that cmdlet at the end of the command."""
    if location is None:
        return NULL
    path = to_string(location)
    if path in files:
        return files[path]
    from .calls import CmdletCall
    from .lookup import cmdlet_info

    info = cmdlet_info(call.frame.rs, "Out-File")
    arguments: list[Any] = [("FilePath", path)]
    if append:
        arguments.append(("Append", True))
    writer = CmdletCall(call.frame, info, arguments, call.place)
    writer.connect(NULL, True)
    writer.begin()
    if call.closers is None:
        call.closers = []

    def finish() -> None:
        writer.end()
        writer.close()

    call.closers.append(finish)

    def write(value: Any) -> None:
        # a line of a program's standard error is written as that line
        writer.process(value.message if isinstance(value, ErrorRecord) and value.from_native else value)

    files[path] = write
    return write
