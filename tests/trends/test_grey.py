"""Grey share over time, with its error."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import AnswersEntry
from station.trends.grey import DISPERSION, GreyState, grey
from station.trends.inputs import PersonRecord
from tests.trends.people import START, person, reading, visit

WEIGHTS = {"frontal": 0.5, "vertex": 0.5}


def greys(*shares: dict[str, float | None]) -> PersonRecord:
    """A person with these grey shares by site; every site shows 360 hairs."""
    visits = tuple(
        visit(n, {}, 30 * n, sites={s: reading(s, 180.0, grey_share=share) for s, share in each.items()})
        for n, each in enumerate(shares, 1)
    )
    return dataclasses.replace(person([], weights=WEIGHTS), visits=visits)


@pytest.mark.req("REQ-02", "REQ-04")
@pytest.mark.parametrize(("now", "state"), [(0.12, GreyState.WITHIN), (0.30, GreyState.UP), (0.01, GreyState.DOWN)])
def test_a_grey_share_is_told_to_change_only_beyond_its_error(now: float, state: GreyState) -> None:
    found = grey(greys({"frontal": 0.1, "vertex": 0.1}, {"frontal": now, "vertex": now}))
    assert found.state is state
    assert found.sentences[1].key == f"grey.{state}"


def test_the_error_is_binomial_and_widened() -> None:
    found = grey(greys({"frontal": 0.5, "vertex": 0.5})).visits[0]
    assert found.hairs == 720
    assert found.se == pytest.approx(math.sqrt(DISPERSION * 0.25 / (2 * 364)))
    assert grey(greys({"frontal": 0.0, "vertex": 0.0})).visits[0].se > 0


def test_the_sites_are_weighted_and_the_same_at_both_ends() -> None:
    record = greys({"frontal": 0.2, "vertex": 0.4}, {"frontal": 0.2}, {"frontal": 0.2, "vertex": 0.4})
    found = grey(record)
    assert [each.visit for each in found.visits] == [1, 3]
    assert found.visits[0].share == pytest.approx(0.3)
    uneven = dataclasses.replace(record, weights={"frontal": 0.75, "vertex": 0.25})
    assert grey(uneven).visits[0].share == pytest.approx(0.25)


def test_what_is_reported_stands_beside_what_is_measured() -> None:
    answers = AnswersEntry(START, greying_share=30.0)
    found = grey(dataclasses.replace(greys({"frontal": None}), answers=answers))
    assert (found.state, found.reported, found.visits) == (GreyState.NOT_ENOUGH, 0.3, ())
    assert [s.key for s in found.sentences] == ["grey.none", "grey.reported", "grey.association"]


@pytest.mark.req("REQ-02")
def test_the_association_is_said_weakly_and_as_interpretation() -> None:
    said = [s for s in grey(greys({"frontal": 0.2, "vertex": 0.2})).sentences if s.interpreting]
    assert [s.text() for s in said] == [
        "Studies report lower vitamin B12 in people who turn grey early. Causation and recovery are not established."
    ]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5), st.integers(-3000, 3000))
def test_shifted_dates_and_another_order_change_no_state(shares: list[float], days: int) -> None:
    record = greys(*({"frontal": share, "vertex": share} for share in shares))
    moved = tuple(dataclasses.replace(v, date=v.date + dt.timedelta(days)) for v in reversed(record.visits))
    first, second = grey(record), grey(dataclasses.replace(record, visits=moved))
    assert (first.state, first.change, first.limit) == (second.state, second.change, second.limit)
