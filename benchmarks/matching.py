"""How right matching is, on simulated re-captures of known change, registration and persons.

    python benchmarks/matching.py CACHE [--change] [--harsh] [--cross] [--cost]

CACHE is what `matching_views.py` filled; whatever is in it is used, and each figure says over how many pairs. Without
an option everything is reported. Changes are in per cent of the hairs in the ground that both visits saw. Milliseconds
are of one core, so that other work does not count; the seconds of --cost are those of a clock.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.matching_truth import assigned, counted_change, transform_error, true_change, true_overlap
from benchmarks.matching_views import (
    BASELINE_FRAMES,
    CHANGES,
    HARSH_FRAMES,
    LATER_FRAMES,
    SITES,
    Shot,
    View,
    baseline_group,
    later_group,
    view,
    views,
)
from station.matching.register import register
from station.matching.same_hairs import compare

Floats = NDArray[np.float64]

STILL_SITE, STILL_OVERALL, CHANGED_SITE, CHANGED_OVERALL = 1.5, 0.5, 2.5, 1.0
"""Aims in points: per site and over the 8 sites, without and with a true change."""
RIGHT_MM = 0.3
"""A registration is at the right place when its rms error is below a quarter of the distance between units."""
SAME_MM = 0.10
CROSS_VIEWS = (("0.00", 1), ("0.00", 2), *(("harsh", number + 1) for number in range(HARSH_FRAMES)))
"""Views of another place that are tried on each baseline."""


@dataclass(frozen=True, slots=True)
class SiteChange:
    """One site of one person. All in per cent but densities; standing: see `TrueChange`; counted: by two counts;
    gone, said: hairs that left and that were said lost; rightly: in both."""

    seed: int
    site: str
    change: float
    true: float
    standing: float
    matched: float
    low: float
    high: float
    counted: float
    before: float
    after: float
    counts: tuple[float, float]
    accepted: bool
    overlap: float
    residual: float
    gone: int
    said: int
    rightly: int
    ms: float


def site_change(seed: int, site: str, change: float, baseline: Sequence[View], later: Sequence[View]) -> SiteChange:
    """Match two visits to a site and compare with the truth."""
    began = time.process_time()
    found = compare([each.shown for each in baseline], [each.shown for each in later])
    ms = 1000 * (time.process_time() - began)
    truth = true_change(baseline, later)
    matched = low = high = before = math.nan
    if found.hair is not None:
        matched, before = found.hair.percent, found.hair.before_per_cm2
        low, high = found.hair.interval.low, found.hair.interval.high
    lost = np.array([(h.x_mm, h.y_mm) for h in found.hairs if str(h.state) == "lost"], float).reshape(-1, 2)
    first = baseline[0]
    gone = first.seen & first.standing & ~later[0].standing
    rightly = len(assigned(lost, first.where[gone], SAME_MM)[0])
    shown = [[each.shown for each in visit] for visit in (baseline, later)]
    counts = [float(np.mean([len(view.hairs) / view.countable_cm2 for view in visit])) for visit in shown]
    return SiteChange(
        seed, site, change, truth.percent, truth.standing_percent,
        matched, low, high, counted_change(shown[0], shown[1]), before, before * (1 + matched / 100),
        (counts[0], counts[1]), found.accepted, found.overlap_cm2, found.residual_mm,
        int(gone.sum()), len(lost), rightly, ms,
    )  # fmt: skip


def persons(cache: Path) -> list[int]:
    """Seeds of which there is something."""
    return sorted(int(folder.name[1:]) for folder in cache.glob("p*"))


def site_changes(cache: Path, change: float) -> Iterator[SiteChange]:
    """All sites whose photographs of this change are there."""
    for seed in persons(cache):
        for site in SITES:
            baseline = views(cache, seed, site, baseline_group(change), BASELINE_FRAMES)
            later = views(cache, seed, site, later_group(change), LATER_FRAMES)
            if baseline and later:
                yield site_change(seed, site, change, baseline, later)


def change_report(change: float, found: Sequence[SiteChange]) -> dict[str, Any]:
    """Errors per site and over the 8 sites, of matching and of two counts, against the realised visible hairs."""
    site_aim, overall_aim = (CHANGED_SITE, CHANGED_OVERALL) if change else (STILL_SITE, STILL_OVERALL)
    # Rejected comparisons are NaN, which is within no aim.
    error = np.array([each.matched - each.true for each in found])
    counted = np.array([each.counted - each.true for each in found])
    standing = np.array([each.matched - each.standing for each in found])
    heads = [[each for each in found if each.seed == seed] for seed in {each.seed for each in found}]
    heads = [head for head in heads if len(head) == len(SITES)]
    overall = [head_errors(head) for head in heads]
    covered = [each.low <= each.true <= each.high for each in found]
    return {
        "sites": len(found),
        "not accepted": sum(not each.accepted for each in found),
        f"matched within {site_aim} points, %": share(np.abs(error) <= site_aim),
        "matched: mean error, sd, 95th percentile of its size": spread(error),
        f"two counts within {site_aim} points, %": share(np.abs(counted) <= site_aim),
        "two counts: mean error, sd, 95th percentile of its size": spread(counted),
        "matched against hairs that came or went: mean error, sd, 95th percentile": spread(standing),
        "interval holds the truth, %": share(np.array(covered)),
        "mean half width of the interval": round(float(np.nanmean([(e.high - e.low) / 2 for e in found])), 2),
        "persons (8 sites)": len(heads),
        f"8 sites: matched within {overall_aim} points, %": within([row[0] for row in overall], overall_aim),
        "8 sites: matched: mean error, sd, largest": largest([row[0] for row in overall]),
        "8 sites: two counts within, %": within([row[1] for row in overall], overall_aim),
        "8 sites: two counts: mean error, sd, largest": largest([row[1] for row in overall]),
        "hairs that left: in view, said lost, rightly": [
            sum(each.gone for each in found), sum(each.said for each in found), sum(each.rightly for each in found),
        ],
        "residual, mm, median and largest": [
            round(float(q([e.residual for e in found])), 3) for q in (np.nanmedian, np.nanmax)
        ],
        "ms a site, median and longest": [round(x) for x in np.percentile([e.ms for e in found], (50, 100)).tolist()],
    }  # fmt: skip


def head_errors(head: Sequence[SiteChange]) -> tuple[float, float]:
    """Error in points of the change over the sites of one person, of matching and of two counts.

    The endpoint is the mean density of the sites; its true change is what the true changes make of the counted
    densities before.
    """
    before, after = (np.array([getattr(each, key) for each in head]) for key in ("before", "after"))
    counts = np.array([each.counts for each in head])
    true = np.array([1 + each.true / 100 for each in head])
    matched = 100 * (after.sum() / before.sum() - (before * true).sum() / before.sum())
    counted = 100 * (counts[:, 1].sum() / counts[:, 0].sum() - (counts[:, 0] * true).sum() / counts[:, 0].sum())
    return float(matched), float(counted)


def visit_cv(found: Sequence[SiteChange]) -> dict[str, Any]:
    """CV of a visit's density when nothing changed: from the pairs of visits, less what truly changed in view.

    Each difference of logarithms holds the error of two visits, one of three frames and one of two (M1).
    """
    found = [each for each in found if each.accepted]
    counted, matched = (
        np.array([math.log((1 + getattr(e, key) / 100) / (1 + e.true / 100)) for e in found])
        for key in ("counted", "matched")
    )
    heads = {seed: [e for e in found if e.seed == seed] for seed in {e.seed for e in found}}
    whole = [
        math.log(np.mean([e.counts[1] / (1 + e.true / 100) for e in head]) / np.mean([e.counts[0] for e in head]))
        for head in heads.values()
        if len(head) == len(SITES)
    ]
    return {
        "per site, two counts, %": cv(counted),
        "per site, by matching, %": cv(matched),
        "mean of 8 sites, two counts, %": cv(np.array(whole)),
        "pairs of visits: sites, persons": [len(found), len(whole)],
    }


def cv(differences: Floats) -> float | None:
    """CV in per cent of one of two visits, from differences of logarithms: sqrt(mean d^2 / 2)."""
    return round(100 * float(np.sqrt(np.mean(differences**2) / 2)), 2) if len(differences) else None


def share(flags: NDArray[np.bool_]) -> float | None:
    """In per cent."""
    return round(100 * float(np.mean(flags)), 1) if len(flags) else None


def within(errors: Sequence[float], aim: float) -> float | None:
    """Share in per cent of the errors that are no larger than the aim."""
    return share(np.abs(np.array(errors)) <= aim)


def spread(errors: Floats) -> list[float]:
    """Mean, standard deviation and 95th percentile of the size, of those that are numbers."""
    errors = errors[np.isfinite(errors)]
    if not len(errors):
        return []
    return [round(float(x), 2) for x in (errors.mean(), errors.std(), np.percentile(np.abs(errors), 95))]


def largest(errors: Sequence[float]) -> list[float]:
    """Mean, standard deviation and largest size."""
    known = [each for each in errors if math.isfinite(each)]
    return [round(float(x), 2) for x in (np.mean(known), np.std(known), np.max(np.abs(known)))] if known else []


def harsh(cache: Path) -> dict[str, Any]:
    """Registration of a view from six months later, far off and changed, to the baseline's first frame."""
    rows = []
    for seed in persons(cache):
        for site in SITES:
            baseline = view(Shot(seed, site, "baseline", 1), cache)
            for number in range(1, HARSH_FRAMES + 1):
                later = view(Shot(seed, site, "harsh", number), cache)
                if baseline is None or later is None:
                    continue
                began = time.process_time()
                found = register(later.shown, baseline.shown)
                ms = 1000 * (time.process_time() - began)
                error = transform_error(found.transform, later, baseline)
                rows.append((f"{seed} {site} {number}", found, error, true_overlap(later, baseline), ms))
    right = [row for row in rows if row[1].accepted and row[2] <= RIGHT_MM]
    errors = [row[2] for row in right]
    return {
        "views": len(rows),
        "accepted and at the right place, %": share(np.array([r in right for r in rows])),
        "accepted at a wrong place": [row[0] for row in rows if row[1].accepted and not row[2] <= RIGHT_MM],
        "true error of the transform, mm: median, 95th percentile, largest": _three(errors),
        "true error at most 0.1 mm, %": share(np.array(errors) <= 0.1),
        "residual as told, mm: median, 95th percentile, largest": _three([row[1].residual_mm for row in right]),
        "true overlap: median, 95th percentile, largest": _three([row[3] for row in rows]),
        "least true overlap": round(min((row[3] for row in rows), default=math.nan), 2),
        "not accepted: view, true overlap, probability": [
            [row[0], round(row[3], 2), round(row[1].probability, 4)] for row in rows if not row[1].accepted
        ],
        "ms: median, 95th percentile, longest": _three([row[4] for row in rows]),
    }  # fmt: skip


