"""What syntax nodes are made of: places in a text, and the class that makes classes of nodes.

A node is a slotted class made by ``AstMeta`` from its annotations, and its ``__init__`` is written when the first
instance is made. Eighty dataclasses would cost 30 ms at every start of the engine; these cost three.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        return lambda cls: cls


class Extent(NamedTuple):
    """Where something stands: offsets into the source text, end exclusive."""

    start: int
    end: int


class Position(NamedTuple):
    """Line and column, both counted from 1."""

    line: int
    column: int


class Source:
    """A script's text and the file it came from; finds lines and columns."""

    __slots__ = ("_starts", "file", "text")

    def __init__(self, text: str, file: str | None = None) -> None:
        self.text = text
        self.file = file
        self._starts: list[int] | None = None

    def _line_starts(self) -> list[int]:
        if self._starts is None:
            starts = [0]
            text = self.text
            for at, char in enumerate(text):
                if char == "\n" or (char == "\r" and text[at + 1 : at + 2] != "\n"):
                    starts.append(at + 1)
            self._starts = starts
        return self._starts

    def position(self, offset: int) -> Position:
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        return Position(line, offset - starts[line - 1] + 1)

    def line_text(self, line: int) -> str:
        """Line number ``line`` (from 1), without its line end."""
        starts = self._line_starts()
        end = starts[line] if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r\n")

    def extent_text(self, extent: Extent) -> str:
        return self.text[extent[0] : extent[1]]


@dataclass_transform()
class AstMeta(type):
    """Turns a class's annotations into slots, its assigned values into ``__init__`` defaults."""

    fields: tuple[str, ...]
    defaults: dict[str, Any]

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> AstMeta:
        own = tuple(namespace.get("__annotations__", ()))
        inherited: tuple[str, ...] = ()
        defaults: dict[str, Any] = {}
        for base in bases:
            if isinstance(base, AstMeta):
                inherited += base.fields
                defaults.update(base.defaults)
        for field in own:
            if field in namespace:
                defaults[field] = namespace.pop(field)
        namespace["__slots__"] = own
        namespace["__init__"] = _first_init
        cls = super().__new__(mcs, name, bases, namespace)
        cls.fields = inherited + own
        cls.defaults = defaults
        return cls


def _first_init(self: Ast, *args: Any, **kwargs: Any) -> None:
    """Every class's ``__init__`` until its first instance is made."""
    cls = type(self)
    _write_init(cls)
    cls.__init__(self, *args, **kwargs)


def _write_init(cls: AstMeta) -> None:
    # `None`, True, False, 0, "" and () are the only defaults in use, so repr() writes them
    parts = [f"{name}={cls.defaults[name]!r}" if name in cls.defaults else name for name in cls.fields]
    # a default before a field without one: all after it become keyword-able with their own order kept
    required = [part for part in parts if "=" not in part]
    optional = [part for part in parts if "=" in part]
    lines = [f"def __init__(self, {', '.join(required + optional)}):"]
    lines += [f"    self.{name} = {name}" for name in cls.fields]
    scope: dict[str, Any] = {}
    exec("\n".join(lines), scope)  # noqa: S102 - the text is made of this module's own field names
    type.__setattr__(cls, "__init__", scope["__init__"])


class Ast(metaclass=AstMeta):
    """Base of every node. ``extent`` is where it stands in ``Source.text``."""

    extent: Extent

    def children(self) -> Iterator[Ast]:
        """Nodes directly below, in field order."""
        for name in type(self).fields[1:]:
            yield from _nodes(getattr(self, name))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in type(self).fields[1:])
        return f"{type(self).__name__}({shown})"


def _nodes(value: Any) -> Iterator[Ast]:
    if isinstance(value, Ast):
        yield value
    elif type(value) in (list, tuple):
        for item in value:
            yield from _nodes(item)
