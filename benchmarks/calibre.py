"""What the calibre is worth: `python benchmarks/calibre.py [--quick]`.

Wires and shafts of known width on skin, seen through the reference rig's whole optical path (`station.world.sensor`):
error by width and kind, by f-number, the share of thin hairs in made-up populations; then whole photographs of the
simulated world from found roots, and the time for one frame of the reference rig.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time

import numpy as np
from numpy.typing import NDArray

from station.density.calibre import diameters
from station.density.centrelines import trace
from station.density.engine import Engine
from station.density.hairs import hair_features
from station.density.measure import measure
from station.density.model import load_model
from station.values import Lamp, StandardImage
from station.world import COURSES, SITE_FACTORS, Optics, World, simulated_person
from station.world.sensor import Sensor
from station.world.wires import SKINS, Sheet, sheet

PX_PER_MM = 135.0
WIDTHS_UM = (25.0, 30.0, 35.0, 40.0, 50.0, 60.0, 80.0, 100.0)
FIELD_SEED = 2_000_000
"""The persons that no model was trained on (models/training/fields.py)."""


def found_on(shafts: Sheet) -> tuple[NDArray[np.float64], float]:
    """Diameters (n,) and edge spread in um, from the true roots."""
    found = diameters(shafts.pixels, trace(shafts.pixels, shafts.roots_mm, PX_PER_MM), PX_PER_MM)
    return found.diameter_um, found.edge_spread_um


def by_width(repeats: int) -> None:
    print("error of the mean (and standard deviation) in um, f/5.6; n shafts of each width")
    print(f"{'kind, skin':22} {'edge':>5} {'found':>6}" + "".join(f"{width:>12g}" for width in WIDTHS_UM))
    widths = np.repeat(WIDTHS_UM, repeats)
    kinds = [("wire", "medium"), ("black", "light"), ("black", "medium"), ("black", "dark")]
    for kind, skin in [*kinds, ("brown", "light"), ("brown", "medium"), ("blond", "light"), ("grey", "dark")]:
        shafts = sheet(widths, [kind] * len(widths), Sensor(), SKINS[skin], np.random.default_rng(1))
        found, edge = found_on(shafts)
        cells = []
        for width in WIDTHS_UM:
            error = (found - width)[(widths == width) & np.isfinite(found)]
            cells.append(f"{error.mean():+5.1f} ({error.std():.1f})" if len(error) else "-")
        print(
            f"{kind + ', ' + skin:22} {edge:5.1f} {np.isfinite(found).mean():6.0%}" + "".join(f"{c:>12}" for c in cells)
        )


def by_aperture(repeats: int) -> None:
    print("\nby f-number, black shafts on medium skin: edge spread, error of the mean in um")
    widths = np.repeat((30.0, 40.0, 60.0, 80.0), repeats)
    for f_number in (4.0, 5.6, 8.0, 11.0):
        sensor = Sensor(f_number=f_number)
        shafts = sheet(widths, ["black"] * len(widths), sensor, SKINS["medium"], np.random.default_rng(2))
        found, edge = found_on(shafts)
        errors = [np.nanmean((found - width)[widths == width]) for width in np.unique(widths)]
        print(f"f/{f_number:<4g} edge {edge:5.1f}   " + "  ".join(f"{e:+.1f}" for e in errors))


def populations(size: int) -> None:
    """Means and shares as in the domain reference, hair measurement, 3.3."""
    print(f"\npopulations of {size} black and brown shafts: mean, shares of thin hairs, found (true)")
    for name, mean, sd, vellus, seed in (
        ("normal", 61.0, 17.0, 0.06, 3),
        ("chronic telogen effluvium", 56.0, 17.0, 0.10, 4),
        ("pattern loss", 47.0, 18.0, 0.21, 5),
    ):
        rng = np.random.default_rng(seed)
        widths = np.clip(rng.normal(mean, sd, size), 30, 120)
        thin = rng.random(size) < vellus
        widths[thin] = rng.uniform(16, 30, int(thin.sum()))
        skin = list(SKINS.values())[seed % 2]
        shafts = sheet(widths, ["black", "brown"] * (size // 2), Sensor(), skin, rng)
        found, _ = found_on(shafts)
        seen = found[np.isfinite(found)]
        shares = "  ".join(f"<{t}: {(seen < t).mean():.1%} ({(widths < t).mean():.1%})" for t in (30, 40, 45))
        print(f"{name:26} n {len(seen)}  mean {seen.mean():.1f} ({widths.mean():.1f})  {shares}")


def fields(count: int) -> None:
    print(f"\nwhole photographs of the simulated world, 12 x 9 mm, found roots ({count} persons)")
    engine = Engine(load_model())
    optics = Optics(1620, 1215, PX_PER_MM)
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    all_errors, all_turns = [], []
    for seed in range(count):
        world = World(simulated_person(list(COURSES)[seed % len(COURSES)], FIELD_SEED + seed), optics, day.date())
        world.lamp = Lamp.CROSS
        world.place_head(list(SITE_FACTORS)[seed % len(SITE_FACTORS)], day)
        pixels, truth = world.expose()
        image = StandardImage(pixels, PX_PER_MM, 0.0, np.ones(pixels.shape[:2], bool), "true scale")
        result = measure(image, engine)
        at = np.array([(hair.x_mm, hair.y_mm) for hair in result.hairs])
        distance = np.hypot(*np.moveaxis(at[:, None] - truth.roots[None], 2, 0))
        row, near = distance.argmin(axis=1), distance.min(axis=1) < 0.08
        pairs = [(hair, r) for hair, r, is_near in zip(result.hairs, row, near, strict=True) if is_near]
        error = np.array([h.diameter_um - truth.diameter_um[r] for h, r in pairs if h.diameter_um is not None])
        turn = np.array([h.direction_rad - truth.azimuth[r] for h, r in pairs if h.direction_rad is not None])
        all_errors.append(error)
        all_turns.append(np.degrees(np.abs(np.angle(np.exp(1j * turn)))))
        print(f"person {seed}: {result.hair_count} hairs, true mean {truth.diameter_um.mean():.1f}, {result.calibre}")
    error, turn = np.concatenate(all_errors), np.concatenate(all_turns)
    print(
        f"all: difference {np.median(error):+.1f} um (10th to 90th percentile {np.percentile(error, 10):+.1f} to "
        f"{np.percentile(error, 90):+.1f}), direction {np.median(turn):.1f} degrees, {np.mean(turn > 90):.1%} reversed"
    )


def timing() -> None:
    optics = Optics(4056, 3040, PX_PER_MM)
    world = World(simulated_person("healthy", 1), optics, dt.date(2025, 1, 1))
    world.place_head("vertex", dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    world.lamp = Lamp.CROSS
    pixels, truth = world.expose()
    roots = truth.roots[:1500]
    counted = np.ones(len(roots), bool)
    times = []
    for _ in range(6):
        start = time.process_time()
        hair_features(pixels, roots, counted, PX_PER_MM, 30.0)
        times.append(time.process_time() - start)
    print(f"\n{len(roots)} hairs of a 4056x3040 frame: {1000 * np.median(times[1:]):.0f} ms of processor time")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a third of the shafts and persons")
    few = 3 if parser.parse_args().quick else 1
    by_width(9 // few)
    by_aperture(6 // few)
    populations(180 // few)
    fields(9 // few)
    timing()


if __name__ == "__main__":
    main()
