"""Values to CLIXML text, as PowerShell's serializer writes them for remoting.

The rules of depth are PowerShell's (InternalSerializer in serialization.cs): a .NET object shows its own properties
one level down, and past the depth it travels as its string; arrays, dictionaries and members that PowerShell added
use up no depth. Each object is written once, then referred to. Type names are written once per chain.
"""

from __future__ import annotations

import base64
import datetime
import re
import uuid
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from ..psobject import (
    BigInteger,
    Byte,
    Char,
    DateTime,
    Hashtable,
    Int16,
    Int64,
    PSList,
    PSObject,
    SByte,
    ScriptBlockText,
    SecureString,
    Single,
    TimeSpan,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Version,
    XmlDocument,
)
from .read import Cipher, scalar_type_names
from .text import (
    CLIXMLError,
    NoSessionKey,
    escape,
    escape_name,
    format_datetime,
    format_double,
    format_single,
    format_timespan,
)

REMOTING_DEPTH = 1
EXPORT_DEPTH = 2
MAX_DEPTH_BELOW_TOP = 50
NAMES_REMEMBERED = 4096

TOO_DEEP = "Serialized XML is nested too deeply."
OBJECT_ARRAY = ["System.Object[]", "System.Array", "System.Object"]

# SerializationDepth in PowerShell's types.ps1xml: these show their properties wherever they stand.
ALWAYS_ONE_LEVEL = frozenset({
    "System.Exception",
    "System.Management.Automation.PSCredential",
    "System.Management.Automation.Job",
    "System.Management.Automation.JobStateInfo",
    "System.Management.Automation.SwitchParameter",
})  # fmt: skip

Scalar = Callable[[Any, str], str]


def _as(tag: str, spell: Callable[[Any], str]) -> Scalar:
    return lambda value, name: f"<{tag}{name}>{spell(value)}</{tag}>"


def _whole(tag: str) -> Scalar:
    return lambda value, name: f"<{tag}{name}>{int(value)}</{tag}>"


def _string(value: str, name: str) -> str:
    return f"<S{name}>{escape(value)}</S>"


def _int32(value: int, name: str) -> str:
    return f"<I32{name}>{value}</I32>"


def _boolean(value: bool, name: str) -> str:
    return f"<B{name}>true</B>" if value else f"<B{name}>false</B>"


_SCALARS: dict[type, Scalar] = {
    str: _string,
    int: _int32,
    bool: _boolean,
    type(None): lambda value, name: f"<Nil{name} />",
    float: _as("Db", format_double),
    Int64: _whole("I64"),
    Char: lambda value, name: f"<C{name}>{ord(value[:1] or chr(0))}</C>",
    DateTime: _as("DT", format_datetime),
    datetime.datetime: _as("DT", format_datetime),
    TimeSpan: _as("TS", format_timespan),
    datetime.timedelta: _as("TS", format_timespan),
    Decimal: _as("D", lambda value: format(value, "f")),
    Single: _as("Sg", format_single),
    uuid.UUID: _as("G", str),
    Byte: _whole("By"),
    SByte: _whole("SB"),
    Int16: _whole("I16"),
    UInt16: _whole("U16"),
    UInt32: _whole("U32"),
    UInt64: _whole("U64"),
    Uri: _as("URI", escape),
    Version: _as("Version", str),
    XmlDocument: _as("XD", escape),
    ScriptBlockText: _as("SBK", escape),
    bytes: _as("BA", lambda value: base64.b64encode(value).decode()),
    bytearray: _as("BA", lambda value: base64.b64encode(value).decode()),
}
_scalar = _SCALARS.get
_names: dict[str, str] = {}


def _name_attribute(name: str) -> str:
    found = _names.get(name)
    if found is None:
        if len(_names) >= NAMES_REMEMBERED:  # names can come from data: bounded
            _names.clear()
        found = _names[name] = f' N="{escape_name(name)}"'
    return found


