"""The health record as its pages show it: entries by kind, one entry with its fields, and what happened to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from station.clock import Timestamp
from station.entries import Entry
from station.trends.sentences import say, texts
from web import vocabulary
from web.formats import date_words, moment, plain
from web.forms import FORMS, Control, Field, Form, form_of
from web.language import said
from web.port import HealthPort, HistoryStep, StoredEntry
from web.record_text import RECORD
from web.vocabulary import Options

SHOWN = 12
"""Entries of a kind on the overview until all are asked for."""

_SUMMARY = {
    "lab": ("analyte", "text", "unit"),
    "regimen": ("substance", "dose", "dose_unit", "schedule"),
    "dose": ("substance", "dose", "dose_unit"),
    "event": ("kind",),
    "shed": ("method", "count"),
    "answers": ("thinning", "diet"),
    "profile": ("born", "sex"),
    "hairline": ("mid_mm", "left_mm", "right_mm"),
    "trichogram": ("anagen_percent", "telogen_percent"),
    "skip": ("step", "reason"),
}
"""The fields that tell one entry of a kind from another."""

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in a list. day: "" where its kind has none."""

    id: int
    day: str
    summary: str
    review: bool


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of one kind, the latest first. count: how many there are; lines: those that are shown."""

    kind: str
    name: str
    lines: tuple[Line, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Changed:
    """A field that a step of the history changed, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an entry's history: who and when in one line, and what changed."""

    line: str
    changed: tuple[Changed, ...]


def sections(health: HealthPort, code: str, everything: str) -> tuple[Section, ...]:
    """All kinds with their entries. everything: the kind of which all entries are shown."""
    return tuple(_section(form, health.entries(code, form.kind), form.kind == everything) for form in FORMS)


def folded(health: HealthPort, code: str, form: Form, entry_id: int) -> bool:
    """Whether an entry is not among those that the overview shows at once."""
    shown = _section(form, health.entries(code, form.kind), False).lines
    return all(line.id != entry_id for line in shown)


def references(health: HealthPort, code: str, form: Form) -> dict[str, Options]:
    """What the reference fields of a form may name: the person's own entries of the other kind."""
    return {
        field.name: tuple((str(line.id), _line_words(line)) for line in _lines(field.vocabulary, health, code))
        for field in form.fields
        if field.control is Control.REFERENCE
    }


def facts(form: Form, entry: Entry, named: dict[str, Options]) -> tuple[tuple[str, str], ...]:
    """Labels and words of the fields that are filled in."""
    words = ((RECORD.labels[f"{form.kind}.{field.name}"], value(field, entry, named)) for field in form.fields)
    return tuple((label, text) for label, text in words if text)


def review(entry: Entry) -> tuple[str, ...]:
    """Why an entry is marked for review; reasons of a later version have no words here."""
    return said(say(key) for key in entry.review if key in texts())


def steps(form: Form, history: Sequence[HistoryStep], named: dict[str, Options]) -> tuple[Step, ...]:
    """The history of an entry in words, the latest step first."""
    return tuple(_step(form, each, named) for each in reversed(history))


def value(field: Field, entry: Entry | None, named: dict[str, Options]) -> str:
    """A field of an entry in words; "" where it is empty."""
    held = getattr(entry, field.name) if entry is not None else None
    if held is None or held == "" or held == ():
        return ""
    if isinstance(held, bool):
        return RECORD.yes if held else RECORD.no
    if isinstance(held, dt.date):
        return date_words(held)
    if isinstance(held, float):
        return plain(held)
    if field.control is Control.REFERENCE:
        return dict(named[field.name]).get(str(held), str(held))
    if isinstance(held, tuple):
        return ", ".join(vocabulary.words(field.vocabulary, str(each)) for each in held)
    return vocabulary.words(field.vocabulary, str(held)) if field.vocabulary else str(held)


def _section(form: Form, stored: Sequence[StoredEntry], everything: bool) -> Section:
    newest = sorted(stored, key=lambda each: (_day(form, each.entry), each.id), reverse=True)
    shown = newest if everything else newest[:SHOWN]
    lines = tuple(_line(form, each) for each in shown)
    return Section(form.kind, RECORD.kinds[form.kind], lines, len(stored))


def _lines(kind: str, health: HealthPort, code: str) -> tuple[Line, ...]:
    form = form_of(kind)
    return () if form is None else _section(form, health.entries(code, kind), True).lines


def _line(form: Form, stored: StoredEntry) -> Line:
    named = [field for name in _SUMMARY[form.kind] if (field := form.field(name)) is not None]
    summary = " ".join(text for field in named if (text := value(field, stored.entry, {})))
    if len(summary) > _LONGEST:
        summary = summary[: _LONGEST - 1] + "…"
    day = getattr(stored.entry, form.day) if form.day else None
    return Line(stored.id, date_words(day) if day is not None else "", summary, bool(stored.entry.review))


def _line_words(line: Line) -> str:
    return f"{line.summary}, {line.day}" if line.day else line.summary


def _day(form: Form, entry: Entry) -> dt.date:
    day: dt.date | None = getattr(entry, form.day) if form.day else None
    return day or dt.date.min


def _step(form: Form, step: HistoryStep, named: dict[str, Options]) -> Step:
    pairs = ((field, value(field, step.before, named), value(field, step.after, named)) for field in form.fields)
    changed = (
        Changed(RECORD.labels[f"{form.kind}.{field.name}"], before or RECORD.empty, after or RECORD.empty)
        for field, before, after in pairs
        if step.before is not None and step.after is not None and before != after
    )
    return Step(_who_and_when(step.action, step.at, step.by), tuple(changed))


def _who_and_when(action: str, at: Timestamp, by: str) -> str:
    words = RECORD.actions.get(action, action)
    line = RECORD.history_by if by else RECORD.history_line
    return line.format(moment=moment(at.utc), action=words, by=by)
