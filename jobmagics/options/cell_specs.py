"""The words of the magics whose cells run at once, here or in a session that was entered."""

from __future__ import annotations

from . import MagicSpec, Option
from .job_specs import REMOTE_JOB
from .kinds import EXPRESSIONS
from .shared import (
    COMPUTERS,
    CONNECTION,
    HOSTS,
    ONE_SESSION_WAY,
    OUT_VARIABLE,
    PICK_SESSION,
    URIS,
    USER_NAME,
)

INVOKE_COMMAND = MagicSpec(
    "invoke_command",
    "Run the cell on computers or in sessions and wait for it: what it gives is shown as it comes, and is the result\n"
    "(-OutVariable, or the value of the line form with -FilePath). Interrupting stops it there.",
    (
        *(option for option in REMOTE_JOB.options if option.name not in {"Wait", "AsJob"}),
        Option("AsJob", "Do not wait: as %%remote_job. -JobName and -InDisconnectedSession mean it, too."),
    ),
    ("ComputerName",),
    "    %%invoke_command -ComputerName localhost -OutVariable found\n    Get-PSDrive -PSProvider FileSystem",
    is_cell=True,
    conflicts=REMOTE_JOB.conflicts,
    cmdlet="Invoke-Command",
    gives_in_line=True,
)

POWERSHELL = MagicSpec(
    "powershell",
    "Run the cell in PowerShell: in the session that %enter_pssession entered, else in this notebook's own on this\n"
    "machine. Variables stay from cell to cell; $using:name takes a Python variable. Interrupting stops it there.",
    (
        Option("ArgumentList", "Python values for the script's param() or $args.", EXPRESSIONS, ("Args",)),
        OUT_VARIABLE,
    ),
    (),
    '    %%powershell\n    $greeting = "Hello"; "$greeting from process $PID"',
    is_cell=True,
)

ENTER_PSSESSION = MagicSpec(
    "enter_pssession",
    "Work on a computer or in a session: %%powershell cells run there until %exit_pssession.\n"
    "A session that this opens is closed by %exit_pssession, and jobs that were started inside it end with it.",
    (*PICK_SESSION, COMPUTERS, HOSTS, URIS, USER_NAME, *CONNECTION),
    ("Id", "Session", "ComputerName"),
    "    %enter_pssession -ComputerName localhost",
    conflicts=((*ONE_SESSION_WAY[0], "ComputerName", "HostName", "ConnectionUri"),),
    cmdlet="Enter-PSSession",
)

EXIT_PSSESSION = MagicSpec(
    "exit_pssession",
    "Leave the session that was entered; %%powershell cells run on this machine again.",
    (),
    (),
    "    %exit_pssession",
    cmdlet="Exit-PSSession",
)
