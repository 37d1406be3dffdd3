"""The words of every magic, as data. What they do is in ``magics``; how they are read is in ``options``.

The names, aliases and positions are those of PowerShell 7.6.5's cmdlets, as far as they mean something to a client.
"""

from __future__ import annotations

from . import MagicSpec, Option
from .kinds import (
    BOOLEAN,
    EXPRESSIONS,
    JOBS,
    NUMBER,
    NUMBERS,
    PATH,
    PORT,
    SECONDS,
    SESSIONS,
    TEXT,
    TEXTS,
    TIME,
    VARIABLE,
    choice,
)

JOB_STATES = (
    "NotStarted", "Running", "Completed", "Failed", "Stopped", "Blocked",
    "Suspended", "Disconnected", "Suspending", "Stopping", "AtBreakpoint",
)  # fmt: skip
AUTHENTICATION = ("Default", "Basic", "Negotiate", "NTLM", "Kerberos", "CredSSP", "Certificate")

_OUT_TARGET = choice("<Job|Host>", ("Job", "Host"))
_SESSION_STATE = choice("<state>", ("All", "Opened", "Disconnected", "Closed", "Broken"))
_JOB_STATE = choice("<state>", JOB_STATES)

# -- options that several magics share

COMPUTERS = Option("ComputerName", "Computers, by name or address. None: this machine's session host.", TEXTS, ("Cn",))
HOSTS = Option("HostName", "Hosts over SSH: host, user@host or user@host:port. ssh's own configuration applies.", TEXTS)
SESSION = Option("Session", "PSSessions: a Python variable that holds them.", SESSIONS)
CONNECTION = (
    Option("Port", "TCP port, if not WinRM's 5985 (5986 with -UseSSL).", PORT),
    Option("UseSSL", "Connect over HTTPS."),
    Option("Credential", "Name of a stored credential, or a user name. The secret itself is never written here.", TEXT),
    Option("Authentication", "How to log on.", choice("<" + "|".join(AUTHENTICATION) + ">", AUTHENTICATION)),
    Option("ConfigurationName", "Endpoint (session configuration) on the computer.", TEXT),
    Option("ApplicationName", "Last part of the connection's address, if not wsman.", TEXT),
)
THROTTLE = Option("ThrottleLimit", "How many computers at once (32).", NUMBER)
OUT_VARIABLE = Option("OutVariable", "Also keep the result in this Python variable.", VARIABLE, ("ov",))
IDLE_TIMEOUT = Option("IdleTimeoutSec", "Seconds the session lives on while nobody is connected.", SECONDS)

JOB_NAME = Option("Name", "Jobs by name; * and ? stand for any characters.", TEXTS)
JOB_ID = Option("Id", "Jobs by number.", NUMBERS)
JOB_INSTANCE = Option("InstanceId", "Jobs by their GUID.", TEXTS)
JOB_STATE = Option("State", "Jobs in this state.", _JOB_STATE)
JOB_OBJECT = Option("Job", "Jobs: a Python variable that holds them.", JOBS)
JOB_COMMAND = Option("Command", "Jobs whose script is this text (wildcards).", TEXTS)

SESSION_NAME = Option("Name", "Sessions by name; * and ? stand for any characters.", TEXTS)
SESSION_ID = Option("Id", "Sessions by number.", NUMBERS)
SESSION_INSTANCE = Option("InstanceId", "Sessions by their GUID.", TEXTS)

_PICK_JOB = (JOB_OBJECT, JOB_ID, JOB_NAME, JOB_INSTANCE)
_PICK_SESSION = (SESSION, SESSION_ID, SESSION_NAME, SESSION_INSTANCE)
_JOB_POSITIONAL = ("Id", "Job", "Name")
_SESSION_POSITIONAL = ("Id", "Session", "Name")
_ONE_WAY = (("Job", "Id", "Name", "InstanceId"),)
_ONE_SESSION_WAY = (("Session", "Id", "Name", "InstanceId"),)

# -- the magics

REMOTE_JOB = MagicSpec(
    "remote_job",
    "Run the cell, a PowerShell script, as a job that outlives this kernel.\n"
    "The cell ends at once and shows the job live. $using:name takes the Python variable of that name.",
    (
        COMPUTERS,
        HOSTS,
        SESSION,
        Option("JobName", "The job's name (Job1, Job2, ... if none).", TEXT, ("Name",)),
        Option("Wait", "Stay in the cell until the job has ended, print its output, fail if it failed."),
        Option("ArgumentList", "Python values for the script's param() or $args.", EXPRESSIONS, ("Args",)),
        Option("FilePath", "Run this script file instead of the cell.", PATH, ("PSPath",)),
        THROTTLE,
        Option("HideComputerName", "Do not show the computer's name with each object."),
        OUT_VARIABLE,
        *CONNECTION,
    ),
    ("ComputerName",),
    "    %%remote_job -ComputerName web01,web02 -JobName disks\n    Get-PSDrive -PSProvider FileSystem",
    is_cell=True,
    conflicts=(("ComputerName", "HostName", "Session"),),
)

GET_JOB = MagicSpec(
    "get_job",
    "List jobs: PowerShell's table. One job asked for by number or name is that job.",
    (
        JOB_ID,
        JOB_NAME,
        JOB_INSTANCE,
        JOB_STATE,
        JOB_COMMAND,
        Option("HasMoreData", "Only jobs that have (or have not) more to give.", BOOLEAN),
        Option("IncludeChildJob", "Also the jobs for each computer."),
        Option("ChildJobState", "Also the child jobs in this state.", _JOB_STATE),
        Option("Before", "Jobs that ended before this time.", TIME),
        Option("After", "Jobs that ended after this time.", TIME),
        Option("Newest", "This many that ended last.", NUMBER),
        OUT_VARIABLE,
    ),
    ("Id", "Name"),
    "    %get_job -State Running",
    conflicts=(("Id", "Name", "InstanceId", "State", "Command"),),
)

