"""Visits under way: where each stands, what was answered, and photographs that were set aside until it ends.

The state of a visit is kept as a whole and written after every step, in one transaction with what the step changed.
What was taken stands among the captures alone, so that nothing is counted twice whatever was interrupted.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database as Connection

from station.clock import Timestamp
from station.errors import EntryError, NotFoundError
from station.records.database import Database
from station.records.rows import timestamp

TOKEN_BYTES = 12
CODE_TABLES = ("preparations", "site_places", "global_views", "rejected", "sessions")
"""Tables that name people by their code, in the order in which their rows can be deleted."""

LAST_CAPTURE, LAST_MEASUREMENT = "captures", "measurements"
"""Names in the table of numbers: the highest photograph and the highest measurement that were deleted."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A visit under way or ended. token: the secret by which pages name it; state: as JSON values; changed: UTC."""

    session_id: int
    token: str
    code: str
    visit: int
    protocol: str
    rig: str
    state: Mapping[str, Any]
    began: Timestamp
    changed: dt.datetime
    ended: bool


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A photograph that was set aside. image: its file below the image folder."""

    capture_id: int
    code: str
    visit: int
    site: str
    frame: int
    reason: str
    image: str


class SessionRecords:
    """Reads and writes visits under way. Any thread may use it.

    Raises RecordError and StorageError as `Records` does. A write is on the disk as a whole, or nothing changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, state: Mapping[str, Any], at: Timestamp) -> SessionRow:
        """A new visit, from the state as JSON values. Raises EntryError while another one is open."""
        token = secrets.token_hex(TOKEN_BYTES)
        with self._database.write() as connection:
            if connection.execute("select id from sessions where not ended").fetchone() is not None:
                raise EntryError("Another visit is still open: end it first.")
            connection.execute(
                "insert into sessions (token, code, visit, protocol, rig, step, state, utc, offset_minutes, "
                "clock_status, changed_utc, ended) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
                [
                    token,
                    state["code"],
                    state["visit"],
                    state["protocol"],
                    state["rig"],
                    state["step"],
                    json.dumps(state),
                    at.utc.isoformat(),
                    at.offset_minutes,
                    str(at.status),
                    at.utc.isoformat(),
                ],
            )
        return self.session(token)

    def open_session(self) -> SessionRow | None:
        """The visit that is open; None when there is none."""
        rows = self._rows("select * from sessions where not ended")
        return _session(rows[0]) if rows else None

    def session(self, token: str) -> SessionRow:
        """Raises NotFoundError."""
        for row in self._rows("select * from sessions where token = ?", token):
            return _session(row)
        raise NotFoundError("There is no such visit.", person="This visit is not on record.")

    def of_visit(self, code: str, visit: int) -> tuple[SessionRow, ...]:
        """All sittings of one visit, the earliest first."""
        sql = "select * from sessions where code = ? and visit = ? order by id"
        return tuple(_session(row) for row in self._rows(sql, code, visit))

    def done_visits(self, code: str) -> frozenset[int]:
        """Visits of a person whose latest sitting was finished."""
        sql = (
            "select visit from sessions where code = ? and step = 'done' "
            "and id = (select max(id) from sessions as s where s.code = sessions.code and s.visit = sessions.visit)"
        )
        return frozenset(row["visit"] for row in self._rows(sql, code))

    def save(
        self,
        token: str,
        state: Mapping[str, Any],
        at: Timestamp,
        *,
        ended: bool = False,
        new_person: bool = False,
        answers: Sequence[tuple[str, str]] | None = None,
        reject: Iterable[int] = (),
        reason: str = "",
    ) -> None:
        """Writes down where a visit stands, with all that the step changed.

        ended: it is over; new_person: the person is entered if not on record yet; answers: to the checklist, kept with
        the visit; reject: captures that are set aside, with the reason. Raises EntryError for a visit that is over.
        """
        with self._database.write() as connection:
            sql = (
                "update sessions set step = ?, state = ?, changed_utc = ?, ended = ? where token = ? and not ended "
                "returning id, code, visit"
            )
            values = [state["step"], json.dumps(state), at.utc.isoformat(), int(ended), token]
            found = connection.execute(sql, values).fetchall()
            if not found:
                raise EntryError("This visit is over: nothing more can be entered for it.")
            session, code, visit = found[0]
            if new_person:
                _enter_person(connection, code, at)
            if answers is not None:
                connection.execute("delete from preparations where code = ? and visit = ?", [code, visit])
                for pair in answers:
                    connection.execute("insert into preparations values (?, ?, ?, ?)", [code, visit, *pair])
            for capture in reject:
                _set_aside(connection, session, code, visit, capture, reason)

    def answers(self, code: str, visit: int | None = None) -> dict[str, str]:
        """Answers to the checklist at a visit; of the latest one that has any by default."""
        if visit is None:
            (latest,) = self._rows("select coalesce(max(visit), 0) as visit from preparations where code = ?", code)
            visit = int(latest["visit"])
        rows = self._rows("select question, answer from preparations where code = ? and visit = ?", code, visit)
        return {row["question"]: row["answer"] for row in rows}

    def places(self, code: str) -> dict[str, float]:
        """Distances that a person's sites are found by, in cm."""
        return {row["site"]: row["cm"] for row in self._rows("select site, cm from site_places where code = ?", code)}

    def set_place(self, code: str, site: str, cm: float, at: Timestamp) -> None:
        """Keeps the distance that a site is found by, in the place of an earlier one."""
        with self._database.write() as connection:
            connection.execute(
                "insert or replace into site_places values (?, ?, ?, ?, ?, ?)",
                [code, site, cm, at.utc.isoformat(), at.offset_minutes, str(at.status)],
            )

    def rejected(self, token: str) -> tuple[RejectedRow, ...]:
        """Photographs of a visit that were set aside, in the order in which they were."""
        sql = "select * from rejected where session = (select id from sessions where token = ?) order by id"
        return tuple(_rejected(row) for row in self._rows(sql, token))

    def rejected_images(self) -> frozenset[str]:
        """Files of all photographs that are set aside: the next start does not take them for lost ones."""
        return frozenset(row["image"] for row in self._rows("select image from rejected"))

    def to_delete(self) -> tuple[RejectedRow, ...]:
        """Photographs that were set aside in visits that are over."""
        sql = "select rejected.* from rejected join sessions on sessions.id = session where ended"
        return tuple(_rejected(row) for row in self._rows(sql))

    def deleted(self, rows: Iterable[RejectedRow]) -> None:
        """Forgets photographs whose files are gone, but for the highest number among them."""
        with self._database.write() as connection:
            for row in rows:
                connection.execute("delete from rejected where capture_id = ?", [row.capture_id])
                _never_again(connection, LAST_CAPTURE, row.capture_id)

    def _rows(self, sql: str, *values: str | int) -> list[dict[str, Any]]:
        with self._database.read() as connection:
            return list(connection.query(sql, values))


