"""What an expression gives, without running it: types, known values, keys of hashtables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...psobject import OrderedDictionary
from ..dotnet.table import table_of
from ..parser import syntax as s
from ..values.types import NetType, array_type, net_type, type_of
from ..values.value import unwrap
from .place import Place

MAX_STEPS = 60  # expressions within each other, and variables that lead to variables
_SAME = frozenset(("where-object", "sort-object", "select-object", "tee-object", "get-unique"))
_COMPARISONS = frozenset(
    f"-{case}{name}"
    for case in ("", "i", "c")
    for name in [
        "eq",
        "ne",
        "gt",
        "ge",
        "lt",
        "le",
        "like",
        "notlike",
        "match",
        "notmatch",
        "contains",
        "notcontains",
        "in",
        "notin",
    ]
) | {"-is", "-isnot", "-and", "-or", "-xor"}


@dataclass(frozen=True)
class Inferred:
    """One type that an expression may have. ``kind`` is a class or enum of the text where no such type exists yet."""

    kind: NetType | s.TypeDefinitionAst
    value: Any = None
    keys: tuple[str, ...] = ()
    elements: tuple[Inferred, ...] = ()


def of_value(value: Any) -> list[Inferred]:
    return [] if value is None else [Inferred(type_of(value), value)]


def named(place: Place, name: str) -> list[Inferred]:
    for node in place.before(s.TypeDefinitionAst):
        if node.name.lower() == name.lower():
            return [Inferred(node)]
    found = place.runspace.resolve_type(name)
    return [] if found is None else [Inferred(found)]


def elements(found: Iterable[Inferred]) -> list[Inferred]:
    """What a pipeline or foreach makes of each."""
    given: list[Inferred] = []
    for one in found:
        if one.elements:
            given.extend(one.elements)
        elif isinstance(one.value, list):
            given.extend(item for value in one.value[:1] for item in of_value(value))
        elif isinstance(one.kind, NetType) and one.kind.element is not None:
            given.append(Inferred(one.kind.element))
        else:
            given.append(one)
    return given


class Inference:
    """Answers for one place; asks no deeper than MAX_STEPS."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.depth = 0

    def of(self, node: s.Ast | None) -> list[Inferred]:
        rule = _RULES.get(type(node))
        if node is None or rule is None or self.depth >= MAX_STEPS:
            return []
        self.depth += 1
        try:
            return rule(self, node)
        finally:
            self.depth -= 1

    def type_name(self, name: s.TypeName) -> list[Inferred]:
        return named(self.place, name.full_name)

    # -- statements
    def pipeline(self, node: s.PipelineAst) -> list[Inferred]:
        return self.of(node.elements[-1]) if node.elements else []

    def statement_block(self, node: Any) -> list[Inferred]:
        inner = node.sub_expression
        return self.of(inner.statements[-1]) if inner.statements else []

    def array(self, node: Any) -> list[Inferred]:
        items = node.elements if isinstance(node, s.ArrayLiteralAst) else node.sub_expression.statements
        inside = elements(found for item in items[:5] for found in self.of(item))
        return [Inferred(array_type(net_type("System.Object")), elements=tuple(inside))]

    # -- expressions
    def convert(self, node: s.ConvertExpressionAst) -> list[Inferred]:
        found = self.type_name(node.attribute.type_name)
        inner = self.of(node.child) if isinstance(node.child, s.HashtableAst) else []
        wanted = node.attribute.type_name.full_name.lower()
        if inner and wanted in ("pscustomobject", "ordered", "psobject"):
            kind = type_of(OrderedDictionary()) if wanted == "ordered" else net_type("System.Object")
            return [replace(inner[0], kind=kind)]
        return found

    def hashtable(self, node: s.HashtableAst) -> list[Inferred]:
        keys = tuple(str(key.value) for key, _ in node.pairs if isinstance(key, s.StringConstantExpressionAst))
        return [Inferred(net_type("System.Collections.Hashtable"), keys=keys)]

    def binary(self, node: s.BinaryExpressionAst) -> list[Inferred]:
        if node.operator in _COMPARISONS:
            return named(self.place, "bool")
        if node.operator in ("-f", "-join"):
            return named(self.place, "string")
        if node.operator == "-as" and isinstance(node.right, s.TypeExpressionAst):
            return self.type_name(node.right.type_name)
        if node.operator.endswith("split"):
            return named(self.place, "string[]")
        if node.operator == "..":
            return named(self.place, "int[]")
        return self.of(node.left) or self.of(node.right)

    def unary(self, node: s.UnaryExpressionAst) -> list[Inferred]:
        if node.operator in ("!", "-not"):
            return named(self.place, "bool")
        if node.operator in ("-join",):
            return named(self.place, "string")
        return named(self.place, "string[]") if node.operator.endswith("split") else self.of(node.child)

    def index(self, node: s.IndexExpressionAst) -> list[Inferred]:
        held = self.of(node.target)
        key = getattr(node.index, "value", None)
        for one in held:
            value = unwrap(one.value)
            try:
                if isinstance(value, (Mapping, list)) and not isinstance(key, (Mapping, list)) and key is not None:
                    return of_value(value[key])
            except (LookupError, TypeError, ValueError):
                return []
        if any(isinstance(one.kind, NetType) and one.kind.full_name == "System.String" for one in held):
            return named(self.place, "char")
        return elements(held)

    def member(self, node: s.MemberExpressionAst) -> list[Inferred]:
        name = getattr(node.member, "value", None)
        if not isinstance(name, str):
            return []
        called = isinstance(node, s.InvokeMemberExpressionAst)
        if node.static and isinstance(node.expression, s.TypeExpressionAst):
            kinds = self.type_name(node.expression.type_name)
            if name.lower() == "new":
                return kinds
            return self._members(kinds, name.lower(), called, static=True)
        return self._members(self.of(node.expression), name.lower(), called, static=False)

    def _members(self, kinds: list[Inferred], name: str, called: bool, static: bool) -> list[Inferred]:
        given: list[Inferred] = []
        for one in kinds:
            if isinstance(one.kind, s.TypeDefinitionAst):
                given.extend(self._own_member(one.kind, name, called))
            elif not static and not called and one.value is not None:
                given.extend(of_value(known_member(one.value, name)))
            else:
                text = declared_type(one.kind, name, called, static)
                given.extend(named(self.place, text) if text else [])
        return given

    def _own_member(self, node: s.TypeDefinitionAst, name: str, called: bool) -> list[Inferred]:
        for member in node.members:
            if member.name.lower() == name:
                told = member.return_type if isinstance(member, s.FunctionMemberAst) else None
                told = member.property_type if isinstance(member, s.PropertyMemberAst) else told
                return self.type_name(told.type_name) if told is not None else []
        return []

    # -- variables
    def variable(self, node: s.VariableExpressionAst) -> list[Inferred]:
        name = node.path.lower().removeprefix("local:")
        if name in ("_", "psitem"):
            return self.pipeline_item(node)
        if name == "this":
            around = self.place.above(s.TypeDefinitionAst)
            return [Inferred(around)] if around is not None else []
        told = self._assigned(name, node.extent[0])
        return told if told is not None else of_value(self.place.runspace.get_variable(name))

    def _assigned(self, name: str, end: int) -> list[Inferred] | None:
        """By the last assignment before, the foreach around it, or the type of a parameter."""
        found: Callable[[], list[Inferred]] | None = None
        for node in self.place.walk(self.place.tree):
            if node.extent[0] > end:
                continue
            if isinstance(node, s.AssignmentStatementAst) and node.extent[1] <= end and node.operator == "=":
                target = node.left
                if isinstance(target, s.ConvertExpressionAst) and _is_variable(target.child, name):
                    found = _later(self.type_name, target.attribute.type_name)
                elif _is_variable(target, name):
                    found = _later(self.of, node.right)
            elif isinstance(node, s.ForEachStatementAst) and _is_variable(node.variable, name):
                found = _later(self._each, node)
            elif isinstance(node, s.ParameterAst) and _is_variable(node.name, name):
                types = [one.type_name for one in node.attributes if isinstance(one, s.TypeConstraintAst)]
                if types:
                    found = _later(self.type_name, types[0])
        return found() if found is not None else None

    def _each(self, node: s.ForEachStatementAst) -> list[Inferred]:
        return elements(self.of(node.condition))

    def pipeline_item(self, node: s.Ast) -> list[Inferred]:
        """What ``$_`` is there: the output of the command before, or the collection of ``.Where{}``."""
        at = node.extent[0]
        given: list[Inferred] | None = None
        for one in self.place.walk(self.place.tree):
            if not one.extent[0] <= at < one.extent[1]:
                continue
            if isinstance(one, s.PipelineAst):
                for before, after in zip(one.elements, one.elements[1:], strict=False):
                    if after.extent[0] <= at < after.extent[1]:
                        given = elements(self.of(before))
            elif isinstance(one, s.InvokeMemberExpressionAst):
                if any(part.extent[0] <= at < part.extent[1] for part in one.arguments):
                    given = elements(self.of(one.expression))
            elif isinstance(one, s.CatchClauseAst):
                given = named(self.place, "System.Management.Automation.ErrorRecord")
        return given if given is not None else of_value(self.place.runspace.get_variable("_"))

    # -- commands
    def command(self, node: s.CommandAst) -> list[Inferred]:
        name = getattr(node.elements[0], "value", None) if node.elements else None
        if not isinstance(name, str):
            return []
        from .commands import find, metadata

        info = find(self.place, name)
        if info is None:
            return []
        folded = info.name.lower()
        if folded in _SAME:
            return elements(self.before(node))
        if folded == "new-object":
            return self._new_object(node)
        found = metadata(info)
        return [one for kind in (found.output_types if found else ()) for one in self._output(kind)]

    def _output(self, name: str) -> list[Inferred]:
        found = named(self.place, name)
        return [replace(one, value=sample(self.place, name)) for one in found]

    def before(self, node: s.CommandAst) -> list[Inferred]:
        """What comes down the pipeline to a command."""
        for one in self.place.before(s.PipelineAst):
            for first, after in zip(one.elements, one.elements[1:], strict=False):
                if after is node:
                    return elements(self.of(first))
        return []

    def _new_object(self, node: s.CommandAst) -> list[Inferred]:
        words = [item for item in node.elements[1:] if isinstance(item, s.StringConstantExpressionAst)]
        return named(self.place, words[0].value) if words else []


