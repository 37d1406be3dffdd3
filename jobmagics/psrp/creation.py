"""The message that starts a pipeline: CREATE_PIPELINE ([MS-PSRP] 2.2.2.10).

pypsrp makes it from objects that it copies and walks for 4 ms each time, most of them the description of the host,
which never changes. So it makes one, with marks where scripts and their arguments stand, and from then on those are
filled in.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

from pypsrp.messages import Destination
from pypsrp.messages import Message as ForeignMessage
from pypsrp.powershell import PowerShell, RunspacePool

from jobmagics import clixml
from jobmagics.psrp.values import Elements
from jobmagics.remote import Invocation
from jobmagics.remote.fragments import BOM, MESSAGE

SCRIPT_MARK, BEFORE_MARK = "jobmagics:script", "jobmagics:before"
NO_INPUT = '<B N="NoInput">true</B>'
FORGOTTEN, REMEMBERED = '<B N="AddToHistory">false</B>', '<B N="AddToHistory">true</B>'
ANY_SCOPE, OWN_SCOPE = '<Nil N="UseLocalScope" />', '<B N="UseLocalScope">true</B>'
_PARTS = re.compile(
    rf"({SCRIPT_MARK}|{BEFORE_MARK})|"
    rf'<Obj RefId="\d+"><MS><Nil N="N" /><S N="V">({SCRIPT_MARK}|{BEFORE_MARK}):arguments</S></MS></Obj>'
)

_templates: dict[tuple[str, bool], list[str]] = {}
"""By protocol version, and whether a script goes before: the text, with the marks of what is to be filled in."""


class _Model(PowerShell):
    """Keeps its message instead of sending it."""

    message: Any = None

    def _invoke(self, msg: Any) -> None:
        self.message = msg


def creation(pool: RunspacePool, invocation: Invocation) -> str:
    """The message's CLIXML."""
    named: list[tuple[str | None, Any]] = [(None, value) for value in invocation.arguments]
    named += invocation.parameters
    before, values = invocation.before or ("", ())
    scripts = {SCRIPT_MARK: invocation.script, BEFORE_MARK: before}
    arguments: dict[str, list[tuple[str | None, Any]]] = {
        f"{SCRIPT_MARK}:arguments": named,
        f"{BEFORE_MARK}:arguments": [(None, value) for value in values],
    }
    elements = Elements()
    text, last = "", ""
    for piece in _template(pool, invocation.before is not None):
        if piece in scripts:
            text += clixml.escape(scripts[piece])
        elif piece in arguments:  # a mark may be there twice; its values get other numbers the second time
            text += "".join(_argument(elements, name, value) for name, value in arguments[piece])
        elif last == SCRIPT_MARK and invocation.own_scope:
            text += piece.replace(ANY_SCOPE, OWN_SCOPE, 1)
        else:
            text += piece
        last = piece
    if invocation.is_remembered:
        text = text.replace(FORGOTTEN, REMEMBERED, 1)
    has_input = invocation.input or invocation.is_fed
    return text.replace(NO_INPUT, NO_INPUT.replace("true", "false"), 1) if has_input else text


def _argument(elements: Elements, name: str | None, value: Any) -> str:
    number = elements.take_number()
    element = elements.add(value)
    element.set("N", "V")
    label = '<Nil N="N" />' if name is None else f'<S N="N">{clixml.escape(name)}</S>'
    return f'<Obj RefId="{number}"><MS>{label}{ET.tostring(element, encoding="unicode")}</MS></Obj>'


def _template(pool: RunspacePool, with_before: bool) -> list[str]:
    key = str(pool.protocol_version), with_before
    if key not in _templates:
        model = _Model(pool)
        if with_before:
            model.add_script(BEFORE_MARK)
            model.add_argument(f"{BEFORE_MARK}:arguments")
            model.add_cmdlet("Out-Null")
            model.add_statement()
        model.add_script(SCRIPT_MARK)
        model.add_argument(f"{SCRIPT_MARK}:arguments")
        # As Invoke-Command asks: a statement's error does not end the statements after it.
        model.begin_invoke(redirect_shell_error_to_out=True)
        blob = ForeignMessage(Destination.SERVER, pool.id, model.id, model.message, pool._serializer).pack()
        _templates[key] = _cut(blob[MESSAGE.size :].removeprefix(BOM).decode())
    return _templates[key]


def _cut(text: str) -> list[str]:
    """The text in pieces, those to be filled in being their marks alone."""
    pieces, at = [], 0
    for found in _PARTS.finditer(text):
        pieces += [text[at : found.start()], found[1] or f"{found[2]}:arguments"]
        at = found.end()
    return [*pieces, text[at:]]
