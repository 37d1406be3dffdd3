"""The reference pages, made from the code when the site is built, so that they cannot be out of date: what magics,
commands, settings, Python calls and cmdlets there are is data or docstrings there. ``hooks.py`` puts them into the
site.
"""

from __future__ import annotations

import inspect
import itertools
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from traitlets import TraitType
from traitlets.config import Application, Configurable

import jobmagics
from jobmagics import api, errors, results
from jobmagics.app import JobMagicsApp
from jobmagics.host.__main__ import HostProcess
from jobmagics.host.settings import Limits
from jobmagics.options import MagicSpec, Option, specs
from jobmagics.powershell.commands import names as cmdlet_names
from jobmagics.powershell.runtime.elsewhere import COMMANDS as ELSEWHERE
from jobmagics.settings import FILE_NAME, JobMagics

SETTINGS: tuple[tuple[type[Configurable], str], ...] = (
    (JobMagics, f"{FILE_NAME}.py"), (Limits, "jupyter_jobmagics_host_config.py"),
)  # fmt: skip
VARIABLES = {
    "JOBMAGICS_NOTEBOOK": "Which notebook or script a kernel or process is, where nothing else tells: any name.",
    "JOBMAGICS_DATA_DIR": "Where ledger and certificates are, if not in `jobmagics` in Jupyter's data directory.",
    "JOBMAGICS_HOST_DIR": "Where the session host keeps its files, if not in `jobmagics/host` in Jupyter's"
    " data directory. A directory that is there must be yours alone (mode 0700).",
    "JOBMAGICS_ENGINE_MEMORY_MB": "How much memory a process of the built-in engine may take; half of the machine's"
    " unless set.",
    "JOBMAGICS_CREDENTIAL_<NAME>_USER": "The user name of the credential `<name>`; the name itself unless set.",
    "JOBMAGICS_CREDENTIAL_<NAME>_PASSWORD": "Its password.",
    "JOBMAGICS_CREDENTIAL_<NAME>_CERTIFICATE": "Path of the PEM file to sign in with, for `-Authentication"
    " Certificate -Credential <name>`.",
}
"""Of the environment. A test compares them with the code."""
RESULTS = ("Job", "ChildJob", "PSSession", "Records", "StreamRecord", "ErrorRecord", "Follower")
"""What the calls of the Python API give."""
KINDS = {"Unicode": "text", "Int": "number", "Float": "number"}
"""What a person types for a trait of the command line."""
DOCTEST = re.compile(r"^>>> ", re.MULTILINE)


def pages() -> dict[str, str]:
    """The text of each generated page, by its path in docs/."""
    return {
        "reference/magics.md": "\n".join(magics()),
        "reference/command-line.md": "\n".join(command_line()),
        "reference/settings.md": "\n".join(settings()),
        "reference/python.md": "\n".join(python()),
        "reference/cmdlets.md": "\n".join(cmdlets()),
    }


def plain(text: str) -> str:
    """Text of the code as Markdown that shows it as it is; what stands in backticks stays code."""
    parts = text.replace("``", "`").split("`")
    if len(parts) % 2 == 0:
        parts = [text]
    escaped = [
        re.sub(r"([\\*_<>\[\]|$#])", r"\\\1", part) if place % 2 == 0 else part for place, part in enumerate(parts)
    ]
    return "`".join(escaped)


def fenced(text: str, language: str = "text") -> str:
    return f"```{language}\n{textwrap.dedent(text).strip()}\n```\n"


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    heads = list(heads)
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def code(text: str) -> str:
    """In a cell of a table a | would part it, in code too."""
    return "`" + text.replace("|", "\\|") + "`"


# -- magics -------------------------------------------------------------------


def magics() -> Iterator[str]:
    yield "# Magics\n"
    yield (
        "`%load_ext jobmagics` brings them. Options are PowerShell's: any case, any unambiguous abbreviation,"
        " `-Name value`, `-Name:value` or `--name=value`, lists with commas. `$name` or `{expression}` as a whole value"
        " stands for the Python value. `%get_job?` shows what is here in the notebook, and Tab completes names.\n"
    )
    yield from table(
        ("magic", "PowerShell's", ""),
        ((f"[`{spec.shown}`](#{spec.name})", spec.cmdlet, plain(first_sentence(spec.summary))) for spec in specs.ALL),
    )
    for spec in specs.ALL:
        yield from magic(spec)


