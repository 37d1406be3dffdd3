"""Pipelines, commands, their arguments and redirections."""

from __future__ import annotations

from jobmagics.powershell.parser.core import end_of, span
from jobmagics.powershell.parser.expressions import ExpressionParser
from jobmagics.powershell.parser.lexer import COMMAND, EXPRESSION
from jobmagics.powershell.parser.syntax import (
    ArrayLiteralAst,
    AssignmentStatementAst,
    CommandAst,
    CommandBaseAst,
    CommandElementAst,
    CommandExpressionAst,
    CommandParameterAst,
    ErrorExpressionAst,
    ErrorStatementAst,
    ExpressionAst,
    Extent,
    FileRedirectionAst,
    MergingRedirectionAst,
    PipelineAst,
    PipelineBaseAst,
    PipelineChainAst,
    RedirectionAst,
    StringConstantExpressionAst,
)
from jobmagics.powershell.parser.text import BLANKS_AND_LINES
from jobmagics.powershell.parser.tokens import (
    ASSIGNMENT,
    END,
    EXPANDABLE,
    MERGE,
    NEWLINE,
    NUMBER,
    PARAMETER,
    REDIRECT,
    REDIRECT_IN,
    SPLAT,
    STRING,
    VARIABLE,
    WORD,
    Token,
)

PIPELINE_ENDS = frozenset((";", NEWLINE, ")", "}", END))
COMMAND_ENDS = PIPELINE_ENDS | {"|", "&&", "||", "&"}
REDIRECTIONS = frozenset((REDIRECT, REDIRECT_IN, MERGE))
NO_ARGUMENTS = COMMAND_ENDS | REDIRECTIONS | {"--", ","}
VALUES = frozenset((SPLAT, VARIABLE, NUMBER, EXPANDABLE, STRING, "(", "$(", "@(", "@{", "{"))
VERBATIM = "--%"
STREAMS = ("* stream", "output stream", "error stream", "warning stream", "verbose stream", "debug stream")


