"""The doctor: what works, what does not, and that no data is not healthy."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from station.clock import ClockStatus, SimulatedClock, Timestamp
from station.density import model as density_model
from station.health import camera, data_folder, database, disk, doctor, engine, photographs, python, wall_clock
from station.health.finding import Finding, State
from station.records.database import real_persons
from station.records.folder import DATABASE, DataFolder
from station.records.store import Records
from station.rig.build import open_rig
from station.service.station import Station
from station.settings import Settings, load

CLOCK = SimulatedClock(dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC))
RIG = 'id = "small"\nname = "Small"\nnote = ""\n[camera]\nwidth_px = 320\nheight_px = 240\npx_per_mm = 60.0\n'


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Settings]:
    rig = tmp_path / "small.toml"
    rig.write_text(RIG)

    def settings(**changes: object) -> Settings:
        base: dict[str, object] = {
            "data_folder": tmp_path / "data",
            "camera_driver": "simulated",
            "rig_profile": str(rig),
            "storage_reserve_mb": 20,
        }
        return load(environment={}, **{**base, **changes})  # type: ignore[arg-type]

    return settings


class FixedClock:
    """A clock of a stated kind."""

    def __init__(self, status: ClockStatus) -> None:
        self.status = status

    def now(self) -> Timestamp:
        return Timestamp(CLOCK.moment, 0, self.status)


def test_all_checks_are_made_in_order(make: Callable[..., Settings]) -> None:
    findings = doctor.examine(make(), CLOCK)
    assert [finding.check for finding in findings] == [
        "python",
        "engine",
        "disk",
        "clock",
        "camera",
        "data-folder",
        "database",
        "photographs",
    ]
    assert all(finding.sentence.endswith(".") for finding in findings)
    assert not doctor.failed(findings)
    assert not doctor.healthy(findings), "an unknown record and a simulated clock are not healthy"


def test_a_check_that_breaks_has_failed_and_stops_no_other(
    make: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(settings: Settings, clock: object) -> Finding:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(doctor, "CHECKS", (("broken", broken), ("python", python.check)))
    first, second = doctor.examine(make(), CLOCK)
    assert (first.state, second.state) == (State.FAILED, State.OK)
    assert "a fault" in first.sentence
    assert doctor.failed((first, second))


def test_nothing_looked_at_is_not_healthy() -> None:
    assert not doctor.healthy(())
    assert doctor.healthy((Finding("a", State.OK, "Fine."),))
    assert not doctor.healthy((Finding("a", State.OK, "Fine."), Finding("b", State.UNKNOWN, "Not known.")))


def test_python_is_one_that_the_station_runs_on(make: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    assert python.check(make(), CLOCK).state is State.OK
    monkeypatch.setattr(python, "NEWEST", (3, 10))
    monkeypatch.setattr(python, "OLDEST", (3, 9))
    assert python.check(make(), CLOCK).state is State.FAILED
    monkeypatch.undo()
    monkeypatch.setattr(python, "PACKAGES", {"no-such-package": "no_such_package"})
    assert "no-such-package does not load" in python.check(make(), CLOCK).sentence


def test_the_engine_counts_its_golden_tiles(make: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    found = engine.check(make(), CLOCK)
    assert found.state is State.OK
    assert "golden tiles" in found.sentence
    monkeypatch.setattr(density_model, "GRAPH_SUFFIX", ".no-such")
    (broken,) = (each for each in doctor.examine(make(), CLOCK) if each.check == "engine")
    assert broken.state is State.FAILED
    assert "density.no-such is missing" in broken.sentence


def test_disk_room_is_told_in_photographs(make: Callable[..., Settings]) -> None:
    assert disk.check(make(), CLOCK).state in (State.OK, State.WARNING)
    full = disk.check(make(storage_reserve_mb=1_000_000), CLOCK)
    assert full.state is State.FAILED
    assert "less than the reserve" in full.sentence


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (ClockStatus.SYNCHRONISED, State.OK),
        (ClockStatus.RTC, State.OK),
        (ClockStatus.SIMULATED, State.WARNING),
        (ClockStatus.UNKNOWN, State.UNKNOWN),
    ],
)
def test_a_clock_is_as_good_as_what_vouches_for_it(
    make: Callable[..., Settings], status: ClockStatus, state: State
) -> None:
    assert wall_clock.check(make(), FixedClock(status)).state is state


def test_the_camera_delivers_a_frame_or_says_why_not(make: Callable[..., Settings], tmp_path: Path) -> None:
    found = camera.check(make(), CLOCK)
    assert found.state is State.OK
    assert "320 x 240" in found.sentence
    (tmp_path / "empty").mkdir()
    replay = make(camera_driver="replay", replay_folder=str(tmp_path / "empty"))
    (broken,) = (each for each in doctor.examine(replay, CLOCK) if each.check == "camera")
    assert broken.state is State.FAILED
    assert "holds no photographs" in broken.sentence


def test_the_data_folder_can_be_written(make: Callable[..., Settings], tmp_path: Path) -> None:
    settings = make()
    assert data_folder.check(settings, CLOCK).state is State.UNKNOWN
    settings.data_folder.mkdir(mode=0o700)
    assert data_folder.check(settings, CLOCK).state is State.OK
    assert list(settings.data_folder.iterdir()) == [], "the doctor leaves nothing behind"
    settings.data_folder.chmod(0o755)
    open_folder = data_folder.check(settings, CLOCK)
    assert open_folder.state is State.WARNING
    assert "chmod 700" in open_folder.advice
    (tmp_path / "file").write_text("x")
    assert data_folder.check(make(data_folder=tmp_path / "file"), CLOCK).state is State.FAILED


def test_the_record_is_whole_or_damaged_or_not_there(make: Callable[..., Settings]) -> None:
    settings = make()
    assert database.check(settings, CLOCK).state is State.UNKNOWN
    settings.data_folder.mkdir()
    path = settings.data_folder / DATABASE
    records = Records(path)
    assert "holds 0 photographs" in database.check(settings, CLOCK).sentence, "also while a station has it open"
    records.close()
    before = path.read_bytes()
    assert database.check(settings, CLOCK).state is State.OK
    assert path.read_bytes() == before
    assert sorted(each.name for each in path.parent.iterdir()) == [DATABASE], "the doctor leaves nothing behind"
    path.write_bytes(before[:5000] + b"x" * (len(before) - 5000))
    damaged = database.check(settings, CLOCK)
    assert damaged.state is State.FAILED
    assert "every photograph" in damaged.advice


def test_what_a_kill_left_of_the_log_is_read_and_kept(make: Callable[..., Settings], tmp_path: Path) -> None:
    """The last rows stand in the write-ahead log alone; its index is made to look at it, and removed again."""
    settings = make()
    records = Records(tmp_path / DATABASE)
    records.new_person(CLOCK.now())
    DataFolder(settings.data_folder).close()
    for name in (DATABASE, f"{DATABASE}-wal"):
        shutil.copy(tmp_path / name, settings.data_folder / name)
    records.close()
    before = {path.name: path.read_bytes() for path in settings.data_folder.iterdir()}
    assert database.check(settings, CLOCK).state is State.OK
    assert real_persons(settings.data_folder / DATABASE) == 1
    assert {path.name: path.read_bytes() for path in settings.data_folder.iterdir()} == before


def test_files_without_a_row_and_rows_without_a_file_are_told(make: Callable[..., Settings], tmp_path: Path) -> None:
    settings = make()
    assert photographs.check(settings, CLOCK).state is State.UNKNOWN
    station = Station(settings, CLOCK)
    capture_id = station.capture(open_rig(settings, CLOCK), station.new_person(), "vertex")
    stored = station.images.path(station.records.capture(capture_id).image)
    assert photographs.check(settings, CLOCK).sentence == "1 photographs are on record, each with its file."
    station.close()
    strange = stored.with_name(os.fsdecode(b"strange\xff.jpg"))
    strange.write_bytes(b"no photograph")
    found = photographs.check(settings, CLOCK)
    assert found.state is State.WARNING
    assert "1 files in" in found.sentence
    assert "strange\\xff.jpg" in found.sentence
    assert strange.exists()
    stored.unlink()
    gone = photographs.check(settings, CLOCK)
    assert gone.state is State.FAILED
    assert "1 photographs on record have lost their file" in gone.sentence
