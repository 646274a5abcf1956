"""What is refused and what is not: `python -m benchmarks.refusals [FRAMES] [--split train] [--every N] [--fit]`.

Prints, as JSON, the share of photographs that are refused with the reason, at the right scale and at wrong ones:
labelled frames (FRAMES: a folder with `labels.jsonl` and `frames/`), simulated photographs, and pictures of other
things (drawn, and those in scikit-image where it is installed). --fit prints new weights for `station.density.scalp`
in place of that, from the `train` split and the simulated photographs.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import json
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from station.density.engine import Engine
from station.density.measure import measure
from station.density.model import load_model
from station.density.scalp import MAX_LOG_ODDS, MIN_UNITS, scale_evidence
from station.errors import UncountableError
from station.imaging import MAX_PX_PER_MM, MIN_PX_PER_MM, read_photograph
from station.values import Lamp, StandardImage
from station.world import COURSES, SITE_FACTORS, Course, Optics, Person, World, simulated_person
from station.world.looks import HAIR_COLOURS, SKIN_TONES
from tests.density.other_pictures import drawings, photographs

FACTORS = (1.0, 1 / 3, 0.4, 0.5, 1 / 1.5, 1.5, 2.0, 2.5, 3.0)
"""Stated scale over the right one."""
FIT_FACTORS = {"too small": (0.5, 0.4, 1 / 3), "too large": (2.0, 2.5, 3.0)}
FRAME_SCALE = 181.4
RIG_SCALE = 135.0
DEMO, REFERENCE = Optics(1620, 1215, RIG_SCALE), Optics(4056, 3040, RIG_SCALE)
OTHER_SCALES = (20.0, 45.0, 90.0, 135.0, 181.4)
START = dt.date(2025, 1, 1)
LATER = dt.datetime(2025, 12, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A photograph of scalp with its group and its right scale."""

    group: str
    pixels: NDArray[np.uint8]
    px_per_mm: float


def expose(person: Person, site: str, optics: Optics, lamp: Lamp) -> NDArray[np.uint8]:
    world = World(person, optics, START)
    world.place_head(site, LATER)
    world.lamp = lamp
    return world.expose()[0]


