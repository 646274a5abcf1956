"""Heads that come back under other conditions: the same hairs elsewhere, and a change that is known beforehand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from station.errors import UsageError
from station.values import Lamp
from station.world import (
    HARSH,
    REPOSITIONED,
    STILL,
    Conditions,
    LiveFaults,
    Optics,
    Pose,
    Truth,
    World,
    simulated_person,
    step_course,
)
from station.world.conditions import GROWTH_MM_PER_DAY
from station.world.looks import HAIR_COLOURS, SKIN_TONES, SkinLook
from station.world.person import GROUND_MM, SITE_EXTENT_MM
from station.world.skin import SkinTexture, inlaid, make_skin
from station.world.stretch import random_stretch
from station.world.surface import see_skin

START = dt.date(2026, 1, 10)
FIELD = Optics(1014, 760, 33.75)
"""The reference rig's field at a quarter of its scale."""
SAMPLES = bytes.fromhex(
    "aca6afacafabb0b1b5b1b0adb09ea09ca9a796a5acb4b6acacb2b4b1b0adaea5b0a39ba4afadb3b4a7249aaea994afb2aea1a5adaaadab"
    "aa9995b0b1b4b5b6b0a7b1b1aea8a5ae5bafb2ada9afb9afb2b4b1b1aeb6afb5b1aeaba8abadb3a99fa96caeb22335aeb1aeb0abb0aa97"
    "b6b4b8b3b3afb8b5b3afafb1acaba3a9b0b0b4b4b3b7b6b99e8e91abb2b1279aacaab6b5a096b4a5adb0b5aeb5adadac6b5b91aaaeb2a5"
    "acb5aca6aab2b58eaeaba9a8aa6da39fa8acb3afadb5b4a8ad74839fa6a9ad2220a5b0b3a282a5adaba58ca9ada7abaca8a9a9ad44a994"
    "9329a8adaeabacafa9b0ababa790"
)
"""Green values of a default photograph as they were before heads could come back under other conditions."""


def world(seed: int = 5, optics: Optics = FIELD, course: str = "healthy") -> World:
    made = World(simulated_person(STILL if course == "still" else course, seed), optics, START)
    made.lamp = Lamp.CROSS
    return made


def day(months: float = 0) -> dt.datetime:
    return dt.datetime.combine(START, dt.time(9)) + dt.timedelta(days=months * 30.4375)


def test_default_photographs_are_those_of_before() -> None:
    here = world(optics=Optics(810, 608, 135.0), course="b12-recovery")
    here.place_head("vertex", day())
    pixels, truth = here.expose()
    before = np.frombuffer(SAMPLES, np.uint8).astype(int)
    apart = np.abs(pixels[7::50, 11::45, 1].ravel().astype(int) - before)
    # Versions of OpenCV may round otherwise; another draw of the noise alone moves half of the values by 2 or more.
    assert np.mean(apart <= 1) > 0.97
    assert len(truth.roots) == 33


@pytest.mark.parametrize("conditions", [Conditions(), REPOSITIONED, HARSH])
@pytest.mark.parametrize("months", [0.0, 7.0])
def test_a_hairs_number_leads_to_its_follicle(conditions: Conditions, months: float) -> None:
    here = world(seed=6, course="b12-recovery")
    pose = here.place_head("midscalp", day(months), 3, conditions)
    truth = here.truth()
    follicles = here.person.follicles("midscalp", wide=True)
    assert len(np.unique(truth.identity)) == len(truth.identity) > 300
    assert truth.roots == pytest.approx(pose.to_view(follicles.root[truth.identity], FIELD), abs=1e-9)


def test_the_ground_around_leaves_the_sites_own_follicles_as_they_are() -> None:
    person = simulated_person("healthy", 8)
    own, wide = person.follicles("vertex"), person.follicles("vertex", wide=True)
    assert np.array_equal(wide.root[: len(own)], own.root)
    assert np.array_equal(wide.identity, np.arange(len(wide)))
    assert np.all(np.abs(wide.root[len(own) :]).max(axis=0) > np.asarray(SITE_EXTENT_MM) / 2)
    assert wide.unit[len(own) :].min() > own.unit.max()


