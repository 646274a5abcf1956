"""One network as int8 and as float32, tile by tile and as one view: counts, times and memory as ratios.

The graphs and the rendered views come from benchmarks/graphs.py. Thresholds are those of the shipped model, for both
sides of every comparison.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.timing import least_ms
from models.training.pool import load_pool
from models.training.views import WORKING_PX_PER_MM
from station.density.detect import detect
from station.density.engine import INPUT_ZERO_POINT, Backend, Engine
from station.density.model import DensityModel
from station.density.tiles import HeatMaps, RunTile, WorkingView, infer, mirrored
from station.errors import UsageError
from station.world import Optics

TILE_INT8, TILE_FLOAT32, VIEW_INT8 = "tile-int8.tflite", "tile-float32.tflite", "view-int8.tflite"
REFERENCE = Optics(4056, 3040, 135.0)
"""The photograph of the reference rig."""
FIRST_SEED = 4_000_000
"""Of the rendered views: neither trained on nor used to set a threshold."""
VIEWS = 200
LEAST = 8
"""Views with fewer points say little about a shift in per cent."""

TILE_REPEATS = 100


class Graph:
    """A graph of any input shape and of either type, which `Engine` refuses: it runs the station's int8 tiles alone.

    shape: (height, width) of the input in pixels.
    """

    def __init__(self, graph: bytes, backend: Backend, threads: int = 2) -> None:
        module = importlib.import_module(backend.module)
        self._interpreter = module.Interpreter(model_content=graph, num_threads=threads)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]
        self._output = self._interpreter.get_output_details()[0]
        self.shape = (int(self._input["shape"][1]), int(self._input["shape"][2]))

    def run(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Heat maps (rows, columns, 2 or more) of pixels (height, width, 3) uint8 RGB."""
        if self._input["dtype"] == np.float32:
            value: NDArray[Any] = pixels.astype(np.float32) / 255
        else:
            value = (pixels ^ np.uint8(INPUT_ZERO_POINT)).view(np.int8)
        self._interpreter.set_tensor(self._input["index"], value[np.newaxis])
        self._interpreter.invoke()
        heat = self._interpreter.get_tensor(self._output["index"])[0]
        if heat.dtype == np.float32:
            return np.asarray(heat, np.float32)
        scale, zero = self._output["quantization"]
        return np.asarray((heat.astype(np.float32) - zero) * scale, np.float32)


def read_graph(folder: Path, name: str) -> bytes:
    """Raises UsageError when benchmarks/graphs.py has not written it."""
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise UsageError(
            f"{folder / name} cannot be read ({error.strerror}): write it with benchmarks/graphs.py."
        ) from error


def rendered_views(folder: Path) -> NDArray[np.uint8]:
    """The views (n, side, side, 3) that were rendered for comparing."""
    shards = [path for path in sorted(folder.glob("views-*.npz")) if int(path.stem.split("-")[1]) >= FIRST_SEED]
    if not shards:
        raise UsageError(f"{folder} holds no rendered views: write them with benchmarks/graphs.py.")
    return load_pool([str(path) for path in shards]).pixels


def network(folder: Path, name: str, model: DensityModel, backend: Backend) -> Callable[[WorkingView], HeatMaps]:
    """The way from a view to its heat maps by the graph of that name: in tiles, or at once."""
    graph = read_graph(folder, name)
    if name == VIEW_INT8:
        whole = Graph(graph, backend)
        return lambda view: at_once(view, whole, model)
    run = _tile_runner(graph, name, model, backend)
    return lambda view: infer(view, model, run)


