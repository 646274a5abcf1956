"""What can be said at a look, and that it is not said too often."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.trends.endpoint import State
from station.trends.inputs import PersonRecord
from station.trends.ladder import Ladder, NextLook, Rule, Rung, ladder
from tests.trends.courses import RECOVERY, course, day, records, scaled, shifted, treated, turned
from tests.trends.people import DEFAULT, b12


def keys(found: Ladder) -> set[str]:
    return {sentence.key.removeprefix("ladder.") for sentence in found.sentences}


def test_without_a_visit_nothing_is_said_and_the_first_one_is_next() -> None:
    found = ladder(course([]))
    assert (found.rung, found.claim, found.latest) == (Rung.NONE, None, None)
    assert keys(found) == {"no-visit", "default-error", "next-values-one"}
    assert found.next == NextLook(Rung.VALUES, 1, day(0))


def test_one_visit_is_a_value_with_its_error() -> None:
    found = ladder(course([1.0], error_hairs=DEFAULT))
    assert found.rung is Rung.VALUES
    assert found.claim is None
    assert found.latest is not None
    assert found.latest.low == pytest.approx(180 * math.exp(-1.96 * 0.07), rel=1e-3)
    assert keys(found) == {"values", "default-error", "next-pairwise-one"}
    assert "7 %" in " ".join(sentence.text() for sentence in found.sentences).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.req("REQ-03")
def test_up_to_five_visits_the_latest_is_compared_with_the_baseline() -> None:
    for count in range(2, 6):
        found = ladder(course([1.0] * (count - 1) + [1.08]))
        assert (found.rung, found.rule) == (Rung.PAIRWISE, Rule.PAIR)
        assert found.claim is not None
        assert found.claim.state is State.UP
        assert found.claim.before.dates == (day(0),)
        assert "pair" in keys(found)
    within = ladder(course([1.0, 1.05]))
    assert within.claim is not None
    assert within.claim.state is State.WITHIN
    assert "pair-within" in keys(within)


def test_the_latest_visit_is_never_part_of_what_it_is_compared_with() -> None:
    found = ladder(course([1.0, 1.0, 1.0, 1.0], dosed=65))
    assert found.claim is not None
    assert found.claim.before.dates == (day(0), day(30), day(60))
    assert found.claim.after.dates == (day(90),)


def test_from_six_visits_on_the_last_three_are_compared_with_the_first_three() -> None:
    found = ladder(course([1.0, 1.0, 1.0, 1.05, 1.05, 1.05]))
    assert (found.rung, found.rule) == (Rung.TREND, Rule.ENDS)
    assert found.claim is not None
    assert found.claim.state is State.UP
    assert len(found.claim.before.dates) == len(found.claim.after.dates) == 3
    assert "ends" in keys(found)


def test_six_visits_in_four_months_are_no_trend_yet() -> None:
    visits = tuple(dataclasses.replace(v, date=day(24 * (v.number - 1))) for v in course([1.0] * 6).visits)
    found = ladder(course([1.0] * 6, today=day(120)))
    assert found.rung is Rung.TREND
    short = ladder(dataclasses.replace(course([1.0] * 6), visits=visits, today=day(120)))
    assert (short.rung, short.rule, short.trend) == (Rung.PAIRWISE, Rule.ENDS, None)
    assert short.next is not None
    assert (short.next.rung, short.next.visits) == (Rung.TREND, 1)


def test_a_trend_is_told_only_where_the_claim_has_its_direction() -> None:
    rising = ladder(course([1.0 + 0.02 * i for i in range(12)]))
    assert rising.trend_state is State.UP
    assert "trend" in keys(rising)
    # A clear trend of the order of values, but by less than the error: the claim is within, so no trend is told.
    slight = ladder(course([1.0 + 0.001 * i for i in range(12)]))
    assert slight.trend is not None
    assert slight.trend.survives
    assert slight.trend_state is State.WITHIN
    assert "trend-none" in keys(slight)


def test_the_start_of_a_rise_needs_a_crossing_of_b12_and_three_visits_on_either_side() -> None:
    found = ladder(treated(RECOVERY, [(0, 150), (60, 400)]))
    assert found.rung is Rung.PHASE
    assert found.onset_said
    assert found.onset is not None
    assert found.onset.earliest <= found.onset.begins <= found.onset.latest
    assert day(60) <= found.onset.begins <= day(150)  # the truth is day 90
    assert found.onset.gain_low_percent > 0
    assert found.onset.gain_percent > found.onset.mdc_percent
    for draws in ([], [(0, 400)], [(0, 150)], [(-60, 150), (-30, 400)]):
        assert ladder(treated(RECOVERY, draws)).onset is None
    assert ladder(treated(RECOVERY[:7], [(0, 150), (60, 400)])).onset is None


def test_no_start_of_a_rise_is_told_where_nothing_rose() -> None:
    flat = ladder(treated([1.0] * 13))
    assert flat.onset is not None
    assert not flat.onset_said
    assert "onset-none" in keys(flat)
    falling = ladder(treated([1.0] * 4 + [1 - 0.02 * i for i in range(1, 10)]))
    assert falling.claim is not None
    assert falling.claim.state is State.DOWN
    assert not falling.onset_said


def test_eight_pairs_of_one_laboratory_are_an_association_at_most() -> None:
    rng = np.random.default_rng(5)
    truth = rng.permutation(np.linspace(0.8, 1.2, 30))
    labs = tuple(b12(round(400 * truth[i + 3], 3), day(30 * i) - dt.timedelta(1)) for i in range(0, 27, 3))
    found = ladder(course(truth, labs=labs, dosed=None))
    assert found.rung is Rung.CORRELATION
    assert found.correlation is not None
    assert found.correlation.n == 9
    assert found.correlation.rho is not None
    assert found.correlation.rho > 0.9
    assert found.associated
    said = next(sentence for sentence in found.sentences if sentence.key == "ladder.associated")
    assert said.interpreting
    assert "not a cause" in said.text()
    other = tuple(dataclasses.replace(lab, laboratory="elsewhere") if i % 2 else lab for i, lab in enumerate(labs))
    assert ladder(course(truth, labs=other, dosed=None)).correlation is None
    cut = tuple(dataclasses.replace(lab, comparator="<", low=None) for lab in labs)
    assert ladder(course(truth, labs=cut, dosed=None)).correlation is None


def test_two_courses_that_both_rise_are_no_association() -> None:
    labs = tuple(b12(200 + 10 * i + (-1) ** i, day(30 * i)) for i in range(0, 27, 3))
    found = ladder(course([1 + 0.01 * i + 0.004 * (i % 3) for i in range(30)], labs=labs, dosed=None))
    assert found.correlation is not None
    assert found.correlation.p is not None
    assert found.correlation.p < 0.01
    assert not found.associated
    assert "not-associated" in keys(found)


def test_the_next_look_is_counted_in_monthly_visits() -> None:
    found = ladder(course([1.0, 1.0]))
    assert found.next == NextLook(Rung.TREND, 4, dt.date(2025, 6, 9))  # the second visit was on 9 February
    text = next(s for s in found.sentences if s.key == "ladder.next-trend").text().replace("\N{NO-BREAK SPACE}", " ")
    assert text == "After 4 more visits, about 9 Jun 2025, a trend can be looked for."
    late = ladder(course([1.0, 1.0], today=dt.date(2025, 9, 1)))
    assert late.next == NextLook(Rung.TREND, 4, dt.date(2025, 12, 1))  # overdue: the schedule starts anew
    eighth = ladder(treated(RECOVERY[:7]))
    assert eighth.next is not None
    assert (eighth.next.rung, eighth.next.visits) == (Rung.PHASE, 1)


@pytest.mark.req("REQ-25")
def test_nothing_is_claimed_across_another_device() -> None:
    record = course([1.0] * 6 + [1.4, 1.4])
    changed = [dataclasses.replace(visit, series="two") if visit.number > 6 else visit for visit in record.visits]
    found = ladder(dataclasses.replace(record, visits=tuple(changed)))
    assert (found.rung, found.visits) == (Rung.PAIRWISE, 2)
    assert found.claim is not None
    assert found.claim.state is State.WITHIN
    assert "segment" in keys(found)


def test_the_season_is_named_where_it_cannot_be_told_apart() -> None:
    assert "season-short" in keys(ladder(course([1.0] * 12)))
    record = course([1.0] * 8)
    # First in February, the last three in June, July and August of the next year.
    dates = [dt.date(2025, month, 10) for month in (2, 3, 4, 9, 12)] + [dt.date(2026, month, 10) for month in (6, 7, 8)]
    visits = tuple(dataclasses.replace(v, date=date) for v, date in zip(record.visits, dates, strict=True))
    opposite = dataclasses.replace(record, visits=visits, today=dates[-1])
    assert "season-opposite" in keys(ladder(opposite))
    assert "season-opposite" in keys(ladder(shifted(dataclasses.replace(opposite, south=True), 181)))
    assert "season-opposite" not in keys(ladder(shifted(opposite, 60)))


@pytest.mark.parametrize(("last", "short"), [(dt.date(2026, 1, 9), True), (dt.date(2026, 1, 10), False)])
def test_the_year_is_over_on_its_anniversary(last: dt.date, short: bool) -> None:
    record = course([1.0] * 6)
    visits = (*record.visits[:-1], dataclasses.replace(record.visits[-1], date=last))
    found = ladder(dataclasses.replace(record, visits=visits, today=last))
    assert ("season-short" in keys(found)) is short


def test_every_sentence_can_be_written_and_only_interpretation_is_marked_so() -> None:
    for levels in (RECOVERY, [1.0] * 13, [1.0], []):
        for sentence in ladder(treated(levels)).sentences:
            assert sentence.text()
            assert sentence.interpreting == (sentence.key in {"ladder.onset", "ladder.season-short"})


def states(found: Ladder) -> tuple[object, ...]:
    claim = None if found.claim is None else found.claim.state
    sites = tuple(each.change.state for each in found.sites)
    return found.rung, found.visits, found.rule, claim, sites, found.trend_state, found.onset_said, found.associated


@given(records(), st.integers(-3000, 3000))
@settings(max_examples=60, deadline=None)
def test_order_unit_and_calendar_never_change_what_is_said(record: PersonRecord, days: int) -> None:
    here = ladder(record)
    assert ladder(turned(record)) == here
    assert states(ladder(shifted(record, days))) == states(here)
    assert states(ladder(scaled(record, 2.0))) == states(here)  # a power of two: no rounding at a limit
