"""The live quality gate: how often it finds a fault, and how often it sees one where there is none.

python benchmarks/preview_gate.py --choose                 facts by fault, from which the limits were chosen
python benchmarks/preview_gate.py                          rates on other persons, seeds 1000 to 1099
python benchmarks/preview_gate.py --frames FOLDER          the same on real frames, with faults made in software
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.gate_frames import FAULTS, PX_PER_MM, pair
from station.capture.gate import Code, GateView, judge
from station.capture.gate_features import Look, look_at
from station.capture.gate_motion import movement, trackable
from station.rig.preview import Preview

FACTS = ("sharpness", "blurred", "glare", "skin_level", "saturated", "open_skin", "wide_hair", "speed")
EXPECTED = {
    "motion": (Code.MOTION,),
    "blur": (Code.SHARPNESS,),
    "dark": (Code.EXPOSURE,),
    "bright": (Code.EXPOSURE,),
    "glare": (Code.GLARE,),
    "near": (Code.DISTANCE, Code.SHARPNESS),
    "far": (Code.DISTANCE, Code.SHARPNESS),
    "hair": (Code.PARTED,),
    "wet": (Code.DRY,),
    "uncut": (Code.PARTED,),
}
"""What must be found, one of them at least. "uncut" is dry hair of the length of "wet"."""
REAL_PX_PER_MM = 181.4


def looked(seed: int, fault: str) -> Look:
    """The facts of the second picture of a pair."""
    both = pair(seed, fault)
    moved = movement(trackable(both.before), trackable(both.now))
    return look_at(both.now, moved, followed=True)


def choose(seeds: range) -> None:
    """The facts by fault: 2nd, 50th and 98th percentile."""
    print("| fault | " + " | ".join(FACTS) + " |\n|---|" + "---|" * len(FACTS))
    for fault in FAULTS:
        looks = [looked(seed, fault) for seed in seeds]
        cells = []
        for fact in FACTS:
            values = [
                (look.movement.speed_mm_s if look.movement else np.nan) if fact == "speed" else getattr(look, fact)
                for look in looks
            ]
            cells.append(" ".join(f"{value:.3g}" for value in np.nanpercentile(values, [2, 50, 98])))
        print(f"| {fault} | " + " | ".join(cells) + " |", flush=True)


def rates(seeds: range) -> None:
    """How often each finding is not good, by fault; and how often a picture is held back at all."""
    _head("simulated")
    for fault in FAULTS:
        _row(fault, [judge(looked(seed, fault)) for seed in seeds])


def real(folder: Path) -> None:
    """The same on the labelled frames' train split: each as it is, and with four faults."""
    lines = (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    paths = [folder / each["image"] for each in map(json.loads, lines) if each["split"] == "train"]
    _head("real")
    for fault in ("none", "blur", "dark", "bright", "glare"):
        _row(fault, [judge(look_at(each, None, followed=False)) for each in _real_frames(paths, fault)])


def _real_frames(paths: list[Path], fault: str) -> Iterator[Preview]:
    for number, path in enumerate(paths):
        rng = np.random.default_rng((77, number))
        pixels = np.asarray(cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB), np.uint8)
        ratio = PX_PER_MM / REAL_PX_PER_MM
        small = np.asarray(cv2.resize(pixels, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA), np.uint8)
        yield Preview(_spoilt(small, fault, rng), PX_PER_MM, 0.0)


def _spoilt(pixels: NDArray[np.uint8], fault: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    values = pixels.astype(np.float32)
    if fault == "blur":
        values = np.asarray(cv2.GaussianBlur(values, (0, 0), float(rng.uniform(0.09, 0.3)) * PX_PER_MM), np.float32)
    elif fault == "dark":
        values *= np.float32(rng.uniform(0.02, 0.10) / (pixels.mean() / 255))
    elif fault == "bright":
        values *= np.float32(rng.uniform(1.25, 2.2) / (np.percentile(pixels, 95) / 255))
    elif fault == "glare":
        veil = np.zeros(pixels.shape[:2], np.float32)
        radius = round(float(np.sqrt(rng.uniform(0.05, 0.2) * veil.size / np.pi)))
        at = int(rng.integers(radius, veil.shape[1] - radius)), int(rng.integers(radius // 2, veil.shape[0]))
        cv2.circle(veil, at, radius, (1.0,), -1)
        values += 300.0 * np.asarray(cv2.GaussianBlur(veil, (0, 0), 0.15 * PX_PER_MM))[..., None]
    noisy = values + rng.normal(0, 2.0, values.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)


def _head(kind: str) -> None:
    print(
        f"\n| {kind}: fault | n | found | held back | "
        + " | ".join(Code)
        + " |\n|---|---|---|---|"
        + "---|" * len(Code)
    )


def _row(fault: str, views: list[GateView]) -> None:
    bad = Counter(finding.code for view in views for finding in view.findings if finding.ok is False)
    wanted = EXPECTED.get(fault, ())
    found = sum(any(view.finding(code).ok is False for code in wanted) for view in views)
    held = sum(any(finding.ok is False for finding in view.findings) for view in views)
    cells = [f"{bad[code] / len(views):.0%}" for code in Code]
    hit = f"{found / len(views):.0%}" if wanted else ""
    print(f"| {fault} | {len(views)} | {hit} | {held / len(views):.0%} | " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--choose", action="store_true", help="print what the limits are chosen from")
    parser.add_argument("--persons", type=int, default=100, help="simulated persons a fault")
    parser.add_argument("--frames", type=Path, help="folder with labels.jsonl of real frames")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if options.frames:
        real(options.frames)
    elif options.choose:
        choose(range(options.persons))
    else:
        rates(range(1000, 1000 + options.persons))


if __name__ == "__main__":
    main()
