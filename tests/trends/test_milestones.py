"""The four events of the brief, their windows and their order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.trends.inputs import PersonRecord
from station.trends.milestones import Fit, Milestone, Milestones, Seen, Step, milestones
from tests.trends.courses import RECOVERY, course, day, records, scaled, shifted, treated, turned
from tests.trends.people import DEFAULT


def step(found: Milestones, milestone: Milestone) -> Step:
    return found.steps[list(Milestone).index(milestone)]


def states(found: Milestones) -> list[Seen]:
    return [each.state for each in found.steps]


@pytest.mark.req("REQ-32")
def test_the_expected_course_fits() -> None:
    found = milestones(treated([1.0, 0.92, 0.92, 0.92, 1.0, *[1.1] * 8]))
    assert states(found) == [Seen.SEEN] * 4
    assert step(found, Milestone.B12).observed == (day(0), day(60))
    assert step(found, Milestone.DECLINE_STOPS).observed == (day(30), day(90))
    assert found.fit is Fit.FITS
    assert found.sentence.interpreting
    assert "Other causes" in found.sentence.text()


@pytest.mark.req("REQ-31", "REQ-32")
def test_b12_lies_between_two_draws() -> None:
    found = step(milestones(treated(RECOVERY, [(-5, 150), (91, 350), (182, 500)])), Milestone.B12)
    # Not before the first dose on day 0; a first draw after three months leaves month 1 to 2 possible (A9).
    assert (found.state, found.observed) == (Seen.SEEN, (day(0), day(91)))
    late = step(milestones(treated(RECOVERY, [(0, 150), (91, 250), (182, 500)])), Milestone.B12)
    assert (late.state, late.observed) == (Seen.LATE, (day(91), day(182)))


def test_b12_that_did_not_cross_is_absent_only_if_it_was_looked_for() -> None:
    def state(draws: list[tuple[int, float]], visits: int = 13) -> tuple[Seen, str]:
        found = step(milestones(treated(RECOVERY[:visits], draws)), Milestone.B12)
        return found.state, found.reason

    assert state([(0, 150), (91, 150)]) == (Seen.NOT_SEEN, "")
    assert state([(0, 150)]) == (Seen.NOT_ENOUGH, "no-draw")
    assert state([(0, 150)], visits=2) == (Seen.NOT_DUE, "")
    assert state([(91, 400)]) == (Seen.NOT_ENOUGH, "never-below")
    assert state([(-60, 150), (-30, 400)]) == (Seen.NOT_ENOUGH, "never-below")


def test_a_rise_is_two_visits_in_a_row_above_the_baseline_beyond_error() -> None:
    once = treated([1.0, 1.0, 1.0, 1.0, 1.2, 1.0, 1.2, 1.0, 1.0, 1.0])
    assert step(milestones(once), Milestone.RISE).state is Seen.NOT_SEEN
    twice = treated([1.0, 1.0, 1.0, 1.0, 1.0, 1.2, 1.2, 1.0, 1.0, 1.0])
    assert step(milestones(twice), Milestone.RISE).observed == (day(120), day(150))
    late = treated([1.0] * 9 + [1.2] * 4)
    assert step(milestones(late), Milestone.RISE).state is Seen.LATE
    assert milestones(late).fit is Fit.DOES_NOT


def test_a_rise_that_may_have_been_too_small_to_show_is_not_missing() -> None:
    coarse = milestones(treated([1.0] * 13, error_hairs=DEFAULT))
    assert (step(coarse, Milestone.RISE).state, step(coarse, Milestone.RISE).reason) == (
        Seen.NOT_ENOUGH,
        "not-excluded",
    )
    assert coarse.fit is Fit.CANNOT_TELL
    # With 2 % the last three visits exclude +5 % over the first three: their interval ends at +3.3 %.
    assert step(milestones(treated([1.0] * 13)), Milestone.RISE).state is Seen.NOT_SEEN
    assert milestones(treated([1.0] * 13)).fit is Fit.DOES_NOT


def test_a_slow_rise_begins_before_it_can_be_told() -> None:
    slow = treated([1.0, 1.0, 1.0, 1.0, 1.02, 1.03, 1.04, 1.05, 1.06, 1.07, 1.08, 1.08, 1.08])
    found = step(milestones(slow), Milestone.RISE)
    assert (found.state, found.observed) == (Seen.SEEN, (day(90), day(240)))


def test_a_rise_before_its_window_does_not_fit() -> None:
    early = milestones(treated([1.0, 1.0, 1.15, 1.15] + [1.15] * 9, [(0, 150), (30, 400)]))
    assert step(early, Milestone.RISE).state is Seen.SEEN
    assert early.fit is Fit.DOES_NOT


def test_a_decline_has_stopped_once_two_visits_follow_without_another() -> None:
    def stop(levels: list[float]) -> Step:
        return step(milestones(treated(levels)), Milestone.DECLINE_STOPS)

    falling = [1.0, 0.93, 0.92, 0.84, 0.83]
    assert stop(falling[:4]).state is Seen.NOT_DUE
    assert stop([*falling, 0.75, 0.74]).state is Seen.NOT_SEEN  # it goes on
    assert stop([*falling, 0.83, 0.83]).state is Seen.SEEN
    assert stop([*falling, 0.83, 0.83]).observed == (day(90), day(150))
    assert stop([1.0] * 6).reason == "no-decline"


def test_a_level_is_near_the_baseline_or_above_it_where_no_earlier_one_is_known() -> None:
    def level_off(levels: list[float]) -> Step:
        return step(milestones(treated(levels)), Milestone.PLATEAU)

    assert level_off([*RECOVERY[:10], 1.15, 1.15, 1.15]).state is Seen.SEEN
    assert level_off([1.0] * 6 + [0.8] * 6).state is Seen.NOT_DUE
    below = level_off([1.0] + [0.8] * 16)
    assert below.state is Seen.NOT_SEEN
    restless = level_off([1.0 + 0.1 * (i % 2) for i in range(17)])
    assert restless.state is Seen.NOT_SEEN


def test_nothing_levels_off_that_has_not_risen() -> None:
    def level_off(**more: Any) -> Step:
        return step(milestones(treated([1.0] * 17, **more)), Milestone.PLATEAU)

    assert level_off().state is Seen.NOT_SEEN
    unsure = level_off(error_hairs=DEFAULT)
    assert (unsure.state, unsure.reason) == (Seen.NOT_ENOUGH, "no-rise")
    assert "no rise is on record before it" in unsure.sentence.text()


def test_b12_needs_no_visit() -> None:
    found = milestones(treated([], [(0, 150), (60, 400)], today=day(400)))
    b12, *density = found.steps
    assert (b12.state, b12.observed) == (Seen.SEEN, (day(0), day(60)))
    assert {each.state for each in density} == {Seen.NOT_ENOUGH}


def test_what_is_open_is_named_and_a_decline_that_never_was_is_not() -> None:
    found = milestones(treated([1.0] * 13, error_hairs=DEFAULT))
    assert step(found, Milestone.DECLINE_STOPS).reason == "no-decline"
    assert found.sentence.text().endswith("Open: Density begins to rise and Density levels off.")


@pytest.mark.req("REQ-32")
def test_without_a_dose_or_a_baseline_nothing_can_be_told() -> None:
    none = milestones(course(RECOVERY, dosed=None))
    assert states(none) == [Seen.NOT_ENOUGH] * 4
    assert none.fit is Fit.CANNOT_TELL
    late = milestones(treated([1.0] * 8, dosed=-60))
    assert {each.reason for each in late.steps[1:] if each.state is Seen.NOT_ENOUGH} == {"no-baseline"}
    early = milestones(treated(RECOVERY[:2], [(0, 150)]))
    assert states(early) == [Seen.NOT_DUE] * 4
    assert early.fit is Fit.CANNOT_TELL


@given(records(), st.integers(-3000, 3000))
@settings(max_examples=60, deadline=None)
def test_order_unit_and_calendar_never_change_a_state(record: PersonRecord, days: int) -> None:
    here = milestones(record)
    assert milestones(turned(record)) == here
    for other in (milestones(shifted(record, days)), milestones(scaled(record, 2.0))):
        assert states(other) == states(here)
        assert other.fit is here.fit
    dosed = bool(record.regimens)
    assert (here.sentence.key == "milestones.cannot-tell") is not dosed
    assert (here.sentence.key == "milestones.cannot-tell-open") is (dosed and here.fit is Fit.CANNOT_TELL)
    for each in here.steps:
        assert each.sentence.text()
        assert each.observed is None or each.observed[0] <= each.observed[1]
    assert here.sentence.text()
