"""All findings about a person together: nothing is missing, and nothing depends on order or calendar."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.entries import (
    AnswersEntry,
    DoseEntry,
    EventEntry,
    HairlineEntry,
    LabEntry,
    ProfileEntry,
    ShedEntry,
    SkipEntry,
    TrichogramEntry,
)
from station.trends.analysis import PersonTrends, analyse
from station.trends.inputs import PersonRecord
from station.trends.ladder import Rung
from tests.trends.courses import RECOVERY, course, day, records, scaled, shifted, treated, turned
from tests.trends.people import b12, lab, mma, person, regimen

OPEN = LabEntry("b12", "<150", "<", 150.0, 0.0, 150.0, "pg/mL", day(-9))


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


def full_year() -> PersonRecord:
    """A year of 13 visits with small noise and entries of every kind; several of each agree in date and name."""
    noise = random.Random(7)
    return course(
        [level * noise.gauss(1, 0.01) for level in RECOVERY],
        profile=ProfileEntry(day(-16000), "female"),
        answers=AnswersEntry(day(-3), diet="vegan", diet_since=day(-2000), thinning="diffuse", greying_share=10),
        labs=(
            OPEN,
            *(b12(number, day(days)) for days, number in ((-9, 168), (0, 170), (90, 498), (90, 505), (180, 564))),
            mma(612, day(-9)),
            lab("ferritin", 38, "ng/mL", day(-9), laboratory="North"),
            lab("ferritin", 41, "ng/mL", day(-9), laboratory="South"),
        ),
        regimens=(regimen("b12", "b12", day(3)), dataclasses.replace(regimen("b12", "b12", day(3)), dose=500.0)),
        doses=tuple(DoseEntry(day(days), "b12", dose, "mcg", "im") for days in (3, 30, 60) for dose in (1000, 500)),
        events=tuple(EventEntry(kind, day(30), note) for kind in ("haircut", "illness") for note in ("", "once more")),
        sheds=tuple(
            ShedEntry("comb-60s", day(days), count + replicate, replicate=replicate)
            for days, count in ((0, 31), (60, 20), (120, 12))
            for replicate in (1, 2, 3)
        ),
        hairlines=(HairlineEntry(day(0), 68, 24, 26, "solid"), HairlineEntry(day(0), 70, 25, 25, "sparse")),
        trichograms=(TrichogramEntry(day(0), 82, 15), TrichogramEntry(day(0), 80, 16)),
        skips=(SkipEntry("shed", day(0), "no time"), SkipEntry("shed", day(0), "no comb")),
    )


def shuffled(record: PersonRecord, seed: int) -> PersonRecord:
    """The same record with all that is listed in it in another order."""
    order = random.Random(seed)

    def mixed(value: Any) -> Any:
        each = list(value.items() if isinstance(value, dict) else value)
        order.shuffle(each)
        return type(value)(each)

    visits = tuple(dataclasses.replace(visit, sites=mixed(visit.sites)) for visit in record.visits)
    known = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)} | {"visits": visits}
    return PersonRecord(
        **{name: mixed(each) if isinstance(each, tuple | dict) else each for name, each in known.items()}
    )


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """Where two results differ by more than the rounding of sums in another order."""
    if dataclasses.is_dataclass(one) and not isinstance(one, type):
        for field in dataclasses.fields(one):
            yield from differences(getattr(one, field.name), getattr(other, field.name), f"{place}.{field.name}")
    elif isinstance(one, dict):
        yield from differences(tuple(sorted(one.items())), tuple(sorted(other.items())), place)
    elif isinstance(one, tuple) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{place}[{index}]")
    elif isinstance(one, float) and isinstance(other, float):
        if not math.isclose(one, other, rel_tol=1e-7, abs_tol=1e-9) and not math.isnan(one) & math.isnan(other):
            yield f"{place}: {one} and {other}"
    elif one != other:
        yield f"{place}: {one} and {other}"


def test_a_whole_year_has_every_part() -> None:
    found = analyse(full_year())
    assert found.ladder.rung is Rung.PHASE
    assert found.density.smooth is not None
    assert [view.analyte for view in found.labs] == ["b12", "mma", "ferritin"]
    assert [step.state.value for step in found.milestones.steps].count("seen") >= 2
    assert found.recovery.recovered is not None
    assert len(found.comparison.rows) == 6
    assert found.baseline is not None
    for part in (found.phase.band, found.sheds, found.checklist, found.reminders, found.timeline.events, found.prompts):
        assert part


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_the_order_of_entries_changes_no_number_and_no_word(seed: int) -> None:
    record = full_year()
    assert list(differences(analyse(record), analyse(shuffled(record, seed)))) == []


@pytest.mark.parametrize("cycles", [-2, 1, 5])
def test_another_calendar_changes_no_state_of_a_whole_year(cycles: int) -> None:
    record = full_year()
    assert states(analyse(shifted(record, 10227 * cycles))) == states(analyse(record))


@pytest.mark.req("REQ-31")
def test_blood_values_stand_without_any_visit() -> None:
    found = analyse(dataclasses.replace(full_year(), visits=()))
    assert found.density.means == ()
    assert found.baseline is None
    assert [result.text for result in found.labs[0].results][:2] == ["<150", "168"]
    assert found.timeline.doses
