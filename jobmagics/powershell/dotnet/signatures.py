"""Which overload a call means: signatures, and the choice among them as PowerShell makes it.

A signature is written as PowerShell shows it (``string Substring(int startIndex, int length)``); it is both what the
binder reads and what ``$s.Substring`` prints. Signatures are parsed when their method is first called.
"""

from __future__ import annotations

import decimal
import functools
from collections.abc import Callable, Sequence
from typing import Any

from ...psobject import (
    BigInteger,
    Byte,
    Char,
    Hashtable,
    Int16,
    Int64,
    PSList,
    PSObject,
    SByte,
    Single,
    UInt16,
    UInt32,
    UInt64,
)
from ..records import (
    SMA,
    NetException,
    ScriptError,
    Thrown,
    error,
)
from ..values.conversions import convert
from ..values.references import Reference
from ..values.types import OBJECT, NetType, array_type, net_type, resolve_type, type_of
from ..values.value import NOTHING, enumerate_value, is_enumerable, to_string

IMPOSSIBLE = 1000
WIDEST = 10  # the distance of System.Object; what is nearer needs no conversion either
PLAIN_CLASSES = frozenset(
    {
        str,
        int,
        float,
        bool,
        Char,
        Int64,
        decimal.Decimal,
        Byte,
        SByte,
        Int16,
        UInt16,
        UInt32,
        UInt64,
        Single,
        BigInteger,
    }
)
_SIZES = {
    "System.SByte": 1,
    "System.Byte": 1,
    "System.Int16": 2,
    "System.UInt16": 2,
    "System.Char": 2,
    "System.Int32": 3,
    "System.UInt32": 3,
    "System.Int64": 4,
    "System.UInt64": 4,
    "System.Numerics.BigInteger": 5,
    "System.Single": 6,
    "System.Double": 7,
    "System.Decimal": 8,
}


def net_error(net_type_name: str, message: str, *, param: str = "", inner: NetException | None = None) -> Thrown:
    """``raise net_error("System.ArgumentException", "Bad.", param="count")``."""
    extra = None
    if param:
        message = f"{message} (Parameter '{param}')"
        extra = {"ParamName": param}
    return Thrown(NetException(message, inner, net_type=net_type_name, extra=extra))


def argument_null(param: str) -> Thrown:
    return net_error("System.ArgumentNullException", "Value cannot be null.", param=param)


def out_of_range(param: str, message: str = "Specified argument was out of the range of valid values.") -> Thrown:
    return net_error("System.ArgumentOutOfRangeException", message, param=param)


def index_out_of_range() -> Thrown:
    return out_of_range(
        "index", "Index was out of range. Must be non-negative and less than the size of the collection."
    )


def search_end(size: int, start: int, count: int | None, param: str) -> int:
    """Where a search from ``start`` ends. Raises what .NET does for places outside; ``param``: its name for start."""
    if not 0 <= start <= size:
        words = "Index was out of range. Must be non-negative and less than or equal to the size of the collection."
        raise out_of_range(param, words)
    if count is not None and not 0 <= count <= size - start:
        words = "Count must be positive and count must refer to a location within the string/array/collection."
        raise out_of_range("count", words)
    return size if count is None else start + count


class Parameter:
    __slots__ = ("by_ref", "kind", "name", "spread")

    def __init__(self, kind: NetType, name: str, spread: bool, by_ref: bool) -> None:
        self.kind = kind
        self.name = name
        self.spread = spread
        self.by_ref = by_ref


