"""That the disclaimer was read and acknowledged (REQ-41)."""

from __future__ import annotations

import datetime as dt

from station.entries import AcknowledgedEntry
from station.intake.fields import Fields, Form, present


def read_acknowledged(
    fields: Fields, *, today: dt.date, born: dt.date | None, confirmed: bool = False
) -> AcknowledgedEntry:
    """The acknowledgement that a form holds. Raises RefusedEntryError with every field at fault."""
    form = Form(fields, today=today, born=born, confirmed=confirmed)
    acknowledged = form.date("acknowledged", required=True)
    wording = form.text("wording", required=True)
    form.done()
    return AcknowledgedEntry(present(acknowledged), wording)
