"""Recovery, its confirmation, and what may be asked where density stays away."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.trends.endpoint import State
from station.trends.inputs import PersonRecord
from station.trends.ladder import ladder
from station.trends.recovery import Course, Recovery, recovery
from tests.trends.courses import RECOVERY, SHARP, course, day, records, scaled, shifted, treated, turned
from tests.trends.people import DEFAULT, b12, head, person, regimen


def keys(found: Course) -> set[str]:
    return {sentence.key.removeprefix("recovery.") for sentence in found.sentences}


@pytest.mark.req("REQ-03", "REQ-39")
def test_recovered_is_a_mean_of_three_at_the_target_at_two_sessions_and_then_six_months() -> None:
    def at(visits: int) -> Course:
        return recovery(treated([*RECOVERY, *[1.15] * 4][:visits]))

    target = at(13).target
    # 1.96 of 2 % sqrt(1 + 1/3) on logs above 180.
    assert target == pytest.approx(180 * 1.0463, rel=1e-3)
    assert at(4).state is Recovery.NOT_ENOUGH
    assert at(7).state is Recovery.NOT_RECORDED  # means of 1.0, 1.008, 1.025, 1.05 at the seventh
    assert at(8).state is Recovery.CONFIRMING
    assert (at(8).recovered, at(8).months) == (day(210), 0)
    assert (at(11).recovered, at(11).months) == (day(210), 3)
    assert (at(14).state, at(14).months) == (Recovery.CONFIRMED, 6)
    assert all(sentence.text() for sentence in at(14).sentences)


def test_a_recovery_that_did_not_hold_is_said_so() -> None:
    found = recovery(treated([*RECOVERY, 1.0, 0.95, 0.95]))
    assert (found.state, found.recovered) == (Recovery.NOT_HELD, None)


@pytest.mark.req("REQ-03")
def test_the_change_of_recovery_is_the_claim_of_the_look() -> None:
    for levels in (RECOVERY, [1.0] * 13, RECOVERY[:4]):
        assert recovery(treated(levels)).change == ladder(treated(levels)).claim


def test_the_target_is_the_best_earlier_level_where_one_is_known() -> None:
    before = [1.3, 1.3, 1.3, 1.15, 1.0, 1.0, 1.0]
    found = recovery(treated([*before, *RECOVERY], dosed=185))
    assert found.target == pytest.approx(1.3 * 180)
    assert found.state is Recovery.NOT_RECORDED
    assert "target-earlier" in keys(found)


def test_the_lowest_level_is_no_reference() -> None:
    # 25 % above the lowest value, and not above the baseline.
    found = recovery(treated([1.0, 0.9, 0.8, 0.8, 0.85, 0.9, 0.95, 1.0, 1.0, 1.0]))
    assert found.state is Recovery.NOT_RECORDED
    assert found.change is not None
    assert found.change.before.dates[0] == day(0)


def test_without_a_baseline_from_before_treatment_recovery_cannot_be_told() -> None:
    found = recovery(treated(RECOVERY, dosed=-60))
    assert (found.state, found.target) == (Recovery.NOT_ENOUGH, None)
    assert "no-baseline" in keys(found)
    assert recovery(course([])).state is Recovery.NOT_ENOUGH


def test_without_a_dose_on_record_it_is_the_dose_that_is_said_to_be_missing() -> None:
    found = recovery(course(RECOVERY, dosed=None))
    assert (found.state, found.target) == (Recovery.NOT_ENOUGH, None)
    assert "no-dose" in keys(found)
    assert "no-baseline" not in keys(found)


@pytest.mark.req("REQ-33")
def test_density_that_stays_away_nine_months_after_a_normal_b12_leads_to_questions() -> None:
    def asked(levels: Sequence[float], draws: Sequence[tuple[int, float]], **more: object) -> bool:
        found = recovery(treated(levels, draws, **more))  # type: ignore[arg-type]
        assert found.unrecovered == ("unrecovered" in keys(found))
        return found.unrecovered

    flat, draws = [1.0] * 13, [(0, 150), (60, 400)]
    assert asked(flat, draws)
    assert asked([1.0, *[0.9] * 12], draws)
    assert not asked(RECOVERY, draws)
    assert not asked(flat[:11], draws)  # 240 days after the normal draw
    assert asked(flat[:12], draws)  # 270 days: a visit within a week of its day ends a month
    assert not asked(flat, [(0, 150), (60, 400), (200, 250)])  # not normal any more
    assert not asked(flat, [(0, 150)])
    assert not asked(flat, draws, dosed=None)
    text = " ".join(sentence.text() for sentence in recovery(treated(flat, draws)).sentences)
    for word in ("pattern hair loss", "ferritin", "TSH", "clinician"):
        assert word in text


def at_sites(levels: Sequence[dict[str, float]], draws: Sequence[tuple[int, float]]) -> Course:
    labs = tuple(b12(number, day(days)) for days, number in draws)
    return recovery(person(levels, error_hairs=SHARP, labs=labs, regimens=(regimen("b12", "b12", day(0)),)))


@pytest.mark.req("REQ-36")
def test_temples_or_vertex_that_fall_although_b12_is_normal_lead_to_a_neutral_prompt() -> None:
    normal = [(0, 150), (60, 400), (120, 420)]
    low = head(vertex=150)
    found = at_sites([head(), head(), low, low], normal)
    assert found.falling_sites == ("vertex",)
    assert {"falling", "falling-ask"} <= keys(found)
    asked = next(each for each in found.sentences if each.key == "recovery.falling-ask")
    assert asked.interpreting
    assert "clinician" in asked.text()
    temples = head(temples=150)
    assert at_sites([head(), temples, temples], normal).falling_sites == ("temporal-left", "temporal-right")
    assert at_sites([head(), low, head(), low], normal).falling_sites == ()  # not two in a row
    assert at_sites([head(), head(), low, low], normal[:2]).falling_sites == ()  # one normal draw
    assert at_sites([head(), head(), low, low], [(0, 400), (60, 150)]).falling_sites == ()
    assert at_sites([head(), head(midscalp=150), head(midscalp=150)], normal).falling_sites == ()


@given(records(), st.integers(-3000, 3000))
@settings(max_examples=60, deadline=None)
def test_order_unit_and_calendar_never_change_a_state(record: PersonRecord, days: int) -> None:
    def states(found: Course) -> tuple[object, ...]:
        change = None if found.change is None else found.change.state
        return found.state, change, found.months, found.unrecovered, found.falling_sites

    here = recovery(record)
    assert recovery(turned(record)) == here
    assert states(recovery(shifted(record, days))) == states(here)
    assert states(recovery(scaled(record, 2.0))) == states(here)
    assert (here.recovered is not None) == (here.state in (Recovery.CONFIRMING, Recovery.CONFIRMED))


def test_a_gain_within_the_error_is_no_recovery() -> None:
    found = recovery(treated(RECOVERY[:8], error_hairs=DEFAULT))
    assert found.state is Recovery.NOT_RECORDED
    assert found.change is not None
    assert found.change.state is State.WITHIN
