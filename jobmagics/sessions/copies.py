"""Files to and from a session, by the session's own connection. While they are copied the session is busy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from jobmagics.copying import Advance, Channel, CopiedFiles, Progress, fetch, send
from jobmagics.errors import InvalidOperation
from jobmagics.results import PSSession
from jobmagics.sessions.invocation import BUSY_MESSAGE
from jobmagics.sessions.pssessions import SessionKeeper, as_sessions
from jobmagics.sessions.selection import as_list


def _in_silence(_: Advance) -> None:
    """Nobody watches."""


class CopyKeeper(SessionKeeper):
    """Copy-Item -ToSession and -FromSession."""

    def copy_to(
        self,
        session: PSSession,
        path: str | Sequence[str],
        destination: str,
        *,
        recurse: bool = False,
        force: bool = False,
        progress: Progress = _in_silence,
    ) -> CopiedFiles:
        """Copies files of this machine into the session, each checked by its SHA-256, and returns when they are there.

        ``path`` may have wildcards; ``destination`` is a directory there or a new name; ``recurse``: directories with
        all that is in them; ``force`` replaces read-only files. A lost connection is tried again; a copy that was
        broken off goes on where it was when it is begun again. Raises UsageError, RemoteError.
        """
        with self._channel(session) as channel:
            paths = [str(each) for each in as_list(path)]
            return send(channel, paths, str(destination), recurse=recurse, force=force, progress=progress)

    def copy_from(
        self,
        session: PSSession,
        path: str | Sequence[str],
        destination: str,
        *,
        recurse: bool = False,
        force: bool = False,
        progress: Progress = _in_silence,
    ) -> CopiedFiles:
        """Copies files of the session to this machine; all else as in ``copy_to``."""
        with self._channel(session) as channel:
            paths = [str(each) for each in as_list(path)]
            return fetch(channel, paths, str(destination), recurse=recurse, force=force, progress=progress)

    @contextmanager
    def _channel(self, session: PSSession) -> Iterator[Channel]:
        entry = as_sessions(session)[0]._entry
        with self.lock:
            if entry.state != "Opened":
                raise InvalidOperation(
                    f"The session {entry.record.name} on {entry.connection.computer_name} is {entry.state}; only an"
                    " Opened session takes files. Connect it, or open another.",
                    fqid="InvalidSessionState",
                )
            if entry.is_copying or entry.availability == "Busy":
                raise InvalidOperation(BUSY_MESSAGE, fqid="RemotePipelineExecutionFailed", category="OperationStopped")
            entry.is_copying = True
        assert entry.pool is not None
        try:
            yield Channel(
                entry.pool,
                entry.endpoint,
                entry.connection.computer_name,
                self._links.closing,
                self._runner.retry_seconds,
                self.trouble,
            )
        finally:
            entry.is_copying = False
            self._announce()
