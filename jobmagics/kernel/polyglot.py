"""Notebooks of .NET Interactive (Polyglot Notebooks) as notebooks of the PowerShell kernel.

They come as ``.dib``, a text in which a line ``#!language`` begins each cell, or as ``.ipynb``, where metadata says
each cell's language and such a line may change it in the middle. PowerShell and Markdown come over as they are; Python
as cells of ``%%python``; HTML and Mermaid as Markdown, which shows them. What is in another language, or a command of
.NET Interactive's own that is nothing here, is refused by name, or kept as a raw cell: shown, and not run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobmagics.errors import UsageError

from .shares import connected_python, translated

POWERSHELL = frozenset({"pwsh", "powershell"})
SHOWN = {"markdown": "{}", "md": "{}", "html": "{}", "mermaid": "```mermaid\n{}\n```"}
"""What a Markdown cell shows, and how it is written there."""
LANGUAGES = {
    "csharp": "C#", "c#": "C#", "cs": "C#", "fsharp": "F#", "f#": "F#", "javascript": "JavaScript", "js": "JavaScript",
    "sql": "SQL", "kql": "KQL", "python": "Python", "r": "R", "http": "HTTP requests", "value": "a stored value",
    "vbnet": "Visual Basic",
}  # fmt: skip
"""The names of other languages, for people."""
KERNELSPEC = {"name": "jobmagics", "display_name": "PowerShell (jobmagics)", "language": "powershell"}

_MARK = re.compile(r"#!(?P<word>[\w#+.-]+)(?P<rest>[^\r\n]*)")


@dataclass
class Part:
    """A cell, or a stretch of one, in one language. ``fields``: what is kept of the notebook's cell beside its text."""

    language: str
    text: str
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Languages:
    """``usual``: that of a cell which does not say; ``marks``: which words begin a part, others are commands of .NET
    Interactive, and stay in it; ``pythons``: which of them are Python.
    """

    usual: str
    marks: frozenset[str]
    pythons: frozenset[str]


@dataclass
class Converted:
    """``notebook`` as nbformat 4 has it; ``others``: what is not PowerShell, a line for each."""

    notebook: dict[str, Any]
    others: list[str]


def read(path: Path) -> Converted:
    """Raises UsageError for a file that is no such notebook."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None
    if path.suffix.lower() == ".dib":
        return _converted(*_parts_of_text(text))
    if path.suffix.lower() == ".ipynb":
        return _converted(*_parts_of_notebook(path, text))
    raise UsageError(f"{path.name} is no notebook that can be converted; .dib and .ipynb can.")


def write(path: Path, converted: Converted) -> None:
    """Raises UsageError rather than put it in the place of a file that is there."""
    text = json.dumps(converted.notebook, indent=1, ensure_ascii=False) + "\n"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already; remove it, or name another file with --output.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror or error}.") from None


# -- from text to parts


def _split(text: str, language: str, languages: Languages) -> Iterator[Part]:
    """Python is Python under each of its names, and needs not be connected here."""
    lines: list[str] = []
    for line in text.splitlines():
        mark = _MARK.fullmatch(line.rstrip())
        if mark is None or mark["word"].lower() not in languages.marks:
            if connected_python(line) is None:
                lines.append(line)
            continue
        yield Part(_named(language, languages), _trimmed(lines))
        language, lines = mark["word"].lower(), []
    yield Part(_named(language, languages), _trimmed(lines))


def _named(language: str, languages: Languages) -> str:
    return "python" if language in languages.pythons else language


def _trimmed(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n")


def _parts_of_text(text: str) -> tuple[list[Part], Languages]:
    """A .dib without a first line of a language is C#, and may begin with metadata."""
    head = re.match(r"\s*#!meta\s*\n(?P<json>.*?)(?=^#!|\Z)", text, re.DOTALL | re.MULTILINE)
    facts = _facts(head["json"]) if head else {}
    body = text[head.end() :] if head else text
    kernel_info = _section(facts, "kernelInfo")
    languages = _languages(kernel_info, _usual(kernel_info), [body])
    return [part for part in _split(body, languages.usual, languages) if part.text], languages


