"""Get-Help as text: the views of commands with a help comment and without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobmagics.powershell.runtime.runspace import Runspace

SCRIPT = """
function Get-Thing {
<#
.SYNOPSIS
    Gets a thing.
.DESCRIPTION
    Long text.
      Indented.
.PARAMETER Name
    The name.
.EXAMPLE
    Get-Thing -Name a

    Shows a.
.NOTES
    A note.
.LINK
    Get-Other
#>
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)][string] $Name, [switch] $Fast, [int] $Count = 3)
    $Name
}
# .SYNOPSIS
# Comes before.
function Before { }
function AtEnd {
    'x'
    <#
    .SYNOPSIS
    Comes last.
    #>
}
function Commented {
    # .SYNOPSIS
    # Says its parameters in place.
    param(
        # The first.
        [string] $One,
        <# The second. #>
        $Two
    )
}
function Plain($a, [ValidateSet('x', 'y')] $b, [switch] $c) { }
"""
HEAD = """
NAME
    Get-Thing
    \nSYNOPSIS
    Gets a thing.
    \n    \n"""
SYNTAX = """SYNTAX
    Get-Thing [-Name] <String> [-Fast] [-Count <Int32>] [<CommonParameters>]
    \n    \nDESCRIPTION
    Long text.
      Indented.
    \n\n"""
REMARKS = """REMARKS
    To see the examples, type: "Get-Help Get-Thing -Examples"
    For more information, type: "Get-Help Get-Thing -Detailed"
    For technical information, type: "Get-Help Get-Thing -Full"
"""
COMMON = """    <CommonParameters>
        This cmdlet supports the common parameters: Verbose, Debug,
        ErrorAction, ErrorVariable, WarningAction, WarningVariable,
        OutBuffer, PipelineVariable, and OutVariable. For more information, see
        about_CommonParameters (https://go.microsoft.com/fwlink/?LinkID=113216). \n    \n"""
EXAMPLE = """    -------------------------- EXAMPLE 1 --------------------------
    \n    PS > Get-Thing -Name a
    \n    Shows a.
    \n    \n    \n    \n"""
PLAIN = """
NAME
    Plain
    \nSYNTAX
    Plain [[-a] <Object>] [[-b] {x | y}] [-c] \n    \n
ALIASES
    None
    \n
REMARKS
    None


"""


@pytest.fixture(scope="module")
def session() -> Runspace:
    session = Runspace()
    session.run_script(SCRIPT)
    return session


def shown(session: Runspace, command: str) -> Any:
    (text,) = session.run_script(f"{command} | Out-String -Width 120")
    return text


def test_default(session: Runspace) -> None:
    text = shown(session, "Get-Help Get-Thing")
    online = '    For online help, type: "Get-Help Get-Thing -Online"\n\n'
    assert text == HEAD + SYNTAX + "RELATED LINKS\n    Get-Other \n\n" + REMARKS + online


def test_detailed(session: Runspace) -> None:
    parameters = (
        "PARAMETERS\n    -Name <String>\n        The name.\n        \n    -Fast [<SwitchParameter>]\n        \n"
        "    -Count <Int32>\n        \n"
    )
    assert shown(session, "Get-Help Get-Thing -Detailed").startswith(
        HEAD + SYNTAX + parameters + COMMON + EXAMPLE + REMARKS
    )


def test_examples(session: Runspace) -> None:
    assert shown(session, "Get-Help Get-Thing -Examples") == HEAD + EXAMPLE + "\n\n"


def test_full(session: Runspace) -> None:
    text = shown(session, "Get-Help Get-Thing -Full")
    assert text.startswith(HEAD + SYNTAX + "PARAMETERS\n    -Name <String>\n        The name.\n")
    assert COMMON + "INPUTS\n    \nOUTPUTS\n    \nNOTES\n" in text
    assert "    -Fast [<SwitchParameter>]\n        \n        Required?                    false\n" in text


def test_one_parameter(session: Runspace) -> None:
    text = shown(session, "Get-Help Get-Thing -Parameter Count")
    assert text.startswith("\n-Count <Int32>\n    \n    Required?                    false\n")
    assert "    Position?                    named\n    Default value                3\n" in text


def test_a_script_file(session: Runspace, tmp_path: Path) -> None:
    script = tmp_path / "tell.ps1"
    script.write_text("<#\n.SYNOPSIS\nA script.\n#>\nparam($Name)\n$Name\n")
    assert session.run_script(f"$h = Get-Help '{script}'; $h.Synopsis; $h.Name") == ["A script.", str(script)]


@pytest.mark.parametrize("command", ["Get-Help Plain", "Plain -?"])
def test_without_a_help_comment(session: Runspace, command: str) -> None:
    assert shown(session, command) == PLAIN


def test_a_cmdlet(session: Runspace) -> None:
    assert shown(session, "Get-Uptime -?").startswith(
        "\nNAME\n    Get-Uptime\n    \nSYNTAX\n    Get-Uptime [-Since] [<CommonParameters>]\n    \n"
    )


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("(Get-Help Before).Synopsis", ["Comes before."]),
        ("(Get-Help AtEnd).Synopsis", ["Comes last."]),
        ("(Get-Help Commented).parameters.parameter.description.Text", ["The first.", "The second."]),
        ("(Get-Help Get-*hin*).Name", ["Get-Thing"]),
        ("Get-Command Plain -Syntax", ["\nPlain [[-a] <Object>] [[-b] <Object>] [-c]\n"]),
        (
            "Get-Command Get-Thing -Syntax",
            ["\nGet-Thing [-Name] <string> [-Fast] [-Count <int>] [<CommonParameters>]\n"],
        ),
        (
            "Get-Help no-such -ErrorAction SilentlyContinue; $Error[0].FullyQualifiedErrorId; "
            "$Error[0].CategoryInfo.Category.ToString()",
            ["HelpNotFound,Microsoft.PowerShell.Commands.GetHelpCommand", "ResourceUnavailable"],
        ),
        (
            "Get-Help Plain -Parameter q -ErrorAction SilentlyContinue; $Error[0].FullyQualifiedErrorId",
            ["NoParmsFound,Microsoft.PowerShell.Commands.GetHelpCommand"],
        ),
    ],
)
def test_rules(session: Runspace, script: str, expected: list[str]) -> None:
    assert session.run_script(script) == expected


def test_the_function_help_gives_what_get_help_gives(session: Runspace) -> None:
    for command in ("Get-Thing", "Get-Thing -Full", "Get-Uptime", "Plain -Parameter a"):
        assert shown(session, f"help {command}") == shown(session, f"Get-Help {command}")
