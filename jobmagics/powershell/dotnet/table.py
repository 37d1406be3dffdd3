"""How the members of .NET types are declared, found and called.

A family's module declares its types with ``declare`` and one line or decorator a member; the module is imported when a
member of one of its types is first asked for (values/type_catalog.py says which module has which
type). The first argument of an instance member's function is the value, of a constructor's the type.
"""

from __future__ import annotations

import copy
import importlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from ..records import (
    SMA,
    NetException,
    ScriptError,
    Thrown,
    error,
)
from ..values.types import NetType, net_type
from ..values.value import NOTHING
from .signatures import (
    PLAIN_CLASSES,
    Overload,
    argument_null,
    choose,
    convert_arguments,
    index_out_of_range,
    net_error,
    out_of_range,
)

F = TypeVar("F", bound=Callable[..., Any])
EXACT_REMEMBERED = 256  # argument type combinations a method keeps


class PropertyEntry:
    """A declared property: ``text`` is "int Length"."""

    __slots__ = ("get", "name", "put", "type_name")

    def __init__(self, text: str, get: Callable[..., Any], put: Callable[..., Any] | None) -> None:
        self.type_name, _, self.name = text.rpartition(" ")
        self.get = get
        self.put = put

    @property
    def definition(self) -> str:
        return f"{self.type_name} {self.name} {{get;{'set;' if self.put else ''}}}"


class MethodEntry:
    """A declared method: its signatures, each with its function."""

    __slots__ = ("name", "pairs")

    def __init__(self, name: str) -> None:
        self.name = name
        self.pairs: list[tuple[str, Callable[..., Any]]] = []


class Members:
    """What one type declares of its own."""

    __slots__ = (
        "constructors",
        "enumerator",
        "methods",
        "name",
        "parameter_names",
        "properties",
        "static_properties",
        "statics",
    )

    def __init__(self, name: str, parameter_names: Sequence[str]) -> None:
        self.name = name
        self.parameter_names = tuple(parameter_names)
        self.methods: dict[str, MethodEntry] = {}
        self.properties: dict[str, PropertyEntry] = {}
        self.statics: dict[str, MethodEntry] = {}
        self.static_properties: dict[str, PropertyEntry] = {}
        self.constructors = MethodEntry("new")

    def method(self, *signatures: str) -> Callable[[F], F]:
        return self._adder(self.methods, signatures)

    def static(self, *signatures: str) -> Callable[[F], F]:
        return self._adder(self.statics, tuple(f"static {text}" for text in signatures))

    @staticmethod
    def _adder(where: dict[str, MethodEntry], signatures: tuple[str, ...]) -> Callable[[F], F]:
        def add(function: F) -> F:
            for text in signatures:
                # `T[] Empty[T]()` is Empty, `bool IConvertible.ToBoolean(...)` is ToBoolean
                name = text.partition("(")[0].rpartition(" ")[2].partition("[")[0].rpartition(".")[2]
                where.setdefault(name.lower(), MethodEntry(name)).pairs.append((text, function))
            return function

        return add

    def constructor(self, *signatures: str) -> Callable[[F], F]:
        def add(function: F) -> F:
            self.constructors.pairs.extend((text, function) for text in signatures)
            return function

        return add

    def property(self, text: str, get: Callable[[Any], Any], put: Callable[[Any, Any], None] | None = None) -> None:
        entry = PropertyEntry(text, get, put)
        self.properties[entry.name.lower()] = entry

    def attributes(self, *texts: str, writable: bool = False) -> None:
        """Properties that are attributes of the Python object, spelled in snake case there."""
        for text in texts:
            attribute = snake(text.rpartition(" ")[2])
            put = _setter(attribute) if writable else None
            self.property(text, _getter(attribute), put)

    def static_property(self, text: str, get: Callable[[], Any], put: Callable[[Any], None] | None = None) -> None:
        entry = PropertyEntry(text, get, put)
        self.static_properties[entry.name.lower()] = entry

    def constant(self, text: str, value: Any) -> None:
        self.static_property(text, lambda: value)


def snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() and at else c.lower() for at, c in enumerate(name))


def _getter(attribute: str) -> Callable[[Any], Any]:
    return lambda value: getattr(value, attribute)


def _setter(attribute: str) -> Callable[[Any, Any], None]:
    def put(value: Any, new: Any) -> None:
        setattr(value, attribute, new)

    return put


_DECLARED: dict[str, Members] = {}
# types whose catalog module describes more than members
_ELSEWHERE = {
    "System.Enum": "enum_members",
    "System.Exception": "exception_members",
    "System.Char": "chars",
    "System.DateTimeOffset": "offsets",
    "System.DateOnly": "offsets",
    "System.TimeOnly": "offsets",
    "System.TimeZoneInfo": "offsets",
    "System.Collections.IEnumerator": "enumerators",
}


