"""Script blocks, parameters, functions and using."""

from __future__ import annotations

import re

from jobmagics.powershell.parser.core import span
from jobmagics.powershell.parser.lexer import COMMAND
from jobmagics.powershell.parser.loops import LoopParser
from jobmagics.powershell.parser.syntax import (
    AttributeAst,
    AttributeBaseAst,
    ErrorStatementAst,
    Extent,
    FunctionDefinitionAst,
    HashtableAst,
    NamedBlockAst,
    ParamBlockAst,
    ParameterAst,
    ScriptBlockAst,
    ScriptBlockExpressionAst,
    StatementAst,
    StringConstantExpressionAst,
    TrapStatementAst,
    UsingStatementAst,
    VariableExpressionAst,
)
from jobmagics.powershell.parser.tokens import (
    BLOCK_NAMES,
    END,
    EXPANDABLE,
    MERGE,
    NEWLINE,
    REDIRECT,
    REDIRECT_IN,
    SPLAT,
    STRING,
    VARIABLE,
    WORD,
    Token,
)

NO_FUNCTION_NAMES = frozenset(
    (
        *("|", "(", "{", "@(", "@{", "}", ")", END, ";", REDIRECT, MERGE, REDIRECT_IN, "&&", "||", "&"),
        *(VARIABLE, SPLAT, EXPANDABLE, STRING),
    )
)
USING_KINDS = frozenset(("namespace", "type", "module", "command", "assembly"))
ALIAS_REQUIRED = frozenset(("type", "command"))
HELP_DIRECTIVE = re.compile(r"^\s*#?\s*\.[A-Za-z]{2,}", re.MULTILINE)
HELP_LINE = re.compile(r"[ \t]*(?:#(?!requires).*|)$")


