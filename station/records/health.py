"""The health record: what people, clinics and laboratories entered, with the history of every correction.

A correction (GDPR Article 16, domain reference 7.2) keeps what stood there before, who changed it and when. Removing
an entry is for what should never have been entered: the entry goes, and so does what its history held of it; that
something was removed, by whom and when, stays. Erasing a person (Article 17) is `station.records.erase`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic

from sqlite_utils import Database as Connection

from station.clock import Timestamp
from station.entries import Entry, LabEntry
from station.errors import NotFoundError, RefusedEntryError
from station.records.database import Database
from station.records.entry_rows import LARGEST, E, Kind, Stored, checked_text, kind_of, plain, reader, row
from station.records.rows import timestamp


@dataclass(frozen=True, slots=True)
class Change(Generic[E]):
    """A step in an entry's history. action: "added", "corrected" or "removed"; before, after: None where there was
    nothing, and for an entry that was removed."""

    action: str
    at: Timestamp
    by: str
    before: E | None
    after: E | None


class HealthRecords:
    """Reads and writes entries. Any thread may use it.

    Raises NotFoundError for a person or entry that is not on record, also for an entry of someone else;
    RefusedEntryError for values that no record can hold; RecordError and StorageError as `Records` does. A write is
    on the disk as a whole, or nothing changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, code: str, entry: Entry, by: str, at: Timestamp) -> int:
        """Enters something and returns its id. by: who entered it, "" when unknown."""
        kind = kind_of(type(entry))
        columns, by = row(entry), checked_text("by", by)
        with self._database.write() as connection:
            person = _person(connection, code)
            _check_references(connection, person, kind, entry, None)
            entered = {"entered_utc" if name == "utc" else name: value for name, value in _moment(at).items()}
            stored = {**columns, **entered, "entered_by": by, "person_id": person}
            entry_id = _insert(connection, kind.table, stored)
            _log(connection, person, kind, entry_id, "added", by, at, None, entry)
        return entry_id

    def entries(self, code: str, kind: type[E]) -> tuple[Stored[E], ...]:
        """All entries of a kind, in the order in which they were entered."""
        with self._database.read() as connection:
            person = _person(connection, code)
            sql = f"select * from {kind_of(kind).table} where person_id = ? order by id"
            return _stored(kind, connection.query(sql, [person]))

    def entry(self, code: str, kind: type[E], entry_id: int) -> Stored[E]:
        with self._database.read() as connection:
            return _entry(connection, code, kind, entry_id)

    def correct(self, code: str, entry_id: int, entry: E, by: str, at: Timestamp, *, seen: E | None = None) -> None:
        """Puts `entry` in the place of an entry of the same kind; nothing happens when it says the same.

        seen: what the person who corrects it saw. If that is no longer what stands there, someone else was faster:
        RefusedEntryError, so that neither correction undoes the other unseen.
        """
        kind = kind_of(type(entry))
        columns, by = row(entry), checked_text("by", by)
        with self._database.write() as connection:
            before = _entry(connection, code, type(entry), entry_id).entry
            if seen is not None and before != seen:
                raise RefusedEntryError({"id": "This entry was changed meanwhile: look at it again, then correct it."})
            if before == entry:
                return
            person = _person(connection, code)
            _check_references(connection, person, kind, entry, entry_id)
            names = ", ".join(f"{name} = :{name}" for name in columns)
            connection.execute(f"update {kind.table} set {names} where id = :id", {**columns, "id": entry_id})
            _log(connection, person, kind, entry_id, "corrected", by, at, before, entry)

    def remove(self, code: str, kind: type[E], entry_id: int, by: str, at: Timestamp) -> None:
        """Deletes an entry and everything that its history held of it. What referred to it refers to nothing."""
        found, by = kind_of(kind), checked_text("by", by)
        with self._database.write() as connection:
            _entry(connection, code, kind, entry_id)
            person = _person(connection, code)
            connection.execute(f"delete from {found.table} where id = ?", [entry_id])
            connection.execute(
                "update history set before = null, after = null where person_id = ? and kind = ? and entry_id = ?",
                [person, found.name, entry_id],
            )
            _log(connection, person, found, entry_id, "removed", by, at, None, None)

    def history(self, code: str, kind: type[E], entry_id: int) -> tuple[Change[E], ...]:
        """What happened to an entry, from when it was added; also of one that was removed."""
        read = reader(kind)

        def content(text: str | None) -> E | None:
            return None if text is None else read(json.loads(text))

        with self._database.read() as connection:
            if abs(entry_id) > LARGEST:
                raise _no_entry(kind_of(kind), entry_id, code)
            rows = connection.query(
                "select * from history where person_id = ? and kind = ? and entry_id = ? order by id",
                [_person(connection, code), kind_of(kind).name, entry_id],
            )
            changes = tuple(
                Change(
                    each["action"],
                    timestamp(each["utc"], each["offset_minutes"], each["clock_status"]),
                    each["entered_by"],
                    content(each["before"]),
                    content(each["after"]),
                )
                for each in rows
            )
        if not changes:
            raise _no_entry(kind_of(kind), entry_id, code)
        return changes


