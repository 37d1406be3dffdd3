"""What can be written for a parameter: sets, enums, completers, names that the session knows, properties, files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ...psobject import Hashtable
from ..binding.parameters import CommandInfo, ParameterInfo
from ..commands.argument_completers import STORE
from ..dotnet.enums import shape_of
from ..parser import syntax as s
from ..records import ScriptError
from ..runtime.scriptblock import ScriptBlock
from ..values.types import resolve_type
from ..values.value import enumerate_value, to_string
from .commands import alias_targets, commands
from .files import files
from .inference import Inference
from .members import of_types
from .parameters import Call
from .place import MARK, Place
from .results import Completion, quoted, starting, values
from .types import types
from .variables import written

ENCODINGS = (
    *("ascii", "ansi", "bigendianunicode", "bigendianutf32", "unicode", "utf7", "utf8", "utf8BOM", "utf8NoBOM"),
    "utf32",
)
PROPERTY_COMMANDS = frozenset(
    f"{name}-object" for name in ("where", "select", "sort", "group", "measure", "foreach", "compare")
) | {"format-table", "format-list", "format-wide", "format-custom", "convertto-html", "convertto-csv", "export-csv"}
# Process: a word there is ForEach-Object's -MemberName
PROPERTY_PARAMETERS = frozenset(("property", "excludeproperty", "expandproperty", "membername", "process"))
COMPLETER = "System.Management.Automation.IArgumentCompleter"
Completer = Callable[[list[Any]], list[Any]]
FOLDERS_ONLY = frozenset(("Set-Location", "Push-Location"))


def argument(call: Call, word: str) -> Iterable[Completion]:
    """``word`` is what is written of the argument, with its quote."""
    quote = word[:1] if word[:1] in ("'", '"') else ""
    start = word[1:] if quote else word
    info = call.at_cursor()
    if info is not None:
        for source in _SOURCES:
            found = source(call, info, start, quote)
            if found is not None:
                return found
    if call.info is None or call.metadata is None:
        native = _registered(call, None, start)
        if native is not None:
            return native
    name = call.info.name if call.info is not None else ""
    return files(call.place.runspace, word, folders_only=name in FOLDERS_ONLY)


# -- what the parameter itself says
def _declared(call: Call, info: ParameterInfo, start: str, quote: str) -> Iterable[Completion] | None:
    if info.validate_set:
        return values(info.validate_set, start, quote)
    kind = resolve_type(info.type_name)
    if kind is not None and kind.element is not None:
        kind = kind.element
    if kind is not None and kind.is_nullable:
        kind = kind.arguments[0]
    if kind is None:
        return None
    if kind.is_enum:
        return values(sorted(shape_of(kind).names, key=str.lower), start, quote)
    if kind.full_name == "System.Boolean":
        return [item for item in _booleans() if item.text.lower().startswith(start.lower())]
    if kind.full_name == "System.Type":
        return types(call.place, start)
    return None


def _booleans() -> list[Completion]:
    return [Completion(f"${word}", word, "ParameterValue", word) for word in ("true", "false")]


def _completer(call: Call, info: ParameterInfo, start: str, quote: str) -> Iterable[Completion] | None:
    """[ArgumentCompleter({...})] and [ArgumentCompletions(...)] of a function, then Register-ArgumentCompleter's."""
    for attribute in _attributes(call.info, info.name):
        name = attribute.type_name.full_name.lower().rpartition(".")[2].removesuffix("attribute")
        given = attribute.positional_arguments
        if name == "argumentcompletions":
            return values((str(getattr(item, "value", "")) for item in given), start, quote)
        if name == "argumentcompleter" and given and isinstance(given[0], s.ScriptBlockExpressionAst):
            return _asked(call, ScriptBlock(given[0].script_block, ""), info, start)
        completer = _of_class(call, attribute)
        if completer is not None:
            return _asked(call, completer, info, start)
    return _registered(call, info, start)


def _of_class(call: Call, attribute: s.AttributeAst) -> Completer | None:
    """The completer that [ArgumentCompleter([Class])] names, or that an attribute of a script's own class makes."""
    from ..dotnet.calls import construct
    from ..members.access import invoke_method

    resolve = call.place.runspace.resolve_type
    name, given = attribute.type_name.full_name, attribute.positional_arguments
    try:
        if given and isinstance(given[0], s.TypeExpressionAst):
            kind = resolve(given[0].type_name.full_name)
            found = construct(kind, []) if kind is not None and kind.derives_from(COMPLETER) else None
        else:
            kind = resolve(name) or resolve(name + "Attribute")
            if kind is None or kind.user is None or not kind.derives_from(COMPLETER + "Factory"):
                return None
            found = invoke_method(construct(kind, [getattr(one, "value", None) for one in given]), "Create", [])
    except ScriptError:
        return None
    if found is None:
        return None
    return lambda arguments: list(enumerate_value(invoke_method(found, "CompleteArgument", arguments)))


