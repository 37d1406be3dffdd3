"""Objects of classes that scripts define: Python instances that are also what their .NET base is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..records import (
    SMA,
    NetException,
    ScriptError,
    error,
)
from ..values.conversions import convert
from ..values.types import OBJECT, NetType
from ..values.value import NOTHING, enumerate_value, is_true, to_string

if TYPE_CHECKING:
    from .plans import PropertyPlan
    from .types import UserClass

ENUMERABLE = {"System.Collections.IEnumerable", "System.Collections.Generic.IEnumerable`1"}


def instance_class(owner: UserClass) -> type:
    """The Python class of a class's instances."""
    if owner.base is not None:
        return type(str(owner.plan.name), (owner.base.python,), {"ps_class": owner})
    base = owner.kind.base
    mixed = python_base(base) if base is not None and base is not OBJECT else None
    bases: tuple[type, ...] = (Instance,) if mixed is None else (Instance, mixed)
    members: dict[str, Any] = {"ps_class": owner}
    if mixed is None and owner.kind.derives_from("System.Collections.IEnumerator"):
        members["ps_items"] = moved_through
    elif mixed is None and ENUMERABLE & {name.partition("[")[0] for name in owner.kind.interfaces}:
        members["ps_items"] = lambda self: enumerate_value(self.ps_invoke("GetEnumerator", []))
    return type(owner.plan.name, bases, members)


def moved_through(self: Instance) -> Iterator[Any]:
    """The elements of a class that is an IEnumerator."""
    while is_true(self.ps_invoke("MoveNext", [])):
        yield self.ps_invoke("get_Current", [])


def python_base(kind: NetType) -> type | None:
    if kind.derives_from("System.Exception"):
        return NetException
    from ..dotnet.calls import construct

    try:
        return type(construct(kind, []))
    except ScriptError:
        return None


class Instance:
    """An object of a class that a script defined."""

    ps_class: UserClass
    ps_fields: dict[str, Any]
    ps_added: dict[str, Any]

    def __new__(cls, *args: Any) -> Any:
        self = super().__new__(cls)
        self.ps_fields = {}
        self.ps_added = {}
        return self

    def net_type_of(self) -> NetType:
        return self.ps_class.kind

    def ps_type_names(self) -> list[str]:
        return [kind.full_name for kind in self.ps_class.kind.lineage()]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        """Base class's own .NET properties last, as reflection lists them."""
        for one in self.ps_class.chain():
            for prop in one.plan.properties:
                if not prop.is_static and not prop.is_hidden:
                    yield prop.name, self.ps_fields.get(prop.name.lower())
        if isinstance(self, NetException):
            yield from NetException.ps_properties(self)

    def ps_get(self, name: str) -> Any:
        key = name.lower()
        if key in self.ps_fields:
            return self.ps_fields[key]
        raise AttributeError(name)

    def ps_set(self, name: str, value: Any) -> None:
        prop = self.ps_class.find_property(name)
        if prop is None or prop.is_static:
            raise AttributeError(name)
        if value is NOTHING:
            value = None
        if prop.kind is not OBJECT:
            try:
                value = convert(value, prop.kind)
            except ScriptError as failed:
                raise setting_failed(prop.name, failed) from None
        if prop.marks is not None:
            self._validate(prop, value)
        self.ps_fields[prop.name.lower()] = value

    def ps_initialize(self, prop: PropertyPlan, value: Any) -> None:
        """The value that a property starts with; one that is written out has to satisfy the property's attributes."""
        if prop.initial is not None and prop.marks is not None:
            try:
                self._validate(prop, value)
            except ScriptError as failed:
                raise setting_failed(prop.name, failed) from None
        self.ps_fields[prop.name.lower()] = value

    def _validate(self, prop: PropertyPlan, value: Any) -> None:
        assert prop.marks is not None
        marks = prop.marks()
        if marks.validate_set and to_string(value).lower() not in [one.lower() for one in marks.validate_set]:
            listed = ",".join(marks.validate_set)
            raise error(
                f'The argument "{to_string(value)}" does not belong to the set "{listed}" specified by the '
                f"ValidateSet attribute. Supply "
                "an argument that is in the set and then try the command again.",
                "RuntimeException",
                "MetadataError",
                net_type=SMA + "ValidationMetadataException",
            )
        for validator in marks.validators:
            validator(value, prop.name)

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        return self.ps_class.call(self, name, args)

    def ps_to_string(self) -> str:
        try:
            return to_string(self.ps_class.call(self, "ToString", []))
        except AttributeError:
            pass
        if isinstance(self, NetException):
            return NetException.ps_to_string(self)
        return self.ps_class.plan.name

    def ps_equals(self, other: Any) -> bool:
        if self.ps_class.candidates("Equals", False):
            return bool(self.ps_class.call(self, "Equals", [other]))
        return self is other

    def ps_compare(self, other: Any) -> int | None:
        if not self.ps_class.candidates("CompareTo", False):
            return None
        return int(self.ps_class.call(self, "CompareTo", [other]))

    @classmethod
    def ps_operator(cls, name: str, a: Any, b: Any) -> tuple[Any] | None:
        if not cls.ps_class.candidates(name, True):
            return None
        return (
            cls.ps_class.call(None, name, [a] if b is None and name.startswith("op_Unary") else [a, b], static=True),
        )

    def __hash__(self) -> int:
        if self.ps_class.candidates("GetHashCode", False):
            return int(self.ps_class.call(self, "GetHashCode", []))
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Instance) and self.ps_equals(other))


def setting_failed(name: str, failed: ScriptError) -> ScriptError:
    inner = failed.record.exception
    return error(
        f'Exception setting "{name}": "{inner.message}"',
        "ExceptionWhenSetting",
        "NotSpecified",
        net_type=SMA + "SetValueInvocationException",
        inner=inner,
    )