def _three(values: Sequence[float]) -> list[float]:
    return [round(float(np.percentile(values, q)), 3) for q in (50, 95, 100)] if len(values) else []


def cross(cache: Path, log: Path) -> dict[str, Any]:
    """Views of other sites and other persons registered to each baseline; finished rows are kept in `log`."""
    names = [(seed, site) for seed in persons(cache) for site in SITES if view(Shot(seed, site, "baseline", 1), cache)]
    done = {row[0]: row for row in map(json.loads, log.read_text("utf-8").splitlines())} if log.exists() else {}
    with log.open("a", encoding="utf-8") as file:
        for seed, site in names:
            baseline = view(Shot(seed, site, "baseline", 1), cache)
            for other, place in names:
                name = f"{seed} {site} - {other} {place}"
                if (other, place) == (seed, site) or name in done or baseline is None:
                    continue
                row: list[Any] = [name, 0, 0, 0.0, 0.0]
                for shot in (
                    Shot(other, place, "0.00", 1),
                    *(Shot(other, place, "harsh", n + 1) for n in range(HARSH_FRAMES)),
                ):
                    later = view(shot, cache)
                    if later is None:
                        continue
                    began = time.process_time()
                    found = register(later.shown, baseline.shown)
                    row[4] += 1000 * (time.process_time() - began)
                    row[1] += 1
                    row[2] += found.accepted
                    row[3] = max(row[3], found.probability)
                done[name] = row
                file.write(json.dumps(row) + "\n")
                file.flush()
    rows = list(done.values())
    count = sum(row[1] for row in rows)
    return {
        "cross pairs": count,
        "accepted": [row[0] for row in rows if row[2]],
        "highest probability": max((row[3] for row in rows), default=None),
        "ms a pair, mean": round(sum(row[4] for row in rows) / max(count, 1), 1),
    }


