"""A command as far as it is written: which parameters it has, which are given, which one the cursor is at."""

from __future__ import annotations

from collections.abc import Iterator

from ..binding.parameters import ALL_SETS, COMMON_PARAMETERS, SHOULD_PROCESS_PARAMETERS, CommandInfo, ParameterInfo
from ..parser import syntax as s
from ..session.syntax import type_text
from .commands import find, metadata
from .place import MARK, Place
from .results import Completion

# types that the engine binds in a way of its own, as PowerShell names them
_SHOWN = {"-Encoding": "Encoding", "-Authentication": "AuthenticationMechanism"}


class Call:
    """The command around the cursor."""

    def __init__(self, place: Place, node: s.CommandAst) -> None:
        self.place, self.node = place, node
        first = node.elements[0]
        self.name = str(getattr(first, "value", ""))
        self.info: CommandInfo | None = find(place, self.name) if self.name and MARK not in self.name else None
        self.metadata = metadata(self.info) if self.info is not None else None
        self.parameters = self._parameters()
        self.given = self._given()

    def _parameters(self) -> dict[str, ParameterInfo]:
        found = self.metadata
        if found is None:
            return {}
        known = {key: info for key, info in found.parameters.items() if not info.dont_show}
        extra = dict(COMMON_PARAMETERS) if found.cmdlet_binding else {}
        if found.supports_should_process:
            extra.update(SHOULD_PROCESS_PARAMETERS)
        for name, (kind, aliases) in extra.items():
            known.setdefault(name.lower(), ParameterInfo(name, type_name=kind, aliases=aliases))
        return known

    def named(self, name: str) -> ParameterInfo | None:
        """The parameter that a name, an alias or the unique beginning of a name means."""
        folded = name.lower()
        exact = [item for key, item in self.parameters.items() if folded in (key, *map(str.lower, item.aliases))]
        if exact:
            return exact[0]
        found = [item for key, item in self.parameters.items() if key.startswith(folded)]
        return found[0] if len(found) == 1 else None

    def _given(self) -> list[ParameterInfo]:
        written = [item for item in self.node.elements if isinstance(item, s.CommandParameterAst)]
        found = (self.named(item.name) for item in written if MARK not in item.name)
        return [item for item in found if item is not None]

    def fits(self, info: ParameterInfo) -> bool:
        """Whether it can be added: not given yet, and in a set with those that are."""
        if info in self.given:
            return False
        sets = set(info.sets)
        for other in self.given:
            if ALL_SETS not in other.sets and ALL_SETS not in sets:
                sets &= set(other.sets)
        return bool(sets)

    def at_cursor(self) -> ParameterInfo | None:
        """The parameter whose value is being written."""
        end = len(self.place.text)
        before: s.Ast | None = None
        position = 0
        for item in self.node.elements[1:]:
            if isinstance(item, s.CommandParameterAst) and item.argument is not None:
                if item.extent[0] <= end < item.extent[1]:
                    return self.named(item.name)
            elif item.extent[0] <= end < item.extent[1]:
                break
            elif not isinstance(item, s.CommandParameterAst) and self._takes_value(before) is None:
                position += 1
            before = item
        told = self._takes_value(before)
        return told if told is not None else self._positional(position)

    def _takes_value(self, item: s.Ast | None) -> ParameterInfo | None:
        if not isinstance(item, s.CommandParameterAst) or item.argument is not None:
            return None
        found = self.named(item.name)
        return None if found is None or found.is_switch else found

    def _positional(self, number: int) -> ParameterInfo | None:
        """The parameter that an argument without a name goes to: by position, the default set's first."""
        default = self.metadata.default_set if self.metadata is not None else ALL_SETS
        free = [info for info in self.parameters.values() if self.fits(info)]
        for wanted in (default, None):
            placed = [
                (held.position, at, info)
                for at, info in enumerate(free)
                for name, held in info.sets.items()
                if held.position is not None and (wanted is None or name in (wanted, ALL_SETS))
            ]
            placed.sort(key=lambda entry: entry[:2])
            if number < len(placed):
                return placed[number][2]
            if placed and placed[-1][2].sets.get(default, placed[-1][2].sets.get(ALL_SETS)):
                last = placed[-1][2]
                if any(held.from_remaining for held in last.sets.values()):
                    return last
        return None

    def values(self) -> dict[str, s.Ast]:
        """Parameters given by name and what is written for them."""
        found: dict[str, s.Ast] = {}
        for item, after in zip(self.node.elements, [*self.node.elements[1:], None], strict=False):
            if isinstance(item, s.CommandParameterAst):
                info = self.named(item.name)
                value = item.argument or (after if not isinstance(after, s.CommandParameterAst) else None)
                if info is not None and value is not None:
                    found[info.name] = value
        return found


def parameter_names(call: Call, start: str) -> Iterator[Completion]:
    """By name; by alias where no name fits."""
    folded = start.lower()
    fitting = [info for info in call.parameters.values() if call.fits(info)]
    named = [(info.name, info) for info in fitting if info.name.lower().startswith(folded)]
    if not named:
        named = [(alias, info) for info in fitting for alias in info.aliases if alias.lower().startswith(folded)]
    for name, info in named:
        kind = _SHOWN.get(f"-{info.name}", type_text(info.type_name)) if _vague(info) else type_text(info.type_name)
        yield Completion(f"-{name}", name, "ParameterName", f"[{kind}] {name}")


def _vague(info: ParameterInfo) -> bool:
    return info.type_name == "System.Object"
