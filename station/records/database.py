"""The SQLite file: one connection per thread, one writer at a time, every commit on the disk before it returns."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database as Connection

from station.errors import EntryError, RecordError, StationError, StorageError
from station.records.migrations import MIGRATIONS

BUSY_TIMEOUT_S = 10.0
LOCK = "station.lock"
"""File in the database's folder that a running station holds."""

LEAST_ROOM_BYTES = 256 * 1024
"""Below it SQLite cannot make its write-ahead log and the log's index."""


def inspect(path: Path) -> tuple[tuple[str, ...], int]:
    """What SQLite's integrity check and the foreign keys complain of (empty: nothing), and how many photographs are
    on record. Changes nothing, and may be called while a station is running. Raises StorageError when the file cannot
    be opened, which is no reason to call it damaged."""
    log = Path(f"{path}-wal")
    began_quiet = not log.exists()
    with _looking_at(path) as raw:
        try:
            found = [str(row[0]) for row in raw.execute("PRAGMA integrity_check(5)").fetchall()]
            broken = raw.execute("PRAGMA foreign_key_check").fetchall()
            captures = raw.execute("select count(*) from captures").fetchone()[0]
        except sqlite3.Error as error:
            if not _says_damaged(error):
                raise
            return (str(error),), 0
    complaints = [line for line in found if line != "ok"] + [f"{row[0]} row {row[1]} is orphaned" for row in broken[:5]]
    if complaints and began_quiet and log.exists():
        return inspect(path)  # a station has begun to write meanwhile, and only the log makes sense of what was read
    return tuple(complaints), captures


def recorded_images(path: Path) -> frozenset[str]:
    """Names of all image files on record, read as `inspect` reads. Raises RecordError or StorageError."""
    with _looking_at(path) as raw:
        there = {row[0] for row in raw.execute("select name from sqlite_master where type = 'table'")}
        # A database that no station of this version has opened yet lacks the later ones.
        tables = ["captures", *sorted(there & {"rejected", "global_views"})]
        return frozenset(row[0] for row in raw.execute(" union all ".join(f"select image from {t}" for t in tables)))


def real_persons(path: Path) -> int:
    """How many persons on record are real, not of a demonstration, read as `inspect` reads. Raises as it does, and
    RecordError for a damaged file."""
    with _looking_at(path) as raw:
        return int(raw.execute("select count(*) from persons where not demonstration").fetchone()[0])


