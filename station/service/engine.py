"""The density engine that the settings ask for."""

from __future__ import annotations

from station.density.engine import Backend, Engine
from station.density.model import load_model
from station.density.selftest import self_test
from station.settings import Settings


def load_engine(settings: Settings) -> Engine:
    """The engine, checked against its golden vectors. Raises ModelError."""
    backend = None if settings.engine_backend == "auto" else Backend(settings.engine_backend)
    engine = Engine(load_model(settings.density_model), backend, threads=settings.engine_threads)
    self_test(engine)
    return engine
