"""What PowerShell says when a person asks for what cannot be: its error ids, categories and texts, in one table.

The texts are facts of PowerShell 7.6.5 (RemotingErrorIdStrings). ``complaint`` makes one of ours of an entry; the id
ends in the name of the cmdlet that would say so, and a hint of ours may follow PowerShell's sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

from jobmagics.errors import InvalidOperation, NotFound, UsageError

COMMANDS = "Microsoft.PowerShell.Commands."


@dataclass(frozen=True, slots=True)
class Wording:
    """``text`` has {} where facts go; ``kind`` is which error of ours it is."""

    fqid: str
    text: str
    kind: type[UsageError] = InvalidOperation
    category: str = "InvalidOperation"


NO_JOB = {
    "id": Wording(
        "JobWithSpecifiedSessionNotFound",
        "The command cannot find a job with the job ID {}. Verify the value of the Id parameter and then try the"
        " command again.",
        NotFound,
        "ObjectNotFound",
    ),
    "name": Wording(
        "JobWithSpecifiedNameNotFound",
        "The command cannot find the job because the job name {} was not found. Verify the value of the Name"
        " parameter, and then try the command again.",
        NotFound,
        "ObjectNotFound",
    ),
    "instance_id": Wording(
        "JobWithSpecifiedInstanceIdNotFound",
        "The command cannot find a job with the instance identifier {}. Verify the value of the InstanceId"
        " parameter, and then try the command again.",
        NotFound,
        "ObjectNotFound",
    ),
}
NO_SESSION = {
    "id": Wording(
        "RemoteRunspaceNotAvailableForSpecifiedSessionId",
        "The remote session with the session ID {} is not available.",
        NotFound,
        "InvalidArgument",
    ),
    "name": Wording(
        "RemoteRunspaceNotAvailableForSpecifiedName",
        "The remote session with the name {}  is not available.",
        NotFound,
        "InvalidArgument",
    ),
    "instance_id": Wording(
        "RemoteRunspaceNotAvailableForSpecifiedRunspaceId",
        "Remote session is not available for {}.",
        NotFound,
        "InvalidArgument",
    ),
}
NO_SUCH_NAME_THERE = Wording(
    "PSSessionNameMatchFail", 'The command cannot find a PSSession that has the name "{}".', NotFound
)

NOT_FINISHED = Wording(
    "JobObjectNotFinishedCannotBeRemoved",
    "The command cannot remove the job with the job ID {} because the job is not finished. To remove the job, first"
    " stop the job, or use the Force parameter. (Parameter 'Job')",
)
CHILD_JOB = Wording(
    "CannotRemoveJob",
    "The command cannot remove the job because it does not exist or because it is a child job. Child jobs can be"
    " removed only by removing the parent job.",
)
BLOCKED = Wording(
    "BlockedJobsDeadlockWithWaitJob",
    "The Wait-Job cmdlet cannot finish working, because one or more jobs are blocked waiting for user interaction. "
    " Process interactive job output by using the Receive-Job cmdlet, and then try again.",
    category="DeadlockDetected",
)
LEFT_ALONE = (
    "One or more jobs are in a suspended or disconnected state, and cannot continue without additional user input. "
    " Specify the -Force parameter to continue to a completed, failed, or stopped state."
)
"""Wait-Job's warning, no error."""
STOP_NOT_CONNECTED = Wording(
    "StopJobCannotConnectToServer", 'Job "{}" could not be connected to the server and so could not be stopped.'
)

