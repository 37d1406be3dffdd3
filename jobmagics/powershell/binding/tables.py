"""What the binder looks up for one command, made once for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import errors
from .parameters import ALL_SETS, COMMON_PARAMETERS, SHOULD_PROCESS_PARAMETERS, CommandMetadata, ParameterInfo

if TYPE_CHECKING:
    pass


class Tables:
    """What the binder looks up for one command, made once."""

    __slots__ = (
        "by_name",
        "common",
        "mandatory",
        "names",
        "pipeline",
        "positional",
        "remaining",
        "set_names",
        "standing",
    )

    def __init__(self, meta: CommandMetadata) -> None:
        self.by_name: dict[str, ParameterInfo] = {}
        self.common: set[str] = set()
        for key, info in meta.parameters.items():
            self.by_name[key] = info
            for alias in info.aliases:
                self.by_name.setdefault(alias.lower(), info)
        if meta.cmdlet_binding:
            self._add_common(COMMON_PARAMETERS)
            if meta.supports_should_process:
                self._add_common(SHOULD_PROCESS_PARAMETERS)
        self.names = sorted(self.by_name)
        infos = list(meta.parameters.values())
        declared = {name for info in infos for name in info.sets if name != ALL_SETS}
        declared.update(name for name in meta.set_names if name != ALL_SETS)
        if meta.default_set not in (ALL_SETS, ""):
            declared.add(meta.default_set)
        self.set_names = sorted(declared) or [ALL_SETS]
        self.pipeline = [
            info
            for info in infos
            if any(part.from_pipeline or part.from_pipeline_by_name for part in info.sets.values())
        ]
        self.positional = sorted(
            {part.position for info in infos for part in info.sets.values() if part.position is not None}
        )
        # those that may stand at a position, in some set
        self.standing = {
            position: [info for info in infos if any(part.position == position for part in info.sets.values())]
            for position in self.positional
        }
        self.remaining = [info for info in infos if any(part.from_remaining for part in info.sets.values())]
        self.mandatory = [info for info in infos if any(part.mandatory for part in info.sets.values())]

    def _add_common(self, table: dict[str, tuple[str, tuple[str, ...]]]) -> None:
        for name, (kind, aliases) in table.items():
            if name.lower() in self.by_name:
                continue
            info = ParameterInfo(name, kind, aliases)
            self.common.add(name)
            self.by_name[name.lower()] = info
            for alias in aliases:
                self.by_name.setdefault(alias, info)

    def find(self, binding: Any, name: str) -> ParameterInfo:
        """By name, alias, or a beginning that means only one."""
        folded = name.lower()
        found = self.by_name.get(folded)
        if found is not None:
            return found
        matching: list[ParameterInfo] = []
        for known in self.names:
            info = self.by_name[known]
            if known.startswith(folded) and info not in matching:
                matching.append(info)
        if len(matching) > 1:
            own = [info for info in matching if info.name not in self.common]
            matching = own if len(own) == 1 else matching
        if len(matching) == 1:
            return matching[0]
        if matching:
            raise errors.ambiguous(binding, name, [info.name for info in matching])
        raise errors.unknown(binding, name)


def tables_of(meta: CommandMetadata) -> Tables:
    if meta.cache is None:
        meta.cache = Tables(meta)
    tables: Tables = meta.cache
    return tables
