"""Does this engine on this computer count what it should? Golden tiles with known counts, run at start-up."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from station.density.detect import detect
from station.density.engine import Engine
from station.density.model import ADVICE, Counts
from station.density.tiles import WorkingView, infer
from station.errors import ModelError

TOLERANCE = 0.01
"""Run-times and processors differ by a step or two of int8 here and there; the total count may differ by this share."""


def golden_counts(engine: Engine, tiles: Iterable[NDArray[np.uint8]]) -> list[Counts]:
    """Counts of each (tile, tile, 3) uint8 tile, from edge to edge; also what density.json's `golden` is made with."""
    scale = engine.model.working_px_per_mm
    found = [detect(infer(WorkingView(tile, scale, scale), engine.model, engine.run), engine.model) for tile in tiles]
    return [Counts(fu=len(one.units), hairs=len(one.hairs)) for one in found]


def self_test(engine: Engine) -> None:
    """Raise ModelError when the total counts over the golden tiles differ by more than 1 %."""
    counted = golden_counts(engine, engine.model.golden_tiles)
    for what in ("fu", "hairs"):
        found = sum(getattr(counts, what) for counts in counted)
        expected = sum(getattr(counts, what) for counts in engine.model.golden_counts)
        if abs(found - expected) > TOLERANCE * expected:
            raise ModelError(
                f"{engine.name} counts {found:g} {'follicular units' if what == 'fu' else 'hairs'} on the golden tiles "
                f"where {expected:g} are known: use the other run-time (--engine), or {ADVICE}."
            )
