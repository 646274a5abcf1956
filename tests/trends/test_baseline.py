"""The baseline record, and what it lacks."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import AnswersEntry, HairlineEntry, ProfileEntry, ShedEntry, SkipEntry
from station.trends.baseline import Baseline, State, baseline, checklist
from station.trends.error import FrameError
from station.trends.inputs import PersonRecord
from station.trends.zones import ZONES
from tests.trends.people import START, TODAY, b12, head, mma, person, reading, regimen, visit

WEEK = dt.timedelta(7)


def of(record: PersonRecord, **more: Any) -> Baseline:
    found = baseline(record, **more)
    assert found is not None
    return found


def keys(record: PersonRecord) -> list[str]:
    return [sentence.key for sentence in of(record).sentences]


def steps(record: PersonRecord) -> dict[str, State]:
    return {step.id: step.state for step in checklist(record)}


@pytest.mark.req("REQ-15", "REQ-17")
def test_the_headline_is_the_weighted_mean_over_the_sites_with_what_it_rests_on() -> None:
    found = of(person([head(vertex=100), head(top=10)]))
    assert found.mean_hairs_cm2 == pytest.approx((7 * 180 + 100) / 8)
    assert found.mean_fu_cm2 == pytest.approx((7 * 180 + 100) / 8 / 2.1)
    assert (found.visit, found.frames, found.area_cm2, found.cv_fu) == (1, 24, 16.0, 0.07)
    assert (
        found.sentences[0]
        .text()
        .startswith("Mean over the sites on 10\N{NO-BREAK SPACE}Jan\N{NO-BREAK SPACE}2025: 81.0")
    )
    weights = {"vertex": 0.75, "occipital": 0.25}
    assert of(person([head(vertex=100)], weights=weights)).mean_hairs_cm2 == pytest.approx(120)


@pytest.mark.req("REQ-16", "REQ-17")
def test_each_zone_of_the_map_has_its_density_frames_and_area() -> None:
    zone = of(person([head(vertex=100)])).zones["vertex"]
    assert (zone.hairs_per_cm2, zone.frames, zone.area_cm2) == (100, 3, 2.0)


@pytest.mark.req("REQ-14", "REQ-17")
def test_a_missing_site_gives_no_mean() -> None:
    record = person([{site: 180.0 for site in ZONES if site != "vertex"}])
    found = of(record)
    assert (found.mean_fu_cm2, found.mean_hairs_cm2, found.cv_fu) == (None, None, None)
    assert found.sentences[0].text().endswith("for vertex.")
    photos = next(step for step in checklist(record) if step.id == "photos")
    assert (photos.state, photos.sites) == (State.MISSING, ("vertex",))


@pytest.mark.req("REQ-18")
def test_a_site_is_low_if_its_whole_interval_is_below_the_bound() -> None:
    # 120/180 with 7 % each: 0.67, at most 0.81; 100/180: 0.56, at most 0.67.
    assert of(person([head(vertex=120)])).low_sites == ()
    low = of(person([head(vertex=100)])).low_sites
    assert [each.site for each in low] == ["vertex"]
    assert low[0].ratio.ratio == pytest.approx(100 / 180)
    sharp = FrameError(0.02, 60, measured=True)
    assert [each.site for each in of(person([head(vertex=120)], error_hairs=sharp)).low_sites] == ["vertex"]
    assert [each.site for each in of(person([head(vertex=0.0)])).low_sites] == ["vertex"]


@pytest.mark.req("REQ-18")
def test_a_reference_can_be_set() -> None:
    record = person([head(temples=140)])
    assert of(record).low_sites == ()
    low = of(record, reference_hairs_cm2=175).low_sites
    assert [(each.site, each.below_reference) for each in low] == [("temporal-left", True), ("temporal-right", True)]


@pytest.mark.req("REQ-19")
def test_the_gap_between_photographs_and_blood_test_is_told_and_warned_about() -> None:
    near, far = person([head()], labs=(b12(150, START + WEEK),)), person([head()], labs=(b12(150, START - 3 * WEEK),))
    assert (of(near).gap_days, of(near).gap_warning, of(near).lab_date) == (7, False, START + WEEK)
    assert (of(far).gap_days, of(far).gap_warning) == (-21, True)
    assert of(far, gap_days=30).gap_warning is False
    assert "baseline.gap" in keys(near)
    assert "baseline.gap-wide" in keys(far)


@pytest.mark.req("REQ-19")
def test_a_result_from_after_the_first_dose_is_no_baseline() -> None:
    labs = (b12(700, START + 2 * WEEK), b12(150, START - 4 * WEEK))
    record = person([head()], labs=labs, regimens=(regimen("b12", "b12", START + WEEK),))
    assert of(record).gap_days == -28
    assert steps(dataclasses.replace(record, labs=labs[:1]))["baseline-lab"] is State.MISSING


@pytest.mark.req("REQ-14")
@pytest.mark.parametrize(("days", "warned"), [(-1, True), (0, True), (1, False)])
def test_a_first_dose_on_or_before_the_photographs_is_warned_about(days: int, warned: bool) -> None:
    record = person([head()], regimens=(regimen("b12", "b12", START + dt.timedelta(days)),))
    assert of(record).dose_first is warned
    assert ("baseline.dose-first" in keys(record)) is warned


@pytest.mark.req("REQ-20")
def test_the_shed_counts_near_the_baseline_belong_to_it_by_method() -> None:
    counts = (
        ShedEntry("comb-60s", START + WEEK, 20),
        ShedEntry("comb-60s", START + dt.timedelta(1), 12),
        ShedEntry("wash-24h", START - WEEK, 60),
        ShedEntry("daily", START + 5 * WEEK, 90),
        ShedEntry("grade", START, 3, review=("odd",)),
    )
    record = person([head()], sheds=counts)
    assert [(each.method, each.count) for each in of(record).sheds] == [("comb-60s", 12), ("wash-24h", 60)]
    assert steps(record)["shed"] is State.DONE


def test_the_checklist_says_what_is_done_missing_or_left_out() -> None:
    assert baseline(person([])) is None
    empty = steps(person([]))
    assert set(empty.values()) == {State.MISSING}
    assert next(iter(empty)) == "disclaimer"
    skips = (SkipEntry("baseline-lab", START, "old"), SkipEntry("baseline-lab", START + WEEK, "no appointment"))
    left_out = {step.id: step for step in checklist(person([head()], skips=skips[::-1]))}
    assert left_out["baseline-lab"].state is State.SKIPPED
    assert left_out["baseline-lab"].sentence.text() == "B12 blood test: left out (no appointment)."
    assert left_out["baseline-mma"].state is State.SKIPPED
    full = person(
        [head()],
        acknowledged=START,
        profile=ProfileEntry(dt.date(1990, 1, 1), "female"),
        answers=AnswersEntry(START),
        labs=(b12(150), mma(400)),
        hairlines=(HairlineEntry(START, 60, 5, 5),),
        sheds=(ShedEntry("comb-60s", START, 20),),
        skips=skips,
    )
    assert set(steps(full).values()) == {State.DONE}


@pytest.mark.req("REQ-14")
def test_two_photographs_of_a_site_are_too_few_for_a_baseline() -> None:
    sites = {site: reading(site, 180.0, 2 if site == "vertex" else 3) for site in ZONES}
    record = dataclasses.replace(person([]), visits=(visit(1, {}, sites=sites),))
    step = next(step for step in checklist(record) if step.id == "frames")
    assert (step.state, step.sites) == (State.MISSING, ("vertex",))
    assert step.sentence.text().endswith("missing for vertex.")


@given(
    st.dictionaries(st.sampled_from(ZONES), st.floats(20, 300), min_size=3), st.integers(-3000, 3000), st.floats(0.2, 5)
)
def test_shifted_dates_and_units_change_no_low_site(each: dict[str, float], days: int, factor: float) -> None:
    shift = dt.timedelta(days)
    record = person([each], labs=(b12(150, START + WEEK),))
    moved = dataclasses.replace(
        person([{site: hairs * factor for site, hairs in each.items()}]),
        today=TODAY + shift,
        labs=(b12(150, START + WEEK + shift),),
    )
    moved = dataclasses.replace(moved, visits=(dataclasses.replace(moved.visits[0], date=START + shift),))
    first, second = of(record), of(moved)
    assert first.gap_days == second.gap_days
    edges = [abs(low.ratio.high - 0.8) for low in (*first.low_sites, *second.low_sites)] + [1.0]
    if min(edges) > 1e-9:
        assert [low.site for low in first.low_sites] == [low.site for low in second.low_sites]
