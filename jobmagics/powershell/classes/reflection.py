"""What Get-Member and ``psobject`` list of a class that a script defines: own members, then those of its bases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..values.types import NetType

if TYPE_CHECKING:
    from .plans import MethodPlan, PropertyPlan
    from .types import UserClass


def class_of(kind: NetType) -> UserClass | None:
    """The class of a script behind the type, if there is one."""
    from .types import UserClass

    return kind.user if isinstance(kind.user, UserClass) else None


def declared_properties(owner: UserClass, *, static: bool, hidden: bool) -> Iterator[PropertyPlan]:
    for one in owner.chain():
        for plan in one.plan.properties:
            if plan.is_static is static and (hidden or not plan.is_hidden):
                yield plan


def declared_methods(owner: UserClass, *, static: bool, hidden: bool) -> dict[str, list[str]]:
    """The definitions of each method's overloads, under its name; an overridden one is left out."""
    found: dict[str, list[str]] = {}
    names = {plan.name for plan in owner.method_plans() if plan.is_static is static and (hidden or not plan.is_hidden)}
    for name in sorted(names):
        found[name] = [definition(plan) for _, plan in owner.candidates(name, static)]
    return found


def constructors(owner: UserClass) -> list[str]:
    plans = [plan for plan in owner.plan.constructors if not plan.is_hidden]
    if not owner.plan.constructors:
        return [f"{owner.plan.name} new()"]
    return [f"{owner.plan.name} new({parameters(plan)})" for plan in plans]


def definition(plan: MethodPlan) -> str:
    from ..members.listing import short_name

    static = "static " if plan.is_static else ""
    returns = short_name(plan.return_kind) if plan.return_kind is not None else "void"
    return f"{static}{returns} {plan.name}({parameters(plan)})"


def parameters(plan: MethodPlan) -> str:
    from ..members.listing import short_name

    pairs: list[tuple[NetType, Any]] = list(zip(plan.kinds, plan.parameters, strict=True))
    return ", ".join(f"{short_name(kind)} {one.name}" for kind, one in pairs)
