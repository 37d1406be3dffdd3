"""The words of the magics of sessions."""

from __future__ import annotations

from . import MagicSpec, Option
from .kinds import (
    TEXT,
    TEXTS,
)
from .shared import (
    A_SESSION_STATE,
    A_TARGET,
    COMPUTERS,
    CONNECTION,
    HOSTS,
    IDLE_TIMEOUT,
    ONE_SESSION_WAY,
    OUT_VARIABLE,
    PICK_SESSION,
    SESSION_ID,
    SESSION_INSTANCE,
    SESSION_NAME,
    SESSION_POSITIONAL,
    THROTTLE,
)

NEW_PSSESSION = MagicSpec(
    "new_pssession",
    "Open sessions that last: variables, functions and modules stay in them from job to job.",
    (
        COMPUTERS,
        HOSTS,
        Option("Name", "Names for the sessions (Runspace1, ... if none).", TEXTS),
        IDLE_TIMEOUT,
        THROTTLE,
        OUT_VARIABLE,
        *CONNECTION,
    ),
    ("ComputerName",),
    "    s = %new_pssession web01 -Name web",
    conflicts=(("ComputerName", "HostName"),),
)

GET_PSSESSION = MagicSpec(
    "get_pssession",
    "List sessions: this notebook's, or with -ComputerName those that exist on that computer.",
    (
        SESSION_ID,
        SESSION_NAME,
        SESSION_INSTANCE,
        COMPUTERS,
        Option("State", "Sessions in this state.", A_SESSION_STATE),
        OUT_VARIABLE,
        *CONNECTION,
    ),
    ("Id", "Name"),
    "    %get_pssession -ComputerName web01",
)

DISCONNECT_PSSESSION = MagicSpec(
    "disconnect_pssession",
    "Let go of sessions; what runs in them goes on, on their computers.",
    (*PICK_SESSION, IDLE_TIMEOUT, OUT_VARIABLE),
    SESSION_POSITIONAL,
    "    %disconnect_pssession -Name web",
    conflicts=ONE_SESSION_WAY,
)

CONNECT_PSSESSION = MagicSpec(
    "connect_pssession",
    "Take hold of disconnected sessions again, those of another notebook or machine too (-ComputerName).",
    (*PICK_SESSION, COMPUTERS, OUT_VARIABLE, *CONNECTION),
    SESSION_POSITIONAL,
    "    %connect_pssession -ComputerName web01 -Name web",
    conflicts=ONE_SESSION_WAY,
)

RECEIVE_PSSESSION = MagicSpec(
    "receive_pssession",
    "The results of what ran in a disconnected session: as a job (the default here), or with -OutTarget Host at once.",
    (
        *PICK_SESSION,
        COMPUTERS,
        Option(
            "OutTarget",
            "Job: a job to receive from. Host: wait, then give the results.",
            A_TARGET,
        ),
        Option("JobName", "Name for the job.", TEXT),
        OUT_VARIABLE,
        *CONNECTION,
    ),
    SESSION_POSITIONAL,
    "    %receive_pssession -Name web -OutTarget Job",
    conflicts=ONE_SESSION_WAY,
)

REMOVE_PSSESSION = MagicSpec(
    "remove_pssession",
    "Close sessions; what runs in them is stopped.",
    (*PICK_SESSION, COMPUTERS),
    SESSION_POSITIONAL,
    "    %remove_pssession -Name web",
    conflicts=ONE_SESSION_WAY,
)
