"""The simulated world: what it shows agrees with the truth it tells, and time passes in it as the sources say."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.errors import UsageError
from station.follicular import clusters
from station.values import Lamp
from station.world import COURSES, SITE_FACTORS, Optics, World, simulated_person
from station.world.course import shedding_season
from station.world.hairs import HAIRS_PER_UNIT_HAN, grow_hairs, unit_positions
from station.world.looks import HairLook
from station.world.person import SITE_EXTENT_MM
from station.world.render import Pose

START = dt.date(2026, 1, 10)
SMALL = Optics(810, 608, 135.0)


def world(course: str = "b12-recovery", seed: int = 5, optics: Optics = SMALL) -> World:
    made = World(simulated_person(course, seed), optics, START)
    made.lamp = Lamp.CROSS
    return made


def day(months: float) -> dt.datetime:
    return dt.datetime.combine(START, dt.time(9)) + dt.timedelta(days=months * 30.4375)


def test_same_seed_site_date_and_placement_give_the_same_picture() -> None:
    first, second = world(), world()
    for one in (first, second):
        one.place_head("vertex", day(0), 0)
    assert np.array_equal(first.expose()[0], second.expose()[0])


def test_the_head_is_never_put_back_at_the_same_place() -> None:
    here = world()
    poses = [here.place_head("vertex", day(0), placement) for placement in range(12)]
    shifts = np.array([(pose.dx_mm, pose.dy_mm) for pose in poses])
    assert np.ptp(shifts, axis=0).min() > 0.5
    assert np.abs(shifts).max() <= 3.0
    assert np.std([pose.rotation_deg for pose in poses]) > 0.5


@pytest.mark.parametrize("seed", [1, 2, 3, 5, 8])
def test_shafts_are_where_the_truth_says(seed: int) -> None:
    """Just beyond its root, along its direction, a hair is darker than the skin at its sides (all have dark hair)."""
    here = world("healthy", seed)
    here.place_head("vertex", day(0))
    pixels, truth = here.expose()
    grey = pixels.mean(axis=2)

    def brightness(offset_along: float, offset_across: float) -> np.ndarray:
        along = np.stack([np.cos(truth.azimuth), np.sin(truth.azimuth)], 1)
        across = np.stack([-along[:, 1], along[:, 0]], 1)
        at = (truth.roots + along * offset_along + across * offset_across) * SMALL.px_per_mm
        inside = np.all((at >= 0) & (at < (SMALL.width_px, SMALL.height_px)), axis=1)
        column, row = at[inside].astype(int).T
        return grey[row, column]

    on_the_shaft = np.median(brightness(0.2, 0.0))
    beside = (np.median(brightness(0.2, 0.35)) + np.median(brightness(0.2, -0.35))) / 2
    before_the_root = np.median(brightness(-0.45, 0.0))
    assert len(truth.roots) > 15
    assert on_the_shaft < 0.75 * beside
    assert on_the_shaft < 0.85 * before_the_root


def test_without_the_lamp_the_frame_is_dark_and_shows_nothing() -> None:
    here = world()
    here.place_head("vertex", day(0))
    lit, _ = here.expose()
    here.lamp = Lamp.OFF
    dark, truth = here.expose()
    assert dark.mean() < 10 < lit.mean()
    assert len(truth.roots) == 0


def test_parallel_polarised_light_shows_glints() -> None:
    here = world()
    here.place_head("vertex", day(0))
    cross, _ = here.expose()
    here.lamp = Lamp.PARALLEL
    parallel, _ = here.expose()
    assert np.percentile(parallel, 99.5) > np.percentile(cross, 99.5) + 10


def test_expose_without_a_head_says_what_to_do() -> None:
    with pytest.raises(UsageError, match="place_head"):
        world().expose()


def test_unknown_site_and_course_name_the_known_ones() -> None:
    with pytest.raises(UsageError, match="vertex"):
        world().place_head("ear", day(0))
    with pytest.raises(UsageError, match="b12-recovery"):
        simulated_person("miracle", 1)


def hairs_over_head(course: str, month: float, seeds: range = range(6)) -> float:
    return sum(len(simulated_person(course, seed).hairs_at(site, month)) for seed in seeds for site in SITE_FACTORS)


def test_b12_recovery_falls_first_and_gains_within_the_expected_5_to_15_percent() -> None:
    baseline, nadir, year = (hairs_over_head("b12-recovery", month) for month in (0, 2, 12))
    assert 0.93 < nadir / baseline < 0.985
    assert 1.10 < year / baseline < 1.16


@pytest.mark.parametrize("course", ["healthy", "no-change"])
def test_nothing_but_the_hair_cycle_changes_without_a_course(course: str) -> None:
    assert hairs_over_head(course, 12) / hairs_over_head(course, 0) == pytest.approx(1.0, abs=0.02)


def test_pattern_loss_takes_the_top_and_spares_the_back() -> None:
    person = simulated_person("pattern-loss", 4)
    before, after = ({site: person.hairs_at(site, month) for site in SITE_FACTORS} for month in (0, 12))
    assert len(after["vertex"]) < 0.92 * len(before["vertex"])
    assert len(after["occipital"]) == pytest.approx(len(before["occipital"]), rel=0.03)
    assert after["vertex"].diameter.mean() < 0.95 * before["vertex"].diameter.mean()


def test_seasonal_shedding_is_deepest_in_november_and_gone_in_spring() -> None:
    person = simulated_person("seasonal-shedding", 2)
    autumn, spring = (shedding_season(dt.date(2026, month, 1)) for month in (11, 5))
    assert (autumn, spring) == (pytest.approx(1, abs=0.001), pytest.approx(0, abs=0.001))
    hairs = {season: sum(len(person.hairs_at(site, 0, season)) for site in SITE_FACTORS) for season in (autumn, spring)}
    assert hairs[autumn] / hairs[spring] == pytest.approx((1 - 0.12) / (1 - 0.04), abs=0.02)


def test_the_hairs_that_stay_are_the_same_hairs() -> None:
    person = simulated_person("b12-recovery", 9)
    before = {tuple(root) for root in person.hairs_at("vertex", 0).root}
    after = {tuple(root) for root in person.hairs_at("vertex", 12).root}
    # Some 7 % of follicles pass through the empty phase of the cycle within a year; all others carry on.
    assert len(before & after) > 0.9 * len(before)
    assert len(after - before) > 0.05 * len(before)


def test_density_of_units_is_the_persons_density_times_the_sites_factor() -> None:
    person = simulated_person("healthy", 3)
    units = {site: len(np.unique(person.follicles(site).unit)) for site in SITE_FACTORS}
    area_cm2 = SITE_EXTENT_MM[0] * SITE_EXTENT_MM[1] / 100
    for site, factor in SITE_FACTORS.items():
        assert units[site] / area_cm2 == pytest.approx(person.fu_per_cm2 * factor, rel=0.04)


def test_hairs_per_unit_follow_the_published_shares() -> None:
    rng = np.random.default_rng(0)
    units = unit_positions(rng, 100, 100, 80)
    hairs = grow_hairs(rng, units, HairLook(), direction=0.0, hairs_per_unit=HAIRS_PER_UNIT_HAN)
    assert len(hairs) / len(units) == pytest.approx(1.92, abs=0.05)  # the mean that follows from the shares
    counted = np.bincount(np.bincount(hairs.unit))[1:4] / len(units)
    assert counted == pytest.approx(HAIRS_PER_UNIT_HAN[:3], abs=0.03)


def test_truth_units_are_clusters_of_the_roots() -> None:
    here = world("healthy", 6)
    here.place_head("midscalp", day(0))
    _, truth = here.expose()
    whole = np.isin(truth.unit, np.flatnonzero(np.bincount(truth.unit[truth.unit >= 0]) > 0))
    for number in np.unique(truth.unit[whole & (truth.unit >= 0)]):
        members = truth.roots[truth.unit == number]
        assert clusters(members).max() == 0
        if np.all((members > 0.5) & (members < np.asarray(SMALL.size_mm) - 0.5)):
            assert truth.units[number] == pytest.approx(members.mean(axis=0))


def test_courses_have_names_and_sentences() -> None:
    assert set(COURSES) == {"healthy", "no-change", "b12-recovery", "pattern-loss", "seasonal-shedding"}
    for course in COURSES.values():
        assert course.sentence.endswith(".")
        assert all(0 <= course.loss_at(site, month) < 1 for site in SITE_FACTORS for month in (0, 6, 24, 60))


@given(
    dx=st.floats(-3, 3),
    dy=st.floats(-3, 3),
    turn=st.floats(-20, 20),
    scale=st.floats(0.97, 1.03),
    points=st.lists(st.tuples(st.floats(-20, 20), st.floats(-20, 20)), min_size=2, max_size=8),
)
@settings(max_examples=60, deadline=None)
def test_a_pose_keeps_distances_up_to_its_scale(
    dx: float, dy: float, turn: float, scale: float, points: list[tuple[float, float]]
) -> None:
    before = np.array(points)
    after = Pose(dx, dy, turn, scale).to_view(before, SMALL)
    assert np.linalg.norm(np.diff(after, axis=0), axis=1) == pytest.approx(
        scale * np.linalg.norm(np.diff(before, axis=0), axis=1), abs=1e-9
    )
    centre = Pose(dx, dy, turn, scale).to_view(np.array([[dx, dy]]), SMALL)
    assert centre[0] == pytest.approx(np.asarray(SMALL.size_mm) / 2)
