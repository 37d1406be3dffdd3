"""Comment-based help: the sections of a function's help comment as the object that Get-Help gives.

Only what the comment says; the syntax line and the tables of parameters that PowerShell adds are not made.
"""

from __future__ import annotations

import re
from typing import Any

from ...psobject import PSList, PSObject
from ..binding.parameters import CommandInfo

_KEYWORD = re.compile(r"^\s*\.([A-Za-z]+)(?:[ \t]+(\S.*?))?\s*$")
HELP_TYPES = ["MamlCommandHelpInfo", "HelpInfo", "System.Management.Automation.PSCustomObject", "System.Object"]


def sections(comment: str) -> list[tuple[str, str, str]]:
    """(keyword in lower case, its argument, the text under it), in order; the comment comes without its marks."""
    found: list[tuple[str, str, list[str]]] = []
    for line in comment.splitlines():
        match = _KEYWORD.match(line)
        if match is not None:
            found.append((match[1].lower(), match[2] or "", []))
        elif found:
            found[-1][2].append(line.strip())
    return [(keyword, argument, "\n".join(lines).strip("\n")) for keyword, argument, lines in found]


def help_object(info: CommandInfo, comment: str) -> PSObject:
    said = sections(comment)
    facts: dict[str, Any] = {
        "Name": info.name,
        "Category": info.kind,
        "Synopsis": first(said, "synopsis"),
        "Component": first(said, "component"),
        "Role": first(said, "role"),
        "Functionality": first(said, "functionality"),
    }
    if text := first(said, "description"):
        facts["description"] = texts(text)
    parameters = [parameter(name, text) for keyword, name, text in said if keyword == "parameter"]
    if parameters:
        facts["parameters"] = PSObject({"parameter": PSList.of("System.Object", parameters)})
    examples = [text for keyword, _, text in said if keyword == "example"]
    if examples:
        shown = [example(at, text) for at, text in enumerate(examples, 1)]
        facts["examples"] = PSObject({"example": PSList.of("System.Object", shown)})
    if text := first(said, "notes"):
        facts["alertSet"] = PSObject({"alert": texts(text)})
    return PSObject(facts, type_names=HELP_TYPES)


def first(said: list[tuple[str, str, str]], keyword: str) -> str:
    return next((text for found, _, text in said if found == keyword), "")


def texts(text: str) -> PSList:
    return PSList.of("System.Object", [PSObject({"Text": text})])


def parameter(name: str, text: str) -> PSObject:
    return PSObject({"description": texts(text), "name": name})


def example(number: int, text: str) -> PSObject:
    """The first line is the code, what follows is what it shows."""
    code, _, remarks = text.partition("\n")
    title = f"-------------------------- EXAMPLE {number} --------------------------"
    return PSObject({"title": title, "code": code, "remarks": texts(remarks.strip())})
