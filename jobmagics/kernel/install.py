"""The kernel spec: what tells Jupyter of this kernel, with the program of this very environment in it."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from jobmagics.errors import UsageError

NAME = "jobmagics"
_PLACES = (Path(__file__).parent / "spec", Path(__file__).parent.parent.parent / "kernel_spec")
"""Inside the installed package, or beside it in a checkout."""


def spec_dir() -> Path:
    """Where the spec's own files are."""
    for place in _PLACES:
        if (place / "kernel.json").is_file():
            return place
    raise UsageError("The kernel spec is not installed: install jobmagics again, with its data files.")


def install(*, prefix: str | None = None) -> Path:
    """Makes the kernel known to Jupyter and gives the directory it was put in.

    prefix: an environment, whose Jupyter then has it; None: the user, for all of their Jupyters. One of that name is
    replaced. Raises UsageError where that may not be written.
    """
    from jupyter_client.kernelspec import KernelSpecManager

    with tempfile.TemporaryDirectory() as scratch:
        staged = Path(scratch) / NAME
        shutil.copytree(spec_dir(), staged)
        path = staged / "kernel.json"
        spec = json.loads(path.read_text(encoding="utf-8"))
        # another environment's Jupyter starts it too: "python" would be its own
        spec["argv"][0] = sys.executable
        path.chmod(0o644)
        path.write_text(json.dumps(spec, indent=2) + "\n", encoding="utf-8")
        try:
            done = KernelSpecManager().install_kernel_spec(str(staged), NAME, user=prefix is None, prefix=prefix)
        except OSError as error:
            where = prefix or "your Jupyter directory"
            raise UsageError(
                f"The kernel could not be installed in {where} ({error.strerror or error}); choose --user, --sys-prefix"
                " or --prefix of a directory that you may write."
            ) from error
    return Path(done)
