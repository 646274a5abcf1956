"""Speed and memory of one photograph, as ratios within one run.

    python benchmarks/density.py [PHOTOGRAPH PX_PER_MM] [--graphs FOLDER]

Without a photograph a simulated one of the reference rig (4056 x 3040 at 135 px/mm) is used. FOLDER is what
benchmarks/graphs.py wrote; without it the rows that need float32 or a graph for the whole view are left out. Absolute
times belong to this computer; the ratios carry over to others of its kind. Peak memory is that of a process of its own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.graph_ratios import (
    REFERENCE,
    TILE_FLOAT32,
    TILE_INT8,
    VIEW_INT8,
    network,
    quantisation,
    whole_against_tiles,
)
from benchmarks.timing import least_ms
from station.density.countable import countable_area
from station.density.detect import detect
from station.density.engine import Backend, Engine, installed_backends
from station.density.measure import measure
from station.density.model import load_model
from station.density.tiles import infer, to_working_scale
from station.errors import StationError
from station.imaging import checked_px_per_mm, encode_jpeg, read_photograph
from station.values import Lamp, StandardImage
from station.world import World, simulated_person

WHOLE = "whole measurement, without reading"
MEASUREMENT, VIEW_ALONE = "measurement", "view"
"""What a process is measured at besides the networks: all that `measure` does, and a view that no network sees."""
NO_GRAPHS = "left out: needs --graphs FOLDER (benchmarks/graphs.py writes it)"


def reference_photograph(folder: Path) -> Path:
    """A simulated frame of the reference rig, as the station stores it."""
    world = World(simulated_person("healthy", 1), REFERENCE, dt.date(2025, 1, 1))
    world.place_head("vertex", dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    world.lamp = Lamp.CROSS
    path = folder / "reference.jpg"
    path.write_bytes(encode_jpeg(world.expose()[0]))
    return path


def peak_mb(what: str, path: Path, px_per_mm: float, graphs: Path | None = None) -> float:
    """Peak memory in MB of a fresh process that reads the photograph and does `what` with it (`work_alone`)."""
    command = [sys.executable, __file__, str(path), str(px_per_mm), "--peak", what]
    command += [] if graphs is None else ["--graphs", str(graphs)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def work_alone(what: str, path: Path, px_per_mm: float, graphs: Path | None) -> float:
    """Do one thing, and return this process's peak memory in MB. what: MEASUREMENT, VIEW_ALONE or a graph's name."""
    model = load_model()
    if what == MEASUREMENT:
        measure(standard(path, px_per_mm), Engine(model))
    else:
        view = to_working_scale(read_photograph(path), px_per_mm, model.working_px_per_mm)
        # Reading the photograph takes more than most networks, and would hide them: the peak is set back to now.
        Path("/proc/self/clear_refs").write_text("5")
        if graphs is not None:
            network(graphs, what, model, Backend.AI_EDGE_LITERT)(view)
    # Not ru_maxrss: that begins with the peak of the process that started this one.
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def standard(path: Path, px_per_mm: float) -> StandardImage:
    pixels = read_photograph(path)
    return StandardImage(pixels, px_per_mm, 0.0, np.ones(pixels.shape[:2], bool), "benchmark")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photograph", nargs="?", type=Path)
    parser.add_argument("px_per_mm", nargs="?", type=float, default=135.0)
    parser.add_argument("--graphs", type=Path, metavar="FOLDER", help="what benchmarks/graphs.py wrote")
    parser.add_argument("--peak", help=argparse.SUPPRESS)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    try:
        checked_px_per_mm(options.px_per_mm)
        if options.peak:
            print(work_alone(options.peak, options.photograph, options.px_per_mm, options.graphs))
            return
        with tempfile.TemporaryDirectory() as folder:
            path = options.photograph or reference_photograph(Path(folder))
            rows = compare(path, options.px_per_mm, options.repeats)
            rows |= compare_graphs(path, options.px_per_mm, options.repeats, options.graphs)
            print(json.dumps(rows, indent=1))
    except StationError as error:
        sys.exit(error.operator)


def compare(path: Path, px_per_mm: float, repeats: int) -> dict[str, object]:
    """Times in ms and their ratios for one photograph."""
    model = load_model()
    image = standard(path, px_per_mm)
    view = to_working_scale(image.pixels, px_per_mm, model.working_px_per_mm)
    engines = {backend: Engine(model, backend) for backend in installed_backends()}
    fast = engines[Backend.AI_EDGE_LITERT]
    heat = infer(view, model, fast.run)
    works = {
        "read the file": lambda: read_photograph(path),
        "to the working scale": lambda: to_working_scale(image.pixels, px_per_mm, model.working_px_per_mm),
        "what can be counted": lambda: countable_area(view),
        "network": lambda: infer(view, model, fast.run),
        "points and units": lambda: detect(heat, model),
        WHOLE: lambda: measure(image, fast),
    }
    steps = least_ms(works, repeats)
    networks = least_ms({str(name): lambda e=e: infer(view, model, e.run) for name, e in engines.items()}, repeats)
    counts = {name: measure(image, engine) for name, engine in engines.items()}
    return {
        "photograph": f"{image.pixels.shape[1]}x{image.pixels.shape[0]} px at {px_per_mm:g} px/mm",
        "milliseconds": {name: round(value, 1) for name, value in steps.items()},
        "network, by run-time, ms": {name: round(value, 1) for name, value in networks.items()},
        "tflite-runtime / ai-edge-litert": (
            round(networks[Backend.TFLITE_RUNTIME] / networks[Backend.AI_EDGE_LITERT], 1)
            if Backend.TFLITE_RUNTIME in networks
            else None
        ),
        "whole measurement / network": round(steps[WHOLE] / steps["network"], 2),
        "counts (FU, hairs)": {str(name): (found.fu_count, found.hair_count) for name, found in counts.items()},
        "peak memory, MB": round(peak_mb(MEASUREMENT, path, px_per_mm)),
    }


def compare_graphs(path: Path, px_per_mm: float, repeats: int, graphs: Path | None) -> dict[str, object]:
    """int8 against float32 and whole view against tiles; with `graphs` None a note in their place."""
    quantised, whole = "int8 against float32", "whole view against tiles (int8)"
    if graphs is None:
        return {quantised: NO_GRAPHS, whole: NO_GRAPHS}
    model = load_model()
    view = to_working_scale(read_photograph(path), px_per_mm, model.working_px_per_mm)
    return {
        quantised: quantisation(graphs, model, installed_backends()),
        whole: whole_against_tiles(graphs, view, model, Backend.AI_EDGE_LITERT, repeats),
        "peak memory once the view is read, MB": {
            "no network": round(peak_mb(VIEW_ALONE, path, px_per_mm)),
            **{name: round(peak_mb(name, path, px_per_mm, graphs)) for name in (TILE_INT8, TILE_FLOAT32, VIEW_INT8)},
        },
    }


if __name__ == "__main__":
    main()
