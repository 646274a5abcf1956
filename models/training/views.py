"""Training views: small pieces of simulated scalp at the network's working scale, and the points in them.

The simulated person of the demonstration is one of the people drawn here; the others differ in skin, hair, light
and lens far beyond what one rig would see, so that the network relies on what all have in common.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from station.world.hairs import HAIRS_PER_UNIT_DONOR, HAIRS_PER_UNIT_HAN, HairTable, grow_hairs, unit_positions
from station.world.looks import (
    HAIR_COLOURS,
    HairLook,
    LightLook,
    Rng,
    SkinLook,
    microscope_light,
    person_looks,
    rig_light,
)
from station.world.optics import Optics
from station.world.render import Pose, render
from station.world.skin import make_skin

WORKING_PX_PER_MM = 45.0
VIEW_PX = 320
RENDER_FACTOR = 2
"""Views are drawn at twice the working scale and reduced, as the station reduces photographs."""


@dataclass(frozen=True, slots=True)
class View:
    """pixels: (VIEW_PX, VIEW_PX, 3) uint8 RGB; hairs, tips, units: (n, 2) positions in pixels of the view."""

    pixels: NDArray[np.uint8]
    hairs: NDArray[np.float32]
    tips: NDArray[np.float32]
    units: NDArray[np.float32]
    style: str


def draw_view(seed: int) -> View:
    """The view of a seed: the same on every machine of one kind."""
    rng = np.random.default_rng((7919, seed))
    skin, hair, light, style = _looks(rng)
    density = float(np.clip(rng.normal(78, 24), 4, 140)) if rng.random() > 0.06 else float(rng.uniform(0, 10))
    scale = WORKING_PX_PER_MM * RENDER_FACTOR * float(rng.normal(1.0, 0.02))
    side = VIEW_PX * RENDER_FACTOR
    optics = Optics(side, side, scale)
    ground = (optics.size_mm[0] + 4.0, optics.size_mm[1] + 4.0)
    hairs = _hairs(rng, ground, density, hair)
    texture = make_skin(rng, skin, ground, min(scale, 55.0))
    pixels, truth = render(hairs, texture, skin, hair, light, Pose(), optics, rng)
    small = cv2.resize(pixels, (VIEW_PX, VIEW_PX), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    to_px = scale / RENDER_FACTOR
    hairs_px, tips_px, units_px = (
        (points * to_px).astype(np.float32) for points in (truth.roots, truth.tips, truth.units)
    )
    return View(small, hairs_px, tips_px, units_px, style)


def _hairs(rng: Rng, ground: tuple[float, float], density: float, hair: HairLook) -> HairTable:
    units = unit_positions(rng, *ground, density, disorder=float(rng.uniform(0.12, 0.34)))
    units = units[rng.random(len(units)) > rng.uniform(0, 0.15)]
    single = (1.0,)
    mix = (HAIRS_PER_UNIT_HAN, HAIRS_PER_UNIT_DONOR, (0.43, 0.43, 0.126, 0.014), single)[
        rng.choice(4, p=[0.3, 0.25, 0.35, 0.1])
    ]
    return grow_hairs(
        rng,
        units,
        hair,
        direction=float(rng.uniform(0, 2 * np.pi)),
        hairs_per_unit=mix,
        diameter_um=float(rng.uniform(52, 105)),
        diameter_cv=float(rng.uniform(0.08, 0.28)),
        vellus_share=float(rng.choice([0.0, rng.uniform(0, 0.15)])),
    )


def _looks(rng: Rng) -> tuple[SkinLook, HairLook, LightLook, str]:
    skin, hair = person_looks(rng)
    kind = rng.random()
    if kind < 0.35:
        return skin, hair, _loose(rng, rig_light(rng)), "rig"
    skin = replace(
        skin,
        relief=float(rng.uniform(0.2, 1.6)),
        redness=float(rng.uniform(0.0, 0.9)),
        pigment=float(rng.uniform(0.0, 0.5)),
        halo=float(rng.normal(0.1, 0.3)),
        flakes_per_cm2=float(rng.exponential(6.0)),
        debris_per_cm2=float(rng.exponential(8.0)),
    )
    if kind < 0.85:
        # Shaved scalp under a hand-held microscope: light to olive skin, dark and short hair, strong root streak.
        tone = np.clip(np.array([0.66, 0.62, 0.60]) + rng.normal(0, 0.05, 3) + rng.normal(0, 0.08), 0.2, 0.95)
        skin = replace(skin, tone=(float(tone[0]), float(tone[1]), float(tone[2])))
        dark = str(rng.choice(["black", "black", "dark-brown", "brown"]))
        hair = replace(
            hair,
            colour=HAIR_COLOURS[dark],
            colour_spread=float(rng.uniform(0.02, 0.12)),
            length_mm=float(rng.uniform(0.2, 0.75)),
            length_spread=float(rng.uniform(0.15, 0.4)),
            bend_per_mm=float(rng.uniform(0.0, 0.35)),
            unit_splay_deg=float(rng.uniform(4, 13)),
            field_splay_deg=float(rng.uniform(3, 14)),
            streak=float(rng.uniform(0.3, 1.1)),
            streak_mm=float(rng.uniform(0.15, 0.6)),
            collar=float(max(0.0, rng.normal(0.1, 0.45))),
        )
        return skin, hair, microscope_light(rng), "microscope"
    hair = replace(
        hair,
        colour=HAIR_COLOURS[str(rng.choice(list(HAIR_COLOURS)))],
        colour_spread=float(rng.uniform(0.02, 0.1)),
        grey_share=float(rng.choice([0.0, rng.uniform(0, 0.8)])),
        length_mm=float(np.exp(rng.uniform(np.log(0.4), np.log(4.0)))),
        bend_per_mm=float(rng.uniform(0.05, 0.6)),
        curl=float(rng.choice([0.0, 0.0, rng.uniform(0.05, 0.5)])),
        streak=float(rng.uniform(0.0, 0.9)),
        collar=float(max(0.0, rng.normal(0.1, 0.4))),
    )
    return skin, hair, microscope_light(rng) if rng.random() < 0.5 else _loose(rng, rig_light(rng)), "varied"


def _loose(rng: Rng, light: LightLook) -> LightLook:
    """A rig that is set up less exactly than it should be."""
    return replace(
        light,
        exposure=float(np.exp(rng.normal(0.0, 0.18))),
        cast=(float(rng.normal(1, 0.04)), 1.0, float(rng.normal(1, 0.05))),
        vignette=float(rng.uniform(0, 0.2)),
        blur_mm=float(rng.uniform(0.004, 0.014)),
        noise=float(rng.uniform(0.004, 0.02)),
    )
