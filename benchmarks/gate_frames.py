"""Simulated live pictures with one fault each, for choosing and checking the quality gate's limits.

Half of the reference rig's field at its preview's scale. The same seed is the same person and site whatever the fault.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from station.rig.preview import Preview
from station.world import SITE_FACTORS, simulated_person
from station.world import optics as lens
from station.world.hairs import HAIRS_PER_UNIT_HAN, grow_hairs, unit_positions
from station.world.looks import Comb, HairLook, LightLook, SkinLook, rig_light
from station.world.optics import Optics, Pose
from station.world.person import SITE_EXTENT_MM, Person
from station.world.render import render

FAULTS = ("none", "motion", "blur", "dark", "bright", "glare", "near", "far", "hair", "wet", "uncut")
PX_PER_MM = 34.08
SIZE_PX = (512, 384)
MARGIN_PX = 70
"""Around the field, so that the view can move by 2 mm between two pictures."""
FRAME_S = 0.1
EXPOSURE_S = 0.008
BLUR_PER_MM = 0.03
"""Standard deviation in mm of the blur for each mm off the focus: at f/5.6 and a magnification of 0.21 the cone of
light is 1 mm wide 7 mm away; a disc of the width w has the standard deviation w / 4."""
WORKING_DISTANCE_MM = 70.0


@dataclass(frozen=True, slots=True)
class Pair:
    """Two pictures that follow each other. speed_mm_s: how fast the view moves between them."""

    before: Preview
    now: Preview
    speed_mm_s: float


def pair(seed: int, fault: str) -> Pair:
    """The pictures of this seed with a fault of `FAULTS`."""
    rng = np.random.default_rng((4242, seed))
    person = simulated_person("healthy", int(rng.integers(2**31)))
    site = str(rng.choice(list(SITE_FACTORS)))
    light = rig_light(rng)
    pose = Pose(float(rng.normal(0, 0.8)), float(rng.normal(0, 0.8)), float(rng.normal(0, 5)), 1.0)
    own = np.random.default_rng((4243, seed, FAULTS.index(fault)))
    skin, hair, light, pose = _with_fault(fault, person, light, pose, own)
    pixels = _rendered(person, site, skin, hair, light, pose, np.random.default_rng((4244, seed)))
    if fault == "glare":
        pixels = _with_glare(pixels, own)
    speed = float(np.exp(own.uniform(np.log(3), np.log(20)))) if fault == "motion" else float(own.uniform(0, 0.3))
    return _moving(pixels, speed, light, own)


def _with_fault(
    fault: str, person: Person, light: LightLook, pose: Pose, rng: np.random.Generator
) -> tuple[SkinLook, HairLook, LightLook, Pose]:
    skin, hair = person.skin, person.hair
    level = float(np.mean(skin.tone))
    if fault == "blur":
        light = replace(light, blur_mm=float(np.exp(rng.uniform(np.log(0.09), np.log(0.3)))))
    elif fault == "dark":
        light = replace(light, exposure=float(rng.uniform(0.02, 0.10)) / level)
    elif fault == "bright":
        light = replace(light, exposure=float(rng.uniform(1.25, 2.2)) / max(skin.tone))
    elif fault in ("near", "far"):
        off_mm = float(rng.uniform(4, 15)) * (-1 if fault == "near" else 1)
        pose = replace(pose, scale=WORKING_DISTANCE_MM / (WORKING_DISTANCE_MM + off_mm))
        light = replace(light, blur_mm=light.blur_mm + BLUR_PER_MM * abs(off_mm))
    elif fault == "hair":
        hair = _uncut(hair, float(np.exp(rng.uniform(np.log(12), np.log(40)))), 0.0, rng)
    elif fault == "uncut":
        hair = _uncut(hair, float(np.exp(rng.uniform(np.log(4), np.log(12)))), 0.0, rng)
    elif fault == "wet":
        wet = float(rng.uniform(0.5, 1.0))
        skin = replace(skin, wet=wet, sebum=float(rng.choice([0.0, rng.uniform(0.3, 1)])))
        hair = _uncut(hair, float(np.exp(rng.uniform(np.log(4), np.log(12)))), wet, rng)
    return skin, hair, light, pose


def _uncut(hair: HairLook, length_mm: float, clumps: float, rng: np.random.Generator) -> HairLook:
    return replace(
        hair,
        length_mm=length_mm,
        bend_per_mm=0.02,
        emergence_deg=float(np.clip(rng.normal(42, 12), 15, 70)),
        lie_mm=float(np.exp(rng.normal(np.log(1.5), 0.3))),
        comb=Comb(direction_deg=float(rng.uniform(0, 360))),
        clumps=clumps,
    )


def _rendered(
    person: Person,
    site: str,
    skin: SkinLook,
    hair: HairLook,
    light: LightLook,
    pose: Pose,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    width, height = (side + 2 * MARGIN_PX for side in SIZE_PX)
    optics = Optics(width, height, PX_PER_MM)
    units = unit_positions(rng, *SITE_EXTENT_MM, person.fu_per_cm2 * SITE_FACTORS[site])
    table = grow_hairs(
        rng,
        units,
        hair,
        direction=float(rng.uniform(0, 2 * np.pi)),
        hairs_per_unit=HAIRS_PER_UNIT_HAN,
        diameter_um=person.diameter_um,
    )
    ground = (optics.size_mm[0] + 6.0, optics.size_mm[1] + 6.0)
    texture = person.texture(site, ground, PX_PER_MM)
    return render(table, texture, skin, hair, replace(light, noise=0.0), pose, optics, rng)[0]


def _with_glare(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """What the window mirrors: blots of white with soft edges over 4 to 30 % of the field."""
    height, width = pixels.shape[:2]
    veil = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        radius = float(np.sqrt(rng.uniform(0.03, 0.10) * SIZE_PX[0] * SIZE_PX[1] / np.pi))
        at = rng.uniform(MARGIN_PX, width - MARGIN_PX), rng.uniform(MARGIN_PX, height - MARGIN_PX)
        axes = round(radius * rng.uniform(0.8, 1.3)), round(radius / rng.uniform(0.8, 1.3))
        cv2.ellipse(veil, (round(at[0]), round(at[1])), axes, rng.uniform(0, 180), 0, 360, (1.0,), -1)
    veil = np.asarray(cv2.GaussianBlur(veil, (0, 0), 0.15 * PX_PER_MM), np.float32)[..., None]
    return np.asarray(np.clip(pixels + veil * 300.0, 0, 255), np.uint8)


def _moving(pixels: NDArray[np.uint8], speed: float, light: LightLook, rng: np.random.Generator) -> Pair:
    angle = float(rng.uniform(0, 2 * np.pi))
    step = speed * FRAME_S * PX_PER_MM * np.array([np.cos(angle), np.sin(angle)])
    smear = speed * EXPOSURE_S * PX_PER_MM
    if smear >= 1:
        size = 2 * round(smear) + 3
        kernel = np.zeros((size, size), np.float32)
        reach = smear / 2 * np.array([np.cos(angle), np.sin(angle)])
        ends = [(round(size // 2 + sign * reach[0]), round(size // 2 + sign * reach[1])) for sign in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], (1.0,))
        pixels = np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), np.uint8)
    views = []
    for number in (0, 1):
        at = MARGIN_PX + (number - 0.5) * step
        matrix = np.array([[1, 0, -at[0]], [0, 1, -at[1]]], np.float32)
        moved = cv2.warpAffine(pixels, matrix, SIZE_PX, flags=cv2.INTER_CUBIC).astype(np.float32)
        views.append(Preview(lens.expose(moved, light, rng), PX_PER_MM, number * FRAME_S))
    return Pair(views[0], views[1], speed)


@functools.cache
def cached(seed: int, fault: str) -> Pair:
    """As `pair`, made once."""
    return pair(seed, fault)
