"""Function definitions and param blocks: what a script declares becomes the same ParameterInfo that cmdlets have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..binding import validation
from ..binding.parameters import ALL_SETS, CommandInfo, CommandMetadata, ParameterInfo, SetInfo
from ..parser import syntax as s
from ..runtime.compiled import Statement
from ..runtime.scriptblock import ScriptBlock
from ..values.conversions import convert
from ..values.types import resolve_type
from ..values.value import is_true, to_string
from .core import Context, compiles_statement, expression

if TYPE_CHECKING:
    from ..runtime.runspace import Frame

Sink = Callable[[Any], Any]


@compiles_statement(s.FunctionDefinitionAst)
def compile_function(node: s.FunctionDefinitionAst, c: Context) -> Statement:
    body = node.body
    text = body_text(node, c)
    shared = ScriptBlock(body, text)
    shared.parameters = node.parameters
    prefix, _, name = node.name.rpartition(":")
    key = name.lower()
    kind = "Filter" if node.is_filter else "Function"

    def define(frame: Frame, out: Sink) -> None:
        block = ScriptBlock(body, text, shared._compiled)
        if shared._compiled is None:
            block.parameters = node.parameters
            shared._compiled = block.compiled
        block.name = name
        block.is_filter = node.is_filter
        if frame.block is not None and frame.block.closure is not None:
            block.closure = frame.block.closure
        info = CommandInfo(kind, name, block, definition=text)
        info.help = node.help or body.help
        scope = frame.scope.named(prefix) if prefix else frame.scope
        (scope or frame.scope).set_function(key, info)

    return define


def body_text(node: s.FunctionDefinitionAst, c: Context) -> str:
    """A function's Definition: the text between its braces."""
    text = c.source.extent_text(node.body.extent)
    if text.startswith("{"):
        text = text[1:-1]
    if node.parameters:
        first, last = node.parameters[0].extent[0], node.parameters[-1].extent[1]
        return f"param({c.source.text[first:last]}) {text}"
    return text


# -- param blocks


def metadata_of(tree: s.ScriptBlockAst, parameters: Any, c: Context) -> CommandMetadata:
    block = tree.param_block
    nodes = parameters if parameters is not None else (block.parameters if block is not None else [])
    attributes = list(block.attributes) if block is not None else []
    infos = [parameter_of(node, c) for node in nodes]
    meta = CommandMetadata("", {info.name.lower(): info for info in infos})
    binding = next((one for one in attributes if short_name(one) == "cmdletbinding"), None)
    meta.cmdlet_binding = binding is not None or any(has_parameter_attribute(node) for node in nodes)
    if binding is not None:
        apply_cmdlet_binding(meta, binding, c)
    for one in attributes:
        if short_name(one) == "outputtype":
            meta.output_types = tuple(type_text(argument, c) for argument in one.positional_arguments)
    give_positions(meta, infos)
    return meta


def short_name(attribute: Any) -> str:
    name = attribute.type_name.name.lower().rpartition(".")[2]
    return str(name.removesuffix("attribute"))


def has_parameter_attribute(node: s.ParameterAst) -> bool:
    return any(isinstance(one, s.AttributeAst) and short_name(one) == "parameter" for one in node.attributes)


def constant_of(node: Any, c: Context) -> Any:
    """An attribute's argument: constants, types and simple expressions, computed when the block is compiled."""
    from ..runtime.runspace import current_frame

    if isinstance(node, s.TypeExpressionAst):
        return resolve_type(node.type_name.full_name) or node.type_name.full_name
    get = expression(node, c)
    if hasattr(get, "constant"):
        return get.constant
    frame = current_frame()
    if frame is None:
        from ..runtime.runspace import Runspace

        frame = Runspace().frame
    return get(frame)


def type_text(node: Any, c: Context) -> str:
    value = constant_of(node, c)
    return value.full_name if hasattr(value, "full_name") else to_string(value)


def apply_cmdlet_binding(meta: CommandMetadata, attribute: s.AttributeAst, c: Context) -> None:
    for named in attribute.named_arguments:
        value = constant_of(named.argument, c)
        key = named.argument_name.lower()
        if key == "supportsshouldprocess":
            meta.supports_should_process = is_true(value)
        elif key == "confirmimpact":
            meta.confirm_impact = to_string(value)
        elif key == "defaultparametersetname":
            meta.default_set = to_string(value)
        elif key == "positionalbinding":
            meta.positional_binding = is_true(value)