def first_sentence(text: str) -> str:
    return re.split(r"(?<=\.) ", " ".join(text.split()), maxsplit=1)[0]


def magic(spec: MagicSpec) -> Iterator[str]:
    yield f"## `{spec.shown}` {{ #{spec.name} }}\n"
    yield plain(" ".join(spec.summary.split())) + "\n"
    yield fenced(spec.example)
    if spec.positional:
        named = " or ".join(f"`-{name}`" for name in spec.positional)
        yield f"A value without a name is that of {named}.\n"
    for group in spec.conflicts:
        listed = ", ".join(f"`-{name}`" for name in group)
        yield f"At most one of {listed}.\n"
    if spec.options:
        yield from table(("option", "", "aliases"), map(option_row, spec.options))
    else:
        yield "No options.\n"


def option_row(option: Option) -> tuple[str, str, str]:
    return code(option.usage()), plain(option.help), " ".join(f"`-{alias}`" for alias in option.aliases)


# -- the command line ---------------------------------------------------------


def commands(app: type[Application] = JobMagicsApp, words: str = "jupyter jobmagics") -> Iterator[tuple[str, Any]]:
    """Every command with its class, groups too."""
    yield words, app
    for word, (inner, _text) in _own(app, "subcommands").items():
        yield from commands(inner, f"{words} {word}")


def command_line() -> Iterator[str]:
    yield "# Command line\n"
    for words, app in commands():
        yield f"## `{words}`\n"
        told = app.class_traits()["description"].default_value
        yield from docstring(told if told == app.__doc__ else f"\n{told}")  # a docstring's lines are all indented
        if inner := _own(app, "subcommands"):
            yield from table(
                ("command", ""), ((f"`{words} {word}`", plain(text)) for word, (_app, text) in inner.items())
            )
        rows = list(switches(app))
        if rows:
            yield from table(("option", ""), rows)
    yield "## `python -m jobmagics.host`\n"
    yield "The session host by hand, in a terminal; the first job starts it unasked.\n"
    yield from table(("option", ""), switches(HostProcess))
    yield "## `python -m jobmagics.powershell -s`\n"
    yield "The built-in engine on standard input and output, as `pwsh -s`: see [the engine](../engine.md).\n"


def switches(app: type[Application]) -> Iterator[tuple[str, str]]:
    """Those of the command itself, without what every Jupyter program has."""
    inherited = Application.__mro__
    common = {name for base in app.__mro__[1:] for name in (*_own(base, "flags"), *_own(base, "aliases"))}
    known = {each.__name__: each for each in (app, *app.classes)}
    for name, (_config, text) in _own(app, "flags").items():
        if name not in common or app in inherited:
            yield f"`--{name}`", plain(text)
    for name, target in _own(app, "aliases").items():
        if name not in common:
            owner, _, trait = target.partition(".")
            found = known[owner].class_traits()[trait]
            yield code(f"--{name}={_kind(found)}"), plain(found.help)


def _own(cls: type, name: str) -> dict[str, Any]:
    found = cls.__dict__.get(name, {})
    return found if isinstance(found, dict) else {}


def _kind(trait: TraitType[Any, Any]) -> str:
    values = getattr(trait, "values", None)
    return f"<{'|'.join(map(str, values))}>" if values else f"<{KINDS[trait.__class__.__name__]}>"


# -- settings -----------------------------------------------------------------


def settings() -> Iterator[str]:
    yield "# Settings\n"
    yield (
        "In files in one of Jupyter's configuration directories (`jupyter --paths` names them). A wrong value is an"
        " error that names the setting.\n"
    )
    for cls, file in SETTINGS:
        yield f"## `{file}`\n"
        name, trait = next(iter(own_traits(cls).items()))
        yield fenced(f"c.{cls.__name__}.{name} = {trait.default_value!r}", "text")
        yield from table(
            ("setting", "default", ""),
            (
                (f"`c.{cls.__name__}.{name}`", code(repr(trait.default_value)), plain(trait.help))
                for name, trait in own_traits(cls).items()
            ),
        )
    yield "## Engines\n"
    yield "More of them go into `engines.json`: see [the session host](../session-host.md).\n"
    yield "## Environment\n"
    yield from table(("variable", ""), ((code(name), plain(text)) for name, text in VARIABLES.items()))


