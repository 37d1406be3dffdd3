"""-Property and its kin: names, wildcards, script blocks and hashtables that name and compute.

Select-, Sort-, Group-, Measure-, Compare-Object and Format-* all take these; each key of a
hashtable may be shortened to what is unambiguous (n, e, w, a, f, d).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...psobject import Hashtable, PSObject
from ..compiler.element_blocks import ElementBlock
from ..members.access import MISSING, get_property, has_property, plain_bag, properties
from ..records import ErrorRecord, NetException, ScriptError
from ..runtime.scriptblock import ScriptBlock
from ..values.value import is_enumerable, is_true, to_string, unwrap
from ..values.wildcards import has_wildcard, wildcard_regex

if TYPE_CHECKING:
    from ..runtime.cmdlet import Cmdlet

LABEL_KEYS = ("name", "label")
EXPRESSION_TYPES = "{System.String, System.Management.Automation.ScriptBlock}"
# the types that the entries of a hashtable must have exactly
ENTRY_TYPES = {
    "name": "System.String",
    "label": "System.String",
    "formatstring": "System.String",
    "alignment": "System.String",
    "width": "System.Int32",
    "depth": "System.Int32",
}


@dataclass(slots=True)
class Expression:
    """One computed or named value of an object.

    name: a property name or pattern; script: a block run with ``$_``; label: what it is called;
    options: the other keys.
    """

    name: str = ""
    script: ScriptBlock | None = None
    label: str | None = None
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        if self.label is not None:
            return self.label
        return self.script.text if self.script is not None else self.name

    @property
    def is_pattern(self) -> bool:
        return self.script is None and has_wildcard(self.name)

    def names(self, value: Any) -> list[str]:
        """The properties of a value that a pattern names, in their own order; of a hashtable first its keys."""
        regex = wildcard_regex(self.name)
        keys = [to_string(key) for key in hashtable(value) or ()]
        found = [key for key in keys if regex.fullmatch(key)]
        if found:
            return found
        bag = plain_bag(value)
        every = [item.name for item in properties(value)] if bag is None else bag
        found = [name for name in every if regex.fullmatch(name)]
        return list(dict.fromkeys(found))

    def is_in(self, value: Any) -> bool:
        """Whether a value has the property that is named."""
        base = unwrap(value)
        if not isinstance(base, Hashtable):
            return has_property(value, self.name)
        folded = self.name.lower()
        return (hashtable(base) is not None and self.name in base) or any(
            item.name.lower() == folded for item in properties(base)
        )


def hashtable(value: Any) -> Hashtable | None:
    """A Hashtable, whose keys are properties to these commands; those of other dictionaries are not."""
    base = unwrap(value)
    if isinstance(base, Hashtable) and "System.Collections.Hashtable" in base.type_names:
        return base
    return None


def read_entry(table: Hashtable, name: str) -> Any:
    """A key's value, or a property of the dictionary itself."""
    if name in table and hashtable(table) is not None:
        return table[name]
    folded = name.lower()
    return next((item.value() for item in properties(table) if item.name.lower() == folded), None)


def parse(cmdlet: Cmdlet, value: Any, keys: Iterable[str], *, patterns: bool = True) -> list[Expression]:
    """The bound -Property argument; ``keys`` are those that a hashtable may have besides Expression, ``patterns``
    whether names may have wildcards."""
    allowed = ("expression", *keys)
    items = value if isinstance(value, list) else [value]
    found = [_parse_one(cmdlet, unwrap(item), allowed) for item in items]
    if not patterns:
        for item, expression in zip(items, found, strict=True):
            if expression.is_pattern:
                raise _no_patterns(cmdlet, expression.name, isinstance(unwrap(item), Hashtable))
    return found


def _no_patterns(cmdlet: Cmdlet, name: str, in_table: bool) -> ScriptError:
    if in_table:
        message = f'The "expression" key cannot have wildcard characters in value "{name}".'
        return illegal(cmdlet, message, "ExpressionGlobbing1")
    return illegal(cmdlet, f'Wildcard characters are not allowed in "{name}".', "ExpressionGlobbing2")


