"""Simulated trays: the truth is what was laid, and the same seed gives the same photograph."""

from __future__ import annotations

import numpy as np
import pytest

from station.rig.profile import load_profile
from station.world.laid import Room, laid_path
from station.world.optics import Optics
from station.world.tray import TrayLook, photograph_tray, random_look

pytestmark = pytest.mark.req("REQ-20")

VIEW = Optics(1200, 800, 15.0)


def test_the_truth_counts_the_hairs_and_the_short_ones() -> None:
    pixels, truth = photograph_tray(TrayLook(hairs=20, length_mm=50, short_share=0.5), VIEW, np.random.default_rng(1))
    assert pixels.shape == (800, 1200, 3)
    assert pixels.dtype == np.uint8
    assert truth.count == len(truth.paths_mm) == 20
    assert truth.short == int((truth.lengths_mm <= 30).sum()) > 0


def test_the_same_seed_gives_the_same_photograph() -> None:
    first, second = (
        photograph_tray(random_look(rng, 5), VIEW, rng)[0]
        for rng in (np.random.default_rng(7), np.random.default_rng(7))
    )
    assert np.array_equal(first, second)


def test_hairs_are_darker_than_the_tray_under_them() -> None:
    look = TrayLook(hairs=6, length_mm=60, short_share=0, rim=0)
    pixels, truth = photograph_tray(look, VIEW, np.random.default_rng(2))
    for path in truth.paths_mm:
        x, y = np.rint(path[4:-4] * VIEW.px_per_mm).astype(int).T
        seen = (x >= 0) & (x < 1200) & (y >= 0) & (y < 800)
        assert np.median(pixels[y[seen], x[seen]].mean(axis=1)) < 0.8 * np.median(pixels)


def test_a_hair_as_long_as_asked_for_stays_on_the_tray() -> None:
    room = Room(5, 5, 195, 105)
    for seed in range(5):
        path = laid_path(400.0, room, 0.0, np.random.default_rng(seed))
        assert np.hypot(*np.diff(path, axis=0).T).sum() == pytest.approx(400, rel=1e-6)
        outside = (path < (-15, -15)) | (path > (215, 125))
        assert not outside.any()


def test_an_empty_tray_has_an_empty_truth() -> None:
    _, truth = photograph_tray(TrayLook(hairs=0), VIEW, np.random.default_rng(3))
    assert (truth.count, truth.short) == (0, 0)


def test_the_profile_sees_the_tray_that_is_simulated() -> None:
    profile = load_profile("tray")
    assert profile.size_mm == pytest.approx((200, 110), abs=0.1)
