"""What a command takes: parameters, their sets and validations, whoever declares them.

The recorded facts of a cmdlet and the param block of a function both end as these
records; binding/binder.py binds against nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

ALL_SETS = "__AllParameterSets"

COMMON_PARAMETERS: dict[str, tuple[str, tuple[str, ...]]] = {
    # name -> type, aliases, in PowerShell's order
    "Verbose": ("System.Management.Automation.SwitchParameter", ("vb",)),
    "Debug": ("System.Management.Automation.SwitchParameter", ("db",)),
    "ErrorAction": ("System.Management.Automation.ActionPreference", ("ea",)),
    "WarningAction": ("System.Management.Automation.ActionPreference", ("wa",)),
    "InformationAction": ("System.Management.Automation.ActionPreference", ("infa",)),
    "ProgressAction": ("System.Management.Automation.ActionPreference", ("proga",)),
    "ErrorVariable": ("System.String", ("ev",)),
    "WarningVariable": ("System.String", ("wv",)),
    "InformationVariable": ("System.String", ("iv",)),
    "OutVariable": ("System.String", ("ov",)),
    "OutBuffer": ("System.Int32", ("ob",)),
    "PipelineVariable": ("System.String", ("pv",)),
}
SHOULD_PROCESS_PARAMETERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "WhatIf": ("System.Management.Automation.SwitchParameter", ("wi",)),
    "Confirm": ("System.Management.Automation.SwitchParameter", ("cf",)),
}


@dataclass(slots=True)
class SetInfo:
    """What a parameter is in one parameter set."""

    mandatory: bool = False
    position: int | None = None
    from_pipeline: bool = False
    from_pipeline_by_name: bool = False
    from_remaining: bool = False
    help_message: str = ""


# (value, parameter name) -> None, or raises ScriptError with the validation's message
Validator = Callable[[Any, str], None]


@dataclass(slots=True, eq=False)
class ParameterInfo:
    name: str
    type_name: str = "System.Object"  # full .NET name
    aliases: tuple[str, ...] = ()
    sets: dict[str, SetInfo] = field(default_factory=lambda: {ALL_SETS: SetInfo()})
    validators: tuple[Validator, ...] = ()
    validate_set: Sequence[str] = ()
    transforms: tuple[Callable[[Any], Any], ...] = ()  # with attributes of a script: all that a value goes through
    set_case_sensitive: bool = False  # ValidateSet(..., IgnoreCase = $false)
    set_message: str = ""  # ValidateSet(..., ErrorMessage = ...): {0} the value, {1} the choices
    allow_null: bool = False
    allow_empty_string: bool = False
    allow_empty_collection: bool = False
    convert: Callable[[Any], Any] | None = None  # overrides conversion to type_name (functions: the compiled type)
    default: Any = None  # functions: closure over the frame
    dont_show: bool = False
    dynamic: bool = False
    supports_wildcards: bool = False
    required_type_name: str = ""  # [PSTypeName('X')]

    @property
    def is_switch(self) -> bool:
        return self.type_name == "System.Management.Automation.SwitchParameter"


@dataclass(slots=True)
class CommandMetadata:
    """Parameters in declared order; common parameters are not listed, the binder adds them when ``cmdlet_binding``."""

    name: str
    parameters: dict[str, ParameterInfo]  # key: lower-case name
    default_set: str = ALL_SETS
    cmdlet_binding: bool = True
    supports_should_process: bool = False
    confirm_impact: str = "Medium"
    positional_binding: bool = True
    output_types: tuple[str, ...] = ()
    syntax: str = ""
    set_names: tuple[str, ...] = ()
    shows_spelling: bool = False  # Write-Host 2.50d: a number is shown as it was written
    cache: Any = None  # the binder's own lookup tables


class CommandInfo:
    """A command that was found: what Get-Command gives and ``$MyInvocation.MyCommand`` is.

    ``kind``: "Alias", "Function", "Filter", "Cmdlet", "ExternalScript", "Application", "Script".
    """

    __slots__ = (
        "definition",
        "help",
        "implementation",
        "kind",
        "module",
        "name",
        "options",
        "path",
        "target",
        "visibility",
    )

    def __init__(
        self,
        kind: str,
        name: str,
        implementation: Any = None,
        *,
        definition: str = "",
        module: str = "",
        path: str = "",
        target: CommandInfo | None = None,
    ) -> None:
        self.kind = kind
        self.name = name
        self.implementation = implementation  # Cmdlet class, ScriptBlock, or None
        self.definition = definition
        self.module = module
        self.path = path
        self.target = target  # what an alias stands for
        self.help: str | None = None  # comment-based help, as written
        self.options = "None"
        self.visibility = "Public"

    def ps_type_names(self) -> list[str]:
        kind = {"Script": "ScriptInfo"}.get(self.kind, self.kind + "Info")
        names = [f"System.Management.Automation.{kind}"]
        if self.kind == "Filter":
            names.append("System.Management.Automation.FunctionInfo")
        return [*names, "System.Management.Automation.CommandInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        from ..session.commands_info import properties

        return properties(self)

    def ps_to_string(self) -> str:
        return self.definition if self.kind == "Script" else self.name
