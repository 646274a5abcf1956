"""Photographs that speak for themselves, and the folder that holds them."""

from __future__ import annotations

import datetime as dt
import errno
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from station.clock import ClockStatus, Timestamp
from station.errors import StorageError
from station.imaging import read_photograph
from station.records.folder import DataFolder
from station.records.images import ImageFolder
from station.records.photograph import check, encode
from station.records.recovery import Recovery, recover
from station.records.rows import CaptureHeader, CaptureState
from station.records.store import Records
from station.values import Controls, Lamp

HEADER = CaptureHeader(
    person="BCDFGHJK",
    demonstration=True,
    visit=3,
    protocol="macro-8/1",
    site="vertex",
    frame=2,
    taken=Timestamp(dt.datetime(2026, 1, 5, 9, 30, 0, 5, tzinfo=dt.UTC), -300, ClockStatus.SYNCHRONISED),
    lamp=Lamp.CROSS,
    rig_id="reference",
    requested=Controls(8000, 1.0, (2.9, 1.7), None),
    confirmed=Controls(8003, 1.01, (2.9, 1.7), None),
    calibration_id="nominal-reference:0123456789ab",
    px_per_mm=135.0,
    px_per_mm_rel_sd=0.01,
    source="",
    software="0.1.0",
)
PIXELS = np.random.default_rng(4).integers(0, 256, (120, 160, 3), dtype=np.uint8)


def test_a_photograph_says_what_it_is_and_is_an_ordinary_jpeg(tmp_path: Path) -> None:
    data = encode(PIXELS, HEADER, 95)
    found = check(data)
    assert (found.header, found.size, found.width_px, found.height_px) == (HEADER, len(data), 160, 120)
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    plain = io.BytesIO()
    Image.fromarray(PIXELS).save(plain, "JPEG", quality=95, subsampling=0)
    np.testing.assert_array_equal(read_photograph(path), np.asarray(Image.open(plain)))
    with Image.open(path) as picture:
        assert picture.format == "JPEG"
        assert b"BCDFGHJK" in picture.info["comment"]


def test_room_that_was_not_used_is_told_from_the_photograph() -> None:
    data = encode(PIXELS, HEADER, 95)
    assert check(data + bytes(5000)).size == len(data)


def test_nothing_but_a_whole_photograph_is_whole() -> None:
    data = encode(PIXELS, HEADER, 95)
    rng = np.random.default_rng(1)
    harmed = [data[:cut] for cut in (0, 1, 3, 20, 300, len(data) - 1)]
    harmed += [data[: len(data) // 2] + bytes(len(data) - len(data) // 2)]
    harmed += [data + b"x", encode(PIXELS, HEADER, 95).replace(b"station-capture/1", b"station-capture/9")]
    for place in rng.integers(700, len(data), 20):
        torn = bytearray(data)
        torn[place] ^= 0x10
        harmed.append(bytes(torn))
    plain = io.BytesIO()
    Image.fromarray(PIXELS).save(plain, "JPEG")
    harmed += [plain.getvalue(), b"GIF89a" + bytes(100), b"\xff\xd8\xff\xe0"]
    assert [number for number, content in enumerate(harmed) if passes(content)] == []


def passes(content: bytes) -> bool:
    try:
        check(content)
    except ValueError:
        return False
    return True


def store(folder: ImageFolder, header: CaptureHeader = HEADER) -> str:
    data = encode(PIXELS, header, 95)
    with folder.reserve(header.person, header.visit, header.site, header.frame, 40_000, 0) as room:
        assert room.part.stat().st_size == 40_000
        assert room.part.stat().st_blocks * 512 >= 40_000, "the room is taken, not only promised"
        return room.store(data, 160, 120).name


def test_a_reservation_becomes_the_file_and_nothing_else_stays(tmp_path: Path) -> None:
    folder = ImageFolder(tmp_path / "images")
    name = store(folder)
    assert list(folder.names()) == [name]
    assert name.startswith("BCDFGHJK/0003/vertex-02-")
    assert check((folder.root / name).read_bytes()).header == HEADER
    with folder.reserve("BCDFGHJK", 3, "vertex", 3, 1000, 0):
        pass
    assert list(folder.names()) == [name]
    assert (folder.root / name).stat().st_mode & 0o077 == 0, "photographs are for the station's user alone"


def test_the_file_is_safe_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    real_fsync, real_rename = os.fsync, Path.rename

    def fsync(handle: int) -> None:
        steps.append("fsync " + ("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file"))  # noqa: PTH112
        real_fsync(handle)

    def rename(self: Path, target: Path) -> Path:
        steps.append("rename")
        return real_rename(self, target)

    folder = ImageFolder(tmp_path / "images")
    store(folder)  # its folders exist now
    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "rename", rename)
    store(folder)
    assert steps == ["fsync file", "rename", "fsync folder"]


def test_too_little_room_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    folder = ImageFolder(tmp_path / "images")
    with pytest.raises(StorageError, match=r"MB are free.*storage\.reserve_mb.*no photograph was taken"):
        folder.reserve("BCDFGHJK", 1, "vertex", 1, 1000, 10**18)
    assert list(folder.names()) == []


@pytest.mark.parametrize("failing", ["posix_fallocate", "pwrite", "ftruncate"])
def test_a_disk_that_fills_up_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    folder = ImageFolder(tmp_path / "images")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, failing, full)
    with pytest.raises(StorageError, match="disk is full"):
        store(folder)
    assert list(folder.names()) == []


