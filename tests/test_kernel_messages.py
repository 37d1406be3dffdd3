"""Every reply of the PowerShell kernel at the level of messages: each is held against Jupyter's own specification."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_kernel_test.msgspec_v5 import validate_message
from powershell_notebook import SECONDS, Notebook, own_place

pytestmark = pytest.mark.timeout(60)
Message = dict[str, Any]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with own_place() as directory:
        yield directory


@pytest.fixture(scope="module")
def notebook(place: Path) -> Iterator[Notebook]:
    notebook = Notebook("messages", place)
    yield notebook
    notebook.close()


def reply_to(notebook: Notebook, request: str, kind: str, channel: str = "shell") -> Message:
    """The content of a reply that is as the specification has it."""
    while True:
        message = getattr(notebook.client, f"get_{channel}_msg")(timeout=SECONDS)
        if message["parent_header"].get("msg_id") == request:
            validate_message(message, f"{kind}_reply", request)
            return dict(message["content"])


def said(notebook: Notebook, request: str) -> list[tuple[str, Message]]:
    """What a request sent to the page, each as the specification has it, from busy to idle."""
    found: list[tuple[str, Message]] = []
    while True:
        message = notebook.client.get_iopub_msg(timeout=SECONDS)
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["header"]["msg_type"], message["content"]
        validate_message(message, kind, request)
        found.append((kind, content))
        if kind == "status" and content["execution_state"] == "idle":
            return found


def executed(notebook: Notebook, code: str, **details: Any) -> tuple[Message, list[str], list[tuple[str, Message]]]:
    """A cell's reply, the kinds of its messages between busy and idle, and these."""
    request = notebook.client.execute(code, allow_stdin=False, **details)
    messages = said(notebook, request)
    assert [content["execution_state"] for kind, content in messages if kind == "status"] == ["busy", "idle"]
    return reply_to(notebook, request, "execute"), [kind for kind, _ in messages[1:-1]], messages[1:-1]


def test_a_cell_is_counted_and_echoed(notebook: Notebook) -> None:
    reply, kinds, messages = executed(notebook, "$n = 1; 6 * 7")
    assert kinds == ["execute_input", "execute_result"]
    assert messages[0][1] == {"code": "$n = 1; 6 * 7", "execution_count": reply["execution_count"]}
    assert messages[1][1]["execution_count"] == reply["execution_count"]
    assert {**reply, "execution_count": 0} == {
        "status": "ok", "execution_count": 0, "payload": [], "user_expressions": {}
    }  # fmt: skip
    following, _, _ = executed(notebook, "")
    assert following["status"] == "ok"
    assert executed(notebook, "'x'")[0]["execution_count"] > reply["execution_count"]


def test_a_silent_cell_is_neither_counted_nor_shown_nor_kept(notebook: Notebook) -> None:
    before = executed(notebook, "'counted'")[0]["execution_count"]
    reply, kinds, _ = executed(notebook, "'hidden'; Write-Error hidden; 7", silent=True)
    assert kinds == []
    assert reply["status"] == "ok"
    assert executed(notebook, "throw 'x'", silent=True)[1] == []
    assert executed(notebook, "'counted'")[0]["execution_count"] == before + 1
    assert executed(notebook, "'kept nowhere'", store_history=False)[0]["status"] == "ok"
    told = reply_to(notebook, notebook.client.history(hist_access_type="tail", n=1, raw=True), "history")
    assert [source for _, _, source in told["history"]] == ["'counted'"]


@pytest.mark.parametrize("code", ["throw 'on purpose'", "if ($true {", "Get-Item /nope -ErrorAction Stop", "%no_magic"])
def test_an_error_is_the_same_in_reply_and_page(notebook: Notebook, code: str) -> None:
    reply, kinds, messages = executed(notebook, code)
    assert reply["status"] == "error"
    assert kinds[-1] == "error"
    facts = ("ename", "evalue", "traceback")
    assert [reply[fact] for fact in facts] == [messages[-1][1][fact] for fact in facts]
    assert reply["ename"]
    assert reply["evalue"]