class DefinitionParser(LoopParser):
    # -- script blocks

    def script_block_expression(self, left: Token) -> ScriptBlockExpressionAst:
        with self.fresh(COMMAND):
            block = self.script_block(left)
        return ScriptBlockExpressionAst(block.extent, block)

    def script_block(
        self, left: Token | None, *, is_filter: bool = False, first: StatementAst | None = None
    ) -> ScriptBlockAst:
        """The inside of ``left`` ... ``}``, or of the whole text; ``first`` is put before its statements."""
        self.deeper()
        self.skip_newlines()
        using = self._using_statements() if left is None else []
        start = self.here()
        param_block = self._param_block()
        if param_block is None:
            self.back_to(start)
        self.skip_separators()
        whole = Extent(0, len(self.source.text))
        block = ScriptBlockAst(whole, self.source, using, param_block, None, None, None, None, None)
        if self.peek().kind in BLOCK_NAMES:
            self._named_blocks(block, left)
        else:
            self._statements_block(block, left, is_filter, first)
        if left is not None:
            block.extent = Extent(left.start, max(self.last_end(), left.end))
        self.depth -= 1
        return block

    def _statements_block(
        self, block: ScriptBlockAst, left: Token | None, is_filter: bool, first: StatementAst | None
    ) -> None:
        statements: list[StatementAst] = [] if first is None else [first]
        traps: list[TrapStatementAst] = []
        inner = block.param_block.extent if block.param_block is not None else None
        while True:
            more, more_traps, extent = self.statements()
            statements += more
            traps += more_traps
            if extent is not None:
                inner = extent if inner is None else Extent(inner.start, extent.end)
            if self._close(left):
                break
        kind = "process" if is_filter else "end"
        at = left.end if left is not None else 0
        named = NamedBlockAst(inner or Extent(at, at), kind, True, statements, traps)
        if is_filter:
            block.process_block = named
        else:
            block.end_block = named

    def _close(self, left: Token | None) -> bool:
        """Takes the end of a script block; False if what stands there was only stepped over."""
        if left is not None:
            if self.accept("}") is None:
                self.missing_for("MissingEndCurlyBrace", left.start, left.end, self.peek().end)
            return True
        token = self.peek()
        if token.kind == END:
            return True
        self.take()
        self.wrong("UnexpectedToken", token, token.text)
        return False

    def _named_blocks(self, block: ScriptBlockAst, left: Token | None) -> None:
        while (word := self.peek()).kind in BLOCK_NAMES:
            self.take()
            body = self.statement_block()
            if body is None:
                self.missing("MissingNamedStatementBlock", word.end, word.kind)
                named = NamedBlockAst(word.extent, word.kind, False, [], [])
            else:
                named = NamedBlockAst(span(word, body), word.kind, False, body.statements, body.traps)
            field = "dynamic_param_block" if word.kind == "dynamicparam" else f"{word.kind}_block"
            if getattr(block, field) is not None:
                self.wrong("DuplicateScriptCommandClause", named.extent, word.kind)
            else:
                setattr(block, field, named)
            self.skip_separators()
        self._close(left)

    # -- parameters

    def _param_block(self) -> ParamBlockAst | None:
        attributes = self.attributes()
        self.skip_newlines()
        word = self.accept("param")
        if word is None:
            return None
        self.skip_newlines()
        left = self.accept("(")
        if left is None:
            return None
        parameters = self.parameters()
        self.skip_newlines()
        right = self.accept(")")
        end = right.end if right is not None else self.last_end()
        if right is None:
            at = parameters[-1].extent.end if parameters else left.end
            self.missing("MissingEndParenthesisInFunctionParameterList", at)
        good: list[AttributeAst] = []
        for item in attributes:
            if isinstance(item, AttributeAst):
                good.append(item)
            else:
                self.wrong("TypeNotAllowedBeforeParam", item.extent, item.type_name.full_name)
        start = good[0].extent.start if good else word.start
        return ParamBlockAst(Extent(start, end), good, parameters)

    def parameters(self) -> list[ParameterAst]:
        found: list[ParameterAst] = []
        comma: Token | None = None
        while True:
            parameter = self._parameter_definition()
            if parameter is None:
                if comma is not None:
                    self.missing("MissingExpressionAfterToken", comma.end, ",")
                return found
            found.append(parameter)
            self.skip_newlines()
            comma = self.accept(",")
            if comma is None:
                return found

    def _parameter_definition(self) -> ParameterAst | None:
        with self.separate():
            self.skip_newlines()
            attributes = self.attributes()
            self.skip_newlines()
            token = self.peek()
            if token.kind not in (VARIABLE, SPLAT):
                if not attributes:
                    return None
                self.missing("InvalidFunctionParameter", attributes[-1].extent.end)
                self.skip_to(")", take=False)
                extent = span(attributes[0], attributes[-1])
                return ParameterAst(extent, VariableExpressionAst(extent, "__error__"), attributes, None)
            self.take()
            name = VariableExpressionAst(token.extent, token.value, token.kind == SPLAT)
            self.skip_newlines()
            default = None
            equals = self.accept("=")
            if equals is not None:
                self.skip_newlines()
                default = self.expression()
                if default is None:
                    self.missing("MissingExpressionAfterToken", equals.end, "=")
        return ParameterAst(span(attributes[0] if attributes else name, default or name), name, attributes, default)

    def parameter_list(self, left: Token) -> tuple[list[ParameterAst], int | None]:
        """``($a, $b)`` after a function's name; with it where it ends if its ``)`` is missing."""
        parameters = self.parameters()
        self.skip_newlines()
        wrong_end = None
        if self.accept(")") is None:
            wrong_end = parameters[-1].extent.end if parameters else left.end
            self.missing("MissingEndParenthesisInFunctionParameterList", wrong_end)
        self.skip_newlines()
        return parameters, wrong_end

    # -- functions

    def definition(self, keyword: Token, attributes: list[AttributeBaseAst]) -> StatementAst | None:
        if keyword.kind == "class":
            return self.class_definition(keyword, attributes)
        if keyword.kind == "enum":
            return self.enum_definition(keyword, attributes)
        if keyword.kind == "using":
            statement = self._using(keyword)
            self.wrong("UsingMustBeAtStartOfScript", statement.extent)
            return statement
        return self._function(keyword)

    def class_definition(self, keyword: Token, attributes: list[AttributeBaseAst]) -> StatementAst:
        raise NotImplementedError

    def enum_definition(self, keyword: Token, attributes: list[AttributeBaseAst]) -> StatementAst:
        raise NotImplementedError

    def _function(self, keyword: Token) -> StatementAst:
        help_text = self._help_before(keyword.start)
        self.skip_newlines()
        name = self.peek()
        if name.kind in NO_FUNCTION_NAMES:
            self.missing("MissingNameAfterKeyword", keyword.end, keyword.text)
            return ErrorStatementAst(keyword.extent)
        self.take()
        parameters: list[ParameterAst] | None = None
        wrong_end: int | None = None
        self.skip_newlines()
        if left := self.accept("("):
            parameters, wrong_end = self.parameter_list(left)
        end = self.last_end()
        body = self.accept("{")
        if body is None and wrong_end is None:
            wrong_end = end
            self.missing("MissingFunctionBody", wrong_end)
        if body is None or wrong_end is not None:
            return ErrorStatementAst(Extent(keyword.start, wrong_end or end), [*(parameters or [])])
        with self.fresh(COMMAND):
            block = self.script_block(body, is_filter=keyword.kind == "filter")
        block.help = self.inner_help(block, body)
        text = name.value if name.kind == WORD else name.text
        return FunctionDefinitionAst(
            span(keyword, block),
            text,
            parameters,
            block,
            keyword.kind == "filter",
            keyword.kind == "workflow",
            name.extent,
            help_text,
        )

    # -- comment-based help

    def _help_before(self, at: int) -> str | None:
        """The comments that end at most one blank line before ``at``, if they are help."""
        comments: list[Token] = []
        text = self.source.text
        for token in reversed(self.lexer.comments.values()):
            if token.end > at:
                continue
            between = text[token.end : at]
            if between.strip() or between.count("\n") > 2:
                break
            comments.append(token)
            at = token.start
        return _help_text(list(reversed(comments)))

    def inner_help(self, block: ScriptBlockAst, left: Token | None) -> str | None:
        """Help at the start of the block or at its end."""
        start, end = block.extent
        comments = [token for at, token in self.lexer.comments.items() if start <= at < end]
        if not comments:
            return None
        text = self.source.text
        first: list[Token] = []
        at = start if left is None else left.end
        for token in comments:
            if text[at : token.start].strip():
                break
            first.append(token)
            at = token.end
        last: list[Token] = []
        at = end if left is None else end - 1
        for token in reversed(comments):
            if text[token.end : at].strip():
                break
            last.append(token)
            at = token.start
        return _help_text(first) or _help_text(list(reversed(last)))

    # -- using

    def _using_statements(self) -> list[UsingStatementAst]:
        found: list[UsingStatementAst] = []
        while word := self.accept("using"):
            statement = self._using(word)
            self.skip_separators()
            if isinstance(statement, UsingStatementAst):
                found.append(statement)
        self.back_to(self.here())
        return found

    def _using(self, word: Token) -> StatementAst:
        kind = self.peek()
        if kind.kind not in USING_KINDS:
            self.missing("MissingUsingStatementDirective", word.end)
            return ErrorStatementAst(word.extent)
        self.take()
        ahead = self.peek()
        if ahead.kind in (END, NEWLINE, ",", ";"):
            self.missing("MissingUsingItemName", kind.end)
            return ErrorStatementAst(span(word, kind))
        item = self.single_argument(list_allowed=True)
        if item is None:
            self.wrong("InvalidValueForUsingItemName", ahead, ahead.text)
            self.skip_to(";", NEWLINE, take=True)
            return ErrorStatementAst(span(word, ahead))
        module = item if kind.kind == "module" and isinstance(item, HashtableAst) else None
        if module is None and not isinstance(item, StringConstantExpressionAst):
            self.wrong("InvalidValueForUsingItemName", item.extent, self.source.extent_text(item.extent))
            return ErrorStatementAst(span(word, item))
        name = item if isinstance(item, StringConstantExpressionAst) else None
        alias: StringConstantExpressionAst | None = None
        if module is None and kind.kind != "assembly":
            equals = self.accept("=")
            if equals is not None:
                value = self.single_argument(list_allowed=True)
                if value is None:
                    self.missing("MissingNamespaceAlias", equals.end)
                    return ErrorStatementAst(span(word, equals))
                if isinstance(value, HashtableAst) and kind.kind == "module":
                    module = value
                elif isinstance(value, StringConstantExpressionAst):
                    alias = value
                item = value
            elif kind.kind in ALIAS_REQUIRED:
                self.missing("MissingEqualsInUsingAlias", item.extent.end)
                return ErrorStatementAst(span(word, item), [item])
        terminator = self.peek()
        if terminator.kind not in (NEWLINE, ";", END):
            self.missing_for("MissingStatementTerminator", terminator.start, terminator.end, terminator.end)
        return UsingStatementAst(span(word, item), kind.kind, name, alias, module)


def _help_text(comments: list[Token]) -> str | None:
    """Comments as written, one after the other, if any line of them is a help directive."""
    lines: list[str] = []
    for token in comments:
        inner = token.text[2:].removesuffix("#>") if token.text.startswith("<#") else token.text[1:]
        lines.append(inner)
    text = "\n".join(lines)
    return text if HELP_DIRECTIVE.search(text) else None
