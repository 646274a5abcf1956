"""Real frames, each photographed once more in software, through the station's own path: measured, registered, matched.

    python benchmarks/rephotograph.py FOLDER --cache CACHE [--measure] [--pairs] [--every N]

FOLDER holds `labels.jsonl` and the frames it names. --measure only fills CACHE (a folder outside the repository; what
is there already stays); --pairs registers every frame with every other one as well. The report is over all frames,
with those of the split `train`, which parameters may be chosen on, beside the others.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.matching_truth import assigned
from benchmarks.retake import RIG, applied, fill, labels
from station.matching.constellation import Constellation, constellation
from station.matching.register import register
from station.matching.same_hairs import compare
from station.records.detail import unpack
from station.rig.profile import load_profile

Floats = NDArray[np.float64]

SAME_MM = 0.10
"""A hair found within so much of its true place is that hair: two readings of the same frames are matched at 0.11 mm,
and half of the labelled neighbours stand further apart than 0.15 mm."""
RIGHT_MM = 0.10
"""A registration is right when its rms error over the overlap is at most the target for its residual."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A frame and its retake, as measured. matrix: (3, 3), pixels of the first to pixels of the second."""

    name: str
    split: str
    first: Constellation
    second: Constellation
    matrix: Floats
    px_per_mm: float

    def forth(self, points: Floats) -> Floats:
        """Points (n, 2) in mm of the first view, in mm of the second."""
        return applied(self.matrix, points, self.px_per_mm)

    def back(self, points: Floats) -> Floats:
        """The inverse of `forth`."""
        return applied(np.linalg.inv(self.matrix), points, self.px_per_mm)


def kept(cache: Path, rows: Iterable[dict[str, Any]]) -> Iterator[Pair]:
    """The pairs in the cache; those of which a picture could not be counted are left out."""
    profile = load_profile(RIG)
    for row in rows:
        path = cache / f"{row['frame']}.npz"
        if not path.exists():
            continue
        with np.load(path) as data:
            blobs = [data[key].tobytes() for key in ("first", "second")]
            if all(blobs):
                views = [constellation(unpack(blob), profile.size_mm) for blob in blobs]
                yield Pair(row["frame"], row["split"], views[0], views[1], data["matrix"], profile.px_per_mm)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One pair, and what became of it.

    overlap: true share of the first view's countable area that the second one shows; error_mm: rms error of the
    transform there, NaN where not accepted; before, after: hairs that the two measurements found in it; agreed: pairs
    of them within `SAME_MM` under the true transform; first, second: how many of these hairs are rightly said to be
    kept; paired: kept hairs that both measurements found; wrong: hairs said to be kept at another place than the true
    one; lost, new: as said, all of them wrongly; change, low, high: by matching, in per cent, with its interval; ms: of
    one core, for both; reason: why not compared.
    """

    name: str
    split: str
    accepted: bool
    probability: float
    overlap: float
    error_mm: float
    before: int
    after: int
    agreed: int
    first: int
    second: int
    paired: int
    wrong: int
    lost: int
    new: int
    change: float
    low: float
    high: float
    ms: float
    reason: str


def judged(pair: Pair) -> Outcome:
    """Register and match a pair, and compare with the truth."""
    began = time.process_time()
    found = compare([pair.first], [pair.second])
    ms = 1000 * (time.process_time() - began)
    registration, changed = found.after[0], found.hair
    here = pair.first.hairs[pair.second.could_show(pair.forth(pair.first.hairs))]
    there = pair.second.hairs[pair.first.could_show(pair.back(pair.second.hairs))]
    agreed = len(assigned(pair.forth(here), there, SAME_MM)[0])
    cells = centres(pair.first)
    shown = pair.forth(cells)
    inside = np.all((shown >= 0) & (shown <= pair.second.size_mm), axis=1) & pair.second.could_show(shown)
    overlap = float(inside.mean())
    numbers = dict.fromkeys(("first", "second", "paired", "wrong", "lost", "new"), 0)
    error = change = low = high = float("nan")
    if registration.accepted:
        transform = registration.transform
        off = transform.apply(shown[inside]) - cells[inside]
        error = float(np.sqrt(np.mean(np.sum(off**2, axis=1))))
    if changed is not None:
        kept_here, lost, new = (at(found.hairs, state) for state in ("kept", "lost", "new"))
        told, true = registration.transform.undo(kept_here), pair.forth(kept_here)
        good = np.linalg.norm(told - true, axis=1) <= SAME_MM
        in_first, in_second = (
            assigned(told_places[good], points, SAME_MM)[0]
            for told_places, points in ((kept_here, here), (told, there))
        )
        numbers |= {
            "first": len(in_first),
            "second": len(in_second),
            "paired": len(np.intersect1d(in_first, in_second)),
            "wrong": int((~good).sum()),
            "lost": len(lost),
            "new": len(new),
        }
        change, low, high = changed.percent, changed.interval.low, changed.interval.high
    sure = registration.accepted
    return Outcome(
        pair.name, pair.split, sure, registration.probability, overlap, error, len(here), len(there), agreed,
        *numbers.values(), change, low, high, ms, found.reason,
    )  # fmt: skip


def at(hairs: Sequence[Any], state: str) -> Floats:
    """(n, 2) places, in mm of the baseline's first frame, of the matched hairs of a state."""
    return np.array([(hair.x_mm, hair.y_mm) for hair in hairs if str(hair.state) == state], float).reshape(-1, 2)


def centres(shown: Constellation) -> Floats:
    """(n, 2) mm, centres of the cells in which hairs count."""
    rows, columns = np.nonzero(shown.countable)
    return (np.column_stack([columns, rows]) + 0.5) * shown.pitch_mm