@contextmanager
def _looking_at(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that makes no file: without a write-ahead log nobody has the database open, and it can be read
    as one that never changes; with one, SQLite must see the log. Raises StorageError or RecordError."""
    uri = path.absolute().as_uri()
    log, index = Path(f"{path}-wal"), Path(f"{path}-shm")
    mode = "mode=ro" if log.exists() and (index.exists() or os.access(path.parent, os.W_OK)) else "immutable=1"
    indexed = index.exists()
    try:
        with closing(sqlite3.connect(f"{uri}?{mode}", uri=True, timeout=BUSY_TIMEOUT_S)) as raw:
            yield raw
    except sqlite3.Error as error:
        if _says_damaged(error):
            raise RecordError(_damaged(path, error)) from error
        raise cannot_use(path, error) from error
    finally:
        # A running station has its index; one that was not there before was made by this look.
        if mode == "mode=ro" and not indexed:
            _remove_index(path, index)


def _remove_index(path: Path, index: Path) -> None:
    """Removes the log's index unless a station has begun to work with it meanwhile."""
    with suppress(OSError):
        lock = os.open(path.parent / LOCK, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            index.unlink(missing_ok=True)
        finally:
            os.close(lock)


def cannot_use(path: Path, error: sqlite3.Error) -> StorageError:
    """Why SQLite could not read or write a file that is not damaged, and what to do about it."""
    folder = path.parent
    try:
        disk = os.statvfs(folder)
        writable = os.access(folder, os.W_OK) and os.access(path, os.R_OK | os.W_OK)
    except OSError:
        return StorageError(f"{path}: the folder is gone ({error}): connect its disk, or name another data folder.")
    if disk.f_flag & os.ST_RDONLY:
        return StorageError(
            f"{path}: the disk is mounted read-only; the record is unharmed. Mount it for writing, or name another "
            "data folder."
        )
    if disk.f_bavail * disk.f_frsize < LEAST_ROOM_BYTES or "full" in str(error):
        return StorageError(f"{path}: the disk is full; nothing was stored. Free some space and try again.")
    if not writable:
        return StorageError(
            f"{path}: this user may not read or write the database; the record is unharmed. Run the station as the "
            f"folder's owner, or give this user the folder {folder}."
        )
    return StorageError(
        f"{path}: the disk does not read or write as it should ({error}). Look at the disk and its cable, then try "
        "again."
    )


def _says_damaged(error: sqlite3.Error) -> bool:
    """True if the content is at fault, not the disk or another program; an error without a code is our own check's."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return True
    text = str(error)
    return any(words in text for words in ("malformed", "not a database", "no such table", "no such column"))


def _damaged(path: Path, error: sqlite3.Error) -> str:
    return (
        f"{path}: the database is damaged ({error}); the photographs are intact. Move the file away and start the "
        "station: it takes every photograph into a new record and measures it again."
    )


class Database:
    """The station's database. Raises RecordError if it is damaged, StorageError if it cannot be written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._writer = threading.Lock()
        self._open: list[Connection] = []
        self._opening = threading.Lock()
        self._closed = False
        with self._translated():
            self._check()
            with self._writer:
                MIGRATIONS.apply(self._connection())

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """This thread's connection, for reading."""
        with self._translated():
            yield self._connection()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: all of it is on the disk when the block ends, or none of it."""
        with self._translated(), self._writer:
            connection = self._connection()
            with connection.atomic():
                yield connection

    def rewrite(self) -> None:
        """Writes the file anew without what was deleted, and empties the log. Raises StorageError without room for
        the whole of it once more."""
        with self._translated(), self._writer:
            self._connection().execute("VACUUM")
        self.empty_log()

    def empty_log(self) -> None:
        """Takes the write-ahead log into the file and leaves it empty: what it held is in no file any more."""
        with self._translated(), self._writer:
            (busy, *_) = self._connection().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise RecordError(f"{self.path}: somebody reads on and on; the log could not be emptied. Try again.")

    def close(self) -> None:
        """Closes every thread's connection. May be called twice."""
        with self._opening:
            self._closed = True
            for connection in self._open:
                connection.close()
            self._open.clear()

    def _connection(self) -> Connection:
        if self._closed:
            raise RecordError(f"{self.path}: the record is closed; the station is stopping.")
        known: Connection | None = getattr(self._local, "connection", None)
        if known is not None:
            return known
        # The connection is used by its own thread alone; `close` may run in another.
        raw = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, check_same_thread=False)
        connection = Connection(raw)
        connection.execute("PRAGMA foreign_keys=ON")
        connection.enable_wal()
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")  # deleted content of people becomes zeros in the file
        with self._opening:
            self._open.append(connection)
        self._local.connection = connection
        return connection

    def _check(self) -> None:
        rows = self._connection().execute("PRAGMA quick_check(1)").fetchall()
        if [row[0] for row in rows] != ["ok"]:
            raise sqlite3.DatabaseError(str(rows[0][0]))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except StationError:
            raise
        except sqlite3.IntegrityError as error:
            raise EntryError(f"{self.path}: the entry contradicts the record ({error}); it was not stored.") from error
        except sqlite3.ProgrammingError as error:
            if not self._closed:
                raise
            raise RecordError(f"{self.path}: the record is closed; the station is stopping.") from error
        except sqlite3.OperationalError as error:
            if _says_damaged(error):
                raise RecordError(_damaged(self.path, error)) from error
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                text = f"{self.path}: another program holds the database; stop it and try again."
                raise RecordError(text) from error
            raise cannot_use(self.path, error) from error
        except sqlite3.DatabaseError as error:
            raise RecordError(_damaged(self.path, error)) from error
