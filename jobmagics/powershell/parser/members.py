"""Variables, expandable strings, and what follows a value: members, calls, indexes."""

from __future__ import annotations

from bisect import bisect_right

from jobmagics.powershell.parser.core import span
from jobmagics.powershell.parser.errors import ErrorList
from jobmagics.powershell.parser.lexer import COMMAND, EXPRESSION, Lexer
from jobmagics.powershell.parser.syntax import (
    Ast,
    ErrorExpressionAst,
    ExpandableStringExpressionAst,
    ExpressionAst,
    Extent,
    IndexExpressionAst,
    InvokeMemberExpressionAst,
    MemberExpressionAst,
    StringConstantExpressionAst,
    TypeName,
    UsingExpressionAst,
    VariableExpressionAst,
)
from jobmagics.powershell.parser.tokens import SPLAT, SUBEXPRESSION, UNARY, Token
from jobmagics.powershell.parser.types import TypeParser

USING = "using:"


class MemberParser(TypeParser):
    def primary(self, token: Token, *, members: bool = True) -> ExpressionAst | None:
        raise NotImplementedError

    # -- variables and strings

    def variable(self, token: Token, *, members: bool) -> ExpressionAst:
        path = token.value
        splatted = token.kind == SPLAT
        if path[: len(USING)].lower() == USING and len(path) > len(USING):
            inner: ExpressionAst = VariableExpressionAst(token.extent, path[len(USING) :], splatted)
            if members:
                inner = self.postfix(inner)
            return UsingExpressionAst(inner.extent, inner)
        found = VariableExpressionAst(token.extent, path, splatted)
        return self.postfix(found) if members else found

    def expandable(self, token: Token, kind: str) -> ExpressionAst:
        """The string of an expandable token, its code read."""
        parts: list[str | ExpressionAst] = []
        value = ""
        for part in token.parts or ():
            if isinstance(part, str):
                value += part
                if parts and isinstance(last := parts[-1], str):
                    parts[-1] = last + part
                elif part:
                    parts.append(part)
            else:
                value += part.text
                parts.append(self._nested(part))
        if not any(isinstance(part, ExpressionAst) for part in parts):
            return StringConstantExpressionAst(token.extent, value, kind)
        return ExpandableStringExpressionAst(token.extent, value, parts, kind)

    def _nested(self, token: Token) -> ExpressionAst:
        if token.kind != SUBEXPRESSION:
            return self.variable(token, members=False)
        left_out: list[int] = token.value
        text = self.lexer.text  # of a nested one, the source without the quotes that are doubled
        if not left_out:
            return self._read_nested(Lexer(text, self.errors, token.start, token.end), self.errors)
        kept = text[: token.start]
        at = token.start
        for place in left_out:
            kept += text[at:place]
            at = place + 1
        kept += text[at : token.end]
        errors = ErrorList()
        found = self._read_nested(Lexer(kept, errors, token.start), errors)
        places = [place - index for index, place in enumerate(left_out)]
        for error in errors.errors:
            moved = _moved(error.extent, places)
            self.errors.errors.append(error._replace(extent=moved))
        _move_tree(found, places)
        return found

    def _read_nested(self, lexer: Lexer, errors: ErrorList) -> ExpressionAst:
        lexer.mode = EXPRESSION
        parser = type(self)(self.source, errors, lexer, self.depth + 1)
        parser.deeper()
        found = parser.primary(parser.peek())
        assert found is not None  # it starts with `$(`
        return found

    # -- what follows a value

    def postfix(self, found: ExpressionAst, *, bracket: bool = True) -> ExpressionAst:
        """``found`` with the members, indexes and calls that follow it without a blank."""
        lexer = self.lexer
        while True:
            at = self.last_end()
            if at >= lexer.end or lexer.text[at] not in ".:[?<":
                return found
            ahead, resume = self._ahead, lexer.pos
            lexer.pos = at
            operator = lexer.member_access(bracket=bracket)
            if operator is None:
                self._ahead, lexer.pos = ahead, resume
                return found
            self.found(operator)
            self.skip_newlines()
            found = self._index(found, operator) if operator.kind.endswith("[") else self._member(found, operator)
            bracket = True

    def _index(self, target: ExpressionAst, left: Token) -> ExpressionAst:
        saved, self.no_commas = self.no_commas, False
        index = self.expression()
        self.no_commas = saved
        missing = index is None
        if index is None:
            self.missing("MissingArrayIndexExpression", left.end)
            index = ErrorExpressionAst(left.extent)
        self.skip_newlines()
        right = self.accept("]")
        if right is None and not missing:
            self.missing("MissingEndSquareBracket", index.extent.end)
        return IndexExpressionAst(span(target, right or index), target, index, left.kind == "?[")

    def _member(self, target: ExpressionAst, operator: Token) -> ExpressionAst:
        static = operator.kind == "::"
        conditional = operator.kind == "?."
        member, plain = self._member_name()
        if member is None:
            self.missing("MissingPropertyName", operator.end)
            member = self.single_argument(list_allowed=True) or ErrorExpressionAst(span(target, operator))
            return MemberExpressionAst(span(target, member), target, member, static, conditional)
        types = self._generic_arguments() if plain else []
        at = self.last_end()
        after = self.lexer.char(at)
        if after not in ("(", "{"):
            return MemberExpressionAst(span(target, member), target, member, static, conditional)
        self.back_to(at)
        arguments, end = self._call_arguments(after)
        extent = Extent(target.extent.start, end)
        return InvokeMemberExpressionAst(extent, target, member, static, conditional, arguments, types)

    def _member_name(self) -> tuple[ExpressionAst | None, bool]:
        name = self.simple_name()
        if name is not None:
            return StringConstantExpressionAst(name.extent, name.text, "BareWord"), True
        token = self.peek()
        if token.kind in UNARY or token.kind == "[":
            return self.unary(), False
        return self.primary(token, members=False), False

    def _generic_arguments(self) -> list[TypeName]:
        """``[int]`` of ``$x.Method[int](...)``; anything else in brackets is left for an index."""
        at = self.last_end()
        if self.lexer.char(at) != "[":
            return []
        ahead, tokens = self._ahead, len(self.tokens)
        reported = len(self.errors.errors)
        self.back_to(at)
        self.found(self.lexer._take("[", at, 1))
        types: list[TypeName] = []
        with self.mode(EXPRESSION):
            while True:
                wrapped = self.accept("[")
                name = self.type_name(assembly=False)
                if name is None or (wrapped and self.accept("]") is None):
                    break
                types.append(name)
                self.skip_newlines()
                if self.accept(",") is None:
                    break
                self.skip_newlines()
            if types and self.accept("]") and self.lexer.char(self.last_end()) == "(":
                return types
        del self.errors.errors[reported:]
        self._ahead = ahead
        self.lexer.pos = at if ahead is None else ahead.end
        del self.tokens[tokens:]
        return []

    def _call_arguments(self, opening: str) -> tuple[list[ExpressionAst], int]:
        left = self.found(self.lexer._take(opening, self.lexer.pos, 1))
        if opening == "{":
            with self.mode(COMMAND):
                block = self.script_block_expression(left)
            return [block], block.extent.end
        return self.parenthesized_arguments(left)

    def parenthesized_arguments(self, left: Token) -> tuple[list[ExpressionAst], int]:
        arguments: list[ExpressionAst] = []
        comma: Token | None = None
        reported = False
        with self.separate():
            while True:
                self.skip_newlines()
                argument = self.expression()
                if argument is None:
                    if comma is not None:
                        self.missing("MissingExpressionAfterToken", comma.end, ",")
                        reported = True
                    break
                arguments.append(argument)
                self.skip_newlines()
                comma = self.accept(",")
                if comma is None:
                    break
            self.skip_newlines()
            right = self.accept(")")
            end = self.last_end()
            if right is None and not reported:
                self.missing("MissingEndParenthesisInMethodCall", arguments[-1].extent.end if arguments else left.end)
        return arguments, end


def _moved(extent: Extent, places: list[int]) -> Extent:
    return Extent(*(at + bisect_right(places, at) for at in extent))


def _move_tree(root: Ast, places: list[int]) -> None:
    stack: list[Ast] = [root]
    while stack:
        node = stack.pop()
        stack.extend(node.children())
        node.extent = _moved(node.extent, places)
