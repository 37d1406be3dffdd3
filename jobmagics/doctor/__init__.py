"""``jupyter jobmagics doctor``: what a job needs, part by part; the first that is missing is named with its remedy.

``here``     this machine                ``there``  a computer over WSMan       ``over_ssh``  a host over SSH
``parts``    how parts are tried and told
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobmagics.doctor.here import examine
from jobmagics.remote.places import WORDS, places

if TYPE_CHECKING:
    from jobmagics.options import Arguments


def examine_as_asked(given: Arguments) -> int:
    """This machine, or the computer that the words name. Prints; 0 when a script ran. Raises UsageError."""
    computer, host = given.get("ComputerName"), given.get("HostName")
    if computer is not None and "@" in computer:
        computer, host = None, computer
    connections = places(computer, host_name=host, **{field: given.get(word) for field, word in WORDS.items()})
    if not connections or (connections[0].is_local and connections[0].transport == "WSMan"):
        return examine()
    from jobmagics.doctor.there import examine_computer

    return examine_computer(connections[0])
