"""What a PowerShell value is in Python, on both ends of the wire.

The engine (``jobmagics.powershell``) computes with these values, ``clixml`` writes and
reads them, ``formatting`` prints them and people hold them in notebooks. Wherever Python
has the type, Python's is used; where PowerShell distinguishes more (Int32 and Int64,
String and Char), the second one is a thin subclass, so a person can treat it as the first.

=====================  ==========================================================
PowerShell             here
=====================  ==========================================================
$null                  None
Boolean                bool
Int32                  int (exactly ``int``)
Int64, Byte, ...       Int64, Byte, SByte, Int16, UInt16, UInt32, UInt64 (int)
BigInteger             BigInteger (int)
Double, Single         float, Single (float)
Decimal                decimal.Decimal
String, Char           str, Char (str)
DateTime, TimeSpan     DateTime (datetime.datetime), TimeSpan (datetime.timedelta)
Guid, byte[]           uuid.UUID, bytes (immutable on the client; the engine has its own array)
Version, Uri           Version, Uri
object[]               list (exactly ``list``)
Hashtable              Hashtable; [ordered] is OrderedDictionary
anything else          PSObject, or an object with the three ``ps_`` methods of PSValue
=====================  ==========================================================

Ticks are 100 ns, counted from 0001-01-01 as in .NET.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any, Protocol, runtime_checkable

from .buckets import in_bucket_order

TICKS_PER_MICROSECOND = 10
TICKS_PER_SECOND = 10_000_000
TICKS_PER_DAY = 864_000_000_000


class Int64(int):
    __slots__ = ()


class UInt64(int):
    __slots__ = ()


class UInt32(int):
    __slots__ = ()


class Int16(int):
    __slots__ = ()


class UInt16(int):
    __slots__ = ()


class Byte(int):
    __slots__ = ()


class SByte(int):
    __slots__ = ()


class BigInteger(int):
    __slots__ = ()


class Single(float):
    __slots__ = ()


class Char(str):
    __slots__ = ()


class Uri(str):
    """An absolute or relative URI, as its original string."""

    __slots__ = ()


class Version(tuple[int, ...]):
    """System.Version: two to four numbers."""

    __slots__ = ()

    def __str__(self) -> str:
        return ".".join(map(str, self))


class XmlDocument(str):
    """An XML document as its text (CLIXML <XD>)."""

    __slots__ = ()


class ScriptBlockText(str):
    """A script block that crossed the wire: its text (CLIXML <SBK>)."""

    __slots__ = ()


class SecureString:
    """A secret string. The text is deliberately kept out of repr."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "SecureString(***)"

    def __str__(self) -> str:
        return "System.Security.SecureString"


class DateTime(datetime.datetime):
    """System.DateTime with its 100 ns resolution and its Kind.

    ``kind`` is "Unspecified" (tzinfo None), "Utc" (tzinfo utc) or "Local" (a fixed offset).
    ``tick`` is the 0-9 hundred nanoseconds that datetime cannot hold.
    """

    tick: int

    def __new__(cls, *args: Any, tick: int = 0, **kwargs: Any) -> DateTime:
        self = super().__new__(cls, *args, **kwargs)
        self.tick = tick
        return self

    @classmethod
    def from_ticks(cls, ticks: int, tzinfo: datetime.tzinfo | None = None) -> DateTime:
        days, rest = divmod(ticks, TICKS_PER_DAY)
        seconds, rest = divmod(rest, TICKS_PER_SECOND)
        micro, tick = divmod(rest, TICKS_PER_MICROSECOND)
        day = datetime.date.fromordinal(days + 1)
        hour, seconds = divmod(seconds, 3600)
        minute, second = divmod(seconds, 60)
        return cls(day.year, day.month, day.day, hour, minute, second, micro, tzinfo, tick=tick)

    @property
    def ticks(self) -> int:
        """100 ns since 0001-01-01 on this value's own clock."""
        seconds = ((self.toordinal() - 1) * 24 + self.hour) * 3600 + self.minute * 60 + self.second
        return seconds * TICKS_PER_SECOND + self.microsecond * TICKS_PER_MICROSECOND + self.tick

    @property
    def kind(self) -> str:
        if self.tzinfo is None:
            return "Unspecified"
        return "Utc" if self.tzinfo is datetime.timezone.utc else "Local"


