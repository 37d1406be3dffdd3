"""The words of every magic, as data. What they do is in ``magics``; how they are read is in ``options``.

The names, aliases and positions are those of PowerShell 7.6.5's cmdlets, as far as they mean something to a client.
"""

from __future__ import annotations

from .access_specs import COPY_ITEM, DOCTOR, GET_CREDENTIAL
from .cell_specs import ENTER_PSSESSION, EXIT_PSSESSION, INVOKE_COMMAND, POWERSHELL
from .job_specs import GET_JOB, RECEIVE_JOB, REMOTE_JOB, REMOVE_JOB, STOP_JOB, WAIT_JOB, WATCH
from .kind_specs import PARALLEL_JOB, START_JOB, THREAD_JOB
from .session_specs import (
    CONNECT_PSSESSION,
    DISCONNECT_PSSESSION,
    GET_PSSESSION,
    NEW_PSSESSION,
    NEW_PSSESSIONOPTION,
    RECEIVE_PSSESSION,
    REMOVE_PSSESSION,
)

ALL = (
    REMOTE_JOB, GET_JOB, RECEIVE_JOB, WAIT_JOB, STOP_JOB, REMOVE_JOB, NEW_PSSESSION, GET_PSSESSION,
    DISCONNECT_PSSESSION, CONNECT_PSSESSION, RECEIVE_PSSESSION, REMOVE_PSSESSION, NEW_PSSESSIONOPTION, WATCH,
    GET_CREDENTIAL, COPY_ITEM, DOCTOR,
    START_JOB, THREAD_JOB, PARALLEL_JOB, INVOKE_COMMAND, POWERSHELL, ENTER_PSSESSION, EXIT_PSSESSION,
)  # fmt: skip
BY_NAME = {spec.name: spec for spec in ALL}
