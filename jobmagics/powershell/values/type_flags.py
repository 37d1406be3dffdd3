"""Which .NET types carry the Serializable attribute in .NET 10: the IsSerial column that a type is shown with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .types import NetType

WITHOUT = frozenset(
    {
        "System.RuntimeType",
        "System.Type",
        "System.Math",
        "System.Convert",
        "System.BitConverter",
        "System.Random",
        "System.DateOnly",
        "System.TimeOnly",
        "System.Globalization.CultureInfo",
        "System.Globalization.TextInfo",
        "System.Globalization.Calendar",
        "System.Globalization.GregorianCalendar",
        "System.UriBuilder",
        "System.Environment",
        "System.GC",
        "System.Console",
        "System.AppDomain",
        "System.Activator",
        "System.OperatingSystem",
        "System.StringComparer",
        "System.Lazy`1",
        "System.Attribute",
        "System.Collections.Generic.PriorityQueue`2",
        "System.Text.Encoding",
        "System.Text.UTF8Encoding",
        "System.Text.ASCIIEncoding",
        "System.Text.UnicodeEncoding",
        "System.Text.UTF32Encoding",
        "System.Text.Latin1Encoding",
        "System.Tuple",
        "System.ValueTuple",
        "System.Text.RegularExpressions.Match",
        "System.Text.RegularExpressions.Group",
        "System.Text.RegularExpressions.Capture",
        "System.Text.RegularExpressions.MatchCollection",
        "System.Text.RegularExpressions.GroupCollection",
        "System.Text.RegularExpressions.CaptureCollection",
        "System.Collections.Generic.KeyValuePair",
        "System.Collections.Specialized.StringCollection",
        "System.Management.Automation.PSCustomObject",
        "System.Management.Automation.ScriptBlock",
        "System.Management.Automation.SwitchParameter",
        "System.Management.Automation.SemanticVersion",
        "System.Management.Automation.PSReference",
    }
)
NAMESPACES = (
    "System.IO.",
    "System.Net.",
    "System.Web.",
    "System.Xml.",
    "System.Linq.",
    "System.Diagnostics.",
    "System.Threading.",
    "System.Security.",
    "System.Runtime.InteropServices.",
    "System.Collections.Concurrent.",
    "System.Management.Automation.Host.",
    "System.Management.Automation.Internal.",
    "System.Management.Automation.Language.",
    "System.Management.Automation.Runspaces.",
)


def is_serializable(kind: NetType) -> bool:
    """Enums, delegates, arrays and exceptions are; classes of scripts and most newer types are not."""
    if kind.element is not None or kind.is_enum or kind.derives_from("System.Delegate"):
        return True
    if kind.derives_from("System.Exception"):
        return kind.user is None
    if kind.user is not None or kind.definition in WITHOUT:
        return False
    return not (kind.definition.startswith(NAMESPACES) or (kind.base is None and kind.name.startswith("I")))