def _attributes(info: CommandInfo | None, name: str) -> Iterator[s.AttributeAst]:
    block = info.implementation if info is not None else None
    if not isinstance(block, ScriptBlock):
        return
    declared = block.parameters or (block.ast.param_block.parameters if block.ast.param_block is not None else [])
    for node in declared:
        if node.name.path.lower() == name.lower():
            yield from (item for item in node.attributes if isinstance(item, s.AttributeAst))


def _registered(call: Call, info: ParameterInfo | None, start: str) -> Iterable[Completion] | None:
    known: dict[tuple[str, str], ScriptBlock] = call.place.runspace.store.get(STORE, {})
    name = (call.info.name if call.info is not None else call.name).lower()
    if info is None:
        block = known.get((name, ""))
        text, at = call.place.text, len(call.place.text)
        return None if block is None else _results(call, block, [start, text[call.node.extent[0] :], at])
    block = known.get((name, info.name.lower())) or known.get(("", info.name.lower()))
    return None if block is None else _asked(call, block, info, start)


def _asked(call: Call, block: ScriptBlock | Completer, info: ParameterInfo, start: str) -> Iterable[Completion]:
    text = call.place.text[call.node.extent[0] :]
    bound = Hashtable()
    for name, node in call.values().items():
        value = getattr(node, "value", None)
        if value is not None and not (isinstance(value, str) and MARK in value):
            bound[name] = value
    name = call.info.name if call.info is not None else call.name
    return _results(call, block, [name, info.name, start, text, bound])


def _results(call: Call, completer: ScriptBlock | Completer, arguments: list[Any]) -> list[Completion]:
    """What a completer gives; one that fails gives nothing, as in PowerShell."""
    from ..dotnet.completions import CompletionResult

    try:
        if isinstance(completer, ScriptBlock):
            given = completer.invoke(call.place.runspace.frame, arguments)
        else:
            given = completer([*arguments[:3], None, arguments[4]])
    except ScriptError:
        return []
    found = []
    for item in given:
        if isinstance(item, CompletionResult):
            found.append(item.found)
        elif item is not None:
            text = to_string(item)
            found.append(Completion(text, text, "ParameterValue", text))
    return found


# -- what only the engine knows
def _properties(call: Call, info: ParameterInfo, start: str, quote: str) -> Iterable[Completion] | None:
    if info.name.lower() not in PROPERTY_PARAMETERS or call.info is None:
        return None
    if call.info.name.lower() not in PROPERTY_COMMANDS:
        return None
    found = Inference(call.place).before(call.node)
    with_methods = call.info.name == "ForEach-Object"
    return of_types(call.place, found, start, with_methods) if found else None


def _encodings(call: Call, info: ParameterInfo, start: str, quote: str) -> Iterable[Completion] | None:
    if info.name != "Encoding" or call.info is None or call.info.kind != "Cmdlet":
        return None
    return values(ENCODINGS, start, quote)


def _known(call: Call, info: ParameterInfo, start: str, quote: str) -> Iterable[Completion] | None:
    if call.info is None or call.info.kind != "Cmdlet":
        return None
    source = _KNOWN.get((call.info.name, info.name)) or _KNOWN.get((f"*-{call.info.name.partition('-')[2]}", info.name))
    return None if source is None else source(call, start, quote)


def _variable_names(call: Call, start: str, quote: str) -> Iterable[Completion]:
    held = [item.name for scope in call.place.runspace.frame.scope.chain() for item in scope.vars.values()]
    return values(sorted({*held, *written(call.place)}, key=str.lower), start, quote)


def _jobs(call: Call) -> list[Any]:
    table = call.place.runspace.store.get("jobs")
    return table.top() if table is not None else []


def _process_names(call: Call, start: str, quote: str) -> Iterable[Completion]:
    return values(sorted({process.name for process in _processes()}, key=str.lower), start, quote)


def _processes() -> list[Any]:
    import os

    from ..commands.processes import ProcessInfo

    found = []
    for entry in os.listdir("/proc") if os.path.isdir("/proc") else []:
        if entry.isdigit():
            try:
                found.append(ProcessInfo(int(entry)))
            except (OSError, ValueError, ScriptError):
                continue  # it ended meanwhile
    return found


def _verbs(call: Call, start: str, quote: str) -> Iterable[Completion]:
    from ..commands.discovery import VERBS

    return values(sorted(verb for verbs in VERBS.values() for verb in verbs.split()), start, quote)


def _nouns(call: Call, start: str, quote: str) -> Iterable[Completion]:
    from .. import commands as cmdlets

    return values(sorted({name.partition("-")[2] for name in cmdlets.names()}), start, quote)


