"""All findings about a person together: nothing is missing, and nothing depends on order or calendar."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.trends.analysis import PersonTrends, analyse
from station.trends.inputs import PersonRecord
from station.trends.ladder import Rung
from tests.trends.courses import RECOVERY, course, day, records, scaled, shifted, treated, turned
from tests.trends.people import b12, person


def states(found: PersonTrends) -> tuple[object, ...]:
    claim = found.ladder.claim
    return (
        found.ladder.rung,
        None if claim is None else claim.state,
        [(step.milestone, step.state) for step in found.milestones.steps],
        found.milestones.fit,
        found.phase.stage,
        found.recovery.state,
        found.distribution.kind,
        [(row.id, row.fit) for row in found.comparison.rows],
        found.norwood.refused,
        found.grey.state,
        [(prompt.id, prompt.urgent) for prompt in found.prompts],
        [(step.id, step.state) for step in found.checklist],
    )


@pytest.mark.req("REQ-01", "REQ-31")
def test_blood_values_treatment_and_density_lie_on_one_axis() -> None:
    found = analyse(treated(RECOVERY))
    assert len(found.density.means) == 13
    assert [result.drawn for view in found.labs for result in view.results] == [day(0), day(60)]
    assert [regimen.start for regimen in found.timeline.regimens] == [day(0)]
    assert [point.date for point in found.phase.band] == sorted(point.date for point in found.phase.band)
    mean = found.density.means[0]
    assert mean.hairs.low < mean.hairs.value < mean.hairs.high


@pytest.mark.parametrize(
    "record", [person([]), course([1.0]), person([], labs=(b12(250),))], ids=["nothing", "1", "lab"]
)
def test_little_data_says_so_and_breaks_nothing(record: PersonRecord) -> None:
    found = analyse(record)
    assert found.ladder.rung <= Rung.VALUES
    assert found.ladder.claim is None
    assert found.ladder.sentences
    assert found.density.best_earlier is None


def test_another_device_begins_a_segment_that_is_not_compared() -> None:
    record = treated(RECOVERY)
    visits = tuple(dataclasses.replace(v, series="two") if v.number > 6 else v for v in record.visits)
    found = analyse(dataclasses.replace(record, visits=visits))
    assert {mean.segment for mean in found.density.means} == {1, 2}
    assert found.ladder.claim is not None
    assert min(found.ladder.claim.before.dates) == day(180)


@settings(max_examples=25)
@given(records())
def test_order_and_unit_change_nothing(record: PersonRecord) -> None:
    assert states(analyse(turned(record))) == states(analyse(record))
    assert states(analyse(scaled(record, 0.5))) == states(analyse(record))


@settings(max_examples=15)
@given(records(), st.integers(1, 3))
def test_another_calendar_changes_nothing(record: PersonRecord, cycles: int) -> None:
    # After 28 years weekdays and leap days fall alike.
    assert states(analyse(shifted(record, 10227 * cycles))) == states(analyse(record))
