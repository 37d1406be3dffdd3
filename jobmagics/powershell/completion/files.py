"""Files and folders that fit, as PowerShell writes them: with ``./`` before a name alone, in quotes where needed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..values.utf16 import units
from .results import Completion, quoted

if TYPE_CHECKING:
    from ..runtime.runspace import Runspace


def files(runspace: Runspace, word: str, folders_only: bool = False, extension: str = "") -> Iterator[Completion]:
    """``word`` is what was written so far, with the quote it began with."""
    quote = word[:1] if word[:1] in ("'", '"') else ""
    start = (word[1:] if quote else word).replace("\\", "/").replace("``", "`")
    if start == "~":
        start = "~/"
    head, slash, tail = start.rpartition("/")
    try:
        folder = runspace.resolve_path(head + slash if slash else "")
        entries = sorted(((units(entry), entry) for entry in os.listdir(folder)), key=lambda pair: pair[0].lower())
    except (OSError, ValueError):
        return
    lead = head + slash if slash else "./"
    for name, entry in entries:
        hidden = name.startswith(".") and not tail.startswith(".")
        if hidden or not name.lower().startswith(tail.lower()):
            continue
        path = os.path.join(folder, name)
        is_folder = os.path.isdir(os.path.join(folder, entry))
        if not is_folder and (folders_only or not name.lower().endswith(extension)):
            continue
        kind = "ProviderContainer" if is_folder else "ProviderItem"
        yield Completion(quoted(lead + name, quote), name, kind, path)
