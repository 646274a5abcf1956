"""The 90 % interval of a tray count: split conformal prediction on the scale on which counts spread evenly.

On simulated trays that nothing was tuned on, the error of a count n is e = 2 sqrt(found + 3/8) - 2 sqrt(true + 3/8)
(Anscombe FJ, Biometrika 1948;35:246-254). How far it strays depends on how thick the hairs lie, so the trays are
grouped by mm of hair per cm2, and each group has its own lower and upper quantile of e, of the ranks that split
conformal prediction asks for (Lei J et al., J Am Stat Assoc 2018;113:1094-1111). `benchmarks/tray.py --calibrate`
writes the file.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from station.errors import ModelError
from station.values import Interval

FILE = "tray.json"
LEVEL = 0.90
What = Literal["count", "short", "longer"]
WHATS: tuple[What, ...] = ("count", "short", "longer")
EDGES_MM_PER_CM2 = (10.0, 20.0, 35.0, 50.0)
"""Limits between the groups."""
ROUNDING = 0.01
"""The file has four decimals of e; a bound may miss the whole number it stands for by this."""


@dataclass(frozen=True, slots=True)
class TrayIntervals:
    """errors: for each group, from thin to thick, the lower and upper quantile of e of each count."""

    edges: tuple[float, ...]
    errors: tuple[Mapping[What, tuple[float, float]], ...]
    sha256: str = ""

    def around(self, what: What, found: int, hair_mm_per_cm2: float) -> Interval:
        """The interval of a count, in whole hairs. A tray without hairs may hold one that was missed."""
        group = self.errors[int(np.searchsorted(self.edges, hair_mm_per_cm2, side="right"))]
        low, high = group[what]
        centre = 2 * math.sqrt(found + 0.375)
        least = max(centre - high, 0.0) ** 2 / 4 - 0.375
        most = max(centre - low, 0.0) ** 2 / 4 - 0.375
        return Interval(
            float(max(0, min(found, math.ceil(least - ROUNDING)))),
            float(max(found, math.floor(most + ROUNDING), 1)),
            LEVEL,
        )


def anscombe_error(found: float, true: float) -> float:
    """Error of a count on the scale on which counts spread evenly."""
    return 2 * math.sqrt(found + 0.375) - 2 * math.sqrt(true + 0.375)


def conformal_range(errors: Sequence[float], level: float = LEVEL) -> tuple[float, float]:
    """Lower and upper quantile of errors, each of the rank that leaves (1 - level) / 2 of new ones beyond it."""
    ordered = np.sort(np.asarray(errors, np.float64))
    rank = math.ceil((len(ordered) + 1) * (1 + level) / 2)
    if rank > len(ordered):
        raise ValueError(f"{len(ordered)} errors are too few for a level of {level:g}")
    return float(ordered[len(ordered) - rank]), float(ordered[rank - 1])


def load_intervals() -> TrayIntervals:
    """The calibration that comes with the station. Raises ModelError when it is missing or damaged."""
    try:
        content = (importlib.resources.files("models") / FILE).read_bytes()
        data = json.loads(content)
        edges = tuple(float(edge) for edge in data["edges_mm_per_cm2"])
        errors = tuple(
            {what: (float(group[what][0]), float(group[what][1])) for what in WHATS} for group in data["groups"]
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise ModelError(f"models/{FILE} is missing or damaged ({error}): install the station again.") from error
    if len(errors) != len(edges) + 1:
        raise ModelError(f"models/{FILE} is damaged: it has {len(errors)} groups for {len(edges)} limits.")
    return TrayIntervals(edges, errors, hashlib.sha256(content).hexdigest())
