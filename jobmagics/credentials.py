"""Where secrets come from: the system's keyring, the environment, or the person. Never from a magic line, never to
the store or a log.

A connection names a credential; it is looked up when it is needed, first found wins:

1. the environment: JOBMAGICS_CREDENTIAL_<NAME>_USER and JOBMAGICS_CREDENTIAL_<NAME>_PASSWORD, the name in capitals,
   other signs as "_";
2. the keyring: service "jobmagics:<name>" with its own user name, or service "jobmagics" with the name as user
   (``keyring set jobmagics <name>``);
3. ``prompt``, if the caller can ask.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jobmagics.errors import NotFound

SERVICE = "jobmagics"

Prompt = Callable[[str], "Credential | None"]


@dataclass(frozen=True)
class Credential:
    """A user name and its secret, which ``repr`` hides."""

    username: str
    password: str = field(repr=False)


def find(name: str, *, prompt: Prompt | None = None, environ: Mapping[str, str] | None = None) -> Credential:
    """The credential of a name. Raises NotFound saying where it was looked for."""
    found = _from_environment(name, os.environ if environ is None else environ) or _from_keyring(name)
    if found is None and prompt is not None:
        found = prompt(name)
    if found is None:
        variable = _variable(name)
        raise NotFound(
            f"No credential {name!r} was found; store it with `keyring set {SERVICE} {name}`,"
            f" or set {variable}_USER and {variable}_PASSWORD in the environment."
        )
    return found


def _variable(name: str) -> str:
    return "JOBMAGICS_CREDENTIAL_" + re.sub(r"\W", "_", name).upper()


def _from_environment(name: str, environ: Mapping[str, str]) -> Credential | None:
    variable = _variable(name)
    password = environ.get(f"{variable}_PASSWORD")
    if password is None:
        return None
    return Credential(environ.get(f"{variable}_USER", name), password)


def _from_keyring(name: str) -> Credential | None:
    import keyring
    from keyring.errors import KeyringError

    try:
        own = keyring.get_credential(f"{SERVICE}:{name}", None)
        if own is not None:
            return Credential(own.username or name, own.password)
        password = keyring.get_password(SERVICE, name)
    except KeyringError:  # no keyring here (a server without a desktop): the other places remain
        return None
    return None if password is None else Credential(name, password)
