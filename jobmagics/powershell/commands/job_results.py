"""What a job has given, given again by the cmdlet that receives it."""

from __future__ import annotations

from typing import Any

from ..jobs.job import Job
from ..runtime.cmdlet import Cmdlet


def give(cmdlet: Cmdlet, job: Job, stream: str, value: Any) -> None:
    """One result of any stream, to the cmdlet's own."""
    if stream == "output":
        cmdlet.write(value)
    elif stream == "error":
        value.logged = False
        cmdlet.runtime.write_error(value)
    elif stream == "information":
        cmdlet.information(value)
    elif stream == "progress":
        cmdlet.progress(value)
    elif stream == "host":
        if value.waits:
            job.move("Running")
        value.perform(cmdlet.runspace.host.ui)
    elif job.in_order and stream not in cmdlet.runtime.streams.sinks:
        pass  # it was for the job's host, whose call to this one shows it; no record is made of it here
    else:
        cmdlet.runtime.write_informational(stream.capitalize(), value.message)
