"""ForEach-Object and Where-Object: the two commands that pipelines spend their time in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ...psobject import Hashtable, PSObject
from ..compiler.element_blocks import ElementBlock
from ..members.access import (
    MISSING,
    get_member_or_method,
    get_property,
    has_property,
    invoke_method,
    methods,
    properties,
)
from ..records import SMA, ErrorRecord, ScriptError
from ..runtime.cmdlet import Cmdlet, Sink, command
from ..runtime.scriptblock import ScriptBlock
from ..values import operators, text_operators
from ..values.conversions import convert
from ..values.types import type_of
from ..values.value import NOTHING, as_list, is_true, to_string, unwrap
from ..values.wildcards import has_wildcard, wildcard_regex

if TYPE_CHECKING:
    from ..runtime.runspace import Frame

Test = Callable[["Frame", Any, Any], bool]


@command("ForEach-Object")
class ForEachObject(Cmdlet):
    """Script blocks, a member of each object, or -Parallel."""

    takes_elements = True

    def element_sink(self) -> Sink | None:
        if self.set_name.startswith("Parallel") or self.has("MemberName") or self._asks():
            return None
        blocks = self._split()[1]
        if len(blocks) != 1 or not ElementBlock.suits(blocks[0]):
            return None
        return ElementBlock(blocks[0], self.frame, self.runtime.streams).emitter(self.write)

    def begin(self) -> None:
        if self.set_name.startswith("Parallel"):
            from .parallel import ParallelJob, ParallelRun

            self._parallel: ParallelRun | ParallelJob | None
            self._parallel = ParallelJob(self) if self.switch("AsJob") else ParallelRun(self)
            return
        self._parallel = None
        if self.has("MemberName"):
            self.process = self._member  # type: ignore[method-assign]
            return
        if self._asks():
            raise self.terminate(
                "The -WhatIf and -Confirm parameters are not supported for script blocks.",
                "NoShouldProcessForScriptBlockSet",
                "InvalidOperation",
                net_type="System.InvalidOperationException",
            )
        first, self._blocks, self._last = self._split()
        if first is not None:
            self.invoke_block(first)
        if len(self._blocks) == 1:
            self._block = self._blocks[0]
            self.process = self._one_block  # type: ignore[method-assign]

    def _asks(self) -> bool:
        common = self.runtime.common
        return bool(common.get("whatif")) or bool(common.get("confirm"))

    def _split(self) -> tuple[ScriptBlock | None, list[ScriptBlock], ScriptBlock | None]:
        """Which block is begin, process, end: of two positional ones the first is begin, of three the last is end."""
        begin, end = self.arg("Begin"), self.arg("End")
        blocks = [*as_list(self.arg("Process")), *as_list(self.arg("RemainingScripts"))]
        if begin is None and len(blocks) > 1:
            begin, blocks = blocks[0], blocks[1:]
            if end is None and len(blocks) > 1:
                end, blocks = blocks[-1], blocks[:-1]
        elif begin is not None and end is None and len(blocks) > 1:
            end, blocks = blocks[-1], blocks[:-1]
        return begin, [block for block in blocks if block is not None], end

    def _value(self) -> Any:
        found = self.bound.get("inputobject", NOTHING)
        return None if found is NOTHING else found

    def _one_block(self) -> None:
        self._block.run(self.frame, self.write, under=self._value(), args=[], streams=self.runtime.streams, local=False)

    def process(self) -> None:
        if self._parallel is not None:
            self._parallel.add(self._value())
            return
        value = self._value()
        for block in self._blocks:
            self.invoke_block(block, value)

    def end(self) -> None:
        if self._parallel is not None:
            self._parallel.finish()
        elif not self.has("MemberName") and self._last is not None:
            self.invoke_block(self._last)

    # -- ForEach-Object Name
    def _member(self) -> None:
        value, name = self._value(), to_string(self.arg("MemberName"))
        arguments = as_list(self.arg("ArgumentList"))
        if value is None:
            self._of_null(name, bool(arguments))
        elif arguments:
            self._call(value, name, arguments)
        elif isinstance(table := unwrap(value), Hashtable) and name in table:
            if self._may(value, f"Retrieve the value for key '{name}'"):
                self.write_enumerated(table[name])
        else:
            self._read_or_call(value, name)

    def _may(self, value: Any, action: str) -> bool:
        shown = ("null" if value is None else to_string(value)) or type_of(value).full_name
        return self.should_process(f"InputObject: {shown}", action)

    def _of_null(self, name: str, called: bool) -> None:
        if called:
            refuse_input(self, "InvokeMethodOnNull", "You cannot call a method on a null-valued expression.", None)
        elif self._may(None, f"Retrieve the value for property '{name}'"):
            if is_strict(self):
                refuse_input(self, *NULL_INPUT, None)
            else:
                self.write(None)

    def _call(self, value: Any, name: str, arguments: list[Any]) -> None:
        found = matching(name, methods(value))
        if len(found) > 1:
            ambiguous(self, "AmbiguousMethodName", "methods", name, found, value)
        elif not found:
            refuse_input(self, "MethodNotFound", f'Input name "{name}" cannot be resolved to a method.', value)
        elif self._may(value, f"Invoke method '{found[0]}' with arguments: {', '.join(map(to_string, arguments))}"):
            self._invoke(value, found[0], arguments)

    def _invoke(self, value: Any, name: str, arguments: list[Any]) -> None:
        try:
            self.write_enumerated(invoke_method(value, name, arguments))
        except ScriptError as failed:
            if not arguments and failed.record.error_id == "MethodCountCouldNotFindBest":
                self.write(get_member_or_method(value, name))
                return
            self.error(ErrorRecord(failed.record.exception, "MethodInvocationError", "InvalidOperation", value))

    def _read_or_call(self, value: Any, name: str) -> None:
        if has_wildcard(name):
            found = matching(name, [*properties(value), *methods(value)])
            if len(found) > 1:
                ambiguous(self, "AmbiguousPropertyOrMethodName", "members", name, found, value)
                return
            name = found[0] if found else name
        if has_property(value, name):
            if self._may(value, f"Retrieve the value for property '{name}'"):
                self.write_enumerated(readable(value, name))
        elif called := matching(name, methods(value)):
            if self._may(value, f"Invoke method '{called[0]}'"):
                self._invoke(value, called[0], [])
        elif self._may(value, f"Retrieve the value for property '{name}'"):
            if is_strict(self):
                message = f'The input name "{name}" cannot be resolved to a member.'
                refuse_input(self, "PropertyOrMethodNotFound", message, value)
            else:
                self.write(None)


def readable(value: Any, name: str) -> Any:
    """A property's value; None where reading it fails."""
    try:
        return get_property(value, name)
    except ScriptError:
        return None


