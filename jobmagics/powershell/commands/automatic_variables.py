"""$PWD, $Host and the like, which the frame tells when they are read, as variables that can be listed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..runtime.scopes import Variable
from ..values.value import NOTHING

if TYPE_CHECKING:
    from ..runtime.runspace import Frame

# lower-case name -> as it is spelled, and its options
LISTED = {
    "?": ("?", "ReadOnly, AllScope"),
    "args": ("args", "None"),
    "error": ("Error", "Constant"),
    "executioncontext": ("ExecutionContext", "Constant, AllScope"),
    "host": ("Host", "Constant, AllScope"),
    "myinvocation": ("MyInvocation", "None"),
    "profile": ("PROFILE", "None"),
    "psboundparameters": ("PSBoundParameters", "None"),
    "pscommandpath": ("PSCommandPath", "None"),
    "psscriptroot": ("PSScriptRoot", "None"),
    "psstyle": ("PSStyle", "Constant"),
    "psversiontable": ("PSVersionTable", "Constant, AllScope"),
    "pwd": ("PWD", "None"),
    "stacktrace": ("StackTrace", "None"),
}


def automatic_variable(frame: Frame, key: str) -> Variable | None:
    """The automatic variable of that lower-case name; one that is not listed is found by its name all the same."""
    name, options = LISTED.get(key, (key, "None"))
    value = frame.automatic(key)
    return None if value is NOTHING else Variable(name, value, options)


def automatic_variables(frame: Frame) -> Iterator[Variable]:
    for key in LISTED:
        found = automatic_variable(frame, key)
        if found is not None:
            yield found
