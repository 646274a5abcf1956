"""A recovery of 5 % over 12 monthly visits: how soon it is told, and how often one is told that is none.

    python benchmarks/monthly.py ROWS.json [--persons 1000]

ROWS.json is what `matching.py CACHE --change --rows ROWS.json` wrote: matched changes of rendered visits beside their
truth. The error of matching is measured on them, then persons are simulated hair by hair and looked at with the
station's own claim (`station.trends.ladder`), as `trends.py` does.

Error model, on logarithms of the density of a site relative to its truth, for a visit v and its baseline 0:
e(v) - e(0). Changes that share their baseline frames share e(0), changes that share their later frames share e(v), and
the covariance of their errors is the variance of that visit: all that differs from visit to visit at the same site,
noise of the frames and misses that they have in common (light, direction and length of the hair, stretch). Misses that
all visits have in common cancel and are no error. What the sites of one person have in common is measured as well.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.trends import FRAMES, HAIRS, HAIRS_PER_UNIT, LOOKS, SEED, VISITS, Truth, look, recovering, unchanged
from benchmarks.trends import schedule as visit_days
from station.trends.error import Z95, FrameError
from station.trends.inputs import DEFAULT_MATCHED_SD, Matched, PersonRecord, SiteReading, VisitReading
from station.trends.zones import ZONES

Floats = NDArray[np.float64]

GAIN = 0.05
HAIRS_A_SITE = 1000
"""Visible hairs in the ground that all visits to a site of the reference rig share."""
BY_MONTH_9 = tuple(range(2, LOOKS[1] + 1))
LEAST_PAIRS = 200


@dataclass(frozen=True, slots=True)
class ErrorModel:
    """Of matching, in logs. baseline, later: standard deviations of a site's error at a visit of three and of two
    frames; common: correlation of the errors of two sites of one person at one visit; pairs: visits compared; shape:
    (n,) the errors themselves, standardised, for their distribution; offset: what every later visit is told too much
    against its baseline; slope: share of a true change that is told too much; total: standard deviation of a site's
    error of a change; told: the same as the comparisons tell it of themselves.
    """

    baseline: float
    later: float
    common: float
    pairs: int
    shape: Floats
    offset: float
    slope: float
    total: float
    told: float


def error_model(rows: Sequence[dict[str, Any]]) -> ErrorModel:
    """The errors of matching in these rows (`matching.SiteChange`). Not accepted pairs are left out."""
    rows = [row for row in rows if row["accepted"]]
    error = np.array([math.log((1 + row["matched"] / 100) / (1 + row["true"] / 100)) for row in rows])
    true = np.array([math.log(1 + row["true"] / 100) for row in rows])
    design = np.column_stack([np.ones(len(rows)), true])
    # Without true changes the slope is 0: the least squares of least norm.
    offset, slope = np.linalg.lstsq(design, error, rcond=None)[0].tolist()
    rest = error - design @ (offset, slope)
    total = float(np.mean(rest**2))
    first = _covariance(rows, rest, lambda row: row["change"] <= 0)
    last = _covariance(rows, rest, lambda row: row["change"] >= 0)
    # Both variances together make the total: what their estimates leave over or take too much is shared out.
    over = total - first - last
    first, last = (max(each + over / 2, 0.1 * total) for each in (first, last))
    return ErrorModel(
        baseline=math.sqrt(first),
        later=math.sqrt(last),
        common=_common(rows, rest, total),
        pairs=len(rows),
        shape=rest / max(math.sqrt(total), 1e-12),
        offset=offset,
        slope=slope,
        total=math.sqrt(total),
        told=float(np.median([math.log((100 + row["high"]) / (100 + row["low"])) / 2 / Z95 for row in rows])),
    )


def _covariance(rows: Sequence[dict[str, Any]], error: Floats, shares: Any) -> float:
    """Mean product of the errors of two changes at one site, among the rows that share a visit."""
    sites: dict[tuple[int, str], list[float]] = {}
    for row, each in zip(rows, error.tolist(), strict=True):
        if shares(row):
            sites.setdefault((row["seed"], row["site"]), []).append(each)
    products = [a * b for group in sites.values() for a, b in itertools.combinations(group, 2)]
    return float(np.mean(products)) if products else 0.0


def _common(rows: Sequence[dict[str, Any]], error: Floats, total: float) -> float:
    """Correlation of the errors of two sites of one person for one change; not below 0."""
    visits: dict[tuple[int, float], list[float]] = {}
    for row, each in zip(rows, error.tolist(), strict=True):
        visits.setdefault((row["seed"], row["change"]), []).append(each)
    products = [a * b for group in visits.values() for a, b in itertools.combinations(group, 2)]
    return max(0.0, float(np.mean(products)) / total) if products and total > 0 else 0.0


def matched_persons(
    truth: Truth, model: ErrorModel, count: int, seed: int, error_matched: float
) -> Iterator[PersonRecord]:
    """Persons with monthly visits, each matched to the first one.

    Hairs are drawn one by one: a site's ground carries about `HAIRS_A_SITE`, of which the truth's share stands, each
    follicle empty or not on its own. error_matched: what the station takes for the error of a site's ratio at least.
    """
    rng = np.random.default_rng([SEED, seed])
    days = visit_days(0, rng)
    error = FrameError(0.07, 0, measured=False)
    weights = dict.fromkeys(ZONES, 1 / len(ZONES))
    share = np.array([[truth(site, day, days[0]) for site in ZONES] for day in days])
    most = share.max(axis=0)
    for _ in range(count):
        standing = np.empty((VISITS, len(ZONES)))
        for column in range(len(ZONES)):
            order = rng.random(rng.poisson(HAIRS_A_SITE * most[column]))
            standing[:, column] = (order[None] < (share[:, column] / most[column])[:, None]).sum(axis=1)
        ratios = (1 + model.slope) * np.log(standing / standing[0]) + _errors(model, rng, standing.shape)
        visits = tuple(
            VisitReading(k + 1, days[k], "macro-8/2", "one", _sites(ratios[k] - ratios[0], k, model.told))
            for k in range(VISITS)
        )
        yield PersonRecord(days[-1], visits, weights, error, error, error_matched=error_matched, matched_measured=True)


def _errors(model: ErrorModel, rng: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Errors (visits, sites) in logs, with the distribution and correlations that were measured."""
    own, shared = (rng.choice(model.shape, (shape[0], width)) for width in (shape[1], 1))
    scale = np.full((shape[0], 1), model.later)
    scale[0] = model.baseline
    later = np.arange(shape[0])[:, None] > 0
    both = math.sqrt(1 - model.common) * own + math.sqrt(model.common) * shared
    return np.asarray(model.offset * later + scale * both)


