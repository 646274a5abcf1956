"""The hairline as marked on the frontal view, in mm (`HairlineEntry` says from where to where)."""

from __future__ import annotations

import datetime as dt

from station.entries import HairlineEntry
from station.intake.fields import Fields, Form, present

BRIDGES = ("solid", "sparse", "none")
_MID_MM = (10.0, 300.0)
_DEPTH_MM = (0.0, 200.0)
"""Wider than any head: beyond it, a mark was set at the wrong place or the scale is wrong."""


def read_hairline(fields: Fields, *, today: dt.date, born: dt.date | None, confirmed: bool = False) -> HairlineEntry:
    """The hairline that a form holds. Raises RefusedEntryError with every field at fault."""
    form = Form(fields, today=today, born=born, confirmed=confirmed)
    marked = form.date("marked", required=True)
    mid = form.number("mid_mm", *_MID_MM, required=True, unit="mm")
    left, right = (form.number(name, *_DEPTH_MM, required=True, unit="mm") for name in ("left_mm", "right_mm"))
    bridge = form.choice("bridge", BRIDGES)
    marked_by = form.text("marked_by")
    form.done()
    return HairlineEntry(present(marked), present(mid), present(left), present(right), bridge, marked_by)
