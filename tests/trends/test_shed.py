"""Shed counts: one method at a time, and no change without more than the usual spread (REQ-20, REQ-27)."""

from __future__ import annotations

import datetime as dt
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import ShedEntry, ShedMethod
from station.trends.error import FrameError
from station.trends.inputs import PersonRecord
from station.trends.shed import ShedSeries, ShedState, shed_series

START = dt.date(2025, 1, 6)
ERROR = FrameError(0.07, 0, measured=False)


def series(entries: list[ShedEntry]) -> tuple[ShedSeries, ...]:
    return shed_series(
        PersonRecord(
            dt.date(2026, 6, 1), visits=(), weights={}, error_hairs=ERROR, error_fu=ERROR, sheds=tuple(entries)
        )
    )


def rounds(*counts: tuple[int, ...], method: str = "comb-60s", **more: object) -> list[ShedEntry]:
    """Rounds a month apart, repeats two days apart."""
    return [
        ShedEntry(method, START + dt.timedelta(30 * i + 2 * k), count, replicate=k + 1, **more)  # type: ignore[arg-type]
        for i, each in enumerate(counts)
        for k, count in enumerate(each)
    ]


def keys(found: ShedSeries) -> list[str]:
    return [sentence.key for sentence in found.sentences]


@pytest.mark.req("REQ-20")
def test_the_latest_count_is_recorded_with_its_method() -> None:
    (found,) = series(rounds((12, 9, 11)))
    assert found.state is ShedState.NOT_ENOUGH
    assert keys(found) == ["shed.latest", "shed.not-enough"]
    assert found.sentences[0].text().replace("\N{NO-BREAK SPACE}", " ") == (
        "60-second comb, counted by hand: 10.7 hairs on average, recorded up to 10 Jan 2025."
    )


@pytest.mark.req("REQ-27")
def test_fewer_hairs_are_said_with_their_interval() -> None:
    (found,) = series(rounds((60, 55, 64), (50, 41, 47), (22, 18, 25)))
    assert found.state is ShedState.FEWER
    assert found.change is not None
    assert found.change.low < found.change.ratio < found.change.high < 1
    assert keys(found) == ["shed.latest", "shed.fewer", "shed.season"]
    (more,) = series(rounds((22, 18, 25), (60, 55, 64)))
    assert more.state is ShedState.MORE


@pytest.mark.req("REQ-27")
def test_a_difference_within_the_spread_of_repeats_is_no_change() -> None:
    (found,) = series(rounds((12, 30, 18), (9, 24, 15)))
    assert found.state is ShedState.NO_RELIABLE_CHANGE
    assert found.dispersion is not None
    assert found.dispersion > 2
    assert all(not sentence.interpreting for sentence in found.sentences)


@pytest.mark.req("REQ-27")
def test_single_counts_are_compared_three_with_three() -> None:
    monthly = [(110,), (120,), (105,), (80,), (52,), (48,), (50,)]
    (found,) = series(rounds(*monthly, method="daily"))
    assert found.state is ShedState.FEWER
    (few,) = series(rounds(*monthly[:5], method="daily"))
    assert few.state is ShedState.NOT_ENOUGH


@pytest.mark.req("REQ-20")
def test_methods_and_ways_of_counting_are_never_mixed() -> None:
    entries = [
        *rounds((60, 55, 64), method="wash-24h"),
        *rounds((10, 9, 12), method="comb-60s"),
        *rounds((20, 18, 25), method="wash-24h", counted_by="tray"),
    ]
    found = series(entries)
    assert [(each.method, each.counted_by) for each in found] == [
        (ShedMethod.COMB_60S, "hand"),
        (ShedMethod.WASH_24H, "hand"),
        (ShedMethod.WASH_24H, "tray"),
    ]
    assert {each.state for each in found} == {ShedState.NOT_ENOUGH}


def test_entries_marked_for_review_are_not_reasoned_with() -> None:
    assert series(rounds((60, 55, 64), review=("review.odd",))) == ()


