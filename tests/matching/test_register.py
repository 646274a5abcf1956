"""A photograph is laid on the baseline of its site, and on no other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.matching.register import register
from station.matching.transform import Transform, fit_bend, similarity
from tests.matching.skies import SIZE_MM, View, photograph, site


@settings(max_examples=12, deadline=None)
@given(
    dx=st.floats(-6, 6),
    dy=st.floats(-5, 5),
    turn=st.floats(-20, 20),
    scale=st.floats(0.97, 1.03),
    seed=st.integers(0, 99),
)
def test_a_repositioned_view_is_found_again(dx: float, dy: float, turn: float, scale: float, seed: int) -> None:
    hairs, view = site(seed), View(dx, dy, turn, scale)
    found = register(photograph(hairs, view, seed + 1), photograph(hairs, View(), seed + 2))
    assert found.accepted
    at_rest = View().see(hairs)
    shared = np.all((view.see(hairs) > 0) & (view.see(hairs) < SIZE_MM), axis=1)
    shared &= np.all((at_rest > 0) & (at_rest < SIZE_MM), axis=1)
    off = found.transform.apply(view.see(hairs[shared])) - at_rest[shared]
    assert np.sqrt(np.mean(np.sum(off**2, axis=1))) < 0.03
    assert found.residual_mm < 0.1


def test_half_the_view_is_enough_and_its_share_is_told() -> None:
    hairs = site(3)
    found = register(photograph(hairs, View(dx=10.0), 4), photograph(hairs, View(), 5))
    assert found.accepted
    assert found.overlap == pytest.approx(0.5, abs=0.03)
    assert found.transform.shift_mm == pytest.approx((10.0, 0.0), abs=0.02)


@pytest.mark.parametrize("seed", range(8))
def test_another_scalp_is_never_accepted(seed: int) -> None:
    other = register(photograph(site(seed), View(), 1), photograph(site(seed + 100), View(), 2))
    assert not other.accepted
    assert other.probability < 1e-3


def test_a_bald_view_is_not_accepted() -> None:
    hairs = site(1)
    bald = photograph(hairs[:2], View(), 2)
    assert not register(bald, photograph(hairs, View(), 3)).accepted
    assert not register(photograph(hairs, View(), 3), bald).accepted


def test_undo_is_the_inverse_of_apply_with_stretched_skin() -> None:
    points = np.random.default_rng(1).uniform((0, 0), SIZE_MM, (200, 2))
    stretch = 0.1 * np.sin(points / 4)
    middle = np.array(SIZE_MM) / 2
    transform = Transform(similarity(12, 1.02, middle, middle + 1), (10.0, 7.5), fit_bend(points, stretch, SIZE_MM))
    np.testing.assert_allclose(transform.undo(transform.apply(points)), points, atol=1e-5)
    assert transform.rotation_deg == pytest.approx(12)
    assert transform.scale == pytest.approx(1.02)
