"""Comparisons of the fixture station: units of two or three hairs on a grid, of which some go and some come."""

from __future__ import annotations

import numpy as np

from station.errors import NotFoundError, UsageError
from station.service.comparison_view import (
    ChangeMap,
    ComparedHair,
    ComparedUnit,
    ComparedVisit,
    ComparisonView,
    MatchedChange,
)
from station.service.views import PersonView
from station.trends.sentences import Number, Term, percent, say
from station.values import Interval

WIDTH, HEIGHT, PX_PER_MM = 1200, 900, 135.0
NOT_THE_SAME = "occipital"
"""The site whose photographs the fixture takes for two places."""


def compared(person: PersonView, site: str, before: int, after: int) -> ComparisonView:
    """Two visits of a site. Raises as the station does."""
    visits = {visit.number: visit for visit in person.course.visits}
    if before == after:
        raise UsageError("the same visit twice", person=say("pair.same-visit").text())
    if before not in visits or after not in visits:
        raise NotFoundError("no such visit", person="This visit is not on record.")
    shown = visits[before].site(site)
    if shown is None:
        raise NotFoundError("no such site", person="This site is not on record.")
    sides = [
        ComparedVisit(number, visits[number].date, number * 1000, WIDTH, HEIGHT, PX_PER_MM)
        for number in (before, after)
    ]
    if site == NOT_THE_SAME:
        return ComparisonView(site, shown.name, sides[0], sides[1], say("pair.elsewhere"))
    hairs, units = _points()
    change = MatchedChange(168.0, -9.4, Interval(-12.8, -6.1, 0.95), -5.6, Interval(-7.6, -3.6, 0.95))
    return ComparisonView(
        site=site,
        name=shown.name,
        before=sides[0],
        after=sides[1],
        overlap=0.87,
        overlap_cm2=0.48,
        residual_mm=0.031,
        hairs_change=change,
        fu_change=change,
        hairs=hairs,
        units=units,
        map=_map(),
        sentences=(
            say(
                "pair.changed",
                site=Term(f"site.{site}"),
                before=sides[0].date,
                after=sides[1].date,
                percent=percent(-5.6),
                level=Number(95, 0, unit="%"),
                low=percent(-7.6),
                high=percent(-3.6),
            ),
        ),
    )


def _points() -> tuple[tuple[ComparedHair, ...], tuple[ComparedUnit, ...]]:
    rng = np.random.default_rng(3)
    hairs: list[ComparedHair] = []
    units: list[ComparedUnit] = []
    for x in np.arange(0.6, 8.6, 1.1):
        for y in np.arange(0.6, 6.4, 1.1):
            centre = np.array([x, y]) + rng.normal(0, 0.15, 2)
            count = int(rng.integers(1, 4))
            states = ["kept"] * count
            if rng.random() < 0.12:
                states[0] = "lost"
            if rng.random() < 0.06:
                states.append("new")
            for state in states:
                px, py = (spot := centre + rng.normal(0, 0.08, 2)) * PX_PER_MM
                hairs.append(ComparedHair(float(px), float(py), float(spot[0]), float(spot[1]), state, 0.9))
            mm = (float(centre[0]), float(centre[1]))
            units.append(
                ComparedUnit(
                    mm[0] * PX_PER_MM, mm[1] * PX_PER_MM, *mm, count, count - ("lost" in states) + ("new" in states)
                )
            )
    return tuple(hairs), tuple(units)


def _map() -> ChangeMap:
    rows = tuple(tuple(None if column > 7 else 8.0 - 3 * column for column in range(9)) for _ in range(7))
    return ChangeMap(1.0, 1.5, rows, rows, 40.0, 20.0)
