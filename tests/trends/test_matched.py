"""Changes told by the same hairs: their basis, their error, and what happens where a site cannot be matched."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest

from station.trends.endpoint import State, change, endpoint, level
from station.trends.inputs import DEFAULT_MATCHED_SD, Matched, PersonRecord, VisitReading
from station.trends.ladder import ladder
from station.trends.matched import MATCHED
from station.trends.zones import ZONES
from tests.trends.people import HEAD, person, reading, visit

pytestmark = pytest.mark.req("REQ-15")


def matched_visit(number: int, ratio: float, counted: float = 180.0, **other: Matched) -> VisitReading:
    """A visit whose hairs, matched to visit 1, are `ratio` of those there."""
    own = Matched(1) if number == 1 else Matched(1, math.log(ratio), math.log(ratio), 0.005, 0.005)
    sites: Mapping[str, Matched] = {site: other.get(site.replace("-", "_"), own) for site in ZONES}
    return visit(
        number,
        HEAD,
        30 * (number - 1),
        sites={site: reading(site, counted, matched=matched) for site, matched in sites.items()},
    )


def record(*visits: VisitReading) -> PersonRecord:
    return person([], visits=visits)


def test_a_change_rests_on_the_matched_ratio_and_not_on_the_counts() -> None:
    found = endpoint(record(matched_visit(1, 1.0), matched_visit(2, 1.05, counted=150.0)))
    first, second = found.points
    told = change(level([first]), level([second]))
    assert told.basis == MATCHED
    assert told.percent == pytest.approx(5.0)
    assert second.counted == pytest.approx(150.0)


def test_its_error_is_that_of_eight_sites_and_at_least_what_repeats_have_shown() -> None:
    found = endpoint(record(matched_visit(1, 1.0), matched_visit(2, 1.05)))
    assert found.points[0].sd_hairs == 0
    assert found.points[1].sd_hairs == pytest.approx(DEFAULT_MATCHED_SD / math.sqrt(len(ZONES)))
    assert ladder(record(matched_visit(1, 1.0), matched_visit(2, 1.02))).claim is not None


@pytest.mark.parametrize(("ratio", "state"), [(1.005, State.WITHIN), (1.03, State.UP), (0.97, State.DOWN)])
def test_a_small_change_is_told_that_no_count_could_tell(ratio: float, state: State) -> None:
    told = ladder(record(matched_visit(1, 1.0), matched_visit(2, ratio)))
    assert told.claim is not None
    assert told.claim.state is state
    said = [sentence.key for sentence in told.sentences]
    assert "ladder.matched" in said
    assert "ladder.matched-default" in said


def test_a_site_elsewhere_leaves_its_visit_without_a_mean() -> None:
    found = endpoint(
        record(matched_visit(1, 1.0), matched_visit(2, 1.02), matched_visit(3, 1.0, frontal=Matched(1, accepted=False)))
    )
    assert [point.visit.number for point in found.points] == [1, 2]
    assert [gap.reason.key for gap in found.gaps] == ["endpoint.elsewhere"]


def test_without_any_comparison_changes_rest_on_counts() -> None:
    told = ladder(person([HEAD, HEAD]))
    assert told.claim is not None
    assert told.claim.basis == "counted"
