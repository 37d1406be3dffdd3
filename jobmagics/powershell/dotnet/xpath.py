"""XPath 1.0 over ``xml_nodes``: SelectNodes and SelectSingleNode."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from .xml_nodes import ATTRIBUTE, CDATA, COMMENT, ELEMENT, PROCESSING, TEXT, WHITESPACE, XMLNS, Node

Namespaces = dict[str, str]
Evaluator = Callable[["Context"], Any]


class BadPath(Exception):
    """The sentence that .NET says of an expression it cannot read."""


class Context:
    __slots__ = ("namespaces", "node", "position", "size")

    def __init__(self, node: Node, position: int, size: int, namespaces: Namespaces) -> None:
        self.node = node
        self.position = position
        self.size = size
        self.namespaces = namespaces


_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d*)?|\.\d+)|(?P<text>\"[^\"]*\"|'[^']*')|(?P<op>\.\.|::|//|!=|<=|>=|[/.@\[\](),|+\-=<>*$])"
    r"|(?P<name>[^\W\d][\w.\-]*(?::(?:[^\W\d][\w.\-]*|\*))?))"
)
_TYPES = {"text", "node", "comment", "processing-instruction"}
_AXES = {
    "child", "descendant", "parent", "ancestor", "following-sibling", "preceding-sibling", "following", "preceding",
    "attribute", "self", "descendant-or-self", "ancestor-or-self", "namespace",
}  # fmt: skip
_REVERSE = {"ancestor", "ancestor-or-self", "preceding", "preceding-sibling"}


def select(node: Node, path: str, namespaces: Namespaces) -> list[Node]:
    found = evaluate(node, path, namespaces)
    if not isinstance(found, list):
        raise BadPath("Expression must evaluate to a node-set.")
    return found


def evaluate(node: Node, path: str, namespaces: Namespaces) -> Any:
    return Parser(path).parse()(Context(node, 1, 1, namespaces))


# -- values


def text_of(value: Any) -> str:
    if isinstance(value, list):
        return value[0].inner_text if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value) or math.isinf(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return str(int(value)) if value == int(value) else repr(value)
    return str(value)


def number_of(value: Any) -> float:
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, float):
        return value
    try:
        return float(text_of(value).strip())
    except ValueError:
        return math.nan


def truth_of(value: Any) -> bool:
    if isinstance(value, float):
        return not (value == 0 or math.isnan(value))
    return bool(value)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def compare(op: str, left: Any, right: Any) -> bool:
    test = _COMPARE[op]
    if isinstance(left, bool) or isinstance(right, bool):
        return test(truth_of(left), truth_of(right))
    if isinstance(left, list):
        return any(compare(op, one.inner_text, right) for one in left)
    if isinstance(right, list):
        return any(compare(op, left, one.inner_text) for one in right)
    if op in ("=", "!=") and isinstance(left, str) and isinstance(right, str):
        return test(left, right)
    return test(number_of(left), number_of(right))


# -- axes


def _document_order(nodes: list[Node]) -> list[Node]:
    if len(nodes) < 2:
        return nodes
    top = nodes[0]
    while top.parent is not None:
        top = top.parent
    order: dict[int, int] = {}

    def number(node: Node) -> None:
        order[id(node)] = len(order)
        for one in node.attributes:
            order[id(one)] = len(order)
        for child in node.children:
            number(child)

    number(top)
    return sorted({id(one): one for one in nodes}.values(), key=lambda one: order.get(id(one), 0))


def _ancestors(node: Node) -> Iterator[Node]:
    while node.parent is not None:
        node = node.parent
        yield node


def _siblings(node: Node, step: int) -> Iterator[Node]:
    if node.parent is None or node.kind == ATTRIBUTE:
        return
    held = node.parent.children
    at = next(i for i, one in enumerate(held) if one is node)
    yield from held[at + 1 :] if step > 0 else reversed(held[:at])


def _beyond(node: Node, step: int) -> Iterator[Node]:
    for one in (node, *_ancestors(node)):
        for sibling in _siblings(one, step):
            if step > 0:
                yield sibling
                yield from sibling.walk()
            else:
                yield from reversed(list(sibling.walk()))
                yield sibling


def along(axis: str, node: Node) -> Iterator[Node]:
    if axis == "child":
        yield from node.children
    elif axis == "attribute":
        yield from (one for one in node.attributes if one.namespace != XMLNS)
    elif axis == "self":
        yield node
    elif axis in ("descendant", "descendant-or-self"):
        if axis != "descendant":
            yield node
        yield from node.walk()
    elif axis == "parent":
        if node.parent is not None:
            yield node.parent
    elif axis in ("ancestor", "ancestor-or-self"):
        if axis != "ancestor":
            yield node
        yield from _ancestors(node)
    elif axis in ("following-sibling", "preceding-sibling"):
        yield from _siblings(node, 1 if axis[0] == "f" else -1)
    elif axis in ("following", "preceding"):
        yield from _beyond(node, 1 if axis == "following" else -1)


def _test(test: str, axis: str, node: Node, namespaces: Namespaces) -> bool:
    if test.endswith(")"):
        kind = test[:-2]
        if kind == "node":
            return True
        wanted = {"text": (TEXT, CDATA, WHITESPACE), "comment": (COMMENT,), "processing-instruction": (PROCESSING,)}[
            kind
        ]
        return node.kind in wanted
    if node.kind != (ATTRIBUTE if axis == "attribute" else ELEMENT):
        return False
    if test == "*":
        return True
    prefix, mark, local = test.rpartition(":")
    if not mark:
        return node.local_name == test and (axis == "attribute" or node.namespace == "")
    uri = namespaces.get(prefix)
    if uri is None:
        raise BadPath(
            "Namespace Manager or XsltContext needed. This query has a prefix, variable, or user-defined function."
        )
    return node.namespace == uri and local in ("*", node.local_name)


# -- functions


def _argument(context: Context, args: list[Any]) -> Any:
    return args[0] if args else [context.node]


def _first(context: Context, args: list[Any]) -> Node | None:
    held = _argument(context, args)
    return held[0] if held else None


def _substring(context: Context, args: list[Any]) -> str:
    text, start = text_of(args[0]), number_of(args[1])
    first = math.floor(start + 0.5)
    end = first + math.floor(number_of(args[2]) + 0.5) if len(args) > 2 else len(text) + 1
    return text[max(0, int(first) - 1) : max(0, int(end) - 1)]


def _translate(context: Context, args: list[Any]) -> str:
    text, source, target = (text_of(one) for one in args)
    table = {char: target[at] if at < len(target) else "" for at, char in reversed(list(enumerate(source)))}
    return "".join(table.get(char, char) for char in text)


FUNCTIONS: dict[str, Callable[[Context, list[Any]], Any]] = {
    "position": lambda context, args: float(context.position),
    "last": lambda context, args: float(context.size),
    "count": lambda context, args: float(len(args[0])),
    "name": lambda context, args: getattr(_first(context, args), "name", ""),
    "local-name": lambda context, args: getattr(_first(context, args), "local_name", ""),
    "namespace-uri": lambda context, args: getattr(_first(context, args), "namespace", ""),
    "string": lambda context, args: text_of(_argument(context, args)),
    "number": lambda context, args: number_of(_argument(context, args)),
    "boolean": lambda context, args: truth_of(args[0]),
    "not": lambda context, args: not truth_of(args[0]),
    "true": lambda context, args: True,
    "false": lambda context, args: False,
    "contains": lambda context, args: text_of(args[1]) in text_of(args[0]),
    "starts-with": lambda context, args: text_of(args[0]).startswith(text_of(args[1])),
    "concat": lambda context, args: "".join(map(text_of, args)),
    "string-length": lambda context, args: float(len(text_of(_argument(context, args)))),
    "normalize-space": lambda context, args: " ".join(text_of(_argument(context, args)).split()),
    "substring": _substring,
    "substring-before": lambda context, args: (
        text_of(args[0]).partition(text_of(args[1]))[0] if text_of(args[1]) in text_of(args[0]) else ""
    ),
    "substring-after": lambda context, args: text_of(args[0]).partition(text_of(args[1]))[2],
    "translate": _translate,
    "sum": lambda context, args: math.fsum(number_of(one.inner_text) for one in args[0]),
    "floor": lambda context, args: float(math.floor(number_of(args[0]))),
    "ceiling": lambda context, args: float(math.ceil(number_of(args[0]))),
    "round": lambda context, args: float(math.floor(number_of(args[0]) + 0.5)),
}

# -- the expression


class Parser:
    """An expression to a function of the context."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.tokens: list[str] = []
        at = 0
        while at < len(path.rstrip()):
            found = _TOKEN.match(path, at)
            if found is None:
                raise self.bad()
            self.tokens.append(found[found.lastgroup or 0])
            at = found.end()
        self.at = 0

    def bad(self) -> BadPath:
        return BadPath(f"'{self.path}' has an invalid token.")

    @property
    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        found = self.next
        if not found or (wanted and found != wanted):
            raise self.bad()
        self.at += 1
        return found

    def parse(self) -> Evaluator:
        found = self.binary(0)
        if self.next:
            raise self.bad()
        return found

    LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))

    def binary(self, level: int) -> Evaluator:
        if level == len(self.LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while self.next in self.LEVELS[level]:
            left = _combine(self.take(), left, self.binary(level + 1))
        return left

    def unary(self) -> Evaluator:
        if self.next == "-":
            self.take()
            inner = self.unary()
            return lambda context: -number_of(inner(context))
        left = self.location()
        while self.next == "|":
            self.take()
            left = _union(left, self.location())
        return left

    def location(self) -> Evaluator:
        """A path, or a primary expression with predicates and a path after it."""
        word = self.next
        is_call = self.at + 1 < len(self.tokens) and self.tokens[self.at + 1] == "(" and word not in _TYPES
        if (
            word == "("
            or word[:1] in "\"'"
            or word[:1].isdigit()
            or (word[:1] == "." and word[1:2].isdigit())
            or (is_call and word[:1].isalpha())
        ):
            start = self.predicates(self.primary(), "child")
            return self.steps(start) if self.next in ("/", "//") else start
        if word in ("/", "//"):
            if word == "/" and not self._step_follows(1):
                self.take()
                return lambda context: [_top(context.node)]
            return self.steps(lambda context: [_top(context.node)])
        return self.steps(lambda context: [context.node], first=True)

    def _step_follows(self, ahead: int) -> bool:
        word = self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""
        return bool(word) and (word in (".", "..", "@", "*") or word[0].isalpha() or word[0] == "_")

    def primary(self) -> Evaluator:
        word = self.take()
        if word == "(":
            inner = self.binary(0)
            self.take(")")
            return inner
        if word[0] in "\"'":
            text = word[1:-1]
            return lambda context: text
        if word[0].isdigit() or word[0] == ".":
            number = float(word)
            return lambda context: number
        function = FUNCTIONS.get(word)
        if function is None:
            raise BadPath(f"'{self.path}' has an unknown function: {word}().")
        self.take("(")
        args: list[Evaluator] = []
        while self.next != ")":
            args.append(self.binary(0))
            if self.next == ",":
                self.take()
        self.take(")")
        return lambda context: function(context, [one(context) for one in args])

    def steps(self, start: Evaluator, first: bool = False) -> Evaluator:
        if first:
            start = self.step(start)
        while self.next in ("/", "//"):
            if self.take() == "//":
                start = _walk(start, "descendant-or-self", "node()", [])
            start = self.step(start)
        return start

    def step(self, start: Evaluator) -> Evaluator:
        word = self.take()
        if word in (".", ".."):
            return _walk(start, "self" if word == "." else "parent", "node()", [])
        axis = "child"
        if word == "@":
            axis, word = "attribute", self.take()
        elif self.next == "::":
            if word not in _AXES:
                raise self.bad()
            self.take()
            axis, word = word, self.take()
        if word in _TYPES and self.next == "(":
            self.take()
            while self.take() != ")":
                pass
            word += "()"
        elif word != "*" and not (word[0].isalpha() or word[0] == "_"):
            raise self.bad()
        return _walk(start, axis, word, self.predicate_list())

    def predicate_list(self) -> list[Evaluator]:
        found = []
        while self.next == "[":
            self.take()
            found.append(self.binary(0))
            self.take("]")
        return found

    def predicates(self, start: Evaluator, axis: str) -> Evaluator:
        tests = self.predicate_list()
        if not tests:
            return start
        return lambda context: _filter(start(context), tests, context)


def _combine(op: str, left: Evaluator, right: Evaluator) -> Evaluator:
    if op == "or":
        return lambda context: truth_of(left(context)) or truth_of(right(context))
    if op == "and":
        return lambda context: truth_of(left(context)) and truth_of(right(context))
    if op in _COMPARE:
        return lambda context: compare(op, left(context), right(context))
    return lambda context: _calculate(op, number_of(left(context)), number_of(right(context)))


def _calculate(op: str, left: float, right: float) -> float:
    if op == "+":
        return left + right
    if op == "-":
        return left - right
    if op == "*":
        return left * right
    if right == 0:
        return math.nan if op == "mod" or left == 0 else math.copysign(math.inf, left)
    return left / right if op == "div" else math.fmod(left, right)


def _union(left: Evaluator, right: Evaluator) -> Evaluator:
    return lambda context: _document_order([*left(context), *right(context)])


def _top(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


def _filter(nodes: list[Node], tests: list[Evaluator], context: Context) -> list[Node]:
    for test in tests:
        size = len(nodes)
        kept = []
        for at, node in enumerate(nodes, 1):
            found = test(Context(node, at, size, context.namespaces))
            if found == at if type(found) is float else truth_of(found):
                kept.append(node)
        nodes = kept
    return nodes


def _walk(start: Evaluator, axis: str, test: str, tests: list[Evaluator]) -> Evaluator:
    def run(context: Context) -> list[Node]:
        origins = start(context)
        if not isinstance(origins, list):
            raise BadPath("Expression must evaluate to a node-set.")
        found: list[Node] = []
        for origin in origins:
            nodes = [one for one in along(axis, origin) if _test(test, axis, one, context.namespaces)]
            found.extend(_filter(nodes, tests, context) if tests else nodes)
        return _document_order(found) if len(origins) > 1 or axis in _REVERSE else found

    return run
