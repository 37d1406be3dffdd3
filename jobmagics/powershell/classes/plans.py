"""What a class or enum definition says, compiled: classes/types.py makes types of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..runtime.compiled import CompiledBlock
from ..values.types import OBJECT, NetType

if TYPE_CHECKING:
    from ..binding.parameters import ParameterInfo
    from ..parser.errors import ParseError
    from ..parser.syntax import Extent, Source
    from ..runtime.runspace import Frame

Getter = Callable[[Any], Any]


class PropertyPlan:
    def __init__(self, name: str) -> None:
        self.name = name
        self.type_name = ""
        self.initial: Getter | None = None
        self.is_static = False
        self.is_hidden = False
        self.marks: Callable[[], ParameterInfo] | None = None  # what its attributes say
        self.kind: NetType = OBJECT  # set when the class is defined


class MethodPlan:
    def __init__(self, name: str) -> None:
        self.name = name
        self.parameters: list[Any] = []
        self.type_names: list[str] = []
        self.returns = ""
        self.is_static = False
        self.is_hidden = False
        self.is_constructor = False
        self.calls_base = False
        self.source: Any = None
        self.compile: Callable[[], CompiledBlock] = lambda: None  # type: ignore[assignment,return-value]
        self.body: CompiledBlock | None = None
        self.kinds: list[NetType] = []
        self.return_kind: NetType | None = None

    @property
    def definition(self) -> str:
        from ..members.listing import short_name

        static = "static " if self.is_static else ""
        listed = ", ".join(
            f"{short_name(kind)} {one.name}" for kind, one in zip(self.kinds, self.parameters, strict=True)
        )
        returns = short_name(self.return_kind) if self.return_kind is not None else "void"
        return f"{static}{returns} {self.name}({listed})"


class ClassPlan:
    def __init__(self, name: str, bases: list[str], source: Source, extent: Extent) -> None:
        self.name = name
        self.bases = bases
        self.source = source
        self.extent = extent
        self.contracts: list[NetType] = []  # what the class derives from, when that is known
        self.check: Callable[[Frame], list[ParseError]] = lambda frame: []  # what is wrong, once types are known
        self.places: dict[str, Extent] = {}  # where types are named first, by their names as written
        self.properties: list[PropertyPlan] = []
        self.methods: list[MethodPlan] = []
        self.constructors: list[MethodPlan] = []
        self.static_constructor: MethodPlan | None = None

    def add_method(self, plan: MethodPlan) -> None:
        if not plan.is_constructor:
            self.methods.append(plan)
        elif plan.is_static:
            self.static_constructor = plan
        else:
            self.constructors.append(plan)


class EnumPlan:
    def __init__(self, name: str, members: list[tuple[str, Getter | None]], flags: bool, underlying: str) -> None:
        self.name = name
        self.members = members
        self.flags = flags
        self.underlying = underlying
        self.bases: list[str] = []
