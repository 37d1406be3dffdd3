"""Credentials: found in the order given, never shown."""

from __future__ import annotations

import io
from collections.abc import Iterator

import keyring
import keyring.backend
import keyring.backends.fail
import pytest

from jobmagics import credentials
from jobmagics.credentials import Credential, asking, find
from jobmagics.errors import NotFound
from jobmagics.remote import ConnectionInfo
from jobmagics.sessions.secrets import require_secrets


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
    credentials._typed.clear()


def test_the_environment_comes_first(drawer: Drawer) -> None:
    drawer.set_password("jobmagics", "web-admin", "keyring")
    names = {"JOBMAGICS_CREDENTIAL_WEB_ADMIN_USER": "ada", "JOBMAGICS_CREDENTIAL_WEB_ADMIN_PASSWORD": "env"}
    assert find("web-admin", environ=names) == Credential("ada", "env")
    assert find("web-admin", environ={}) == Credential("web-admin", "keyring")


def test_a_credential_may_have_a_user_name_of_its_own(drawer: Drawer) -> None:
    drawer.set_password("jobmagics:web", "CORP\\ada", "secret")
    assert find("web", environ={}) == Credential("CORP\\ada", "secret")


def typing(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """A person who types these, as Jupyter passes it on while a cell runs. Gives the questions."""
    left, asked = list(answers), list[str]()

    def getpass(question: str) -> str:
        asked.append(question)
        return left.pop(0)

    monkeypatch.setattr(asking.getpass, "getpass", getpass)
    return asked


def test_the_person_is_asked_last_and_once(monkeypatch: pytest.MonkeyPatch, drawer: Drawer) -> None:
    asked = typing(monkeypatch, "typed")
    drawer.set_password("jobmagics", "db", "kept")
    web, db = ConnectionInfo("web01", credential="web"), ConnectionInfo("db01", credential="db")
    require_secrets([web, db, web, ConnectionInfo("open01")])
    require_secrets([web])
    assert asked == ["Password for web: "]
    assert (find("web"), find("db")) == (Credential("web", "typed"), Credential("db", "kept"))


def test_a_typed_password_that_was_wrong_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = typing(monkeypatch, "wrong", "right")
    credentials.require("web", "CORP\\ada")
    credentials.forget("web")
    assert credentials.require("web") == Credential("web", "right")
    assert asked == ["Password for CORP\\ada: ", "Password for web: "]


def test_what_was_typed_can_be_saved(monkeypatch: pytest.MonkeyPatch, drawer: Drawer) -> None:
    typing(monkeypatch, "one", "two")
    for name, user in (("ada", ""), ("web", "CORP\\ada")):
        assert credentials.ask(name, user)
        credentials.save(name)
        credentials.forget(name)
    assert find("ada", environ={}) == Credential("ada", "one")
    assert find("web", environ={}) == Credential("CORP\\ada", "two")


def test_a_machine_without_a_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, "typed")
    keyring.set_keyring(keyring.backends.fail.Keyring())
    assert credentials.ask("web")
    with pytest.raises(NotFound, match="No keyring takes 'web' here"):
        credentials.save("web")
    assert find("web") == Credential("web", "typed")


@pytest.mark.parametrize("error", [NotImplementedError, EOFError])
def test_where_nobody_can_be_asked(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    """A kernel whose front end takes no questions, as in nbclient and papermill; or no terminal at all."""

    def getpass(question: str) -> str:
        raise error

    monkeypatch.setattr(asking.getpass, "getpass", getpass)
    with pytest.raises(NotFound, match="No credential 'web' was found"):
        require_secrets([ConnectionInfo("web01", credential="web")])


def test_a_pipe_is_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking.sys, "stdin", io.StringIO("secret\n"))
    assert asking.ask_password("Password: ") is None


def test_what_is_not_found_says_where_to_put_it() -> None:
    with pytest.raises(NotFound, match=r"keyring set jobmagics web.*JOBMAGICS_CREDENTIAL_WEB_PASSWORD"):
        find("web", environ={})


def test_a_secret_is_not_shown() -> None:
    assert "secret" not in repr(Credential("ada", "secret"))
