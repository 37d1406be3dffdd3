"""Running script blocks: functions in a pipeline, ``&`` and ``.``, and the blocks that cmdlets call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..binding.function_binder import bind_function
from ..members.named_methods import NamedMethods
from ..records import ExitScript, InvocationInfo, ScriptError
from ..values.value import NOTHING
from .calls import Argument, Call, CommandRuntime
from .compiled import CompiledBlock, Flow
from .plain_calls import bind, in_order, plan_of
from .problems import stack_trace
from .running import execute
from .runspace import Frame
from .scopes import Scope, Variable

if TYPE_CHECKING:
    from ..binding.parameters import CommandInfo
    from .compiled import Statement
    from .problems import Place
    from .scriptblock import ScriptBlock
    from .streams import StreamSet

Sink = Callable[[Any], Any]


class InputEnumerator(NamedMethods):
    """$input: what came through the pipe, once."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items
        self.at = -1

    def ps_items(self) -> Iterator[Any]:
        rest = self.items[self.at + 1 :]
        self.at = len(self.items)
        return iter(rest)

    def MoveNext(self) -> bool:
        self.at += 1
        return self.at < len(self.items)

    def Reset(self) -> None:
        self.at = -1

    def ps_type_names(self) -> list[str]:
        return ["System.Collections.ArrayList+ArrayListEnumeratorSimple", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Current", self.items[self.at] if 0 <= self.at < len(self.items) else None

    def ps_to_string(self) -> str:
        return "System.Collections.ArrayList+ArrayListEnumeratorSimple"


class FunctionCall(Call):
    """A function, script or script block as a command. ``new_scope`` is False for dot-sourcing."""

    __slots__ = (
        "binding",
        "block",
        "called_as",
        "callee",
        "compiled",
        "inputs",
        "name",
        "new_scope",
        "runtime",
        "started",
        "under",
    )

    def __init__(
        self,
        frame: Frame,
        command: CommandInfo,
        args: list[Argument],
        place: Place | None,
        block: ScriptBlock,
        name: str = "",
        new_scope: bool = True,
    ) -> None:
        super().__init__(frame, command, args, place)
        self.block = block
        self.compiled: CompiledBlock = block._compiled if block._compiled is not None else block.compiled
        self.name = name
        self.called_as = ""  # the name in the script, if it is an alias
        self.new_scope = new_scope
        self.inputs: list[Any] | None = None
        self.binding: Any = None
        self.runtime: CommandRuntime | None = None
        self.under: Variable | None = None
        self.started = False

    def connect(self, out: Sink, expecting_input: bool) -> None:
        self.write = out
        self.expecting_input = expecting_input
        compiled = self.compiled
        caller = self.frame
        streams = self.streams()
        callee = self.callee = Frame(caller.rs, self._scope(), streams, caller)
        callee.block = self.block
        callee.source = compiled.source
        callee.called_from = self.place
        if self.name:
            callee.trace_name = self.name
        if compiled.metadata is None:
            self._bind_plain(callee)
        else:
            self._bind(callee, compiled)
        if expecting_input and compiled.process is None:
            self.inputs = []
            callee.input = InputEnumerator(self.inputs)

    def _scope(self) -> Scope:
        block = self.block
        if block.closure is not None:
            return Scope(block.closure) if self.new_scope else block.closure
        if not self.new_scope:
            return self.frame.scope
        return Scope(self.frame.scope)

    def _bind_plain(self, callee: Frame) -> None:
        callee.args = plain_arguments(self.args)
        if self.place is not None:
            callee.call = self

    def make_invocation(self) -> InvocationInfo:
        called_as = self.called_as or self.name
        place = self.place
        info = (
            place.invocation(self.command, called_as)
            if place is not None
            else InvocationInfo(self.command, name=called_as)
        )
        info.expecting_input = self.expecting_input
        info.pipeline_position, info.pipeline_length = self.at, self.of
        if self.binding is not None:
            info.bound_parameters = self.binding.listed
        return info

    def _bind(self, callee: Frame, compiled: CompiledBlock) -> None:
        callee.call = self
        plan = None if self.expecting_input else plan_of(compiled)
        if plan is not None:
            values: list[Any] | None = [value for _, value in self.args]
            if any(name is not None for name, _ in self.args):
                values = in_order(plan, [name and name.lower() for name, _ in self.args], values or [])
            if values is not None and bind(plan, callee, values):
                return
        self.binding = bind_function(self, callee)
        if not compiled.advanced:
            return
        from ..binding.common import apply_common
        from .pscmdlet import PSCmdlet

        runtime = self.runtime = CommandRuntime(self.frame, self.command, self.place, self.name)
        runtime.streams = callee.streams
        runtime.expecting_input = self.expecting_input
        runtime.write = self.write
        assert compiled.metadata is not None
        runtime.supports = (compiled.metadata.confirm_impact, compiled.metadata.supports_should_process)
        common = self.binding.common
        if common:
            self.write = runtime.write = apply_common(runtime, common, self.write)
            callee.streams = runtime.streams
            set_preferences(callee, common)
        callee.cmdlet = PSCmdlet(runtime, callee, self.binding)

    def begin(self) -> None:
        begin = self.compiled.begin
        if begin is not None:
            self.started = True
            self._run(begin)

    def process(self, value: Any) -> None:
        process = self.compiled.process
        binding = self.binding
        if process is None:
            if binding is not None and binding.takes_pipeline:
                binding.bind_pipeline(value)
                self._set_under(value)
            elif binding is not None and self.compiled.advanced:
                binding.bind_pipeline(value)
            if self.inputs is not None:
                self.inputs.append(value)
            return
        if (
            binding is not None
            and (binding.takes_pipeline or self.compiled.advanced)
            and not binding.bind_pipeline(value)
        ):
            return
        self._set_under(value)
        self.callee.input = InputEnumerator([value])
        self._run(process)

    def _run(self, part: Statement) -> None:
        try:
            execute(part, self.callee, self.write)
        except ScriptError as failed:
            if failed.leaves is self.callee:
                failed.leaves = None  # from here on it is the caller's statement that it ends
            raise

    def _set_under(self, value: Any) -> None:
        under = self.under
        if under is None:
            under = self.under = self.callee.scope.vars.setdefault("_", Variable("_"))
        under.value = value

    def end(self) -> None:
        compiled = self.compiled
        callee = self.callee
        if compiled.process is not None and not self.expecting_input:
            if self.binding is not None:
                self.binding.require_mandatory()
            self._run(compiled.process)
        elif self.binding is not None and not self.expecting_input:
            self.binding.require_mandatory()
        if compiled.end is not None:
            if compiled.process is None and self.inputs is None:
                callee.input = None
            self._run(compiled.end)

    def succeeded(self) -> bool:
        return self.runtime is None or not self.runtime.failed

    def close(self) -> None:
        clean = self.compiled.clean
        if clean is not None and hasattr(self, "callee"):
            rs = self.frame.rs
            held, rs.stopping = rs.stopping, False
            rs.stop_event.clear()
            try:
                execute(clean, self.callee, lambda value: None)
            finally:
                rs.stopping = held
                if held:
                    rs.stop_event.set()
        if self.closers:
            super().close()


class ScriptFileCall(FunctionCall):
    """A script file: a script scope of its own, and ``exit`` ends it with an exit code."""

    __slots__ = ("exit_code",)

    def connect(self, out: Sink, expecting_input: bool) -> None:
        self.exit_code = 0
        super().connect(out, expecting_input)

    def _scope(self) -> Scope:
        return Scope(self.frame.scope, is_script=True) if self.new_scope else self.frame.scope

    def begin(self) -> None:
        self._until_exit(super().begin)

    def process(self, value: Any) -> None:
        self._until_exit(lambda: FunctionCall.process(self, value))

    def end(self) -> None:
        if not self.exit_code:
            self._until_exit(super().end)

    def _until_exit(self, run: Callable[[], None]) -> None:
        rs = self.frame.rs
        try:
            run()
        except ExitScript as leaving:
            self.exit_code = leaving.code
            rs.global_scope.set("lastexitcode", "LASTEXITCODE", leaving.code)

    def succeeded(self) -> bool:
        return self.exit_code == 0 and super().succeeded()


def set_preferences(frame: Frame, common: dict[str, Any]) -> None:
    """-ErrorAction and its like on a function become preference variables in its scope."""
    from ..dotnet.enums import enum_value
    from ..records import SMA

    scope = frame.scope
    for parameter, variable in (
        ("erroraction", "ErrorActionPreference"),
        ("warningaction", "WarningPreference"),
        ("informationaction", "InformationPreference"),
        ("progressaction", "ProgressPreference"),
    ):
        if parameter in common:
            scope.vars[variable.lower()] = Variable(variable, common[parameter])
    for parameter, variable in (("verbose", "VerbosePreference"), ("debug", "DebugPreference")):
        if parameter in common:
            scope.vars[variable.lower()] = Variable(
                variable, enum_value(SMA + "ActionPreference", "Continue" if common[parameter] else "SilentlyContinue")
            )
    if "whatif" in common:
        scope.vars["whatifpreference"] = Variable("WhatIfPreference", bool(common["whatif"]))
    if "confirm" in common:
        scope.vars["confirmpreference"] = Variable(
            "ConfirmPreference", enum_value(SMA + "ConfirmImpact", "Low" if common["confirm"] else "None")
        )


def plain_arguments(args: list[Argument]) -> list[Any]:
    """$args: everything as given; a -Name that nothing took stays as its text."""
    from ..binding.tokens_args import ParameterWord, plain_value
    from .calls import MISSING

    found: list[Any] = []
    for name, value in args:
        if name == "-" and value is MISSING:  # ``--``
            continue
        if name is not None:
            found.append(ParameterWord(f"-{name}" if value is MISSING or value is None else f"-{name}:"))
            if value is MISSING:
                continue
        found.append(None if value is NOTHING else plain_value(value))
    return found


def run_block(
    block: ScriptBlock,
    frame: Frame,
    sink: Sink,
    under: Any,
    args: list[Any],
    given: Iterable[Any] | None,
    streams: StreamSet | None,
    local: bool,
    this: Any = NOTHING,
    quiet: bool = False,
) -> None:
    """What ``ScriptBlock.run`` promises."""
    compiled = block.compiled
    if local or block.closure is not None:
        scope = Scope(block.closure if block.closure is not None else frame.scope)
    else:
        scope = frame.scope
    callee = Frame(frame.rs, scope, streams if streams is not None else frame.streams, frame)
    callee.block = block
    callee.source = compiled.source
    callee.args = args
    callee.shows_in_trace = True
    if given is not None:
        callee.input = InputEnumerator(list(given))
    if compiled.metadata is not None and (compiled.metadata.parameters or compiled.advanced):
        from ..binding.function_binder import bind_values

        bind_values(block, callee, args)
    if this is not NOTHING:
        scope = callee.scope = Scope(scope) if scope is frame.scope else scope
        scope.vars["this"] = Variable("this", this)
    if quiet:
        run_quietly(compiled, callee, sink, under)
    else:
        run_with_under(compiled, callee, sink, under)


def run_quietly(compiled: CompiledBlock, callee: Frame, sink: Sink, under: Any) -> None:
    """An error of a statement ends the block, for the caller to tell of or not."""
    rs = callee.rs
    held = rs.guarded
    rs.guarded = held + 1
    try:
        run_with_under(compiled, callee, sink, under)
    except ScriptError as failed:
        rs.add_error(failed.record)
        raise
    finally:
        rs.guarded = held


def run_with_under(compiled: CompiledBlock, callee: Frame, sink: Sink, under: Any) -> None:
    if under is NOTHING:
        run_parts(compiled, callee, sink)
        return
    variables = callee.scope.vars
    held = variables.get("_")
    if held is None:
        variables["_"] = Variable("_", under)
        try:
            run_parts(compiled, callee, sink)
        finally:
            variables.pop("_", None)
        return
    before = held.value
    held.value = under
    try:
        run_parts(compiled, callee, sink)
    finally:
        held.value = before


def run_parts(compiled: CompiledBlock, callee: Frame, sink: Sink) -> None:
    if compiled.simple:
        if compiled.end is not None:
            execute(compiled.end, callee, sink)
        return
    for part in (compiled.begin, compiled.process, compiled.end):
        if part is not None:
            execute(part, callee, sink)


def block_method(block: ScriptBlock, name: str, args: list[Any]) -> Any:
    from .runspace import current_frame

    frame = current_frame()
    assert frame is not None
    folded = name.lower()
    if folded in ("invoke", "invokereturnasis"):
        return invoke_block(block, frame, args, folded == "invoke")
    if folded == "getnewclosure":
        return new_closure(block, frame)
    if folded == "invokewithcontext":
        return invoke_with_context(block, frame, args)
    if folded == "getsteppablepipeline":
        from .steppable import SteppablePipeline

        return SteppablePipeline(block, frame)
    if folded == "tostring":
        return block.text
    raise AttributeError(name)


def invoke_block(block: ScriptBlock, frame: Frame, args: list[Any], as_collection: bool) -> Any:
    """Invoke() gives a collection and makes MethodInvocationException of an error; InvokeReturnAsIs() neither."""
    from ..records import SMA, ErrorRecord, NetException
    from ..values.value import unroll

    rs = frame.rs
    held, rs.guarded = rs.guarded, rs.guarded + 1
    try:
        found = block.invoke(frame, args)
    except ScriptError as failed:
        if not as_collection:
            raise
        inner = failed.record.exception
        message = f'Exception calling "Invoke" with "{len(args)}" argument(s): "{failed.record.message}"'
        exception = NetException(message, inner, net_type=SMA + "MethodInvocationException")
        raise ScriptError(ErrorRecord(exception, inner.net_type.rpartition(".")[2], "NotSpecified")) from None
    finally:
        rs.guarded = held
    if not as_collection:
        return unroll(found)
    from ..members.collection_methods import collection

    return collection(found)


def new_closure(block: ScriptBlock, frame: Frame) -> ScriptBlock:
    """The block with a copy of the variables that are local where it is made."""
    scope = Scope(frame.rs.global_scope, is_script=True)
    at: Scope | None = frame.scope
    while at is not None and at.parent is not None:
        for key, variable in at.vars.items():
            if key not in scope.vars:
                copy = scope.vars[key] = Variable(variable.name, variable.value)
                copy.check = variable.check
        if at.script is at:
            break
        at = None
    if frame.scope.parent is None:
        for key, variable in frame.scope.vars.items():
            scope.vars.setdefault(key, Variable(variable.name, variable.value, variable.options))
    return block.with_scope(scope)


def invoke_with_context(block: ScriptBlock, frame: Frame, args: list[Any]) -> Any:
    """InvokeWithContext(functions, variables, args): variables as PSVariable objects."""
    from ..values.value import as_list

    scope = Scope(frame.scope)
    for variable in as_list(args[1]) if len(args) > 1 else []:
        scope.vars[variable.name.lower()] = Variable(variable.name, variable.value)
    callee = Frame(frame.rs, scope, frame.streams, frame)
    return block.invoke(callee, as_list(args[2]) if len(args) > 2 else [])


__all__ = ["Flow", "FunctionCall", "InputEnumerator", "execute", "run_block", "stack_trace"]
