"""Two visits of a site side by side for the pages: the comparison of `station.service.comparing` with its pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from station.capture.protocol import load_protocol
from station.errors import NotFoundError, UsageError
from station.matching.comparison import Changed, Comparison, HairState, MatchedHair, MatchedUnit
from station.matching.constellation import Constellation, constellation
from station.matching.register import Registration
from station.matching.transform import Transform
from station.records.rows import CaptureRow, CaptureState, VisitRow
from station.records.store import Records
from station.service.change_picture import change_map, change_png, warped
from station.service.comparing import Comparing, made_with
from station.service.comparison_view import (
    KEPT,
    LOST,
    NEW,
    ComparedHair,
    ComparedUnit,
    ComparedVisit,
    ComparisonView,
    MatchedChange,
)
from station.service.pictures import MAP_WIDTH_PX, PictureCache, derived_from
from station.trends.sentences import Number, Sentence, Term, percent, say
from station.values import Interval


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """Two visits and their measured photographs of a site. reason: why they cannot even be tried; found: None then."""

    name: str
    visits: tuple[VisitRow, VisitRow]
    rows: tuple[tuple[CaptureRow, ...], tuple[CaptureRow, ...]]
    reason: Sentence | None
    found: Comparison | None = None


class Pairs:
    """Pairs of visits as pages show them. Any thread may use it."""

    def __init__(
        self, records: Records, comparing: Comparing, cache: PictureCache, original: Callable[[CaptureRow], bytes]
    ) -> None:
        """original: the bytes of a photograph."""
        self._records = records
        self._comparing = comparing
        self._cache = cache
        self._original = original

    def view(self, code: str, site: str, before: int, after: int) -> ComparisonView:
        """Two visits by their numbers, the earlier one first whatever their order.

        Raises NotFoundError for an unknown person, visit or site, UsageError for the same visit twice."""
        pair = self._pair(code, site, before, after)
        found = pair.found
        if found is None or found.hair is None or found.fu is None:
            sides = [_side(visit, of[0]) if of else None for visit, of in zip(pair.visits, pair.rows, strict=True)]
            reason = pair.reason or say(_REASONS.get(found.reason if found else "", ELSEWHERE))
            return ComparisonView(site, pair.name, sides[0], sides[1], reason)
        first, (later, _) = pair.rows[0][0], _nearest(pair.rows[1], found)
        frames = [[self._constellation(row) for row in of] for of in pair.rows]
        view = ComparisonView(
            site=site,
            name=pair.name,
            before=_side(pair.visits[0], first),
            after=_side(pair.visits[1], later),
            overlap=found.overlap,
            overlap_cm2=found.overlap_cm2,
            residual_mm=found.residual_mm,
            hairs_change=_change(found.hair),
            fu_change=_change(found.fu),
            hairs=_hairs(found, first.px_per_mm),
            units=_units(found, first.px_per_mm),
            doubtful=found.doubtful,
            map=change_map(
                _accepted(frames[0], found.before),
                _accepted(frames[1], found.after),
                (_places(found.hairs), np.array([_ADDS[hair.state] for hair in found.hairs], float)),
                (_places(found.units), np.array([_ADDS[unit.state] for unit in found.units], float)),
            ),
        )
        return replace(view, sentences=_sentences(view))

    def photo(self, code: str, site: str, before: int, after: int, width: int | None = None) -> bytes:
        """The later photograph as JPEG, warped to lie on the earlier one, at most `width` pixels wide.

        Raises as `view`, and NotFoundError where the visits cannot be compared."""
        pair = self._pair(code, site, before, after)
        if pair.found is None or not pair.found.accepted:
            raise _no_picture()
        first, (later, onto) = pair.rows[0][0], _nearest(pair.rows[1], pair.found)
        size_px = first.image.width_px, first.image.height_px
        wide = min(width or size_px[0], size_px[0])
        names = "-".join(
            f"{derived_from(row.image.sha256)}-{row.measurement.measurement_id if row.measurement else 0}"
            for row in (first, later)
        )
        return self._cache.get(
            f"after-{names}-{wide}.jpg",
            lambda: warped(self._original(later), onto.transform, later.px_per_mm, size_px, first.px_per_mm, wide),
        )

    def map_png(self, code: str, site: str, before: int, after: int, kind: str) -> bytes:
        """The map of change of "hairs" or "fu" as a transparent PNG. Raises as `photo`."""
        view = self.view(code, site, before, after)
        grid, first = view.map, view.before
        if grid is None or first is None:
            raise _no_picture()
        values, limit = (grid.hairs, grid.limit_hairs) if kind == "hairs" else (grid.fu, grid.limit_fu)
        size_mm = (first.width_px / first.px_per_mm, first.height_px / first.px_per_mm)
        return change_png(values, limit, grid.pitch_mm, size_mm, min(MAP_WIDTH_PX, first.width_px))

    def _pair(self, code: str, site: str, before: int, after: int) -> _Pair:
        if before == after:
            sentence = say("pair.same-visit").text()
            raise UsageError(f"visit {before} of person {code} twice: {sentence}", person=sentence)
        first, second = (self._visit(code, number) for number in sorted((before, after)))
        name = _name(first.protocol, site)
        taken = [self._records.captures(code, visit.number, site) for visit in (first, second)]
        measured = [tuple(row for row in of if row.measurement is not None) for of in taken]
        reason = _reason((first, second), taken, measured)
        if reason is not None:
            return _Pair(name, (first, second), (taken[0], taken[1]), reason)
        found = self._comparing.between(code, site, first.number, second.number)
        if len(found.before) != len(measured[0]) or len(found.after) != len(measured[1]):
            # A photograph came since the comparison with the baseline was stored, and it is not made anew yet.
            return _Pair(name, (first, second), (measured[0], measured[1]), say("pair.not-measured"))
        return _Pair(name, (first, second), (measured[0], measured[1]), None, found)

    def _visit(self, code: str, number: int) -> VisitRow:
        for visit in self._records.visits(code):
            if visit.number == number:
                return visit
        raise NotFoundError(f"There is no visit {number} of person {code}.", person="This visit is not on record.")

    def _constellation(self, row: CaptureRow) -> Constellation:
        size_mm = (row.image.width_px / row.px_per_mm, row.image.height_px / row.px_per_mm)
        return constellation(self._records.detail(row.capture_id), size_mm)


ELSEWHERE = "pair.elsewhere"
_REASONS = {"compare.little": "pair.little", "compare.few": "pair.few"}
_ADDS = {HairState.KEPT: 0, HairState.LOST: -1, HairState.NEW: 1}


def _name(protocol: str, site: str) -> str:
    """Name of a site. Raises NotFoundError for one that the protocol does not have."""
    for each in load_protocol(protocol).sites:
        if each.id == site:
            return each.name
    raise NotFoundError(f"There is no site {site[:40]!r} in the protocol.", person="This site is not on record.")


def _no_picture() -> NotFoundError:
    sentence = "These two visits cannot be compared, so that there is no picture of them together."
    return NotFoundError(sentence, person=sentence)


def _reason(
    visits: Sequence[VisitRow], rows: Sequence[Sequence[CaptureRow]], measured: Sequence[Sequence[CaptureRow]]
) -> Sentence | None:
    """Why two visits of a site cannot even be tried."""
    if visits[0].protocol != visits[1].protocol:
        return say("pair.other-protocol")
    if not all(measured):
        waiting = any(row.state is CaptureState.CAPTURED for of in rows for row in of)
        return say("pair.not-measured" if waiting else "pair.no-photograph")
    return say("pair.other-rig") if len({made_with(row) for of in measured for row in of}) > 1 else None


def _side(visit: VisitRow, row: CaptureRow) -> ComparedVisit:
    image = row.image
    return ComparedVisit(
        visit.number, visit.began.local_date, row.capture_id, image.width_px, image.height_px, row.px_per_mm
    )


def _places(points: Sequence[MatchedHair] | Sequence[MatchedUnit]) -> NDArray[np.float64]:
    return np.array([(point.x_mm, point.y_mm) for point in points], float).reshape(-1, 2)


def _hairs(found: Comparison, px_per_mm: float) -> tuple[ComparedHair, ...]:
    return tuple(
        ComparedHair(
            round(hair.x_mm * px_per_mm, 1),
            round(hair.y_mm * px_per_mm, 1),
            round(hair.x_mm, 3),
            round(hair.y_mm, 3),
            str(hair.state),
            round(hair.confidence, 3),
        )
        for hair in found.hairs
    )


def _units(found: Comparison, px_per_mm: float) -> tuple[ComparedUnit, ...]:
    return tuple(
        ComparedUnit(
            round(unit.x_mm * px_per_mm, 1),
            round(unit.y_mm * px_per_mm, 1),
            round(unit.x_mm, 3),
            round(unit.y_mm, 3),
            unit.hairs_before,
            unit.hairs_after,
        )
        for unit in found.units
    )


def _change(found: Changed) -> MatchedChange:
    low, high = (found.before_per_cm2 * end / 100 for end in (found.interval.low, found.interval.high))
    per_cm2 = Interval(low, high, found.interval.level)
    return MatchedChange(found.before_per_cm2, found.per_cm2, per_cm2, found.percent, found.interval)


def _nearest(rows: Sequence[CaptureRow], found: Comparison) -> tuple[CaptureRow, Registration]:
    """Of the later photographs that lie on the baseline the one that shows most of it."""
    return max(zip(rows, found.after, strict=True), key=lambda pair: (pair[1].accepted, pair[1].overlap))


def _accepted(
    frames: Sequence[Constellation], registrations: Sequence[Registration]
) -> list[tuple[Constellation, Transform]]:
    return [(frame, each.transform) for frame, each in zip(frames, registrations, strict=True) if each.accepted]


def _sentences(view: ComparisonView) -> tuple[Sentence, ...]:
    change, fu = view.hairs_change, view.fu_change
    if view.before is None or view.after is None or change is None or fu is None:
        return ()
    interval = change.percent_interval
    counts = view.counts
    return (
        say(
            "pair.within" if interval.low <= 0 <= interval.high else "pair.changed",
            site=Term(f"site.{view.site}"),
            before=view.before.date,
            after=view.after.date,
            percent=percent(change.percent),
            level=Number(100 * interval.level, 0, unit="%"),
            low=percent(interval.low),
            high=percent(interval.high),
        ),
        say(
            "pair.fu",
            percent=percent(fu.percent),
            low=percent(fu.percent_interval.low),
            high=percent(fu.percent_interval.high),
        ),
        say(
            "pair.counts",
            area=Number(view.overlap_cm2, 2, unit="cm²"),
            kept=counts[KEPT],
            lost=counts[LOST],
            new=counts[NEW],
        ),
    )