class _Writer:
    """One document."""

    def __init__(self, cipher: Cipher | None) -> None:
        self.parts: list[str] = []
        self.refs: dict[int, int] = {}
        self.count = 0
        self.kept: list[Any] = []  # what refs names by id must stay alive
        self.type_names: dict[tuple[str, ...], int] = {}
        self.level = 0
        self.cipher = cipher

    # -- dispatch
    def value(self, value: Any, name: str, depth: int) -> None:
        write = _scalar(type(value))
        if write is not None:
            self.parts.append(write(value, name))
            return
        self.level += 1
        if self.level > MAX_DEPTH_BELOW_TOP:
            self.parts.append(_string(TOO_DEEP, name))
        else:
            known = self.refs.get(id(value))
            if known is not None:
                self.parts.append(f'<Ref{name} RefId="{known}" />')
            else:
                self.object(value, name, depth)
        self.level -= 1

    def object(self, value: Any, name: str, depth: int) -> None:
        if isinstance(value, PSObject):
            self.ps_object(value, name, depth)
        elif isinstance(value, (list, tuple, Hashtable, dict)) and not hasattr(type(value), "ps_properties"):
            self.collection(value, value, _collection_names(value), _added(value), name, depth)
        elif hasattr(value, "ps_type_names"):
            self.ps_value(value, name, depth)
        elif isinstance(value, BigInteger):
            self.big_integer(value, name)
        elif isinstance(value, SecureString):
            if self.cipher is None:
                raise NoSessionKey("a secure string needs a session key to cross the wire")
            self.parts.append(f"<SS{name}>{self.cipher.encrypt(value.reveal())}</SS>")
        else:
            self.parts.append(_subclass(value)(value, name))

    # -- objects
    def collection(self, value: Any, base: Any, names: list[str], notes: dict[str, Any], name: str, depth: int) -> None:
        """A Python list or dictionary; ``value`` is it, or the PSObject around it."""
        if isinstance(base, list) and not notes and names[0] == "System.Byte[]":
            self.parts.append(_SCALARS[bytes](bytes(base), name))
            return
        self.start(value, name, names)
        if isinstance(base, (list, tuple)):
            self.items(getattr(base, "ps_container", "LST"), base, depth)
        else:
            self.entries(base.items(), depth)
        self.members("MS", notes.items(), depth, value)
        self.parts.append("</Obj>")

    def start(
        self, value: Any, name: str, names: list[str] | None, to_string: str | None = None, *, is_value: bool = False
    ) -> None:
        """Open an object. A value type (``is_value``) is boxed anew each time in .NET, so nothing refers to it."""
        if not is_value:
            self.refs[id(value)] = self.count
            self.kept.append(value)
        self.parts.append(f'<Obj{name} RefId="{self.count}">')
        self.count += 1
        if names:
            key = tuple(names)
            known = self.type_names.get(key)
            if known is not None:
                self.parts.append(f'<TNRef RefId="{known}" />')
            else:
                number = self.type_names[key] = len(self.type_names)
                types = "".join([f"<T>{escape(text)}</T>" for text in key])
                self.parts.append(f'<TN RefId="{number}">{types}</TN>')
        if to_string is not None:
            self.parts.append(f"<ToString>{escape(to_string)}</ToString>" if to_string else "<ToString />")

    def ps_object(self, value: PSObject, name: str, depth: int) -> None:
        base = value._base
        notes = value._extended if type(value) is PSObject else _notes(value)
        if base is None:
            self.property_bag(value, notes, name, depth)
        elif _scalar(type(base)) is not None:
            self.scalar_object(value, notes, name, depth)
        elif isinstance(base, (list, tuple, Hashtable, dict)) and not hasattr(type(base), "ps_properties"):
            self.collection(value, base, value._type_names, notes, name, depth)
        elif hasattr(base, "ps_type_names"):
            self.ps_value(base, name, depth, wrapper=value)
        else:
            self.object(base, name, depth)

    def property_bag(self, value: PSObject, notes: dict[str, Any], name: str, depth: int) -> None:
        names = value._type_names
        depth = depth or _serialization_depth(names)
        if depth == 0 and names:
            self.as_string(value, name, notes, depth)
            return
        self.start(value, name, names, value._to_string)
        if depth:
            self.members("Props", value._adapted.items(), depth - 1)
        self.members("MS", notes.items(), depth, value)
        self.parts.append("</Obj>")

    def scalar_object(self, value: PSObject, notes: dict[str, Any], name: str, depth: int) -> None:
        """A scalar in a PSObject: plain unless something was added to it."""
        base = value._base
        write = _SCALARS[type(base)]
        names = value._type_names
        plain_names = names == scalar_type_names(base)
        if not notes and value._to_string is None and plain_names:
            self.parts.append(write(base, name))
            return
        self.start(value, name, None if plain_names else names, value._to_string)
        self.parts.append(write(base, ""))
        self.members("MS", notes.items(), depth, value)
        self.parts.append("</Obj>")

    def as_string(self, value: Any, name: str, notes: dict[str, Any], depth: int) -> None:
        """Past the depth: the string, with the notes if there are any."""
        text = _string(value.ps_to_string(), name if not notes else "")
        if not notes:
            self.parts.append(text)
            return
        self.start(value, name, None)
        self.parts.append(text)
        self.members("MS", notes.items(), depth, value)
        self.parts.append("</Obj>")

    def ps_value(self, value: Any, name: str, depth: int, wrapper: PSObject | None = None) -> None:
        """An engine object; ``wrapper`` is the PSObject that holds added members and perhaps other type names."""
        kind = type(value)
        if depth and hasattr(kind, "ps_remoting_form"):  # records: PowerShell has a shape of its own for them
            self.ps_object(value.ps_remoting_form(), name, depth)
            return
        notes = _notes(wrapper) if wrapper is not None else {}
        known = self.refs.get(id(value)) if wrapper is not None else None
        if known is not None and not notes:
            self.parts.append(f'<Ref{name} RefId="{known}" />')
            return
        names = wrapper._type_names if wrapper is not None else value.ps_type_names()
        scalar = getattr(value, "ps_clixml_value", None)
        if getattr(kind, "ps_clixml_tag", "") == "SBK":
            scalar = ScriptBlockText(value.ps_to_string())
        if scalar is not None:
            self.stand_in(scalar, notes, name, depth)
            return
        same = wrapper if wrapper is not None else value
        if hasattr(kind, "ps_entries") or hasattr(kind, "ps_items"):
            self.start(same, name, names)
            self.container(value, depth)
            if getattr(value, "ps_container", "LST") == "IE" and depth:
                self.members("Props", value.ps_properties(), depth - 1)
            self.members("MS", notes.items(), depth, value)
            self.parts.append("</Obj>")
            return
        is_enum = hasattr(kind, "ps_enum_value")
        depth = getattr(value, "ps_serialization_depth", 0) or depth or _serialization_depth(names)
        if depth == 0 or getattr(value, "ps_as_string", False):
            self.as_string(value, name, notes, depth)
            return
        self.start(same, name, names, value.ps_to_string(), is_value=is_enum)
        if is_enum:
            self.value(value.ps_enum_value(), "", depth)
        else:
            self.members("Props", value.ps_properties(), depth - 1)
        extended = value.ps_extended() if hasattr(kind, "ps_extended") else ()
        added = getattr(value, "ps_added", None) or {}
        self.members("MS", [*extended, *added.items(), *notes.items()], depth, same)
        self.parts.append("</Obj>")

    def stand_in(self, scalar: Any, notes: dict[str, Any], name: str, depth: int) -> None:
        if notes:
            scalar = PSObject(notes, base=scalar, type_names=scalar_type_names(scalar))
        self.value(scalar, name, depth)

    def container(self, value: Any, depth: int) -> None:
        if hasattr(type(value), "ps_entries"):
            self.entries(value.ps_entries(), depth)
        else:
            self.items(getattr(value, "ps_container", "LST"), value.ps_items(), depth)

    def big_integer(self, value: int, name: str) -> None:
        self.start(value, name, scalar_type_names(value), str(int(value)), is_value=True)
        facts: list[tuple[str, Any]] = [
            ("IsPowerOfTwo", value > 0 and value & (value - 1) == 0),
            ("IsZero", value == 0),
            ("IsOne", value == 1),
            ("IsEven", value % 2 == 0),
            ("Sign", (value > 0) - (value < 0)),
        ]
        self.members("Props", facts, 0)
        self.parts.append("</Obj>")

    # -- bodies
    def items(self, tag: str, items: Iterable[Any], depth: int) -> None:
        parts = self.parts
        at = len(parts)
        parts.append(f"<{tag}>")
        for item in items:
            write = _scalar(type(item))
            if write is not None:
                parts.append(write(item, ""))
            else:
                self.value(item, "", depth)
        if len(parts) == at + 1:
            parts[at] = f"<{tag} />"
        else:
            parts.append(f"</{tag}>")

    def entries(self, entries: Iterable[tuple[Any, Any]], depth: int) -> None:
        parts = self.parts
        at = len(parts)
        parts.append("<DCT>")
        for key, value in entries:
            parts.append("<En>")
            self.value(key, ' N="Key"', depth)
            self.value(value, ' N="Value"', depth)
            parts.append("</En>")
        if len(parts) == at + 1:
            parts[at] = "<DCT />"
        else:
            parts.append("</DCT>")

    def members(self, tag: str, members: Iterable[tuple[str, Any]], depth: int, owner: Any = None) -> None:
        """Properties by name. ``owner`` is the object, for members that are computed when they are read."""
        parts = self.parts
        at = len(parts)
        parts.append(f"<{tag}>")
        for name, value in members:
            attribute = _names.get(name) or _name_attribute(name)
            write = _scalar(type(value))
            if write is not None:
                parts.append(write(value, attribute))
            elif hasattr(type(value), "is_method"):  # a computed member, such as a ScriptProperty of the engine
                for found in value.serialized(owner):
                    self.value(found, attribute, depth)
            else:
                self.value(value, attribute, depth)
        if len(parts) == at + 1:
            del parts[at]
        else:
            parts.append(f"</{tag}>")