def declare(full_name: str, *parameter_names: str) -> Members:
    """Begins a type's table. ``parameter_names``: a generic type's ("T", or "TKey", "TValue")."""
    members = _DECLARED[full_name] = Members(full_name, parameter_names)
    return members


class BoundMethod:
    """A method of one type with its signatures resolved (generic arguments known)."""

    __slots__ = ("exact", "generic", "is_static", "name", "overloads", "shown")

    def __init__(self, entry: MethodEntry, generic: dict[str, NetType], is_static: bool, shown: str = "") -> None:
        self.name = entry.name
        self.generic = generic
        self.shown = shown or entry.name
        self.is_static = is_static
        self.overloads = [Overload(text, function, generic) for text, function in entry.pairs]
        self.exact: dict[tuple[type, ...], Overload] = {}

    def of_types(self, kinds: Sequence[NetType]) -> BoundMethod:
        """``M[int]``: the overloads with so many types of their own; a method that needs none to run stays as it is."""
        fitting = [one for one in self.overloads if len(one.type_parameters) == len(kinds)]
        return self._with([one.of_types(kinds, self.generic) for one in fitting]) if fitting else self

    def _with(self, overloads: list[Overload]) -> BoundMethod:
        found = copy.copy(self)
        found.overloads, found.exact = overloads, {}
        return found

    def _candidates(self, args: Sequence[Any]) -> list[Overload]:
        """The overloads, generic ones with the types that the arguments give them."""
        if not any(one.type_parameters for one in self.overloads):
            return self.overloads
        found = []
        for one in self.overloads:
            kinds = one.inferred(args) if one.accepts(len(args)) else None
            if kinds is not None:
                found.append(one.of_types(kinds, self.generic) if kinds else one)
        return found

    def prepare(self, args: Sequence[Any]) -> tuple[Overload, Sequence[Any]]:
        """The overload to call and its converted arguments."""
        key = tuple(map(type, args))
        known = self.exact.get(key)
        if known is not None:
            return known, args
        overload = choose(self.shown, self._candidates(args), args)
        converted = convert_arguments(self.shown, overload, args)
        if PLAIN_CLASSES.issuperset(key) and len(args) == len(overload.parameters) and not overload.spread:
            unchanged = all(type(a) is type(b) for a, b in zip(args, converted, strict=True))
            if unchanged and len(self.exact) < EXACT_REMEMBERED:
                self.exact[key] = overload
        return overload, converted

    def call(self, value: Any, args: Sequence[Any]) -> Any:
        overload, converted = self.prepare(args)
        try:
            result = overload.function(value, *converted)
        except TROUBLE as problem:
            raise translated(self.shown, overload, converted, len(args), problem) from None
        return NOTHING if overload.void else result

    def call_static(self, args: Sequence[Any]) -> Any:
        overload, converted = self.prepare(args)
        try:
            result = overload.function(*converted)
        except TROUBLE as problem:
            raise translated(self.shown, overload, converted, len(args), problem) from None
        return NOTHING if overload.void else result

    @property
    def definitions(self) -> list[str]:
        return [overload.text for overload in self.overloads]


# what a member raises that PowerShell tells the script
TROUBLE = (Thrown, ScriptError, ArithmeticError, IndexError, OSError, TypeError, AttributeError)
# what both sides know, for members that leave it to Python to find
_AS_IN_NET = {
    OverflowError: ("System.OverflowException", "Arithmetic operation resulted in an overflow."),
    ZeroDivisionError: ("System.DivideByZeroException", "Attempted to divide by zero."),
    IndexError: ("System.IndexOutOfRangeException", "Index was outside the bounds of the array."),
}


def translated(name: str, overload: Overload, converted: Sequence[Any], count: int, problem: Exception) -> Exception:
    """What PowerShell makes of what a member raised; an exception that is not the script's doing stays as it is."""
    if isinstance(problem, Thrown):
        return invocation_error(name, count, problem.exception)
    if isinstance(problem, ScriptError):
        return callback_error(name, count, problem)
    for kind, (net_type_name, message) in _AS_IN_NET.items():
        if isinstance(problem, kind):
            return invocation_error(name, count, NetException(message, net_type=net_type_name))
    if isinstance(problem, OSError):
        from .io_errors import translated as of_system

        return invocation_error(name, count, of_system(problem, str(problem.filename or "")).exception)
    if isinstance(problem, (TypeError, AttributeError)):
        # a member that cannot work without an argument: .NET's say which one
        for parameter, value in zip(overload.parameters, converted, strict=False):
            if value is None:
                return invocation_error(name, count, argument_null(parameter.name).exception)
    return problem


