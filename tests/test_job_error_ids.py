"""Mistakes with jobs and sessions: PowerShell's error ids, categories and texts, from Python and from the magics."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeRemote
from IPython.core.error import UsageError as ShellUsageError
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from jobmagics import magics
from jobmagics.errors import JobMagicsError
from jobmagics.jobs import JobType
from jobmagics.remote import ConnectionInfo
from jobmagics.results import Job, PSSession
from jobmagics.sessions import SessionManager
from jobmagics.store import Store

GUID = "0F8FAD5B-D9CB-469F-A165-70867728950E"
RECORDED = Path(__file__).parent / "data" / "remote_jobs"


class Scene:
    """A finished job, a running one, an open session, a closed one, and a computer that does not answer."""

    def __init__(self, shell: InteractiveShell, manager: SessionManager, remote: FakeRemote) -> None:
        self.shell, self.manager, self.remote = shell, manager, remote
        self.done: Job = manager.invoke("done")
        self.done.wait(10)
        self.running: Job = manager.invoke("hold")
        self.opened: PSSession = manager.new_pssession([ConnectionInfo("web01")], name="One")[0]
        self.closed: PSSession = manager.new_pssession([ConnectionInfo("web01")])[0]
        self.closed.remove()
        shell.user_ns.update(done=self.done, running=self.running, opened=self.opened, closed=self.closed)

    def magic(self, name: str, line: str) -> Any:
        return self.shell.run_line_magic(name, line)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv("JOBMAGICS_NOTEBOOK", "test")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    remote = FakeRemote()
    remote.on("hold", lambda run: run.wait(threading.Event()))
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    store = Store.open(tmp_path / "ledger.sqlite")
    loaded = magics.load(shell, lambda owner: SessionManager(store, remote.connect, owner))
    yield Scene(shell, loaded.manager, remote)
    magics.unload()
    store.close()


def unreachable(scene: Scene) -> None:
    """A disconnected job on a computer that does not answer any more."""
    job = scene.opened.start("hold")
    for record in range(200):
        if str(job.children[0].state) == "Running":
            break
        threading.Event().wait(0.02 if record else 0)
    scene.opened.disconnect()
    scene.remote.cut.add("web01")
    scene.shell.user_ns["away"] = job


CASES: list[tuple[str, str, str, str, str]] = [
    # the magic, its line, PowerShell's id without the cmdlet, its category, its text
    (
        "get_job",
        "-Id 4711",
        "JobWithSpecifiedSessionNotFound",
        "ObjectNotFound",
        "The command cannot find a job with the job ID 4711. Verify the value of the Id parameter and then try the"
        " command again.",
    ),
    (
        "receive_job",
        "-Name nope",
        "JobWithSpecifiedNameNotFound",
        "ObjectNotFound",
        "The command cannot find the job because the job name nope was not found. Verify the value of the Name"
        " parameter, and then try the command again.",
    ),
    (
        "stop_job",
        f"-InstanceId {GUID}",
        "JobWithSpecifiedInstanceIdNotFound",
        "ObjectNotFound",
        f"The command cannot find a job with the instance identifier {GUID}. Verify the value of the InstanceId"
        " parameter, and then try the command again.",
    ),
    (
        "wait_job",
        "-Id 4711",
        "JobWithSpecifiedSessionNotFound",
        "ObjectNotFound",
        "The command cannot find a job with the job ID 4711.",
    ),
    (
        "remove_job",
        "-Name Job2",  # a child: Remove-Job looks for parents only
        "JobWithSpecifiedNameNotFound",
        "ObjectNotFound",
        "The command cannot find the job because the job name Job2 was not found.",
    ),
    (
        "remove_job",
        "-Id 2",
        "CannotRemoveJob",
        "InvalidOperation",
        "The command cannot remove the job because it does not exist or because it is a child job. Child jobs can be"
        " removed only by removing the parent job.",
    ),
    (
        "remove_job",
        "-Job running",
        "JobObjectNotFinishedCannotBeRemoved",
        "InvalidOperation",
        "The command cannot remove the job with the job ID 3 because the job is not finished. To remove the job, first"
        " stop the job, or use the Force parameter. (Parameter 'Job')",
    ),
    (
        "receive_job",
        "1 -Keep -Wait",
        "ParameterBindingFailed",
        "WriteError",
        'Cannot bind parameter \'Wait\' to the target. Exception setting "Wait": "The Wait and Keep parameters cannot'
        ' be used together in the same command."',
    ),
    (
        "receive_job",
        "1 -AutoRemoveJob",
        "InvalidOperation",
        "InvalidOperation",
        "The -AutoRemoveJob parameter cannot be used without the -Wait parameter",
    ),
    (
        "receive_job",
        "1 -WriteEvents",
        "InvalidOperation",
        "InvalidOperation",
        "The WriteEvents parameter cannot be used without the Wait parameter.",
    ),
    (
        "receive_job",
        "1 -WriteJobInResults",
        "InvalidOperation",
        "InvalidOperation",
        "The -WriteJobInResults parameter cannot be used without the -Wait parameter",
    ),
    (
        "receive_job",
        "1 -Force",
        "InvalidOperation",
        "InvalidOperation",
        "The -Force parameter cannot be used without the -Wait parameter.",
    ),
    (
        "get_pssession",
        "-Id 4711",
        "RemoteRunspaceNotAvailableForSpecifiedSessionId",
        "InvalidArgument",
        "The remote session with the session ID 4711 is not available.",
    ),
    (
        "remove_pssession",
        "-Name nope",
        "RemoteRunspaceNotAvailableForSpecifiedName",
        "InvalidArgument",
        "The remote session with the name nope  is not available.",
    ),
    (
        "connect_pssession",
        f"-InstanceId {GUID}",
        "RemoteRunspaceNotAvailableForSpecifiedRunspaceId",
        "InvalidArgument",
        f"Remote session is not available for {GUID}.",
    ),
    (
        "connect_pssession",
        "-ComputerName web01 -Name nope",
        "PSSessionNameMatchFail",
        "InvalidOperation",
        'The command cannot find a PSSession that has the name "nope".',
    ),
    (
        "connect_pssession",
        "-Session closed",
        "PSSessionConnectFailed",
        "InvalidOperation",
        'Cannot connect PSSession "Runspace1", either because it is not in the Disconnected state, or it is not'
        " available for connection. It is Closed.",
    ),
    (
        "receive_pssession",
        "-Session closed",
        "ReceivePSSessionCannotConnectSession",
        "InvalidOperation",
        'Cannot connect PSSession "Runspace1", either because it is not in the Disconnected state, or it is not'
        " available for connection.",
    ),
    (
        "disconnect_pssession",
        "-Session closed",
        "CannotDisconnectSessionWhenNotOpened",
        "InvalidOperation",
        'Cannot disconnect PSSession "Runspace1" because it is not in the Opened state.',
    ),
    (
        "disconnect_pssession",
        "-Name One -IdleTimeoutSec 5",
        "CannotDisconnectSessionWithInvalidIdleTimeout",
        "InvalidArgument",
        "The session One cannot be disconnected because the specified idle time-out value 5 (seconds) is either"
        " greater than the server maximum allowed 2147483 (seconds), or less than the minimum allowed 60 (seconds). "
        " Specify an idle time-out value that is within the allowed range, and try again.",
    ),
]


@pytest.mark.parametrize(("magic", "line", "fqid", "category", "text"), CASES)
def test_a_mistake_is_told_as_powershell_tells_it(
    scene: Scene, magic: str, line: str, fqid: str, category: str, text: str
) -> None:
    with pytest.raises(ShellUsageError) as caught:
        scene.magic(magic, line)
    cmdlet = {
        "get_job": "GetJob", "receive_job": "ReceiveJob", "stop_job": "StopJob", "wait_job": "WaitJob",
        "remove_job": "RemoveJob", "get_pssession": "GetPSSession", "remove_pssession": "RemovePSSession",
        "connect_pssession": "ConnectPSSession", "receive_pssession": "ReceivePSSession",
        "disconnect_pssession": "DisconnectPSSession",
    }[magic]  # fmt: skip
    assert isinstance(caught.value, magics.shell.Mistake)
    assert caught.value.fqid == f"{fqid},Microsoft.PowerShell.Commands.{cmdlet}Command"
    assert caught.value.category == category
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            "-ComputerName web01 -InDisconnectedSession -AsJob",
            "You cannot use the Invoke-Command cmdlet with both the AsJob and Disconnected parameters in the same"
            " command.",
        ),
        (
            "-ComputerName web01 -SessionName Night",
            "The SessionName parameter can only be used with the Disconnected switch parameter.",
        ),
    ],
)
def test_what_invoke_command_refuses(scene: Scene, line: str, text: str) -> None:
    with pytest.raises(magics.shell.Mistake) as caught:
        scene.shell.run_cell_magic("remote_job", line, "done")
    assert (str(caught.value), caught.value.fqid) == (
        text,
        "System.InvalidOperationException,Microsoft.PowerShell.Commands.InvokeCommandCommand",
    )


def test_a_job_that_cannot_be_reached_is_left_as_it_is(scene: Scene) -> None:
    unreachable(scene)
    with pytest.raises(magics.shell.Mistake) as caught:
        scene.magic("stop_job", "-Job away")
    assert caught.value.fqid == "StopJobCannotConnectToServer,Microsoft.PowerShell.Commands.StopJobCommand"
    assert "could not be connected to the server and so could not be stopped." in str(caught.value)
    assert str(scene.shell.user_ns["away"].state) == "Disconnected"


def test_a_session_that_cannot_be_reached_goes_all_the_same(scene: Scene) -> None:
    scene.remote.cut.add("web01")
    scene.opened.remove()
    assert scene.opened.state == "Closed"
    (notice,) = scene.manager.take_notices()
    assert notice.startswith("Remote session One could not be connected and could not be removed from the server.")


def test_waiting_without_force_says_what_is_left_alone(scene: Scene) -> None:
    job = scene.opened.start("hold")
    scene.opened.disconnect()
    assert scene.manager.wait([job], timeout=10) == [job]
    assert any("Specify the -Force parameter to continue" in notice for notice in scene.manager.take_notices())


def test_computer_names_and_sessions_are_of_remoting_jobs_only(scene: Scene) -> None:
    from dataclasses import replace

    scene.done._entry.core = replace(scene.done._entry.core, type=JobType.THREAD)
    asked: list[tuple[Callable[[], object], str]] = [
        (lambda: scene.done.receive(computer_name="web01"), "ComputerNameParameterNotSupported"),
        (lambda: scene.done.receive(session=[scene.opened]), "RunspaceParameterNotSupported"),
    ]
    for ask, fqid in asked:
        with pytest.raises(JobMagicsError) as caught:
            ask()
        assert caught.value.fqid == f"{fqid},Microsoft.PowerShell.Commands.ReceiveJobCommand"
        assert caught.value.category == "InvalidArgument"


def test_a_child_alone_is_not_removed_afterwards(scene: Scene) -> None:
    records = scene.done.children[0].receive(wait=True, auto_remove_job=True)
    (error,) = records.errors
    assert error.id == "ReceiveJobAutoRemovalError,Microsoft.PowerShell.Commands.ReceiveJobCommand"
    assert scene.manager.jobs(id=scene.done.id) == [scene.done]


def test_what_is_no_error(scene: Scene) -> None:
    """A wildcard that finds nothing, a time-out, stopping what has ended, receiving nothing."""
    assert scene.magic("get_job", "-Name nope*") == []
    assert scene.magic("wait_job", "-Job running -Timeout 0") == []
    assert scene.magic("stop_job", "-Job done -PassThru") == [scene.done]
    scene.done.receive()
    assert scene.done.receive().all == []
    assert scene.magic("get_pssession", "-Name nope*") == []


def test_the_texts_are_those_that_were_recorded() -> None:
    """Every id that our table and a recorded walkthrough share has the recorded text."""
    from jobmagics.sessions import complaints

    recorded = "\n".join(path.read_text(encoding="utf-8") for path in sorted(RECORDED.glob("*.txt")))
    table = [*complaints.NO_JOB.values(), *complaints.NO_SESSION.values(), *complaints.NEEDS_WAIT.values()]
    table += [each for each in vars(complaints).values() if isinstance(each, complaints.Wording)]
    seen = set()
    for wording in table:
        pieces = wording.text.replace("{:g}", "{}").replace("{:.0f}", "{}").split("{}")
        for line in recorded.splitlines():
            known = line.startswith(f"ERROR[{wording.fqid},") and f"({wording.category})" in line
            if known and all(piece in line for piece in pieces):
                seen.add(wording.fqid)
    assert seen >= {
        "JobWithSpecifiedSessionNotFound", "JobWithSpecifiedNameNotFound", "JobObjectNotFinishedCannotBeRemoved",
        "BlockedJobsDeadlockWithWaitJob", "ParameterBindingFailed", "InvalidOperation",
        "RemoteRunspaceNotAvailableForSpecifiedSessionId", "RemoteRunspaceNotAvailableForSpecifiedName",
    }  # fmt: skip
