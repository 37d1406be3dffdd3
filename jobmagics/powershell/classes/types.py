"""Classes and enums that scripts define: types made at run time, their instances, and calls of their methods.

Each class becomes a NetType with a ``UserClass`` behind it and a Python class for its instances, which derives from the
Python class of its base (NetException, List ...), so that an instance is what its base is everywhere in the engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ...psobject import Hashtable
from ..dotnet.calls import default_value
from ..records import (
    SMA,
    NetException,
    ScriptError,
    error,
)
from ..runtime.running import execute
from ..runtime.runspace import Frame
from ..runtime.scopes import Scope, Variable
from ..values.conversions import convert
from ..values.types import OBJECT, NetType, array_type, net_type, resolve_generic, resolve_type
from ..values.value import NOTHING, element_string
from .contracts import lacking
from .instances import instance_class
from .plans import ClassPlan, EnumPlan, MethodPlan, PropertyPlan

if TYPE_CHECKING:
    from ..parser.errors import ParseError
    from ..runtime.runspace import Runspace

ASSEMBLY = "\u29f9powershell, Version=0.0.0.0, Culture=neutral, PublicKeyToken=null"
SEALED = frozenset(("System.String", "System.Array", "System.Text.StringBuilder", "System.Uri", "System.Version"))
OBJECT_METHODS = frozenset(("equals", "gethashcode", "gettype", "tostring"))

# -- definition


def resolve_with_user_types(rs: Runspace, name: str) -> NetType | None:
    """``Foo[]`` and ``List[Foo]`` where Foo is a class of a script."""
    found = resolve_type(name, rs.namespaces)
    if found is not None:
        return found
    if name.endswith("[]"):
        element = rs.types.get(name[:-2].lower()) or resolve_with_user_types(rs, name[:-2])
        return array_type(element) if element is not None else None
    outer, _, inner = name[:-1].partition("[")
    parts = [part.strip() for part in inner.split(",")]
    arguments = [rs.types.get(part.lower()) or rs.resolve_type(part) for part in parts if part]
    if not arguments or any(argument is None for argument in arguments):
        return None
    return resolve_generic(outer, tuple(argument for argument in arguments if argument is not None), rs.namespaces)


def define_all(frame: Frame, plans: list[ClassPlan | EnumPlan]) -> None:
    """Makes the types; a class comes after the classes of the same block that it derives from."""
    waiting = list(plans)
    while waiting:
        names = {plan.name.lower() for plan in waiting}
        ready = [plan for plan in waiting if not any(base.lower() in names for base in plan.bases)]
        if not ready:
            ready = waiting[:1]
        for plan in ready:
            waiting.remove(plan)
            if isinstance(plan, EnumPlan):
                define_enum(frame, plan)
            else:
                declare_class(frame, plan)
    classes = [frame.rs.types[plan.name.lower()].user for plan in plans if isinstance(plan, ClassPlan)]
    found = [problem for one in classes for problem in one.plan.check(frame)]
    if found:
        raise parse_refused(classes[0].plan, found)
    for one in classes:
        one.complete()
    for one in classes:
        one.overloads.clear()  # what static properties looked up may have been before a base was complete


def define_enum(frame: Frame, plan: EnumPlan) -> None:
    from ..dotnet.enums import EnumShape

    underlying = resolve_type(plan.underlying) or net_type("System.Int32")
    names: dict[str, int] = {}
    kind = NetType(plan.name, net_type("System.Enum"), "enums", ("System.IComparable", "System.IFormattable"))
    shape = kind.user = EnumShape(names, plan.flags, underlying.full_name)
    frame.rs.types[plan.name.lower()] = kind
    following = 0
    for name, initial in plan.members:
        value = int(convert(initial(frame), underlying)) if initial is not None else following
        names[name] = value
        shape.by_folded[name.lower()] = name
        shape.by_number.setdefault(value, name)
        following = value + 1


def declare_class(frame: Frame, plan: ClassPlan) -> None:
    base: NetType = OBJECT
    interfaces: list[NetType] = []
    for at, name in enumerate(plan.bases):
        found = frame.resolve_type(name)
        if found is None:
            raise type_missing(plan, name)
        if found.full_name.startswith("System.") and found.name.startswith("I") and found.name[1:2].isupper():
            interfaces.append(found)
        elif at:
            raise refused(plan, "InterfaceNameExpected", f"'{found.name}': Interface name expected.", name)
        elif found.is_array:
            raise refused(plan, "SubtypeArray", f"Invalid base type '{name}'. Base type cannot be an array.", name)
        elif found.is_value_type or found.full_name in SEALED:
            raise refused(plan, "SealedBaseClass", f"Cannot inherit from sealed class '{found.name}'.", name)
        else:
            base = found
    kind = NetType(plan.name, base, base.module, [one.definition for one in interfaces])
    plan.contracts = [base, *interfaces]
    kind.user = UserClass(frame, plan, kind)
    frame.rs.types[plan.name.lower()] = kind


def refused(plan: ClassPlan, error_id: str, message: str, name: str = "") -> ScriptError:
    """A definition that PowerShell refuses as it parses: at the type ``name``, or as a whole."""
    from ..parser.errors import ParseError

    return parse_refused(plan, [ParseError(error_id, message, plan.places.get(name, plan.extent), False)])


def parse_refused(plan: ClassPlan, problems: list[ParseError]) -> ScriptError:
    from types import SimpleNamespace

    from ..runtime.problems import parse_failed

    return parse_failed(SimpleNamespace(errors=problems), plan.source.text, plan.source.file)


def type_missing(plan: ClassPlan, name: str) -> ScriptError:
    return refused(plan, "TypeNotFound", f"Unable to find type [{name}].", name)


class UserClass:
    """What stands behind a class's NetType."""

    def __init__(self, frame: Frame, plan: ClassPlan, kind: NetType) -> None:
        self.rs = frame.rs
        self.frame = frame
        self.plan = plan
        self.kind = kind
        base = kind.base
        self.base: UserClass | None = base.user if base is not None and isinstance(base.user, UserClass) else None
        self.statics: dict[str, Any] = {}
        self.properties: dict[str, PropertyPlan] = {}
        self.methods: dict[str, list[MethodPlan]] = {}
        self.overloads: dict[tuple[str, bool], list[tuple[UserClass, MethodPlan]]] = {}
        self.python = instance_class(self)

    def complete(self) -> None:
        """Resolves the types that members name, sets static properties, runs the static constructor."""
        for prop in self.plan.properties:
            prop.kind = self.type_named(prop.type_name)
            self.properties[prop.name.lower()] = prop
        for plan in [*self.plan.methods, *self.plan.constructors]:
            self.resolve(plan)
        for plan in self.plan.methods:
            self.methods.setdefault(plan.name.lower(), []).append(plan)
        missing = lacking(self, self.plan.contracts)
        if missing is not None:
            raise refused(
                self.plan,
                "TypeCreationError",
                f"Error during creation of type \"{self.plan.name}\". Error message:\nMethod '{missing}' in type "
                f"'{self.plan.name}' from assembly '{ASSEMBLY}' does not have an implementation.",
            )
        frame = self.new_frame(None, "")
        for prop in self.plan.properties:
            if prop.is_static:
                self.statics[prop.name.lower()] = self.initial_value(prop, frame)
        if self.plan.static_constructor is not None:
            self.resolve(self.plan.static_constructor)
            self.run(self.plan.static_constructor, None, [])

    def resolve(self, plan: MethodPlan) -> None:
        plan.kinds = [self.type_named(name) for name in plan.type_names]
        plan.return_kind = self.type_named(plan.returns) if plan.returns else None
        if plan.return_kind is not None and plan.return_kind.full_name == "System.Void":
            plan.return_kind = None
        elif not plan.returns:
            plan.return_kind = None if plan.is_constructor else OBJECT

    def type_named(self, name: str) -> NetType:
        if not name:
            return OBJECT
        found = self.frame.resolve_type(name)
        if found is None:
            raise type_missing(self.plan, name)
        return found

    def initial_value(self, prop: PropertyPlan, frame: Frame) -> Any:
        if prop.initial is not None:
            value = prop.initial(frame)
            value = None if value is NOTHING else value
            return value if prop.kind is OBJECT else convert(value, prop.kind)
        if prop.kind.is_value_type:
            return default_value(prop.kind)
        return None

    def chain(self) -> Iterable[UserClass]:
        at: UserClass | None = self
        while at is not None:
            yield at
            at = at.base

    def find_property(self, name: str) -> PropertyPlan | None:
        key = name.lower()
        return next((one.properties[key] for one in self.chain() if key in one.properties), None)

    def property_types(self) -> dict[str, NetType]:
        return {prop.name: prop.kind for one in self.chain() for prop in one.plan.properties}

    def method_plans(self) -> Iterable[MethodPlan]:
        """The methods, hidden ones too: the class's own, then those of its bases."""
        for one in self.chain():
            yield from one.plan.methods

    # -- construction
    def has_default(self) -> bool:
        return not self.plan.constructors or any(not one.parameters for one in self.plan.constructors)

    def construct(self, args: list[Any]) -> Any:
        python: Any = self.python
        made: Any = python.__new__(python)
        prepare = getattr(made, "ps_prepare", None)
        if prepare is not None:
            prepare()
        for one in reversed(list(self.chain())):
            one.set_initial(made)
        self.run_constructor(made, args)
        return made

    def set_initial(self, made: Any) -> None:
        frame = self.new_frame(made, "")
        for prop in self.plan.properties:
            if not prop.is_static:
                made.ps_initialize(prop, self.initial_value(prop, frame))

    def run_constructor(self, made: Any, args: list[Any]) -> None:
        constructors = self.plan.constructors
        if not constructors:
            if args:
                raise self.no_overload("new", len(args))
            self.run_base_constructor(made, [])
            return
        plan = self.choose(constructors, args, "new")
        if not plan.calls_base:
            self.run_base_constructor(made, [])
        self.run(plan, made, args)

    def run_base_constructor(self, made: Any, args: list[Any]) -> None:
        if self.base is not None:
            self.base.run_constructor(made, args)
            return
        base = self.kind.base
        if base is None or base is OBJECT:
            return
        from ..dotnet.calls import construct

        built = construct(base, args)
        absorb(made, built, self.kind)

    def no_overload(self, name: str, count: int) -> ScriptError:
        return error(
            f'Cannot find an overload for "{name}" and the argument count: "{count}".',
            "MethodCountCouldNotFindBest",
            "NotSpecified",
            net_type=SMA + "MethodException",
        )

    # -- methods
    def choose(self, plans: list[MethodPlan], args: list[Any], name: str) -> MethodPlan:
        fitting = [one for one in plans if len(one.parameters) == len(args)]
        if not fitting:
            raise self.no_overload(name, len(args))
        if len(fitting) == 1:
            return fitting[0]
        best = fitting[0]
        for one in fitting[1:]:
            if better_fit(args, one.kinds, best.kinds) > 0:
                best = one
        return best

    def find_methods(self, name: str, static: bool) -> tuple[UserClass, list[MethodPlan]] | None:
        key = name.lower()
        for one in self.chain():
            found = [plan for plan in one.methods.get(key, ()) if plan.is_static is static]
            if found:
                return one, found
        return None

    def candidates(self, name: str, static: bool) -> list[tuple[UserClass, MethodPlan]]:
        """The class's own overloads first; an inherited one that is overridden is left out."""
        key = name.lower()
        known = self.overloads.get((key, static))
        if known is not None:
            return known
        seen: set[tuple[str, ...]] = set()
        found: list[tuple[UserClass, MethodPlan]] = []
        for one in self.chain():
            for plan in one.methods.get(key, ()):
                shape = tuple(kind.full_name for kind in plan.kinds)
                if plan.is_static is static and shape not in seen:
                    seen.add(shape)
                    found.append((one, plan))
        self.overloads[key, static] = found
        return found

    def call(self, this: Any, name: str, args: list[Any], static: bool = False) -> Any:
        """Runs the method; AttributeError(name) when the class has none of that name."""
        candidates = self.candidates(name, static)
        if not candidates:
            raise AttributeError(name)
        plans = [plan for _, plan in candidates]
        if not static and self.is_inherited(name) and all(len(one.parameters) != len(args) for one in plans):
            raise AttributeError(name)
        plan = self.choose(plans, args, candidates[0][1].name)
        owner = next(one for one, known in candidates if known is plan)
        return owner.run(plan, this, args)

    def is_inherited(self, name: str) -> bool:
        """Whether .NET's base has a method of that name, of which the class's are overloads."""
        from ..dotnet.table import table_of

        kind = self.kind
        while kind.user is not None and kind.base is not None:
            kind = kind.base
        return name.lower() in OBJECT_METHODS or table_of(kind).method(name) is not None

    def new_frame(self, this: Any, name: str) -> Frame:
        scope = Scope(self.rs.global_scope)
        if this is not None:
            scope.vars["this"] = Variable("this", this)
        caller = self.rs.frame
        frame = Frame(self.rs, scope, caller.streams, caller)
        frame.called_from = caller.calling
        frame.this_class = self
        frame.trace_name = name
        return frame

    def run(self, plan: MethodPlan, this: Any, args: list[Any]) -> Any:
        if plan.body is None:
            plan.body = plan.compile()
        frame = self.new_frame(this, plan.name)
        frame.source = plan.source
        for one, kind, value in zip(plan.parameters, plan.kinds, args, strict=True):
            frame.scope.vars[one.name.lower()] = Variable(one.name, self.argument(plan, one, kind, value))
        if plan.body.end is None:
            return NOTHING if plan.return_kind is None else None
        rs = self.rs
        held = rs.guarded
        rs.guarded = held + 1
        try:
            execute(plan.body.end, frame, ignore)
        finally:
            rs.guarded = held
        if plan.return_kind is None:
            return NOTHING
        value = frame.returned
        value = None if value is NOTHING else value
        if plan.return_kind is OBJECT or (value is None and not plan.return_kind.is_value_type):
            return value
        return convert(value, plan.return_kind)

    def argument(self, plan: MethodPlan, one: Any, kind: NetType, value: Any) -> Any:
        if value is NOTHING:
            value = None
        if kind is OBJECT or (value is None and not kind.is_value_type and kind.full_name != "System.String"):
            return value
        try:
            return convert(value, kind)
        except ScriptError as failed:
            inner = failed.record.exception
            called = ".ctor" if plan.is_constructor else plan.name
            raise error(
                f'Cannot convert argument "{one.name}", with value: "{element_string(value)}", for "{called}" to type '
                f'"{kind.ps_to_string()}": "{inner.message}"',
                "MethodArgumentConversionInvalidCastArgument",
                "NotSpecified",
                net_type=SMA + "MethodException",
                inner=inner,
            ) from None

    # -- what members/access.py asks of a type with a class behind it
    def static_get(self, name: str) -> Any:
        key = name.lower()
        for one in self.chain():
            if key in one.statics:
                return one.statics[key]
        raise AttributeError(name)

    def static_set(self, name: str, value: Any) -> None:
        key = name.lower()
        for one in self.chain():
            if key in one.statics:
                prop = one.properties[key]
                one.statics[key] = value if prop.kind is OBJECT else convert(value, prop.kind)
                return
        raise AttributeError(name)

    def static_invoke(self, name: str, args: list[Any]) -> Any:
        return self.call(None, name, args, static=True)


