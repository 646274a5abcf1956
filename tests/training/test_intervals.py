"""Intervals are calibrated for each kind of photograph by itself, and what is refused is told apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.training.intervals import COVERS, coverage_table, error_table, groups_of, interval_entries
from models.training.judge import Judged, joined
from station.density.model import load_model


def photographs(
    kind: str, number: int, expected: float, spread: float, coverage: float, px_per_mm: float = 45.0, seed: int = 0
) -> Judged:
    """Counts with an error of each whole photograph beside that of each hair; every tenth photograph is refused."""
    rng = np.random.default_rng(seed)
    truth = rng.poisson(expected, number).astype(float)
    found = np.rint(truth * np.exp(rng.normal(-0.05, spread, number)))
    names = np.full(number, kind)
    return Judged(
        kind=names,
        style=names,
        tone=np.arange(number) % 6 + 1,
        colour=np.full(number, "black"),
        refused=np.arange(number) % 10 == 9,
        fu_found=found,
        fu_truth=truth,
        hairs_found=2 * found,
        hairs_truth=2 * truth,
        coverage=np.full(number, coverage),
        doubt=np.full(number, 0.1),
        px_per_mm=np.full(number, px_per_mm),
    )


def every_kind(seed: int) -> Judged:
    parts = []
    for index, (_, most) in enumerate(COVERS):
        spread = 0.03 * (index + 1)
        parts.append(photographs("small", 400, 50, spread, most - 0.01, seed=seed + index))
        parts.append(photographs("large", 150, 900, spread, most - 0.01, seed=seed + 10 + index))
        parts.append(photographs("coarse", 400, 50, 2 * spread, most - 0.01, 25.0, seed=seed + 20 + index))
    return joined(parts)


def test_an_interval_covers_each_kind_of_photograph_and_not_only_their_mean() -> None:
    """Small views hide the error that stays on a large field; hair cover and scale each have their own spread."""
    model = replace(load_model(), intervals=groups_of(every_kind(1), 0.9))
    table = coverage_table(every_kind(100), model)
    assert set(table) == {"small", "large", "coarse"}
    for kind, row in table.items():
        assert row["fu"] >= 86, kind
        assert row["hairs"] >= 86, kind
    assert table["coarse"]["fu"] < 95

    def half_width(coverage: float, px_per_mm: float) -> float:
        one = model.interval_group(coverage, px_per_mm).fu
        return float(np.sqrt(one.a**2 + one.b**2 / 900 + (0.1 * one.c) ** 2))

    fine = [half_width(most - 0.01, 45.0) for _, most in COVERS]
    assert fine == sorted(fine)


def test_refused_photographs_count_as_refused_and_not_as_errors() -> None:
    judged = photographs("small", 200, 50, 0.02, 0.05)
    worse = replace(judged, fu_found=np.where(judged.refused, 0.0, judged.fu_found))
    table = error_table(worse, worse.style)["small"]
    assert table["views"] == 200
    assert table["refused_percent"] == 10
    assert table["fu"]["error_percent"] < 8
    assert table["fu"]["bias_percent"] == pytest.approx(-5, abs=1)


def test_errors_are_told_by_name() -> None:
    judged = photographs("small", 60, 50, 0.02, 0.05)
    assert list(error_table(judged, judged.tone)) == ["1", "2", "3", "4", "5", "6"]


def test_groups_are_written_as_the_station_reads_them() -> None:
    groups = groups_of(every_kind(1), 0.9)
    rows = interval_entries(groups)
    assert [row["hair"] for row in rows] == ["clipped", "short", "long"] * 2
    assert rows[0]["min_px_per_mm"] > rows[3]["min_px_per_mm"] == 0
    assert rows[-1]["max_coverage"] == 1
    assert set(rows[0]["fu"]) == {"bias", "a", "b", "c"}
