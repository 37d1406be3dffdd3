"""System.Text.Encoding: text to bytes and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...psobject import PSList
from ..values.pieces import char_list
from ..values.types import NetType
from ..values.utf16 import decode, encode, joined, units
from ..values.value import to_string
from .bytes import byte_list, to_bytes
from .table import NetObject, argument_null, declare, net_error


class Encoding(NetObject):
    """``python``: the codec's name in Python; ``mark``: its byte order mark, which GetPreamble() gives."""

    def __init__(
        self, python: str, mark: bytes, web_name: str, title: str, page: int, net_type: str, strict: bool = False
    ) -> None:
        self.python = python
        self.mark = mark
        self.web_name = web_name
        self.title = title
        self.page = page
        self.net_type = net_type
        self.strict = strict

    @property
    def codec(self) -> str:
        """The word that -Encoding has for it."""
        return _WORDS.get((self.web_name, bool(self.mark)), self.web_name)

    def encode(self, text: str) -> bytes:
        if not self.strict:
            return encode(text, self.python)
        try:
            return joined(text).encode(self.python)
        except UnicodeEncodeError as failed:
            at = len(units(failed.object[: failed.start]))
            raise net_error(
                "System.Text.EncoderFallbackException",
                f"Unable to translate Unicode character \\\\u{ord(text[at]):04X} at index {at} to specified code page.",
            ) from None

    def decode(self, data: bytes) -> str:
        if not self.strict:
            return decode(data, self.python)
        try:
            return units(data.decode(self.python))
        except UnicodeDecodeError as failed:
            bad = data[failed.start]
            raise net_error(
                "System.Text.DecoderFallbackException",
                f"Unable to translate bytes [{bad:02X}] at index {failed.start} from specified code page to Unicode.",
            ) from None

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        if self.mark:
            yield "Preamble", byte_list(self.mark)
        else:
            yield "Preamble", byte_list(b"")
        yield "BodyName", self.web_name
        yield "EncodingName", self.title
        yield "HeaderName", self.web_name
        yield "WebName", self.web_name
        yield "WindowsCodePage", 1252 if self.web_name in ("us-ascii", "iso-8859-1") else 1200
        yield "IsBrowserDisplay", self.web_name == "utf-8"
        yield "IsBrowserSave", "16" not in self.web_name
        yield "IsMailNewsDisplay", self.web_name in ("utf-8", "us-ascii")
        yield "IsMailNewsSave", self.web_name in ("utf-8", "us-ascii")
        yield "IsSingleByte", self.web_name in ("us-ascii", "iso-8859-1")
        yield "IsReadOnly", True
        yield "CodePage", self.page

    def ps_equals(self, other: Any) -> bool:
        return isinstance(other, Encoding) and (self.web_name, self.mark) == (other.web_name, other.mark)

    def ps_to_string(self) -> str:
        return self.net_type_of().full_name


_WORDS = {
    ("utf-8", False): "utf8nobom",
    ("utf-8", True): "utf8bom",
    ("utf-16", True): "unicode",
    ("utf-16BE", True): "bigendianunicode",
    ("utf-32", True): "utf32",
    ("us-ascii", False): "ascii",
    ("iso-8859-1", False): "latin1",
}
_TEXT = "System.Text."


def utf8(mark: bool = True, strict: bool = False) -> Encoding:
    kind = _TEXT + "UTF8Encoding"
    return Encoding("utf-8", b"\xef\xbb\xbf" if mark else b"", "utf-8", "Unicode (UTF-8)", 65001, kind, strict)


def utf16(big: bool = False, mark: bool = True, strict: bool = False) -> Encoding:
    kind = _TEXT + "UnicodeEncoding"
    if big:
        return Encoding(
            "utf-16-be", b"\xfe\xff" if mark else b"", "utf-16BE", "Unicode (Big-Endian)", 1201, kind, strict
        )
    return Encoding("utf-16-le", b"\xff\xfe" if mark else b"", "utf-16", "Unicode", 1200, kind, strict)


def utf32() -> Encoding:
    return Encoding("utf-32-le", b"\xff\xfe\x00\x00", "utf-32", "Unicode (UTF-32)", 12000, _TEXT + "UTF32Encoding")


def ascii_encoding() -> Encoding:
    return Encoding("ascii", b"", "us-ascii", "US-ASCII", 20127, _TEXT + "ASCIIEncoding")


def latin1() -> Encoding:
    return Encoding("latin-1", b"", "iso-8859-1", "Western European (ISO)", 28591, _TEXT + "Latin1Encoding")


_NAMED: dict[str, Callable[[], Encoding]] = {
    "utf-8": utf8, "utf8": utf8, "65001": utf8, "utf-16": utf16, "utf-16le": utf16, "unicode": utf16, "1200": utf16,
    "utf-16be": lambda: utf16(True), "1201": lambda: utf16(True), "bigendianunicode": lambda: utf16(True),
    "utf-32": utf32, "utf32": utf32, "12000": utf32, "us-ascii": ascii_encoding, "ascii": ascii_encoding,
    "20127": ascii_encoding,
    "iso-8859-1": latin1, "latin1": latin1, "28591": latin1, "utf8bom": utf8, "utf8nobom": lambda: utf8(False),
}  # fmt: skip


NO_DATA = (
    "No data is available for encoding {}. For information on defining a custom encoding, see the documentation for "
    "the Encoding.RegisterProvider method."
)


