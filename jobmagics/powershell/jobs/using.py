"""$using: in the script of a job: the caller's values, found when the job is started.

PowerShell's key for one is its text in base64, and so it is on the wire (the parameter named ``--%``).
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from ..parser.syntax import Ast, UsingExpressionAst, VariableExpressionAst
from ..records import ScriptError, error
from ..runtime.scriptblock import ScriptBlock
from ..values.utf16 import encode
from ..values.value import NOTHING

if TYPE_CHECKING:
    from ..runtime.cmdlet import Cmdlet


def using_key(text: str) -> str:
    return base64.b64encode(encode(text.lower(), "utf-16-le")).decode("ascii")


def using_values(block: ScriptBlock, frame: Any) -> dict[str, Any]:
    """Key -> value for every $using: expression in the block."""
    found: dict[str, Any] = {}
    source = block.ast.source
    for node in _expressions(block.ast):
        text = source.extent_text(node.extent)
        inner: Any = node.sub_expression
        if isinstance(inner, VariableExpressionAst):
            found[using_key(text)] = _value(frame, inner.path, text)
        else:
            plain = ScriptBlock.parse(source.extent_text(inner.extent).replace("$using:", "$"))
            values = plain.invoke(frame, [])
            found[using_key(text)] = values[0] if len(values) == 1 else (values or None)
    return found


def using_of(cmdlet: Cmdlet, block: ScriptBlock) -> dict[str, Any]:
    """As ``using_values``, for a cmdlet: what cannot be found is an error of its."""
    try:
        return using_values(block, cmdlet.frame)
    except ScriptError as failed:
        raise cmdlet.terminate(failed.record) from None


def _value(frame: Any, name: str, text: str) -> Any:
    value = frame.get_variable(name, NOTHING)
    if value is NOTHING:
        raise error(
            f"The value of the using variable '{text}' cannot be retrieved because it has not been set in the local "
            "session.",
            "UsingVariableIsUndefined",
            "InvalidOperation",
        )
    return value


def _expressions(tree: Ast) -> list[UsingExpressionAst]:
    found = []
    for node in tree.children():
        if isinstance(node, UsingExpressionAst):
            found.append(node)
        found += _expressions(node)
    return found