def matching(name: str, members: Iterable[Any]) -> list[str]:
    """The names among the members that the name or pattern means, each once."""
    if has_wildcard(name):
        fits = wildcard_regex(name).fullmatch
        return list(dict.fromkeys(member.name for member in members if fits(member.name)))
    folded = name.lower()
    return next(([member.name] for member in members if member.name.lower() == folded), [])


NULL_INPUT = ("InputObjectIsNull", "Cannot operate on a 'null' input object.")


def is_strict(cmdlet: Cmdlet) -> bool:
    return cmdlet.frame.scope.strict >= 2


def refuse_input(cmdlet: Cmdlet, error_id: str, message: str, value: Any) -> None:
    cmdlet.error(message, error_id, "InvalidArgument", value, net_type=SMA + "PSArgumentException")


def ambiguous(cmdlet: Cmdlet, error_id: str, kinds: str, name: str, found: list[str], value: Any) -> None:
    message = (
        f'Input name "{name}" is ambiguous. It can be resolved to multiple matched {kinds}. Possible matches '
        f"include: {' '.join(found)}."
    )
    refuse_input(cmdlet, error_id, message, value)


# -- Where-Object


def _text_test(work: Callable[[Frame, Any, Any, bool, bool], Any]) -> Callable[[bool, bool], Test]:
    """-like and -match, which are the operators: of a collection what fits, and $Matches."""

    def variant(ignore_case: bool, negate: bool) -> Test:
        return lambda frame, value, other: is_true(work(frame, value, other, ignore_case, not negate))

    return variant


_like, _match = _text_test(text_operators.like), _text_test(text_operators.match)


def _equal(ignore_case: bool, negate: bool) -> Test:
    def test(frame: Frame, value: Any, other: Any) -> bool:
        if isinstance(value, list):
            return is_true([item for item in value if operators.equals(item, other, ignore_case) is not negate])
        return operators.equals(value, other, ignore_case) is not negate

    return test


def _ordered(ignore_case: bool, accept: Callable[[int], bool]) -> Test:
    def test(frame: Frame, value: Any, other: Any) -> bool:
        if isinstance(value, list):
            return is_true([item for item in value if accept(operators.compare(item, other, ignore_case))])
        return accept(operators.compare(value, other, ignore_case))

    return test


def _contains(ignore_case: bool, negate: bool, swap: bool) -> Test:
    def test(frame: Frame, value: Any, other: Any) -> bool:
        collection, wanted = (other, value) if swap else (value, other)
        return operators.contains(collection, wanted, ignore_case) is not negate

    return test


def _is(negate: bool) -> Test:
    return lambda frame, value, kind: bool(kind.is_instance(value)) is not negate


def _tests(prefix: str, ignore_case: bool) -> dict[str, Test]:
    orders: dict[str, Callable[[int], bool]] = {
        "gt": lambda sign: sign > 0,
        "ge": lambda sign: sign >= 0,
        "lt": lambda sign: sign < 0,
        "le": lambda sign: sign <= 0,
    }
    found = {prefix + name: _ordered(ignore_case, accept) for name, accept in orders.items()}
    for negate in (False, True):
        found[f"{prefix}{'ne' if negate else 'eq'}"] = _equal(ignore_case, negate)
        word = "not" if negate else ""
        found[f"{prefix}{word}like"] = _like(ignore_case, negate)
        found[f"{prefix}{word}match"] = _match(ignore_case, negate)
        found[f"{prefix}{word}contains"] = _contains(ignore_case, negate, False)
        found[f"{prefix}{word}in"] = _contains(ignore_case, negate, True)
    return found


