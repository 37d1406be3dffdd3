"""The PowerShell kernel against what real pwsh 7.6.5 said: the recorded conversations, played to a real kernel through
a real session host, and the forms of what the kernel asks and is asked.

A cell is a pipeline of the recording, whatever its script. Recordings of interactive cells end with Out-Default, so
their formatted text comes as calls of the host; others give objects. Not in the recordings, and so not seen here: the
prelude's own requests (their wire form is: a prompt), secrets (their key was another client's).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conversations import CONVERSATIONS, steps
from powershell_notebook import Notebook, Ran, own_place

from jobmagics import clixml
from jobmagics.console.streams import Console
from jobmagics.host.outofproc import parse_line
from jobmagics.kernel import tools
from jobmagics.kernel.requests import FIELD, Requests, request_of
from jobmagics.psobject import PSObject
from jobmagics.remote import HostCall
from jobmagics.remote.fragments import Defragmenter, Kind
from jobmagics.remote.messages import host_call
from jobmagics.remote.questions import question_of
from jobmagics.sessions.pssessions import utc_now
from jobmagics.store import StoredMessage

pytestmark = pytest.mark.timeout(60)
SET_UP = "state_between_pipelines"
"""Its first pipeline ends well and gives nothing: it answers what the kernel runs before its first cell."""
Play = Callable[[str], Notebook]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A host whose pwsh plays what the file ``play`` names."""
    with own_place() as directory:
        player = [sys.executable, str(Path(__file__).parent / "replaying_pwsh.py"), f"@{directory / 'play'}"]
        engines = directory.parent / "host" / "engines.json"
        engines.write_text(json.dumps({"Microsoft.PowerShell": player}))
        yield directory


@pytest.fixture
def play(place: Path) -> Iterator[Play]:
    """A kernel whose session says what a conversation has."""
    opened: list[Notebook] = []

    def begin(conversation: str) -> Notebook:
        (place / "play").write_text(f"{conversation} {SET_UP}")
        opened.append(Notebook(conversation, place))
        return opened[-1]

    yield begin
    for notebook in opened:
        notebook.close()


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


# -- what a cell shows


@pytest.mark.parametrize(
    ("conversation", "text"),
    [
        ("cell_table", "\nId Name\n-- ----\n 1 n1\n 2 n2\n 3 n3\n\n"),
        ("cell_native", "err\nout\ncode 3\n"),
        ("cell_exit", "before exit\n"),
        ("cell_clear_host", "after clear\n"),
        (
            "cell_mixed_streams",
            "out\nWARNING: careful\nVERBOSE: detail\nWrite-Error: bad thing\ngreen\ninfo\nDEBUG: dbg\nend\n",
        ),
        ("host_write", "ab\nc\nerr\n"),
    ],
)
def test_what_the_session_writes_to_its_host_is_what_the_cell_says(play: Play, conversation: str, text: str) -> None:
    ran = play(conversation).run("the recorded script")
    assert ran.reply["status"] == "ok"
    assert plain(ran.text).startswith(text)


def test_colours_and_errors_are_the_pages(play: Play) -> None:
    ran = play("cell_mixed_streams").run("the recorded script")
    assert "\x1b[33;1mWARNING: careful\x1b[0m\n" in ran.text
    assert "\x1b[92;104mgreen\x1b[0m\n" in ran.text  # on the background that the recorded host had
    assert plain(ran.stream("stderr")) == "Write-Error: bad thing\n"


@pytest.mark.parametrize(
    ("conversation", "name", "value", "before"),
    [
        ("cell_throw", "RuntimeException", "boom", "before\n"),
        ("error_terminating_throw", "RuntimeException", "boom", "before\n"),
        ("cell_parse_error", "IncompleteParseException", "Missing closing '}'", ""),
        ("error_parse", "IncompleteParseException", "Missing closing '}'", ""),
        ("error_action_stop", "ItemNotFoundException", "Cannot find path", ""),
    ],
)
def test_what_ends_a_pipeline_fails_its_cell(play: Play, conversation: str, name: str, value: str, before: str) -> None:
    ran = play(conversation).run("the recorded script")
    assert ran.stream("stdout") == before
    assert ran.reply["status"] == "error"
    assert (name, True) == (ran.reply["ename"], value in ran.reply["evalue"])
    assert value in plain("\n".join(ran.reply["traceback"]))


