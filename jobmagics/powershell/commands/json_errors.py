"""What PowerShell says of a text that is not JSON, from where Python's reader stopped (its own is Newtonsoft's)."""

from __future__ import annotations

import json
import re

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|[{}\[\],:]|[^\s{}\[\],:"\']+')


def explain(problem: json.JSONDecodeError) -> str:
    text, at = problem.doc, problem.pos
    while at < len(text) and text[at].isspace():
        at += 1
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1)
    path = _path(text[:at])
    if problem.msg == "Extra data":
        return (
            "Additional text encountered after finished reading JSON content: "
            f"{text[at]}. Path '{path}', line {line}, position {column}."
        )
    if at >= len(text):
        return f"Unexpected end when reading token. Path '{path}'."
    place = f"Path '{path}', line {line if at else 0}, position {column}."
    if problem.msg.startswith("Expecting ':'"):
        return f"Invalid character after parsing property name. Expected ':' but got: {text[at]}. {place}"
    if problem.msg.startswith("Expecting ','"):
        return f"After parsing a value an unexpected character was encountered: {text[at]}. {place}"
    if problem.msg.startswith("Expecting property name"):
        return f"Invalid property identifier character: {text[at]}. {place}"
    return f"Unexpected character encountered while parsing value: {text[at]}. {place}"


def _path(text: str) -> str:
    """Where in the document the text ends: ``a.b[2]``."""
    steps: list[str | int | None] = []  # for each open container: the index, or the name of the member
    name = ""
    for word in _TOKEN.findall(text):
        if word == "{":
            steps.append(None)
        elif word == "[":
            steps.append(0)
        elif word in ("}", "]"):
            if steps:
                steps.pop()
        elif word == ",":
            if steps and isinstance(steps[-1], int):
                steps[-1] += 1
        elif word == ":":
            if steps and not isinstance(steps[-1], int):
                steps[-1] = name
        else:
            name = word.strip("\"'")
    shown = ""
    for step in steps:
        if isinstance(step, int):
            shown += f"[{step}]"
        elif step is not None:
            shown += f".{step}" if shown else step
    return shown
