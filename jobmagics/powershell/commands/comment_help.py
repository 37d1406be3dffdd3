"""Comment-based help: the sections of a command's help comment, and the object that Get-Help makes of them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from ...psobject import PSList, PSObject
from ..binding.parameters import CommandInfo, CommandMetadata, ParameterInfo, SetInfo
from ..dotnet.enums import shape_of
from ..session.syntax import parameters_in_set, set_names
from ..values.types import NetType, resolve_type
from .help_texts import all_parameters, pipeline_text

_KEYWORD = re.compile(r"^\s*\.(\w+)(?:\s+(\S.*?))?\s*$")
_PROMPT = re.compile(r"^.*?>")
_CODE = re.compile(r"^(.*?)\r?\n\r?\n(.*)$", re.DOTALL)
HELP_TYPES = ["MamlCommandHelpInfo", "HelpInfo"]
WITH_ARGUMENT = frozenset(
    ("parameter", "forwardhelptargetname", "forwardhelpcategory", "remotehelprunspace", "externalhelp")
)
BLANKS_AFTER_EXAMPLE = 4  # empty paragraphs that keep the next example apart


def sections(comment: str) -> list[tuple[str, str, str]]:
    """(keyword in lower case, its argument, the text under it), in order; the comment comes without its marks."""
    found: list[tuple[str, str, list[str]]] = []
    for line in comment.splitlines():
        match = _KEYWORD.match(line)
        if match is not None and (match[1].lower() in WITH_ARGUMENT) == bool(match[2]):
            found.append((match[1].lower(), match[2] or "", []))
        elif found:
            found[-1][2].append(line)
    return [(keyword, argument, _text(lines)) for keyword, argument, lines in found]


def _text(lines: list[str]) -> str:
    """Without the blank lines before, and without the indentation of its first line."""
    while lines and not lines[0].strip():
        lines = lines[1:]
    if not lines:
        return ""
    depth = len(lines[0]) - len(lines[0].lstrip(" \t\xa0"))
    return "\n".join(line[min(depth, len(line) - len(line.lstrip(" \t\xa0"))) :] for line in lines)


def help_object(
    info: CommandInfo, comment: str, meta: CommandMetadata, defaults: dict[str, str], comments: dict[str, str]
) -> PSObject:
    """``defaults``: parameter -> its default value as written; ``comments``: -> the comment before it."""
    said = sections(comment)
    told = {**comments, **{argument.lower(): text for keyword, argument, text in said if keyword == "parameter"}}
    synopsis = first(said, "synopsis").strip()
    details = {"name": info.path or info.name, **({"description": texts(synopsis)} if synopsis else {})}
    facts: dict[str, Any] = {
        "Name": info.path or info.name,
        "Category": info.kind,
        "Synopsis": synopsis,
        "Component": first(said, "component").strip(),
        "Role": first(said, "role").strip(),
        "Functionality": first(said, "functionality").strip(),
        "details": _object(details, "details"),
        "syntax": _syntax(info, meta),
        "parameters": _parameters(meta, told, defaults),
        "ModuleName": info.module,
    }
    if text := first(said, "description").strip():
        facts["description"] = texts(text)
    if text := first(said, "notes").strip():
        facts["alertSet"] = _object({"alert": texts(text)}, "alertSet")
    if found := [text for keyword, _, text in said if keyword == "example"]:
        shown = [example(at, text) for at, text in enumerate(found, 1)]
        facts["examples"] = _object({"example": _list(shown)}, "examples")
    if found := [text for keyword, _, text in said if keyword == "inputs"]:
        facts["inputTypes"] = _typed(found, "inputTypes", "inputType")
    outputs = [text for keyword, _, text in said if keyword == "outputs"] or list(meta.output_types)
    if outputs:
        facts["returnValues"] = _typed(outputs, "returnValues", "returnValue")
    if found := [text.strip() for keyword, _, text in said if keyword == "link"]:
        facts["relatedLinks"] = _object({"navigationLink": _list([_link(text) for text in found])}, "relatedLinks")
    return PSObject(facts, type_names=list(HELP_TYPES))


def _object(facts: dict[str, Any], kind: str) -> PSObject:
    return PSObject(facts, type_names=[f"MamlCommandHelpInfo#{kind}"])


def _list(items: list[Any]) -> Any:
    """One item stands for itself."""
    return items[0] if len(items) == 1 else PSList.of("System.Management.Automation.PSObject", items)


def first(said: list[tuple[str, str, str]], keyword: str) -> str:
    return next((text for found, _, text in said if found == keyword), "")


def texts(*paragraphs: str) -> PSList:
    return PSList.of("System.Management.Automation.PSObject", [_paragraph(text) for text in paragraphs])


def _paragraph(text: str) -> PSObject:
    return PSObject({"Text": text}, type_names=["MamlParaTextItem", "MamlTextItem"])


def _typed(names: list[str], kind: str, item: str) -> PSObject:
    types = [_object({"type": _object({"name": name.strip()}, "type")}, item) for name in names]
    return _object({item: _list(types)}, kind)


def _link(text: str) -> PSObject:
    parts = urlsplit(text)
    return _object({"uri" if parts.scheme and parts.netloc else "linkText": text}, "navigationLink")


def example(number: int, text: str) -> PSObject:
    """The code ends at the first empty line; what follows is what it shows."""
    found = _PROMPT.match(text)
    prompt = found[0] if found is not None else "PS > "
    rest = text[found.end() :] if found is not None else text
    parts = _CODE.match(rest)
    code, remarks = (parts[1], parts[2]) if parts is not None else (rest, "")
    facts = {
        "title": f"-------------------------- EXAMPLE {number} --------------------------",
        "introduction": texts(prompt),
        "code": code.strip(),
        "remarks": texts(remarks.strip(), *[""] * BLANKS_AFTER_EXAMPLE),
    }
    return _object(facts, "example")


# -- what the parameters tell
def _syntax(info: CommandInfo, meta: CommandMetadata) -> PSObject:
    items = []
    for name in set_names(meta):
        shown = [_parameter(item, held, "", None) for item, held in parameters_in_set(name, all_parameters(meta))]
        items.append(_object({"name": info.path or info.name, "parameter": _list(shown)}, "syntaxItem"))
    return _object({"syntaxItem": _list(items)}, "syntax")


def _parameters(meta: CommandMetadata, told: dict[str, str], defaults: dict[str, str]) -> PSObject:
    found = [
        _parameter(item, next(iter(item.sets.values())), told.get(key, ""), defaults.get(key, ""))
        for key, item in all_parameters(meta).items()
    ]
    return _object({"parameter": _list(found)} if found else {}, "parameters")


def _parameter(item: ParameterInfo, held: SetInfo, text: str, default: str | None) -> PSObject:
    """``default`` None: as the syntax has it."""
    kind = resolve_type(item.type_name)
    facts: dict[str, Any] = {"name": item.name}
    if text.strip():
        facts["description"] = texts(text.strip())
    inner = kind.element if kind is not None and kind.element is not None else kind
    if inner is not None and inner.is_enum:
        facts["parameterValueGroup"] = _object({"parameterValue": list(shape_of(inner).names)}, "parameterValueGroup")
    elif default is not None or not item.is_switch:
        facts["parameterValue"] = _type_name(kind, item)
    if default is not None:
        facts["type"] = _object({"name": _type_name(kind, item)}, "type")
        facts["defaultValue"] = default or _default_of(kind)
    facts["required"] = str(held.mandatory).lower()
    facts["globbing"] = str(item.supports_wildcards).lower()
    facts["pipelineInput"] = pipeline_text(held)
    facts["position"] = "named" if held.position is None else str(held.position + 1)
    return _object(facts, "parameter")


def _type_name(kind: NetType | None, item: ParameterInfo) -> str:
    if kind is None:
        return item.type_name.rpartition(".")[2]
    return f"{kind.element.name}[]" if kind.element is not None else kind.name


def _default_of(kind: NetType | None) -> str:
    """What a value type has where nothing else is said."""
    if kind is None or kind.is_nullable:
        return ""
    if kind.full_name in ("System.Management.Automation.SwitchParameter", "System.Boolean"):
        return "False"
    return "0" if kind.is_value_type and "System.IConvertible" in kind.interfaces and not kind.is_enum else ""
