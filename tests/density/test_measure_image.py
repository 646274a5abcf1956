"""One photograph to one measurement: geometry, bookkeeping, refusals."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from station import __version__
from station.density.engine import Engine
from station.density.measure import measure
from station.errors import ImageError, UsageError
from station.values import Measurement, StandardImage
from station.world import Truth
from tests.density.pictures import standard_image

Scalp = tuple[NDArray[np.uint8], Truth, float]


@pytest.fixture(scope="module")
def measured(scalp: Scalp, engine: Engine) -> Measurement:
    pixels, _, scale = scalp
    return measure(standard_image(pixels, scale), engine)


def truth_inside(points: NDArray[np.float64], width: float = 12.0, height: float = 9.0) -> int:
    margin = 0.2
    return int(((points > margin) & (points < [width - margin, height - margin])).all(axis=1).sum())


def test_counts_the_simulated_scalp(measured: Measurement, scalp: Scalp) -> None:
    _, truth, _ = scalp
    assert measured.fu_count == pytest.approx(truth_inside(truth.units), rel=0.2)
    assert measured.hair_count == pytest.approx(truth_inside(truth.roots), rel=0.3)


def test_points_lie_where_the_roots_are(measured: Measurement, scalp: Scalp) -> None:
    """The mean offset of matched roots is far below a hair's width: no half pixel is lost on the way."""
    _, truth, _ = scalp
    found = np.array([(hair.x_mm, hair.y_mm) for hair in measured.hairs])
    offset = found[:, None] - truth.roots[None]
    distance = np.hypot(*np.moveaxis(offset, 2, 0))
    nearest = distance.argmin(axis=1)
    close = distance.min(axis=1) < 0.11
    assert close.mean() > 0.7
    assert np.abs(np.median(offset[np.arange(len(found)), nearest][close], axis=0)).max() < 0.02


def test_numbers_fit_each_other(measured: Measurement) -> None:
    area = measured.counted_area_cm2
    assert area == pytest.approx(11.6 * 8.6 / 100, rel=0.02)
    assert measured.fu_per_cm2 == pytest.approx(measured.fu_count / area)
    assert measured.hairs_per_cm2 == pytest.approx(measured.hair_count / area)
    assert measured.fu_interval.low < measured.fu_per_cm2 * 1.2
    assert measured.fu_interval.low < measured.fu_interval.high
    assert measured.hairs_interval.low < measured.hairs_interval.high
    assert measured.px_per_mm == 135.0
    for hair in measured.hairs:
        assert -1 <= hair.unit < measured.fu_count
        assert 0.2 <= hair.x_mm <= 11.8
        assert 0.2 <= hair.y_mm <= 8.8
    per_unit = np.bincount([hair.unit for hair in measured.hairs if hair.unit >= 0], minlength=measured.fu_count)
    assert all(unit.hairs >= seen for unit, seen in zip(measured.units, per_unit, strict=True))
    assert np.nanmean(measured.map.fu_per_cm2) == pytest.approx(measured.fu_per_cm2, rel=0.1)


def test_provenance_travels(measured: Measurement, engine: Engine) -> None:
    made_by = measured.provenance
    assert made_by.model == engine.model.label
    assert made_by.model_sha256 == engine.model.sha256
    assert made_by.engine == engine.name
    assert made_by.calibration_id == "test"
    assert made_by.software == __version__


def test_same_picture_same_numbers(measured: Measurement, scalp: Scalp, engine: Engine) -> None:
    pixels, _, scale = scalp
    again = measure(standard_image(pixels, scale), engine)
    assert (again.hairs, again.units) == (measured.hairs, measured.units)


def test_finer_photograph_of_the_same_skin_counts_the_same(measured: Measurement, scalp: Scalp, engine: Engine) -> None:
    pixels, _, scale = scalp
    finer = cv2.resize(pixels, None, fx=1.37, fy=1.37, interpolation=cv2.INTER_CUBIC)
    again = measure(standard_image(np.asarray(finer, np.uint8), scale * finer.shape[1] / pixels.shape[1]), engine)
    assert again.fu_count == pytest.approx(measured.fu_count, rel=0.05)
    assert again.counted_area_cm2 == pytest.approx(measured.counted_area_cm2, rel=0.01)


def test_uncertain_scale_widens_the_interval(measured: Measurement, scalp: Scalp, engine: Engine) -> None:
    pixels, _, scale = scalp
    uncertain = measure(standard_image(pixels, scale, rel_sd=0.05), engine)
    assert uncertain.fu_interval.high > measured.fu_interval.high
    assert uncertain.fu_interval.low < measured.fu_interval.low


def test_what_is_left_out_is_not_counted(measured: Measurement, scalp: Scalp, engine: Engine) -> None:
    pixels, _, scale = scalp
    allowed = np.ones(pixels.shape[:2], bool)
    allowed[:, : pixels.shape[1] // 2] = False
    half = measure(StandardImage(pixels, scale, 0.0, allowed, "test"), engine)
    assert half.counted_area_cm2 == pytest.approx(5.8 * 8.6 / 100, rel=0.01)
    assert all(hair.x_mm >= 6.0 - 0.03 for hair in half.hairs)
    right = [unit for unit in measured.units if unit.x_mm > 6.0]
    assert half.fu_count == pytest.approx(len(right), abs=1)


@pytest.mark.parametrize(
    ("value", "reason"), [(0, "too dark"), (128, "out of focus"), (255, "glare")], ids=["black", "blank", "white"]
)
def test_nothing_to_count_is_refused(engine: Engine, value: int, reason: str) -> None:
    with pytest.raises(ImageError, match=f"Nothing can be counted: .* is {reason}") as caught:
        measure(standard_image(np.full((600, 800, 3), value, np.uint8), 135.0), engine)
    assert "take it again" in caught.value.person


def test_a_view_within_the_margin_is_refused(engine: Engine) -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ImageError, match=r"0\.4 x 0\.4 mm"):
        measure(standard_image(rng.integers(0, 255, (64, 64, 3), np.uint8), 181.4), engine)


@pytest.mark.parametrize("scale", [0.0, 14.9, 500.1, -3.0, float("nan"), float("inf")])
def test_impossible_scale_is_refused(scalp: Scalp, engine: Engine, scale: float) -> None:
    pixels, _, good = scalp
    with pytest.raises(UsageError, match="15 to 500 px/mm"):
        measure(replace(standard_image(pixels, good), px_per_mm=scale), engine)


REFERENCE_FRAME = """
import cv2
import numpy as np
from pathlib import Path
from station.density.engine import Engine
from station.density.measure import measure
from station.density.model import load_model
from station.values import StandardImage

def peak_kb():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])

engine = Engine(load_model())
before = peak_kb()
scalp = cv2.resize(engine.model.golden_tiles[0], (960, 960), interpolation=cv2.INTER_CUBIC)
pixels = np.pad(scalp, ((0, 3040 - 960), (0, 4056 - 960), (0, 0)), "symmetric")
measure(StandardImage(pixels, 135.0, 0.0, np.ones(pixels.shape[:2], bool), "test"), engine)
print((peak_kb() - before) // 1024)
"""


def test_reference_frame_needs_little_memory() -> None:
    """4056 x 3040: the picture itself is 37 MB and its mask 12 MB; all the rest stays below 150 MB."""
    done = subprocess.run([sys.executable, "-c", REFERENCE_FRAME], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 200
