"""What may be set of the session host: bounds, time-outs and what happens to output that nobody takes.

traitlets, as everywhere in Jupyter: in a file ``jupyter_jobmagics_host_config.py`` in one of Jupyter's configuration
directories (``c.Limits.max_shells = 50``), read when the host starts.
"""

from __future__ import annotations

from traitlets import Enum, Float, Int
from traitlets.config import Configurable

BUFFER_MODES = ("Spool", "Block", "Drop")
LONGEST_IDLE_TIMEOUT = 2147483.647
"""Seconds: what fits PowerShell's count of milliseconds."""


class Limits(Configurable):
    """The bounds of a session host."""

    output_buffering_mode = Enum(
        BUFFER_MODES,
        BUFFER_MODES[0],
        help="What output waits in unless a session says otherwise. Spool: past memory_bytes it goes to the disk, and "
        "the script goes on. Block: the script waits. Drop: the oldest records go, and the script goes on.",
    ).tag(config=True)
    memory_bytes = Int(4 * 1024 * 1024, min=64 * 1024, help="Output kept in memory, for each pipeline.").tag(
        config=True
    )
    disk_bytes = Int(
        20 * 1024**3, min=0, help="Output kept on disk, for all sessions together; past it scripts wait."
    ).tag(config=True)
    max_shells = Int(200, min=1, help="Sessions at once.").tag(config=True)
    idle_timeout = Float(
        7200.0, min=60.0, help="Seconds that a session is kept while nobody holds it, unless its client says otherwise."
    ).tag(config=True)
    max_idle_timeout = Float(
        LONGEST_IDLE_TIMEOUT, min=60.0, help="The longest idle time-out that a client may ask for, in seconds."
    ).tag(config=True)
    idle_seconds = Float(
        3600.0, min=0.0, help="Seconds without sessions and requests after which the host ends itself."
    ).tag(config=True)
    max_silence = Float(
        30.0, min=1.0, help="Seconds within which a new connection must have sent a request with the right secret."
    ).tag(config=True)
