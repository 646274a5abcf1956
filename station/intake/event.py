"""Something that happened to the hair or the body (domain reference 3.6)."""

from __future__ import annotations

import datetime as dt

from station.entries import EventEntry, EventKind
from station.intake.fields import Fields, Form, present


def read_event(fields: Fields, *, today: dt.date, born: dt.date | None, confirmed: bool = False) -> EventEntry:
    """The event that a form holds. Raises RefusedEntryError with every field at fault."""
    form = Form(fields, today=today, born=born, confirmed=confirmed)
    kind = form.choice("kind", EventKind, required=True)
    happened = form.date("happened", required=True)
    note = form.note()
    if kind == EventKind.OTHER and not note.strip():
        form.refuse("note", "Write what happened: another kind of event says nothing without it.")
    form.done()
    return EventEntry(kind, present(happened), note)
