"""Real frames, re-photographed in software: registered, the same hairs found again, and never taken for another site.

A few of the frames that `benchmarks/rephotograph.py` reports all of; the least figures leave room for so few.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from benchmarks.rephotograph import Pair, judged, kept
from benchmarks.retake import fill, labels
from station.matching.register import register

FRAMES = (3, 71, 140, 208, 277, 335)
"""Rows of the sorted labels: some with text, some with measuring circles."""


@pytest.fixture(scope="module")
def pairs(root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Pair]:
    """The frames and their retakes as the station measures them."""
    folder = root.parent / "shared" / "data" / "scalp"
    if not (folder / "labels.jsonl").is_file():
        pytest.skip("the labelled frames (shared/data/scalp) are not beside this checkout")
    rows = [labels(folder)[number] for number in FRAMES]
    assert any(row["measure_circle"] for row in rows)
    cache = tmp_path_factory.mktemp("retakes")
    fill(folder, cache, rows)
    found = list(kept(cache, rows))
    assert len(found) == len(FRAMES)
    return found


def test_a_frame_taken_again_is_laid_where_it_belongs_and_its_hairs_are_found_again(pairs: list[Pair]) -> None:
    found = [judged(pair) for pair in pairs]
    assert [each.name for each in found if not each.accepted] == []
    assert max(each.error_mm for each in found) < 0.1
    before, after = (sum(getattr(each, key) for each in found) for key in ("before", "after"))
    assert abs(after / before - 1) < 0.05
    compared = [each for each in found if each.reason != "compare.few"]
    assert [each.reason for each in compared] == [""] * len(compared)
    hairs = np.array([each.before for each in compared])
    assert hairs.sum() > 100
    assert sum(each.first + each.second for each in compared) > 0.9 * sum(each.before + each.after for each in compared)
    assert abs(hairs @ [each.change for each in compared]) / hairs.sum() < 8  # four of them share 130 hairs


def test_no_frame_is_taken_for_another_one(pairs: list[Pair]) -> None:
    for mine, other in itertools.permutations(pairs, 2):
        for later in (other.first, other.second):
            found = register(later, mine.first)
            assert not found.accepted, (mine.name, other.name, found.probability)
            assert found.probability < 0.5