def at_once(view: WorkingView, graph: Graph, model: DensityModel) -> HeatMaps:
    """Heat maps of `view` from one call of a graph that is as large or larger; the rest is mirrored picture."""
    height, width = view.pixels.shape[:2]
    if graph.shape[0] < height or graph.shape[1] < width:
        raise UsageError(
            f"The photograph is {width}x{height} px at the working scale, and the graph for whole views takes "
            f"{graph.shape[1]}x{graph.shape[0]}: give none, so that the reference photograph is used."
        )
    padded = view.pixels[np.ix_(mirrored(0, graph.shape[0], height), mirrored(0, graph.shape[1], width))]
    heat = graph.run(padded)[: -(-height // model.stride), : -(-width // model.stride)]
    return HeatMaps(
        fu=np.ascontiguousarray(heat[:, :, 0]),
        hair=np.ascontiguousarray(heat[:, :, 1]),
        x_cell_mm=model.stride / view.x_scale,
        y_cell_mm=model.stride / view.y_scale,
    )


def quantisation(folder: Path, model: DensityModel, backends: Sequence[Backend]) -> dict[str, object]:
    """int8 against float32: how far the counts of rendered views move, and how long a tile takes."""
    views = rendered_views(folder)
    first = backends[0]
    counts = []
    for name in (TILE_INT8, TILE_FLOAT32):
        run = network(folder, name, model, first)
        counts.append([_counts(run(_rendered(pixels)), model) for pixels in views])
    small, large = (np.array(each, float) for each in counts)
    milliseconds: dict[str, dict[str, float]] = {}
    for backend in backends:
        small_run, large_run = (
            _tile_runner(read_graph(folder, name), name, model, backend) for name in (TILE_INT8, TILE_FLOAT32)
        )
        works = {
            "int8, ms a tile": lambda run=small_run: run(views[0]),
            "float32, ms a tile": lambda run=large_run: run(views[0]),
        }
        taken = least_ms(works, TILE_REPEATS if backend is first else TILE_REPEATS // 10)
        ratio = taken["float32, ms a tile"] / taken["int8, ms a tile"]
        times = {name: round(value, 2) for name, value in taken.items()}
        milliseconds[str(backend)] = {**times, "float32 / int8": round(ratio, 2)}
    return {
        "views": len(views),
        "mean count shift, per cent": {
            kind: shift(small[:, column], large[:, column]) for column, kind in enumerate(("FU", "hairs"))
        },
        "time": milliseconds,
    }


def shift(counted: NDArray[np.float64], reference: NDArray[np.float64]) -> dict[str, float]:
    """How far counts (n,) lie from reference counts (n,): of all together, and the mean size of it per view."""
    rows = reference >= LEAST
    return {
        "of all views together": round(float(100 * (counted.sum() / reference.sum() - 1)), 2),
        "mean": round(float(100 * np.mean(counted[rows] / reference[rows] - 1)), 2),
        "mean of the sizes": round(float(100 * np.mean(np.abs(counted[rows] / reference[rows] - 1))), 2),
    }


def whole_against_tiles(
    folder: Path, view: WorkingView, model: DensityModel, backend: Backend, repeats: int
) -> dict[str, object]:
    """One call for the whole view against the station's tiles: time and counts."""
    tiled, whole = (network(folder, name, model, backend) for name in (TILE_INT8, VIEW_INT8))
    taken = least_ms({"tiles, ms": lambda: tiled(view), "whole view, ms": lambda: whole(view)}, repeats)
    return {
        **{name: round(value, 1) for name, value in taken.items()},
        "tiles / whole view": round(taken["tiles, ms"] / taken["whole view, ms"], 2),
        "counts (FU, hairs)": {
            "tiles": _counts(tiled(view), model),
            "whole view": _counts(whole(view), model),
        },
    }


def _tile_runner(graph: bytes, name: str, model: DensityModel, backend: Backend) -> RunTile:
    if name == TILE_INT8:
        return Engine(replace(model, graph=graph), backend).run
    return Graph(graph, backend).run


def _rendered(pixels: NDArray[np.uint8]) -> WorkingView:
    return WorkingView(pixels, WORKING_PX_PER_MM, WORKING_PX_PER_MM)


def _counts(heat: HeatMaps, model: DensityModel) -> tuple[int, int]:
    found = detect(heat, model)
    return len(found.units), len(found.hairs)
