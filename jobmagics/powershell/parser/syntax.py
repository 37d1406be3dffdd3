"""The syntax tree of a PowerShell script: one class for each kind of node.

The names are those of System.Management.Automation.Language, the fields are its properties in
snake_case, so whoever knows PowerShell's own tree knows this one. What it leaves to others: making
the tree (parser.py), running it (compiler), and types (a ``TypeName`` is a name, not a type).
"""

from __future__ import annotations

from typing import Any

from jobmagics.powershell.parser.syntax_base import Ast, AstMeta, Extent, Position, Source

__all__ = ["Ast", "AstMeta", "Extent", "Position", "Source"]  # handed on; the nodes below need no mention


class StatementAst(Ast):
    pass


class PipelineBaseAst(StatementAst):
    """PipelineAst, PipelineChainAst, AssignmentStatementAst or ErrorStatementAst."""


class CommandBaseAst(StatementAst):
    """CommandAst or CommandExpressionAst: what stands between pipes."""

    redirections: list[RedirectionAst]


class CommandElementAst(Ast):
    pass


class ExpressionAst(CommandElementAst):
    pass


# -- names of types


class TypeName(Ast):
    """A plain type name, ``System.Text.StringBuilder`` or ``int``; ``assembly`` from ``[name, assembly]``."""

    name: str
    assembly: str | None = None

    @property
    def full_name(self) -> str:
        return self.name


class GenericTypeName(TypeName):
    """``List[int]``: ``name`` is the generic type's own name."""

    generic_arguments: list[TypeName] = ()  # type: ignore[assignment]

    @property
    def full_name(self) -> str:
        return f"{self.name}[{','.join(argument.full_name for argument in self.generic_arguments)}]"


class ArrayTypeName(TypeName):
    """``int[]`` or ``int[,]``: ``name`` is the element's full name."""

    element_type: TypeName = None  # type: ignore[assignment]
    rank: int = 1

    @property
    def full_name(self) -> str:
        return f"{self.element_type.full_name}[{',' * (self.rank - 1)}]"


# -- script blocks and what they are made of


class ScriptBlockAst(Ast):
    """A script or the inside of a script block. Without named blocks everything is in ``end_block`` (or,
    for a filter, in ``process_block``)."""

    source: Source
    using_statements: list[UsingStatementAst]
    param_block: ParamBlockAst | None
    begin_block: NamedBlockAst | None
    process_block: NamedBlockAst | None
    end_block: NamedBlockAst | None
    clean_block: NamedBlockAst | None
    dynamic_param_block: NamedBlockAst | None
    requires: list[str] = ()  # type: ignore[assignment]  # the text after each #requires
    help: str | None = None  # comment-based help inside the block: comment text as written, one comment a line


class ParamBlockAst(Ast):
    attributes: list[AttributeAst]
    parameters: list[ParameterAst]


class NamedBlockAst(Ast):
    """A begin, process, end, clean or dynamicparam block; ``unnamed``: the keyword was not written."""

    kind: str
    unnamed: bool
    statements: list[StatementAst]
    traps: list[TrapStatementAst]


class StatementBlockAst(Ast):
    statements: list[StatementAst]
    traps: list[TrapStatementAst]


class AttributeBaseAst(Ast):
    type_name: TypeName


class AttributeAst(AttributeBaseAst):
    positional_arguments: list[ExpressionAst]
    named_arguments: list[NamedAttributeArgumentAst]


class TypeConstraintAst(AttributeBaseAst):
    pass


class NamedAttributeArgumentAst(Ast):
    argument_name: str
    argument: ExpressionAst  # for `Mandatory` alone: a ConstantExpressionAst of True
    expression_omitted: bool


class ParameterAst(Ast):
    name: VariableExpressionAst
    attributes: list[AttributeBaseAst]  # attributes and type constraints as written
    default_value: ExpressionAst | None


# -- statements


class PipelineAst(PipelineBaseAst):
    elements: list[CommandBaseAst]
    background: bool = False


class PipelineChainAst(PipelineBaseAst):
    """``left && right`` or ``left || right``; chains lean left."""

    left: PipelineBaseAst
    operator: str
    right: PipelineAst
    background: bool = False


class AssignmentStatementAst(PipelineBaseAst):
    """``operator`` is ``=``, ``+=``, ``-=``, ``*=``, ``/=``, ``%=`` or ``??=``.

    ``left`` may be a ConvertExpressionAst/AttributedExpressionAst around the target, an ArrayLiteralAst, a member
    or an index. ``right`` is any statement; a single expression is a CommandExpressionAst, not a pipeline around it.
    """

    left: ExpressionAst
    operator: str
    right: StatementAst
    error_position: Extent


