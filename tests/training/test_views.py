"""The styles of training views and what a view says about itself."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from models.training.styles import STYLE_SHARES, draw_sitter
from models.training.views import VIEW_PX, draw_view
from station.world.looks import HAIR_COLOURS, LENGTHS_MM


def test_shares_of_the_styles() -> None:
    assert sum(STYLE_SHARES.values()) == pytest.approx(1.0)
    assert STYLE_SHARES["microscope"] >= 0.4
    assert STYLE_SHARES["rig"] >= 0.25
    drawn = Counter(draw_sitter(np.random.default_rng(seed)).style for seed in range(600))
    for style, share in STYLE_SHARES.items():
        assert drawn[style] / 600 == pytest.approx(share, abs=0.06)


@pytest.mark.parametrize("style", list(STYLE_SHARES))
def test_a_view_carries_its_facts_and_its_seed_draws_it_again(style: str) -> None:
    view, again = draw_view(11, style), draw_view(11, style)
    assert view.style == style
    assert view.tone in range(1, 7)
    assert view.colour in HAIR_COLOURS
    assert view.pixels.shape == (VIEW_PX, VIEW_PX, 3)
    assert np.all((view.hairs >= 0) & (view.hairs <= VIEW_PX + 2))
    assert np.array_equal(view.pixels, again.pixels)
    assert np.array_equal(view.hairs, again.hairs)


@pytest.mark.parametrize("style", list(LENGTHS_MM))
def test_people_of_a_length_have_all_tones_colours_and_curls(style: str) -> None:
    sitters = [draw_sitter(np.random.default_rng(seed), style) for seed in range(250)]
    assert {one.tone for one in sitters} == set(range(1, 7))
    assert {one.colour for one in sitters} == set(HAIR_COLOURS)
    assert {one.hair.curl_type for one in sitters} == set(range(1, 9))
    low, high = LENGTHS_MM[style]
    assert all(low <= one.hair.length_mm <= high for one in sitters)
    assert {one.light.glints > 0.05 for one in sitters} == {True, False}


@pytest.mark.parametrize("style", list(STYLE_SHARES))
def test_every_style_meets_the_faults_of_cameras(style: str) -> None:
    lights = [draw_sitter(np.random.default_rng(seed), style).light for seed in range(250)]
    for fault in ("motion_mm", "jpeg_quality", "noise", "cast", "cast_gradient", "exposure", "blur_mm"):
        assert len({getattr(light, fault) for light in lights}) > 10, fault
    assert max(light.blur_mm for light in lights) > 0.014
    assert {light.glints > 0.05 for light in lights} >= {True}


def test_grey_names_the_hair_where_most_has_no_pigment() -> None:
    for seed in range(200):
        one = draw_sitter(np.random.default_rng(seed), "rig")
        assert (one.colour == "grey") == (one.hair.grey_share > 0.5)
