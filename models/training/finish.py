"""From trained weights to a shipped model: convert, choose the threshold, calibrate the intervals, write the card."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from models.training.card import card_text
from models.training.evaluate import choose_thresholds, heat_maps, labelled_maps, score, score_labelled
from models.training.export import REPRESENTATIVE, first_card, to_int8, write_model
from models.training.intervals import coverage_table, error_table, groups_of, interval_entries
from models.training.judge import (
    COARSE_PX_PER_MM,
    FIELDS,
    Judged,
    joined,
    judge_fields,
    judge_labelled,
    judge_views,
)
from models.training.labelled import LabelledFrame
from models.training.pool import Pool
from station import __version__
from station.density.engine import Engine
from station.density.model import TEXT_SUFFIX, load_model
from station.density.selftest import golden_counts

GOLDEN = 6
CLIPPED = ("microscope", "rig", "trimmed")
"""Styles that the threshold is chosen on: in longer hair roots are hidden, and what is missed there must not be made up
for by counting debris elsewhere."""
FIELD_COUNT = 40
"""Photographs of each field: even ones calibrate the intervals, odd ones judge them."""
VIEWS, COARSE = "views of 7 x 7 mm", f"views of 7 x 7 mm at {COARSE_PX_PER_MM:g} px/mm"


def finish(
    name: str,
    weights: Path,
    training: Pool,
    holdout: Pool,
    held_out: list[LabelledFrame],
    out: Path,
    settings: dict[str, Any],
) -> None:
    """Convert the weights, and fill the card from the hold-out.

    Threshold and intervals come from every third view of the hold-out and half of the fields (with the labelled frames
    that were held out, where there are any); what the card reports, from the others.
    """
    graph = to_int8(weights, training.pixels[:REPRESENTATIVE])
    golden = holdout.pixels[:GOLDEN]
    card = first_card(name, graph, __version__, len(golden))
    write_model(out, graph, card, golden)
    model = load_model(name, out)
    engine = Engine(model)

    tuning = holdout.part([row for row in range(0, len(holdout), 3) if holdout.style[row] in CLIPPED])
    frame_maps = labelled_maps(engine, held_out)
    model = choose_thresholds(tuning, heat_maps(engine, tuning), model, held_out, frame_maps)
    engine.model = model
    _say(f"threshold {model.hair.threshold:g}")

    everything = _judged(engine, holdout)
    first = _rows_to_calibrate(everything)
    calibrating = everything.take(first)
    if held_out:
        calibrating = joined([calibrating, judge_labelled(engine, held_out)])
    model = replace(model, intervals=groups_of(calibrating, model.level))
    judging = everything.take(~first)

    card["threshold"] = model.hair.threshold
    card["interval"] = {"level": model.level, "groups": interval_entries(model.intervals)}
    card["golden"] = [{"fu": counts.fu, "hairs": counts.hairs} for counts in golden_counts(engine, golden)]
    card["training"] = settings
    views = judging.take(judging.kind == VIEWS)
    f1 = score(holdout, heat_maps(engine, holdout), model)
    everyone = error_table(views, np.full(len(views), "all"))
    for kind, one in f1.items():
        everyone["all"][kind]["f1"] = round(one.f1, 3)
    fields = judging.take(np.isin(judging.kind, list(FIELDS)))
    card["holdout"] = {
        "views": everyone | error_table(views, views.style),
        "tones": error_table(views, views.tone),
        "colours": error_table(views, views.colour),
        "fields": error_table(fields, fields.kind),
        "coverage": coverage_table(judging, model),
    }
    if held_out:
        real = score_labelled(held_out, frame_maps, model)
        card["holdout"]["labelled"] = {"frames": len(held_out)} | {
            kind: {
                "error_percent": round(one.error_percent(), 2),
                "bias_percent": round(one.bias_percent(), 2),
                "f1": round(one.f1, 3),
            }
            for kind, one in real.items()
        }
    write_model(out, graph, card, golden)
    (out / (name + TEXT_SUFFIX)).write_text(card_text(card))
    _say(json.dumps(card["holdout"], indent=1))


def _judged(engine: Engine, holdout: Pool) -> Judged:
    parts = [judge_views(engine, holdout, VIEWS)]
    _say(f"{len(holdout)} views judged")
    parts.append(judge_views(engine, holdout.part(range(0, len(holdout), 2)), COARSE, COARSE_PX_PER_MM))
    for field, optics in FIELDS.items():
        _say(f"photographs of {field}")
        parts.append(judge_fields(engine, field, optics, range(FIELD_COUNT)))
    return joined(parts)


def _rows_to_calibrate(judged: Judged) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """(n,) every third view and every other field, within each kind."""
    chosen = np.zeros(len(judged), bool)
    for kind in np.unique(judged.kind):
        rows = np.flatnonzero(judged.kind == kind)
        chosen[rows[:: 2 if kind in FIELDS else 3]] = True
    return chosen


def _say(words: str) -> None:
    print(words, flush=True)
