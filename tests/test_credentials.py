"""Credentials: found in the order given, never shown."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import keyring.backend
import pytest

from jobmagics.credentials import Credential, find
from jobmagics.errors import NotFound


class Drawer(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.secrets[service, username] = password

    def get_credential(self, service: str, username: str | None) -> keyring.credentials.SimpleCredential | None:
        for (place, user), password in self.secrets.items():
            if place == service and username in (None, user):
                return keyring.credentials.SimpleCredential(user, password)
        return None


@pytest.fixture(autouse=True)
def drawer() -> Iterator[Drawer]:
    before, made = keyring.get_keyring(), Drawer()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def test_the_environment_comes_first(drawer: Drawer) -> None:
    drawer.set_password("jobmagics", "web-admin", "keyring")
    names = {"JOBMAGICS_CREDENTIAL_WEB_ADMIN_USER": "ada", "JOBMAGICS_CREDENTIAL_WEB_ADMIN_PASSWORD": "env"}
    assert find("web-admin", environ=names) == Credential("ada", "env")
    assert find("web-admin", environ={}) == Credential("web-admin", "keyring")


def test_a_credential_may_have_a_user_name_of_its_own(drawer: Drawer) -> None:
    drawer.set_password("jobmagics:web", "CORP\\ada", "secret")
    assert find("web", environ={}) == Credential("CORP\\ada", "secret")


def test_the_person_is_asked_last() -> None:
    assert find("web", prompt=lambda name: Credential(name, "typed"), environ={}) == Credential("web", "typed")


def test_what_is_not_found_says_where_to_put_it() -> None:
    with pytest.raises(NotFound, match=r"keyring set jobmagics web.*JOBMAGICS_CREDENTIAL_WEB_PASSWORD"):
        find("web", environ={})


def test_a_secret_is_not_shown() -> None:
    assert "secret" not in repr(Credential("ada", "secret"))