class Overload:
    """One signature and the function behind it. ``T M[T](T value)`` is generic: its function takes the types first."""

    __slots__ = ("function", "parameters", "required", "spread", "text", "type_parameters", "void")

    def __init__(self, text: str, function: Callable[..., Any], generic: dict[str, NetType]) -> None:
        self.text = text
        self.function = function
        head, _, rest = text.partition("(")
        self.type_parameters = split_parameters(head.rpartition(" ")[2].partition("[")[2].rstrip("]"))
        self.parameters = [_parameter(part, generic) for part in split_parameters(rest.rpartition(")")[0])]
        self.void = head.startswith(("void ", "static void "))
        self.spread = bool(self.parameters) and self.parameters[-1].spread
        self.required = len(self.parameters) - (1 if self.spread else 0)

    def of_types(self, kinds: Sequence[NetType], generic: dict[str, NetType]) -> Overload:
        """A generic method with its types given."""
        function = functools.partial(self.function, *kinds)
        given = dict(zip(self.type_parameters, kinds, strict=True))
        found = Overload(self.text, function, {**generic, **given})
        found.type_parameters = []
        return found

    def inferred(self, args: Sequence[Any]) -> list[NetType] | None:
        """The types that the arguments of a generic method give it; None where they do not say."""
        texts = [
            part.rpartition(" ")[0].rpartition(" ")[2] for part in split_parameters(self.text[:-1].partition("(")[2])
        ]
        found = {
            text: type_of(value.value if isinstance(value, Reference) else value)
            for text, value in zip(texts, args, strict=False)
            if text in self.type_parameters
        }
        return [found[one] for one in self.type_parameters] if len(found) == len(self.type_parameters) else None

    def accepts(self, count: int) -> bool:
        return count == len(self.parameters) or (self.spread and count >= self.required)


