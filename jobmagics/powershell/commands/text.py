"""Join-String, ConvertFrom-StringData, Import-PowerShellDataFile."""

from __future__ import annotations

import re

from ...psobject import Hashtable
from ..parser.syntax_base import Ast
from ..runtime.cmdlet import Cmdlet, command
from ..values.formats import format_string
from ..values.utf16 import units
from ..values.value import NOTHING, as_list, is_enumerable, to_string, unwrap
from . import expressions

UNESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{1,4}|.)", re.DOTALL)
LETTERS = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "0": "\0"}


@command("Join-String")
class JoinString(Cmdlet):
    def begin(self) -> None:
        self._parts: list[str] = []
        given = self.arg("Property")
        self._read = None
        if given is not None:
            self._read = expressions.getter(self, expressions.parse(self, [given], ())[0])
        self._quote = "'" if self.switch("SingleQuote") else '"' if self.switch("DoubleQuote") else ""

    def process(self) -> None:
        value = self.bound.get("inputobject", NOTHING)
        if value is NOTHING:
            return
        for item in value if is_enumerable(unwrap(value)) and isinstance(value, list) else [value]:
            found = self._read(item) if self._read is not None else item
            if found is None and self._read is not None:
                continue
            pattern = self.arg("FormatString")
            text = format_string(pattern, [found]) if pattern is not None else to_string(found)
            self._parts.append(f"{self._quote}{text}{self._quote}")

    def end(self) -> None:
        separator = self.arg("Separator")
        if separator is None:
            ofs = self.frame.get_variable("OFS")
            separator = "" if ofs is None else to_string(ofs)
        self.write(
            to_string(self.arg("OutputPrefix"))
            + to_string(separator).join(self._parts)
            + to_string(self.arg("OutputSuffix"))
        )


def unescape(text: str) -> str:
    """Regex.Unescape: what ConvertFrom-StringData does to values."""

    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        if code[0] in "ux" and len(code) > 1:
            return units(chr(int(code[1:], 16)))
        return LETTERS.get(code, code)

    return UNESCAPE.sub(one, text)


@command("ConvertFrom-StringData")
class ConvertFromStringData(Cmdlet):
    def process(self) -> None:
        delimiter = to_string(self.arg("Delimiter") or "=")
        table = Hashtable()
        for line in to_string(self.arg("StringData")).split("\n"):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            name, found, value = text.partition(delimiter)
            if not found or not name:
                raise self._refused(f"Data line '{text}' is not in 'name=value' format. ")
            name = name.strip()
            if name in table:
                raise self._refused(f"Data item '{name}' in line '{text}' is already defined. ")
            table[name] = unescape(value.strip())
        self.write(table)

    def _refused(self, message: str) -> Exception:
        return self.terminate(
            message,
            "InvalidOperation",
            "InvalidOperation",
            net_type="System.Management.Automation.PSInvalidOperationException",
        )


@command("Import-PowerShellDataFile")
class ImportPowerShellDataFile(Cmdlet):
    def process(self) -> None:
        from ..parser.syntax import CommandExpressionAst, HashtableAst, PipelineAst
        from ..runtime.scriptblock import ScriptBlock
        from .providers import resolve_files

        literal = self.arg("LiteralPath")
        for path in resolve_files(
            self, as_list(literal if literal is not None else self.arg("Path")), literal is not None
        ):
            with open(path, encoding="utf-8-sig") as source:
                block = ScriptBlock.parse(source.read(), path)
            statements = block.ast.end_block.statements if block.ast.end_block is not None else []
            only = statements[0] if len(statements) == 1 else None
            element = only.elements[0] if isinstance(only, PipelineAst) else None
            if not isinstance(element, CommandExpressionAst) or not isinstance(element.expression, HashtableAst):
                raise self.terminate(
                    f"The file '{path}' could not be parsed as a PowerShell data file: it must hold one hashtable.",
                    "CouldNotParseAsPowerShellDataFileNoHashtableRoot",
                    "InvalidData",
                    net_type="System.InvalidOperationException",
                )
            if not is_data(element.expression):  # a data file is read, nothing in it is run
                raise self.terminate(
                    f"The file '{path}' could not be parsed as a PowerShell Data File.",
                    "CouldNotParseAsPowerShellDataFile",
                    "InvalidData",
                    net_type="System.InvalidOperationException",
                )
            self.write_all(block.invoke(self.frame, []))


def is_data(node: Ast) -> bool:
    """Whether evaluating the node runs no command, calls no method and reads no variable of the session."""
    from ..parser import syntax as s

    harmless = (
        *(s.HashtableAst, s.ArrayLiteralAst, s.ArrayExpressionAst, s.StatementBlockAst, s.PipelineAst),
        *(s.CommandExpressionAst, s.ConstantExpressionAst, s.StringConstantExpressionAst, s.ParenExpressionAst),
        *(s.ExpandableStringExpressionAst, s.UnaryExpressionAst, s.BinaryExpressionAst, s.TernaryExpressionAst),
        s.SubExpressionAst,
    )
    if isinstance(node, s.VariableExpressionAst):
        return node.path.lower() in ("true", "false", "null")
    return isinstance(node, harmless) and all(is_data(child) for child in node.children())
