"""What there is: Get-Command, Get-Help, Get-Verb, history, Get-Host, Get-PSCallStack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...psobject import PSObject
from ..binding.parameters import CommandInfo
from ..runtime.cmdlet import Cmdlet, command
from ..values.value import as_list, to_string
from ..values.wildcards import has_wildcard, wildcard_match, wildcard_regex
from .aliases import alias_info, all_aliases

VERBS = {
    "Common": "Add Clear Close Copy Enter Exit Find Format Get Hide Join Lock Move New Open Optimize Pop Push "
    "Redo Remove Rename "
    "Reset Resize Search Select Set Show Skip Split Step Switch Undo Unlock Watch",
    "Data": "Backup Checkpoint Compare Compress Convert ConvertFrom ConvertTo Dismount Edit Expand Export Group "
    "Import Initialize "
    "Limit Merge Mount Out Publish Restore Save Sync Unpublish Update",
    "Lifecycle": "Approve Assert Build Complete Confirm Deny Deploy Disable Enable Install Invoke Register "
    "Request Restart Resume "
    "Start Stop Submit Suspend Uninstall Unregister Wait",
    "Diagnostic": "Debug Measure Ping Repair Resolve Test Trace",
    "Communications": "Connect Disconnect Read Receive Send Write",
    "Security": "Block Grant Protect Revoke Unblock Unprotect",
    "Other": "Use",
}


@command("Get-Command")
class GetCommand(Cmdlet):
    def process(self) -> None:
        names = [to_string(name) for name in as_list(self.arg("Name"))]
        kinds = self._kinds()
        for pattern in names or ["*"]:
            found = list(self._found(pattern, kinds, bool(names)))
            found = [info for info in found if self._fits(info)]
            if not found and names and not has_wildcard(pattern):
                self._missing(pattern)
            limit = self.arg("TotalCount")
            for info in found if limit is None or limit < 0 else found[:limit]:
                self._put(info)

    def _kinds(self) -> set[str] | None:
        wanted = self.arg("CommandType")
        if wanted is None:
            return None
        words = {word.strip() for word in to_string(wanted).split(",")}
        return None if "All" in words else words

    def _found(self, pattern: str, kinds: set[str] | None, named: bool) -> Iterator[CommandInfo]:
        if not has_wildcard(pattern):
            info = alias_info(self, pattern) or self.runspace.find_command(pattern, self.frame.scope)
            if info is not None and (kinds is None or info.kind in kinds):
                yield info
            return
        regex = wildcard_regex(pattern)
        seen = set()
        for name in self._every_name():
            if name.lower() in seen or not regex.fullmatch(name):
                continue
            seen.add(name.lower())
            info = alias_info(self, name) or self.runspace.find_command(name, self.frame.scope)
            if info is None or (kinds is not None and info.kind not in kinds):
                continue
            if kinds is None and not named and info.kind not in ("Alias", "Function", "Filter", "Cmdlet"):
                continue
            yield info

    def _every_name(self) -> list[str]:
        from . import names

        found = [*names(), *(info.name for info in all_aliases(self))]
        for scope in self.frame.scope.chain():
            found += [info.name for info in (scope.functions or {}).values()]
        return sorted(found, key=str.lower)

    def _fits(self, info: CommandInfo) -> bool:
        verbs, nouns = as_list(self.arg("Verb")), as_list(self.arg("Noun"))
        verb, dash, noun = info.name.partition("-")
        if verbs and not (dash and any(wildcard_match(to_string(pattern), verb) for pattern in verbs)):
            return False
        if nouns and not (dash and any(wildcard_match(to_string(pattern), noun) for pattern in nouns)):
            return False
        modules = as_list(self.arg("Module"))
        if modules and not any(wildcard_match(to_string(pattern), info.module) for pattern in modules):
            return False
        return not self.has("ParameterName") or self._has_parameter(info)

    def _has_parameter(self, info: CommandInfo) -> bool:
        if info.kind != "Cmdlet":
            return False
        from . import metadata

        known = metadata(info.name).parameters
        return any(
            wildcard_match(to_string(pattern), name) for pattern in as_list(self.arg("ParameterName")) for name in known
        )

    def _missing(self, name: str) -> None:
        self.error(
            f"The term '{name}' is not recognized as a name of a cmdlet, function, script file, or executable "
            "program.\nCheck the "
            "spelling of the name, or if a path was included, verify that the path is correct and try again.",
            "CommandNotFoundException",
            "ObjectNotFound",
            name,
            net_type="System.Management.Automation.CommandNotFoundException",
        )

    def _put(self, info: CommandInfo) -> None:
        if self.switch("Syntax"):
            self.write(self._syntax(info))
        else:
            self.write(info)

    def _syntax(self, info: CommandInfo) -> str:
        from ..session.commands_info import metadata_of
        from ..session.syntax import syntax_of

        target = info.target if info.kind == "Alias" and info.target is not None else info
        return syntax_of(target, metadata_of(target)) or f"\n{info.definition or info.name}\n"


@command("Get-Verb")
class GetVerb(Cmdlet):
    def process(self) -> None:
        patterns = [to_string(pattern) for pattern in as_list(self.arg("Verb"))]
        groups = [to_string(group).lower() for group in as_list(self.arg("Group"))]
        for group, verbs in VERBS.items():
            for verb in verbs.split():
                if groups and group.lower() not in groups:
                    continue
                if not patterns or any(wildcard_match(pattern, verb) for pattern in patterns):
                    names = ["System.Management.Automation.VerbInfo", "System.Object"]
                    facts = {"Verb": verb, "AliasPrefix": "", "Group": group, "Description": ""}
                    self.write(PSObject(adapted=facts, type_names=names))


@command("Get-History")
class GetHistory(Cmdlet):
    def process(self) -> None:
        entries = list(self.runspace.history.entries)
        numbers = as_list(self.arg("Id"))
        if numbers:
            known = {entry.id for entry in entries}
            for number in numbers:
                if number not in known:
                    message = f"Cannot locate history for Id {number}."
                    kind = "System.ArgumentException"
                    self.error(message, "GetHistoryNoHistoryForId", "ObjectNotFound", number, net_type=kind)
            entries = [entry for entry in entries if entry.id in numbers]
        count = self.arg("Count")
        self.write_all(entries[-int(count) :] if count is not None else entries)


@command("Invoke-History")
class InvokeHistory(Cmdlet):
    def end(self) -> None:
        from ..runtime.scriptblock import ScriptBlock

        wanted = self.arg("Id")
        entries = list(self.runspace.history.entries)
        found = [entry for entry in entries if wanted is None or str(entry.id) == str(wanted)]
        if not found and wanted is None:
            raise self.terminate(
                "Cannot locate last history.", "InvokeHistoryNoLastHistoryEntryFound", "InvalidOperation",
                net_type="System.InvalidOperationException",
            )  # fmt: skip
        if not found:
            raise self.terminate(
                f"Cannot locate history for Id {wanted}.", "InvokeHistoryNoHistoryForId", "ObjectNotFound",
                net_type="System.ArgumentException",
            )  # fmt: skip
        ScriptBlock.parse(found[-1].command_line).run(self.frame, self.write, streams=self.runtime.streams, local=False)


@command("Clear-History")
class ClearHistory(Cmdlet):
    def end(self) -> None:
        self.runspace.history.entries.clear()


@command("Get-Host")
class GetHost(Cmdlet):
    def end(self) -> None:
        self.write(self.runspace.host_object())


class CallStackFrame:
    def __init__(self, name: str, line: int, script: str) -> None:
        self.name, self.line, self.script = name, line, script

    def ps_type_names(self) -> list[str]:
        return ["System.Management.Automation.CallStackFrame", "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        where = f"{self.script or '<No file>'}: line {self.line}" if self.script else "<No file>"
        yield "ScriptName", self.script or None
        yield "ScriptLineNumber", self.line
        yield "InvocationInfo", None
        yield "Position", None
        yield "FunctionName", self.name
        yield "Command", self.name
        yield "Location", where
        yield "Arguments", "{}"

    def ps_to_string(self) -> str:
        return f"at {self.name}, {self.script or '<No file>'}: line {self.line}"


@command("Get-PSCallStack")
class GetPSCallStack(Cmdlet):
    def end(self) -> None:
        at: Any = self.frame
        while at is not None:
            if at.shows_in_trace:
                line = at.called_from.line if at.called_from is not None and hasattr(at.called_from, "line") else 0
                self.write(CallStackFrame(at.trace_name, line, getattr(at.source, "file", None) or ""))
            at = at.parent
