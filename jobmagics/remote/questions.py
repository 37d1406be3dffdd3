"""What a script asks of a person ([MS-PSRP] 2.2.3.17), as data, and the answers it takes.

A ``Question`` is put by whoever has the person: a cell, the live view, a program. The answer is Python's: a text, a
number of a choice or its label, a dictionary of fields; what does not fit is refused by name before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobmagics.credentials import Credential
from jobmagics.errors import UsageError
from jobmagics.psobject import Hashtable, PSObject, SecureString
from jobmagics.remote import HostAnswer, HostCall

READ_LINE, READ_SECRET, PROMPT = 11, 12, 23
CREDENTIAL, CREDENTIAL_WITH_OPTIONS, CHOICE, CHOICES = 24, 25, 26, 56
SECURE_STRING = "System.Security.SecureString"
CREDENTIAL_TYPE = "System.Management.Automation.PSCredential"


@dataclass(frozen=True)
class Field:
    """One value that is asked for. ``kind``: "text", "secret", "credential" or "list" (of texts)."""

    name: str
    kind: str = "text"
    help: str = ""


@dataclass(frozen=True)
class Choice:
    """One of several. ``key``: the letter that stands for it, "" if none does."""

    label: str
    key: str = ""
    help: str = ""


@dataclass(frozen=True)
class Question:
    """``kind``: "text", "secret", "credential", "fields", "choice" or "choices" (any number of them).

    ``default``: the numbers of the choices that an empty answer means; ``user``: the user name to begin with.
    """

    kind: str
    caption: str = ""
    message: str = ""
    fields: tuple[Field, ...] = ()
    choices: tuple[Choice, ...] = ()
    default: tuple[int, ...] = ()
    user: str = ""

    def answer(self, value: Any) -> HostAnswer:
        """The answer as the script gets it. Raises UsageError saying what is wanted."""
        return HostAnswer(_READERS[self.kind](self, value))

    def chosen(self, value: Any) -> int:
        """The number of a choice by number, label or letter, in any case. Raises UsageError."""
        if isinstance(value, int) and 0 <= value < len(self.choices):
            return value
        text = str(value).strip().lower()
        for names in ([each.label for each in self.choices], [each.key for each in self.choices]):
            for number, name in enumerate(names):
                if name and name.lower() == text:
                    return number
        raise UsageError(f"{value!r} is none of the choices: {', '.join(each.label for each in self.choices)}.")


def question_of(call: HostCall) -> Question | None:
    """None for a call that no person can answer."""
    read = _QUESTIONS.get(call.method)
    return None if read is None else read(call.parameters)


# -- from the wire


def _prompt(parameters: Sequence[Any]) -> Question:
    caption, message, described = _padded(parameters, 3)
    fields = tuple(Field(_text(each, "name"), _kind(each), _text(each, "helpMessage")) for each in _items(described))
    return Question("fields", _plain(caption), _plain(message), fields)


def _kind(field: Any) -> str:
    type_name = _text(field, "parameterTypeFullName")
    if type_name == SECURE_STRING:
        return "secret"
    if type_name == CREDENTIAL_TYPE:
        return "credential"
    return "list" if type_name.endswith("[]") else "text"


def _credential(parameters: Sequence[Any]) -> Question:
    caption, message, user = _padded(parameters, 3)
    return Question("credential", _plain(caption), _plain(message), user=_plain(user))


def _choice(parameters: Sequence[Any]) -> Question:
    caption, message, offered, default = _padded(parameters, 4)
    choices = _choices(offered)
    is_usual = isinstance(default, int) and 0 <= default < len(choices)
    return Question("choice", _plain(caption), _plain(message), (), choices, (default,) if is_usual else ())


def _several(parameters: Sequence[Any]) -> Question:
    caption, message, offered, defaults = _padded(parameters, 4)
    usual = tuple(each for each in _items(defaults) if isinstance(each, int))
    return Question("choices", _plain(caption), _plain(message), (), _choices(offered), usual)


def _choices(offered: Any) -> tuple[Choice, ...]:
    return tuple(_labelled(_text(each, "label"), _text(each, "helpMessage")) for each in _items(offered))


def _labelled(label: str, help_text: str) -> Choice:
    """The letter is the one after the ampersand."""
    _before, mark, after = label.partition("&")
    return Choice(label.replace("&", ""), after[:1].upper() if mark else "", help_text)


def _padded(parameters: Sequence[Any], count: int) -> list[Any]:
    return [*parameters, *[None] * count][:count]


def _items(value: Any) -> list[Any]:
    items = value._base if isinstance(value, PSObject) else value
    return list(items) if isinstance(items, list) else []


def _text(value: Any, name: str) -> str:
    found = value._find(name) if isinstance(value, PSObject) else None
    return _plain(None if found is None else found[1])


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


_QUESTIONS = {
    READ_LINE: lambda _parameters: Question("text"),
    READ_SECRET: lambda _parameters: Question("secret"),
    PROMPT: _prompt,
    CREDENTIAL: _credential,
    CREDENTIAL_WITH_OPTIONS: _credential,
    CHOICE: _choice,
    CHOICES: _several,
}


# -- to the wire


def _as_text(question: Question | Field, value: Any) -> str:
    if isinstance(value, str):
        return value
    raise UsageError(f"The answer{_to(question)} is a text, not {type(value).__name__}.")


def _as_secret(question: Question | Field, value: Any) -> SecureString:
    return value if isinstance(value, SecureString) else SecureString(_as_text(question, value))


def _as_credential(question: Question | Field, value: Any) -> PSObject:
    if not isinstance(value, Credential):
        raise UsageError(f"The answer{_to(question)} is a Credential, not {type(value).__name__}.")
    facts = {"UserName": value.username, "Password": SecureString(value.password)}
    return PSObject(type_names=[CREDENTIAL_TYPE, "System.Object"], adapted=facts, to_string=CREDENTIAL_TYPE)


def _as_list(field: Question | Field, value: Any) -> list[str]:
    if isinstance(value, list | tuple):
        return [_as_text(field, each) for each in value]
    return [_as_text(field, value)]


def _as_fields(question: Question, value: Any) -> Hashtable:
    """A dictionary; a single field's value may stand for itself."""
    names = [field.name for field in question.fields]
    if not isinstance(value, Mapping) and len(names) == 1:
        value = {names[0]: value}
    if not isinstance(value, Mapping) or set(value) != set(names):
        raise UsageError(f"The answer is a dictionary of {', '.join(names)}.")
    return Hashtable({field.name: _READERS[field.kind](field, value[field.name]) for field in question.fields})


def _as_choice(question: Question, value: Any) -> int:
    if value in ("", None) and question.default:
        return question.default[0]
    return question.chosen(value)


def _as_choices(question: Question, value: Any) -> list[int]:
    if value in ("", None, [], ()):
        return list(question.default)
    return [question.chosen(each) for each in (value if isinstance(value, list | tuple) else [value])]


def _to(question: Question | Field) -> str:
    return f" to {question.name}" if isinstance(question, Field) else ""


_READERS: dict[str, Any] = {
    "text": _as_text,
    "secret": _as_secret,
    "credential": _as_credential,
    "list": _as_list,
    "fields": _as_fields,
    "choice": _as_choice,
    "choices": _as_choices,
}
