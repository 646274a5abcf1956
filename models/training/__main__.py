"""`./run train`: render views, train, convert to int8, choose thresholds, calibrate intervals, write the model card.

Without options it makes `density-synthetic` from rendered views alone; with --adapt it fine-tunes that one on labelled
photographs and makes `density`. An interrupted run goes on where it was. Pools, steps and seed decide the result.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


from models.training.finish import finish
from models.training.labelled import load_labelled
from models.training.network import save_weights
from models.training.pool import SHARD, Pool, load_pool, render_pool
from models.training.train import BATCH, CROP, train
from station.density.model import MODELS
from station.errors import StationError

HOLDOUT_SEED = 1_000_000
"""Seeds from here on are never trained on."""
STEPS, RATE = 4000, 2e-3
ADAPT_STEPS, ADAPT_RATE = 1200, 8e-4
SYNTHETIC_WEIGHTS = Path(__file__).with_name("density-synthetic.weights.npz")
"""What --adapt starts from; it comes with the source, not with the installed station."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run train", description=__doc__)
    parser.add_argument(
        "--adapt",
        type=Path,
        metavar="DATA",
        help="fine-tune on labelled photographs: a folder with labels.jsonl (models/training/labelled.py says how)",
    )
    parser.add_argument("--name", choices=MODELS, help="density-synthetic without --adapt, density with it")
    parser.add_argument("--note", default="", help="a sentence on the data for the model card")
    parser.add_argument("--work", type=Path, default=Path("training-work"), help="folder for views and checkpoints")
    parser.add_argument("--out", type=Path, default=Path("models"), help="folder for the finished model")
    parser.add_argument("--views", type=int, default=5000, help="rendered views to train on")
    parser.add_argument("--holdout", type=int, default=3000, help="rendered views to judge by")
    parser.add_argument("--steps", type=int, help=f"training steps of {BATCH} crops of {CROP} pixels")
    parser.add_argument("--start", type=Path, help="weights to start from; with --adapt those of density-synthetic")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    options = parser.parse_args()

    name = options.name or ("density" if options.adapt else MODELS[1])
    start = options.start or (SYNTHETIC_WEIGHTS if options.adapt else None)
    steps = options.steps or (ADAPT_STEPS if options.adapt else STEPS)
    try:
        labelled, held_out = load_labelled(options.adapt) if options.adapt else ([], [])
    except StationError as error:
        sys.exit(error.operator)
    training = _pool(options.work / "views", 0, options.views, options.workers)
    trained = train(
        training,
        options.work / f"checkpoints-{name}",
        steps=steps,
        seed=options.seed,
        rate=ADAPT_RATE if options.adapt else RATE,
        start=start,
        labelled=labelled,
    )
    weights = options.work / f"{name}.weights.npz"
    save_weights(trained, weights)
    if name == MODELS[1] and options.out.resolve() == SYNTHETIC_WEIGHTS.parents[1]:
        shutil.copy(weights, SYNTHETIC_WEIGHTS)
    holdout = _pool(options.work / "holdout", HOLDOUT_SEED, options.holdout, options.workers)
    settings = {"views": len(training), "steps": steps, "seed": options.seed, "labelled_frames": len(labelled)}
    settings["note"] = options.note
    finish(name, weights, training, holdout, held_out, options.out, settings)


def _pool(folder: Path, first: int, count: int, workers: int) -> Pool:
    paths = []
    for path in render_pool(folder, first, count, workers):
        paths.append(path)
        print(f"views {len(paths) * SHARD}/{count}", flush=True)
    return load_pool(paths)


if __name__ == "__main__":
    main()
