"""Under which conditions a head comes before the camera: how far off it lies, its skin, its hair and the light."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from station.world.hairs import HairTable
from station.world.looks import RGB, Comb, HairLook, LightLook, Rng
from station.world.optics import Pose
from station.world.stretch import random_stretch

GROWTH_MM_PER_DAY = 0.35
"""Domain reference, hair measurement, 3.4."""
LIES_FLAT_MM = 2.0
"""Hair clipped shorter than this is drawn lying flat; longer hair rises, bends and lies down."""
DYE_EVENS = 0.5
"""What is left of the differences between hairs under a dye."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a placement differs from the one before. The defaults are those of a fixed rig and a person who is led.

    shift_mm, rotation_deg, scale: standard deviations of the pose; max_*: what they never pass (the shift along each
    axis by default, else its length). stretch: standard deviation of the skin's strain, a smooth field with the
    correlation length stretch_length_mm. comb_deg: standard deviation of the direction of all hairs together.
    hair_length_mm: lowest and highest mean length to which the hair is clipped this time; None: as always.
    growth_days: days since it was clipped, at 0.35 mm a day. dyed: colour of all hairs, sRGB-encoded.
    light_level: of the light, standard deviation as a share; light_colour: the same of red against blue;
    light_blur_mm: standard deviation of what is added to the point spread (its absolute value counts).
    """

    shift_mm: float = 0.8
    max_shift_mm: float = 3.0
    rotation_deg: float = 3.0
    max_rotation_deg: float = 20.0
    scale: float = 0.003
    max_scale: float = 0.03
    stretch: float = 0.0
    stretch_length_mm: float = 10.0
    comb_deg: float = 6.0
    hair_length_mm: tuple[float, float] | None = None
    growth_days: float = 0.0
    dyed: RGB | None = None
    light_level: float = 0.0
    light_colour: float = 0.0
    light_blur_mm: float = 0.0


DEFAULT = Conditions()
REPOSITIONED = Conditions(stretch=0.01)
"""A person who is led to the same place again in the same rig; the skin is never pulled in quite the same way."""
HARSH = Conditions(
    shift_mm=8.0,
    max_shift_mm=15.0,
    rotation_deg=10.0,
    scale=0.015,
    stretch=0.02,
    comb_deg=15.0,
    hair_length_mm=(0.4, 2.6),
    light_level=0.15,
    light_colour=0.06,
    light_blur_mm=0.004,
)
"""The farthest that registration is asked to bridge: not led, months later, clipped anew or some days ago (up to
2.6 mm: a week's growth), in other light. What comes and goes in months is the person's course."""


def draw_pose(conditions: Conditions, rng: Rng, extra: Rng) -> Pose:
    """A pose under these conditions. extra: generator of what default placements don't have."""
    dx, dy = np.clip(rng.normal(0, conditions.shift_mm, 2), -conditions.max_shift_mm, conditions.max_shift_mm)
    rotation, scale = rng.normal(0, conditions.rotation_deg), rng.normal(1.0, conditions.scale)
    rotation = np.clip(rotation, -conditions.max_rotation_deg, conditions.max_rotation_deg)
    scale = np.clip(scale, 1 - conditions.max_scale, 1 + conditions.max_scale)
    if conditions != DEFAULT and np.hypot(dx, dy) > conditions.max_shift_mm:
        dx, dy = np.array([dx, dy]) * conditions.max_shift_mm / np.hypot(dx, dy)
    stretch = None
    if conditions.stretch > 0:
        stretch = random_stretch(extra, conditions.stretch, conditions.stretch_length_mm)
    return Pose(float(dx), float(dy), float(rotation), float(scale), stretch)


def draw_light(conditions: Conditions, light: LightLook, extra: Rng) -> LightLook:
    """The rig's light as these conditions change it."""
    if not (conditions.light_level or conditions.light_colour or conditions.light_blur_mm):
        return light
    warm = float(np.clip(extra.normal(0, conditions.light_colour), -0.25, 0.25))
    red, green, blue = light.cast
    return replace(
        light,
        exposure=light.exposure * float(np.exp(np.clip(extra.normal(0, conditions.light_level), -0.6, 0.35))),
        cast=(red * (1 + warm), green, blue * (1 - warm)),
        blur_mm=light.blur_mm + float(abs(extra.normal(0, conditions.light_blur_mm))),
    )


def draw_hair(conditions: Conditions, hairs: HairTable, look: HairLook, extra: Rng) -> tuple[HairTable, HairLook]:
    """The same hairs at this length and in this colour, and how such hair is drawn. Follicles stay as they are."""
    if conditions.hair_length_mm is not None:
        length = float(extra.uniform(*conditions.hair_length_mm))
        hairs = replace(hairs, length=hairs.length * length / look.length_mm)
        look = replace(look, length_mm=length)
    if conditions.growth_days > 0:
        hairs, look = grown(hairs, look, GROWTH_MM_PER_DAY * conditions.growth_days)
    if look.length_mm > LIES_FLAT_MM and look.emergence_deg == 0:
        look = risen(look, hairs)
    if conditions.dyed is not None:
        hairs, look = dyed(hairs, look, conditions.dyed)
    return hairs, look


def grown(hairs: HairTable, look: HairLook, by_mm: float) -> tuple[HairTable, HairLook]:
    """Hairs longer by so much. Vellus hair stays short: its growth ends after a few millimetres."""
    growth = np.where(hairs.diameter < 36, min(by_mm, 1.0), by_mm)
    return replace(hairs, length=hairs.length + growth), replace(look, length_mm=look.length_mm + by_mm)


def risen(look: HairLook, hairs: HairTable) -> HairLook:
    """How hair is drawn that is long enough to rise and lie down where most of it points."""
    mean = np.exp(1j * hairs.azimuth).mean() if len(hairs) else 1
    towards = float(np.degrees(np.angle(mean)))
    # Long hair weighs itself straight: a bend that is small over a millimetre would close circles over centimetres.
    bend = min(look.bend_per_mm, 0.3 / look.length_mm)
    return replace(look, emergence_deg=35.0, lie_mm=1.5, comb=Comb(direction_deg=towards), bend_per_mm=bend)


def dyed(hairs: HairTable, look: HairLook, colour: RGB) -> tuple[HairTable, HairLook]:
    """Hairs of another colour; under a dye they differ less."""
    own = hairs.colour - np.asarray(look.colour)
    spread = np.clip(own, -0.2, 0.2) * DYE_EVENS
    return replace(hairs, colour=np.clip(np.asarray(colour) + spread, 0.02, 0.97)), replace(look, colour=colour)
