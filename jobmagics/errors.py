"""Everything jobmagics raises on purpose, drawn once.

::

    JobMagicsError              one composed sentence; facts are fields; the remedy last
    ├── UsageError              the caller asked for something that cannot be: wrong option, id, name, value
    │   ├── NotFound            no job, session or variable by that id or name
    │   └── InvalidOperation    it exists, but not in a state that allows this (PowerShell's InvalidOperation)
    ├── RemoteError             the other side, or the way to it
    │   ├── ConnectionFailed    name, port, TLS: nobody answered
    │   ├── AccessDenied        somebody answered and said no
    │   ├── Fault               a WSMan fault: ``code`` is WinRM's number
    │   │   └── SessionGone     the shell is no longer there
    │   └── SessionBusy         another client holds the session
    ├── HostError               the session host on this machine: start, files, permissions
    └── StoreError              the ledger on disk

``fqid`` and ``category`` carry PowerShell's error id and category where it has one, so that
a failure shows here as it would there. Anything else that escapes is a bug of ours and shows its traceback.
"""

from __future__ import annotations

import re

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What a message may quote of remote text, and a terminal is not to see."""

CATEGORIES = (
    "NotSpecified",
    "OpenError",
    "CloseError",
    "DeviceError",
    "DeadlockDetected",
    "InvalidArgument",
    "InvalidData",
    "InvalidOperation",
    "InvalidResult",
    "InvalidType",
    "MetadataError",
    "NotImplemented",
    "NotInstalled",
    "ObjectNotFound",
    "OperationStopped",
    "OperationTimeout",
    "SyntaxError",
    "ParserError",
    "PermissionDenied",
    "ResourceBusy",
    "ResourceExists",
    "ResourceUnavailable",
    "ReadError",
    "WriteError",
    "FromStdErr",
    "SecurityError",
    "ProtocolError",
    "ConnectionError",
    "AuthenticationError",
    "LimitsExceeded",
    "QuotaExceeded",
    "NotEnabled",
)
"""System.Management.Automation.ErrorCategory, by number."""


class JobMagicsError(Exception):
    """Base of the family.

    message: one sentence; fqid: PowerShell's FullyQualifiedErrorId, if it has one; category: its ErrorCategory.
    """

    fqid: str = ""
    category: str = "NotSpecified"

    def __init__(self, message: str, *, fqid: str = "", category: str = "") -> None:
        super().__init__(message)
        self.message = message
        if fqid:
            self.fqid = fqid
        if category:
            self.category = category

    def _render_traceback_(self, *_: object) -> list[str]:
        """One line in a notebook: an expected error is no traceback (IPython calls this)."""
        return [f"{type(self).__name__}: {_CONTROL.sub('', self.message)}"]


class UsageError(JobMagicsError):
    category = "InvalidArgument"


class NotFound(UsageError):
    category = "ObjectNotFound"


class InvalidOperation(UsageError):
    category = "InvalidOperation"


class RemoteError(JobMagicsError):
    category = "OpenError"


class ConnectionFailed(RemoteError):
    fqid = "CannotConnect,PSSessionStateBroken"


class AccessDenied(RemoteError):
    fqid = "AccessDenied,PSSessionStateBroken"


class Fault(RemoteError):
    """A WSMan fault. ``code``: the number WinRM uses, as an unsigned 32-bit value."""

    def __init__(self, message: str, code: int, *, fqid: str = "", category: str = "") -> None:
        super().__init__(message, fqid=fqid or f"{code},PSSessionStateBroken", category=category)
        self.code = code


class SessionGone(Fault):
    pass


class SessionBusy(RemoteError):
    category = "InvalidOperation"


class HostError(JobMagicsError):
    category = "ResourceUnavailable"


class StoreError(JobMagicsError):
    category = "ResourceUnavailable"
