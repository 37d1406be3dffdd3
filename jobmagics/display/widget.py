"""The live table in the page: an anywidget around one ES module.

All rows are in the widget's state, so that a reloaded page or a second tab is complete; between, only
the rows that changed are sent, in one message. Importing this module imports anywidget: only views do.
"""

from __future__ import annotations

import pathlib
import time
from collections.abc import Callable, Mapping
from typing import Any

import anywidget
import traitlets

from .rows import Row

Message = Mapping[str, str]

_HERE = pathlib.Path(__file__).parent


class JobTable(anywidget.AnyWidget):
    """Rows in, the reader's requests out.

    ``on_request(kind, job_id)`` is called on whatever thread the kernel handles comm messages (a subshell's
    in JupyterLab): it must be quick and thread-safe.
    """

    _esm = _HERE / "table.js"
    _css = _HERE / "table.css"

    rows: Any = traitlets.List().tag(sync=True)
    clock: Any = traitlets.Float().tag(sync=True)

    def __init__(self, rows: list[Row], on_request: Callable[[str, int], None]) -> None:
        self._current = {row["id"]: row for row in rows}
        self._on_request = on_request
        super().__init__(rows=rows, clock=_now())
        self.on_msg(self._received)
        _answer_where_asked(self.comm)

    def patch(self, rows: list[Row]) -> bool:
        """Send what differs from the last rows; True if anything did. Called from the display's tick only."""
        fresh = {row["id"]: row for row in rows}
        changed = [row for job_id, row in fresh.items() if self._current.get(job_id) != row]
        removed = [job_id for job_id in self._current if job_id not in fresh]
        if not changed and not removed:
            return False
        self._current = fresh
        self.send({"kind": "patch", "changed": changed, "removed": removed, "clock": _now()})
        return True

    def tell(self, message: Message) -> None:
        """Something for the page besides rows: a note to show, or that the kernel is there."""
        self.send(dict(message))

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """What a page asks for when it loads: the rows of now, which patches never wrote to the trait."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if "rows" in state:
            state["rows"] = list(self._current.values())
            state["clock"] = _now()
        return state

    def _received(self, _: Any, content: Any, buffers: Any) -> None:
        # The page is not trusted to send what our own module would.
        kind = content.get("kind") if isinstance(content, dict) else None
        if kind == "ping":
            self._on_request("ping", 0)
        elif kind == "stop" and isinstance(content.get("id"), int):
            self._on_request("stop", content["id"])


def _answer_where_asked(comm: Any) -> None:
    """Let the page's messages be handled in the subshell that the page sends them to.

    ipykernel 7.4 hands them to the loop that last wrote to the comm instead. For a table made in a cell that is the
    main one, so that a button would wait for the cell that is running. No public setting turns it off.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, asked: asked


def _now() -> float:
    return time.time() * 1000
