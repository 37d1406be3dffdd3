"""How an ErrorRecord reads: ConciseView (the default), NormalView, DetailedView and CategoryView.

Works on live records and on decoded ones: both are read through properties, a decoded one
carries ErrorCategory_* where a live one has CategoryInfo.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from jobmagics.errors import CATEGORIES
from jobmagics.formatting.error_details import details_text
from jobmagics.formatting.reader import Reader

PARSE = "System.Management.Automation.ParseException"
RED, CYAN, RESET = "\x1b[31;1m", "\x1b[36;1m", "\x1b[0m"


@dataclass(slots=True)
class ErrorFacts:
    """What the views need to know about one error."""

    message: str
    fqid: str = ""
    category: str = ""
    category_text: str = ""
    activity: str = ""
    reason: str = ""
    script_name: str = ""
    line_number: int = 0
    position: str = ""
    command: str = ""
    command_text: str = ""
    invocation_name: str = ""
    command_kind: str = ""
    command_source: str = ""
    thrown: bool = False
    unparsed: bool = False
    recommended: str = ""
    computer: str = ""


def error_facts(reader: Reader, value: Any) -> ErrorFacts:
    def get(owner: Any, name: str) -> Any:
        return reader.get(owner, name)[1] if owner is not None else None

    def text(owner: Any, name: str) -> str:
        found = get(owner, name)
        return "" if found is None else reader.to_string(found)

    exception, details, invocation = get(value, "Exception"), get(value, "ErrorDetails"), get(value, "InvocationInfo")
    category_info = get(value, "CategoryInfo")
    message = text(details, "Message") or text(value, "ErrorDetails_Message") or text(exception, "Message")
    facts = ErrorFacts(message=message or reader.to_string(value), fqid=text(value, "FullyQualifiedErrorId"))
    if category_info is not None:
        facts.category, facts.activity = text(category_info, "Category"), text(category_info, "Activity")
        facts.reason, facts.category_text = text(category_info, "Reason"), reader.to_string(category_info)
    else:
        number = get(value, "ErrorCategory_Category")
        facts.category = CATEGORIES[number] if isinstance(number, int) and 0 <= number < len(CATEGORIES) else ""
        facts.activity, facts.reason = text(value, "ErrorCategory_Activity"), text(value, "ErrorCategory_Reason")
        facts.category_text = text(value, "ErrorCategory_Message")
    facts.script_name, facts.position = text(invocation, "ScriptName"), text(invocation, "PositionMessage")
    number = get(invocation, "ScriptLineNumber")
    facts.line_number = number if isinstance(number, int) else 0
    command = get(invocation, "MyCommand")
    facts.command = text(command, "Name")
    facts.command_text = reader.to_string(command) if command is not None else ""
    facts.command_kind = text(command, "CommandType")
    facts.command_source = text(command, "Path") or text(command, "Definition")
    facts.invocation_name = text(invocation, "InvocationName")
    facts.recommended = text(details, "RecommendedAction")
    # a ParseException that a script holds shows its place like any other error
    facts.unparsed = facts.category == "ParserError" and PARSE not in reader.type_names(exception)
    facts.thrown = get(exception, "WasThrownFromThrowStatement") is True
    facts.computer = text(value, "PSComputerName")
    return facts


def error_text(reader: Reader, value: Any, *, width: int = 120, color: bool = False) -> str:
    """The text of an error in the reader's view."""
    facts = error_facts(reader, value)
    view = reader.error_view
    if facts.fqid in ("NativeCommandErrorMessage", "NativeCommandError"):
        return facts.message
    if view == "CategoryView":
        return facts.category_text
    if view == "DetailedView":
        return f"\n{details_text(reader, value, color)}\n"
    if view == "NormalView":
        return normal_text(facts)
    shown = concise_text(facts, width, color)
    return shown if color else re.sub(r"\x1b\[[0-9;]*m", "", shown)


def normal_text(facts: ErrorFacts) -> str:
    lines = [_command_prefix(facts) + facts.message, *facts.position.splitlines()]
    lines.append(f"+ CategoryInfo          : {facts.category_text}")
    lines.append(f"+ FullyQualifiedErrorId : {facts.fqid}")
    if facts.computer:
        lines.append(f"+ PSComputerName        : {facts.computer}")
    return "\n".join(lines)


def _command_prefix(facts: ErrorFacts) -> str:
    """``Get-Item : ``; a script is named by its path, a block by its text."""
    if facts.command_kind in ("ExternalScript", "Script") and facts.command_source:
        return f"{facts.command_source} : "
    name = facts.invocation_name
    if facts.command and name in ("", "&", "."):
        name = facts.command
    return f"{name} : " if name else ""


def concise_text(facts: ErrorFacts, width: int, color: bool) -> str:
    shown = f"{RED}{_lead(facts)}: {_position(facts, width)}{RESET}"
    if facts.recommended.strip():
        shown += f"\n{RED}  Recommendation: {facts.recommended}{RESET}"
    return shown


def _lead(facts: ErrorFacts) -> str:
    if facts.thrown:
        return "Exception"
    for candidate in (facts.command, facts.activity, facts.command_text, facts.invocation_name):
        if candidate:
            return candidate
    if facts.category and facts.category != "NotSpecified":
        return facts.category
    return facts.reason or "Error"


def _position(facts: ErrorFacts, width: int) -> str:
    parser = facts.category == "ParserError"
    message = facts.message
    if parser and "~\n" in message:
        message = message.split("~\n", 1)[1].split("\n\n", 1)[0]
    lines = facts.position.split("\n")
    placed = (facts.unparsed or facts.script_name or facts.line_number > 1) and not facts.script_name.endswith(".psm1")
    if not placed or len(lines) < 2:
        if facts.script_name or parser:
            return _message("", RED + message, facts, width + len(RED), 0)
        return RED + message
    where = f"{RESET}{facts.script_name}:{facts.line_number}\n" if facts.script_name else "\n"
    number = str(facts.line_number)
    lead = " " * max(len(number) - 4, 0)
    source, marks = lines[1][1:], lines[-1][1:]
    start = marks.find("~")
    length = len(marks.strip())
    if start >= 0 and length < len(source):
        source = source[:start] + CYAN + source[start : start + length] + RESET + source[start + length :]
    prefix = f"{CYAN}{lead}     | {RED}"
    head = f"{CYAN}{lead}Line |\n{CYAN}{' ' * max(4 - len(number), 0)}{number} | {RESET}{source}\n"
    return f"{where}{head}{prefix}{marks}\n{RED}" + _message(prefix, message, facts, width, len(lead) + 7)


def _message(prefix: str, message: str, facts: ErrorFacts, width: int, prefix_cells: int) -> str:
    if not facts.script_name and facts.category != "ParserError":
        return prefix + message
    message = message.replace("\r", "").replace("\n", " ").replace("\t", " ")
    room = width - prefix_cells
    lines = []
    while len(message) > room > 0:
        cut = _cut_at_blank(message, room)
        if not cut:
            break
        lines.append(cut)
        message = message[len(cut) :].strip()
    lines.append(message)
    return "\n".join(prefix + line for line in lines) + "\n"


def _cut_at_blank(text: str, length: int) -> str:
    cut = text[:length]
    blank = max(cut.rfind(" "), cut.rfind("\t"))
    return cut[:blank] if blank > 0 else cut
