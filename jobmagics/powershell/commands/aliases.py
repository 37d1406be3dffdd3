"""Get-, Set-, New-, Remove-Alias."""

from __future__ import annotations

from typing import Any

from ..binding.parameters import CommandInfo
from ..runtime.cmdlet import Cmdlet, command
from ..values.value import as_list
from ..values.wildcards import has_wildcard, wildcard_regex

NOT_FOUND = "System.Management.Automation.ItemNotFoundException"


def all_aliases(cmdlet: Cmdlet) -> list[CommandInfo]:
    seen: dict[str, Any] = {}
    for scope in cmdlet.frame.scope.chain():
        for key, entry in (scope.aliases or {}).items():
            seen.setdefault(key, entry)
    return [as_info(cmdlet, key, entry) for key, entry in seen.items()]


def as_info(cmdlet: Cmdlet, key: str, entry: Any) -> CommandInfo:
    if isinstance(entry, CommandInfo):
        return entry
    from .catalog import ALIAS_NAMES

    return CommandInfo("Alias", ALIAS_NAMES.get(key, key), definition=str(entry))


def alias_info(cmdlet: Cmdlet, name: str) -> CommandInfo | None:
    entry = cmdlet.frame.scope.find_alias(name.lower())
    return None if entry is None else as_info(cmdlet, name.lower(), entry)


def set_alias(cmdlet: Cmdlet, name: str, target: str, options: str = "None") -> CommandInfo:
    info = CommandInfo("Alias", name, definition=target)
    info.options = options
    scope = cmdlet.frame.scope
    named = cmdlet.arg("Scope")
    if named is not None:
        scope = scope.named(str(named)) or scope
    scope.set_alias(name.lower(), info)
    cmdlet.runspace.command_cache.clear()
    return info


def remove_alias(cmdlet: Cmdlet, name: str) -> None:
    for scope in cmdlet.frame.scope.chain():
        if scope.aliases is not None and scope.aliases.pop(name.lower(), None) is not None:
            break
    cmdlet.runspace.command_cache.clear()


def missing(cmdlet: Cmdlet, name: str) -> None:
    cmdlet.error(
        f"This command cannot find a matching alias because an alias with the name '{name}' does not exist.",
        "ItemNotFoundException",
        "ObjectNotFound",
        name,
        net_type=NOT_FOUND,
    )


@command("Get-Alias")
class GetAlias(Cmdlet):
    def process(self) -> None:
        by_definition = self.arg("Definition")
        wanted = as_list(by_definition) if by_definition is not None else as_list(self.arg("Name")) or ["*"]
        every = sorted(all_aliases(self), key=lambda info: info.name.lower())
        excluded = [wildcard_regex(pattern) for pattern in as_list(self.arg("Exclude"))]
        for pattern in wanted:
            regex = wildcard_regex(pattern)
            found = [
                info for info in every if regex.fullmatch(info.definition if by_definition is not None else info.name)
            ]
            found = [info for info in found if not any(regex.fullmatch(info.name) for regex in excluded)]
            if not found and not has_wildcard(pattern):
                missing(self, pattern)
            self.write_all(found)


@command("Set-Alias")
class SetAlias(Cmdlet):
    def process(self) -> None:
        name, target = self.arg("Name"), self.arg("Value")
        existing = alias_info(self, name)
        if existing is not None and "ReadOnly" in existing.options and not self.switch("Force"):
            self.error(
                f"Alias is not writeable because alias {name} is read-only or constant and cannot be written to.",
                "AliasNotWritable",
                "WriteError",
                name,
                net_type="System.Management.Automation.SessionStateUnauthorizedAccessException",
            )
            return
        if self.should_process(f"Name: {name} Value: {target}", "Set Alias"):
            info = set_alias(self, name, target, str(self.arg("Option", "None")))
            if self.switch("PassThru"):
                self.write(info)


@command("New-Alias")
class NewAlias(Cmdlet):
    def process(self) -> None:
        name, target = self.arg("Name"), self.arg("Value")
        if alias_info(self, name) is not None and not self.switch("Force"):
            self.error(
                f"The alias is not allowed, because an alias with the name '{name}' already exists.",
                "AliasAlreadyExists",
                "ResourceExists",
                name,
                net_type="System.Management.Automation.SessionStateException",
            )
            return
        if self.should_process(f"Name: {name} Value: {target}", "New Alias"):
            info = set_alias(self, name, target, str(self.arg("Option", "None")))
            if self.switch("PassThru"):
                self.write(info)


@command("Remove-Alias")
class RemoveAlias(Cmdlet):
    def process(self) -> None:
        for name in self.arg("Name"):
            if alias_info(self, name) is None:
                self.error(
                    f"This command cannot find a matching alias because an alias with the name '{name}' does not "
                    "exist.",
                    "AliasNotFound",
                    "ObjectNotFound",
                    name,
                    net_type=NOT_FOUND,
                )
            else:
                remove_alias(self, name)