def encoding_named(name: str) -> Encoding:
    """The encoding of that name or code page number."""
    found = _NAMED.get(name.lower())
    if found is not None:
        return found()
    import codecs

    try:
        info = codecs.lookup(f"cp{name}" if name.isdigit() else name)
    except LookupError:
        if name.isdigit():
            raise net_error("System.NotSupportedException", NO_DATA.format(name)) from None
        raise net_error(
            "System.ArgumentException",
            f"'{name}' is not a supported encoding name. For information on defining a custom encoding, see "
            f"the documentation for "
            "the Encoding.RegisterProvider method.",
            param="name",
        ) from None
    number = (
        int(name)
        if name.isdigit()
        else int(info.name[2:])
        if info.name.startswith("cp") and info.name[2:].isdigit()
        else 0
    )
    return Encoding(info.name, b"", info.name, info.name, number, _TEXT + "SBCSCodePageEncoding")


def text_encoding(given: Any) -> Encoding:
    """The encoding of a call that may leave it out."""
    if given is None:
        return utf8(False)
    return given if isinstance(given, Encoding) else encoding_named(to_string(given))


def decode_file(data: bytes, given: Any = None) -> str:
    """A file's text: a byte order mark wins over what was asked for."""
    for known in (utf8(), utf32(), utf16(), utf16(True)):
        if data.startswith(known.mark):
            return known.decode(data[len(known.mark) :])
    return text_encoding(given).decode(data)


ENCODING = declare(_TEXT + "Encoding")
for _name, _make in (
    ("UTF8", utf8),
    ("Unicode", utf16),
    ("BigEndianUnicode", lambda: utf16(True)),
    ("UTF32", utf32),
    ("ASCII", ascii_encoding),
    ("Latin1", latin1),
    ("Default", lambda: utf8(False)),
):
    ENCODING.static_property(f"System.Text.Encoding {_name}", _make)
ENCODING.static("System.Text.Encoding GetEncoding(string name)")(encoding_named)
ENCODING.static("System.Text.Encoding GetEncoding(int codepage)")(lambda page: encoding_named(str(page)))
ENCODING.static("void RegisterProvider(System.Object provider)")(lambda provider: None)
ENCODING.static("byte[] Convert(System.Text.Encoding srcEncoding, System.Text.Encoding dstEncoding, byte[] bytes)")(
    lambda source, target, data: byte_list(target.encode(source.decode(to_bytes(data))))
)


@ENCODING.static("System.Text.EncodingInfo[] GetEncodings()")
def _all() -> list[Any]:
    return [utf16(), utf16(True), utf32(), ascii_encoding(), latin1(), utf8()]


def _text_of(value: Any) -> str:
    if value is None:
        raise argument_null("s")
    return value if isinstance(value, str) else "".join(value)


ENCODING.method("byte[] GetBytes(string s)", "byte[] GetBytes(char[] chars)")(
    lambda encoding, text: byte_list(encoding.encode(_text_of(text)))
)
ENCODING.method("int GetByteCount(string s)", "int GetByteCount(char[] chars)")(
    lambda encoding, text: len(encoding.encode(_text_of(text)))
)
ENCODING.method("int GetMaxByteCount(int charCount)")(
    lambda encoding, count: (count + 1) * (3 if encoding.web_name == "utf-8" else 2)
)
ENCODING.method("byte[] GetPreamble()")(lambda encoding: byte_list(encoding.mark))


def _part(data: Any, start: int, count: int | None) -> bytes:
    if data is None:
        raise argument_null("bytes")
    found = to_bytes(data)
    return found[start:] if count is None else found[start : start + count]


@ENCODING.method("string GetString(byte[] bytes)", "string GetString(byte[] bytes, int index, int count)")
def _string(encoding: Encoding, data: Any, start: int = 0, count: int | None = None) -> str:
    return encoding.decode(_part(data, start, count))


@ENCODING.method("char[] GetChars(byte[] bytes)", "char[] GetChars(byte[] bytes, int index, int count)")
def _chars(encoding: Encoding, data: Any, start: int = 0, count: int | None = None) -> PSList:
    return char_list(encoding.decode(_part(data, start, count)))


@ENCODING.method("int GetCharCount(byte[] bytes)")
def _char_count(encoding: Encoding, data: Any) -> int:
    return len(encoding.decode(_part(data, 0, None)))


@declare(_TEXT + "UTF8Encoding").constructor(
    "()", "(bool encoderShouldEmitUTF8Identifier)", "(bool encoderShouldEmitUTF8Identifier, bool throwOnInvalidBytes)"
)
def _utf8(kind: NetType, mark: bool = False, strict: bool = False) -> Encoding:
    return utf8(mark, strict)


@declare(_TEXT + "UnicodeEncoding").constructor(
    "()", "(bool bigEndian, bool byteOrderMark)", "(bool bigEndian, bool byteOrderMark, bool throwOnInvalidBytes)"
)
def _utf16(kind: NetType, big: bool = False, mark: bool = True, strict: bool = False) -> Encoding:
    return utf16(big, mark, strict)


declare(_TEXT + "ASCIIEncoding").constructor("()")(lambda kind: ascii_encoding())
declare(_TEXT + "UTF32Encoding").constructor("()")(lambda kind: utf32())
declare(_TEXT + "Latin1Encoding")
declare(_TEXT + "SBCSCodePageEncoding")
