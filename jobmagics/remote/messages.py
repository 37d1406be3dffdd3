"""Readings of single PSRP messages: how a pipeline ended, what a host call asks, one line for a table.

Messages stay bytes in the ledger; this is where a few of them are looked into as they pass.
"""

from __future__ import annotations

import functools
import html
import re
from dataclasses import dataclass
from typing import Any

from jobmagics import clixml
from jobmagics.jobs import Ended, Failure, JobState
from jobmagics.psobject import PSObject
from jobmagics.remote import HostCall
from jobmagics.remote.fragments import STREAMS, Kind

NO_ANSWER = -100
"""The call id of a host call that wants no answer ([MS-PSRP] 2.2.2.27)."""
LINE_LENGTH = 200
"""A table's line of newest output is cut here."""

PIPELINE_STATES = {3: JobState.STOPPED, 4: JobState.COMPLETED, 5: JobState.FAILED}
"""PSInvocationState ([MS-PSRP] 2.2.3.5), the ones that are an end."""
_TEXT = re.compile(rb"^<S>([^<]*)</S>$")
_SCALAR = re.compile(rb"^<(?:I32|I64|U32|U64|I16|U16|By|SB|Db|D|B|C|G|Version|URI|DT|Sg)>([^<]*)</")
_TO_STRING = re.compile(rb"<ToString>([^<]*)</ToString>")
_ACTIVITY = re.compile(rb'<I32 N="ActivityId">(-?\d+)</I32>')
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Progress:
    """Write-Progress's latest record of one activity. ``percent`` and ``seconds_remaining`` are -1 when unknown,
    ``parent`` is -1 where the activity is part of no other.
    """

    activity: str
    status: str = ""
    operation: str = ""
    percent: int = -1
    seconds_remaining: int = -1
    completed: bool = False
    id: int = 0
    parent: int = -1


def pipeline_end(data: bytes) -> Ended | None:
    """How a PIPELINE_STATE message says it ended; None while it runs."""
    state = clixml.decode(data)
    how = PIPELINE_STATES.get(_get(state, "PipelineState", 0))
    if how is None:
        return None
    record = _get(state, "ExceptionAsErrorRecord")
    if record is None or _get(record, "FullyQualifiedErrorId", "") == "PipelineStopped":
        # a remote PipelineStopped error is how a stop looks, not a failure
        return Ended(how)
    return Ended(how, failure_of(record))


def failure_of(record: Any) -> Failure:
    """The Failure that a decoded ErrorRecord is."""
    exception = _get(record, "Exception")
    message = _get(exception, "Message") or str(record)
    details = _get(record, "ErrorDetails_Message")
    fqid = _get(record, "FullyQualifiedErrorId") or "JobFailure"
    category = re.match(r"\w*", str(_get(record, "ErrorCategory_Message") or ""))
    return Failure(str(details or message), str(fqid), (category and category.group()) or "NotSpecified")


def host_call(data: bytes) -> HostCall:
    call = clixml.decode(data)
    method = _get(call, "mi")
    number = method if isinstance(method, int) else getattr(method, "_base", 0)
    parameters = _get(call, "mp") or []
    items = parameters if isinstance(parameters, list) else getattr(parameters, "_base", None)
    return HostCall(int(_get(call, "ci", NO_ANSWER)), int(number), list(items or []))


def wants_answer(call: HostCall) -> bool:
    return call.call_id != NO_ANSWER


def activity_of(data: bytes) -> int:
    """Which activity a PROGRESS_RECORD is about: a look at the bytes, for it is asked of each as it passes."""
    found = _ACTIVITY.search(data)
    return int(found.group(1)) if found else 0


@functools.lru_cache(maxsize=1024)  # a table looks at the same records five times a second
def progress(data: bytes) -> Progress:
    record = clixml.decode(data)
    kind = _get(record, "Type")
    return Progress(
        str(_get(record, "Activity") or ""),
        str(_get(record, "StatusDescription") or ""),
        str(_get(record, "CurrentOperation") or ""),
        int(_get(record, "PercentComplete", -1)),
        int(_get(record, "SecondsRemaining", -1)),
        (kind if isinstance(kind, int) else getattr(kind, "_base", 0)) == 1,
        int(_get(record, "ActivityId", 0)),
        int(_get(record, "ParentActivityId", -1)),
    )


def newest_line(kind: int, data: bytes) -> str:
    """One line that stands for a message in a table: its last line of text, with control sequences taken out.

    The usual messages are answered by a look at the bytes; only a bag of properties is decoded.
    """
    found = _TEXT.match(data) or _SCALAR.match(data)
    if not found and STREAMS.get(kind) != "output":
        found = _TO_STRING.search(data)
    text = _unescape(found.group(1)) if found else _describe(data)
    lines = [line for line in _CONTROL.sub("", text).splitlines() if line.strip()]
    return lines[-1].rstrip()[:LINE_LENGTH] if lines else ""


def _describe(data: bytes) -> str:
    try:
        value = clixml.decode(data)
    except ValueError:
        return ""
    if isinstance(value, PSObject):
        source = value._find("MessageData")
        return str(source[1] if source else value)
    if isinstance(value, list):
        return ", ".join(map(str, value[:10]))
    return "" if value is None else str(value)


def _unescape(raw: bytes) -> str:
    text = html.unescape(raw.decode("utf-8", "replace"))
    shown = _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), text)
    # CLIXML escapes UTF-16 units: an emoji is two of them
    return shown if shown.isascii() else shown.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _get(value: Any, name: str, default: Any = None) -> Any:
    if not isinstance(value, PSObject):
        return default
    found = value._find(name)
    return default if found is None or found[1] is None else found[1]


ANSWERED_KINDS = frozenset({int(Kind.HOST_CALL), int(Kind.POOL_HOST_CALL)})
