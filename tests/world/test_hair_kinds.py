"""Hair of every length, colour and curl: what is drawn, and that the truth tells what can be seen of it and no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from station.errors import UsageError
from station.world.curls import CURL_TYPES, helix_of
from station.world.hairs import HairTable, grow_hairs, unit_positions
from station.world.looks import HAIR_COLOURS, LENGTHS_MM, SKIN_TONES, Comb, HairLook, LightLook, SkinLook, polarised
from station.world.optics import Optics, Pose
from station.world.paths import Grown, combed_direction, grow_paths
from station.world.render import render
from station.world.skin import make_skin
from station.world.truth import Truth, visible

OPTICS = Optics(640, 640, 90.0)
SIDE_MM = OPTICS.size_mm[0]
PLAIN = SkinLook(tone=SKIN_TONES[1], relief=0.0, redness=0.0, pigment=0.0, halo=0.0, freckles_per_cm2=0.0)
CLEAR = LightLook(noise=0.0, blur_mm=0.004, vignette=0.0)
BLACK = HairLook(colour=HAIR_COLOURS["black"], colour_spread=0.0, length_spread=0.1)
RISING = replace(BLACK, emergence_deg=45.0, comb=Comb(direction_deg=30.0))


def scalp(hair: HairLook, seed: int = 1, density: float = 80.0, margin: float = 8.0) -> HairTable:
    rng = np.random.default_rng(seed)
    units = unit_positions(rng, SIDE_MM + 2 * margin, SIDE_MM + 2 * margin, density)
    direction = 0.5 if hair.comb is None else combed_direction(hair.comb, units)
    return grow_hairs(rng, units, hair, direction=direction, vellus_share=0.0)


def photograph(
    hair: HairLook, hairs: HairTable, skin: SkinLook = PLAIN, light: LightLook = CLEAR, seed: int = 2
) -> tuple[np.ndarray, Truth]:
    texture = make_skin(np.random.default_rng(seed), skin, (SIDE_MM + 1, SIDE_MM + 1), 45.0)
    return render(hairs, texture, skin, hair, light, Pose(), OPTICS, np.random.default_rng(seed))


def of_length(name: str) -> HairLook:
    low, high = LENGTHS_MM[name]
    rising = RISING if name != "trimmed" else BLACK
    return replace(rising, length_mm=float(np.sqrt(low * high)))


def lone(look: HairLook, hairs: HairTable, **columns: float) -> HairTable:
    """The first hair of a table, standing in the middle of the view."""
    one = hairs.take(np.array([0]))
    changed = {name: np.full(1, value) for name, value in columns.items()}
    return replace(one, root=np.zeros((1, 2)), azimuth=np.zeros(1), bend=np.zeros(1), **changed)


@pytest.mark.parametrize("name", list(LENGTHS_MM))
@pytest.mark.parametrize("curl_type", [1, 5, 8])
def test_truth_lies_on_what_is_drawn(name: str, curl_type: int) -> None:
    """A little beyond each root, the way it points, the picture is as dark as black hair; bare skin is not."""
    look = replace(of_length(name), curl_type=curl_type)
    pixels, truth = photograph(look, scalp(look, density=30.0))
    grey = pixels.mean(axis=2)
    along = np.stack([np.cos(truth.azimuth), np.sin(truth.azimuth)], 1)
    at = (truth.roots + 0.09 * along) * OPTICS.px_per_mm
    at = at[np.all((at >= 0) & (at < 640), axis=1)].astype(int)
    assert len(at) >= 5
    assert np.mean(grey[at[:, 1], at[:, 0]] < 90) > 0.9
    assert np.percentile(grey, 99) > 150


def test_longer_hair_hides_more_scalp_and_more_roots() -> None:
    dark, seen = [], []
    for name in LENGTHS_MM:
        look = of_length(name)
        pixels, truth = photograph(look, scalp(look, margin=14.0))
        dark.append(np.mean(pixels.mean(axis=2) < 100))
        seen.append(len(truth.roots))
    assert np.all(np.diff(dark) > 0.05), dark
    assert np.all(np.diff(seen) < 0), seen


def test_a_root_under_other_hair_carries_no_truth() -> None:
    table = scalp(RISING)
    one = lone(RISING, table, length=6.0, diameter=70.0, unit=0)
    # Fifteen shafts that come from the left and lie over the root, side by side.
    over = table.take(np.arange(15))
    rows = np.linspace(-0.35, 0.35, 15)
    over = replace(
        over,
        root=np.stack([np.full(15, -2.5), rows], 1),
        azimuth=np.zeros(15),
        bend=np.zeros(15),
        length=np.full(15, 8.0),
        diameter=np.full(15, 80.0),
        unit=np.arange(1, 16),
    )
    both = replace(
        one, **{name: np.concatenate([getattr(one, name), getattr(over, name)]) for name in HairTable.__slots__}
    )
    look = replace(RISING, comb=Comb(direction_deg=0.0))
    middle = np.full(2, SIDE_MM / 2)

    def found(hairs: HairTable) -> bool:
        _, truth = photograph(look, hairs)
        return bool(np.any(np.hypot(*(truth.roots - middle).T) < 0.03))

    assert found(one)
    assert not found(both)


def test_hair_too_faint_to_see_carries_no_truth() -> None:
    look = replace(BLACK, length_mm=0.8)
    table = scalp(look)
    _, seen = photograph(look, table)
    as_skin = replace(table, colour=np.tile(np.asarray(PLAIN.tone) - 0.02, (len(table), 1)))
    _, unseen = photograph(look, as_skin)
    assert len(seen.roots) > 50
    assert len(unseen.roots) == 0
    thin = replace(table, diameter=np.full(len(table), 22.0), colour=np.full((len(table), 3), 0.52))
    assert visible(thin, PLAIN, CLEAR).all()
    assert not visible(thin, PLAIN, replace(CLEAR, blur_mm=0.04)).any()


def straightness(grown: Grown) -> float:
    """Distance from root to tip as a share of the way along the path as seen from above."""
    way = np.hypot(*np.diff(grown.path, axis=1).transpose(2, 0, 1)).sum(axis=1)
    return float(np.median(np.hypot(*(grown.path[:, -1] - grown.path[:, 0]).T) / way))


def test_curl_types_are_ordered_from_straight_to_tightly_coiled() -> None:
    bends = [helix.curve_radius_mm for helix in CURL_TYPES]
    assert bends == sorted(bends, reverse=True)
    look = replace(RISING, length_mm=18.0)
    table = scalp(look)
    shapes = [
        straightness(grow_paths(table, replace(look, curl_type=curl), np.random.default_rng(3)))
        for curl in (1, 3, 5, 6, 8)
    ]
    assert np.all(np.diff(shapes) < -0.01), shapes
    assert shapes[0] > 0.9
    assert shapes[-1] < 0.55


def test_tightly_coiled_hair_loops() -> None:
    look = replace(RISING, length_mm=18.0, curl_type=8)
    path = grow_paths(scalp(look), look, np.random.default_rng(3)).path
    heading = np.unwrap(np.arctan2(*np.diff(path, axis=1).transpose(2, 0, 1)[::-1]), axis=1)
    assert np.median(np.ptp(heading, axis=1)) > 2 * np.pi


def test_an_unknown_curl_type_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="choose 1"):
        helix_of(9)


def test_hair_rises_and_then_lies_down() -> None:
    """Seen from above the first stretch is foreshortened; further on the shaft is seen at its full length."""
    look = replace(RISING, length_mm=12.0, length_spread=0.0)
    table = scalp(look)
    grown = grow_paths(table, look, np.random.default_rng(4))
    seen = np.hypot(*np.diff(grown.path, axis=1).transpose(2, 0, 1))
    risen = np.diff(grown.rise_mm, axis=1)
    length = np.hypot(seen, risen)
    assert np.median(seen[:, 0] / length[:, 0]) == pytest.approx(np.cos(np.radians(45)), abs=0.08)
    assert np.median(seen[:, -1] / length[:, -1]) > 0.98
    assert length.sum(axis=1) == pytest.approx(table.length, rel=0.02)


def test_a_parting_shows_scalp_along_its_line() -> None:
    parted = replace(RISING, length_mm=25.0, comb=Comb(direction_deg=0.0, parting=True))
    combed = replace(parted, comb=Comb(direction_deg=0.0))
    bare = []
    for look in (parted, combed):
        pixels, _ = photograph(look, scalp(look, margin=14.0))
        skin = pixels.mean(axis=2) > 120
        bare.append((skin[:, 290:350].mean(), skin[:, :60].mean() / 2 + skin[:, -60:].mean() / 2))
    (on_line, beside), (no_line, _) = bare
    assert on_line > 0.7
    assert on_line > beside + 0.1
    assert on_line > no_line + 0.3


def test_wet_hair_clumps() -> None:
    """Ends of neighbours come nearer to each other than those of dry hair, while roots stay where they are."""
    look = replace(RISING, length_mm=10.0, length_spread=0.0)
    table = scalp(look, density=60.0)
    dry, wet = (grow_paths(table, replace(look, clumps=clumps), np.random.default_rng(5)).path for clumps in (0.0, 0.9))
    assert np.array_equal(dry[:, 0], wet[:, 0])

    def nearest(points: np.ndarray) -> float:
        apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        np.fill_diagonal(apart, np.inf)
        return float(np.median(np.sort(apart, axis=1)[:, 2]))

    assert nearest(wet[:, -1]) < 0.6 * nearest(dry[:, -1])


def test_wet_skin_is_darker_and_shinier() -> None:
    look = replace(BLACK, length_mm=0.5)
    none = scalp(look, density=1.0).take(np.zeros(0, np.int64))
    lamp = replace(CLEAR, glints=0.7, glint_patchiness=0.0)
    dark = [photograph(look, none, replace(PLAIN, wet=wet))[0].mean() for wet in (0.0, 1.0)]
    bright = [
        np.percentile(photograph(look, none, replace(PLAIN, wet=wet, tone=SKIN_TONES[4]), lamp)[0], 98)
        for wet in (0.0, 1.0)
    ]
    assert dark[1] < 0.95 * dark[0]
    assert bright[1] > bright[0] + 5


def test_white_hair_is_light_on_dark_skin_and_the_truth_knows_it() -> None:
    look = replace(RISING, colour=HAIR_COLOURS["white"], length_mm=3.0, translucent=1.0, streak=0.0)
    pixels, truth = photograph(look, scalp(look), replace(PLAIN, tone=SKIN_TONES[5]))
    along = np.stack([np.cos(truth.azimuth), np.sin(truth.azimuth)], 1)
    at = (truth.roots + 0.25 * along) * OPTICS.px_per_mm
    at = at[np.all((at >= 0) & (at < 640), axis=1)].astype(int)
    assert len(at) > 50
    assert np.median(pixels.mean(axis=2)[at[:, 1], at[:, 0]]) > 2 * np.median(pixels)


def test_hair_that_has_risen_is_out_of_focus() -> None:
    look = replace(of_length("mid"), emergence_deg=70.0, lie_mm=2.5)
    table = scalp(look, density=20.0)
    sharp, soft = (photograph(look, table, light=replace(CLEAR, defocus=d))[0] for d in (0.0, 0.06))

    def edges(pixels: np.ndarray) -> float:
        return float(np.abs(np.diff(pixels.mean(axis=2), axis=0)).mean())

    assert edges(soft) < 0.75 * edges(sharp)


def test_polarisers_take_and_give_glints() -> None:
    lamp = LightLook(glints=0.5)
    assert polarised(lamp, "cross").glints < 0.05 < 0.5 < polarised(lamp, "parallel").glints
    with pytest.raises(UsageError, match="cross or parallel"):
        polarised(lamp, "sideways")


def test_fine_relief_and_grains_are_seen_in_light_that_glints() -> None:
    look = replace(BLACK, length_mm=0.5)
    none = scalp(look, density=1.0).take(np.zeros(0, np.int64))
    lamp = replace(CLEAR, glints=0.8)
    smooth, rough = (
        photograph(look, none, replace(PLAIN, creases=c, grain=c), lamp)[0].mean(axis=2) for c in (0.0, 1.0)
    )
    detail = [np.std(p - np.roll(p, 2, axis=1)) for p in (smooth, rough)]
    assert detail[1] > 1.3 * detail[0]


def test_hairs_of_a_unit_can_leave_one_opening() -> None:
    def gap(touching: float) -> float:
        look = replace(BLACK, touching=touching)
        table = scalp(look)
        first = np.flatnonzero(np.diff(table.unit) == 0)
        return float(np.median(np.hypot(*(table.root[first + 1] - table.root[first]).T)))

    assert gap(1.0) < gap(0.0)


@pytest.mark.parametrize("curl_type", [1, 8])
def test_the_same_seed_draws_the_same_long_hair(curl_type: int) -> None:
    look = replace(of_length("long"), curl_type=curl_type, clumps=0.5)
    light = replace(CLEAR, defocus=0.02, cast_patches=0.1, glints=0.5)
    skin = replace(PLAIN, creases=0.5, grain=0.8, sebum=0.5, wet=0.5)
    table = scalp(look)
    first, again, other = (photograph(look, table, skin, light, seed) for seed in (6, 6, 7))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1].roots, again[1].roots)
    assert not np.array_equal(first[0], other[0])
