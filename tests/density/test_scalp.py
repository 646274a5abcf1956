"""Other things than scalp and wrong scales are refused in one sentence; scalp of every look is measured, bald too."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from station.density.engine import Engine
from station.density.measure import measure
from station.density.model import DensityModel
from station.density.scalp import certainty
from station.errors import ImageError, UncountableError
from station.imaging import photographs_in, read_photograph
from station.values import Lamp, Measurement
from station.world import Course, Optics, Truth, World, simulated_person
from station.world.looks import HAIR_COLOURS, SKIN_TONES
from tests.density.other_pictures import DRAWINGS, photographs
from tests.density.pictures import gaussians, heat_maps, standard_image

Scalp = tuple[NDArray[np.uint8], Truth, float]

EQUALLY_LIGHT = {(5, "brown"), (5, "auburn"), (3, "blond"), (0, "grey")}
LIKE_BALD_SKIN = frozenset({"mottled skin colour"})
"""Even, sharp and of the colour of skin: nothing tells it from bald scalp."""


def photograph(seed: int, *, tone: int | None = None, colour: str = "", loss: float = 0.0) -> NDArray[np.uint8]:
    """Simulated scalp of 12 x 9 mm at 135 px/mm."""
    return scene(seed, tone=tone, colour=colour, loss=loss)[0]


def scene(
    seed: int, *, tone: int | None = None, colour: str = "", loss: float = 0.0
) -> tuple[NDArray[np.uint8], Truth]:
    """The same with the truth."""
    person = simulated_person("healthy", seed)
    if tone is not None:
        person = replace(person, skin=replace(person.skin, tone=SKIN_TONES[tone]))
    if colour:
        person = replace(person, hair=replace(person.hair, colour=HAIR_COLOURS[colour]))
    if loss:
        person = replace(person, course=Course("thinned", "", (0.0,), (loss,)))
    world = World(person, Optics(1620, 1215, 135.0), dt.date(2025, 1, 1))
    world.place_head("vertex", dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    world.lamp = Lamp.CROSS
    return world.expose()


def measured(engine: Engine, pixels: NDArray[np.uint8], scale: float) -> Measurement:
    return measure(standard_image(pixels, scale), engine)


def refusal(engine: Engine, pixels: NDArray[np.uint8], scale: float) -> str:
    with pytest.raises(UncountableError) as caught:
        measured(engine, pixels, scale)
    sentence = caught.value.operator
    assert sentence.endswith(".")
    assert sentence.count(". ") == 0
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("scale", [45.0, 135.0])
@pytest.mark.parametrize("name", sorted(DRAWINGS.keys() - LIKE_BALD_SKIN))
def test_drawn_pictures_get_no_number(engine: Engine, name: str, scale: float) -> None:
    assert refusal(engine, DRAWINGS[name](np.random.default_rng(5)), scale)


def test_photographs_of_other_things_get_no_number(engine: Engine) -> None:
    found = dict(photographs())
    assert len(found) > 10
    for pixels in found.values():
        for scale in (45.0, 135.0):
            refusal(engine, pixels, scale)


def test_a_refusal_is_an_image_error_of_exit_code_one() -> None:
    assert issubclass(UncountableError, ImageError)
    assert (UncountableError.exit_code, UncountableError.code) == (1, "uncountable")


def test_scalp_out_of_focus_gets_no_number(engine: Engine, scalp: Scalp) -> None:
    pixels, _, scale = scalp
    assert "out of focus" in refusal(
        engine, np.asarray(cv2.GaussianBlur(pixels, (0, 0), 0.12 * scale), np.uint8), scale
    )


@pytest.mark.parametrize(("factor", "relation"), [(0.4, "twice"), (0.5, "twice"), (2.0, "half"), (2.5, "half")])
def test_scalp_of_a_wrong_scale_gets_no_number(
    engine: Engine, scalps: list[Scalp], factor: float, relation: str
) -> None:
    for pixels, _, scale in scalps:
        assert f"as if the scale were about {relation} that" in refusal(engine, pixels, scale * factor)


@pytest.mark.parametrize("tone", range(6))
def test_bald_scalp_is_measured_as_about_none(engine: Engine, tone: int) -> None:
    found = measured(engine, photograph(700 + tone, tone=tone, loss=1.0), 135.0)
    assert found.hairs_per_cm2 < 5
    assert found.quality.coverage < 0.02
    assert found.counted_area_cm2 > 0.9


@pytest.mark.parametrize(("tone", "loss"), [(0, 0.5), (1, 0.85), (2, 0.7), (3, 0.5), (4, 0.85), (5, 0.7)])
def test_thinned_scalp_is_measured(engine: Engine, tone: int, loss: float) -> None:
    """As thin as it is: the density of the whole view, but for what lies along its edge."""
    pixels, truth = scene(800 + tone, tone=tone, loss=loss)
    assert measured(engine, pixels, 135.0).fu_per_cm2 == pytest.approx(len(truth.units) / 1.08, rel=0.12, abs=3)


@pytest.mark.parametrize("colour", HAIR_COLOURS)
def test_hair_of_every_colour_is_measured_but_for_skin_as_light_as_itself(engine: Engine, colour: str) -> None:
    """Where hair and skin are equally light, half of the hairs are not seen: then there is a reason and no number."""
    refused = []
    for tone in (0, 3, 5):
        pixels = photograph(900 + tone, tone=tone, colour=colour)
        if (tone, colour) in EQUALLY_LIGHT:
            refused.append(refusal(engine, pixels, 135.0))
        else:
            assert measured(engine, pixels, 135.0).fu_per_cm2 > 70
    assert all("stands out too little from the skin" in sentence for sentence in refused)


def test_certainty_falls_with_low_peaks_and_needs_several_high_ones(model: DensityModel) -> None:
    y, x = np.mgrid[10:150:20, 10:150:20]
    points = (np.column_stack([x.ravel(), y.ravel()]) + 0.5) * 0.05
    heat = gaussians(points, (160, 160), 0.05, 1.5)

    def of(factor: float, map_: NDArray[np.float32] = heat) -> float:
        return certainty(heat_maps(map_ * np.float32(factor), map_ * np.float32(factor), 0.05), model)

    assert of(0.9) == pytest.approx(0.88, abs=0.04)
    assert of(0.3) < 0.35
    assert of(0.0) == pytest.approx(0.4)
    assert of(0.9, gaussians(points[:1], (160, 160), 0.05, 1.5)) < 0.6


@pytest.fixture(scope="module")
def frames(root: Path) -> tuple[Path, ...]:
    """Labelled frames of the train split, a few."""
    folder = root.parent / "shared" / "data" / "scalp"
    if not folder.is_dir():
        pytest.skip("the labelled frames (shared/data/scalp) are not beside this checkout")
    validation = {
        line.split('"image": "frames/')[1].split('"')[0]
        for line in (folder / "labels.jsonl").read_text().splitlines()
        if '"split": "val"' in line
    }
    return tuple(path for path in photographs_in(folder / "frames") if path.name not in validation)[::24]


def test_real_frames_are_measured(engine: Engine, frames: tuple[Path, ...]) -> None:
    for path in frames:
        assert 40 < measured(engine, read_photograph(path), 181.4).fu_per_cm2 < 160


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_real_frames_of_a_wrong_scale_are_refused(engine: Engine, frames: tuple[Path, ...], factor: float) -> None:
    refused = 0
    for path in frames:
        try:
            measured(engine, read_photograph(path), 181.4 * factor)
        except UncountableError:
            refused += 1
    assert refused >= len(frames) - 1