RECEIVE_JOB = MagicSpec(
    "receive_job",
    "What jobs have given since last asked: objects and all streams, in order, as PowerShell prints them.",
    (
        *_PICK_JOB,
        Option("Keep", "Leave the results to be received again."),
        Option("Wait", "Wait until the jobs have ended."),
        Option("Timeout", "With -Wait: give up waiting after this many seconds.", SECONDS, ("TimeoutSec",)),
        Option("AutoRemoveJob", "With -Wait: remove the jobs afterwards."),
        Option("ComputerName", "Only what these computers gave.", TEXTS, ("Cn",)),
        Option("Location", "Only what these places gave.", TEXTS),
        SESSION,
        Option("NoRecurse", "Not from the child jobs."),
        OUT_VARIABLE,
    ),
    _JOB_POSITIONAL,
    "    results = %receive_job -Name disks -Keep",
    conflicts=_ONE_WAY,
)

WAIT_JOB = MagicSpec(
    "wait_job",
    "Wait until jobs have ended. Gives the jobs; nothing after a time-out.\n"
    "Interrupting stops the waiting, not the jobs.",
    (
        *_PICK_JOB,
        JOB_STATE,
        Option("Any", "Until one of them has ended."),
        Option("Timeout", "Give up after this many seconds.", SECONDS, ("TimeoutSec",)),
        Option("Force", "Wait through Disconnected and Suspended too."),
        OUT_VARIABLE,
    ),
    _JOB_POSITIONAL,
    "    %wait_job -Name disks -Timeout 60",
    conflicts=(("Job", "Id", "Name", "InstanceId", "State"),),
)

STOP_JOB = MagicSpec(
    "stop_job",
    "Stop jobs, on their computers too.",
    (*_PICK_JOB, JOB_STATE, Option("PassThru", "Give the jobs.")),
    _JOB_POSITIONAL,
    "    %stop_job -Name disks",
    conflicts=(("Job", "Id", "Name", "InstanceId", "State"),),
)

REMOVE_JOB = MagicSpec(
    "remove_job",
    "Forget jobs and their results. -Force stops running ones first.",
    (*_PICK_JOB, JOB_STATE, JOB_COMMAND, Option("Force", "Stop them first if they are running.", aliases=("F",))),
    _JOB_POSITIONAL,
    "    %remove_job -Name disks -Force",
    conflicts=(("Job", "Id", "Name", "InstanceId", "State", "Command"),),
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
        Option("State", "Sessions in this state.", _SESSION_STATE),
        OUT_VARIABLE,
        *CONNECTION,
    ),
    ("Id", "Name"),
    "    %get_pssession -ComputerName web01",
)

DISCONNECT_PSSESSION = MagicSpec(
    "disconnect_pssession",
    "Let go of sessions; what runs in them goes on, on their computers.",
    (*_PICK_SESSION, IDLE_TIMEOUT, OUT_VARIABLE),
    _SESSION_POSITIONAL,
    "    %disconnect_pssession -Name web",
    conflicts=_ONE_SESSION_WAY,
)

CONNECT_PSSESSION = MagicSpec(
    "connect_pssession",
    "Take hold of disconnected sessions again, those of another notebook or machine too (-ComputerName).",
    (*_PICK_SESSION, COMPUTERS, OUT_VARIABLE, *CONNECTION),
    _SESSION_POSITIONAL,
    "    %connect_pssession -ComputerName web01 -Name web",
    conflicts=_ONE_SESSION_WAY,
)

RECEIVE_PSSESSION = MagicSpec(
    "receive_pssession",
    "The results of what ran in a disconnected session: as a job (the default here), or with -OutTarget Host at once.",
    (
        *_PICK_SESSION,
        COMPUTERS,
        Option(
            "OutTarget",
            "Job: a job to receive from. Host: wait, then give the results.",
            _OUT_TARGET,
        ),
        Option("JobName", "Name for the job.", TEXT),
        OUT_VARIABLE,
        *CONNECTION,
    ),
    _SESSION_POSITIONAL,
    "    %receive_pssession -Name web -OutTarget Job",
    conflicts=_ONE_SESSION_WAY,
)

REMOVE_PSSESSION = MagicSpec(
    "remove_pssession",
    "Close sessions; what runs in them is stopped.",
    (*_PICK_SESSION, COMPUTERS),
    _SESSION_POSITIONAL,
    "    %remove_pssession -Name web",
    conflicts=_ONE_SESSION_WAY,
)

WATCH = MagicSpec(
    "watch",
    "Show jobs live, all of them if none is named.",
    (JOB_ID, JOB_OBJECT, JOB_NAME),
    _JOB_POSITIONAL,
    "    %watch",
    conflicts=(("Id", "Job", "Name"),),
)

ALL = (
    REMOTE_JOB, GET_JOB, RECEIVE_JOB, WAIT_JOB, STOP_JOB, REMOVE_JOB, NEW_PSSESSION, GET_PSSESSION,
    DISCONNECT_PSSESSION, CONNECT_PSSESSION, RECEIVE_PSSESSION, REMOVE_PSSESSION, WATCH,
)  # fmt: skip
