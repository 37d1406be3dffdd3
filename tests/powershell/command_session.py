"""Runs scripts in a session of the built-in engine, for the tests of its cmdlets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jobmagics.powershell.runtime.runspace import CollectedStreams, Runspace


class Session:
    """A session whose location is a directory of the test's own."""

    def __init__(self, directory: Path) -> None:
        self.runspace = Runspace()
        self.runspace.set_location(str(directory))
        self.streams = CollectedStreams()

    def run(self, script: str) -> list[Any]:
        """The output; errors and the other streams are in ``streams``."""
        self.streams = CollectedStreams()
        self.runspace.run_script(script, self.streams)
        return self.streams.outputs

    def errors(self, script: str) -> list[str]:
        self.run(script)
        return [record.fqid for record in self.streams.errors]
