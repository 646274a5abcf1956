"""The persons of the demonstration: what they would have entered goes through the same readers as a typed entry."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.cli import main
from station.clock import SimulatedClock
from station.entries import AnswersEntry, DoseEntry, LabEntry
from station.errors import UsageError
from station.service.demo import FORMAT, PLAN, DemoBuilder, DemoPlan, prepare_demo, read_plan
from station.service.health_record import READERS
from station.service.scenario import enter, load_scenario, scenario_names
from station.service.station import Station
from station.settings import Settings, all_settings
from station.world.course import COURSES

MakeSettings = Callable[..., Settings]
BASELINES = (dt.date(2024, 2, 29), dt.date(2023, 3, 1), dt.date(2025, 11, 25), dt.date(2025, 12, 31))


def test_the_setting_the_data_and_the_simulated_world_name_the_same_scenarios() -> None:
    (setting,) = [each for each in all_settings() if each.key == "demo.scenario"]
    assert tuple(setting.choices) == scenario_names()
    assert set(scenario_names()) == set(COURSES)


@pytest.mark.parametrize("baseline", BASELINES, ids=str)
@pytest.mark.parametrize("name", scenario_names())
def test_every_entry_is_taken_as_it_stands(name: str, baseline: dt.date) -> None:
    today = baseline + dt.timedelta(days=366)
    entries = list(load_scenario(name).entries(baseline, today))
    assert any(each.kind == "lab" for each in entries)
    for each in entries:
        read = READERS[each.kind](each.fields, today=today, born=None)
        assert read.review == ()


@pytest.mark.parametrize("name", scenario_names())
def test_nothing_is_entered_ahead_of_its_day(name: str) -> None:
    baseline = BASELINES[2]
    until = baseline + dt.timedelta(days=61)
    for each in load_scenario(name).entries(baseline, until):
        read = READERS[each.kind](each.fields, today=until, born=None)
        names = {field.name for field in dataclasses.fields(read)} - {"end"}  # a regimen is planned to end
        days = [day for name in names if isinstance(day := getattr(read, name), dt.date)]
        assert days
        assert all(day <= until for day in days)


def test_an_interrupted_start_goes_on_without_doubles(station: Station) -> None:
    scenario = load_scenario("b12-recovery")
    code = station.records.new_person(station.clock.now()).code
    baseline = station.health_record.today() - dt.timedelta(days=365)
    whole = [each.kind for each in scenario.entries(baseline, station.health_record.today())]
    for each in list(scenario.entries(baseline, station.health_record.today()))[:7]:
        station.health_record.add(code, each.kind, each.fields)
    enter(scenario, station.health_record, code, baseline)
    enter(scenario, station.health_record, code, baseline)
    health = station.records.health
    assert len(health.entries(code, LabEntry)) == whole.count("lab")
    assert len(health.entries(code, DoseEntry)) == whole.count("dose")
    assert len(health.entries(code, AnswersEntry)) == 1


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(kept=st.integers(0, 40))
def test_wherever_the_entering_ended_it_goes_on(station: Station, kept: int) -> None:
    scenario, health = load_scenario("b12-recovery"), station.health_record
    code = station.records.new_person(station.clock.now()).code
    baseline = health.today() - dt.timedelta(days=366)
    for each in list(scenario.entries(baseline, health.today()))[:kept]:
        health.add(code, each.kind, each.fields)
    enter(scenario, health, code, baseline)
    whole = station.records.new_person(station.clock.now()).code
    enter(scenario, health, whole, baseline)
    for kind in READERS:
        assert [each.entry for each in health.entries(code, kind)] == [
            each.entry for each in health.entries(whole, kind)
        ]


def test_what_was_changed_after_the_entering_is_left_alone(
    make_settings: MakeSettings, clock: SimulatedClock, tmp_path: Path
) -> None:
    made = make_settings(data_folder=tmp_path / "demo", demo_scenario="b12-recovery", rig_profile="demo")
    prepare_demo(made, clock, fresh=False)
    opened = Station(made, clock)
    try:
        plan = read_plan(made.data_folder)
        assert plan is not None
        builder = DemoBuilder(plan, made, opened.records, opened.images, opened.queue, opened.health_record)
        builder.start()
        wait_for_a_photograph(opened)
        builder.stop()
        opened.measure_all()
        (row,) = opened.records.persons()
        first, *others = opened.health_record.entries(row.code, "lab")
        opened.health_record.correct(row.code, "lab", first.id, {"text": "171"})
        opened.health_record.remove(row.code, "lab", others[-1].id)
        left = opened.health_record.entries(row.code, "lab")
        again = DemoBuilder(plan, made, opened.records, opened.images, opened.queue, opened.health_record)
        again.start()
        again.stop()
        assert opened.health_record.entries(row.code, "lab") == left
    finally:
        opened.close()


def wait_for_a_photograph(opened: Station) -> None:
    end = time.monotonic() + 120
    while not opened.records.pending() and time.monotonic() < end:
        time.sleep(0.05)


def test_an_unknown_scenario_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"b12-recovery.*seasonal-shedding"):
        load_scenario("miracle")


def test_a_folder_shows_one_scenario(make_settings: MakeSettings, clock: SimulatedClock, tmp_path: Path) -> None:
    made = make_settings(data_folder=tmp_path / "demo", demo_scenario="healthy")
    prepare_demo(made, clock, fresh=False, asked="healthy")
    prepare_demo(made, clock, fresh=False)
    other = make_settings(data_folder=tmp_path / "demo", demo_scenario="no-change")
    with pytest.raises(UsageError, match="shows the scenario healthy"):
        prepare_demo(other, clock, fresh=False, asked="no-change")
    prepare_demo(other, clock, fresh=True, asked="no-change")
    plan = read_plan(tmp_path / "demo")
    assert plan is not None
    assert plan.scenario == "no-change"


def test_a_plan_of_an_earlier_version_still_opens(tmp_path: Path) -> None:
    old = {"course": "pattern-loss", "seed": 7, "last_visit": "2026-11-20T09:00:00+00:00"}
    (tmp_path / "demonstration.json").write_text(json.dumps(old | {"format": "station-demonstration/1"}))
    assert read_plan(tmp_path) == DemoPlan("pattern-loss", 7, old["last_visit"])  # type: ignore[arg-type]


def test_the_command_refuses_another_scenario_and_begins_it_with_fresh(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    plan = {"scenario": "healthy", "seed": 1, "last_visit": "2026-03-05T08:00:00+00:00", "format": FORMAT}
    (folder / PLAN).write_text(json.dumps(plan))
    refused = CliRunner().invoke(main, ["demo", "--data", str(folder), "--port", "0", "--scenario", "no-change"])
    assert refused.exit_code == 2
    assert "shows the scenario healthy" in refused.output
    assert "--fresh" in refused.output
    unknown = CliRunner().invoke(main, ["demo", "--data", str(folder), "--port", "0", "--scenario", "miracle"])
    assert unknown.exit_code != 0
    assert "seasonal-shedding" in unknown.output
    assert json.loads((folder / PLAN).read_text()) == plan
