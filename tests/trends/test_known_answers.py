"""The statistics against answers computed elsewhere (R, scipy, pymannkendall): `known_answers.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from station.trends import hinge, local_level, rank, ratio

HERE = Path(__file__).with_name("known_answers.json")
ORIGINAL = Path(__file__).parents[3] / "shared" / "domain" / "05-test-vectors.json"
KNOWN: dict[str, Any] = json.loads(HERE.read_text("utf-8"))
NILE = KNOWN["mann_kendall_nile"]["data"]


def test_the_answers_are_those_of_the_domain_reference() -> None:
    if not ORIGINAL.exists():
        pytest.skip(f"the reference is not here: {ORIGINAL.name} beside the checkout")
    assert json.loads(ORIGINAL.read_text("utf-8")) == KNOWN


def test_mann_kendall_nile() -> None:
    row = KNOWN["mann_kendall_nile"]
    found = rank.mann_kendall(NILE)
    assert (found.s, found.var_s) == (row["S"], pytest.approx(row["varS"]))
    assert (found.z, found.tau_b) == pytest.approx((row["Z"], row["tau_b"]), abs=row["tol"])
    assert found.p == pytest.approx(row["p_two_sided"], rel=1e-6)
    assert found.s / (100 * 99 / 2) == pytest.approx(row["tau_a"], abs=row["tol"])


def test_sen_slope_nile() -> None:
    row = KNOWN["sen_slope_nile"]
    found = rank.sen_slope(range(100), NILE)
    assert (found.slope, found.low, found.high) == pytest.approx((row["slope"], *row["ci95"]), abs=row["tol"])


def test_sen_1968_irregular() -> None:
    row = KNOWN["sen_1968_irregular"]
    for level in (0.93, 0.95):
        found = rank.sen_slope(row["t"], row["y"], level)
        assert (found.slope, found.low, found.high) == pytest.approx((row["slope"], *row["ci"]))
    order = rank.mann_kendall(row["y"], row["t"])
    assert (order.s, order.var_s, order.p) == pytest.approx((row["S"], row["varS"], row["exact_p_two_sided"]))
    assert 2 * stats.norm.sf(order.z) == pytest.approx(row["normal_p_two_sided"], rel=1e-6)


def test_local_level_nile() -> None:
    row = KNOWN["local_level_nile"]
    var_e, var_n = local_level.likeliest_variances(range(100), NILE)
    assert var_e == pytest.approx(row["ml_var_eps"], rel=row["tol_rel"])
    assert var_n == pytest.approx(row["ml_var_level"], rel=row["tol_rel"])
    fixed = row["filter_fixed"]
    assert local_level.smooth(range(100), NILE, fixed["var_eps"], fixed["var_level"]).mean[-3:] == pytest.approx(
        row["smooth_last3"], abs=0.01
    )
    seen = local_level.kalman_filter(
        np.ones(99), np.array(NILE), fixed["var_eps"], fixed["var_level"], fixed["a0"], fixed["P0"]
    )
    assert list(seen.mean[:4]) == pytest.approx(fixed["a_t_given_t"], abs=1e-3)
    assert list(seen.var[:4]) == pytest.approx(fixed["P_t_given_t"], abs=1e-3)


def test_hinge() -> None:
    row = KNOWN["hinge"]
    found = hinge.fit_hinge(row["t"], row["y"], np.arange(1, 11.1, 0.5))
    assert (found.tau, found.a, found.b, found.rss) == pytest.approx((row["tau"], row["a"], row["b"], row["rss"]))
    # A hinge at the first point is a straight line.
    assert hinge.fit_hinge(row["t"], row["y"], [0]).rss == pytest.approx(row["line_rss"])
    assert rank.mann_kendall(row["y"], row["t"]).s == row["mk_S"]
    slope = rank.sen_slope(row["t"], row["y"])
    assert (slope.slope, slope.low, slope.high) == pytest.approx((row["theil_sen"], *row["theil_sen_ci95"]))


def test_log_ratio_ci() -> None:
    row = KNOWN["log_ratio_ci"]
    found = ratio.ratio_interval(row["top"], row["ref"], row["cv"], row["cv"])
    assert (found.ratio, found.low, found.high) == pytest.approx((row["ratio"], *row["ci95"]), abs=1e-9)
