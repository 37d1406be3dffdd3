"""Errors that scripts wrote, as a person holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jobmagics.errors import CATEGORIES
from jobmagics.jobs import Failure
from jobmagics.psobject import PSObject
from jobmagics.results.values import RemoteObject, held


@dataclass(frozen=True)
class Position:
    """Where in a script: ``line`` and ``column`` from 1, the ``text`` of that line, PowerShell's own words for it.

    ``script`` is the file's path, None for what was sent.
    """

    line: int
    column: int
    text: str
    message: str
    script: str | None = None


class ErrorRecord(RemoteObject):
    """An ErrorRecord, with PowerShell's properties in any case and these shorter ones.

    >>> job = jobmagics.start("'fine'\\nGet-Item /no/such/thing").wait()
    >>> (error,) = job.errors
    >>> error.category, error.id
    ('ObjectNotFound', 'PathNotFound,Microsoft.PowerShell.Commands.GetItemCommand')
    >>> error.message
    "Cannot find path '/no/such/thing' because it does not exist."
    >>> error.exception_type
    'System.Management.Automation.ItemNotFoundException'
    >>> error.position.line, error.position.column, error.computer_name
    (2, 1, 'localhost')
    >>> job.remove()
    """

    __slots__ = ()

    @classmethod
    def of(cls, value: PSObject) -> ErrorRecord:
        found = super().of(value)
        assert isinstance(found, ErrorRecord)
        return found

    @property
    def id(self) -> str:
        """PowerShell's FullyQualifiedErrorId."""
        return str(self._get("FullyQualifiedErrorId") or "")

    @property
    def category(self) -> str:
        """The name of PowerShell's ErrorCategory."""
        number = self._get("ErrorCategory_Category")
        if isinstance(number, int) and 0 <= number < len(CATEGORIES):
            return CATEGORIES[number]
        word = str(self._get("ErrorCategory_Message") or "").partition(":")[0]
        return word if word in CATEGORIES else CATEGORIES[0]

    @property
    def message(self) -> str:
        """What is wrong, in a sentence."""
        return str(self)

    @property
    def target(self) -> Any:
        """What it was about: TargetObject, as it came over the wire."""
        return held(self._get("TargetObject"))

    @property
    def exception_type(self) -> str:
        """The .NET type of the exception, without the "Deserialized." of what crossed the wire."""
        exception = self._get("Exception")
        return exception._type_names[0].removeprefix("Deserialized.") if isinstance(exception, PSObject) else ""

    @property
    def computer_name(self) -> str:
        """Where it happened."""
        return str(self._get("PSComputerName") or "")

    @property
    def position(self) -> Position | None:
        """Where in the script, if the computer told."""
        found = self._get("InvocationInfo")
        if not isinstance(found, PSObject):
            return None
        facts = {name.lower(): value for name, value in found.ps_properties()}
        line = facts.get("scriptlinenumber")
        if not isinstance(line, int) or line < 1:
            return None
        return Position(
            line,
            facts.get("offsetinline") or 0,
            str(facts.get("line") or "").rstrip("\n"),
            str(facts.get("positionmessage") or ""),
            facts.get("scriptname") or None,
        )

    @property
    def stack_trace(self) -> str:
        """PowerShell's ScriptStackTrace."""
        return str(self._get("ErrorDetails_ScriptStackTrace") or "")

    def _get(self, name: str) -> Any:
        found = self._find(name)
        return found[1] if found else None


def error_record(failure: Failure, computer_name: str) -> ErrorRecord:
    """The ErrorRecord that receiving a failed child gives."""
    exception = PSObject(
        {"Message": failure.message},
        type_names=["System.Management.Automation.RemoteException", "System.Exception", "System.Object"],
        to_string=failure.message,
    )
    facts = {
        "Exception": exception,
        "TargetObject": None,
        "FullyQualifiedErrorId": failure.fqid,
        "InvocationInfo": None,
        "ErrorCategory_Message": f"{failure.category}: (:) [], RemoteException",
        "PSComputerName": computer_name,
    }
    names = ["System.Management.Automation.ErrorRecord", "System.Object"]
    return ErrorRecord(facts, type_names=names, to_string=failure.message)
