"""The classical pipeline that the network must beat: ridges, threshold, skeleton, end points, clusters of roots.

    python benchmarks/classical.py FOLDER --px-per-mm 181.4 --points POINTS.jsonl

Writes the lines of `station measure --points`: one photograph a line, points in pixels of the upright photograph. It
needs scikit-image, which the station does not.

A shaft is dark on skin and 40 to 110 um wide, so it is a ridge of that width (Sato et al., Med Image Anal
1998;2:143-168). Under the skin a shaft goes on as a bluish streak: the root is the end with the bluer surroundings.
Stubble of one frame leans one way, so the shafts of a frame vote. Every number of `Parameters` was chosen by
benchmarks/classical_choice.py on the frames that the network was adapted with, and on no others.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from station.density.tiles import to_working_scale
from station.errors import StationError
from station.follicular import clusters
from station.imaging import check_writable, checked_px_per_mm, photographs_in, read_photograph, write_durably

WIDTHS_MM = (0.040, 0.055, 0.075, 0.110)
"""Hair widths that ridges are looked for at."""
SIGMA_PER_WIDTH = 0.289
"""1 / (2 sqrt 3): the Gaussian whose second derivative answers most to a bar of width 1 (Steger, IEEE PAMI
1998;20:113-125)."""
LIGHT_MM = 0.6
"""Standard deviation of the Gaussian that the brightness of the skin is taken from."""
CHANNELS = {"red": 0, "green": 1, "blue": 2}

Floats = NDArray[np.float64]


class MissingPackageError(StationError):
    """scikit-image is not installed."""

    code = "benchmark"


@dataclass(frozen=True, slots=True)
class Parameters:
    """px_per_mm: working scale; channel: whose darkness counts; high, low: ridge strength that begins and that
    continues a shaft; least_mm: shortest shaft; join_mm, join_degrees: two pieces of one shaft lie this near end to
    end, and turn by no more; beyond_mm: how far outside an end the colour is taken; vote: whether all shafts of a
    frame lean one way.
    """

    px_per_mm: float = 50.0
    channel: str = "green"
    high: float = 0.13
    low: float = 0.06
    least_mm: float = 0.12
    join_mm: float = 0.15
    join_degrees: float = 25.0
    beyond_mm: float = 0.12
    vote: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """hairs, units: (n, 2) positions in mm."""

    hairs: Floats
    units: Floats


def count(pixels: NDArray[np.uint8], px_per_mm: float, parameters: Parameters) -> Found:
    """Hair roots and follicular units of a photograph, (H, W, 3) uint8 RGB."""
    view = to_working_scale(pixels, px_per_mm, parameters.px_per_mm)
    return count_ridges(view.pixels, ridges(view.pixels, parameters), parameters)


def ridges(pixels: NDArray[np.uint8], parameters: Parameters) -> NDArray[np.float32]:
    """How much each pixel is a dark ridge of a hair's width, relative to the brightness of the skin around it.

    Raises MissingPackageError without scikit-image.
    """
    try:
        from skimage.filters import sato
    except ImportError as error:
        raise _missing() from error
    grey = pixels[:, :, CHANNELS[parameters.channel]].astype(np.float32)
    skin = cv2.GaussianBlur(grey, (0, 0), LIGHT_MM * parameters.px_per_mm, borderType=cv2.BORDER_REFLECT)
    sigmas = [SIGMA_PER_WIDTH * width * parameters.px_per_mm for width in WIDTHS_MM]
    return np.asarray(sato(grey / np.maximum(skin, 1), sigmas=sigmas, black_ridges=True), np.float32)


def count_ridges(pixels: NDArray[np.uint8], strength: NDArray[np.float32], parameters: Parameters) -> Found:
    """From the ridges of a view at the working scale to points in mm."""
    try:
        from skimage.filters import apply_hysteresis_threshold
        from skimage.morphology import skeletonize
    except ImportError as error:
        raise _missing() from error
    skeleton = skeletonize(apply_hysteresis_threshold(strength, parameters.low, parameters.high))
    scale = parameters.px_per_mm
    pieces = joined(
        segments(np.asarray(skeleton, bool)), parameters.join_mm * scale, np.radians(parameters.join_degrees)
    )
    length = np.linalg.norm(pieces[:, 1] - pieces[:, 0], axis=1)
    hairs = roots(pieces[length >= parameters.least_mm * scale], pixels, parameters) / scale
    label = clusters(hairs)
    units = np.array([hairs[label == unit].mean(axis=0) for unit in np.unique(label)]).reshape(-1, 2)
    return Found(hairs, units)


def segments(skeleton: NDArray[np.bool_]) -> Floats:
    """End points (n, 2 ends, x and y) in pixels of the pieces of a skeleton (H, W), cut at its junctions."""
    ring = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]])
    neighbours = ndimage.convolve(skeleton.astype(np.int16), ring, mode="constant")
    line = skeleton & (neighbours <= 2)
    label, _ = ndimage.label(line, np.ones((3, 3)))
    ends = line & (ndimage.convolve(line.astype(np.int16), ring, mode="constant") == 1)
    rows, columns = np.nonzero(ends)
    of = label[rows, columns]
    order = np.argsort(of, kind="stable")
    piece, first, each = np.unique(of[order], return_index=True, return_counts=True)
    start = first[(each == 2) & (piece > 0)]
    points = np.column_stack([columns, rows])[order] + 0.5
    return np.stack([points[start], points[start + 1]], axis=1).astype(np.float64)


def joined(pieces: Floats, gap: float, turn: float) -> Floats:
    """Pieces (n, 2, 2) with those made one that go on in one line: the nearest ends first, each end once.

    gap: largest distance of the two ends in pixels; turn: largest angle between the pieces in radians.
    """
    ends = pieces.reshape(-1, 2)
    outward = (_directions(pieces)[:, None] * np.array([-1.0, 1.0])[:, None]).reshape(-1, 2)
    near = cKDTree(ends).query_pairs(gap, output_type="ndarray") if len(ends) else np.zeros((0, 2), np.intp)
    one, two = near[:, 0], near[:, 1]
    straight = (outward[one] * outward[two]).sum(axis=1) <= -np.cos(turn)
    near = near[straight & (one // 2 != two // 2)]
    apart = np.linalg.norm(ends[near[:, 0]] - ends[near[:, 1]], axis=1)
    follows: dict[int, int] = {}
    for first, second in near[np.argsort(apart, kind="stable")].tolist():
        if first not in follows and second not in follows:
            follows[first], follows[second] = second, first
    whole = []
    seen = set()
    for start in range(len(ends)):
        if start in follows or start // 2 in seen:
            continue
        stop = start ^ 1
        seen.add(start // 2)
        while stop in follows:
            stop = follows[stop] ^ 1
            seen.add(stop // 2)
        whole.append((ends[start], ends[stop]))
    return np.array(whole).reshape(-1, 2, 2)


def roots(pieces: Floats, pixels: NDArray[np.uint8], parameters: Parameters) -> Floats:
    """The end (n, 2) of each piece (n, 2, 2) that goes on under the skin, in pixels."""
    if not len(pieces):
        return np.zeros((0, 2))
    along = _directions(pieces)
    reach = parameters.beyond_mm * parameters.px_per_mm
    colour = cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), reach / 3, borderType=cv2.BORDER_REFLECT) + 1
    blue = np.log(colour[:, :, 2] / colour[:, :, 0])
    bluer = _at(blue, pieces[:, 1] + reach * along) - _at(blue, pieces[:, 0] - reach * along)
    second = bluer > 0
    if parameters.vote:
        # The direction, of all, in which the bluer ends lie most; a shaft's sign is then that of its own lean.
        common = (along * bluer[:, None]).sum(axis=0)
        second = along @ common > 0
    picked: Floats = np.where(second[:, None], pieces[:, 1], pieces[:, 0])
    return picked


def _directions(pieces: Floats) -> Floats:
    """Unit vectors (n, 2) from the first end to the second."""
    along = pieces[:, 1] - pieces[:, 0]
    return np.asarray(along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9), np.float64)


def _at(field: NDArray[np.float32], points: Floats) -> Floats:
    height, width = field.shape
    columns = points[:, 0].astype(int).clip(0, width - 1)
    rows = points[:, 1].astype(int).clip(0, height - 1)
    return np.asarray(field[rows, columns], np.float64)


def _missing() -> MissingPackageError:
    return MissingPackageError(
        "The classical pipeline needs scikit-image, which is not installed: "
        "install it with `.venv/bin/python -m pip install scikit-image`."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of photographs")
    parser.add_argument("--px-per-mm", type=float, required=True, help="scale of the photographs in pixels per mm")
    parser.add_argument("--points", type=Path, required=True, metavar="FILE", help="JSON Lines to write")
    options = parser.parse_args()
    parameters = Parameters()
    try:
        px_per_mm = checked_px_per_mm(options.px_per_mm)
        check_writable(options.points)
        lines = []
        for path in photographs_in(options.folder):
            found = count(read_photograph(path), px_per_mm, parameters)
            row = {
                "image": str(path),
                "hairs": np.round(found.hairs * px_per_mm, 2).tolist(),
                "follicular_units": np.round(found.units * px_per_mm, 2).tolist(),
            }
            lines.append(json.dumps(row) + "\n")
        write_durably(options.points, "".join(lines).encode())
    except StationError as error:
        sys.exit(error.operator)


if __name__ == "__main__":
    main()
