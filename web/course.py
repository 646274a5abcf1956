"""The course of a person as the overview and the API tell it: words, bands, the rows of the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from station.service.views import Change, CourseView, Estimate, PersonView, VisitView
from station.trends import wording
from station.trends.sentences import Sentence, Term, written
from station.trends.wording import ChangeState, RecordedChange
from web.formats import date_words, interval, number, value_and_range
from web.language import language, said
from web.text import TEXT

Key = Literal["hairs", "fu"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """One of the two densities. key: its name in the API and in addresses; term: its name in sentences."""

    key: Key
    term: Term

    @property
    def name(self) -> str:
        return written(self.term, language())

    @property
    def unit(self) -> str:
        return TEXT.hairs_unit if self.key == "hairs" else TEXT.fu_unit

    @property
    def long(self) -> str:
        return TEXT.hairs_long if self.key == "hairs" else TEXT.fu_long

    def of(self, view: Any) -> Estimate | None:
        """This density of a visit, a site or a capture."""
        value: Estimate | None = getattr(view, self.key)
        return value

    def change(self, course: CourseView) -> Change | None:
        return course.hairs_change if self.key == "hairs" else course.fu_change

    def band(self, course: CourseView) -> tuple[float, float] | None:
        """Densities between which one visit cannot be told from the baseline visit."""
        return course.hairs_band if self.key == "hairs" else course.fu_band


HAIRS = Quantity("hairs", wording.HAIRS)
FU = Quantity("fu", wording.FU)
QUANTITIES = (HAIRS, FU)
"""Hairs first: under even loss they fall about three times as much as follicular units do."""


@dataclass(frozen=True, slots=True)
class Headline:
    """What the top of the overview says. state: for a mark beside it."""

    state: ChangeState
    headline: str
    reason: str
    beside: str
    between: str
    error_source: str


def baseline(course: CourseView) -> VisitView | None:
    """The visit that changes are told against: the first one; None before there is one."""
    return course.visits[0] if course.visits else None


def recorded_change(course: CourseView, quantity: Quantity) -> RecordedChange | None:
    """The latest change of a density as the wording takes it; None when there is not enough data."""
    change = quantity.change(course)
    if change is None:
        return None
    return RecordedChange(
        change.percent, change.mdc_percent, change.beyond_error, change.since, ends=change.rule == "ends"
    )


def headline(course: CourseView) -> Headline:
    """The sentences at the top of the overview: hairs first, follicular units beside them."""
    change = recorded_change(course, HAIRS)
    source = HAIRS.change(course)
    return Headline(
        state=wording.change_state(change),
        headline=_text(wording.headline(HAIRS.term, change)),
        reason=_text(wording.reason(change, sum(1 for visit in course.visits if visit.complete))),
        beside=_text(wording.beside(recorded_change(course, FU))),
        between=_between(course),
        error_source=_text(source.cv_source if source is not None else None),
    )


def _between(course: CourseView) -> str:
    """Visits between the baseline and the latest complete one whose hairs/cm2 lay outside the band."""
    edges = HAIRS.band(course)
    measured = [(visit.number, visit.hairs.value) for visit in course.visits if visit.complete and visit.hairs]
    if edges is None or len(measured) < 3:
        return ""
    low, high = edges
    inner = measured[1:-1]
    outside = wording.outside_band([n for n, value in inner if value < low], [n for n, value in inner if value > high])
    return _text(outside)


def _text(sentence: Sentence | None) -> str:
    return " ".join(said([sentence])) if sentence is not None else ""


def payload(person: PersonView) -> dict[str, Any]:
    """The course as the API gives it.

    `quantities`: key, name, unit, baseline (per cm2), band (lower and upper edge of the least detectable change) and
    change; `visits`: number, date, complete, and for each key value, low, high, level, count, area_cm2, frames. What
    is not measured yet is null. Fields that end in `text` are written for people, in the language of the answer.
    """
    course = person.course
    words = headline(course)
    return {
        "person": person.code,
        "demonstration": person.demonstration,
        "disclaimer_text": TEXT.disclaimer_short,
        "headline": {
            "state": words.state.value,
            "text": words.headline,
            "reason": words.reason,
            "beside": words.beside,
        },
        "quantities": [_quantity(course, quantity) for quantity in QUANTITIES],
        "visits": [_visit(visit) for visit in course.visits],
    }


def _quantity(course: CourseView, quantity: Quantity) -> dict[str, Any]:
    first, change = baseline(course), quantity.change(course)
    start = quantity.of(first) if first is not None else None
    return {
        "key": quantity.key,
        "name": quantity.name,
        "unit": quantity.unit,
        "baseline": start.value if start is not None else None,
        "band": quantity.band(course),
        "change": None
        if change is None
        else {
            "rule": change.rule,
            "since": change.since.isoformat(),
            "percent": change.percent,
            "mdc_percent": change.mdc_percent,
            "beyond_error": change.beyond_error,
            "cv_percent": change.cv_percent,
            "cv_source": _text(change.cv_source),
        },
    }


def _visit(visit: VisitView) -> dict[str, Any]:
    numbers = {str(quantity.key): _estimate(quantity.of(visit)) for quantity in QUANTITIES}
    return {
        "number": visit.number,
        "date": visit.date.isoformat(),
        "date_text": date_words(visit.date),
        "clock_status": visit.clock_status,
        "complete": visit.complete,
        **numbers,
    }


def _estimate(value: Estimate | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {
        "value": value.value,
        "low": value.interval.low,
        "high": value.interval.high,
        "level": value.interval.level,
        "count": value.count,
        "area_cm2": value.area_cm2,
        "frames": value.frames,
        "text": value_and_range(value),
        "value_text": number(value.value),
        "interval_text": interval(value.interval),
    }
