"""Findings as data and on the command line: complete, in both languages, and readable while a station runs."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Iterator, Mapping
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
from station.trends.sentences import Sentence, say
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


def interpreting(value: Any) -> Iterator[Sentence]:
    """Every sentence in findings that interprets."""
    if isinstance(value, Sentence):
        if value.interpreting:
            yield value
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from interpreting(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from interpreting(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from interpreting(each)


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_interpreting_sentence_is_left_when_it_is_switched_off(found: Findings, language: str) -> None:
    said = list(interpreting(found.trends))
    assert len(said) > 10
    printed = json.dumps(found.data(language=language, interpretation=False), ensure_ascii=False)
    shown = json.dumps(found.data(language=language), ensure_ascii=False)
    for sentence in said:
        text = json.dumps(sentence.text(language), ensure_ascii=False)
        assert text in shown
        assert text not in printed


def test_every_sentence_stands_once_in_the_list_of_all(found: Findings) -> None:
    data = found.data()
    listed = [(each["key"], each["text"]) for each in data["sentences"]]
    assert len(set(listed)) == len(listed)
    del data["sentences"]
    assert [(each["key"], each["text"]) for each in sentences_in(data)] == listed


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


def test_the_command_leaves_interpretation_out_where_it_is_switched_off(
    folder: tuple[Path, str], tmp_path: Path
) -> None:
    data, code = folder
    config = tmp_path / "station.toml"
    config.write_text("[text]\ninterpretation = false\n")
    found = json.loads(run("trends", code, "--data", data, "--config", config, "--json").stdout)
    assert not found["interpretation"]
    assert found["disclaimer"]
    whole = json.loads(run("trends", code, "--data", data, "--json").stdout)
    assert keys(found) < keys(whole)


def test_the_demonstrations_person_is_found_by_the_word_demo(station: Station) -> None:
    station.records.new_person(SystemClock().now())
    demo = station.records.new_person(SystemClock().now(), demonstration=True).code
    found = json.loads(run("trends", "demo", "--data", station.settings.data_folder, "--json").stdout)
    assert (found["person"], found["demonstration"]) == (demo, True)


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