def _parse_one(cmdlet: Cmdlet, item: Any, allowed: tuple[str, ...]) -> Expression:
    if isinstance(item, ScriptBlock):
        return Expression(script=item)
    if not isinstance(item, Hashtable):
        return Expression(_plain_name(cmdlet, item))
    found = Expression()
    seen: set[str] = set()
    for key, entry in item.items():
        matched = _match_key(cmdlet, key, allowed)
        canonical = next(name for name in allowed if name in LABEL_KEYS) if matched in LABEL_KEYS else matched
        if canonical in seen:
            raise illegal(cmdlet, f'The duplicated key "{key}" conflicts with "{canonical}".', "DictionaryKeyDuplicate")
        seen.add(canonical)
        _take(cmdlet, found, matched, key, entry)
    if not found.name and found.script is None:
        raise illegal(cmdlet, "A mandatory entry for expression is missing.", "DictionaryKeyMandatoryEntry")
    return found


def _plain_name(cmdlet: Cmdlet, item: Any) -> str:
    if item is None:
        message = f"The value of a parameter was null; one of the following types was expected: {EXPRESSION_TYPES}."
        raise illegal(cmdlet, message, "DictionaryKeyUnknownType")
    if not isinstance(item, str):
        message = f"Cannot convert {type_name(item)} to one of the following types {EXPRESSION_TYPES}."
        raise illegal(cmdlet, message, "DictionaryKeyUnknownType")
    if not item:
        raise illegal(cmdlet, "An empty string value is not allowed.", "ExpressionEmptyString2")
    return str(item)


def _take(cmdlet: Cmdlet, found: Expression, matched: str, key: str, entry: Any) -> None:
    """One entry of a hashtable; the ones with a type of their own are checked as PowerShell checks them."""
    if matched == "expression":
        _take_expression(cmdlet, found, key, unwrap(entry))
        return
    wanted = ENTRY_TYPES.get(matched)
    if wanted is not None:
        _check_type(cmdlet, key, entry, wanted)
    if matched in LABEL_KEYS:
        found.label = str(entry) or None
        return
    if matched == "formatstring" and not entry:
        message = 'Cannot have an empty formatting string for key "formatString".'
        raise illegal(cmdlet, message, "FormatStringEmpty")
    if matched == "width" and entry <= 0:
        message = f'The value "{entry}" for key "width" should be greater than 0.'
        raise illegal(cmdlet, message, "WidthOutOfRange")
    found.options[matched] = entry


def _check_type(cmdlet: Cmdlet, key: str, entry: Any, wanted: str) -> None:
    if entry is None:
        raise illegal(cmdlet, f"The {key} key has no value.", "DictionaryKeyMissingValue")
    if type_name(entry) != wanted:
        message = f'The "{key}" key has a type, {type_name(entry)}, that is not valid; expected type is {wanted}.'
        raise illegal(cmdlet, message, "DictionaryKeyIllegalValue2")


def _take_expression(cmdlet: Cmdlet, found: Expression, key: str, value: Any) -> None:
    if isinstance(value, ScriptBlock):
        found.script = value
    elif value is None:
        raise illegal(cmdlet, f"The {key} key has no value.", "DictionaryKeyMissingValue")
    elif not isinstance(value, str):
        message = (
            f'The "{key}" key has a type, {type_name(value)}, that is not valid; expected types are {EXPRESSION_TYPES}.'
        )
        raise illegal(cmdlet, message, "DictionaryKeyIllegalValue1")
    elif not value:
        message = 'The "expression" key cannot have an empty string value.'
        raise illegal(cmdlet, message, "ExpressionEmptyString1")
    else:
        found.name = str(value)


