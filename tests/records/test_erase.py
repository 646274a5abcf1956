"""Erasing a person leaves nothing, whatever happens meanwhile, and touches nobody else."""

from __future__ import annotations

import dataclasses
import datetime as dt
import errno
import os
import random
from pathlib import Path

import numpy as np
import pytest

from station.clock import ClockStatus, Timestamp
from station.entries import EventEntry, LabEntry
from station.errors import EntryError, NotFoundError, StorageError, UsageError
from station.records.erase import Erasures, erase, finish_erasures
from station.records.images import ImageFolder
from station.records.photograph import encode
from station.records.recovery import recover
from station.records.rows import CaptureHeader, CaptureState
from station.records.store import Records
from station.values import Controls, Lamp
from tests.conftest import SmallDisk
from tests.records.test_store import measurement

T0 = Timestamp(dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC), 0, ClockStatus.SYNCHRONISED)
PIXELS = np.random.default_rng(4).integers(0, 256, (72, 96, 3), dtype=np.uint8)
NOTE = "DISTINCTIVE-NOTE"
HEADER = CaptureHeader(
    person="",
    demonstration=False,
    visit=1,
    protocol="macro-8/1",
    site="vertex",
    frame=1,
    taken=T0,
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


class Place:
    """A data folder with two persons who each have photographs and entries."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records = Records(folder / "station.sqlite3")
        self.images = ImageFolder(folder / "images")
        self.forgotten: set[str] = set()
        self.code, self.other = (self.records.new_person(T0).code for _ in range(2))
        for code in (self.code, self.other):
            for frame in (1, 2):
                self.take(code, frame)
            self.records.set_measured(self.records.captures(code)[0].capture_id, measurement(), T0)
            entry_id = self.records.health.add(code, EventEntry("other", T0.local_date, f"{NOTE}-{code}"), code, T0)
            self.records.health.correct(
                code, entry_id, EventEntry("other", T0.local_date, f"{NOTE}-{code}-2" + "x" * 9000), "A", T0
            )

    def take(self, code: str, frame: int) -> int:
        header = dataclasses.replace(HEADER, person=code, frame=frame)
        with self.images.reserve(code, 1, "vertex", frame, 40_000, 0) as room:
            image = room.store(encode(PIXELS, header, 95), 96, 72)
            return self.records.add_capture(header, image)

    def erase(self, code: str) -> str:
        return erase(self.records.erasures, self.images, code, T0, self.forgotten.update).sentence

    def traces(self, *texts: str) -> list[str]:
        """Files in whose names or content one of the texts stands."""
        paths = [path for path in self.folder.rglob("*") if any(text in str(path) for text in texts)]
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        return [str(path) for path in paths] + [
            str(path) for path in files if any(text.encode() in path.read_bytes() for text in texts)
        ]

    def restarted(self) -> Place:
        """As the next start does: what was begun is finished, and whole photographs are taken into the record."""
        self.records.close()
        self.records, self.images = Records(self.folder / "station.sqlite3"), ImageFolder(self.folder / "images")
        finish_erasures(self.records.erasures, self.images, T0, self.forgotten.update)
        recover(self.records, self.images)
        return self


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_nothing_of_an_erased_person_is_left_in_the_data_folder(place: Place) -> None:
    digests = {row.image.sha256 for row in place.records.captures(place.code)}
    kept = place.records.captures(place.other)
    assert place.traces(place.code, f"{NOTE}-{place.code}") != []
    assert place.erase(place.code) == (
        f"Erased person {place.code}: 2 photographs of 1 visit and 1 entry, with their measurements, history and "
        "derived pictures."
    )
    assert place.traces(place.code, f"{NOTE}-{place.code}") == []
    assert place.forgotten == digests
    with pytest.raises(NotFoundError):
        place.records.person(place.code)
    assert place.records.captures(place.other) == kept, "nobody else is touched"
    assert all(place.images.path(row.image).exists() for row in kept)
    assert NOTE in place.records.health.entries(place.other, EventEntry)[0].entry.note
    with place.records._database.read() as connection:
        assert list(connection.query("select utc, last_capture from erased")) == [
            {"utc": T0.utc.isoformat(), "last_capture": 4}
        ]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    place.restarted()
    assert [row.code for row in place.records.persons()] == [place.other]


def test_rows_that_sqlite_moved_about_leave_no_copy(tmp_path: Path) -> None:
    """With `secure_delete` alone, copies stay where a page's rows moved to another one."""
    place, chance = Place(tmp_path), random.Random(3)
    codes = [place.records.new_person(T0).code for _ in range(12)]
    ids: list[tuple[str, int]] = []
    for number in range(400):
        code = chance.choice(codes)
        entry = EventEntry("other", T0.local_date, f"{NOTE}-{code}-" + "n" * chance.choice([5, 50, 500, 5000]))
        ids.append((code, place.records.health.add(code, entry, code, T0)))
        code, entry_id = chance.choice(ids)
        entry = EventEntry("other", T0.local_date, f"{NOTE}-{code}-" + "m" * chance.choice([number, 500, 5000]))
        place.records.health.correct(code, entry_id, entry, code, T0)
    for code in codes[:4]:
        place.erase(code)
    assert place.traces(*codes[:4]) == []
    assert place.traces(codes[5]) != []


def test_someone_unknown_cannot_be_erased(place: Place) -> None:
    with pytest.raises(NotFoundError, match="no person NOBODY"):
        place.erase("NOBODY")
    place.erase(place.code)
    with pytest.raises(NotFoundError):
        place.erase(place.code)
    assert place.records.erasures.pending() == ()


def test_unfinished_damaged_and_moved_photographs_of_the_person_go_too(place: Place) -> None:
    data = encode(PIXELS, dataclasses.replace(HEADER, person=place.code), 95)
    folder = place.images.root / place.code / "0001"
    (folder / "vertex-09-aaaaaaaa.jpg.part").write_bytes(bytes(7000))
    (folder / "vertex-09-bbbbbbbb.jpg.part").write_bytes(data[:3000] + bytes(999))
    (folder / "holiday.txt").write_text("hers")
    elsewhere = place.images.root / "old"
    elsewhere.mkdir()
    (elsewhere / "moved.jpg").write_bytes(data)
    others = place.images.root / "others.jpg"
    others.write_bytes(encode(PIXELS, dataclasses.replace(HEADER, person=place.other, frame=7), 95))
    place.erase(place.code)
    assert place.traces(place.code) == []
    assert not elsewhere.exists()
    assert others.exists()
    assert recover(place.records, place.images).adopted == ("others.jpg",)


class PowerCut(BaseException):
    """Nothing that runs is asked."""


@pytest.mark.parametrize("cut", ["between the files", "delete_rows", "wipe", "done"])
def test_a_power_cut_half_way_is_made_good_by_the_next_start(
    place: Place, monkeypatch: pytest.MonkeyPatch, cut: str
) -> None:
    def fail(*_: object) -> None:
        raise PowerCut

    removed: list[Path] = []
    real = Path.unlink

    def one_file_only(path: Path, missing_ok: bool = False) -> None:
        if removed:
            raise PowerCut
        removed.append(path)
        real(path, missing_ok)

    with monkeypatch.context() as patch:
        if cut == "between the files":
            patch.setattr(Path, "unlink", one_file_only)
        else:
            patch.setattr(Erasures, cut, fail)
        with pytest.raises(PowerCut):
            place.erase(place.code)
    assert place.records.erasures.pending() == (place.code,)
    place.restarted()
    assert [row.code for row in place.records.persons()] == [place.other]
    assert place.traces(place.code, f"{NOTE}-{place.code}") == []
    assert place.records.erasures.pending() == ()
    assert len(place.records.captures(place.other)) == 2


def test_a_photograph_that_is_being_measured_or_taken_brings_nobody_back(place: Place) -> None:
    waiting = place.records.captures(place.code)[1].capture_id
    with place.images.reserve(place.code, 1, "vertex", 3, 1000, 0), pytest.raises(UsageError, match="being taken"):
        place.erase(place.code)
    assert len(place.records.captures(place.code)) == 2, "refused before anything was deleted"
    place.erase(place.code)
    for result in (
        lambda: place.records.set_measured(waiting, measurement(), T0),
        lambda: place.records.set_failed(waiting, "unusable"),
    ):
        with pytest.raises(EntryError, match="no longer there"):
            result()
    assert place.traces(place.code) == []


def test_numbers_of_erased_photographs_are_never_given_again(place: Place) -> None:
    place.erase(place.other)  # the latest photographs
    assert place.take(place.code, 3) == 5
    assert place.records.counts()[CaptureState.CAPTURED] == 2


def test_nothing_is_entered_for_someone_whose_erasure_has_begun(place: Place) -> None:
    place.records.erasures.begin(place.code)
    with pytest.raises(EntryError, match="being erased"):
        place.take(place.code, 3)
    with place.images.barred(place.code), pytest.raises(UsageError, match="no photograph was taken"):
        place.images.reserve(place.code, 1, "vertex", 4, 1000, 0)
    place.restarted()
    assert place.traces(place.code) == []


def test_files_that_cannot_be_deleted_are_one_sentence_and_wait(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", read_only)
        with pytest.raises(StorageError, match="cannot be written"):
            place.erase(place.code)
    assert place.records.erasures.pending() == (place.code,)
    assert place.erase(place.code).startswith("Erased person"), "the next attempt does it"


def test_without_room_to_write_the_database_anew_it_says_so_and_the_next_start_does_it(small_disk: SmallDisk) -> None:
    disk = small_disk("16m")
    place = Place(disk)
    for number in range(6):
        note = f"{NOTE}-{place.other}-{number}" + "x" * 300_000
        place.records.health.add(place.other, EventEntry("other", T0.local_date, note), "", T0)
    place.records._database.empty_log()
    found = os.statvfs(disk)
    (disk / "ballast").write_bytes(bytes(found.f_bavail * found.f_frsize - 600_000))
    with pytest.raises(StorageError, match=r"traces may be left .* Make room for it once more and start the station"):
        place.erase(place.code)
    with pytest.raises(NotFoundError):
        place.records.person(place.code)
    (disk / "ballast").unlink()
    place.restarted()
    assert place.traces(place.code) == []
    assert place.records.erasures.pending() == ()
    place.records.close()


def test_labs_of_an_erased_person_that_refer_to_each_other_go(place: Place) -> None:
    lab = LabEntry("b12", "250", "=", 250.0, 250.0, 250.0, "pg/mL", T0.local_date)
    first = place.records.health.add(place.code, lab, "", T0)
    place.records.health.add(place.code, dataclasses.replace(lab, supersedes=first), "", T0)
    assert "3 entries" in place.erase(place.code)
