"""A head as it was put down: where it lies, how its hair is combed and clipped, and the skin under it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from station.world.conditions import DEFAULT, Conditions, draw_hair, draw_light, draw_pose
from station.world.course import shedding_season
from station.world.hairs import HairTable
from station.world.looks import HairLook, LightLook, rig_light
from station.world.optics import Optics, Pose
from station.world.person import GROUND_SKIN_MM, Person, child_rng
from station.world.skin import SkinTexture

DAYS_PER_MONTH = 30.4375
TEXTURE_PX_PER_MM = 45.0
TEXTURE_PIXELS = 1.5e6
"""Most pixels of a skin texture: for the reference field it is a little coarser than for smaller ones."""
MARGIN_MM = 5.0
SPLAY_DEG = 2.0
"""Of a comb's pull on single hairs, besides what it does to all."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A head that was put down. key: what all its pictures follow from; inner: the hairs of the site's own ground."""

    site: str
    month: float
    season: float
    pose: Pose
    light: LightLook
    inner: HairTable
    comb_deg: float
    conditions: Conditions
    key: str

    def holds(self, pose: Pose) -> bool:
        """Whether the site's own ground is all that a view in this pose can show, as for every default placement."""
        return self.conditions == DEFAULT and pose == self.pose

    def hairs(self, person: Person, *, wide: bool) -> tuple[HairTable, HairLook]:
        """The hairs as they stand in these conditions, and how they look. wide: with the ground around the site."""
        hairs = self.inner
        if wide:
            hairs = person.hairs_at(self.site, self.month, self.season, wide=True)
            splay = child_rng(self.key, "comb").normal(0, SPLAY_DEG, len(hairs))
            azimuth = hairs.azimuth + np.radians(self.comb_deg + splay)
            azimuth[: len(self.inner)] = self.inner.azimuth
            hairs = replace(hairs, azimuth=azimuth)
        return draw_hair(self.conditions, hairs, person.hair, child_rng(self.key, "hair"))


def put_down(
    person: Person, start: dt.date, site: str, moment: dt.datetime, placement: int, conditions: Conditions
) -> Placement:
    """The placement that follows from the arguments. start: date of month 0."""
    month = (moment.date() - start).days / DAYS_PER_MONTH
    season = shedding_season(moment.date())
    key = f"{person.seed}|{site}|{moment.date().isoformat()}|{placement}"
    rng, extra = child_rng(key, "pose"), child_rng(key, "conditions")
    pose = draw_pose(conditions, rng, extra)
    hairs = person.hairs_at(site, month, season)
    comb = float(rng.normal(0, conditions.comb_deg))
    hairs = replace(hairs, azimuth=hairs.azimuth + np.radians(comb + rng.normal(0, SPLAY_DEG, len(hairs))))
    light = draw_light(conditions, rig_light(rng), extra)
    return Placement(site, month, season, pose, light, hairs, comb, conditions, key)


class Skins:
    """The skin of a person's sites for one view; that of the last site is kept."""

    def __init__(self, person: Person, optics: Optics) -> None:
        self._person = person
        self._optics = optics
        self._inner: tuple[str, SkinTexture] | None = None
        self._wide: tuple[str, SkinTexture] | None = None

    def of(self, site: str, *, wide: bool) -> SkinTexture:
        """The skin that default placements can show; wide: with the ground around it."""
        width, height = self._optics.size_mm
        if self._inner is None or self._inner[0] != site:
            size = (width + 2 * MARGIN_MM, height + 2 * MARGIN_MM)
            affordable = (TEXTURE_PIXELS / (size[0] * size[1])) ** 0.5
            scale = min(TEXTURE_PX_PER_MM, affordable, self._optics.px_per_mm)
            self._inner = (site, self._person.texture(site, size, scale))
        if not wide:
            return self._inner[1]
        if self._wide is None or self._wide[0] != site:
            size = (width + GROUND_SKIN_MM, height + GROUND_SKIN_MM)
            self._wide = (site, self._person.ground(site, size, self._inner[1]))
        return self._wide[1]
