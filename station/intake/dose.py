"""One dose that was given: injections, each with its date (REQ-23)."""

from __future__ import annotations

import datetime as dt

from station.entries import DoseEntry, Route
from station.intake.amounts import read_amount, read_substance
from station.intake.fields import Fields, Form, present
from station.labs.regimens import INJECTED

_LARGEST_ID = 10**9


def read_dose(fields: Fields, *, today: dt.date, born: dt.date | None, confirmed: bool = False) -> DoseEntry:
    """The dose that a form holds; it was given, so never ahead. Raises RefusedEntryError with every field at fault."""
    form = Form(fields, today=today, born=born, confirmed=confirmed)
    given = form.date("given", required=True)
    substance = read_substance(form)
    dose, unit = read_amount(form, substance)
    route = form.choice("route", Route, required=True)
    if route and route not in INJECTED:
        form.refuse("route", "Single doses are logged for injections (im, sc). Log anything else as a regimen.")
    regimen = form.whole("regimen", 1, _LARGEST_ID)
    note = form.note()
    form.done()
    return DoseEntry(present(given), substance, dose, unit, route, regimen, note)
