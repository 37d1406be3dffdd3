"""The runspaces of a session and the queue of pipelines for them."""

from __future__ import annotations

import collections
import threading
from typing import TYPE_CHECKING

from ...psobject import Hashtable, PSObject
from ..records import PipelineStopped
from ..runtime.scopes import Variable
from .host_ui import RemoteHost

if TYPE_CHECKING:
    from ..runtime.runspace import Runspace

TURN_SECONDS = 0.05  # how often a pipeline that waits for a runspace looks whether it was stopped


def sender_info(arguments: object) -> PSObject:
    """$PSSenderInfo: who is at the other end of the session, and the ``arguments`` that it opened the session with."""
    facts = {
        "UserInfo": None,
        "ClientTimeZone": None,
        "ConnectionString": None,
        "ApplicationArguments": Hashtable() if arguments is None else arguments,
        "ConfigurationName": "",
    }
    return PSObject(facts, type_names=["System.Management.Automation.Remoting.PSSenderInfo", "System.Object"])


class Pool:
    """The runspaces of the session. One, unless the client asked for more; created when first needed."""

    def __init__(self, minimum: int, maximum: int, arguments: object = None) -> None:
        self._arguments = arguments
        self.minimum = minimum
        self.maximum = maximum
        self._free: list[Runspace] = []
        self._busy: list[Runspace] = []
        self._made = 0
        self._turns: collections.deque[object] = collections.deque()
        self._changed = threading.Condition()

    def warm_up(self) -> None:
        """Make the first runspace while the client is still thinking."""
        with self._changed:
            if self._made == 0:
                self._free.append(self._make())

    def _make(self) -> Runspace:
        from ..compiler import core as compiler
        from ..runtime.runspace import Runspace

        compiler.load()  # here, where one thread does it, and before the first script needs it
        runspace = Runspace(RemoteHost())
        runspace.global_scope.vars["pssenderinfo"] = Variable(
            "PSSenderInfo", sender_info(self._arguments), "ReadOnly, AllScope"
        )
        self._made += 1
        return runspace

    def turn(self) -> object:
        """A place in the queue, taken where pipelines arrive: they begin in that order."""
        place = object()
        with self._changed:
            self._turns.append(place)
        return place

    def acquire(self, turn: object, stopping: threading.Event, *, nested: bool = False) -> Runspace:
        """A runspace of one's own; a nested pipeline shares the one that waits for it. Raises PipelineStopped."""
        with self._changed:
            try:
                if nested and self._busy:
                    return self._busy[-1]
                while self._turns[0] is not turn or (not self._free and self._made >= max(1, self.maximum)):
                    if stopping.is_set():
                        raise PipelineStopped
                    self._changed.wait(TURN_SECONDS)
                runspace = self._free.pop() if self._free else self._make()
            finally:
                self._turns.remove(turn)
                self._changed.notify_all()
            self._busy.append(runspace)
            return runspace

    def release(self, runspace: Runspace, *, nested: bool = False) -> None:
        if nested:
            return
        with self._changed:
            if runspace in self._busy:  # else it was given up meanwhile
                self._busy.remove(runspace)
                self._free.append(runspace)
            self._changed.notify_all()

    def give_up(self, runspace: Runspace) -> None:
        """A runspace whose script does not end is nobody's any more; the next pipeline gets a new one."""
        with self._changed:
            if runspace in self._busy:
                self._busy.remove(runspace)
                self._made -= 1
            self._changed.notify_all()

    @property
    def available(self) -> int:
        with self._changed:
            return max(0, self.maximum - len(self._busy))

    def reset(self) -> bool:
        """Forget variables and the like, as Runspace.ResetRunspaceState; only of an idle pool."""
        with self._changed:
            if self._busy:
                return False
            for runspace in self._free:
                runspace.close()
            self._made -= len(self._free)
            self._free.clear()
            return True

    def close(self) -> None:
        with self._changed:
            for runspace in (*self._free, *self._busy):
                runspace.close()
