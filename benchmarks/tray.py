"""Shed hairs on simulated trays: error of the counts, coverage of their intervals, time and memory.

python benchmarks/tray.py                    measures held-out trays
python benchmarks/tray.py --calibrate        writes models/tray.json from other trays
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from station.calibration.standard import with_scale
from station.density.tray import count_tray
from station.density.tray_interval import EDGES_MM_PER_CM2, LEVEL, WHATS, What, anscombe_error, conformal_range
from station.errors import UncountableError
from station.values import Interval, UInt8Image
from station.world.optics import Optics
from station.world.tray import photograph_tray, random_look

VIEW = Optics(4056, 2230, 20.28)
CLASSES = ((0, 20), (20, 60), (60, 150))
MOST_LAID_MM_PER_CM2 = 80.0
"""Whoever lays hairs for a count does not lay much more than can be told apart."""
CALIBRATION_SEED, HELD_OUT_SEED = 1_000_000, 2_000_000
MODEL = Path(__file__).parent.parent / "models" / "tray.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One tray: truth and what was found; found None: refused."""

    seed: int
    true: dict[What, int]
    found: dict[What, int] | None
    intervals: dict[What, Interval] | None
    true_mm_per_cm2: float
    hair_mm_per_cm2: float
    render_s: float
    count_s: float
    read_s: float


def outcome(seed: int) -> Outcome:
    """Lay, photograph and count one tray: its class of number is drawn evenly, then the number within the class."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    low, high = CLASSES[int(rng.integers(len(CLASSES)))]
    hairs = int(rng.integers(low, high + 1))
    area = VIEW.size_mm[0] * VIEW.size_mm[1] / 100
    while True:
        look = random_look(rng, hairs)
        if hairs * look.length_mm / area <= MOST_LAID_MM_PER_CM2:
            break
    start = time.perf_counter()
    pixels, truth = photograph_tray(look, VIEW, rng)
    rendered = time.perf_counter()
    _, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])
    before = time.perf_counter()
    cv2.imdecode(packed, cv2.IMREAD_COLOR)
    read = time.perf_counter()
    true: dict[What, int] = {"count": truth.count, "short": truth.short, "longer": truth.count - truth.short}
    laid = float(truth.lengths_mm.sum()) / area
    try:
        counted = count_tray(with_scale(pixels, VIEW.px_per_mm, 0.01, "benchmark"))
    except UncountableError:
        return Outcome(seed, true, None, None, laid, 0.0, rendered - start, time.perf_counter() - read, read - before)
    found: dict[What, int] = {"count": counted.count, "short": counted.short, "longer": counted.longer}
    intervals: dict[What, Interval] = {
        "count": counted.count_interval,
        "short": counted.short_interval,
        "longer": counted.longer_interval,
    }
    took = time.perf_counter() - read
    return Outcome(seed, true, found, intervals, laid, counted.hair_mm_per_cm2, rendered - start, took, read - before)


def calibrate(outcomes: Sequence[Outcome]) -> None:
    """Write the ranges of the errors by group."""
    groups = []
    for index in range(len(EDGES_MM_PER_CM2) + 1):
        own = [
            each
            for each in outcomes
            if each.found and np.searchsorted(EDGES_MM_PER_CM2, each.hair_mm_per_cm2, side="right") == index
        ]
        ranges = {
            what: conformal_range([anscombe_error(each.found[what], each.true[what]) for each in own if each.found])
            for what in WHATS
        }
        groups.append({"trays": len(own), **{what: [round(e, 4) for e in ranges[what]] for what in WHATS}})
    content = {
        "made_by": "benchmarks/tray.py --calibrate",
        "level": LEVEL,
        "first_seed": min(each.seed for each in outcomes),
        "edges_mm_per_cm2": list(EDGES_MM_PER_CM2),
        "groups": groups,
    }
    MODEL.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    print(MODEL.read_text(encoding="utf-8"))


def report(outcomes: Sequence[Outcome]) -> None:
    """Tables by number of hairs and by how thick they lie."""
    print("| trays | n | refused | error of the count | bias | short: error in hairs | covered count, short, longer |")
    print("|---|---|---|---|---|---|---|")
    for low, high in CLASSES:
        _row(f"{low} to {high} hairs", outcomes, lambda o, a=low, b=high: a <= o.true["count"] < b + (b == 150))
    limits = (0.0, *EDGES_MM_PER_CM2, 70.0, 1e9)
    for low, high in itertools.pairwise(limits):
        _row(f"{low:g} to {high:g} mm/cm2", outcomes, lambda o, a=low, b=high: a <= o.true_mm_per_cm2 < b)
    _row("up to 60 hairs, up to 20 mm/cm2", outcomes, lambda o: o.true["count"] <= 60 and o.true_mm_per_cm2 <= 20)
    _row("up to 100 hairs, up to 35 mm/cm2", outcomes, lambda o: o.true["count"] <= 100 and o.true_mm_per_cm2 <= 35)
    _row("all", outcomes, lambda o: True)
    times = np.array([(each.count_s / each.read_s, each.count_s / each.render_s) for each in outcomes])
    print(
        f"time of a count: {np.median(times[:, 0]):.0f} times that of decoding the JPEG, "
        f"{np.median(times[:, 1]):.1f} times that of rendering; {np.median([o.count_s for o in outcomes]):.2f} s"
    )
    print(f"peak memory of a count: {memory_ratio():.1f} times the photograph's pixels, these not counted")


def memory_ratio() -> float:
    """How much a fresh process grows by a count, in sizes of the photograph."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_growth, HELD_OUT_SEED + 1).result()


def _growth(seed: int) -> float:
    # Laid out and photographed in another process: rendering needs more than counting.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        pixels = pool.submit(_photograph, seed).result()
    image = with_scale(pixels, VIEW.px_per_mm, 0.01, "benchmark")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count_tray(image)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / pixels.nbytes


def _photograph(seed: int) -> UInt8Image:
    rng = np.random.default_rng(seed)
    return photograph_tray(random_look(rng, 60, 60.0), VIEW, rng)[0]


def _row(name: str, outcomes: Sequence[Outcome], belongs: Callable[[Outcome], bool]) -> None:
    own = [each for each in outcomes if belongs(each)]
    counted = [each for each in own if each.found and each.intervals]
    if not counted:
        print(f"| {name} | {len(own)} | {len(own)} | | | | |")
        return
    error = np.array([each.found["count"] - each.true["count"] for each in counted if each.found], float)
    true = np.array([max(each.true["count"], 1) for each in counted], float)
    short = np.array([each.found["short"] - each.true["short"] for each in counted if each.found], float)
    covered = [
        np.mean([each.intervals[w].low <= each.true[w] <= each.intervals[w].high for each in counted if each.intervals])
        for w in WHATS
    ]
    print(
        f"| {name} | {len(own)} | {len(own) - len(counted)} | {np.abs(error / true).mean():.1%} | "
        f"{(error / true).mean():+.1%} | {np.abs(short).mean():.2f} | {covered[0]:.0%}, {covered[1]:.0%}, "
        f"{covered[2]:.0%} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trays", type=int, default=240)
    parser.add_argument("--calibrate", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    arguments = parser.parse_args()
    first = CALIBRATION_SEED if arguments.calibrate else HELD_OUT_SEED
    with ProcessPoolExecutor(arguments.jobs) as pool:
        outcomes = list(pool.map(outcome, range(first, first + arguments.trays)))
    if arguments.calibrate:
        calibrate(outcomes)
    report(outcomes)


if __name__ == "__main__":
    main()
