"""What a script asks ([MS-PSRP] 2.2.3.17), put to the person as PowerShell's console puts it.

``ask`` shows one line and gives what was typed. What cannot be asked here is refused in words, which the script gets
as an error: a call that is never answered would hang its pipeline. Secrets are refused, because no key has been
exchanged under which the answer could travel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jobmagics.psobject import Hashtable, PSObject
from jobmagics.remote import HostAnswer, HostCall

from .texts import plain

READ_LINE, PROMPT, PROMPT_FOR_CHOICE = 11, 23, 26
SECRET_TYPES = ("System.Security.SecureString", "System.Management.Automation.PSCredential")
NO_SECRETS = (
    "The PowerShell kernel cannot ask for a password or credential yet; in a Python notebook, %%remote_job -Credential"
    " takes one by name."
)
UNKNOWN = "The PowerShell kernel does not have what the script asks its host for (method {method})."

Ask = Callable[[str], str]
Tell = Callable[[str], None]


def answer(call: HostCall, ask: Ask, tell: Tell) -> HostAnswer:
    """Asks the person. ``tell`` shows a line above the box."""
    found = _ANSWERS.get(call.method)
    if found is None:
        return HostAnswer(refusal=UNKNOWN.format(method=call.method))
    return found(call.parameters, ask, tell)


def _read_line(_parameters: Sequence[Any], ask: Ask, _tell: Tell) -> HostAnswer:
    return HostAnswer(ask(""))


def _prompt(parameters: Sequence[Any], ask: Ask, tell: Tell) -> HostAnswer:
    caption, message, described = _padded(parameters, 3)
    fields = _items(described)
    if any(_field(field, "parameterTypeFullName") in SECRET_TYPES for field in fields):
        return HostAnswer(refusal=NO_SECRETS)
    for text in (caption, message):
        if text:
            tell(str(text))
    answers = {_field(field, "name"): _ask_field(field, ask) for field in fields}
    return HostAnswer(Hashtable(answers))


def _ask_field(field: Any, ask: Ask) -> Any:
    name = plain(_field(field, "name"))
    if not _field(field, "parameterTypeFullName").endswith("[]"):
        return ask(f"{name}: ")
    given: list[str] = []
    while text := ask(f"{name}[{len(given)}]: "):
        given.append(text)
    return given


def _prompt_for_choice(parameters: Sequence[Any], ask: Ask, tell: Tell) -> HostAnswer:
    caption, message, offered, default = _padded(parameters, 4)
    labels = [_field(choice, "label") for choice in _items(offered)]
    keys = [_key(label) for label in labels]
    names = [label.replace("&", "") for label in labels]
    for text in (caption, message):
        if text:
            tell(str(text))
    shown = "  ".join(f"[{key}] {name}" if key else name for key, name in zip(keys, names, strict=True))
    usual = default if isinstance(default, int) and 0 <= default < len(labels) else -1
    end = f' (default is "{keys[usual] or names[usual]}"): ' if usual >= 0 else ": "
    while True:
        typed = ask(plain(shown) + end).strip().lower()
        if not typed and usual >= 0:
            return HostAnswer(usual)
        for accepted in (names, keys):
            matching = [index for index, each in enumerate(accepted) if each and each.lower() == typed]
            if matching:
                return HostAnswer(matching[0])


def _key(label: str) -> str:
    """The letter after the ampersand."""
    _before, mark, after = label.partition("&")
    return after[:1].upper() if mark else ""


def _padded(parameters: Sequence[Any], count: int) -> list[Any]:
    return [*parameters, *[None] * count][:count]


def _items(value: Any) -> list[Any]:
    items = value._base if isinstance(value, PSObject) else value
    return list(items) if isinstance(items, list) else []


def _field(value: Any, name: str) -> str:
    found = value._find(name) if isinstance(value, PSObject) else None
    return "" if found is None or found[1] is None else str(found[1])


_ANSWERS: dict[int, Callable[[Sequence[Any], Ask, Tell], HostAnswer]] = {
    READ_LINE: _read_line,
    PROMPT: _prompt,
    PROMPT_FOR_CHOICE: _prompt_for_choice,
}