def test_what_stands_in_line_is_aborted_after_an_error_unless_it_asks_not_to_be(notebook: Notebook) -> None:
    failing = "Start-Sleep -Milliseconds 300; throw 'x'"
    first, second = notebook.client.execute(failing), notebook.client.execute("'never'")
    assert reply_to(notebook, first, "execute")["status"] == "error"
    message = notebook.client.get_shell_msg(timeout=SECONDS)
    assert message["parent_header"]["msg_id"] == second
    assert message["content"]["status"] == "aborted"
    said(notebook, second)
    first, second = notebook.client.execute(failing, stop_on_error=False), notebook.client.execute("'runs'")
    assert reply_to(notebook, first, "execute")["status"] == "error"
    assert reply_to(notebook, second, "execute")["status"] == "ok"
    assert ("stream", {"name": "stdout", "text": "runs\n"}) in said(notebook, second)


def test_expressions_of_the_front_end_are_answered_one_by_one(notebook: Notebook) -> None:
    reply, _, _ = executed(notebook, "$n = 41", user_expressions={"good": "$n + 1", "bad": "throw 'no'", "none": ""})
    values = reply["user_expressions"]
    assert values["good"] == {"status": "ok", "data": {"text/plain": "42"}, "metadata": {}}
    assert (values["bad"]["status"], values["bad"]["evalue"]) == ("error", "no")
    assert values["none"]["status"] == "ok"
    failed, _, _ = executed(notebook, "throw 'x'", user_expressions={"good": "1"})
    assert "user_expressions" not in failed


@pytest.mark.parametrize(
    "question", ["Read-Host name", "Get-Credential", "$Host.UI.PromptForChoice('a', 'b', '&Y', 0)"]
)
def test_where_nobody_can_be_asked_a_question_is_an_error(notebook: Notebook, question: str) -> None:
    _, kinds, messages = executed(notebook, f"{question}; 'went on'")
    told = "".join(content.get("text", "") + "\n".join(content.get("traceback", ())) for _, content in messages)
    assert "this front end cannot ask" in told
    assert "input_request" not in kinds


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("", "complete"),
        ("1 + 1", "complete"),
        ("function f {", "incomplete"),
        ("'open", "incomplete"),
        ("@'\nhere", "incomplete"),
        ("1 |", "incomplete"),
        ("1 +* 2", "invalid"),
        ("}", "invalid"),
        ("%get_job", "complete"),
    ],
)
def test_is_complete(notebook: Notebook, code: str, status: str) -> None:
    assert reply_to(notebook, notebook.client.is_complete(code), "is_complete")["status"] == status


@pytest.mark.parametrize(
    "code", ["Get-Chil", "$Hos", "[System.IO.", "", "'text'", "%get_j", "no-such-thing", "\U0001f600"]
)
def test_completion(notebook: Notebook, code: str) -> None:
    reply = reply_to(notebook, notebook.client.complete(code, len(code)), "complete")
    assert reply["cursor_start"] <= reply["cursor_end"] == len(code)
    kinds = reply["metadata"].get("_jupyter_types_experimental", [])
    assert [kind["text"] for kind in kinds] in ([], reply["matches"])


@pytest.mark.parametrize(
    ("code", "found"), [("Get-ChildItem", True), ("$Host", True), ("no-such-thing", False), ("", False)]
)
@pytest.mark.parametrize("detail", [0, 1])
def test_inspection(notebook: Notebook, code: str, found: bool, detail: int) -> None:
    reply = reply_to(notebook, notebook.client.inspect(code, len(code), detail), "inspect")
    assert reply["found"] is found
    assert bool(reply["data"].get("text/plain")) is found


@pytest.mark.parametrize(
    "asked",
    [
        {"hist_access_type": "tail", "n": 2},
        {"hist_access_type": "tail", "n": 2, "output": True},
        {"hist_access_type": "search", "pattern": "*", "n": 2, "unique": True},
        {"hist_access_type": "range", "session": 0, "start": 1, "stop": 3},
        {"hist_access_type": "range", "session": -1000, "start": 1, "stop": 3},
    ],
)
def test_history(notebook: Notebook, asked: dict[str, Any]) -> None:
    executed(notebook, "'one of them'")
    told = reply_to(notebook, notebook.client.history(raw=True, **asked), "history")["history"]
    assert len(told) <= 2
    for _session, _line, source in told:
        assert isinstance(source, list if asked.get("output") else str)


def test_a_shutdown_is_answered_and_ends_the_process(place: Path) -> None:
    own = Notebook("ending", place)
    try:
        assert own.run("'there'").text == "there\n"
        request = own.client.shutdown(restart=False)
        assert reply_to(own, request, "shutdown", "control") == {"status": "ok", "restart": False}
        own.manager.provisioner.process.wait(SECONDS)  # type: ignore[union-attr]
    finally:
        own.close()
