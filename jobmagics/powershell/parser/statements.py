"""Statements: lists of them, conditions, error handling, flow control."""

from __future__ import annotations

from collections.abc import Callable

from jobmagics.powershell.parser.commands import CommandParser
from jobmagics.powershell.parser.core import span
from jobmagics.powershell.parser.syntax import (
    Ast,
    AttributeAst,
    AttributeBaseAst,
    BlockStatementAst,
    BreakStatementAst,
    CatchClauseAst,
    ContinueStatementAst,
    DataStatementAst,
    ErrorStatementAst,
    ExitStatementAst,
    ExpressionAst,
    Extent,
    IfStatementAst,
    PipelineBaseAst,
    ReturnStatementAst,
    StatementAst,
    StatementBlockAst,
    ThrowStatementAst,
    TrapStatementAst,
    TryStatementAst,
    TypeConstraintAst,
)
from jobmagics.powershell.parser.tokens import END, KEYWORDS, LABEL, NO_ATTRIBUTES, PARAMETER, WORD, Token

CLAUSE_WORDS = frozenset(("else", "elseif", "catch", "until"))


class StatementParser(CommandParser):
    def loop(self, keyword: Token, label: Token | None) -> StatementAst:
        raise NotImplementedError

    def definition(self, keyword: Token, attributes: list[AttributeBaseAst]) -> StatementAst | None:
        raise NotImplementedError

    # -- lists

    def statements(self) -> tuple[list[StatementAst], list[TrapStatementAst], Extent | None]:
        statements: list[StatementAst] = []
        traps: list[TrapStatementAst] = []
        first: StatementAst | None = None
        last: StatementAst | None = None
        self.skip_separators()
        while (statement := self.statement()) is not None:
            if isinstance(statement, TrapStatementAst):
                traps.append(statement)
            else:
                statements.append(statement)
            first = first or statement
            last = statement
            self.skip_separators()
            if self.peek().kind in (")", "}"):
                break
        if first is None or last is None:
            return statements, traps, None
        return statements, traps, span(first, last)

    def statement_block(self) -> StatementBlockAst | None:
        self.skip_newlines()
        left = self.accept("{")
        if left is None:
            return None
        saved, self.no_commas = self.no_commas, False
        statements, traps, inner = self.statements()
        self.no_commas = saved
        right = self.accept("}")
        if right is None:
            self.missing_for("MissingEndCurlyBrace", left.start, left.end, self.peek().end)
        end = right.end if right is not None else inner.end if inner is not None else left.end
        return StatementBlockAst(Extent(left.start, end), statements, traps)

    # -- one statement

    def statement(self) -> StatementAst | None:
        self.deeper()
        token = self.peek()
        start = token.start
        attributes: list[AttributeBaseAst] = []
        if token.kind == WORD and token.text[0] == "[":
            attributes, token = self._attributes_before(start)
        found: StatementAst | None
        parse = STATEMENTS.get(token.kind)
        if parse is not None:
            self.take()
            found = parse(self, token)
        elif token.kind in LOOPS:
            self.take()
            found = self.loop(token, None)
        elif token.kind in DEFINITIONS:
            self.take()
            found = self.definition(token, attributes)
        elif token.kind == END and not attributes:
            found = None
        elif token.kind in CLAUSE_WORDS and self.errors:
            # after an error the rest of a statement is no command
            self.take()
            self.skip_newlines()
            found = self.statement()
        else:
            if attributes:
                self.back_to(start)
            found = self.pipeline()
        self.depth -= 1
        return found

    def _attributes_before(self, start: int) -> tuple[list[AttributeBaseAst], Token]:
        """Attributes that stand before a statement's keyword, or none if what follows makes them an expression."""
        self.back_to(start)
        attributes = self.attributes()
        token = self.peek()
        if not attributes:
            return [], token
        constraints = [item for item in attributes if not isinstance(item, AttributeAst)]
        if token.kind in NO_ATTRIBUTES:
            if not constraints:
                self.wrong("UnexpectedAttribute", attributes[0].extent, attributes[0].type_name.full_name)
                return attributes, token
        elif token.kind in KEYWORDS:
            if constraints:
                constraint = constraints[0]
                self.wrong("TypeNotAllowedBeforeStatement", constraint.extent, constraint.type_name.full_name)
            return attributes, token
        self.back_to(start)
        return [], self.peek()

    def labeled(self, label: Token) -> StatementAst | None:
        self.skip_newlines()
        token = self.peek()
        if token.kind in LOOPS:
            self.take()
            return self.loop(token, label)
        self.back_to(label.start)
        return self.pipeline()

    def reserved(self, keyword: Token) -> StatementAst:
        self.wrong("ReservedKeywordNotAllowed", keyword, keyword.kind)
        return ErrorStatementAst(keyword.extent)

    def configuration(self, keyword: Token) -> StatementAst:
        self.wrong("ConfigurationNotSupportedInPowerShellCore", keyword)
        return ErrorStatementAst(keyword.extent)

    def block_statement(self, keyword: Token) -> StatementAst:
        body = self.statement_block()
        if body is None:
            self.missing("MissingStatementAfterKeyword", keyword.end, keyword.text)
            return ErrorStatementAst(keyword.extent)
        return BlockStatementAst(span(keyword, body), keyword.kind, body)

    # -- flow control

    def break_statement(self, keyword: Token) -> StatementAst:
        label = self.label_or_key()
        return BreakStatementAst(_with(keyword, label), label)

    def continue_statement(self, keyword: Token) -> StatementAst:
        label = self.label_or_key()
        return ContinueStatementAst(_with(keyword, label), label)

    def return_statement(self, keyword: Token) -> StatementAst:
        value = self.pipeline()
        return ReturnStatementAst(_with(keyword, value), value)

    def exit_statement(self, keyword: Token) -> StatementAst:
        value = self.pipeline()
        return ExitStatementAst(_with(keyword, value), value)

    def throw_statement(self, keyword: Token) -> StatementAst:
        value = self.pipeline()
        return ThrowStatementAst(_with(keyword, value), value)

    # -- if

    def if_statement(self, first: Token) -> StatementAst:
        clauses: list[tuple[PipelineBaseAst, StatementBlockAst]] = []
        otherwise: StatementBlockAst | None = None
        keyword = first
        nested: list[Ast] = []
        while True:
            clause = self._if_clause(keyword, nested)
            if clause is None:
                return ErrorStatementAst(Extent(first.start, max(self.last_end(), keyword.end)), nested)
            clauses.append(clause)
            self.skip_newlines()
            keyword = self.peek()
            if keyword.kind == "elseif":
                self.take()
                continue
            if keyword.kind == "else":
                self.take()
                otherwise = self.statement_block()
                if otherwise is None:
                    self.missing("MissingStatementBlockAfterElse", keyword.end)
                    return ErrorStatementAst(span(first, keyword), nested)
            break
        return IfStatementAst(span(first, otherwise or clauses[-1][1]), clauses, otherwise)

    def _if_clause(self, keyword: Token, nested: list[Ast]) -> tuple[PipelineBaseAst, StatementBlockAst] | None:
        self.skip_newlines()
        left = self.accept("(")
        if left is None:
            self.missing("MissingOpenParenthesisInIfStatement", keyword.end, keyword.text)
            return None
        self.skip_newlines()
        condition = self.pipeline()
        if condition is None:
            self.missing("IfStatementMissingCondition", left.end, keyword.text)
        else:
            nested.append(condition)
        self.skip_newlines()
        right = self.accept(")")
        if right is None:
            if condition is not None:
                ahead = self.peek()
                self.missing_for("MissingEndParenthesisAfterStatement", ahead.start, ahead.end, ahead.end, keyword.text)
            return None
        body = self.statement_block()
        if body is None:
            self.missing_for("MissingStatementBlock", right.start, right.end, right.end, keyword.text)
            return None
        nested.append(body)
        return condition or ErrorStatementAst(Extent(left.end, left.end)), body

    # -- try and trap

    def trap_statement(self, keyword: Token) -> StatementAst:
        start = self.here()
        self.skip_newlines()
        found = self.attribute()
        if isinstance(found, AttributeAst):  # it belongs to what follows the trap
            self.back_to(start)
            found = None
        body = self.statement_block()
        if body is None:
            end = found.extent.end if found is not None else keyword.end
            self.missing("MissingTrapStatement", end)
            return ErrorStatementAst(Extent(keyword.start, end), [found] if found else [])
        constraint = found if isinstance(found, TypeConstraintAst) else None
        return TrapStatementAst(span(keyword, body), constraint, body)

    def try_statement(self, keyword: Token) -> StatementAst:
        body = self.statement_block()
        if body is None:
            self.missing("MissingTryStatementBlock", keyword.end)
            return ErrorStatementAst(keyword.extent)
        catches: list[CatchClauseAst] = []
        wrong_end: int | None = None
        self.skip_newlines()
        while word := self.accept("catch"):
            clause, wrong_end = self._catch(word, wrong_end)
            if clause is None:
                break
            catches.append(clause)
            self.skip_newlines()
        self.skip_newlines()
        finally_block: StatementBlockAst | None = None
        if word := self.accept("finally"):
            finally_block = self.statement_block()
            if finally_block is None:
                wrong_end = word.end
                self.missing("MissingFinallyStatementBlock", word.end, word.kind)
        if not catches and finally_block is None and wrong_end is None:
            wrong_end = body.extent.end
            self.missing("MissingCatchOrFinally", wrong_end)
        if wrong_end is not None:
            return ErrorStatementAst(Extent(keyword.start, wrong_end), [body, *catches])
        return TryStatementAst(span(keyword, finally_block or catches[-1]), body, catches, finally_block)

    def _catch(self, word: Token, wrong_end: int | None) -> tuple[CatchClauseAst | None, int | None]:
        types: list[TypeConstraintAst] = []
        comma: Token | None = None
        comma_wrong = False
        while True:
            start = self.here()
            self.skip_newlines()
            found = self.attribute()
            if found is None:
                if comma is not None:
                    comma_wrong = True
                    wrong_end = comma.end
                    self.missing("MissingTypeLiteralToken", comma.end)
                break
            if not isinstance(found, TypeConstraintAst):
                self.back_to(start)
                break
            types.append(found)
            self.skip_newlines()
            comma = self.accept(",")
            if comma is None:
                break
        body = self.statement_block()
        if body is None:
            if not comma_wrong:
                wrong_end = types[-1].extent.end if types else word.end
                self.missing("MissingCatchHandlerBlock", wrong_end)
            return None, wrong_end
        return CatchClauseAst(span(word, body), types, body), wrong_end

    # -- data

    def data_statement(self, keyword: Token) -> StatementAst:
        self.skip_newlines()
        name = self.simple_name()
        self.skip_newlines()
        commands: list[ExpressionAst] = []
        end = name.end if name is not None else keyword.end
        if self.peek().kind == PARAMETER:
            parameter = self.take()
            if not is_parameter(parameter, "supportedcommand"):
                self.wrong("InvalidParameterForDataSectionStatement", parameter, parameter.value[0])
            if not self._data_commands(parameter, commands):
                return ErrorStatementAst(span(keyword, parameter), [*commands])
            end = commands[-1].extent.end
        body = self.statement_block()
        if body is None:
            self.missing("MissingStatementBlockForDataSection", end)
            return ErrorStatementAst(Extent(keyword.start, end), [*commands])
        return DataStatementAst(span(keyword, body), name.text if name else None, commands, body)

    def _data_commands(self, after: Token, commands: list[ExpressionAst]) -> bool:
        while True:
            self.skip_newlines()
            command = self.single_argument(name=True)
            if command is None:
                self.missing("MissingValueForSupportedCommandInDataSectionStatement", after.end)
                return False
            commands.append(command)
            comma = self.accept(",")
            if comma is None:
                return True
            after = comma


def is_parameter(token: Token, name: str) -> bool:
    """Whether a parameter token is ``-name`` or an abbreviation of it."""
    written = token.value[0].lower()
    return written != "" and name.startswith(written)


def _with(keyword: Token, rest: Ast | None) -> Extent:
    return keyword.extent if rest is None else span(keyword, rest)


LOOPS = frozenset(("switch", "foreach", "for", "while", "do"))
DEFINITIONS = frozenset(("function", "filter", "workflow", "class", "enum", "using"))
STATEMENTS: dict[str, Callable[[StatementParser, Token], StatementAst | None]] = {
    "if": StatementParser.if_statement,
    "return": StatementParser.return_statement,
    "throw": StatementParser.throw_statement,
    "exit": StatementParser.exit_statement,
    "break": StatementParser.break_statement,
    "continue": StatementParser.continue_statement,
    "trap": StatementParser.trap_statement,
    "try": StatementParser.try_statement,
    "data": StatementParser.data_statement,
    "parallel": StatementParser.block_statement,
    "sequence": StatementParser.block_statement,
    "configuration": StatementParser.configuration,
    "from": StatementParser.reserved,
    "define": StatementParser.reserved,
    "var": StatementParser.reserved,
    LABEL: StatementParser.labeled,
}