def own_traits(cls: type[Configurable]) -> dict[str, TraitType[Any, Any]]:
    return {name: trait for name, trait in cls.class_traits(config=True).items() if trait.this_class is cls}


# -- Python -------------------------------------------------------------------


def python() -> Iterator[str]:
    yield "# Python\n"
    yield from docstring(api.__doc__)
    yield "## Calls\n"
    for name in jobmagics.__all__:
        yield from described(f"jobmagics.{name}", getattr(jobmagics, name))
    yield "## What they give\n"
    for name in RESULTS:
        cls = getattr(results, name)
        yield from described(name, cls)
        rows = list(members(cls))
        if rows:
            yield from table(("member", ""), rows)
    yield "## Errors\n"
    yield from docstring(errors.__doc__)


def described(name: str, found: Any) -> Iterator[str]:
    yield f"### `{name}` {{ #{name.rpartition('.')[2]} }}\n"
    if not inspect.isclass(found):
        yield fenced(name + _signature(found), "text")
    yield from docstring(found.__doc__)


def members(cls: type) -> Iterator[tuple[str, str]]:
    """Public properties and methods, those of our own base classes too."""
    for name in dict.fromkeys(
        name for base in cls.__mro__ if base.__module__.startswith("jobmagics") for name in vars(base)
    ):
        found = inspect.getattr_static(cls, name)
        if name.startswith(("_", "ps_")) or not (isinstance(found, property) or inspect.isfunction(found)):
            continue
        text = inspect.getdoc(found) or ""
        first = plain(without_roles(" ".join(text.partition("\n\n")[0].partition(">>>")[0].split())))
        yield code(name if isinstance(found, property) else name + _signature(found)), first


def _signature(found: Callable[..., Any]) -> str:
    """Without the types' modules: what a caller writes."""
    signature = inspect.signature(found)
    parameters = [each.replace(annotation=each.empty) for name, each in signature.parameters.items() if name != "self"]
    return str(signature.replace(parameters=parameters, return_annotation=signature.empty))


def docstring(text: str | None) -> Iterator[str]:
    """Paragraphs as they are; what is indented or an example as code."""
    text = inspect.cleandoc(text or "").replace("\n::\n", "\n")
    text = re.sub(r"(?m)^(\S.*)\n(?= {4})", r"\1\n\n", text)
    text = re.sub(r"(?m)^( {4}.*)\n(?=\S)", r"\1\n\n", text)
    for is_code, parts in itertools.groupby(re.split(r"\n\s*\n", text), _is_code):
        if is_code:
            joined = "\n\n".join(part.strip("\n") for part in parts)
            yield fenced(joined, "pycon" if DOCTEST.search(textwrap.dedent(joined)) else "text")
        else:
            yield from (plain(without_roles(part)) + "\n" for part in parts if part)


def without_roles(text: str) -> str:
    return re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text)


def _is_code(part: str) -> bool:
    part = part.lstrip("\n")
    return part.startswith(("    ", ">>> "))


# -- the engine's cmdlets -----------------------------------------------------


def cmdlets() -> Iterator[str]:
    listed = sorted(cmdlet_names())
    yield "# Cmdlets of the built-in engine\n"
    yield (
        f"{len(listed)} cmdlets, each with the parameters that PowerShell 7.6.5 has for it. Where `pwsh` is installed,"
        " it runs instead, with all it has. See [the engine](../engine.md) for the language and its limits.\n"
    )
    by_verb: dict[str, list[str]] = {}
    for name in listed:
        by_verb.setdefault(name.partition("-")[0], []).append(name)
    yield from table(("verb", "cmdlets"), ((verb, ", ".join(map(code, names))) for verb, names in by_verb.items()))
    yield "## Refused by name\n"
    yield "These are PowerShell's and not the engine's; a script that calls one is told so, and that `pwsh` runs it.\n"
    yield ", ".join(code(_cased(name)) for name in sorted(ELSEWHERE)) + "\n"


def _cased(name: str) -> str:
    """As PowerShell's own spelling is lost in the set: each word of verb and noun with a capital."""
    return "-".join(part[:1].upper() + part[1:] for part in name.split("-"))


if __name__ == "__main__":
    for path, text in pages().items():
        place = Path(sys.argv[1] if len(sys.argv) > 1 else os.curdir) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