def give_positions(meta: CommandMetadata, infos: list[ParameterInfo]) -> None:
    """Without explicit positions parameters stand in declared order; switches have none."""
    explicit = any(part.position is not None for info in infos for part in info.sets.values())
    if explicit or not meta.positional_binding:
        return
    at = 0
    for info in infos:
        if info.is_switch or any(part.from_remaining for part in info.sets.values()):
            continue
        for part in info.sets.values():
            part.position = at
        at += 1


def parameter_of(node: s.ParameterAst, c: Context) -> ParameterInfo:
    info = ParameterInfo(node.name.path.rpartition(":")[2])
    declared: dict[str, SetInfo] = {}
    marks: list[Any] = []
    attributes: list[Any] = node.attributes
    for one in attributes:
        if isinstance(one, s.TypeConstraintAst):
            set_type(info, one, c)
            continue
        name = short_name(one)
        if name == "parameter":
            set_name, part = set_info(one, c)
            declared[set_name] = part
        elif name == "alias":
            info.aliases += tuple(to_string(constant_of(argument, c)) for argument in one.positional_arguments)
        elif name == "allownull":
            info.allow_null = True
        elif name == "allowemptystring":
            info.allow_empty_string = True
        elif name == "allowemptycollection":
            info.allow_empty_collection = True
        elif name == "pstypename":
            info.required_type_name = to_string(constant_of(one.positional_arguments[0], c))
        else:
            marks.append(one)
    if declared:
        info.sets = declared
    add_validators(info, marks, c)
    if node.default_value is not None:
        info.default = expression(node.default_value, c)
    return info


def set_type(info: ParameterInfo, node: s.TypeConstraintAst, c: Context) -> None:
    name = node.type_name.full_name
    known = resolve_type(name)
    if known is None or known.full_name == "System.Object":
        if known is None:
            info.type_name = name
            info.convert = lambda value: convert_by_name(value, name)
        return
    info.type_name = known.full_name
    info.convert = lambda value: convert(value, known)


def convert_by_name(value: Any, name: str) -> Any:
    """To a class that a script defines: looked up when a value comes."""
    from ..runtime.runspace import current_frame
    from .expressions import type_missing

    frame = current_frame()
    kind = frame.resolve_type(name) if frame is not None else None
    if kind is None:
        raise type_missing(name)
    return convert(value, kind)


def set_info(attribute: s.AttributeAst, c: Context) -> tuple[str, SetInfo]:
    part = SetInfo()
    set_name = ALL_SETS
    for named in attribute.named_arguments:
        key = named.argument_name.lower()
        value = constant_of(named.argument, c)
        if key == "mandatory":
            part.mandatory = is_true(value)
        elif key == "position":
            part.position = int(value)
        elif key == "parametersetname":
            set_name = to_string(value)
        elif key == "valuefrompipeline":
            part.from_pipeline = is_true(value)
        elif key == "valuefrompipelinebypropertyname":
            part.from_pipeline_by_name = is_true(value)
        elif key == "valuefromremainingarguments":
            part.from_remaining = is_true(value)
        elif key == "helpmessage":
            part.help_message = to_string(value)
    return set_name, part


# -- validation attributes


def add_validators(info: ParameterInfo, marks: list[Any], c: Context) -> None:
    for one in marks:
        name = short_name(one)
        if name == "validateset":
            info.validate_set = tuple(to_string(constant_of(argument, c)) for argument in one.positional_arguments)
            for named in one.named_arguments:
                if named.argument_name.lower() == "ignorecase":
                    info.set_case_sensitive = not is_true(constant_of(named.argument, c))
                elif named.argument_name.lower() == "errormessage":
                    info.set_message = to_string(constant_of(named.argument, c))
        validator = validator_of(one, c)
        if validator is not None:
            info.validators += (validator,)


def validators_of(marks: list[Any], c: Context, frame: Frame) -> tuple[list[Any], tuple[str, ...]]:
    """For a variable's attributes: its validators and its ValidateSet."""
    found = [validator for one in marks if (validator := validator_of(one, c)) is not None]
    allowed: tuple[str, ...] = ()
    for one in marks:
        if short_name(one) == "validateset":
            allowed = tuple(to_string(constant_of(argument, c)) for argument in one.positional_arguments)
    return found, allowed


def validator_of(attribute: Any, c: Context) -> Any:
    make = validation.MAKERS.get(short_name(attribute))
    if make is None:
        return None
    arguments = [constant_of(argument, c) for argument in attribute.positional_arguments]
    named = {one.argument_name.lower(): constant_of(one.argument, c) for one in attribute.named_arguments}
    return make(arguments, named)
