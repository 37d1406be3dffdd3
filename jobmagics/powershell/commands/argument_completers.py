"""Register-ArgumentCompleter: what completion asks for a parameter's values."""

from __future__ import annotations

from ..runtime.cmdlet import Cmdlet, command
from ..values.value import as_list, to_string

STORE = "argument completers"  # in Runspace.store: (command, parameter), both in lower case -> script block


@command("Register-ArgumentCompleter")
class RegisterArgumentCompleter(Cmdlet):
    def end(self) -> None:
        known = self.runspace.store.setdefault(STORE, {})
        parameter = to_string(self.arg("ParameterName") or "").lower()
        names = [to_string(name).lower() for name in as_list(self.arg("CommandName"))]
        for name in names or [""]:
            known[name, parameter] = self.arg("ScriptBlock")
