"""The brief's calendar from the first dose."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.trends.inputs import PersonRecord
from station.trends.phases import Stage, phases
from tests.trends.courses import course, day, records, scaled, shifted, turned


def on(today: int, **more: object) -> PersonRecord:
    return dataclasses.replace(course([1.0, 1.0], **more), today=day(today))  # type: ignore[arg-type]


@pytest.mark.req("REQ-26", "REQ-27", "REQ-28", "REQ-29")
@pytest.mark.parametrize(
    ("today", "stage"),
    [
        (0, Stage.WEEKS_1_4),
        (30, Stage.WEEKS_1_4),
        (31, Stage.MONTHS_2_3),
        (91, Stage.MONTHS_2_3),
        (92, Stage.MONTHS_3_6),
        (182, Stage.MONTHS_3_6),
        (183, Stage.MONTHS_6_12),
        (365, Stage.MONTHS_6_12),
        (366, Stage.AFTER),
        (4000, Stage.AFTER),
    ],
)
def test_the_phase_follows_the_time_since_the_first_dose(today: int, stage: Stage) -> None:
    found = phases(on(today))
    assert found.stage is stage
    assert found.sentences[0].key == f"phases.now-{stage}"
    expected = found.sentences[1]
    assert expected.key == f"phases.expect-{stage}"
    assert expected.interpreting
    assert all(sentence.text() for sentence in found.sentences)
    assert found.since is not None
    assert found.since <= day(today)


def test_without_a_dose_there_is_no_calendar_and_a_planned_one_is_still_to_come() -> None:
    assert phases(on(30, dosed=None)).stage is Stage.NO_DOSE
    planned = phases(on(30, dosed=40))
    assert (planned.stage, planned.until) == (Stage.BEFORE, day(40))
    assert planned.sentences[0].text()


@pytest.mark.req("REQ-28")
def test_the_band_is_5_to_15_per_cent_of_the_baseline_mean_in_months_3_to_6() -> None:
    # The lowest value is 20 % below the baseline: it moves nothing.
    found = phases(course([1.0, 0.8, 0.8, 0.8, 0.9], dosed=0))
    assert [point.date for point in found.band] == [dt.date(2025, 4, 10), dt.date(2025, 7, 10)]
    assert {(round(point.low, 6), round(point.high, 6)) for point in found.band} == {(189.0, 207.0)}
    assert found.help is not None
    assert "not at the lowest value" in found.help.text()
    text = found.sentences[-1].text().replace("\N{NO-BREAK SPACE}", " ")
    assert "5 % to 15 %" in text
    assert "189.0 to 207.0" in text


def test_without_a_baseline_from_before_treatment_there_is_no_band() -> None:
    assert phases(course([1.0] * 5, dosed=-28)).band
    late = phases(course([1.0] * 5, dosed=-40))
    assert (late.band, late.help) == ((), None)
    assert late.stage is Stage.MONTHS_3_6


@given(records(), st.integers(-3000, 3000), st.floats(0.1, 10))
@settings(max_examples=60, deadline=None)
def test_calendar_unit_and_order_change_no_phase(record: PersonRecord, days: int, factor: float) -> None:
    here = phases(record)
    assert phases(turned(record)) == here
    for other in (phases(shifted(record, days)), phases(scaled(record, factor))):
        assert (other.stage, other.months, len(other.band)) == (here.stage, here.months, len(here.band))
