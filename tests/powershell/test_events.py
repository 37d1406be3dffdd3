"""Events: objects' and a session's own, their actions as jobs, and when these run."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_session import Session

SET_UP = (
    '$j = Register-EngineEvent Mine -Action { $global:n++; "$($Event.MessageData) $args $Sender"; Write-Error oops }; '
    "$n = 0; $null = New-Event Mine -Sender me -EventArguments 1, 2 -MessageData hi; "
)
WAIT = "$end = [datetime]::Now.AddSeconds(15); while (-not ({}) -and [datetime]::Now -lt $end) {{ }}; "

SCRIPTS: list[tuple[str, list[object]]] = [
    # an action waits for the next pipeline or turn of a loop; an expression lets it wait
    (SET_UP + "$n; $null = Get-Date; $n", [0, 1]),
    (SET_UP + "$n; foreach ($i in 1, 2) { }; $n", [0, 1]),
    (SET_UP + "& { }; Receive-Job $j; $j.State; Unregister-Event Mine; $j.State", ["hi 1 2 me", "Running", "Stopped"]),
    (SET_UP + "& { }; $j.Error.Count; $Error.Count; $j.HasMoreData; $j.GetType().Name", [1, 0, True, "PSEventJob"]),
    ("$j = Register-EngineEvent Mine -Action { $k++; $k }; 1..3 | % { $null = New-Event Mine }; & { }; & { }; "
     "Receive-Job $j", [1, 2, 3]),
    ("$null = Register-EngineEvent Mine -MaxTriggerCount 2 -Action { $global:n++ }; 1..5 | % { $null = New-Event Mine }"
     "; & { }; & { }; $n; (Get-EventSubscriber).Count; (Get-Job Mine).State", [2, 0, "Stopped"]),
    ("$null = Register-EngineEvent Mine -Action { throw 'no' }; $null = New-Event Mine; & { }; (Get-Job Mine).State; "
     "'goes on'", ["Failed", "goes on"]),
    ("$j = Register-EngineEvent Mine -Action { 1 }; Stop-Job $j; $j.State; (Get-EventSubscriber).Count; Remove-Job $j",
     ["Stopped", 0]),
    # what has no action is kept
    ("$null = New-Event a; $null = New-Event b; (Get-Event).SourceIdentifier; (Get-Event a).EventIdentifier; "
     "Remove-Event a; (Get-Event -EventIdentifier 2).SourceIdentifier; Get-Event | Remove-Event; (Get-Event).Count",
     ["a", "b", 1, "b", 0]),
    ("$null = New-Event a -MessageData 5; (Wait-Event a).MessageData; $null -eq (Wait-Event b -Timeout 0.1)",
     [5, True]),
    # timers and jobs
    ("$t = [System.Timers.Timer]::new(10); $null = Register-ObjectEvent $t Elapsed T -Action { $global:n++; "
     "$EventArgs.GetType().Name; if ($n -ge 2) { $Sender.Stop() } }; $t.Start(); " + WAIT.format("$n -ge 2") +
     "$t.Enabled; Get-Job T | Receive-Job; Unregister-Event T", [False, "ElapsedEventArgs", "ElapsedEventArgs"]),
    ("$t = New-Object Timers.Timer -Property @{ Interval = 10; AutoReset = $false }; "
     "Register-ObjectEvent $t Elapsed -SourceIdentifier T -MessageData x; $t.Enabled = $true; $t.Enabled; "
     "$e = Wait-Event T -Timeout 15; $e.MessageData; $e.Sender.Interval; $e.SourceArgs.Count; $t.Enabled",
     [True, "x", 10.0, 2, False]),
    ("$go = [Threading.ManualResetEventSlim]::new(); $j = Start-ThreadJob { ($using:go).Wait(15000) }; "
     + WAIT.format("$j.State -eq 'Running'") +
     "Register-ObjectEvent $j StateChanged Done; $go.Set(); $e = Wait-Event Done -Timeout 15; "
     "\"$($e.SourceEventArgs.JobStateInfo)\"; \"$($e.SourceEventArgs.PreviousJobStateInfo)\"",
     ["Completed", "Running"]),
]  # fmt: skip

REFUSED = [
    ("Get-Event none", "INVALID_SOURCE_IDENTIFIER,Microsoft.PowerShell.Commands.GetEventCommand"),
    ("Get-Event -EventIdentifier 9", "INVALID_EVENT_IDENTIFIER,Microsoft.PowerShell.Commands.GetEventCommand"),
    ("Remove-Event none", "INVALID_SOURCE_IDENTIFIER,Microsoft.PowerShell.Commands.RemoveEventCommand"),
    ("Unregister-Event none", "INVALID_SOURCE_IDENTIFIER,Microsoft.PowerShell.Commands.UnregisterEventCommand"),
    ("Unregister-Event -SubscriptionId 9",
     "INVALID_SUBSCRIPTION_IDENTIFIER,Microsoft.PowerShell.Commands.UnregisterEventCommand"),
    ("Register-ObjectEvent ([Timers.Timer]::new()) Nope",
     "INVALID_REGISTRATION,Microsoft.PowerShell.Commands.RegisterObjectEventCommand"),
    ("1..2 | % { Register-ObjectEvent ([Timers.Timer]::new()) Elapsed T; [void][Timers.Timer]::new() } | Out-Null",
     "SUBSCRIBER_EXISTS,Microsoft.PowerShell.Commands.RegisterObjectEventCommand"),
    ("Register-ObjectEvent ([Timers.Timer]::new()) Elapsed PowerShell.X",
     "INVALID_REGISTRATION,Microsoft.PowerShell.Commands.RegisterObjectEventCommand"),
    ("Register-EngineEvent PowerShell.OnIdle -Action { }",
     "NotSupportedByBuiltInEngine,Microsoft.PowerShell.Commands.RegisterEngineEventCommand"),
    ("Register-EngineEvent a -Forward -Action { }",
     "ACTION_AND_FORWARD_NOT_SUPPORTED,Microsoft.PowerShell.Commands.RegisterEngineEventCommand"),
    ("[Timers.Timer]::new(0)", "ArgumentException"),
]  # fmt: skip


@pytest.mark.parametrize(("script", "expected"), SCRIPTS)
def test_events(script: str, expected: list[object], tmp_path: Path) -> None:
    assert Session(tmp_path).run(script) == expected


@pytest.mark.parametrize(("script", "fqid"), REFUSED)
def test_what_cannot_be_registered_or_found(script: str, fqid: str, tmp_path: Path) -> None:
    assert Session(tmp_path).errors(script) == [fqid]


def test_what_an_action_writes_to_the_host_is_the_scripts(tmp_path: Path) -> None:
    session = Session(tmp_path)
    session.run("$null = Register-EngineEvent Mine -Action { Write-Host seen }; $null = New-Event Mine; & { }")
    assert [record.message_data.message for record in session.streams.informations] == ["seen"]
