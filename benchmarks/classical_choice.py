"""Choose the parameters of the classical pipeline on labelled photographs.

    python benchmarks/classical_choice.py DATA --px-per-mm 181.4

DATA is a folder as `./run train --adapt` takes it; frames of another split than "train" are never looked at. One
parameter after another takes the value with the least sum of the mean absolute errors of both counts per frame, the
figure that the pipeline is then compared by, until a round changes nothing. Only every eighth frame is used while
choosing, for time; the last line is that of all of them.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.classical import Found, Parameters, count_ridges, ridges
from models.training.labelled import STORED_FACTOR, LabelledFrame, load_labelled
from models.training.views import WORKING_PX_PER_MM
from station.density.tiles import to_working_scale
from station.errors import StationError
from station.imaging import checked_px_per_mm, read_photograph

CHOICES: dict[str, tuple[object, ...]] = {
    "channel": ("red", "green", "blue"),
    "high": (0.06, 0.08, 0.09, 0.10, 0.11, 0.12, 0.13, 0.14, 0.16, 0.18),
    "low": (0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.10),
    "least_mm": (0.10, 0.12, 0.15, 0.18, 0.22),
    "join_mm": (0.0, 0.05, 0.10, 0.15, 0.20, 0.25),
    "px_per_mm": (45.0, 50.0, 60.0),
    "beyond_mm": (0.06, 0.12, 0.18),
    "vote": (True, False),
}
LEAST = 8
"""Frames with fewer true points say little about an error in per cent."""
EVERY = 8

Key = tuple[str, float, str]
Ridges = dict[Key, tuple[NDArray[np.uint8], NDArray[np.float32]]]


def error_percent(
    frames: list[LabelledFrame], folder: Path, px_per_mm: float, parameters: Parameters, cache: Ridges
) -> tuple[float, float]:
    """Mean absolute error of the counts of units and hairs per frame, where labels are complete."""
    errors: tuple[list[float], list[float]] = ([], [])
    for frame in frames:
        key = (frame.name, parameters.px_per_mm, parameters.channel)
        if key not in cache:
            view = to_working_scale(read_photograph(folder / frame.name), px_per_mm, parameters.px_per_mm)
            cache[key] = (view.pixels, ridges(view.pixels, parameters).astype(np.float16))
        pixels, strength = cache[key]
        found: Found = count_ridges(pixels, strength.astype(np.float32), parameters)
        stored = WORKING_PX_PER_MM * STORED_FACTOR
        for each, points, truth in zip(errors, (found.units, found.hairs), (frame.units, frame.hairs), strict=True):
            true_count = known(truth.astype(np.float64), frame)
            if true_count >= LEAST:
                each.append(abs(known(points * stored, frame) / true_count - 1))
    return 100 * float(np.mean(errors[0])), 100 * float(np.mean(errors[1]))


def known(points: NDArray[np.float64], frame: LabelledFrame) -> int:
    """How many of the (n, 2) points, in pixels of the frame as it is kept, lie where its labels are complete."""
    height, width = frame.known.shape
    at = np.floor(points.reshape(-1, 2)).astype(int)
    at = at[np.all((at >= 0) & (at < (width, height)), axis=1)]
    return int((frame.known[at[:, 1], at[:, 0]] > 0).sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with labels.jsonl and its pictures")
    parser.add_argument("--px-per-mm", type=float, required=True, help="scale of the pictures in pixels per mm")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    try:
        px_per_mm = checked_px_per_mm(options.px_per_mm)
        frames = [frame for part in load_labelled(options.data) for frame in part]
        choose(frames, options.data, px_per_mm)
    except StationError as error:
        sys.exit(error.operator)


def choose(frames: list[LabelledFrame], folder: Path, px_per_mm: float) -> Parameters:
    """The best parameters, each trial printed with its two errors."""
    some = frames[::EVERY]
    cache: Ridges = {}
    best = Parameters()
    errors = error_percent(some, folder, px_per_mm, best, cache)
    print(f"start: {errors[0]:.1f} + {errors[1]:.1f} %  {asdict(best)}", flush=True)
    for number in itertools.count(1):
        before = best
        for name, values in CHOICES.items():
            for value in values:
                trial = replace(best, **{name: value})  # type: ignore[arg-type]
                if trial == best or trial.low > trial.high:
                    continue
                result = error_percent(some, folder, px_per_mm, trial, cache)
                print(f"  {name} {value}: {result[0]:.1f} + {result[1]:.1f} %", flush=True)
                if sum(result) < sum(errors):
                    best, errors = trial, result
        print(f"round {number}: {errors[0]:.1f} + {errors[1]:.1f} %  {asdict(best)}", flush=True)
        if best == before:
            break
    errors = error_percent(frames, folder, px_per_mm, best, {})
    print(f"all {len(frames)} frames: {errors[0]:.1f} + {errors[1]:.1f} %")
    return best


if __name__ == "__main__":
    main()
