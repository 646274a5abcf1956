"""A tray count as an entry of the shed log (REQ-20)."""

from __future__ import annotations

import datetime as dt

from station.entries import ShedEntry, ShedMethod
from station.errors import RefusedEntryError
from station.values import Interval, TrayCount


def shed_entry(
    count: TrayCount,
    method: str,
    counted: dt.date,
    *,
    hours_since_wash: float | None = None,
    hair_length_cm: float | None = None,
    comb: str = "",
    replicate: int = 1,
) -> ShedEntry:
    """The entry of what was counted on the tray on the date `counted`.

    method: a value of `ShedMethod`, how the hairs were gathered; counts of different methods are never compared. The
    interval and the scale stand in the note, for a count never travels without them. Raises RefusedEntryError for an
    unknown method and for the visual grade, which is no count.
    """
    methods = [each.value for each in ShedMethod if each is not ShedMethod.GRADE]
    if method not in methods:
        raise RefusedEntryError(
            {"method": f"{method!r} is no way to gather hairs for a tray: choose one of {', '.join(methods)}."}
        )
    return ShedEntry(
        method=method,
        counted=counted,
        count=count.count,
        short=count.short,
        hours_since_wash=hours_since_wash,
        hair_length_cm=hair_length_cm,
        comb=comb,
        replicate=replicate,
        counted_by="tray",
        note=(
            f"Tray: {count.count} hairs (90 % interval {_range(count.count_interval)}), {count.short} of them 3 cm or "
            f"shorter ({_range(count.short_interval)}); {count.px_per_mm:g} px/mm, {count.calibration_id}."
        ),
    )


def _range(interval: Interval) -> str:
    return f"{interval.low:.0f} to {interval.high:.0f}"