def current_labs(labs: Iterable[Stored[LabEntry]]) -> tuple[Stored[LabEntry], ...]:
    """Laboratory results without those that the laboratory corrected by a later one (`LabEntry.supersedes`)."""
    given = tuple(labs)
    superseded = {stored.entry.supersedes for stored in given}
    return tuple(stored for stored in given if stored.id not in superseded)


def _person(connection: Connection, code: str) -> int:
    for found in connection.query("select id from persons where code = ?", [code]):
        return int(found["id"])
    raise NotFoundError(f"There is no person {code} on record.", person="This person is not on record.")


def _entry(connection: Connection, code: str, kind: type[E], entry_id: int) -> Stored[E]:
    found = kind_of(kind)
    person = _person(connection, code)
    if abs(entry_id) > LARGEST:
        raise _no_entry(found, entry_id, code)
    sql = f"select * from {found.table} where id = ? and person_id = ?"
    for stored in _stored(kind, connection.query(sql, [entry_id, person])):
        return stored
    raise _no_entry(found, entry_id, code)


def _no_entry(kind: Kind, entry_id: int, code: str) -> NotFoundError:
    return NotFoundError(
        f"Person {code} has no {kind.name} entry {entry_id} on record.", person="This entry is not on record."
    )


def _stored(kind: type[E], rows: Iterable[Mapping[str, Any]]) -> tuple[Stored[E], ...]:
    read = reader(kind)
    return tuple(
        Stored(
            each["id"],
            read(each),
            timestamp(each["entered_utc"], each["offset_minutes"], each["clock_status"]),
            each["entered_by"],
        )
        for each in rows
    )


def _check_references(connection: Connection, person: int, kind: Kind, entry: Entry, entry_id: int | None) -> None:
    """Raises RefusedEntryError when a field names an entry that is not this person's, or leads back to `entry_id`."""
    for name, target in kind.references:
        table = kind_of(target).table
        number = getattr(entry, name)
        if number is None:
            continue
        if not list(connection.query(f"select id from {table} where id = ? and person_id = ?", [number, person])):
            what = kind_of(target).name
            raise RefusedEntryError({name: f"This person has no {what} entry {number}: look up its number."})
        while number is not None and target is kind.entry:
            if number == entry_id:
                raise RefusedEntryError({name: "An entry cannot take its own place: name the one that it corrects."})
            (number,) = connection.execute(f"select {name} from {table} where id = ?", [number]).fetchone()


def _moment(at: Timestamp) -> dict[str, Any]:
    return {"utc": at.utc.isoformat(), "offset_minutes": at.offset_minutes, "clock_status": str(at.status)}


def _log(
    connection: Connection,
    person: int,
    kind: Kind,
    entry_id: int,
    action: str,
    by: str,
    at: Timestamp,
    before: Entry | None,
    after: Entry | None,
) -> None:
    content = {
        name: None if entry is None else json.dumps(plain(entry), ensure_ascii=False)
        for name, entry in (("before", before), ("after", after))
    }
    columns = {"person_id": person, "kind": kind.name, "entry_id": entry_id, "action": action, "entered_by": by}
    _insert(connection, "history", {**columns, **_moment(at), **content})


def _insert(connection: Connection, table: str, columns: dict[str, Any]) -> int:
    names = ", ".join(columns)
    places = ", ".join(f":{name}" for name in columns)
    return int(connection.execute(f"insert into {table} ({names}) values ({places})", columns).lastrowid or 0)