def _set_aside(connection: Connection, session: int, code: str, visit: int, capture: int, reason: str) -> None:
    """Moves a photograph of this visit from the captures to those that are set aside, with its measurements gone.

    Raises EntryError for one that is not of this person's visit.
    """
    moved = connection.execute(
        "insert into rejected (session, capture_id, code, visit, site, frame, reason, image, image_sha256) "
        "select ?, captures.id, persons.code, visits.number, site, frame, ?, image, image_sha256 from captures "
        "join visits on visits.id = visit_id join persons on persons.id = person_id "
        "where captures.id = ? and persons.code = ? and visits.number = ?",
        [session, reason, capture, code, visit],
    ).rowcount
    if moved != 1:
        raise EntryError(f"Photograph {capture} is not one of this visit: nothing was set aside.")
    visit_id, site = connection.execute("select visit_id, site from captures where id = ?", [capture]).fetchone()
    for (measurement,) in connection.execute("select id from measurements where capture_id = ?", [capture]).fetchall():
        _never_again(connection, LAST_MEASUREMENT, measurement)
        connection.execute("delete from details where measurement_id = ?", [measurement])
    # What rested on it is made again from what is left.
    for end in ("visit_id", "baseline_id"):
        connection.execute(f"delete from comparisons where {end} = ? and site = ?", [visit_id, site])
    connection.execute("delete from measurements where capture_id = ?", [capture])
    connection.execute("delete from captures where id = ?", [capture])
    # A visit without a photograph is none; the next photograph enters it again.
    connection.execute(
        "delete from visits where number = ? and person_id = (select id from persons where code = ?) "
        "and not exists (select 1 from captures where visit_id = visits.id)",
        [visit, code],
    )


def _never_again(connection: Connection, name: str, number: int) -> None:
    """Remembers a number that was given, so that it is not given again: pages and comparisons know things by it."""
    connection.execute(
        "insert into numbers values (?, ?) on conflict (name) do update set last = max(last, excluded.last)",
        [name, number],
    )


def _enter_person(connection: Connection, code: str, at: Timestamp) -> None:
    if connection.execute("select code from erasures where code = ?", [code]).fetchone() is not None:
        raise EntryError(f"Person {code} is being erased: nothing more can be entered.")
    connection.execute(
        "insert into persons (code, demonstration, created_utc) values (?, 0, ?) on conflict (code) do nothing",
        [code, at.utc.isoformat()],
    )


def _session(row: Mapping[str, Any]) -> SessionRow:
    return SessionRow(
        session_id=row["id"],
        token=row["token"],
        code=row["code"],
        visit=row["visit"],
        protocol=row["protocol"],
        rig=row["rig"],
        state=json.loads(row["state"]),
        began=timestamp(row["utc"], row["offset_minutes"], row["clock_status"]),
        changed=dt.datetime.fromisoformat(row["changed_utc"]),
        ended=bool(row["ended"]),
    )


def _rejected(row: Mapping[str, Any]) -> RejectedRow:
    return RejectedRow(
        row["capture_id"], row["code"], row["visit"], row["site"], row["frame"], row["reason"], row["image"]
    )
