"""The shipped model in both run-times, and pictures of the simulated scalp."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from station.density.engine import Backend, Engine, installed_backends
from station.density.model import DensityModel, load_model
from station.values import Lamp
from station.world import Optics, Truth, World, simulated_person


@pytest.fixture(scope="session")
def model() -> DensityModel:
    return load_model()


@pytest.fixture(scope="session")
def engine(model: DensityModel) -> Engine:
    return Engine(model)


@pytest.fixture(scope="session", params=installed_backends(), ids=str)
def each_engine(request: pytest.FixtureRequest, model: DensityModel) -> Engine:
    backend: Backend = request.param
    return Engine(model, backend)


Scalp = tuple[NDArray[np.uint8], Truth, float]


@pytest.fixture(scope="session")
def scalps() -> list[Scalp]:
    """Simulated photographs of 12 x 9 mm at 135 px/mm, each with its truth and the scale."""
    optics = Optics(1620, 1215, 135.0)
    photographs = []
    for seed in (11, 12, 13, 14):
        world = World(simulated_person("healthy", seed), optics, dt.date(2025, 1, 1))
        world.place_head("occipital", dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
        world.lamp = Lamp.CROSS
        pixels, truth = world.expose()
        photographs.append((pixels, truth, optics.px_per_mm))
    return photographs


@pytest.fixture(scope="session")
def scalp(scalps: list[Scalp]) -> Scalp:
    return scalps[0]


Variant = Callable[..., DensityModel]


@pytest.fixture(scope="session")
def variant(model: DensityModel) -> Variant:
    """The shipped model with other figures in its card."""

    def make(**changes: object) -> DensityModel:
        return replace(model, **changes)  # type: ignore[arg-type]

    return make
