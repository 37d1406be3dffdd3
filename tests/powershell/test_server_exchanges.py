"""The recorded conversations with real PowerShell 7.6.5, held with the engine instead."""

from __future__ import annotations

from typing import Any

import pytest
from engine_process import numbered, recorded_exchanges, replay

EXCHANGES = recorded_exchanges()
APPLICATION_PRIVATE_DATA = 0x21009
ENCRYPTED_SESSION_KEY = 0x10006

# Conversations whose every message is the same, RefIds aside.
TO_THE_LETTER = [
    "cell_clear_host",
    "cell_exit",
    "cell_progress",
    "completion",
    "get_available_runspaces",
    "host_choice",
    "host_progress_many",
    "host_prompt_mandatory",
    "large_output",
    "large_script",
    "open_close",
    "output_custom_objects",
    "pipeline_input",
    "reset_runspace_state",
    "script_with_arguments",
    "set_runspaces",
    "state_between_pipelines",
    "unicode_output",
]
# The same messages in the same order, with other contents (times, stack traces of .NET, this machine's facts).
SAME_SEQUENCE = [
    "all_streams",
    "cell_dates_and_numbers",
    "cell_error_view_variable",
    "cell_errors",
    "cell_function_error_position",
    "cell_hashtable_and_list",
    "cell_job_table",
    "cell_mixed_streams",
    "cell_native",
    "cell_parse_error",
    "cell_process_table",
    "cell_prompt_function",
    "cell_read_host",
    "cell_table",
    "cell_throw",
    "cell_wide_string",
    "command_metadata",
    "commands_and_parameters",
    "default_formatting",
    "error_action_stop",
    "error_command_not_found",
    "error_exception_method",
    "error_parse",
    "error_terminating_throw",
    "help_syntax",
    "host_confirm",
    "host_read_line",
    "host_read_secure",
    "host_write",
    "job_background",
    "job_objects_default_table",
    "job_parallel",
    "job_stop_and_failed",
    "job_thread",
    "output_file_objects",
    "output_primitives",
    "output_process_objects",
    "psversiontable",
    "secure_string_key_exchange",
    "stop_running",
    "stop_sleeping",
]


def same_sequence(wanted: list[Any], got: list[Any]) -> bool:
    return [(kind, guid) for kind, guid, _ in got] == [(kind, guid) for kind, guid, _ in wanted]


def test_every_exchange_has_its_place() -> None:
    places = [*TO_THE_LETTER, *SAME_SEQUENCE]
    assert sorted(places) == sorted(EXCHANGES)


@pytest.mark.parametrize("name", [*TO_THE_LETTER, *SAME_SEQUENCE])
def test_the_engine_says_what_powershell_said(name: str) -> None:
    wanted, got = replay(EXCHANGES[name])
    assert same_sequence(wanted, got)
    if name in TO_THE_LETTER:
        own = (APPLICATION_PRIVATE_DATA, ENCRYPTED_SESSION_KEY)
        for theirs, ours in zip(wanted, got, strict=True):
            if theirs[0] not in own:
                assert numbered(ours[2] or "") == numbered(theirs[2] or "")
