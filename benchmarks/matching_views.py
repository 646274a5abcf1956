"""Simulated re-captures for `matching.py` and `monthly.py`: rendered, measured and kept, each with its truth.

    python benchmarks/matching_views.py CACHE [--persons 12]

Takes about 2.5 s a photograph on one core, so it goes on where it was stopped, and in an order in which what is there
can be used: a few persons without a change first, then with changes. CACHE is a folder outside the repository.
"""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from station.density.engine import Engine
from station.density.measure import measure
from station.density.model import load_model
from station.errors import UncountableError
from station.imaging import decode_photograph, encode_jpeg
from station.matching.constellation import Constellation, constellation
from station.records.detail import pack, unpack
from station.rig.profile import load_profile
from station.values import Lamp, StandardImage
from station.world import SITE_FACTORS, Optics, World, simulated_person
from station.world.conditions import HARSH, REPOSITIONED, Conditions
from station.world.course import COURSES, STILL, Course, step_course

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

RIG = "reference"
START = dt.date(2026, 1, 10)
FIRST_SEED = 7_000
"""Nothing was trained or tuned on simulated persons from here on."""
PERSONS = 12
BASELINE_FRAMES, LATER_FRAMES, HARSH_FRAMES = 3, 2, 2
CHANGES = (0.0, -0.10, 0.10, -0.05, 0.05)
HARSH_DAYS = 182
"""Six months."""
BATCH = 2
"""Persons whose photographs without a change are made before those with one."""
SITES = tuple(SITE_FACTORS)


@dataclass(frozen=True, slots=True)
class Shot:
    """One photograph to be made. group: "baseline", "baseline+0.05" (hairs that a rise will bring are not there yet),
    "0.00", "-0.05" (later) or "harsh"; `baseline_group` and `later_group` say which ones make a pair."""

    seed: int
    site: str
    group: str
    number: int

    def path(self, cache: Path) -> Path:
        """Where it is kept."""
        return cache / f"p{self.seed}" / self.site / f"{self.group}-{self.number}.npz"


@dataclass(frozen=True, slots=True)
class View:
    """A photograph as measured, with its truth. where: (n, 2) mm of this view, every hair that the site has at any
    time; seen: (n,) bool, those that a careful reader would count in it; standing: (n,) bool, those that are there."""

    shown: Constellation
    where: Floats
    seen: NDArray[np.bool_]
    standing: NDArray[np.bool_]


def baseline_group(change: float) -> str:
    """The group of the baseline frames that go with a change: a fall begins with all hairs, as no change does."""
    return f"baseline{change:+.2f}" if change > 0 else "baseline"


def later_group(change: float) -> str:
    """The group of the later frames of a change: a rise ends with all hairs, as no change does."""
    return f"{change:+.2f}" if change < 0 else "0.00"


def shots(persons: int) -> Iterator[Shot]:
    """All photographs, in the order in which they are made."""
    for first in range(0, persons, BATCH):
        seeds = range(FIRST_SEED + first, FIRST_SEED + min(persons, first + BATCH))
        for seed in seeds:
            for site in SITES:
                yield from _group(seed, site, "baseline", BASELINE_FRAMES)
                yield from _group(seed, site, later_group(0.0), LATER_FRAMES)
        for seed in seeds:
            for site in SITES:
                yield from _group(seed, site, "harsh", HARSH_FRAMES)
                for change in CHANGES[1:]:
                    if change > 0:
                        yield from _group(seed, site, baseline_group(change), BASELINE_FRAMES)
                    else:
                        yield from _group(seed, site, later_group(change), LATER_FRAMES)


def _group(seed: int, site: str, group: str, count: int) -> Iterator[Shot]:
    return (Shot(seed, site, group, number) for number in range(1, count + 1))


