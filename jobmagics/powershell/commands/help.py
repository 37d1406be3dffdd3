"""Get-Help: what a help comment says, or what the parameters tell. The help files of PowerShell are not here."""

from __future__ import annotations

from collections.abc import Iterator

from ...psobject import PSObject
from ..binding.parameters import CommandInfo, CommandMetadata
from ..members.access import get_property
from ..parser import parse
from ..parser.syntax import ParameterAst
from ..parser.tokens import COMMENT
from ..runtime.cmdlet import Cmdlet, command
from ..runtime.lookup import implementation_of
from ..runtime.scriptblock import ScriptBlock
from ..session.commands_info import metadata_of
from ..values.value import as_list, to_string
from ..values.wildcards import has_wildcard, wildcard_match
from .aliases import all_aliases
from .comment_help import help_object
from .help_texts import plain_help

VIEWS = {"Full": "FullView", "Detailed": "DetailedView", "Examples": "ExamplesView"}


@command("Get-Help")
class GetHelp(Cmdlet):
    def process(self) -> None:
        name = to_string(self.arg("Name") or "")
        if has_wildcard(name):
            found = list(self._matching(name))
            if len(found) == 1:
                self._tell(found[0])
            for one in found if len(found) > 1 else ():
                self.write(self._short(one))
            return
        info: CommandInfo | None = self.runspace.find_command(name, self.frame.scope) if name else None
        if info is not None and info.kind == "Alias":
            info = self.runspace.find_command(info.definition, self.frame.scope) or info
        if info is None or info.kind == "Application":
            self._missing(name)
        else:
            self._tell(info)

    def _missing(self, name: str) -> None:
        self.error(
            f"Get-Help could not find {name} in a help file in this session. To download updated help topics type: "
            '"Update-Help". To get help online, search for the help topic in the TechNet library at '
            "https://go.microsoft.com/fwlink/?LinkID=107116.",
            "HelpNotFound",
            "ResourceUnavailable",
            net_type="Microsoft.PowerShell.Commands.HelpNotFoundException",
        )

    def _matching(self, pattern: str) -> Iterator[CommandInfo]:
        from . import names

        scopes = list(self.frame.scope.chain())
        functions = [info.name for scope in scopes for info in (scope.functions or {}).values()]
        for name in sorted({*names(), *functions}, key=str.lower):
            if wildcard_match(pattern, name):
                info = self.runspace.find_command(name, self.frame.scope)
                if info is not None:
                    yield info

    def _short(self, info: CommandInfo) -> PSObject:
        found = self._object(info)
        names = ("Name", "Category", "Synopsis", "Component", "Role", "Functionality", "ModuleName")
        facts = {name: get_property(found, name) for name in names}
        return PSObject(facts, type_names=["HelpInfoShort"])

    def _tell(self, info: CommandInfo) -> None:
        found = self._object(info)
        wanted = [to_string(name) for name in as_list(self.arg("Parameter"))]
        if wanted:
            self._parameters(found, wanted)
            return
        for switch, name in VIEWS.items():
            if self.switch(switch):
                found._type_names.insert(0, f"{found._type_names[0]}#{name}")
        self.write(found)

    def _object(self, info: CommandInfo) -> PSObject:
        if info.kind == "ExternalScript":
            implementation_of(info)
        meta = metadata_of(info) or CommandMetadata(info.name, {}, cmdlet_binding=False)
        block = info.implementation if isinstance(info.implementation, ScriptBlock) else None
        comment = info.help or (block.ast.help if block is not None else None)
        if comment:
            return help_object(info, comment, meta, _defaults(block), _comments(block))
        aliases = [alias.name for alias in all_aliases(self) if alias.definition.lower() == info.name.lower()]
        return plain_help(info, meta, aliases)

    def _parameters(self, found: PSObject, wanted: list[str]) -> None:
        told = get_property(found, "parameters")
        every = as_list(get_property(told, "parameter")) if told is not None else []
        for pattern in wanted:
            shown = [one for one in every if wildcard_match(pattern, to_string(get_property(one, "name")))]
            for one in shown:
                self.write(one)
            if not shown:
                self.error(
                    f"No parameter matches criteria {pattern}. (Parameter 'Parameter')",
                    "NoParmsFound",
                    "InvalidArgument",
                    found,
                    net_type="System.Management.Automation.PSArgumentException",
                )


def _parameters_of(block: ScriptBlock | None) -> list[ParameterAst]:
    if block is None:
        return []
    tree = block.ast
    return block.parameters or (tree.param_block.parameters if tree.param_block is not None else [])


def _defaults(block: ScriptBlock | None) -> dict[str, str]:
    """The default values of parameters, as written."""
    return {
        node.name.path.lower(): _shown(block.ast.source.extent_text(node.default_value.extent))
        for node in _parameters_of(block)
        if block is not None and node.default_value is not None
    }


def _comments(block: ScriptBlock | None) -> dict[str, str]:
    """The comments before parameters: they describe those that no .PARAMETER does."""
    nodes = _parameters_of(block)
    if block is None or not nodes:
        return {}
    said = [token for token in parse(block.ast.source.text).tokens if token.kind == COMMENT]
    found: dict[str, str] = {}
    after = block.ast.param_block.extent[0] if block.ast.param_block is not None else nodes[0].extent[0]
    for node in nodes:
        before = [token.text for token in said if after <= token.start and token.end <= node.extent[0]]
        if before:
            found[node.name.path.lower()] = "\n".join(map(_unmarked, before))
        after = node.extent[1]
    return found


def _unmarked(comment: str) -> str:
    return comment[2:].removesuffix("#>") if comment.startswith("<#") else comment.lstrip("#")


def _shown(text: str) -> str:
    """A string constant without its quotes."""
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if quoted and "$" not in text else text
