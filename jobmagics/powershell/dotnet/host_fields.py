"""What a script asks its host with: ChoiceDescription and FieldDescription."""

from __future__ import annotations

from typing import Any

from ..values.types import NetType
from .table import NetObject, argument_null, declare

_HOST = "System.Management.Automation.Host."


class ChoiceDescription(NetObject):
    net_type = _HOST + "ChoiceDescription"

    def __init__(self, label: str, help_message: str = "") -> None:
        self.label = label
        self.help_message = help_message


CHOICE = declare(ChoiceDescription.net_type)


@CHOICE.constructor("(string label)", "(string label, string helpMessage)")
def _choice(kind: NetType, label: str | None, help_message: str | None = "") -> ChoiceDescription:
    if not label:
        raise argument_null("label")
    if help_message is None:
        raise argument_null("helpMessage")
    return ChoiceDescription(label, help_message)


CHOICE.attributes("string Label")
CHOICE.attributes("string HelpMessage", writable=True)


class FieldDescription(NetObject):
    net_type = _HOST + "FieldDescription"

    def __init__(self, name: str) -> None:
        self.name = name
        self.label = ""
        self.help_message = ""
        self.is_mandatory = True
        self.default_value: Any = None
        self.type = "System.String"

    def set_parameter_type(self, kind: NetType) -> None:
        self.type = kind.full_name


FIELD = declare(FieldDescription.net_type)


@FIELD.constructor("(string name)")
def _field(kind: NetType, name: str | None) -> FieldDescription:
    if not name:
        raise argument_null("name")
    return FieldDescription(name)


FIELD.attributes("string Name")
FIELD.attributes("string Label", "string HelpMessage", "bool IsMandatory", "psobject DefaultValue", writable=True)
FIELD.property("string ParameterTypeFullName", lambda field: field.type)
FIELD.property("string ParameterTypeName", lambda field: field.type.rpartition(".")[2])
FIELD.method("void SetParameterType(type parameterType)")(FieldDescription.set_parameter_type)
