"""The styles of training views: who sits before which camera, with hair of which length.

"microscope" is shaved scalp under a hand-held video dermatoscope, "rig" the reference rig with the demonstration's
people, and "trimmed", "short", "mid" and "long" are people of all skin tones, hair colours and curl types under
either. Ranges not cited come from looking at real photographs of shaved scalp beside rendered ones (docs/renderer.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from station.world.curls import CURL_TYPES
from station.world.looks import (
    HAIR_COLOURS,
    LENGTHS_MM,
    RGB,
    SKIN_TONES,
    Comb,
    HairLook,
    LightLook,
    Rng,
    SkinLook,
    blend,
    microscope_light,
    person_looks,
    polarised,
    rig_light,
)

STYLE_SHARES: dict[str, float] = {
    "microscope": 0.42,
    "rig": 0.26,
    "trimmed": 0.08,
    "short": 0.08,
    "mid": 0.08,
    "long": 0.08,
}
LUMINANCE = np.array([0.30, 0.59, 0.11])


@dataclass(frozen=True, slots=True)
class Sitter:
    """One person before one camera. colour: a name of HAIR_COLOURS; "grey" where most hairs have no pigment."""

    skin: SkinLook
    hair: HairLook
    light: LightLook
    style: str
    colour: str

    @property
    def tone(self) -> int:
        """The step of SKIN_TONES, 1 to 6, that is nearest in brightness."""
        steps = np.array(SKIN_TONES) @ LUMINANCE
        return int(np.abs(steps - float(np.dot(self.skin.tone, LUMINANCE))).argmin()) + 1


def draw_sitter(rng: Rng, style: str | None = None) -> Sitter:
    """A random person of a style, or of a random style by its share."""
    if style is None:
        style = str(rng.choice(list(STYLE_SHARES), p=list(STYLE_SHARES.values())))
    if style == "rig":
        return _rig(rng)
    if style == "microscope":
        return _microscope(rng)
    return _varied(rng, style)


def _rig(rng: Rng) -> Sitter:
    skin, hair = person_looks(rng)
    colour = next(name for name, value in HAIR_COLOURS.items() if value == hair.colour)
    if rng.random() < 0.5:
        hair = replace(hair, grey_share=float(rng.beta(0.6, 1.6)), translucent=1.0)
        colour = "grey" if hair.grey_share > 0.5 else colour
    light = _loose(rng, rig_light(rng))
    return Sitter(skin, hair, polarised(light, "parallel") if rng.random() < 0.1 else light, "rig", colour)


def _microscope(rng: Rng) -> Sitter:
    """Shaved donor scalp: light to olive skin, dark hair of 0.2 to 0.8 mm, strong and broad root streaks."""
    skin, hair = person_looks(rng)
    tone = np.clip(np.array([0.64, 0.60, 0.53]) + rng.normal(0, 0.018, 3) + rng.normal(0, 0.06), 0.25, 0.95)
    skin = replace(
        _blemished(rng, skin),
        tone=(float(tone[0]), float(tone[1]), float(tone[2])),
        relief=float(rng.uniform(0.0, 0.7) ** 2),
        redness=float(rng.uniform(0.0, 0.7)),
        pigment=float(rng.uniform(0.0, 0.35)),
        halo=float(rng.normal(0.02, 0.12)),
        creases=float(rng.uniform(0.15, 0.75)),
        grain=float(rng.uniform(0.75, 1.0)),
    )
    name = str(rng.choice(["black", "dark-brown", "brown"], p=[0.65, 0.25, 0.10]))
    hair = replace(
        hair,
        colour=HAIR_COLOURS[name],
        colour_spread=float(rng.uniform(0.02, 0.10)),
        length_mm=float(rng.uniform(0.25, 0.57)),
        length_spread=float(rng.uniform(0.15, 0.4)),
        bend_per_mm=float(rng.uniform(0.0, 0.3)),
        unit_splay_deg=float(rng.uniform(5, 13)),
        field_splay_deg=float(rng.uniform(3, 12)),
        streak=float(rng.uniform(0.4, 1.3)),
        streak_mm=float(rng.uniform(0.25, 0.8)),
        streak_width=float(rng.uniform(1.2, 2.6)),
        collar=float(max(0.0, rng.normal(0.0, 0.35))),
        touching=float(rng.uniform(0.0, 0.5)),
        fray=float(rng.uniform(0.2, 1.0)),
    )
    light = replace(microscope_light(rng), glints=float(rng.uniform(0.35, 1.2)))
    return Sitter(skin, hair, light, "microscope", name)


def _varied(rng: Rng, style: str) -> Sitter:
    """Any skin, hair colour and curl at a class of length."""
    skin, _ = person_looks(rng)
    skin = replace(
        _blemished(rng, skin),
        tone=_any_tone(rng),
        relief=float(rng.uniform(0.0, 1.4)),
        redness=float(rng.uniform(0.0, 0.8)),
        pigment=float(rng.uniform(0.0, 0.5)),
        halo=float(rng.normal(0.08, 0.25)),
        creases=float(rng.choice([0.0, rng.uniform(0.0, 0.9)])),
        grain=float(rng.choice([0.0, rng.uniform(0.3, 1.0)])),
    )
    name = str(rng.choice(list(HAIR_COLOURS), p=[0.22, 0.2, 0.14, 0.1, 0.14, 0.1, 0.1]))
    grey_share = float(rng.choice([0.0, rng.uniform(0.0, 1.0)], p=[0.65, 0.35]))
    wet = float(rng.choice([0.0, rng.uniform(0.2, 1.0)], p=[0.75, 0.25]))
    low, high = LENGTHS_MM[style]
    hair = HairLook(
        colour=HAIR_COLOURS[name],
        colour_spread=float(rng.uniform(0.02, 0.1)),
        grey_share=grey_share,
        length_mm=float(np.exp(rng.uniform(np.log(low), np.log(high)))),
        length_spread=float(rng.uniform(0.1, 0.35)),
        bend_per_mm=float(rng.uniform(0.02, 0.4)) if style == "trimmed" else float(rng.uniform(0.005, 0.05)),
        unit_splay_deg=float(rng.uniform(4, 14)),
        field_splay_deg=float(rng.uniform(4, 18)),
        streak=float(rng.uniform(0.0, 0.9)),
        streak_mm=float(rng.uniform(0.15, 0.5)),
        streak_width=float(rng.uniform(1.0, 2.0)),
        collar=float(max(0.0, rng.normal(0.1, 0.4))),
        touching=float(rng.uniform(0.0, 0.7)),
        fray=float(rng.uniform(0.0, 0.6)),
        translucent=float(rng.uniform(0.5, 1.0)),
        # Straight hair is the most frequent type, the other seven share the rest (Loussouarn's I to VIII).
        curl_type=1 if rng.random() < 0.45 else int(rng.integers(2, len(CURL_TYPES) + 1)),
    )
    if style != "trimmed":
        hair = replace(
            hair,
            emergence_deg=float(np.clip(rng.normal(42, 14), 12, 75)),
            lie_mm=float(np.exp(rng.normal(np.log(0.9 if style == "short" else 1.5), 0.35))),
            comb=_comb(rng, {"short": 0.0, "mid": 0.5, "long": 0.7}[style]),
            clumps=wet * float(rng.uniform(0.3, 0.9)),
        )
    skin = replace(skin, wet=wet)
    kind = rng.random()
    light = microscope_light(rng) if kind < 0.45 else _loose(rng, rig_light(rng))
    if 0.45 <= kind < 0.6:
        light = polarised(light, "parallel")
    light = replace(light, defocus=float(rng.choice([0.0, rng.uniform(0.003, 0.03)], p=[0.3, 0.7])))
    return Sitter(skin, hair, light, style, "grey" if grey_share > 0.5 and name != "white" else name)


def _comb(rng: Rng, parted: float) -> Comb:
    """Combed anywhere; a parting crosses the view or passes beside it."""
    return Comb(
        direction_deg=float(rng.uniform(0, 360)),
        parting=bool(rng.random() < parted),
        x_mm=float(rng.normal(0, 1.6)),
        y_mm=float(rng.normal(0, 1.6)),
        sweep_deg_per_mm=float(rng.normal(0, 2.0)),
    )


def _any_tone(rng: Rng) -> RGB:
    step = rng.uniform(0.0, len(SKIN_TONES) - 1.0)
    low = min(int(step), len(SKIN_TONES) - 2)
    return blend(SKIN_TONES[low], SKIN_TONES[low + 1], step - low)


def _blemished(rng: Rng, skin: SkinLook) -> SkinLook:
    return replace(
        skin,
        flakes_per_cm2=float(rng.exponential(6.0)),
        debris_per_cm2=float(rng.exponential(8.0)),
        sebum=float(rng.choice([0.0, rng.uniform(0.0, 1.0)])),
    )


def _loose(rng: Rng, light: LightLook) -> LightLook:
    """A rig that is set up less exactly than it should be."""
    return replace(
        light,
        exposure=float(np.exp(rng.normal(0.0, 0.18))),
        cast=(float(rng.normal(1, 0.04)), 1.0, float(rng.normal(1, 0.05))),
        cast_gradient=(float(rng.normal(0, 0.02)), 0.0, float(rng.normal(0, 0.03))),
        gradient_deg=float(rng.uniform(0, 360)),
        vignette=float(rng.uniform(0, 0.2)),
        # One in twenty is plainly out of focus.
        blur_mm=float(rng.choice([rng.uniform(0.004, 0.014), rng.uniform(0.014, 0.035)], p=[0.95, 0.05])),
        motion_mm=float(rng.choice([0.0, 0.0, 0.0, rng.uniform(0, 0.03)])),
        noise=float(rng.uniform(0.004, 0.02)),
        jpeg_quality=int(rng.choice([0, 0, rng.integers(75, 97)])),
    )
