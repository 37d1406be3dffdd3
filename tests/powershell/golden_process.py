"""Runs recorded scripts as the measure of the engine does: a new process and an empty directory for each.

Nothing is shared with the tests' own process, so what counts is what a client meets. A process costs more than most
scripts: the second run, through ``Out-String``, is golden_cases' alone.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psrpcore
from engine_process import (
    COMPLETED,
    DEBUG,
    ERROR,
    FAILED,
    INFORMATION,
    OUTPUT,
    PROGRESS,
    STATE,
    STOPPED,
    VERBOSE,
    WARNING,
    Engine,
)

from jobmagics.clixml import decode
from jobmagics.psobject import PSObject
from tests.powershell.golden_cases import LISTS, hidden, renumbered

STATES = {COMPLETED: "Completed", FAILED: "Failed", STOPPED: "Stopped"}
RECORDS = {WARNING: "warning", VERBOSE: "verbose", DEBUG: "debug"}
_CASE_DIRECTORY = re.compile(r"(/[^\s'\"]*)?/case[0-9a-z_]{8}")


def messages(script: str, directory: str) -> Iterator[tuple[int, str]]:
    """What the pipeline sends, up to its final state."""
    engine = Engine(cwd=Path(directory))
    try:
        engine.run("$PSStyle.OutputRendering = 'PlainText'")
        pipeline = psrpcore.ClientPowerShell(engine.pool)
        pipeline.add_script(script)
        engine.begin(pipeline=pipeline)
        while True:
            kind, guid, body = engine.process.next()
            if guid != str(pipeline.pipeline_id) or not isinstance(kind, int):
                continue
            yield kind, body or ""
            if kind == STATE and decode(body or "").PipelineState in STATES:
                return
    finally:
        engine.close()


def text_of(value: Any) -> str:
    """A text as psrun.py reads it: objects by their string."""
    if isinstance(value, PSObject):
        return value._to_string or ""
    return "" if value is None else str(value)


def enum_number(value: Any) -> str:
    return str(int(value._base)) if isinstance(value, PSObject) else str(value)


def error_of(record: Any) -> dict[str, str]:
    return {
        "message": _CASE_DIRECTORY.sub("{cwd}", str(record.Exception.Message)),
        "fqid": str(record.FullyQualifiedErrorId),
        "category": str(record.ErrorCategory_Category),
    }


def information_of(record: Any) -> str:
    data = record.MessageData
    return str(data.Message) if isinstance(data, PSObject) and "Message" in data.to_dict() else text_of(data)


def progress_of(record: Any) -> dict[str, str]:
    return {
        "activity": str(record.Activity),
        "status": str(record.StatusDescription or ""),
        "percent": str(record.PercentComplete),
        "type": text_of(record.Type),
    }


def objects(script: str, directory: str) -> dict[str, Any]:
    """Every facet of a run but its text."""
    facets: dict[str, Any] = {name: [] for name in LISTS if name != "skip"}
    facets["reason"] = None
    for kind, body in messages(script, directory):
        value = decode(body)
        if kind == OUTPUT:
            facets["output"].append(hidden(renumbered(body), directory) if body else "")
        elif kind == ERROR:
            facets["errors"].append(error_of(value))
        elif kind in RECORDS:
            facets[RECORDS[kind]].append(hidden(str(value.InformationalRecord_Message), directory))
        elif kind == INFORMATION:
            facets["information"].append(hidden(information_of(value), directory))
        elif kind == PROGRESS:
            facets["progress"].append(progress_of(value))
        elif kind == STATE:
            facets["state"] = STATES[value.PipelineState]
            if value.PipelineState == FAILED:
                facets["reason"] = error_of(value.ExceptionAsErrorRecord)
    return facets


def differences(case: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Facet -> (recorded, ours)."""
    directory = tempfile.mkdtemp(prefix="case")
    try:
        ours = objects(case["script"], directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return {
        facet: (case[facet], got) for facet, got in ours.items() if facet not in case["skip"] and case[facet] != got
    }
