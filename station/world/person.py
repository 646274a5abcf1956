"""A simulated person: the same follicles, skin and hair at every visit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from station.errors import UsageError
from station.world.course import COURSES, TOP_SITES, Course, present
from station.world.hairs import (
    HAIRS_PER_UNIT_DONOR,
    HAIRS_PER_UNIT_HAN,
    HairTable,
    grow_hairs,
    unit_positions,
)
from station.world.looks import HairLook, Rng, SkinLook, person_looks
from station.world.skin import SkinTexture, inlaid, make_skin

SITE_FACTORS: dict[str, float] = {
    # Vertex > occipital > temporal (Loussouarn 2016, domain reference 3.1); the rest lie between.
    "frontal": 0.98,
    "midscalp": 1.04,
    "vertex": 1.08,
    "parietal-left": 0.97,
    "parietal-right": 0.97,
    "temporal-left": 0.88,
    "temporal-right": 0.88,
    "occipital": 1.02,
}
SITE_EXTENT_MM = (48.0, 40.0)
"""Ground that a site's follicles cover: the reference field of 30 x 22.5 mm with room for repositioning."""
GROUND_MM = (90.0, 80.0)
"""Ground around it for views that lie far off: 15 mm and 20 degrees away, and from further off."""
LEAST_GAP = 0.5
"""Distance of the surrounding units from those of the site, in spacings of the grid: below it they are left out."""
GROUND_SKIN_MM = 44.0
"""Skin beyond the view's own size that is there for views that lie far off."""
GROUND_PX_PER_MM = 24.0
"""Scale at which it is made: what is finer than its relief costs more time than it is worth."""
SEAM_MM = 1.5
"""Width over which the site's skin passes into that around it."""


def child_rng(*key: object) -> Rng:
    """A generator that depends on the key alone, on every machine."""
    digest = hashlib.sha256("|".join(map(str, key)).encode()).digest()
    return np.random.default_rng(np.frombuffer(digest[:16], np.uint32))


@dataclass(frozen=True, slots=True)
class Person:
    """Seed and traits; everything else follows from them."""

    seed: int
    course: Course
    skin: SkinLook
    hair: HairLook
    fu_per_cm2: float
    hairs_per_unit: tuple[float, ...]
    diameter_um: float

    def follicles(self, site: str, *, wide: bool = False) -> HairTable:
        """All hairs that could stand at a site, were none ever lost. wide: those of the ground around it as well,
        in rows that follow the site's own."""
        if site not in SITE_FACTORS:
            raise UsageError(f"unknown site {site!r}; the simulated head has {', '.join(SITE_FACTORS)}")
        rng = child_rng(self.seed, site, "follicles")
        density = self.fu_per_cm2 * SITE_FACTORS[site]
        units = unit_positions(rng, *SITE_EXTENT_MM, density)
        direction = float(rng.uniform(0, 2 * np.pi))
        hairs = self._grow(rng, units, direction)
        if not wide:
            return hairs
        # The ground has its own generator, so that the site itself is the same with it and without it.
        rng = child_rng(self.seed, site, "ground")
        around = unit_positions(rng, *GROUND_MM, density)
        outside = np.any(np.abs(around) > np.asarray(SITE_EXTENT_MM) / 2, axis=1)
        gap, _ = cKDTree(units).query(around)
        around = around[outside & (gap > LEAST_GAP * 10.7 / np.sqrt(density))]
        return hairs.beside(self._grow(rng, around, direction))

    def _grow(self, rng: Rng, units: NDArray[np.float64], direction: float) -> HairTable:
        return grow_hairs(
            rng,
            units,
            self.hair,
            direction=direction,
            hairs_per_unit=self.hairs_per_unit,
            diameter_um=self.diameter_um,
        )

    def hairs_at(self, site: str, month: float, season: float = 0.0, *, wide: bool = False) -> HairTable:
        """The hairs that stand at a site at a month since baseline. season: see `shedding_season`; wide: as above."""
        hairs = self.follicles(site, wide=wide)
        loss = self.course.loss_at(site, month, season)
        standing = hairs.take(present(hairs, loss, month, cycling=self.course.cycle))
        if self.course.thinning_per_year and site in TOP_SITES:
            factor = (1 - self.course.thinning_per_year) ** (max(0.0, month) / 12)
            standing = replace(standing, diameter=standing.diameter * factor)
        return standing

    def texture(self, site: str, size_mm: tuple[float, float], px_per_mm: float) -> SkinTexture:
        """The site's skin, the same at each visit."""
        return make_skin(child_rng(self.seed, site, "skin"), self.skin, size_mm, px_per_mm)

    def ground(self, site: str, size_mm: tuple[float, float], inner: SkinTexture) -> SkinTexture:
        """The site's skin (`inner`) in the middle of a larger piece of the given size, at the same scale."""
        scale = min(inner.px_per_mm, GROUND_PX_PER_MM)
        outer = make_skin(child_rng(self.seed, site, "skin around"), self.skin, size_mm, scale)
        return inlaid(inner, outer.enlarged(inner.px_per_mm), SEAM_MM)


def simulated_person(course: str | Course, seed: int) -> Person:
    """A person under one of the `COURSES`, given by its name, or under a course of one's own."""
    if isinstance(course, Course):
        chosen = course
    elif course in COURSES:
        chosen = COURSES[course]
    else:
        raise UsageError(f"unknown course {course!r}; choose one of {', '.join(COURSES)}")
    rng = child_rng(seed, "person")
    skin, hair = person_looks(rng)
    return Person(
        seed=seed,
        course=chosen,
        skin=skin,
        hair=hair,
        fu_per_cm2=float(np.clip(rng.normal(80, 8), 62, 100)),
        hairs_per_unit=HAIRS_PER_UNIT_HAN if rng.random() < 0.5 else HAIRS_PER_UNIT_DONOR,
        diameter_um=float(np.clip(rng.normal(70, 8), 52, 90)),
    )
