"""When a blood value has changed by more than it varies anyway."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import LabEntry
from station.intake.result import read_result
from station.labs.units import convert
from station.labs.variation import LabChange, change_limits, changed, rcv_percent, segment

FIRST, SECOND = dt.date(2026, 1, 5), dt.date(2026, 4, 5)
BEYOND, WITHIN, CANNOT_TELL = LabChange


def lab(text: str, drawn: dt.date, unit: str = "pg/mL", analyte: str = "b12", **more: str) -> LabEntry:
    found = read_result(text)
    known = {"laboratory": "North", "method": "ECLIA", **more}
    return LabEntry(analyte, text, found.comparator, found.number, found.low, found.high, unit, drawn, **known)


def change(earlier: str, later: str, unit: str = "pg/mL", analyte: str = "b12") -> LabChange:
    return changed(lab(earlier, FIRST, unit, analyte), lab(later, SECOND, unit, analyte))


@pytest.mark.req("REQ-31")
@pytest.mark.parametrize(
    ("analyte", "printed", "source", "studies"),
    [
        ("b12", 32, "Ozkanay 2023", 2),
        ("folate", 31, "Ozkanay 2023", 2),
        ("ferritin", 48, "Ozkanay 2023", 2),
        ("vitamin-d", 25, "Cokluk 2021", 2),
        ("iron", 75, "Cokluk 2021", 1),
    ],
)
def test_the_larger_limits_of_two_studies_count(analyte: str, printed: float, source: str, studies: int) -> None:
    limits = change_limits(analyte)
    assert limits is not None
    assert limits.rise_percent == limits.fall_percent == pytest.approx(printed, abs=1)
    assert (limits.source, limits.studies) == (source, studies)


@pytest.mark.parametrize(("analyte", "fall", "rise"), [("mma", 17.7, 21.0), ("homocysteine", 16.2, 19.4)])
def test_mma_and_homocysteine_have_the_limits_that_their_source_prints(analyte: str, fall: float, rise: float) -> None:
    limits = change_limits(analyte)
    assert limits is not None
    assert (limits.fall_percent, limits.rise_percent, limits.studies) == (fall, rise, 1)


@pytest.mark.req("REQ-31")
def test_a_change_is_compared_with_what_varies_anyway() -> None:
    assert [change("200", later) for later in ("130", "140", "200", "260", "270")] == [
        BEYOND,
        WITHIN,
        WITHIN,
        WITHIN,
        BEYOND,
    ]
    assert [change("100", later, "nmol/L", "mma") for later in ("82", "83", "121", "122")] == [
        BEYOND,
        WITHIN,
        WITHIN,
        BEYOND,
    ]


@pytest.mark.req("REQ-31")
def test_another_laboratory_or_method_cannot_be_compared() -> None:
    first = lab("200", FIRST)
    assert changed(first, lab("900", SECOND, laboratory="South")) is CANNOT_TELL
    assert changed(first, lab("900", SECOND, method="CMIA")) is CANNOT_TELL
    assert changed(first, lab("900", SECOND, laboratory=" NORTH ", method="eclia")) is BEYOND


def test_a_laboratory_without_a_name_is_not_the_same_one() -> None:
    assert changed(lab("200", FIRST, laboratory=""), lab("900", SECOND, laboratory="")) is CANNOT_TELL
    assert changed(lab("200", FIRST, method=""), lab("900", SECOND, method="")) is BEYOND


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ("<150", "300", BEYOND),
        ("<150", "160", CANNOT_TELL),
        ("<150", "<150", CANNOT_TELL),
        ("300", "<150", BEYOND),
        ("300", "<250", CANNOT_TELL),
        ("400", ">2000", BEYOND),
        (">2000", "500", BEYOND),
        (">2000", ">2000", CANNOT_TELL),
        ("below detection", "300", CANNOT_TELL),
        ("0", "300", CANNOT_TELL),
        ("300", "0", BEYOND),
    ],
)
def test_a_censored_result_has_changed_only_if_it_is_certain(earlier: str, later: str, expected: LabChange) -> None:
    assert change(earlier, later) is expected


def test_a_range_that_stays_inside_the_limits_is_within() -> None:
    span = LabEntry("b12", "190-210", "", None, 190, 210, "pg/mL", FIRST, laboratory="North", method="ECLIA")
    assert changed(span, lab("200", SECOND)) is WITHIN


def test_without_limits_or_for_two_analytes_it_cannot_be_told() -> None:
    assert change_limits("tsh") is None
    assert change("1", "9", "m[IU]/L", "tsh") is CANNOT_TELL
    assert changed(lab("1", FIRST, "nmol/L", "mma"), lab("900", SECOND)) is CANNOT_TELL


def test_a_segment_is_written_alike() -> None:
    assert segment(lab("1", FIRST, laboratory="City  Hospital ", method="Eclia")) == ("city hospital", "eclia")


@given(st.integers(20, 2000), st.integers(20, 2000))
def test_the_unit_of_either_result_changes_nothing(earlier: int, later: int) -> None:
    def molar(value: int, drawn: dt.date) -> LabEntry:
        number = convert("b12", value, "pg/mL", "pmol/L")
        return dataclasses.replace(lab(str(value), drawn), unit="pmol/L", number=number, low=number, high=number)

    plain = change(str(earlier), str(later))
    assert changed(molar(earlier, FIRST), lab(str(later), SECOND)) is plain
    assert changed(lab(str(earlier), FIRST), molar(later, SECOND)) is plain
    assert changed(molar(earlier, FIRST), molar(later, SECOND)) is plain


@given(st.floats(0, 100), st.floats(0, 100))
def test_the_reference_change_value_grows_with_either_variation(cva: float, cvi: float) -> None:
    assert rcv_percent(cva, cvi) == rcv_percent(cvi, cva)
    assert rcv_percent(cva, cvi) <= rcv_percent(cva, cvi + 1)
