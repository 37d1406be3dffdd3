"""Which notebook this kernel belongs to.

Jobs are recovered by the notebook that started them, so a new kernel has to know whose kernel it is. Nothing in
the Jupyter protocol says so; the front ends do, each in its way. Where none does, the answer is honest: an identity
that belongs to this kernel alone and is not ``lasting``, so that no kernel takes over the jobs of another.
"""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

OVERRIDE = "JOBMAGICS_NOTEBOOK"
CLAIM = "_JOBMAGICS_CLAIM"


@dataclass(frozen=True, slots=True)
class Identity:
    """``owner``: what sessions are kept under; ``source``: what told us.

    ``lasting``: a restarted kernel gets the same owner.
    """

    owner: str
    source: str
    lasting: bool

    @property
    def name(self) -> str:
        """The notebook's short name, for people."""
        return Path(self.owner.partition(":")[2]).name or self.owner


def notebook_identity(
    user_ns: Mapping[str, Any] | None = None,
    environ: MutableMapping[str, str] = os.environ,
    pid: int | None = None,
) -> Identity:
    """Ask, in this order: JOBMAGICS_NOTEBOOK, VS Code's variable, the Jupyter server's environment."""
    override = environ.get(OVERRIDE)
    if override:
        return Identity(f"named:{override}", OVERRIDE, True)
    vscode = (user_ns or {}).get("__vsc_ipynb_file__")
    if isinstance(vscode, str) and vscode:
        return Identity(f"path:{_plain(vscode)}", "VS Code", True)
    session = environ.get("JPY_SESSION_NAME")
    is_folder = session is not None and os.path.isdir(session)  # a front end that gave no name: any notebook in there
    if session and not is_folder and _is_ours(session, environ, os.getpid() if pid is None else pid):
        return Identity(f"path:{_plain(session)}", "Jupyter server", True)
    return Identity(f"kernel:{uuid.uuid4()}", "nothing says which notebook this is", False)


def script_identity(environ: Mapping[str, str] = os.environ, main: ModuleType | None = None) -> Identity:
    """For a process that is no notebook: JOBMAGICS_NOTEBOOK, or the path of the script that it runs.

    ``main`` is the module __main__, if not this process's.
    """
    override = environ.get(OVERRIDE)
    if override:
        return Identity(f"named:{override}", OVERRIDE, True)
    path = getattr(sys.modules["__main__"] if main is None else main, "__file__", None)
    if path:
        return Identity(f"path:{_plain(os.path.abspath(path))}", "script", True)
    return Identity(f"process:{uuid.uuid4()}", "neither a notebook nor a script", False)


def _is_ours(session: str, environ: MutableMapping[str, str], pid: int) -> bool:
    """Whether the server set the variable for this very kernel.

    A kernel started from a notebook's cell (``!jupyter nbconvert --execute other.ipynb``) inherits the variable of
    that notebook and would take over its jobs. So the first kernel leaves a claim in its environment, which only its
    children inherit: a restarted kernel is a child of the server and finds none.
    """
    claim = environ.get(CLAIM, "")
    claimed_pid, _, claimed_name = claim.partition(":")
    if claim and claimed_name == session and claimed_pid != str(pid):
        return False
    environ[CLAIM] = f"{pid}:{session}"
    return True


def _plain(path: str) -> str:
    """One spelling for one file. Servers that give a name which is no path keep it as it is."""
    return os.path.realpath(path) if os.path.isabs(path) else path
