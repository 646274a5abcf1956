"""A frame becomes a photograph of known scale, and nothing else does."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from station.calibration.profile import nominal
from station.calibration.standard import standardise, with_scale
from station.clock import ClockStatus, Timestamp
from station.errors import ImageError
from station.rig.profile import load_profile
from station.values import Controls, Frame, Lamp

TAKEN = Timestamp(dt.datetime(2026, 1, 5, tzinfo=dt.UTC), 0, ClockStatus.RTC)


def frame(rig_id: str = "reference") -> Frame:
    pixels = np.random.default_rng(1).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    return Frame(pixels, Controls(), Controls(), Lamp.CROSS, TAKEN, rig_id)


def test_a_frame_gets_the_scale_of_its_rig() -> None:
    profile = nominal(load_profile("reference"))
    found = standardise(frame(), profile)
    assert found.pixels is not None
    np.testing.assert_array_equal(found.pixels, frame().pixels)
    assert (found.px_per_mm, found.px_per_mm_rel_sd) == (135.0, 0.01)
    assert found.countable.shape == (30, 40)
    assert found.countable.all()
    assert found.calibration_id == profile.id
    assert found.size_mm == pytest.approx((40 / 135, 30 / 135))


def test_a_nominal_profile_says_that_it_is_one() -> None:
    profile = nominal(load_profile("demo"))
    assert profile.name == "nominal-demo"
    assert "not measured" in profile.note
    assert profile.id == f"nominal-demo:{profile.sha256[:12]}"


def test_the_hash_follows_the_content() -> None:
    profile = nominal(load_profile("reference"))
    same = nominal(load_profile("reference"))
    other = dataclasses.replace(profile, px_per_mm=135.1)
    assert profile.sha256 == same.sha256
    assert profile.sha256 != other.sha256
    assert profile.id != other.id


def test_a_frame_of_another_rig_is_refused() -> None:
    with pytest.raises(ImageError, match=r"rig demo.*rig reference"):
        standardise(frame("demo"), nominal(load_profile("reference")))


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((30, 40), np.uint8),
        np.zeros((30, 40, 4), np.uint8),
        np.zeros((30, 40, 3), np.uint16),
        np.zeros((0, 40, 3), np.uint8),
    ],
)
def test_other_pixels_are_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ImageError, match="8 bits"):
        with_scale(pixels, 135.0, 0.01, "x")


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan")])
def test_an_impossible_scale_is_refused(scale: float) -> None:
    with pytest.raises(ImageError, match="impossible"):
        with_scale(frame().pixels, scale, 0.01, "x")
