"""Loops and switch."""

from __future__ import annotations

from collections.abc import Callable

from jobmagics.powershell.parser.core import span
from jobmagics.powershell.parser.statements import StatementParser, is_parameter
from jobmagics.powershell.parser.syntax import (
    Ast,
    CommandExpressionAst,
    DoUntilStatementAst,
    DoWhileStatementAst,
    ErrorStatementAst,
    ExpressionAst,
    Extent,
    ForEachStatementAst,
    ForStatementAst,
    PipelineAst,
    PipelineBaseAst,
    StatementAst,
    StatementBlockAst,
    StringConstantExpressionAst,
    SwitchStatementAst,
    VariableExpressionAst,
    WhileStatementAst,
)
from jobmagics.powershell.parser.tokens import END, PARAMETER, SPLAT, VARIABLE, Token

SWITCH_FLAGS = ("regex", "wildcard", "exact", "casesensitive", "parallel", "file")


class LoopParser(StatementParser):
    def loop(self, keyword: Token, label: Token | None) -> StatementAst:
        return LOOP_PARSERS[keyword.kind](self, keyword, label)

    # -- foreach

    def _foreach(self, keyword: Token, label: Token | None) -> StatementAst:
        start = label or keyword
        self.skip_newlines()
        flags, limit, wrong_end = self._foreach_parameters()
        left = self.accept("(")
        if left is None:
            self.missing("MissingOpenParenthesisAfterKeyword", keyword.end, keyword.kind)
            return ErrorStatementAst(span(start, keyword))
        self.skip_newlines()
        token = self.peek()
        if token.kind not in (VARIABLE, SPLAT):
            self.missing("MissingVariableNameAfterForeach", left.end)
            return ErrorStatementAst(span(start, left))
        self.take()
        variable = VariableExpressionAst(token.extent, token.value, token.kind == SPLAT)
        nested: list[Ast] = [variable]
        found = self._foreach_rest(nested)
        if found is None or wrong_end is not None:
            return ErrorStatementAst(Extent(start.start, max(nested[-1].extent.end, wrong_end or 0)), nested)
        collection, body = found
        return ForEachStatementAst(span(start, body), _name(label), collection, variable, body, flags, limit)

    def _foreach_parameters(self) -> tuple[tuple[str, ...], ExpressionAst | None, int | None]:
        flags: tuple[str, ...] = ()
        limit: ExpressionAst | None = None
        wrong_end: int | None = None
        while self.peek().kind == PARAMETER:
            token = self.take()
            if is_parameter(token, "parallel"):
                flags = ("parallel",)
            elif is_parameter(token, "throttlelimit"):
                self.skip_newlines()
                limit = self.single_argument(list_allowed=True)
                if limit is None:
                    self.missing("MissingThrottleLimit", token.end)
            else:
                wrong_end = token.end
                self.wrong("InvalidForeachFlag", token, token.value[0])
            self.skip_newlines()
        return flags, limit, wrong_end

    def _foreach_rest(self, nested: list[Ast]) -> tuple[PipelineBaseAst, StatementBlockAst] | None:
        self.skip_newlines()
        word = self.accept("in")
        if word is None:
            self.missing("MissingInInForeach", nested[0].extent.end)
            return None
        self.skip_newlines()
        collection = self.pipeline()
        if collection is None:
            self.missing("MissingForeachExpression", word.end)
            return None
        nested.append(collection)
        self.skip_newlines()
        right = self.accept(")")
        if right is None:
            self.missing("MissingEndParenthesisAfterForeach", collection.extent.end)
            return None
        body = self.statement_block()
        if body is None:
            self.missing("MissingForeachStatement", right.end)
            return None
        return collection, body

    # -- for, while, do

    def _for(self, keyword: Token, label: Token | None) -> StatementAst:
        start = label or keyword
        self.skip_newlines()
        left = self.accept("(")
        if left is None:
            self.missing("MissingOpenParenthesisAfterKeyword", keyword.end, keyword.kind)
            return ErrorStatementAst(span(start, keyword))
        parts: list[PipelineBaseAst | None] = []
        end = left.end
        for last in (False, False, True):
            self.skip_newlines()
            part = self.pipeline()
            parts.append(part)
            if part is not None:
                end = part.extent.end
            if not last and (semicolon := self.accept(";")):
                end = semicolon.end
        self.skip_newlines()
        right = self.accept(")")
        nested: list[Ast] = [part for part in parts if part is not None]
        if right is None:
            self.missing("MissingEndParenthesisAfterStatement", end, keyword.kind)
            return ErrorStatementAst(Extent(start.start, end), nested)
        body = self.statement_block()
        if body is None:
            self.missing("MissingLoopStatement", right.end, keyword.kind)
            return ErrorStatementAst(span(start, right), nested)
        initializer, condition, iterator = parts
        return ForStatementAst(span(start, body), _name(label), condition, initializer, iterator, body)

    def _while(self, keyword: Token, label: Token | None) -> StatementAst:
        start = label or keyword
        self.skip_newlines()
        left = self.accept("(")
        if left is None:
            self.missing("MissingOpenParenthesisAfterKeyword", keyword.end, keyword.text)
            return ErrorStatementAst(span(start, keyword))
        self.skip_newlines()
        condition = self.pipeline()
        if condition is None:
            self.missing("MissingExpressionAfterKeyword", left.end, keyword.kind)
        self.skip_newlines()
        right = self.accept(")")
        if right is None:
            if condition is None:
                return ErrorStatementAst(span(start, left))
            self.missing("MissingEndParenthesisAfterStatement", condition.extent.end, keyword.kind)
            return ErrorStatementAst(span(start, condition), [condition])
        body = self.statement_block()
        if body is None:
            self.missing("MissingLoopStatement", right.end, keyword.kind)
            return ErrorStatementAst(span(start, right), [condition] if condition else [])
        if condition is None:
            condition = ErrorStatementAst(Extent(left.end, left.end))
        return WhileStatementAst(span(start, body), _name(label), condition, body)

    def _do(self, keyword: Token, label: Token | None) -> StatementAst:
        start = label or keyword
        body = self.statement_block()
        if body is None:
            self.missing("MissingLoopStatement", keyword.end, keyword.kind)
            return ErrorStatementAst(span(start, keyword))
        self.skip_newlines()
        word = self.accept("while") or self.accept("until")
        if word is None:
            self.missing("MissingWhileOrUntilInDoWhile", body.extent.end)
            return ErrorStatementAst(span(start, body), [body])
        self.skip_newlines()
        left = self.accept("(")
        if left is None:
            self.missing("MissingOpenParenthesisAfterKeyword", word.end, word.kind)
            return ErrorStatementAst(span(start, word), [body])
        self.skip_newlines()
        condition = self.pipeline()
        if condition is None:
            self.missing("MissingExpressionAfterKeyword", left.end, word.kind)
        self.skip_newlines()
        right = self.accept(")")
        if right is None and condition is not None:
            self.missing("MissingEndParenthesisAfterStatement", condition.extent.end, word.kind)
        if right is None or condition is None:
            return ErrorStatementAst(Extent(start.start, self.last_end()), [body, *([condition] if condition else [])])
        kind = DoUntilStatementAst if word.kind == "until" else DoWhileStatementAst
        return kind(span(start, right), _name(label), condition, body)

    # -- switch

    def _switch(self, keyword: Token, label: Token | None) -> StatementAst:
        start = label or keyword
        self.skip_newlines()
        known = len(self.errors.errors)
        flags, condition = self._switch_parameters()
        incomplete = False
        if self.peek().kind == "(":
            condition, incomplete = self._switch_condition(self.take(), flags)
        elif condition is None and "file" not in flags:
            incomplete = self.missing("PipelineValueRequired", self.last_end())
        clauses: list[tuple[ExpressionAst, StatementBlockAst]] = []
        default: list[StatementBlockAst] = []
        failed = len(self.errors.errors) > known and not isinstance(condition, PipelineBaseAst)
        at = self.last_end()
        self.skip_newlines()
        left = self.accept("{")
        if left is None:
            failed = True
            if not incomplete:
                self.missing("MissingCurlyBraceInSwitchStatement", at)
        elif not self._switch_body(left, clauses, default):
            failed = True
        extent = Extent(start.start, self.last_end())
        if failed or condition is None:
            nested: list[Ast] = [part for clause in clauses for part in clause]
            return ErrorStatementAst(extent, [*([condition] if condition else []), *nested, *default])
        return SwitchStatementAst(extent, _name(label), condition, flags, clauses, default[-1] if default else None)

    def _switch_parameters(self) -> tuple[tuple[str, ...], PipelineBaseAst | None]:
        flags: list[str] = []
        condition: PipelineBaseAst | None = None
        while self.peek().kind == PARAMETER:
            token = self.take()
            flag = next((name for name in SWITCH_FLAGS if is_parameter(token, name)), None)
            if flag is None:
                self.wrong("InvalidSwitchFlag", token, token.value[0])
                continue
            if flag in ("regex", "wildcard", "exact"):  # the last of these counts
                flags = [name for name in flags if name not in ("regex", "wildcard", "exact")]
            flags.append(flag)
            if flag == "file":
                self.skip_newlines()
                name = self.single_argument()
                if name is None:
                    self.missing("MissingFilenameOption", token.end)
                else:
                    condition = PipelineAst(name.extent, [CommandExpressionAst(name.extent, [], name)])
        return tuple(flags), condition

    def _switch_condition(self, left: Token, flags: tuple[str, ...]) -> tuple[PipelineBaseAst | None, bool]:
        if "file" in flags:
            self.wrong("PipelineValueRequired", left)
        self.skip_newlines()
        condition = self.pipeline()
        incomplete = False
        if condition is None:
            incomplete = self.missing("PipelineValueRequired", left.end)
        self.skip_newlines()
        if self.accept(")") is None and not incomplete:
            end = condition.extent.end if condition is not None else left.end
            incomplete = self.missing("MissingEndParenthesisInSwitchStatement", end)
        return condition, incomplete

    def _switch_body(
        self, left: Token, clauses: list[tuple[ExpressionAst, StatementBlockAst]], default: list[StatementBlockAst]
    ) -> bool:
        end = left.end
        good = True
        incomplete = False
        self.skip_newlines()
        while True:
            condition = self.single_argument()
            if condition is None:
                self.missing("MissingSwitchConditionExpression", end)
                self.accept("}")
                return False
            end = condition.extent.end
            body = self.statement_block()
            if body is None:
                good = False
                incomplete = self.missing("MissingSwitchStatementClause", end)
            else:
                end = body.extent.end
                if _is_default(condition):
                    if default:
                        self.wrong("MultipleSwitchDefaultClauses", condition.extent)
                    default.append(body)
                else:
                    clauses.append((condition, body))
            self.skip_separators()
            if self.accept("}"):
                return good
            ahead = self.peek()
            if ahead.kind == END:
                if not incomplete:
                    self.missing_for("MissingEndCurlyBrace", left.start, left.end, ahead.end)
                return False


def _is_default(condition: ExpressionAst) -> bool:
    return (
        isinstance(condition, StringConstantExpressionAst)
        and condition.kind == "BareWord"
        and condition.value.lower() == "default"
    )


def _name(label: Token | None) -> str | None:
    return None if label is None else str(label.value)


LOOP_PARSERS: dict[str, Callable[[LoopParser, Token, Token | None], StatementAst]] = {
    "foreach": LoopParser._foreach,
    "for": LoopParser._for,
    "while": LoopParser._while,
    "do": LoopParser._do,
    "switch": LoopParser._switch,
}
