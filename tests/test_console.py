"""What the PowerShell kernel makes of a session's host calls, without a kernel: the exchanges are those that real
PowerShell 7.6.5 had with a host (tests/data/outofproc.jsonl.gz).
"""

from __future__ import annotations

import base64
import datetime
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from jobmagics.console.progress import ProgressBoard
from jobmagics.console.prompts import ask
from jobmagics.console.streams import Console
from jobmagics.console.texts import colored, painted, plain
from jobmagics.errors import UsageError
from jobmagics.psobject import PSObject, SecureString
from jobmagics.remote import HostAnswer, HostCall
from jobmagics.remote.fragments import Defragmenter, Kind, Message
from jobmagics.remote.messages import host_call
from jobmagics.remote.questions import question_of
from jobmagics.store import StoredMessage

RECORDS = Path(__file__).parent / "data" / "outofproc.jsonl.gz"
DATA = re.compile(r"<Data Stream='(\w+)' PSGuid='([0-9a-f-]+)'>(.*)</Data>")


def recorded(name: str) -> list[Message]:
    """The messages that pwsh sent for its pipelines."""
    with gzip.open(RECORDS, "rt", encoding="utf-8") as lines:
        exchange = next(found for line in lines if (found := json.loads(line))["name"] == name)
    streams: dict[str, Defragmenter] = {}
    messages: list[Message] = []
    for direction, line in exchange["lines"]:
        data = DATA.match(line)
        if direction == "<" and data and data[2] != "00000000-0000-0000-0000-000000000000":
            stream = streams.setdefault(data[2], Defragmenter(-1, b""))
            messages += stream.feed(base64.b64decode(data[3]))
    assert messages
    return messages


