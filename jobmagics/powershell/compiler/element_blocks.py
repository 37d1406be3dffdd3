"""The script blocks that run once for each pipeline object: those of ForEach-Object and Where-Object.

Such a block runs in its caller's scope, with ``$_`` set and put back around each object. Everything else about the run
is the same for all objects, so it is made ready once. Blocks with parameters, with begin or process parts, or bound to
a closure's variables go through ``ScriptBlock.run`` as any block does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..records import ScriptError
from ..runtime.compiled import LoopControl
from ..runtime.problems import internal_error
from ..runtime.runspace import MAX_CALL_DEPTH, Frame, call_depth_overflow
from ..runtime.scopes import Scope, Variable
from ..values.value import NOTHING, enumerate_value, is_enumerable, is_true
from .statements import emit

if TYPE_CHECKING:
    from ..runtime.scriptblock import ScriptBlock
    from ..runtime.streams import StreamSet

Sink = Callable[[Any], Any]


class ElementBlock:
    """One block made ready for one command's objects."""

    def __init__(self, block: ScriptBlock, frame: Frame, streams: StreamSet) -> None:
        self._compiled = compiled = block.compiled
        self._frame = callee = Frame(frame.rs, frame.scope, streams, frame)
        callee.block = block
        callee.source = compiled.source
        callee.args = []
        self._under = Variable("_")

    @staticmethod
    def suits(block: ScriptBlock) -> bool:
        compiled = block.compiled
        return block.closure is None and compiled.metadata is None and compiled.simple and compiled.end is not None

    def emitter(self, out: Sink) -> Sink:
        """Runs the block for an object, its output to ``out``."""
        if self._compiled.value is None:
            run = self._runner()

            def pass_on(value: Any) -> None:
                run(value, out)

            return pass_on
        evaluate = self._evaluator()

        def send(value: Any) -> None:
            found = evaluate(value)
            kind = type(found)
            if kind is int or kind is str:
                out(found)
            else:
                emit(found, out)

        return send

    def tester(self) -> Callable[[Any], bool]:
        """Whether the block's output for an object is true."""
        if self._compiled.value is None:
            run = self._runner()

            def holds_all(value: Any) -> bool:
                found: list[Any] = []
                run(value, found.append)
                return bool(found) and is_true(found[0] if len(found) == 1 else found)

            return holds_all
        evaluate = self._evaluator()

        def holds(value: Any) -> bool:
            found = evaluate(value)
            if found is True or found is False:
                return bool(found)
            if is_enumerable(found):
                found = list(enumerate_value(found))
                return bool(found) and is_true(found[0] if len(found) == 1 else found)
            return is_true(found)

        return holds

    def reader(self, failed: Callable[[Any, ScriptError], None] | None = None) -> Callable[[Any], Any]:
        """The block's output for an object as one value, each time in a scope of its own. None when a statement of it
        fails: the error is in $Error, and ``failed`` is told."""
        callee = self._frame
        scope = callee.scope = Scope(callee.scope)
        run, rs = self._runner(), callee.rs

        def read(value: Any) -> Any:
            found: list[Any] = []
            held = rs.guarded
            rs.guarded = held + 1
            try:
                run(value, found.append)
            except ScriptError as problem:
                rs.guarded = held
                rs.add_error(problem.record)
                if failed is not None:
                    failed(value, problem)
                return None
            finally:
                rs.guarded = held
                scope.vars.clear()
                scope.functions = scope.aliases = None
            return found[0] if len(found) == 1 else (found or None)

        return read

    def _evaluator(self) -> Callable[[Any], Any]:
        """For a block that is one expression: its value."""
        assert self._compiled.value is not None
        get, place = self._compiled.value
        callee, mine = self._frame, self._under
        rs, scope = callee.rs, callee.scope

        def evaluate(value: Any) -> Any:
            if rs.attention:
                rs.attend()
            if rs.depth >= MAX_CALL_DEPTH:
                raise call_depth_overflow()
            variables = scope.vars
            held = variables.get("_")
            before = None
            if held is None:
                mine.value = value
                variables["_"] = mine
            else:
                before = held.value
                held.value = value
            outer = rs.frame
            rs.frame = callee
            rs.depth += 1
            try:
                found = get(callee)
                rs.ok = True
                return found
            except ScriptError as failed:
                callee.fail(failed, place)
            except RecursionError:
                raise call_depth_overflow() from None
            except Exception as problem:  # noqa: BLE001 - a bug of ours must not end the session
                callee.fail(internal_error(problem), place)
            finally:
                rs.depth -= 1
                rs.frame = outer
                if held is None:
                    variables.pop("_", None)
                else:
                    held.value = before
            return NOTHING

        return evaluate

    def _runner(self) -> Callable[[Any, Sink], None]:
        body = self._compiled.end
        assert body is not None
        callee, mine = self._frame, self._under
        rs, scope = callee.rs, callee.scope

        def run(value: Any, out: Sink) -> None:
            if rs.attention:
                rs.attend()
            if rs.depth >= MAX_CALL_DEPTH:
                raise call_depth_overflow()
            variables = scope.vars
            held = variables.get("_")
            before = None
            if held is None:
                mine.value = value
                variables["_"] = mine
            else:
                before = held.value
                held.value = value
            outer = rs.frame
            rs.frame = callee
            rs.depth += 1
            try:
                flow = body(callee, out)
            except LoopControl as control:
                flow = control.release(out)
            except RecursionError:
                raise call_depth_overflow() from None
            finally:
                rs.depth -= 1
                rs.frame = outer
                if held is None:
                    variables.pop("_", None)
                else:
                    held.value = before
            if flow is not None and flow.kind != "return":
                raise LoopControl(flow)

        return run
