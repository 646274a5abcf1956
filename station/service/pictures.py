"""Derived pictures: sized photographs and map overlays. A cache that may be deleted at any time."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from station.density.drawing import map_rgba
from station.imaging import encode_png
from station.records.detail import MeasurementDetail
from station.records.images import storage_error
from station.records.rows import CaptureRow

JPEG_QUALITY = 88
MAP_WIDTH_PX = 960
"""Enough for a map of 0.25 mm cells on the largest screen in use."""


class PictureCache:
    """Files by key below one folder; the oldest go when all together exceed the limit.

    A cache that cannot be written only costs time: what was made is returned all the same.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._forgotten: set[str] = set()

    def get(self, key: str, make: Callable[[], bytes]) -> bytes:
        """The picture under this key, made if it is not there. key: a file name."""
        path = self._folder / key
        try:
            return path.read_bytes()
        except OSError:
            data = make()
        with contextlib.suppress(OSError):
            self._write(path, data)
        return data

    def forget(self, sha256s: frozenset[str]) -> None:
        """Deletes what was derived from photographs with these SHA-256, and keeps no more of them, also not what is
        being derived at this moment. Raises StorageError."""
        with self._lock:
            self._forgotten.update(derived_from(sha256) for sha256 in sha256s)
            try:
                for path in self._folder.iterdir() if self._folder.is_dir() else ():
                    if self._is_forgotten(path):
                        path.unlink()
            except OSError as error:
                raise storage_error(self._folder, error) from error

    def _is_forgotten(self, path: Path) -> bool:
        return not self._forgotten.isdisjoint(path.name.split("-"))

    def _write(self, path: Path, data: bytes) -> None:
        with self._lock:
            if self._is_forgotten(path):
                return
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make_room(len(data))
            part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
            try:
                part.write_bytes(data)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)

    def _make_room(self, size: int) -> None:
        with os.scandir(self._folder) as entries:
            files = sorted((entry.stat().st_mtime, entry.stat().st_size, entry.path) for entry in entries)
        total = size + sum(length for _, length, _ in files)
        for _, length, path in files:
            if total <= self._limit:
                return
            Path(path).unlink(missing_ok=True)
            total -= length


def derived_from(sha256: str) -> str:
    """The part of a key, between hyphens, that names the photograph."""
    return sha256[:16]


def sized(data: bytes, width: int) -> bytes:
    """A JPEG at most `width` pixels wide, from one of any size; what is narrow enough stays as it is."""
    with Image.open(io.BytesIO(data)) as picture:
        if picture.width <= width:
            return data
        height = max(1, round(picture.height * width / picture.width))
        picture.draft("RGB", (2 * width, 2 * height))  # lets the decoder scale by 2, 4 or 8, which is much faster
        small = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        packed = io.BytesIO()
        small.save(packed, "JPEG", quality=JPEG_QUALITY)
        return packed.getvalue()


def map_overlay(row: CaptureRow, detail: MeasurementDetail, kind: str, high: float) -> bytes:
    """The density map as a transparent PNG of the photograph's aspect. kind: "fu" or "hairs"; high: end of its
    colour scale per cm2."""
    density = detail.map.fu_per_cm2 if kind == "fu" else detail.map.hairs_per_cm2
    size_mm = (row.image.width_px / row.px_per_mm, row.image.height_px / row.px_per_mm)
    width = min(MAP_WIDTH_PX, row.image.width_px)
    return encode_png(map_rgba(density, detail.map.pitch_mm, size_mm, width_px=width, high=high), drawn=True)
