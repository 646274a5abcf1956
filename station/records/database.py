"""The SQLite file: one connection per thread, one writer at a time, every commit on the disk before it returns."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlite_utils import Database as Connection

from station.errors import RecordError, StationError, StorageError
from station.records.migrations import MIGRATIONS

BUSY_TIMEOUT_S = 10.0


def inspect(path: Path) -> tuple[tuple[str, ...], int]:
    """What SQLite's integrity check and the foreign keys complain of (empty: nothing), and how many photographs are
    on record. Changes nothing, and may be called while a station is running. Raises StorageError when the file cannot
    be opened, for example on a disk that is mounted read-only."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY_TIMEOUT_S)) as raw:
            found = [str(row[0]) for row in raw.execute("PRAGMA integrity_check(5)").fetchall()]
            broken = raw.execute("PRAGMA foreign_key_check").fetchall()
            captures = raw.execute("select count(*) from captures").fetchone()[0]
    except sqlite3.Error as error:
        if "unable to open" in str(error) or "readonly" in str(error):
            raise StorageError(f"{path}: the database cannot be opened to look at it ({error}).") from error
        return (str(error),), 0
    complaints = [line for line in found if line != "ok"] + [f"{row[0]} row {row[1]} is orphaned" for row in broken[:5]]
    return tuple(complaints), captures


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
            raise RecordError(f"{self.path}: the entry contradicts the record ({error}); it was not stored.") from error
        except sqlite3.OperationalError as error:
            raise self._operational(error) from error
        except sqlite3.ProgrammingError as error:
            if not self._closed:
                raise
            raise RecordError(f"{self.path}: the record is closed; the station is stopping.") from error
        except sqlite3.DatabaseError as error:
            raise RecordError(
                f"{self.path}: the database is damaged ({error}); the photographs are intact. Move the file away and "
                "start the station: it takes every photograph into a new record and measures it again."
            ) from error

    def _operational(self, error: sqlite3.OperationalError) -> StationError:
        text = str(error).lower()
        if "full" in text:
            return StorageError(f"{self.path}: the disk is full; nothing was stored. Free some space and try again.")
        if "readonly" in text or "unable to open" in text or "disk i/o" in text:
            return StorageError(f"{self.path}: the database cannot be opened or written ({error}).")
        if "locked" in text:
            return RecordError(f"{self.path}: another program holds the database; stop it and try again.")
        if "malformed" in text or "no such table" in text or "no such column" in text:
            return RecordError(f"{self.path}: the database is damaged or of another kind ({error}).")
        return RecordError(f"{self.path}: the database refused ({error}).")
