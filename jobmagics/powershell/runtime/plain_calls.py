"""Plain functions called with plain arguments: no binder, no ``FunctionCall``.

What a block needs is found out once and kept with it (``Plan``). A call that does not fit goes the whole way through
runtime/invocation.py and the binder, with the same result; a script can not tell which way it went. The scope stays
dynamic, the call depth limit and stopping hold as there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..binding.function_binder import quick_parameters
from ..binding.tokens_args import MISSING, NumberWord
from ..values.conversions import convert
from ..values.value import NOTHING
from .compiled import CompiledBlock
from .running import execute
from .runspace import Frame
from .scopes import Scope, Variable

if TYPE_CHECKING:
    from ..binding.parameters import CommandInfo, ParameterInfo
    from .compiled import Statement
    from .problems import Place
    from .scriptblock import ScriptBlock

Sink = Callable[[Any], Any]
_PLAIN_TYPES: dict[str, type] = {
    "System.Int32": int,
    "System.String": str,
    "System.Double": float,
    "System.Boolean": bool,
}
_NOT_GIVEN: Any = object()


class Slot:
    """One parameter of a plain function. ``initial`` is its value when it is not given, unless ``default`` computes
    that."""

    __slots__ = ("check", "default", "initial", "key", "kind", "name")

    def __init__(self, info: ParameterInfo) -> None:
        self.name = info.name
        self.key = info.name.lower()
        self.check = info.convert
        self.kind = _PLAIN_TYPES[info.type_name] if info.convert is not None else None
        self.default: Callable[[Frame], Any] | None = None
        self.initial: Any = None if self.kind is None else convert(None, info.type_name)
        if info.default is not None and self.kind is None:
            self.default = info.default
        elif info.default is not None:
            constant = getattr(info.default, "constant", _NOT_GIVEN)
            self.initial = constant if type(constant) is self.kind else _NOT_GIVEN  # the binder converts others


class Plan:
    """How a block of nothing but an end part, whose parameters carry no attributes, is called."""

    __slots__ = ("body", "names", "slots", "source")

    def __init__(self, compiled: CompiledBlock, infos: list[ParameterInfo] | None) -> None:
        assert compiled.end is not None
        self.body: Statement = compiled.end
        self.source = compiled.source
        self.slots = None if infos is None else [Slot(info) for info in infos]  # None: no param block, all is $args
        self.names = {slot.key: at for at, slot in enumerate(self.slots or ())}


def plan_of(compiled: CompiledBlock) -> Plan | None:
    """The block's plan; None: it has to be called the whole way."""
    if compiled.plan is None:
        compiled.plan = _make_plan(compiled) or False
    return compiled.plan or None


def _make_plan(compiled: CompiledBlock) -> Plan | None:
    if not compiled.simple or compiled.end is None or compiled.dynamic is not None:
        return None
    if compiled.metadata is None:
        return Plan(compiled, None)
    infos = quick_parameters(compiled)
    if infos is None or any(info.convert is not None and info.type_name not in _PLAIN_TYPES for info in infos):
        return None
    return Plan(compiled, infos)


def in_order(plan: Plan, names: Sequence[str | None], values: list[Any]) -> list[Any] | None:
    """Arguments of which some have names (lower case), in the order of the parameters; None: the binder has to look."""
    if plan.slots is None:
        return None
    found = [_NOT_GIVEN] * len(plan.slots)
    for name, value in zip(names, values, strict=True):
        if name is not None:
            at = plan.names.get(name)
            if at is None or value is MISSING or found[at] is not _NOT_GIVEN:
                return None
            found[at] = value
    at = 0
    for name, value in zip(names, values, strict=True):
        if name is None:
            while at < len(found) and found[at] is not _NOT_GIVEN:
                at += 1
            if at == len(found):
                return None
            found[at] = value
    return found


def bind(plan: Plan, callee: Frame, values: list[Any]) -> bool:
    """Arguments to variables. False: they do not fit, and nothing of what was done may be used."""
    slots = plan.slots
    if slots is None:
        callee.args = [_plain(value) for value in values]
        return True
    count = len(values)
    if count > len(slots):
        return False
    variables = callee.scope.vars
    computed = None
    for at, slot in enumerate(slots):
        value = values[at] if at < count else _NOT_GIVEN
        if value is _NOT_GIVEN:
            if slot.default is not None:
                computed = [*(computed or ()), slot]
                continue
            value = slot.initial
            if value is _NOT_GIVEN:
                return False
        elif value is NOTHING:
            value = None
        kind = type(value)
        if kind is NumberWord or (slot.kind is not None and kind is not slot.kind):
            return False
        variable = variables[slot.key] = Variable(slot.name, value)
        variable.check = slot.check
    callee.args = []
    if computed:
        for slot in computed:  # each may use those before it
            value = slot.default(callee)  # type: ignore[misc]
            variables[slot.key] = Variable(slot.name, None if value is NOTHING else value)
    return True


def _plain(value: Any) -> Any:
    if value is NOTHING:
        return None
    return value.value if type(value) is NumberWord else value


def call_plainly(
    frame: Frame, info: CommandInfo | None, block: ScriptBlock, plan: Plan, values: list[Any], place: Place, out: Sink
) -> bool:
    """Calls the function, or the block itself (``info`` is None). False: nothing was done, the binder has to look."""
    callee = Frame(frame.rs, Scope(frame.scope), frame.streams, frame)
    if not bind(plan, callee, values):
        return False
    callee.block = block
    callee.source = plan.source
    callee.called_from = place
    if info is not None:
        callee.command = info
        callee.trace_name = info.name
    execute(plan.body, callee, out)
    return True
