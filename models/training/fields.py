"""Whole photographs of simulated persons as the rigs take them: they and small views calibrate the intervals.

A small view cannot tell the error that falls with the count from the one that stays: a person whose hair the model
reads a little wrong everywhere is wrong on every square millimetre of a large field.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from station.density.countable import MARGIN_MM
from station.density.engine import Engine
from station.density.interval import calibrate_interval
from station.density.measure import measure
from station.density.model import IntervalModel
from station.values import Lamp, StandardImage
from station.world import COURSES, SITE_FACTORS, Optics, World, simulated_person

FIELDS = {"12 x 9 mm": Optics(1620, 1215, 135.0), "30 x 22.5 mm": Optics(4056, 3040, 135.0)}
FIELD_SEED = 2_000_000
"""Seeds from here on are never trained on."""

Pairs = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class FieldCounts:
    """Counts of n photographs, (n,) each; truth: inside the margin that is not counted."""

    fu_found: NDArray[np.float64]
    fu_truth: NDArray[np.float64]
    hairs_found: NDArray[np.float64]
    hairs_truth: NDArray[np.float64]


def count_fields(engine: Engine, optics: Optics, seeds: Iterable[int]) -> FieldCounts:
    """Photograph and measure one person per seed, at any site and course, by the station's own path."""
    rows = []
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for seed in seeds:
        world = World(simulated_person(list(COURSES)[seed % len(COURSES)], FIELD_SEED + seed), optics, day.date())
        world.lamp = Lamp.CROSS
        world.place_head(list(SITE_FACTORS)[seed % len(SITE_FACTORS)], day)
        pixels, truth = world.expose()
        everywhere = np.ones(pixels.shape[:2], bool)
        found = measure(StandardImage(pixels, optics.px_per_mm, 0.0, everywhere, "true scale"), engine)
        rows.append((found.fu_count, _inside(truth.units, optics), found.hair_count, _inside(truth.roots, optics)))
    return FieldCounts(*np.array(rows, float).T)


def calibrate(groups: list[Pairs], level: float) -> IntervalModel:
    """An interval that covers the truth at `level` in each group of (found, truth) counts, not only on average.

    Bias and shape come from all groups together; the width, from the group that needs most.
    """
    found, truth = (np.concatenate([group[side] for group in groups]) for side in (0, 1))
    fitted = calibrate_interval(found, truth, level=level)
    needed = []
    for found, truth in groups:
        error = np.abs(np.log((found + 0.5) / (truth + 0.5)) - fitted.bias)
        scores = np.sort(error / np.sqrt(fitted.a**2 + fitted.b**2 / np.maximum(found, 1)))
        needed.append(float(scores[min(int(np.ceil((len(scores) + 1) * level)), len(scores)) - 1]))
    factor = max(1.0, *needed)
    return IntervalModel(fitted.bias, fitted.a * factor, fitted.b * factor)


def split(counts: FieldCounts, kind: str) -> tuple[Pairs, Pairs]:
    """(found, truth) of one kind, "fu" or "hairs": of even and of odd photographs."""
    found, truth = (counts.fu_found, counts.fu_truth) if kind == "fu" else (counts.hairs_found, counts.hairs_truth)
    return (found[::2], truth[::2]), (found[1::2], truth[1::2])


def field_summary(counts: FieldCounts) -> dict[str, Any]:
    """Error and bias of the count in per cent over all photographs of a field, for the model card."""
    table: dict[str, Any] = {"photographs": len(counts.fu_found)}
    pairs = {"fu": (counts.fu_found, counts.fu_truth), "hairs": (counts.hairs_found, counts.hairs_truth)}
    for kind, (found, truth) in pairs.items():
        table[kind] = {
            "error_percent": round(float(100 * np.abs(found / truth - 1).mean()), 2),
            "bias_percent": round(float(100 * (found.sum() / truth.sum() - 1)), 2),
        }
    return table


def _inside(points: NDArray[np.float64], optics: Optics) -> int:
    size = np.asarray(optics.size_mm)
    return int(np.all((points >= MARGIN_MM) & (points < size - MARGIN_MM), axis=1).sum())
