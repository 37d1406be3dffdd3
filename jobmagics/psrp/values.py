"""Values on their way out: arguments, answers to host calls, and the host that pypsrp introduces us as."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from pypsrp.complex_objects import Color, Coordinates, Size
from pypsrp.host import PSHost, PSHostRawUserInterface, PSHostUserInterface

from jobmagics import clixml
from jobmagics.psobject import PSObject

REFERENCE_BASE = 1000
"""Above all reference numbers that pypsrp gives in one message."""
NIL = "<Nil />"
ARGUMENT_DEPTH = 2
ANSWER_DEPTH = 4
SCREEN_WIDTH, SCREEN_HEIGHT = 120, 50


class Elements:
    """Values as elements of one message.

    References are numbered within one message, so each value's numbers are moved out of the way of all others.
    """

    def __init__(self) -> None:
        self._base = REFERENCE_BASE

    def take_number(self) -> int:
        """A reference number that no value here has."""
        self._base += 1
        return self._base - 1

    def add(self, value: Any) -> ET.Element:
        root = ET.fromstring(clixml.encode(value, depth=ARGUMENT_DEPTH) or NIL)  # noqa: S314 - our own text
        highest = 0
        for element in root.iter():
            number = element.get("RefId")
            if number is not None:
                highest = max(highest, int(number))
                element.set("RefId", str(int(number) + self._base))
        self._base += highest + 1
        return root


class MethodId:
    """RemoteHostMethodId as an enum value."""

    def __init__(self, number: int) -> None:
        self._number = number

    def ps_type_names(self) -> list[str]:
        name = "System.Management.Automation.Remoting.RemoteHostMethodId"
        return [name, "System.Enum", "System.ValueType", "System.Object"]

    def ps_properties(self) -> list[tuple[str, Any]]:
        return []

    def ps_to_string(self) -> str:
        return str(self._number)

    def ps_enum_value(self) -> int:
        return self._number


def refusal(text: str) -> PSObject:
    """An ErrorRecord as .NET reads one from the wire ([MS-PSRP] 2.2.3.15)."""
    exception = PSObject(
        type_names=["System.Management.Automation.Host.HostException", "System.Exception", "System.Object"],
        adapted={"Message": text},
        to_string=text,
    )
    facts = {
        "Exception": exception,
        "TargetObject": None,
        "FullyQualifiedErrorId": "HostFunctionNotImplemented",
        "InvocationInfo": None,
        "ErrorCategory_Category": 1,
        "ErrorCategory_Activity": "",
        "ErrorCategory_Reason": "HostException",
        "ErrorCategory_TargetName": "",
        "ErrorCategory_TargetType": "",
        "ErrorCategory_Message": "OpenError: (:) [], HostException",
        "SerializeExtendedInfo": False,
    }
    return PSObject(facts, type_names=["System.Management.Automation.ErrorRecord", "System.Object"], to_string=text)


def host() -> PSHost:
    """A host that can be asked: without one, Read-Host and its like fail on the other side before we hear of them."""
    size = Size(width=SCREEN_WIDTH, height=SCREEN_HEIGHT)
    origin = Coordinates(x=0, y=0)
    gray, black = Color(value=Color.GRAY), Color(value=Color.BLACK)
    raw = PSHostRawUserInterface("jobmagics", 25, gray, black, origin, origin, size, size, size, size)
    return PSHost(None, None, False, "jobmagics", None, PSHostUserInterface(raw_ui=raw), "1.0")
