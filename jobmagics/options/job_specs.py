"""The words of the magics of jobs."""

from __future__ import annotations

from . import MagicSpec, Option
from .kinds import (
    BOOLEAN,
    EXPRESSIONS,
    NUMBER,
    PATH,
    SECONDS,
    TEXT,
    TEXTS,
    TIME,
)
from .shared import (
    A_JOB_STATE,
    COMPUTERS,
    CONNECTION,
    HOSTS,
    JOB_COMMAND,
    JOB_ID,
    JOB_INSTANCE,
    JOB_NAME,
    JOB_OBJECT,
    JOB_POSITIONAL,
    JOB_STATE,
    ONE_WAY,
    OUT_VARIABLE,
    PICK_JOB,
    SESSION,
    THROTTLE,
    URIS,
    USER_NAME,
)

REMOTE_JOB = MagicSpec(
    "remote_job",
    "Run the cell, a PowerShell script, as a job that outlives this kernel.\n"
    "The cell ends at once and shows the job live. $using:name takes the Python variable of that name.",
    (
        COMPUTERS,
        HOSTS,
        URIS,
        SESSION,
        Option("JobName", "The job's name (Job1, Job2, ... if none).", TEXT, ("Name",)),
        Option("Wait", "Stay in the cell until the job has ended, print its output, fail if it failed."),
        Option("ArgumentList", "Python values for the script's param() or $args.", EXPRESSIONS, ("Args",)),
        Option(
            "InputObject",
            "Python values for the script's $input; what can be iterated goes in one by one.",
            EXPRESSIONS,
        ),
        Option("FilePath", "Run this script file instead of the cell.", PATH, ("PSPath",)),
        Option(
            "InDisconnectedSession",
            "Start it in new sessions, disconnect them, give the sessions.",
            None,
            ("Disconnected",),
        ),
        Option("SessionName", "With -InDisconnectedSession: names for the sessions.", TEXTS),
        Option("AsJob", "As it always does."),
        THROTTLE,
        Option("HideComputerName", "Do not show the computer's name with each object.", None, ("HCN",)),
        Option("NoStore", "Keep what the job gives out of the ledger on disk: it is lost when this kernel ends."),
        OUT_VARIABLE,
        USER_NAME,
        *CONNECTION,
    ),
    ("ComputerName",),
    "    %%remote_job -ComputerName web01,web02 -JobName disks\n    Get-PSDrive -PSProvider FileSystem",
    is_cell=True,
    conflicts=(("ComputerName", "HostName", "Session", "ConnectionUri"),),
    cmdlet="Invoke-Command",
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
        Option("ChildJobState", "Also the child jobs in this state.", A_JOB_STATE),
        Option("Before", "Jobs that ended before this time.", TIME),
        Option("After", "Jobs that ended after this time.", TIME),
        Option("Newest", "This many that ended last.", NUMBER),
        Option("History", "The finished jobs of all notebooks and kernels, as the ledger has them."),
        OUT_VARIABLE,
    ),
    ("Id", "Name"),
    "    %get_job -State Running",
    conflicts=(("Id", "Name", "InstanceId", "State", "Command"),),
    cmdlet="Get-Job",
)

RECEIVE_JOB = MagicSpec(
    "receive_job",
    "What jobs have given since last asked: objects and all streams, in order, as PowerShell prints them.",
    (
        *PICK_JOB,
        Option("Keep", "Leave the results to be received again."),
        Option("Wait", "Wait until the jobs have ended."),
        Option("Timeout", "With -Wait: give up waiting after this many seconds.", SECONDS, ("TimeoutSec",)),
        Option("AutoRemoveJob", "With -Wait: remove the jobs afterwards."),
        Option("Force", "With -Wait: wait through Disconnected and Suspended too."),
        Option("WriteEvents", "With -Wait: also what state each job came to."),
        Option("WriteJobInResults", "With -Wait: the jobs themselves first."),
        Option("ComputerName", "Only what these computers gave.", TEXTS, ("Cn",)),
        Option("Location", "Only what these places gave.", TEXTS),
        SESSION,
        Option("NoRecurse", "Not from the child jobs."),
        OUT_VARIABLE,
    ),
    JOB_POSITIONAL,
    "    results = %receive_job -Name disks -Keep",
    conflicts=ONE_WAY,
    cmdlet="Receive-Job",
)

WAIT_JOB = MagicSpec(
    "wait_job",
    "Wait until jobs have ended. Gives the jobs; nothing after a time-out.\n"
    "Interrupting stops the waiting, not the jobs.",
    (
        *PICK_JOB,
        JOB_STATE,
        Option("Any", "Until one of them has ended."),
        Option("Timeout", "Give up after this many seconds.", SECONDS, ("TimeoutSec",)),
        Option("Force", "Wait through Disconnected and Suspended too."),
        OUT_VARIABLE,
    ),
    JOB_POSITIONAL,
    "    %wait_job -Name disks -Timeout 60",
    conflicts=(("Job", "Id", "Name", "InstanceId", "State"),),
    cmdlet="Wait-Job",
)

STOP_JOB = MagicSpec(
    "stop_job",
    "Stop jobs, on their computers too.",
    (*PICK_JOB, JOB_STATE, Option("PassThru", "Give the jobs.")),
    JOB_POSITIONAL,
    "    %stop_job -Name disks",
    conflicts=(("Job", "Id", "Name", "InstanceId", "State"),),
    cmdlet="Stop-Job",
)

REMOVE_JOB = MagicSpec(
    "remove_job",
    "Forget jobs and their results. -Force stops running ones first.",
    (*PICK_JOB, JOB_STATE, JOB_COMMAND, Option("Force", "Stop them first if they are running.", aliases=("F",))),
    JOB_POSITIONAL,
    "    %remove_job -Name disks -Force",
    conflicts=(("Job", "Id", "Name", "InstanceId", "State", "Command"),),
    cmdlet="Remove-Job",
)

WATCH = MagicSpec(
    "watch",
    "Show jobs live, all of them if none is named.",
    (JOB_ID, JOB_OBJECT, JOB_NAME),
    JOB_POSITIONAL,
    "    %watch",
    conflicts=(("Id", "Job", "Name"),),
)
