"""The station's records: persons, visits, captures and measurements."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlite_utils import Database as Connection

from station.clock import Timestamp
from station.errors import EntryError, NotFoundError
from station.records.capture_rows import CAPTURES, capture_row, measurement_columns
from station.records.comparisons import Comparisons
from station.records.database import Database
from station.records.detail import MeasurementDetail, pack, unpack
from station.records.erase import Erasures
from station.records.health import HealthRecords
from station.records.readings import VisitSites, readings, repeats
from station.records.repeatability import RepeatabilityRecords
from station.records.rows import (
    CaptureHeader,
    CaptureRow,
    CaptureState,
    PersonRow,
    RepeatRow,
    StoredImage,
    VisitRow,
    timestamp,
)
from station.records.sessions import LAST_CAPTURE, LAST_MEASUREMENT, SessionRecords
from station.records.views import ViewRecords
from station.values import Measurement

CODE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"  # no vowels, nothing that looks like something else
CODE_LENGTH = 8


class Records:
    """Reads and writes the station's records. Any thread may use it.

    Raises RecordError when the database is damaged, StorageError when it cannot be written, NotFoundError for what
    is not on record.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path)
        self.health = HealthRecords(self._database)
        self.erasures = Erasures(self._database)
        self.sessions = SessionRecords(self._database)
        self.views = ViewRecords(self._database)
        self.comparisons = Comparisons(self._database)
        self.repeatability = RepeatabilityRecords(self._database)

    def close(self) -> None:
        self._database.close()

    def new_person(self, created: Timestamp, *, demonstration: bool = False) -> PersonRow:
        """A new person under a random code."""
        code = _random_code()
        with self._database.write() as connection:
            key = _person_id(connection, code, demonstration, created.utc)
        return PersonRow(key, code, demonstration)

    def unused_code(self) -> str:
        """A code for a person who is entered with the first photograph (`add_capture`)."""
        while True:
            code = _random_code()
            if not self._rows("select id from persons where code = ?", code):
                return code

    def person(self, code: str) -> PersonRow:
        for row in self._rows("select * from persons where code = ?", code):
            return PersonRow(row["id"], row["code"], bool(row["demonstration"]))
        raise NotFoundError(f"There is no person {code} on record.", person="This person is not on record.")

    def persons(self) -> tuple[PersonRow, ...]:
        rows = self._rows("select * from persons order by id")
        return tuple(PersonRow(row["id"], row["code"], bool(row["demonstration"])) for row in rows)

    def visits(self, code: str) -> tuple[VisitRow, ...]:
        """A person's visits from the baseline on."""
        person = self.person(code)
        rows = self._rows("select * from visits where person_id = ? order by number", person.person_id)
        return tuple(VisitRow(row["id"], row["number"], _moment(row["utc"], row), row["protocol"]) for row in rows)

    def visit_at(self, code: str, moment: Timestamp) -> int:
        """Number of the visit that a photograph taken now belongs to: the latest one if it is of the same day.

        Someone who is not on record yet begins with visit 1.
        """
        rows = self._rows(
            "select visits.* from visits join persons on persons.id = person_id where code = ? "
            "order by number desc limit 1",
            code,
        )
        if not rows:
            return 1
        latest = rows[0]
        return int(latest["number"]) + (_moment(latest["utc"], latest).local_date != moment.local_date)

    def next_frame(self, code: str, visit: int, site: str) -> int:
        """Number of the next photograph of a site; the first is 1, also of someone who is not on record yet. That of
        one that was set aside is not given again."""
        row = self._rows(
            "select coalesce(max(frame), 0) + 1 as next from ("
            "select frame from captures join visits on visits.id = visit_id join persons on persons.id = person_id "
            "where persons.code = :code and number = :visit and captures.site = :site union all "
            "select frame from rejected where code = :code and visit = :visit and site = :site)",
            code=code,
            visit=visit,
            site=site,
        )
        return int(row[0]["next"])

    def add_capture(self, header: CaptureHeader, image: StoredImage) -> int:
        """Enters a photograph that is safely on the disk, with its person and visit if they are new."""
        with self._database.write() as connection:
            person = _person_id(connection, header.person, header.demonstration, header.taken.utc)
            visit = _visit_id(connection, person, header)
            taken = header.taken
            table = connection.table("captures")
            table.insert(
                {
                    "id": _next_capture(connection),
                    "visit_id": visit,
                    "site": header.site,
                    "frame": _free_frame(connection, visit, header),
                    "image": image.name,
                    "image_sha256": image.sha256,
                    "image_bytes": image.size,
                    "width_px": image.width_px,
                    "height_px": image.height_px,
                    "utc": taken.utc.isoformat(),
                    "offset_minutes": taken.offset_minutes,
                    "clock_status": str(taken.status),
                    "lamp": str(header.lamp),
                    "rig": header.rig_id,
                    "requested_controls": json.dumps(asdict(header.requested)),
                    "confirmed_controls": json.dumps(asdict(header.confirmed)),
                    "calibration_id": header.calibration_id,
                    "px_per_mm": header.px_per_mm,
                    "px_per_mm_rel_sd": header.px_per_mm_rel_sd,
                    "source": header.source,
                    "software": header.software,
                    "state": str(CaptureState.CAPTURED),
                    "error": "",
                }
            )
            return int(table.last_pk)  # type: ignore[arg-type]  # the key of a row that was just inserted

    def capture(self, capture_id: int) -> CaptureRow:
        for row in self._rows(CAPTURES + " where captures.id = ?", capture_id):
            return capture_row(row)
        raise NotFoundError(
            f"There is no photograph {capture_id} on record.", person="This photograph is not on record."
        )

    def captures(self, code: str, visit: int | None = None, site: str | None = None) -> tuple[CaptureRow, ...]:
        """A person's photographs in the order of visit, site and frame."""
        where, values = " where persons.code = ?", [code]
        if visit is not None:
            where, values = where + " and visits.number = ?", [*values, str(visit)]
        if site is not None:
            where, values = where + " and captures.site = ?", [*values, site]
        rows = self._rows(CAPTURES + where + " order by visits.number, captures.site, captures.frame", *values)
        return tuple(capture_row(row) for row in rows)

    def readings(self, code: str) -> tuple[VisitSites, ...]:
        """A person's visits from the baseline on, with the numbers of each site."""
        with self._database.read() as connection:
            return readings(connection, self.person(code).person_id)

    def repeats(self, rig_id: str, model_sha256: str) -> tuple[RepeatRow, ...]:
        """The latest photographs that this rig took and this model measured, everybody's."""
        with self._database.read() as connection:
            return repeats(connection, rig_id, model_sha256)

    def pending(self) -> tuple[int, ...]:
        """Photographs that wait to be measured, the oldest first."""
        rows = self._rows("select id from captures where state = ? order by id", str(CaptureState.CAPTURED))
        return tuple(row["id"] for row in rows)

    def images(self) -> frozenset[str]:
        """Names of all image files on record."""
        return frozenset(row["image"] for row in self._rows("select image from captures"))

    def counts(self, *, demonstration: bool | None = None) -> Mapping[CaptureState, int]:
        """How many photographs are in which state. demonstration: only those of (or not of) a demonstration."""
        rows = self._rows(
            "select state, count(*) as n from captures join visits on visits.id = visit_id "
            "join persons on persons.id = person_id where ? in (-1, demonstration) group by state",
            -1 if demonstration is None else int(demonstration),
        )
        found = {row["state"]: int(row["n"]) for row in rows}
        return {state: found.get(state, 0) for state in CaptureState}

    def set_measured(self, capture_id: int, measurement: Measurement, at: Timestamp) -> None:
        """Stores a measurement and takes the photograph off the queue, both or neither."""
        with self._database.write() as connection:
            rig = _off_the_queue(connection, capture_id, CaptureState.MEASURED, "")
            row = {
                "id": _next_number(connection, "measurements", LAST_MEASUREMENT),
                **measurement_columns(capture_id, measurement, at),
                "rig": rig,
            }
            key = connection.table("measurements").insert(row).last_pk
            connection.execute("insert into details values (?, ?)", [key, pack(measurement)])

    def set_failed(self, capture_id: int, error: str) -> None:
        """Takes a photograph off the queue that cannot be measured, with the sentence that says why."""
        with self._database.write() as connection:
            _off_the_queue(connection, capture_id, CaptureState.FAILED, error)

    def detail(self, capture_id: int) -> MeasurementDetail:
        """Points and map of the latest measurement."""
        for row in self._rows(
            "select detail from details join measurements on measurements.id = measurement_id where capture_id = ? "
            "order by measurement_id desc limit 1",
            capture_id,
        ):
            return unpack(row["detail"])
        self.capture(capture_id)
        raise NotFoundError(
            f"Photograph {capture_id} is not measured yet.", person="This photograph is not measured yet."
        )

    def _rows(self, sql: str, *values: str | int, **named: str | int) -> list[dict[str, Any]]:
        with self._database.read() as connection:
            return list(connection.query(sql, named or values))


