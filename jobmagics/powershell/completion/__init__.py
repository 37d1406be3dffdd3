"""What could come next at the cursor: the answer to TabExpansion2.

The text before the cursor is parsed (``place``), the node at its end says what is wanted, and a file for each kind of
thing finds it. Nothing of the user's is run but argument completers, which are made for it; of expressions the type is
inferred (``inference``), variables are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..parser import syntax as s
from ..parser.tokens import BINARY
from .commands import commands
from .files import files
from .members import members
from .parameters import Call, parameter_names
from .place import MARK, Place
from .results import Completion, Completions, starting
from .types import USING_KINDS, attribute_arguments, namespaces, types
from .values import argument, hashtable_keys
from .variables import variables

if TYPE_CHECKING:
    from ..runtime.runspace import Runspace

__all__ = ["Completion", "Completions", "complete"]

MAX_RESULTS = 1000
_ATTRIBUTE = re.compile(r"\[\s*([\w.]+)\s*\((?:[^()]*,)?\s*(\w*)\Z")
_USING = re.compile(r"(?:\A|[;\n])\s*using\s+(\w*)\Z", re.IGNORECASE)
_OPERATOR = re.compile(r"-\w*\Z")
_REQUIRES = re.compile(r"#requires(?:\s.*?)?\s(-?\w*)\Z", re.IGNORECASE | re.DOTALL)
_HELP = re.compile(r"^\s*(?:#\s*)?\.(\w*)\Z", re.MULTILINE)
REQUIRES = ("-Modules", "-PSEdition", "-RunAsAdministrator", "-Version")
HELP = (
    *("COMPONENT", "DESCRIPTION", "EXAMPLE", "EXTERNALHELP", "FORWARDHELPCATEGORY", "FORWARDHELPTARGETNAME"),
    *("FUNCTIONALITY", "INPUTS", "LINK", "NOTES", "OUTPUTS", "PARAMETER", "REMOTEHELPRUNSPACE", "ROLE", "SYNOPSIS"),
)
_Found = tuple[int, Iterable[Completion]]


def complete(runspace: Runspace, text: str, cursor: int) -> Completions:
    """The completions of ``text`` with the cursor at that offset."""
    place = Place(runspace, text[:cursor], text[cursor:])
    start, found = _find(place)
    return Completions(start, len(place.text) - start, list(islice(found, MAX_RESULTS)))


def _find(place: Place) -> _Found:
    text = place.text
    if place.comment:
        return _in_comment(text)
    if (found := _USING.search(text)) is not None:
        names = starting(USING_KINDS, found[1])
        return found.start(1), [Completion(name, name, "Keyword", name) for name in names]
    if (found := _ATTRIBUTE.search(text)) is not None:
        offered = list(attribute_arguments(found[1], found[2]))
        if offered:
            return found.start(2), offered
    for at in range(len(place.path) - 1, -1, -1):
        rule = _RULES.get(type(place.path[at]))
        answer = rule(place, place.path[at]) if rule is not None else None
        if answer is not None:
            return answer
    return len(text), ()


def _in_comment(text: str) -> _Found:
    if (found := _REQUIRES.search(text)) is not None:
        names = starting(REQUIRES, found[1])
        return found.start(1), [Completion(name, name[1:], "ParameterName", name) for name in names]
    if (found := _HELP.search(text)) is not None:
        return found.start(1), [Completion(name, name, "Keyword", name) for name in starting(HELP, found[1])]
    return len(text), ()


# -- what is at the cursor, by the kind of node: None leaves it to the node around
def _variable(place: Place, node: Any) -> _Found:
    start = place.start(node)
    if place.text[start : start + 1] not in ("$", "@"):
        return len(place.text), ()
    return start, variables(place, place.word(node))


def _type(place: Place, node: Any) -> _Found:
    return place.start(node), types(place, place.word(node))


def _member(place: Place, node: s.MemberExpressionAst) -> _Found | None:
    if not node.member.extent[0] <= len(place.text) < node.member.extent[1]:
        return None
    if isinstance(node.member, s.VariableExpressionAst):
        return None
    return place.start(node.member), members(place, node, place.word(node.member))


def _parameter(place: Place, node: s.CommandParameterAst) -> _Found | None:
    command = place.above(s.CommandAst)
    if node.argument is not None or command is None:
        return None
    return place.start(node), parameter_names(Call(place, command), node.name.partition(MARK)[0])


def _command(place: Place, node: s.CommandAst) -> _Found | None:
    end = len(place.text)
    item = next((one for one in node.elements if one.extent[0] <= end < one.extent[1]), None)
    if item is None:
        return None
    if item is node.elements[0]:
        return _command_name(place, item)
    at = _part(item, end)
    return place.start(at), argument(Call(place, node), place.word(at))


def _part(item: Any, end: int) -> Any:
    """The one of ``a,b`` that is being written, the value of ``-Name:value``."""
    if isinstance(item, s.CommandParameterAst) and item.argument is not None:
        item = item.argument
    if isinstance(item, s.ArrayLiteralAst):
        return next((one for one in item.elements if one.extent[0] <= end < one.extent[1]), item)
    return item


def _command_name(place: Place, item: Any) -> _Found:
    word = place.word(item)
    before = place.text[: place.start(item)]
    if (found := _OPERATOR.search(place.text)) is not None and found.start() < len(before):
        return found.start(), _operators(place, found[0])
    if word and not any(char.isalnum() or char in "_~./" for char in word):
        return len(place.text), ()
    if word[:1] in ("'", '"'):
        return place.start(item), files(place.runspace, word)
    return place.start(item), commands(place, word)


def _operators(place: Place, start: str) -> Iterable[Completion]:
    """After a value; where none is before it, nothing follows a dash."""
    if "MissingExpressionAfterOperator" in place.errors:
        return ()
    names = sorted(name for name in BINARY if name.startswith(start.lower()) and name != "-")
    return [Completion(name, name, "ParameterName", name) for name in names]


def _redirection(place: Place, node: s.FileRedirectionAst) -> _Found:
    return place.start(node.location), files(place.runspace, place.word(node.location))


def _text(place: Place, node: s.StringConstantExpressionAst) -> _Found | None:
    """A string that stands alone may be a path."""
    if node.kind == "BareWord" or not isinstance(place.path[-2], s.CommandExpressionAst):
        return None
    return place.start(node), files(place.runspace, place.word(node))


def _hashtable(place: Place, node: s.HashtableAst) -> _Found | None:
    key = place.leaf
    if any(value.extent[0] <= len(place.text) < value.extent[1] for _, value in node.pairs):
        return None
    if not isinstance(key, s.StringConstantExpressionAst):
        return len(place.text), ()
    return place.start(key), hashtable_keys(place, node, place.word(key))


def _using(place: Place, node: s.UsingStatementAst) -> _Found:
    if node.name is None:
        return len(place.text), ()
    word = place.word(node.name)
    if node.kind == "namespace":
        return place.start(node.name), namespaces(word)
    if node.kind in ("module", "assembly"):
        extension = ".dll" if node.kind == "assembly" else ".psm1"
        return place.start(node.name), files(place.runspace, word, extension=extension)
    return len(place.text), ()


def _label(place: Place, node: Any) -> _Found | None:
    if node.label is None:
        return None
    labels = [one.label for one in place.before(s.LabeledStatementAst) if one.label]
    names = starting(labels, place.word(node.label))
    return place.start(node.label), [Completion(name, name, "Text", name) for name in names]


_RULES: dict[Any, Callable[[Place, Any], _Found | None]] = {
    s.VariableExpressionAst: _variable,
    s.TypeName: _type,
    s.MemberExpressionAst: _member,
    s.InvokeMemberExpressionAst: _member,
    s.CommandParameterAst: _parameter,
    s.CommandAst: _command,
    s.FileRedirectionAst: _redirection,
    s.StringConstantExpressionAst: _text,
    s.HashtableAst: _hashtable,
    s.UsingStatementAst: _using,
    s.BreakStatementAst: _label,
    s.ContinueStatementAst: _label,
}
