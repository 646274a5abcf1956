"""The demonstration: its dates, its folder, and that a kill costs it nothing."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from station.clock import SimulatedClock
from station.errors import StorageError, UsageError
from station.records.database import inspect
from station.records.folder import DATABASE, DataFolder
from station.records.rows import CaptureState
from station.records.store import Records
from station.rig.build import open_rig
from station.service.demo import (
    PLAN,
    DemoBuilder,
    DemoPlan,
    demo_settings,
    prepare_demo,
    read_plan,
    refuse_demonstration,
)
from station.service.station import Station
from station.settings import Settings

MakeSettings = Callable[..., Settings]


def test_a_year_of_monthly_visits_ends_today() -> None:
    moments = DemoPlan("healthy", 1, "2024-05-31T08:00:00+00:00").moments()
    assert len(moments) == 13
    assert moments[0] == dt.datetime(2023, 5, 31, 8, tzinfo=dt.UTC)
    assert moments[9] == dt.datetime(2024, 2, 29, 8, tzinfo=dt.UTC), "a short month has its last day"
    assert moments[-1] == dt.datetime(2024, 5, 31, 8, tzinfo=dt.UTC)
    assert list(moments) == sorted(moments)


def test_a_folder_becomes_a_demonstration_once(make_settings: MakeSettings, clock: SimulatedClock) -> None:
    settings = demo_settings(make_settings())
    assert (settings.data_folder, settings.camera_driver, settings.rig_profile) == (
        settings.demo_folder,
        "simulated",
        "demo",
    )
    prepare_demo(settings, clock, fresh=False)
    plan = read_plan(settings.data_folder)
    assert plan is not None
    assert plan.moments()[-1] == clock.moment - dt.timedelta(hours=1)
    later = SimulatedClock(clock.moment + dt.timedelta(days=40))
    prepare_demo(settings, later, fresh=False)
    assert read_plan(settings.data_folder) == plan, "a later start shows the same year"
    prepare_demo(settings, later, fresh=True)
    assert read_plan(settings.data_folder) != plan


def test_fresh_deletes_what_a_demonstration_made_and_nothing_else(
    make_settings: MakeSettings, clock: SimulatedClock
) -> None:
    settings = demo_settings(make_settings())
    folder = settings.data_folder
    prepare_demo(settings, clock, fresh=False)
    station = Station(settings, clock)
    station.records.new_person(clock.now(), demonstration=True)
    (folder / "images" / "a.jpg").write_bytes(b"x")
    with pytest.raises(StorageError, match="another station"):
        prepare_demo(settings, clock, fresh=True)
    station.close()
    (folder / "my-notes.txt").write_text("mine")
    prepare_demo(settings, clock, fresh=True)
    assert (folder / "my-notes.txt").read_text() == "mine"
    assert not (folder / "images").exists()
    assert not (folder / "station.sqlite3").exists()


def test_a_folder_with_other_things_is_never_touched(make_settings: MakeSettings, clock: SimulatedClock) -> None:
    settings = demo_settings(make_settings())
    folder = settings.data_folder
    folder.mkdir()
    (folder / "station.sqlite3").write_text("a real record")
    for fresh in (False, True):
        with pytest.raises(StorageError, match="no demonstration folder"):
            prepare_demo(settings, clock, fresh=fresh)
    assert [path.name for path in folder.iterdir()] == ["station.sqlite3"]
    (folder / PLAN).write_text("{broken")
    with pytest.raises(StorageError, match="begin anew with --fresh"):
        prepare_demo(settings, clock, fresh=False)


def test_a_demonstrations_folder_with_real_photographs_is_never_cleared(
    make_settings: MakeSettings, clock: SimulatedClock
) -> None:
    """They came there with an earlier version, or were copied there."""
    settings = demo_settings(make_settings())
    database = settings.data_folder / DATABASE
    prepare_demo(settings, clock, fresh=False)
    station = Station(replace(settings, rig_profile=make_settings().rig_profile), clock)
    station.capture(open_rig(station.settings, clock), station.new_person(), "vertex")
    (photograph,) = station.images.names()
    station.close()
    for damage in ("none", "damaged", "gone"):
        if damage == "damaged":
            database.write_bytes(b"no database " * 1000)
        elif damage == "gone":
            database.unlink()
        with pytest.raises(StorageError, match=r"holds real photographs .* nothing was deleted"):
            prepare_demo(settings, clock, fresh=True)
        assert (settings.data_folder / "images" / photograph).exists(), damage
    (settings.data_folder / "images" / photograph).unlink()
    station = Station(settings, clock)
    station.records.new_person(clock.now())
    station.close()
    with pytest.raises(StorageError, match="holds real photographs"):
        prepare_demo(settings, clock, fresh=True)


def test_progress_counts_the_demonstrations_photographs_alone(
    make_settings: MakeSettings, clock: SimulatedClock
) -> None:
    settings = demo_settings(make_settings())
    prepare_demo(settings, clock, fresh=False)
    station = Station(replace(settings, rig_profile=make_settings().rig_profile), clock)
    try:
        station.capture(open_rig(station.settings, clock), station.new_person(), "vertex")
        station.measure_all()
        plan = read_plan(settings.data_folder)
        assert plan is not None
        builder = DemoBuilder(
            plan, station.settings, station.records, station.images, station.queue, station.health_record
        )
        assert builder.progress().done == 0
    finally:
        station.close()


@pytest.mark.parametrize("plan", ["{}", "{broken"])
def test_a_demonstrations_folder_is_refused_for_real_photographs(make_settings: MakeSettings, plan: str) -> None:
    settings = make_settings()
    refuse_demonstration(settings)
    settings.data_folder.mkdir()
    (settings.data_folder / PLAN).write_text(plan)
    with pytest.raises(UsageError, match="is a demonstration's folder"):
        refuse_demonstration(settings)


def test_killed_again_and_again_it_goes_on_where_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    goals = (3, 7, 26)  # photographs measured; the last one is of the second visit
    for goal in goals:
        process = subprocess.Popen(
            [sys.executable, "-m", "station.cli", "demo", "--data", str(folder), "--port", "0"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            wait_for(folder, goal, process)
        finally:
            process.send_signal(signal.SIGKILL if goal != goals[-1] else signal.SIGTERM)
            _, complaints = process.communicate(timeout=60)
    assert process.returncode == 0, complaints.decode()
    records = Records(folder / "station.sqlite3")
    (person,) = records.persons()
    assert person.demonstration
    rows = records.captures(person.code)
    places = [(row.visit, row.site, row.frame) for row in rows]
    assert len(places) == len(set(places)), "nothing is captured twice"
    first = [row for row in rows if row.visit == 1]
    assert len(first) == 24
    assert all(row.state is CaptureState.MEASURED for row in first)
    times = [row.taken.utc for row in sorted(rows, key=lambda row: row.capture_id)]
    assert times == sorted(times), "visits come in the order of time"
    assert inspect(folder / "station.sqlite3")[0] == ()
    plan = json.loads((folder / PLAN).read_text())
    assert dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(plan["last_visit"]) < dt.timedelta(hours=2)
    DataFolder(folder).close()


def wait_for(folder: Path, goal: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if (folder / "station.sqlite3").exists() and measured(folder) >= goal:
            return
        assert process.poll() is None, "the demonstration ended by itself"
        time.sleep(0.1)
    pytest.fail(f"{goal} photographs were not measured in time (load {os.getloadavg()[0]:.1f})")


def measured(folder: Path) -> int:
    """How many photographs are measured, without disturbing the demonstration."""
    import sqlite3
    from contextlib import closing

    try:
        with closing(sqlite3.connect(f"file:{folder / 'station.sqlite3'}?mode=ro", uri=True)) as raw:
            return int(raw.execute("select count(*) from measurements").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
