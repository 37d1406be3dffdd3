"""Comparing text the ways StringComparison and StringComparer name, and comparing values for sorting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..values.casing import upper
from ..values.collation import compare_strings, same_text
from ..values.operators import compare
from ..values.references import Reference
from ..values.types import NetType, net_type, type_of
from ..values.value import to_string
from .table import NetObject, declare, net_error


def _ways(how: Any) -> tuple[bool, bool]:
    """(ordinal, ignore case) of a StringComparison, a bool ignoreCase, or a StringComparison's name."""
    if isinstance(how, bool):
        return False, how
    name = to_string(how)
    return name.startswith("Ordinal"), name.endswith("IgnoreCase")


def equal_text(left: str, right: str, how: Any) -> bool:
    if str(left) == str(right):
        return True
    ordinal, ignore_case = _ways(how)
    if not ordinal:
        return same_text(left, right, ignore_case)
    return ignore_case and upper(left, True) == upper(right, True)


def compare_text(left: str | None, right: str | None, how: Any) -> int:
    if left is None or right is None:
        return (left is not None) - (right is not None)
    ordinal, ignore_case = _ways(how)
    if not ordinal:
        return compare_strings(left, right, ignore_case)
    a, b = (upper(left, True), upper(right, True)) if ignore_case else (left, right)
    for one, other in zip(a, b, strict=False):
        if one != other:
            return ord(one) - ord(other)
    return len(a) - len(b)


def index_in(text: str, wanted: str, start: int, end: int, how: Any) -> int:
    if _ways(how)[1]:
        text, wanted = upper(text, True), upper(wanted, True)
    return text.find(wanted, start, end)


class Comparer(NetObject):
    """A StringComparer, or a comparer of anything."""

    def __init__(self, kind: NetType, how: str) -> None:
        self.kind = kind
        self.how = how

    def net_type_of(self) -> NetType:
        return self.kind

    def compare(self, left: Any, right: Any) -> int:
        if isinstance(left, str) and isinstance(right, str) and self.how:
            return compare_text(left, right, self.how)
        return default_compare(left, right)

    def equal(self, left: Any, right: Any) -> bool:
        if isinstance(left, str) and isinstance(right, str) and self.how:
            return equal_text(left, right, self.how)
        return same_value(left, right)

    def fold(self, key: Any) -> Any:
        """What two keys share exactly when this comparer finds them equal."""
        if isinstance(key, str):
            return upper(key, True) if self.how.endswith("IgnoreCase") else str(key)
        return plain_fold(key)


def plain_fold(key: Any) -> Any:
    """.NET's default equality as something hashable."""
    if type(key) is str:
        return key
    try:
        hash(key)
    except TypeError:
        return (type(key), id(key))
    if hasattr(key, "net_type_of") and not isinstance(key, (int, str)) and not hasattr(key, "ps_equals"):
        return (type(key), id(key)) if getattr(type(key), "__hash__", None) is object.__hash__ else (type(key), key)
    return (type(key), key)


def same_value(left: Any, right: Any) -> bool:
    return bool(plain_fold(left) == plain_fold(right))


def default_compare(left: Any, right: Any) -> int:
    """Comparer.Default: strings by culture with case, everything else by its own order."""
    if isinstance(left, str) and isinstance(right, str):
        return compare_strings(left, right, ignore_case=False)
    if left is None or right is None:
        return (left is not None) - (right is not None)
    if isinstance(left, (int, float, str)) != isinstance(right, (int, float, str)) or isinstance(
        left, str
    ) != isinstance(right, str):
        raise net_error(
            "System.ArgumentException",
            f"Object must be of type {type_of(left).name}.",
        )
    return compare(left, right, ignore_case=False)


def compare_same(value: Any, other: Any, word: str = "") -> int:
    """``value.CompareTo(other)``: only with nothing or the same type. ``word``: what .NET calls the type."""
    if other is None:
        return 1
    other = other.value if isinstance(other, Reference) else other
    if type_of(value) is not type_of(other):
        raise net_error("System.ArgumentException", f"Object must be of type {word or type_of(value).name}.")
    return default_compare(value, other)


def key_of(order: Callable[[Any, Any], int]) -> Callable[[Any], Any]:
    import functools

    return functools.cmp_to_key(order)


STRING_COMPARER = declare("System.StringComparer")
_KIND = net_type("System.StringComparer")


def _declare_comparer(name: str) -> None:
    one = Comparer(_KIND, name)
    STRING_COMPARER.constant(f"System.StringComparer {name}", one)


for _name in (
    "Ordinal",
    "OrdinalIgnoreCase",
    "CurrentCulture",
    "CurrentCultureIgnoreCase",
    "InvariantCulture",
    "InvariantCultureIgnoreCase",
):
    _declare_comparer(_name)

STRING_COMPARER.static("System.StringComparer Create(cultureinfo culture, bool ignoreCase)")(
    lambda culture, ignore_case: Comparer(_KIND, "CurrentCultureIgnoreCase" if ignore_case else "CurrentCulture")
)
STRING_COMPARER.method("int Compare(string x, string y)", "int Compare(System.Object x, System.Object y)")(
    Comparer.compare
)
STRING_COMPARER.method("bool Equals(string x, string y)", "bool Equals(System.Object x, System.Object y)")(
    Comparer.equal
)
STRING_COMPARER.method("int GetHashCode(string obj)")(lambda self, text: hash(self.fold(text)) & 0x7FFFFFFF)

COMPARER = declare("System.Collections.Generic.Comparer`1", "T")
COMPARER.static_property(
    "System.Collections.Generic.Comparer[T] Default",
    lambda: Comparer(net_type("System.Collections.Generic.Comparer`1"), ""),
)
COMPARER.method("int Compare(T x, T y)")(Comparer.compare)
