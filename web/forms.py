"""The forms of the health record: which fields a kind of entry has, and how they are filled in.

Field names are those of the entries in `station.entries`; labels and hints are in `web.record_text`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Control(enum.StrEnum):
    """How a field is filled in. PICK_OR_TYPE: one of a list, or free text beside it; REFERENCE: another entry."""

    TEXT = "text"
    NOTE = "note"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    MANY = "many"
    YES_NO = "yes-no"
    PICK_OR_TYPE = "pick-or-type"
    REFERENCE = "reference"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. vocabulary: what can be chosen, see `web.vocabulary`; for a reference the other kind."""

    name: str
    control: Control
    vocabulary: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of one kind of entry. day: the field that an entry is ordered by, "" where it has none."""

    kind: str
    fields: tuple[Field, ...]
    day: str = ""

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)


def _date(name: str, *, required: bool = False) -> Field:
    return Field(name, Control.DATE, required=required)


def _choice(name: str, vocabulary: str, *, required: bool = False) -> Field:
    return Field(name, Control.CHOICE, vocabulary, required)


def _number(name: str, *, required: bool = False) -> Field:
    return Field(name, Control.NUMBER, required=required)


def _text(name: str, *, required: bool = False) -> Field:
    return Field(name, Control.TEXT, required=required)


def _yes_no(name: str) -> Field:
    return Field(name, Control.YES_NO)


NOTE = Field("note", Control.NOTE)
SUBSTANCE = Field("substance", Control.PICK_OR_TYPE, "substance", required=True)
DOSE = (_number("dose"), _choice("dose_unit", "dose-unit"))

ANALYTE, UNIT = "analyte", "unit"
"""The fields of a laboratory result, and their vocabularies: which units there are follows from the analyte."""

FORMS = (
    Form(
        "lab",
        (
            _choice(ANALYTE, ANALYTE, required=True),
            _text("text", required=True),
            _choice(UNIT, UNIT, required=True),
            _date("drawn", required=True),
            _date("reported"),
            _text("reference"),
            _text("laboratory"),
            _text("method"),
            Field("flags", Control.MANY, "lab-flag"),
            Field("supersedes", Control.REFERENCE, "lab"),
            NOTE,
        ),
        "drawn",
    ),
    Form(
        "regimen",
        (
            _choice("kind", "regimen-kind", required=True),
            SUBSTANCE,
            *DOSE,
            _choice("route", "route", required=True),
            _choice("schedule", "schedule", required=True),
            _date("start", required=True),
            _date("end"),
            _text("form"),
            _text("prescriber"),
            Field("template", Control.HIDDEN, "template"),
            NOTE,
        ),
        "start",
    ),
    Form(
        "dose",
        (
            _date("given", required=True),
            SUBSTANCE,
            *DOSE,
            _choice("route", "injection", required=True),
            Field("regimen", Control.REFERENCE, "regimen"),
            NOTE,
        ),
        "given",
    ),
    Form("event", (_choice("kind", "event-kind", required=True), _date("happened", required=True), NOTE), "happened"),
    Form(
        "shed",
        (
            _choice("method", "shed-method", required=True),
            _date("counted", required=True),
            _number("count", required=True),
            _number("short"),
            _number("hours_since_wash"),
            _number("hair_length_cm"),
            _text("comb"),
            _number("replicate"),
            _choice("counted_by", "counted-by"),
            NOTE,
        ),
        "counted",
    ),
    Form(
        "answers",
        (
            _date("answered", required=True),
            _choice("thinning", "thinning"),
            _choice("onset", "onset"),
            Field("hair_quality", Control.MANY, "quality"),
            _number("greying_share"),
            Field("symptoms", Control.MANY, "symptom"),
            _choice("diet", "diet"),
            _date("diet_since"),
            _yes_no("metformin"),
            _text("metformin_dose"),
            _date("metformin_since"),
            _yes_no("ppi"),
            _date("ppi_since"),
            _yes_no("gastric_bypass"),
            _text("gastric_bypass_type"),
            _date("gastric_bypass_date"),
            _yes_no("crohns"),
            _yes_no("coeliac"),
            _yes_no("pregnant"),
            _yes_no("alcohol_heavy"),
            _yes_no("nitrous_oxide"),
            NOTE,
        ),
        "answered",
    ),
    Form("profile", (_date("born"), _choice("sex", "sex"))),
    Form(
        "hairline",
        (
            _date("marked", required=True),
            _number("mid_mm", required=True),
            _number("left_mm", required=True),
            _number("right_mm", required=True),
            _choice("bridge", "bridge"),
            _text("marked_by"),
        ),
        "marked",
    ),
    Form(
        "trichogram",
        (
            _date("made", required=True),
            _number("anagen_percent", required=True),
            _number("telogen_percent", required=True),
            NOTE,
        ),
        "made",
    ),
    Form(
        "skip",
        (_choice("step", "step", required=True), _date("skipped", required=True), _text("reason", required=True)),
        "skipped",
    ),
)


def form_of(kind: str) -> Form | None:
    """The form of a kind of entry; None for a kind that is not filled in by a form."""
    return next((form for form in FORMS if form.kind == kind), None)
