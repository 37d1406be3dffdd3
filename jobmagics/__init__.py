"""PowerShell jobs that outlive the notebook that started them.

``%load_ext jobmagics`` in a Jupyter notebook registers the magics and begins, in the
background, to find and reconnect the jobs that this notebook started before. From Python,
in a notebook or a script: ``from jobmagics import connect`` and what else ``api`` has.
Nothing heavy is imported here: the names of the API come with their first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobmagics.api import (
        PSSessionOption,
        computer,
        connect,
        connect_all,
        find_sessions,
        get_job,
        get_jobs,
        get_sessions,
        on_job_end,
        recover,
        start,
        start_job,
        start_parallel_job,
        start_thread_job,
    )

__version__ = "0.1.0"
__all__ = [
    "PSSessionOption", "computer", "connect", "connect_all", "find_sessions", "get_job", "get_jobs", "get_sessions",
    "on_job_end", "recover", "start", "start_job", "start_parallel_job", "start_thread_job",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("jobmagics.api"), name)


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext jobmagics``."""
    from .magics import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext jobmagics``: running jobs go on, disconnected."""
    from .magics import unload

    unload()