def _modules(call: Call, start: str, quote: str) -> Iterable[Completion]:
    from .. import commands as cmdlets

    loaded = {cmdlets.module_of(name) for name in cmdlets.names()} | set(call.place.runspace.modules)
    return values(sorted(loaded, key=str.lower), start, quote)


def _command_names(call: Call, start: str, quote: str) -> Iterable[Completion]:
    return commands(call.place, start, programs=False)


_Known = Callable[[Call, str, str], Iterable[Completion]]
_JOB_NAMES: _Known = lambda call, start, quote: values((job.name for job in _jobs(call)), start, quote)  # noqa: E731
_JOB_IDS: _Known = lambda call, start, quote: values((str(job.id) for job in _jobs(call)), start)  # noqa: E731
_ALIASES: _Known = lambda call, start, quote: values(  # noqa: E731
    sorted(alias_targets(call.place), key=str.lower), start, quote
)
_TYPES: _Known = lambda call, start, quote: types(call.place, start)  # noqa: E731
_KNOWN: dict[tuple[str, str], _Known] = {
    ("*-Variable", "Name"): _variable_names,
    ("*-Job", "Name"): _JOB_NAMES,
    ("*-Job", "Id"): _JOB_IDS,
    ("*-Process", "Name"): _process_names,
    ("*-Process", "Id"): lambda call, start, quote: values(
        map(str, sorted(process.id for process in _processes())), start
    ),
    ("*-Alias", "Name"): _ALIASES,
    ("*-Alias", "Value"): _command_names,
    ("Get-Alias", "Definition"): _command_names,
    ("Get-Help", "Name"): _command_names,
    ("Get-Command", "Name"): _command_names,
    ("Get-Command", "Verb"): _verbs,
    ("Get-Verb", "Verb"): _verbs,
    ("Get-Command", "Noun"): _nouns,
    ("*-Module", "Name"): _modules,
    ("Get-Command", "Module"): _modules,
    ("New-Object", "TypeName"): _TYPES,
    ("Get-PSDrive", "Name"): lambda call, start, quote: values(("Alias", "Env", "Function", "Temp", "Variable"), start),
}
_Source = Callable[[Call, ParameterInfo, str, str], "Iterable[Completion] | None"]
_SOURCES: tuple[_Source, ...] = (_completer, _declared, _properties, _encodings, _known)


# -- keys
CALCULATED = {
    "select-object": ("Name", "Expression"),
    "sort-object": ("Expression", "Ascending", "Descending"),
    "group-object": ("Expression",),
    "format-table": ("Expression", "Label", "Width", "FormatString", "Alignment", "Depth"),
    "format-list": ("Expression", "Label", "FormatString"),
    "format-wide": ("Expression", "FormatString"),
    "format-custom": ("Expression", "Depth"),
    "compare-object": ("Expression",),
    "measure-object": ("Expression",),
    "convertto-html": ("Label", "Expression", "Width", "Alignment"),
}


def hashtable_keys(place: Place, node: s.HashtableAst, word: str) -> Iterator[Completion]:
    """Keys of a calculated property, of a splatted hashtable, of an object to be made."""
    used = {str(getattr(key, "value", "")).lower() for key, _ in node.pairs}
    command = place.above(s.CommandAst)
    names: Iterable[str] = ()
    if command is not None and command.extent[0] < node.extent[0]:
        names = _keys_of_argument(Call(place, command), command)
    else:
        names = _keys_of_assigned(place, node)
    for name in starting(names, word):
        if name.lower() not in used:
            yield Completion(quoted(name), name, "Property", name)


def _keys_of_argument(call: Call, command: s.CommandAst) -> Iterable[str]:
    name = call.info.name.lower() if call.info is not None else ""
    if name == "new-object":
        found = Inference(call.place).of(command)
        return (item.shown for item in of_types(call.place, found, "", with_methods=False))
    if name in ("invoke-command", "new-pssession"):
        return ()
    return CALCULATED.get(name, ())


def _keys_of_assigned(place: Place, node: s.HashtableAst) -> Iterable[str]:
    """``[Type]@{``: its properties; ``$p = @{``: the parameters of the command that ``@p`` is given to."""
    convert = place.above(s.ConvertExpressionAst)
    if convert is not None and convert.child is node:
        found = Inference(place).type_name(convert.attribute.type_name)
        return (item.shown for item in of_types(place, found, "", with_methods=False))
    target = place.above(s.AssignmentStatementAst)
    if target is None or not isinstance(target.left, s.VariableExpressionAst):
        return ()
    for command in [*place.before(s.CommandAst), *place.after()]:
        for item in command.elements[1:]:
            if isinstance(item, s.VariableExpressionAst) and item.splatted and item.path == target.left.path:
                return (info.name for info in Call(place, command).parameters.values())
    return ()
