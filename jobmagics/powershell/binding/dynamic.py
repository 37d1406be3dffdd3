"""dynamicparam: parameters that a function makes for one call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..records import ScriptError
from ..runtime.invocation import execute
from ..values.value import NOTHING, as_list, is_true, to_string
from .parameters import CommandMetadata, ParameterInfo, SetInfo
from .tokens_args import MISSING

if TYPE_CHECKING:
    from .function_binder import FunctionBinding
    from .tokens_args import Argument


def extend(binding: FunctionBinding) -> None:
    """Runs the block with the static parameters that can be bound by name, and adds what it gives to this call's
    parameters."""
    from .tables import tables_of

    bind_early(binding)
    found: list[Any] = []
    execute(binding.call.compiled.dynamic, binding.callee, found.append)
    extra = [parameter_of(one) for table in found for one in entries(table)]
    binding.values.clear()
    binding.named.clear()
    for name in list(binding.listed):
        del binding.listed[name]
    if not extra:
        return
    meta = binding.meta
    changed = CommandMetadata(
        meta.name,
        {**meta.parameters, **{one.name.lower(): one for one in extra}},
        meta.default_set,
        meta.cmdlet_binding,
        meta.supports_should_process,
        meta.confirm_impact,
        meta.positional_binding,
        meta.output_types,
    )
    binding.meta = changed
    binding.tables = tables_of(changed)
    binding.sets = set(binding.tables.set_names)
    binding.takes_pipeline = bool(binding.tables.pipeline)


def bind_early(binding: FunctionBinding) -> None:
    """What can be told before the dynamic parameters are known."""
    known = list(static_arguments(binding))
    try:
        rest = binding.bind_named(known)
        if rest:
            binding.bind_positional(rest)
    except ScriptError:
        pass  # told when the whole call is bound
    binding.callee.bound = binding.listed
    for key, info in binding.meta.parameters.items():
        if key not in binding.values:
            binding.put(info, binding.default_of(info))


def static_arguments(binding: FunctionBinding) -> Iterator[Argument]:
    """The arguments without those of names that are no parameter yet, and without what follows such a name."""
    args = binding.call.args
    at = 0
    while at < len(args):
        name, value = args[at]
        at += 1
        if name is None:
            yield args[at - 1]
            continue
        has_value = value is MISSING and at < len(args) and args[at][0] is None
        try:
            info = binding.tables.find(binding, name)
        except ScriptError:
            at += has_value
            continue
        yield name, value
        if has_value and not info.is_switch:
            yield args[at]
            at += 1


def entries(table: Any) -> list[Any]:
    """The RuntimeDefinedParameters of a dictionary."""
    from ..members.access import get_property

    if table is None or table is NOTHING:
        return []
    if hasattr(table, "values") and callable(table.values):
        return list(table.values())
    return as_list(get_property(table, "Values", []))


def parameter_of(given: Any) -> ParameterInfo:
    """A RuntimeDefinedParameter as the binder's own record."""
    from ..members.access import get_property
    from ..values.types import NetType
    from ..values.value import enumerate_value

    info = ParameterInfo(to_string(get_property(given, "Name")))
    kind = get_property(given, "ParameterType")
    if isinstance(kind, NetType):
        info.type_name = kind.full_name
    info.dynamic = True
    sets: dict[str, SetInfo] = {}
    for attribute in enumerate_value(get_property(given, "Attributes", [])):
        apply_attribute(info, attribute, sets)
    if sets:
        info.sets = sets
    return info


_ALLOWS = {
    "AllowNullAttribute": "allow_null",
    "AllowEmptyStringAttribute": "allow_empty_string",
    "AllowEmptyCollectionAttribute": "allow_empty_collection",
}


def apply_attribute(info: ParameterInfo, attribute: Any, sets: dict[str, SetInfo]) -> None:
    from ..members.access import get_property
    from ..values.types import type_of

    name = type_of(attribute).name
    if name == "ParameterAttribute":
        part = SetInfo()
        part.mandatory = is_true(get_property(attribute, "Mandatory", False))
        position = get_property(attribute, "Position", None)
        part.position = int(position) if isinstance(position, int) and position >= 0 else None
        part.from_pipeline = is_true(get_property(attribute, "ValueFromPipeline", False))
        part.from_pipeline_by_name = is_true(get_property(attribute, "ValueFromPipelineByPropertyName", False))
        sets[to_string(get_property(attribute, "ParameterSetName", "") or "__AllParameterSets")] = part
    elif name == "ValidateSetAttribute":
        info.validate_set = tuple(to_string(one) for one in as_list(get_property(attribute, "ValidValues", [])))
        info.set_case_sensitive = not is_true(get_property(attribute, "IgnoreCase", True))
    elif name == "AliasAttribute":
        info.aliases = tuple(to_string(one) for one in as_list(get_property(attribute, "AliasNames", [])))
    elif name in _ALLOWS:
        setattr(info, _ALLOWS[name], True)
    else:
        from .validation import MAKERS, TRANSFORMS, VALIDATES, own_validator, transform_of

        kind = type_of(attribute)
        if kind.user is not None and kind.derives_from(TRANSFORMS):
            info.transforms = (*info.transforms, transform_of(attribute))
        elif kind.user is not None and kind.derives_from(VALIDATES):
            info.validators = (*info.validators, own_validator(attribute))
        maker = MAKERS.get(name.lower().removesuffix("attribute"))
        if maker is not None:
            info.validators = (*info.validators, maker(list(getattr(attribute, "arguments", ())), {}))