def test_hair_is_as_dense_along_the_seam_as_elsewhere() -> None:
    half = np.asarray(SITE_EXTENT_MM) / 2
    on_seam, on_ground = 0, 0
    for seed in range(6):
        root = simulated_person("healthy", seed).follicles("vertex", wide=True).root
        beyond = (np.abs(root) - half).max(axis=1)
        on_seam += int(np.sum(np.abs(beyond) < 1))
        on_ground += int(np.sum((beyond > 3) & (beyond < 5)))

    def ring(inner: float, outer: float) -> float:
        return float(np.prod(2 * (half + outer)) - np.prod(2 * (half + inner)))

    assert (on_seam / ring(-1, 1)) / (on_ground / ring(3, 5)) == pytest.approx(1.0, abs=0.12)
    assert np.all(np.asarray(GROUND_MM) / 2 > 33)


def test_harsh_conditions_reach_their_limits_and_keep_them() -> None:
    here = world(optics=Optics(320, 240, 10.0))
    poses = [here.place_head("vertex", day(), placement, HARSH) for placement in range(80)]
    shift = np.array([np.hypot(pose.dx_mm, pose.dy_mm) for pose in poses])
    turn = np.abs([pose.rotation_deg for pose in poses])
    scale = np.abs([pose.scale - 1 for pose in poses])
    for values, most, share in ((shift, 15.0, 0.2), (turn, 20.0, 0.1), (scale, 0.03, 0.02)):
        assert values.max() <= most + 1e-9
        assert np.mean(values > 0.66 * most) > share


@pytest.mark.parametrize("strain", [0.01, 0.03])
def test_a_stretch_has_its_strain_and_its_inverse(strain: float) -> None:
    points = np.random.default_rng(0).uniform(-20, 20, (400, 2))
    step = np.array([0.01, 0.0])
    found = []
    for seed in range(30):
        stretch = random_stretch(np.random.default_rng(seed), strain, 10.0)
        along = (stretch.displacement(points + step) - stretch.displacement(points - step)) / (2 * step[0])
        found.append(along)
        assert stretch.relaxed(stretch.apply(points)) == pytest.approx(points, abs=1e-6)
    slopes = np.array(found)
    assert slopes.std() == pytest.approx(strain, rel=0.15)
    # Correlated over 10 mm: u falls to exp(-1/2) of its variance there, and to nothing over 40 mm.
    fields = [random_stretch(np.random.default_rng(seed), 1.0, 10.0) for seed in range(400)]
    at = np.array([[0.0, 0.0], [10.0, 0.0], [40.0, 0.0]])
    u = np.array([field.displacement(at)[:, 0] for field in fields])
    correlation = np.corrcoef(u.T)[0]
    assert correlation[1] == pytest.approx(np.exp(-0.5), abs=0.12)
    assert abs(correlation[2]) < 0.15


def test_skin_is_stretched_as_its_roots_are() -> None:
    """Dark spots of the texture are seen where the pose puts points of the site."""
    size, scale = (44, 36), 20.0
    spots = np.array([(x, y) for x in range(-12, 13, 6) for y in range(-9, 10, 6)], float)
    y, x = np.mgrid[0 : size[1] * scale, 0 : size[0] * scale]
    albedo = np.ones((*x.shape, 3), np.float32)
    for at in spots:
        column, row = (at + np.array(size) / 2) * scale - 0.5
        albedo -= np.exp(-((x - column) ** 2 + (y - row) ** 2) / 50)[..., None].astype(np.float32)
    texture = SkinTexture(albedo, albedo[..., 0].copy(), scale)
    stretch = random_stretch(np.random.default_rng(4), 0.03, 10.0)
    pose = Pose(1.5, -1.0, 12.0, 1.02, stretch)
    seen = 1 - see_skin(texture, pose, FIELD)[0][..., 0]
    expected = pose.to_view(spots, FIELD)
    assert np.abs(expected - replace(pose, stretch=None).to_view(spots, FIELD)).max() > 0.2
    for at in expected * FIELD.px_per_mm - 0.5:
        column, row = np.rint(at).astype(int)
        if not (20 <= column < FIELD.width_px - 20 and 20 <= row < FIELD.height_px - 20):
            continue
        window = seen[row - 20 : row + 21, column - 20 : column + 21]
        v, u = np.mgrid[-20:21, -20:21]
        centre = (np.sum(window * u) / window.sum() + column, np.sum(window * v) / window.sum() + row)
        assert centre == pytest.approx(tuple(at), abs=0.2)


