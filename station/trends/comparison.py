"""The brief's six-row table with the person's own data beside both columns (REQ-34, REQ-35).

Each row fits with the left column, the right one, neither, or has no data. There is no sum of the rows and no named
diagnosis: thin hair, for one, is in both columns (domain reference 1.9 A13).
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from station.clock import months_after
from station.entries import AnswersEntry, LabEntry, RegimenKind
from station.labs.regimens import first_dose
from station.labs.thresholds import Band, band_of
from station.trends.distribution import Distribution, Kind
from station.trends.evidence import above_range, age, answers_of, beside, results, untreated
from station.trends.grey import Grey, GreyState
from station.trends.inputs import PersonRecord
from station.trends.sentences import Sentence, Term, Terms, say

Changed = Literal["up", "down", "within", "unknown"]
"""Density since B12 was started, as `station.trends.recovery` finds it."""

RECOVERY_MONTHS = 6
"""A rise is expected in months 3 to 6 (REQ-28); a fall before then fits with neither column."""


class Fit(enum.StrEnum):
    """Which column a row fits with."""

    LEFT = "left"
    RIGHT = "right"
    NEITHER = "neither"
    NO_DATA = "none"


@dataclass(frozen=True, slots=True)
class Row:
    """id: of `ROWS`; left, right: what the columns say; own: what is on record; verdict: the fit in words."""

    id: str
    title: Sentence
    left: Sentence
    right: Sentence
    own: tuple[Sentence, ...]
    fit: Fit
    verdict: Sentence


@dataclass(frozen=True, slots=True)
class Comparison:
    """rows: in the brief's order; together: the weakened sentence of REQ-35, where distribution, blood test and
    recovery all fit with the left column."""

    left: Sentence
    right: Sentence
    rows: tuple[Row, ...]
    together: Sentence | None


def compare(record: PersonRecord, distribution: Distribution, grey: Grey, *, changed: Changed) -> Comparison:
    """The table. distribution, grey: of the same record; changed: of the density since B12 was started."""
    answers = answers_of(record)
    rows = (
        _row("pattern", *_pattern(distribution, answers)),
        _row("onset", *_onset(answers)),
        _row("quality", *_quality(answers, grey)),
        _row("symptoms", *_symptoms(answers)),
        _row("recovery", *_recovery(record, changed)),
        _row("lab", *_lab(record)),
    )
    fits = {row.id: row.fit for row in rows}
    all_left = all(fits[name] is Fit.LEFT for name in ("pattern", "lab", "recovery"))
    return Comparison(
        say("comparison.left-title", interpreting=True),
        say("comparison.right-title", interpreting=True),
        rows,
        say("comparison.together", interpreting=True) if all_left else None,
    )


def _row(name: str, fit: Fit, own: Sequence[Sentence]) -> Row:
    return Row(
        id=name,
        title=say(f"comparison.{name}-title"),
        left=say(f"comparison.{name}-left", interpreting=True),
        right=say(f"comparison.{name}-right", interpreting=True),
        own=tuple(own),
        fit=fit,
        verdict=say(f"comparison.fits-{fit}", interpreting=True),
    )


def _pattern(distribution: Distribution, answers: AnswersEntry) -> tuple[Fit, list[Sentence]]:
    """A measured fall goes before what was reported; where none stands out, what was reported is what there is."""
    own = [distribution.sentences[0]]
    if answers.thinning:
        own.append(say(f"comparison.thinning-{answers.thinning}"))
    if distribution.direction == "fall":
        measured = {Kind.EVEN: Fit.LEFT, Kind.TOP: Fit.RIGHT, Kind.TEMPLE: Fit.RIGHT}
        return measured.get(distribution.kind, Fit.NEITHER), own
    if answers.thinning:
        reported = {"diffuse": Fit.LEFT, "temples": Fit.RIGHT, "vertex": Fit.RIGHT}
        return reported.get(answers.thinning, Fit.NEITHER), own
    return Fit.NO_DATA if distribution.kind is Kind.CANNOT_TELL else Fit.NEITHER, own


def _onset(answers: AnswersEntry) -> tuple[Fit, list[Sentence]]:
    if not answers.onset:
        return Fit.NO_DATA, []
    fit = Fit.LEFT if answers.onset == "weeks-months" else Fit.RIGHT
    return fit, [say(f"comparison.onset-{answers.onset}")]


def _quality(answers: AnswersEntry, grey: Grey) -> tuple[Fit, list[Sentence]]:
    """Brittle or greying hair fits left, texture as before fits right; thin hair alone fits both, so with neither."""
    found = set(answers.hair_quality)
    own = [say("comparison.quality", answers=_words(answers.hair_quality))] if found else []
    if grey.state in (GreyState.UP, GreyState.DOWN, GreyState.WITHIN):
        own += [sentence for sentence in grey.sentences if sentence.key == f"grey.{grey.state}"]
    if grey.state is GreyState.UP:
        found.add("greying")
    if not found:
        return Fit.NO_DATA, own
    left, right = bool(found & {"brittle", "greying"}), "normal" in found
    return Fit.NEITHER if left == right else Fit.LEFT if left else Fit.RIGHT, own


def _symptoms(answers: AnswersEntry) -> tuple[Fit, list[Sentence]]:
    """No symptom at all must have been answered ("none"): an empty list may as well not have been filled in."""
    if not answers.symptoms:
        return Fit.NO_DATA, []
    fit = Fit.RIGHT if set(answers.symptoms) == {"none"} else Fit.LEFT
    return fit, [say("comparison.symptoms", answers=_words(answers.symptoms))]


def _words(answers: Sequence[str]) -> Terms:
    return Terms(tuple(f"comparison.word-{answer}" for answer in answers))


def _recovery(record: PersonRecord, changed: Changed) -> tuple[Fit, list[Sentence]]:
    """A rise fits with what was taken, if only one thing was; a fall fits right once B12 had its time."""
    start = first_dose(record.regimens, record.doses)
    started = start is not None and start <= record.today
    others = [
        each.start
        for each in record.regimens
        if each.kind == RegimenKind.OTHER_TREATMENT and each.start <= record.today and not each.review
    ]
    own = [] if changed == "unknown" else [say(f"comparison.recovery-{changed}")]
    if start is not None and started:
        own.append(say("comparison.recovery-b12", since=start))
    else:
        own.append(say("comparison.recovery-no-b12"))
    if others:
        own.append(say("comparison.recovery-other", since=min(others)))
    if changed == "unknown":
        return Fit.NO_DATA, own
    if changed == "up" and started != bool(others):
        return Fit.LEFT if started else Fit.RIGHT, own
    had_its_time = start is not None and months_after(start, RECOVERY_MONTHS) <= record.today
    return Fit.RIGHT if changed == "down" and had_its_time else Fit.NEITHER, own


def _lab(record: PersonRecord) -> tuple[Fit, list[Sentence]]:
    """The latest B12 that does not reflect treatment, by the active threshold set, and MMA by its own lab's range."""
    for analyte in ("b12", "active-b12"):
        entries = untreated(record, analyte)
        if entries:
            return _banded(record, entries[-1])
    treated = [*results(record, "b12"), *results(record, "active-b12")]
    return Fit.NO_DATA, [say("comparison.lab-treated")] if treated else []