def sample(place: Place, type_name: str) -> Any:
    """One object of a type whose members only its objects tell."""
    if type_name in ("System.IO.FileInfo", "System.IO.DirectoryInfo"):
        from ..commands.fileinfo import DirectoryInfo, FileInfo

        return (FileInfo if type_name.endswith("FileInfo") else DirectoryInfo)(place.runspace.location)
    if type_name == "System.Diagnostics.Process" and os.path.isdir("/proc/self"):
        from ..commands.processes import ProcessInfo

        return ProcessInfo(os.getpid())
    return None


def known_member(value: Any, name: str) -> Any:
    """A property of a known value; script properties are not run."""
    from ..members.listing import properties

    base = unwrap(value)
    if isinstance(base, Mapping):
        return next((held for key, held in base.items() if isinstance(key, str) and key.lower() == name), None)
    for member in properties(value):
        if member.name.lower() == name and member.kind in ("Property", "NoteProperty"):
            return member.value()
    return None


def declared_type(kind: NetType, name: str, called: bool, static: bool) -> str:
    """The type that a declared property has or a method gives, as its declaration writes it."""
    table = table_of(kind)
    if not called:
        entry = table.static_property(name) if static else table.find_property(name)
        return entry.type_name.removeprefix("static ") if entry is not None else ""
    for method in table.all_methods("statics" if static else "methods"):
        if method.name.lower() == name and method.pairs:
            return method.pairs[0][0].partition("(")[0].removeprefix("static ").rpartition(" ")[0]
    return ""


