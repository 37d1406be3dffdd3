"""Where jobmagics keeps what is its user's: the ledger, and certificates. The session host has its own directory."""

from __future__ import annotations

import os
from pathlib import Path

DATA_DIR_VARIABLE = "JOBMAGICS_DATA_DIR"


def data_directory() -> Path:
    """JOBMAGICS_DATA_DIR, or jobmagics in Jupyter's data directory. It may not be there yet."""
    chosen = os.environ.get(DATA_DIR_VARIABLE)
    if chosen:
        return Path(chosen)
    from jupyter_core.paths import jupyter_data_dir

    return Path(jupyter_data_dir()) / "jobmagics"