def _sites(ratios: Floats, visit: int, told: float) -> dict[str, SiteReading]:
    return {
        site: SiteReading(
            site,
            HAIRS * math.exp(each),
            HAIRS / HAIRS_PER_UNIT * math.exp(each),
            FRAMES,
            6.0,
            matched=Matched(1) if visit == 0 else Matched(1, each, each, told, told),
        )
        for site, each in zip(ZONES, ratios.tolist(), strict=True)
    }


def report(model: ErrorModel, count: int) -> dict[str, Any]:
    """What is told of a recovery and of no change: where the station knows the error of matching, and by default."""
    return {
        "rendered pairs of visits": model.pairs,
        "enough of them": model.pairs >= LEAST_PAIRS,
        "error of a site's change, sd, %": round(100 * model.total, 2),
        "as a comparison tells it, %": round(100 * model.told, 2),
        "of it at the baseline, at a later visit, %": [round(100 * x, 2) for x in (model.baseline, model.later)],
        "correlation between sites of a person": round(model.common, 2),
        "offset of all later visits, %": round(100 * model.offset, 3),
        "share of a true change that is told too much": round(model.slope, 3),
        "persons": count,
        "error known from repeats": told(model, count, model.total),
        "default error": told(model, count, DEFAULT_MATCHED_SD),
    }


def told(model: ErrorModel, count: int, error_matched: float) -> dict[str, float]:
    """Rates in per cent. error_matched: of a site's ratio, as the station takes it."""
    rise = look(tuple(matched_persons(recovering(GAIN), model, count, 1, error_matched)), (*BY_MONTH_9, VISITS))
    none = look(tuple(matched_persons(unchanged, model, count, 2, error_matched)), tuple(range(2, VISITS + 1)))
    alarm = none.up | none.down
    return {
        "recovery of 5 %: told at the visit of month 9": round(100 * float(rise.up[:, -2].mean()), 1),
        "told at month 12": round(100 * float(rise.up[:, -1].mean()), 1),
        "no change: alarms, of looks": round(100 * float(alarm.mean()), 2),
        "most at one look": round(100 * float(alarm.mean(axis=0).max()), 1),
        "persons with an alarm at least once in the year": round(100 * float(alarm.any(axis=1).mean()), 1),
    }


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--persons", type=int, default=1000)
    options = parser.parse_args()
    model = error_model(json.loads(options.rows.read_text("utf-8")))
    print(json.dumps(report(model, options.persons), indent=1))


if __name__ == "__main__":
    main()
