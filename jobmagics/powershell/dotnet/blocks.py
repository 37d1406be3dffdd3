"""ScriptBlock's own members, Language.Parser, and syntax trees as values.

Running blocks is in ``invocation``; a syntax node of a script is a view of the engine's own node, its properties are
the node's fields under their .NET names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...psobject import PSList
from ..parser import parse
from ..parser.errors import ParseError
from ..parser.syntax_base import Ast, Extent, Source
from ..parser.tokens import BINARY, Token
from ..records import SMA
from ..runtime.scriptblock import ScriptBlock
from ..values.types import NetType, find_type, net_type
from ..values.value import NOTHING, is_true
from .table import NetObject, argument_null, declare

LANGUAGE = SMA + "Language."

BLOCK = declare(SMA + "ScriptBlock")


@BLOCK.static("scriptblock Create(string script)")
def _create(text: str | None) -> ScriptBlock:
    if text is None:
        raise argument_null("script")
    return ScriptBlock.parse(text)


BLOCK.property(
    "System.Management.Automation.Language.Ast Ast", lambda block: SyntaxNode(block.ast, block.ast.source, None)
)
BLOCK.property("string File", lambda block: block.ast.source.file)
BLOCK.property("bool IsFilter", lambda block: block.is_filter)
BLOCK.property("System.Collections.Generic.List[System.Attribute] Attributes", lambda block: [])
BLOCK.property("System.Management.Automation.PSModuleInfo Module", lambda block: None)
BLOCK.property("bool DebuggerHidden", lambda block: False)


def _method(name: str) -> Any:
    def call(block: ScriptBlock, *args: Any) -> Any:
        from ..runtime.invocation import block_method

        return block_method(block, name, list(args[0]) if name.startswith("Invoke") and len(args) == 1 else list(args))

    return call


BLOCK.method(
    "System.Collections.ObjectModel.Collection[psobject] Invoke(Params System.Object[] args)",
)(_method("Invoke"))
BLOCK.method("System.Object InvokeReturnAsIs(Params System.Object[] args)")(_method("InvokeReturnAsIs"))
BLOCK.method("scriptblock GetNewClosure()")(_method("GetNewClosure"))
BLOCK.method("string ToString()")(lambda block: block.text)
BLOCK.method("void CheckRestrictedLanguage(System.Collections.Generic.IEnumerable[string] commands)")(
    lambda block, commands: None
)

# -- syntax trees


class ScriptExtent(NetObject):
    """Where something stands, with its text."""

    net_type = LANGUAGE + "InternalScriptExtent"

    def __init__(self, source: Source, extent: Extent) -> None:
        self.source = source
        self.extent = extent

    def ps_type_names(self) -> list[str]:
        return [self.net_type, "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        limit = len(self.source.text)
        start = self.source.position(min(self.extent.start, limit))
        end = self.source.position(min(self.extent.end, limit))
        yield "File", self.source.file
        yield "StartLineNumber", start.line
        yield "StartColumnNumber", start.column
        yield "EndLineNumber", end.line
        yield "EndColumnNumber", end.column
        yield "Text", self.source.extent_text(self.extent)
        yield "StartOffset", self.extent.start
        yield "EndOffset", self.extent.end

    def ps_to_string(self) -> str:
        return self.source.extent_text(self.extent)


class VariablePath(NetObject):
    """What a variable is called: ``script:name``, ``env:HOME``."""

    net_type = SMA + "VariablePath"

    def __init__(self, path: str) -> None:
        self.path = path

    def ps_type_names(self) -> list[str]:
        return [self.net_type, "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        scope, mark, _ = self.path.lower().rpartition(":")
        yield "UserPath", self.path
        yield "IsGlobal", scope == "global"
        yield "IsLocal", scope == "local"
        yield "IsPrivate", scope == "private"
        yield "IsScript", scope == "script"
        yield "IsUnqualified", not mark
        yield "IsUnscopedVariable", not mark
        yield "IsVariable", scope in ("", "global", "local", "private", "script", "variable")
        yield "IsDriveQualified", bool(mark) and scope not in ("global", "local", "private", "script")
        yield "DriveName", scope or None

    def ps_to_string(self) -> str:
        return self.path


class SyntaxNode(NetObject):
    """An Ast as a value; ``under`` is its parent."""

    def __init__(self, node: Ast, source: Source, under: SyntaxNode | None) -> None:
        self.node = node
        self.source = source
        self.under = under

    def net_type_of(self) -> NetType:
        return ast_type(type(self.node))

    def ps_type_names(self) -> list[str]:
        return [kind.full_name for kind in self.net_type_of().lineage()]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        for field in type(self.node).fields:
            if field == "extent":
                yield "Extent", ScriptExtent(self.source, self.node.extent)
            elif field != "source":
                value = getattr(self.node, field)
                if field == "operator" and isinstance(value, str):
                    value = operator_name(value)
                yield _RENAMED.get((type(self.node).__name__, field)) or net_name(field), self.wrap(value)
        if hasattr(self.node, "full_name"):
            yield "FullName", self.node.full_name
        path = getattr(self.node, "path", None)
        if path is not None:
            yield "VariablePath", VariablePath(path)
        yield "Parent", self.under

    def wrap(self, value: Any) -> Any:
        if isinstance(value, Ast):
            return SyntaxNode(value, self.source, self)
        if isinstance(value, (list, tuple)):
            return PSList.of(LANGUAGE + "Ast", map(self.wrap, value))
        return value

    def children(self) -> Iterator[SyntaxNode]:
        for child in self.node.children():
            yield SyntaxNode(child, self.source, self)

    def walk(self, nested: bool) -> Iterator[SyntaxNode]:
        """The node and all below; ``nested``: those in script blocks of their own too."""
        yield self
        for child in self.children():
            inner = type(child.node).__name__ in (
                "FunctionDefinitionAst",
                "ScriptBlockExpressionAst",
                "TypeDefinitionAst",
            )
            if nested or not inner:
                yield from child.walk(nested)
            else:
                yield child

    def ps_equals(self, other: Any) -> bool:
        return isinstance(other, SyntaxNode) and other.node is self.node

    def ps_invoke(self, name: str, args: list[Any]) -> Any:
        from .delegates import call_block

        folded = name.lower()
        if folded in ("find", "findall"):
            nested = len(args) > 1 and is_true(args[1])
            found = (one for one in self.walk(nested) if is_true(call_block(args[0], [one])))
            return next(found, None) if folded == "find" else PSList.of(LANGUAGE + "Ast", found)
        if folded == "getscriptblock":
            return ScriptBlock(self.node, self.ps_to_string())  # type: ignore[arg-type]
        if folded == "safegetvalue":
            return self._value()
        if folded == "getcommandname":
            first = self.node.children()
            return getattr(next(first, None), "value", None)
        raise AttributeError(name)

    def _value(self) -> Any:
        from ..values.value import unroll

        return unroll(ScriptBlock.parse(self.ps_to_string()).invoke(_frame(), []))

    def ps_to_string(self) -> str:
        return self.source.extent_text(self.node.extent)


def _frame() -> Any:
    from ..runtime.runspace import current_frame

    return current_frame()


# fields whose names in the engine are shorter than PowerShell's
_RENAMED = {
    ("CommandAst", "elements"): "CommandElements",
    ("CommandAst", "invocation"): "InvocationOperator",
    ("PipelineAst", "elements"): "PipelineElements",
    ("PipelineChainAst", "left"): "LhsPipelineChain",
    ("PipelineChainAst", "right"): "RhsPipeline",
    ("ConvertExpressionAst", "attribute"): "Type",
    ("CommandParameterAst", "name"): "ParameterName",
    ("StringConstantExpressionAst", "kind"): "StringConstantType",
    ("ExpandableStringExpressionAst", "kind"): "StringConstantType",
    ("ExpandableStringExpressionAst", "parts"): "NestedExpressions",
    ("TryStatementAst", "finally_block"): "Finally",
    ("NamedBlockAst", "kind"): "BlockKind",
    ("UsingStatementAst", "kind"): "UsingStatementKind",
    ("UnaryExpressionAst", "operator"): "TokenKind",
    ("HashtableAst", "pairs"): "KeyValuePairs",
}
_OPERATORS = {
    "=": "Equals", "+=": "PlusEquals", "-=": "MinusEquals", "*=": "MultiplyEquals", "/=": "DivideEquals",
    "%=": "RemainderEquals", "??=": "QuestionQuestionEquals", "+": "Plus", "-": "Minus", "*": "Multiply", "/": "Divide",
    "%": "Rem", "..": "DotDot", "-f": "Format", "&&": "AndAnd", "||": "OrOr", "!": "Exclaim", "++": "PlusPlus",
    "--": "MinusMinus", "??": "QuestionQuestion", ",": "Comma",
}  # fmt: skip
_PLAIN_OPERATORS = frozenset(
    {"and", "or", "xor", "not", "band", "bor", "bxor", "bnot", "is", "isnot", "as", "join", "shl", "shr"}
)


def operator_name(text: str) -> str:
    """The TokenKind of an operator: ``-eq`` is Ieq."""
    known = _OPERATORS.get(text)
    if known is not None or not text.startswith("-"):
        return known or text
    word = text[1:].lower()
    if word in _PLAIN_OPERATORS:
        return word.capitalize()
    cased = word[:1] in "ic" and f"-{word[1:]}" in BINARY
    return word.capitalize() if cased else f"I{word}"


def net_name(field: str) -> str:
    return "".join(word.capitalize() for word in field.split("_"))


def ast_type(cls: type) -> NetType:
    found = find_type(LANGUAGE + cls.__name__)
    return found if found is not None else net_type(LANGUAGE + "Ast")


# -- Parser


class ParseErrorValue(NetObject):
    net_type = LANGUAGE + "ParseError"

    def __init__(self, source: Source, error: ParseError) -> None:
        self.source = source
        self.error = error

    def ps_type_names(self) -> list[str]:
        return [self.net_type, "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Extent", ScriptExtent(self.source, self.error.extent)
        yield "ErrorId", self.error.id
        yield "Message", self.error.message
        yield "IncompleteInput", self.error.incomplete

    def ps_to_string(self) -> str:
        return self.error.message


class TokenValue(NetObject):
    net_type = LANGUAGE + "Token"

    def __init__(self, source: Source, token: Token) -> None:
        self.source = source
        self.token = token

    def ps_type_names(self) -> list[str]:
        return [self.net_type, "System.Object"]

    def ps_properties(self) -> Iterable[tuple[str, Any]]:
        yield "Text", self.token.text
        yield "Kind", self.token.kind[:1].upper() + self.token.kind[1:]
        yield "HasError", False
        yield "Extent", ScriptExtent(self.source, self.token.extent)
        if self.token.value is not None and isinstance(self.token.value, (str, int, float)):
            yield "Value", self.token.value

    def ps_to_string(self) -> str:
        return self.token.text


PARSER = declare(LANGUAGE + "Parser")


def _parse(text: str, file: str | None, tokens: Any, errors: Any) -> SyntaxNode:
    result = parse(text, file)
    source = result.ast.source
    tokens.value = PSList.of(LANGUAGE + "Token", (TokenValue(source, one) for one in result.tokens))
    errors.value = PSList.of(LANGUAGE + "ParseError", (ParseErrorValue(source, one) for one in result.errors))
    return SyntaxNode(result.ast, source, None)


_OUT = (
    "[ref] System.Management.Automation.Language.Token[] tokens, [ref] "
    "System.Management.Automation.Language.ParseError[] errors"
)
_TREE = "System.Management.Automation.Language.ScriptBlockAst"


@PARSER.static(f"{_TREE} ParseInput(string input, {_OUT})")
def _parse_input(text: str, tokens: Any, errors: Any) -> SyntaxNode:
    return _parse(text, None, tokens, errors)


@PARSER.static(f"{_TREE} ParseInput(string input, string fileName, {_OUT})")
def _parse_named(text: str, file: str, tokens: Any, errors: Any) -> SyntaxNode:
    return _parse(text, file, tokens, errors)


@PARSER.static(f"{_TREE} ParseFile(string fileName, {_OUT})")
def _parse_file(path: str, tokens: Any, errors: Any) -> SyntaxNode:
    from .files import read_text

    return _parse(read_text(path), path, tokens, errors)


TOKENIZER = declare(SMA + "PSParser")


@TOKENIZER.static("System.Object Tokenize(string script, [ref] System.Object errors)")
def _tokenize(text: str, errors: Any) -> PSList:
    result = parse(text)
    errors.value = [ParseErrorValue(result.ast.source, one) for one in result.errors]
    return PSList.of(SMA + "PSToken", (TokenValue(result.ast.source, one) for one in result.tokens))


class NullString(NetObject):
    """[NullString]::Value: what a string parameter of a method takes as null."""

    net_type = LANGUAGE + "NullString"
    ps_null_string = True
    ps_like_null = True

    def ps_to_string(self) -> str:
        return ""


declare(NullString.net_type).constant(f"{NullString.net_type} Value", NullString())
declare(SMA + "Internal.AutomationNull").constant("System.Management.Automation.PSObject Value", NOTHING)
