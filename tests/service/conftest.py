"""A real station on a small simulated rig."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.clock import SimulatedClock
from station.service.station import Station
from station.settings import Settings, load

MOMENT = dt.datetime(2026, 3, 5, 9, tzinfo=dt.UTC)
RIG = (
    'id = "small"\nname = "Small rig"\nnote = "For tests."\n'
    "[camera]\nwidth_px = 640\nheight_px = 480\npx_per_mm = 80.0\n[controls]\nexposure_us = 8000\n"
)

MakeSettings = Callable[..., Settings]


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(MOMENT)


@pytest.fixture
def make_settings(tmp_path: Path) -> MakeSettings:
    rig = tmp_path / "small.toml"
    rig.write_text(RIG)

    def make(**changes: object) -> Settings:
        base: dict[str, object] = {
            "data_folder": tmp_path / "data",
            "demo_folder": tmp_path / "demo",
            "camera_driver": "simulated",
            "rig_profile": str(rig),
            "storage_reserve_mb": 20,
        }
        return load(environment={}, **{**base, **changes})  # type: ignore[arg-type]

    return make


@pytest.fixture
def station(make_settings: MakeSettings, clock: SimulatedClock) -> Iterator[Station]:
    opened = Station(make_settings(), clock)
    yield opened
    opened.close()
