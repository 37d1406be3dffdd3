"""Runs recorded scripts in a session of the engine and says in what they differ from real PowerShell's record.

In this process, with CLIXML as the server writes it: a few milliseconds a case. test_server* drive the same engine
through its pipes. Output written by ``Out-String`` in a second session is what a person would see.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jobmagics import clixml
from jobmagics.powershell.records import CATEGORIES, ErrorRecord, ScriptError
from jobmagics.powershell.runtime.runspace import CollectedStreams, CommandRequest, PipelineRequest, Runspace
from jobmagics.powershell.values.utf16 import joined
from jobmagics.powershell.values.value import to_string

DATA = Path(__file__).parent.parent / "data" / "golden"
LISTS = ("output", "errors", "warning", "verbose", "debug", "information", "progress", "skip")


def cases() -> Iterator[dict[str, Any]]:
    """The recorded cases with all their facets; the files leave out what is empty."""
    for path in sorted(DATA.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield {"reason": None, "text": None, **{name: [] for name in LISTS}, **json.loads(line)}


def known_differences() -> dict[str, str]:
    """Case -> reason, from the list that is kept beside the cases."""
    found = {}
    for line in (DATA / "known_differences.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, reason = line.partition(" ")
            found[name] = reason.strip()
    return found


def renumbered(text: str) -> str:
    """CLIXML with RefIds counted from 0, so that two runs compare equal."""
    root = ET.fromstring(text)
    for kinds in (("Obj", "Ref"), ("TN", "TNRef")):
        seen: dict[str, int] = {}
        for node in root.iter():
            number = node.get("RefId")
            if node.tag in kinds and number is not None:
                node.set("RefId", str(seen.setdefault(number, len(seen))))
    return ET.tostring(root, encoding="unicode")


def hidden(text: str, directory: str) -> str:
    for found, put in ((directory, "{cwd}"), (directory.lstrip("/"), "{cwd}"), (os.path.basename(directory), "{dir}")):
        text = text.replace(found, put)
    return re.sub(r'(<G N="(?:RunspaceId|InstanceId|PSSourceJobInstanceId)">)[0-9a-f-]{36}<', r"\1{guid}<", text)


def error_facts(record: ErrorRecord, directory: str) -> dict[str, str]:
    return {
        "message": record.exception.message.replace(directory, "{cwd}"),
        "fqid": record.fqid,
        "category": str(CATEGORIES.index(record.category)),
    }


def run(script: str, directory: str, as_text: bool) -> tuple[CollectedStreams, ErrorRecord | None]:
    """In a session of its own; what the script does to the environment and the culture ends with it."""
    environment = dict(os.environ)
    session = Runspace()
    try:
        return run_in(session, script, directory, as_text)
    finally:
        os.environ.clear()
        os.environ.update(environment)
        session.run_script("[cultureinfo]::CurrentCulture = [cultureinfo]::CurrentUICulture = 'en-US'")


def run_in(
    session: Runspace, script: str, directory: str, as_text: bool
) -> tuple[CollectedStreams, ErrorRecord | None]:
    session.set_location(directory)
    session.run_script("$PSStyle.OutputRendering = 'PlainText'")
    commands = [CommandRequest(script)]
    if as_text:
        commands.append(CommandRequest("Out-String", is_script=False, parameters=[("Width", 120)]))
    streams = CollectedStreams()
    try:
        session.invoke(PipelineRequest(commands), streams)
    except ScriptError as failed:
        return streams, failed.record
    return streams, None


def differences(case: dict[str, Any], first: str, second: str) -> dict[str, tuple[Any, Any]]:
    """Facet -> (recorded, ours). The two directories are new and empty: one for each run."""
    streams, reason = run(case["script"], first, as_text=False)
    shown, stopped = run(case["script"], second, as_text=True)
    ours = {
        "output": [
            hidden(renumbered(clixml.encode(value)), first) if value is not None else "" for value in streams.outputs
        ],
        "errors": [error_facts(record, first) for record in streams.errors],
        "state": "Completed" if reason is None else "Failed",
        "reason": None if reason is None else error_facts(reason, first),
        "warning": [hidden(record.message, first) for record in streams.warnings],
        "verbose": [hidden(record.message, first) for record in streams.verboses],
        "debug": [hidden(record.message, first) for record in streams.debugs],
        "text": None if stopped is not None else hidden(joined("".join(map(to_string, shown.outputs))), second),
    }
    found = {}
    if case["text"] is not None:
        ours["text"] = str(ours["text"] or "").rstrip()
    for facet, got in ours.items():
        want = case[facet].rstrip() if facet == "text" and case[facet] is not None else case[facet]
        if facet not in case["skip"] and want != got:
            found[facet] = (want, got)
    return found
