"""After a power cut: what lies in the image folder beside the record, and what becomes of it. Nothing is deleted
but room that was reserved and never written to, and global views that nobody was told of."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

from station.errors import EntryError, StorageError
from station.imaging import MAX_FILE_BYTES
from station.names import readable
from station.records.images import UNFINISHED, ImageFolder, files_below, finish
from station.records.photograph import WholePhotograph, check
from station.records.rows import StoredImage
from station.records.store import Records
from station.records.views import is_view

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found. Names are paths below the image folder.

    adopted: whole photographs without a row, entered into the record now; released: reserved room that no
    photograph was written to, given back, and global views whose storing was cut off before anyone heard of them;
    kept: files that are no photograph of this station, are cut off, cannot be read or do not fit the record, left where
    they are; missing: photographs on record whose file is gone.
    """

    adopted: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What was found, in one sentence; empty when there was nothing."""
        parts = [
            f"{len(self.adopted)} photographs were taken into the record" if self.adopted else "",
            f"{len(self.released)} unused reservations were given back" if self.released else "",
            f"{len(self.kept)} files are not usable photographs of this station and stay where they are"
            f" ({_some(self.kept)})"
            if self.kept
            else "",
            f"{len(self.missing)} photographs on record have lost their file ({_some(self.missing)})"
            if self.missing
            else "",
        ]
        found = [part for part in parts if part]
        return "After an interruption: " + "; ".join(found) + "." if found else ""


def recover(records: Records, images: ImageFolder) -> Recovery:
    """Brings record and image folder together. Safe to interrupt and to repeat.

    A file that cannot be used never stops it. Raises StorageError or RecordError when the record cannot be written.
    """
    known = records.images() | records.views.images()
    aside = records.sessions.rejected_images()
    seen: set[str] = set()
    adopted, released, kept = [], [], []
    for name in images.names():
        seen.add(name)
        if name in known or name in aside:
            continue
        try:
            if _is_reservation(images.root / name) or is_view(name):
                (images.root / name).unlink()
                released.append(name)
                continue
            final = _adopt(records, images, name)
        except StorageError:
            raise
        except (OSError, EntryError) as error:
            log.warning("%s stays out of the record: %s", readable(images.root / name), error)
            final = None
        if final is None:
            kept.append(name)
        else:
            adopted.append(final)
    return Recovery(tuple(adopted), tuple(released), tuple(kept), tuple(sorted(known - seen)))


def unusable(root: Path, known: Set[str]) -> tuple[str, ...]:
    """Files below the image folder `root` that are neither on record (`known`) nor could be taken into it.

    Changes nothing, and may be called while a station is running: a photograph that is just being stored is passed
    over.
    """
    return tuple(name for name in files_below(root) if name not in known and not _usable(root / name))


def _usable(path: Path) -> bool:
    try:
        return _is_reservation(path) or _whole(path) is not None
    except FileNotFoundError:
        return True  # it has just got its final name
    except OSError:
        return False


def _adopt(records: Records, images: ImageFolder, name: str) -> str | None:
    """Enters a whole photograph under its final name; None if it is not one."""
    path = images.root / name
    found = _whole(path)
    if found is None:
        return None
    data, whole = found
    final = name.removesuffix(UNFINISHED)
    target = images.root / final
    if final != name:
        if target.exists():
            return None
        with path.open("r+b") as stream:
            stream.truncate(whole.size)
            os.fsync(stream.fileno())
        finish(path, target)
    sha256 = hashlib.sha256(data[: whole.size]).hexdigest()
    records.add_capture(whole.header, StoredImage(final, sha256, whole.size, whole.width_px, whole.height_px))
    return final


def _whole(path: Path) -> tuple[bytes, WholePhotograph] | None:
    """The content of a whole photograph of this station; None if it is not one."""
    if path.name != readable(path.name) or path.stat().st_size > MAX_FILE_BYTES:
        return None  # the station gives plain names, and the record holds text alone
    try:
        data = path.read_bytes()
        return data, check(data)
    except (ValueError, MemoryError):
        return None


def _is_reservation(path: Path) -> bool:
    """True for an unfinished file that holds nothing but the zeros of a reservation."""
    if not path.name.endswith(UNFINISHED):
        return False
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            if block.strip(b"\0"):
                return False
    return True


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(readable(name) for name in names[:3])
