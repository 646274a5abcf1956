"""Laboratory results: kept as printed, with the interval they stand for; the unit never guessed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import LabEntry
from station.errors import RefusedEntryError
from station.intake.lab import read_lab
from station.intake.result import Result, read_reference, read_result
from station.labs.analytes import analytes
from station.labs.units import printed_unit

Read = Callable[..., Any]
Refused = Callable[..., dict[str, str]]

DAY = dt.date(2026, 7, 1)
B12 = {"analyte": "b12", "text": "168", "unit": "pg/mL", "drawn": "2026-07-01"}
RESULTS = [
    ("168", Result("=", 168, 168, 168)),
    ("= 168", Result("=", 168, 168, 168)),
    ("12,4", Result("=", 12.4, 12.4, 12.4)),
    ("0", Result("=", 0, 0, 0)),
    ("١٦٨", Result("=", 168, 168, 168)),
    ("<150", Result("<", 150, 0, 150)),
    ("< 150", Result("<", 150, 0, 150)),
    ("<\u00a0150", Result("<", 150, 0, 150)),
    ("＜150", Result("<", 150, 0, 150)),
    ("<=150", Result("<=", 150, 0, 150)),
    ("≤150", Result("<=", 150, 0, 150)),
    (">2000", Result(">", 2000, 2000, None)),
    ("> 24", Result(">", 24, 24, None)),
    ("≥ 24", Result(">=", 24, 24, None)),
    (">=24,5", Result(">=", 24.5, 24.5, None)),
    ("LESS THAN 150", Result("<", 150, 0, 150)),
    ("less than or equal to 150", Result("<=", 150, 0, 150)),
    ("more than 2000", Result(">", 2000, 2000, None)),
    ("Greater  than 2000", Result(">", 2000, 2000, None)),
    ("kleiner als 150", Result("<", 150, 0, 150)),
    ("größer als 2000", Result(">", 2000, 2000, None)),
    ("below detection", Result("<", None, 0, None)),
    ("Below the limit of detection", Result("<", None, 0, None)),
    ("NOT DETECTED", Result("<", None, 0, None)),
    ("nicht nachweisbar", Result("<", None, 0, None)),
]


@pytest.mark.req("REQ-13")
@pytest.mark.parametrize(("text", "result"), RESULTS)
def test_a_result_is_read_as_it_is_printed(text: str, result: Result) -> None:
    assert read_result(text) == result


def test_a_result_below_detection_ends_at_the_limit_if_one_is_named() -> None:
    assert read_result("below detection", detection_limit=50) == Result("<", None, 0, 50)
    assert read_result("<150", detection_limit=50) == Result("<", 150, 0, 150)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("12O", "There is a letter where a digit was probably meant (O for 0"),
        ("<l50", "There is a letter where a digit was probably meant (O for 0, l for 1)"),
        ("1,000", "cannot be told whether this is in thousands"),
        (">2.000", "cannot be told whether this is in thousands"),
        ("-5", "not negative"),
        ("−0.1", "not negative"),
        ("-0", "not negative"),
        ("<-5", "not negative"),
        ("<0", "No result lies below 0"),
        ("9" * 12, "never so large"),
        ("nan", "not a result that can be read"),
        ("inf", "not a result that can be read"),
        ("", "not a result that can be read"),
        ("<", "not a result that can be read"),
        ("see note", "not a result that can be read"),
        ("1e5", "not a plain number"),
        ("4-6", "This is a range, not one result."),
        ("12,5 – 15 pg/mL", "This is a range, not one result."),
        ("<4 bis 6", "This is a range, not one result."),
        ("2026-03-05", "not a plain number"),
        ("<<150", "not a plain number"),
        ("150 pg/mL", "Leave out pg/mL here, and choose it as the unit."),
        ("<150pmol/l", "Leave out pmol/l here, and choose it as the unit."),
        ("2,5 µIU/mL", "Leave out µIU/mL here, and choose it as the unit."),
        ("90 mL/min/1.73 m²", "Leave out mL/min/1.73 m² here"),
        ("40 %", "Leave out % here"),
        ("150 H", "not a plain number"),
        ("1.234", "Write 1234 if it is, 1.2340 if it is not."),
    ],
)
def test_what_is_no_result_is_refused_with_what_to_do(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"[A-Z].*\.$") as refused:
        read_result(text)
    assert sentence in str(refused.value)


@given(st.text() | st.from_regex(r"[<>≤≥=]{0,2} ?[-+]?[0-9Ol,. ]{0,9}"))
def test_any_text_is_read_or_refused_and_a_result_lies_in_its_interval(text: str) -> None:
    try:
        found = read_result(text)
    except ValueError:
        return
    assert found.low is not None
    assert found.low >= 0
    assert found.high is None or found.low <= found.high
    if found.number is not None:
        assert found.number in {found.low, found.high}  # a limit or the value: never half of one


@given(st.floats(0, 1e6).map(lambda number: round(number, 4)), st.sampled_from(["", "<=", ">", ">="]))
def test_a_number_comes_back_as_it_was_printed(number: float, comparator: str) -> None:
    found = read_result(f"{comparator}{number:.4f}".replace(".", ","))
    assert (found.comparator, found.number) == (comparator or "=", number)


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("180-914", (180, 914)),
        ("180 – 914", (180, 914)),
        ("180—914", (180, 914)),
        ("180 to 914", (180, 914)),
        ("180 bis 914", (180, 914)),
        ("(180-914)", (180, 914)),
        ("[180 - 914]", (180, 914)),
        ("180-914 pg/mL", (180, 914)),
        ("180-914 ng/l", (180, 914)),  # the same unit by another name
        ("0,4-4,0", (0.4, 4.0)),
        ("<378", (None, 378)),
        ("≤ 378 pg/ml", (None, 378)),
        ("less than 378", (None, 378)),
        ("> 3.9", (3.9, None)),
        ("133-675 pmol/L", (None, None)),  # not in the unit of the result
        ("180-914 g/dL", (None, None)),
        ("914-180", (None, None)),
        ("-5-10", (None, None)),
        ("1,000-2,000", (None, None)),
        ("200", (None, None)),
        ("see below", (None, None)),
        ("not detected", (None, None)),
        ("", (None, None)),
    ],
)
def test_a_reference_range_is_read_where_it_can_be(text: str, limits: tuple[float | None, float | None]) -> None:
    assert read_reference(text, "b12", "pg/mL") == limits


def test_a_reference_range_with_digits_in_its_unit_is_read() -> None:
    assert read_reference("> 60 mL/min/1.73 m²", "egfr", "mL/min/{1.73_m2}") == (60, None)


@given(st.text() | st.from_regex(r"[(\[<>]?[0-9.,]{0,4} ?[-–] ?[0-9.,]{0,4} ?(pg/mL)?[)\]]?"))
def test_no_reference_range_makes_the_reader_fail(text: str) -> None:
    low, high = read_reference(text, "b12", "pg/mL")
    assert low is None or high is None or 0 <= low < high


@pytest.mark.req("REQ-08", "REQ-13")
def test_a_result_is_kept_as_it_was_printed(read: Read) -> None:
    entry = read(
        read_lab,
        **B12 | {"text": " < 150 ", "unit": "ng/l", "drawn": "1.7.2026"},
        reported="2026-07-03",
        reference="180 – 914",
        laboratory="Labor Süd",
        method="ECLIA",
        flags="fasting, biotin",
        source="imported",
        note="Zeile 1\nZeile 2",
        supersedes="4",
    )
    assert entry == LabEntry(
        analyte="b12",
        text="< 150",
        comparator="<",
        number=150.0,
        low=0.0,
        high=150.0,
        unit="ng/L",
        drawn=DAY,
        reported=dt.date(2026, 7, 3),
        reference="180 – 914",
        ref_low=180.0,
        ref_high=914.0,
        laboratory="Labor Süd",
        method="ECLIA",
        flags=("biotin", "fasting"),
        source="imported",
        note="Zeile 1\nZeile 2",
        supersedes=4,
    )


def test_what_was_left_out_stays_empty(read: Read) -> None:
    entry = read(read_lab, **B12)
    assert (entry.source, entry.reported, entry.supersedes, entry.flags, entry.review) == ("typed", None, None, (), ())
    assert (entry.reference, entry.ref_low, entry.ref_high) == ("", None, None)


@pytest.mark.parametrize("unit", ["", " "])
def test_a_missing_unit_is_never_guessed(refused: Refused, unit: str) -> None:
    assert refused(read_lab, **B12 | {"unit": unit}) == {"unit": "This is needed. Please fill it in."}
    assert set(refused(read_lab, **{name: text for name, text in B12.items() if name != "unit"})) == {"unit"}


def test_a_unit_of_something_else_is_refused_with_those_there_are(refused: Refused) -> None:
    faults = refused(read_lab, **B12 | {"unit": "g/dL"})
    assert set(faults) == {"unit"}
    assert faults["unit"].endswith("Choose the one on the report: pg/mL, ng/L, pmol/L.")


def test_every_fault_is_named_at_once(refused: Refused) -> None:
    faults = refused(
        read_lab,
        analyte="b13",
        text="12O",
        unit="",
        drawn="2026-08-01",
        reported="soon",
        flags="hungry",
        source="heard",
        supersedes="0",
        keep="perhaps",
        colour="red",
    )
    assert set(faults) == {
        "analyte", "text", "unit", "drawn", "reported", "flags", "source", "supersedes", "keep", "colour",
    }  # fmt: skip
    assert set(refused(read_lab)) == {"analyte", "text", "unit", "drawn"}


@pytest.mark.parametrize(
    ("dates", "sentence"),
    [
        ({"drawn": "2026-07-29"}, "in the future"),
        ({"drawn": "1980-04-30"}, "before the date of birth"),
        ({"drawn": "2026-07-02", "reported": "2026-07-01"}, "drawn after the report was made"),
    ],
)
def test_blood_is_drawn_within_a_life_and_before_its_report(
    refused: Refused, dates: dict[str, str], sentence: str
) -> None:
    faults = refused(read_lab, **B12 | dates)
    assert set(faults) == {"drawn"}
    assert sentence in faults["drawn"]


def test_a_report_of_the_same_day_is_right(read: Read) -> None:
    assert read(read_lab, **B12, reported="2026-07-01").reported == DAY


@pytest.mark.parametrize(
    ("analyte", "text", "unit", "would_fit"),
    [
        ("haemoglobin", "120", "g/dL", "120 g/L"),
        ("haemoglobin", "12.0", "g/L", "12 g/dL or 12 mmol/L"),
        ("mma", "0.28", "nmol/L", "0.28 µmol/L"),
        ("mma", "280", "umol/L", "280 nmol/L"),
        ("vitamin-d", "400", "ng/mL", "400 nmol/L"),
        ("free-t4", "16", "ng/dL", "16 pmol/L"),
        ("creatinine", "80", "mg/dL", "80 µmol/L"),
        ("zinc", "0,8", "ug/dL", "0.8 µg/mL"),
        ("mma", "<0.10", "nmol/L", "0.1 µmol/L"),
    ],
)
def test_a_number_that_fits_another_unit_is_asked_about(
    read: Read, refused: Refused, analyte: str, text: str, unit: str, would_fit: str
) -> None:
    form = {"analyte": analyte, "text": text, "unit": unit, "drawn": "2026-07-01"}
    faults = refused(read_lab, **form)
    assert set(faults) == {"unit"}
    assert f"{printed_unit(unit)} looks like a slip: " in faults["unit"]
    assert would_fit in faults["unit"]
    confirmed = read(read_lab, True, **form)
    assert (confirmed.text, confirmed.unit, confirmed.review) == (text, unit, ())


@pytest.mark.parametrize("text", ["0", "0.001", "9000000"])
def test_a_number_that_fits_no_unit_is_asked_about(read: Read, refused: Refused, text: str) -> None:
    assert set(refused(read_lab, **B12 | {"text": text})) == {"text"}
    with pytest.raises(RefusedEntryError) as error:
        read_lab(B12 | {"text": text}, today=DAY, born=None)
    assert error.value.odd == {"text"}
    assert f"{text} pg/mL looks like a slip" in error.value.fields["text"]
    assert read(read_lab, True, **B12 | {"text": text}).number == float(text)


@pytest.mark.parametrize("unit", ["pg/mL", "ng/L", "pmol/L"])
def test_a_value_that_fits_both_units_of_b12_is_taken_in_the_one_that_was_named(read: Read, unit: str) -> None:
    assert read(read_lab, **B12 | {"text": "250", "unit": unit}).unit == unit


@pytest.mark.parametrize("text", ["12O", "1,000", "see note", "-5", "150 H"])
def test_an_unreadable_result_is_kept_word_for_word_only_if_asked_to(read: Read, refused: Refused, text: str) -> None:
    assert set(refused(read_lab, **B12 | {"text": text})) == {"text"}
    kept = read(read_lab, **B12 | {"text": text}, keep="yes")
    assert (kept.text, kept.comparator, kept.number, kept.low, kept.high) == (text, "", None, None, None)
    assert kept.review == ("review.unreadable",)


def test_keeping_does_not_mark_what_can_be_read_nor_spare_the_unit(read: Read, refused: Refused) -> None:
    assert read(read_lab, **B12, keep="yes").review == ()
    assert set(refused(read_lab, **B12 | {"text": "12O", "unit": "g/dL"}, keep="yes")) == {"unit"}
    assert set(refused(read_lab, **B12 | {"text": "9000000"}, keep="yes")) == {"text"}


@given(
    st.dictionaries(
        st.sampled_from([*B12, "reported", "reference", "flags", "source", "note", "supersedes", "keep", "typo"]),
        st.text() | st.sampled_from(["b12", "<150", "pg/mL", "2026-07-01", "yes", "180-914", "biotin"]),
    ),
    st.sampled_from([each.id for each in analytes()]),
    st.booleans(),
)
def test_no_form_makes_the_reader_fail(fields: Mapping[str, str], analyte: str, confirmed: bool) -> None:
    try:
        entry = read_lab({**fields, "analyte": analyte}, today=DAY, born=None, confirmed=confirmed)
    except RefusedEntryError:
        return
    assert entry.unit
    assert bool(entry.review) is (entry.comparator == "")
