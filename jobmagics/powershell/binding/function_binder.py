"""Binding for functions and script blocks: values go to variables, plain calls take a short way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..records import SMA, ScriptError, error
from ..runtime.scopes import Variable
from ..values.conversions import convert
from ..values.references import Reference
from ..values.value import NOTHING, SwitchParameter
from . import errors
from .parameters import ALL_SETS, CommandMetadata, ParameterInfo
from .psbound import BoundParameters

if TYPE_CHECKING:
    from ..runtime.compiled import CompiledBlock
    from ..runtime.invocation import FunctionCall
    from ..runtime.runspace import Frame
    from ..runtime.scriptblock import ScriptBlock
from .binder import Binding, flattened_words, with_defaults

REFERENCE = SMA + "PSReference"


class FunctionBinding(Binding):
    """Values go to the function's variables; $PSBoundParameters lists them."""

    def __init__(self, meta: CommandMetadata, call: Any, frame: Frame, callee: Frame) -> None:
        self.callee = callee
        self.listed = BoundParameters()
        super().__init__(meta, call, frame, False)

    def store(self, info: ParameterInfo, value: Any) -> None:
        if info.is_switch:
            value = SwitchParameter(bool(value))
        key = info.name.lower()
        self.values[key] = value
        self.listed[info.name] = value
        self.put(info, value)

    def put(self, info: ParameterInfo, value: Any) -> None:
        key = info.name.lower()
        variables = self.callee.scope.vars
        known = variables.get(key)
        if known is None:
            known = variables[key] = Variable(info.name, value)
        else:
            known.value = value
        if info.validators or info.validate_set or info.transforms:
            known.check = lambda new: self.checked(info, new)
        elif info.convert is not None:
            known.check = info.convert

    def checked(self, info: ParameterInfo, value: Any) -> Any:
        """What assigning to a parameter's variable does: its type and its validation still hold."""
        from ..compiler.assignment import invalid_value

        for step in info.transforms or ((info.convert,) if info.convert is not None else ()):
            value = step(value)
        try:
            if info.validate_set:
                errors.check_set(self, info, value)
            for validator in info.validators:
                validator(value, info.name)
        except ScriptError:
            raise invalid_value(info.name, value) from None
        return value

    def forget(self, info: ParameterInfo) -> None:
        self.values.pop(info.name.lower(), None)
        if info.name in self.listed:
            del self.listed[info.name]
        self.put(info, self.default_of(info))

    def default_of(self, info: ParameterInfo) -> Any:
        if info.transforms:
            return self.through(info, info.default(self.callee) if info.default is not None else None)
        if info.default is not None:
            value = info.default(self.callee)
            return self.convert_default(info, value)
        if info.is_switch:
            return SwitchParameter(False)
        if info.convert is None:
            return None
        try:
            return convert(None, info.type_name)
        except ScriptError:
            return None

    def convert_default(self, info: ParameterInfo, value: Any) -> Any:
        if value is NOTHING:
            value = None
        if info.is_switch:
            return SwitchParameter(bool(value))
        if info.type_name == "System.Object":
            return value
        try:
            return convert(value, info.type_name)
        except ScriptError as failed:
            raise errors.transformation_failed(self, info, value, failed) from None

    def take_rest(self, values: list[Any]) -> None:
        if self.meta.cmdlet_binding:
            raise errors.too_many(self, values[0])
        self.rest = flattened_words(values)

    def converted(self, info: ParameterInfo, value: Any) -> Any:
        try:
            return convert(value, info.type_name)
        except ScriptError as failed:
            if info.name in self.tables.common:
                raise errors.cannot_bind(self, info, value, failed) from None
            raise errors.transformation_failed(self, info, value, failed) from None

    def transformed(self, info: ParameterInfo, value: Any) -> Any:
        referred = isinstance(value, Reference)
        if referred and info.type_name != REFERENCE:
            value = value.value
        elif info.type_name == REFERENCE and not referred:
            expected = error("Reference type is expected in argument.", "InvalidCastExceptionReferenceTypeExpected")
            raise errors.transformation_failed(self, info, value, expected)
        if info.type_name == "System.String" and isinstance(value, list):
            raise errors.array_for_string(self, info, value)
        if value is None and info.type_name == "System.String":
            return ""
        return self.converted(info, value)

    def unbound_input(self, value: Any) -> bool:
        return super().unbound_input(value) if self.meta.cmdlet_binding else True

    def keeps_unknown(self) -> bool:
        return not self.meta.cmdlet_binding or super().keeps_unknown()

    def add_dynamic(self) -> None:
        """Parameters that the function's dynamicparam block makes for this call."""
        from .dynamic import extend

        extend(self)

    def finish(self) -> None:
        """Defaults for what was not given, in order, each seeing those before it."""
        self.callee.bound = self.listed
        self.callee.args = self.rest
        for key, info in self.meta.parameters.items():
            if key not in self.values and not info.dynamic:
                self.put(info, self.default_of(info))


def quick_parameters(compiled: CompiledBlock) -> list[ParameterInfo] | None:
    """The parameters, if nothing about them needs the whole binder: no attributes, sets, switches or validation."""
    meta = compiled.metadata
    assert meta is not None
    if meta.cmdlet_binding or compiled.dynamic is not None or compiled.process is not None:
        return None
    if "psboundparameters" in compiled.source.text.lower():
        return None
    infos = list(meta.parameters.values())
    for info in infos:
        if (
            info.is_switch
            or info.validators
            or info.validate_set
            or info.transforms
            or info.dynamic
            or info.required_type_name
            or list(info.sets) != [ALL_SETS]
        ):
            return None
    return infos


def bind_function(call: FunctionCall, callee: Frame) -> FunctionBinding:
    meta = call.compiled.metadata
    assert meta is not None
    binding = FunctionBinding(meta, call, call.frame, callee)
    if call.compiled.dynamic is not None:
        binding.add_dynamic()
    binding.bind(call.args if not meta.cmdlet_binding else with_defaults(call, binding))  # type: ignore[arg-type]
    binding.require_mandatory()
    binding.finish()
    return binding


class _Direct:
    """The call of a block whose parameters get plain values (Invoke(), delegates, sort keys)."""

    expecting_input = False
    place = None
    runtime = None

    def __init__(self, block: ScriptBlock) -> None:
        self.compiled = block.compiled
        from .parameters import CommandInfo

        self.command = CommandInfo("Script", "", block, definition=block.text)


def bind_values(block: ScriptBlock, callee: Frame, args: list[Any]) -> None:
    meta = block.compiled.metadata
    assert meta is not None
    binding = FunctionBinding(meta, _Direct(block), callee, callee)
    positional = binding.bind_named([(None, value) for value in args])
    left = binding.bind_positional(positional) if positional else []
    if left and not binding.tables.remaining:
        binding.rest = left
    elif left:
        binding.bind_remaining(left)
    binding.finish()