def split_parameters(text: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for at, char in enumerate(text):
        if char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    last = text[start:].strip()
    return [*parts, last] if last else parts


def _parameter(text: str, generic: dict[str, NetType]) -> Parameter:
    kind_text, _, name = text.rpartition(" ")
    spread = kind_text.startswith("Params ")
    by_ref = kind_text.startswith(("[ref] ", "out "))
    if spread or by_ref:
        kind_text = kind_text.partition(" ")[2]
    return Parameter(signature_type(kind_text, generic), name, spread, by_ref)


def signature_type(text: str, generic: dict[str, NetType]) -> NetType:
    known = generic.get(text)
    if known is not None:
        return known
    if text.endswith("[]"):
        return array_type(signature_type(text[:-2], generic))
    if text in ("T", "TKey", "TValue", "TResult"):
        return OBJECT
    outer, mark, inner = text.partition("[")
    if mark:
        arguments = split_parameters(inner[:-1])
        resolved = resolve_type(f"{outer}[{','.join(signature_type(part, generic).full_name for part in arguments)}]")
        return resolved or net_type(outer)
    return resolve_type(text) or net_type(text)


# -- the choice


def distance(value: Any, kind: NetType) -> int:
    """How far a value is from a parameter's type: 0 is the same type, IMPOSSIBLE or more cannot be."""
    if isinstance(value, PSObject) and value._base is not None and kind.full_name != SMA + "PSObject":
        value = value._base
    if value is None or value is NOTHING:
        return 60 if kind.is_value_type else (10 if kind is OBJECT else 12)  # the most general type takes $null
    actual = type_of(value)
    if actual is kind:
        return 0
    if kind is OBJECT:
        return WIDEST
    if kind.is_assignable_from(actual):
        return min(2 + (actual.lineage().index(kind) if kind in actual.lineage() else 7), WIDEST - 1)
    return _converted_distance(value, actual, kind)


def _converted_distance(value: Any, actual: NetType, kind: NetType) -> int:
    name = kind.full_name
    if name == "System.String":
        return 41 if actual.full_name == "System.Char" else 56
    if name in _SIZES or name == "System.Boolean":
        return _number_distance(value, actual.full_name, name)
    if kind.element is not None:
        return _array_distance(value, actual, kind.element)
    if kind.is_enum:
        return 56 if isinstance(value, (str, int)) else IMPOSSIBLE  # worse than a number that a text may be
    if kind.derives_from("System.Delegate"):
        return 25 if actual.full_name == SMA + "ScriptBlock" or callable(value) else IMPOSSIBLE
    if is_collection_interface(kind):
        return _collection_distance(value, kind)
    if is_comparer(kind):
        return 21 if may_compare(value) else IMPOSSIBLE
    if kind.namespace == "System" and kind.name[:1] == "I" and kind.name[1:2].isupper():
        return IMPOSSIBLE
    return 65


def _number_distance(value: Any, source: str, target: str) -> int:
    if target == "System.Boolean":
        return 57
    if isinstance(value, str) and source != "System.Char":
        if target == "System.Char":
            return 50 if len(value) == 1 else 62
        return 55
    if source not in _SIZES:
        return 48 if isinstance(value, (bool, int)) else IMPOSSIBLE if hasattr(value, "ps_items") else 66
    step = _SIZES[target] - _SIZES[source]
    if target == "System.Char":
        return 46
    if target == "System.Decimal" and source in ("System.Double", "System.Single"):
        return 47
    if step > 0 and not (target[7] == "U" and source[7] != "U"):
        return WIDEST + step
    return 40 - step if step < 0 else 39


def _array_distance(value: Any, actual: NetType, element: NetType) -> int:
    if actual.element is not None or isinstance(value, list):
        if element is OBJECT:
            return WIDEST - 1
        if not isinstance(value, list) or all(type_of(item) is element for item in value):
            return 20
        return 35
    if element.full_name == "System.Char" and isinstance(value, str):
        return 1  # next to the type itself
    return 70


def _collection_distance(value: Any, kind: NetType) -> int:
    if isinstance(value, (list, Hashtable)) or hasattr(type(value), "ps_items"):
        return IMPOSSIBLE if kind.name.startswith("IDictionary") else 22
    if isinstance(value, str) and "IEnumerable" not in kind.name:
        return IMPOSSIBLE
    return 75


def distances(overload: Overload, args: Sequence[Any]) -> list[int]:
    """The distance of each argument from its parameter; the last one of a params array takes all that are left."""
    parameters = overload.parameters
    if overload.spread and not _is_normal_form(overload, args):
        last = parameters[-1].kind.element or OBJECT
        return [
            _one_distance(value, parameters[at] if at < overload.required else None, last)
            for at, value in enumerate(args)
        ]
    return [_one_distance(value, parameter, parameter.kind) for value, parameter in zip(args, parameters, strict=True)]


def is_better(new: list[int], best: list[int]) -> bool:
    """PowerShell's comparison: arguments count the more the earlier they stand, each by which of the two converts it
    better; only if that is even, how specific the types are decides among conversions that lose nothing."""
    count = len(new)
    balance = sum(_sign(_rank(b) - _rank(a)) * (count - at) for at, (a, b) in enumerate(zip(new, best, strict=True)))
    if balance == 0:
        balance = sum(
            _sign(b - a) * (count - at)
            for at, (a, b) in enumerate(zip(new, best, strict=True))
            if max(a, b) < LOSES_INFORMATION
        )
    return balance > 0


LOSES_INFORMATION = 50


def _rank(distance: int) -> int:
    """Distances of one kind of conversion are one rank: base classes and interfaces, then numbers that get wider."""
    return distance if distance >= 20 else 3 if distance > WIDEST else min(distance, 2)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _one_distance(value: Any, parameter: Parameter | None, kind: NetType) -> int:
    if parameter is not None:
        if parameter.by_ref:
            return 0 if isinstance(value, Reference) else IMPOSSIBLE
        kind = parameter.kind
    return distance(value, kind)


def _is_normal_form(overload: Overload, args: Sequence[Any]) -> bool:
    if len(args) != len(overload.parameters):
        return False
    last = args[-1]
    if isinstance(last, PSObject):
        last = last._base
    if type(last) is str and overload.parameters[-1].kind.element is net_type("System.Char"):
        return True  # a text is an array of its characters
    return last is None or isinstance(last, list)


def choose(name: str, overloads: Sequence[Overload], args: Sequence[Any]) -> Overload:
    """The overload that PowerShell would call, or its error."""
    fitting = [overload for overload in overloads if overload.accepts(len(args))]
    if len(fitting) == 1:
        return fitting[0]
    best: Overload | None = None
    least: list[int] = []
    for overload in fitting:
        found = distances(overload, args)
        if max(found, default=0) < IMPOSSIBLE and (best is None or is_better(found, least)):
            best, least = overload, found
    if best is None:
        raise error(
            f'Cannot find an overload for "{name}" and the argument count: "{len(args)}".',
            "MethodCountCouldNotFindBest",
            net_type=SMA + "MethodException",
        )
    return best


def convert_arguments(name: str, overload: Overload, args: Sequence[Any]) -> list[Any]:
    parameters = overload.parameters
    if overload.spread and not _is_normal_form(overload, args):
        kind = parameters[-1].kind
        element = kind.element or OBJECT
        fixed = [_argument(name, parameters[at], args[at]) for at in range(overload.required)]
        rest = [convert_argument(name, parameters[-1].name, value, element) for value in args[overload.required :]]
        return [*fixed, rest]
    return [_argument(name, parameter, value) for parameter, value in zip(parameters, args, strict=True)]


def _argument(name: str, parameter: Parameter, value: Any) -> Any:
    if parameter.by_ref:
        if isinstance(value, Reference):
            return value
        raise error(
            f'Argument: "1" should be a {SMA}PSReference. Use [ref].',
            "NonRefArgumentToRefParameterMsg",
            net_type=SMA + "MethodException",
        )
    return convert_argument(name, parameter.name, value, parameter.kind)


def convert_argument(method: str, parameter: str, value: Any, kind: NetType) -> Any:
    if kind is OBJECT:
        return None if value is NOTHING else value
    if value is None or value is NOTHING:
        if kind.full_name == "System.String":
            return ""  # only [NullString]::Value stays null
        if not kind.is_value_type:
            return None
    elif getattr(value, "ps_null_string", False):
        return None
    if isinstance(value, PSObject) and value._base is not None and kind.is_instance(value._base):
        return value._base
    if is_collection_interface(kind):
        return _collection_argument(method, parameter, value, kind)
    if is_comparer(kind) and may_compare(value):
        return value
    try:
        return convert(value, kind)
    except ScriptError as failed:
        raise argument_error(method, parameter, value, kind, failed) from None


def is_collection_interface(kind: NetType) -> bool:
    name = kind.definition
    return name.startswith("System.Collections.") and name.partition("`")[0].rpartition(".")[2] in _COLLECTIONS


def is_comparer(kind: NetType) -> bool:
    """IComparer, IEqualityComparer and their generic forms: what serves as one shows when it is called."""
    return kind.namespace.startswith("System.Collections") and kind.name.partition("`")[0] in (
        "IComparer",
        "IEqualityComparer",
    )


def may_compare(value: Any) -> bool:
    """A comparer of ours, or an object of a script's class, which may implement one."""
    return hasattr(value, "compare") or hasattr(type(value), "ps_class")


_COLLECTIONS = frozenset(
    {"IEnumerable", "ICollection", "IList", "IDictionary", "IReadOnlyList", "IReadOnlyCollection", "ISet"}
)


def _collection_argument(method: str, parameter: str, value: Any, kind: NetType) -> Any:
    """A collection where only its interface is asked for: passed as it is, its elements of the right type."""
    plain = value._base if isinstance(value, PSObject) and value._base is not None else value
    if isinstance(plain, Hashtable) or (isinstance(plain, str) and kind.name.startswith("IEnumerable")):
        return plain
    if len(kind.arguments) != 1 or kind.arguments[0] is OBJECT:
        return plain if is_enumerable(plain) else [value]
    element = kind.arguments[0]
    if isinstance(plain, PSList) and plain.element == element.full_name:
        return plain
    items = enumerate_value(plain) if is_enumerable(plain) else [plain]
    return [convert_argument(method, parameter, item, element) for item in items]


def argument_error(method: str, parameter: str, value: Any, kind: NetType, failed: ScriptError) -> ScriptError:
    cause = failed.record.exception
    message = (
        f'Cannot convert argument "{parameter}", with value: "{to_string(value)}", for "{method}" to type '
        f'"{kind.ps_to_string()}": "{cause.message}"'
    )
    return error(
        message,
        "MethodArgumentConversionInvalidCastArgument",
        net_type=SMA + "MethodException",
        inner=cause.inner if cause.inner is not None else cause,
    )
