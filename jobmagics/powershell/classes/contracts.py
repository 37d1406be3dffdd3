"""What a class has to have for what it derives from: the methods of interfaces and of abstract classes.

.NET refuses to make a type that lacks one; PowerShell says so when the script is parsed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..records import SMA
from ..values.types import NetType

if TYPE_CHECKING:
    from .types import UserClass

OBJECT, STRING, INT, BOOL, VOID = "System.Object", "System.String", "System.Int32", "System.Boolean", "System.Void"
COLLECTIONS = "System.Collections."
LANGUAGE = SMA + "Language."

# interface or abstract class -> its methods: return type, name, types of parameters; T0 is its first type argument
METHODS: dict[str, tuple[str, ...]] = {
    "System.IComparable": (f"{INT} CompareTo {OBJECT}",),
    "System.IComparable`1": (f"{INT} CompareTo T0",),
    "System.IEquatable`1": (f"{BOOL} Equals T0",),
    "System.IFormattable": (f"{STRING} ToString {STRING} System.IFormatProvider",),
    "System.IFormatProvider": (f"{OBJECT} GetFormat System.Type",),
    "System.IDisposable": (f"{VOID} Dispose",),
    "System.ICloneable": (f"{OBJECT} Clone",),
    COLLECTIONS + "IEnumerable": (f"{COLLECTIONS}IEnumerator GetEnumerator",),
    COLLECTIONS + "IEnumerator": (f"{BOOL} MoveNext", f"{OBJECT} get_Current", f"{VOID} Reset"),
    COLLECTIONS + "IComparer": (f"{INT} Compare {OBJECT} {OBJECT}",),
    COLLECTIONS + "IEqualityComparer": (f"{BOOL} Equals {OBJECT} {OBJECT}", f"{INT} GetHashCode {OBJECT}"),
    COLLECTIONS + "Generic.IComparer`1": (f"{INT} Compare T0 T0",),
    COLLECTIONS + "Generic.IEqualityComparer`1": (f"{BOOL} Equals T0 T0", f"{INT} GetHashCode T0"),
    SMA + "IValidateSetValuesGenerator": (f"{STRING}[] GetValidValues",),
    SMA + "IArgumentCompleterFactory": (f"{SMA}IArgumentCompleter Create",),
    SMA + "IArgumentCompleter": (
        f"{COLLECTIONS}Generic.IEnumerable`1[[{SMA}CompletionResult]] CompleteArgument {STRING} {STRING} {STRING} "
        f"{LANGUAGE}CommandAst {COLLECTIONS}IDictionary",
    ),
    SMA + "ArgumentTransformationAttribute": (f"{OBJECT} Transform {SMA}EngineIntrinsics {OBJECT}",),
    SMA + "ValidateArgumentsAttribute": (f"{VOID} Validate {OBJECT} {SMA}EngineIntrinsics",),
    SMA + "ValidateEnumeratedArgumentsAttribute": (f"{VOID} ValidateElement {OBJECT}",),
    SMA + "CachedValidValuesGeneratorBase": (f"{STRING}[] GenerateValidValues",),
}
# an abstract class derives from another one, and does this for it
DONE = {SMA + "ValidateEnumeratedArgumentsAttribute": SMA + "ValidateArgumentsAttribute"}


def lacking(owner: UserClass, named: list[NetType]) -> str | None:
    """A method that the class does not have although a type that it names (``named``) asks for it."""
    for kind in named:
        asking = kind.lineage()
        done = {DONE[one.full_name] for one in asking if one.full_name in DONE}
        for base in asking:
            for text in METHODS.get(base.definition, ()) if base.full_name not in done else ():
                returns, name, *types = substituted(text, base)
                if not has(owner, name, types, returns):
                    return name
    return None


def substituted(text: str, kind: NetType) -> list[str]:
    return [kind.arguments[0].full_name if word == "T0" and kind.arguments else word for word in text.split(" ")]


def has(owner: UserClass, name: str, types: list[str], returns: str) -> bool:
    if name == "Equals" and types == [OBJECT]:
        return True  # every object's own
    for one in owner.chain():
        for plan in one.plan.methods:
            kinds = [kind.full_name for kind in plan.kinds]
            gives = plan.return_kind.full_name if plan.return_kind is not None else VOID
            if plan.name == name and not plan.is_static and kinds == types and same(gives, returns):
                return True
    return False


def same(one: str, other: str) -> bool:
    """Whether two full names mean one type; generic arguments are compared without their assemblies."""
    return one.partition("[[")[0] == other.partition("[[")[0]