def test_errors_that_end_nothing_are_shown_and_the_cell_goes_on(play: Play) -> None:
    ran = play("cell_errors").run("the recorded script")
    assert ran.reply["status"] == "ok"
    assert "Get-Nonexistent: " in plain(ran.stream("stderr"))
    assert "is not recognized as a name of a cmdlet" in plain(ran.stream("stderr"))
    assert ran.stream("stdout") == "still here\n"


def test_objects_of_pwsh_have_powershells_form(play: Play) -> None:
    ran = play("output_custom_objects").run("the recorded script")
    shown = ran.messages[-1][2]["data"]
    assert shown["text/plain"].splitlines()[0].split() == ["Id", "Name", "Tags", "Nested"]
    assert len(shown["text/plain"].splitlines()) == 5
    assert shown["text/html"].count("<tr>") == 4
    ran = play("psversiontable").run("$PSVersionTable")
    table = ran.messages[-1][2]["data"]["text/plain"]
    assert re.search(r"PSVersion +7\.6\.5", table)


def test_much_output_is_whole_and_in_few_messages(play: Play) -> None:
    (step,) = steps("large_output")
    ran = play("large_output").run("the recorded script")
    assert ran.stream("stdout").splitlines() == step.output
    assert len(ran.messages) < 50


@pytest.mark.parametrize(
    ("conversation", "texts"),
    [
        ("cell_progress", [f"{percent} %  file {percent // 20}" for percent in (20, 40, 60, 80, 100)]),
        ("host_progress_many", [f"{step * 2} %  step {step}" for step in range(1, 51)]),
    ],
)
def test_progress_is_one_display_that_ends_empty(conversation: str, texts: list[str]) -> None:
    sent: list[dict[str, Any]] = []
    console = Console(lambda kind, content: sent.append(content) if "display" in kind else None)
    board = console._progress
    for data in messages(conversation, "<", Kind.HOST_CALL):
        board._next = 0.0  # each as if it came long after the one before
        console.show(StoredMessage(1, Kind.HOST_CALL, utc_now(), data))
        console.flush()
    console.close()
    assert len({content["transient"]["display_id"] for content in sent}) == 1
    shown = [content["data"]["text/plain"] for content in sent]
    assert [text.split("█")[-1].strip("░ ") for text in shown[: len(texts)]] == texts
    assert shown[-1] == ""


# -- what a session asks


def test_a_line_is_asked_for_under_its_prompt(play: Play) -> None:
    notebook = play("cell_read_host")
    ran = notebook.answered("the recorded script", "Ada")
    assert notebook.prompts == ["Your name: "]
    assert plain(ran.stream("stdout")).startswith("hello ")


def test_a_choice_is_asked_for_by_its_letter(play: Play) -> None:
    notebook = play("host_choice")
    ran = notebook.answered("the recorded script", "n")
    assert notebook.prompts == ['[Y] Yes  [N] No  [C] Cancel  [?] Help (default is "Y"): ']
    assert ran.text == "Pick\nWhich one?\n1\n"


def test_a_confirmation_says_what_is_to_be_done(play: Play) -> None:
    notebook = play("host_confirm")
    ran = notebook.answered("the recorded script", "y")
    assert "Are you sure you want to perform this action?" in ran.text
    assert "the thing" in ran.text
    assert ran.text.endswith("done\n")


def test_each_mandatory_parameter_has_its_box(play: Play) -> None:
    notebook = play("host_prompt_mandatory")
    ran = notebook.answered("the recorded script", "Ada", "36")
    assert notebook.prompts == ["Name: ", "Age: "]
    assert ran.text.endswith("Ada is 36\n")


