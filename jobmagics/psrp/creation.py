"""The message that starts a pipeline: CREATE_PIPELINE ([MS-PSRP] 2.2.2.10).

pypsrp makes it from objects that it copies and walks for 4 ms each time, most of them the description of the host,
which never changes. So it makes one, with marks where a script and its arguments stand, and from then on those are
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

SCRIPT_MARK, ARGUMENT_MARK = "jobmagics:script", "jobmagics:argument"
NO_INPUT = '<B N="NoInput">true</B>'
_ARGUMENT = re.compile(rf'<Obj RefId="\d+"><MS><Nil N="N" /><S N="V">{ARGUMENT_MARK}</S></MS></Obj>')

_templates: dict[str, tuple[str, str, str]] = {}
"""By protocol version: the text before the script, between it and its arguments, and after them."""


class _Model(PowerShell):
    """Keeps its message instead of sending it."""

    message: Any = None

    def _invoke(self, msg: Any) -> None:
        self.message = msg


def creation(pool: RunspacePool, invocation: Invocation) -> str:
    """The message's CLIXML."""
    before, between, after = _template(pool)
    if invocation.input:
        before = before.replace(NO_INPUT, NO_INPUT.replace("true", "false"), 1)
    elements = Elements()
    named: list[tuple[str | None, Any]] = [(None, value) for value in invocation.arguments]
    named += invocation.parameters
    arguments = "".join(_argument(elements, name, value) for name, value in named)
    return f"{before}{clixml.escape(invocation.script)}{between}{arguments}{after}"


def _argument(elements: Elements, name: str | None, value: Any) -> str:
    number = elements.take_number()
    element = elements.add(value)
    element.set("N", "V")
    label = '<Nil N="N" />' if name is None else f'<S N="N">{clixml.escape(name)}</S>'
    return f'<Obj RefId="{number}"><MS>{label}{ET.tostring(element, encoding="unicode")}</MS></Obj>'


def _template(pool: RunspacePool) -> tuple[str, str, str]:
    version = str(pool.protocol_version)
    if version not in _templates:
        model = _Model(pool)
        model.add_script(SCRIPT_MARK)
        model.add_argument(ARGUMENT_MARK)
        # As Invoke-Command asks: a statement's error does not end the statements after it.
        model.begin_invoke(redirect_shell_error_to_out=True)
        blob = ForeignMessage(Destination.SERVER, pool.id, model.id, model.message, pool._serializer).pack()
        text = blob[MESSAGE.size :].removeprefix(BOM).decode()
        before, rest = text.split(SCRIPT_MARK)
        between, after = _ARGUMENT.split(rest)
        _templates[version] = (before, between, after)
    return _templates[version]
