"""Reading a magic's line: PowerShell's spelling of options, and Jupyter's.

``-ComputerName web01,web02``, ``-cn web01``, ``-comp:web01`` and ``--computer-name=web01`` are the
same option. Each magic declares its options as data (:class:`MagicSpec`); parsing, help text and
completion are readings of that data, so they cannot disagree. argparse was not used: it knows neither
comma lists nor ``-Name:value`` nor abbreviation without case, and it answers mistakes with a usage dump.

Values are text unless the option's kind says otherwise; ``$name`` and ``{expression}`` as a whole value
stand for the Python value. IPython's own expansion is switched off for these magics because it turns a
list into its repr.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError
from .kinds import Kind, Namespace, evaluate, switch_value
from .words import Item, read_words, split_items


@dataclass(frozen=True, slots=True)
class Option:
    """``name`` is PowerShell's spelling; ``kind`` None is a switch."""

    name: str
    help: str
    kind: Kind | None = None
    aliases: tuple[str, ...] = ()

    @property
    def dashed(self) -> str:
        """Jupyter's spelling: ComputerName is computer-name."""
        out = ""
        for place, char in enumerate(self.name):
            starts_word = char.isupper() and place > 0 and not self.name[place - 1].isupper()
            out += ("-" if starts_word else "") + char.lower()
        return out

    def usage(self) -> str:
        return f"-{self.name}" + (f" {self.kind.placeholder}" if self.kind else "")


@dataclass(frozen=True, slots=True)
class MagicSpec:
    """A magic's words: ``positional`` names the options a bare value may belong to, the first that accepts it wins;
    ``cmdlet`` is the one of PowerShell's that it is here.
    """

    name: str
    summary: str
    options: tuple[Option, ...]
    positional: tuple[str, ...] = ()
    example: str = ""
    is_cell: bool = False
    conflicts: tuple[tuple[str, ...], ...] = ()
    cmdlet: str = ""
    gives_in_line: bool = False
    """Its line form has a value, as line magics have; a cell's is only in -OutVariable."""

    @property
    def shown(self) -> str:
        return ("%%" if self.is_cell else "%") + self.name

    def option(self, name: str) -> Option:
        return next(option for option in self.options if option.name == name)

    def help_text(self) -> str:
        """What ``%magic?`` shows."""
        lines = [self.summary, "", self.example.strip(), "", "Options (any case, any unambiguous abbreviation):", ""]
        for option in self.options:
            aliases = "".join(f", -{alias}" for alias in option.aliases)
            lines.append(f"  {option.usage()}{aliases}")
            lines.append(f"      {option.help}")
        return "\n".join(lines).strip() + "\n"


@dataclass(slots=True)
class Arguments:
    """What was given, under PowerShell's names."""

    values: dict[str, Any] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def switch(self, name: str) -> bool:
        return bool(self.values.get(name, False))


def parse(spec: MagicSpec, line: str, namespace: Namespace) -> Arguments:
    """Bind the words of ``line`` to the options of ``spec``.

    Raises UsageError, one sentence: what is wrong, what is valid.
    """
    arguments = Arguments()
    words = list(read_words(spec.shown, line))
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        if isinstance(word, list):
            _bind_positional(spec, arguments, word, namespace)
            continue
        option = find_option(spec, word.name, word.shown)
        items: list[Item] | None = None
        if word.attached is not None:
            items = list(split_items(spec.shown, word.attached))
        elif option.kind is not None and place < len(words):
            following = words[place]
            if isinstance(following, list):
                items = following
                place += 1
        _store(spec, arguments, option, _value(option, items, namespace))
    _check_conflicts(spec, arguments)
    return arguments


def find_option(spec: MagicSpec, name: str, shown: str) -> Option:
    """The option that ``name`` spells or abbreviates, as PowerShell resolves parameter names."""
    folded = name.replace("-", "").lower()
    spelled = {word.lower(): option for option in spec.options for word in (option.name, *option.aliases)}
    if folded in spelled:
        return spelled[folded]
    found = {option.name: option for word, option in spelled.items() if folded and word.startswith(folded)}
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise UsageError(f"{shown} is ambiguous: it could be {_join_or(f'-{name}' for name in found)}.")
    if not spec.options:
        raise UsageError(f"{spec.shown} has no option {shown}; it takes none.")
    valid = ", ".join(f"-{option.name}" for option in spec.options)
    raise UsageError(f"{spec.shown} has no option {shown}; it has {valid}. {spec.shown}? explains them.")


def complete(spec: MagicSpec, word: str) -> list[str]:
    """Options that begin as ``word`` does, in the spelling (``-`` or ``--``) it uses."""
    if word.startswith("--"):
        return [f"--{option.dashed}" for option in spec.options if f"--{option.dashed}".startswith(word.lower())]
    if word.startswith("-"):
        return [f"-{option.name}" for option in spec.options if f"-{option.name}".lower().startswith(word.lower())]
    return []


# -- binding


def _bind_positional(spec: MagicSpec, arguments: Arguments, items: list[Item], namespace: Namespace) -> None:
    for name in spec.positional:
        option = spec.option(name)
        if name in arguments or option.kind is None:
            continue
        if all(option.kind.accepts(item, namespace) for item in items):
            arguments.values[name] = _value(option, items, namespace)
            return
    shown = ", ".join(item.raw for item in items)
    valid = ", ".join(f"-{option.name}" for option in spec.options) or "no options"
    raise UsageError(f"{spec.shown} does not know what {shown!r} is for; name the option: {valid}.")


def _store(spec: MagicSpec, arguments: Arguments, option: Option, value: Any) -> None:
    if option.name in arguments:
        raise UsageError(f"{spec.shown}: -{option.name} is given twice.")
    arguments.values[option.name] = value


def _value(option: Option, items: list[Item] | None, namespace: Namespace) -> Any:
    kind = option.kind
    if kind is None:
        return switch_value(option.name, items)
    if not items:
        raise UsageError(f"-{option.name} needs a value: {option.usage()}.")
    values: list[Any] = []
    for item in items:
        for member in _members(kind, item, namespace):
            try:
                value = kind.convert(member, namespace)
            except ValueError as error:
                raise UsageError(f"-{option.name} {error}") from None
            values.extend(value if kind.flattens and isinstance(value, (list, tuple)) else [value])
    if not kind.many and len(values) != 1:
        raise UsageError(f"-{option.name} takes one value, not {len(values)}.")
    return values if kind.many else values[0]


def _members(kind: Kind, item: Item, namespace: Namespace) -> list[Item]:
    """The item, or what the Python value behind ``$name`` or ``{expression}`` holds."""
    if item.quoted or kind.evaluates:
        return [item]
    if item.text.startswith("$") and len(item.text) > 1:
        found = evaluate(item.text[1:], namespace)
    elif item.text.startswith("{") and item.text.endswith("}"):
        found = evaluate(item.text[1:-1], namespace)
    else:
        return [item]
    return [Item(str(each), True) for each in (found if isinstance(found, (list, tuple)) else [found])]


def _check_conflicts(spec: MagicSpec, arguments: Arguments) -> None:
    for group in spec.conflicts:
        given = [name for name in group if name in arguments]
        if len(given) > 1:
            raise UsageError(f"{spec.shown} takes one of {_join_or(f'-{name}' for name in given)}, not both.")


def _join_or(words: Iterable[str]) -> str:
    listed = list(words)
    return listed[0] if len(listed) == 1 else ", ".join(listed[:-1]) + " or " + listed[-1]
