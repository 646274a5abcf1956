"""Findings as data and on the command line: complete, in both languages, and readable while a station runs."""

from __future__ import annotations

import datetime as dt
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import icalendar
import pytest
from click.testing import CliRunner, Result

from station.cli import main
from station.clock import SimulatedClock, SystemClock
from station.entries import AnswersEntry
from station.service.as_data import as_data, sentences_in
from station.service.station import Station
from station.service.trends import Findings
from station.trends.analysis import analyse
from station.trends.ladder import Rung
from station.trends.sentences import say
from tests.trends.courses import RECOVERY, treated

URGENT = AnswersEntry(dt.date(2025, 1, 10), symptoms=("numbness",))


@dataclass(frozen=True)
class Example:
    number: float
    day: dt.date
    rung: Rung
    said: tuple[Any, ...]


@pytest.fixture
def found() -> Findings:
    return Findings("K7QF2MXD", False, analyse(treated(RECOVERY, answers=URGENT)))


def keys(data: dict[str, Any]) -> set[str]:
    return {each["key"] for each in data["sentences"]}


def test_values_become_plain_data() -> None:
    said = (say("ladder.no-visit"), say("ladder.associated", interpreting=True))
    example = Example(math.nan, dt.date(2026, 3, 5), Rung.TREND, said)
    data = as_data(example)
    assert (data["number"], data["day"], data["rung"]) == (None, "2026-03-05", "trend")
    assert [each["key"] for each in data["said"]] == ["ladder.no-visit", "ladder.associated"]
    assert [each["key"] for each in as_data(example, interpretation=False)["said"]] == ["ladder.no-visit"]
    assert sentences_in({"a": data["said"], "b": data["said"]}) == data["said"]


@pytest.mark.req("REQ-01", "REQ-41")
def test_everything_is_json_with_each_sentence_by_its_key(found: Findings) -> None:
    data = found.data()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert {"ladder", "density", "milestones", "phase", "recovery", "distribution", "comparison"} <= set(data)
    assert data["person"] == "K7QF2MXD"
    assert {"ladder.ends", "milestones.seen"} <= keys(data)
    assert any("does not diagnose" in sentence for sentence in data["disclaimer"])


def test_both_languages_say_the_same_things(found: Findings) -> None:
    english, german = found.data(), found.data(language="de")
    assert [each["key"] for each in english["sentences"]] == [each["key"] for each in german["sentences"]]
    assert english["sentences"] != german["sentences"]


def test_without_interpretation_the_urgent_sentence_stays(found: Findings) -> None:
    data = found.data(interpretation=False)
    assert data["prompts"][0]["urgent"]
    assert data["prompts"][0]["sentence"] is not None
    assert keys(data) < keys(found.data())
    assert "phases.expect-months-6-12" in keys(found.data())
    assert "phases.expect-months-6-12" not in keys(data)


@pytest.fixture
def folder(station: Station) -> tuple[Path, str]:
    """A folder that a station works in, and the code of a person with a blood value."""
    code = station.records.new_person(SystemClock().now()).code
    fields = {"analyte": "b12", "text": "<150", "unit": "pg/mL", "drawn": "2026-03-01"}
    station.health_record.add(code, "lab", fields)
    return station.settings.data_folder, code


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


@pytest.mark.req("REQ-44")
def test_the_command_reads_while_a_station_runs(folder: tuple[Path, str]) -> None:
    data, code = folder
    done = run("trends", code, "--data", data, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["labs"][0]["results"][0]["text"] == "<150"
    assert found["ladder"]["rung"] == "none"
    words = run("trends", code, "--data", data, "--language", "de")
    assert "Noch ist kein abgeschlossener Besuch" in words.stdout


def test_whoever_is_not_on_record_is_named_in_one_sentence(folder: tuple[Path, str], tmp_path: Path) -> None:
    data, _ = folder
    for arguments, words in (
        (("ZZZZZZZZ", "--data", data), "no person ZZZZZZZZ"),
        (("demo", "--data", data), "no demonstration person"),
        (("ZZZZZZZZ", "--data", tmp_path / "empty"), "no record in this folder"),
    ):
        done = run("trends", *arguments)
        assert done.exit_code == 1
        assert done.stdout == ""
        assert words in done.stderr
        assert not (tmp_path / "empty").exists()


@pytest.mark.req("REQ-38")
def test_the_calendar_names_nobody_and_no_test_unless_asked(folder: tuple[Path, str], tmp_path: Path) -> None:
    data, code = folder
    plain, again = (run("calendar", code, "--data", data) for _ in range(2))
    assert plain.exit_code == 0, plain.output
    assert plain.stdout == again.stdout
    assert code not in plain.stdout
    assert "B12" not in plain.stdout
    out = tmp_path / "r.ics"
    assert run("calendar", code, "--data", data, "--detailed", "--out", out).exit_code == 0
    calendar = icalendar.Calendar.from_ical(out.read_bytes())
    assert any("B12" in str(event["summary"]) for event in calendar.walk("VEVENT"))
    assert (data / "secret.key").stat().st_mode & 0o077 == 0


def test_the_station_and_the_command_say_the_same(
    folder: tuple[Path, str], station: Station, clock: SimulatedClock
) -> None:
    data, code = folder
    clock.moment = SystemClock().now().utc
    printed = json.loads(run("trends", code, "--data", data, "--json").stdout)
    assert station.findings(code).data() == printed
