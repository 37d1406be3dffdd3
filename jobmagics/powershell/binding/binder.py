"""Parameter binding: from the words of a command to its parameters.

One binder for cmdlets and functions. Order as in PowerShell: names (with abbreviations and aliases), then positions,
then
what remains, then the parameter set, then for each pipeline object what comes by value and by property name.
Functions convert with
"Cannot process argument transformation", cmdlets with "Cannot bind parameter".
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from .. import commands
from ..records import SMA, ScriptError
from ..values.conversions import convert, net_type_named
from ..values.value import NOTHING, SwitchParameter, enumerate_value, is_enumerable, to_string, unwrap
from . import errors
from .parameters import ALL_SETS, CommandMetadata, ParameterInfo, SetInfo
from .tables import tables_of
from .tokens_args import MISSING, Argument, DefaultName, NumberWord, SplatName, plain_text, plain_value

if TYPE_CHECKING:
    from ..runtime.calls import CmdletCall
    from ..runtime.runspace import Frame

ANY_OBJECT = ("System.Object", SMA + "PSObject")
SWITCH = "System.Management.Automation.SwitchParameter"


class Binding:
    """The parameters of one call."""

    def __init__(self, meta: CommandMetadata, call: Any, frame: Frame, is_cmdlet: bool) -> None:
        self.meta = meta
        self.tables = tables_of(meta)
        self.call = call
        self.frame = frame
        self.is_cmdlet = is_cmdlet
        self.values: dict[str, Any] = {}
        self.common: dict[str, Any] = {}
        self.named: list[str] = []
        self.sets: set[str] = set(self.tables.set_names)
        self.set_name = meta.default_set
        self.rest: list[Any] = []
        self.piped: list[ParameterInfo] = []  # bound from the pipeline for the current object
        self.before_pipe: dict[str, Any] = {}
        self.cmdlet: Any = None
        self.takes_pipeline = bool(self.tables.pipeline)
        self.skipped = False
        self.refusal: ScriptError | None = None
        self.shortcut = ""  # the one parameter that every pipeline object goes to, once that is known
        self.taking: dict[type, ParameterInfo] = {}  # where texts and numbers of the pipeline went
        self.wants_value = False  # that parameter takes neither $null nor an empty text
        self.delayed: dict[str, tuple[ParameterInfo, Any]] = {}  # script blocks to be run for each pipeline object
        self.argument = self.argument_name = -1  # of the words that are being bound, for errors: -1 is none
        self.origins: list[int] = []  # which words the positional arguments are

    # -- hooks that functions override
    def store(self, info: ParameterInfo, value: Any) -> None:
        self.values[info.name.lower()] = value

    def forget(self, info: ParameterInfo) -> None:
        self.values.pop(info.name.lower(), None)

    # -- from the command line
    def bind(self, args: list[Argument]) -> None:
        defaults = [one for one in args if type(one[0]) is DefaultName]
        positional = self.bind_named([one for one in args if type(one[0]) is not DefaultName] if defaults else args)
        if positional:
            positional = self.bind_positional(positional)
        left = self.argument
        self.argument = self.argument_name = -1
        for name, value in defaults:
            info = self.tables.find(self, str(name))
            if info.name.lower() not in self.named and (ALL_SETS in info.sets or self.sets & info.sets.keys()):
                self.bind_one(info, value)
        if positional:
            self.argument = left
            self.bind_remaining(positional)
            self.argument = -1
        self.choose_set(final=not self.call.expecting_input)

    def bind_named(self, args: list[Argument]) -> list[Any]:
        positional: list[Any] = []
        order: list[int] | range = range(len(args))
        if any(type(name) is SplatName for name, _ in args):
            order = sorted(order, key=lambda at: type(args[at][0]) is SplatName)
            args = [args[at] for at in order]
        at, count = 0, len(args)
        while at < count:
            name, value = args[at]
            self.argument = self.argument_name = order[at]
            at += 1
            if name is None:
                positional.append(value)
                self.origins.append(self.argument)
                continue
            try:
                info = self.tables.find(self, name)
            except ScriptError as failed:
                if name == "-" and value is MISSING:  # ``--``: what follows are arguments, whatever they look like
                    continue
                if not self.keeps_unknown() or failed.record.error_id != "NamedParameterNotFound":
                    raise
                positional.append(errors.word(name, value))
                self.origins.append(self.argument)
                continue
            if type(name) is SplatName and info.name.lower() in self.named:
                continue
            if value is MISSING:
                if info.is_switch:
                    value = True
                elif at < count and args[at][0] is None:
                    value = args[at][1]
                    self.argument = order[at]
                    at += 1
                else:
                    raise errors.missing_argument(self, info)
            self.bind_one(info, value)
        return positional

    def keeps_unknown(self) -> bool:
        """Whether a -Name that is no parameter is an argument: of a parameter that takes what remains, or in $args."""
        return any(info.name.lower() not in self.named for info in self.tables.remaining)

    def bind_one(self, info: ParameterInfo, value: Any) -> None:
        key = info.name.lower()
        if info.name in self.tables.common:
            self.common[key] = self.coerce_common(info, value)
            return
        if key in self.named:
            raise errors.bound_twice(self, info)
        self.named.append(key)
        if self.is_delayed(info, value):
            self.delayed[key] = (info, value)
        else:
            self.store(info, self.coerce(info, value))
        self.narrow(info)

    def is_delayed(self, info: ParameterInfo, value: Any) -> bool:
        """A script block for a pipeline parameter of another type is run for each object, with $_ set."""
        if not self.call.expecting_input or not hasattr(value, "compiled") or not hasattr(value, "run"):
            return False
        if info.type_name in (
            "System.Object",
            SMA + "PSObject",
            SMA + "ScriptBlock",
            "System.Object[]",
            SMA + "ScriptBlock[]",
            SMA + "PSObject[]",
        ):
            return False
        return any(part.from_pipeline or part.from_pipeline_by_name for part in info.sets.values())

    def run_delayed(self, value: Any) -> None:
        for info, block in self.delayed.values():
            found = block.invoke(self.frame, [], under=value)
            self.store(info, self.coerce(info, found[0] if len(found) == 1 else (found or None)))

    def narrow(self, info: ParameterInfo) -> None:
        if ALL_SETS in info.sets:
            return
        left = self.sets & info.sets.keys()
        if not left:
            raise errors.no_set(self)
        self.sets = left

    def part(self, info: ParameterInfo, set_name: str) -> SetInfo | None:
        return info.sets.get(set_name) or info.sets.get(ALL_SETS)

    def bind_positional(self, values: list[Any]) -> list[Any]:
        at = 0
        aside: list[Any] = []  # unknown -Names and what follows each: no positional arguments
        for position in self.tables.positional:
            while at < len(values) and isinstance(values[at], errors.Word):
                taken = (
                    1
                    if len(values[at].parts) > 1 or any(isinstance(one, errors.Word) for one in values[at + 1 : at + 2])
                    else 2
                )
                aside += values[at : at + taken]
                at += taken
            if at >= len(values):
                break
            candidates = self.at_position(position)
            if not candidates:
                continue
            self.argument = self.argument_name = self.origins[at]
            if self.bind_candidate(candidates, values[at]):
                at += 1
        self.argument = self.origins[at] if at < len(values) else -1
        return values[at:] + aside

    def at_position(self, position: int) -> list[ParameterInfo]:
        """Unbound parameters that stand there in a set that is still possible; the default set's first."""
        default: list[ParameterInfo] = []
        other: list[ParameterInfo] = []
        for info in self.tables.standing[position]:
            if info.name.lower() in self.named:
                continue
            for name in self.sets:
                part = self.part(info, name)
                if part is not None and part.position == position:
                    (default if name == self.meta.default_set else other).append(info)
        return [*default, *(info for info in other if info not in default)]

    def bind_candidate(self, candidates: list[ParameterInfo], value: Any) -> bool:
        unique = list(dict.fromkeys(info.name for info in candidates))
        chosen = {info.name: info for info in candidates}
        for name in unique:
            info = chosen[name]
            if info.sets and any(part.from_remaining for part in info.sets.values()) and len(unique) == 1:
                return False
            if len(unique) == 1:
                self.bind_one(info, value)
                return True
        failed: ScriptError | None = None
        for name in sorted(unique, key=lambda name: not self.fits(chosen[name], value)):
            try:
                self.bind_one(chosen[name], value)
            except ScriptError as problem:
                if problem.record.error_id == "ParameterArgumentValidationError" and not self.gives_way(chosen[name]):
                    raise  # it is this parameter's, with a value that it does not take
                self.named = [key for key in self.named if key != name.lower()]
                failed = failed or problem
            else:
                return True
        assert failed is not None
        raise failed

    def gives_way(self, info: ParameterInfo) -> bool:
        """Whether what this parameter does not take may be another one's, as PowerShell has it for one attribute."""
        from ..commands.catalog import no_member_kind

        return no_member_kind in info.validators

    def fits(self, info: ParameterInfo, value: Any) -> bool:
        """Whether the value already is of the parameter's type."""
        kind = net_type_named(info.type_name)
        value = plain_value(value)
        if value is None:
            return not kind.is_value_type
        if kind.element is not None:
            return kind.element.is_instance(value) or kind.is_instance(value)
        return kind.is_instance(unwrap(value))

    def bind_remaining(self, values: list[Any]) -> None:
        for info in self.tables.remaining:
            if info.name.lower() not in self.named and any(self.part(info, name) for name in self.sets):
                if self.meta.shows_spelling:
                    values = [plain_text(value) for value in values]
                values = flattened_words(values)
                held = values[0] if len(values) == 1 and is_enumerable(values[0]) else list(values)
                self.bind_one(info, held)
                return
        self.take_rest(values)

    def take_rest(self, values: list[Any]) -> None:
        raise errors.too_many(self, values[0])

    # -- parameter sets
    def choose_set(self, final: bool) -> None:
        sets = self.sets
        if len(sets) > 1:
            sets = self.without_unmet_mandatory(sets) if final or len(sets) > 1 else sets
        if self.meta.default_set in sets:
            self.set_name = self.meta.default_set
        elif len(sets) == 1:
            self.set_name = next(iter(sets))
        elif not sets or final:
            raise errors.no_set(self)
        if final and len(self.sets) == 1:
            self.set_name = next(iter(self.sets))

    def without_unmet_mandatory(self, sets: set[str]) -> set[str]:
        """Sets all of whose mandatory parameters are there; all sets when none is like that, and the default one
        when nothing was given."""
        if not self.named and not self.call.expecting_input and self.meta.default_set in sets:
            return sets
        met = set()
        for name in sets:
            missing = [
                info
                for info in self.tables.mandatory
                if (part := info.sets.get(name) or info.sets.get(ALL_SETS)) is not None
                and part.mandatory
                and info.name.lower() not in self.named
                and not (self.call.expecting_input and (part.from_pipeline or part.from_pipeline_by_name))
            ]
            if not missing:
                met.add(name)
        return met or sets

    def require_mandatory(self) -> None:
        """Asks for what is missing; what pipeline objects may still give is left to them."""
        missing = []
        waiting = self.call.expecting_input
        for info in self.tables.mandatory:
            part = self.part(info, self.set_name)
            if waiting and part is not None and (part.from_pipeline or part.from_pipeline_by_name):
                continue
            if part is not None and part.mandatory and info.name.lower() not in self.named and info not in self.piped:
                missing.append(info.name)
        if missing:
            self.ask_for(missing)

    def ask_for(self, names: list[str]) -> None:
        """Mandatory parameters that were not given: the host asks for them, if somebody is there."""
        from ..runtime.hosting import NullUI

        ui = self.frame.rs.host.ui
        infos = [self.meta.parameters[name.lower()] for name in names]
        if isinstance(ui, NullUI):
            raise errors.missing_mandatory(self, names)
        fields = [{"name": info.name, "label": "&" + info.name, "type_name": info.type_name} for info in infos]
        caption = f"cmdlet {self.call.command.name} at command pipeline position 1"
        answers = ui.prompt(caption, "Supply values for the following parameters:", fields)
        if not answers:
            raise errors.missing_mandatory(self, names)
        for name, value in answers.items():
            self.bind_one(self.tables.find(self, name), value)

    # -- one value
    def coerce_common(self, info: ParameterInfo, value: Any) -> Any:
        if info.is_switch:
            return bool(value) if isinstance(value, (bool, SwitchParameter)) else self.converted(info, value)
        action = self.converted(info, value)
        if info.type_name == SMA + "ActionPreference" and to_string(action) == "Suspend":
            raise errors.reserved_action(self, info)
        if info.type_name == SMA + "ActionPreference" and to_string(action) == "Break":
            raise errors.no_debugger(f"-{info.name}")
        return action

    def converted(self, info: ParameterInfo, value: Any) -> Any:
        try:
            return convert(value, info.type_name) if info.convert is None else info.convert(value)
        except ScriptError as failed:
            if info.type_name == "System.Text.Encoding":  # an attribute of these parameters makes it, not the binder
                raise errors.transformation_failed(self, info, value, failed) from None
            raise errors.cannot_bind(self, info, value, failed) from None

    def coerce(self, info: ParameterInfo, value: Any) -> Any:
        if value is NOTHING:
            value = None
        elif type(value) is NumberWord:
            value = value.text if info.type_name.startswith(("System.String", "System.Version")) else value.value
        if info.transforms:
            value = self.through(info, value)
            self.validate(info, value)
            return value
        name = info.type_name
        if name == SWITCH:
            return self.coerce_switch(info, value)
        if name not in ("System.Object", "System.Management.Automation.PSObject"):
            if (
                name == "System.Boolean"
                and value is not None
                and not isinstance(unwrap(value), (bool, int, float, SwitchParameter))
            ):
                raise errors.not_boolean(self, info, value)
            if name == "System.Boolean[]" and self.meta.cmdlet_binding and not self.is_cmdlet:
                for item in enumerate_value(value) if is_enumerable(value) else (value,):
                    if not isinstance(unwrap(item), (bool, int, float, SwitchParameter)):
                        raise errors.not_boolean(self, info, item)
            value = self.transformed(info, value)
        self.validate(info, value)
        return value

    def through(self, info: ParameterInfo, value: Any) -> Any:
        """The value after the parameter's attributes and types, the one next to the variable first."""
        try:
            for step in info.transforms:
                value = step(value)
        except ScriptError as failed:
            raise errors.transformation_failed(self, info, value, failed) from None
        return value

    def coerce_switch(self, info: ParameterInfo, value: Any) -> Any:
        plain = unwrap(value)
        if isinstance(plain, (bool, SwitchParameter)) or (
            isinstance(plain, (int, float)) and not isinstance(plain, str)
        ):
            return bool(plain)
        if plain is None:
            return False
        raise errors.not_switch(self, info, plain)

    def transformed(self, info: ParameterInfo, value: Any) -> Any:
        if value is None and not net_type_named(info.type_name).is_value_type:
            if info.type_name == "System.String" and not info.allow_null:
                return ""
            return None
        if info.type_name == "System.String" and isinstance(value, list):
            raise errors.array_for_string(self, info, value)
        return self.converted(info, value)

    def validate(self, info: ParameterInfo, value: Any) -> None:
        if info.required_type_name:
            errors.check_type_name(self, info, value)
        if not info.validators and not info.validate_set and not self.must_have_value(info):
            return
        if info.validate_set:
            errors.check_set(self, info, value)
        for validator in info.validators:
            try:
                validator(value, info.name)
            except ScriptError as failed:
                raise errors.invalid(self, info, failed, value) from None
        if self.must_have_value(info):
            errors.check_empty(self, info, value)

    def must_have_value(self, info: ParameterInfo) -> bool:
        return info in self.tables.mandatory

    # -- from the pipeline
    def bind_pipeline(self, value: Any) -> bool:
        """Binds one object; False when it was reported as not bindable."""
        for info in self.piped:
            key = info.name.lower()
            if key in self.before_pipe:
                self.store(info, self.before_pipe[key])
            else:
                self.forget(info)
        self.piped = []
        if self.delayed:
            self.run_delayed(value)
        waiting = [info for info in self.tables.pipeline if info.name.lower() not in self.named]
        if not waiting and not self.tables.pipeline:
            return self.unbound_input(value)
        if self.delayed and not waiting:
            return True
        if self.bind_as_before(value):
            return True
        self.skipped = False
        self.refusal = None
        if self.try_pipeline(waiting, value):
            self.remember_shortcut(waiting)
            if len(self.piped) == 1 and type(value) in (str, int):
                self.taking[type(value)] = self.piped[0]
            return True
        return not self.skipped and (bool(self.delayed) or self.unbound_input(value))

    def bind_as_before(self, value: Any) -> bool:
        """A text or number goes where the last one of its type went: it has no properties of parameters' names."""
        info = self.taking.get(type(value))
        if info is None:
            return False
        with contextlib.suppress(ScriptError):
            self.bind_piped(info, value)
        if not self.piped:
            return False
        self.settle_set()
        return True

    def settles(self) -> bool:
        """Whether every pipeline object will go, as it is, to one and the same parameter."""
        waiting = [info for info in self.tables.pipeline if info.name.lower() not in self.named]
        if len(waiting) != 1 or self.delayed:
            return False
        info = waiting[0]
        if not self.takes_any(info) or info.required_type_name:
            return False
        self.piped = [info]
        self.settle_set()
        return not self.unmet()

    def remember_shortcut(self, waiting: list[ParameterInfo]) -> None:
        """One parameter that takes any object as it is: no need to find that out again for each."""
        if len(waiting) == 1 and not self.delayed and self.cmdlet is not None and self.takes_any(waiting[0]):
            self.shortcut = waiting[0].name.lower()

    def takes_any(self, info: ParameterInfo) -> bool:
        """Whether the parameter takes every object by value, so that none is looked at for properties of its name."""
        if info.type_name not in ANY_OBJECT or info.validators or info.validate_set or info.transforms:
            return False
        self.wants_value = self.must_have_value(info) and not (info.allow_null and info.allow_empty_string)
        return self.pipeline_part(info, by_value=True) is not None

    @staticmethod
    def refuses(value: Any) -> bool:
        """Whether the parameter that takes every object may refuse this one."""
        return value is None or value is NOTHING or (isinstance(value, str) and value == "")

    def unbound_input(self, value: Any) -> bool:
        self.report(self.refusal or errors.input_not_bound(self, value))
        return False

    def report(self, problem: ScriptError) -> None:
        runtime = getattr(self.call, "runtime", None)
        if runtime is None:
            self.frame.fail(problem, self.call.place)
        else:
            runtime.write_error(problem.record)

    def try_pipeline(self, waiting: list[ParameterInfo], value: Any) -> bool:
        for coerced in (False, True):
            for info in waiting:
                if info in self.piped:
                    continue
                part = self.pipeline_part(info, by_value=True)
                if part is None or (not coerced and not self.fits(info, value)):
                    continue
                try:
                    self.bind_piped(info, value)
                except ScriptError as failed:
                    if failed.record.error_id.startswith("ParameterArgumentValidationError"):
                        self.refusal = self.refusal or failed  # of the right type, but $null, empty or out of range
            for info in waiting:
                if info in self.piped or self.pipeline_part(info, by_value=False) is None:
                    continue
                found = self.property_for(info, value)
                if found is NOTHING or (not coerced and not self.fits(info, found)):
                    continue
                with contextlib.suppress(ScriptError):
                    self.bind_piped(info, found)
            if self.piped and not coerced and not self.unmet():
                break
        if not self.piped:
            return False
        self.settle_set()
        if self.unmet():
            self.report(errors.input_lacks(self, [info.name for info in self.lacking()], value))
            self.skipped = True
            return False
        return True

    def lacking(self) -> list[ParameterInfo]:
        """Mandatory parameters of the chosen set that neither the command line nor this object gave."""
        found = []
        for info in self.tables.mandatory:
            part = self.part(info, self.set_name)
            if part is not None and part.mandatory and info.name.lower() not in self.named and info not in self.piped:
                found.append(info)
        return found

    def unmet(self) -> bool:
        """Whether the set still lacks a mandatory parameter."""
        for name in self.sets:
            for info in self.tables.mandatory:
                part = info.sets.get(name) or info.sets.get(ALL_SETS)
                if (
                    part is not None
                    and part.mandatory
                    and info.name.lower() not in self.named
                    and info not in self.piped
                ):
                    break
            else:
                return False
        return True

    def pipeline_part(self, info: ParameterInfo, by_value: bool) -> SetInfo | None:
        for name in self.sets:
            part = self.part(info, name)
            if part is not None and (part.from_pipeline if by_value else part.from_pipeline_by_name):
                return part
        return None

    def property_for(self, info: ParameterInfo, value: Any) -> Any:
        from ..members.access import get_property, has_property

        if value is None:
            return NOTHING
        for name in (info.name, *info.aliases):
            if isinstance(value, str) and name.lower() != "length":  # the one property of a text
                continue
            if has_property(value, name):
                return get_property(value, name)
        return NOTHING

    def bind_piped(self, info: ParameterInfo, value: Any) -> None:
        key = info.name.lower()
        if key in self.values and key not in self.before_pipe:
            self.before_pipe[key] = self.values[key]
        open_sets = set(self.sets)
        for earlier in self.piped:
            if ALL_SETS not in earlier.sets:
                open_sets &= earlier.sets.keys()
        if ALL_SETS not in info.sets and not open_sets & info.sets.keys():
            return
        converted = self.coerce(info, value)
        self.store(info, converted)
        self.piped.append(info)

    def settle_set(self) -> None:
        sets = set(self.sets)
        for info in self.piped:
            if ALL_SETS not in info.sets:
                sets &= info.sets.keys()
        if not sets:
            return
        if len(sets) > 1:
            sets = self.without_unmet_mandatory(sets)
        self.set_name = self.meta.default_set if self.meta.default_set in sets else sorted(sets)[0]
        if self.cmdlet is not None:
            self.cmdlet.set_name = self.set_name


def flattened_words(values: list[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if isinstance(value, errors.Word):
            found.extend(value.parts)
        else:
            found.append(None if value is NOTHING else plain_value(value))
    return found


def bind_cmdlet(call: CmdletCall) -> Binding:
    meta = commands.metadata(call.command.name)
    call.runtime.supports = (meta.confirm_impact, meta.supports_should_process)
    binding = Binding(meta, call, call.frame, True)
    binding.bind(with_defaults(call, binding))
    if not call.expecting_input:
        binding.require_mandatory()
    return binding


def with_defaults(call: CmdletCall, binding: Binding) -> list[Argument]:
    """$PSDefaultParameterValues, for what was not given."""
    table = call.frame.scope.find("psdefaultparametervalues")
    if table is None or not table.value:
        return call.args
    from .defaults import add_defaults

    return add_defaults(call, binding, table.value)
