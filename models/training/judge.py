"""Rendered photographs through the station's own path: how many it counts, how many there are, and what it refuses.

Views are small; whole photographs of simulated persons tell what a small view cannot, the error that stays: a person
whose hair the model reads a little wrong everywhere is wrong on every square millimetre of a large field.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.labelled import STORED_FACTOR, LabelledFrame
from models.training.pool import Pool
from models.training.views import WORKING_PX_PER_MM
from station.density.detect import Points
from station.density.engine import Engine
from station.density.see import see
from station.errors import UncountableError
from station.values import Lamp, StandardImage
from station.world import COURSES, SITE_FACTORS, Optics, World, simulated_person

FIELDS = {"12 x 9 mm": Optics(1620, 1215, 135.0), "30 x 22.5 mm": Optics(4056, 3040, 135.0)}
FIELD_SEED = 2_000_000
"""Seeds from here on are never trained on."""
COARSE_PX_PER_MM = 25.0
"""Scale of the photographs that stand for cameras coarser than the working scale."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Photographs that were judged, (n,) each. Of a refused one only its names count.

    kind: where they come from; found and truth: counts in the counted area; coverage, doubt, px_per_mm: what an
    interval is chosen by.
    """

    kind: NDArray[np.str_]
    style: NDArray[np.str_]
    tone: NDArray[np.int64]
    colour: NDArray[np.str_]
    refused: NDArray[np.bool_]
    fu_found: NDArray[np.float64]
    fu_truth: NDArray[np.float64]
    hairs_found: NDArray[np.float64]
    hairs_truth: NDArray[np.float64]
    coverage: NDArray[np.float64]
    doubt: NDArray[np.float64]
    px_per_mm: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.kind)

    def take(self, rows: NDArray[np.bool_] | slice) -> Judged:
        """The chosen rows."""
        return Judged(**{name: getattr(self, name)[rows] for name in self.__slots__})

    def counts(self, what: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(found, truth) of "fu" or "hairs"."""
        return getattr(self, f"{what}_found"), getattr(self, f"{what}_truth")


def joined(parts: Iterable[Judged]) -> Judged:
    """All rows of several."""
    rows = list(parts)
    return Judged(**{name: np.concatenate([getattr(part, name) for part in rows]) for name in Judged.__slots__})


def judge_views(engine: Engine, pool: Pool, kind: str, px_per_mm: float = WORKING_PX_PER_MM) -> Judged:
    """Rendered views as a camera of px_per_mm, at most the working scale, would give them."""

    def rows() -> Iterator[dict[str, object]]:
        for index in range(len(pool)):
            pixels, ratio = pool.pixels[index], px_per_mm / WORKING_PX_PER_MM
            if ratio < 1:
                side = round(pixels.shape[0] * ratio)
                pixels = np.asarray(cv2.resize(pixels, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
            scale = px_per_mm if ratio >= 1 else pixels.shape[0] * WORKING_PX_PER_MM / pool.pixels.shape[1]
            units, hairs = (np.asarray(p[index], float) / WORKING_PX_PER_MM for p in (pool.units, pool.hairs))
            names = {"style": pool.style[index], "tone": pool.tone[index], "colour": pool.colour[index]}
            yield {"kind": kind, **names, **_judge(engine, pixels, scale, units, hairs)}

    return _table(rows())


def judge_fields(engine: Engine, kind: str, optics: Optics, seeds: Iterable[int]) -> Judged:
    """Photograph and measure one simulated person per seed, at any site and course."""

    def rows() -> Iterator[dict[str, object]]:
        day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        for seed in seeds:
            world = World(simulated_person(list(COURSES)[seed % len(COURSES)], FIELD_SEED + seed), optics, day.date())
            world.lamp = Lamp.CROSS
            world.place_head(list(SITE_FACTORS)[seed % len(SITE_FACTORS)], day)
            pixels, truth = world.expose()
            names = {"style": kind, "tone": 0, "colour": ""}
            yield {"kind": kind, **names, **_judge(engine, pixels, optics.px_per_mm, truth.units, truth.roots)}

    return _table(rows())


def judge_labelled(engine: Engine, frames: Iterable[LabelledFrame]) -> Judged:
    """Labelled photographs, where their labels are complete."""

    def rows() -> Iterator[dict[str, object]]:
        scale = WORKING_PX_PER_MM * STORED_FACTOR
        for frame in frames:
            units, hairs = (np.asarray(points, float) / scale for points in (frame.units, frame.hairs))
            names = {"style": "labelled", "tone": 0, "colour": ""}
            yield {"kind": "labelled", **names, **_judge(engine, frame.pixels, scale, units, hairs, frame.known > 0)}

    return _table(rows())


def _judge(
    engine: Engine,
    pixels: NDArray[np.uint8],
    px_per_mm: float,
    units: Points,
    hairs: Points,
    known: NDArray[np.bool_] | None = None,
) -> dict[str, object]:
    allowed = np.ones(pixels.shape[:2], bool) if known is None else known
    nothing = dict.fromkeys(("fu_found", "fu_truth", "hairs_found", "hairs_truth", "coverage", "doubt"), 0.0)
    try:
        seen = see(StandardImage(pixels, px_per_mm, 0.0, allowed, "true scale"), engine)
    except UncountableError:
        return {"refused": True, "px_per_mm": px_per_mm, **nothing}
    return {
        "refused": False,
        "px_per_mm": px_per_mm,
        "fu_found": int(seen.units.sum()),
        "fu_truth": int(seen.inside(units).sum()),
        "hairs_found": int(seen.hairs.sum()),
        "hairs_truth": int(seen.inside(hairs).sum()),
        "coverage": seen.coverage,
        "doubt": seen.doubt,
    }


def _table(rows: Iterable[dict[str, object]]) -> Judged:
    listed = list(rows)
    return Judged(**{name: np.array([row[name] for row in listed]) for name in Judged.__slots__})
