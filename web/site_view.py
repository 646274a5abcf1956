"""What the page of one site shows, put together for its template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from station.errors import NotFoundError
from station.service.views import CaptureView, PersonView, SiteView, VisitView
from web.course import FU, HAIRS, Quantity
from web.text import TEXT

SCALE_BARS_MM = (10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1)
SCALE_BAR_SHARE = 0.25
"""A scale bar takes at most this share of the photograph's width."""

PHOTO_WIDTH = 1280
"""Pixels of the photograph on the page: sharp on the largest screen in use, 1280x800."""


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """length_px: in pixels of the photograph's full size, which are the units of the drawing over it."""

    mm: float
    length_px: float
    words: str


@dataclass(frozen=True, slots=True)
class MapLegend:
    """One kind of map. upper: end of its colour scale, per cm2."""

    quantity: Quantity
    upper: float


@dataclass(frozen=True, slots=True)
class SitePage:
    """One site of one visit. shown: the chosen photograph; None while there is none."""

    site: SiteView
    captures: tuple[CaptureView, ...]
    shown: CaptureView | None
    scale_bar: ScaleBar | None
    legends: tuple[MapLegend, ...]
    previous: VisitView | None
    following: VisitView | None


def site_page(
    person: PersonView, visit: VisitView, site: SiteView, captures: Sequence[CaptureView], wanted: int | None
) -> SitePage:
    """Put the page together. wanted: number of the frame; otherwise the first measured one is shown.

    Raises NotFoundError when there is no frame of that number.
    """
    shown = _shown(captures, wanted)
    others = [v for v in person.course.visits if (view := v.site(site.site)) is not None and view.capture_ids]
    return SitePage(
        site=site,
        captures=tuple(captures),
        shown=shown,
        scale_bar=None if shown is None else scale_bar(shown.px_per_mm, shown.width_px),
        legends=() if shown is None or shown.state != "measured" else _legends(shown),
        previous=next((v for v in reversed(others) if v.number < visit.number), None),
        following=next((v for v in others if v.number > visit.number), None),
    )


def scale_bar(px_per_mm: float, width_px: int) -> ScaleBar | None:
    """The longest round length that fits; None where not even the shortest does."""
    for mm in SCALE_BARS_MM:
        if mm * px_per_mm <= width_px * SCALE_BAR_SHARE:
            return ScaleBar(mm, mm * px_per_mm, f"{mm:g}\N{NO-BREAK SPACE}mm")
    return None


def _legends(shown: CaptureView) -> tuple[MapLegend, ...]:
    return (MapLegend(FU, shown.map_max_fu_per_cm2), MapLegend(HAIRS, shown.map_max_hairs_per_cm2))


def _shown(captures: Sequence[CaptureView], wanted: int | None) -> CaptureView | None:
    if wanted is not None:
        for capture in captures:
            if capture.frame_number == wanted:
                return capture
        sentence = TEXT.site_frame_not_there.format(number=wanted)
        raise NotFoundError(f"no frame {wanted} among {len(captures)}", person=sentence)
    measured = [capture for capture in captures if capture.state == "measured"]
    return next(iter([*measured, *captures]), None)