def _banded(record: PersonRecord, b12: LabEntry) -> tuple[Fit, list[Sentence]]:
    years, sex = age(record.profile.born, b12.drawn), record.profile.sex
    band = band_of(record.threshold_set, b12, age=years, sex=sex, pregnant=answers_of(record).pregnant)
    mma = beside(record, b12)
    own = [_b12_said(b12, band)]
    if mma is not None:
        own.append(_mma_said(mma))
    if band is None:
        return Fit.NO_DATA, own
    raised = mma is not None and above_range(mma) is True
    if band.label == "low" or (band.label == "borderline" and raised):
        return Fit.LEFT, own
    return Fit.RIGHT if band.label in ("normal", "high") and not raised else Fit.NEITHER, own


def _b12_said(b12: LabEntry, band: Band | None) -> Sentence:
    if band is None:
        return say("comparison.lab-b12-unbanded", date=b12.drawn, result=b12.text, unit=b12.unit)
    name = Term(f"comparison.band-{band.label}")
    return say("comparison.lab-b12", date=b12.drawn, result=b12.text, unit=b12.unit, band=name, source=band.title)


def _mma_said(mma: LabEntry) -> Sentence:
    state = {True: "above", False: "within", None: "open"}[above_range(mma)]
    return say(f"comparison.lab-mma-{state}", date=mma.drawn, result=mma.text, unit=mma.unit)
