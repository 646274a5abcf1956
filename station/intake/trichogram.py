"""A trichogram made elsewhere (REQ-04)."""

from __future__ import annotations

import datetime as dt

from station.entries import TrichogramEntry
from station.intake.fields import Fields, Form, present

_WHOLE_PERCENT = 101.0
"""Two shares that were both rounded up."""


def read_trichogram(
    fields: Fields, *, today: dt.date, born: dt.date | None, confirmed: bool = False
) -> TrichogramEntry:
    """The shares that a form holds. Raises RefusedEntryError with every field at fault."""
    form = Form(fields, today=today, born=born, confirmed=confirmed)
    made = form.date("made", required=True)
    anagen, telogen = (
        form.number(name, 0, 100, required=True, unit="per cent") for name in ("anagen_percent", "telogen_percent")
    )
    if anagen is not None and telogen is not None and anagen + telogen > _WHOLE_PERCENT:
        form.refuse("telogen_percent", "Anagen and telogen add up to more than 100 per cent. Check both.")
    note = form.note()
    form.done()
    return TrichogramEntry(present(made), present(anagen), present(telogen), note)