class CommandAst(CommandBaseAst):
    elements: list[CommandElementAst]
    invocation: str = ""  # "&", "." or ""


class CommandExpressionAst(CommandBaseAst):
    expression: ExpressionAst


class CommandParameterAst(CommandElementAst):
    """``-Name`` or ``-Name:argument``; ``name`` has no dash and no colon."""

    name: str
    argument: ExpressionAst | None
    error_position: Extent


class RedirectionAst(Ast):
    stream: int  # 0 is all (`*>`), 1 output, 2 error, 3 warning, 4 verbose, 5 debug, 6 information


class FileRedirectionAst(RedirectionAst):
    location: ExpressionAst
    append: bool


class MergingRedirectionAst(RedirectionAst):
    to_stream: int


class IfStatementAst(StatementAst):
    clauses: list[tuple[PipelineBaseAst, StatementBlockAst]]
    else_clause: StatementBlockAst | None


class LabeledStatementAst(StatementAst):
    label: str | None
    condition: PipelineBaseAst | None


class ForStatementAst(LabeledStatementAst):
    initializer: PipelineBaseAst | None
    iterator: PipelineBaseAst | None
    body: StatementBlockAst


class ForEachStatementAst(LabeledStatementAst):
    """``condition`` is the collection."""

    variable: VariableExpressionAst
    body: StatementBlockAst
    flags: tuple[str, ...] = ()
    throttle_limit: ExpressionAst | None = None


class WhileStatementAst(LabeledStatementAst):
    body: StatementBlockAst


class DoWhileStatementAst(LabeledStatementAst):
    body: StatementBlockAst


class DoUntilStatementAst(LabeledStatementAst):
    body: StatementBlockAst


class SwitchStatementAst(LabeledStatementAst):
    """``flags``: lower-case names out of regex, wildcard, exact, casesensitive, file, parallel."""

    flags: tuple[str, ...]
    clauses: list[tuple[ExpressionAst, StatementBlockAst]]
    default: StatementBlockAst | None


class TryStatementAst(StatementAst):
    body: StatementBlockAst
    catch_clauses: list[CatchClauseAst]
    finally_block: StatementBlockAst | None


class CatchClauseAst(Ast):
    catch_types: list[TypeConstraintAst]
    body: StatementBlockAst


class TrapStatementAst(StatementAst):
    trap_type: TypeConstraintAst | None
    body: StatementBlockAst


class BreakStatementAst(StatementAst):
    label: ExpressionAst | None


class ContinueStatementAst(StatementAst):
    label: ExpressionAst | None


class ReturnStatementAst(StatementAst):
    pipeline: PipelineBaseAst | None


class ExitStatementAst(StatementAst):
    pipeline: PipelineBaseAst | None


class ThrowStatementAst(StatementAst):
    pipeline: PipelineBaseAst | None


class DataStatementAst(StatementAst):
    variable: str | None
    commands_allowed: list[ExpressionAst]
    body: StatementBlockAst


class BlockStatementAst(StatementAst):
    """``parallel {...}`` and ``sequence {...}`` of workflows, which PowerShell 7 parses and then refuses."""

    kind: str
    body: StatementBlockAst


class UsingStatementAst(StatementAst):
    """``kind`` is namespace, module, assembly, command or type."""

    kind: str
    name: StringConstantExpressionAst | None
    alias: StringConstantExpressionAst | None
    module_specification: HashtableAst | None


class FunctionDefinitionAst(StatementAst):
    """``parameters`` are those in parentheses after the name, None without parentheses; the others are in
    ``body.param_block``. ``help`` is the comment-based help before the function, as written."""

    name: str
    parameters: list[ParameterAst] | None
    body: ScriptBlockAst
    is_filter: bool
    is_workflow: bool
    name_extent: Extent
    help: str | None = None


class TypeDefinitionAst(StatementAst):
    """``kind`` is class, interface or enum; ``members``: PropertyMemberAst and FunctionMemberAst."""

    kind: str
    name: str
    attributes: list[AttributeAst]
    members: list[MemberAst]
    base_types: list[TypeConstraintAst]
    name_extent: Extent


class MemberAst(Ast):
    name: str
    attributes: list[AttributeAst]
    is_static: bool
    is_hidden: bool


class PropertyMemberAst(MemberAst):
    """A property, or an enum's value (then ``initial_value`` is its expression, if one was written)."""

    property_type: TypeConstraintAst | None
    initial_value: ExpressionAst | None


