"""Where secrets come from: the person, the environment, the system's keyring, files of the person's own. Never from a
magic line, never to the notebook, the store, a log or a command line.

A connection names a credential; it is looked up when it is needed, first found wins:

1. what was typed: ``%get_credential``, or the question that a magic asked; kept in this process's memory alone;
2. the environment: JOBMAGICS_CREDENTIAL_<NAME>_USER and JOBMAGICS_CREDENTIAL_<NAME>_PASSWORD, the name in capitals,
   other signs as "_";
3. the keyring: service "jobmagics:<name>" with its own user name, or service "jobmagics" with the name as user
   (``keyring set jobmagics <name>``);
4. the person, if there is one to ask: only ``require`` asks, in the thread of whoever wants to connect.

A Kerberos ticket needs no credential here: it is in the ticket cache that kinit filled. Client certificates and the
certificates of computers that are trusted are in ``certificates``.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from jobmagics.credentials.asking import ask_password
from jobmagics.errors import NotFound

SERVICE = "jobmagics"

_typed: dict[str, Credential] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Credential:
    """A user name and its secret, which ``repr`` hides."""

    username: str
    password: str = field(repr=False)


def find(name: str, *, environ: Mapping[str, str] | None = None) -> Credential:
    """The credential of a name. Raises NotFound saying where it was looked for."""
    found = look_up(name, environ=environ)
    if found is None:
        variable = variable_of(name)
        raise NotFound(
            f"No credential {name!r} was found; store it with `keyring set {SERVICE} {name}`, set {variable}_USER and"
            f" {variable}_PASSWORD in the environment, or type it into this kernel with %get_credential {name}."
        )
    return found


def look_up(name: str, *, environ: Mapping[str, str] | None = None) -> Credential | None:
    typed = _typed.get(name)
    return typed or _from_environment(name, os.environ if environ is None else environ) or _from_keyring(name)


def known_names() -> list[str]:
    """Of those that were typed and those of the environment; a keyring does not tell its names."""
    found = re.compile(r"JOBMAGICS_CREDENTIAL_(\w+)_PASSWORD")
    stored = (match[1].lower() for match in map(found.fullmatch, os.environ) if match)
    return sorted({*_typed, *stored})


def require(name: str, username: str = "") -> Credential:
    """As ``find``, but asks the person where there is one: called in the person's own thread, before work begins."""
    with _lock:
        if look_up(name) is None:
            ask(name, username)
    return find(name)


def ask(name: str, username: str = "") -> bool:
    """Asks for the password of ``name`` and keeps it while this process lives. False: nobody can be asked."""
    password = ask_password(f"Password for {username or name}: ")
    if password is None:
        return False
    _typed[name] = Credential(username or name, password)
    return True


def forget(name: str | None) -> None:
    """What was typed was wrong: the next connection asks again."""
    if name is not None:
        _typed.pop(name, None)


def save(name: str) -> None:
    """What was typed goes into the keyring, for other kernels. Raises NotFound if there is no keyring here."""
    import keyring
    from keyring.errors import KeyringError

    secret = _typed[name]
    try:
        if secret.username == name:
            keyring.set_password(SERVICE, name, secret.password)
        else:
            keyring.set_password(f"{SERVICE}:{name}", secret.username, secret.password)
    except KeyringError as error:
        raise NotFound(
            f"No keyring takes {name!r} here ({str(error).splitlines()[0].rstrip('.') or type(error).__name__});"
            " it is kept in this kernel until it ends."
        ) from None


def variable_of(name: str) -> str:
    return "JOBMAGICS_CREDENTIAL_" + re.sub(r"\W", "_", name).upper()


def _from_environment(name: str, environ: Mapping[str, str]) -> Credential | None:
    variable = variable_of(name)
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
