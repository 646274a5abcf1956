"""What can be logged, and what follows from a log of supplements."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import DoseEntry, RegimenEntry, RegimenKind, Route
from station.labs.regimens import (
    dose_units,
    first_dose,
    next_due,
    on_treatment,
    schedules,
    substances,
    templates,
)

START = dt.date(2026, 1, 1)


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


def regimen(schedule: str = "daily", route: str = "oral", start: dt.date = START, **more: object) -> RegimenEntry:
    fields: dict[str, object] = {"kind": "b12", "substance": "b12", "form": "", "dose": 1000.0, "dose_unit": "mcg"}
    return RegimenEntry(route=route, schedule=schedule, start=start, **(fields | more))  # type: ignore[arg-type]


def dose(given: dt.date, substance: str = "b12", review: tuple[str, ...] = ()) -> DoseEntry:
    return DoseEntry(given, substance, 1000.0, "mcg", "im", review=review)


@pytest.mark.req("REQ-21a", "REQ-21b", "REQ-21c", "REQ-21d", "REQ-37")
def test_the_protocols_are_those_of_the_brief() -> None:
    found = {each.id: each for each in templates()}
    assert {
        name: (each.dose_low, each.dose_high, each.dose_unit, each.routes, each.schedule, each.days)
        for name, each in found.items()
    } == {
        "high-dose-oral": (1000, 2000, "mcg", ("oral", "sublingual"), "daily", 0),
        "loading-injections": (1000, 1000, "mcg", ("im",), "every-other-day", 14),
        "maintenance-injections": (1000, 1000, "mcg", ("im",), "monthly", 0),
        "diet": (None, None, "", ("diet",), "daily", 0),
        "prevention-oral": (250, 500, "mcg", ("oral",), "daily", 0),
        "prevention-injections": (None, None, "mcg", ("im",), "monthly", 0),
    }
    assert all("REQ-" in each.source for each in found.values())


@pytest.mark.req("REQ-22")
def test_a_template_leaves_the_dose_to_what_was_prescribed() -> None:
    found = {each.id: each.fields(START) for each in templates()}
    assert "dose" not in found["high-dose-oral"]
    assert "prescriber" not in found["high-dose-oral"]
    assert found["loading-injections"] == {
        "template": "loading-injections",
        "kind": "b12",
        "substance": "b12",
        "dose": "1000",
        "dose_unit": "mcg",
        "route": "im",
        "schedule": "every-other-day",
        "start": "2026-01-01",
        "end": "2026-01-14",
    }


@pytest.mark.req("REQ-23")
def test_the_vocabulary_agrees_with_itself() -> None:
    for names in (
        [each.id for each in substances()],
        [each.id for each in schedules()],
        [each.id for each in dose_units()],
        [each.id for each in templates()],
    ):
        assert len(names) == len(set(names))
    assert {kind for each in substances() for kind in each.kinds} == set(RegimenKind)
    assert {"iron", "folate", "biotin", "vitamin-d", "zinc", "minoxidil", "glp-1"} <= {each.id for each in substances()}
    for template in templates():
        assert template.kind in next(each for each in substances() if each.id == template.substance).kinds
        assert template.schedule in {each.id for each in schedules()}
        assert {*template.routes} <= set(Route)


@pytest.mark.req("REQ-21b", "REQ-23")
def test_a_loading_course_is_due_every_other_day_for_two_weeks() -> None:
    course = regimen("every-other-day", "im", end=START + days(13))
    given: list[DoseEntry] = []
    while due := next_due(course, given, START + days(len(given) * 2)):
        given.append(dose(due))
    assert [each.given for each in given] == [START + days(2 * index) for index in range(7)]


@pytest.mark.req("REQ-21c")
def test_a_monthly_injection_is_due_on_the_same_day_of_the_next_month_or_its_last() -> None:
    monthly = regimen("monthly", "im", dt.date(2024, 1, 31))
    assert next_due(monthly, [], dt.date(2024, 1, 1)) == dt.date(2024, 1, 31)
    given = [dose(dt.date(2024, 1, 31))]
    assert next_due(monthly, given, dt.date(2024, 6, 1)) == dt.date(2024, 2, 29)
    assert next_due(monthly, [*given, dose(dt.date(2024, 3, 4))], dt.date(2024, 6, 1)) == dt.date(2024, 4, 4)


def test_only_the_regimens_own_injections_move_its_next_one() -> None:
    monthly = regimen("monthly", "im")
    others = [dose(START - days(3)), dose(START + days(5), "iron"), dose(START + days(6), review=("review.x",))]
    assert next_due(monthly, others, START + days(10)) == START
    assert next_due(monthly, [dose(START + days(40))], START + days(10)) == START


@pytest.mark.parametrize(
    "course",
    [
        regimen("daily", "oral"),
        regimen("as-needed", "im"),
        regimen("monthly", "im", end=START + days(5)),
        regimen("monthly", "im", review=("review.x",)),
        regimen("from another station", "im"),
    ],
)
def test_nothing_is_due_without_an_interval_after_the_end_or_by_mouth(course: RegimenEntry) -> None:
    assert next_due(course, [], START + days(10)) is None


def test_a_result_reflects_treatment_while_b12_is_taken() -> None:
    taken = [regimen(end=START + days(30))]
    assert [on_treatment(taken, [], START + days(day)) for day in (-1, 0, 30, 31)] == [False, True, True, False]
    assert on_treatment([regimen()], [], START + days(3000))


def test_a_result_reflects_an_injection_for_less_than_two_weeks() -> None:
    assert [on_treatment([], [dose(START)], START + days(day)) for day in (-1, 0, 13, 14)] == [False, True, True, False]


def test_food_and_other_substances_are_no_treatment_with_b12() -> None:
    others = [regimen(route="diet"), regimen(substance="iron"), regimen(review=("review.x",))]
    assert not on_treatment(others, [dose(START, "iron")], START + days(1))


@pytest.mark.req("REQ-26")
def test_the_phases_count_from_the_first_start_or_injection() -> None:
    later = [regimen(start=START + days(9)), regimen(route="diet", start=START + days(4))]
    assert first_dose(later, []) == START + days(4)
    assert first_dose(later, [dose(START + days(2))]) == START + days(2)
    assert first_dose([regimen(substance="iron")], [dose(START, "iron")]) is None
    assert first_dose([], []) is None


@given(st.lists(st.integers(0, 400), max_size=12), st.integers(0, 500), st.randoms(use_true_random=False))
def test_the_order_of_a_log_changes_nothing(given_on: list[int], today: int, shuffler: random.Random) -> None:
    doses = [dose(START + days(day)) for day in given_on]
    mixed = shuffler.sample(doses, len(doses))
    course, day = regimen("monthly", "im"), START + days(today)
    assert next_due(course, doses, day) == next_due(course, mixed, day)
    assert on_treatment([], doses, day) == on_treatment([], mixed, day)
    assert first_dose([], doses) == first_dose([], mixed)