def _random_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def _person_id(connection: Connection, code: str, demonstration: bool, created: dt.datetime) -> int:
    if list(connection.query("select code from erasures where code = ?", [code])):
        raise EntryError(f"Person {code} is being erased: nothing more can be entered.")
    for row in connection.query("select id from persons where code = ?", [code]):
        return int(row["id"])
    entry = {"code": code, "demonstration": int(demonstration), "created_utc": created.isoformat()}
    return int(connection.table("persons").insert(entry).last_pk)  # type: ignore[arg-type]  # just inserted


def _next_capture(connection: Connection) -> int:
    """A number that no photograph ever had, erased ones and those set aside included: pages and the queue know
    photographs by it."""
    sql = (
        "select max(coalesce(max(id), 0), (select coalesce(max(last_capture), 0) from erased), "
        "(select coalesce(max(capture_id), 0) from rejected), "
        "(select coalesce(max(last), 0) from numbers where name = ?)) + 1 from captures"
    )
    return int(connection.execute(sql, [LAST_CAPTURE]).fetchone()[0])


def _next_number(connection: Connection, table: str, name: str) -> int:
    """A number that no row of a table had, those included that were deleted with what was set aside."""
    last = "select coalesce(max(last), 0) from numbers where name = ?"
    sql = f"select max(coalesce(max(id), 0), ({last})) + 1 from {table}"
    return int(connection.execute(sql, [name]).fetchone()[0])


