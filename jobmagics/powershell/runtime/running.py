"""Running a compiled block in its frame: the call depth, stopping, and breaks that leave the block."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .compiled import LoopControl
from .runspace import MAX_CALL_DEPTH, call_depth_overflow

if TYPE_CHECKING:
    from .compiled import Statement
    from .runspace import Frame

Sink = Callable[[Any], Any]


def execute(statement: Statement, frame: Frame, out: Sink) -> None:
    """Runs a compiled block in its frame; a break or continue that no loop of it takes goes to the caller's loop."""
    rs = frame.rs
    held = rs.frame
    rs.frame = frame
    rs.depth += 1
    if rs.depth > MAX_CALL_DEPTH:
        rs.depth -= 1
        rs.frame = held
        raise call_depth_overflow()
    if rs.attention:
        rs.depth -= 1
        rs.frame = held
        rs.attend()
    try:
        flow = statement(frame, out)
    except LoopControl as control:
        flow = control.release(out)
    except RecursionError:
        raise call_depth_overflow() from None
    finally:
        rs.depth -= 1
        rs.frame = held
    if flow is not None and flow.kind != "return":
        raise LoopControl(flow)
