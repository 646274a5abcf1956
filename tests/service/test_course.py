"""From rows to views: what is complete, what is missing, and what may be compared."""

from __future__ import annotations

import datetime as dt

import pytest

from station.capture.protocol import load_protocol
from station.clock import ClockStatus, Timestamp
from station.records.rows import CaptureRow, CaptureState, MeasurementRow, RepeatRow, StoredImage, VisitRow
from station.service import course
from station.service.course import Errors
from station.trends.error import FrameError
from station.trends.inputs import PersonRecord, SiteReading, VisitReading
from station.trends.ladder import ladder
from station.values import Interval

PROTOCOL = load_protocol()
SITES = [site.id for site in PROTOCOL.sites]
KNOWN = FrameError(0.02, 60, measured=True)
ERRORS = Errors(KNOWN, KNOWN)


def moment(visit: int) -> Timestamp:
    return Timestamp(dt.datetime(2026, visit, 5, 23, 30, tzinfo=dt.UTC), 60, ClockStatus.RTC)


def visit_row(number: int) -> VisitRow:
    return VisitRow(number, number, moment(number), PROTOCOL.id)


def capture_row(
    visit: int,
    site: str,
    frame: int,
    fu: float | None = 80.0,
    *,
    model: str = "aa",
    rig: str = "reference",
    warnings: tuple[str, ...] = (),
) -> CaptureRow:
    measured = fu is not None and MeasurementRow(
        measurement_id=1,
        fu_count=round(fu * 6),
        hair_count=round(2 * fu * 6),
        counted_area_cm2=6.0,
        fu_per_cm2=fu,
        fu_interval=Interval(fu * 0.94, fu * 1.06),
        hairs_per_cm2=2 * fu,
        hairs_interval=Interval(2 * fu * 0.9, 2 * fu * 1.1),
        warnings=warnings,
        model="m 1",
        model_sha256=model,
        engine="e",
        calibration_id="c",
        software="0",
    )
    return CaptureRow(
        capture_id=1000 * visit + 10 * SITES.index(site) + frame,
        person="BCDFGHJK",
        visit=visit,
        site=site,
        frame=frame,
        state=CaptureState.MEASURED if measured else CaptureState.FAILED,
        error="" if measured else "Nothing can be counted.",
        image=StoredImage("a.jpg", "00", 1, 4056, 3040),
        taken=moment(visit),
        rig_id=rig,
        calibration_id="c",
        px_per_mm=135.0,
        px_per_mm_rel_sd=0.01,
        measurement=measured or None,
    )


def whole_visit(visit: int, fu: float = 80.0, **more: str) -> list[CaptureRow]:
    return [
        capture_row(visit, site, frame, fu, **more)  # type: ignore[arg-type]
        for site in SITES
        for frame in range(1, PROTOCOL.frames(visit) + 1)
    ]


def view(visits: int, captures: list[CaptureRow], errors: Errors = ERRORS) -> course.CourseView:
    rows = [visit_row(number) for number in range(1, visits + 1)]
    return course.course_view(rows, captures, errors, load_protocol, ladder(record(visits, captures, errors)))


def record(visits: int, captures: list[CaptureRow], errors: Errors) -> PersonRecord:
    """The same captures as the trends get them."""
    readings = []
    for number in range(1, visits + 1):
        own = [row for row in captures if row.visit == number and row.measurement is not None]
        sites = {}
        for site in {row.site for row in own}:
            found = [row.measurement for row in own if row.site == site and row.measurement is not None]
            fu = sum(each.fu_per_cm2 for each in found) / len(found)
            sites[site] = SiteReading(site, 2 * fu, fu, len(found), 6.0 * len(found))
        made_by = " ".join(sorted({f"{row.rig_id} {row.measurement.model_sha256}" for row in own if row.measurement}))
        readings.append(VisitReading(number, moment(number).local_date, PROTOCOL.id, made_by, sites))
    return PersonRecord(dt.date(2026, 12, 1), tuple(readings), PROTOCOL.weights(), errors.hairs, errors.fu)


def test_a_whole_visit() -> None:
    (found,) = view(1, whole_visit(1)).visits
    assert found.complete
    assert found.date == dt.date(2026, 1, 6), "the date where the station stands"
    assert found.clock_status == "rtc"
    assert found.fu is not None
    assert found.hairs is not None
    assert (found.fu.value, found.hairs.value) == (pytest.approx(80), pytest.approx(160))
    assert found.fu.frames == 24
    assert found.fu.area_cm2 == pytest.approx(144)
    vertex = found.site("vertex")
    assert vertex is not None
    assert (vertex.name, vertex.frames_planned, vertex.frames_done, vertex.frames_failed) == ("Vertex", 3, 3, 0)
    assert vertex.hairs_per_fu == pytest.approx(2)
    assert len(vertex.capture_ids) == 3