def _facts(text: str) -> dict[str, Any]:
    try:
        facts = json.loads(text)
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _section(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    """What stands under these names, if it is a dictionary as it should be."""
    found: Any = facts
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _usual(kernel_info: dict[str, Any]) -> str:
    return str(kernel_info.get("defaultKernelName") or "csharp").lower()


def _languages(kernel_info: dict[str, Any], usual: str, texts: Iterable[str]) -> Languages:
    """Those there are, with those that the notebook's own metadata names or its cells connect."""
    items = kernel_info.get("items")
    listed = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    named = {str(item.get("name", "")).lower(): str(item.get("languageName", "")).lower() for item in listed}
    connected = {name for text in texts for line in text.splitlines() if (name := connected_python(line)) is not None}
    pythons = connected | {name for name, language in named.items() if language == "python"} | {"python"}
    return Languages(usual, POWERSHELL | SHOWN.keys() | LANGUAGES.keys() | named.keys() | pythons, frozenset(pythons))


def _parts_of_notebook(path: Path, text: str) -> tuple[list[Part], Languages]:
    facts = _facts(text)
    cells = facts.get("cells")
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise UsageError(f"{path.name} is no notebook of Jupyter's format 4.")
    kernel_info = _section(facts, "metadata", "polyglot_notebook", "kernelInfo")
    usual = _usual(kernel_info) if kernel_info else _language_of_spec(_section(facts, "metadata", "kernelspec"))
    languages = _languages(kernel_info, usual, map(_source, cells))
    return [part for cell in cells for part in _parts_of_cell(cell, languages)], languages


def _language_of_spec(spec: dict[str, Any]) -> str:
    named = f"{spec.get('name', '')} {spec.get('language', '')}".lower()
    return "pwsh" if "powershell" in named or "pwsh" in named else str(spec.get("language") or "csharp").lower()


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _parts_of_cell(cell: dict[str, Any], languages: Languages) -> list[Part]:
    text = _source(cell)
    if cell.get("cell_type") != "code":
        return [Part("markdown" if cell.get("cell_type") == "markdown" else "raw", text)]
    language = _section(cell, "metadata", "polyglot_notebook").get("kernelName")
    language = language or _section(cell, "metadata", "dotnet_interactive").get("language") or languages.usual
    parts = [part for part in _split(text, str(language).lower(), languages) if part.text]
    if len(parts) == 1:
        parts[0].fields = {name: cell[name] for name in ("outputs", "execution_count") if name in cell}
    return parts


# -- from parts to a notebook


def _converted(parts: list[Part], languages: Languages) -> Converted:
    others: list[str] = []
    cells = [_cell(number, part, others) for number, part in enumerate(_shared(parts, languages.pythons), 1)]
    language = {"name": "powershell", "file_extension": ".ps1", "mimetype": "application/x-powershell"}
    metadata = {"kernelspec": dict(KERNELSPEC), "language_info": language}
    return Converted({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, others)


def _shared(parts: list[Part], pythons: frozenset[str]) -> Iterator[Part]:
    """With the variables that they take from each other."""
    for part in parts:
        if part.language not in POWERSHELL and part.language != "python":
            yield part
            continue
        found = [(language, text) for language, text in translated(part.text, part.language, pythons) if text.strip()]
        for language, text in found:
            yield Part(language, text.strip("\n"), part.fields if len(found) == 1 else {})


def _cell(number: int, part: Part, others: list[str]) -> dict[str, Any]:
    base = {"id": f"cell-{number}", "metadata": {}}
    if part.language in SHOWN:
        return {**base, "cell_type": "markdown", "source": SHOWN[part.language].format(part.text)}
    if part.language in POWERSHELL or part.language == "python":
        text = part.text if part.language in POWERSHELL else f"%%python\n{part.text}"
        commands = list(dict.fromkeys(mark[0].strip() for mark in _commands(text)))
        if not commands:
            return {**base, "cell_type": "code", "execution_count": None, "outputs": [], "source": text, **part.fields}
        others += [f"cell {number}: {command}, a command of .NET Interactive" for command in commands]
    elif part.language != "raw":
        others.append(f"cell {number}: {LANGUAGES.get(part.language, part.language)} (#!{part.language})")
    return {**base, "cell_type": "raw", "source": part.text}


def _commands(text: str) -> Iterator[re.Match[str]]:
    return (mark for line in text.splitlines() if (mark := _MARK.fullmatch(line.rstrip())) is not None)
