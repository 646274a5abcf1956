"""The head chart: a head seen from above, nose at the top, with a circle for each site.

Coordinates are user units of the drawing (`WIDTH` x `HEIGHT`); the template draws them as they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from station.service.views import SiteView, VisitView
from web import palette
from web.course import FU
from web.formats import estimate, site_name
from web.text import TEXT

WIDTH, HEIGHT = 320, 380
CENTRE_X, TOP, BREADTH, LENGTH = 160.0, 24.0, 276.0, 340.0
"""The skull's outline: an ellipse of BREADTH x LENGTH that begins at TOP."""

RADIUS = 27.0
_SCALE_STEP = 20.0
_SCALE_LEAST = 140.0
"""FU/cm2. The density maps end there too unless a setting says otherwise: most heads then have one scale throughout."""


@dataclass(frozen=True, slots=True)
class HeadSite:
    """One circle. value: the text in it; label: the same for screen readers, with the error."""

    site: str
    name: str
    x: float
    y: float
    value: str
    fill: str | None
    ink: str | None
    label: str
    radius: float = RADIUS


@dataclass(frozen=True, slots=True)
class HeadChart:
    """What the template draws. scale_max: upper end of the colours, FU/cm2."""

    sites: tuple[HeadSite, ...]
    scale_max: float
    width: int = WIDTH
    height: int = HEIGHT


def scale_max(visits: Iterable[VisitView]) -> float:
    """Upper end of the colour scale, FU/cm2: the same for all visits of a person, in steps of 20, 140 or more."""
    highest = max((site.fu.value for visit in visits for site in visit.sites if site.fu), default=0.0)
    return max(_SCALE_LEAST, math.ceil(highest / _SCALE_STEP) * _SCALE_STEP)


def head_chart(visit: VisitView, upper: float) -> HeadChart:
    """The sites of one visit. upper: end of the colour scale, FU/cm2."""
    return HeadChart(tuple(_circles(visit.sites, upper)), upper)


def _circles(sites: Iterable[SiteView], upper: float) -> Iterator[HeadSite]:
    for site in sites:
        x = CENTRE_X + (site.head_x - 0.5) * BREADTH
        name = site_name(site)
        y = TOP + site.head_y * LENGTH
        if site.fu is None:
            label = TEXT.head_pending.format(name=name)
            yield HeadSite(site.site, name, x, y, "…", None, None, label)
            continue
        share = site.fu.value / upper
        label = TEXT.head_site.format(name=name, estimate=estimate(site.fu, FU.unit))
        yield HeadSite(
            site.site, name, x, y, f"{site.fu.value:.0f}", palette.colour(share), palette.ink_on(share), label
        )
