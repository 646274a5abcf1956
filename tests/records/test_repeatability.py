"""Runs of repeats on record: numbers by rig, model and person, and nothing of them after an erasure."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from station.clock import ClockStatus, Timestamp
from station.errors import NotFoundError
from station.records.erase import erase
from station.records.images import ImageFolder
from station.records.repeatability import RepeatabilityRow
from station.records.store import Records

T0 = Timestamp(dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC), 60, ClockStatus.RTC)
ROW = RepeatabilityRow(
    taken=T0,
    rig_id="reference",
    model="density 0.2.0",
    model_sha256="ab" * 32,
    calibration_id="nominal-reference:0123456789ab",
    simulated=False,
    person="",
    site="vertex",
    hairs=((160.25, 161.5), (158.0,)),
    fu=((80.5, 80.25), (79.0,)),
    matched=(-0.0042,),
    refused=1,
    software="0.4.0",
)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "station.sqlite3")


def test_what_was_entered_comes_back_by_rig_model_and_person(records: Records) -> None:
    person = records.new_person(T0).code
    rows = [
        ROW,
        replace(ROW, person=person, site="frontal"),
        replace(ROW, rig_id="other"),
        replace(ROW, model_sha256="cd" * 32),
        replace(ROW, simulated=True),
    ]
    for row in rows:
        records.repeatability.add(row)
    found = records.repeatability.of("reference", "ab" * 32, simulated=False)
    assert found == (ROW, replace(ROW, person=person, site="frontal"))
    assert records.repeatability.of("reference", "ab" * 32, simulated=False, person=person) == found[1:]
    assert records.repeatability.of("reference", "ab" * 32, simulated=True) == (rows[4],)


def test_nobody_who_is_not_on_record_or_being_erased_gets_a_run(records: Records) -> None:
    with pytest.raises(NotFoundError):
        records.repeatability.add(replace(ROW, person="NOBODY22"))
    code = records.new_person(T0).code
    records.erasures.begin(code)
    with pytest.raises(NotFoundError):
        records.repeatability.add(replace(ROW, person=code))


def test_an_erasure_takes_a_persons_runs_and_leaves_the_others(records: Records, tmp_path: Path) -> None:
    own, other = (records.new_person(T0).code for _ in range(2))
    for code in (own, other, ""):
        records.repeatability.add(replace(ROW, person=code))
    erase(records.erasures, ImageFolder(tmp_path / "images"), own, T0, lambda _: None)
    left = records.repeatability.of("reference", "ab" * 32, simulated=False)
    assert [row.person for row in left] == [other, ""]
