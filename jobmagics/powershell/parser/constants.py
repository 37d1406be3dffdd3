"""Which expressions have a value before anything runs: what attributes may be given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jobmagics.powershell.parser.syntax import (
    ArrayExpressionAst,
    ArrayLiteralAst,
    Ast,
    BinaryExpressionAst,
    CommandExpressionAst,
    ConstantExpressionAst,
    ConvertExpressionAst,
    ErrorExpressionAst,
    ExpressionAst,
    HashtableAst,
    IndexExpressionAst,
    InvokeMemberExpressionAst,
    MemberExpressionAst,
    ParenExpressionAst,
    PipelineAst,
    PipelineBaseAst,
    ScriptBlockExpressionAst,
    StringConstantExpressionAst,
    TypeExpressionAst,
    UnaryExpressionAst,
    VariableExpressionAst,
)

CONSTANT_VARIABLES = frozenset(("true", "false", "null"))


def pure_expression(pipeline: PipelineBaseAst) -> ExpressionAst | None:
    """The expression that a pipeline is nothing but."""
    if not isinstance(pipeline, PipelineAst) or len(pipeline.elements) != 1 or pipeline.background:
        return None
    only = pipeline.elements[0]
    if isinstance(only, CommandExpressionAst) and not only.redirections:
        return only.expression
    return None


def is_constant(node: Ast, *, blocks: bool) -> bool:
    """Whether an attribute's argument can be known before anything runs; ``blocks``: script blocks count."""
    if isinstance(node, ConstantExpressionAst | StringConstantExpressionAst | TypeExpressionAst | ErrorExpressionAst):
        return True
    if isinstance(node, VariableExpressionAst):
        return node.path.lower() in CONSTANT_VARIABLES
    if isinstance(node, ScriptBlockExpressionAst):
        return blocks
    if isinstance(node, MemberExpressionAst):
        called = isinstance(node, InvokeMemberExpressionAst)
        return node.static and isinstance(node.expression, TypeExpressionAst) and not called
    if isinstance(node, ParenExpressionAst):
        inner = pure_expression(node.pipeline)
        return inner is not None and is_constant(inner, blocks=blocks)
    if isinstance(node, ArrayExpressionAst):
        expressions = [
            pure_expression(item) if isinstance(item, PipelineBaseAst) else None
            for item in node.sub_expression.statements
        ]
        return all(item is not None and is_constant(item, blocks=blocks) for item in expressions)
    if isinstance(node, HashtableAst):
        return all(_constant_pair(key, value, blocks) for key, value in node.pairs)
    parts = CONSTANT_PARTS.get(type(node))
    return parts is not None and all(is_constant(part, blocks=blocks) for part in parts(node))


def _constant_pair(key: Ast, value: Ast, blocks: bool) -> bool:
    inner = pure_expression(value) if isinstance(value, PipelineBaseAst) else None
    return is_constant(key, blocks=blocks) and inner is not None and is_constant(inner, blocks=blocks)


CONSTANT_PARTS: dict[type, Callable[[Any], list[Ast]]] = {
    ArrayLiteralAst: lambda node: list(node.elements),
    BinaryExpressionAst: lambda node: [node.left, node.right],
    UnaryExpressionAst: lambda node: [node.child],
    ConvertExpressionAst: lambda node: [node.child],
    IndexExpressionAst: lambda node: [node.target, node.index],
}
