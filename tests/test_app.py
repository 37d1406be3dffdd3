"""``jupyter jobmagics`` as a person runs it: a process of its own, with directories of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "jobmagics.app"]


class Person:
    """Someone with an empty home directory who types commands."""

    def __init__(self, home: Path) -> None:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("JPY_", "JUPYTER", "JOBMAGICS"))}
        folders = {"HOME": "home", "JUPYTER_DATA_DIR": "data", "JUPYTER_CONFIG_DIR": "config"}
        folders |= {"JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython"}
        self.home = home
        self.env = {**kept, **{name: str(home / folder) for name, folder in folders.items()}}
        (home / "home").mkdir()

    def types(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *words], env=self.env, cwd=self.home, capture_output=True, text=True, timeout=60, check=False
        )


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    person = Person(tmp_path)
    yield person
    person.types("host", "stop")


# The whole story takes about 20 seconds by design, and more on a busy machine.
@pytest.mark.timeout(90)
def test_the_demo_loses_nothing_and_leaves_nothing(person: Person) -> None:
    done = person.types("demo")
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    killed = re.search(r"after line (\d+) of 60", said)
    assert killed, said
    assert 20 <= int(killed[1]) < 60
    assert "came back: minutes (reconnecting)" in said
    assert "Nothing lost: all 60 lines arrived, each once, in order." in said
    assert "Running" in said
    assert "Completed" in said
    assert "jupyter lab" in said
    assert "Traceback" not in said + done.stderr
    assert person.types("jobs", "list").stdout.strip() == "No jobs."
    assert person.types("sessions", "list").stdout.startswith("No sessions")


def test_host_info_is_for_programs_and_keeps_the_secret(person: Person) -> None:
    assert person.types("host", "info").returncode == 1
    done = person.types("host", "info", "--json", "--start")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert {"address", "port", "user", "certificate", "secret_file"} <= set(facts)
    secret = Path(facts["secret_file"])
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert secret.read_text().strip() not in done.stdout
    assert person.types("host", "status").returncode == 0
    assert "stopped" in person.types("host", "stop").stdout
    assert person.types("host", "status").returncode == 1


def test_a_secret_others_can_read_is_refused_in_one_line(person: Person) -> None:
    facts = json.loads(person.types("host", "info", "--json", "--start").stdout)
    secret = Path(facts["secret_file"])
    secret.chmod(0o644)
    done = person.types("doctor")
    secret.chmod(0o600)
    assert done.returncode == 1
    assert "MISSING" in done.stdout
    assert str(secret) in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_the_doctor_runs_a_job(person: Person) -> None:
    done = person.types("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ok       a job: the built-in engine " in done.stdout
    assert "(the language of PowerShell 7.6.5) answered" in done.stdout
    assert "will be made by the first job" in done.stdout
    assert "ok       live table: JupyterLab's part of anywidget" in done.stdout
    parts = [line.split(":")[0].split(maxsplit=1)[1] for line in done.stdout.splitlines()[1:]]
    assert parts == [
        "Python", "packages", "front end", "live table", "PowerShell kernel", "keyring", "ledger", "session host",
        "a job",
    ]  # fmt: skip


@pytest.mark.parametrize(("version", "state"), [(None, "not installed"), ("0.1", "of version 0.1, and >=8 is needed")])
def test_the_doctor_names_a_package_that_is_missing_or_too_old(
    version: str | None, state: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from jobmagics.doctor import here

    found = here.version_of
    monkeypatch.setattr(here, "version_of", lambda name: version if name == "ipywidgets" else found(name))
    assert here.examine() == 1
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == (
        f"MISSING  packages: ipywidgets is {state}; run: {sys.executable} -m pip install 'ipywidgets>=8'"
    )


def test_the_doctor_names_what_it_is_made_of_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from jobmagics.doctor import here

    monkeypatch.setitem(sys.modules, "packaging.specifiers", None)  # as if it were not installed
    assert here.examine() == 1
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == f"MISSING  Python: packaging is not installed; run: {sys.executable} -m pip install packaging"


@pytest.mark.timeout(90)  # a host that hangs is waited for, twice
def test_a_host_that_hangs_is_named_with_what_ends_it(person: Person) -> None:
    host = json.loads(person.types("host", "info", "--json", "--start").stdout)["pid"]
    os.kill(host, signal.SIGSTOP)
    try:
        done = person.types("doctor")
        assert done.returncode == 1
        assert f"MISSING  session host: The session host (process {host}) does not answer" in done.stdout
        assert "run `jupyter jobmagics host stop`" in done.stdout
        assert f"kill -9 {host}" in person.types("host", "stop").stderr
    finally:
        os.kill(host, signal.SIGKILL)
    done = person.types("doctor")
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="for root every directory is writable")
def test_the_doctor_names_a_directory_that_cannot_be_written(person: Person) -> None:
    (person.home / "data").mkdir(mode=0o500)
    done = person.types("doctor")
    assert done.returncode == 1
    assert "MISSING  ledger: The job ledger" in done.stdout
    assert "name another in JOBMAGICS_DATA_DIR" in done.stdout


def test_the_doctor_takes_no_keyring_for_no_fault() -> None:
    import keyring
    from keyring.backends import fail

    from jobmagics.doctor import here

    before = keyring.get_keyring()
    try:
        keyring.set_keyring(fail.Keyring())
        assert here._keyring().startswith("none here; give credentials in the environment")
    finally:
        keyring.set_keyring(before)


def test_the_doctor_finds_a_damaged_ledger_and_leaves_it_where_it_is(person: Person) -> None:
    ledger = person.home / "data" / "jobmagics" / "jobs.sqlite"
    ledger.parent.mkdir(parents=True)
    ledger.write_bytes(b"no ledger at all" * 1000)
    done = person.types("doctor")
    assert done.returncode == 1
    assert "MISSING  ledger: The job ledger" in done.stdout
    assert "damaged" in done.stdout
    assert [each.name for each in ledger.parent.iterdir()] == ["jobs.sqlite"]


@pytest.mark.parametrize(
    ("words", "said"), [(["jobs", "list"], "No jobs."), (["sessions", "list"], "No sessions"), ([], "Subcommands")]
)
def test_nothing_there_yet(person: Person, words: list[str], said: str) -> None:
    assert said in person.types(*words).stdout
