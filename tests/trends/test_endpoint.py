"""The mean of a visit, what it may be compared with, and how two levels differ."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.trends.endpoint import (
    State,
    best_earlier,
    change,
    endpoint,
    fu_level,
    level,
    site_changes,
    smoothed,
)
from station.trends.error import FrameError
from station.trends.inputs import PersonRecord
from tests.trends.courses import SHARP, course, day, records, scaled, shifted, turned
from tests.trends.people import DEFAULT, HEAD, head, person


@pytest.mark.req("REQ-15", "REQ-17")
def test_a_visits_endpoint_is_the_weighted_mean_over_the_protocols_sites() -> None:
    weights = dict.fromkeys(HEAD, 0.1) | {"vertex": 0.3}
    point = endpoint(person([head(vertex=90)], weights=weights)).points[0]
    assert point.hairs == pytest.approx(0.7 * 180 + 0.3 * 90)
    assert point.fu == pytest.approx(point.hairs / 2.1)


def test_the_error_of_a_visit_falls_with_sites_and_photographs_once_it_is_measured() -> None:
    measured = FrameError(0.06, 60, measured=True)
    point = endpoint(course([1.0], error_hairs=measured)).points[0]
    assert point.sd_hairs == pytest.approx(0.06 / math.sqrt(8 * 3), rel=1e-3)  # 8 sites, 3 photographs each
    assert endpoint(course([1.0], error_hairs=DEFAULT)).points[0].sd_hairs == pytest.approx(0.07, rel=1e-2)


def test_a_visit_without_all_sites_or_unfinished_or_without_hairs_has_no_mean_and_says_why() -> None:
    record = course([1.0, 1.0, 1.0, 0.0, 1.0])
    visits = list(record.visits)
    rest = {site: reading for site, reading in visits[1].sites.items() if site != "vertex"}
    visits[1] = dataclasses.replace(visits[1], sites=rest)
    visits[2] = dataclasses.replace(visits[2], finished=False)
    found = endpoint(dataclasses.replace(record, visits=tuple(visits)))
    assert [point.visit.number for point in found.points] == [1, 5]
    assert [gap.visit.number for gap in found.gaps] == [2, 3, 4]
    assert [gap.reason.key for gap in found.gaps] == [
        "endpoint.sites-missing",
        "endpoint.unfinished",
        "endpoint.nothing-counted",
    ]
    assert "not measured: vertex" in found.gaps[0].reason.text()


@pytest.mark.req("REQ-25")
def test_another_protocol_rig_or_model_begins_a_segment_of_its_own() -> None:
    record = course([1.0] * 6)
    other = [dataclasses.replace(visit, series="two") for visit in record.visits[3:5]]
    last = dataclasses.replace(record.visits[5], protocol="macro-8/2")
    found = endpoint(dataclasses.replace(record, visits=(*record.visits[:3], *other, last)))
    assert [[point.visit.number for point in segment] for segment in found.segments] == [[1, 2, 3], [4, 5], [6]]
    assert found.compared == found.points == found.segments[-1]
    assert found.baseline == found.points


def test_the_baseline_is_the_latest_visits_before_the_first_dose_or_the_first_visit() -> None:
    def numbers(dosed: int | None) -> list[int]:
        return [point.visit.number for point in endpoint(course([1.0] * 8, dosed=dosed)).baseline]

    assert numbers(None) == [1]
    assert numbers(-100) == [1]
    assert numbers(0) == [1]
    assert numbers(35) == [1, 2]
    assert numbers(155) == [4, 5, 6]
    assert numbers(210) == [1]  # nothing follows the dose yet
    assert endpoint(course([])).baseline == ()


def test_a_baseline_counts_as_untreated_up_to_the_fourth_week() -> None:
    assert endpoint(course([1.0] * 3, dosed=-28)).before_dose
    assert not endpoint(course([1.0] * 3, dosed=-32)).before_dose
    assert not endpoint(course([1.0] * 3, dosed=None)).before_dose


@pytest.mark.req("REQ-03")
def test_a_change_is_told_on_logs_with_its_interval_and_the_limit_of_its_direction() -> None:
    points = endpoint(course([1.0, 1.06, 0.95])).points
    up, down = (change(level(points[:1]), level([point])) for point in points[1:])
    assert up.percent == pytest.approx(6.0)
    assert down.percent == pytest.approx(-5.0)
    # 1.96 sqrt(2) of 2 % on logs: +5.7 % and -5.4 %.
    assert up.mdc_percent == pytest.approx(5.70, abs=0.01)
    assert down.mdc_percent == pytest.approx(5.39, abs=0.01)
    assert (up.state, down.state) == (State.UP, State.WITHIN)
    assert up.low_percent > 0 > down.low_percent
    assert down.high_percent > 0
    assert up.p < 0.05 < down.p
    assert up.basis == "counted"


def test_means_of_visits_have_a_smaller_limit() -> None:
    points = endpoint(course([1.0] * 6)).points
    ends = change(level(points[:3]), level(points[3:]))
    assert ends.mdc_percent == pytest.approx(100 * math.expm1(1.96 * 0.02 * math.sqrt(2 / 3)), rel=1e-3)
    assert fu_level(points).value == pytest.approx(180 / 2.1)


def test_sites_count_as_changed_only_after_holms_correction() -> None:
    record = person([head(), head(vertex=191)], error_hairs=SHARP)  # +6.1 %: p = 0.036 by itself
    found = {each.site: each for each in site_changes(record, endpoint(record).points[:1], endpoint(record).points[1:])}
    assert set(found) == set(HEAD)
    assert found["vertex"].change.p < 0.05 < found["vertex"].p_holm
    assert found["vertex"].change.state is State.WITHIN
    sure = person([head(), head(vertex=220)], error_hairs=SHARP)
    points = endpoint(sure).points
    assert [each.site for each in site_changes(sure, points[:1], points[1:]) if each.change.state is State.UP] == [
        "vertex"
    ]


def test_a_site_that_once_had_no_hairs_has_no_ratio() -> None:
    record = person([head(), head(vertex=0)])
    points = endpoint(record).points
    assert "vertex" not in {each.site for each in site_changes(record, points[:1], points[1:])}


def test_the_best_earlier_level_is_a_mean_of_three_above_the_baseline_beyond_error() -> None:
    falling = [1.3, 1.3, 1.3, 1.2, 1.1, 1.0, 1.0, 1.0, 1.0]
    best = best_earlier(endpoint(course(falling, dosed=215)))
    assert best is not None
    assert best.value == pytest.approx(1.3 * 180)
    assert best_earlier(endpoint(course([1.0] * 9, dosed=215))) is None
    assert best_earlier(endpoint(course(falling))) is None  # nothing is on record before its baseline


def test_the_smooth_line_has_a_band_and_its_lowest_point_is_no_reference() -> None:
    found = endpoint(course([1.0, 0.9, 0.8, 0.9, 1.0]))
    line = smoothed(found)
    assert line is not None
    assert all(low < mean < high for low, mean, high in zip(line.low, line.mean, line.high, strict=True))
    assert line.lowest[0] == day(60)
    assert line.lowest[1] > 0.8 * 180  # smoothed, not the lowest value
    assert found.baseline[0].date == day(0)
    assert smoothed(endpoint(course([]))) is None


@given(records(), st.integers(-3000, 3000), st.floats(0.1, 10))
@settings(max_examples=60, deadline=None)
def test_calendar_unit_and_order_change_nothing(record: PersonRecord, days: int, factor: float) -> None:
    assert endpoint(turned(record)) == endpoint(record)
    here = endpoint(record)
    for other in (endpoint(shifted(record, days)), endpoint(scaled(record, factor))):
        assert [len(segment) for segment in other.segments] == [len(segment) for segment in here.segments]
        assert len(other.baseline) == len(here.baseline)
