"""From the records' rows to the views that pages show."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from station.capture.protocol import Protocol, Site
from station.records.repeatability import RepeatabilityRow
from station.records.rows import CaptureRow, CaptureState, MeasurementRow, RepeatRow, VisitRow
from station.service import estimates
from station.service.estimates import Reading, Spread, VisitMean
from station.service.views import CaptureView, CourseView, Estimate, SiteView, VisitView
from station.trends.error import MIN_PAIRS, FrameError, frame_error
from station.trends.ladder import Ladder
from station.trends.repeatability import placements


@dataclass(frozen=True, slots=True)
class Errors:
    """Repeatability of one photograph, for follicular units and for hairs; matched: standard error of the logarithm of
    the change that matching tells where nothing changed, None until it is measured."""

    fu: FrameError
    hairs: FrameError
    matched: float | None = None


def repeatability(rows: Sequence[RepeatRow], runs: Sequence[RepeatabilityRow] = ()) -> Errors:
    """The station's own error from everybody's repeats: those within visits, and those of runs that were made to
    measure it (one photograph of each repeat)."""
    groups: dict[tuple[str, int, str], list[RepeatRow]] = {}
    for row in rows:
        groups.setdefault((row.person, row.visit, row.site), []).append(row)
    repeats = list(groups.values())
    return Errors(
        frame_error([[row.fu_per_cm2 for row in group] for group in repeats] + [placements(run.fu) for run in runs]),
        frame_error(
            [[row.hairs_per_cm2 for row in group] for group in repeats] + [placements(run.hairs) for run in runs]
        ),
        _matched(runs),
    )


def _matched(runs: Sequence[RepeatabilityRow]) -> float | None:
    logs = [log for run in runs for log in run.matched]
    return math.sqrt(math.fsum(log * log for log in logs) / len(logs)) if len(logs) >= MIN_PAIRS else None


def fu_reading(row: MeasurementRow) -> Reading:
    return Reading(row.fu_per_cm2, row.fu_interval, row.fu_count, row.counted_area_cm2)


def hairs_reading(row: MeasurementRow) -> Reading:
    return Reading(row.hairs_per_cm2, row.hairs_interval, row.hair_count, row.counted_area_cm2)


def course_view(
    visits: Sequence[VisitRow],
    captures: Sequence[CaptureRow],
    errors: Errors,
    protocol_of: Callable[[str], Protocol],
    now: Ladder,
) -> CourseView:
    """All visits, with what can be said now and the band around the baseline."""
    by_visit: dict[int, list[CaptureRow]] = {}
    for capture in captures:
        by_visit.setdefault(capture.visit, []).append(capture)
    views = tuple(visit_view(row, by_visit.get(row.number, ()), errors, protocol_of(row.protocol)) for row in visits)
    if now.claim is None or now.fu is None or now.rule is None:
        return CourseView(views)
    ends = (now.claim.before.dates[0], now.claim.after.dates[-1])
    compared = [view for view in views if view.complete and view.date in ends]
    bands: list[tuple[float, float] | None] = [None, None]
    if len(compared) > 1:
        baseline, latest = compared[0], compared[-1]
        protocol = protocol_of(baseline.protocol)
        bands = [
            _band(baseline.fu, latest.fu, baseline, latest, protocol, errors.fu),
            _band(baseline.hairs, latest.hairs, baseline, latest, protocol, errors.hairs),
        ]
    return CourseView(
        views,
        estimates.told(now.fu, now.rule, errors.fu),
        estimates.told(now.claim, now.rule, errors.hairs),
        bands[0],
        bands[1],
    )


def visit_view(row: VisitRow, captures: Sequence[CaptureRow], errors: Errors, protocol: Protocol) -> VisitView:
    """One visit. captures: its own."""
    planned = protocol.frames(row.number)
    by_site = {site.id: [each for each in captures if each.site == site.id] for site in protocol.sites}
    fu = _spreads(by_site, errors.fu, fu_reading)
    hairs = _spreads(by_site, errors.hairs, hairs_reading)
    sites = tuple(
        _site_view(site, by_site[site.id], planned, fu.get(site.id), hairs.get(site.id)) for site in protocol.sites
    )
    return VisitView(
        number=row.number,
        date=row.began.local_date,
        clock_status=str(row.began.status),
        protocol=row.protocol,
        fu=_visit_mean(protocol, fu, errors.fu),
        hairs=_visit_mean(protocol, hairs, errors.hairs),
        sites=sites,
        complete=all(_finished(site) for site in sites),
    )


def capture_view(row: CaptureRow, map_max_fu_per_cm2: float, map_max_hairs_per_cm2: float) -> CaptureView:
    """One photograph."""
    measured = row.measurement
    return CaptureView(
        capture_id=row.capture_id,
        frame_number=row.frame,
        state=str(row.state),
        error=row.error,
        taken=row.taken.utc,
        clock_status=str(row.taken.status),
        width_px=row.image.width_px,
        height_px=row.image.height_px,
        px_per_mm=row.px_per_mm,
        fu=None if measured is None else estimates.single(fu_reading(measured)),
        hairs=None if measured is None else estimates.single(hairs_reading(measured)),
        warnings=() if measured is None else measured.warnings,
        model="" if measured is None else measured.model,
        engine="" if measured is None else measured.engine,
        calibration=row.calibration_id,
        image_sha256=row.image.sha256,
        map_max_fu_per_cm2=map_max_fu_per_cm2,
        map_max_hairs_per_cm2=map_max_hairs_per_cm2,
        calibre=None if measured is None else measured.calibre,
        grey_share=None if measured is None else measured.grey_share,
        short_share=None if measured is None else measured.short_share,
    )


def _site_view(
    site: Site, captures: Sequence[CaptureRow], planned: int, fu: Spread | None, hairs: Spread | None
) -> SiteView:
    measured = [row.measurement for row in captures if row.measurement is not None]
    units = sum(row.fu_count for row in measured)
    return SiteView(
        site=site.id,
        name=site.name,
        head_x=site.head_x,
        head_y=site.head_y,
        # A visit that begins a series takes more than a later one, and anybody may take more.
        frames_planned=max(planned, len(captures)),
        frames_done=len(measured),
        frames_failed=sum(row.state is CaptureState.FAILED for row in captures),
        fu=fu.estimate() if fu else None,
        hairs=hairs.estimate() if hairs else None,
        hairs_per_fu=sum(row.hair_count for row in measured) / units if units else None,
        warnings=tuple(dict.fromkeys(warning for row in measured for warning in row.warnings)),
        capture_ids=tuple(row.capture_id for row in captures),
    )


def _spreads(
    by_site: dict[str, list[CaptureRow]], error: FrameError, reading: Callable[[MeasurementRow], Reading]
) -> dict[str, Spread]:
    """The mean of each site that has a measured photograph."""
    readings = {
        site: [reading(row.measurement) for row in captures if row.measurement is not None]
        for site, captures in by_site.items()
    }
    return {site: estimates.site(found, error) for site, found in readings.items() if found}


def _visit_mean(protocol: Protocol, spreads: dict[str, Spread], error: FrameError) -> Estimate | None:
    """Mean over the protocol's sites; None while a site is missing: another mix of sites would be another mean."""
    if len(spreads) < len(protocol.sites):
        return None
    weights = protocol.weights()
    return estimates.visit(list(spreads.values()), [weights[site] for site in spreads], error).estimate()


def _finished(site: SiteView) -> bool:
    return site.frames_done > 0 and site.frames_done + site.frames_failed >= site.frames_planned


def _band(
    first: Estimate | None,
    last: Estimate | None,
    baseline: VisitView,
    latest: VisitView,
    protocol: Protocol,
    error: FrameError,
) -> tuple[float, float] | None:
    if first is None or last is None:
        return None
    weights = protocol.weights()
    means = [
        VisitMean(
            estimate.value,
            tuple(weights[site.site] for site in view.sites),
            tuple(site.frames_done for site in view.sites),
        )
        for estimate, view in ((first, baseline), (last, latest))
    ]
    return estimates.band(means[0], means[1], error)
