"""Erasing a person (GDPR Article 17, domain reference 7.2): everything on record, and the photographs.

The intent is on the disk before anything is deleted, so a power cut half-way is made good by the next erasure or the
next start. Then go the files, the rows, and what SQLite leaves behind: `PRAGMA secure_delete` overwrites deleted rows
with zeros, but not the copies that stay in a page when its rows move to another one, so the database is written anew
(VACUUM) and its write-ahead log emptied. What remains is a line that an erasure took place at a time, and the highest
number that a photograph had, so that the number is never given again.

No file system overwrites a deleted file at once: that its blocks cannot be read from the bare disk takes an encrypted
disk (domain reference 7.3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from station.clock import Timestamp
from station.errors import NotFoundError, StorageError
from station.records.database import Database
from station.records.entry_rows import KINDS
from station.records.images import ImageFolder, storage_error, sync_folder
from station.records.sessions import CODE_TABLES

HEADER_BYTES = 1 << 16
"""Within it a photograph says whose it is (`station.records.photograph`)."""

_CAPTURES_OF = (
    "captures join visits on visits.id = visit_id join persons on persons.id = visits.person_id where persons.code = ?"
)
_CAPTURE_IDS = (
    "select captures.id from captures join visits on visits.id = captures.visit_id where visits.person_id = :person"
)

EVERY_IMAGE = "select image from captures union all select image from rejected union all select image from global_views"
"""Every file that is on record: photographs, those that were set aside, global views."""

Forget = Callable[[frozenset[str]], None]
"""Deletes whatever was derived from photographs, given their SHA-256."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure deleted. photographs: on record; entries: of the health record."""

    code: str
    photographs: int
    visits: int
    entries: int

    @property
    def sentence(self) -> str:
        return (
            f"Erased person {self.code}: {_some(self.photographs, 'photograph')} of {_some(self.visits, 'visit')} and "
            f"{_some(self.entries, 'entry', 'entries')}, with their measurements, history and derived pictures."
        )


class Erasures:
    """Erasures in the database; `erase` and `finish_erasures` carry them out. Any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, code: str) -> None:
        """Writes down that a person is to be erased. Raises NotFoundError for an unknown one."""
        with self._database.write() as connection:
            known = "select code from persons where code = :code union select code from erasures where code = :code"
            if not connection.execute(known, {"code": code}).fetchall():
                raise NotFoundError(f"There is no person {code} on record.", person="This person is not on record.")
            connection.execute("insert or ignore into erasures values (?)", [code])

    def pending(self) -> tuple[str, ...]:
        """Codes of those whose erasure has begun and is not done."""
        with self._database.read() as connection:
            return tuple(code for (code,) in connection.execute("select code from erasures"))

    def photographs(self, code: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Image names of a person, image names of everybody else, and the SHA-256 of the person's photographs."""
        with self._database.read() as connection:
            own = connection.execute(
                f"select image, image_sha256 from {_CAPTURES_OF} "
                "union all select image, image_sha256 from rejected where code = ? "
                "union all select image, image_sha256 from global_views where code = ?",
                [code] * 3,
            ).fetchall()
            names = frozenset(name for name, _ in own)
            everybody = frozenset(name for (name,) in connection.execute(EVERY_IMAGE))
            return names, everybody - names, frozenset(sha256 for _, sha256 in own)

    def delete_rows(self, code: str, at: Timestamp) -> Erased:
        """Deletes all rows of a person and notes that this was done, in one transaction."""
        with self._database.write() as connection:
            (last,) = connection.execute(
                "select max(coalesce(max(id), 0), (select coalesce(max(capture_id), 0) from rejected)) from captures"
            ).fetchone()
            for table in CODE_TABLES:
                connection.execute(f"delete from {table} where code = ?", [code])
            found = connection.execute("select id from persons where code = ?", [code]).fetchone()
            if found is None:
                return Erased(code, 0, 0, 0)
            key = {"person": found[0]}
            connection.execute(
                "insert into erased (utc, offset_minutes, clock_status, last_capture) values (?, ?, ?, ?)",
                [at.utc.isoformat(), at.offset_minutes, str(at.status), last],
            )

            def delete(table: str, where: str = "person_id = :person") -> int:
                return int(connection.execute(f"delete from {table} where {where}", key).rowcount)

            measured = f"select id from measurements where capture_id in ({_CAPTURE_IDS})"
            delete("details", f"measurement_id in ({measured})")
            delete("measurements", f"capture_id in ({_CAPTURE_IDS})")
            photographs = delete("captures", f"id in ({_CAPTURE_IDS})")
            for end in ("visit_id", "baseline_id"):
                delete("comparisons", f"{end} in (select id from visits where person_id = :person)")
            visits = delete("visits")
            delete("repeatability")
            delete("history")
            # What refers to others first: a reference that is cleared would be written once more before it goes.
            entries = sum(delete(kind.table) for kind in sorted(KINDS, key=lambda kind: not kind.references))
            delete("persons", "id = :person")
        return Erased(code, photographs, visits, entries)

    def wipe(self) -> None:
        """Leaves nothing in the database's files of what was deleted. Raises StorageError when there is no room for
        the database once more beside it."""
        self._database.rewrite()

    def done(self, code: str) -> None:
        """Forgets the code itself."""
        with self._database.write() as connection:
            connection.execute("delete from erasures where code = ?", [code])
        self._database.empty_log()


