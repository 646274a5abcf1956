"""A regimen: a substance that is taken by a plan (REQ-21 to 23, 37)."""

from __future__ import annotations

import datetime as dt

from station.entries import RegimenEntry, RegimenKind, Route
from station.intake.amounts import read_amount, read_substance
from station.intake.fields import Fields, Form, present
from station.labs.regimens import schedules, templates


def read_regimen(fields: Fields, *, today: dt.date, born: dt.date | None, confirmed: bool = False) -> RegimenEntry:
    """The regimen that a form holds; its start may lie ahead. Raises RefusedEntryError with every field at fault."""
    form = Form(fields, today=today, born=born, confirmed=confirmed)
    kind = form.choice("kind", RegimenKind, required=True)
    substance = read_substance(form, kind)
    dose, unit = read_amount(form, substance)
    route = form.choice("route", Route, required=True)
    if route == Route.DIET and dose is not None:
        form.refuse("dose", "Food is logged without a dose. Leave dose and unit empty and describe it in the note.")
    start = form.date("start", required=True, future=True)
    end = form.date("end", future=True)
    if start and end and end < start:
        form.refuse("end", f"This is before the start ({start}). Check both dates, or leave the end empty.")
    words = {name: form.text(name) for name in ("form", "prescriber")}
    schedule = form.choice("schedule", (each.id for each in schedules()), required=True)
    template = form.choice("template", (each.id for each in templates()))
    note = form.note()
    form.done()
    return RegimenEntry(
        kind=kind,
        substance=substance,
        form=words["form"],
        dose=dose,
        dose_unit=unit,
        route=route,
        schedule=schedule,
        start=present(start),
        end=end,
        prescriber=words["prescriber"],
        template=template,
        note=note,
    )
