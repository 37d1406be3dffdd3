"""The magics of sessions: each reads its line and is one call on the manager."""

from __future__ import annotations

from typing import Any

from ..errors import UsageError
from ..options import Arguments
from ..options import session_specs as specs
from ..remote import ConnectionInfo, PSSessionOption
from .base import MagicsBase
from .lines import connections_of, session_filter


class SessionWords(MagicsBase):
    def new_pssession(self, given: Arguments) -> Any:
        like = [session.connection for session in given.get("Session", ())]
        return self.manager.new_pssession(
            like or connections_of(given) or [ConnectionInfo()],
            name=given.get("Name"),
            idle_timeout=given.get("IdleTimeoutSec"),
            throttle_limit=given.get("ThrottleLimit", 32),
        )

    def new_pssessionoption(self, given: Arguments) -> PSSessionOption:
        words = {
            "open_timeout": "OpenTimeout",
            "cancel_timeout": "CancelTimeout",
            "operation_timeout": "OperationTimeout",
            "idle_timeout": "IdleTimeout",
            "max_connection_retry_count": "MaxConnectionRetryCount",
            "output_buffering_mode": "OutputBufferingMode",
            "culture": "Culture",
            "ui_culture": "UICulture",
            "application_arguments": "ApplicationArguments",
            "no_machine_profile": "NoMachineProfile",
            "skip_ca_check": "SkipCACheck",
            "skip_cn_check": "SkipCNCheck",
        }
        return PSSessionOption(**{field: given.get(word) for field, word in words.items() if word in given})

    def get_pssession(self, given: Arguments) -> Any:
        if "ComputerName" in given or "ConnectionUri" in given:
            return self._remote_sessions(given)
        state = given.get("State")
        return self.manager.pssessions(**session_filter(given), state=None if state == "All" else state)

    def disconnect_pssession(self, given: Arguments) -> Any:
        return self.manager.disconnect(
            self._pick_sessions(specs.DISCONNECT_PSSESSION, given),
            idle_timeout=given.get("IdleTimeoutSec"),
            output_buffering_mode=given.get("OutputBufferingMode"),
            throttle_limit=given.get("ThrottleLimit", 32),
        )

    def connect_pssession(self, given: Arguments) -> Any:
        sessions = self._pick_sessions(specs.CONNECT_PSSESSION, given)
        if "ComputerName" in given and not session_filter(given):
            sessions = self._free(sessions)
        connected = self.manager.connect(sessions, throttle_limit=given.get("ThrottleLimit", 32))
        for session in connected:
            self._tell_foreign(session)
        return connected

    def _free(self, sessions: list[Any]) -> list[Any]:
        """Of all that a computer has, those that can be connected; what others hold is named, and left to them."""
        held = [each for each in sessions if each.state == "Disconnected" and each.availability == "Busy"]
        for each in held:
            print(f"Session {each.name} on {each.computer_name} is held by another client, and was left to it.")
        return [each for each in sessions if each.state == "Disconnected" and each not in held]

    def _tell_foreign(self, session: Any) -> None:
        for pipeline in session._entry.foreign:
            origin, name = self.manager.store.origin_of(pipeline)
            what = f"the job {name} ({origin.strip().splitlines()[0]})" if origin.strip() else "a script"
            print(
                f"In session {session.id} ({session.name}) runs {what} that another notebook or machine began;"
                f" %receive_pssession -Id {session.id} goes on with it as a job."
            )

    def receive_pssession(self, given: Arguments) -> Any:
        sessions = self._pick_sessions(specs.RECEIVE_PSSESSION, given)
        if len(sessions) != 1:
            raise UsageError(f"%receive_pssession takes one session at a time, not {len(sessions)}; name one by -Id.")
        out_target, job_name = given.get("OutTarget"), given.get("JobName")
        result = self.manager.receive(sessions[0], out_target=out_target, job_name=job_name)
        if out_target == "Job":
            self._show([result])
        return result

    def remove_pssession(self, given: Arguments) -> None:
        with self._those_there(self._pick_sessions, specs.REMOVE_PSSESSION, given) as sessions:
            self.manager.remove_sessions(sessions)