class Page:
    """What a front end got."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def send(self, kind: str, content: dict[str, Any]) -> None:
        self.sent.append((kind, content))

    def text(self, stream: str) -> str:
        return "".join(c["text"] for kind, c in self.sent if kind == "stream" and c["name"] == stream)


def shown(messages: list[Message]) -> tuple[Page, Console]:
    page = Page()
    console = Console(page.send)
    now = datetime.datetime.now(datetime.timezone.utc)
    for number, message in enumerate(messages):
        console.show(StoredMessage(number, message.kind, now, message.data))
        console.flush()
    console.close()
    return page, console


def test_all_streams_of_pwsh_are_shown_once() -> None:
    page, _ = shown(recorded("cell_mixed_streams"))
    assert page.text("stdout") == (
        "out\n\x1b[33;1mWARNING: careful\x1b[0m\n\x1b[33;1mVERBOSE: detail\x1b[0m\n"
        "\x1b[92;104mgreen\x1b[0m\ninfo\n\x1b[33;1mDEBUG: dbg\x1b[0m\nend\n"
    )
    assert page.text("stderr") == "\x1b[31;1mWrite-Error: bad thing\x1b[0m\n"


def test_what_pwsh_writes_to_its_host() -> None:
    page, _ = shown(recorded("host_write"))
    assert page.text("stdout").startswith("ab\n\x1b[91mc\x1b[0m\nServerRemoteHost\n")
    assert page.text("stderr") == "\x1b[31;1merr\x1b[0m\n"


def test_an_error_that_ends_a_pipeline_of_pwsh() -> None:
    _, console = shown(recorded("error_terminating_throw"))
    assert "Exception: " in console.error_text(console.failure)


def test_fifty_progress_records_of_pwsh_are_one_display() -> None:
    page, _ = shown(recorded("host_progress_many"))
    kinds = [kind for kind, _ in page.sent if kind != "stream"]
    assert kinds[0] == "display_data"
    assert set(kinds[1:]) == {"update_display_data"}
    assert page.sent[-1][1]["data"] == {"text/plain": ""}


# -- progress


def record(activity: str, number: int = 0, **details: Any) -> PSObject:
    facts = {"Activity": activity, "ActivityId": number, "ParentActivityId": -1, "PercentComplete": -1}
    return PSObject({**facts, "SecondsRemaining": -1, "Type": 0, **details})


def test_activities_nest_and_updates_are_held_back() -> None:
    page, now = Page(), [0.0]
    board = ProgressBoard(page.send, clock=lambda: now[0])
    board.take(record("Copying", 1, PercentComplete=50, SecondsRemaining=12))
    board.take(record("One file", 2, ParentActivityId=1, StatusDescription="a.txt", CurrentOperation="reading"))
    board.refresh()
    assert page.sent[0][1]["data"]["text/plain"] == (
        f"Copying  {'█' * 15}{'░' * 15}  50 %  12 s left\n  One file  a.txt · reading"
    )
    board.take(record("Copying", 1, PercentComplete=60))
    board.refresh()
    assert len(page.sent) == 1
    now[0] = 0.3
    board.refresh()
    assert "60 %" in page.sent[1][1]["data"]["text/plain"]
    board.take(record("Copying", 1, Type=1))
    board.close()
    assert page.sent[-1][1]["data"]["text/plain"] == ""
    assert {content["transient"]["display_id"] for _, content in page.sent} == {
        page.sent[0][1]["transient"]["display_id"]
    }


def test_no_progress_is_no_display() -> None:
    page = Page()
    ProgressBoard(page.send).close()
    assert page.sent == []


# -- questions


def call_of(name: str) -> HostCall:
    return next(host_call(m.data) for m in recorded(name) if m.kind == Kind.HOST_CALL)


class Typing:
    """A person who types these lines. ``secrets``: the prompts whose answers were not shown."""

    def __init__(self, typed: tuple[str, ...]) -> None:
        self.left = list(typed)
        self.prompts: list[str] = []
        self.secrets: list[str] = []
        self.told: list[str] = []

    def line(self, prompt: str) -> str:
        self.prompts.append(prompt)
        return self.left.pop(0)

    def secret(self, prompt: str) -> str:
        self.secrets.append(prompt)
        return self.left.pop(0)

    def tell(self, text: str) -> None:
        self.told.append(text)


def put(call: HostCall, *typed: str) -> tuple[HostAnswer, Typing]:
    person = Typing(typed)
    question = question_of(call)
    assert question is not None
    answer = question.answer(ask(question, person))
    assert not person.left
    return answer, person


def asked(call: HostCall, *typed: str) -> tuple[HostAnswer, list[str], list[str]]:
    answer, person = put(call, *typed)
    assert not person.secrets
    return answer, person.prompts, person.told


def test_mandatory_parameters_of_pwsh() -> None:
    found, prompts, told = asked(call_of("host_prompt_mandatory"), "Ada", "36")
    assert dict(found.value) == {"Name": "Ada", "Age": "36"}
    assert prompts == ["Name: ", "Age: "]
    assert told == ["cmdlet Ask at command pipeline position 1", "Supply values for the following parameters:"]


@pytest.mark.parametrize(("typed", "chosen"), [("", 0), ("a", 1), ("yes to all", 1), ("N", 2), ("l", 3)])
def test_a_confirmation_of_pwsh(typed: str, chosen: int) -> None:
    found, prompts, told = asked(call_of("host_confirm"), typed)
    assert found.value == chosen
    assert prompts == ['[Y] Yes  [A] Yes to All  [N] No  [L] No to All  [?] Help (default is "Y"): ']
    assert told[0] == "Confirm"


def test_a_choice_asks_again_until_it_is_one() -> None:
    found, prompts, _ = asked(call_of("host_choice"), "perhaps", "c")
    assert found.value == 2
    assert len(prompts) == 2


def test_a_list_is_asked_for_until_an_empty_line() -> None:
    described = PSObject({"name": "Name", "parameterTypeFullName": "System.String[]"})
    found, prompts, _ = asked(HostCall(1, 23, ["", "", [described]]), "a", "b", "")
    assert dict(found.value) == {"Name": ["a", "b"]}
    assert prompts == ["Name[0]: ", "Name[1]: ", "Name[2]: "]


def test_a_secret_is_typed_unseen() -> None:
    found, person = put(call_of("host_read_secure"), "hidden")
    assert isinstance(next(iter(found.value.values())) if hasattr(found.value, "values") else found.value, SecureString)
    assert len(person.secrets) == 1
    assert "hidden" not in repr(found)


def test_a_credential_is_a_name_and_a_secret() -> None:
    found, person = put(HostCall(1, 25, ["Sign in", "To web01", "", "", None, None]), "ada", "hidden")
    assert found.value._adapted["UserName"] == "ada"
    assert found.value._adapted["Password"].reveal() == "hidden"
    assert (person.prompts, person.secrets) == (["User: "], ["Password for user ada: "])
    assert person.told == ["Sign in", "To web01"]
    _found, person = put(HostCall(1, 24, ["", "", "bob", ""]), "hidden")
    assert (person.prompts, person.secrets) == ([], ["Password for user bob: "])


def test_several_choices_end_with_an_empty_line() -> None:
    offered = [PSObject({"label": label, "helpMessage": ""}) for label in ("&Red", "&Green", "Blue")]
    call = HostCall(1, 56, ["Pick", "Colours", offered, [0, 2]])
    assert put(call, "")[0].value == [0, 2]
    found, person = put(call, "g", "purple", "blue", "")
    assert found.value == [1, 2]
    assert person.told[2] == '[R] Red  [G] Green  Blue  [?] Help (default choices are "R,Blue"): '
    assert person.told[3] == "'purple' is none of the choices: Red, Green, Blue."


def test_fields_are_answered_by_name() -> None:
    question = question_of(call_of("host_prompt_mandatory"))
    assert question is not None
    with pytest.raises(UsageError, match="a dictionary of Name, Age"):
        question.answer({"Name": "Ada"})
    with pytest.raises(UsageError, match="answer to Age is a text, not int"):
        question.answer({"Name": "Ada", "Age": 36})


def test_what_no_person_can_answer_is_no_question() -> None:
    assert question_of(HostCall(1, 31, [])) is None


# -- texts


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("\x1b[31;1mred\x1b[0m", "\x1b[31;1mred\x1b[0m"),
        ("a\x1b[2Jb\x1b[?25lc", "abc"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x07", "link"),
        ("\x1b]0;team", ""),
        ("bell\x07 tab\t cr\r nul\x00", "bell tab\t cr\r nul"),
        ("\x9b31mc1", "31mc1"),
    ],
)
def test_only_colours_pass(text: str, kept: str) -> None:
    assert colored(text) == kept


def test_plain_is_one_line() -> None:
    assert plain("a\x1b[31m\nb\tc\x07") == "a b c"


def test_console_colours() -> None:
    assert painted("x", 12, None) == "\x1b[91mx\x1b[0m"
    assert painted("x", 1, 14) == "\x1b[34;103mx\x1b[0m"
    assert painted("x", None, None) == "x"
