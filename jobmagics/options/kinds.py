"""What values an option takes: the conversions from the text of a line.

``$name`` and ``{expression}`` as a whole value stand for the Python value. Looking them up is
evaluating Python, with the same trust as the notebook's own cells: the line was written there.
"""

from __future__ import annotations

import ast
import contextlib
import datetime
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import NotFound, UsageError
from .words import Item

Namespace = Mapping[str, Any]

PORTS = range(1, 65536)
_TRUTH = {"$true": True, "true": True, "1": True, "$false": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Kind:
    """What values an option takes. ``convert`` raises ValueError saying what it wants instead."""

    placeholder: str
    convert: Callable[[Item, Namespace], Any]
    many: bool = False
    accepts: Callable[[Item, Namespace], bool] = lambda item, namespace: True
    evaluates: bool = False  # reads $name by itself instead of being handed its value
    flattens: bool = False  # a list it converts to is several values
    words: tuple[str, ...] = ()  # all there are
    trait: str = ""  # the attribute by which the objects are known that it takes from Python variables
    is_path: bool = False


def evaluate(expression: str, namespace: Namespace) -> Any:
    """Only the names that the expression has are looked up: each may have to be asked for elsewhere."""
    try:
        tree = ast.parse(expression.strip(), mode="eval")
        known = {}
        for name in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}:
            with contextlib.suppress(KeyError):
                known[name] = namespace[name]
        return eval(compile(tree, "<option>", "eval"), known)  # noqa: S307
    except NameError as error:
        raise NotFound(f"{expression!r} cannot be used: {error}; quote it if it is text.") from None
    except Exception as error:  # noqa: BLE001 - whatever their expression raises
        raise UsageError(f"{expression!r} is not a Python expression that works: {error}.") from None


def switch_value(name: str, items: list[Item] | None) -> bool:
    if items is None:
        return True
    text = items[0].text.lower() if len(items) == 1 else ""
    if text not in _TRUTH:
        raise UsageError(f"-{name} is a switch: write -{name} or -{name}:$false.")
    return _TRUTH[text]


def _to_text(item: Item, namespace: Namespace) -> str:
    return item.text


def _to_int(item: Item, namespace: Namespace) -> int:
    try:
        return int(item.text)
    except ValueError:
        raise ValueError(f"wants a whole number, not {item.text!r}.") from None


def _to_port(item: Item, namespace: Namespace) -> int:
    if not (item.text.isascii() and item.text.isdigit() and int(item.text) in PORTS):
        raise ValueError(f"wants a TCP port from {PORTS[0]} to {PORTS[-1]}, not {item.text!r}.")
    return int(item.text)


def _is_int(item: Item, namespace: Namespace) -> bool:
    return not item.quoted and item.text.isascii() and item.text.lstrip("-").isdigit()


def _to_seconds(item: Item, namespace: Namespace) -> float:
    try:
        return float(item.text)
    except ValueError:
        raise ValueError(f"wants a number of seconds, not {item.text!r}.") from None


def _to_milliseconds(item: Item, namespace: Namespace) -> float:
    """Seconds, from PowerShell's milliseconds."""
    if not (item.text.isascii() and item.text.lstrip("-").isdigit()):
        raise ValueError(f"wants a number of milliseconds, not {item.text!r}.")
    return int(item.text) / 1000


def _to_boolean(item: Item, namespace: Namespace) -> bool:
    if item.text.lower() not in _TRUTH:
        raise ValueError(f"wants $true or $false, not {item.text!r}.")
    return _TRUTH[item.text.lower()]


def _to_time(item: Item, namespace: Namespace) -> datetime.datetime:
    try:
        when = datetime.datetime.fromisoformat(item.text)
    except ValueError:
        raise ValueError(f"wants a time such as 2026-03-01T14:30, not {item.text!r}.") from None
    return when if when.tzinfo else when.astimezone()


def _to_variable(item: Item, namespace: Namespace) -> str:
    name = item.text.removeprefix("$")
    if not name.isidentifier():
        raise ValueError(f"wants the name of a variable, not {item.text!r}.")
    return name


def _to_path(item: Item, namespace: Namespace) -> str:
    return os.path.expanduser(item.text)


