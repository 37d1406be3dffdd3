"""Commands and types that only real PowerShell has are refused by name."""

from __future__ import annotations

import re

import pytest

from jobmagics.powershell import commands
from jobmagics.powershell.runtime.elsewhere import COMMANDS, TYPES
from jobmagics.powershell.runtime.runspace import CollectedStreams, Runspace
from jobmagics.powershell.values.types import resolve_type


def errors_of(script: str) -> tuple[CollectedStreams, list[str]]:
    streams = CollectedStreams()
    Runspace().run_script(script, streams)
    return streams, [record.message for record in streams.errors]


def test_it_is_named_with_its_place_and_the_script_goes_on() -> None:
    streams, messages = errors_of("'before'\n  Get-Service; 'after'")
    assert messages == [
        "Get-Service (line 2, column 3) is not supported by the built-in engine; PowerShell itself (pwsh) runs it."
    ]
    assert streams.outputs == ["before", "after"]
    assert streams.errors[0].fqid == "NotSupportedByBuiltInEngine"


def test_a_word_that_nobody_knows_is_not_found() -> None:
    streams, _ = errors_of("Get-Nonsense")
    assert streams.errors[0].fqid == "CommandNotFoundException"


def test_a_function_of_that_name_is_the_script_s_own() -> None:
    streams, messages = errors_of("function Get-Service { 'mine' }; Get-Service")
    assert (streams.outputs, messages) == (["mine"], [])


def test_nothing_is_listed_that_the_engine_has() -> None:
    assert {name.lower() for name in commands.names()} & COMMANDS == set()


def test_every_listed_name_is_a_verb_and_a_noun() -> None:
    assert [name for name in COMMANDS if not all(name.partition("-"))] == []


@pytest.mark.parametrize(
    "script",
    [
        "[System.Threading.Tasks.Task]::Delay(5)",
        "[numerics.complex]::new(1, 2)",
        "[System.Text.Json.JsonDocument]::Parse('{}')",
        "New-Object System.Net.Http.HttpClient",
        "[System.Collections.Concurrent.BlockingCollection[int]]::new()",
    ],
)
def test_a_type_is_named(script: str) -> None:
    streams, (message,) = errors_of(script)
    assert re.fullmatch(
        r"The type \[[\w.\[\]]+\] is not supported by the built-in engine; PowerShell itself \(pwsh\) runs it\.",
        message,
    )
    assert streams.errors[0].fqid.partition(",")[0] == "NotSupportedByBuiltInEngine"


def test_a_type_that_nobody_knows_is_not_found() -> None:
    streams, _ = errors_of("[No.Such.Type]::new()")
    assert streams.errors[0].fqid == "TypeNotFound"


def test_no_type_is_listed_that_the_engine_has() -> None:
    assert [name for name in TYPES if resolve_type(name) is not None] == []
