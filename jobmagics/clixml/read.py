"""CLIXML text to values.

Expat (in C) builds the element tree, this walks it once: a table of scalar readers, one function for objects.
What comes in is untrusted: document types are refused, nesting is bounded, every step is linear in the text.
Elements it does not know are skipped, for later PowerShells.
"""

from __future__ import annotations

import base64
import re
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Protocol

from ..psobject import (
    CUSTOM_OBJECT,
    BigInteger,
    Byte,
    Char,
    Hashtable,
    Int16,
    Int64,
    OrderedDictionary,
    PSObject,
    SByte,
    ScriptBlockText,
    SecureString,
    Single,
    UInt16,
    UInt32,
    UInt64,
    Uri,
    Version,
    XmlDocument,
)
from .text import (
    CLIXMLError,
    escape_beyond,
    parse_datetime,
    parse_double,
    parse_timespan,
    unescape,
    unescape_units,
)

MAX_DEPTH = 100  # PowerShell writes at most 50 levels below the top
CHAINS_REMEMBERED = 1024
DOCUMENTS_AT_ONCE = 200

_OBJECT_ARRAY = "System.Object[]"
_PREFIX = "Deserialized."
_BIG_INTEGER = "System.Numerics.BigInteger"
_NAMESPACE = re.compile(r'\sxmlns="[^"]*"')
UNREADABLE_SECRET = ["System.Security.SecureString", "System.Object"]


class Cipher(Protocol):
    """The session key's two operations on the content of <SS>."""

    def encrypt(self, text: str) -> str: ...
    def decrypt(self, data: str) -> str: ...


def _text(element: ET.Element) -> str:
    text = element.text
    if text is None:
        return ""
    return unescape(text) if "_x" in text else text


def _text_units(element: ET.Element) -> str:
    text = element.text
    if text is None:
        return ""
    return unescape_units(text) if "_x" in text else text


def _number(kind: Callable[[str], Any]) -> Callable[[ET.Element], Any]:
    def read(element: ET.Element) -> Any:
        return kind(element.text or "")

    return read


def _boolean(element: ET.Element) -> bool:
    return element.text == "true"


def _text_as(kind: Callable[[str], Any], text: Callable[[ET.Element], str] = _text) -> Callable[[ET.Element], Any]:
    return lambda element: kind(text(element))


def _version(text: str) -> Version:
    return Version(int(part) for part in text.split("."))


_SCALARS: dict[str, Callable[[ET.Element], Any]] = {
    "S": _text,
    "I32": _number(int),
    "B": _boolean,
    "Nil": lambda element: None,
    "I64": _number(Int64),
    "Db": _number(parse_double),
    "DT": _number(parse_datetime),
    "TS": _number(parse_timespan),
    "C": lambda element: Char(chr(int(element.text or ""))),
    "By": _number(Byte),
    "SB": _number(SByte),
    "I16": _number(Int16),
    "U16": _number(UInt16),
    "U32": _number(UInt32),
    "U64": _number(UInt64),
    "Sg": _number(lambda text: Single(parse_double(text))),
    "D": _number(Decimal),
    "G": _number(uuid.UUID),
    "URI": _text_as(Uri),
    "Version": _number(_version),
    "XD": _text_as(XmlDocument),
    "SBK": _text_as(ScriptBlockText),
    "BA": _number(base64.b64decode),
}
_SCALARS_IN_UNITS = _SCALARS | {
    "S": _text_units,
    "URI": _text_as(Uri, _text_units),
    "XD": _text_as(XmlDocument, _text_units),
    "SBK": _text_as(ScriptBlockText, _text_units),
}
_chains: dict[tuple[str | None, ...], list[str]] = {}
_LISTS = {"LST", "IE", "QUE", "STK"}
_new_object = PSObject.__new__


