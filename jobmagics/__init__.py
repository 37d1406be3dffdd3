"""PowerShell jobs that outlive the notebook that started them.

``%load_ext jobmagics`` in a Jupyter notebook registers the magics and begins, in the
background, to find and reconnect the jobs that this notebook started before. Nothing
heavy is imported here: a program that only wants one room imports that room.
"""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext jobmagics``."""
    from .magics import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext jobmagics``: running jobs go on, disconnected."""
    from .magics import unload

    unload()
