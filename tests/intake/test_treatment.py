"""Regimens, single doses and events: kept as entered, asked about where a slip is likely."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from station.entries import DoseEntry, EventEntry, RegimenEntry
from station.errors import RefusedEntryError
from station.intake.dose import read_dose
from station.intake.event import read_event
from station.intake.regimen import read_regimen
from station.labs.regimens import templates

Read = Callable[..., Any]
Refused = Callable[..., dict[str, str]]

REGIMEN = {
    "kind": "b12",
    "substance": "b12",
    "form": "methylcobalamin",
    "dose": "1500",
    "dose_unit": "mcg",
    "route": "sublingual",
    "schedule": "daily",
    "start": "5.3.2026",
    "prescriber": "Dr. Öztürk",
    "note": "nach dem Frühstück\n",
}
DOSE = {"given": "2026-07-01", "substance": "B12", "dose": "1", "dose_unit": "mg", "route": "im"}


@pytest.mark.req("REQ-22", "REQ-23")
def test_a_regimen_is_kept_as_it_was_entered(read: Read) -> None:
    assert read(read_regimen, **REGIMEN) == RegimenEntry(
        kind="b12",
        substance="b12",
        form="methylcobalamin",
        dose=1500.0,
        dose_unit="mcg",
        route="sublingual",
        schedule="daily",
        start=dt.date(2026, 3, 5),
        prescriber="Dr. Öztürk",
        note="nach dem Frühstück\n",
    )


@pytest.mark.req("REQ-21a", "REQ-21b", "REQ-21c", "REQ-21d", "REQ-37")
@pytest.mark.parametrize("template", templates(), ids=lambda template: template.id)
def test_every_template_fills_in_a_form_that_can_be_stored(template: Any, read: Read) -> None:
    entry = read(read_regimen, **template.fields(dt.date(2026, 3, 5)))
    assert (entry.template, entry.kind, entry.route) == (template.id, template.kind, template.routes[0])


def test_a_plan_may_begin_ahead_but_a_given_dose_may_not(read: Read, refused: Refused) -> None:
    assert read(read_regimen, **REGIMEN | {"start": "2026-08-01"}).start == dt.date(2026, 8, 1)
    assert "future" in refused(read_dose, **DOSE | {"given": "2026-08-01"})["given"]


def test_a_regimen_that_ends_before_it_starts_is_refused(read: Read, refused: Refused) -> None:
    assert read(read_regimen, **REGIMEN | {"end": "5.3.2026"}).end == dt.date(2026, 3, 5)
    assert "before the start (2026-03-05)" in refused(read_regimen, **REGIMEN | {"end": "4.3.2026"})["end"]


@pytest.mark.parametrize("dose", ["-5", "0", "0,0"])
def test_no_dose_is_negative_or_zero(dose: str, refused: Refused) -> None:
    assert "more than 0" in refused(read_regimen, **REGIMEN | {"dose": dose})["dose"]


def test_a_dose_has_its_unit_and_a_unit_its_dose(read: Read, refused: Refused) -> None:
    assert "needs its unit" in refused(read_regimen, **REGIMEN | {"dose_unit": ""})["dose_unit"]
    assert "without a dose" in refused(read_regimen, **REGIMEN | {"dose": ""})["dose"]
    assert read(read_regimen, **REGIMEN | {"dose": "", "dose_unit": ""}).dose is None
    assert "Choose one of" in refused(read_regimen, **REGIMEN | {"dose_unit": "stone"})["dose_unit"]


@pytest.mark.parametrize("unit", ["mcg", "µg", "μg", "ug", "mg", "g", "IU"])
def test_the_unit_is_kept_as_it_was_entered(unit: str, read: Read) -> None:
    entry = read(read_regimen, True, **REGIMEN | {"dose": "2", "dose_unit": unit})
    assert (entry.dose, entry.dose_unit) == (2.0, unit)


@pytest.mark.parametrize(
    ("dose", "unit", "says"),
    [
        ("1000", "mg", "1000 mg is 1000000 mcg, which is more than 5000 mcg. Was 1000 mcg meant?"),
        ("5001", "µg", "This is 5001 mcg"),
        ("5,5", "mg", "5.5 mg is 5500 mcg"),
        ("1", "g", "Was 1 mcg meant?"),
        ("1000000", "mcg", "This is 1000000 mcg"),
        ("1000000", "mg", "1000000 mg is 1000000000 mcg"),
    ],
)
def test_milligrams_for_micrograms_are_asked_about(dose: str, unit: str, says: str, read: Read) -> None:
    for reader, fields in ((read_regimen, REGIMEN), (read_dose, DOSE)):
        odd = fields | {"dose": dose, "dose_unit": unit}
        with pytest.raises(RefusedEntryError, match="confirm it") as error:
            read(reader, **odd)
        assert says in error.value.fields["dose"]
        assert error.value.odd == {"dose"}
        assert read(reader, True, **odd).dose_unit == unit


@pytest.mark.parametrize(("dose", "unit"), [("5000", "mcg"), ("5", "mg"), ("2", "tablets")])
def test_usual_doses_are_not_asked_about(dose: str, unit: str, read: Read) -> None:
    assert read(read_regimen, **REGIMEN | {"dose": dose, "dose_unit": unit}).dose == float(dose)


def test_other_substances_have_no_limit_of_their_own(read: Read) -> None:
    entry = read(
        read_regimen, **REGIMEN | {"kind": "co-supplement", "substance": "Iron", "dose": "65", "dose_unit": "mg"}
    )
    assert entry.substance == "iron"


def test_a_substance_without_a_name_here_is_kept_as_typed(read: Read) -> None:
    fields = REGIMEN | {"kind": "other-treatment", "substance": "रोज़मेरी तेल", "route": "topical"}
    assert read(read_regimen, **fields).substance == "रोज़मेरी तेल"


def test_substance_and_kind_agree(refused: Refused) -> None:
    assert "b12 or b12-maintenance" in refused(read_regimen, **REGIMEN | {"kind": "co-supplement"})["kind"]
    assert "vitamin B12" in refused(read_regimen, **REGIMEN | {"substance": "rosemary"})["substance"]
    assert "form of b12" in refused(read_dose, **DOSE | {"substance": "Hydroxocobalamin"})["substance"]


def test_food_has_no_dose(refused: Refused) -> None:
    assert "Food" in refused(read_regimen, **REGIMEN | {"route": "diet"})["dose"]


@pytest.mark.req("REQ-23")
def test_an_injection_is_kept_with_its_day(read: Read) -> None:
    assert read(read_dose, **DOSE | {"regimen": "7"}) == DoseEntry(
        dt.date(2026, 7, 1), "b12", 1.0, "mg", "im", regimen=7
    )


@pytest.mark.parametrize("route", ["oral", "diet", "nasal"])
def test_single_doses_are_injections(route: str, refused: Refused) -> None:
    assert "as a regimen" in refused(read_dose, **DOSE | {"route": route})["route"]


def test_everything_at_fault_is_told_at_once(refused: Refused) -> None:
    assert set(refused(read_regimen, dose="12O", strat="2026-01-01")) == {
        "kind", "substance", "dose", "route", "schedule", "start", "strat",
    }  # fmt: skip
    assert set(refused(read_event)) == {"kind", "happened"}


def test_an_event_is_kept_with_its_note(read: Read, refused: Refused) -> None:
    assert read(read_event, kind="haircut", happened="3 May 2026") == EventEntry("haircut", dt.date(2026, 5, 3))
    assert "what happened" in refused(read_event, kind="other", happened="3 May 2026")["note"]
    assert read(read_event, kind="other", happened="3 May 2026", note="旅行").note == "旅行"
