"""The flow through a class's method: whether every way through it returns, and which variables it never sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from jobmagics.powershell.parser.syntax import (
    ArrayLiteralAst,
    AssignmentStatementAst,
    Ast,
    AttributedExpressionAst,
    BreakStatementAst,
    CommandExpressionAst,
    DoUntilStatementAst,
    DoWhileStatementAst,
    ExitStatementAst,
    ExpressionAst,
    ForEachStatementAst,
    ForStatementAst,
    FunctionDefinitionAst,
    FunctionMemberAst,
    IfStatementAst,
    LabeledStatementAst,
    ParenExpressionAst,
    PipelineAst,
    PipelineBaseAst,
    ReturnStatementAst,
    ScriptBlockExpressionAst,
    StatementAst,
    ThrowStatementAst,
    TryStatementAst,
    UnaryExpressionAst,
    VariableExpressionAst,
    WhileStatementAst,
)

ALWAYS_THERE = frozenset(
    (
        *("_", "this", "args", "input", "psitem", "pscmdlet", "psboundparameters", "myinvocation", "psscriptroot"),
        *("pscommandpath", "true", "false", "null", "?", "^", "$", "error", "lastexitcode", "matches", "stacktrace"),
        *("host", "pid", "pshome", "home", "pwd", "profile", "shellid", "executioncontext", "psversiontable"),
        *("psedition", "psculture", "psuiculture", "iswindows", "islinux", "ismacos", "iscoreclr", "foreach", "switch"),
        *("outputencoding", "ofs", "psstyle", "psdefaultparametervalues", "nestedpromptlevel", "ensuredscriptroot"),
        *("erroractionpreference", "warningpreference", "verbosepreference", "debugpreference", "whatifpreference"),
        *("informationpreference", "progresspreference", "confirmpreference", "errorview", "formatenumerationlimit"),
        *("psemailserver", "pssessionapplicationname", "pssessionconfigurationname", "pssessionoption"),
        *("psmoduleautoloadingpreference",),
        *("maximumhistorycount", "psnativecommanduseerroractionpreference", "psnativecommandargumentpassing", "event"),
    )
)
"""Variables that a method may read although it never sets them."""


class MethodReport(NamedTuple):
    returns: bool
    unassigned: list[VariableExpressionAst]
    this: list[VariableExpressionAst]  # `$this` where there is none: in a static method


def check_method(method: FunctionMemberAst) -> MethodReport:
    block = method.body.end_block
    statements = block.statements if block is not None else []
    known = {parameter.name.path.lower() for parameter in method.parameters}
    read: list[VariableExpressionAst] = []
    for node in _own_nodes(method.body):
        if isinstance(node, VariableExpressionAst):
            read.append(node)
        else:
            known.update(name.lower() for name in _names_set_by(node))
    unassigned = [item for item in read if _is_plain(item.path) and item.path.lower() not in known | ALWAYS_THERE]
    this = [item for item in read if method.is_static and item.path.lower() == "this"]
    return MethodReport(_list_ends(statements), unassigned, this)


def _own_nodes(root: Ast) -> Iterator[Ast]:
    """The nodes of a body in the text's order, without those of script blocks and functions inside it."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ScriptBlockExpressionAst | FunctionDefinitionAst):
            stack.extend(reversed(list(node.children())))


def _is_plain(path: str) -> bool:
    scope, colon, name = path.partition(":")
    return not colon or (scope.lower() in ("local", "private") and name.lower() not in ALWAYS_THERE)


def _names_set_by(node: Ast) -> Iterator[str]:
    if isinstance(node, AssignmentStatementAst):
        yield from _target_names(node.left)
    elif isinstance(node, ForEachStatementAst):
        yield node.variable.path
    elif isinstance(node, UnaryExpressionAst) and node.operator.endswith(("++", "--")):
        yield from _target_names(node.child)


def _target_names(target: ExpressionAst) -> Iterator[str]:
    if isinstance(target, VariableExpressionAst):
        yield target.path
        yield target.path.rpartition(":")[2]
    elif isinstance(target, AttributedExpressionAst):
        yield from _target_names(target.child)
    elif isinstance(target, ArrayLiteralAst):
        for element in target.elements:
            yield from _target_names(element)
    elif isinstance(target, ParenExpressionAst) and (inner := _expression(target.pipeline)) is not None:
        yield from _target_names(inner)


def _expression(pipeline: PipelineBaseAst | None) -> ExpressionAst | None:
    if isinstance(pipeline, PipelineAst) and len(pipeline.elements) == 1:
        only = pipeline.elements[0]
        return only.expression if isinstance(only, CommandExpressionAst) else None
    return None


# -- returning


def _list_ends(statements: list[StatementAst]) -> bool:
    """Whether no way leads past these statements."""
    return any(_ends(statement) for statement in statements)


def _ends(node: StatementAst) -> bool:
    if isinstance(node, ReturnStatementAst | ThrowStatementAst | ExitStatementAst):
        return True
    if isinstance(node, IfStatementAst):
        whole = node.else_clause is not None and _list_ends(node.else_clause.statements)
        return whole and all(_list_ends(body.statements) for _, body in node.clauses)
    if isinstance(node, TryStatementAst):
        if node.finally_block is not None and _list_ends(node.finally_block.statements):
            return True
        catches = all(_list_ends(clause.body.statements) for clause in node.catch_clauses)
        return catches and _list_ends(node.body.statements)
    if isinstance(node, DoWhileStatementAst | DoUntilStatementAst):
        return _list_ends(node.body.statements)
    if isinstance(node, WhileStatementAst | ForStatementAst):
        endless = node.condition is None or _is_true(node.condition)
        return endless and not _breaks(node)
    return False


def _is_true(condition: PipelineBaseAst) -> bool:
    inner = _expression(condition)
    return isinstance(inner, VariableExpressionAst) and inner.path.lower() == "true"


def _breaks(loop: LabeledStatementAst) -> bool:
    return any(isinstance(node, BreakStatementAst) for node in _own_nodes(loop))