def test_the_mean_waits_for_every_site_and_the_visit_for_every_photograph() -> None:
    captures = whole_visit(1)
    without_site = [row for row in captures if row.site != "occipital"]
    (found,) = view(1, without_site).visits
    assert (found.fu, found.hairs, found.complete) == (None, None, False)
    one_short = [row for row in captures if (row.site, row.frame) != ("occipital", 3)]
    (found,) = view(1, one_short).visits
    assert found.fu is not None
    assert not found.complete


def test_a_failed_photograph_is_counted_as_failed_and_the_visit_can_still_be_complete() -> None:
    captures = [row for row in whole_visit(1) if (row.site, row.frame) != ("vertex", 2)]
    (found,) = view(1, [*captures, capture_row(1, "vertex", 2, None)]).visits
    vertex = found.site("vertex")
    assert vertex is not None
    assert (vertex.frames_done, vertex.frames_failed) == (2, 1)
    assert found.complete
    all_failed = [row for row in captures if row.site != "vertex"]
    all_failed += [capture_row(1, "vertex", frame, None) for frame in (1, 2, 3)]
    (found,) = view(1, all_failed).visits
    assert not found.complete
    assert found.fu is None


def test_warnings_are_told_once() -> None:
    blurred = [capture_row(1, "vertex", frame, warnings=("Blurred.", f"Frame {frame}.")) for frame in (1, 2)]
    (found,) = view(1, blurred).visits
    vertex = found.site("vertex")
    assert vertex is not None
    assert vertex.warnings == ("Blurred.", "Frame 1.", "Frame 2.")


def test_the_latest_complete_visit_is_compared_with_the_baseline() -> None:
    found = view(3, [*whole_visit(1, 80), *whole_visit(2, 90), *whole_visit(3, 50)[:-2]])
    assert [visit.complete for visit in found.visits] == [True, True, False]
    assert found.fu_change is not None
    assert found.fu_change.percent == pytest.approx(12.5)
    assert found.fu_change.beyond_error
    # CV 2 % per photograph, 8 sites: 2 % / sqrt(24) at baseline and 2 % / sqrt(16) later.
    assert found.fu_change.cv_percent == pytest.approx(0.5, rel=0.001)
    assert (found.fu_change.rule, found.fu_change.since) == ("pair", dt.date(2026, 1, 6))
    assert found.fu_change.mdc_percent == pytest.approx(196 * 0.02 * (1 / 24 + 1 / 16) ** 0.5, rel=0.01)
    assert found.hairs_change is not None
    assert found.hairs_change.percent == pytest.approx(12.5)


def test_there_is_no_change_without_a_complete_baseline_and_a_later_visit() -> None:
    assert view(0, []).fu_change is None
    assert view(1, whole_visit(1)).fu_change is None
    assert view(2, [*whole_visit(1)[:-3], *whole_visit(2)]).fu_change is None


@pytest.mark.parametrize("other", [{"model": "bb"}, {"rig": "demo"}])
def test_no_change_is_claimed_across_another_model_or_rig(other: dict[str, str]) -> None:
    found = view(2, [*whole_visit(1, 80), *whole_visit(2, 95, **other)])
    assert found.visits[1].complete
    assert found.fu_change is None
    assert found.hairs_change is None


def test_repeats_are_those_of_one_site_in_one_visit() -> None:
    rows = [
        RepeatRow("P", visit, site, fu, 2 * fu)
        for visit in (1, 2)
        for site in SITES
        for fu in (70.0 * visit, 70.0 * visit)
    ]
    found = course.repeatability(rows)
    assert found.fu.measured
    assert found.fu.pairs == 16
    assert found.fu.cv == pytest.approx(0, abs=1e-9)
    assert not course.repeatability(rows[:12]).fu.measured


def test_a_capture_shows_what_made_its_number() -> None:
    row = capture_row(1, "vertex", 2)
    found = course.capture_view(row, 140.0, 280.0)
    assert found.fu is not None
    assert found.fu.interval == Interval(80 * 0.94, 80 * 1.06)
    assert (found.model, found.engine, found.calibration, found.frame_number) == ("m 1", "e", "c", 2)
    assert (found.map_max_fu_per_cm2, found.map_max_hairs_per_cm2) == (140.0, 280.0)
    failed = course.capture_view(capture_row(1, "vertex", 3, None), 140.0, 280.0)
    assert (failed.state, failed.fu, failed.model) == ("failed", None, "")
    assert failed.error == "Nothing can be counted."