def test_a_piece_of_skin_lies_in_the_middle_of_a_larger_one() -> None:
    look = SkinLook(tone=SKIN_TONES[1])
    inner = make_skin(np.random.default_rng(1), look, (6.0, 5.1), 20.0)
    outer = make_skin(np.random.default_rng(2), look, (9.05, 9.0), 20.0)
    both = inlaid(inner, outer, 1.0)
    small = Optics(64, 48, 20.0)
    assert see_skin(both, Pose(), small)[0] == pytest.approx(see_skin(inner, Pose(), small)[0], abs=1e-5)
    assert np.array_equal(both.albedo[0, 0], outer.albedo[0, 0])


def both(one: Truth, other: Truth) -> tuple[np.ndarray, np.ndarray]:
    _, i, j = np.intersect1d(one.identity, other.identity, return_indices=True)
    return i, j


def test_after_a_haircut_the_same_hairs_are_shorter() -> None:
    here = world(seed=4)
    here.place_head("vertex", day(), 0)
    before = here.truth()
    here.place_head("vertex", day(), 0, Conditions(hair_length_mm=(0.3, 0.3)))
    after = here.truth()
    i, j = both(before, after)
    assert len(i) > 0.9 * len(before.identity)
    assert after.roots[j] == pytest.approx(before.roots[i])
    way = [np.hypot(*(truth.tips - truth.roots)[rows].T) for truth, rows in ((before, i), (after, j))]
    assert np.median(way[1] / way[0]) == pytest.approx(0.3 / here.person.hair.length_mm, rel=0.02)


def test_hair_grows_by_a_third_of_a_millimetre_a_day() -> None:
    here = world(seed=4)
    here.place_head("vertex", day(), 0, Conditions(growth_days=8))
    shown = here.truth()
    length = here.person.hair.length_mm + 8 * GROWTH_MM_PER_DAY
    thick = shown.diameter_um > 40
    way = np.hypot(*(shown.tips - shown.roots)[thick].T)
    # Seen from above, a shaft that rises is a little shorter than it is.
    assert 0.75 * length < np.median(way) < length


def test_dyed_hair_has_the_dyes_colour() -> None:
    here = world(seed=4)
    shades = []
    for dye in ("black", "auburn"):
        here.place_head("vertex", day(), 0, Conditions(dyed=HAIR_COLOURS[dye]))
        pixels, truth = here.expose()
        along = np.stack([np.cos(truth.azimuth), np.sin(truth.azimuth)], 1)
        at = ((truth.roots + 0.35 * along) * FIELD.px_per_mm).astype(int)
        at = at[np.all((at >= 0) & (at < (FIELD.width_px, FIELD.height_px)), axis=1)]
        shades.append(np.median(pixels[at[:, 1], at[:, 0]], axis=0))
    assert shades[1][0] > shades[0][0] + 30
    assert shades[1][0] - shades[1][2] > shades[0][0] - shades[0][2] + 25


def test_other_light_changes_level_and_colour() -> None:
    here = world(seed=4, optics=Optics(270, 202, 33.75))
    seen = []
    for placement in range(12):
        same = replace(HARSH, shift_mm=0.0, hair_length_mm=None)
        here.place_head("vertex", day(), placement, same)
        seen.append(np.median(here.expose()[0].reshape(-1, 3), axis=0))
    levels, warmth = np.mean(seen, axis=1), np.array(seen)[:, 0] / np.array(seen)[:, 2]
    assert np.std(levels) / np.mean(levels) > 0.05
    assert np.std(warmth) / np.mean(warmth) > 0.04


