"""The magics of access."""

from __future__ import annotations

from .. import credentials
from ..errors import InvalidOperation, UsageError
from ..options import Arguments
from .base import MagicsBase


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
