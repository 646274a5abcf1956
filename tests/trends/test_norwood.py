"""Pattern estimates: their words come from the definitions in domain reference 4.1, their limits from one table."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import AnswersEntry, HairlineEntry, ProfileEntry
from station.trends.distribution import distribution
from station.trends.error import FrameError
from station.trends.norwood import CLASSES, NorwoodEstimate, estimate, quick_estimate, rank
from tests.trends.people import DEFAULT, START, head, person, reading

MAN = ProfileEntry(sex="male")
SHARP = FrameError(0.02, 60, measured=True)
depths, zone = st.floats(0, 60), st.floats(0, 220)


def line(left: float, right: float | None = None, mid: float = 60, bridge: str = "", day: int = 0) -> HairlineEntry:
    return HairlineEntry(START + dt.timedelta(day), mid, left, left if right is None else right, bridge)


def quick(depth: float | None, sex: str = "male", bridge: str = "", **zones: float) -> NorwoodEstimate:
    readings = {site: reading(site, hairs, 1) for site, hairs in head(**zones).items()}
    return quick_estimate(readings, None if depth is None else line(depth, bridge=bridge), sex, SHARP)


@pytest.mark.req("REQ-43")
@pytest.mark.parametrize(
    ("depth", "zones", "norwood", "basp"),
    [
        (2, {}, "I", "LF0V0"),
        (7, {}, "I", "M0F0V0"),
        (15, {}, "II", "M1F0V0"),
        (25, {}, "III", "M2F0V0"),
        (40, {"frontal": 100, "midscalp": 60}, "IVa", "M3F2V0"),
        (25, {"vertex": 120}, "III-vertex", "M2F0V1"),
        (40, {"vertex": 80}, "IV", "M3F0V2"),
        (40, {"vertex": 80, "midscalp": 90, "frontal": 100}, "V", "M3F2V2"),
        (40, {"vertex": 70, "midscalp": 30, "frontal": 30}, "VI", "U1F3V2"),
        (40, {"vertex": 20, "midscalp": 10, "frontal": 5}, "VI", "U2F3V3"),
        (40, {"vertex": 20, "midscalp": 10, "frontal": 5, "sides": 80}, "VII", "U3F3V3"),
    ],
)
def test_a_class_is_looked_up_by_recession_vertex_and_bridge(
    depth: float, zones: dict[str, float], norwood: str, basp: str
) -> None:
    found = quick(depth, **zones)
    assert (found.norwood, found.basp, found.refused) == (norwood, basp, "")


@pytest.mark.req("REQ-43")
def test_a_class_comes_as_an_estimate_with_its_neighbours() -> None:
    found = quick(25)
    assert (found.low, found.norwood, found.high) == ("II", "III", "III-vertex")
    text = found.sentences[0].text()
    assert text.startswith("Hamilton-Norwood estimate: III, in the range II to III-vertex. This is an estimate")
    assert found.sentences[0].interpreting


def test_a_large_error_widens_the_range() -> None:
    readings = {site: reading(site, hairs, 1) for site, hairs in head(vertex=135).items()}
    sharp = quick_estimate(readings, line(22), "male", SHARP)
    blunt = quick_estimate(readings, line(22), "male", FrameError(0.3, 60, measured=True))
    assert (sharp.norwood, blunt.norwood) == ("III-vertex", "III-vertex")
    assert rank(str(blunt.low)) < rank(str(sharp.low))


def test_a_bridge_judged_on_the_view_goes_before_its_density() -> None:
    assert quick(40, vertex=80, bridge="sparse").norwood == "V"
    assert quick(40, vertex=80, bridge="none").norwood == "VI"
    assert quick(40, vertex=80, midscalp=20, bridge="solid").norwood == "IV"


@pytest.mark.req("REQ-43")
@pytest.mark.parametrize(
    ("sex", "depth", "key"),
    [
        ("female", 25, "norwood.refused-women"),
        ("", 25, "norwood.refused-sex-unknown"),
        ("male", None, "norwood.refused-no-hairline"),
    ],
)
def test_where_the_scale_does_not_suit_only_basp_is_given(sex: str, depth: float | None, key: str) -> None:
    found = quick(depth, sex, vertex=120)
    assert (found.norwood, found.low, found.refused) == (None, None, key)
    assert found.basp.endswith("F0V1")
    assert found.sentences[0].key == key


@pytest.mark.req("REQ-43")
def test_a_zone_without_a_density_is_named() -> None:
    readings = {site: reading(site, hairs) for site, hairs in head().items() if site not in ("vertex", "midscalp")}
    found = quick_estimate(readings, line(25), "male", DEFAULT)
    assert (found.refused, found.grafts, found.basp) == ("norwood.refused-missing-zones", None, "M2")
    assert found.sentences[0].text().endswith("for midscalp and vertex.")
    assert quick(25, occipital=0).refused == "norwood.refused-missing-zones"


def recorded(now: dict[str, float], **more: Any) -> NorwoodEstimate:
    record = person([head(), now], profile=MAN, hairlines=(line(25),), **more)
    return estimate(record, distribution(record))


@pytest.mark.req("REQ-43")
def test_an_even_change_gets_neither_class_nor_grafts() -> None:
    found = recorded(head(top=120, occipital=120, temples=120, sides=120))
    assert (found.norwood, found.grafts, found.refused) == (None, None, "norwood.refused-even")
    reported = AnswersEntry(START, thinning="diffuse")
    assert recorded(head(), answers=reported).refused == "norwood.refused-reported-even"
    # A pattern that was measured goes before what was reported.
    assert recorded(head(top=120), answers=reported).norwood == "III-vertex"


@pytest.mark.req("REQ-43")
def test_grafts_are_a_wide_range_with_its_assumptions() -> None:
    found = quick(20, top=60)
    assert found.grafts is not None
    # 60/2.1 = 28.6 FU/cm2: three zones of 30 cm2 short of 30, and of 60 cm2 short of 60; two triangles of 20 mm depth.
    assert (found.grafts.low, found.grafts.high) == (300, 6300)
    texts = [sentence.text() for sentence in found.sentences]
    assert any(text.endswith("This is not a surgical plan.") for text in texts)
    assert any("30\N{NO-BREAK SPACE}cm² to 60\N{NO-BREAK SPACE}cm²" in text for text in texts)
    full = quick(0)
    assert full.grafts is not None
    assert full.grafts.high == 0
    assert full.sentences[-2].key == "norwood.grafts-none"


def test_the_latest_hairline_counts_and_its_retreat_is_told_from_the_first() -> None:
    lines = (line(2, mid=60), line(3, mid=85, day=200), dataclasses.replace(line(50, day=300), review=("odd",)))
    record = person([head()], profile=MAN, hairlines=lines)
    found = estimate(record, distribution(record))
    assert (found.basp, found.depth_mm) == ("C2F0V0", 3)


def test_unlike_temples_are_pointed_out() -> None:
    readings = {site: reading(site, hairs) for site, hairs in head().items()}
    keys = [s.key for s in quick_estimate(readings, line(10, 30), "male", DEFAULT).sentences]
    assert "norwood.asymmetric" in keys


def test_no_visit_no_class() -> None:
    record = person([], profile=MAN)
    assert estimate(record, distribution(record)).refused == "norwood.refused-no-visit"


@pytest.mark.req("REQ-43")
@given(depths, depths, zone, zone, zone, st.sampled_from(["", "solid", "sparse", "none"]))
def test_a_deeper_recession_or_a_thinner_vertex_never_lowers_the_class(
    one: float, other: float, vertex: float, thicker: float, midscalp: float, bridge: str
) -> None:
    shallow, deep = sorted((one, other))
    thin, thick = sorted((vertex, thicker))
    ranks = [
        rank(str(quick(depth, bridge=bridge, vertex=hairs, midscalp=midscalp).norwood))
        for depth, hairs in ((shallow, thick), (deep, thick), (deep, thin), (shallow, thin))
    ]
    assert ranks[0] <= ranks[1] <= ranks[2]
    assert ranks[0] <= ranks[3] <= ranks[2]


@given(depths, zone, zone)
def test_the_range_holds_the_class_and_its_neighbours(depth: float, vertex: float, midscalp: float) -> None:
    found = quick(depth, vertex=vertex, midscalp=midscalp)
    place = rank(str(found.norwood))
    assert rank(str(found.low)) <= max(place - 1, 0)
    assert rank(str(found.high)) >= min(place + 1, len(CLASSES) - 1)


@given(depths, zone, st.floats(0.2, 5))
def test_another_unit_of_density_changes_no_class(depth: float, vertex: float, factor: float) -> None:
    first = quick(depth, vertex=vertex)
    scaled = {site: hairs * factor for site, hairs in head(vertex=vertex).items()}
    second = quick_estimate({s: reading(s, h, 1) for s, h in scaled.items()}, line(depth), "male", SHARP)
    if all(abs(first.ratios["vertex"] - limit) > 1e-9 for limit in (0.8, 0.6, 0.3)):
        assert (first.norwood, first.basp) == (second.norwood, second.basp)