@pytest.mark.parametrize("change", [-0.10, -0.05, 0.05, 0.10])
def test_a_step_changes_hairs_by_its_share_and_nothing_else(change: float) -> None:
    before, after = [], []
    for seed in range(3):
        person = simulated_person(step_course(change), seed)
        for site in ("vertex", "occipital", "frontal"):
            start, later, much_later = (person.hairs_at(site, month) for month in (0, 1 / 30, 14))
            assert np.array_equal(later.identity, much_later.identity)
            few, many = sorted((set(start.identity), set(later.identity)), key=len)
            assert few < many
            before.append(len(start))
            after.append(len(later))
    assert sum(after) / sum(before) - 1 == pytest.approx(change, abs=0.012)


def test_what_one_step_takes_another_gives_back() -> None:
    lost, gained = (simulated_person(step_course(change), 3) for change in (-0.08, 0.08 / 0.92))
    full, fewer = (set(lost.hairs_at("vertex", month).identity) for month in (0, 6))
    assert set(gained.hairs_at("vertex", 0).identity) == fewer
    assert set(gained.hairs_at("vertex", 6).identity) == full


def test_a_change_can_come_over_months() -> None:
    person = simulated_person(step_course(0.06, months=12), 3)
    numbers = [len(person.hairs_at("vertex", month)) for month in (0, 4, 8, 12, 24)]
    assert np.all(np.diff(numbers[:4]) > 0)
    assert numbers[3] == numbers[4]


def test_nothing_changes_in_a_still_course() -> None:
    person = simulated_person(STILL, 3)
    assert np.array_equal(person.hairs_at("vertex", 0, 0.0).identity, person.hairs_at("vertex", 30, 1.0).identity)


def test_a_course_that_would_take_every_hair_is_refused() -> None:
    with pytest.raises(UsageError, match="share above -1"):
        step_course(-1.0)


TRUTHS = {
    "default": (Conditions(), LiveFaults(), Lamp.CROSS),
    "parallel": (Conditions(), LiveFaults(), Lamp.PARALLEL),
    "harsh": (HARSH, LiveFaults(), Lamp.CROSS),
    "risen": (Conditions(growth_days=6), LiveFaults(), Lamp.CROSS),
    "wet": (REPOSITIONED, LiveFaults(wet=0.8, distance=1.1), Lamp.CROSS),
    "dark": (Conditions(), LiveFaults(), Lamp.OFF),
    "nobody": (Conditions(), LiveFaults(no_head=True), Lamp.CROSS),
    "elsewhere": (REPOSITIONED, LiveFaults(wrong_site=True), Lamp.CROSS),
}


@pytest.mark.parametrize("name", list(TRUTHS))
@pytest.mark.parametrize("seed", [1, 9])
def test_the_truth_is_the_same_with_and_without_a_picture(name: str, seed: int) -> None:
    conditions, faults, lamp = TRUTHS[name]
    here = world(seed=seed, optics=Optics(810, 608, 67.5), course="b12-recovery")
    here.lamp, here.faults = lamp, faults
    here.place_head("parietal-left", day(2), 1, conditions)
    told, alone = here.expose()[1], here.truth()
    for column in Truth.__slots__:
        assert np.array_equal(getattr(told, column), getattr(alone, column)), column
    assert (len(told.roots) > 20) == (lamp is not Lamp.OFF and not faults.no_head)


def test_the_truth_keeps_its_order_among_sebum_and_litter() -> None:
    """All that draws numbers before the shafts are laid over each other is passed over alike."""
    here = world(seed=2, optics=Optics(405, 304, 67.5))
    person = here.person
    greasy = replace(person.skin, sebum=0.8, wet=0.5, debris_per_cm2=40.0, flakes_per_cm2=30.0)
    here.person = replace(person, skin=greasy, hair=replace(person.hair, length_mm=3.0, emergence_deg=35.0))
    here.place_head("vertex", day(), 0)
    told, alone = here.expose()[1], here.truth()
    assert len(told.roots) > 10
    assert np.array_equal(told.identity, alone.identity)
