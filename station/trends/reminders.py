"""What a person may want to do next, and when: visits, blood tests, injections. Reminders, never instructions."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator
from dataclasses import dataclass, replace

from station.clock import months_after
from station.labs.regimens import B12, first_dose, next_due
from station.trends.inputs import PersonRecord
from station.trends.sentences import Sentence, Term, Value, say

CAPTURE_DAYS = 7
"""A monthly visit may lie this many days beside its day (REQ-25 asks for a window and leaves its width open)."""
LAB_DAYS = 14
"""The same for a blood test."""
CONFIRMING_MONTHS = 6
"""How long monthly visits go on after a recovery (REQ-39)."""
B12_TESTS = ("b12", "active-b12")


class ReminderKind(enum.StrEnum):
    """What the reminder is about (REQ-25, 30, 38, 39, 23)."""

    CAPTURE = "capture"
    LAB_3_MONTHS = "lab-3-months"
    LAB_6_MONTHS = "lab-6-months"
    LAB_YEARLY = "lab-yearly"
    INJECTION = "injection"
    CONFIRMATION = "confirmation"


class ReminderState(enum.StrEnum):
    """Where today lies: before the window, in it, after it, or it has been done."""

    UPCOMING = "upcoming"
    DUE = "due"
    OVERDUE = "overdue"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Reminder:
    """due: the day it is planned for; opens, closes: first and last day of its window; substance: of an injection,
    as entered; note: what to know about it, None where there is nothing."""

    kind: ReminderKind
    due: dt.date
    opens: dt.date
    closes: dt.date
    state: ReminderState
    sentence: Sentence
    substance: str = ""
    note: Sentence | None = None


def reminders(record: PersonRecord, *, recovered: dt.date | None = None) -> tuple[Reminder, ...]:
    """Everything that is due, in the order of time. recovered: the day on which recovery was recorded, if it was."""
    found = (*_capture(record), *_labs(record), *_injections(record), *_confirmation(record, recovered))
    return tuple(sorted(found, key=lambda each: (each.due, each.kind, each.substance)))


def substance_word(substance: str) -> Value:
    """A substance as it stands in a sentence: by its name, or as it was typed."""
    return Term("reminder.b12") if substance == B12 else substance


def _capture(record: PersonRecord) -> Iterator[Reminder]:
    """The next monthly visit, a month after the latest one; the first is the baseline's matter."""
    if record.visits:
        latest = max(visit.date for visit in record.visits)
        yield _reminder(record.today, ReminderKind.CAPTURE, months_after(latest, 1), CAPTURE_DAYS)


def _labs(record: PersonRecord) -> Iterator[Reminder]:
    """Blood tests 3 and 6 months after the first dose, each until the next one takes over, and a year after the last.

    A draw counts for the reminder in whose time it falls: from its window to the window of the next one.
    """
    drawn = [lab.drawn for lab in record.labs if lab.analyte in B12_TESTS]
    start = first_dose(record.regimens, record.doses)
    if start is not None:
        note = say("reminder.treated", interpreting=True)
        for kind, months, until in ((ReminderKind.LAB_3_MONTHS, 3, 6), (ReminderKind.LAB_6_MONTHS, 6, 12)):
            due = months_after(start, months)
            opens, ends = due - dt.timedelta(days=LAB_DAYS), months_after(start, until) - dt.timedelta(days=LAB_DAYS)
            if record.today < ends:
                done = any(opens <= day < ends for day in drawn)
                yield _reminder(record.today, kind, due, LAB_DAYS, done=done, note=note)
    if drawn:
        latest = max(drawn)
        yield _reminder(record.today, ReminderKind.LAB_YEARLY, months_after(latest, 12), LAB_DAYS, since=latest)


def _injections(record: PersonRecord) -> Iterator[Reminder]:
    """The next injection of every regimen that is injected; two regimens that fall due together are one reminder."""
    planned = {(next_due(each, record.doses, record.today), each.substance) for each in record.regimens}
    for due, substance in planned:
        if due is not None:
            yield _reminder(record.today, ReminderKind.INJECTION, due, 0, substance=substance)


def _confirmation(record: PersonRecord, recovered: dt.date | None) -> Iterator[Reminder]:
    """The visit that ends the months of confirmation."""
    if recovered is not None:
        due = months_after(recovered, CONFIRMING_MONTHS)
        done = any(visit.date >= due - dt.timedelta(days=CAPTURE_DAYS) for visit in record.visits)
        yield _reminder(record.today, ReminderKind.CONFIRMATION, due, CAPTURE_DAYS, done=done)


def _reminder(
    today: dt.date,
    kind: ReminderKind,
    due: dt.date,
    days: int,
    *,
    done: bool = False,
    substance: str = "",
    since: dt.date | None = None,
    note: Sentence | None = None,
) -> Reminder:
    """days: half width of the window; since: the day that a sentence looks back to."""
    opens, closes = due - dt.timedelta(days=days), due + dt.timedelta(days=days)
    if done:
        state = ReminderState.DONE
    elif today < opens:
        state = ReminderState.UPCOMING
    else:
        state = ReminderState.DUE if today <= closes else ReminderState.OVERDUE
    values: dict[str, Value] = {"due": due, "opens": opens, "closes": closes}
    if substance:
        values["substance"] = substance_word(substance)
    if since is not None:
        values["since"] = since
    sentence = replace(say(f"reminder.{kind}-{state}"), values=values)
    return Reminder(kind, due, opens, closes, state, sentence, substance, note)