def _added(value: Any) -> dict[str, Any]:
    """What a script added to a collection itself."""
    return getattr(value, "ps_added", None) or {}


def _notes(value: PSObject) -> dict[str, Any]:
    """The added members with their values; a subclass whose members are computed gives them by ``ps_extended``."""
    if hasattr(type(value), "ps_extended"):
        return dict(value.ps_extended())
    return value._extended


def _collection_names(value: Any) -> list[str]:
    if isinstance(value, PSList):
        return value.ps_type_names()
    if isinstance(value, (list, tuple)):
        return OBJECT_ARRAY
    return getattr(value, "type_names", Hashtable.type_names)


def _serialization_depth(names: Iterable[str]) -> int:
    return 0 if ALWAYS_ONE_LEVEL.isdisjoint(name.removeprefix("Deserialized.") for name in names) else 1


def _subclass(value: Any) -> Scalar:
    """The writer for a Python subclass of a known scalar, such as an IntEnum or pandas' Timestamp."""
    for kind in type(value).__mro__:
        write = _scalar(kind)
        if write is not None:
            return write
    raise CLIXMLError(f"{type(value).__name__} has no CLIXML form; give a value of psobject or of ps_type_names")


def encode(value: Any, *, depth: int = REMOTING_DEPTH, cipher: Cipher | None = None) -> str:
    """One value as PowerShell would send it; "" for None, which PowerShell sends as an empty payload.

    depth: how many levels of .NET properties are kept. Raises CLIXMLError.
    """
    if value is None:
        return ""
    return encode_member(value, depth=depth, cipher=cipher)


