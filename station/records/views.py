"""Global views of the head: pictures for the record, whose face was masked before anything reached the disk.

A view is a file in the image folder, in its person's folder, and a row that names it. The row comes last: a file
without one was cut off while it was stored, nobody was told of it, and the next start deletes it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from station.clock import Timestamp
from station.errors import NotFoundError
from station.imaging import write_durably
from station.records.database import Database
from station.records.images import ImageFolder, make_folder, storage_error
from station.records.rows import timestamp

PREFIX = "view-"


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A global view on record. mask: the line below which it is blank, as a share of the height from the top; None
    where nothing was masked; image: its file below the image folder."""

    view_id: int
    code: str
    visit: int
    view: str
    protocol: str
    image: str
    width_px: int
    height_px: int
    mask: float | None
    taken: Timestamp

    @property
    def day(self) -> dt.date:
        return self.taken.local_date


@dataclass(frozen=True, slots=True)
class NewView:
    """A masked picture to be stored. jpeg: the whole file, without any metadata; the rest as in `ViewRow`."""

    code: str
    visit: int
    view: str
    protocol: str
    jpeg: bytes
    width_px: int
    height_px: int
    mask: float | None


def is_view(name: str) -> bool:
    """Whether a file below the image folder is named as a global view, whole or unfinished."""
    return PurePosixPath(name).name.removeprefix(".").startswith(PREFIX)


class ViewRecords:
    """Reads and writes global views. Any thread may use it. Raises RecordError and StorageError as `Records` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, images: ImageFolder, new: NewView, at: Timestamp, keep_free: int) -> int:
        """Stores a view, in the place of an earlier one of the same visit. Raises StorageError when less than
        `keep_free` bytes of the disk would stay free."""
        images.check_room(len(new.jpeg), keep_free, "a picture needs {needed:.0f} MB. Free some space and try again.")
        name = f"{new.code}/{new.visit:04d}/{PREFIX}{new.view}-{secrets.token_hex(4)}.jpg"
        with images.taking(new.code):
            make_folder((images.root / name).parent)
            try:
                write_durably(images.root / name, new.jpeg)
            except OSError as error:
                raise storage_error(images.root, error) from error
            with self._database.write() as connection:
                same = "code = ? and visit = ? and view = ?"
                key = [new.code, new.visit, new.view]
                old = [row[0] for row in connection.execute(f"select image from global_views where {same}", key)]
                connection.execute(f"delete from global_views where {same}", key)
                columns = {
                    "code": new.code,
                    "visit": new.visit,
                    "view": new.view,
                    "protocol": new.protocol,
                    "image": name,
                    "image_sha256": hashlib.sha256(new.jpeg).hexdigest(),
                    "image_bytes": len(new.jpeg),
                    "width_px": new.width_px,
                    "height_px": new.height_px,
                    "mask": new.mask,
                    "utc": at.utc.isoformat(),
                    "offset_minutes": at.offset_minutes,
                    "clock_status": str(at.status),
                }
                number = connection.table("global_views").insert(columns).last_pk
            for image in old:
                (images.root / image).unlink(missing_ok=True)
        return int(number)  # type: ignore[arg-type]  # the key of a row that was just inserted

    def remove(self, images: ImageFolder, code: str, view_id: int) -> None:
        """Deletes a view. Raises NotFoundError."""
        row = self.view(code, view_id)
        with self._database.write() as connection:
            connection.execute("delete from global_views where id = ?", [view_id])
        (images.root / row.image).unlink(missing_ok=True)

    def views(self, code: str, visit: int | None = None) -> tuple[ViewRow, ...]:
        """A person's views, all or those of one visit, in the order of visits."""
        sql, values = "select * from global_views where code = ?", [code]
        if visit is not None:
            sql, values = sql + " and visit = ?", [*values, str(visit)]
        return tuple(_view(row) for row in self._rows(sql + " order by visit, id", *values))

    def view(self, code: str, view_id: int) -> ViewRow:
        """Raises NotFoundError, also for a view of somebody else."""
        for row in self._rows("select * from global_views where code = ? and id = ?", code, view_id):
            return _view(row)
        raise NotFoundError(f"Person {code} has no view {view_id}.", person="This picture is not on record.")

    def images(self) -> frozenset[str]:
        """Names of all files of views on record."""
        return frozenset(row["image"] for row in self._rows("select image from global_views"))

    def _rows(self, sql: str, *values: str | int) -> list[dict[str, Any]]:
        with self._database.read() as connection:
            return list(connection.query(sql, values))


def _view(row: Mapping[str, Any]) -> ViewRow:
    return ViewRow(
        view_id=row["id"],
        code=row["code"],
        visit=row["visit"],
        view=row["view"],
        protocol=row["protocol"],
        image=row["image"],
        width_px=row["width_px"],
        height_px=row["height_px"],
        mask=row["mask"],
        taken=timestamp(row["utc"], row["offset_minutes"], row["clock_status"]),
    )
