"""After a power cut: what lies in the image folder beside the record, and what becomes of it. Nothing is deleted
but room that was reserved and never written to."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from station.records.images import UNFINISHED, ImageFolder, finish
from station.records.photograph import check
from station.records.rows import StoredImage
from station.records.store import Records


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was found. Names are paths below the image folder.

    adopted: whole photographs without a row, entered into the record now; released: reserved room that no
    photograph was written to, given back; kept: files that are no photograph of this station, or are cut off, left
    where they are; missing: photographs on record whose file is gone.
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
            f"{len(self.kept)} files are not whole photographs of this station and stay where they are"
            f" ({', '.join(self.kept[:3])})"
            if self.kept
            else "",
            f"{len(self.missing)} photographs on record have lost their file ({', '.join(self.missing[:3])})"
            if self.missing
            else "",
        ]
        found = [part for part in parts if part]
        return "After an interruption: " + "; ".join(found) + "." if found else ""


def recover(records: Records, images: ImageFolder) -> Recovery:
    """Brings record and image folder together. Safe to interrupt and to repeat."""
    known = records.images()
    seen: set[str] = set()
    adopted, released, kept = [], [], []
    for name in images.names():
        seen.add(name)
        if name in known:
            continue
        path = images.root / name
        if name.endswith(UNFINISHED) and _is_empty(path):
            path.unlink()
            released.append(name)
            continue
        final = _adopt(records, images, name)
        if final is None:
            kept.append(name)
        else:
            adopted.append(final)
    return Recovery(tuple(adopted), tuple(released), tuple(kept), tuple(sorted(known - seen)))


def _adopt(records: Records, images: ImageFolder, name: str) -> str | None:
    """Enters a whole photograph under its final name; None if it is not one."""
    path = images.root / name
    data = path.read_bytes()
    try:
        whole = check(data)
    except ValueError:
        return None
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


def _is_empty(path: Path) -> bool:
    """True if nothing but the zeros of a reservation is in the file."""
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            if block.strip(b"\0"):
                return False
    return True
