"""The data folder: what lies where, and that one process at a time works in it."""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path

from station.errors import StorageError
from station.imaging import write_durably
from station.records.database import LOCK
from station.records.images import make_folder, storage_error

DATABASE = "station.sqlite3"
IMAGES = "images"
CACHE = "cache"
SECRET = "secret.key"
SECRET_BYTES = 32


class DataFolder:
    """A data folder that this process alone works in until `close`.

    Raises StorageError if it cannot be written, or if another station works in it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        make_folder(root)
        try:
            self._lock = os.open(root / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise storage_error(root, error) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._lock, 0)
            os.pwrite(self._lock, str(os.getpid()).encode(), 0)
        except BlockingIOError as error:
            holder = os.pread(self._lock, 20, 0).decode(errors="replace")
            os.close(self._lock)
            raise StorageError(
                f"{root}: another station (process {holder}) works in this data folder; stop it first."
            ) from error
        except OSError as error:
            os.close(self._lock)
            raise storage_error(root, error) from error

    @property
    def database(self) -> Path:
        return self.root / DATABASE

    @property
    def images(self) -> Path:
        return self.root / IMAGES

    @property
    def cache(self) -> Path:
        """Derived pictures: may be deleted at any time."""
        return self.root / CACHE

    def close(self) -> None:
        """Lets others work in the folder. May be called twice."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def secret(root: Path) -> bytes:
    """The data folder's key, which is made once and never leaves it. Raises StorageError."""
    path = root / SECRET
    try:
        if not path.exists():
            write_durably(path, secrets.token_bytes(SECRET_BYTES))
            path.chmod(0o600)
        return path.read_bytes()
    except OSError as error:
        raise storage_error(root, error) from error