def test_repeats_are_one_round_and_later_ones_another() -> None:
    (found,) = series([*rounds((10, 12, 9)), ShedEntry("comb-60s", START + dt.timedelta(40), 8, replicate=4)])
    assert [each.counts for each in found.rounds] == [(10, 12, 9), (8,)]
    (same_day,) = series([ShedEntry("daily", START, 40), ShedEntry("daily", START, 44)])
    assert len(same_day.rounds) == 1


def test_grades_are_an_order_and_no_counts() -> None:
    (found,) = series(rounds(*[(grade,) for grade in (6, 6, 5, 5, 4, 3, 3, 2)], method="grade"))
    assert found.state is ShedState.FEWER
    assert found.change is None
    assert keys(found)[:2] == ["shed.latest-grade", "shed.grade-fewer"]
    (steady,) = series(rounds(*[(grade,) for grade in (4, 5, 4, 5, 4, 5)], method="grade"))
    assert keys(steady)[1] == "shed.grade-no-reliable-change"
    (few,) = series(rounds((4,), (2,), method="grade"))
    assert keys(few)[1] == "shed.grade-not-enough"


def test_many_short_hairs_of_a_five_day_wash_have_a_note_that_interprets() -> None:
    (found,) = series([ShedEntry("wash-5d", START, 90, short=12)])
    assert keys(found)[-2:] == ["shed.short-share", "shed.short-note"]
    assert found.sentences[-1].interpreting
    assert found.rounds[0].short_share == pytest.approx(12 / 90)
    (few,) = series([ShedEntry("wash-5d", START, 90, short=5)])
    assert keys(few)[-1] == "shed.short-share"
    # Where all hair is short, or by another method, the share says nothing of that kind.
    (cropped,) = series([ShedEntry("wash-5d", START, 90, short=80, hair_length_cm=2.5)])
    assert "shed.short-note" not in keys(cropped)
    (comb,) = series([ShedEntry("comb-60s", START, 20, short=5)])
    assert "shed.short-note" not in keys(comb)


def test_another_comb_is_said() -> None:
    (found,) = series(rounds((12,), comb="fine") + rounds((9,), comb="wide"))
    assert "shed.comb-changed" in keys(found)


def test_no_hair_at_all_is_a_count() -> None:
    (found,) = series(rounds((25, 22, 28), (0, 1, 0)))
    assert found.state is ShedState.FEWER
    (nothing,) = series(rounds((0, 0, 0), (0, 0, 0)))
    assert nothing.state is ShedState.NOT_ENOUGH


def test_every_sentence_can_be_said() -> None:
    for state in (ShedState.FEWER, ShedState.MORE):
        counts = [(60, 55, 64), (20, 18, 25)]
        (found,) = series(rounds(*(counts if state is ShedState.FEWER else counts[::-1])))
        assert found.state is state
        assert all(sentence.text() for sentence in found.sentences)


@pytest.mark.parametrize("spread", [1.0, 3.0])
def test_false_alarms_are_nominal(spread: float) -> None:
    rng = np.random.default_rng(4)

    def count() -> int:
        return int(rng.poisson(40) if spread == 1 else rng.negative_binomial(40 / (spread - 1), 1 / spread))

    alarms = 0
    for _ in range(500):
        (found,) = series(rounds(*[(count(), count(), count()) for _ in range(3)]))
        alarms += found.state in (ShedState.FEWER, ShedState.MORE)
    assert alarms / 500 <= 0.064


@given(
    st.lists(st.tuples(st.integers(0, 700), st.integers(0, 90), st.integers(1, 3)), min_size=1, max_size=12),
    st.integers(-2000, 2000),
    st.integers(0, 99),
)
def test_another_calendar_and_another_order_change_nothing(
    counts: list[tuple[int, int, int]], shift: int, seed: int
) -> None:
    def entries(moved: int) -> list[ShedEntry]:
        return [
            ShedEntry("comb-60s", START + dt.timedelta(day + moved), count, replicate=replicate)
            for day, count, replicate in counts
        ]

    (one,) = series(entries(0))
    (other,) = series(random.Random(seed).sample(entries(shift), len(counts)))
    assert (one.state, one.change, one.dispersion) == (other.state, other.change, other.dispersion)
    assert [each.counts for each in one.rounds] == [each.counts for each in other.rounds]
    assert keys(one) == keys(other)
