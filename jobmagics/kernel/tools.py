"""What a front end asks beside cells: what could come next, what a word means, the value of an expression.

Each is a short script in the cells' own session, whose answer comes back as JSON: the same with the built-in engine and
with pwsh. PowerShell counts UTF-16 units, Jupyter characters.
"""

from __future__ import annotations

import json
from typing import Any

from jobmagics.errors import JobMagicsError

from . import parts
from .cells import CellSession

COMPLETE_SECONDS = 3.0
INSPECT_SECONDS = 10.0
EXPRESSION_SECONDS = 10.0
"""A session that has not answered by then is asked no longer: its script is stopped."""

# no variable is set here: it would be among the completions
COMPLETE = """TabExpansion2 -inputScript $args[0] -cursorColumn $args[1] | ForEach-Object {
    ConvertTo-Json -Compress -Depth 3 -InputObject @{
        start = $_.ReplacementIndex; length = $_.ReplacementLength
        matches = @($_.CompletionMatches | ForEach-Object {
            , @($_.CompletionText, $_.ListItemText, [string]$_.ResultType, $_.ToolTip) }) } }
"""

INSPECT_COMMAND = """& { param($name, $more)
    $command = Get-Command -Name $name -ErrorAction Ignore | Select-Object -First 1
    if ($command.CommandType -eq 'Alias') {
        "$($command.Name) -> $($command.Definition)`n"
        $command = Get-Command -Name $command.Definition -ErrorAction Ignore | Select-Object -First 1
    }
    if ($command.CommandType -in 'Application', 'ExternalScript') { "$($command.CommandType): $($command.Source)" }
    elseif ($command) {
        (Get-Help -Name $command.Name -Full:$more | Out-String -Width 88).Trim()
        if ($more -and $command.CommandType -eq 'Function') { "`nDEFINITION`n$($command.Definition)" }
    }
} @args
"""

INSPECT_VARIABLE = """& { param($name, $more)
    $variable = Get-Variable -Scope Global -Name $name -ErrorAction Ignore
    if ($variable -and $null -eq $variable.Value) { "`$$($variable.Name) = `$null" }
    elseif ($variable) {
        "[$($variable.Value.GetType().FullName)] `$$($variable.Name)"
        ($variable.Value | Out-String -Width 88).Trim("`r", "`n")
        if ($more) { (Get-Member -InputObject $variable.Value | Out-String -Width 88).TrimEnd() }
    }
} @args
"""

INSPECT_TYPE = """& { param($name)
    $type = $name -as [type]
    if ($type) { "[$($type.FullName)]" }
    if ($type -and $type.IsEnum) { [Enum]::GetNames($type) -join ', ' }
    elseif ($type) { ($type | Get-Member -Static | Out-String -Width 88).TrimEnd() }
} @args
"""

EXPRESSION = "(& ([scriptblock]::Create($args[0])) | Out-String -Width 100).TrimEnd()"

TIP_WIDTH = 80
KINDS = "_jupyter_types_experimental"
ICONS = {
    "Command": "function", "ParameterName": "param", "ParameterValue": "value", "Variable": "variable",
    "Property": "property", "Method": "method", "Type": "class", "Namespace": "module", "Keyword": "keyword",
    "DynamicKeyword": "keyword", "ProviderItem": "path", "ProviderContainer": "path", "History": "text", "Text": "text",
}  # fmt: skip
"""JupyterLab's names of kinds, for the icon beside a completion."""


def complete(cells: CellSession, code: str, cursor: int) -> dict[str, Any]:
    """The content of a complete_reply. ``cursor`` counts characters."""
    told = _told(cells, COMPLETE, (code, _units(code[:cursor])), COMPLETE_SECONDS)
    found: dict[str, Any] = json.loads(told[0]) if told else {"start": 0, "length": 0, "matches": []}
    start, end = cursor, cursor
    if found["matches"]:
        start = _characters(code, found["start"])
        end = _characters(code, found["start"] + found["length"])
    kinds = [
        {"text": text, "type": ICONS.get(kind, "text"), "start": start, "end": end, "signature": _brief(tip, text)}
        for text, _, kind, tip in found["matches"]
    ]
    return {
        "status": "ok",
        "matches": [match[0] for match in found["matches"]],
        "cursor_start": start,
        "cursor_end": end,
        "metadata": {KINDS: kinds} if kinds else {},
    }


