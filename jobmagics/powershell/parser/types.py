"""Type names, type literals and attributes: what stands in square brackets."""

from __future__ import annotations

from jobmagics.powershell.parser.core import ParserCore, end_of, span
from jobmagics.powershell.parser.lexer import TYPE_NAME
from jobmagics.powershell.parser.syntax import (
    ArrayTypeName,
    Ast,
    AttributeAst,
    AttributeBaseAst,
    ConstantExpressionAst,
    ErrorExpressionAst,
    ExpressionAst,
    Extent,
    GenericTypeName,
    NamedAttributeArgumentAst,
    TypeConstraintAst,
    TypeName,
)
from jobmagics.powershell.parser.tokens import END, NAME, NEWLINE, Token


class TypeParser(ParserCore):
    def attributes(self, *, in_expression: bool = False) -> list[AttributeBaseAst]:
        """Attributes and type constraints one after the other."""
        found: list[AttributeBaseAst] = []
        while (attribute := self.attribute()) is not None:
            found.append(attribute)
            if not in_expression or isinstance(attribute, AttributeAst):
                self.skip_newlines()
        return found

    def attribute(self) -> AttributeBaseAst | None:
        self.unread()
        left = self.lexer.left_bracket()
        if left is None:
            return None
        self.found(left)
        self.skip_newlines()
        name = self.type_name()
        if name is None:
            self.back_to(left.start)
            self.missing("MissingTypename", left.end)
            return None
        if self.accept("("):
            return self._attribute_arguments(left, name)
        right = self.accept("]")
        if right is None:
            at = self.peek().start
            self.errors.add("EndSquareBracketExpectedAtEndOfAttribute", _before(at, self), _before(at, self))
        return TypeConstraintAst(span(left, right or name), name)

    # -- attributes with arguments

    def _attribute_arguments(self, left: Token, name: TypeName) -> AttributeAst:
        positional: list[ExpressionAst] = []
        named: list[NamedAttributeArgumentAst] = []
        self.skip_newlines()
        with self.separate():
            last_end = self._arguments(self.last_end(), positional, named)
        self.skip_newlines()
        right_paren = self.accept(")")
        if right_paren is None:
            self.missing("MissingEndParenthesisInExpression", last_end)
        self.skip_newlines()
        right = self.accept("]")
        if right is None and right_paren is not None:
            self.missing("EndSquareBracketExpectedAtEndOfAttribute", right_paren.end)
        closing = right or right_paren
        end = closing.end if closing is not None else last_end
        return AttributeAst(Extent(left.start, end), name, positional, named)

    def _arguments(self, last_end: int, positional: list[ExpressionAst], named: list[NamedAttributeArgumentAst]) -> int:
        seen: set[str] = set()
        comma: Token | None = None
        while True:
            self.skip_newlines()
            name = self.simple_name()
            if name is not None:
                argument = self._named_argument(name)
                last_end = argument.extent.end
                if name.text in seen:
                    self.wrong("DuplicateNamedArgument", name, name.text)
                else:
                    seen.add(name.text)
                    named.append(argument)
            else:
                value = self.expression()
                if value is None and comma is not None:
                    self.missing("MissingExpressionAfterToken", comma.end, ",")
                    value = ErrorExpressionAst(Extent(comma.end, comma.end))
                if value is not None:
                    positional.append(value)
                    last_end = value.extent.end
            self.skip_newlines()
            comma = self.accept(",")
            if comma is None:
                return last_end
            last_end = comma.end

    def _named_argument(self, name: Token) -> NamedAttributeArgumentAst:
        equals = self.accept("=")
        if equals is None:
            return NamedAttributeArgumentAst(name.extent, name.text, ConstantExpressionAst(name.extent, True), True)
        self.skip_newlines()
        value = self.expression()
        if value is None:
            self.missing("MissingExpressionInNamedArgument", equals.end)
            value = ErrorExpressionAst(Extent(equals.end, equals.end))
            self.skip_to(",", ")", "]", NEWLINE, take=True)
        return NamedAttributeArgumentAst(span(name, value), name.text, value, False)

    # -- type names

    def type_name(self, *, assembly: bool = True) -> TypeName | None:
        with self.mode(TYPE_NAME):
            name = self.accept(NAME)
            return None if name is None else self._rest_of_type(name, assembly=assembly)

    def _rest_of_type(self, name: Token, *, assembly: bool = True) -> TypeName:
        plain = TypeName(name.extent, name.text)
        left = self.accept("[")
        if left is not None:
            self.skip_newlines()
            token = self.take()
            if token.kind in ("]", ","):
                return self._array(plain, token)
            if token.kind in ("[", NAME):
                return self._generic(name, token, assembly)
            if token.kind == END:
                self.back_to(left.end)
                self.missing("MissingTypename", left.end)
            else:
                self.wrong("UnexpectedToken", token, token.text)
                self.skip_to("]", take=True)
            return plain
        if assembly and (comma := self.accept(",")):
            spec = self._assembly()
            if not spec.strip():
                self.errors.add("MissingAssemblyNameSpecification", comma.end, comma.end)
                return plain
            return TypeName(Extent(name.start, self.lexer.pos), name.text, spec)
        return plain

    def _assembly(self) -> str:
        start = self.lexer.skip_blanks()
        name = self.lexer.assembly_name()
        self.found(Token(NAME, start, self.lexer.pos, self.lexer.text[start : self.lexer.pos], name))
        return name

    def _generic(self, name: Token, first: Token, assembly: bool) -> TypeName:
        self.deeper()
        arguments = [self._generic_argument(first)]
        while True:
            self.skip_newlines()
            comma = self.accept(",")
            if comma is None:
                break
            self.skip_newlines()
            if self.peek().kind in (NAME, "["):
                arguments.append(self._generic_argument(self.take()))
            else:
                self.missing("MissingTypename", comma.end)
                arguments.append(TypeName(comma.extent, ":ErrorTypeName:"))
        self.depth -= 1
        right = self.accept("]")
        if right is None:
            self.missing("EndSquareBracketExpectedAtEndOfAttribute", _before(self.peek().start, self))
        last: Ast | Token = right or arguments[-1]
        found = GenericTypeName(span(name, last), name.text, generic_arguments=arguments)
        if self.accept("["):
            return self._array(found, self.take())
        if assembly and self.accept(","):
            found.assembly = self._assembly() or None
            found.extent = Extent(name.start, self.lexer.pos)
        return found

    def _generic_argument(self, first: Token) -> TypeName:
        if first.kind == NAME:
            return self._rest_of_type(first, assembly=False)
        name = self.accept(NAME)
        if name is None:
            self.missing("MissingTypename", end_of(self.peek()))
            return TypeName(first.extent, ":ErrorTypeName:")
        found = self._rest_of_type(name)
        if self.accept("]") is None:
            self.missing("EndSquareBracketExpectedAtEndOfType", _before(self.peek().start, self))
        return found

    def _array(self, element: TypeName, token: Token) -> TypeName:
        """``token`` is what follows the ``[`` behind ``element``; more dimensions may follow."""
        while True:
            if token.kind == ",":
                rank = 1
                while token.kind == ",":
                    rank += 1
                    last, token = token, self.take()
                if token.kind != "]":
                    self.back_to(token.start)
                    self.errors.add("EndSquareBracketExpectedAtEndOfAttribute", last.end, last.end)
                    token = last
                element = ArrayTypeName(span(element, token), element.full_name, None, element, rank)
            elif token.kind == "]":
                element = ArrayTypeName(span(element, token), element.full_name, None, element, 1)
            elif token.kind == END:
                self.back_to(self.lexer.end)
                self.errors.add("EndSquareBracketExpectedAtEndOfAttribute", self.lexer.end, self.lexer.end)
            else:
                self.wrong("UnexpectedToken", token, token.text)
                self.skip_to("]", take=True)
            if self.accept("[") is None:
                return element
            token = self.take()


def _before(at: int, parser: ParserCore) -> int:
    """Just before a token at ``at``; the end of input counts one further than it stands."""
    return min(at, parser.lexer.end)