def simulated(every: int) -> Iterator[Sample]:
    """All courses at all sites, all tones with all hair colours, thinned and bald scalp; few at the reference field."""
    people: list[tuple[str, Person, str, Lamp]] = []
    sites = list(SITE_FACTORS)
    for number, course in enumerate(COURSES):
        for seed, site in enumerate(sites):
            people.append(("courses", simulated_person(course, 10 * number + seed), site, Lamp.CROSS))
    seed = 100
    for tone in SKIN_TONES:
        for colour in HAIR_COLOURS.values():
            person = simulated_person("healthy", seed)
            looks = {"skin": replace(person.skin, tone=tone), "hair": replace(person.hair, colour=colour)}
            lamp = Lamp.PARALLEL if seed % 3 == 0 else Lamp.CROSS
            people.append(("tones and colours", replace(person, **looks), "vertex", lamp))
            seed += 1
    for loss in (0.3, 0.5, 0.7, 0.85, 0.95, 1.0):
        for number in range(6):
            person = simulated_person("healthy", seed)
            skin = replace(person.skin, tone=SKIN_TONES[number])
            thin = person.diameter_um * (1 - 0.25 * loss * (number % 2))
            course = Course("thinned", "", (0.0,), (loss,))
            person = replace(person, skin=skin, diameter_um=thin, course=course)
            people.append(("thinned" if loss < 0.9 else "bald", person, "vertex", Lamp.CROSS))
            seed += 1
    for group, person, site, lamp in people[::every]:
        yield Sample(group, expose(person, site, DEMO, lamp), RIG_SCALE)
    for number, course in enumerate(list(COURSES)[: max(1, len(COURSES) // every)]):
        person = simulated_person(course, 50 + number)
        yield Sample("reference rig", expose(person, sites[number], REFERENCE, Lamp.CROSS), RIG_SCALE)


def frames(folder: Path, split: str, every: int) -> Iterator[Sample]:
    rows = [json.loads(line) for line in (folder / "labels.jsonl").read_text().splitlines()]
    for row in [row for row in rows if row["split"] == split][::every]:
        yield Sample(f"frames, {split}", read_photograph(folder / row["image"]), FRAME_SCALE)


def verdict(engine: Engine, pixels: NDArray[np.uint8], px_per_mm: float) -> tuple[str, float | None]:
    """Why it was refused, or "counted", with the follicular units per cm2."""
    image = StandardImage(pixels, px_per_mm, 0.0, np.ones(pixels.shape[:2], bool), "benchmark")
    try:
        return "counted", measure(image, engine).fu_per_cm2
    except UncountableError as error:
        for word, reason in (("as if the scale", "scale"), ("does not look like scalp", "not scalp")):
            if word in error.operator:
                return reason, None
        return "nothing sharp and lit", None


def report(engine: Engine, samples: Iterator[Sample], factors: tuple[float, ...]) -> dict[str, object]:
    """For each group and stated scale over right scale, the share refused and the reasons."""
    found: dict[tuple[str, float], Counter[str]] = defaultdict(Counter)
    for sample in samples:
        for factor in factors:
            if not MIN_PX_PER_MM <= sample.px_per_mm * factor <= MAX_PX_PER_MM:
                continue  # refused whatever the picture shows
            found[sample.group, factor][verdict(engine, sample.pixels, sample.px_per_mm * factor)[0]] += 1
    rows: dict[str, dict[str, object]] = defaultdict(dict)
    for (group, factor), reasons in found.items():
        total = reasons.total()
        refused = {"refused": round(1 - reasons["counted"] / total, 3), "of": total}
        rows[group][f"{factor:.2f}"] = {**refused, **{key: n for key, n in reasons.items() if key != "counted"}}
    return dict(rows)


def report_others(engine: Engine) -> dict[str, object]:
    """Share of other pictures that are refused, and those that are not with the number they got."""
    found: dict[str, tuple[str, float | None]] = {}
    for name, pixels in (*photographs(), *drawings()):
        for scale in OTHER_SCALES:
            found[f"{name} at {scale:g} px/mm"] = verdict(engine, pixels, scale)
    counted = {name: round(density, 1) for name, (_, density) in found.items() if density is not None}
    return {"refused": round(1 - len(counted) / len(found), 3), "of": len(found), "counted, FU/cm2": counted}


def cost_ms(engine: Engine) -> dict[str, float]:
    """Processor time of the look at the scale and of a whole measurement, for a frame of the reference rig."""
    pixels = expose(simulated_person("healthy", 1), "vertex", REFERENCE, Lamp.CROSS)
    image = StandardImage(pixels, RIG_SCALE, 0.0, np.ones(pixels.shape[:2], bool), "benchmark")
    centre = pixels.shape[1] / 2, pixels.shape[0] / 2
    works = {
        "evidence of the scale": lambda: scale_evidence(pixels, RIG_SCALE, engine.model, engine.run, centre),
        "whole measurement": lambda: measure(image, engine),
    }
    times: dict[str, float] = {}
    for name, work in works.items():
        taken = []
        for _ in range(6):
            start = time.process_time()
            work()
            taken.append(1000 * (time.process_time() - start))
        times[name] = round(statistics.median(taken[1:]), 1)
    return times


def fit(engine: Engine, folder: Path, every: int) -> dict[str, object]:
    """Weights of `station.density.scalp.TOO_SMALL` and `TOO_LARGE`, with what they reach on their own data.

    Logistic regression with a ridge penalty on standardised features; each group, and right and wrong scales, weigh the
    same.
    """
    rows = []
    for sample in itertools.chain(frames(folder, "train", every), simulated(every)):
        if sample.group in ("bald", "reference rig"):
            continue
        centre = sample.pixels.shape[1] / 2, sample.pixels.shape[0] / 2
        for factor in {1.0, *FIT_FACTORS["too small"], *FIT_FACTORS["too large"]}:
            seen = scale_evidence(sample.pixels, sample.px_per_mm * factor, engine.model, engine.run, centre)
            if seen.units >= MIN_UNITS:
                rows.append((sample.group, factor, seen.features))
    group, factor = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    features = np.array([row[2] for row in rows])
    result: dict[str, object] = {}
    for name, factors in FIT_FACTORS.items():
        used = np.isin(factor, (1.0, *factors))
        wrong = factor[used] != 1
        weight = np.where(np.isin(factor[used], (1.0, factors[0])), 1.0, 0.3)
        for each in set(group):
            for kind in (False, True):
                chosen = (group[used] == each) & (wrong == kind)
                weight[chosen] /= max(weight[chosen].sum(), 1e-9)
        weights = logistic(features[used], wrong.astype(float), weight * len(wrong) / weight.sum())
        odds = features[used] @ weights[:-1] + weights[-1]
        shares = {
            f"{each}, {value:.2f}": round(float((odds[chosen] > MAX_LOG_ODDS).mean()), 3)
            for each in sorted(set(group))
            for value in (1.0, *factors)
            if (chosen := (group[used] == each) & (factor[used] == value)).any()
        }
        result[name] = {"weights": [round(float(value), 3) for value in weights], "above the limit": shares}
    return result


def logistic(
    features: NDArray[np.float64], wrong: NDArray[np.float64], weight: NDArray[np.float64], ridge: float = 1.0
) -> NDArray[np.float64]:
    """Weights of the features as they are, and a constant, by Newton's method."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-9
    design = np.column_stack([(features - mean) / spread, np.ones(len(features))])
    penalty = np.array([ridge] * features.shape[1] + [0.0])
    weights = np.zeros(design.shape[1])
    for _ in range(60):
        chance = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (weight * (chance - wrong)) + penalty * weights
        bend = (design.T * (weight * chance * (1 - chance) + 1e-9)) @ design + np.diag(penalty)
        weights -= np.linalg.solve(bend, slope)
    plain = weights[:-1] / spread
    return np.append(plain, weights[-1] - plain @ mean)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("frames", nargs="?", type=Path)
    parser.add_argument("--split", default="train")
    parser.add_argument("--every", type=int, default=1, help="take every Nth photograph only")
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--right-scale-only", action="store_true")
    parser.add_argument("--only", choices=("frames", "simulated", "others", "cost"))
    options = parser.parse_args()
    engine = Engine(load_model())
    factors = FACTORS[:1] if options.right_scale_only else FACTORS
    if options.fit:
        print(json.dumps(fit(engine, options.frames, options.every), indent=1))
        return
    parts = {
        "frames": lambda: (
            report(engine, frames(options.frames, options.split, options.every), factors) if options.frames else {}
        ),
        "simulated": lambda: report(engine, simulated(options.every), factors),
        "others": lambda: report_others(engine),
        "cost": lambda: cost_ms(engine),
    }
    for name, part in parts.items():
        if options.only in (None, name):
            print(json.dumps({name: part()}, indent=1))


if __name__ == "__main__":
    main()