def completions(words: list[str], start: int, end: int) -> dict[str, Any]:
    """The content of a complete_reply of plain words."""
    return {"status": "ok", "matches": words, "cursor_start": start, "cursor_end": end, "metadata": {}}


def moved(reply: dict[str, Any], by: int) -> dict[str, Any]:
    """A complete_reply about a part of a cell, as one about the cell: the part begins ``by`` characters later."""
    kinds = reply["metadata"].get(KINDS, [])
    moved_kinds = [{**kind, "start": kind["start"] + by, "end": kind["end"] + by} for kind in kinds]
    return {
        **reply,
        "cursor_start": reply["cursor_start"] + by,
        "cursor_end": reply["cursor_end"] + by,
        "metadata": {KINDS: moved_kinds} if kinds else {},
    }


def help_reply(name: str) -> dict[str, Any]:
    """The content of an inspect_reply about a magic."""
    data = {"text/plain": parts.help_of(name)} if parts.is_known(name) else {}
    return {"status": "ok", "found": bool(data), "data": data, "metadata": {}}


def _brief(tip: str, text: str) -> str:
    """The first line of a tool tip that says more than the completion itself."""
    line = next((line.strip() for line in tip.splitlines() if line.strip()), "")
    return "" if line == text else line if len(line) <= TIP_WIDTH else line[: TIP_WIDTH - 1] + "…"


def inspect(cells: CellSession, code: str, cursor: int, detail: int) -> dict[str, Any]:
    """The content of an inspect_reply."""
    script, name = _subject(code, cursor)
    told = _told(cells, script, (name, detail > 0), INSPECT_SECONDS) if name else []
    text = "\n".join(told).rstrip()
    return {"status": "ok", "found": bool(text), "data": {"text/plain": text} if text else {}, "metadata": {}}


def evaluate(cells: CellSession, text: str) -> dict[str, Any]:
    """One user expression, as execute_reply has it."""
    try:
        told = _told(cells, EXPRESSION, (text,), EXPRESSION_SECONDS)
    except JobMagicsError as error:
        return {"status": "error", "ename": type(error).__name__, "evalue": error.message, "traceback": []}
    return {"status": "ok", "data": {"text/plain": "\n".join(told)}, "metadata": {}}


def _told(cells: CellSession, script: str, arguments: tuple[Any, ...], seconds: float) -> list[str]:
    return [value for value in cells.ask(script, arguments, seconds) if isinstance(value, str)]


def _subject(code: str, cursor: int) -> tuple[str, str]:
    """Which script tells about the place of the cursor, and the name it is given: a variable, a type, or else the
    command around it.
    """
    from jobmagics.powershell.parser import parse, syntax

    around: list[syntax.Ast] = [parse(code).ast]
    at = _units(code[:cursor])
    while (inside := _around(around[-1], at)) is not None:
        around.append(inside)
    for node in reversed(around):
        if isinstance(node, syntax.VariableExpressionAst):
            return INSPECT_VARIABLE, node.path
        if isinstance(node, (syntax.TypeExpressionAst, syntax.TypeConstraintAst)):
            return INSPECT_TYPE, node.type_name.full_name
        if isinstance(node, syntax.CommandAst) and isinstance(node.elements[0], syntax.StringConstantExpressionAst):
            return INSPECT_COMMAND, node.elements[0].value
    return "", ""


def _around(node: Any, at: int) -> Any:
    """The child at the place; one that ends there, too: the cursor is often behind the word it is about."""
    within = [child for child in node.children() if child.extent[0] <= at <= child.extent[1]]
    return within[-1] if within else None


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _characters(text: str, units: int) -> int:
    """The index of the character that begins at so many UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * units].decode("utf-16-le", "ignore"))
