"""The magics of access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import credentials
from ..errors import InvalidOperation, UsageError
from ..options import Arguments
from .base import MagicsBase

if TYPE_CHECKING:
    from ..copying import CopiedFiles
    from ..results import PSSession


class AccessWords(MagicsBase):
    def get_credential(self, given: Arguments) -> None:
        name = given.get("Credential")
        if name is None:
            raise UsageError("%get_credential needs a name: %get_credential web-admin -UserName CORP\\ada.")
        if not credentials.ask(name, given.get("UserName", "")):
            variable = credentials.variable_of(name)
            raise InvalidOperation(
                f"Nobody can be asked for a password here; store it with `keyring set {credentials.SERVICE} {name}`, or"
                f" set {variable}_USER and {variable}_PASSWORD in the environment."
            )
        if given.switch("Save"):
            credentials.save(name)

    def copy_item(self, given: Arguments) -> CopiedFiles | None:
        path, destination = given.get("Path"), given.get("Destination")
        if path is None or destination is None:
            raise UsageError("%copy_item needs -Path and -Destination: %copy_item report.zip C:\\Temp -ToSession $s.")
        way = next((word for word in ("ToSession", "FromSession") if word in given), None)
        if way is None:
            raise UsageError("%copy_item needs -ToSession or -FromSession; here among themselves, shutil copies them.")
        sessions = given.get(way)
        if len(sessions) != 1:
            raise UsageError(f"-{way} takes one session at a time, not {len(sessions)}.")
        return self._copy(sessions[0], way, given)

    def _copy(self, session: PSSession, way: str, given: Arguments) -> CopiedFiles | None:
        from ..console.copying import CopyLine

        place = f"{'to' if way == 'ToSession' else 'from'} {session.computer_name}"
        line = CopyLine(self.shell.display_pub, place, is_live=hasattr(self.shell, "kernel"))
        copy = session.copy_to if way == "ToSession" else session.copy_from
        try:
            copied = copy(
                given.get("Path"),
                given.get("Destination"),
                recurse=given.switch("Recurse"),
                force=given.switch("Force"),
                progress=line.take,
            )
        except KeyboardInterrupt:
            raise line.stop() from None
        line.finish(copied)
        return copied if given.switch("PassThru") or "OutVariable" in given else None

    def doctor(self, given: Arguments) -> None:
        from ..doctor import examine_as_asked

        examine_as_asked(given)
