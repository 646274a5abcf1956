"""Values with their error: the formulas of `station.service.estimates` against simulation and by hand."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from station.service import estimates
from station.service.estimates import Reading, VisitMean
from station.trends.endpoint import Level, change
from station.trends.error import DEFAULT_CV, FrameError
from station.trends.sentences import Sentence
from station.values import Interval

MEASURED = FrameError(0.05, 40, measured=True)
UNKNOWN = FrameError(DEFAULT_CV, 3, measured=False)


def reading(density: float, half: float = 0.08, area: float = 5.0, shift: float = 0.0) -> Reading:
    """A photograph whose 90 % interval is +-half on logs of count + 1/2, as the density room makes it."""
    centre = math.log(density * area + 0.5) + shift
    low, high = (math.exp(centre + sign * half) - 0.5 for sign in (-1, 1))
    return Reading(density, Interval(max(low, 0) / area, high / area), round(density * area), area)


def test_one_photograph_keeps_the_models_interval() -> None:
    one = reading(80)
    found = estimates.single(one)
    assert (found.value, found.interval, found.frames) == (80, one.interval, 1)


def test_a_site_of_one_exact_camera_gets_the_models_interval_back() -> None:
    exact = FrameError(1e-9, 99, measured=True)
    found = estimates.site([reading(80, shift=0.03)] * 3, exact).estimate()
    assert found.interval.low == pytest.approx(reading(80, shift=0.03).interval.low)
    assert found.interval.high == pytest.approx(reading(80, shift=0.03).interval.high)
    assert (found.frames, found.count, found.area_cm2) == (3, 1200, 15.0)


def test_the_models_part_does_not_average_out_and_the_repeats_part_does() -> None:
    def half(n: int, model: float, cv: float) -> float:
        interval = estimates.site([reading(80, model)] * n, FrameError(cv, 40, measured=True)).estimate().interval
        return math.log((interval.high * 5 + 0.5) / (interval.low * 5 + 0.5)) / 2

    assert half(100, 0.08, 1e-9) == pytest.approx(half(1, 0.08, 1e-9))
    assert half(4, 1e-9, 0.06) == pytest.approx(half(1, 1e-9, 0.06) / 2, rel=1e-6)
    # By hand: sqrt(0.08^2 + (1.645 * 0.05)^2 / 2), with ln(1 + CV^2) for CV^2.
    assert half(2, 0.08, 0.05) == pytest.approx(math.sqrt(0.08**2 + 1.645**2 * math.log(1.0025) / 2), rel=1e-9)


def test_the_default_is_not_divided_by_photographs_it_does_not_describe() -> None:
    spreads = [estimates.site([reading(80)] * 3, UNKNOWN) for _ in range(8)]
    assert spreads[0].random == pytest.approx(math.sqrt(math.log1p(0.07**2)))
    assert estimates.visit(spreads, [1 / 8] * 8, UNKNOWN).random == pytest.approx(spreads[0].random)


def test_intervals_cover_nine_times_in_ten() -> None:
    # A model that is off by the same factor in every photograph of a visit, and repeats that differ by 5 %.
    rng = np.random.default_rng(5)
    model_sd, repeat_sd, truth, area = 0.05, math.sqrt(math.log1p(0.05**2)), 80.0, 50.0
    site_hits = visit_hits = 0
    runs = 2000
    for _ in range(runs):
        bias = rng.normal(0, model_sd)
        spreads = []
        for _site in range(8):
            densities = truth * np.exp(bias + rng.normal(0, repeat_sd, 2))
            readings = [reading(float(density), 1.645 * model_sd, area) for density in densities]
            spreads.append(estimates.site(readings, MEASURED))
        interval = spreads[0].estimate().interval
        site_hits += interval.low <= truth <= interval.high
        interval = estimates.visit(spreads, [1 / 8] * 8, MEASURED).estimate().interval
        visit_hits += interval.low <= truth <= interval.high
    assert site_hits / runs == pytest.approx(0.90, abs=0.02)
    assert visit_hits / runs == pytest.approx(0.90, abs=0.02)


def test_a_visit_is_the_weighted_mean() -> None:
    spreads = [estimates.site([reading(value)], MEASURED) for value in (60, 90)]
    found = estimates.visit(spreads, [0.25, 0.75], MEASURED).estimate()
    assert found.value == pytest.approx(82.5)
    assert found.interval.low < 82.5 < found.interval.high
    assert (found.count, found.area_cm2, found.frames) == (750, 10.0, 2)


def test_bare_skin_has_an_upper_limit_and_breaks_nothing() -> None:
    # Garwood's exact bound for no hair on 5 cm2 at 90 %: 3.0 / 5 per cm2 (Biometrika 1936).
    bare = Reading(0.0, Interval(0.0, 3.0 / 5), 0, 5.0)
    found = estimates.site([bare, bare], MEASURED).estimate()
    assert (found.value, found.interval.low) == (0.0, 0.0)
    assert 0.5 < found.interval.high < 0.8
    both = estimates.visit([estimates.site([bare], MEASURED)] * 2, [0.5, 0.5], MEASURED).estimate()
    assert both.value == 0.0
    assert estimates.band(VisitMean(0.0, (1.0,), (1,)), VisitMean(5.0, (1.0,), (1,)), MEASURED) is None


def test_no_change_is_taken_for_a_change_once_in_twenty() -> None:
    rng = np.random.default_rng(11)
    sd = math.sqrt(math.log1p(0.05**2))
    weights, frames = (1 / 8,) * 8, ((3,) * 8, (2,) * 8)
    runs = 4000
    alarms = 0
    for _ in range(runs):
        means = [
            VisitMean(float(np.mean([80 * np.exp(rng.normal(0, sd, m)).mean() for m in per_site])), weights, per_site)
            for per_site in frames
        ]
        edges = estimates.band(means[0], means[1], MEASURED)
        assert edges is not None
        alarms += not edges[0] <= means[1].value <= edges[1]
    assert alarms / runs == pytest.approx(0.05, abs=0.012)


def plain(sentence: Sentence) -> str:
    return sentence.text().replace("\u00a0", " ")


def test_the_band_around_the_baseline_is_that_of_two_single_visits() -> None:
    one = (1.0,)
    edges = estimates.band(VisitMean(80, one, (1,)), VisitMean(100, one, (1,)), UNKNOWN)
    # M2 on logs at a CV of 7 %: -17.6 % and +21.4 %.
    assert edges == (pytest.approx(80 * 0.8238, abs=0.01), pytest.approx(80 * 1.2138, abs=0.01))
    assert estimates.band(VisitMean(0, one, (1,)), VisitMean(100, one, (1,)), UNKNOWN) is None


def test_a_change_is_told_with_its_limit_and_where_the_error_comes_from() -> None:
    before, after = (
        Level(value, 0.02, (day,)) for value, day in ((80.0, dt.date(2026, 1, 5)), (90.0, dt.date(2026, 7, 5)))
    )
    told = estimates.told(change(before, after), "pair", UNKNOWN)
    assert (told.percent, told.beyond_error, told.since) == (pytest.approx(12.5), True, dt.date(2026, 1, 5))
    assert told.mdc_percent == pytest.approx(5.70, abs=0.01)
    assert "default of 7 %" in plain(told.cv_source)
    assert "3 are recorded so far" in plain(told.cv_source)
    assert "From 40 repeat pairs of the same day" in plain(estimates.cv_source(MEASURED))
