"""The questionnaire: risk groups, symptoms, onset, hair quality (REQ-04 to 07, 34; domain reference 1.9 A15).

Every question may stay unanswered. What answers may mean is said elsewhere, by the trends.
"""

from __future__ import annotations

import datetime as dt

from station.entries import AnswersEntry
from station.intake.fields import Fields, Form

DIETS = ("omnivore", "vegetarian", "vegan", "other")
THINNING = ("none", "diffuse", "temples", "vertex", "other")
ONSETS = ("weeks-months", "years")
QUALITIES = ("thin", "brittle", "greying", "normal")
NO_SYMPTOMS = "none"
SYMPTOMS = (NO_SYMPTOMS, "fatigue", "numbness", "cognitive", "walking", "vision", "confusion", "severe-fatigue")

_BELONGS = (
    ("diet_since", "diet", "Choose a diet, or leave its date empty."),
    ("metformin_dose", "metformin", "Answer yes to metformin, or leave its dose empty."),
    ("metformin_since", "metformin", "Answer yes to metformin, or leave its date empty."),
    ("gastric_bypass_type", "gastric_bypass", "Answer yes to gastric bypass, or leave its type empty."),
    ("gastric_bypass_date", "gastric_bypass", "Answer yes to gastric bypass, or leave its date empty."),
    ("ppi_since", "ppi", "Answer yes to proton pump inhibitors, or leave their date empty."),
)
"""A detail, the answer that it belongs to, and what to do where that answer is missing: every rule asks for the
answer first, and would not see the detail."""


def read_answers(fields: Fields, *, today: dt.date, born: dt.date | None, confirmed: bool = False) -> AnswersEntry:
    """The answers that a form holds. Raises RefusedEntryError with every field at fault."""
    form = Form(fields, today=today, born=born, confirmed=confirmed)
    entry = AnswersEntry(
        answered=form.date("answered", required=True) or today,
        diet=form.choice("diet", DIETS),
        diet_since=form.date("diet_since"),
        metformin=form.yes_no("metformin"),
        metformin_dose=form.text("metformin_dose"),
        metformin_since=form.date("metformin_since"),
        gastric_bypass=form.yes_no("gastric_bypass"),
        gastric_bypass_type=form.text("gastric_bypass_type"),
        gastric_bypass_date=form.date("gastric_bypass_date"),
        crohns=form.yes_no("crohns"),
        coeliac=form.yes_no("coeliac"),
        alcohol_heavy=form.yes_no("alcohol_heavy"),
        ppi=form.yes_no("ppi"),
        ppi_since=form.date("ppi_since"),
        nitrous_oxide=form.yes_no("nitrous_oxide"),
        pregnant=form.yes_no("pregnant"),
        thinning=form.choice("thinning", THINNING),
        onset=form.choice("onset", ONSETS),
        hair_quality=form.many("hair_quality", QUALITIES),
        symptoms=form.many("symptoms", SYMPTOMS),
        greying_share=form.number("greying_share", 0, 100, unit="per cent"),
        note=form.note(),
    )
    _check(form, entry)
    form.done()
    return entry


def _check(form: Form, entry: AnswersEntry) -> None:
    if "normal" in entry.hair_quality and len(entry.hair_quality) > 1:
        form.refuse("hair_quality", "Normal goes with nothing else. Choose normal alone, or what differs.")
    if NO_SYMPTOMS in entry.symptoms and len(entry.symptoms) > 1:
        form.refuse("symptoms", "None goes with nothing else. Choose none alone, or the symptoms there are.")
    for detail, answer, sentence in _BELONGS:
        value = getattr(entry, detail)
        if value and not getattr(entry, answer):
            form.refuse(detail, sentence)
        if isinstance(value, dt.date) and value > entry.answered:
            form.refuse(detail, f"This is after the day of the answers ({entry.answered}). Check both dates.")