class CommandParser(ExpressionParser):
    # -- chains and pipelines

    def pipeline(self) -> PipelineBaseAst | None:
        chain: PipelineBaseAst | None = None
        operator: Token | None = None
        while True:
            first, assign = self._start_of_pipeline(assignable=chain is None)
            if assign is not None and first is not None:
                return self._assignment(first, assign)
            link = self._elements(first)
            if link is None:
                return self._empty_link(chain, operator)
            if chain is None or operator is None:
                chain = link
            else:
                chain = PipelineChainAst(span(chain, link), chain, operator.kind, link)
            operator = self.peek()
            background = operator.kind == "&"
            if background:
                self._in_background(chain, self.take())
                operator = self.peek()
            if operator.kind not in ("&&", "||"):
                if operator.kind not in PIPELINE_ENDS and not background:
                    self.wrong("UnexpectedToken", operator, operator.text)
                return chain
            if background:
                self.wrong("BackgroundOperatorInPipelineChain", Extent(operator.start - 1, operator.start))
            self.take()
            self.skip_newlines()

    def _in_background(self, chain: PipelineBaseAst, ampersand: Token) -> None:
        if isinstance(chain, PipelineAst | PipelineChainAst):
            chain.background = True
            chain.extent = span(chain, ampersand)

    def _empty_link(self, chain: PipelineBaseAst | None, operator: Token | None) -> PipelineBaseAst | None:
        if chain is None or operator is None:
            return None
        self.missing("EmptyPipelineChainElement", operator.end)
        return ErrorStatementAst(span(chain, operator), [chain])

    def _start_of_pipeline(self, *, assignable: bool) -> tuple[ExpressionAst | None, Token | None]:
        saved, self.lexer.mode = self.lexer.mode, EXPRESSION
        first = self.expression()
        assign: Token | None = None
        # looked for in this mode: in command mode `=0` would be one word
        if first is not None and self.peek().kind in ASSIGNMENT and assignable:
            assign = self.take()
        self.lexer.mode = saved
        return first, assign

    def _assignment(self, target: ExpressionAst, operator: Token) -> AssignmentStatementAst:
        self.skip_newlines()
        value = self.statement()
        if value is None:
            self.missing("ExpectedValueExpression", operator.end, operator.text)
            value = ErrorStatementAst(Extent(operator.end, operator.end))
        extent = span(target, value)
        if (
            isinstance(value, PipelineAst)
            and len(value.elements) == 1
            and isinstance(only := value.elements[0], CommandExpressionAst)
            and not value.background
        ):
            value = only
        return AssignmentStatementAst(extent, target, operator.kind, value, operator.extent)

    def _elements(self, first: ExpressionAst | None) -> PipelineAst | None:
        elements: list[CommandBaseAst] = []
        pipe: Token | None = None
        while True:
            element: CommandBaseAst | None
            if first is not None:
                if elements:
                    self.wrong("ExpressionsMustBeFirstInPipeline", first.extent)
                element = self.redirected(first)
            else:
                element = self.command()
            if element is not None:
                elements.append(element)
            elif elements or self.peek().kind == "|":
                self._empty_element(pipe)
            if not self._pipe_follows():
                break
            pipe = self.take()
            self.skip_newlines()
            if self.peek().kind == END:
                self.missing("EmptyPipeElement", pipe.end)
                break
            first, _ = self._start_of_pipeline(assignable=False)
        return PipelineAst(span(elements[0], elements[-1]), elements) if elements else None

    def _pipe_follows(self) -> bool:
        """Whether a pipe comes next, be it at the start of a later line."""
        token = self.peek()
        if token.kind != NEWLINE:
            return token.kind == "|"
        lexer = self.lexer
        saved = lexer.pos
        at = lexer.skip_blanks(BLANKS_AND_LINES)
        if lexer.char(at) == "|" and lexer.char(at + 1) != "|":
            self.skip_newlines()
            return True
        lexer.pos = saved
        return False

    def _empty_element(self, pipe: Token | None) -> None:
        if pipe is not None:
            self.missing("EmptyPipeElement", pipe.end)
        else:
            ahead = self.peek()
            self.missing_for("EmptyPipeElement", ahead.start, ahead.end, ahead.end)

    # -- redirections

    def redirected(self, expression: ExpressionAst) -> CommandBaseAst:
        redirections: list[RedirectionAst] = []
        end = expression.extent.end
        while self.peek().kind in REDIRECTIONS:
            end = self._redirection(self.take(), redirections)
        return CommandExpressionAst(Extent(expression.extent.start, end), redirections, expression)

    def _redirection(self, token: Token, redirections: list[RedirectionAst]) -> int:
        found: RedirectionAst
        if token.kind == MERGE:
            stream, to = token.value
            if to != 1 or stream == to:
                self.wrong("RedirectionNotSupported", token, token.text)
            found = MergingRedirectionAst(token.extent, stream, 1)
        else:
            location = self.single_argument()
            if location is None:
                self.errors.add("MissingFileSpecification", token.end, token.end)
                location = ErrorExpressionAst(token.extent)
            if token.kind == REDIRECT_IN:
                self.wrong("RedirectionNotSupported", token, token.text)
                return end_of(location)
            found = FileRedirectionAst(span(token, location), token.value[0], location, token.value[1])
        if any(known.stream == found.stream for known in redirections):
            name = STREAMS[found.stream] if found.stream < len(STREAMS) else "information stream"
            self.wrong("StreamAlreadyRedirected", found.extent, name)
        else:
            redirections.append(found)
        return found.extent.end

    # -- arguments

    def single_argument(self, *, list_allowed: bool = False, name: bool = False) -> ExpressionAst | None:
        """One argument, read as a command's; ``name``: as its name, where nothing is expanded."""
        if self.peek().kind in (",", END):
            return None
        saved, self.lexer.mode = self.lexer.mode, COMMAND
        found = self._argument(list_allowed=list_allowed, name=name)
        self.lexer.mode = saved
        return found

    def _argument(self, *, list_allowed: bool, name: bool = False) -> ExpressionAst | None:
        items: list[ExpressionAst] = []
        comma: Token | None = None
        while True:
            item = self._argument_item(self.peek(), name)
            if item is None:
                if comma is None:
                    return None
                self.missing("MissingExpression", comma.end, ",")
                return ErrorExpressionAst(span(items[0], comma), [*items])
            items.append(item)
            verbatim = isinstance(item, StringConstantExpressionAst) and item.value == VERBATIM
            if not list_allowed or verbatim or self.peek().kind != ",":
                break
            comma = self.take()
            self.skip_newlines()
        return items[0] if len(items) == 1 else ArrayLiteralAst(span(items[0], items[-1]), items)

    def _argument_item(self, token: Token, name: bool) -> ExpressionAst | None:
        kind = token.kind
        if kind in NO_ARGUMENTS:
            return None
        if kind in VALUES:
            return self.primary(token)
        self.take()
        if kind == WORD:
            if token.parts is not None and not name:
                return self.expandable(token, "BareWord")
            return StringConstantExpressionAst(token.extent, token.value, "BareWord")
        return StringConstantExpressionAst(token.extent, token.text, "BareWord")

    # -- commands

    def command(self) -> CommandAst | None:
        saved, self.lexer.mode = self.lexer.mode, COMMAND
        first = self.peek()
        invocation = first.kind if first.kind in (".", "&") else ""
        if invocation:
            self.take()
        elements: list[CommandElementAst] = []
        redirections: list[RedirectionAst] = []
        end = self._command_elements(elements, redirections, invocation)
        self.lexer.mode = saved
        if not elements:
            if invocation:
                self.wrong("MissingExpression", first, first.text)
            return None
        return CommandAst(Extent(first.start, max(end, first.end)), redirections, elements, invocation)

    def _command_elements(
        self, elements: list[CommandElementAst], redirections: list[RedirectionAst], invocation: str
    ) -> int:
        """Reads name, parameters, arguments and redirections; gives where the last of them ends."""
        end = 0
        named = False  # the command's name has been read
        dashes = False  # `--` has been read: what looks like a parameter is an argument
        while (token := self.peek()).kind not in COMMAND_ENDS:
            kind = token.kind
            if kind == PARAMETER and named and not dashes:
                self.take()
                item = self._parameter(token)
                elements.append(item)
                end = item.extent.end
            elif kind == "--" and not dashes:
                self.take()
                elements.append(CommandParameterAst(token.extent, "-", None, token.extent))
                end, dashes = token.end, True
            elif kind == ",":
                self.take()
                self.wrong("MissingArgument", token)
                self.skip_newlines()
                end = token.end
            elif kind in REDIRECTIONS and named:
                end = self._redirection(self.take(), redirections)
            elif kind in REDIRECTIONS or kind in (PARAMETER, "--"):
                self.take()
                elements.append(StringConstantExpressionAst(token.extent, token.text, "BareWord"))
                end = token.end
            else:
                argument = self._argument(list_allowed=named, name=not named and not invocation)
                if argument is None:  # the list above leaves none
                    break
                elements.append(argument)
                end = argument.extent.end
                if token.value == VERBATIM and token.kind == WORD:
                    return self._verbatim(elements, end)
            named = True
        return end

    def _parameter(self, token: Token) -> CommandParameterAst:
        name, colon = token.value
        if not colon or self.peek().kind == ",":
            return CommandParameterAst(token.extent, name, None, token.extent)
        argument = self._argument(list_allowed=True)
        if argument is None:
            self.errors.add("ParameterRequiresArgument", token.end, token.end, token.text)
            return CommandParameterAst(token.extent, name, None, token.extent)
        return CommandParameterAst(span(token, argument), name, argument, token.extent)

    def _verbatim(self, elements: list[CommandElementAst], end: int) -> int:
        self.back_to(end)
        token = self.found(self.lexer.verbatim_argument())
        elements.append(StringConstantExpressionAst(token.extent, token.value, "BareWord"))
        return token.end
