"""What a script on the other side asks of this side's host ([MS-PSRP] 2.2.3.17): done when somebody receives it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...psobject import Hashtable, PSObject
from ..jobs.wire import field
from ..records import ScriptError
from ..runtime.hosting import HostUI
from ..server.host_ui import NO_ANSWER
from ..server.records import bag
from ..values.value import to_string
from .client import RemotePipeline


def _items(value: Any) -> list[Any]:
    found = value._base if isinstance(value, PSObject) else value
    return list(found) if isinstance(found, list) else []


def _choices(value: Any) -> list[tuple[str, str]]:
    return [(to_string(field(one, "label", "")), to_string(field(one, "helpMessage", ""))) for one in _items(value)]


def _prompt(ui: HostUI, caption: str, message: str, fields: Any) -> Hashtable:
    asked = [
        {
            "name": to_string(field(one, "name", "")),
            "label": to_string(field(one, "label", "")),
            "type": to_string(field(one, "parameterTypeFullName", "System.String")),
            "help": to_string(field(one, "helpMessage", "")),
            "mandatory": bool(field(one, "isMandatory", True)),
        }
        for one in _items(fields)
    ]
    return Hashtable(ui.prompt(caption, message, asked))


# by RemoteHostMethodId; progress is not among them: its records are shown where they are received
_METHODS: dict[int, Callable[..., Any]] = {
    11: lambda ui: ui.read_line(),
    12: lambda ui: ui.read_line_as_secure_string(),
    13: lambda ui, text: ui.write(text),
    14: lambda ui, foreground, background, text: ui.write(text, _number(foreground), _number(background)),
    15: lambda ui: ui.write_line(""),
    16: lambda ui, text: ui.write_line(text),
    17: lambda ui, foreground, background, text: ui.write_line(text, _number(foreground), _number(background)),
    18: lambda ui, text: ui.write_error_line(text),
    19: lambda ui, text: ui.write_debug_line(text),
    21: lambda ui, text: ui.write_verbose_line(text),
    22: lambda ui, text: ui.write_warning_line(text),
    23: _prompt,
    25: lambda ui, caption, message, user, target, *_: ui.prompt_for_credential(caption, message, user, target),
    26: lambda ui, caption, message, choices, default: ui.prompt_for_choice(
        caption, message, _choices(choices), int(default)
    ),
}


def _number(value: Any) -> int:
    return int(value._base if isinstance(value, PSObject) else value)


class HostCall:
    """One call. ``waits``: the script there does not go on before it is answered."""

    def __init__(self, pipeline: RemotePipeline, body: str) -> None:
        found = pipeline.connection.decode(body, deserialized=False)
        self._pipeline = pipeline
        self._id = int(field(found, "ci", NO_ANSWER))
        self._method = field(found, "mi")
        self._parameters = _items(field(found, "mp"))
        self.waits = self._id != NO_ANSWER

    def perform(self, ui: HostUI) -> None:
        """Does it on a host of this side, in the thread that calls; what goes wrong is told the other side."""
        do = _METHODS.get(_number(self._method))
        if not self.waits:
            if do is not None:
                do(ui, *self._parameters)
            return
        value, error = None, None
        if do is None:
            error = _refusal(f"The client's host does not have {to_string(self._method)}.", "NotImplemented")
        else:
            try:
                value = do(ui, *self._parameters)
            except ScriptError as failed:
                error = _refusal(failed.record.message, failed.record.fqid)
        self._pipeline.connection.answer(self._pipeline, self._id, self._method, value, error)


def _refusal(message: str, fqid: str) -> PSObject:
    return bag({"Exception": bag({"Message": message}), "FullyQualifiedErrorId": fqid})
