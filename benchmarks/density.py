"""How long one photograph takes, as ratios within one run: `python benchmarks/density.py [PHOTOGRAPH PX_PER_MM]`.

Without a photograph a simulated one of the reference rig (4056 x 3040 at 135 px/mm) is used. Absolute times belong to
this computer; the ratios carry over to others of its kind. Peak memory is measured in a process of its own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from station.density.countable import countable_area
from station.density.detect import detect
from station.density.engine import Backend, Engine, installed_backends
from station.density.measure import measure
from station.density.model import load_model
from station.density.tiles import infer, to_working_scale
from station.imaging import encode_jpeg, read_photograph
from station.values import Lamp, StandardImage
from station.world import Optics, World, simulated_person


def median_ms(work: Callable[[], object], repeats: int) -> float:
    """Median time of `work` in ms, after one run that does not count."""
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def reference_photograph(folder: Path) -> Path:
    """A simulated frame of the reference rig, as the station stores it."""
    world = World(simulated_person("healthy", 1), Optics(4056, 3040, 135.0), dt.date(2025, 1, 1))
    world.place_head("vertex", dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    world.lamp = Lamp.CROSS
    path = folder / "reference.jpg"
    path.write_bytes(encode_jpeg(world.expose()[0]))
    return path


def peak_mb(path: Path, px_per_mm: float) -> float:
    """Peak memory of a fresh process that measures the photograph, in MB."""
    command = [sys.executable, __file__, "--peak", str(path), str(px_per_mm)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def standard(path: Path, px_per_mm: float) -> StandardImage:
    pixels = read_photograph(path)
    return StandardImage(pixels, px_per_mm, 0.0, np.ones(pixels.shape[:2], bool), "benchmark")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photograph", nargs="?", type=Path)
    parser.add_argument("px_per_mm", nargs="?", type=float, default=135.0)
    parser.add_argument("--peak", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    model = load_model()
    if options.peak:
        measure(standard(options.photograph, options.px_per_mm), Engine(model))
        # Not ru_maxrss: that begins with the peak of the process that started this one.
        status = Path("/proc/self/status").read_text()
        print(int(status.split("VmHWM:")[1].split()[0]) / 1024)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = options.photograph or reference_photograph(Path(folder))
        print(json.dumps(compare(path, options.px_per_mm, options.repeats), indent=1))


def compare(path: Path, px_per_mm: float, repeats: int) -> dict[str, object]:
    """Times in ms and their ratios for one photograph."""
    model = load_model()
    image = standard(path, px_per_mm)
    view = to_working_scale(image.pixels, px_per_mm, model.working_px_per_mm)
    engines = {backend: Engine(model, backend) for backend in installed_backends()}
    networks = {name: median_ms(lambda e=e: infer(view, model, e.run), repeats) for name, e in engines.items()}
    fast = engines[Backend.AI_EDGE_LITERT]
    heat = infer(view, model, fast.run)
    steps = {
        "read the file": median_ms(lambda: read_photograph(path), repeats),
        "to the working scale": median_ms(
            lambda: to_working_scale(image.pixels, px_per_mm, model.working_px_per_mm), repeats
        ),
        "what can be counted": median_ms(lambda: countable_area(view), repeats),
        "network": networks[Backend.AI_EDGE_LITERT],
        "points and units": median_ms(lambda: detect(heat, model), repeats),
        "whole measurement, without reading": median_ms(lambda: measure(image, fast), repeats),
    }
    counts = {name: measure(image, engine) for name, engine in engines.items()}
    whole = steps["whole measurement, without reading"]
    return {
        "photograph": f"{image.pixels.shape[1]}x{image.pixels.shape[0]} px at {px_per_mm:g} px/mm",
        "milliseconds": {name: round(value, 1) for name, value in steps.items()},
        "network, by run-time, ms": {str(name): round(value, 1) for name, value in networks.items()},
        "tflite-runtime / ai-edge-litert": (
            round(networks[Backend.TFLITE_RUNTIME] / networks[Backend.AI_EDGE_LITERT], 1)
            if Backend.TFLITE_RUNTIME in networks
            else None
        ),
        "whole measurement / network": round(whole / networks[Backend.AI_EDGE_LITERT], 2),
        "counts (FU, hairs)": {str(name): (found.fu_count, found.hair_count) for name, found in counts.items()},
        "peak memory, MB": round(peak_mb(path, px_per_mm)),
    }


if __name__ == "__main__":
    main()