class TimeSpan(datetime.timedelta):
    """System.TimeSpan: a length of time in ticks."""

    tick: int

    def __new__(cls, ticks: int = 0) -> TimeSpan:
        micro, tick = divmod(ticks, TICKS_PER_MICROSECOND)
        self = super().__new__(cls, microseconds=micro)
        self.tick = tick
        return self

    @property
    def ticks(self) -> int:
        return ((self.days * 86400 + self.seconds) * 1_000_000 + self.microseconds) * 10 + self.tick

    def __reduce__(self) -> tuple[Any, ...]:
        return (TimeSpan, (self.ticks,))


class PSList(list[Any]):
    """A typed array or a .NET list: a Python list that knows what it is.

    ``element`` is the element type's full name ("System.Int32" for int[]); subclasses (List[T], ArrayList) override
    ``ps_type_names``.
    """

    element: str = "System.Object"

    @classmethod
    def of(cls, element: str, items: Iterable[Any] = ()) -> PSList:
        self = cls(items)
        self.element = element
        return self

    def ps_type_names(self) -> list[str]:
        return [self.element + "[]", "System.Array", "System.Object"]


@runtime_checkable
class PSValue(Protocol):
    """What clixml and formatting ask of an object that is no scalar, list or dictionary."""

    def ps_type_names(self) -> list[str]:
        """.NET type names, most derived first."""

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        """Name and value of each property, in PowerShell's order."""

    def ps_to_string(self) -> str:
        """What .NET's ToString() gives."""


class Hashtable(MutableMapping[Any, Any]):
    """A dictionary whose string keys are found whatever their case; in insertion order where .NET's is random."""

    # capacity: what it was made for; ps_added: members that a script added to it. Both are not set before.
    __slots__ = ("_items", "capacity", "ps_added")
    in_buckets = False  # a subclass that orders its keys as .NET's Hashtable does
    type_names: list[str] = ["System.Collections.Hashtable", "System.Object"]  # noqa: RUF012 - instances of subclasses have their own

    def __init__(self, items: Mapping[Any, Any] | Iterable[tuple[Any, Any]] = ()) -> None:
        self._items: dict[Any, tuple[Any, Any]] = {}
        if isinstance(items, Hashtable):
            self.capacity = getattr(items, "capacity", 0)
            pairs: Iterable[tuple[Any, Any]] = items._items.values()
        else:
            pairs = items.items() if isinstance(items, Mapping) else items
        for key, value in pairs:
            self[key] = value

    @staticmethod
    def fold(key: Any) -> Any:
        # Char 'a' and String "a" are different keys in .NET, and so are 1 and 1.0
        if type(key) is str:
            return key.lower()
        return (type(key), key) if getattr(key, "__hash__", None) is not None else (type(key), id(key))

    def __getitem__(self, key: Any) -> Any:
        return self._items[self.fold(key)][1]

    def __setitem__(self, key: Any, value: Any) -> None:
        folded = self.fold(key)
        known = self._items.get(folded)
        self._items[folded] = (known[0] if known else key, value)

    def __delitem__(self, key: Any) -> None:
        del self._items[self.fold(key)]

    def __iter__(self) -> Iterator[Any]:
        items = self._items
        if (type(self) is Hashtable or self.in_buckets) and items and type(next(iter(items))) is not str:
            found = in_bucket_order((pair[0] for pair in items.values()), getattr(self, "capacity", 0))
            if found is not None:
                return iter(found)
        return (pair[0] for pair in items.values())

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, key: object) -> bool:
        return self.fold(key) in self._items

    def __repr__(self) -> str:
        return f"{type(self).__name__}({dict(self.items())!r})"


