"""The variables of PowerShell cells, as Python has them: ``ps.name`` is ``$name``.

Each reading asks the session, and each setting tells it: there is one variable, not two that drift apart. Values go
over as CLIXML, as between PowerShell sessions; jobs and sessions by their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import Any

from jobmagics import clixml
from jobmagics.errors import UsageError
from jobmagics.psobject import PSObject
from jobmagics.results import ChildJob, Job, PSSession, Records
from jobmagics.results.values import held
from jobmagics.sessions.arguments import portable

Ask = Callable[[str, tuple[Any, ...]], list[Any]]
DEPTH = 4
"""So deep go the properties of an object; what lies deeper is text, as in PowerShell's own serialization."""

GET = """& { param($name, $depth)
    $found = Get-Variable -Scope Global -Name $name -ErrorAction Ignore
    if (-not $found) { 'none' }
    elseif ($found.Value -is [securestring] -or $found.Value -is [pscredential]) { 'secret' }
    else { 'value'; [System.Management.Automation.PSSerializer]::Serialize($found.Value, $depth) }
} @args"""
SET = """Set-Variable -Scope Global -Name $args[0] -Value $(
    if ($args[1] -is [System.Collections.ArrayList]) { , $args[1].ToArray() } else { $args[1] })"""
SET_JOBS = "Set-Variable -Scope Global -Name $args[0] -Value (Get-Job -InstanceId $args[1])"
SET_SESSIONS = "Set-Variable -Scope Global -Name $args[0] -Value (Get-PSSession -InstanceId $args[1])"
REMOVE = "Remove-Variable -Scope Global -Name $args[0]"
NAMES = "Get-Variable -Scope Global | ForEach-Object Name"


class Variables(MutableMapping[str, Any]):
    """``ask`` runs a script in the session and gives what came; ``known`` gives the job or session that an object of
    PowerShell's stands for.
    """

    __slots__ = ("_ask", "_known")

    def __init__(self, ask: Ask, known: Callable[[Any], Any]) -> None:
        object.__setattr__(self, "_ask", ask)
        object.__setattr__(self, "_known", known)

    def __getitem__(self, name: str) -> Any:
        if not _is_name(name):
            raise KeyError(name)
        told = self._ask(GET, (name, DEPTH))
        if told[:1] == ["secret"]:
            raise UsageError(f"${name} is a secret, which does not leave PowerShell's session.")
        if told[:1] != ["value"]:
            raise KeyError(name)
        (value,) = clixml.decode_objs(str(told[1]), deserialized=False)
        return self._local(value)

    def _local(self, value: Any) -> Any:
        plain = value._base if isinstance(value, PSObject) and isinstance(value._base, list) else value
        if isinstance(plain, list):
            return [held(self._known(each)) for each in plain]
        return held(self._known(value))

    def __setitem__(self, name: str, value: Any) -> None:
        if not _is_name(name):
            raise UsageError(f"{name!r} is no name for a variable of PowerShell.")
        if isinstance(value, Records):  # what a job gave
            value = list(value)
        items = value if isinstance(value, list | tuple) else [value]
        for kinds, script in (((Job, ChildJob), SET_JOBS), ((PSSession,), SET_SESSIONS)):
            if items and all(isinstance(each, kinds) for each in items):
                self._ask(script, (name, [each.instance_id for each in items]))
                return
        if hasattr(value, "to_dict") and hasattr(value, "columns"):  # a pandas frame: its rows are objects
            value = [PSObject(row) for row in value.to_dict("records")]
        self._ask(SET, (name, portable(value, f"ps.{name}")))

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        self._ask(REMOVE, (name,))

    def __iter__(self) -> Iterator[str]:
        return iter([str(name) for name in self._ask(NAMES, ())])

    def __len__(self) -> int:
        return sum(1 for _ in self)

    # -- what a person uses

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # IPython asks every object for a dozen of these
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"There is no variable ${name} in the session of the PowerShell cells.") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(f"There is no variable ${name} in the session of the PowerShell cells.") from None

    def __dir__(self) -> Iterable[str]:
        return [name for name in self if name.isidentifier()]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        return "The variables of the PowerShell cells: ps.name is $name."


def _is_name(name: object) -> bool:
    """Nothing that would be a pattern, or a variable of another place (``env:PATH``)."""
    return isinstance(name, str) and bool(name) and not set(name) & set("*?[]`:")