class Studio:
    """Makes photographs; keeps one person's world, so that its skin is drawn once per site."""

    def __init__(self) -> None:
        profile = load_profile(RIG)
        self._optics = Optics(profile.width_px, profile.height_px, profile.px_per_mm)
        self._engine = Engine(load_model(), threads=1)
        self._world: World | None = None

    def make(self, shot: Shot, cache: Path) -> None:
        """Render, measure and keep one photograph with its truth."""
        course, day, conditions = plan(shot.group)
        person = simulated_person(course, shot.seed)
        if self._world is None or self._world.person.seed != shot.seed:
            self._world = World(person, self._optics, START)
            self._world.lamp = Lamp.CROSS
        # The skin does not depend on the course: the world keeps it for the next one.
        self._world.person = person
        moment = dt.datetime.combine(day, dt.time(9), dt.UTC)
        pose = self._world.place_head(shot.site, moment, shot.number, conditions)
        pixels, truth = self._world.expose()
        every = person.follicles(shot.site, wide=True)
        month = (day - START).days / 30.4375
        standing = np.zeros(len(every), bool)
        standing[person.hairs_at(shot.site, month, wide=True).identity] = True
        seen = np.zeros(len(every), bool)
        seen[truth.identity] = True
        where = pose.to_view(every.root, self._optics)
        path = shot.path(cache)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.savez(
                file,
                blob=np.frombuffer(self.measured(pixels), np.uint8),
                where=where.astype(np.float32),
                seen=np.packbits(seen),
                standing=np.packbits(standing),
                pose=np.array([pose.dx_mm, pose.dy_mm, pose.rotation_deg, pose.scale]),
            )
        part.rename(path)

    def measured(self, pixels: NDArray[np.uint8]) -> bytes:
        """The stored form of the measurement, after JPEG as the station stores it; empty where nothing could be
        counted."""
        pixels = decode_photograph(encode_jpeg(pixels), "simulated")
        image = StandardImage(pixels, self._optics.px_per_mm, 0.0, np.ones(pixels.shape[:2], bool), "benchmark")
        try:
            return pack(measure(image, self._engine))
        except UncountableError as error:
            print(error.operator, flush=True)
            return b""


def plan(group: str) -> tuple[Course, dt.date, Conditions]:
    """Course, day and conditions of a group. Each change has its own later day, so that no two share their poses."""
    if group == "baseline":
        return STILL, START, REPOSITIONED
    if group == "harsh":
        return COURSES["healthy"], START + dt.timedelta(HARSH_DAYS), HARSH
    change = float(group.removeprefix("baseline"))
    after = HARSH_DAYS + 1 if change <= 0 else 0
    day = START + dt.timedelta((after + CHANGES.index(change)) * (1 if change <= 0 else -1))
    return (step_course(change) if change else STILL), day, REPOSITIONED


def view(shot: Shot, cache: Path) -> View | None:
    """What was kept of a photograph; None where it is not there, or nothing in it could be counted."""
    path = shot.path(cache)
    if not path.exists():
        return None
    with np.load(path) as data:
        blob = data["blob"].tobytes()
        if not blob:
            return None
        where = data["where"].astype(float)
        seen, standing = (np.unpackbits(data[key], count=len(where)).astype(bool) for key in ("seen", "standing"))
    return View(constellation(unpack(blob), load_profile(RIG).size_mm), where, seen, standing)


def views(cache: Path, seed: int, site: str, group: str, count: int) -> list[View]:
    """The photographs of a group, all of them or none."""
    found = [view(shot, cache) for shot in _group(seed, site, group, count)]
    whole = [each for each in found if each is not None]
    return whole if len(whole) == count else []


def main() -> None:
    """Make what is not there yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--persons", type=int, default=PERSONS)
    options = parser.parse_args()
    cv2.setNumThreads(1)  # it runs beside other work for hours
    studio = Studio()
    every = list(shots(options.persons))
    for number, shot in enumerate(every, 1):
        if not shot.path(options.cache).exists():
            studio.make(shot, options.cache)
            print(f"{number} of {len(every)}: {shot.seed} {shot.site} {shot.group} {shot.number}", flush=True)


if __name__ == "__main__":
    main()
