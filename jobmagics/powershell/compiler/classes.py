"""Class and enum definitions: compiled to what classes/types.py makes types of when the block starts to run.

PowerShell defines the types of a block before its first statement runs; so do we, in dependency order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..classes.types import ClassPlan, EnumPlan, MethodPlan, PropertyPlan
from ..parser import syntax as s
from ..runtime.compiled import CompiledBlock, Statement
from .attributes import here, short_name
from .class_checks import problems
from .core import Context, compile_block, compiles_statement, expression
from .functions import marks_of, parameter_of

if TYPE_CHECKING:
    from ..runtime.runspace import Frame

Sink = Callable[[Any], Any]


def hoisted(nodes: list[Any], body: Statement, c: Context) -> Statement:
    """The body, after the types that its statements define."""
    plans = [plan_of(node, c) for node in definitions(nodes)]
    if not plans:
        return body
    early = c.early

    def run(frame: Frame, out: Sink) -> Any:
        from ..classes.types import define_all

        if early.pop(id(plans), None) is None:
            define_all(frame, plans)
        return body(frame, out)

    c.plans.append(plans)
    return run


def define_early(c: Context) -> None:
    """The types of a block whose parameters are looked at before it runs: their attributes may be of these types."""
    from ..classes.types import define_all

    for plans in c.plans:
        define_all(here(), plans)
        c.early[id(plans)] = True


def definitions(nodes: Iterable[Any]) -> Iterator[s.TypeDefinitionAst]:
    """The types that statements define, those in the blocks of other statements too."""
    for node in nodes:
        if isinstance(node, s.TypeDefinitionAst):
            yield node
        elif isinstance(node, (s.StatementBlockAst, s.CatchClauseAst)) or (
            isinstance(node, s.StatementAst) and not isinstance(node, (s.PipelineBaseAst, s.FunctionDefinitionAst))
        ):
            yield from definitions(node.children())


@compiles_statement(s.TypeDefinitionAst)
def compile_type_definition(node: s.TypeDefinitionAst, c: Context) -> Statement:
    """Nothing left to do where it stands: see ``hoisted``."""
    return lambda frame, out: None


@compiles_statement(s.UsingStatementAst)
def compile_using_statement(node: s.UsingStatementAst, c: Context) -> Statement:
    name = node.name.value if node.name is not None else ""

    def run(frame: Frame, out: Sink) -> None:
        if node.kind == "namespace":
            if name not in frame.rs.namespaces:
                frame.rs.namespaces.append(name)
        elif node.kind == "module":
            from ..runtime.scriptblock import ScriptBlock

            ScriptBlock.parse(f"Import-Module '{name}'").run(frame, out, local=False)

    return run


def plan_of(node: s.TypeDefinitionAst, c: Context) -> ClassPlan | EnumPlan:
    return enum_plan(node, c) if node.kind == "enum" else class_plan(node, c)


def enum_plan(node: s.TypeDefinitionAst, c: Context) -> EnumPlan:
    flags = any(short_name(one) == "flags" for one in node.attributes)
    underlying = node.base_types[0].type_name.full_name if node.base_types else "int"
    members = [
        (member.name, expression(member.initial_value, c) if member.initial_value is not None else None)
        for member in node.members
        if isinstance(member, s.PropertyMemberAst)
    ]
    return EnumPlan(node.name, members, flags, underlying)


def class_plan(node: s.TypeDefinitionAst, c: Context) -> ClassPlan:
    inner = Context(c.source)
    inner.in_class = True
    inner.class_name = node.name
    plan = ClassPlan(node.name, [base.type_name.full_name for base in node.base_types], c.source, node.extent)
    plan.check = lambda frame: list(problems(node, c, frame))
    for one in named_types(node):
        plan.places.setdefault(one.type_name.full_name, one.type_name.extent)
    for member in node.members:
        if isinstance(member, s.PropertyMemberAst):
            plan.properties.append(property_plan(member, inner))
        elif isinstance(member, s.FunctionMemberAst):
            plan.add_method(method_plan(member, inner, node.name))
    return plan


def named_types(node: s.TypeDefinitionAst) -> Iterator[s.TypeConstraintAst]:
    """The types that the definition names outside of methods' bodies."""
    yield from node.base_types
    for member in node.members:
        if isinstance(member, s.PropertyMemberAst) and member.property_type is not None:
            yield member.property_type
        elif isinstance(member, s.FunctionMemberAst):
            if member.return_type is not None:
                yield member.return_type
            for parameter in member.parameters:
                yield from (one for one in parameter.attributes if isinstance(one, s.TypeConstraintAst))


def property_plan(node: s.PropertyMemberAst, c: Context) -> PropertyPlan:
    plan = PropertyPlan(node.name)
    plan.type_name = node.property_type.type_name.full_name if node.property_type is not None else ""
    plan.initial = expression(node.initial_value, c) if node.initial_value is not None else None
    plan.is_static = node.is_static
    plan.is_hidden = node.is_hidden
    marks = [one for one in node.attributes if isinstance(one, s.AttributeAst)]
    if marks:
        plan.marks = lambda: marks_of(marks, c)
    return plan


def method_plan(node: s.FunctionMemberAst, c: Context, class_name: str) -> MethodPlan:
    plan = MethodPlan(node.name)
    plan.parameters = [parameter_of(one, c) for one in node.parameters]
    plan.type_names = [declared_type(one) for one in node.parameters]
    plan.returns = node.return_type.type_name.full_name if node.return_type is not None else ""
    plan.is_static = node.is_static
    plan.is_hidden = node.is_hidden
    plan.is_constructor = node.is_constructor
    plan.source = c.source
    statements = node.body.end_block.statements if node.body.end_block is not None else []
    plan.calls_base = bool(statements) and base_expression(statements[0]) is not None
    body = node.body
    plan.compile = lambda: compile_method(body)
    return plan


def declared_type(node: s.ParameterAst) -> str:
    for one in node.attributes:
        if isinstance(one, s.TypeConstraintAst):
            return one.type_name.full_name
    return ""


def compile_method(body: s.ScriptBlockAst) -> CompiledBlock:
    return compile_block(body, None, in_class=True, in_method=True)


def base_expression(node: Any) -> Any:
    if isinstance(node, s.PipelineAst) and len(node.elements) == 1:
        node = node.elements[0]
    if isinstance(node, s.CommandExpressionAst) and isinstance(node.expression, s.BaseCtorInvokeMemberExpressionAst):
        return node.expression
    return None


def base_call(node: s.BaseCtorInvokeMemberExpressionAst, c: Context) -> Statement:
    """``: base(...)``."""
    getters = [expression(argument, c) for argument in node.arguments]

    def run(frame: Frame, out: Sink) -> None:
        from ..classes.types import call_base_constructor

        call_base_constructor(frame, [get(frame) for get in getters])

    return run