def _is_variable(node: Any, name: str) -> bool:
    return isinstance(node, s.VariableExpressionAst) and node.path.lower().removeprefix("local:") == name


def _later(rule: Callable[[Any], list[Inferred]], node: Any) -> Callable[[], list[Inferred]]:
    return lambda: rule(node)


def _constant(_: Inference, node: Any) -> list[Inferred]:
    return of_value(node.value)


def _text(at: Inference, node: Any) -> list[Inferred]:
    return named(at.place, "string")


_RULES: dict[Any, Callable[[Inference, Any], list[Inferred]]] = {
    s.PipelineAst: Inference.pipeline,
    s.CommandAst: Inference.command,
    s.CommandExpressionAst: lambda at, node: at.of(node.expression),
    s.ParenExpressionAst: lambda at, node: at.of(node.pipeline),
    s.SubExpressionAst: Inference.statement_block,
    s.ArrayExpressionAst: Inference.array,
    s.ArrayLiteralAst: Inference.array,
    s.ConvertExpressionAst: Inference.convert,
    s.AttributedExpressionAst: lambda at, node: at.of(node.child),
    s.HashtableAst: Inference.hashtable,
    s.BinaryExpressionAst: Inference.binary,
    s.UnaryExpressionAst: Inference.unary,
    s.TernaryExpressionAst: lambda at, node: at.of(node.if_true) or at.of(node.if_false),
    s.IndexExpressionAst: Inference.index,
    s.MemberExpressionAst: Inference.member,
    s.InvokeMemberExpressionAst: Inference.member,
    s.VariableExpressionAst: Inference.variable,
    s.UsingExpressionAst: lambda at, node: at.of(node.sub_expression),
    s.ConstantExpressionAst: _constant,
    s.StringConstantExpressionAst: _text,
    s.ExpandableStringExpressionAst: _text,
    s.TypeExpressionAst: lambda at, node: named(at.place, "System.Type"),
    s.ScriptBlockExpressionAst: lambda at, node: named(at.place, "scriptblock"),
    s.AssignmentStatementAst: lambda at, node: at.of(node.right),
}
