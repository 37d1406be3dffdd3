"""The words of magic lines: PowerShell's spelling, Jupyter's, and what is said to mistakes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobmagics.errors import NotFound, UsageError
from jobmagics.options import complete, parse, specs
from jobmagics.options.job_specs import GET_JOB, RECEIVE_JOB, REMOTE_JOB, WAIT_JOB
from jobmagics.options.session_specs import NEW_PSSESSION


class FakeJob:
    has_more_data = False


@pytest.mark.parametrize(
    "line",
    [
        "-ComputerName web01,web02",
        "-computername web01, web02",
        "-cn web01 ,web02",
        "-Comp:web01,web02",
        "--computer-name web01,web02",
        "--computer-name=web01,web02",
        "--computername 'web01',\"web02\"",
        "web01,web02",
        "-ComputerName $hosts",
        "-ComputerName {hosts}",
        "-ComputerName web01,$second  # a note",
    ],
)
def test_one_option_many_spellings(line: str) -> None:
    namespace = {"hosts": ["web01", "web02"], "second": "web02"}
    assert parse(REMOTE_JOB, line, namespace).get("ComputerName") == ["web01", "web02"]


def test_switches_texts_and_numbers_together() -> None:
    found = parse(REMOTE_JOB, "-JobName 'my job' --wait -Port 5986 -UseSSL:$false -Authentication ntlm", {})
    assert found.values == {
        "JobName": "my job", "Wait": True, "Port": 5986, "UseSSL": False, "Authentication": "NTLM",
    }  # fmt: skip


def test_arguments_are_python_values() -> None:
    found = parse(REMOTE_JOB, "-ArgumentList 5, [1, 2], (limit * 2), 'a, b', $true, $null, {'k': (1, 2)}", {"limit": 4})
    assert found.get("ArgumentList") == [5, [1, 2], 8, "a, b", True, None, {"k": (1, 2)}]


def test_a_list_variable_is_one_argument() -> None:
    assert parse(REMOTE_JOB, "-ArgumentList $rows, 2", {"rows": [1, 2, 3]}).get("ArgumentList") == [[1, 2, 3], 2]


def test_bare_values_find_their_option() -> None:
    job = FakeJob()
    assert parse(RECEIVE_JOB, "3, 4", {}).values == {"Id": [3, 4]}
    assert parse(RECEIVE_JOB, "disks", {}).values == {"Name": ["disks"]}
    assert parse(RECEIVE_JOB, "disks -Keep", {"disks": job}).values == {"Job": [job], "Keep": True}
    assert parse(RECEIVE_JOB, "-Job pair", {"pair": [job, job]}).values == {"Job": [job, job]}
    assert parse(RECEIVE_JOB, "'disks'", {"disks": job}).values == {"Name": ["disks"]}


def test_negative_numbers_are_values() -> None:
    assert parse(WAIT_JOB, "-Timeout -1", {}).get("Timeout") == -1


def test_doubled_quotes_and_windows_paths() -> None:
    found = parse(REMOTE_JOB, r"-FilePath 'C:\Ann''s scripts\a.ps1'", {})
    assert found.get("FilePath") == r"C:\Ann's scripts\a.ps1"


@pytest.mark.parametrize(
    ("spec", "line", "said"),
    [
        (RECEIVE_JOB, "-Keap", "%receive_job has no option -Keap; it has -Job, -Id, -Name"),
        (GET_JOB, "--nme x", "%get_job has no option --nme; it has -Id, -Name"),
        (GET_JOB, "-I 1", "-I is ambiguous: it could be -Id, -InstanceId or -IncludeChildJob."),
        (GET_JOB, "-Id one", "-Id wants a whole number, not 'one'."),
        (GET_JOB, "-Id", "-Id needs a value: -Id <number>[,<number>]."),
        (GET_JOB, "-State Runing", "-State wants one of NotStarted, Running"),
        (GET_JOB, "-HasMoreData maybe", "-HasMoreData wants $true or $false, not 'maybe'."),
        (GET_JOB, "-After yesterday", "-After wants a time such as"),
        (GET_JOB, "-Id 1 -Id 2", "-Id is given twice."),
        (GET_JOB, "-Id 1 -Name n", "%get_job takes one of -Id or -Name, not both."),
        (GET_JOB, "-Newest 1,2", "-Newest takes one value, not 2."),
        (GET_JOB, "-Name 'half", "a quoted text is not closed, ' is missing."),
        (REMOTE_JOB, "-ArgumentList [1, 2", "a bracket is not closed, ] is missing."),
        (REMOTE_JOB, "-cn web01,,web02", "a value is missing beside the comma"),
        (REMOTE_JOB, "-Wait:perhaps", "-Wait is a switch: write -Wait or -Wait:$false."),
        (REMOTE_JOB, "a b", "%%remote_job does not know what 'b' is for; name the option: -ComputerName"),
        (REMOTE_JOB, "-ArgumentList 1/0", "is not a Python expression that works: division by zero."),
        (RECEIVE_JOB, "-Job number", "-Job wants a variable that holds a job; number does not."),
        (NEW_PSSESSION, "-Port https", "-Port wants a TCP port from 1 to 65535, not 'https'."),
    ],
)
def test_mistakes_are_one_clear_sentence(spec: specs.MagicSpec, line: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(spec, line, {"number": 3})
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_variable_is_named() -> None:
    with pytest.raises(NotFound, match="name 'threshold' is not defined"):
        parse(REMOTE_JOB, "-ArgumentList threshold", {})


def test_completion_keeps_the_spelling_begun() -> None:
    assert complete(REMOTE_JOB, "-comp") == ["-ComputerName"]
    assert complete(REMOTE_JOB, "--job") == ["--job-name"]
    assert complete(REMOTE_JOB, "web") == []


@pytest.mark.parametrize("spec", specs.ALL, ids=lambda spec: spec.name)
def test_every_magic_explains_itself(spec: specs.MagicSpec) -> None:
    text = spec.help_text()
    assert spec.summary in text
    assert spec.name in spec.example
    assert all(option.usage() in text and option.help.endswith(".") for option in spec.options)
    assert {name for group in spec.conflicts for name in group} <= {option.name for option in spec.options}
    assert set(spec.positional) <= {option.name for option in spec.options}


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_quoting_carries_any_text(texts: list[str]) -> None:
    line = "-Name " + ",".join("'" + text.replace("'", "''") + "'" for text in texts)
    assert parse(GET_JOB, line, {}).get("Name") == texts


@given(st.text())
def test_any_line_is_read_or_refused(line: str) -> None:
    try:
        told = parse(GET_JOB, line, {})
    except UsageError as error:
        told = error.message
    assert told
