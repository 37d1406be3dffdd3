"""Expressions: operators, literals, brackets, member access."""

from __future__ import annotations

from jobmagics.powershell.parser.core import span
from jobmagics.powershell.parser.lexer import COMMAND, EXPRESSION
from jobmagics.powershell.parser.members import MemberParser
from jobmagics.powershell.parser.syntax import (
    ArrayExpressionAst,
    ArrayLiteralAst,
    AttributeAst,
    AttributeBaseAst,
    AttributedExpressionAst,
    BinaryExpressionAst,
    CommandParameterAst,
    ConstantExpressionAst,
    ConvertExpressionAst,
    ErrorExpressionAst,
    ErrorStatementAst,
    ExpressionAst,
    Extent,
    HashtableAst,
    ParenExpressionAst,
    StatementAst,
    StatementBlockAst,
    StringConstantExpressionAst,
    SubExpressionAst,
    TernaryExpressionAst,
    TrapStatementAst,
    TypeConstraintAst,
    TypeExpressionAst,
    UnaryExpressionAst,
)
from jobmagics.powershell.parser.tokens import (
    BINARY,
    EXPANDABLE,
    LOGICAL,
    NEWLINE,
    NUMBER,
    PARAMETER,
    SPLAT,
    STRING,
    UNARY,
    VARIABLE,
    Token,
)


