"""What may come next in a magic's line: names of options, and the values that this notebook knows for them."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from .. import credentials
from ..options import MagicSpec, Option, complete, specs
from ..options.cursor import Cursor, cursor_of, spelled

if TYPE_CHECKING:
    from ..current import Current
    from ..sessions import SessionManager

_LINE = re.compile(r"\s*(?:[^%=]+=\s*)?%{1,2}(\w+)\s(.*)", re.DOTALL)
"""A magic with its line, or what is assigned from one."""

PROFILES = ("Microsoft.PowerShell", "PowerShell.7", "jobmagics.builtin", "jobmagics.pwsh")
"""Endpoints that Windows and this machine's session host have from the start."""


class LineCompleter:
    """One of IPython's matchers, while the magics are there. Where it knows something Python's words keep out."""

    def __init__(self, shell: Any, current: Current) -> None:
        self._shell, self._current = shell, current

        def matcher(context: CompletionContext) -> SimpleMatcherResult:
            return self._match(context)

        self._matcher = context_matcher(identifier="jobmagics")(matcher)
        shell.Completer.custom_matchers.append(self._matcher)

    def close(self) -> None:
        self._shell.Completer.custom_matchers.remove(self._matcher)

    def _match(self, context: CompletionContext) -> SimpleMatcherResult:
        words, typed = self.words(context.line_with_cursor[: context.cursor_position])
        return SimpleMatcherResult(
            completions=[SimpleCompletion(word, type="magic") for word in words],
            matched_fragment=typed,
            suppress=True,
            ordered=True,
        )

    def words(self, line: str) -> tuple[list[str], str]:
        """What the end of a line could become, and that end. Nothing for what is no line of ours."""
        found = _LINE.fullmatch(line)
        spec = specs.BY_NAME.get(found[1]) if found else None
        if found is None or spec is None:
            return [], ""
        cursor = cursor_of(spec, found[2])
        return Values(self._current.opened, self._shell.user_ns).complete(spec, cursor), cursor.text


class Values:
    """``manager``: None before one is opened, as no key that is pressed opens a ledger."""

    def __init__(self, manager: SessionManager | None, namespace: Mapping[str, Any]) -> None:
        self._manager, self._namespace = manager, namespace

    def complete(self, spec: MagicSpec, cursor: Cursor) -> list[str]:
        """What ``cursor.text`` may become."""
        typed = cursor.text
        if cursor.is_name:
            names = complete(spec, typed)
            return [name for name in names if name.lstrip("-") not in cursor.given]
        found = dict.fromkeys(
            spelled(word, typed)
            for option in cursor.options
            for word in self._words(spec, option, typed, cursor.given)
            if word.lower().startswith(typed.lstrip("'\"").lower())
        )
        return list(found)

    def _words(self, spec: MagicSpec, option: Option, typed: str, given: frozenset[str]) -> Iterator[str]:
        kind = option.kind
        if kind is None or kind.words:
            yield from kind.words if kind else ()
        elif kind.trait:
            yield from self._variables(typed, kind.trait)
        elif kind.is_path:
            if option.name == ("Destination" if "FromSession" in given else "Path") or spec.name != "copy_item":
                yield from _files(typed.lstrip("'\""))
        elif typed.startswith("$"):
            yield from self._variables(typed)
        else:
            yield from self._names(spec, option.name)

    def _variables(self, typed: str, trait: str = "") -> Iterator[str]:
        sign = typed[:1] if typed[:1] == "$" else ""
        for name, value in list(self._namespace.items()):
            listed = value if isinstance(value, list | tuple) and value else [value]
            if not name.startswith("_") and (not trait or all(hasattr(each, trait) for each in listed)):
                yield sign + name

    def _names(self, spec: MagicSpec, option: str) -> Iterable[str]:
        if option == "Credential":
            return credentials.known_names()
        about_sessions = spec.name.endswith("pssession")
        if option in ("Name", "Id") and spec.name != "new_pssession":
            known = self._sessions() if about_sessions else self._jobs()
            return [str(getattr(each, option.lower())) for each in known]
        if option in ("ComputerName", "Cn", "Location"):
            return self._computers()
        if option == "ConfigurationName":
            used = {session.configuration_name for session in self._sessions()}
            return sorted(used.union(PROFILES))
        return ()

    def _computers(self) -> list[str]:
        known = {session.computer_name for session in self._sessions()}
        for job in self._jobs():
            if job.type == "RemoteJob":
                known.update(job.location.split(","))
        return sorted(known | {"localhost"})

    def _sessions(self) -> list[Any]:
        return list(self._manager.pssessions()) if self._manager is not None else []

    def _jobs(self) -> list[Any]:
        return list(self._manager.jobs()) if self._manager is not None else []


def _files(typed: str) -> list[str]:
    """Paths that begin so, directories with the slash behind which their files come."""
    expanded = os.path.expanduser(typed)
    found = sorted(glob.glob(glob.escape(expanded) + "*"))
    return [
        typed + path[len(expanded) :] + (os.sep if os.path.isdir(path) and not path.endswith(os.sep) else "")
        for path in found
    ]
