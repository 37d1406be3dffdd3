"""Variables and the scopes that hold them.

PowerShell's scoping is dynamic: a scope's parent is its caller's. A scope is a dictionary from the lower-case name to a
``Variable``; the compiler reads and writes plain variables through that dictionary without any call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..records import SMA, error


class Variable:
    """One variable: what $x is. ``check`` converts and validates what is assigned (typed variables), None for plain
    ones."""

    # what few variables have stays on the class: every call of a function makes variables
    options = "None"
    description = ""
    module = ""
    attributes: tuple[Any, ...] = ()

    def __init__(self, name: str, value: Any = None, options: str = "", description: str = "") -> None:
        self.name = name
        self.value = value
        self.check: Callable[[Any], Any] | None = None
        if description:
            self.description = description
        if options:
            self.options = options
            self.guard()

    @property
    def is_constant(self) -> bool:
        return "Constant" in self.options

    @property
    def is_read_only(self) -> bool:
        return "ReadOnly" in self.options

    @property
    def is_private(self) -> bool:
        return "Private" in self.options

    def guard(self) -> None:
        """Makes assignment ask ``check``, which refuses for read-only variables."""
        if self.is_constant or self.is_read_only:
            self.check = self._refuse

    def _refuse(self, value: Any) -> Any:
        raise not_writeable(self.name)

    def set(self, value: Any) -> None:
        self.value = value if self.check is None else self.check(value)

    def ps_type_names(self) -> list[str]:
        return [SMA + "PSVariable", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        from ..dotnet.enums import enum_value, parse
        from ..values.types import net_type

        yield "Name", self.name
        yield "Description", self.description
        yield "Value", self.value
        yield "Visibility", enum_value(SMA + "SessionStateEntryVisibility", "Public")
        yield "Module", None
        yield "ModuleName", self.module
        yield "Options", parse(net_type(SMA + "ScopedItemOptions"), self.options)
        yield "Attributes", list(self.attributes)

    def ps_set(self, name: str, value: Any) -> None:
        if name.lower() == "value":
            self.set(value)
        elif name.lower() == "options":
            self.options = str(value)
            self.guard()
        elif name.lower() == "description":
            self.description = str(value)

    def ps_to_string(self) -> str:
        return SMA + "PSVariable"


def not_writeable(name: str, constant: bool = True) -> Exception:
    return error(
        f"Cannot overwrite variable {name} because it is read-only or constant.",
        "VariableNotWritable",
        "WriteError",
        target=name,
        net_type=SMA + "SessionStateUnauthorizedAccessException",
    )


class Scope:
    """One level of variables, and of functions and aliases where some were defined at this level."""

    __slots__ = ("alias_names", "aliases", "functions", "is_script", "parent", "script", "strict", "vars")

    def __init__(self, parent: Scope | None = None, is_script: bool = False) -> None:
        self.vars: dict[str, Variable] = {}
        self.parent = parent
        self.functions: dict[str, Any] | None = None
        self.aliases: dict[str, Any] | None = None
        # every name that was an alias at some level, shared by all of them: most calls are of no such name
        self.alias_names: set[str] = parent.alias_names if parent is not None else set()
        self.is_script = is_script
        self.script: Scope = self if is_script or parent is None else parent.script
        self.strict: float = parent.strict if parent is not None else 0

    def chain(self) -> Iterator[Scope]:
        at: Scope | None = self
        while at is not None:
            yield at
            at = at.parent

    def root(self) -> Scope:
        at = self
        while at.parent is not None:
            at = at.parent
        return at

    def find(self, key: str) -> Variable | None:
        """The variable as seen from here; ``key`` is the lower-case name."""
        at: Scope | None = self
        while at is not None:
            found = at.vars.get(key)
            if found is not None and (at is self or not found.is_private):
                return found
            at = at.parent
        return None

    def set(self, key: str, name: str, value: Any) -> Variable:
        """Assigns in this scope, making the variable if it is not there."""
        found = self.vars.get(key)
        if found is None:
            above = self.parent.find(key) if self.parent is not None else None
            if above is not None and ("AllScope" in above.options or above.is_constant):
                above.set(value)
                return above
            found = self.vars[key] = Variable(name, value)
        else:
            found.set(value)
        return found

    def named(self, modifier: str) -> Scope | None:
        """``global``, ``script``, ``local``, ``private`` or a number of levels up."""
        folded = modifier.lower()
        if folded in ("local", "private"):
            return self
        if folded == "script":
            return self.script
        if folded == "global":
            return self.root()
        if folded.isdigit():
            at: Scope | None = self
            for _ in range(int(folded)):
                at = at.parent if at is not None else None
            return at
        return None

    # -- functions and aliases
    def find_function(self, key: str) -> Any:
        at: Scope | None = self
        while at is not None:
            if at.functions is not None:
                found = at.functions.get(key)
                if found is not None:
                    return found
            at = at.parent
        return None

    def set_function(self, key: str, info: Any) -> None:
        if self.functions is None:
            self.functions = {}
        self.functions[key] = info

    def find_alias(self, key: str) -> Any:
        at: Scope | None = self
        while at is not None:
            if at.aliases is not None:
                found = at.aliases.get(key)
                if found is not None:
                    return found
            at = at.parent
        return None

    def set_alias(self, key: str, info: Any) -> None:
        if self.aliases is None:
            self.aliases = {}
        self.aliases[key] = info
        self.alias_names.add(key)
