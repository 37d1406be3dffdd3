"""Delegates: script blocks where .NET wants a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..values.types import NetType
from ..values.value import NOTHING, is_true, unroll
from .table import NetObject, declare

if TYPE_CHECKING:
    from ..runtime.scriptblock import ScriptBlock


def call_block(
    block: ScriptBlock | Callable[..., Any], args: list[Any], this: Any = NOTHING, under: Any = NOTHING
) -> Any:
    """A script block's output as one value, run in the frame that is running now."""
    if not hasattr(block, "run"):
        return block(*args)
    from ..runtime.runspace import current_frame

    found: list[Any] = []
    frame: Any = current_frame()
    block.run(frame, found.append, under=under, args=args, this=this)
    return unroll(found)


class Delegate(NetObject):
    """A value of a delegate type; calling it runs the block."""

    def __init__(self, kind: NetType, target: Any) -> None:
        self.kind = kind
        self.target = target

    def net_type_of(self) -> NetType:
        return self.kind

    def __call__(self, *args: Any) -> Any:
        if isinstance(self.target, Delegate):
            return self.target(*args)
        found = call_block(self.target, list(args))
        return None if found is NOTHING else found

    def test(self, *args: Any) -> bool:
        return is_true(self(*args))

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        if name.lower() in ("invoke", "dynamicinvoke"):
            found = self(*args)
            return NOTHING if self.kind.definition.startswith(("System.Action", "System.EventHandler")) else found
        raise AttributeError(name)


DELEGATE = declare("System.Delegate")
DELEGATE.method("System.Object DynamicInvoke(Params System.Object[] args)")(lambda self, args: self(*args))
DELEGATE.property("System.Reflection.MethodInfo Method", lambda self: None)
DELEGATE.property("System.Object Target", lambda self: None)