def _to_expression(item: Item, namespace: Namespace) -> Any:
    if item.quoted:
        return item.text
    if item.text.lower() in ("$true", "$false", "$null"):
        return {"$true": True, "$false": False, "$null": None}[item.text.lower()]
    return evaluate(item.text.removeprefix("$"), namespace)


def _object_kind(noun: str, trait: str, source: str = "", *, many: bool = True) -> Kind:
    """Python variables that hold jobs, sessions and the like: things with the attribute ``trait``, or lists of them.
    ``source``: the line that makes such a variable.
    """
    hint = f" One comes from: {source}" if source else ""

    def look_up(item: Item, namespace: Namespace) -> Any:
        name = item.text.removeprefix("$")
        variable = name.split("[")[0].split(".")[0]
        if item.quoted or not variable.isidentifier():
            return None
        if variable not in namespace:
            raise ValueError(f"wants a variable that holds a {noun}, and there is none called {variable}.{hint}")
        return evaluate(name, namespace)

    def convert(item: Item, namespace: Namespace) -> Any:
        found = look_up(item, namespace)
        listed = found if isinstance(found, (list, tuple)) else [found]
        if not listed or not all(hasattr(each, trait) for each in listed):
            raise ValueError(f"wants a variable that holds a {noun}; {item.text} does not.{hint}")
        return found if many or len(listed) > 1 else listed[0]

    def accepts(item: Item, namespace: Namespace) -> bool:
        name = item.text.removeprefix("$").split("[")[0].split(".")[0]
        if item.quoted or name not in namespace:
            return False
        try:
            convert(item, namespace)
        except (ValueError, UsageError):
            return False
        return True

    shown = f"<{noun}>[,<{noun}>]" if many else f"<{noun}>"
    return Kind(shown, convert, many=many, accepts=accepts, evaluates=True, flattens=True, trait=trait)


def _to_places(item: Item, namespace: Namespace) -> Any:
    """A name as it stands, or the names and connections behind ``$name`` or ``{expression}``."""
    if item.quoted or item.text[:1] not in ("$", "{"):
        return item.text
    is_name = item.text.startswith("$")
    found = evaluate(item.text[1:] if is_name else item.text[1:-1], namespace)
    listed = list(found) if isinstance(found, (list, tuple)) else [found]
    if not all(isinstance(each, str) or hasattr(each, "computer_name") for each in listed):
        raise ValueError(f"wants names of computers, or connections to them; {item.text} holds something else.")
    return listed


def choice(placeholder: str, words: tuple[str, ...]) -> Kind:
    """One of ``words``, whatever its case."""

    def convert(item: Item, namespace: Namespace) -> str:
        for word in words:
            if word.lower() == item.text.lower():
                return word
        raise ValueError(f"wants one of {', '.join(words)}, not {item.text!r}.")

    return Kind(placeholder, convert, words=words)


TEXT = Kind("<text>", _to_text)
TEXTS = Kind("<text>[,<text>]", _to_text, many=True)
NUMBER = Kind("<number>", _to_int)
NUMBERS = Kind("<number>[,<number>]", _to_int, many=True, accepts=_is_int)
PORT = Kind("<number>", _to_port)
SECONDS = Kind("<seconds>", _to_seconds)
MILLISECONDS = Kind("<milliseconds>", _to_milliseconds)
BOOLEAN = Kind("<$true|$false>", _to_boolean, evaluates=True, words=("$true", "$false"))
TIME = Kind("<time>", _to_time)
PATH = Kind("<path>", _to_path, is_path=True)
ANY_PATH = Kind("<path>", _to_text, is_path=True)
"""Of whichever computer; not expanded here."""
PATHS = Kind("<path>[,<path>]", _to_text, many=True, is_path=True)
VARIABLE = Kind("<variable>", _to_variable, evaluates=True)
EXPRESSION = Kind("<value>", _to_expression, evaluates=True)
EXPRESSIONS = Kind("<value>[,<value>]", _to_expression, many=True, evaluates=True)
PLACES = Kind("<computer>[,<computer>]", _to_places, many=True, evaluates=True, flattens=True)
JOBS = _object_kind("job", "has_more_data", "j = %get_job -Name <name>")
SESSIONS = _object_kind("session", "availability", "s = %get_pssession -Name <name>")
SESSION_OPTION = _object_kind("session option", "operation_timeout", "o = %new_pssessionoption", many=False)
