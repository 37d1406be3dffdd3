"""The functions that a session starts with. They are ordinary functions: a script may read, replace or remove them."""

from __future__ import annotations

from functools import cache
from typing import Any

from ..binding.parameters import CommandInfo

# name -> its text, as (Get-Command NAME).Definition shows it
FUNCTIONS = {
    "prompt": """"PS $($ExecutionContext.SessionState.Path.CurrentLocation)$('>' * ($NestedPromptLevel + 1)) \"""",
    # what a client shows is the client's; PowerShell clears the terminal of its own process
    "Clear-Host": "$null = $Host",
    "Pause": "$null = Read-Host 'Press Enter to continue...'",
    "cd..": "Set-Location ..",
    "cd\\": "Set-Location /",
    "cd~": "Set-Location ~",
    # without a pager: a session like ours has no terminal
    "help": """[CmdletBinding(DefaultParameterSetName = 'AllUsersView')]
param(
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = $true)][string] $Name,
    [string] $Path, [string[]] $Category, [string[]] $Component, [string[]] $Functionality, [string[]] $Role,
    [Parameter(ParameterSetName = 'DetailedView', Mandatory = $true)][switch] $Detailed,
    [Parameter(ParameterSetName = 'AllUsersView')][switch] $Full,
    [Parameter(ParameterSetName = 'Examples', Mandatory = $true)][switch] $Examples,
    [Parameter(ParameterSetName = 'Parameters', Mandatory = $true)][string] $Parameter,
    [Parameter(ParameterSetName = 'Online', Mandatory = $true)][switch] $Online
)
process { Get-Help @PSBoundParameters }""",
    "oss": """[CmdletBinding()]
param([ValidateRange(2, 2147483647)][int] $Width, [Parameter(ValueFromPipeline = $true)][psobject] $InputObject)
end { $null = $PSBoundParameters.Remove('InputObject'); $input | Out-String -Stream @PSBoundParameters }""",
    "TabExpansion2": """param(
    [Parameter(Mandatory = $true, Position = 0)][AllowEmptyString()][string] $inputScript,
    [Parameter(Position = 1)][int] $cursorColumn = $inputScript.Length,
    [Parameter(Position = 2)][hashtable] $options = $null
)
[System.Management.Automation.CommandCompletion]::CompleteInput($inputScript, $cursorColumn, $options)""",
}


def functions() -> dict[str, CommandInfo]:
    """Lower-case name -> function, new for each session."""
    return {
        name.lower(): CommandInfo("Function", name, _block(text), definition=text) for name, text in FUNCTIONS.items()
    }


@cache
def _block(text: str) -> Any:
    from ..runtime.scriptblock import ScriptBlock

    return ScriptBlock.parse(text)
