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
from ..runtime.records import ErrorRecord, NetException, ScriptError
from ..runtime.scriptblock import ScriptBlock
from ..values.value import is_enumerable, is_true, to_string, unwrap
from ..values.wildcards import has_wildcard, wildcard_regex

if TYPE_CHECKING:
    from ..runtime.cmdlet import Cmdlet

LABEL_KEYS = ("name", "label")


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
        """The properties of a value that a pattern names, in their own order."""
        regex = wildcard_regex(self.name)
        bag = plain_bag(value)
        every = [item.name for item in properties(value)] if bag is None else bag
        found = [name for name in every if regex.fullmatch(name)]
        return list(dict.fromkeys(found))


def parse(cmdlet: Cmdlet, value: Any, keys: Iterable[str]) -> list[Expression]:
    """The bound -Property argument; ``keys`` are those that a hashtable may have besides Expression."""
    allowed = ("expression", *keys)
    return [_parse_one(cmdlet, unwrap(item), allowed) for item in (value if isinstance(value, list) else [value])]


def _parse_one(cmdlet: Cmdlet, item: Any, allowed: tuple[str, ...]) -> Expression:
    if isinstance(item, ScriptBlock):
        return Expression(script=item)
    if not isinstance(item, Hashtable):
        if item is None or not isinstance(item, (str, int, float)):
            kind = type_name(item)
            raise _illegal(
                cmdlet,
                f"Cannot convert {kind} to one of the following types "
                f"{{System.String, System.Management.Automation.ScriptBlock}}.",
                "DictionaryKeyUnknownType",
            )
        return Expression(to_string(item))
    found = Expression()
    for key, entry in item.items():
        matched = _match_key(cmdlet, key, allowed)
        if matched == "expression":
            _take_expression(cmdlet, found, unwrap(entry))
        elif matched in LABEL_KEYS:
            if not isinstance(entry, str) or not entry:
                raise _illegal(
                    cmdlet,
                    f"The value of the key {key} must be a string that is not empty.",
                    "DictionaryKeyIllegalValue",
                )
            found.label = str(entry)
        else:
            found.options[matched] = entry
    if not found.name and found.script is None:
        if "expression" in allowed and found.label is None:
            raise _illegal(cmdlet, "The hash table has no Expression key.", "DictionaryKeyMandatoryEntry")
        found.name = found.label or ""
    return found


def _take_expression(cmdlet: Cmdlet, found: Expression, value: Any) -> None:
    if isinstance(value, ScriptBlock):
        found.script = value
    elif isinstance(value, str) and value:
        found.name = str(value)
    elif value is None or value == "":
        raise _illegal(cmdlet, "The Expression key has an empty value.", "DictionaryKeyIllegalValue")
    else:
        raise _illegal(cmdlet, f"The value of Expression cannot be a {type_name(value)}.", "DictionaryKeyIllegalValue")


def _match_key(cmdlet: Cmdlet, key: Any, allowed: tuple[str, ...]) -> str:
    if not isinstance(key, str):
        raise _illegal(cmdlet, f"The key {to_string(key)} is not a string.", "DictionaryKeyIllegal")
    folded = key.lower()
    if folded in allowed:
        return folded
    matches = [name for name in allowed if folded and name.startswith(folded)]
    if not matches:
        raise _illegal(
            cmdlet, "Specified method is not supported.", "DictionaryKeyIllegal", "System.NotSupportedException"
        )
    if len(matches) > 1:
        raise _illegal(cmdlet, f"The key {key} is ambiguous: {', '.join(matches)}.", "DictionaryKeyAmbiguous")
    return matches[0]


def _illegal(cmdlet: Cmdlet, message: str, fqid: str, net_type: str = "System.NotSupportedException") -> ScriptError:
    return cmdlet.terminate(NetException(message, net_type=net_type), fqid, "InvalidArgument")


def type_name(value: Any) -> str:
    from ..values.types import type_of

    return "null" if value is None else type_of(value).full_name


def getter(cmdlet: Cmdlet, expression: Expression) -> Callable[[Any], Any]:
    """Fast reading of one expression: missing properties and failing scripts give None."""
    if expression.script is not None:
        script = expression.script
        if ElementBlock.suits(script):
            return ElementBlock(script, cmdlet.frame, cmdlet.runtime.streams).reader()

        def run(value: Any) -> Any:
            found: list[Any] = []
            try:
                script.run(cmdlet.frame, found.append, under=value, streams=cmdlet.runtime.streams, quiet=True)
            except ScriptError:
                return None
            return found[0] if len(found) == 1 else (found or None)

        return run
    name = expression.name

    def read(value: Any) -> Any:
        if type(value) is PSObject:
            bag = value._extended
            if name in bag:
                return bag[name]
        base = value._base if isinstance(value, PSObject) and value._base is not None else value
        if isinstance(base, Hashtable) and name in base:
            return base[name]
        return get_property(value, name)

    return read


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
    name = expression.name

    def check(value: Any) -> bool:
        base = unwrap(value)
        return (isinstance(base, Hashtable) and name in base) or has_property(value, name)

    return check


def flag(expression: Expression, key: str, default: bool = False) -> bool:
    found = expression.options.get(key)
    return default if found is None else is_true(found)


def first_error(problem: ScriptError) -> ErrorRecord:
    return problem.record