class ExpressionParser(MemberParser):
    def statements(self) -> tuple[list[StatementAst], list[TrapStatementAst], Extent | None]:
        raise NotImplementedError

    # -- operators

    def expression(self, *, in_ternary: bool = False) -> ExpressionAst | None:
        self.deeper()
        lexer = self.lexer
        saved = lexer.mode, lexer.in_ternary
        lexer.mode, lexer.in_ternary = EXPRESSION, in_ternary
        found = self._binary(LOGICAL)
        if found is not None:
            token = self.peek()
            if token.kind == PARAMETER:
                found = self._half_operator(found, token)
                token = self.peek()
            if token.kind == "?":
                found = self._ternary(found)
        lexer.mode, lexer.in_ternary = saved
        self.depth -= 1
        return found

    def _half_operator(self, left: ExpressionAst, token: Token) -> ExpressionAst:
        """``$a -mat``: taken for an operator that is still being typed."""
        self.wrong("UnexpectedToken", token, token.text)
        self.take()
        parameter = CommandParameterAst(token.extent, token.value[0], None, token.extent)
        return ErrorExpressionAst(span(left, token), [left, parameter])

    def _binary(self, minimum: int) -> ExpressionAst | None:
        left = self._array_literal()
        if left is None:
            return None
        while True:
            operator = self.peek()
            binding = BINARY.get(operator.kind, 0)
            if binding < minimum:
                return left
            self.take()
            self.skip_newlines()
            right = self._binary(binding + 1)
            if right is None:
                self.missing("ExpectedValueExpression", operator.end, operator.text)
                right = ErrorExpressionAst(Extent(operator.end, operator.end))
            left = BinaryExpressionAst(span(left, right), left, operator.kind, right, operator.extent)

    def _ternary(self, condition: ExpressionAst) -> ExpressionAst:
        question = self.take()
        self.skip_newlines()
        if_true = self.expression(in_ternary=True)
        if if_true is None:
            self.missing("ExpectedValueExpression", question.end, question.text)
        self.skip_newlines()
        colon = self.accept(":")
        if colon is None:
            nested = [condition] if if_true is None else [condition, if_true]
            if if_true is not None:
                token = self.peek()
                self.missing_for("MissingColonInTernaryExpression", token.start, token.end, token.end)
            return ErrorExpressionAst(span(condition, nested[-1]), [*nested])
        self.skip_newlines()
        if_false = self.expression(in_ternary=True)
        if if_false is None:
            self.missing("ExpectedValueExpression", colon.end, colon.text)
            if_false = ErrorExpressionAst(Extent(colon.end, colon.end))
        if if_true is None:
            if_true = ErrorExpressionAst(Extent(question.end, question.end))
        return TernaryExpressionAst(span(condition, if_false), condition, if_true, if_false)

    def _array_literal(self) -> ExpressionAst | None:
        first = self.unary()
        if first is None or self.no_commas or self.peek().kind != ",":
            return first
        elements = [first]
        while comma := self.accept(","):
            self.skip_newlines()
            item = self.unary()
            if item is None:
                self.missing("MissingExpressionAfterToken", comma.end, comma.text)
                elements.append(ErrorExpressionAst(comma.extent))
                break
            elements.append(item)
        return ArrayLiteralAst(span(first, elements[-1]), elements)

    def unary(self) -> ExpressionAst | None:
        self.deeper()
        self.lexer.signed_numbers = True
        token = self.peek()
        self.lexer.signed_numbers = False
        if token.kind in UNARY:
            found = self._unary_operator(token)
        elif token.kind == "[":
            found = self._cast(token)
        else:
            found = self.primary(token)
        if found is not None:
            after = self.peek()
            if after.kind in ("++", "--"):
                self.take()
                found = UnaryExpressionAst(span(found, after), "post" + after.kind, found)
        self.depth -= 1
        return found

    def _unary_operator(self, operator: Token) -> ExpressionAst | None:
        if operator.kind == "," and self.no_commas:
            return None
        self.found(operator)
        self.skip_newlines()
        child = self.unary()
        if child is None:
            self.missing("MissingExpressionAfterOperator", operator.end, operator.text)
            return ErrorExpressionAst(operator.extent)
        if operator.kind == ",":
            return ArrayLiteralAst(span(operator, child), [child])
        return UnaryExpressionAst(span(operator, child), operator.kind, child)

    # -- casts, attributes and type literals

    def _cast(self, left: Token) -> ExpressionAst | None:
        attributes = self.attributes(in_expression=True)
        if not attributes:
            return None
        last = attributes.pop()
        found: ExpressionAst | None
        if isinstance(last, AttributeAst):
            self.skip_newlines()
            child = self.unary()
            if child is None:
                start, end = last.extent
                self.missing_for("UnexpectedAttribute", start, end, end, last.type_name.full_name)
                return ErrorExpressionAst(Extent(left.start, end))
            found = AttributedExpressionAst(span(last, child), last, child)
        else:
            found = self._type_or_cast(last)
        for attribute in reversed(attributes):
            kind = ConvertExpressionAst if isinstance(attribute, TypeConstraintAst) else AttributedExpressionAst
            found = kind(span(attribute, found), attribute, found)
        return found

    def _type_or_cast(self, constraint: AttributeBaseAst) -> ExpressionAst:
        assert isinstance(constraint, TypeConstraintAst)
        literal = TypeExpressionAst(constraint.extent, constraint.type_name)
        found = self.postfix(literal, bracket=False)
        if found is not literal:
            return found
        if self.peek().kind not in (NEWLINE, ","):
            child = self.unary()
            if child is not None:
                return ConvertExpressionAst(span(constraint, child), constraint, child)
        return literal

    # -- primaries

    def primary(self, token: Token, *, members: bool = True) -> ExpressionAst | None:
        """A value that starts with ``token``, only peeked at; ``members``: with what follows by dot or bracket."""
        kind = token.kind
        found: ExpressionAst
        if kind in (VARIABLE, SPLAT):
            self.found(token)
            return self.variable(token, members=members)
        if kind == NUMBER:
            found = ConstantExpressionAst(self.found(token).extent, token.value)
        elif kind == STRING:
            here = token.text[0] == "@"
            quoted = "SingleQuotedHereString" if here else "SingleQuoted"
            found = StringConstantExpressionAst(self.found(token).extent, token.value, quoted)
        elif kind == EXPANDABLE:
            here = token.text[0] == "@"
            found = self.expandable(self.found(token), "DoubleQuotedHereString" if here else "DoubleQuoted")
        elif kind == "(":
            found = self._parenthesized(self.found(token))
        elif kind in ("$(", "@("):
            found = self._subexpression(self.found(token))
        elif kind == "@{":
            found = self.hashtable(self.found(token))
        elif kind == "{":
            found = self.script_block_expression(self.found(token))
        else:
            return None
        return self.postfix(found) if members else found

    def _parenthesized(self, left: Token) -> ParenExpressionAst:
        with self.fresh():
            self.skip_newlines()
            inside = self.pipeline()
            if inside is None:
                self.missing("ExpectedExpression", left.end)
                inside = ErrorStatementAst(Extent(left.end, left.end))
            self.skip_newlines()
            right = self.accept(")")
            if right is None:
                self.missing("MissingEndParenthesisInExpression", inside.extent.end)
        return ParenExpressionAst(span(left, right or inside), inside)

    def _subexpression(self, left: Token) -> ExpressionAst:
        with self.fresh():
            self.skip_newlines()
            statements, traps, inner = self.statements()
            self.skip_newlines()
            right = self.accept(")")
            if right is None:
                ahead = self.peek()
                self.missing_for("MissingEndParenthesisInSubexpression", ahead.start, ahead.end, ahead.end)
        end = right.end if right is not None else inner.end if inner is not None else left.end
        body = StatementBlockAst(inner or Extent(left.end, left.end), statements, traps)
        kind = SubExpressionAst if left.kind == "$(" else ArrayExpressionAst
        return kind(Extent(left.start, end), body)

    # -- hashtables

    def hashtable(self, left: Token) -> HashtableAst:
        pairs: list[tuple[ExpressionAst, StatementAst]] = []
        with self.fresh(EXPRESSION):
            self.skip_newlines()
            while (pair := self._pair()) is not None:
                pairs.append(pair)
                self.lexer.mode = COMMAND
                if self.peek().kind not in (NEWLINE, ";"):
                    break
                self.skip_separators()
                self.lexer.mode = EXPRESSION
            right = self.accept("}")
            end = self.last_end()
            if right is None:
                self.missing_for("MissingEndCurlyBrace", left.end, left.end, self.peek().end)
        return HashtableAst(Extent(left.start, end), pairs)

    def _pair(self) -> tuple[ExpressionAst, StatementAst] | None:
        key = self.label_or_key()
        if key is None:
            return None
        equals = self.accept("=")
        if equals is None:
            at = key.extent.end
            self.errors.add("MissingEqualsInHashLiteral", at, at)
            self.lexer.mode = COMMAND
            self.skip_to("}", ";", NEWLINE, take=False)
            return key, ErrorStatementAst(Extent(at, at))
        self.lexer.mode = COMMAND
        self.skip_newlines()
        statement = self.statement()
        if statement is None:
            self.missing("MissingStatementInHashLiteral", equals.end)
            statement = ErrorStatementAst(Extent(equals.end, equals.end))
        return key, statement

    def label_or_key(self) -> ExpressionAst | None:
        """A name as it stands, or a unary expression: what may follow ``break`` and what keys a hashtable."""
        name = self.simple_name()
        if name is not None:
            return StringConstantExpressionAst(name.extent, name.text, "BareWord")
        if self.peek().kind in (NEWLINE, ";"):
            return None
        saved, self.no_commas = self.no_commas, True
        found = self.unary()
        self.no_commas = saved
        return found
