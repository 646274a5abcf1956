"""A step of the baseline that is left out on purpose, with its reason (REQ-08)."""

from __future__ import annotations

import datetime as dt

from station.entries import SkipEntry
from station.intake.fields import Fields, Form, present

STEPS = ("baseline-lab", "shed")
_LONGEST_REASON = 1_000


def read_skip(fields: Fields, *, today: dt.date, born: dt.date | None, confirmed: bool = False) -> SkipEntry:
    """The step that a form leaves out. Raises RefusedEntryError with every field at fault."""
    form = Form(fields, today=today, born=born, confirmed=confirmed)
    step = form.choice("step", STEPS, required=True)
    skipped = form.date("skipped", required=True)
    reason = form.text("reason", required=True, max_length=_LONGEST_REASON)
    form.done()
    return SkipEntry(step, present(skipped), reason)
