"""-like, -match, -replace, -split, -join and -f."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from ...psobject import Hashtable
from ..records import ScriptError, error
from .conversions import convert
from .formats import format_string
from .patterns import compile_pattern, dotnet_order, expand_replacement
from .types import type_of
from .value import NOTHING, as_list, element_string, enumerate_value, is_enumerable, is_true, to_string, unwrap
from .wildcards import wildcard_regex

if TYPE_CHECKING:
    from ..runtime.runspace import Frame


def _each(value: Any) -> bool:
    return isinstance(value, list) or is_enumerable(value)


def like(frame: Frame, left: Any, right: Any, ignore_case: bool, wanted: bool) -> Any:
    matches = wildcard_regex(to_string(right), ignore_case).fullmatch
    if _each(left):
        return [item for item in enumerate_value(left) if (matches(to_string(item)) is not None) is wanted]
    return (matches(to_string(left)) is not None) is wanted


def match(frame: Frame, left: Any, right: Any, ignore_case: bool, wanted: bool) -> Any:
    pattern = pattern_of(right, ignore_case)
    if _each(left):
        return [item for item in enumerate_value(left) if (pattern.search(to_string(item)) is not None) is wanted]
    found = pattern.search(left if type(left) is str else to_string(left))
    if found is not None:
        frame.scope.set("matches", "Matches", groups_table(found))
    return (found is not None) is wanted


def pattern_of(value: Any, ignore_case: bool) -> re.Pattern[str]:
    compiled: Any = getattr(
        value, "compiled", None
    )  # a [regex]'s, perhaps a guarded one; a script block has another one
    if hasattr(compiled, "search"):
        return compiled  # type: ignore[no-any-return]
    return compile_pattern(to_string(value), re.IGNORECASE if ignore_case else 0)


def checked_pattern(value: Any, ignore_case: bool) -> re.Pattern[str]:
    """The pattern, or the error of ``-replace`` and ``switch -regex`` for one that is none."""
    try:
        return pattern_of(value, ignore_case)
    except ScriptError as failed:
        if failed.record.fqid == "System.NotSupportedException":
            raise
        raise error(
            f"The regular expression pattern {to_string(value)} is not valid.",
            "InvalidRegularExpression",
            "InvalidOperation",
            value,
            inner=failed.record.exception,
        ) from None


def groups_table(found: re.Match[str]) -> Hashtable:
    table = Hashtable()
    names = {number: name for name, number in found.re.groupindex.items()}
    for at, number in reversed(list(enumerate(dotnet_order(found.re)))):
        text = found.group(number)
        if text is not None:
            table[names.get(number, at)] = text
    return table


def replace(frame: Frame, left: Any, right: Any, ignore_case: bool, wanted: bool) -> Any:
    parts = as_list(right) if _each(right) else [right]
    if len(parts) > 2:
        raise error(
            f"The -ireplace operator allows only two elements to follow it, not {len(parts)}.",
            "BadReplaceArgument",
            "InvalidOperation",
        )
    pattern = checked_pattern(parts[0] if parts else "", ignore_case)
    by = replacer(frame, parts[1] if len(parts) > 1 else "", pattern)
    if _each(left):
        return [pattern.sub(by, to_string(item)) for item in enumerate_value(left)]
    return pattern.sub(by, to_string(left))


def replacer(frame: Frame, replacement: Any, pattern: re.Pattern[str]) -> Any:
    from ..dotnet.delegates import Delegate
    from ..dotnet.regex import Match
    from ..members.listing import MethodReference
    from ..runtime.scriptblock import ScriptBlock

    if isinstance(replacement, MethodReference):
        replacement = convert(replacement, "System.Text.RegularExpressions.MatchEvaluator")
    if isinstance(replacement, Delegate):
        return lambda found: to_string(replacement(Match(found)))
    if isinstance(replacement, ScriptBlock):

        def call(found: re.Match[str]) -> str:
            output = replacement.invoke(frame, [], under=Match(found))
            return to_string(output[0] if len(output) == 1 else output)

        return call
    text = to_string(replacement)
    if "$" not in text:
        return lambda found: text
    return lambda found: expand_replacement(text, found)


def join(frame: Frame, left: Any, right: Any, ignore_case: bool, wanted: bool) -> str:
    separator = to_string(right)
    if not _each(left):
        return to_string(left)
    return separator.join([item if type(item) is str else _joined(item, frame) for item in enumerate_value(left)])


def _joined(item: Any, frame: Frame) -> str:
    if isinstance(item, list):
        return element_string(item)
    return to_string(item)


def split_words(value: Any) -> list[str]:
    items = enumerate_value(value) if _each(value) else (value,)
    return [word for item in items for word in to_string(item).split()]


def split(frame: Frame, left: Any, right: Any, ignore_case: bool, wanted: bool) -> list[Any]:
    parts = as_list(right) if _each(right) else [right]
    if not parts:
        raise error(
            f"The argument to operator '-split' is not valid: {type_of(right).full_name}.",
            "BadOperatorArgument",
            "InvalidOperation",
            right,
        )
    limit = int(convert(parts[1], "System.Int32")) if len(parts) > 1 and parts[1] is not None else 0
    options = to_string(parts[2]).lower().replace(" ", "").split(",") if len(parts) > 2 else []
    items = [to_string(item) for item in enumerate_value(left)] if _each(left) else [to_string(left)]
    return [piece for item in items for piece in _split_one(frame, item, unwrap(parts[0]), limit, options, ignore_case)]


def _split_one(frame: Frame, text: str, by: Any, limit: int, options: list[str], ignore_case: bool) -> list[str]:
    from ..runtime.scriptblock import ScriptBlock

    if isinstance(by, ScriptBlock):
        return _split_by_block(frame, text, by, limit)
    if "simplematch" in options and not {"", "simplematch", "ignorecase"}.issuperset(options):
        raise error(
            "The combination of options with the -split operator is not valid.",
            "InvalidSplitOptionCombination",
            "InvalidOperation",
        )
    if "simplematch" in options:
        pattern = re.compile(re.escape(to_string(by)), re.IGNORECASE if ignore_case else 0)
    else:
        flags = re.IGNORECASE if ignore_case or "ignorecase" in options else 0
        if "multiline" in options:
            flags |= re.MULTILINE
        if "singleline" in options:
            flags |= re.DOTALL
        if "ignorepatternwhitespace" in options:
            flags |= re.VERBOSE
        pattern = compile_pattern(to_string(by), flags)
    return split_text(pattern, text, limit, "explicitcapture" not in options)


def split_text(pattern: re.Pattern[str], text: str, limit: int, unnamed: bool = True) -> list[str]:
    """Regex.Split with captured groups kept (``unnamed`` ones too); a negative limit counts from the end."""
    kept = dotnet_order(pattern)[1:] if unnamed else sorted(pattern.groupindex.values())
    if limit in (1, -1):
        return [text]
    found: Iterable[re.Match[str]] = pattern.finditer(text)
    if limit > 0:
        found = islice(found, limit - 1)
    elif limit < 0:
        found = list(found)[limit + 1 :]
    pieces, start = [], 0
    for hit in found:
        pieces.append(text[start : hit.start()])
        pieces.extend(group for group in map(hit.group, kept) if group is not None)
        start = hit.end()
    pieces.append(text[start:])
    return pieces


def _split_by_block(frame: Frame, text: str, block: Any, limit: int) -> list[str]:
    from ...psobject import Char

    pieces: list[str] = []
    order = range(len(text)) if limit >= 0 else range(len(text) - 1, -1, -1)
    cuts: list[int] = []
    for at in order:
        if limit and len(cuts) == abs(limit) - 1:
            break
        output = block.invoke(frame, [], under=Char(text[at]))
        if is_true(output[0] if len(output) == 1 else output):
            cuts.append(at)
    start = 0
    for cut in sorted(cuts):
        pieces.append(text[start:cut])
        start = cut + 1
    pieces.append(text[start:])
    return pieces


def format_operator(frame: Frame, left: Any, right: Any, ignore_case: bool, wanted: bool) -> str:
    arguments = list(enumerate_value(right)) if _each(right) else [None if right is NOTHING else right]
    return format_string(to_string(left), arguments)
