"""String and Char."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from ...psobject import Char, PSList
from ..memory import require
from ..values.casing import lower, upper
from ..values.formats import BadFormat, composite
from ..values.pieces import char_list, split
from ..values.utf16 import by_characters
from ..values.value import to_string
from .chars import is_white, white_space
from .compare import compare_same, compare_text, equal_text, index_in
from .convertible import declare_convertible
from .enumerators import Enumerator
from .table import argument_null, declare, net_error, out_of_range
from .unicode import runes

STRING = declare("System.String")
STRING.constant("string Empty", "")
STRING.property("int Length", len)
SET = "System.StringComparison comparisonType"

# -- constructors and statics


@STRING.constructor("string(char c, int count)")
def _repeat(kind: Any, char: str, count: int) -> str:
    if count < 0:
        raise out_of_range("count", "'count' must be non-negative.")
    require(count)
    return str(char) * count


STRING.constructor("string(char[] value)")(lambda kind, chars: "".join(chars or ()))
STRING.constructor("string(char[] value, int startIndex, int length)")(
    lambda kind, chars, start, length: "".join(chars[start : start + length])
)


@STRING.static("string Format(string format, System.Object arg0)")
def _format_one(text: str, value: Any) -> str:
    return _composite(text, [value], None)


@STRING.static("string Format(string format, Params System.Object[] args)")
def _format(text: str, args: list[Any]) -> str:
    return _composite(text, args, None)


@STRING.static("string Format(System.IFormatProvider provider, string format, Params System.Object[] args)")
def _format_in(provider: Any, text: str, args: list[Any]) -> str:
    return _composite(text, args, provider)


def _composite(text: str | None, args: Sequence[Any], culture: Any) -> str:
    if text is None:
        raise argument_null("format")
    try:
        return composite(text, args, culture)
    except BadFormat as bad:
        raise net_error("System.FormatException", bad.message) from None


def _join(separator: str | None, values: Iterable[Any]) -> str:
    return (separator or "").join(to_string(value) for value in values or ())


# In .NET's order: where two overloads are equally good, it matters which comes first.
STRING.static(
    "string Join(char separator, Params string[] value)", "string Join(string separator, Params string[] value)"
)(_join)


@STRING.static("string Join(string separator, string[] value, int startIndex, int count)")
def _join_part(separator: str, values: list[str], start: int, count: int) -> str:
    if start < 0 or count < 0 or start + count > len(values):
        raise out_of_range(
            "startIndex", "Index was out of range. Must be non-negative and less than the size of the collection."
        )
    return separator.join(values[start : start + count])


STRING.static(
    "string Join(string separator, System.Collections.Generic.IEnumerable[string] values)",
    "string Join(char separator, Params System.Object[] values)",
    "string Join(string separator, Params System.Object[] values)",
)(_join)


@STRING.static("string Concat(Params System.Object[] args)", "string Concat(Params string[] values)")
def _concat(values: list[Any]) -> str:
    return "".join(to_string(value) for value in values or ())


STRING.static("bool IsNullOrEmpty(string value)")(lambda text: not text)
STRING.static("bool IsNullOrWhiteSpace(string value)")(lambda text: not text or is_white(text))
STRING.static("string Copy(string str)")(lambda text: text)
STRING.static("string Intern(string str)", "string IsInterned(string str)")(lambda text: text)
declare_convertible(STRING)


@STRING.static(
    "int Compare(string strA, string strB)",
    "int Compare(string strA, string strB, bool ignoreCase)",
    "int Compare(string strA, string strB, System.StringComparison comparisonType)",
    "int Compare(string strA, string strB, bool ignoreCase, cultureinfo culture)",
)
def _compare(left: str | None, right: str | None, how: Any = False, culture: Any = None) -> int:
    return compare_text(left, right, how)


@STRING.static("int CompareOrdinal(string strA, string strB)")
def _compare_ordinal(left: str, right: str) -> int:
    for a, b in zip(left, right, strict=False):
        if a != b:
            return ord(a) - ord(b)
    return len(left) - len(right)


@STRING.static("bool Equals(string a, string b)", f"bool Equals(string a, string b, {SET})")
def _static_equals(left: str | None, right: str | None, how: Any = "Ordinal") -> bool:
    return left == right or (left is not None and right is not None and equal_text(left, right, how))


# -- parts


@STRING.method("string Substring(int startIndex)", "string Substring(int startIndex, int length)")
def _substring(text: str, start: int, length: int | None = None) -> str:
    if start < 0:
        raise out_of_range("startIndex", "StartIndex cannot be less than zero.")
    if start > len(text):
        raise out_of_range("startIndex", "startIndex cannot be larger than length of string.")
    if length is None:
        return text[start:]
    if length < 0:
        raise out_of_range("length", "Length cannot be less than zero.")
    if start + length > len(text):
        raise out_of_range("length", "Index and length must refer to a location within the string.")
    return text[start : start + length]


@STRING.method("char get_Chars(int index)", "char Chars(int index)")
def _chars(text: str, index: int) -> Char:
    if not 0 <= index < len(text):
        raise net_error("System.IndexOutOfRangeException", "Index was outside the bounds of the array.")
    return Char(text[index])


@STRING.method("string Remove(int startIndex)", "string Remove(int startIndex, int count)")
def _remove(text: str, start: int, count: int | None = None) -> str:
    if start < 0:
        raise out_of_range("startIndex", "StartIndex cannot be less than zero.")
    if count is None:
        if start > len(text):
            raise out_of_range("startIndex", "startIndex must be less than length of string.")
        return text[:start]
    if count < 0:
        raise out_of_range("count", "Count cannot be less than zero.")
    if start + count > len(text):
        raise out_of_range("count", "Index and count must refer to a location within the string.")
    return text[:start] + text[start + count :]


@STRING.method("string Insert(int startIndex, string value)")
def _insert(text: str, start: int, value: str | None) -> str:
    if value is None:
        raise argument_null("value")
    if not 0 <= start <= len(text):
        raise out_of_range("startIndex")
    return text[:start] + value + text[start:]


# -- looking for


def _find_from(text: str, wanted: str | None, start: int, count: int | None, how: Any) -> int:
    if wanted is None:
        raise argument_null("value")
    if not 0 <= start <= len(text):
        raise out_of_range(
            "startIndex",
            "Index was out of range. Must be non-negative and less than or equal to the size of the collection.",
        )
    if count is not None and (count < 0 or start + count > len(text)):
        raise out_of_range(
            "count", "Count must be positive and count must refer to a location within the string/array/collection."
        )
    end = len(text) if count is None else start + count
    return index_in(text, wanted, start, end, how)


@STRING.method(
    "int IndexOf(char value)",
    "int IndexOf(char value, int startIndex)",
    "int IndexOf(char value, int startIndex, int count)",
    f"int IndexOf(char value, {SET})",
    "int IndexOf(string value)",
    "int IndexOf(string value, int startIndex)",
    "int IndexOf(string value, int startIndex, int count)",
    f"int IndexOf(string value, {SET})",
    f"int IndexOf(string value, int startIndex, {SET})",
    f"int IndexOf(string value, int startIndex, int count, {SET})",
)
def _index_of(text: str, wanted: str, *rest: Any) -> int:
    how: Any = "Ordinal"
    if rest and hasattr(rest[-1], "ps_enum_value"):
        *rest, how = rest  # type: ignore[assignment]
    start = rest[0] if rest else 0
    return _find_from(text, wanted, start, rest[1] if len(rest) > 1 else None, how)


@STRING.method(
    "int LastIndexOf(char value)",
    "int LastIndexOf(char value, int startIndex)",
    "int LastIndexOf(string value)",
    "int LastIndexOf(string value, int startIndex)",
    f"int LastIndexOf(string value, {SET})",
    f"int LastIndexOf(string value, int startIndex, {SET})",
)
def _last_index_of(text: str, wanted: str, *rest: Any) -> int:
    how: Any = "Ordinal"
    if rest and hasattr(rest[-1], "ps_enum_value"):
        *rest, how = rest  # type: ignore[assignment]
    end = len(text) if not rest else rest[0] + 1
    if "IgnoreCase" in to_string(how):
        text, wanted = upper(text, True), upper(wanted, True)
    return text.rfind(wanted, 0, end)


def _any_of(text: str, chars: Iterable[str], start: int = 0, count: int | None = None) -> int:
    end = len(text) if count is None else start + count
    return next((at for at in range(start, end) if text[at] in chars), -1)


STRING.method(
    "int IndexOfAny(char[] anyOf)",
    "int IndexOfAny(char[] anyOf, int startIndex)",
    "int IndexOfAny(char[] anyOf, int startIndex, int count)",
)(_any_of)
STRING.method("int LastIndexOfAny(char[] anyOf)")(
    lambda text, chars: next((at for at in range(len(text) - 1, -1, -1) if text[at] in chars), -1)
)


@STRING.method(
    "bool Contains(string value)",
    f"bool Contains(string value, {SET})",
    "bool Contains(char value)",
    f"bool Contains(char value, {SET})",
)
def _contains(text: str, wanted: str | None, how: Any = "Ordinal") -> bool:
    if wanted is None:
        raise argument_null("value")
    return index_in(text, wanted, 0, len(text), how) >= 0


@STRING.method(
    "bool StartsWith(string value)",
    f"bool StartsWith(string value, {SET})",
    "bool StartsWith(string value, bool ignoreCase, cultureinfo culture)",
    "bool StartsWith(char value)",
)
def _starts_with(text: str, wanted: str | None, how: Any = "CurrentCulture", culture: Any = None) -> bool:
    if wanted is None:
        raise argument_null("value")
    return equal_text(text[: len(wanted)], wanted, how)


@STRING.method(
    "bool EndsWith(string value)",
    f"bool EndsWith(string value, {SET})",
    "bool EndsWith(string value, bool ignoreCase, cultureinfo culture)",
    "bool EndsWith(char value)",
)
def _ends_with(text: str, wanted: str | None, how: Any = "CurrentCulture", culture: Any = None) -> bool:
    if wanted is None:
        raise argument_null("value")
    return len(wanted) <= len(text) and equal_text(text[len(text) - len(wanted) :], wanted, how)


# -- making another


@STRING.method("string Replace(char oldChar, char newChar)")
def _replace_char(text: str, old: str, new: str) -> str:
    return text.replace(str(old), str(new))


@STRING.method(
    "string Replace(string oldValue, string newValue)",
    f"string Replace(string oldValue, string newValue, {SET})",
    "string Replace(string oldValue, string newValue, bool ignoreCase, cultureinfo culture)",
)
def _replace(text: str, old: str | None, new: str | None, how: Any = "Ordinal", culture: Any = None) -> str:
    if old is None:
        raise argument_null("oldValue")
    if not old:
        raise net_error("System.ArgumentException", "The value cannot be an empty string.", param="oldValue")
    if how is True or "IgnoreCase" in to_string(how):
        import re

        return re.sub(re.escape(old), lambda _: new or "", text, flags=re.IGNORECASE)
    return text.replace(old, new or "")


def _upper(text: str, culture: Any = None) -> str:
    return upper(text, culture is not None and not culture.name)


def _lower(text: str, culture: Any = None) -> str:
    return lower(text, culture is not None and not culture.name)


STRING.method("string ToUpper()", "string ToUpper(cultureinfo culture)")(_upper)
STRING.method("string ToLower()", "string ToLower(cultureinfo culture)")(_lower)
STRING.method("string ToUpperInvariant()")(lambda text: upper(text, True))
STRING.method("string ToLowerInvariant()")(lambda text: lower(text, True))


def _chars_to_trim(chars: Any) -> str | None:
    if chars is None or (isinstance(chars, list) and not chars):
        return None
    return "".join(chars)


def _trim(text: str, chars: Any = None) -> str:
    return text.strip(_chars_to_trim(chars) or white_space())


def _trim_start(text: str, chars: Any = None) -> str:
    return text.lstrip(_chars_to_trim(chars) or white_space())


def _trim_end(text: str, chars: Any = None) -> str:
    return text.rstrip(_chars_to_trim(chars) or white_space())


STRING.method("string Trim()", "string Trim(char trimChar)", "string Trim(Params char[] trimChars)")(_trim)
STRING.method("string TrimStart()", "string TrimStart(char trimChar)", "string TrimStart(Params char[] trimChars)")(
    _trim_start
)
STRING.method("string TrimEnd()", "string TrimEnd(char trimChar)", "string TrimEnd(Params char[] trimChars)")(_trim_end)


def _width(width: int) -> int:
    if width < 0:
        raise out_of_range("totalWidth", "Non-negative number required.")
    require(width)
    return width


STRING.method("string PadLeft(int totalWidth)", "string PadLeft(int totalWidth, char paddingChar)")(
    lambda text, width, char=" ": text.rjust(_width(width), char)
)
STRING.method("string PadRight(int totalWidth)", "string PadRight(int totalWidth, char paddingChar)")(
    lambda text, width, char=" ": text.ljust(_width(width), char)
)


# -- splitting


@STRING.method(
    "string[] Split(char separator)",
    "string[] Split(char separator, System.StringSplitOptions options)",
    "string[] Split(char separator, int count)",
    "string[] Split(char separator, int count, System.StringSplitOptions options)",
    "string[] Split(Params char[] separator)",
    "string[] Split(char[] separator, System.StringSplitOptions options)",
    "string[] Split(char[] separator, int count)",
    "string[] Split(char[] separator, int count, System.StringSplitOptions options)",
)
def _split_chars(text: str, separator: Any = None, *rest: Any) -> list[str]:
    return _split(text, [str(char) for char in separator or ()], rest)


@STRING.method(
    "string[] Split(string separator)",
    "string[] Split(string separator, System.StringSplitOptions options)",
    "string[] Split(string separator, int count)",
    "string[] Split(string separator, int count, System.StringSplitOptions options)",
)
def _split_string(text: str, separator: str | None, *rest: Any) -> list[str]:
    return _split(text, [separator] if separator else [], rest, white=separator is None)


@STRING.method(
    "string[] Split(string[] separator, System.StringSplitOptions options)",
    "string[] Split(string[] separator, int count, System.StringSplitOptions options)",
)
def _split_strings(text: str, separators: list[str] | None, *rest: Any) -> list[str]:
    return _split(text, [one for one in separators or () if one], rest)


def _split(text: str, separators: list[str], rest: Sequence[Any], white: bool = True) -> list[str]:
    import re

    options = next((int(one) for one in rest if hasattr(one, "ps_enum_value")), 0)
    count = next((int(one) for one in rest if not hasattr(one, "ps_enum_value")), -1)
    if count == 0:
        return PSList.of("System.String")
    remove_empty, trim = bool(options & 1), bool(options & 2)
    if len(separators) == 1 and not options and count < 0:
        return PSList.of("System.String", split(text, separators[0]))
    if separators:
        pattern = "|".join(map(re.escape, separators))
    elif white:
        pattern = f"[{re.escape(white_space())}]"
    else:
        pattern = "(?!)"
    parts: list[str] = []
    start = 0
    for found in re.finditer(pattern, text):
        if len(parts) == count - 1:
            break
        piece = text[start : found.start()].strip(white_space()) if trim else text[start : found.start()]
        start = found.end()
        if piece or not remove_empty:
            parts.append(piece)
    last = text[start:].strip(white_space()) if trim else text[start:]
    if remove_empty and len(parts) == count - 1 and separators:
        while any(last.startswith(one) for one in separators):
            last = last[len(next(one for one in separators if last.startswith(one))) :]
    if last or not remove_empty:
        parts.append(last)
    return PSList.of("System.String", parts)


# -- comparing and the rest


@STRING.method("bool Equals(System.Object obj)", "bool Equals(string value)")
def _equals(text: str, other: Any) -> bool:
    return isinstance(other, str) and type(other) is not Char and str(other) == text


@STRING.method(f"bool Equals(string value, {SET})")
def _equals_how(text: str, other: str | None, how: Any) -> bool:
    return other is not None and equal_text(text, other, how)


STRING.method("int CompareTo(System.Object value)", "int CompareTo(string strB)")(compare_same)
STRING.method("string ToString()", "string ToString(System.IFormatProvider provider)")(
    lambda text, provider=None: str(text)
)
STRING.method("System.Object Clone()")(lambda text: text)


def _normalize(text: str, form: Any = "FormC") -> str:
    name: Any = to_string(form).replace("Form", "NF")
    if name not in ("NFC", "NFD", "NFKC", "NFKD"):
        raise net_error(
            "System.ArgumentException", "Invalid or unsupported normalization form.", param="normalizationForm"
        )
    return by_characters(lambda whole: unicodedata.normalize(name, whole), text)


STRING.method("string Normalize()", "string Normalize(System.Text.NormalizationForm normalizationForm)")(_normalize)
STRING.method("bool IsNormalized()", "bool IsNormalized(System.Text.NormalizationForm normalizationForm)")(
    lambda text, form="FormC": _normalize(text, form) == text
)


@STRING.method("char[] ToCharArray()", "char[] ToCharArray(int startIndex, int length)")
def _to_chars(text: str, start: int = 0, length: int | None = None) -> list[Char]:
    if length is not None:
        if length < 0:
            raise out_of_range("length", f"length ('{length}') must be a non-negative value.")
        if not 0 <= start <= len(text) - length:
            words = "Index was out of range. Must be non-negative and less than or equal to the size of the collection."
            raise out_of_range("startIndex", words)
    part = text[start:] if length is None else text[start : start + length]
    return char_list(part)


@STRING.method("System.CharEnumerator GetEnumerator()")
def _enumerator(text: str) -> Any:
    return Enumerator([Char(char) for char in text])


STRING.method("System.Text.StringRuneEnumerator EnumerateRunes()")(lambda text: Enumerator(runes(text)))


@STRING.method("string ReplaceLineEndings()", "string ReplaceLineEndings(string replacementText)")
def _line_endings(text: str, replacement: str = "\n") -> str:
    import re

    return re.sub("\r\n|[\r\n\f\x85\u2028\u2029]", lambda _: replacement, text)


@STRING.method("System.TypeCode GetTypeCode()")
def _type_code(text: str) -> Any:
    from .enums import enum_value

    return enum_value("System.TypeCode", "String")


@STRING.method("int GetHashCode()")
def _hash(text: str) -> int:
    from .objects import hash_of

    return hash_of(str(text))