KEEP_AND_WAIT = Wording(
    "ParameterBindingFailed",
    'Cannot bind parameter \'Wait\' to the target. Exception setting "Wait": "The Wait and Keep parameters cannot be'
    ' used together in the same command."',
    category="WriteError",
)
NEEDS_WAIT = {
    "AutoRemoveJob": Wording(
        "InvalidOperation", "The -AutoRemoveJob parameter cannot be used without the -Wait parameter"
    ),
    "WriteEvents": Wording("InvalidOperation", "The WriteEvents parameter cannot be used without the Wait parameter."),
    "WriteJobInResults": Wording(
        "InvalidOperation", "The -WriteJobInResults parameter cannot be used without the -Wait parameter"
    ),
    "Force": Wording("InvalidOperation", "The -Force parameter cannot be used without the -Wait parameter."),
}
AUTO_REMOVAL = Wording("ReceiveJobAutoRemovalError", CHILD_JOB.text)
NO_COMPUTER_NAME = Wording(
    "ComputerNameParameterNotSupported",
    "The command cannot retrieve the jobs of the specified computers. The ComputerName parameter can be used only with"
    " jobs created by using Windows PowerShell remoting.",
    category="InvalidArgument",
)
NO_SESSION_OF_JOB = Wording(
    "RunspaceParameterNotSupported",
    "The Session parameter can be used only with PSRemotingJob objects.",
    category="InvalidArgument",
)

AS_JOB_AND_DISCONNECTED = Wording(
    "System.InvalidOperationException",
    "You cannot use the Invoke-Command cmdlet with both the AsJob and Disconnected parameters in the same command.",
    category="NotSpecified",
)
SESSION_NAME_ALONE = Wording(
    "System.InvalidOperationException",
    "The SessionName parameter can only be used with the Disconnected switch parameter.",
    category="NotSpecified",
)
SESSION_STATE = Wording(
    "InvokeCommandCommandInvalidSessionState",
    "Because the session state for session {}, {}, {} is not equal to Open, you cannot run a command  in the session. "
    " The session state is {}.",
)
SESSION_AVAILABILITY = Wording(
    "InvokeCommandCommandInvalidSessionAvailability",
    "The session {}, {}, {} is not available to run commands.  The session availability is {}.",
)
NO_VALID_SESSION = Wording(
    "InvalidOperation",
    "No valid sessions were specified.  Ensure you provide valid sessions that are in the Opened state and are"
    " available to run commands.",
)

CANNOT_ENTER = Wording(
    "EnterPSSessionConnectSessionNotAvailable",
    "Cannot enter session {} because it is not available: a command runs in it, or another client holds it.",
)
ENTER_NOT_OPENED = Wording(
    "PushedRunspaceMustBeOpen", "Cannot enter session {}, because it is not in the Opened state."
)
IN_NESTED_PROMPT = Wording(
    "HostInNestedPrompt",
    "You are currently in a PSSession and cannot use the Enter-PSSession cmdlet to enter another PSSession.",
)

DISCONNECT_NOT_OPENED = Wording(
    "CannotDisconnectSessionWhenNotOpened", 'Cannot disconnect PSSession "{}" because it is not in the Opened state.'
)
DISCONNECT_IDLE = Wording(
    "CannotDisconnectSessionWithInvalidIdleTimeout",
    "The session {} cannot be disconnected because the specified idle time-out value {:g} (seconds) is either greater"
    " than the server maximum allowed {:.0f} (seconds), or less than the minimum allowed {:.0f} (seconds).  Specify an"
    " idle time-out value that is within the allowed range, and try again.",
    category="InvalidArgument",
)
CANNOT_CONNECT = Wording(
    "PSSessionConnectFailed",
    'Cannot connect PSSession "{}", either because it is not in the Disconnected state, or it is not available for'
    " connection.",
)
CANNOT_RECEIVE = Wording("ReceivePSSessionCannotConnectSession", CANNOT_CONNECT.text)
REMOVED_UNREACHED = (
    "Remote session {} could not be connected and could not be removed from the server. The client remote session"
    " object will be removed from the server, but the state of the remote session on the server is unknown."
)
"""Remove-PSSession's error RemoveSessionCannotConnectToServer; the session is gone here all the same, so it is a
notice.
"""


def complaint(wording: Wording, cmdlet: str, *facts: object, hint: str = "") -> UsageError:
    """The error that ``cmdlet`` ("Get-Job") gives, PowerShell's text first and then the ``hint``."""
    text = wording.text.format(*facts)
    command = cmdlet.replace("-", "")
    return wording.kind(
        f"{text} {hint}".strip(), fqid=f"{wording.fqid},{COMMANDS}{command}Command", category=wording.category
    )