class FunctionMemberAst(MemberAst):
    """A method or constructor. For a constructor that calls ``: base(...)`` the call is the first statement of
    ``body.end_block``: a CommandExpressionAst of a BaseCtorInvokeMemberExpressionAst."""

    parameters: list[ParameterAst]
    body: ScriptBlockAst
    return_type: TypeConstraintAst | None
    is_constructor: bool
    name_extent: Extent


# -- expressions


class ConstantExpressionAst(ExpressionAst):
    """A number (already a value of ``psobject``), or True/None where PowerShell itself makes constants."""

    value: Any


class StringConstantExpressionAst(ExpressionAst):
    """``kind``: BareWord, SingleQuoted, DoubleQuoted, SingleQuotedHereString, DoubleQuotedHereString."""

    value: str
    kind: str


class ExpandableStringExpressionAst(ExpressionAst):
    """``parts``: literal text (str) and nodes (VariableExpressionAst, SubExpressionAst), in order. ``value`` is
    the text with escapes resolved and the expressions as written."""

    value: str
    parts: list[str | ExpressionAst]
    kind: str


class VariableExpressionAst(ExpressionAst):
    """``path``: name with its scope or drive (``script:x``, ``env:PATH``), without ``$``, ``@`` and braces."""

    path: str
    splatted: bool = False


class UsingExpressionAst(ExpressionAst):
    """``$using:x``, ``$using:x.y[0]``: ``sub_expression`` is what follows ``using:``."""

    sub_expression: ExpressionAst


class MemberExpressionAst(ExpressionAst):
    """``expression.member`` or ``[type]::member``; ``member`` is a string constant, or any expression."""

    expression: ExpressionAst
    member: CommandElementAst
    static: bool
    null_conditional: bool = False


class InvokeMemberExpressionAst(MemberExpressionAst):
    arguments: list[ExpressionAst] = ()  # type: ignore[assignment]
    generic_type_arguments: list[TypeName] = ()  # type: ignore[assignment]


class BaseCtorInvokeMemberExpressionAst(InvokeMemberExpressionAst):
    """``: base(...)`` of a constructor."""


class IndexExpressionAst(ExpressionAst):
    target: ExpressionAst
    index: ExpressionAst
    null_conditional: bool = False


class UnaryExpressionAst(ExpressionAst):
    """``operator`` is lower-case and as PowerShell's help writes it: ``!``, ``-not``, ``-bnot``, ``+``, ``-``,
    ``++``, ``--`` (before), ``post++``, ``post--`` (after), ``-join``, ``-split``, ``-isplit``, ``-csplit``, ``,``
    never (that is an ArrayLiteralAst)."""

    operator: str
    child: ExpressionAst


class BinaryExpressionAst(ExpressionAst):
    """``operator`` is lower-case with an ASCII dash (``-eq``, ``-ceq``, ``-f``, ``+``, ``..``, ``-and``, ``??``)."""

    left: ExpressionAst
    operator: str
    right: ExpressionAst
    error_position: Extent


class TernaryExpressionAst(ExpressionAst):
    condition: ExpressionAst
    if_true: ExpressionAst
    if_false: ExpressionAst


class TypeExpressionAst(ExpressionAst):
    type_name: TypeName


class AttributedExpressionAst(ExpressionAst):
    """``[ValidateRange(1, 5)] $x``."""

    attribute: AttributeBaseAst
    child: ExpressionAst


class ConvertExpressionAst(AttributedExpressionAst):
    """``[int] $x``: ``attribute`` is a TypeConstraintAst."""


class ArrayLiteralAst(ExpressionAst):
    """``1, 2`` and unary ``, 1``."""

    elements: list[ExpressionAst]


class ArrayExpressionAst(ExpressionAst):
    """``@( ... )``."""

    sub_expression: StatementBlockAst


class SubExpressionAst(ExpressionAst):
    """``$( ... )``."""

    sub_expression: StatementBlockAst


class ParenExpressionAst(ExpressionAst):
    """``( ... )``."""

    pipeline: PipelineBaseAst


class HashtableAst(ExpressionAst):
    """``@{ key = statement }``."""

    pairs: list[tuple[ExpressionAst, StatementAst]]


class ScriptBlockExpressionAst(ExpressionAst):
    """``{ ... }``."""

    script_block: ScriptBlockAst


# -- what stands where source could not be parsed


class ErrorStatementAst(PipelineBaseAst):
    nested: list[Ast] = ()  # type: ignore[assignment]


class ErrorExpressionAst(ExpressionAst):
    nested: list[Ast] = ()  # type: ignore[assignment]