# -- stopping


def test_an_interrupt_stops_pwshs_pipeline_and_its_session_goes_on(play: Play) -> None:
    notebook = play("stop_sleeping")
    request, ran = notebook.begin("the recorded script"), Ran()
    notebook.take(request, ran, until="start")
    notebook.manager.interrupt_kernel()
    notebook.finish(request, ran)
    assert ran.reply["ename"] == "PipelineStopped"
    assert notebook.run("the next one").stream("stdout") == "again\n"


# -- the forms of what goes over the wire


def messages(conversation: str, way: str, kind: int) -> list[bytes]:
    readers: dict[str, Defragmenter] = {}
    found = []
    for direction, line in CONVERSATIONS[conversation]:
        packet = parse_line(line.encode())
        if direction == way and packet.data:
            found += [
                m.data for m in readers.setdefault(packet.guid, Defragmenter()).feed(packet.data) if m.kind == kind
            ]
    return found


class Nobody:
    def line(self, prompt: str) -> str:
        raise AssertionError(prompt)

    secret = tell = line


def test_pwshs_prompt_carries_the_preludes_request_and_its_answer() -> None:
    """The prompt that pwsh sent for Read-Host, with the prelude's texts in their places."""
    (recorded,) = messages("host_read_line", "<", Kind.HOST_CALL)
    call = host_call(recorded)
    words = clixml.encode_objs([PSObject({"Word": "Get-Answer", "Words": PSObject({"Id": 3})})], depth=4)
    described = call.parameters[2]
    field = (described if isinstance(described, list) else described._base)[0]
    field._extended["name"] = FIELD
    question = question_of(HostCall(call.call_id, call.method, ["", words, described]))
    request = request_of(question)
    assert question is not None
    assert request is not None
    served = Requests(lambda: None, {"Get-Answer": lambda given: [{"Kind": "output", "Value": given["Id"] + 1}]})  # type: ignore[arg-type, return-value]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(served, "_manager", Silent)
        text = served.serve(request, Nobody())
    answer = question.answer(text).value
    assert dict(answer) == {FIELD: text}
    (theirs,) = messages("host_read_line", ">", 0x41101)
    assert type(clixml.decode(theirs)._find("mr")[1]) is type(answer), "a dictionary of texts, as pwsh took it"
    (entry,) = clixml.decode_objs(text)[0]._find("Entries")[1]
    assert entry._find("Value")[1] == 4


class Silent:
    def take_notices(self) -> list[str]:
        return []


class Told:
    """The cells' session, which gives what a recorded one would print."""

    def __init__(self, text: str) -> None:
        self.text = text

    def ask(self, script: str, arguments: tuple[Any, ...], seconds: float) -> list[Any]:
        assert "TabExpansion2" in script
        return [self.text]


def test_completions_of_pwsh_have_their_place_and_kind() -> None:
    (step,) = steps("completion")
    facts = [
        [_text(each, name) for name in ("CompletionText", "ListItemText", "ResultType", "ToolTip")]
        for each in step.output
    ]
    kinds = [kind for _, _, kind, _ in facts]
    assert kinds == ["Command", "Variable", "ParameterName"]
    assert set(kinds) <= set(tools.ICONS)
    told = Told(json.dumps({"start": 0, "length": 8, "matches": facts}))
    reply = tools.complete(told, "Get-Proc", 8)  # type: ignore[arg-type]
    assert "Get-Process" in reply["matches"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (0, 8)
    assert reply["metadata"]["_jupyter_types_experimental"][0]["type"] == "function"
    assert reply["metadata"]["_jupyter_types_experimental"][0]["signature"].startswith("Get-Process [[-Name]")


def _text(value: PSObject, name: str) -> str:
    """A property of a recorded object; not all were recorded with all of them."""
    found = value._find(name)
    return "" if found is None else str(found[1])
