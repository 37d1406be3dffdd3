"""The live table in the page: an anywidget around one ES module.

All rows are in the widget's state, so that a reloaded page or a second tab is complete; between, only
the fields that changed are sent, in one message. Importing this module imports anywidget: only views do.

The module is written in several files, which are joined here: a widget is given one text.
"""

from __future__ import annotations

import pathlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import anywidget
import traitlets

from . import actions, details
from .rows import Row, difference, sendable

_PAGE = pathlib.Path(__file__).parent / "page"
_PARTS = ("elements", "ansi", "output", "objects", "details", "questions", "notes", "table", "places", "main")


class JobTable(anywidget.AnyWidget):
    """Rows in, the reader's requests out.

    ``on_request(request)`` is called on whatever thread the kernel handles comm messages (a subshell's
    in JupyterLab): it must be quick and thread-safe. ``place``: the mark of the HTML that the page may put this in.
    """

    _esm = "\n".join((_PAGE / f"{part}.js").read_text(encoding="utf-8") for part in _PARTS)
    _css = (_PAGE / "table.css").read_text(encoding="utf-8")

    rows: Any = traitlets.List().tag(sync=True)
    clock: Any = traitlets.Float().tag(sync=True)
    place: Any = traitlets.Unicode().tag(sync=True)

    def __init__(self, rows: list[Row], on_request: Callable[[details.Request], None], place: str = "") -> None:
        self._current = {row["id"]: row for row in rows}
        self._on_request = on_request
        super().__init__(rows=rows, clock=_now(), place=place)
        self.on_msg(self._received)
        _answer_where_asked(self.comm)

    def update(self, rows: list[Row], replies: Sequence[details.Reply] = ()) -> bool:
        """Send what differs from the last rows, and what the page is to be told beside, in one message; True if there
        was anything. Called from the display's tick only.
        """
        fresh = {row["id"]: row for row in rows}
        before = self._current
        changed = [difference(before.get(row["id"]), row) for row in rows if before.get(row["id"]) is not row]
        changed = [row for row in changed if len(row) > 1]
        removed = [job_id for job_id in self._current if job_id not in fresh]
        if not changed and not removed and not replies:
            return False
        self._current = fresh
        message = {"changed": changed, "removed": removed, "replies": sendable(replies)}
        self.send({"clock": _now(), **{name: value for name, value in message.items() if value}})
        return True

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """What a page asks for when it loads: the rows of now, which updates never wrote to the trait."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if "rows" in state:
            state["rows"] = list(self._current.values())
            state["clock"] = _now()
        return state

    def _received(self, _: Any, content: Any, buffers: Any) -> None:
        # The page is not trusted to send what our own module would.
        kind = content.get("kind") if isinstance(content, dict) else None
        is_about_job = kind in actions.KINDS or kind in details.KINDS
        if kind in ("here", "ping") or (is_about_job and isinstance(content.get("id"), int)):
            self._on_request(content)


def _answer_where_asked(comm: Any) -> None:
    """Let the page's messages be handled in the subshell that the page sends them to.

    ipykernel 7.4 hands them to the loop that last wrote to the comm instead. For a table made in a cell that is the
    main one, so that a button would wait for the cell that is running. No public setting turns it off.

    A page goes on naming the subshell of a kernel that was restarted behind its back; such a message would be refused,
    so the main loop takes it.
    """
    if hasattr(comm, "_reply_subshell_for"):
        from ipykernel.kernelbase import Kernel

        subshells = Kernel.instance().shell_channel_thread.manager
        comm._reply_subshell_for = lambda data, asked: asked if asked in subshells.list_subshell() else None


def _now() -> float:
    return time.time() * 1000