def test_a_folder_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="a file stands where a folder is needed"):
        ImageFolder(tmp_path / "file")
    with pytest.raises(StorageError, match="a file stands where a folder is needed"):
        DataFolder(tmp_path / "file" / "data")


def test_one_station_works_in_a_data_folder(tmp_path: Path) -> None:
    first = DataFolder(tmp_path / "data")
    with pytest.raises(StorageError, match=f"process {os.getpid()}"):
        DataFolder(tmp_path / "data")
    first.close()
    first.close()
    DataFolder(tmp_path / "data").close()


def test_recovery_takes_in_what_is_whole_and_keeps_the_rest(tmp_path: Path) -> None:
    records, folder = Records(tmp_path / "station.sqlite3"), ImageFolder(tmp_path / "images")
    whole = store(folder)
    data = encode(PIXELS, HEADER, 95)
    visit = (folder.root / whole).parent
    (visit / "vertex-02-aaaaaaaa.jpg.part").write_bytes(data + bytes(999))  # safe, not yet renamed
    (visit / "vertex-02-bbbbbbbb.jpg.part").write_bytes(data[:5000] + bytes(9999))  # cut off
    (visit / "vertex-02-cccccccc.jpg.part").write_bytes(bytes(70_000))  # reserved, never written
    (visit / "holiday.jpg").write_bytes(b"something else")
    found = recover(records, folder)
    renamed = whole.rsplit("/", 1)[0] + "/vertex-02-aaaaaaaa.jpg"
    assert set(found.adopted) == {whole, renamed}
    assert [name.rsplit("-", 1)[1] for name in found.released] == ["cccccccc.jpg.part"]
    assert {name.rsplit("/", 1)[1] for name in found.kept} == {"vertex-02-bbbbbbbb.jpg.part", "holiday.jpg"}
    assert "2 photographs were taken into the record" in found.sentence
    assert (folder.root / renamed).read_bytes() == data
    assert records.counts()[CaptureState.CAPTURED] == 2
    first, second = records.captures("BCDFGHJK")
    assert {first.frame, second.frame} == {2, 3}, "two photographs never share a number"
    assert records.person("BCDFGHJK").demonstration
    again = recover(records, folder)
    assert again == Recovery(kept=found.kept)
    (folder.root / whole).unlink()
    assert recover(records, folder).missing == (whole,)


def test_the_record_can_be_rebuilt_from_the_photographs(tmp_path: Path) -> None:
    folder = ImageFolder(tmp_path / "images")
    first = Records(tmp_path / "station.sqlite3")
    for frame in (1, 2, 3):
        store(folder, CaptureHeader(**{**_fields(HEADER), "frame": frame}))
    recover(first, folder)
    before = [(row.visit, row.site, row.frame, row.image, row.taken) for row in first.captures("BCDFGHJK")]
    assert len(before) == 3
    first.close()
    rebuilt = Records(tmp_path / "new.sqlite3")
    recover(rebuilt, folder)
    assert [(row.visit, row.site, row.frame, row.image, row.taken) for row in rebuilt.captures("BCDFGHJK")] == before


def _fields(header: CaptureHeader) -> dict[str, object]:
    return {name: getattr(header, name) for name in header.__slots__}