def better_fit(args: list[Any], first: list[NetType], second: list[NetType]) -> int:
    """More than 0 when the arguments fit the first list of types better; earlier arguments count more."""
    from ..dotnet.signatures import distance

    score, weight = 0, len(args)
    for arg, one, other in zip(args, first, second, strict=True):
        near, far = distance(arg, one), distance(arg, other)
        score += weight * ((near < far) - (near > far))
        weight -= 1
    return score


def ignore(value: Any) -> None:
    """Output of a method that is no return value goes nowhere."""


def absorb(made: Any, built: Any, kind: NetType) -> None:
    """The state of a base object of .NET's becomes that of the instance."""
    if isinstance(made, NetException):
        fields = made.ps_fields  # type: ignore[attr-defined]
        added = made.ps_added  # type: ignore[attr-defined]
        made.__dict__.update(built.__dict__)
        made.ps_fields = fields  # type: ignore[attr-defined]
        made.ps_added = added  # type: ignore[attr-defined]
        made.net_type = made.ps_class.kind.full_name  # type: ignore[attr-defined]
        return
    if isinstance(made, list):
        made.extend(built)
    if isinstance(made, Hashtable):
        made._items = built._items
    for name, value in getattr(built, "__dict__", {}).items():
        if name not in ("ps_fields", "ps_added"):
            setattr(made, name, value)


def call_base_constructor(frame: Frame, args: list[Any]) -> None:
    owner: UserClass = frame.this_class
    owner.run_base_constructor(frame.scope.vars["this"].value, args)


__all__ = ["ClassPlan", "EnumPlan", "MethodPlan", "PropertyPlan", "UserClass", "define_all"]
