"""The words of the magics of sessions."""

from __future__ import annotations

from . import MagicSpec, Option
from .kinds import EXPRESSION, MILLISECONDS, NUMBER, TEXT, TEXTS
from .shared import (
    A_FILTER_STATE,
    A_TARGET,
    BUFFERING,
    COMPUTERS,
    CONNECTION,
    HOSTS,
    IDLE_TIMEOUT,
    ONE_SESSION_WAY,
    OUT_VARIABLE,
    PICK_SESSION,
    SESSION,
    SESSION_ID,
    SESSION_INSTANCE,
    SESSION_NAME,
    SESSION_POSITIONAL,
    THROTTLE,
    URIS,
    USER_NAME,
)

NEW_PSSESSION = MagicSpec(
    "new_pssession",
    "Open sessions that last: variables, functions and modules stay in them from job to job.",
    (
        COMPUTERS,
        HOSTS,
        URIS,
        Option("Session", "Sessions to open others like, on the same computers.", SESSION.kind),
        Option("Name", "Names for the sessions (Runspace1, ... if none).", TEXTS),
        IDLE_TIMEOUT,
        THROTTLE,
        OUT_VARIABLE,
        USER_NAME,
        *CONNECTION,
    ),
    ("ComputerName",),
    "    s = %new_pssession web01 -Name web",
    conflicts=(("ComputerName", "HostName", "ConnectionUri", "Session"),),
    cmdlet="New-PSSession",
)

GET_PSSESSION = MagicSpec(
    "get_pssession",
    "List sessions: this notebook's, or with -ComputerName those that exist on that computer.",
    (
        SESSION_ID,
        SESSION_NAME,
        SESSION_INSTANCE,
        COMPUTERS,
        URIS,
        Option("State", "Sessions in this state.", A_FILTER_STATE),
        THROTTLE,
        OUT_VARIABLE,
        *CONNECTION,
    ),
    ("Id", "Name"),
    "    %get_pssession -ComputerName web01",
    conflicts=(("ComputerName", "ConnectionUri", "Id"),),
    cmdlet="Get-PSSession",
)

DISCONNECT_PSSESSION = MagicSpec(
    "disconnect_pssession",
    "Let go of sessions; what runs in them goes on, on their computers.",
    (*PICK_SESSION, IDLE_TIMEOUT, BUFFERING, THROTTLE, OUT_VARIABLE),
    SESSION_POSITIONAL,
    "    %disconnect_pssession -Name web",
    conflicts=ONE_SESSION_WAY,
    cmdlet="Disconnect-PSSession",
)

CONNECT_PSSESSION = MagicSpec(
    "connect_pssession",
    "Take hold of disconnected sessions again, those of another notebook or machine too (-ComputerName).",
    (*PICK_SESSION, COMPUTERS, URIS, THROTTLE, OUT_VARIABLE, *CONNECTION),
    SESSION_POSITIONAL,
    "    %connect_pssession -ComputerName web01 -Name web",
    conflicts=ONE_SESSION_WAY,
    cmdlet="Connect-PSSession",
)

RECEIVE_PSSESSION = MagicSpec(
    "receive_pssession",
    "The results of what runs in a session: this notebook's own job, or what another client began, taken over.",
    (
        *PICK_SESSION,
        COMPUTERS,
        URIS,
        Option("OutTarget", "Job: a job to receive from. Host: wait, then give the results.", A_TARGET),
        Option("JobName", "Name for the job.", TEXT),
        OUT_VARIABLE,
        *CONNECTION,
    ),
    SESSION_POSITIONAL,
    "    %receive_pssession -Name web -OutTarget Job",
    conflicts=ONE_SESSION_WAY,
    cmdlet="Receive-PSSession",
)

REMOVE_PSSESSION = MagicSpec(
    "remove_pssession",
    "Close sessions; what runs in them is stopped.",
    (*PICK_SESSION, COMPUTERS),
    SESSION_POSITIONAL,
    "    %remove_pssession -Name web",
    conflicts=ONE_SESSION_WAY,
    cmdlet="Remove-PSSession",
)

NEW_PSSESSIONOPTION = MagicSpec(
    "new_pssessionoption",
    "Details for -SessionOption: how long to wait, what to check, what stays while nobody is connected.",
    (
        Option("OpenTimeout", "How long opening a session may take (180000).", MILLISECONDS, ("OpenTimeoutMSec",)),
        Option("CancelTimeout", "How long stopping a script may take (60000).", MILLISECONDS, ("CancelTimeoutMSec",)),
        Option(
            "OperationTimeout",
            "How long the computer may stay silent (180000).",
            MILLISECONDS,
            ("OperationTimeoutMSec",),
        ),
        Option(
            "IdleTimeout",
            "How long the session lives on while nobody is connected.",
            MILLISECONDS,
            ("IdleTimeoutMSec",),
        ),
        Option("MaxConnectionRetryCount", "How often opening is tried again (0).", NUMBER),
        BUFFERING,
        Option("Culture", "Culture of the session, such as en-US.", TEXT),
        Option("UICulture", "Language of the session's messages.", TEXT),
        Option(
            "ApplicationArguments",
            "A Python dictionary that the session has in $PSSenderInfo.ApplicationArguments.",
            EXPRESSION,
        ),
        Option("NoMachineProfile", "Without the user's Windows profile there."),
        Option("SkipCACheck", "Accept a certificate that nobody vouches for."),
        Option("SkipCNCheck", "Accept a certificate of another computer name."),
        OUT_VARIABLE,
    ),
    (),
    "    option = %new_pssessionoption -IdleTimeout 7200000 -OutputBufferingMode Drop\n"
    "    s = %new_pssession web01 -SessionOption option",
    cmdlet="New-PSSessionOption",
)
