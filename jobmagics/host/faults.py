"""WinRM's fault numbers, and the refusal that carries one of them.

The numbers are those of wsmerror.h ([MS-WSMV] 2.2.4.43 WSManFault); clients act on them, so they
must be WinRM's own. The texts are ours: one sentence naming what is wrong and what helps.
"""

from __future__ import annotations

TIMED_OUT = 0x80338029
"""Nothing yet within OperationTimeout: ask again."""
NOT_FOUND = 0x8033805B
"""No shell or command of that id (ERROR_WSMAN_UNEXPECTED_SELECTORS)."""
BAD_REQUEST = 0x80338041
"""ERROR_WSMAN_SCHEMA_VALIDATION_ERROR: the message is not what the operation asks for."""
UNKNOWN_CONFIGURATION = 0x8033803B
"""ERROR_WSMAN_INVALID_RESOURCE_URI: no session configuration of that name."""
ACTION_NOT_SUPPORTED = 0x80338013
TOO_MANY_SHELLS = 0x803381A5
QUOTA = 0x8033803F
INVALID_NAME = 0x803381C2
SHELL_DISCONNECTED = 0x803381C4
WRONG_CLIENT = 0x803381C6
HELD_BY_ANOTHER = 0x803381CD
CONNECT_NOT_VALID = 0x803381D0
COMMAND_EXISTS = 0x803381D6
SHELL_EXISTS = 0x803381D7
IDLE_TIMEOUT_OUT_OF_BOUNDS = 0x803381F2
ENGINE_ENDED = 1726
"""RPC_S_CALL_FAILED, which WinRM reports when the process behind a shell dies."""
ABORTED = 995
"""ERROR_OPERATION_ABORTED: the shell went away under a pending Receive."""

SUBCODES = {
    TIMED_OUT: "w:TimedOut",
    NOT_FOUND: "w:InvalidSelectors",
    BAD_REQUEST: "w:SchemaValidationError",
    UNKNOWN_CONFIGURATION: "a:DestinationUnreachable",
    ACTION_NOT_SUPPORTED: "a:ActionNotSupported",
    TOO_MANY_SHELLS: "w:QuotaLimit",
    QUOTA: "w:QuotaLimit",
    HELD_BY_ANOTHER: "w:Concurrency",
    ABORTED: "w:InternalError",
}


class Refusal(Exception):
    """A request answered with a fault. ``code``: WinRM's number, unsigned 32 bits; ``reason``: one sentence."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason

    @property
    def subcode(self) -> str:
        return SUBCODES.get(self.code, "w:InternalError")
