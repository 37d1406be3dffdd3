"""ForEach-Object and Where-Object: the two commands that pipelines spend their time in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ...psobject import Hashtable, PSObject
from ..compiler.element_blocks import ElementBlock
from ..members.access import MISSING, get_property, has_property, invoke_method
from ..runtime.cmdlet import Cmdlet, Sink, command
from ..runtime.records import SMA, ScriptError
from ..runtime.scriptblock import ScriptBlock
from ..values import operators
from ..values.types import resolve_type, type_of
from ..values.value import NOTHING, as_list, is_true, to_string, unwrap
from ..values.wildcards import has_wildcard, wildcard_match, wildcard_regex

Test = Callable[[Any, Any], bool]


@command("ForEach-Object")
class ForEachObject(Cmdlet):
    """Script blocks, a member of each object, or -Parallel."""

    takes_elements = True

    def element_sink(self) -> Sink | None:
        if self.set_name.startswith("Parallel") or self.has("MemberName"):
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
        first, self._blocks, self._last = self._split()
        if first is not None:
            self.invoke_block(first)
        if len(self._blocks) == 1:
            self._block = self._blocks[0]
            self.process = self._one_block  # type: ignore[method-assign]

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
        value, name = self._value(), self.arg("MemberName")
        if value is None:
            if is_strict(self) or self.has("ArgumentList"):
                refuse_input(self, *NULL_INPUT, value)
            else:
                self.write(None)
            return
        base = unwrap(value)
        arguments = self.arg("ArgumentList")
        if isinstance(base, Hashtable) and arguments is None and name in base:
            self.write_enumerated(base[name])
            return
        if arguments is not None:
            self.write_enumerated(invoke_method(value, self._method_name(value, name), as_list(arguments)))
            return
        if has_wildcard(name):
            name = self._one_name(value, name)
        if has_property(value, name):
            self.write_enumerated(get_property(value, name))
        elif has_method(value, name):
            self.write_enumerated(invoke_method(value, name, []))
        else:
            self._missing(value, name)

    def _missing(self, value: Any, name: str) -> None:
        if is_strict(self):
            message = f'The input name "{name}" cannot be resolved to a member.'
            refuse_input(self, "PropertyOrMethodNotFound", message, value)
        else:
            self.write(None)

    def _method_name(self, value: Any, name: str) -> str:
        return self._one_name(value, name) if has_wildcard(name) else name

    def _one_name(self, value: Any, pattern: str) -> str:
        from ..members.access import methods, properties

        regex = wildcard_regex(pattern)
        every = [item.name for item in properties(value)] + [item.name for item in methods(value)]
        names = list(dict.fromkeys(name for name in every if regex.fullmatch(name)))
        if len(names) > 1:
            shown = " ".join(names)
            raise self.terminate(
                f'Input name "{pattern}" is ambiguous. It can be resolved to multiple matched members. Possible '
                f"matches include: {shown}.",
                "AmbiguousPropertyOrMethodName",
                "InvalidOperation",
                value,
            )
        return names[0] if names else pattern


def has_method(value: Any, name: str) -> bool:
    from ..members.access import methods

    folded = name.lower()
    return any(method.name.lower() == folded for method in methods(value))


NULL_INPUT = ("InputObjectIsNull", "Cannot operate on a 'null' input object.")


def is_strict(cmdlet: Cmdlet) -> bool:
    return cmdlet.frame.scope.strict >= 2


def refuse_input(cmdlet: Cmdlet, error_id: str, message: str, value: Any) -> None:
    cmdlet.error(message, error_id, "InvalidArgument", value, net_type=SMA + "PSArgumentException")


# -- Where-Object


def _regex(ignore_case: bool, negate: bool) -> Test:
    flags = re.IGNORECASE if ignore_case else 0

    def test(value: Any, pattern: Any) -> bool:
        from ..values.patterns import compile_pattern

        compiled = compile_pattern(to_string(pattern), flags)
        found = any(compiled.search(to_string(item)) for item in (value if isinstance(value, list) else [value]))
        return found is not negate

    return test


def _like(ignore_case: bool, negate: bool) -> Test:
    def test(value: Any, pattern: Any) -> bool:
        text = to_string(pattern)
        items = value if isinstance(value, list) else [value]
        return any(wildcard_match(text, to_string(item), ignore_case) is not negate for item in items)

    return test


def _equal(ignore_case: bool, negate: bool) -> Test:
    def test(value: Any, other: Any) -> bool:
        if isinstance(value, list):
            return is_true([item for item in value if operators.equals(item, other, ignore_case) is not negate])
        return operators.equals(value, other, ignore_case) is not negate

    return test


def _ordered(ignore_case: bool, accept: Callable[[int], bool]) -> Test:
    def test(value: Any, other: Any) -> bool:
        try:
            if isinstance(value, list):
                return is_true([item for item in value if accept(operators.compare(item, other, ignore_case))])
            return accept(operators.compare(value, other, ignore_case))
        except ScriptError:
            return False

    return test


def _contains(ignore_case: bool, negate: bool, swap: bool) -> Test:
    def test(value: Any, other: Any) -> bool:
        collection, wanted = (other, value) if swap else (value, other)
        return operators.contains(collection, wanted, ignore_case) is not negate

    return test


def _is(negate: bool) -> Test:
    def test(value: Any, kind: Any) -> bool:
        target = kind if hasattr(kind, "is_instance") else resolve_type(to_string(kind).strip("[]"))
        return (target is not None and bool(target.is_instance(value))) is not negate

    return test


def _tests(prefix: str, ignore_case: bool) -> dict[str, Test]:
    orders: dict[str, Callable[[int], bool]] = {
        "gt": lambda sign: sign > 0,
        "ge": lambda sign: sign >= 0,
        "lt": lambda sign: sign < 0,
        "le": lambda sign: sign <= 0,
    }
    found = {prefix + name: _ordered(ignore_case, accept) for name, accept in orders.items()}
    for negate, mark in ((False, ""), (True, "n")):
        found[f"{prefix}{'ne' if negate else 'eq'}"] = _equal(ignore_case, negate)
        word = "not" if negate else ""
        found[f"{prefix}{word}like"] = _like(ignore_case, negate)
        found[f"{prefix}{word}match"] = _regex(ignore_case, negate)
        found[f"{prefix}{word}contains"] = _contains(ignore_case, negate, False)
        found[f"{prefix}{word}in"] = _contains(ignore_case, negate, True)
        del mark
    return found


TESTS: dict[str, Test] = {**_tests("", True), **_tests("c", False), "is": _is(False), "isnot": _is(True)}


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
        self._test = next((TESTS[name] for name in TESTS if self.switch(name)), None)
        self._operand = self.arg("Value")
        if self._test is None and not self._negate and self.has("Value"):
            self._test = TESTS["eq"]

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
        found = self._read(value)
        if found is MISSING:
            if is_strict(self):
                message = f'The input name "{self._name}" cannot be resolved to a property.'
                refuse_input(self, *(NULL_INPUT if value is None else ("PropertyNotFound", message)), value)
                return
            found = None
        kept = is_true(found) if self._test is None else self._test(found, self._operand)
        if kept is not self._negate:
            self.write(value)

    def _read(self, value: Any) -> Any:
        if value is None:
            return MISSING
        name = self._name
        if type(value) is PSObject and name in value._extended:
            return value._extended[name]
        base = unwrap(value)
        if isinstance(base, Hashtable) and name in base:
            return base[name]
        return get_property(value, name, MISSING)


__all__ = ["ForEachObject", "WhereObject", "type_of"]
