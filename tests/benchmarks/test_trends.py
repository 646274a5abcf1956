"""A small version of the simulation: the real functions do not see changes where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.trends import LOOKS, SCENARIOS, look, persons

PERSONS = 200
ALARMS_AT_MOST = int(binom.ppf(0.9999, PERSONS, 0.05))
"""Of 200 persons at a nominal 5 %: more than 23 would be seen once in 10,000 such tests."""


@pytest.mark.parametrize("name", ["no change", "device change"])
def test_a_look_shows_a_change_that_is_none_in_one_person_of_twenty(name: str) -> None:
    scenario = next(each for each in SCENARIOS if each.name == name)
    found = look(tuple(persons(scenario, 0.05, PERSONS)), (5, *LOOKS))
    assert ALARMS_AT_MOST == 23
    for said in (found.up | found.down, found.trend_said, found.rise_said, found.site, found.fell):
        assert said.sum(axis=0).max() <= ALARMS_AT_MOST
    # What is said beside the claim adds no look that is wrong.
    assert not ((found.trend_said | found.rise_said) & ~(found.up | found.down)).any()


@pytest.mark.req("REQ-28")
def test_a_recovery_of_15_per_cent_is_found_by_month_9_if_visits_repeat_within_5_per_cent() -> None:
    scenario = next(each for each in SCENARIOS if each.name == "recovery 15%")
    found = look(tuple(persons(scenario, 0.05, PERSONS)), LOOKS)
    expected = np.array([0.24, 0.85, 0.94])  # domain reference 5.2
    counts = found.up.sum(axis=0)
    assert (counts >= binom.ppf(0.0005, PERSONS, expected)).all()
    assert (counts <= binom.ppf(0.9995, PERSONS, expected)).all()
