"""Asking the person for a password: Jupyter's hidden box in a notebook, getpass in a terminal, nobody elsewhere."""

from __future__ import annotations

import getpass
import sys


def ask_password(question: str) -> str | None:
    """What was typed, which is shown nowhere; None where nobody can be asked."""
    if not _is_somebody_there():
        return None
    try:
        return getpass.getpass(question)
    except (NotImplementedError, EOFError):  # the front end does not take questions: nbclient, papermill
        return None


def _is_somebody_there() -> bool:
    """While a cell runs, ipykernel puts its own function in the place of getpass's; else there must be a terminal, or
    getpass would echo what it reads from a pipe.
    """
    is_in_cell = getpass.getpass.__module__ != getpass.__name__
    return is_in_cell or (sys.stdin is not None and sys.stdin.isatty())
