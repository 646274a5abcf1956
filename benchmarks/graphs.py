"""Write what `benchmarks/density.py --graphs FOLDER` compares: one network as int8 and as float32, by tile and whole.

    .venv-train/bin/python benchmarks/graphs.py WEIGHTS.npz FOLDER

Needs the training environment (`./run train` makes it). WEIGHTS.npz are weights that a training wrote. FOLDER also
receives the rendered views that int8 is calibrated with, those of the training, and those that both are compared on;
views that are there already are kept.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.graph_ratios import FIRST_SEED, REFERENCE, TILE_FLOAT32, TILE_INT8, VIEW_INT8, VIEWS
from models.training.pool import load_pool, render_pool
from models.training.views import VIEW_PX, WORKING_PX_PER_MM

COARSEST_STRIDE = 16
"""The network halves its view four times."""


def whole_view_shape() -> tuple[int, int]:
    """Height and width of the reference photograph at the working scale, up to the next multiple of 16."""
    sides = (
        round(side * WORKING_PX_PER_MM / REFERENCE.px_per_mm) for side in (REFERENCE.height_px, REFERENCE.width_px)
    )
    height, width = (-(-side // COARSEST_STRIDE) * COARSEST_STRIDE for side in sides)
    return height, width


def mosaics(views: NDArray[np.uint8], shape: tuple[int, int]) -> Iterator[NDArray[np.uint8]]:
    """Views (n, side, side, 3) put side by side, as often as they fill a picture of shape (height, width)."""
    rows, columns = (-(-length // VIEW_PX) for length in shape)
    for first in range(0, len(views) - rows * columns + 1, rows * columns):
        grid = views[first : first + rows * columns].reshape(rows, columns, VIEW_PX, VIEW_PX, 3)
        whole = grid.swapaxes(1, 2).reshape(rows * VIEW_PX, columns * VIEW_PX, 3)
        yield whole[: shape[0], : shape[1]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="weights that a training wrote (.npz)")
    parser.add_argument("folder", type=Path, help="folder to write to")
    parser.add_argument("--views", type=int, default=VIEWS, help="rendered views to compare on, by the hundred")
    parser.add_argument("--workers", type=int, default=1, help="processes that render")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        from models.training.export import REPRESENTATIVE, to_float32, to_int8
    except ModuleNotFoundError as error:
        sys.exit(f"{error.name} is not installed: run this with .venv-train/bin/python, which `./run train` makes.")
    if not options.weights.is_file():
        sys.exit(f"{options.weights} does not exist: name the weights that a training wrote.")
    shards = list(render_pool(options.folder, 0, REPRESENTATIVE, options.workers))
    representative = load_pool(shards).pixels[:REPRESENTATIVE]
    (options.folder / TILE_INT8).write_bytes(to_int8(options.weights, representative))
    (options.folder / TILE_FLOAT32).write_bytes(to_float32(options.weights))
    shape = whole_view_shape()
    wholes = np.stack(list(mosaics(representative, shape)))
    (options.folder / VIEW_INT8).write_bytes(to_int8(options.weights, wholes, shape))
    for path in render_pool(options.folder, FIRST_SEED, options.views, options.workers):
        print(path, flush=True)


if __name__ == "__main__":
    main()
