"""What lies in the image folder that no record can hold: it never stops the start, and it is never lost."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from station.clock import ClockStatus, SimulatedClock, Timestamp
from station.records.images import ImageFolder
from station.records.photograph import check, encode
from station.records.recovery import recover, unusable
from station.records.rows import CaptureHeader
from station.records.store import Records
from station.rig.build import open_rig
from station.service.station import Station
from station.settings import load
from station.values import Controls, Lamp

MOMENT = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
HEADER = CaptureHeader(
    person="BCDFGHJK",
    demonstration=False,
    visit=1,
    protocol="macro-8/1",
    site="vertex",
    frame=1,
    taken=Timestamp(MOMENT, 0, ClockStatus.SYNCHRONISED),
    lamp=Lamp.CROSS,
    rig_id="reference",
    requested=Controls(),
    confirmed=Controls(),
    calibration_id="nominal-reference:0123456789ab",
    px_per_mm=135.0,
    px_per_mm_rel_sd=0.01,
    source="",
    software="0.1.0",
)
PIXELS = np.random.default_rng(4).integers(0, 256, (72, 96, 3), dtype=np.uint8)


@dataclasses.dataclass
class Place:
    records: Records
    images: ImageFolder

    def put(self, name: str | bytes, data: bytes) -> Path:
        path = self.images.root / os.fsdecode(name)
        path.write_bytes(data)
        return path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(Records(tmp_path / "station.sqlite3"), ImageFolder(tmp_path / "images"))


def test_a_photograph_whose_file_name_is_no_text_goes_the_whole_way(tmp_path: Path) -> None:
    folder = tmp_path / "photographs"
    folder.mkdir()
    Image.fromarray(PIXELS).save(folder / os.fsdecode(b"scalp\xff.png"))
    options: dict[str, Any] = {"camera_driver": "replay", "replay_folder": str(folder), "storage_reserve_mb": 20}
    settings = load(environment={}, data_folder=tmp_path / "data", **options)
    clock = SimulatedClock(MOMENT)
    station = Station(settings, clock)
    capture_id = station.capture(open_rig(settings, clock), station.new_person(), "vertex")
    image = station.records.capture(capture_id).image
    assert check(station.images.path(image).read_bytes()).header.source == "scalp\\xff.png"
    station.close()
    Station(settings, clock).close()


def test_a_source_that_is_no_text_is_adopted_as_text(place: Place) -> None:
    """Such files were written before replay made the name text, and kept every later start from opening."""
    place.put("a.jpg", encode(PIXELS, dataclasses.replace(HEADER, source=os.fsdecode(b"scalp\xff.png")), 95))
    assert recover(place.records, place.images).adopted == ("a.jpg",)
    (row,) = place.records.captures(HEADER.person)
    assert row.image.name == "a.jpg"


@pytest.mark.parametrize(
    "changes",
    [
        {"visit": 10**30},
        {"visit": "1"},
        {"frame": 0},
        {"frame": True},
        {"site": None},
        {"site": ["vertex"]},
        {"person": "\ud800"},
        {"source": 5},
        {"source": "\ud800"},
        {"px_per_mm": 0.0},
        {"px_per_mm": 10**400},
        {"px_per_mm_rel_sd": float("nan")},
        {"demonstration": "no"},
    ],
    ids=str,
)
def test_a_header_that_no_record_can_hold_leaves_the_file_where_it_is(place: Place, changes: dict[str, object]) -> None:
    path = place.put("a.jpg", encode(PIXELS, dataclasses.replace(HEADER, **changes), 95))  # type: ignore[arg-type]
    place.put("b.jpg", encode(PIXELS, dataclasses.replace(HEADER, frame=2), 95))
    found = recover(place.records, place.images)
    assert (found.adopted, found.kept) == (("b.jpg",), ("a.jpg",))
    assert "1 files are not usable photographs of this station and stay where they are (a.jpg)" in found.sentence
    assert unusable(place.images.root, place.records.images()) == ("a.jpg",)
    assert path.exists()


def test_odd_files_are_kept_and_counted(place: Place) -> None:
    whole = encode(PIXELS, HEADER, 95)
    place.put("deep.jpg", with_comment(b"[" * 50_000))
    place.put("endless.jpg", with_comment(json.dumps({"header": {}, "jpeg_bytes": float("inf")}).encode()))
    place.put(b"bad\xff.jpg", whole)
    with place.put("giant.jpg", b"").open("r+b") as stream:
        stream.truncate(40_000_000_000)
    place.put("whole.jpg", whole)
    found = recover(place.records, place.images)
    assert found.adopted == ("whole.jpg",)
    assert sorted(found.kept) == sorted(["deep.jpg", "endless.jpg", "giant.jpg", os.fsdecode(b"bad\xff.jpg")])
    assert found.sentence.isprintable()
    assert "bad\\xff.jpg" in found.sentence
    assert recover(place.records, place.images).kept == found.kept


def test_a_file_that_may_not_be_read_is_kept() -> None:
    """Root may read everything: it takes another user's rights for this."""
    user, before = 65534, os.geteuid()
    with tempfile.TemporaryDirectory() as folder:
        if before == 0:
            os.chown(folder, user, user)
            os.seteuid(user)
        try:
            place = Place(Records(Path(folder) / "station.sqlite3"), ImageFolder(Path(folder) / "images"))
            place.put("a.jpg", encode(PIXELS, HEADER, 95)).chmod(0)
            assert recover(place.records, place.images).kept == ("a.jpg",)
            place.records.close()
        finally:
            os.seteuid(before)


def with_comment(comment: bytes) -> bytes:
    plain = io.BytesIO()
    Image.fromarray(PIXELS).save(plain, "JPEG")
    data = plain.getvalue()
    return data[:20] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + data[20:]