class _Reader:
    """Documents one after the other: the references of each, and how names and secrets are to be read."""

    def __init__(
        self, cipher: Cipher | None, prefix: bool, lists: type[list[Any]] | None = None, units: bool = False
    ) -> None:
        self.scalar = (_SCALARS_IN_UNITS if units else _SCALARS).get
        self.text = _text_units if units else _text
        self.unescape = unescape_units if units else unescape
        self.objects: dict[str, Any] = {}
        self.type_names: dict[str, list[str]] = {}
        self.cipher = cipher
        self.prefix = prefix
        self.lists = lists

    def document(self, element: ET.Element) -> Any:
        """The value of a document of its own, to which no reference of the one before leads. Raises CLIXMLError."""
        self.objects.clear()
        self.type_names.clear()
        return self.part(element)

    def part(self, element: ET.Element) -> Any:
        """The value of one element of a document. Raises CLIXMLError."""
        try:
            return self.value(element, 0)
        except CLIXMLError:
            raise
        except (ValueError, ArithmeticError) as problem:
            raise CLIXMLError(f"a value that is not of its type: {problem}") from problem

    def value(self, element: ET.Element, depth: int) -> Any:
        read = self.scalar(element.tag)
        if read is not None:
            return read(element)
        return self.other(element, depth)

    def other(self, element: ET.Element, depth: int) -> Any:
        """Everything but the plain scalars."""
        tag = element.tag
        if tag == "Obj":
            return self.object(element, depth)
        if tag == "Ref":
            try:
                return self.objects[element.get("RefId", "")]
            except KeyError:
                raise CLIXMLError("a reference to an object that is not in the text") from None
        if tag == "SS":
            return self.secret(element.text or "")
        if tag in _LISTS:
            return self.items(element, [], depth)
        if tag == "DCT":
            return self.entries(element, Hashtable(), depth)
        if tag == "PR":  # a progress record as PowerShell 2 sent it
            return self.bag(element, depth)
        return None

    def secret(self, data: str) -> Any:
        if self.cipher is None:
            return PSObject(type_names=UNREADABLE_SECRET, to_string="System.Security.SecureString")
        return SecureString(self.cipher.decrypt(data))

    def bag(self, element: ET.Element, depth: int) -> PSObject:
        found = PSObject()
        self.members(element, found._extended, depth)
        return found

    def names(self, element: ET.Element) -> list[str]:
        raw = tuple([child.text for child in element])
        known = _chains.get(raw)
        if known is None:
            if len(_chains) >= CHAINS_REMEMBERED:  # type names can come from data: bounded
                _chains.clear()
            known = _chains[raw] = [unescape(text or "") for text in raw]
        if self.prefix:
            names = [name if name.startswith(_PREFIX) else _PREFIX + name for name in known]
        else:
            names = CUSTOM_OBJECT if known == CUSTOM_OBJECT else known.copy()
        self.type_names[element.get("RefId", "")] = names
        return names

    def object(self, element: ET.Element, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise CLIXMLError(f"objects nested more than {MAX_DEPTH} deep")
        depth += 1
        names: list[str] | None = None
        to_string: str | None = None
        body: ET.Element | None = None
        bags: list[tuple[bool, ET.Element]] = []
        for child in element:
            tag = child.tag
            if tag == "MS":
                bags.append((True, child))
            elif tag == "TN":
                names = self.names(child)
            elif tag == "TNRef":
                names = self.type_names.get(child.get("RefId", ""))
            elif tag == "ToString":
                to_string = self.text(child)
            elif tag == "Props":
                bags.append((False, child))
            else:
                body = child
        if body is not None and not bags and body.tag not in _SCALARS:
            plain = self.plain_container(element, body, names, depth)
            if plain is not None:
                return plain
        # past PSObject's __init__, which would copy both dictionaries
        made = _new_object(PSObject)
        extended: dict[str, Any] = {}
        adapted: dict[str, Any] = {}
        made._type_names = names or CUSTOM_OBJECT
        made._extended = extended
        made._adapted = adapted
        made._base = None
        made._to_string = to_string
        self.objects[element.get("RefId", "")] = made
        if body is not None:
            self.fill_base(made, body, depth, named=names is not None)
        for is_extended, bag in bags:
            self.members(bag, extended if is_extended else adapted, depth)
        return made

    def plain_container(self, element: ET.Element, body: ET.Element, names: list[str] | None, depth: int) -> Any:
        """An array or hashtable with nothing added is just that in Python; None for any other object."""
        if self.lists is not None and names:
            return None  # scripts ask for the "Deserialized." names of what is received
        kind = names[0].removeprefix(_PREFIX) if names else ""
        if body.tag == "LST" and kind in ("", _OBJECT_ARRAY) and self.lists is None:
            found: list[Any] = []
            self.objects[element.get("RefId", "")] = found
            return self.items(body, found, depth)
        if body.tag == "DCT" and kind in ("", "System.Collections.Hashtable"):
            table = Hashtable()
        elif body.tag == "DCT" and kind == OrderedDictionary.type_names[0]:
            table = OrderedDictionary()
        else:
            return None
        self.objects[element.get("RefId", "")] = table
        return self.entries(body, table, depth)

    def fill_base(self, made: PSObject, body: ET.Element, depth: int, *, named: bool) -> None:
        if body.tag in _LISTS:
            made._base = items = [] if self.lists is None else self.lists()
            self.items(body, items, depth)
        elif body.tag == "DCT":
            ordered = made._type_names[0].endswith("OrderedDictionary")
            made._base = table = OrderedDictionary() if ordered else Hashtable()
            self.entries(body, table, depth)
        else:
            made._base = self.value(body, depth)
            if not named:
                made._type_names = scalar_type_names(made._base)

    def items(self, element: ET.Element, into: list[Any], depth: int) -> list[Any]:
        scalar = self.scalar
        for child in element:
            read = scalar(child.tag)
            into.append(read(child) if read is not None else self.other(child, depth))
        return into

    def entries(self, element: ET.Element, into: Hashtable, depth: int) -> Hashtable:
        for entry in element:
            key: Any = None
            value: Any = None
            for child in entry:
                if child.get("N") == "Key":
                    key = self.value(child, depth)
                else:
                    value = self.value(child, depth)
            try:
                into[key] = value
            except TypeError:  # a key that Python cannot hash, such as a list
                into[str(key)] = value
        return into

    def members(self, element: ET.Element, into: dict[str, Any], depth: int) -> None:
        scalar = self.scalar
        for child in element:
            name = child.get("N")
            if name is None:
                continue
            if "_x" in name:
                name = self.unescape(name)
            read = scalar(child.tag)
            into[name] = read(child) if read is not None else self.other(child, depth)


def scalar_type_names(value: Any) -> list[str]:
    """The .NET type names of a scalar, most derived first."""
    return _SCALAR_NAMES.get(type(value), CUSTOM_OBJECT)


def _value_type(name: str) -> list[str]:
    return [f"System.{name}", "System.ValueType", "System.Object"]


_SCALAR_NAMES: dict[type, list[str]] = {
    str: ["System.String", "System.Object"],
    int: _value_type("Int32"),
    bool: _value_type("Boolean"),
    float: _value_type("Double"),
    Decimal: _value_type("Decimal"),
    uuid.UUID: _value_type("Guid"),
    BigInteger: [_BIG_INTEGER, "System.ValueType", "System.Object"],
    Uri: ["System.Uri", "System.Object"],
    Version: ["System.Version", "System.Object"],
    XmlDocument: ["System.Xml.XmlDocument", "System.Xml.XmlNode", "System.Object"],
    ScriptBlockText: ["System.Management.Automation.ScriptBlock", "System.Object"],
    SecureString: ["System.Security.SecureString", "System.Object"],
    bytes: ["System.Byte[]", "System.Array", "System.Object"],
    **{
        kind: _value_type(kind.__name__)
        for kind in (Int64, UInt64, UInt32, Int16, UInt16, Byte, SByte, Single, Char)
    },
}  # fmt: skip


def parse(text: str | bytes, *, units: bool = False) -> ET.Element | None:
    """The element tree of a document; None for an empty one, which is how PowerShell sends $null.

    units: what lies beyond the BMP is in the tree as CLIXML spells it, by its two surrogates.
    """
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            raise CLIXMLError("the text is not UTF-8") from problem
    elif text[:1] == "\ufeff":
        text = text[1:]
    if not text:
        return None
    if "<!DOCTYPE" in text:
        raise CLIXMLError("document types are not accepted")
    if units:
        text = escape_beyond(text)
    if "\ufffe" in text or "\uffff" in text:  # legal in .NET strings, written raw by PowerShell, refused by expat
        text = text.replace("\ufffe", "_xFFFE_").replace("\uffff", "_xFFFF_")
    try:
        return ET.XML(text)  # document types were refused above, so there are no entities
    except (ET.ParseError, ValueError) as problem:
        raise CLIXMLError(f"the text is not XML: {problem}") from problem


def decode(
    text: str | bytes,
    *,
    cipher: Cipher | None = None,
    deserialized: bool = False,
    lists: type[list[Any]] | None = None,
    units: bool = False,
) -> Any:
    """The value of one CLIXML element; "" is None.

    cipher: the session key for secure strings; without it they stay unreadable objects.
    deserialized: write "Deserialized." before the type names, as PowerShell does when it receives an object.
    lists: the class that arrays and lists become, object[] too: in PowerShell ArrayList. Without it object[] is a list.
    units: text in UTF-16 units, as .NET has it: a character beyond the BMP is two surrogates.
    Raises CLIXMLError.
    """
    root = parse(text, units=units)
    return None if root is None else _Reader(cipher, deserialized, lists, units).part(root)


def decode_many(texts: Sequence[str], *, cipher: Cipher | None = None, deserialized: bool = False) -> list[Any]:
    """The values of many documents, as ``decode`` gives each; for small ones twice as fast, by one parse for all."""
    values: list[Any] = []
    for at in range(0, len(texts), DOCUMENTS_AT_ONCE):
        values += _decode_batch(texts[at : at + DOCUMENTS_AT_ONCE], cipher, deserialized)
    return values


def _decode_batch(texts: Sequence[str], cipher: Cipher | None, deserialized: bool) -> list[Any]:
    plain = [text.removeprefix("\ufeff") for text in texts]
    try:
        root = parse("<Batch>" + "".join(plain) + "</Batch>")
    except CLIXMLError:
        root = None
    if root is None or len(root) != len(plain) - plain.count(""):  # one of them is broken: let it say so itself
        return [decode(text, cipher=cipher, deserialized=deserialized) for text in texts]
    elements = iter(root)
    reader = _Reader(cipher, deserialized)
    return [reader.document(next(elements)) if text else None for text in plain]


def decode_objs(
    text: str,
    *,
    cipher: Cipher | None = None,
    deserialized: bool = True,
    lists: type[list[Any]] | None = None,
    units: bool = False,
) -> list[Any]:
    """The values of an <Objs> document, as Export-Clixml writes it. As strict about its frame as PowerShell is.

    The options are those of ``decode``.
    """
    root = parse(_NAMESPACE.sub("", text, count=1), units=units)
    if root is None or root.tag != "Objs":
        raise CLIXMLError("the text has no <Objs> element")
    version = root.get("Version", "")
    if not version.startswith("1."):
        raise CLIXMLError(f"<Objs> of version {version or '(none)'}; version 1.1 is known here")
    for child in root:
        if child.tag not in _SCALARS and child.tag not in ("Obj", "Ref", "SS", "PR"):
            raise CLIXMLError(f"an unknown element <{child.tag}>")
    reader = _Reader(cipher, deserialized, lists, units)  # references reach over the whole document
    return [reader.part(child) for child in root]
