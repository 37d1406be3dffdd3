"""The words of the magics that start jobs on this machine."""

from __future__ import annotations

from . import MagicSpec, Option
from .kinds import EXPRESSIONS, NUMBER, PATH, TEXT
from .shared import OUT_VARIABLE

_NAME = Option("Name", "The job's name (Job1, Job2, ... if none).", TEXT, ("JobName",))
_WAIT = Option("Wait", "Stay in the cell until the job has ended, print its output, fail if it failed.")
_ARGUMENTS = Option("ArgumentList", "Python values for the script's param() or $args.", EXPRESSIONS, ("Args",))
_INPUT = Option(
    "InputObject", "Python values for the script's $input; what can be iterated goes in one by one.", EXPRESSIONS
)
_FILE = Option("FilePath", "Run this script file instead of the cell.", PATH, ("PSPath",))
_INITIALIZATION = Option(
    "InitializationScript", "A script that is run before, and whose output is dropped; $name for a Python text.", TEXT
)
_NO_STORE = Option("NoStore", "Keep what the job gives out of the ledger on disk: it is lost when this kernel ends.")

START_JOB = MagicSpec(
    "start_job",
    "Run the cell, a PowerShell script, as a background job: in a process of its own on this machine,\n"
    "which also outlives this kernel. $using:name takes the Python variable of that name.",
    (
        _NAME,
        _WAIT,
        _ARGUMENTS,
        _INPUT,
        _FILE,
        _INITIALIZATION,
        Option("WorkingDirectory", "Where it begins (this kernel's own directory).", PATH),
        _NO_STORE,
        OUT_VARIABLE,
    ),
    ("Name",),
    "    %%start_job -Name squares -OutVariable job\n    1..3 | ForEach-Object { $_ * $_ }",
    is_cell=True,
    cmdlet="Start-Job",
)

THREAD_JOB = MagicSpec(
    "thread_job",
    "Run the cell as a thread job: lighter than a process, in one process for all thread jobs of this notebook,\n"
    "which begins at once while fewer than -ThrottleLimit of them run.",
    (
        _NAME,
        _WAIT,
        Option("ThrottleLimit", "How many thread jobs may run at once; the last value given holds (5).", NUMBER),
        _ARGUMENTS,
        _INPUT,
        _FILE,
        _INITIALIZATION,
        _NO_STORE,
        OUT_VARIABLE,
    ),
    ("Name",),
    '    %%thread_job -Name quick -ArgumentList "world"\n    "Hello $($args[0])"',
    is_cell=True,
    cmdlet="Start-ThreadJob",
)

PARALLEL_JOB = MagicSpec(
    "parallel_job",
    "Run the cell once for each item of -InputObject, which is $_ in it, some at a time: one job, a child for each.",
    (
        Option(
            "InputObject",
            "The items: a Python expression; what can be iterated is several.",
            EXPRESSIONS,
        ),
        Option("ThrottleLimit", "How many items at once (5).", NUMBER),
        _NAME,
        _WAIT,
        _FILE,
        _NO_STORE,
        OUT_VARIABLE,
    ),
    ("InputObject",),
    '    %%parallel_job -InputObject range(1, 4)\n    "$_ squared is $($_ * $_)"',
    is_cell=True,
    cmdlet="ForEach-Object",
)
