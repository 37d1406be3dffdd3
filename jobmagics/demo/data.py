"""Where the shipped notebooks and their data are: inside the installed package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from ..errors import UsageError

_PLACES = (Path(__file__).parent / "notebooks", Path(__file__).parent.parent.parent / "notebooks")


def notebooks_dir() -> Path:
    for place in _PLACES:
        if (place / "data" / "access.log").is_file():
            return place
    raise UsageError("The demo's data are not installed: install jobmagics again, with its data files.")


def data_file(name: str) -> Path:
    return notebooks_dir() / "data" / name


def script(name: str) -> str:
    """A PowerShell script of this package."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
