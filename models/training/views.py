"""Training views: small pieces of simulated scalp at the network's working scale, and the points in them.

The simulated person of the demonstration is one of the people drawn here; the others differ in skin, hair, light
and lens far beyond what one rig would see, so that the network relies on what all have in common.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.styles import draw_sitter
from station.world.curls import helix_of
from station.world.hairs import HAIRS_PER_UNIT_DONOR, HAIRS_PER_UNIT_HAN, HairTable, grow_hairs, unit_positions
from station.world.looks import HairLook, Rng
from station.world.optics import Optics, Pose
from station.world.paths import combed_direction
from station.world.render import render
from station.world.skin import make_skin

WORKING_PX_PER_MM = 45.0
VIEW_PX = 320
RENDER_FACTOR = 2
"""Views are drawn at twice the working scale and reduced, as the station reduces photographs."""
MOST_REACH_MM = 10.0
"""Hair that stands further outside the view than this is left out, however long it is."""


@dataclass(frozen=True, slots=True)
class View:
    """pixels: (VIEW_PX, VIEW_PX, 3) uint8 RGB; hairs, tips, units: (n, 2) positions in pixels of the view.

    style: a name of STYLE_SHARES; tone: step of the skin's tone, 1 (very light) to 6 (dark); colour: of the hair.
    """

    pixels: NDArray[np.uint8]
    hairs: NDArray[np.float32]
    tips: NDArray[np.float32]
    units: NDArray[np.float32]
    style: str
    tone: int
    colour: str


def draw_view(seed: int, style: str | None = None) -> View:
    """The view of a seed: the same on every machine of one kind. style: a name of STYLE_SHARES, or drawn too."""
    rng = np.random.default_rng((7919, seed))
    sitter = draw_sitter(rng, style)
    density = float(np.clip(rng.normal(78, 24), 4, 140)) if rng.random() > 0.06 else float(rng.uniform(0, 10))
    scale = WORKING_PX_PER_MM * RENDER_FACTOR * float(rng.normal(1.0, 0.02))
    side = VIEW_PX * RENDER_FACTOR
    optics = Optics(side, side, scale)
    ground = (optics.size_mm[0] + 4.0, optics.size_mm[1] + 4.0)
    hairs = _hairs(rng, optics, density, sitter.hair)
    texture = make_skin(rng, sitter.skin, ground, min(scale, 55.0))
    pixels, truth = render(hairs, texture, sitter.skin, sitter.hair, sitter.light, Pose(), optics, rng)
    small = cv2.resize(pixels, (VIEW_PX, VIEW_PX), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    to_px = scale / RENDER_FACTOR
    hairs_px, tips_px, units_px = (
        (points * to_px).astype(np.float32) for points in (truth.roots, truth.tips, truth.units)
    )
    return View(small, hairs_px, tips_px, units_px, sitter.style, sitter.tone, sitter.colour)


def _hairs(rng: Rng, optics: Optics, density: float, hair: HairLook) -> HairTable:
    margin = 2.0 + min(1.3 * hair.length_mm * helix_of(hair.curl_type).advance, MOST_REACH_MM)
    units = unit_positions(
        rng,
        optics.size_mm[0] + 2 * margin,
        optics.size_mm[1] + 2 * margin,
        density,
        disorder=float(rng.uniform(0.12, 0.34)),
    )
    units = units[rng.random(len(units)) > rng.uniform(0, 0.15)]
    single = (1.0,)
    mix = (HAIRS_PER_UNIT_HAN, HAIRS_PER_UNIT_DONOR, (0.43, 0.43, 0.126, 0.014), single)[
        rng.choice(4, p=[0.3, 0.25, 0.35, 0.1])
    ]
    direction: float | NDArray[np.float64] = float(rng.uniform(0, 2 * np.pi))
    if hair.comb is not None:
        # Hair is mostly combed as it grows; follicles of one side deviate together.
        direction = combed_direction(hair.comb, units) + rng.normal(0, np.radians(28))
    return grow_hairs(
        rng,
        units,
        hair,
        direction=direction,
        hairs_per_unit=mix,
        diameter_um=float(rng.uniform(52, 105)),
        diameter_cv=float(rng.uniform(0.08, 0.28)),
        vellus_share=float(rng.choice([0.0, rng.uniform(0, 0.15)])),
    )
