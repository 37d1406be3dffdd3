"""Write-*, Read-Host and Start-Sleep: what goes to people and to the streams beside output."""

from __future__ import annotations

from typing import Any

from ...psobject import Hashtable, SecureString
from ..records import (
    ErrorRecord,
    HostInformationMessage,
    InformationRecord,
    InvocationInfo,
    NetException,
    ProgressRecord,
)
from ..runtime.cmdlet import Cmdlet, command
from ..values.value import NOTHING, is_enumerable, to_string, unwrap

COMMANDS = "Microsoft.PowerShell.Commands."
MAX_SLEEP_PIECE = 3600.0


@command("Write-Output")
class WriteOutput(Cmdlet):
    def process(self) -> None:
        value = self.arg("InputObject")
        if value is NOTHING:
            return
        if self.switch("NoEnumerate"):
            # one bound value is itself; several positional ones are an array
            self.write(value[0] if isinstance(value, list) and len(value) == 1 and not self._is_whole(value) else value)
        else:
            self.write_enumerated(value)

    def _is_whole(self, value: Any) -> bool:
        return not isinstance(value[0], list)


@command("Write-Error")
class WriteError(Cmdlet):
    def process(self) -> None:
        record = self.arg("ErrorRecord")
        if not isinstance(record, ErrorRecord):
            record = self._made()
        if self.has("CategoryActivity"):
            record.activity = self.arg("CategoryActivity")
        if self.has("CategoryReason"):
            record.reason = self.arg("CategoryReason")
        if self.has("CategoryTargetName") or self.has("CategoryTargetType"):
            words = record.target_override or record._target_words()
            record.target_override = (
                self.arg("CategoryTargetName", words[0]),
                self.arg("CategoryTargetType", words[1]),
            )
        if self.has("RecommendedAction"):
            record.details, record.recommended = record.message, self.arg("RecommendedAction")
        self._place(record)
        self.runtime.write_error(record)

    def _place(self, record: ErrorRecord) -> None:
        """The error is the caller's: a function that calls Write-Error is shown as what failed."""
        caller = self.frame.get_variable("MyInvocation")
        if not isinstance(caller, InvocationInfo):
            return
        record.invocation = caller
        record.activity = record.activity or self.name
        # outside of any function the id stands alone, without the cmdlet's name behind it
        self.runtime.fqid_suffix = caller.command.name if caller.command is not None else ""

    def _made(self) -> ErrorRecord:
        message, exception = self.arg("Message"), self.arg("Exception")
        if exception is None:
            exception = NetException(message or "", net_type=COMMANDS + "WriteErrorException")
        fqid = self.arg("ErrorId") or exception.net_type
        record = ErrorRecord(exception, fqid, str(self.arg("Category", "NotSpecified")), self.arg("TargetObject"))
        if self.has("Exception") and message:
            record.details = message
        return record


@command("Write-Warning")
class WriteWarning(Cmdlet):
    def process(self) -> None:
        self.warning(self.arg("Message") or "")


@command("Write-Verbose")
class WriteVerbose(Cmdlet):
    def process(self) -> None:
        self.verbose(self.arg("Message") or "")


@command("Write-Debug")
class WriteDebug(Cmdlet):
    def process(self) -> None:
        self.debug(self.arg("Message") or "")


@command("Write-Information")
class WriteInformation(Cmdlet):
    def process(self) -> None:
        source = self.invocation.script_name if self.invocation else ""
        self.information(
            InformationRecord(self.arg("MessageData"), source or "Write-Information", self.arg("Tags", ()))
        )


def host_text(value: Any, separator: str) -> str:
    """Write-Host's way with an object: elements of a collection are joined, each by its own text."""
    plain = unwrap(value)
    if plain is None or plain is NOTHING:
        return ""
    if isinstance(plain, Hashtable):
        return separator.join(f"[{to_string(key)}, {to_string(item)}]" for key, item in plain.items())
    if is_enumerable(plain):
        from ..values.value import enumerate_value

        return separator.join(host_text(item, separator) for item in enumerate_value(plain))
    return str(to_string(value))


@command("Write-Host")
class WriteHost(Cmdlet):
    def process(self) -> None:
        text = host_text(self.arg("Object"), to_string(self.arg("Separator", " ")))
        colors = (self.arg("ForegroundColor"), self.arg("BackgroundColor"))
        message = HostInformationMessage(text, self.switch("NoNewline"), *colors)
        record = InformationRecord(message, self.invocation.script_name or "Write-Host", ["PSHOST"])
        self.information(record)


@command("Write-Progress")
class WriteProgress(Cmdlet):
    def process(self) -> None:
        record = ProgressRecord(self.arg("Id", 0), self.arg("Activity") or "", self.arg("Status") or "Processing")
        record.parent_id = self.arg("ParentId", -1)
        record.percent = self.arg("PercentComplete", -1)
        record.seconds_remaining = self.arg("SecondsRemaining", -1)
        record.current_operation = self.arg("CurrentOperation")
        record.completed = self.switch("Completed")
        self.progress(record)


@command("Read-Host")
class ReadHost(Cmdlet):
    def begin(self) -> None:
        secret = self.switch("AsSecureString") or self.switch("MaskInput")
        found = self._asked(secret)
        if self.switch("MaskInput") and isinstance(found, SecureString):
            found = found.reveal()
        self.write(found)

    def _asked(self, secret: bool) -> Any:
        ui, prompt = self.runspace.host.ui, self.arg("Prompt")
        if prompt is None:
            return ui.read_line_as_secure_string() if secret else ui.read_line()
        kind = "System.Security.SecureString" if secret else "System.String"
        answers = ui.prompt("", "", [{"name": host_text(prompt, " "), "type_name": kind}])
        return next(iter(answers.values()), None)


@command("Start-Sleep")
class StartSleep(Cmdlet):
    def process(self) -> None:
        duration = self.arg("Duration")
        if duration is not None:
            seconds = duration.total_seconds()
        elif self.has("Milliseconds"):
            seconds = self.arg("Milliseconds") / 1000
        else:
            seconds = float(self.arg("Seconds", 0))
        while seconds > 0:
            piece = min(seconds, MAX_SLEEP_PIECE)
            self.sleep(piece)
            seconds -= piece
