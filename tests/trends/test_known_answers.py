"""The statistics against answers computed elsewhere (R, scipy, pymannkendall): `known_answers.json`."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from station.trends import (
    censored,
    changepoint,
    correlation,
    error,
    gls,
    hinge,
    local_level,
    nadir,
    rank,
    ratio,
)

HERE = Path(__file__).with_name("known_answers.json")
ORIGINAL = Path(__file__).parents[3] / "shared" / "domain" / "05-test-vectors.json"
KNOWN: dict[str, Any] = json.loads(HERE.read_text("utf-8"))
NILE = KNOWN["mann_kendall_nile"]["data"]

# Those of the laboratory values are tests of that room: tests/labs/test_known_answers.py, test_known_answers_rcv.py.
OF_THE_LABORATORY = {"rcv", "b12_conversion_pg_ml_to_pmol_l", "loinc_check_digit"}
# Words about the answers, and the description of inputs that the tests write out.
NO_ANSWERS = {"about", "note", "year", "ci_level", "columns", "grid"}


def test_the_answers_are_those_of_the_domain_reference() -> None:
    if not ORIGINAL.exists():
        pytest.skip(f"the reference is not here: {ORIGINAL.name} beside the checkout")
    assert json.loads(ORIGINAL.read_text("utf-8")) == KNOWN


def test_no_answer_is_forgotten() -> None:
    source = Path(__file__).read_text("utf-8")
    for key, rows in KNOWN.items():
        if key in NO_ANSWERS | OF_THE_LABORATORY:
            continue
        assert f'KNOWN["{key}"]' in source, key
        for name in _names(rows):
            assert name in NO_ANSWERS or f'["{name}"]' in source, f"{key}: {name}"


def _names(rows: Any) -> set[str]:
    """Names of all fields, at any depth; keys that are numbers are inputs."""
    if isinstance(rows, dict):
        own = {name for name in rows if not re.fullmatch(r"\d+", name)}
        return own.union(*(_names(value) for value in rows.values()))
    return set().union(*(_names(value) for value in rows)) if isinstance(rows, list) else set()


def test_mann_kendall_nile() -> None:
    row = KNOWN["mann_kendall_nile"]
    found = rank.mann_kendall(row["data"])
    assert (found.s, found.var_s) == (row["S"], pytest.approx(row["varS"]))
    assert (found.z, found.tau_b) == pytest.approx((row["Z"], row["tau_b"]), abs=row["tol"])
    assert found.p == pytest.approx(row["p_two_sided"], rel=1e-6)
    assert found.s / (100 * 99 / 2) == pytest.approx(row["tau_a"], abs=row["tol"])


def test_sen_slope_nile() -> None:
    row = KNOWN["sen_slope_nile"]
    assert row["t"] == "0..99"
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


def test_kendall_exact() -> None:
    row = KNOWN["kendall_exact"]
    for n, p in row["min_two_sided_p"].items():
        assert rank.mann_kendall(range(int(n))).p == pytest.approx(p, rel=1e-6)
    for n, critical in row["critical_abs_S_p05"].items():
        pairs = int(n) * (int(n) - 1) // 2
        significant = [s for s in range(pairs % 2, pairs + 1, 2) if rank.exact_p(int(n), s) <= 0.05]
        assert (min(significant) if significant else None) == critical
    for n, p in row["p_at_critical"].items():
        assert rank.exact_p(int(n), row["critical_abs_S_p05"][n]) == pytest.approx(p, abs=1e-7)


def test_cor_test_hollander_wolfe() -> None:
    row = KNOWN["cor_test_hollander_wolfe"]
    x, y = row["x"], row["y"]
    tau = rank.kendall(x, y)
    assert tau.coefficient == pytest.approx(row["tau"], abs=1e-9)
    assert tau.p == pytest.approx(row["p_two_sided_exact"], abs=5e-6)
    assert rank.kendall(x, y, "greater").p == pytest.approx(row["p_greater_exact"], abs=1e-6)
    assert rank.mann_kendall(y, x).p == pytest.approx(tau.p)
    # R's T counts the pairs in the same order: (S + all pairs) / 2.
    assert (rank.mann_kendall(y, x).s + 36) / 2 == row["kendall_T"]
    rho = rank.spearman(x, y)
    assert rho.coefficient == pytest.approx(row["rho"])
    # R's S is the sum of the squared differences of ranks.
    assert (1 - rho.coefficient) * (9**3 - 9) / 6 == pytest.approx(row["spearman_S"])
    assert rho.p == pytest.approx(row["spearman_p_exact"], abs=1e-9)
    assert rho.p > row["spearman_p_t_approx"] == pytest.approx(stats.spearmanr(x, y).pvalue)
    assert (rho.low, rho.high) == pytest.approx(row["spearman_ci95_bonett_wright"], abs=1e-9)


def test_lakehuron_ar1() -> None:
    row = KNOWN["lakehuron_ar1"]
    assert row["t"] == "1875..1972 minus 1920"
    t, y = np.arange(1875, 1973) - 1920, row["data"]
    line = stats.linregress(t, y)
    assert [line.slope, line.stderr] == pytest.approx([row["ols"]["slope"], row["ols"]["se"]], rel=1e-6)
    for reml, expected in ((False, row["gls_ar1_ml"]), (True, row["gls_ar1_reml"])):
        found = gls.gls_line(t, y, reml=reml)
        assert (found.slope, found.se) == pytest.approx((expected["slope"], expected["se"]), rel=1e-6)
        assert found.p == pytest.approx(expected["p"], rel=1e-5)
        assert found.phi == pytest.approx(expected["phi"], abs=1e-6)
    # R's arima maximises the same likelihood, less closely; its SE comes from the Hessian.
    arima, ml = row["arima_100_ml"], gls.gls_line(t, y, reml=False)
    assert ml.phi == pytest.approx(arima["ar1"], abs=1e-5)
    assert ml.intercept == pytest.approx(arima["intercept"], abs=1e-4)
    assert ml.slope == pytest.approx(arima["slope"], abs=1e-5)
    assert ml.se == pytest.approx(arima["se_slope"], rel=0.005)
    assert ml.innovation_var == pytest.approx(arima["sigma2"], abs=1e-5)
    assert ml.log_likelihood == pytest.approx(arima["loglik"], abs=0.01)


def test_local_level_nile() -> None:
    row = KNOWN["local_level_nile"]
    var_e, var_n = local_level.likeliest_variances(range(100), NILE)
    assert var_e == pytest.approx(row["ml_var_eps"], rel=row["tol_rel"])
    assert var_n == pytest.approx(row["ml_var_level"], rel=row["tol_rel"])
    fixed = row["filter_fixed"]
    smoothed = local_level.smooth(range(100), NILE, fixed["var_eps"], fixed["var_level"])
    assert smoothed.mean[-3:] == pytest.approx(row["smooth_last3"], abs=0.01)
    gaps, y = np.ones(99), np.array(NILE)
    seen = local_level.kalman_filter(gaps, y, fixed["var_eps"], fixed["var_level"], fixed["a0"], fixed["P0"])
    assert list(seen.mean[:4]) == pytest.approx(fixed["a_t_given_t"], abs=1e-3)
    assert list(seen.var[:4]) == pytest.approx(fixed["P_t_given_t"], abs=1e-3)


def test_changepoint_nile() -> None:
    row = KNOWN["changepoint_nile"]
    found = changepoint.breakpoint(NILE)
    assert found.k == row["breakpoint_obs"]
    assert found.rss[:2] == pytest.approx((row["rss0"], row["rss1"]), abs=1e-3)
    assert found.bic == pytest.approx(row["bic"], abs=1e-4)
    assert found.steps == 1
    assert [found.low, found.high] == row["ci95_obs"]
    expected, pettitt = row["pettitt"], changepoint.pettitt(NILE)
    assert (pettitt.k, pettitt.largest) == (expected["k"], expected["K"])
    assert pettitt.p == pytest.approx(expected["p"], rel=1e-6)


def test_tobit_survreg_tobin() -> None:
    row = KNOWN["tobit_survreg_tobin"]
    limit = row["left_censored_at"]
    table = np.array(row["data"])
    durable = [(None, limit) if value <= limit else (value, value) for value in table[:, 0]]
    found = censored.interval_fit(durable, table[:, 1:])
    assert found.coefficients == pytest.approx((row["intercept"], row["age"], row["quant"]), rel=1e-6)
    assert found.scale == pytest.approx(row["scale"], abs=1e-6)
    assert found.log_likelihood == pytest.approx(row["loglik"], abs=1e-5)
    assert found.se == pytest.approx(row["se"], rel=1e-5)


def test_icc_shrout_fleiss() -> None:
    row = KNOWN["icc_shrout_fleiss"]
    found = error.intraclass_correlation(row["data"])
    assert found == pytest.approx((row["icc11"], row["icc21"], row["icc31"]), abs=1e-9)


def test_bland_altman_1986_pefr() -> None:
    row = KNOWN["bland_altman_1986_pefr"]
    wright, mini = (error.within_subject(row[name]).s_w for name in ("wright", "mini"))
    assert (wright, mini) == pytest.approx((row["wright_sw"], row["mini_sw"]), abs=1e-8)
    # Two SD of a difference of two repeats, as the paper gives repeatability.
    expected = row["wright_2sd_no_mean"], row["mini_2sd_no_mean"]
    assert (2 * math.sqrt(2) * wright, 2 * math.sqrt(2) * mini) == pytest.approx(expected, abs=1e-8)
    # The agreement of the two meters: nothing in the station needs it; the data are those of the paper.
    first = np.array(row["wright"])[:, 0] - np.array(row["mini"])[:, 0]
    mean, sd = first.mean(), first.std(ddof=1)
    assert mean == pytest.approx(row["first_measurement_mean_diff"])
    assert sd == pytest.approx(row["first_measurement_sd_diff"])
    assert [mean - 2 * sd, mean + 2 * sd] == pytest.approx(row["limits_of_agreement_2sd"])


def test_jacobson_truax() -> None:
    row = KNOWN["jacobson_truax"]
    found = error.reliable_change_index(row["x1"], row["x2"], row["SD"], row["r"])
    assert found == pytest.approx(row["RC"], abs=1e-9)
    difference_sd = (row["x2"] - row["x1"]) / found
    assert difference_sd == pytest.approx(row["Sdiff"], abs=1e-9)
    assert difference_sd / math.sqrt(2) == pytest.approx(row["SE"], abs=1e-9)


def test_mdc() -> None:
    for row in KNOWN["mdc"]:
        cv = row["cv"] / 100
        assert 100 * error.mdc95(cv) == pytest.approx(row["mdc95_two_single"], abs=1e-6)
        assert 100 * error.mdc95(cv, 3, 3) == pytest.approx(row["mean3_vs_mean3"], abs=1e-6)
        assert [100 * limit for limit in error.mdc95_log(cv, cv)] == pytest.approx(row["log_limits"], abs=1e-6)


def test_n_eff_two_series() -> None:
    for row in KNOWN["n_eff_two_series"]:
        assert correlation.effective_n(row["n"], row["r1"], row["r2"]) == pytest.approx(row["n_eff"], abs=1e-9)


def test_censored_kendall() -> None:
    numbers, open_ends = KNOWN["censored_kendall"]
    found = censored.censored_kendall([_interval(text) for text in numbers["values"]])
    assert found.s == numbers["S"]
    assert found.p == pytest.approx(numbers["exact_p_two_sided"], abs=1e-9)
    found = censored.censored_kendall([_interval(text) for text in open_ends["values"]])
    assert found.s == open_ends["S"]
    assert found.p == pytest.approx(open_ends["exact_perm_p_two_sided"], abs=1e-9)


def _interval(text: str) -> censored.Interval:
    number = float(text.strip("<>"))
    return (None if text[0] == "<" else number, None if text[0] == ">" else number)


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


def test_expected_min_of_n_normals() -> None:
    for n, expected in KNOWN["expected_min_of_n_normals"].items():
        assert nadir.expected_minimum(int(n)) == pytest.approx(expected, abs=5e-4)