def _match_key(cmdlet: Cmdlet, key: Any, allowed: tuple[str, ...]) -> str:
    if not isinstance(key, str):
        short = type_name(key).rpartition(".")[2]
        message = f"The {short} key type is not valid. The key must be a string."
        raise illegal(cmdlet, message, "DictionaryKeyNonString")
    folded = key.lower()
    if folded in allowed:
        return folded
    matches = [name for name in allowed if folded and name.startswith(folded)]
    if not matches:
        raise illegal(cmdlet, f"The {key} key is not valid.", "DictionaryKeyIllegal")
    if len(matches) > 1:
        message = f"The {key} key is ambiguous; {matches[0]} and {matches[1]} conflict."
        raise illegal(cmdlet, message, "DictionaryKeyAmbiguous")
    return matches[0]


def illegal(cmdlet: Cmdlet, message: str, fqid: str) -> ScriptError:
    """The error of a -Property that is none: the message is in its details."""
    exception = NetException("Specified method is not supported.", net_type="System.NotSupportedException")
    return cmdlet.terminate(ErrorRecord(exception, fqid, "InvalidArgument", details=message))


def type_name(value: Any) -> str:
    from ..values.types import type_of

    return "null" if value is None else type_of(value).full_name


def getter(cmdlet: Cmdlet, expression: Expression) -> Callable[[Any], Any]:
    """Fast reading of one expression: missing properties and failing scripts give None."""
    if expression.script is not None:
        return _evaluator(cmdlet, expression.script)
    name = expression.name

    def read(value: Any) -> Any:
        if type(value) is PSObject:
            bag = value._extended
            if name in bag:
                return bag[name]
        base = value._base if isinstance(value, PSObject) and value._base is not None else value
        return read_entry(base, name) if isinstance(base, Hashtable) else get_property(value, name)

    return read


def _evaluator(
    cmdlet: Cmdlet, script: ScriptBlock, failed: Callable[[Any, ScriptError], None] | None = None
) -> Callable[[Any], Any]:
    if ElementBlock.suits(script):
        return ElementBlock(script, cmdlet.frame, cmdlet.runtime.streams).reader(failed)

    def run(value: Any) -> Any:
        found: list[Any] = []
        try:
            script.run(cmdlet.frame, found.append, under=value, streams=cmdlet.runtime.streams, quiet=True)
        except ScriptError as problem:
            if failed is not None:
                failed(value, problem)
            return None
        return found[0] if len(found) == 1 else (found or None)

    return run


def sorting_getter(cmdlet: Cmdlet, expression: Expression) -> Callable[[Any], Any]:
    """Reading for Sort-, Group- and Compare-Object, which tell when a script fails."""
    if expression.script is None:
        return getter(cmdlet, expression)

    def failed(value: Any, problem: ScriptError) -> None:
        cmdlet.error(ErrorRecord(problem.record.exception, "ExpressionEvaluation", "InvalidResult", value))

    return _evaluator(cmdlet, expression.script, failed)


def expanded(expression: Expression, values: Iterable[Any]) -> list[Expression]:
    """The expression, or for a pattern one for each property of the values that it names, in alphabetical order."""
    if not expression.is_pattern:
        return [expression]
    names = {name.upper(): name for value in values for name in expression.names(value)}
    return [Expression(names[key], options=expression.options) for key in sorted(names)]


def finder(cmdlet: Cmdlet, expression: Expression) -> Callable[[Any], Any]:
    """Reading that tells MISSING from None."""
    read = getter(cmdlet, expression)
    if expression.script is not None:
        return read
    has, name = presence(expression), expression.name

    def find(value: Any) -> Any:
        if type(value) is PSObject:
            if name in value._extended:
                return value._extended[name]
        elif not isinstance(value, Hashtable) and not is_enumerable(value):
            return get_property(value, name, MISSING, strict=True)
        return read(value) if has(value) else MISSING

    return find


def presence(expression: Expression) -> Callable[[Any], bool]:
    """Whether a value has what the expression names."""
    if expression.script is not None:
        return lambda value: True
    return expression.is_in


def flag(expression: Expression, key: str, default: bool = False) -> bool:
    found = expression.options.get(key)
    return default if found is None else is_true(found)


def first_error(problem: ScriptError) -> ErrorRecord:
    return problem.record