def cost(cache: Path) -> dict[str, Any]:
    """Time and peak memory of a process of its own that registers and matches one site, and of one that only reads."""
    rows = {}
    for what in ("read", "match"):
        command = [sys.executable, __file__, str(cache), "--alone", what]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rows[what] = json.loads(done.stdout)
    return {
        "s, one site registered and matched": rows["match"]["s"],
        "peak memory, MB": rows["match"]["mb"],
        "of it without matching, MB": rows["read"]["mb"],
    }


def alone(cache: Path, what: str) -> dict[str, float]:
    """Match the first site there is three times, and tell the shortest time and this process's peak memory."""
    seconds = 0.0
    for seed in persons(cache):
        baseline = [each.shown for each in views(cache, seed, SITES[0], "baseline", BASELINE_FRAMES)]
        later = [each.shown for each in views(cache, seed, SITES[0], "0.00", LATER_FRAMES)]
        if baseline and later:
            if what == "match":
                seconds = min(_timed(baseline, later) for _ in range(3))
            break
    status = Path("/proc/self/status").read_text()
    return {"s": round(seconds, 3), "mb": round(int(status.split("VmHWM:")[1].split()[0]) / 1024)}


def _timed(baseline: Sequence[Any], later: Sequence[Any]) -> float:
    began = time.perf_counter()
    compare(baseline, later)
    return time.perf_counter() - began


def main() -> None:
    """Report what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", type=Path)
    parts = ("change", "harsh", "cross", "cost")
    for part in parts:
        parser.add_argument(f"--{part}", action="store_true")
    parser.add_argument("--rows", type=Path, help="with --change: write each site's change there, for monthly.py")
    parser.add_argument("--alone", choices=("read", "match"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(alone(options.cache, options.alone)))
        return
    asked = [part for part in parts if getattr(options, part)] or list(parts)
    text: dict[str, Any] = {}
    if "change" in asked:
        found = {change: list(site_changes(options.cache, change)) for change in CHANGES}
        text["change"] = {f"{change:+.0%}": change_report(change, rows) for change, rows in found.items() if rows}
        text["a visit's CV, no change"] = visit_cv(found[0.0])
        if options.rows:
            every = [asdict(row) for rows in found.values() for row in rows]
            options.rows.write_text(json.dumps(every), "utf-8")
    if "harsh" in asked:
        text["registration, harsh"] = harsh(options.cache)
    if "cross" in asked:
        text["wrong sites and persons"] = cross(options.cache, options.cache / "cross.jsonl")
    if "cost" in asked:
        text["cost"] = cost(options.cache)
    print(json.dumps(text, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
