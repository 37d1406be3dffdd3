"""The words of a command: how each argument is computed, and what splatting adds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ...psobject import Hashtable
from ..binding.tokens_args import NumberWord
from ..parser import syntax as s
from ..runtime.calls import MISSING
from ..runtime.compiled import Expression
from ..values.value import enumerate_value, is_enumerable, to_string
from .core import Context, expression
from .expressions import constant

if TYPE_CHECKING:
    from ..runtime.runspace import Frame

Arguments = list[tuple["str | None", Any]]


class Word(NamedTuple):
    """One argument of a command whose arguments are all written out."""

    name: str | None
    get: Expression
    apart: bool  # -Name and then the value, which are one argument unless the parameter is a switch


def plain_words(node: s.CommandAst, c: Context) -> list[Word] | None:
    """The arguments of a command that, if it means a plain function or block, can be called the short way."""
    if node.invocation == "." or node.redirections:
        return None
    words: list[Word] = []
    bare: str | None = None
    for one in node.elements[1:]:
        if isinstance(one, s.UsingExpressionAst) or (isinstance(one, s.VariableExpressionAst) and one.splatted):
            return None
        if not isinstance(one, s.CommandParameterAst):
            words.append(Word(bare, argument(one, c), bare is not None))
            bare = None
        elif bare is not None:
            return None
        elif one.argument is None:
            bare = one.name
        else:
            words.append(Word(one.name, expression(one.argument, c), False))
    return words if bare is None else None


def as_written(words: list[Word], values: list[Any]) -> Arguments:
    """The same for the binder."""
    found: Arguments = []
    for word, value in zip(words, values, strict=True):
        if word.apart:
            found += [(word.name, MISSING), (None, value)]
        else:
            found.append((word.name, value))
    return found


def compile_arguments(nodes: list[Any], c: Context) -> Callable[[Any], Arguments]:
    parts: list[tuple[str, str | None, Expression | None]] = []
    for node in nodes:
        if isinstance(node, s.CommandParameterAst):
            get = expression(node.argument, c) if node.argument is not None else None
            parts.append(("named", node.name, get))
        elif isinstance(node, s.VariableExpressionAst) and node.splatted:
            parts.append(("splat", None, expression(s.VariableExpressionAst(node.extent, node.path), c)))
        elif isinstance(node, s.UsingExpressionAst) and c.source.extent_text(node.extent).startswith("@"):
            parts.append(("splat", None, expression(node, c)))
        else:
            parts.append(("value", None, argument(node, c)))
    if not parts:
        return lambda frame: []
    if all(kind == "value" for kind, _, _ in parts):
        getters = [get for _, _, get in parts if get is not None]
        return lambda frame: [(None, get(frame)) for get in getters]

    def build(frame: Frame) -> Arguments:
        found: Arguments = []
        for kind, name, get in parts:
            if kind == "value":
                assert get is not None
                found.append((None, get(frame)))
            elif kind == "named":
                found.append((name, MISSING if get is None else get(frame)))
            else:
                assert get is not None
                found.extend(splatted(get(frame)))
        return found

    return build


def argument(node: Any, c: Context) -> Expression:
    """An argument. A number keeps how it was written, for those who want text: ``Test-Text 3.10``."""
    if isinstance(node, s.ConstantExpressionAst) and not isinstance(node.value, (bool, str)) and node.value is not None:
        text = c.source.extent_text(node.extent)
        if text != to_string(node.value):
            return constant(NumberWord(node.value, text))
    return expression(node, c)


def splatted(value: Any) -> Arguments:
    from ..binding.tokens_args import ParameterWord, SplatName
    from ..values.value import unwrap

    plain = unwrap(value)
    if isinstance(plain, Hashtable):
        return [(SplatName(to_string(key)), item) for key, item in plain.items()]
    if hasattr(plain, "ps_entries"):
        return [(SplatName(to_string(key)), item) for key, item in plain.ps_entries()]
    if isinstance(plain, list) or is_enumerable(plain):
        found: Arguments = []
        for item in enumerate_value(plain):
            if isinstance(item, ParameterWord):
                word = item[1:]
                found.append((word.rstrip(":"), MISSING))
            else:
                found.append((None, item))
        return found
    return [] if plain is None else [(None, plain)]
