"""What the ledger keeps of each session, job and child job, and how that is a row of a table and back."""

from __future__ import annotations

import dataclasses
import datetime
import json
import sqlite3
from dataclasses import dataclass, field
from typing import NamedTuple

from jobmagics.jobs import Failure
from jobmagics.remote import ConnectionInfo, PSSessionOption

UNSTORED_FAILURE = "It failed; -NoStore kept the reason out of the ledger."


@dataclass
class SessionRecord:
    """``holder``: the kernel that has it now, see ``lease``; ``is_parked``: a person disconnected it, so nobody but a
    person connects it again."""

    pool_id: str
    id: int
    name: str
    connection: ConnectionInfo
    state: str = "BeforeOpen"
    for_job: bool = False
    idle_timeout: float | None = None
    disconnected_on: datetime.datetime | None = None
    is_parked: bool = False
    holder: str = ""


@dataclass
class JobRecord:
    instance_id: str
    id: int
    name: str
    type: str
    command: str
    hide_computer_name: bool = False
    state: str = "NotStarted"
    began: datetime.datetime | None = None
    ended: datetime.datetime | None = None
    stop_called: bool = False
    drained: bool = False
    key: int = 0
    holder: str = ""


@dataclass
class ChildRecord:
    """``read_to``: the number of the last message that was received for good; ``sequence``: of the last there is;
    ``last_data``: of the last one in a stream; ``last_object``: where defragmenting goes on;
    ``is_unstored``: its output is kept in memory only."""

    instance_id: str
    id: int
    name: str
    location: str
    pool_id: str
    pipeline_id: str
    position: int = 0
    state: str = "NotStarted"
    began: datetime.datetime | None = None
    ended: datetime.datetime | None = None
    failure: Failure | None = None
    read_to: int = 0
    sequence: int = 0
    last_data: int = 0
    last_object: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    key: int = 0
    job: int = 0
    is_unstored: bool = False


class StoredMessage(NamedTuple):
    sequence: int
    kind: int
    time: datetime.datetime
    data: bytes


@dataclass(frozen=True)
class Ledger:
    """All that an owner has."""

    sessions: list[SessionRecord]
    jobs: list[JobRecord]
    children: list[ChildRecord]


def stamp_of(moment: datetime.datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def moment_of(stamp: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(stamp, datetime.timezone.utc)


def maybe_moment_of(stamp: float | None) -> datetime.datetime | None:
    return None if stamp is None else moment_of(stamp)


def failure_text(child: ChildRecord) -> str | None:
    """A failure's message is output too."""
    failure = child.failure
    if failure is not None and child.is_unstored:
        failure = dataclasses.replace(failure, message=UNSTORED_FAILURE)
    return json.dumps(dataclasses.asdict(failure)) if failure else None


def connection_text(connection: ConnectionInfo) -> str:
    """Where a session is and how it is reached. What it was told when it was opened is not needed again."""
    facts = dataclasses.asdict(dataclasses.replace(connection, option=PSSessionOption()))
    facts["option"] = dataclasses.asdict(dataclasses.replace(connection.option, application_arguments=()))
    del facts["option"]["application_arguments"]
    return json.dumps(facts)


def session_of(row: sqlite3.Row) -> SessionRecord:
    facts = json.loads(row["connection"])
    option = PSSessionOption(**facts.pop("option"))
    return SessionRecord(
        row["pool_id"],
        row["id"],
        row["name"],
        ConnectionInfo(**facts, option=option),
        row["state"],
        bool(row["for_job"]),
        row["idle_timeout"],
        maybe_moment_of(row["disconnected_on"]),
        bool(row["is_parked"]),
        row["holder"],
    )


def job_of(row: sqlite3.Row) -> JobRecord:
    return JobRecord(
        row["instance_id"],
        row["id"],
        row["name"],
        row["type"],
        row["command"],
        bool(row["hide_computer_name"]),
        row["state"],
        maybe_moment_of(row["began"]),
        maybe_moment_of(row["ended"]),
        bool(row["stop_called"]),
        bool(row["drained"]),
        row["key"],
        row["holder"],
    )


def child_of(row: sqlite3.Row) -> ChildRecord:
    failure = json.loads(row["failure"]) if row["failure"] else None
    return ChildRecord(
        row["instance_id"],
        row["id"],
        row["name"],
        row["location"],
        row["pool_id"],
        row["pipeline_id"],
        row["position"],
        row["state"],
        maybe_moment_of(row["began"]),
        maybe_moment_of(row["ended"]),
        Failure(**failure) if failure else None,
        row["read_to"],
        row["sequence"],
        row["last_data"],
        row["last_object"],
        json.loads(row["counts"]),
        row["key"],
        row["job"],
        bool(row["is_unstored"]),
    )
