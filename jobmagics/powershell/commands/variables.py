"""Get-, Set-, New-, Clear-, Remove-Variable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..records import ScriptError
from ..runtime.cmdlet import Cmdlet, command
from ..runtime.scopes import Scope, Variable
from ..values.collation import sort_key
from ..values.value import as_list
from ..values.wildcards import has_wildcard, wildcard_regex
from .automatic_variables import automatic_variable, automatic_variables

CANNOT = "System.Management.Automation.SessionStateUnauthorizedAccessException"
ITEM_NOT_FOUND = "System.Management.Automation.ItemNotFoundException"


class VariableCommand(Cmdlet):
    """What the five share: which scope, and which variables a name means."""

    def scope(self) -> Scope | None:
        """The scope named by -Scope; None when none was named."""
        named = self.arg("Scope")
        if named is None:
            return None
        found = self.frame.scope.named(str(named))
        if found is None:
            raise self.terminate(
                f"The scope number '{named}' exceeds the number of active scopes.",
                "ArgumentOutOfRange",
                "InvalidArgument",
                named,
                net_type="System.Management.Automation.PSArgumentOutOfRangeException",
            )
        return found

    def named(self) -> Iterator[Variable]:
        """The variables that -Name means; one that is not there is an error, a pattern without a match is none."""
        for name in self.arg("Name"):
            found = self.matching(name)
            if not found and not has_wildcard(name):
                self.not_found(name)
            yield from found

    def matching(self, pattern: str) -> list[Variable]:
        scope = self.scope()
        if not has_wildcard(pattern):
            key = pattern.lower()
            found = scope.vars.get(key) if scope is not None else self.frame.scope.find(key)
            return [found] if found is not None and self._chosen(found) else []
        regex = wildcard_regex(pattern)
        seen: dict[str, Variable] = {}
        for at in [scope] if scope is not None else self.frame.scope.chain():
            for key, variable in at.vars.items():
                if regex.fullmatch(variable.name):
                    seen.setdefault(key, variable)
        return [variable for variable in seen.values() if self._chosen(variable)]

    def _chosen(self, variable: Variable) -> bool:
        included, excluded = as_list(self.arg("Include")), as_list(self.arg("Exclude"))
        if included and not any(wildcard_regex(pattern).fullmatch(variable.name) for pattern in included):
            return False
        return not any(wildcard_regex(pattern).fullmatch(variable.name) for pattern in excluded)

    def not_found(self, name: str) -> None:
        self.error(
            f"Cannot find a variable with the name '{name}'.",
            "VariableNotFound",
            "ObjectNotFound",
            name,
            net_type=ITEM_NOT_FOUND,
        )

    def holder(self, variable: Variable) -> Scope:
        key = variable.name.lower()
        return next((at for at in self.frame.scope.chain() if at.vars.get(key) is variable), self.frame.scope)

    def refuse(self, variable: Variable, verb: str, fqid: str) -> None:
        self.error(
            f"Cannot {verb} variable {variable.name} because it is constant or read-only. If the variable is "
            "read-only, try the operation again specifying the Force option."
            if verb == "remove"
            else f"Cannot overwrite variable {variable.name} because it is read-only or constant.",
            fqid,
            "WriteError",
            variable.name,
            net_type=CANNOT,
        )


@command("Get-Variable")
class GetVariable(VariableCommand):
    def process(self) -> None:
        names = self.arg("Name")
        for name in names if names else ["*"]:
            found = self.matching(name)
            found += self._automatic(name, {variable.name.lower() for variable in found})
            found.sort(key=lambda variable: sort_key(variable.name))
            if not found and not has_wildcard(name) and not self._hidden_by_filter(name):
                self.not_found(name)
            for variable in found:
                self.write(variable.value if self.switch("ValueOnly") else variable)

    def _automatic(self, name: str, known: set[str]) -> Iterator[Variable]:
        if not has_wildcard(name):
            found = None if known else automatic_variable(self.frame, name.lower())
            if found is not None and self._is_in_scope(found) and self._chosen(found):
                yield found
            return
        regex = wildcard_regex(name)
        for variable in automatic_variables(self.frame):
            if variable.name.lower() in known or not regex.fullmatch(variable.name):
                continue
            if self._is_in_scope(variable) and self._chosen(variable):
                yield variable

    def _is_in_scope(self, variable: Variable) -> bool:
        """Whether an automatic variable is one of the scope that was asked for: all are of the global one."""
        scope = self.scope()
        return scope is None or scope.parent is None or "AllScope" in variable.options

    def _hidden_by_filter(self, name: str) -> bool:
        scope = self.scope()
        variable = scope.vars.get(name.lower()) if scope is not None else self.frame.scope.find(name.lower())
        return variable is not None


def assign(variable: Variable, value: Any, force: bool) -> None:
    """Sets the value; -Force passes a read-only variable, never a constant."""
    if force and variable.is_read_only and not variable.is_constant:
        variable.value = value
    else:
        variable.set(value)


@command("Set-Variable")
class SetVariable(VariableCommand):
    def begin(self) -> None:
        self._values: list[Any] = []

    def process(self) -> None:
        if self.expecting_input and "value" in self.bound:
            self._values.append(self.arg("Value"))

    def end(self) -> None:
        values = self._values
        value = (values[0] if len(values) == 1 else values) if values else self.arg("Value")
        for name in self.arg("Name") or ():  # none: each object was refused
            self._set_all(name, value)

    def _set_all(self, name: str, value: Any) -> None:
        scope = self.scope() or self.frame.scope
        if has_wildcard(name):
            found = self.matching(name)
        else:
            existing = scope.vars.get(name.lower())
            found = [existing] if existing is not None else []
        if not found:
            if has_wildcard(name) or not self.should_process(f"Name: {name} Value: {text(value)}", "Set variable"):
                return
            found = [self._made(scope, name, value)]
        elif not self.should_process(f"Name: {name} Value: {text(value)}", "Set variable"):
            return
        else:
            for variable in found:
                self._set_one(variable, value)
        if self.switch("PassThru"):
            self.write_all(found)

    def _made(self, scope: Scope, name: str, value: Any) -> Variable:
        variable = scope.set(name.lower(), name, value)
        self._describe(variable)
        return variable

    def _set_one(self, variable: Variable, value: Any) -> None:
        wanted = str(self.arg("Option", "None")).lower()
        if self.has("Option") and variable.is_constant:
            self.refuse(variable, "overwrite", "VariableNotWritable")
            return
        if "constant" in wanted and not variable.is_constant:
            self.error(
                f"Existing variable {variable.name} cannot be made constant. Variables can be made constant only at "
                "creation time.",
                "VariableCannotBeMadeConstant",
                "WriteError",
                variable.name,
                net_type=CANNOT,
            )
            return
        try:
            if "value" in self.bound or self._values:
                assign(variable, value, self.switch("Force"))
            self._describe(variable)
        except ScriptError:
            self.refuse(variable, "overwrite", "VariableNotWritable")

    def _describe(self, variable: Variable) -> None:
        if self.has("Description"):
            variable.description = self.arg("Description")
        if self.has("Option"):
            variable.options = str(self.arg("Option"))
            variable.guard()


def text(value: Any) -> str:
    from ..values.value import to_string

    return to_string(value)


@command("New-Variable")
class NewVariable(VariableCommand):
    def process(self) -> None:
        name = self.arg("Name")
        scope = self.scope() or self.frame.scope
        existing = scope.vars.get(name.lower())
        if existing is not None and (not self.switch("Force") or existing.is_constant):
            self.error(
                f"A variable with name '{name}' already exists.",
                "VariableAlreadyExists",
                "ResourceExists",
                name,
                net_type="System.Management.Automation.SessionStateException",
            )
            return
        if not self.should_process(f"Name: {name} Value: {text(self.arg('Value'))}", "New variable"):
            return
        made = Variable(name, self.arg("Value"), str(self.arg("Option", "None")), self.arg("Description") or "")
        scope.vars[name.lower()] = made
        if self.switch("PassThru"):
            self.write(made)


@command("Clear-Variable")
class ClearVariable(VariableCommand):
    def process(self) -> None:
        for variable in self.named():
            if not self.should_process(f"Name: {variable.name}", "Clear variable"):
                continue
            try:
                assign(variable, None, self.switch("Force"))
            except ScriptError:
                self.refuse(variable, "overwrite", "VariableNotWritable")
            if self.switch("PassThru"):
                self.write(variable)


@command("Remove-Variable")
class RemoveVariable(VariableCommand):
    def process(self) -> None:
        for variable in self.named():
            if variable.is_constant or (variable.is_read_only and not self.switch("Force")):
                self.refuse(variable, "remove", "VariableNotRemovable")
            elif self.should_process(f"Name: {variable.name}", "Remove variable"):
                self.holder(variable).vars.pop(variable.name.lower(), None)