def erase(erasures: Erasures, images: ImageFolder, code: str, at: Timestamp, forget: Forget) -> Erased:
    """Deletes everything of a person for good. Safe to interrupt and to repeat.

    Raises NotFoundError for an unknown person, UsageError while a photograph of the person is being taken,
    StorageError or RecordError when it could not be done wholly: then it is done at the next start.
    """
    with images.barred(code):
        erasures.begin(code)
        erased = _delete(erasures, images, code, at, forget)
        _wipe(erasures)
        erasures.done(code)
    return erased


def finish_erasures(erasures: Erasures, images: ImageFolder, at: Timestamp, forget: Forget) -> int:
    """Makes good what an interruption left undone, and returns how many erasures that were. Raises as `erase` does."""
    pending = erasures.pending()
    for code in pending:
        _delete(erasures, images, code, at, forget)
    if pending:
        _wipe(erasures)
    for code in pending:
        erasures.done(code)
    return len(pending)


def _delete(erasures: Erasures, images: ImageFolder, code: str, at: Timestamp, forget: Forget) -> Erased:
    own, others, digests = erasures.photographs(code)
    try:
        _delete_files(images, code, own, others)
    except OSError as error:
        raise storage_error(images.root, error) from error
    forget(digests)
    return erasures.delete_rows(code, at)


def _wipe(erasures: Erasures) -> None:
    try:
        erasures.wipe()
    except StorageError as error:
        raise StorageError(
            f"The person's photographs and rows are deleted, but traces may be left in the database, which could not "
            f"be written anew ({error.operator}) Make room for it once more and start the station: it finishes this."
        ) from error


def _delete_files(images: ImageFolder, code: str, own: frozenset[str], others: frozenset[str]) -> None:
    """Deletes the photographs on record and whatever else is the person's: reservations, unfinished and damaged
    photographs, also where someone has moved them to."""
    folders = {images.root / code}
    for name in images.names():
        path = images.root / name
        if name in own or (name not in others and (name.startswith(f"{code}/") or _names(path, code))):
            path.unlink(missing_ok=True)
            folders.add(path.parent)
    for folder in sorted(folders):
        if folder.is_dir():
            sync_folder(folder)
            images.remove_empty(folder)
    sync_folder(images.root)


def _names(path: Path, code: str) -> bool:
    """True if the beginning of a file says that it is of this person."""
    try:
        with path.open("rb") as stream:
            return code.encode() in stream.read(HEADER_BYTES)
    except OSError:
        return False  # it cannot be read, so that nobody can say whose it is


def _some(count: int, one: str, more: str = "") -> str:
    return f"1 {one}" if count == 1 else f"{count} {more or one + 's'}"
