"""Unary, binary and ternary operators. Each has its fast path for two ints (or strings) in the closure itself."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..parser import syntax as s
from ..records import error
from ..runtime.compiled import Expression
from ..values import operators as ops
from ..values.conversions import convert, try_convert
from ..values.types import NetType
from ..values.value import NOTHING, enumerate_value, is_enumerable, is_true, to_string, unwrap
from .core import Context, compiles, expression, refuse
from .expressions import constant, type_getter, type_missing

if TYPE_CHECKING:
    from ..runtime.runspace import Frame

INT_MIN, INT_MAX = ops.INT_MIN, ops.INT_MAX
MAX_RANGE = 50_000_000  # elements that one a..b may make


def truth(get: Expression) -> Expression:
    """The expression as a Python bool."""

    def test(frame: Frame) -> bool:
        value = get(frame)
        if value is True or value is False:
            return value
        return is_true(value)

    return test


def int_constant(get: Expression) -> int | None:
    """The number that an operand always is; operators with such an operand ask for it once."""
    found = getattr(get, "constant", None)
    return found if type(found) is int else None


# -- arithmetic


def _add(left: Expression, right: Expression) -> Expression:
    slow = ops.add
    fixed = int_constant(right)
    if fixed is not None:

        def add_fixed(frame: Frame) -> Any:
            a = left(frame)
            if type(a) is int:
                total = a + fixed
                return total if INT_MIN <= total <= INT_MAX else float(total)
            return slow(a, fixed)

        return add_fixed

    def add(frame: Frame) -> Any:
        a = left(frame)
        b = right(frame)
        if type(a) is int and type(b) is int:
            total = a + b
            return total if INT_MIN <= total <= INT_MAX else float(total)
        return slow(a, b)

    return add


def _subtract(left: Expression, right: Expression) -> Expression:
    slow = ops.subtract
    fixed = int_constant(right)
    if fixed is not None:

        def subtract_fixed(frame: Frame) -> Any:
            a = left(frame)
            if type(a) is int:
                total = a - fixed
                return total if INT_MIN <= total <= INT_MAX else float(total)
            return slow(a, fixed)

        return subtract_fixed

    def subtract(frame: Frame) -> Any:
        a = left(frame)
        b = right(frame)
        if type(a) is int and type(b) is int:
            total = a - b
            return total if INT_MIN <= total <= INT_MAX else float(total)
        return slow(a, b)

    return subtract


def _multiply(left: Expression, right: Expression) -> Expression:
    slow = ops.multiply
    fixed = int_constant(right)
    if fixed is not None:

        def multiply_fixed(frame: Frame) -> Any:
            a = left(frame)
            if type(a) is int:
                total = a * fixed
                return total if INT_MIN <= total <= INT_MAX else float(total)
            return slow(a, fixed)

        return multiply_fixed

    def multiply(frame: Frame) -> Any:
        a = left(frame)
        b = right(frame)
        if type(a) is int and type(b) is int:
            total = a * b
            return total if INT_MIN <= total <= INT_MAX else float(total)
        return slow(a, b)

    return multiply


def _remainder(left: Expression, right: Expression) -> Expression:
    slow = ops.remainder
    fixed = int_constant(right)
    if fixed is not None and fixed > 0:

        def remainder_fixed(frame: Frame) -> Any:
            a = left(frame)
            return a % fixed if type(a) is int and a >= 0 else slow(a, fixed)

        return remainder_fixed

    def remainder(frame: Frame) -> Any:
        a = left(frame)
        b = right(frame)
        if type(a) is int and type(b) is int and a >= 0 and b > 0:
            return a % b
        return slow(a, b)

    return remainder


def _plain(work: Callable[[Any, Any], Any]) -> Callable[[Expression, Expression], Expression]:
    def make(left: Expression, right: Expression) -> Expression:
        return lambda frame: work(left(frame), right(frame))

    return make


# -- comparison


def _filtered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
    """On a collection a comparison gives the elements for which it holds."""

    def apply(a: Any, b: Any) -> Any:
        if isinstance(a, list) or is_enumerable(a):
            return [item for item in enumerate_value(a) if test(item, b)]
        return test(a, b)

    return apply


def _equality(wanted: bool, ignore_case: bool) -> Callable[[Expression, Expression], Expression]:
    equals = ops.equals
    slow = _filtered(lambda a, b: equals(a, b, ignore_case) is wanted)

    def make(left: Expression, right: Expression) -> Expression:
        fixed = int_constant(right)
        if fixed is not None:

            def compare_fixed(frame: Frame) -> Any:
                a = left(frame)
                if type(a) is int:
                    return (a == fixed) is wanted
                return slow(a, fixed)

            return compare_fixed

        def compare(frame: Frame) -> Any:
            a = left(frame)
            b = right(frame)
            kind = type(a)
            if kind is int and type(b) is int:
                return (a == b) is wanted
            if kind is str and type(b) is str and (a == b or (a.isascii() and b.isascii() and not ignore_case)):
                return (a == b) is wanted
            return slow(a, b)

        return compare

    return make


def ordered(test: Callable[[Any, Any], bool], ignore_case: bool) -> Callable[[Any, Any], Any]:
    """-lt and its like on any two values."""
    compare_values = ops.compare

    def holds(a: Any, b: Any) -> bool:
        if isinstance(a, float) and isinstance(b, (int, float)):
            return test(a, b)
        if isinstance(b, float) and isinstance(a, int):
            return test(a, b)
        return test(compare_values(a, b, ignore_case), 0)

    return _filtered(holds)


def _order(test: Callable[[Any, Any], bool], ignore_case: bool) -> Callable[[Expression, Expression], Expression]:
    slow = ordered(test, ignore_case)

    def make(left: Expression, right: Expression) -> Expression:
        fixed = int_constant(right)
        if fixed is not None:

            def compare_fixed(frame: Frame) -> Any:
                a = left(frame)
                return test(a, fixed) if type(a) is int else slow(a, fixed)

            return compare_fixed

        def compare(frame: Frame) -> Any:
            a = left(frame)
            b = right(frame)
            if type(a) is int and type(b) is int:
                return test(a, b)
            return slow(a, b)

        return compare

    return make


def _less(left: Expression, right: Expression) -> Expression:
    slow = ordered(operator.lt, True)
    fixed = int_constant(right)
    if fixed is not None:

        def compare_fixed(frame: Frame) -> Any:
            a = left(frame)
            return a < fixed if type(a) is int else slow(a, fixed)

        return compare_fixed

    def compare(frame: Frame) -> Any:
        a = left(frame)
        b = right(frame)
        if type(a) is int and type(b) is int:
            return a < b
        return slow(a, b)

    return compare


def _contains(swap: bool, wanted: bool, ignore_case: bool) -> Callable[[Expression, Expression], Expression]:
    def make(left: Expression, right: Expression) -> Expression:
        def test(frame: Frame) -> bool:
            a = left(frame)
            b = right(frame)
            if swap:
                a, b = b, a
            return ops.contains(a, b, ignore_case) is wanted

        return test

    return make


# -- logic


def _and(left: Expression, right: Expression) -> Expression:
    first, second = truth(left), truth(right)
    return lambda frame: first(frame) and second(frame)


def _or(left: Expression, right: Expression) -> Expression:
    first, second = truth(left), truth(right)
    return lambda frame: first(frame) or second(frame)


def _xor(left: Expression, right: Expression) -> Expression:
    first, second = truth(left), truth(right)
    return lambda frame: first(frame) is not second(frame)


def _coalesce(left: Expression, right: Expression) -> Expression:
    def choose(frame: Frame) -> Any:
        value = left(frame)
        return right(frame) if is_like_null(value) else value

    return choose


def is_like_null(value: Any) -> bool:
    """What ``??`` and ``??=`` take for null: [DBNull]::Value and [NullString]::Value too."""
    return value is None or value is NOTHING or getattr(value, "ps_like_null", False)


def _range(left: Expression, right: Expression) -> Expression:
    def make(frame: Frame) -> Any:
        return range_list(left(frame), right(frame))

    return make


def range_list(first: Any, last: Any) -> Any:
    from ...psobject import Char

    a, b = unwrap(first), unwrap(last)
    if (
        isinstance(a, str)
        and isinstance(b, str)
        and len(a) == 1
        and len(b) == 1
        and not (a.isdigit() and b.isdigit() and type(a) is str)
    ):
        start, stop = ord(a), ord(b)
        step = 1 if stop >= start else -1
        return [Char(chr(code)) for code in range(start, stop + step, step)]
    return list(int_range(a, b))


def int_range(first: Any, last: Any) -> range:
    start = first if type(first) is int else int(convert(first, "System.Int32"))
    stop = last if type(last) is int else int(convert(last, "System.Int32"))
    if abs(stop - start) >= MAX_RANGE:
        raise ops.runtime_error(
            f"The range {start}..{stop} has more than {MAX_RANGE} elements, the built-in engine's limit; use a for "
            f"loop."
        )
    return range(start, stop + 1) if stop >= start else range(start, stop - 1, -1)


# -- types


def _target_type(value: Any, frame: Frame) -> NetType | None:
    if isinstance(value, NetType):
        return value
    return frame.resolve_type(to_string(value))


def _is(wanted: bool) -> Callable[[Expression, Expression], Expression]:
    def make(left: Expression, right: Expression) -> Expression:
        def test(frame: Frame) -> bool:
            value = left(frame)
            kind = right(frame)
            found = _target_type(kind, frame)
            if found is None:
                if isinstance(kind, str):
                    raise type_missing(kind)
                raise error("The right operand of '-is' must be a type.", "IsOperatorRequiresType", "InvalidOperation")
            plain = value if found.full_name.endswith(("PSObject", "PSCustomObject")) else unwrap(value)
            return found.is_instance(plain) is wanted

        return test

    return make


def _as(left: Expression, right: Expression) -> Expression:
    def cast(frame: Frame) -> Any:
        value = left(frame)
        kind = right(frame)
        found = _target_type(kind, frame)
        if found is None:
            if not isinstance(kind, str):
                raise error("The right operand of '-as' must be a type.", "AsOperatorRequiresType", "InvalidOperation")
            raise type_missing(kind)
        if value is None or value is NOTHING:
            return None
        return try_convert(value, found)

    return cast


def _bitwise(work: Callable[[int, int], int]) -> Callable[[Expression, Expression], Expression]:
    def make(left: Expression, right: Expression) -> Expression:
        def apply(frame: Frame) -> Any:
            a = left(frame)
            b = right(frame)
            if type(a) is int and type(b) is int:
                return work(a, b)
            return ops.bitwise(a, b, work)

        return apply

    return make


# -- text: in strings.py, loaded when one is compiled


def _text(name: str, ignore_case: bool, wanted: bool = True) -> Callable[[Expression, Expression], Expression]:
    def make(left: Expression, right: Expression) -> Expression:
        from ..values import text_operators

        work = getattr(text_operators, name)

        def apply(frame: Frame) -> Any:
            return work(frame, left(frame), right(frame), ignore_case, wanted)

        return apply

    return make


BINARY: dict[str, Callable[[Expression, Expression], Expression]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _plain(ops.divide),
    "%": _remainder,
    "-and": _and,
    "-or": _or,
    "-xor": _xor,
    "??": _coalesce,
    "..": _range,
    "-is": _is(True),
    "-isnot": _is(False),
    "-as": _as,
    "-band": _bitwise(operator.and_),
    "-bor": _bitwise(operator.or_),
    "-bxor": _bitwise(operator.xor),
    "-shl": _plain(ops.shift_left),
    "-shr": _plain(ops.shift_right),
    "-f": _text("format_operator", True),
    "-join": _text("join", True),
}
for _prefix, _ignore in (("-", True), ("-i", True), ("-c", False)):
    BINARY[_prefix + "eq"] = _equality(True, _ignore)
    BINARY[_prefix + "ne"] = _equality(False, _ignore)
    for _name, _test in (("lt", operator.lt), ("le", operator.le), ("gt", operator.gt), ("ge", operator.ge)):
        BINARY[_prefix + _name] = _order(_test, _ignore)
    BINARY[_prefix + "contains"] = _contains(False, True, _ignore)
    BINARY[_prefix + "notcontains"] = _contains(False, False, _ignore)
    BINARY[_prefix + "in"] = _contains(True, True, _ignore)
    BINARY[_prefix + "notin"] = _contains(True, False, _ignore)
    for _name in ("like", "match"):
        BINARY[_prefix + _name] = _text(_name, _ignore)
        BINARY[f"{_prefix}not{_name}"] = _text(_name, _ignore, wanted=False)
    for _name in ("replace", "split"):
        BINARY[_prefix + _name] = _text(_name, _ignore)
BINARY["-lt"] = _less


@compiles(s.BinaryExpressionAst)
def compile_binary(node: s.BinaryExpressionAst, c: Context) -> Expression:
    make = BINARY.get(node.operator)
    if make is None:
        return refuse(node, c)  # type: ignore[no-any-return]
    # long chains (1+1+1+...) lean left: walk them here, not by recursion
    chain: list[s.BinaryExpressionAst] = []
    at: Any = node
    while isinstance(at, s.BinaryExpressionAst) and at.operator in BINARY:
        chain.append(at)
        at = at.left
    left = expression(at, c)
    for one in reversed(chain):
        left = BINARY[one.operator](left, right_side(one, c))
    return left


def right_side(node: s.BinaryExpressionAst, c: Context) -> Expression:
    if node.operator in ("-is", "-isnot", "-as") and isinstance(node.right, s.TypeExpressionAst):
        return type_getter(node.right.type_name, c)
    return expression(node.right, c)


@compiles(s.TernaryExpressionAst)
def compile_ternary(node: s.TernaryExpressionAst, c: Context) -> Expression:
    test = truth(expression(node.condition, c))
    if_true, if_false = expression(node.if_true, c), expression(node.if_false, c)
    return lambda frame: if_true(frame) if test(frame) else if_false(frame)


@compiles(s.UnaryExpressionAst)
def compile_unary(node: s.UnaryExpressionAst, c: Context) -> Expression:
    name = node.operator
    if name in ("++", "--", "post++", "post--"):
        from .assignment import increment

        return increment(node, c)
    get = expression(node.child, c)
    if name in ("-not", "!"):
        test = truth(get)
        return lambda frame: not test(frame)
    if name == "-":
        if hasattr(get, "constant") and not isinstance(get.constant, str):
            return constant(ops.negate(get.constant))
        return lambda frame: ops.negate(get(frame))
    if name == "+":
        return lambda frame: ops.plus(get(frame))
    if name == "-bnot":
        return lambda frame: ops.bit_not(get(frame))
    if name in ("-join", "-split", "-isplit", "-csplit"):
        from ..values import text_operators

        if name == "-join":
            return lambda frame: text_operators.join(frame, get(frame), "", True, True)
        return lambda frame: text_operators.split_words(get(frame))
    return refuse(node, c)  # type: ignore[no-any-return]
