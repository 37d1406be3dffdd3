"""The rooms and who may enter: reads every import of the package and checks it against the table of docs/design.md."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "jobmagics"

BASE = {"errors", "psobject"}
WIRE = BASE | {"clixml", "formatting"}
CLIENT = WIRE | {"jobs", "remote", "store", "credentials"}

# room -> the rooms it may import from (itself always)
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "locks": set(),
    "settings": {"errors"},
    "buckets": set(),
    "psobject": {"errors", "buckets"},
    "places": set(),
    "clixml": BASE,
    "formatting": BASE | {"clixml"},
    "jobs": BASE,
    "remote": WIRE | {"jobs", "credentials"},
    "credentials": BASE | {"places"},
    "store": WIRE | {"jobs", "remote", "locks", "places"},
    "psrp": WIRE | {"jobs", "remote", "credentials", "host"},
    "copying": CLIENT,
    "results": CLIENT | {"copying"},
    "sessions": CLIENT | {"results", "copying"},
    "notebook": BASE,
    "options": BASE,
    "display": CLIENT | {"sessions", "results", "console"},
    "console": CLIENT | {"sessions", "results", "copying"},
    "current": CLIENT | {"notebook", "sessions", "settings", "psrp"},
    "api": CLIENT | {"current", "results", "sessions"},
    "magics": CLIENT
    | {"copying", "current", "sessions", "results", "options", "notebook", "display", "console", "doctor"},
    "doctor": CLIENT | {"copying", "sessions", "results", "psrp", "host", "notebook", "options"},
    "kernel": CLIENT
    | {"current", "sessions", "results", "console", "psrp", "notebook", "magics", "options", "display", "powershell"},
    "command": BASE | {""},
    "ledger_app": CLIENT | {"results", "host", "command", "settings"},
    "app": CLIENT
    | {"command", "ledger_app", "sessions", "results", "psrp", "host", "notebook", "demo", "doctor", "kernel"}
    | {"options"},
    "demo": CLIENT | {"sessions", "results", "host"},
    "host": WIRE | {"locks"},
    "powershell": WIRE,
    "": {"api", "magics"},
}

# The engine's rooms: whom each may import while it is loaded. What functions import when they run is not in it.
ENGINE_GROUND = {"records", "memory", "values"}
ENGINE_MAY_LOAD: dict[str, set[str]] = {
    "records": set(),
    "memory": {"records"},
    "parser": {"values"},  # of which text in UTF-16 units
    "values": {"records", "memory"},
    "dotnet": ENGINE_GROUND | {"parser", "members", "runtime", "commands", "completion"},
    "members": ENGINE_GROUND | {"dotnet"},
    "binding": ENGINE_GROUND | {"runtime", "commands"},
    "runtime": ENGINE_GROUND | {"parser", "members", "binding", "session"},
    "classes": ENGINE_GROUND | {"dotnet", "runtime"},
    "compiler": ENGINE_GROUND | {"parser", "members", "binding", "runtime", "classes"},
    "session": ENGINE_GROUND | {"dotnet", "members", "binding", "runtime"},
    "completion": ENGINE_GROUND | {"parser", "dotnet", "members", "binding", "runtime", "session", "commands"},
    "server": ENGINE_GROUND | {"parser", "binding", "runtime"},
    "jobs": ENGINE_GROUND | {"parser", "dotnet", "runtime", "remoting"},
    "remoting": ENGINE_GROUND | {"dotnet", "members", "runtime", "jobs", "server"},
    "commands": ENGINE_GROUND
    | {"parser", "dotnet", "members", "binding", "runtime", "compiler", "session", "jobs", "remoting"},
    "__main__": {"server"},
}

ONLY_IMPORTERS = {
    "pypsrp": {"psrp"},
    "sqlite3": {"store"},
    "psrpcore": {"powershell", "host"},
    "anywidget": {"display"},
}


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return "" if parts == ("__init__",) else parts[0]


def imports_of(path: Path) -> set[str]:
    """Absolute names of all modules a file imports, wherever in the file."""
    names = set()
    inside = ("jobmagics", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = list(inside[: len(inside) - node.level + 1]) if node.level else []
            base += node.module.split(".") if node.module else []
            names |= {".".join([*base, alias.name]) for alias in node.names}
    return names


FILES = sorted(PACKAGE.rglob("*.py"))
KERNEL_FILES = [path for path in FILES if room_of(path) == "kernel"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_enters_only_the_rooms_its_own_room_may_enter(path: Path) -> None:
    room = room_of(path)
    assert room in MAY_IMPORT, f"a new room {room!r}: say in docs/design.md and here whom it may enter"
    rooms = {path.stem if path.is_file() else path.name for path in PACKAGE.iterdir()}
    entered = set()
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] == "jobmagics" and len(parts) > 1 and parts[1] in rooms:
            entered.add(parts[1])
        for library, importers in ONLY_IMPORTERS.items():
            assert parts[0] != library or room in importers, f"{library} is imported only by {importers}"
    forbidden = entered - MAY_IMPORT[room] - {room}
    assert not forbidden, f"{room} must not enter {sorted(forbidden)}"


def loaded_by(path: Path) -> set[str]:
    """Absolute names of what a file imports while it is loaded: not in functions, not for types alone."""
    names: set[str] = set()
    inside = ("jobmagics", *path.relative_to(PACKAGE).parent.parts)

    def visit(node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            is_late = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_late or (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
                continue
            if isinstance(child, ast.ImportFrom):
                base = list(inside[: len(inside) - child.level + 1]) if child.level else []
                base += child.module.split(".") if child.module else []
                names.update(".".join([*base, alias.name]) for alias in child.names)
            visit(child)

    visit(ast.parse(path.read_text(encoding="utf-8")))
    return names


@pytest.mark.parametrize("path", sorted((PACKAGE / "powershell").rglob("*.py")), ids=lambda p: str(p.name))
def test_the_engines_rooms_load_only_those_they_may(path: Path) -> None:
    room = path.relative_to(PACKAGE / "powershell").with_suffix("").parts[0]
    if room == "__init__":
        return
    loaded = {name.split(".")[2] for name in loaded_by(path) if name.startswith("jobmagics.powershell.")}
    forbidden = loaded - ENGINE_MAY_LOAD[room] - {room}
    assert not forbidden, (
        f"{room} must not load {sorted(forbidden)}: import it where it is used, or move what is shared"
    )


@pytest.mark.parametrize("path", KERNEL_FILES, ids=lambda p: p.name)
def test_of_the_engine_the_kernel_enters_only_the_parser(path: Path) -> None:
    """Whether a cell is complete is asked at each Enter, faster than a session answers; all else the session says,
    or the kernel would speak for an engine that may be pwsh.
    """
    entered = {name for name in imports_of(path) if name.startswith("jobmagics.powershell")}
    assert all(name.startswith("jobmagics.powershell.parser.") for name in entered), entered


def test_rooms_named_here_exist() -> None:
    rooms = {room_of(path) for path in FILES}
    missing = set(MAY_IMPORT) - rooms
    assert not missing, f"the table names rooms that are not there: {sorted(missing)}"


def test_importing_the_package_is_light() -> None:
    """``import jobmagics`` alone pulls in none of the heavy libraries."""
    import subprocess
    import sys

    heavy = ("pypsrp", "psrpcore", "ipykernel", "anywidget", "pandas", "tornado")
    code = f"import sys, jobmagics; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
