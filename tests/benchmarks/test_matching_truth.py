"""What a comparison should have found, on views that are made up by hand, and the error model of monthly visits."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.matching import SiteChange, change_report, head_errors, visit_cv
from benchmarks.matching_truth import assigned, counted_change, transform_error, true_change, true_overlap
from benchmarks.matching_views import (
    SITES,
    START,
    Shot,
    View,
    baseline_group,
    later_group,
    plan,
    shots,
)
from station.matching.constellation import Constellation
from station.matching.transform import Transform

NONE = np.zeros(0)


def shown(hairs: int, cells: int = 100) -> Constellation:
    """A view of 10 x 10 mm with so many hairs, of which `cells` mm2 count."""
    countable = np.zeros((10, 10), bool)
    countable.flat[:cells] = True
    places, rows = np.full((hairs, 2), 5.0), np.zeros(hairs, np.intp)
    return Constellation(
        places, np.ones(hairs), np.ones(hairs), np.ones(hairs), rows, places[:1], rows[:1],
        np.zeros((0, 3)), 0.5, countable, 1.0, (10.0, 10.0),
    )  # fmt: skip


def seen(where: list[tuple[float, float]], flags: list[int], standing: list[int]) -> View:
    return View(shown(1), np.array(where, float), np.array(flags, bool), np.array(standing, bool))


def test_a_true_change_is_that_of_the_hairs_in_the_ground_of_both_visits() -> None:
    here = [(2.0, 2.0), (4.0, 4.0), (6.0, 6.0), (9.9, 5.0)]
    all_there = seen(here, [1, 1, 1, 1], [1, 1, 1, 1])
    one_hidden = seen(here, [1, 1, 0, 1], [1, 1, 1, 1])
    one_gone = seen(here, [0, 1, 1, 1], [0, 1, 1, 1])
    assert true_change([all_there], [all_there]).percent == 0
    # The fourth hair stands in the margin, and no view counts it.
    assert true_change([all_there], [one_gone]).percent == pytest.approx(-100 / 3)
    assert true_change([all_there], [one_gone]).standing_percent == pytest.approx(-100 / 3)
    half = true_change([all_there, one_hidden], [all_there, all_there])
    assert (half.before, half.after, half.stood, half.stands) == (2.5, 3.0, 3, 3)
    assert half.standing_percent == 0


def test_a_hair_outside_one_view_counts_by_the_frames_that_show_its_place() -> None:
    moved = seen([(12.0, 2.0), (4.0, 4.0)], [0, 1], [1, 1])
    whole = seen([(2.0, 2.0), (4.0, 4.0)], [1, 1], [1, 1])
    assert true_change([whole], [moved]).before == 1
    assert true_change([whole], [moved, whole]).after == 2
    assert true_overlap(moved, whole) == 0.5


def test_two_counts_are_compared_by_area() -> None:
    assert counted_change([shown(50), shown(70)], [shown(33, 50)]) == pytest.approx(10.0)


def test_the_error_of_a_transform_is_that_at_the_hairs_in_both_views() -> None:
    baseline = seen([(2.0, 2.0), (4.0, 4.0), (6.0, 6.0)], [1, 1, 1], [1, 1, 1])
    later = seen([(3.0, 2.0), (5.0, 4.0), (16.0, 6.0)], [1, 1, 1], [1, 1, 1])
    right = Transform(np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 0.0]]))
    assert transform_error(right, later, baseline) == pytest.approx(0)
    off = Transform(np.array([[1.0, 0.0, -1.0], [0.0, 1.0, 0.3]]))
    assert transform_error(off, later, baseline) == pytest.approx(0.3)


def test_points_are_paired_so_that_as_many_as_can_be_are_within_reach() -> None:
    a = np.array([[0.0, 0.0], [0.08, 0.0], [5.0, 5.0]])
    b = np.array([[0.07, 0.0], [0.16, 0.0]])
    mine, theirs = assigned(a, b, 0.1)
    assert list(zip(mine.tolist(), theirs.tolist(), strict=True)) == [(0, 0), (1, 1)]
    assert len(assigned(a, b[:0], 0.1)[0]) == 0


def test_no_photograph_is_made_twice_and_each_change_has_both_its_visits() -> None:
    every = list(shots(3))
    assert len(set(every)) == len(every) == 3 * 8 * 17
    assert len({(plan(each.group)[1], each.number) for each in every if each.site == "vertex"}) == 17
    for change in (0.0, -0.1, 0.05):
        before, after = baseline_group(change), later_group(change)
        assert {Shot(7000, "vertex", before, 3), Shot(7000, "vertex", after, 2)} <= set(every)
        days = [plan(group)[1] for group in (before, after)]
        assert days[0] <= START < days[1]
        lost = [course.loss_at("vertex", (day - START).days / 30.4) for course, day, _ in map(plan, (before, after))]
        assert (1 - lost[1]) / (1 - lost[0]) - 1 == pytest.approx(change)


def change(seed: int, site: str, true: float, matched: float, counted: float) -> SiteChange:
    return SiteChange(
        seed, site, 0.0, true, true, matched, matched - 1, matched + 1, counted, 100.0, 100 + matched,
        (100.0, 100 + counted), True, 6.0, 0.02, 10, 9, 8, 100.0,
    )  # fmt: skip


def test_errors_are_told_against_the_truth_per_site_and_over_the_head() -> None:
    head = [change(1, site, 2.0, 3.0 if number % 2 else 1.0, 7.0) for number, site in enumerate(SITES)]
    matched, counted = head_errors(head)
    assert matched == pytest.approx(0)
    assert counted == pytest.approx(5)
    report = change_report(0.0, head)
    assert report["matched within 1.5 points, %"] == 100
    assert report["two counts within 1.5 points, %"] == 0
    assert report["interval holds the truth, %"] == 100
    assert report["8 sites: matched within 0.5 points, %"] == 100
    assert visit_cv(head)["per site, by matching, %"] == pytest.approx(100 * 0.01 / 1.02 / 2**0.5, abs=0.01)


def test_the_error_model_parts_a_known_error_into_its_visits() -> None:
    from benchmarks.monthly import error_model

    rng = np.random.default_rng(3)
    rows = []
    for seed, site in itertools.product(range(400), SITES):
        first = dict.fromkeys((0.0, -0.1, -0.05), rng.normal(0, 0.003))
        first |= {each: rng.normal(0, 0.003) for each in (0.1, 0.05)}
        last = dict.fromkeys((0.0, 0.1, 0.05), rng.normal(0, 0.006))
        last |= {each: rng.normal(0, 0.006) for each in (-0.1, -0.05)}
        for each, before in first.items():
            error = 0.002 + last[each] - before
            row = change(seed, site, 100 * each, 100 * ((1 + each) ** 1.1 * np.exp(error) - 1), 0.0)
            row = replace(row, change=each)
            rows.append({"seed": seed, "site": site, "change": each, "accepted": True} | _numbers(row))
    model = error_model(rows)
    assert model.baseline == pytest.approx(0.003, rel=0.15)
    assert model.later == pytest.approx(0.006, rel=0.15)
    assert model.total == pytest.approx(np.hypot(0.003, 0.006), rel=0.05)
    assert model.offset == pytest.approx(0.002, abs=0.0005)
    assert model.slope == pytest.approx(0.1, abs=0.01)
    assert model.common < 0.05


def _numbers(row: SiteChange) -> dict[str, float]:
    return {"true": row.true, "matched": row.matched, "low": row.low, "high": row.high}
