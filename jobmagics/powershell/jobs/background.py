"""``command &``: the pipeline's text as a background job that takes the caller's variables along."""

from __future__ import annotations

import re
from typing import Any

from ..remoting.requests import Script
from ..runtime.scriptblock import ScriptBlock
from ..values.value import NOTHING
from .job import Job
from .starters import start_process_job
from .table import table_of
from .using import using_values

# the job's process has its own of these
_OWN = re.compile(r"(global:)?(pid|psversiontable|psedition|pshome|host|true|false|null|args|input)", re.IGNORECASE)


def start_background(frame: Any, text: str, variables: list[tuple[int, int, str]]) -> Job:
    """``variables``: start, end and name of each variable in the text."""
    sent = with_using(frame, text, variables)
    using = using_values(ScriptBlock.parse(sent), frame)
    runspace = frame.runspace
    return start_process_job(
        table_of(runspace), runspace, Script(sent, using=using), name=None, directory=runspace.location
    )


def with_using(frame: Any, text: str, variables: list[tuple[int, int, str]]) -> str:
    """The text with ``${using:x}`` for each variable x that there is here."""
    parts, at = [], 0
    for start, end, name in sorted(variables):
        if start < at or _OWN.fullmatch(name) or not _exists(frame, name):
            continue
        parts += [text[at:start], "@using:" + name if text[start] == "@" else "${using:" + name + "}"]
        at = end
    return "".join(parts) + text[at:]


def _exists(frame: Any, name: str) -> bool:
    return frame.scope.find(name.lower()) is not None or frame.automatic(name.lower()) is not NOTHING
