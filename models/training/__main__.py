"""`./run train`: render views, train, convert to int8, choose thresholds, calibrate intervals, write the model card."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


from models.training.card import card_text
from models.training.evaluate import choose_thresholds, coverage, halves, heat_maps, score, summary
from models.training.export import REPRESENTATIVE, first_card, to_int8, write_model
from models.training.fields import FIELDS, calibrate, count_fields, field_summary, split
from models.training.pool import SHARD, Pool, load_pool, render_pool
from models.training.train import BATCH, CROP, train
from station import __version__
from station.density.engine import Engine
from station.density.model import IntervalModel, load_model
from station.density.selftest import golden_counts

HOLDOUT_SEED = 1_000_000
"""Seeds from here on are never trained on."""
GOLDEN = 6
FIELD_COUNT = 80
"""Photographs of each field: even ones calibrate the intervals, odd ones judge them."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run train", description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("training-work"), help="folder for views and weights")
    parser.add_argument("--out", type=Path, default=Path("models"), help="folder for the finished model")
    parser.add_argument("--views", type=int, default=4000, help="rendered views to train on")
    parser.add_argument("--holdout", type=int, default=600, help="rendered views to judge by")
    parser.add_argument("--steps", type=int, default=4000, help=f"training steps of {BATCH} crops of {CROP} pixels")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    options = parser.parse_args()

    weights = options.work / "density.weights.h5"
    training = _pool(options.work / "views", 0, options.views, options.workers)
    train(training, weights, steps=options.steps, seed=options.seed)
    holdout = _pool(options.work / "holdout", HOLDOUT_SEED, options.holdout, options.workers)
    finish(
        weights, training, holdout, options.out, {"views": len(training), "steps": options.steps, "seed": options.seed}
    )


def _pool(folder: Path, first: int, count: int, workers: int) -> Pool:
    paths = []
    for path in render_pool(folder, first, count, workers):
        paths.append(path)
        print(f"views {len(paths) * SHARD}/{count}", flush=True)
    return load_pool(paths)


def finish(weights: Path, training: Pool, holdout: Pool, out: Path, settings: dict[str, Any]) -> None:
    """Convert the weights, and fill the card from the hold-out.

    Thresholds and intervals come from one half of the hold-out and of the fields; what the card reports, from the
    other.
    """
    graph = to_int8(weights, training.pixels[:REPRESENTATIVE])
    golden = holdout.pixels[:GOLDEN]
    card = first_card(graph, __version__, len(golden))
    write_model(out, graph, card, golden)
    model = load_model(out)
    engine = Engine(model)
    tuning, judging = halves(holdout)

    tuning_maps, judging_maps = heat_maps(engine, tuning), heat_maps(engine, judging)
    model = choose_thresholds(tuning, tuning_maps, model)
    engine.model = model
    fitted, judged = score(tuning, tuning_maps, model), score(judging, judging_maps, model)
    fields = {name: count_fields(engine, optics, range(FIELD_COUNT)) for name, optics in FIELDS.items()}
    intervals = {
        kind: calibrate([(one.found, one.truth), *(split(counts, kind)[0] for counts in fields.values())], model.level)
        for kind, one in fitted.items()
    }
    model = replace(model, fu_interval=intervals["fu"], hairs_interval=intervals["hairs"])

    card["threshold"] = model.hair.threshold
    card["interval"] = {"level": model.level, **{kind: _interval_entry(one) for kind, one in intervals.items()}}
    card["golden"] = [{"fu": counts.fu, "hairs": counts.hairs} for counts in golden_counts(engine, golden)]
    card["training"] = settings
    card["holdout"] = {
        **summary(judging, judged),
        "interval_coverage_percent": {
            kind: {
                "small views": coverage((one.found, one.truth), model, intervals[kind]),
                **{name: coverage(split(counts, kind)[1], model, intervals[kind]) for name, counts in fields.items()},
            }
            for kind, one in judged.items()
        },
        "fields": {name: field_summary(counts) for name, counts in fields.items()},
    }
    write_model(out, graph, card, golden)
    (out / "density.md").write_text(card_text(card))
    print(json.dumps(card["holdout"], indent=1))


def _interval_entry(interval: IntervalModel) -> dict[str, float]:
    return {"bias": round(interval.bias, 5), "a": round(interval.a, 5), "b": round(interval.b, 5)}


if __name__ == "__main__":
    main()
