"""What stays: date of birth and sex. From which age a person may use the station is a setting, not asked here."""

from __future__ import annotations

import datetime as dt

from station.clock import months_after
from station.entries import ProfileEntry
from station.intake.fields import Fields, Form

SEXES = ("female", "male")
_OLDEST_YEARS = 120


def read_profile(
    fields: Fields, *, today: dt.date, born: dt.date | None = None, confirmed: bool = False
) -> ProfileEntry:
    """The profile that a form holds. born: on record so far, which this replaces. Raises RefusedEntryError with every
    field at fault."""
    form = Form(fields, today=today, confirmed=confirmed)
    new = form.date("born")
    if new and new < months_after(today, -12 * _OLDEST_YEARS):
        form.refuse("born", f"This is more than {_OLDEST_YEARS} years ago. Check the year.")
    sex = form.choice("sex", SEXES)
    form.done()
    return ProfileEntry(new, sex)
