"""Prompts from answers and results: urgent symptoms first, then safety, then what is commonly discussed with a doctor.

Each names the answers that it rests on. There is no score and no probability (REQ-06, 07, 12; domain reference 1.9 A5,
A14, A15).
"""

from __future__ import annotations

from dataclasses import dataclass

from station.entries import AnswersEntry, LabFlag
from station.labs.regimens import first_dose
from station.labs.thresholds import band_of
from station.trends.distribution import Distribution, Kind
from station.trends.evidence import above_range, age, answers_of, beside, low_egfr, results
from station.trends.inputs import PersonRecord
from station.trends.sentences import Sentence, Terms, say

RED_FLAGS = ("numbness", "walking", "cognitive", "confusion", "vision", "severe-fatigue")
"""Symptoms that are urgent regardless of hair (A15)."""
OVER_AGE = 50
"""REQ-06b: adults over 50."""
BRIEF = "brief"


@dataclass(frozen=True, slots=True)
class Prompt:
    """id: the sentence's name; urgent: shown before all else, with interpretation switched off as well; triggers:
    keys of the words for what set it off."""

    id: str
    urgent: bool
    triggers: tuple[str, ...]
    sentence: Sentence


def prompts(record: PersonRecord, distribution: Distribution) -> tuple[Prompt, ...]:
    """All prompts that hold now, the urgent one first. distribution: of the same record."""
    found = (
        _urgent(record.answers),
        _folate_alone(record),
        *_mma(record),
        _b12_test(record, distribution),
        _pregnancy(record),
    )
    return tuple(prompt for prompt in found if prompt is not None)


def risk_flags(record: PersonRecord) -> tuple[str, ...]:
    """Keys of the brief's risk groups that the answers and the birth date name (REQ-06)."""
    answers = answers_of(record)
    years = age(record.profile.born, record.today)
    flags = {
        "vegan": answers.diet == "vegan",
        "vegetarian": answers.diet == "vegetarian",
        "over-50": years is not None and years > OVER_AGE and not record.profile.review,
        "metformin": answers.metformin,
        "gastric-bypass": answers.gastric_bypass,
        "crohns": answers.crohns,
        "coeliac": answers.coeliac,
        "alcohol": answers.alcohol_heavy,
        "ppi": answers.ppi,
    }
    return tuple(f"prompt.{name}" for name, holds in flags.items() if holds)


def _urgent(answers: AnswersEntry | None) -> Prompt | None:
    """Answers that are marked for review count here as well: nothing holds this back."""
    named = tuple(f"comparison.word-{flag}" for flag in RED_FLAGS if answers is not None and flag in answers.symptoms)
    if not named:
        return None
    return Prompt("urgent", True, named, say("prompt.urgent", symptoms=Terms(named)))


def _b12_test(record: PersonRecord, distribution: Distribution) -> Prompt | None:
    """At least one risk group, and even thinning as reported or measured (REQ-07)."""
    flags = risk_flags(record)
    thinning = []
    if answers_of(record).thinning == "diffuse":
        thinning.append("prompt.thinning-reported")
    if (distribution.kind, distribution.direction) == (Kind.EVEN, "fall"):
        thinning.append("prompt.thinning-measured")
    if not flags or not thinning:
        return None
    triggers = (*flags, *thinning)
    return Prompt("b12-test", False, triggers, say("prompt.b12-test", interpreting=True, answers=Terms(triggers)))


def _mma(record: PersonRecord) -> list[Prompt]:
    """The latest B12 lies in the brief's borderline band, [200, 300] pg/mL, and MMA above its own lab's range."""
    b12 = results(record, "b12")
    band = band_of(BRIEF, b12[-1]) if b12 else None
    if band is None or band.label != "borderline":
        return []
    mma = beside(record, b12[-1])
    if mma is None or not above_range(mma):
        return []
    note = say("prompt.mma-above", result=mma.text, unit=mma.unit, date=mma.drawn, b12_date=b12[-1].drawn)
    found = [Prompt("mma-above", False, (), note)]
    if LabFlag.KIDNEY_DISEASE in mma.flags or low_egfr(record):
        found.append(Prompt("mma-kidney", False, (), say("prompt.mma-kidney", interpreting=True)))
    return found


def _folate_alone(record: PersonRecord) -> Prompt | None:
    """Folate was started, and neither a B12 result nor B12 itself is on record (A14)."""
    starts = [
        each.start
        for each in record.regimens
        if each.substance == "folate" and each.start <= record.today and not each.review
    ]
    tested = any(each.analyte in ("b12", "active-b12") for each in record.labs)
    taken = first_dose(record.regimens, record.doses)
    if not starts or tested or (taken is not None and taken <= record.today):
        return None
    return Prompt("folate-alone", False, (), say("prompt.folate-alone", since=min(starts)))


def _pregnancy(record: PersonRecord) -> Prompt | None:
    if not answers_of(record).pregnant:
        return None
    return Prompt("pregnancy", False, (), say("prompt.pregnancy"))
