"""How a scalp and its hair look: skin, hair, light and camera as plain numbers, and how they vary between people.

Everything here is a description; `skin`, `shafts`, `optics` and `render` turn it into pixels. Colours are
sRGB-encoded, 0 to 1, as a neutral camera would give them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from station.errors import UsageError

Rng = np.random.Generator
RGB = tuple[float, float, float]

SKIN_TONES: tuple[RGB, ...] = (
    (0.90, 0.76, 0.69),
    (0.85, 0.69, 0.59),
    (0.76, 0.59, 0.47),
    (0.63, 0.46, 0.35),
    (0.46, 0.32, 0.24),
    (0.31, 0.21, 0.16),
)
"""Six steps from very light to dark, after the order of the Fitzpatrick types."""

HAIR_COLOURS: dict[str, RGB] = {
    "black": (0.08, 0.07, 0.07),
    "dark-brown": (0.16, 0.11, 0.08),
    "brown": (0.29, 0.20, 0.13),
    "auburn": (0.38, 0.20, 0.11),
    "blond": (0.62, 0.49, 0.31),
    "grey": (0.62, 0.61, 0.60),
    "white": (0.86, 0.85, 0.82),
}

LENGTHS_MM: dict[str, tuple[float, float]] = {
    "trimmed": (0.2, 1.2),
    "short": (1.2, 4.0),
    "mid": (4.0, 15.0),
    "long": (15.0, 45.0),
}
"""Classes of hair length. Hair above about 1 cm hides scalp (domain reference, hair measurement, 3.6)."""


@dataclass(frozen=True, slots=True)
class SkinLook:
    """Skin of one person. Strengths are 0 (absent) to 1 (strong)."""

    tone: RGB
    relief: float = 0.4  # criss-cross micro-relief
    relief_scale_mm: float = 0.16  # distance between its lines
    redness: float = 0.2  # blotches and fine vessels
    pigment: float = 0.15  # brown mottling
    halo: float = 0.2  # perifollicular discoloration; negative is lighter than the skin
    freckles_per_cm2: float = 0.5
    flakes_per_cm2: float = 0.0  # dandruff
    debris_per_cm2: float = 0.0  # cut hair ends and lint that lie loose on the skin
    creases: float = 0.0  # fine furrows that wander and cross, beside the regular relief
    grain: float = 0.0  # share of the glints that are fine grains on the relief instead of broad flanks
    sebum: float = 0.0  # greasy sheen and yellowish plugs around the follicles
    wet: float = 0.0  # water or oil: skin darker and shinier


@dataclass(frozen=True, slots=True)
class Comb:
    """Where hair is combed to. Angles in degrees on the site, positions in mm from its origin.

    direction_deg: where it lies; with a parting, away from the line through (x_mm, y_mm) across that direction, to
    both sides. sweep_deg_per_mm: change of direction along the line.
    """

    direction_deg: float = 0.0
    parting: bool = False
    x_mm: float = 0.0
    y_mm: float = 0.0
    sweep_deg_per_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class HairLook:
    """Hair of one person at one time."""

    colour: RGB = HAIR_COLOURS["dark-brown"]
    colour_spread: float = 0.03
    grey_share: float = 0.0
    length_mm: float = 0.6  # as seen from above, after trimming
    length_spread: float = 0.3  # coefficient of variation
    bend_per_mm: float = 0.1  # curvature, radians per mm, standard deviation between hairs
    curl: float = 0.0  # amplitude of a wave along the shaft, in mm
    unit_splay_deg: float = 8.0  # angle between hairs of one unit, standard deviation
    field_splay_deg: float = 8.0  # angle between units
    streak: float = 0.5  # strength of the bluish root streak under the skin
    streak_mm: float = 0.35
    collar: float = 0.0  # whitish scale around the shaft where it leaves the skin
    streak_width: float = 1.0  # width of the root streak, in shafts
    touching: float = 0.0  # share of units whose hairs leave one opening, shaft against shaft
    fray: float = 0.0  # jagged cut ends and uneven edges
    translucent: float = 0.0  # share of the skin's light that passes through hair without pigment
    curl_type: int = 1  # 1 (straight) to 8 (tightly coiled), see `curls`
    emergence_deg: float = 0.0  # elevation of shafts over the skin where they leave it; 0: all hair lies flat
    lie_mm: float = 1.2  # length after which a rising shaft has mostly lain down
    comb: Comb | None = None  # how hair that can be combed is combed
    clumps: float = 0.0  # how far wet or oily neighbours are drawn together


@dataclass(frozen=True, slots=True)
class LightLook:
    """The light on the skin and the camera behind the window."""

    glints: float = 0.0  # specular reflections; cross-polarised light has none
    glint_patchiness: float = 0.5
    cast_patches: float = 0.0  # white balance that changes from patch to patch: skylight beside the lamp's light
    cast: RGB = (1.0, 1.0, 1.0)  # white balance error, multiplies the picture
    cast_gradient: RGB = (0.0, 0.0, 0.0)  # change of the cast across the field
    gradient_deg: float = 0.0
    exposure: float = 1.0
    vignette: float = 0.08  # loss of light in the corners
    blur_mm: float = 0.006  # standard deviation of the point spread
    curvature_blur_mm: float = 0.0  # additional blur in the corners from the scalp's curvature
    defocus: float = 0.0  # blur of hair that rises off the skin, in mm per mm of height
    motion_mm: float = 0.0
    noise: float = 0.008
    sharpening: float = 0.0
    jpeg_quality: int = 0  # 0: no compression by the camera


def blend(a: RGB, b: RGB, share: float) -> RGB:
    """Mix of two colours: `share` of b."""
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def rig_light(rng: Rng) -> LightLook:
    """The reference rig: cross-polarised ring, fixed exposure; only what a fixed rig can't hold varies a little."""
    return LightLook(
        glints=0.02,
        exposure=float(rng.normal(1.0, 0.01)),
        vignette=0.06,
        blur_mm=float(abs(rng.normal(0.007, 0.001))),
        curvature_blur_mm=0.006,
        noise=0.008,
    )