def invocation_error(name: str, count: int, cause: NetException) -> ScriptError:
    """MethodInvocationException, as PowerShell wraps what a .NET method throws."""
    return error(
        f'Exception calling "{name}" with "{count}" argument(s): "{cause.message}"',
        cause.net_type.rpartition(".")[2],
        net_type=SMA + "MethodInvocationException",
        inner=cause,
    )


def callback_error(name: str, count: int, failed: ScriptError) -> ScriptError:
    """An error of a script block that a method called; one that is wrapped already stays as it is."""
    if failed.record.error_id == "MethodArgumentConversionInvalidCastArgument":
        return failed
    return invocation_error(name, count, failed.record.exception)


class TypeTable:
    """All members of a type: its own, then those of what it derives from. Names are looked up folded."""

    def __init__(self, kind: NetType) -> None:
        self.kind = kind
        self.chain = [members for at in kind.lineage() if (members := own_members(at)) is not None]
        self._methods: dict[str, BoundMethod | None] = {}
        self._statics: dict[str, BoundMethod | None] = {}
        self._properties: dict[str, PropertyEntry | None] = {}
        self._static_properties: dict[str, PropertyEntry | None] = {}
        self._constructor: BoundMethod | None = None

    def generic(self, members: Members) -> dict[str, NetType]:
        return dict(zip(members.parameter_names, self.kind.arguments, strict=False))

    def method(self, name: str) -> BoundMethod | None:
        if name not in self._methods:
            self._methods[name] = self._bind("methods", name, False)
        return self._methods[name]

    def static(self, name: str) -> BoundMethod | None:
        if name not in self._statics:
            self._statics[name] = self._bind("statics", name, True)
        return self._statics[name]

    def _bind(self, where: str, name: str, is_static: bool) -> BoundMethod | None:
        for members in self.chain:
            entry: MethodEntry | None = getattr(members, where).get(name)
            if entry is not None:
                return BoundMethod(entry, self.generic(members), is_static)
        return None

    def find_property(self, name: str) -> PropertyEntry | None:
        if name not in self._properties:
            self._properties[name] = next((m.properties[name] for m in self.chain if name in m.properties), None)
        return self._properties[name]

    def static_property(self, name: str) -> PropertyEntry | None:
        if name not in self._static_properties:
            found = next((m.static_properties[name] for m in self.chain if name in m.static_properties), None)
            self._static_properties[name] = found
        return self._static_properties[name]

    @property
    def constructor(self) -> BoundMethod | None:
        if (
            self._constructor is None
            and self.chain
            and self.chain[0].name in (self.kind.definition, "System.Exception")
        ):
            entry = self.chain[0].constructors
            if entry.pairs:
                self._constructor = BoundMethod(entry, self.generic(self.chain[0]), False, self.kind.name)
        return self._constructor

    def all_properties(self) -> dict[str, PropertyEntry]:
        found: dict[str, PropertyEntry] = {}
        for members in self.chain:
            for name, entry in members.properties.items():
                found.setdefault(name, entry)
        return found

    def all_methods(self, where: str = "methods") -> list[MethodEntry]:
        found: dict[str, MethodEntry] = {}
        for members in self.chain:
            for name, entry in getattr(members, where).items():
                found.setdefault(name, entry)
        return list(found.values())


def own_members(kind: NetType) -> Members | None:
    """The declared table of exactly this type, loading its module."""
    name = kind.definition
    found = _DECLARED.get(name)
    if found is None and kind.module and name not in _ELSEWHERE:
        importlib.import_module(f"{__package__}.{kind.module}")
        found = _DECLARED.get(name)
    if found is None and name in _ELSEWHERE:
        importlib.import_module(f"{__package__}.{_ELSEWHERE[name]}")
        found = _DECLARED.get(name)
    return found


def table_of(kind: NetType) -> TypeTable:
    table: TypeTable | None = kind.members
    if table is None:
        table = kind.members = TypeTable(kind)
    return table


class NetObject:
    """The base of .NET objects that are Python classes here: what they are called and have comes from their table."""

    net_type = "System.Object"

    def net_type_of(self) -> NetType:
        return net_type(self.net_type)

    def ps_type_names(self) -> list[str]:
        return [kind.full_name for kind in self.net_type_of().lineage()]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        for entry in table_of(self.net_type_of()).all_properties().values():
            try:
                yield entry.name, entry.get(self)
            except Thrown:
                yield entry.name, None

    def ps_to_string(self) -> str:
        return self.net_type_of().ps_to_string()


__all__ = [
    "BoundMethod",
    "Members",
    "NetObject",
    "PropertyEntry",
    "Thrown",
    "TypeTable",
    "argument_null",
    "declare",
    "index_out_of_range",
    "net_error",
    "out_of_range",
    "table_of",
]
