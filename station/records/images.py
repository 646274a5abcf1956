"""The folder of photographs: every file in it is whole, or is named as unfinished.

A photograph is written in four steps, in this order: a file with a temporary name is given its room on the disk, the
content is written and forced to the disk, the file gets its final name, and the folder is forced to the disk. Only
then does anyone speak of it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from station.errors import StorageError, UsageError
from station.records.rows import StoredImage

UNFINISHED = ".part"
CAPTURE_NEEDS = (
    "a capture needs {needed:.0f} MB (storage.reserve_mb); no photograph was taken. Free some space and try again."
)
FOLDER_MODE = 0o700  # photographs of people: for the station's own user alone


def storage_error(path: Path, error: OSError) -> StorageError:
    """One sentence for a failed write."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StorageError(f"{path}: the disk is full; nothing was stored. Free some space and try again.")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StorageError(
            f"{path}: the folder cannot be written ({_why_read_only(path)}): what it holds is unharmed; make it "
            "writable, or name another data folder."
        )
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return StorageError(f"{path}: a file stands where a folder is needed: move it away, or name another folder.")
    return StorageError(
        f"{path}: cannot be written ({error.strerror or error}): look at the disk, or name another data folder."
    )


def _why_read_only(path: Path) -> str:
    """The reason in words: a disk that is mounted read-only, or the rights of this user."""
    there = next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists())
    read_only = os.statvfs(there).f_flag & os.ST_RDONLY
    return "its disk is mounted read-only" if read_only else "it is read-only or not the station's own"


def sync_folder(folder: Path) -> None:
    """Forces the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def files_below(root: Path) -> Iterator[str]:
    """Every file below a folder, finished or not, in order, as paths below it."""
    for path in sorted(root.rglob("*")):
        if path.is_file():
            yield path.relative_to(root).as_posix()


def make_folder(folder: Path) -> None:
    """A folder that is there after a power cut as well. Raises StorageError."""
    try:
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        for path in missing:
            sync_folder(path.parent)
    except OSError as error:
        raise storage_error(folder, error) from error


def finish(part: Path, final: Path) -> None:
    """Gives a photograph that is on the disk its final name."""
    part.rename(final)
    sync_folder(final.parent)


@dataclass(slots=True)
class Reservation:
    """Room on the disk for one photograph.

    Inside its `with` block the person cannot be erased. Leaving it gives the room back, unless the photograph is on
    the disk as a whole: what a failure after that left under the unfinished name is found by the next start
    (`station.records.recovery`).
    """

    root: Path
    name: str
    handle: int
    ended: Callable[[], None]
    whole: bool = False

    @property
    def part(self) -> Path:
        return self.root / (self.name + UNFINISHED)

    def store(self, data: bytes, width_px: int, height_px: int) -> StoredImage:
        """Puts the photograph on the disk under its final name. Raises StorageError."""
        try:
            view = memoryview(data)
            offset = 0
            while offset < len(view):
                offset += os.pwrite(self.handle, view[offset:], offset)
            os.ftruncate(self.handle, len(data))
            os.fsync(self.handle)
            self.whole = True
            finish(self.part, self.root / self.name)
        except OSError as error:
            raise storage_error(self.root, error) from error
        return StoredImage(self.name, hashlib.sha256(data).hexdigest(), len(data), width_px, height_px)

    def __enter__(self) -> Reservation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            os.close(self.handle)
            if not self.whole:
                self.part.unlink(missing_ok=True)
                _remove_empty(self.part.parent, self.root)
        finally:
            self.ended()


def _remove_empty(folder: Path, root: Path) -> None:
    """Removes a folder below `root` and those above it, as far as nothing is in them."""
    with contextlib.suppress(OSError):  # something is in it: it stays
        while folder != root:
            folder.rmdir()
            folder = folder.parent


class ImageFolder:
    """The photographs below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()
        self._taking: list[str] = []
        self._barred: list[str] = []
        make_folder(root)

    @contextlib.contextmanager
    def barred(self, person: str) -> Iterator[None]:
        """Inside the block no photograph of this person can be begun. Raises UsageError while one is being taken."""
        with self._lock:
            if person in self._taking:
                raise UsageError(
                    f"A photograph of person {person} is being taken: wait until it is stored, then try again.",
                    person="A photograph is being taken. Wait until it is stored, then try again.",
                )
            self._barred.append(person)
        try:
            yield
        finally:
            with self._lock:
                self._barred.remove(person)

    def remove_empty(self, folder: Path) -> None:
        """Removes a folder below the root and those above it, as far as nothing is in them."""
        _remove_empty(folder, self.root)

    def reserve(self, person: str, visit: int, site: str, frame: int, size: int, keep_free: int) -> Reservation:
        """Takes `size` bytes of the disk for a photograph, and more if it turns out larger.

        keep_free: bytes that must stay free beside it. Raises StorageError before anything is lit or taken, UsageError
        while the person is being erased.
        """
        self._begin(person)
        try:
            return self._reserve(person, visit, site, frame, size, keep_free)
        except BaseException:
            self._ended(person)
            raise

    @contextlib.contextmanager
    def taking(self, person: str) -> Iterator[None]:
        """Inside the block the person cannot be erased. Raises UsageError while that is being done."""
        self._begin(person)
        try:
            yield
        finally:
            self._ended(person)

    def _begin(self, person: str) -> None:
        with self._lock:
            if person in self._barred:
                raise UsageError(f"Person {person} is being erased: no photograph was taken.")
            self._taking.append(person)

    def _ended(self, person: str) -> None:
        with self._lock:
            self._taking.remove(person)

    def _reserve(self, person: str, visit: int, site: str, frame: int, size: int, keep_free: int) -> Reservation:
        folder = self.root / person / f"{visit:04d}"
        self.check_room(size, keep_free)
        make_folder(folder)
        try:
            name = f"{person}/{visit:04d}/{site}-{frame:02d}-{secrets.token_hex(4)}.jpg"
            part = self.root / (name + UNFINISHED)
            handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise storage_error(folder, error) from error
        try:
            os.posix_fallocate(handle, 0, size)
        except OSError as error:
            os.close(handle)
            part.unlink(missing_ok=True)
            _remove_empty(folder, self.root)
            raise storage_error(folder, error) from error
        return Reservation(self.root, name, handle, lambda: self._ended(person))

    def check_room(self, size: int, keep_free: int, what: str = CAPTURE_NEEDS) -> None:
        """Raises StorageError when `size` bytes more would leave less than `keep_free` bytes of the disk free.

        what: the rest of the sentence, with {needed} in MB.
        """
        try:
            free = shutil.disk_usage(self.root).free
        except OSError as error:
            raise storage_error(self.root, error) from error
        if free < size + keep_free:
            needs = what.format(needed=(size + keep_free) / 1e6)
            raise StorageError(f"{self.root}: {free / 1e6:.0f} MB are free, but {needs}")

    def path(self, image: StoredImage) -> Path:
        """Where a stored photograph lies."""
        return self.root / image.name

    def names(self) -> Iterator[str]:
        """Every file in the folder, finished or not, in order."""
        return files_below(self.root)
