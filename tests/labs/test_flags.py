"""Circumstances of a draw, and what they do to a result."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from station.entries import DoseEntry, LabEntry, LabFlag, RegimenEntry
from station.labs.analytes import analyte
from station.labs.flags import BIOTIN_DAYS, effects, flags_of, notes
from station.labs.regimens import INJECTION_DAYS

DRAWN = dt.date(2026, 3, 20)


def result(name: str, *flags: str) -> LabEntry:
    return LabEntry(name, "1", "=", 1, 1, 1, analyte(name).default_unit, DRAWN, flags=flags)


def plan(
    substance: str, start: int, end: int | None = None, route: str = "oral", **more: tuple[str, ...]
) -> RegimenEntry:
    """A regimen from so many days before the draw to so many before it."""
    stop = None if end is None else DRAWN - dt.timedelta(end)
    return RegimenEntry("b12", substance, "", 1, "mg", route, "daily", DRAWN - dt.timedelta(start), stop, **more)  # type: ignore[arg-type]


def shot(days_before: int, substance: str = "b12", route: str = "im", **more: Any) -> DoseEntry:
    return DoseEntry(DRAWN - dt.timedelta(days_before), substance, 1000, "mcg", route, **more)


@pytest.mark.parametrize("name", ["free-t4", "vitamin-d", "vitamin-d3", "folate", "b12", "testosterone"])
def test_biotin_makes_competitive_assays_read_high(name: str) -> None:
    assert "labs.biotin-competitive" in notes(result(name, "biotin"))
    assert "labs.biotin-competitive" not in notes(result(name))


@pytest.mark.parametrize("name", ["tsh", "ferritin"])
def test_biotin_makes_sandwich_assays_read_low(name: str) -> None:
    assert notes(result(name, "biotin")) == ("labs.biotin-sandwich",)


def test_biotin_says_nothing_on_other_assays() -> None:
    assert notes(result("mma", "biotin")) == ()


@pytest.mark.parametrize(
    ("name", "flag", "note"),
    [
        ("b12", "injection-14d", "labs.injection"),
        ("active-b12", "injection-14d", "labs.injection"),
        ("b12", "on-treatment", "labs.on-treatment"),
        ("b12", "pregnancy", "labs.pregnancy"),
        ("b12", "oral-contraceptive", "labs.contraceptive"),
        ("ferritin", "acute-illness", "labs.illness-raises"),
        ("zinc", "acute-illness", "labs.illness-lowers"),
        ("iron", "acute-illness", "labs.illness-lowers"),
        ("mma", "kidney-disease", "labs.kidney-raises"),
        ("homocysteine", "kidney-disease", "labs.kidney-raises"),
        ("b12", "kidney-disease", "labs.kidney-b12"),
        ("b12", "liver-disease", "labs.liver-b12"),
        ("b12", "nitrous-oxide", "labs.nitrous-oxide"),
    ],
)
def test_each_circumstance_has_its_note(name: str, flag: str, note: str) -> None:
    assert note in notes(result(name, flag))
    assert note not in notes(result(name))
    assert notes(result("haemoglobin", flag)) == ()


@pytest.mark.parametrize("name", ["zinc", "iron", "homocysteine"])
def test_a_draw_that_is_not_recorded_as_fasting_is_noted_where_it_matters(name: str) -> None:
    assert notes(result(name)) == ("labs.not-fasting",)
    assert notes(result(name, "fasting")) == ()


def test_every_effect_has_a_flag_a_source_and_an_analyte() -> None:
    for effect in effects():
        assert effect.flag in set(LabFlag)
        assert effect.source
        assert all(analyte(name) for name in effect.analytes)
        assert bool(effect.analytes) != bool(effect.design)


def test_an_injection_within_two_weeks_is_a_flag() -> None:
    earlier = shot(100)

    def found(*doses: DoseEntry) -> tuple[str, ...]:
        return flags_of(result("b12"), (), (earlier, *doses))

    assert found(shot(0)) == found(shot(INJECTION_DAYS - 1)) == ("injection-14d", "on-treatment")
    assert found(shot(INJECTION_DAYS)) == found(shot(-1)) == ()
    assert found(shot(1, "iron"), shot(1, review=("review.odd",))) == ()
    assert found(shot(1, route="oral")) == ("on-treatment",)


def test_a_draw_on_the_day_of_the_first_dose_was_made_before_it() -> None:
    assert flags_of(result("b12"), (plan("b12", 0),), (shot(0),)) == ()
    assert flags_of(result("b12"), (plan("b12", 1),), ()) == ("on-treatment",)


def test_a_b12_supplement_is_a_flag_and_food_is_none() -> None:
    assert flags_of(result("b12"), (plan("b12", 30),), ()) == ("on-treatment",)
    assert flags_of(result("b12"), (plan("b12", 30, 1), plan("b12", 30, route="diet")), ()) == ()


def test_biotin_is_a_flag_until_the_longest_wait_is_over() -> None:
    assert flags_of(result("tsh"), (plan("biotin", 30),), ()) == ("biotin",)
    assert flags_of(result("tsh"), (plan("biotin", 30, BIOTIN_DAYS),), ()) == ("biotin",)
    assert flags_of(result("tsh"), (plan("biotin", 30, BIOTIN_DAYS + 1),), ()) == ()
    assert flags_of(result("tsh"), (plan("biotin", -1), plan("biotin", 30, review=("review.odd",))), ()) == ()


def test_entered_flags_stay_and_have_one_order() -> None:
    entry = result("b12", "liver-disease", "biotin")
    assert flags_of(entry, (plan("b12", 30),), (shot(3),)) == (
        "biotin",
        "injection-14d",
        "on-treatment",
        "liver-disease",
    )