class OrderedDictionary(Hashtable):
    __slots__ = ()
    type_names: list[str] = ["System.Collections.Specialized.OrderedDictionary", "System.Object"]  # noqa: RUF012 - instances of subclasses have their own


def _text_within(value: Any) -> str:
    """A value in the text of an object, as PowerShell has it: nothing of what is in other objects."""
    if isinstance(value, list):
        return "System.Object[]"
    if isinstance(value, Hashtable):
        return value.type_names[0]
    if isinstance(value, PSObject) and value._to_string is None and value._base is None:
        return ""
    return "" if value is None else str(value)


class PSObject:
    """An object with named properties: a PSCustomObject, something deserialized, or a value with members added.

    ``base`` is the wrapped value (a scalar, list or dictionary), or None for a property bag.
    ``adapted`` are the properties of the .NET object (CLIXML <Props>), ``extended`` those that PowerShell
    added (CLIXML <MS>). Properties are found whatever their case: ``o.Name``, ``o["name"]``.
    """

    __slots__ = ("_adapted", "_base", "_extended", "_to_string", "_type_names")

    def __init__(
        self,
        extended: Mapping[str, Any] | None = None,
        *,
        type_names: list[str] | None = None,
        adapted: Mapping[str, Any] | None = None,
        base: Any = None,
        to_string: str | None = None,
    ) -> None:
        self._type_names = CUSTOM_OBJECT if type_names is None else type_names
        self._extended: dict[str, Any] = dict(extended) if extended else {}
        self._adapted: dict[str, Any] = dict(adapted) if adapted else _NONE_ADAPTED
        self._base = base
        self._to_string = to_string

    @classmethod
    def holding(cls, extended: dict[str, Any], base: Any = None, type_names: list[str] | None = None) -> PSObject:
        """One that keeps ``extended`` itself, not a copy: for those that are made by the hundred thousand."""
        self = cls.__new__(cls)
        self._type_names = CUSTOM_OBJECT if type_names is None else type_names
        self._extended = extended
        self._adapted = _NONE_ADAPTED
        self._base = base
        self._to_string = None
        return self

    # -- the seam that clixml and formatting use
    def ps_type_names(self) -> list[str]:
        return self._type_names

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield from self._adapted.items()
        yield from self._extended.items()

    def ps_to_string(self) -> str:
        if self._to_string is not None:
            return self._to_string
        if self._base is not None:
            return str(self._base)
        return "@{" + "; ".join(f"{name}={_text_within(value)}" for name, value in self.ps_properties()) + "}"

    # -- what a person uses
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = self._find(name)
        if found is None:
            names = ", ".join(n for n, _ in self.ps_properties()) or "none"
            raise AttributeError(f"no property {name!r} on {self._type_names[0]}; its properties: {names}")
        return found[1]

    def __getitem__(self, name: str) -> Any:
        found = self._find(name)
        if found is None:
            raise KeyError(name)
        return found[1]

    def _find(self, name: str) -> tuple[str, Any] | None:
        for bag in (self._extended, self._adapted):
            if name in bag:
                return name, bag[name]
        folded = name.lower()
        for key, value in self.ps_properties():
            if key.lower() == folded:
                return key, value
        return None

    def to_dict(self) -> dict[str, Any]:
        return dict(self.ps_properties())

    def __str__(self) -> str:
        return self.ps_to_string()

    def __repr__(self) -> str:
        return f"<{self._type_names[0]} {self.ps_to_string()!r}>"


_NONE_ADAPTED: dict[str, Any] = {}  # of all objects without adapted properties: these are never added to
CUSTOM_OBJECT = ["System.Management.Automation.PSCustomObject", "System.Object"]
