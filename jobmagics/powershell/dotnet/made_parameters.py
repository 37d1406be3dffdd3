"""What scripts make for parameters: RuntimeDefinedParameter, SwitchParameter, PSReference, PSTypeName."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...psobject import PSList
from ..records import SMA
from ..values.types import NetType, type_of
from .table import NetObject, declare


class PSTypeName(NetObject):
    net_type = SMA + "PSTypeName"

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def type(self) -> Any:
        from ..values.types import resolve_type

        return resolve_type(self.name)

    def ps_to_string(self) -> str:
        return self.name


TYPE_NAME = declare(PSTypeName.net_type)
TYPE_NAME.constructor("(string name)")(lambda kind, name: PSTypeName(name))
TYPE_NAME.constructor("(type type)")(lambda kind, of: PSTypeName(of.full_name))
TYPE_NAME.attributes("string Name", "type Type")


class RuntimeParameter(NetObject):
    """RuntimeDefinedParameter: a parameter that a dynamicparam block makes."""

    net_type = SMA + "RuntimeDefinedParameter"

    def __init__(self, name: str = "", parameter_type: NetType | None = None, attributes: Iterable[Any] = ()) -> None:
        self.name = name
        self.parameter_type = parameter_type
        self.attributes = PSList.of("System.Attribute", attributes)
        self._value: Any = None
        self.is_set = False

    @property
    def value(self) -> Any:
        return self._value

    @value.setter
    def value(self, new: Any) -> None:
        self._value = new
        self.is_set = True


def _attribute_list(attributes: Any) -> Any:
    from ..values.types import resolve_type
    from .calls import construct

    kind = resolve_type("System.Collections.ObjectModel.Collection[System.Attribute]")
    assert kind is not None
    held = construct(kind, [])
    held.extend(attributes)
    return held


RUNTIME_PARAMETER = declare(RuntimeParameter.net_type)
RUNTIME_PARAMETER.attributes("string Name", "type ParameterType", "System.Object Value", "bool IsSet", writable=True)
RUNTIME_PARAMETER.attributes("System.Collections.ObjectModel.Collection[System.Attribute] Attributes")


@RUNTIME_PARAMETER.constructor(
    "()", "(string name, type parameterType, System.Collections.ObjectModel.Collection[System.Attribute] attributes)"
)
def _runtime_parameter(
    kind: NetType, name: str = "", of: NetType | None = None, attributes: Any = ()
) -> RuntimeParameter:
    made = RuntimeParameter(name, of)
    # the collection that was handed over is held as it is: scripts add to it afterwards
    made.attributes = attributes if isinstance(attributes, PSList) else _attribute_list(attributes or ())
    return made


RUNTIME_PARAMETERS = declare(SMA + "RuntimeDefinedParameterDictionary")


@RUNTIME_PARAMETERS.constructor("()")
def _runtime_parameters(kind: NetType) -> Any:
    from .tables import Dictionary

    return Dictionary(kind)


RUNTIME_PARAMETERS.property("string HelpFile", lambda held: "")


class PSListModifier(NetObject):
    net_type = SMA + "PSListModifier"


declare(PSListModifier.net_type)
ATTRIBUTE = declare("System.Attribute")
ATTRIBUTE.property("System.Object TypeId", type_of)
ATTRIBUTE.constructor("()")(lambda kind: NetObject())  # what a script's own attributes derive from
SWITCH = declare(SMA + "SwitchParameter")
SWITCH.property("bool IsPresent", bool)
SWITCH.method("bool ToBool()")(bool)


@SWITCH.constructor("(bool isPresent)")
def _switch(kind: NetType, on: bool) -> Any:
    from ..values.value import SwitchParameter

    return SwitchParameter(on)


SWITCH.static_property("System.Management.Automation.SwitchParameter Present", lambda: _switch(type_of(True), True))


@declare("System.Management.Automation.PSReference").constructor("(System.Object value)")
def _reference(kind: NetType, value: Any) -> Any:
    from ..values.references import Reference

    return Reference(value)
