"""A simulated person: the same follicles, skin and hair at every visit."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np

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
from station.world.skin import SkinTexture, make_skin

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

    def follicles(self, site: str) -> HairTable:
        """All hairs that could stand at a site, were none ever lost."""
        if site not in SITE_FACTORS:
            raise UsageError(f"unknown site {site!r}; the simulated head has {', '.join(SITE_FACTORS)}")
        rng = child_rng(self.seed, site, "follicles")
        units = unit_positions(rng, *SITE_EXTENT_MM, self.fu_per_cm2 * SITE_FACTORS[site])
        return grow_hairs(
            rng,
            units,
            self.hair,
            direction=float(rng.uniform(0, 2 * np.pi)),
            hairs_per_unit=self.hairs_per_unit,
            diameter_um=self.diameter_um,
        )

    def hairs_at(self, site: str, month: float, season: float = 0.0) -> HairTable:
        """The hairs that stand at a site at a month since baseline. season: see `shedding_season`."""
        hairs = self.follicles(site)
        standing = hairs.take(present(hairs, self.course.loss_at(site, month, season), month))
        if self.course.thinning_per_year and site in TOP_SITES:
            factor = (1 - self.course.thinning_per_year) ** (max(0.0, month) / 12)
            standing = replace(standing, diameter=standing.diameter * factor)
        return standing

    def texture(self, site: str, size_mm: tuple[float, float], px_per_mm: float) -> SkinTexture:
        """The site's skin, the same at each visit."""
        return make_skin(child_rng(self.seed, site, "skin"), self.skin, size_mm, px_per_mm)


def simulated_person(course: str, seed: int) -> Person:
    """A person under one of the `COURSES`."""
    if course not in COURSES:
        raise UsageError(f"unknown course {course!r}; choose one of {', '.join(COURSES)}")
    rng = child_rng(seed, "person")
    skin, hair = person_looks(rng)
    return Person(
        seed=seed,
        course=COURSES[course],
        skin=skin,
        hair=hair,
        fu_per_cm2=float(np.clip(rng.normal(80, 8), 62, 100)),
        hairs_per_unit=HAIRS_PER_UNIT_HAN if rng.random() < 0.5 else HAIRS_PER_UNIT_DONOR,
        diameter_um=float(np.clip(rng.normal(70, 8), 52, 90)),
    )
