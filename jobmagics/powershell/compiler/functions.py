"""Function definitions and param blocks: what a script declares becomes the same ParameterInfo that cmdlets have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..binding import validation
from ..binding.parameters import ALL_SETS, CommandInfo, CommandMetadata, ParameterInfo, SetInfo
from ..parser import syntax as s
from ..records import ScriptError
from ..runtime.compiled import Statement
from ..runtime.scriptblock import ScriptBlock
from ..values.conversions import convert
from ..values.types import NetType, resolve_type
from ..values.value import to_string
from .attributes import Given, given, made, not_constructed, short_name, shown
from .core import Context, compiles_statement, expression

if TYPE_CHECKING:
    from ..runtime.runspace import Frame

Sink = Callable[[Any], Any]
Step = Callable[[Any], Any]


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
    meta.cmdlet_binding = any(short_name(one) == "cmdletbinding" for one in attributes) or any(
        has_parameter_attribute(node) for node in nodes
    )
    for one in attributes:
        made = given(one, c)
        if made.name == "cmdletbinding":
            apply_cmdlet_binding(meta, made.named)
        elif made.name == "outputtype":
            meta.output_types = tuple(map(shown, made.arguments))
    give_positions(meta, infos)
    return meta


def has_parameter_attribute(node: s.ParameterAst) -> bool:
    return any(isinstance(one, s.AttributeAst) and short_name(one) == "parameter" for one in node.attributes)


def apply_cmdlet_binding(meta: CommandMetadata, named: dict[str, Any]) -> None:
    meta.supports_should_process = named.get("supportsshouldprocess", meta.supports_should_process)
    meta.positional_binding = named.get("positionalbinding", meta.positional_binding)
    meta.confirm_impact = to_string(named.get("confirmimpact", meta.confirm_impact))
    meta.default_set = to_string(named.get("defaultparametersetname", meta.default_set))


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
    steps: list[Step] = []
    for one in node.attributes:
        if isinstance(one, s.TypeConstraintAst):
            set_type(info, one, c)
            if info.convert is not None:
                steps.append(info.convert)
        elif isinstance(one, s.AttributeAst):
            attribute = given(one, c)
            if attribute.is_of_script:
                apply_own(info, attribute, steps)
            else:
                apply(info, attribute, declared)
    if info.transforms:
        info.transforms = tuple(reversed(steps))  # the one next to the variable comes first
    if declared:
        info.sets = declared
    if node.default_value is not None:
        info.default = expression(node.default_value, c)
    return info


def apply(info: ParameterInfo, one: Given, declared: dict[str, SetInfo]) -> None:
    """What an attribute of PowerShell's own says of a parameter."""
    if one.name == "parameter":
        declared[to_string(one.named.get("parametersetname", ALL_SETS))] = set_info(one.named)
    elif one.name == "alias":
        info.aliases += tuple(map(to_string, one.arguments))
    elif one.name == "allownull":
        info.allow_null = True
    elif one.name == "allowemptystring":
        info.allow_empty_string = True
    elif one.name == "allowemptycollection":
        info.allow_empty_collection = True
    elif one.name == "pstypename":
        info.required_type_name = to_string(one.arguments[0])
    elif one.name == "validateset":
        info.validate_set = allowed_by(one)
        info.set_case_sensitive = not one.named.get("ignorecase", True)
        info.set_message = to_string(one.named.get("errormessage", ""))
    elif one.name in validation.MAKERS:
        info.validators += (validator_of(one),)


def apply_own(info: ParameterInfo, one: Given, steps: list[Step]) -> None:
    """What an attribute of a script's own class does."""
    if one.kind.derives_from(validation.TRANSFORMS):
        steps.append(validation.transform_of(made(one)))
        info.transforms = tuple(steps)
    elif one.kind.derives_from(validation.VALIDATES):
        info.validators += (validation.own_validator(made(one)),)


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


def set_info(named: dict[str, Any]) -> SetInfo:
    part = SetInfo()
    part.mandatory = named.get("mandatory", False)
    part.position = named.get("position")
    part.from_pipeline = named.get("valuefrompipeline", False)
    part.from_pipeline_by_name = named.get("valuefrompipelinebypropertyname", False)
    part.from_remaining = named.get("valuefromremainingarguments", False)
    part.help_message = to_string(named.get("helpmessage", ""))
    return part


# -- validation attributes


def validator_of(one: Given) -> validation.Validator:
    try:
        return validation.MAKERS[one.name](one.arguments, one.named)
    except ScriptError as failed:
        if failed.record.exception.net_type.endswith("MetadataException"):
            raise
        raise not_constructed(one.kind.name.removesuffix("Attribute"), failed.record.exception) from None


def allowed_by(one: Given) -> Sequence[str]:
    """The values of a ValidateSet: written there, or given by a class."""
    if len(one.arguments) == 1 and isinstance(one.arguments[0], NetType):
        kind = one.arguments[0]
        if not kind.derives_from(validation.GENERATES):
            raise validation.not_valid("valuesGeneratorType")
        return validation.GeneratedSet(kind)
    if not one.arguments:
        raise validation.out_of_range("validValues", "System.String[]")
    return tuple(map(to_string, one.arguments))


def marks_of(marks: list[Any], c: Context) -> ParameterInfo:
    """What the attributes of a variable or of a class's property say."""
    info = ParameterInfo("")
    steps: list[Step] = []
    for node in marks:
        one = given(node, c)
        if one.is_of_script:
            apply_own(info, one, steps)
        else:
            apply(info, one, {})
    info.transforms = tuple(reversed(steps))
    return info
