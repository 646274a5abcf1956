"""The six rows of the brief beside the person's own data: each fits left, right, neither, or has no data."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import AnswersEntry, LabEntry, RegimenEntry
from station.labs.units import convert
from station.trends.comparison import Changed, Comparison, Fit, compare
from station.trends.distribution import distribution
from station.trends.grey import grey
from station.trends.inputs import PersonRecord
from tests.trends.people import EVEN, START, TODAY, b12, head, lab, mma, person, reading, regimen, visit


def table(record: PersonRecord, changed: Changed = "unknown") -> Comparison:
    return compare(record, distribution(record), grey(record), changed=changed)


def fit(row: str, record: PersonRecord, changed: Changed = "unknown") -> Fit:
    return next(each.fit for each in table(record, changed).rows if each.id == row)


def answered(**given: Any) -> PersonRecord:
    return person([], answers=AnswersEntry(START, **given))


@pytest.mark.req("REQ-34a")
def test_where_it_thins_is_measured_before_it_is_reported() -> None:
    assert fit("pattern", person([head(), EVEN])) is Fit.LEFT
    assert fit("pattern", person([head(), head(top=120)])) is Fit.RIGHT
    assert fit("pattern", person([head(), head(temples=110)])) is Fit.RIGHT
    assert fit("pattern", person([head(), head(occipital=110)])) is Fit.NEITHER
    assert fit("pattern", person([head(), head()])) is Fit.NEITHER
    assert fit("pattern", person([head()])) is Fit.NO_DATA
    for thinning, expected in {
        "diffuse": Fit.LEFT,
        "vertex": Fit.RIGHT,
        "temples": Fit.RIGHT,
        "none": Fit.NEITHER,
    }.items():
        assert fit("pattern", answered(thinning=thinning)) is expected
    assert fit("pattern", person([head(), EVEN], answers=AnswersEntry(START, thinning="vertex"))) is Fit.LEFT


@pytest.mark.req("REQ-34b")
def test_onset_is_read_from_the_answers() -> None:
    assert fit("onset", answered(onset="weeks-months")) is Fit.LEFT
    assert fit("onset", answered(onset="years")) is Fit.RIGHT
    assert fit("onset", answered()) is Fit.NO_DATA
    assert fit("onset", person([], answers=AnswersEntry(START, onset="years", review=("odd",)))) is Fit.NO_DATA


@pytest.mark.req("REQ-34c")
@pytest.mark.parametrize(
    ("quality", "expected"),
    [
        (("thin", "brittle"), Fit.LEFT),
        (("greying",), Fit.LEFT),
        (("normal",), Fit.RIGHT),
        (("thin",), Fit.NEITHER),  # in both columns
        (("brittle", "normal"), Fit.NEITHER),
        ((), Fit.NO_DATA),
    ],
)
def test_hair_quality_is_read_from_the_answers(quality: tuple[str, ...], expected: Fit) -> None:
    assert fit("quality", answered(hair_quality=quality)) is expected


@pytest.mark.req("REQ-34c")
def test_a_measured_rise_of_the_grey_share_counts_as_greying() -> None:
    visits = tuple(
        visit(n, {}, n, sites={"vertex": reading("vertex", 200, grey_share=g)}) for n, g in ((1, 0.1), (2, 0.4))
    )
    record = dataclasses.replace(answered(hair_quality=("thin",)), visits=visits)
    assert fit("quality", record) is Fit.LEFT


@pytest.mark.req("REQ-34d")
def test_symptoms_are_read_from_the_answers_and_none_must_be_said() -> None:
    assert fit("symptoms", answered(symptoms=("fatigue",))) is Fit.LEFT
    assert fit("symptoms", answered(symptoms=("none",))) is Fit.RIGHT
    assert fit("symptoms", answered()) is Fit.NO_DATA


OLD, NEW = START, TODAY - dt.timedelta(60)


@pytest.mark.req("REQ-34e")
@pytest.mark.parametrize(
    ("changed", "regimens", "expected"),
    [
        ("up", (regimen("b12", "b12"),), Fit.LEFT),
        ("up", (regimen("other-treatment", "minoxidil"),), Fit.RIGHT),
        ("up", (regimen("b12", "b12"), regimen("other-treatment", "minoxidil")), Fit.NEITHER),
        ("up", (), Fit.NEITHER),
        ("down", (regimen("b12", "b12", OLD),), Fit.RIGHT),
        ("down", (regimen("b12", "b12", NEW),), Fit.NEITHER),
        ("within", (regimen("b12", "b12", OLD),), Fit.NEITHER),
        ("unknown", (regimen("b12", "b12", OLD),), Fit.NO_DATA),
    ],
)
def test_recovery_is_read_with_what_was_taken(
    changed: Changed, regimens: tuple[RegimenEntry, ...], expected: Fit
) -> None:
    assert fit("recovery", person([], regimens=regimens), changed) is expected


@pytest.mark.req("REQ-34f")
@pytest.mark.parametrize(
    ("labs", "expected"),
    [
        ((b12(150),), Fit.LEFT),
        ((b12(250), mma(500)), Fit.LEFT),
        ((b12(250), mma(300)), Fit.NEITHER),
        ((b12(250),), Fit.NEITHER),
        ((b12(450), mma(300)), Fit.RIGHT),
        ((b12(450),), Fit.RIGHT),
        ((b12(450), mma(500)), Fit.NEITHER),
        ((b12(250), mma(500, START + dt.timedelta(90))), Fit.NEITHER),  # another time
        ((b12(250), mma(500, limit=None)), Fit.NEITHER),  # no range of its own
        ((b12(450, START - dt.timedelta(400)), b12(150)), Fit.LEFT),
        ((), Fit.NO_DATA),
        ((mma(500),), Fit.NO_DATA),
    ],
)
def test_the_blood_test_is_banded_by_the_active_set_and_mma_by_its_own_range(
    labs: tuple[LabEntry, ...], expected: Fit
) -> None:
    assert fit("lab", person([], labs=labs)) is expected
    assert fit("lab", person([], labs=labs[::-1])) is expected


@pytest.mark.req("REQ-34f")
def test_a_result_that_reflects_treatment_is_not_reasoned_with() -> None:
    taken = regimen("b12", "b12", START + dt.timedelta(1))
    later = b12(700, START + dt.timedelta(90))
    assert fit("lab", person([], labs=(b12(150), later), regimens=(taken,))) is Fit.LEFT
    assert fit("lab", person([], labs=(b12(150, taken.start),), regimens=(taken,))) is Fit.LEFT  # drawn that morning
    only = person([], labs=(later,), regimens=(taken,))
    assert fit("lab", only) is Fit.NO_DATA
    assert [s.key for s in table(only).rows[-1].own] == ["comparison.lab-treated"]
    assert fit("lab", person([], labs=(b12(700, flags=("injection-14d",)),))) is Fit.NO_DATA


@pytest.mark.req("REQ-35")
def test_the_whole_left_column_fits_with_and_never_proves() -> None:
    record = person([head(), EVEN], labs=(b12(150),), regimens=(regimen("b12", "b12", START + dt.timedelta(5)),))
    together = table(record, "up").together
    assert together is not None
    assert "fits with" in together.text()
    assert "cannot prove" in together.text()
    assert together.interpreting
    assert table(record, "within").together is None


@pytest.mark.req("REQ-34a", "REQ-34f")
def test_there_are_six_rows_with_own_data_and_no_sum() -> None:
    record = person([head(), EVEN], labs=(b12(150),), answers=AnswersEntry(START, thinning="diffuse", onset="years"))
    found = table(record)
    assert [row.id for row in found.rows] == ["pattern", "onset", "quality", "symptoms", "recovery", "lab"]
    assert [field.name for field in dataclasses.fields(Comparison)] == ["left", "right", "rows", "together"]
    own = {row.id: [sentence.text() for sentence in row.own] for row in found.rows}
    assert own["onset"] == ["Reported: over years."]
    assert own["lab"][0].startswith("B12 on 10\N{NO-BREAK SPACE}Jan\N{NO-BREAK SPACE}2025: 150 pg/mL, low (")
    for row in found.rows:
        assert row.left.interpreting
        assert row.verdict.interpreting
        assert not any(sentence.interpreting for sentence in row.own)
        assert row.title.text()
        assert row.left.text() != row.right.text()


@given(st.lists(st.tuples(st.floats(50, 900), st.integers(0, 300)), max_size=5), st.integers(-3000, 3000), st.randoms())
def test_shifted_dates_and_another_order_change_no_row(draws: list[tuple[float, int]], days: int, random: Any) -> None:
    labs = [b12(round(number), START + dt.timedelta(day)) for number, day in draws]
    record = person([head(), EVEN], labs=tuple(labs), regimens=(regimen("b12", "b12", START + dt.timedelta(150)),))
    shift = dt.timedelta(days)
    moved = [dataclasses.replace(entry, drawn=entry.drawn + shift) for entry in labs]
    random.shuffle(moved)
    later = dataclasses.replace(
        record,
        today=record.today + shift,
        labs=tuple(moved),
        visits=tuple(dataclasses.replace(v, date=v.date + shift) for v in record.visits),
        regimens=(regimen("b12", "b12", START + dt.timedelta(150) + shift),),
    )
    assert [row.fit for row in table(record, "up").rows] == [row.fit for row in table(later, "up").rows]


@pytest.mark.req("REQ-34f")
@given(st.integers(20, 2000))
def test_a_result_in_another_unit_fits_with_the_same_column(number: int) -> None:
    molar = lab("b12", convert("b12", number, "pg/mL", "pmol/L"), "pmol/L")
    assert fit("lab", person([], labs=(molar,))) is fit("lab", person([], labs=(b12(number),)))
