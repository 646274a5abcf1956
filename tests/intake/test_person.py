"""Questionnaire, profile, shed counts and the rest of what is entered about a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import (
    AcknowledgedEntry,
    AnswersEntry,
    HairlineEntry,
    ProfileEntry,
    ShedEntry,
    SkipEntry,
    TrichogramEntry,
)
from station.errors import RefusedEntryError
from station.intake.acknowledged import read_acknowledged
from station.intake.answers import NO_SYMPTOMS, SYMPTOMS, read_answers
from station.intake.dose import read_dose
from station.intake.event import read_event
from station.intake.hairline import read_hairline
from station.intake.profile import read_profile
from station.intake.regimen import read_regimen
from station.intake.shed import read_shed
from station.intake.skip import read_skip
from station.intake.trichogram import read_trichogram

Read = Callable[..., Any]
Refused = Callable[..., dict[str, str]]
DAY = dt.date(2026, 7, 1)
ANSWERED = {"answered": "2026-07-01"}
READERS: tuple[Callable[..., Any], ...] = (
    read_acknowledged, read_answers, read_dose, read_event, read_hairline, read_profile, read_regimen, read_shed,
    read_skip, read_trichogram,
)  # fmt: skip
NAMES = [
    "kind", "substance", "dose", "dose_unit", "route", "schedule", "start", "end", "given", "happened", "method",
    "counted", "count", "short", "answered", "diet", "diet_since", "metformin_since", "born", "marked", "mid_mm",
    "made", "anagen_percent", "telogen_percent", "step", "skipped", "reason", "note", "typo",
]  # fmt: skip


@given(
    st.sampled_from(READERS),
    st.dictionaries(st.sampled_from(NAMES), st.text() | st.sampled_from(["b12", "im", "2026-01-01", "5", "mg"])),
    st.booleans(),
)
def test_no_form_makes_a_reader_fail(reader: Callable[..., Any], fields: Mapping[str, str], confirmed: bool) -> None:
    try:
        entry = reader(fields, today=DAY, born=None, confirmed=confirmed)
    except RefusedEntryError as refused:
        entry = refused.fields
    assert entry


@pytest.mark.req("REQ-06a", "REQ-06c", "REQ-06d", "REQ-06e", "REQ-06f", "REQ-06g", "REQ-07")
def test_the_answers_on_risk_groups_are_kept(read: Read) -> None:
    entry = read(
        read_answers,
        **ANSWERED,
        diet="vegan",
        diet_since="2019-01-01",
        metformin="yes",
        metformin_dose="2 x 850 mg",
        metformin_since="2021-05-01",
        gastric_bypass="yes",
        gastric_bypass_type="Roux-en-Y",
        gastric_bypass_date="2018-02-28",
        crohns="no",
        coeliac="yes",
        alcohol_heavy="no",
        ppi="yes",
        ppi_since="2020-01-01",
        thinning="diffuse",
        onset="weeks-months",
        hair_quality="brittle,thin",
        symptoms="numbness,fatigue",
        greying_share="12,5",
    )
    assert entry == AnswersEntry(
        answered=DAY,
        diet="vegan",
        diet_since=dt.date(2019, 1, 1),
        metformin=True,
        metformin_dose="2 x 850 mg",
        metformin_since=dt.date(2021, 5, 1),
        gastric_bypass=True,
        gastric_bypass_type="Roux-en-Y",
        gastric_bypass_date=dt.date(2018, 2, 28),
        crohns=False,
        coeliac=True,
        alcohol_heavy=False,
        ppi=True,
        ppi_since=dt.date(2020, 1, 1),
        thinning="diffuse",
        onset="weeks-months",
        hair_quality=("thin", "brittle"),
        symptoms=("fatigue", "numbness"),
        greying_share=12.5,
    )


def test_no_question_has_to_be_answered(read: Read) -> None:
    assert read(read_answers, **ANSWERED) == AnswersEntry(answered=DAY)


def test_every_symptom_of_the_questionnaire_can_be_chosen(read: Read) -> None:
    some = tuple(symptom for symptom in SYMPTOMS if symptom != NO_SYMPTOMS)
    assert read(read_answers, **ANSWERED, symptoms=",".join(reversed(some))).symptoms == some
    assert read(read_answers, **ANSWERED, symptoms=NO_SYMPTOMS).symptoms == (NO_SYMPTOMS,)


def test_no_symptoms_go_with_no_symptom(refused: Refused) -> None:
    assert set(refused(read_answers, **ANSWERED, symptoms=f"{NO_SYMPTOMS},fatigue")) == {"symptoms"}


def test_a_detail_without_its_answer_is_refused(refused: Refused) -> None:
    found = refused(
        read_answers, **ANSWERED, metformin="no", metformin_dose="850 mg", ppi_since="2020-01-01",
        gastric_bypass_type="sleeve", diet_since="2020-01-01", hair_quality="normal,thin", symptoms="sneezing",
    )  # fmt: skip
    assert set(found) == {
        "metformin_dose", "ppi_since", "gastric_bypass_type", "diet_since", "hair_quality", "symptoms",
    }  # fmt: skip


def test_nothing_began_after_the_day_of_the_answers(refused: Refused) -> None:
    assert "after the day" in refused(read_answers, **ANSWERED, ppi="yes", ppi_since="2026-07-02")["ppi_since"]


@pytest.mark.req("REQ-06b")
def test_the_date_of_birth_is_kept_and_replaced(read: Read) -> None:
    assert read(read_profile, born="1.2.1970", sex="female") == ProfileEntry(dt.date(1970, 2, 1), "female")
    assert read(read_profile) == ProfileEntry()


@pytest.mark.parametrize(
    ("born", "says"), [("2026-07-29", "future"), ("1906-07-27", "120 years"), ("1850-1-1", "1900")]
)
def test_nobody_is_born_tomorrow_or_older_than_anyone(born: str, says: str, refused: Refused) -> None:
    assert says in refused(read_profile, born=born)["born"]


@pytest.mark.req("REQ-20")
def test_a_shed_count_is_kept_with_what_makes_it_comparable(read: Read) -> None:
    entry = read(
        read_shed, method="comb-60s", counted="2026-07-01", count="14", short="3", hours_since_wash="24,5",
        hair_length_cm="30", comb="wide", replicate="2",
    )  # fmt: skip
    assert entry == ShedEntry("comb-60s", DAY, 14, 3, 24.5, 30.0, "wide", 2)


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"method": "grade", "count": "7"}, "count", "from 1 to 6"),
        ({"method": "grade", "count": "0"}, "count", "from 1 to 6"),
        ({"method": "grade", "count": "3", "short": "1"}, "short", "no short hairs"),
        ({"method": "daily", "count": "5", "short": "6"}, "short", "more short hairs (6) than hairs (5)"),
        ({"method": "daily", "count": "-5"}, "count", "from 0"),
        ({"method": "daily", "count": "5.5"}, "count", "whole"),
        ({"method": "comb-60s", "count": "301"}, "count", "confirm"),
        ({"method": "daily", "count": "5", "hours_since_wash": "-1"}, "hours_since_wash", "hours"),
        ({"method": "daily", "count": "5", "counted_by": "dog"}, "counted_by", "hand, tray"),
    ],
)
def test_a_count_that_cannot_be_is_refused(fields: dict[str, str], field: str, says: str, refused: Refused) -> None:
    assert says in refused(read_shed, counted="2026-07-01", **fields)[field]


def test_a_large_count_passes_once_it_is_confirmed(read: Read) -> None:
    assert read(read_shed, True, method="comb-60s", counted="2026-07-01", count="301").count == 301


def test_a_hairline_is_kept_in_millimetres(read: Read, refused: Refused) -> None:
    fields = {"marked": "2026-07-01", "mid_mm": "62,5", "left_mm": "14", "right_mm": "12", "bridge": "sparse"}
    assert read(read_hairline, **fields) == HairlineEntry(DAY, 62.5, 14.0, 12.0, "sparse")
    assert set(refused(read_hairline, **fields | {"mid_mm": "6", "left_mm": "-3"})) == {"mid_mm", "left_mm"}


@pytest.mark.req("REQ-04")
def test_the_shares_of_a_trichogram_add_up(read: Read, refused: Refused) -> None:
    fields = {"made": "2026-07-01", "anagen_percent": "86", "telogen_percent": "14,0"}
    assert read(read_trichogram, **fields) == TrichogramEntry(DAY, 86.0, 14.0)
    assert "add up" in refused(read_trichogram, **fields | {"telogen_percent": "24"})["telogen_percent"]


@pytest.mark.req("REQ-08")
def test_a_step_is_skipped_with_a_reason(read: Read, refused: Refused) -> None:
    fields = {"step": "baseline-lab", "skipped": "2026-07-01", "reason": "no appointment before August"}
    assert read(read_skip, **fields) == SkipEntry("baseline-lab", DAY, "no appointment before August")
    assert set(refused(read_skip, **fields | {"reason": " "})) == {"reason"}


@pytest.mark.req("REQ-41")
def test_the_acknowledgement_names_the_wording(read: Read) -> None:
    assert read(read_acknowledged, acknowledged="2026-07-01", wording="1") == AcknowledgedEntry(DAY, "1")
