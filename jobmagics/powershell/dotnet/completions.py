"""CommandCompletion and CompletionResult: what TabExpansion2 gives. What fits is found in ``completion``."""

from __future__ import annotations

from typing import Any

from ...psobject import PSList
from ..completion import Completion, complete
from ..records import SMA
from ..runtime.runspace import current_runspace
from ..values.value import to_string
from .enums import enum_value
from .table import NetObject, declare


class CompletionResult(NetObject):
    net_type = SMA + "CompletionResult"

    def __init__(self, found: Completion) -> None:
        self.found = found


RESULT = declare(CompletionResult.net_type)
RESULT.property("string CompletionText", lambda held: held.found.text)
RESULT.property("string ListItemText", lambda held: held.found.shown)
RESULT.property(
    "System.Management.Automation.CompletionResultType ResultType",
    lambda held: enum_value(SMA + "CompletionResultType", held.found.kind),
)
RESULT.property("string ToolTip", lambda held: held.found.tip)


@RESULT.constructor(
    "(string completionText, string listItemText, System.Management.Automation.CompletionResultType resultType, "
    "string toolTip)",
    "(string completionText)",
)
def _new_result(held: Any, text: str, shown: str | None = None, kind: Any = "Text", tip: str | None = None) -> Any:
    return CompletionResult(Completion(text, shown or text, to_string(kind), tip or text))


class CommandCompletion(NetObject):
    net_type = SMA + "CommandCompletion"

    def __init__(self, start: int, length: int, matches: list[Completion]) -> None:
        self.current = -1
        self.start = start if matches else -1
        self.length = length if matches else -1
        self.matches = PSList.of(
            "System.Collections.ObjectModel.Collection`1[System.Management.Automation.CompletionResult]",
            map(CompletionResult, matches),
        )


COMPLETION = declare(CommandCompletion.net_type)
COMPLETION.property("int CurrentMatchIndex", lambda held: held.current)
COMPLETION.property("int ReplacementIndex", lambda held: held.start)
COMPLETION.property("int ReplacementLength", lambda held: held.length)
COMPLETION.property("System.Object CompletionMatches", lambda held: held.matches)


@COMPLETION.static(
    "System.Management.Automation.CommandCompletion CompleteInput(string input, int cursorIndex, hashtable options)"
)
def _complete(text: str | None, cursor: int, options: Any) -> CommandCompletion:
    runspace = current_runspace()
    assert runspace is not None  # .NET members are called by scripts only
    found = complete(runspace, text or "", max(0, min(cursor, len(text or ""))))
    return CommandCompletion(found.start, found.length, found.matches)