def report(outcomes: Sequence[Outcome], frames: int) -> dict[str, Any]:
    """The figures of the targets over these pairs. frames: how many there are, refused ones included."""
    sure = [o for o in outcomes if o.accepted]
    right = [o for o in sure if o.error_mm <= RIGHT_MM]
    said = [o for o in right if np.isfinite(o.change)]
    before, after = (sum(getattr(o, key) for o in said) for key in ("before", "after"))
    weight = np.array([o.before for o in said], float)
    changes = np.array([o.change for o in said])
    points = before + after
    kept_sure = sum(o.first + o.second for o in sure)
    all_points = sum(o.before + o.after for o in outcomes)
    return {
        "frames": frames,
        "refused to be counted": frames - len(outcomes),
        "accepted": len(sure),
        "registered right": len(right),
        "registered right, %": percent(len(right), frames),
        "registered wrong": [o.name for o in sure if not o.error_mm <= RIGHT_MM],
        "error of the transform, mm, median and 95th percentile": quantiles([o.error_mm for o in right], (50, 95)),
        "hairs compared": len(said),
        "same-hair F1": ratio(sum(o.first + o.second for o in said), points),
        "same-hair F1, only hairs that both measurements found": ratio(2 * sum(o.paired for o in said), points),
        "same-hair F1, all pairs, those not compared as missed": ratio(kept_sure, all_points),
        "same-hair F1 of the two counts under the true transform": ratio(2 * sum(o.agreed for o in said), points),
        "kept elsewhere": sum(o.wrong for o in said),
        "said lost, said new": [sum(o.lost for o in said), sum(o.new for o in said)],
        "hairs in the overlap, first and second": [before, after],
        "count change in the overlap by two counts, pooled, %": percent(after - before, before),
        "the same over all measured pairs, %": percent(
            sum(o.after - o.before for o in outcomes), sum(o.before for o in outcomes)
        ),
        "change by matching, pooled, %": round(float((changes * weight).sum() / weight.sum()), 2)
        if len(said)
        else None,
        "sd over frames of the change: by two counts, by matching, %": [
            round(float(np.std([100 * (o.after / o.before - 1) for o in said])), 2),
            round(float(changes.std()), 2),
        ]
        if said
        else None,
        "interval holds 0, %": percent(sum(o.low <= 0 <= o.high for o in said), len(said)),
        "ms, median and largest": quantiles([o.ms for o in outcomes], (50, 100)),
        "not accepted: name, true overlap, hairs in it": [
            [o.name, round(o.overlap, 2), o.before] for o in outcomes if not o.accepted
        ],
        "accepted, but not compared": dict(Counter(o.reason for o in sure if not np.isfinite(o.change))),
    }


def ratio(part: float, whole: float) -> float | None:
    """A share to four digits."""
    return round(part / whole, 4) if whole else None


def percent(part: float, whole: float) -> float | None:
    """A share in per cent."""
    return round(100 * part / whole, 2) if whole else None


def quantiles(values: Sequence[float], at_percent: Sequence[float]) -> list[float]:
    """Percentiles to four digits; nothing of nothing."""
    return [round(float(np.percentile(values, each)), 4) for each in at_percent] if len(values) else []


def cross(pairs: Sequence[Pair], log: Path) -> dict[str, Any]:
    """Every frame registered with every other one; finished rows are kept in `log`, so that it can be stopped."""
    done: dict[str, list[Any]] = {}
    if log.exists():
        done = {row[0]: row for row in map(json.loads, log.read_text("utf-8").splitlines())}
    with log.open("a", encoding="utf-8") as file:
        for number, mine in enumerate(pairs):
            if mine.name in done:
                continue
            worst, times, accepted = 0.0, [], []
            for other in pairs[number + 1 :]:
                began = time.process_time()
                found = register(other.first, mine.first)
                times.append(1000 * (time.process_time() - began))
                worst = max(worst, found.probability)
                if found.accepted:
                    accepted.append(other.name)
            row = [mine.name, len(times), accepted, worst, float(np.sum(times)), max(times, default=0.0)]
            done[mine.name] = row
            file.write(json.dumps(row) + "\n")
            file.flush()
    rows = [done[pair.name] for pair in pairs]
    count = sum(row[1] for row in rows)
    return {
        "pairs of different frames": count,
        "accepted": [[row[0], name] for row in rows for name in row[2]],
        "highest probability": max((row[3] for row in rows), default=None),
        "ms a pair, mean and longest": [
            round(sum(row[4] for row in rows) / max(count, 1), 1),
            round(max(row[5] for row in rows), 1),
        ],
    }


def main() -> None:
    """Measure what is missing, and print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--measure", action="store_true", help="only measure")
    parser.add_argument("--pairs", action="store_true", help="also register every frame with every other one")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every Nth frame only")
    options = parser.parse_args()
    if not (options.folder / "labels.jsonl").is_file():
        print(f"{options.folder}: no labels.jsonl is here; nothing was measured.")
        return
    rows = labels(options.folder)[:: options.every]
    fill(options.folder, options.cache, rows)
    if options.measure:
        return
    pairs = list(kept(options.cache, rows))
    outcomes = [judged(pair) for pair in pairs]
    text = {"all": report(outcomes, len(rows))}
    for split in ("train", "val"):
        some = [o for o in outcomes if o.split == split]
        text[split] = report(some, sum(row["split"] == split for row in rows))
    if options.pairs:
        text["different frames"] = cross(pairs, options.cache / "pairs.jsonl")
    print(json.dumps(text, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