def _visit_id(connection: Connection, person: int, header: CaptureHeader) -> int:
    for row in connection.query("select id from visits where person_id = ? and number = ?", [person, header.visit]):
        return int(row["id"])
    entry = {
        "person_id": person,
        "number": header.visit,
        "utc": header.taken.utc.isoformat(),
        "offset_minutes": header.taken.offset_minutes,
        "clock_status": str(header.taken.status),
        "protocol": header.protocol,
    }
    return int(connection.table("visits").insert(entry).last_pk)  # type: ignore[arg-type]  # just inserted


def _off_the_queue(connection: Connection, capture_id: int, state: CaptureState, error: str) -> str:
    """Sets a photograph's state and returns its rig. Raises EntryError when it is no longer on record."""
    sql = "update captures set state = ?, error = ? where id = ? returning rig"
    for (rig,) in connection.execute(sql, [str(state), error, capture_id]).fetchall():
        return str(rig)
    raise EntryError(
        f"The result contradicts the record: photograph {capture_id} is no longer there; it was not stored."
    )


def _free_frame(connection: Connection, visit: int, header: CaptureHeader) -> int:
    """The photograph's own number, or the next free one if that is taken."""
    rows = connection.query("select frame from captures where visit_id = ? and site = ?", [visit, header.site])
    taken = {row["frame"] for row in rows}
    return header.frame if header.frame not in taken else max(taken) + 1


def _moment(utc: str, row: Mapping[str, Any]) -> Timestamp:
    return timestamp(utc, row["offset_minutes"], row["clock_status"])
