"""A script's question, put to the person as PowerShell's console puts it."""

from __future__ import annotations

from typing import Any, Protocol

from jobmagics.credentials import Credential
from jobmagics.errors import UsageError
from jobmagics.remote.questions import Choice, Field, Question

from .texts import plain


class Person(Protocol):
    """Whoever sits before the cell. Both raise StdinNotImplementedError where nobody does."""

    def line(self, prompt: str) -> str:
        """What was typed."""

    def secret(self, prompt: str) -> str:
        """The same, without showing it."""

    def tell(self, text: str) -> None:
        """Shows a line above the box."""


def ask(question: Question, person: Person) -> Any:
    """The person's answer, for ``Question.answer``."""
    for text in (question.caption, question.message):
        if text:
            person.tell(text)
    return _WAYS[question.kind](question, person)


def _ask_text(_question: Question, person: Person) -> str:
    return person.line("")


def _ask_secret(_question: Question, person: Person) -> str:
    return person.secret("")


def _ask_credential(question: Question, person: Person) -> Credential:
    user = plain(question.user) or person.line("User: ")
    return Credential(user, person.secret(f"Password for user {user}: "))


def _ask_fields(question: Question, person: Person) -> dict[str, Any]:
    return {field.name: _ask_field(field, person) for field in question.fields}


def _ask_field(field: Field, person: Person) -> Any:
    name = plain(field.name)
    if field.kind == "secret":
        return person.secret(f"{name}: ")
    if field.kind == "credential":
        person.tell(name)
        return _ask_credential(Question("credential"), person)
    if field.kind == "text":
        return person.line(f"{name}: ")
    given: list[str] = []
    while text := person.line(f"{name}[{len(given)}]: "):
        given.append(text)
    return given


def _ask_choice(question: Question, person: Person) -> Any:
    """Asks until it is one of them; a question mark tells what each means."""
    while True:
        typed = person.line(_offer(question))
        if _is_help(typed, question, person):
            continue
        try:
            question.answer(typed)
        except UsageError:
            continue
        return typed


def _ask_choices(question: Question, person: Person) -> list[int]:
    """One at a time; an empty line ends it."""
    person.tell(_offer(question))
    given: list[int] = []
    while typed := person.line(f"Choice[{len(given)}]: "):
        if _is_help(typed, question, person):
            continue
        try:
            given.append(question.chosen(typed))
        except UsageError as error:
            person.tell(plain(error.message))
    return given


def _is_help(typed: str, question: Question, person: Person) -> bool:
    """Whether it was the question mark; then the person is told what each choice means."""
    if typed.strip() != "?":
        return False
    for each in question.choices:
        person.tell(plain(f"{each.key or each.label} - {each.help}"))
    return True


def _offer(question: Question) -> str:
    shown = "  ".join([*(plain(_shown(each)) for each in question.choices), "[?] Help"])
    usual = ",".join(question.choices[number].key or question.choices[number].label for number in question.default)
    many = "default choices are" if len(question.default) > 1 else "default is"
    return shown + (f' ({many} "{plain(usual)}"): ' if usual else ": ")


def _shown(choice: Choice) -> str:
    return f"[{choice.key}] {choice.label}" if choice.key else choice.label


_WAYS = {
    "text": _ask_text,
    "secret": _ask_secret,
    "credential": _ask_credential,
    "fields": _ask_fields,
    "choice": _ask_choice,
    "choices": _ask_choices,
}
