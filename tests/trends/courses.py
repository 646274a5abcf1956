"""Courses of density for the tests of what is said about them: all sites alike, a visit every 30 days."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

from hypothesis import strategies as st

from station.trends.error import FrameError
from station.trends.inputs import PersonRecord, SiteReading
from tests.trends.people import HEAD, START, b12, person, regimen

SHARP = FrameError(0.02, 0, measured=False)
"""A visit repeats within 2 %: changes of two visits beyond 5.6 % stand out, of a site as well."""

RECOVERY = (1.0, 1.0, 1.0, 1.0, 1.025, 1.05, 1.075, 1.10, 1.125, 1.15, 1.15, 1.15, 1.15)
"""The truth of domain reference 5.2: flat to month 3, up by 15 % to month 9, flat after."""


def day(days: int) -> dt.date:
    """A day counted from the first visit."""
    return START + dt.timedelta(days)


def course(levels: Sequence[float], *, dosed: int | None = 0, **more: Any) -> PersonRecord:
    """A person whose sites are all at `levels` times 180 hairs/cm2. dosed: day of the first dose, None without one;
    today is the day of the last visit."""
    known: dict[str, Any] = {"error_hairs": SHARP, "error_fu": SHARP, "today": day(30 * max(len(levels) - 1, 0))}
    if dosed is not None:
        known["regimens"] = (regimen("b12", "b12", day(dosed)),)
    return person([{site: density * level for site, density in HEAD.items()} for level in levels], **{**known, **more})


def treated(levels: Sequence[float], draws: Sequence[tuple[int, float]] = ((0, 150), (60, 400)), **more: Any) -> Any:
    """A course with B12 results (day, pg/mL)."""
    return course(levels, labs=tuple(b12(number, day(days)) for days, number in draws), **more)


def shifted(record: PersonRecord, days: int) -> PersonRecord:
    """The same record on another calendar: every date in it."""
    by = dt.timedelta(days)

    def moved(value: Any) -> Any:
        if isinstance(value, dt.date):
            return value + by
        if isinstance(value, tuple):
            return tuple(moved(each) for each in value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            changed = {field.name: moved(getattr(value, field.name)) for field in dataclasses.fields(value)}
            return dataclasses.replace(value, **changed)
        return value

    return cast(PersonRecord, moved(record))


def scaled(record: PersonRecord, factor: float) -> PersonRecord:
    """The same record in another unit of density."""

    def own(reading: SiteReading) -> SiteReading:
        hairs, fu = reading.hairs_per_cm2 * factor, reading.fu_per_cm2 * factor
        return dataclasses.replace(reading, hairs_per_cm2=hairs, fu_per_cm2=fu)

    visits = tuple(
        dataclasses.replace(each, sites={site: own(reading) for site, reading in each.sites.items()})
        for each in record.visits
    )
    return dataclasses.replace(record, visits=visits)


def turned(record: PersonRecord) -> PersonRecord:
    """The same record with everything listed the other way round."""
    visits = tuple(dataclasses.replace(v, sites=dict(reversed(v.sites.items()))) for v in reversed(record.visits))
    weights = dict(reversed(record.weights.items()))
    labs, regimens = record.labs[::-1], record.regimens[::-1]
    return dataclasses.replace(record, visits=visits, weights=weights, labs=labs, regimens=regimens)


@st.composite
def records(draw: st.DrawFn) -> PersonRecord:
    """Persons with up to 14 visits, a first dose and B12 results, as they may come."""
    levels = draw(st.lists(st.floats(0.7, 1.4), max_size=14))
    draws = draw(st.lists(st.tuples(st.integers(-60, 400), st.sampled_from((150, 250, 400))), max_size=5))
    return treated(levels, draws, dosed=draw(st.none() | st.integers(-40, 200)))
