"""Prompts from answers and results."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import AnswersEntry, LabEntry, ProfileEntry, RegimenEntry
from station.trends.distribution import distribution
from station.trends.inputs import PersonRecord
from station.trends.prompts import Prompt, prompts, risk_flags
from tests.trends.people import EVEN, START, TODAY, b12, head, lab, mma, person, regimen


def found(record: PersonRecord) -> dict[str, Prompt]:
    return {prompt.id: prompt for prompt in prompts(record, distribution(record))}


def answered(**given: Any) -> PersonRecord:
    return person([], answers=AnswersEntry(START, **given))


@pytest.mark.req("REQ-06a", "REQ-06c", "REQ-06d", "REQ-06e", "REQ-06f", "REQ-06g")
@pytest.mark.parametrize(
    ("given", "flag"),
    [
        ({"diet": "vegan"}, "vegan"),
        ({"diet": "vegetarian"}, "vegetarian"),
        ({"metformin": True}, "metformin"),
        ({"gastric_bypass": True}, "gastric-bypass"),
        ({"crohns": True}, "crohns"),
        ({"coeliac": True}, "coeliac"),
        ({"alcohol_heavy": True}, "alcohol"),
        ({"ppi": True}, "ppi"),
    ],
)
def test_each_risk_group_with_even_thinning_gives_the_neutral_prompt(given: dict[str, Any], flag: str) -> None:
    prompt = found(answered(thinning="diffuse", **given))["b12-test"]
    assert prompt.triggers == (f"prompt.{flag}", "prompt.thinning-reported")
    assert prompt.sentence.interpreting
    assert not prompt.urgent
    assert "b12-test" not in found(answered(**given))


@pytest.mark.req("REQ-06b")
def test_over_fifty_means_more_than_fifty_completed_years() -> None:
    def flags(born: dt.date) -> tuple[str, ...]:
        return risk_flags(dataclasses.replace(person([]), profile=ProfileEntry(born=born)))

    assert flags(TODAY.replace(year=TODAY.year - 51)) == ("prompt.over-50",)
    assert flags(TODAY.replace(year=TODAY.year - 51) + dt.timedelta(1)) == ()
    assert flags(TODAY.replace(year=TODAY.year - 50)) == ()


@pytest.mark.req("REQ-07")
def test_a_measured_even_fall_counts_as_even_thinning_and_the_answers_are_named() -> None:
    record = person([head(), EVEN], answers=AnswersEntry(START, diet="vegan", ppi=True))
    assert found(record)["b12-test"].sentence.text() == (
        "These answers are commonly discussed with a doctor together with a B12 test (serum cobalamin, MMA): vegan "
        "diet, long use of acid blockers (PPI) and an even fall in density (measured)."
    )
    assert "b12-test" not in found(dataclasses.replace(record, visits=person([head(), head(top=120)]).visits))


@pytest.mark.req("REQ-07")
def test_thinning_without_a_risk_group_prompts_nothing() -> None:
    assert found(answered(thinning="diffuse", diet="omnivore", metformin=False)) == {}
    marked = AnswersEntry(START, thinning="diffuse", diet="vegan", review=("odd",))
    assert found(person([], answers=marked)) == {}


@pytest.mark.req("REQ-12")
@pytest.mark.parametrize(
    ("labs", "noted"),
    [
        ((b12(250), mma(400)), True),
        ((b12(200), mma(400)), True),
        ((b12(300), mma(400)), True),
        ((b12(199), mma(400)), False),
        ((b12(301), mma(400)), False),
        ((b12(250), mma(378)), False),
        ((b12(250), mma(400, limit=450)), False),
        ((b12(250), mma(400, limit=None)), False),
        ((b12(250), mma(400, START + dt.timedelta(60))), False),
        ((mma(400),), False),
    ],
)
def test_mma_above_its_own_labs_range_is_noted_beside_a_borderline_b12(labs: tuple[LabEntry, ...], noted: bool) -> None:
    prompts_now = found(person([], labs=labs))
    assert ("mma-above" in prompts_now) is noted
    if noted:
        assert prompts_now["mma-above"].sentence.text().startswith("MMA above the lab's range: 400 nmol/L")


@pytest.mark.req("REQ-12")
def test_an_mma_interval_that_reaches_across_the_limit_is_not_noted() -> None:
    open_end = LabEntry("mma", ">378", ">", 378, 378, None, "nmol/L", START, ref_high=378)
    assert "mma-above" in found(person([], labs=(b12(250), open_end)))
    across = dataclasses.replace(open_end, text=">300", number=300, low=300)
    assert "mma-above" not in found(person([], labs=(b12(250), across)))


@pytest.mark.req("REQ-12")
def test_a_low_egfr_or_a_kidney_flag_adds_the_note_on_kidney_function() -> None:
    labs = (b12(250), mma(400))
    egfr = lab("egfr", 45, "mL/min/{1.73_m2}")
    assert "mma-kidney" in found(person([], labs=(*labs, egfr)))
    assert "mma-kidney" not in found(person([], labs=(*labs, dataclasses.replace(egfr, low=60, high=60))))
    censored = dataclasses.replace(egfr, text="<60", comparator="<", low=0, high=60)
    assert "mma-kidney" in found(person([], labs=(*labs, censored)))
    flagged = dataclasses.replace(labs[1], flags=("kidney-disease",))
    assert "mma-kidney" in found(person([], labs=(labs[0], flagged)))


def test_folate_without_any_b12_gives_the_safety_note_even_without_interpretation() -> None:
    folate = regimen("co-supplement", "folate")
    note = found(person([], regimens=(folate,)))["folate-alone"]
    assert not note.sentence.interpreting
    others: list[dict[str, tuple[RegimenEntry | LabEntry, ...]]] = [
        {"regimens": (folate, regimen("b12", "b12"))},
        {"regimens": (folate,), "labs": (b12(300),)},
        {"regimens": (regimen("co-supplement", "iron"),)},
        {"regimens": (regimen("co-supplement", "folate", TODAY + dt.timedelta(9)),)},
    ]
    for each in others:
        assert "folate-alone" not in found(person([], **each))


@pytest.mark.parametrize("flag", ["numbness", "walking", "cognitive", "confusion", "vision", "severe-fatigue"])
def test_a_red_flag_comes_first_and_is_never_held_back(flag: str) -> None:
    record = answered(symptoms=(flag, "fatigue"), thinning="diffuse", diet="vegan", pregnant=True, review=())
    first = prompts(record, distribution(record))[0]
    assert (first.id, first.urgent, first.sentence.interpreting) == ("urgent", True, False)
    assert "contact a doctor promptly" in first.sentence.text()
    marked = answered(symptoms=(flag,), review=("odd",))
    assert "urgent" in found(marked)


def test_tiredness_alone_is_not_urgent_and_pregnancy_gets_its_note() -> None:
    assert found(answered(symptoms=("fatigue",))) == {}
    assert "active B12" in found(answered(pregnant=True))["pregnancy"].sentence.text()


@given(st.integers(-3000, 3000), st.booleans())
def test_shifted_dates_change_no_prompt(days: int, over: bool) -> None:
    # A birthday moves with the rest; the years between are counted in days that make no round number of years.
    shift, born = dt.timedelta(days), TODAY - dt.timedelta(19_000 if over else 17_000)
    record = person([], answers=AnswersEntry(START, thinning="diffuse"), profile=ProfileEntry(born=born))
    moved = dataclasses.replace(record, today=TODAY + shift, profile=ProfileEntry(born=born + shift))
    assert found(record).keys() == found(moved).keys()
    assert ("b12-test" in found(record)) is over