PLAIN, CASED = _tests("", True), _tests("c", False)
TESTS: dict[str, Test] = {**PLAIN, **CASED, "is": _is(False), "isnot": _is(True)}
# the operators as errors name them
KINDS = {name: f"I{name}" for name in PLAIN} | {name: name.capitalize() for name in CASED}
KINDS |= {"in": "In", "is": "Is", "isnot": "IsNot"}
BAD_ARGUMENT = frozenset({"System.ArgumentException", "System.Text.RegularExpressions.RegexParseException"})


@command("Where-Object")
class WhereObject(Cmdlet):
    takes_elements = True

    def element_sink(self) -> Sink | None:
        script = self.arg("FilterScript")
        if script is None or not ElementBlock.suits(script):
            return None
        holds = ElementBlock(script, self.frame, self.runtime.streams).tester()
        write = self.write

        def keep(value: Any) -> None:
            if value is not NOTHING and holds(value):
                write(value)

        return keep

    def begin(self) -> None:
        script = self.arg("FilterScript")
        if script is not None:
            self._script = script
            self.process = self._by_script  # type: ignore[method-assign]
            return
        self._name: str = to_string(self.arg("Property"))
        self._negate = self.switch("Not")
        self._operator = next((name for name in TESTS if self.switch(name)), None)
        self._operand = self.arg("Value")
        if self._operator in ("is", "isnot") and isinstance(self._operand, str):
            text = self._operand
            self._operand = self._type(text[1:-1] if len(text) > 2 and text[0] + text[-1] == "[]" else text)

    def _type(self, name: str) -> Any:
        try:
            return convert(name, "System.Type")
        except ScriptError as failed:
            raise self.terminate(failed.record) from None

    def _checked(self) -> None:
        """An operator wants a value, a value an operator."""
        if (self._operator is None) is not self.has("Value"):
            return
        if self._operator is None:
            error_id, message = (
                "OperatorNotSpecified",
                "An operator is required to compare the two specified values. Include a valid operator in the command, "
                "and then try the command again. For example, Get-Process | Where-Object -Property Name -eq Idle",
            )
        else:
            error_id, message = (
                "ValueNotSpecifiedForWhereObject",
                "The specified operator requires both the -Property and -Value parameters. Provide values for both "
                "parameters, and then try the command again.",
            )
        raise self.terminate(message, error_id, "InvalidArgument", net_type=SMA + "PSArgumentException")

    def _by_script(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING:
            return
        found: list[Any] = []
        self._script.run(self.frame, found.append, under=value, args=[], streams=self.runtime.streams, local=False)
        if found and is_true(found[0] if len(found) == 1 else found):
            self.write(value)

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING:
            return
        self._checked()
        found = self._read(value)
        if found is NOTHING:
            return
        if self._operator is None:
            if is_true(found) is not self._negate:
                self.write(value)
        elif self._holds(found, value):
            self.write(value)

    def _holds(self, found: Any, value: Any) -> bool:
        assert self._operator is not None
        try:
            return TESTS[self._operator](self.frame, found, self._operand)
        except ScriptError as failed:
            message = failed.record.exception.message
            kind = KINDS[self._operator]
            if failed.record.exception.net_type in BAD_ARGUMENT:
                refuse_input(
                    self,
                    "BadOperatorArgument",
                    f"The argument to operator '{kind}' is not valid: {message}.",
                    value,
                )
            else:
                self.error(
                    f"The '{kind}' operator failed: {message}.",
                    "OperatorFailed",
                    "InvalidOperation",
                    value,
                    net_type=SMA + "PSInvalidOperationException",
                )
            return False

    def _read(self, value: Any) -> Any:
        """The property's value; NOTHING after an error."""
        if value is None:
            if not is_strict(self):
                return None
            refuse_input(self, *NULL_INPUT, None)
            return NOTHING
        name = self._name
        if type(value) is PSObject and name in value._extended:
            return get_property(value, name)
        base = unwrap(value)
        if isinstance(base, Hashtable) and name in base:
            return base[name]
        if has_wildcard(name):
            names = matching(name, [*properties(value), *methods(value)])
            if len(names) > 1:
                ambiguous(self, "AmbiguousPropertyName", "members", name, names, value)
                return NOTHING
            name = names[0] if names else name
        try:
            found = get_member_or_method(value, name)
        except ScriptError:
            return None
        if found is not MISSING:
            return found
        if not is_strict(self):
            return None
        refuse_input(self, "PropertyNotFound", f'The input name "{name}" cannot be resolved to a property.', value)
        return NOTHING


__all__ = ["ForEachObject", "WhereObject", "type_of"]
