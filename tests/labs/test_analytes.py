"""What can be reported: codes that are codes, units that are units, limits that no printed range exceeds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.errors import NotFoundError
from station.labs.analytes import Analyte, analyte, analytes, check_digit, table_version

CODES = [(each.id, loinc.code) for each in analytes() for loinc in each.loinc]

# Ranges as printed and measuring ranges (domain reference 2.2, 2.5), in the unit named.
SEEN = [
    ("b12", 50, 2000, "pg/mL"),
    ("b12", 110, 800, "pmol/L"),
    ("active-b12", 10.7, 101, "pmol/L"),
    ("mma", 100, 460, "nmol/L"),
    ("homocysteine", 5.6, 20, "umol/L"),
    ("folate", 3.0, 14.7, "ng/mL"),
    ("ferritin", 10, 400, "ng/mL"),
    ("haemoglobin", 12.0, 17.0, "g/dL"),
    ("mcv", 80, 100, "fL"),
    ("tsh", 0.4, 4.0, "m[IU]/L"),
    ("free-t4", 0.9, 1.7, "ng/dL"),
    ("free-t4", 12, 22, "pmol/L"),
    ("vitamin-d", 20, 50, "ng/mL"),
    ("zinc", 59, 120, "ug/dL"),
]


@pytest.mark.req("REQ-13", "REQ-33")
def test_every_analyte_of_the_reference_is_there() -> None:
    assert {each.id for each in analytes()} == {
        "b12", "active-b12", "mma", "mma-urine", "homocysteine", "folate", "folate-red-cell", "ferritin",
        "haemoglobin", "mcv", "tsh", "free-t4", "vitamin-d", "vitamin-d3", "zinc", "crp", "creatinine", "egfr", "iron",
        "tibc", "transferrin-saturation", "testosterone", "dhea-s",
    }  # fmt: skip
    assert len(analytes()) == 23
    assert analyte("b12").name == "Vitamin B12 (total)"
    assert table_version()


def test_an_unknown_analyte_is_refused_with_those_there_are() -> None:
    with pytest.raises(NotFoundError, match=r"no analyte 'b13'; there are b12, active-b12"):
        analyte("b13")


@pytest.mark.parametrize(("name", "code"), CODES)
def test_every_loinc_code_has_its_check_digit(name: str, code: str) -> None:
    found = re.fullmatch(r"(\d{3,5})-(\d)", code)
    assert found is not None, name
    assert check_digit(found[1]) == int(found[2])


def test_no_code_stands_for_two_analytes() -> None:
    codes = [code for _, code in CODES]
    assert len(codes) == len(set(codes)) == 44


def test_every_code_names_where_it_is_from() -> None:
    tags = [loinc.source for each in analytes() for loinc in each.loinc]
    assert all(re.match(r"[VFM]\b|none given$", tag) for tag in tags)


def test_the_molar_code_of_b12_is_the_right_one_and_a_similar_one_is_not_there() -> None:
    assert (analyte("b12").code("mass"), analyte("b12").code("molar")) == ("2132-9", "14685-2")
    assert analyte("active-b12").code("mass") is None
    assert {"16695-9", "33762-6"}.isdisjoint(code for _, code in CODES)


@given(st.integers(100, 99_999).map(str), st.data())
def test_the_check_digit_notices_any_one_wrong_digit(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from("0123456789"))
    typed = number[:place] + wrong + number[place + 1 :]
    assert (check_digit(typed) == check_digit(number)) is (typed == number)


@pytest.mark.parametrize("each", analytes(), ids=lambda each: each.id)
def test_every_analyte_is_whole(each: Analyte) -> None:
    assert each.name
    assert each.specimen
    assert each.loinc
    assert each.default_unit == each.units[0].ucum
    assert each.units[0].factor == 1.0
    assert len({unit.ucum for unit in each.units}) == len(each.units)
    assert 0 < each.plausible[0] < each.plausible[1]
    assert each.design in {"", "competitive", "sandwich"}


@pytest.mark.parametrize(("name", "low", "high", "unit"), SEEN)
def test_limits_for_typing_errors_lie_wide_outside_what_is_printed(
    name: str, low: float, high: float, unit: str
) -> None:
    known = analyte(name)
    factor = next(each.factor for each in known.units if each.ucum == unit)
    lowest, highest = known.plausible
    assert lowest * factor <= 0.6 * low
    assert highest * factor >= 1.4 * high


def test_biotin_misleads_the_designs_that_the_reference_names() -> None:
    designs = {each.id: each.design for each in analytes()}
    for name in ("free-t4", "vitamin-d", "folate", "b12", "testosterone"):
        assert designs[name] == "competitive"
    for name in ("tsh", "ferritin"):
        assert designs[name] == "sandwich"