def encode_member(value: Any, *, depth: int = REMOTING_DEPTH, cipher: Cipher | None = None) -> str:
    """As ``encode``, but None is <Nil />: what a value looks like inside a document."""
    write = _scalar(type(value))
    if write is not None:
        return write(value, "")
    writer = _Writer(cipher)
    writer.value(value, "", depth)
    return "".join(writer.parts)


def encode_objs(values: Iterable[Any], *, depth: int = EXPORT_DEPTH, cipher: Cipher | None = None) -> str:
    """An <Objs> document, indented, as Export-Clixml and PSSerializer write it; lines end with a line feed."""
    writer = _Writer(cipher)
    for value in values:
        writer.value(value, "", depth)
    body = "".join(_indented("".join(writer.parts)))
    return f'<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">\n{body}</Objs>'


_TAG = re.compile(r"<(/?)([^ >]+)[^>]*?(/?)>[^<]*")


def _indented(xml: str) -> Iterator[str]:
    """Each element on a line of its own, elements with text whole. Only for what this module wrote."""
    level = 1
    for found in _TAG.finditer(xml):
        closing, tag, empty = found.groups()
        if closing:
            if tag in _HOLDERS:
                level -= 1
                yield f"{'  ' * level}</{tag}>\n"
        elif empty:
            yield f"{'  ' * level}{found[0]}\n"
        elif tag in _HOLDERS:
            yield f"{'  ' * level}{found[0]}\n"
            level += 1
        else:
            yield f"{'  ' * level}{found[0]}</{tag}>\n"


_HOLDERS = frozenset(["Obj", "TN", "Props", "MS", "LST", "IE", "QUE", "STK", "DCT", "En"])
