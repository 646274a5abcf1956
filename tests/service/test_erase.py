"""Erasing through the station: its cache and its queue bring nobody back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from station.clock import SimulatedClock
from station.entries import EventEntry
from station.errors import NotFoundError, StorageError, UsageError
from station.records.erase import Erasures
from station.rig.build import open_rig
from station.rig.protocols import Rig
from station.service import queue as measuring
from station.service.pictures import PictureCache
from station.service.station import Station
from station.settings import Settings

MakeSettings = Callable[..., Settings]


@pytest.fixture
def rig(station: Station) -> Rig:
    return open_rig(station.settings, station.clock)


def traces(station: Station, *texts: str) -> list[Path]:
    return [
        path
        for path in station.settings.data_folder.rglob("*")
        if any(text in str(path) or (path.is_file() and text.encode() in path.read_bytes()) for text in texts)
    ]


def test_an_erased_person_leaves_no_picture_that_was_derived(station: Station, rig: Rig) -> None:
    person, other = (station.records.new_person(station.clock.now()) for _ in range(2))
    ids = [station.capture(rig, each, "vertex") for each in (person, other)]
    station.measure_all()
    for capture_id in ids:
        station.photo(capture_id, 200)
        station.map_png(capture_id)
    digest = station.records.capture(ids[0]).image.sha256[:16]
    today = station.clock.now().local_date
    station.records.health.add(person.code, EventEntry("other", today, "DISTINCTIVE"), "A", station.clock.now())
    assert len([path for path in traces(station, digest) if path.parent.name == "cache"]) == 2
    assert "1 photograph of 1 visit and 1 entry" in station.erase(person.code).sentence
    assert traces(station, person.code, digest, "DISTINCTIVE") == []
    assert len(traces(station, station.records.capture(ids[1]).image.sha256[:16])) >= 3
    with pytest.raises(NotFoundError):
        station.photo(ids[0])
    with pytest.raises(NotFoundError):
        station.capture(rig, person, "vertex")
    assert [row.code for row in station.records.persons()] == [other.code]


def test_a_picture_that_is_being_derived_at_that_moment_is_not_kept(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path / "cache", 10_000)
    digest = "ab" * 32

    def make() -> bytes:
        cache.forget(frozenset({digest}))
        return b"made"

    assert cache.get(f"photo-{digest[:16]}-200.jpg", make) == b"made"
    assert list((tmp_path / "cache").glob("*")) == []
    cache.get("photo-0123456789abcdef-200.jpg", lambda: b"other")
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.mark.parametrize("usable", [True, False])
def test_a_photograph_that_is_being_measured_while_its_person_is_erased_is_dropped(
    station: Station, rig: Rig, monkeypatch: pytest.MonkeyPatch, usable: bool
) -> None:
    person, other = (station.records.new_person(station.clock.now()) for _ in range(2))
    station.capture(rig, person, "vertex")
    station.capture(rig, other, "vertex")
    real, seen = measuring.measure, []

    def measure(*arguments: object, **options: object) -> object:
        if not seen:
            seen.append(station.erase(person.code))
            if not usable:
                raise UsageError("not usable")
        return real(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(measuring, "measure", measure)
    station.measure_all()
    assert [row.code for row in station.records.persons()] == [other.code]
    assert [row.state for row in station.records.captures(other.code)] == ["measured"]
    assert traces(station, person.code) == []


def test_an_erasure_that_was_cut_off_is_finished_by_the_next_start(
    make_settings: MakeSettings, clock: SimulatedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = Station(make_settings(), clock)
    person = station.records.new_person(clock.now())
    station.capture(open_rig(station.settings, clock), person, "vertex")

    def full(*_: object) -> None:
        raise StorageError("full")

    with monkeypatch.context() as patch:
        patch.setattr(Erasures, "wipe", full)
        with pytest.raises(StorageError, match="traces may be left"):
            station.erase(person.code)
        station.close()
        Station(make_settings(), clock).close()  # still no room: the station works all the same
    station = Station(make_settings(), clock)
    assert traces(station, person.code) == []
    assert station.recovery.sentence == ""
    assert station.records.persons() == ()
    station.close()
