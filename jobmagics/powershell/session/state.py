"""What a session starts with: automatic and preference variables, aliases."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..binding.errors import RESERVED, no_debugger
from ..records import ScriptError, error
from ..runtime.scopes import Variable

if TYPE_CHECKING:
    from ..runtime.runspace import Runspace


class PathInfo:
    """$PWD and what Get-Location gives."""

    def __init__(self, path: str, drive: str = "/", provider: str = "Microsoft.PowerShell.Core\\FileSystem") -> None:
        self.path = path
        self.drive = drive
        self.provider = provider

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.PathInfo", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Drive", self.drive
        yield "Provider", self.provider
        yield "ProviderPath", self.path
        yield "Path", self.path

    def ps_to_string(self) -> str:
        return self.path


def preference(type_name: str) -> Callable[[Any], Any]:
    """What the session's preference variables take: a value of their enumeration, and none that is reserved."""
    from ..values.conversions import convert

    def check(value: Any) -> Any:
        try:
            found = convert(value, type_name)
        except ScriptError as failed:
            raise refused(failed.record.exception.message) from None
        if str(found) == "Suspend":
            raise refused(RESERVED)
        if str(found) == "Break":
            raise no_debugger("The action preference")
        return found

    return check


def refused(message: str) -> ScriptError:
    kind = "System.Management.Automation.ArgumentTransformationMetadataException"
    return error(message, "RuntimeException", "MetadataError", net_type=kind)


def set_up(rs: Runspace) -> None:
    from ...psobject import Hashtable
    from .. import commands
    from ..dotnet.enums import EnumValue, enum_value
    from ..dotnet.lists import ArrayList
    from .functions import functions

    rs.error_list = ArrayList()
    action = "System.Management.Automation.ActionPreference"
    values: tuple[tuple[str, Any, str], ...] = (
        ("ErrorActionPreference", enum_value(action, "Continue"), "None"),
        ("WarningPreference", enum_value(action, "Continue"), "None"),
        ("VerbosePreference", enum_value(action, "SilentlyContinue"), "None"),
        ("DebugPreference", enum_value(action, "SilentlyContinue"), "None"),
        ("InformationPreference", enum_value(action, "SilentlyContinue"), "None"),
        ("ProgressPreference", enum_value(action, "Continue"), "None"),
        ("ConfirmPreference", enum_value("System.Management.Automation.ConfirmImpact", "High"), "None"),
        ("WhatIfPreference", False, "None"),
        ("ErrorView", enum_value("System.Management.Automation.ErrorView", "ConciseView"), "None"),
        ("FormatEnumerationLimit", 4, "None"),
        ("MaximumHistoryCount", 4096, "None"),
        ("NestedPromptLevel", 0, "None"),
        ("PSNativeCommandUseErrorActionPreference", False, "None"),
        ("PSDefaultParameterValues", Hashtable(), "None"),
        ("PSSessionApplicationName", "wsman", "None"),
        ("PSSessionConfigurationName", "http://schemas.microsoft.com/powershell/Microsoft.PowerShell", "None"),
        ("HOME", os.path.expanduser("~"), "ReadOnly, AllScope"),
        ("PSHOME", os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Constant, AllScope"),
        ("PSCulture", "en-US", "Constant, AllScope"),
        ("PSUICulture", "en-US", "Constant, AllScope"),
        ("PSEdition", "Core", "Constant, AllScope"),
        ("ShellId", "Microsoft.PowerShell", "Constant, AllScope"),
        ("IsLinux", sys.platform.startswith("linux"), "ReadOnly, AllScope"),
        ("IsMacOS", sys.platform == "darwin", "ReadOnly, AllScope"),
        ("IsWindows", sys.platform == "win32", "ReadOnly, AllScope"),
        ("IsCoreCLR", True, "ReadOnly, AllScope"),
        ("true", True, "Constant, AllScope"),
        ("false", False, "Constant, AllScope"),
        ("null", None, "None"),
        ("PID", os.getpid(), "Constant, AllScope"),
        ("LASTEXITCODE", 0, "None"),
    )
    variables = rs.global_scope.vars
    for name, value, options in values:
        variables[name.lower()] = variable = Variable(name, value, options)
        if isinstance(value, EnumValue):
            variable.check = preference(value.net_type.full_name)
    del variables["lastexitcode"]
    for name, target in commands.ALIASES.items():
        rs.global_scope.set_alias(name, target)
    rs.global_scope.functions = functions()
