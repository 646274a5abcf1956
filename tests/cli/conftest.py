"""A photograph to measure."""

from __future__ import annotations

import datetime as dt

from PIL import Image

from station.values import Lamp
from station.world import Optics, World, simulated_person

PX_PER_MM = 90.0


def scalp(width_px: int, height_px: int) -> Image.Image:
    """Simulated scalp at 90 px/mm."""
    world = World(simulated_person("healthy", 4), Optics(width_px, height_px, PX_PER_MM), dt.date(2025, 1, 1))
    world.place_head("vertex", dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    world.lamp = Lamp.CROSS
    return Image.fromarray(world.expose()[0])
