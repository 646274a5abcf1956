"""Does the density network count on this computer what it should?"""

from __future__ import annotations

import time

from station.clock import Clock
from station.density.engine import Backend, Engine
from station.density.model import load_model
from station.density.selftest import self_test
from station.health.finding import Finding, State
from station.settings import Settings


def check(settings: Settings, clock: Clock) -> Finding:
    """Loads the model in the run-time that the settings ask for and counts the golden tiles."""
    backend = None if settings.engine_backend == "auto" else Backend(settings.engine_backend)
    model = load_model(settings.density_model)
    engine = Engine(model, backend, threads=settings.engine_threads)
    began = time.perf_counter()
    self_test(engine)
    each = 1000 * (time.perf_counter() - began) / len(model.golden_tiles)
    return Finding(
        "engine",
        State.OK,
        f"Model {model.label} in {engine.name} counts its {len(model.golden_tiles)} golden tiles as it should, "
        f"{each:.1f} ms each.",
    )