def person_looks(rng: Rng) -> tuple[SkinLook, HairLook]:
    """Skin and hair of one simulated person who keeps the hair at the sites clipped short."""
    tone_step = rng.uniform(0.0, len(SKIN_TONES) - 1.0)
    low = int(tone_step)
    tone = blend(SKIN_TONES[low], SKIN_TONES[min(low + 1, len(SKIN_TONES) - 1)], tone_step - low)
    # The darker the skin, the darker the hair that grows from it: the two never blend.
    lightest = 2 if tone_step > 3 else 3 if tone_step > 2 else 5
    colours = ("black", "dark-brown", "brown", "auburn", "blond")[:lightest]
    skin = SkinLook(
        tone=tone,
        relief=float(rng.uniform(0.2, 0.7)),
        relief_scale_mm=float(rng.uniform(0.12, 0.24)),
        redness=float(rng.uniform(0.05, 0.4)),
        pigment=float(rng.uniform(0.05, 0.3)),
        halo=float(rng.normal(0.05, 0.15)),
        freckles_per_cm2=float(rng.exponential(0.6)),
        flakes_per_cm2=float(rng.exponential(0.4)),
        debris_per_cm2=float(rng.exponential(0.5)),
    )
    hair = HairLook(
        colour=HAIR_COLOURS[str(rng.choice(colours))],
        colour_spread=float(rng.uniform(0.02, 0.06)),
        grey_share=0.0,
        length_mm=float(rng.uniform(0.6, 1.2)),
        unit_splay_deg=float(rng.uniform(5, 12)),
        field_splay_deg=float(rng.uniform(5, 12)),
        streak=float(rng.uniform(0.25, 0.8)),
        streak_mm=float(rng.uniform(0.2, 0.5)),
        collar=float(max(0.0, rng.normal(0.0, 0.2))),
    )
    return skin, hair


def polarised(light: LightLook, polarisation: str) -> LightLook:
    """The same light through polarisers: "cross" blocks what the surface mirrors, "parallel" lets it through.

    In cross-polarised light only a little leaks through; in parallel light skin glints and shafts shine.
    Raises UsageError for another word.
    """
    if polarisation == "cross":
        return replace(light, glints=min(light.glints, 0.02))
    if polarisation == "parallel":
        return replace(light, glints=max(light.glints, 0.7))
    raise UsageError(f"unknown polarisation {polarisation!r}; choose cross or parallel")


def microscope_light(rng: Rng) -> LightLook:
    """A hand-held video dermatoscope with unpolarised ring light: glints, mixed white balance, compression."""
    blue = rng.normal(0.03, 0.05)
    return LightLook(
        glints=float(rng.uniform(0.1, 1.0)),
        glint_patchiness=float(rng.uniform(0.2, 1.0)),
        cast_patches=float(rng.choice([0.0, rng.uniform(0.0, 0.16)], p=[0.15, 0.85])),
        cast=(
            float(1 - 0.5 * blue + rng.normal(0, 0.015)),
            float(1 + rng.normal(0, 0.015)),
            float(1 + blue + rng.normal(0, 0.02)),
        ),
        cast_gradient=(float(rng.normal(0, 0.06)), float(rng.normal(0, 0.012)), float(rng.normal(0, 0.12))),
        gradient_deg=float(rng.uniform(0, 360)),
        exposure=float(np.exp(rng.normal(-0.05, 0.15))),
        vignette=float(rng.uniform(0.0, 0.35)),
        blur_mm=float(rng.uniform(0.003, 0.016)),
        curvature_blur_mm=float(rng.uniform(0.0, 0.02)),
        motion_mm=float(rng.choice([0.0, 0.0, 0.0, rng.uniform(0, 0.04)])),
        noise=float(rng.uniform(0.003, 0.02)),
        sharpening=float(rng.uniform(0.0, 0.8)),
        jpeg_quality=int(rng.choice([0, rng.integers(55, 96)])),
    )


def trimmed(hair: HairLook, length_mm: float) -> HairLook:
    """The same hair trimmed to another length."""
    return replace(hair, length_mm=length_mm)
