"""The whole path on a small rig: a head in the simulated world becomes a stored, measured, visible record."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from station.clock import SimulatedClock
from station.density import model as density_model
from station.errors import ModelError, NotFoundError, RecordError, StorageError, UsageError
from station.rig.build import open_rig
from station.rig.protocols import Rig
from station.service.pictures import PictureCache, sized
from station.service.queue import MeasuringQueue
from station.service.station import Station
from station.settings import Settings

MakeSettings = Callable[..., Settings]


@pytest.fixture
def rig(station: Station) -> Rig:
    return open_rig(station.settings, station.clock)


def captured(station: Station, rig: Rig, *sites: str) -> tuple[str, list[int]]:
    person = station.records.new_person(station.clock.now())
    return person.code, [station.capture(rig, person, site) for site in sites]


def test_from_the_head_to_the_page(station: Station, rig: Rig) -> None:
    code, (first, second) = captured(station, rig, "vertex", "vertex")
    before = station.captures(code, 1, "vertex")
    assert [view.state for view in before] == ["captured", "captured"]
    assert before[0].fu is None
    station.measure_all()
    views = station.captures(code, 1, "vertex")
    assert [(view.capture_id, view.frame_number, view.state) for view in views] == [
        (first, 1, "measured"),
        (second, 2, "measured"),
    ]
    fu, hairs = views[0].fu, views[0].hairs
    assert fu is not None
    assert hairs is not None
    assert 0.2 < fu.area_cm2 <= 0.48  # of 8 x 6 mm
    assert fu.value == pytest.approx(fu.count / fu.area_cm2)
    assert 20 < fu.value < 150
    assert fu.interval.low < fu.value < fu.interval.high
    assert views[0].model
    assert views[0].engine
    assert views[0].calibration.startswith("nominal-small:")
    visit = station.visit(code, 1)
    vertex = visit.site("vertex")
    assert vertex is not None
    assert vertex.fu is not None
    assert (vertex.frames_done, vertex.frames_planned) == (2, 3)
    assert visit.fu is None, "the other sites are missing"
    person = station.person(code)
    assert (person.code, person.demonstration) == (code, False)
    assert person.course.visits == (visit,)
    assert person.course.fu_change is None
    assert station.demo_code() is None
    about = station.about()
    assert (about.rig, about.rig_note) == ("Small rig", "For tests.")
    assert about.model == views[0].model
    assert len(about.model_sha256) == 64


def test_points_lie_in_the_photograph_and_agree_with_the_counts(station: Station, rig: Rig) -> None:
    code, (capture_id,) = captured(station, rig, "occipital")
    with pytest.raises(NotFoundError, match="not measured yet"):
        station.points(capture_id)
    station.measure_all()
    points = station.points(capture_id)
    (view,) = station.captures(code, 1, "occipital")
    assert view.fu is not None
    assert view.hairs is not None
    assert len(points["units"]) == view.fu.count
    assert len(points["hairs"]) == view.hairs.count
    assert (points["width_px"], points["height_px"], points["px_per_mm"]) == (640, 480, 80.0)
    for point in points["hairs"] + points["units"]:
        assert 0 <= point["x_px"] <= 640
        assert 0 <= point["y_px"] <= 480
        assert point["x_px"] == pytest.approx(80 * point["x_mm"], abs=0.1)
    counted = sum(unit["hairs"] for unit in points["units"])
    assert counted >= sum(hair["unit"] >= 0 for hair in points["hairs"])


def test_pictures_are_made_when_asked_for_and_again_after_the_cache_is_gone(station: Station, rig: Rig) -> None:
    _, (capture_id,) = captured(station, rig, "vertex")
    with pytest.raises(NotFoundError, match="not measured yet"):
        station.map_png(capture_id)
    station.measure_all()
    original = station.photo(capture_id)
    assert station.photo(capture_id, 5000) == original
    small = station.photo(capture_id, 200)
    with Image.open(io.BytesIO(small)) as picture:
        assert picture.size == (200, 150)
    with Image.open(io.BytesIO(station.map_png(capture_id, "fu"))) as overlay:
        assert overlay.mode == "RGBA"
        assert overlay.width / overlay.height == pytest.approx(640 / 480, rel=0.01)
        alpha = np.asarray(overlay)[..., 3]
        assert alpha.max() == 255
    assert station.map_png(capture_id, "hairs") != station.map_png(capture_id, "fu")
    cache = station.settings.data_folder / "cache"
    assert len(list(cache.iterdir())) == 3
    for file in cache.iterdir():
        file.unlink()
    assert station.photo(capture_id, 200) == small
    with pytest.raises(UsageError, match="no map of 'grey'"):
        station.map_png(capture_id, "grey")


def test_what_is_not_on_record_is_said_so(station: Station, rig: Rig) -> None:
    code, _ = captured(station, rig, "vertex")
    for ask in (
        lambda: station.person("NOBODY"),
        lambda: station.visit("NOBODY", 1),
        lambda: station.visit(code, 2),
        lambda: station.captures(code, 1, "crown"),
        lambda: station.photo(99),
        lambda: station.map_png(99),
        lambda: station.points(99),
    ):
        with pytest.raises(NotFoundError):
            ask()


def test_a_photograph_that_changed_on_the_disk_is_set_aside_with_the_reason(station: Station, rig: Rig) -> None:
    code, (first, second) = captured(station, rig, "vertex", "vertex")
    path = station.images.path(station.records.capture(first).image)
    path.write_bytes(path.read_bytes()[:-500])
    station.images.path(station.records.capture(second).image).unlink()
    station.measure_all()
    changed, gone = station.captures(code, 1, "vertex")
    assert (changed.state, gone.state) == ("failed", "failed")
    assert "no longer what was stored" in changed.error
    assert "cannot be read" in gone.error
    with pytest.raises(StorageError, match="cannot be read"):
        station.photo(second)


def test_without_a_model_photographs_wait_and_pages_answer(
    make_settings: MakeSettings,
    clock: SimulatedClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(density_model, "GRAPH_SUFFIX", ".no-such")
    station = Station(make_settings(), clock)
    try:
        with pytest.raises(ModelError, match="missing"):
            station.check_ready()
        code, (capture_id,) = captured(station, open_rig(station.settings, clock), "vertex")
        with pytest.raises(ModelError, match="missing"):
            station.measure_all()
        station.start()
        wait_until(lambda: bool(station.progress().error))
        assert "missing" in station.progress().error
        for _ in range(3):
            station.queue.announce()
            time.sleep(0.05)
        assert caplog.text.count("measuring waits: The density model's file density.no-such is missing") == 1
        assert "missing" in station.about().model
        assert station.captures(code, 1, "vertex")[0].state == "captured"
        monkeypatch.undo()
        station.queue.announce()
        wait_until(lambda: station.captures(code, 1, "vertex")[0].state == "measured")
        assert station.progress().error == ""
        assert station.records.capture(capture_id).measurement is not None
    finally:
        station.close()


def test_the_next_start_measures_what_was_left(
    station: Station, rig: Rig, make_settings: MakeSettings, clock: SimulatedClock
) -> None:
    code, _ = captured(station, rig, "vertex", "frontal")
    assert station.progress().total == 2
    station.close()
    again = Station(make_settings(), clock)
    try:
        again.start()
        wait_until(lambda: again.progress().done == 2)
        assert again.progress().running is False
        assert again.captures(code, 1, "frontal")[0].state == "measured"
    finally:
        again.close()
        again.close()


def test_a_damaged_database_is_named_and_the_photographs_rebuild_it(
    station: Station, rig: Rig, make_settings: MakeSettings, clock: SimulatedClock
) -> None:
    code, _ = captured(station, rig, "vertex", "frontal")
    station.close()
    database = station.settings.data_folder / "station.sqlite3"
    database.write_bytes(b"not a database" * 1000)
    with pytest.raises(RecordError, match="Move the file away"):
        Station(make_settings(), clock)
    database.unlink()
    again = Station(make_settings(), clock)
    try:
        assert len(again.recovery.adopted) == 2
        again.measure_all()
        assert again.captures(code, 1, "vertex")[0].state == "measured"
    finally:
        again.close()


def test_one_station_per_data_folder(station: Station, make_settings: MakeSettings, clock: SimulatedClock) -> None:
    with pytest.raises(StorageError, match="another station"):
        Station(make_settings(), clock)


def test_a_fault_of_the_software_is_shown_and_the_queue_goes_on(station: Station, rig: Rig) -> None:
    code, _ = captured(station, rig, "vertex")
    faults = [ZeroDivisionError("a fault")]

    def engine() -> object:
        if faults:
            raise faults.pop()
        return station.engine()

    queue = MeasuringQueue(station.records, station.images, engine, station.clock)  # type: ignore[arg-type]
    queue.start()
    wait_until(lambda: "a fault" in queue.error)
    queue.announce()
    wait_until(lambda: station.captures(code, 1, "vertex")[0].state == "measured")
    queue.stop()
    assert not queue.running


def test_many_pages_ask_while_photographs_are_measured(station: Station, rig: Rig) -> None:
    code, ids = captured(station, rig, "vertex", "frontal", "occipital")
    station.start()
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(15):
                station.person(code)
                station.progress()
                for capture_id in ids:
                    station.photo(capture_id, 120)
        except BaseException as error:  # noqa: BLE001  # handed to the test below
            errors.append(error)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    wait_until(lambda: station.progress().done == 3)


def test_the_cache_keeps_its_limit_and_drops_the_oldest(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path / "cache", 3500)
    made: list[str] = []

    def make(name: str) -> bytes:
        made.append(name)
        return b"x" * 1000

    for name in ("a", "b", "c", "d"):
        cache.get(name, lambda name=name: make(name))  # type: ignore[misc]
        time.sleep(0.01)
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["b", "c", "d"]
    cache.get("d", lambda: make("d"))
    assert made == ["a", "b", "c", "d"]
    (tmp_path / "blocked").write_text("a file")
    assert PictureCache(tmp_path / "blocked", 3500).get("a", lambda: b"made all the same") == b"made all the same"


def test_a_narrow_photograph_stays_as_it_is() -> None:
    packed = io.BytesIO()
    Image.new("RGB", (300, 200), "red").save(packed, "JPEG")
    assert sized(packed.getvalue(), 300) is packed.getvalue() or sized(packed.getvalue(), 300) == packed.getvalue()
    with Image.open(io.BytesIO(sized(packed.getvalue(), 100))) as picture:
        assert picture.size == (100, 67)


def wait_until(true: object, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)
