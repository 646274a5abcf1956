"""Fields of a form: whatever is typed, it is read, or refused with a sentence at the field."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import Route
from station.errors import RefusedEntryError
from station.intake.digits import read_number, write_number
from station.intake.fields import NOTE_BYTES, Form

TODAY = dt.date(2026, 7, 28)
BORN = dt.date(1980, 5, 1)


def form(confirmed: bool = False, /, **fields: str | list[str]) -> Form:
    return Form(fields, today=TODAY, born=BORN, confirmed=confirmed)


def faults(form: Form) -> dict[str, str]:
    with pytest.raises(RefusedEntryError) as refused:
        form.done()
    return refused.value.fields


ANY_TEXT = st.text() | st.text("0123456789OolI.,/-+ '−٣Ⅳ²nainf", max_size=12)


@given(ANY_TEXT, st.booleans(), st.booleans())
def test_no_text_makes_a_reader_fail(text: str, required: bool, future: bool) -> None:
    entry = form(text=text, note=text, date=text, number=text, whole=text, choice=text, many=text, yes_no=text)
    entry.text("text", required=required)
    entry.note()
    entry.date("date", required=required, future=future)
    entry.number("number", 0, 100, required=required, unit="mg")
    entry.whole("whole", 0, 100, required=required)
    entry.choice("choice", Route, required=required)
    entry.many("many", Route)
    entry.yes_no("yes_no")
    entry.text("missing", required=True)
    assert all(sentence[-1] == "." and len(sentence) > 15 for sentence in faults(entry).values())


@given(st.dates(BORN, TODAY), st.sampled_from(["{0:%Y-%m-%d}", "{0.day}.{0.month}.{0.year}", "{0:%d %b %Y}"]))
def test_a_date_is_read_in_every_clear_form(date: dt.date, written: str) -> None:
    entry = form(date=written.format(date))
    assert entry.date("date") == date
    entry.done()


@pytest.mark.parametrize(
    "text",
    ["2026-03-05", "2026/3/5", "5.3.2026", "05. 03. 2026", "5 Mar 2026", "5. März 2026", "March 5, 2026", "5-Mar-2026",
     "٥.٣.٢٠٢٦", " 5 mar. 2026 "],
)  # fmt: skip
def test_printed_forms_of_a_date_are_read(text: str) -> None:
    assert form(date=text).date("date") == dt.date(2026, 3, 5)


def test_a_date_with_slashes_is_read_where_only_one_order_is_possible() -> None:
    for text in ("25/3/2026", "3/25/2026", "25-03-2026"):
        assert form(date=text).date("date") == dt.date(2026, 3, 25)
    assert form(date="5/5/2026").date("date") == dt.date(2026, 5, 5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("03/04/2026", "This can be 3 Apr or 4 Mar."),
        ("30.2.2026", "no such day"),
        ("5.3.26", "four digits"),
        ("5 Foo 2026", "month cannot be read"),
        ("soon", "not a date"),
        ("1.1.1850", "before 1900"),
        ("30.4.1980", "before the date of birth"),
        ("29.7.2026", "in the future"),
    ],
)
def test_a_date_that_cannot_be_is_refused_with_what_to_do(text: str, says: str) -> None:
    entry = form(date=text)
    assert entry.date("date") is None
    assert says in faults(entry)["date"]


def test_a_plan_may_begin_ahead_but_not_in_another_century() -> None:
    entry = form(start="1.8.2026", end="1.8.2126")
    assert entry.date("start", future=True) == dt.date(2026, 8, 1)
    assert entry.date("end", future=True) is None
    assert "ahead" in faults(entry)["end"]


@given(st.decimals(0, 999, places=2), st.sampled_from([".", ","]))
def test_a_number_is_read_with_comma_or_point(number: object, mark: str) -> None:
    entry = form(number=str(number).replace(".", mark))
    assert entry.number("number", 0, 1000) == float(str(number))
    entry.done()


@pytest.mark.parametrize(
    ("text", "number"),
    [("−3", -3), ("+2,5", 2.5), (".28", 0.28), ("0.284", 0.284), ("1000", 1000), ("١٢٫٥", 12.5), ("1,0", 1)],
)
def test_a_plain_number_is_read(text: str, number: float) -> None:
    assert form(number=text).number("number", -10, 5000) == number


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("12O", "letter"),
        ("l2", "letter"),
        ("1,000", "thousand"),
        ("1.000", "thousand"),
        ("1 000", "thousand"),
        ("1,234.5", "thousand"),
        ("nan", "plain number"),
        ("inf", "plain number"),
        ("1e3", "plain number"),
        ("12 mg", "plain number"),
        ("5.", "plain number"),
        ("-", "plain number"),
        ("9" * 5000, "plain number"),
        ("-1", "from 0 to 5000 mg"),
        ("5001", "from 0 to 5000 mg"),
    ],
)
def test_a_number_that_can_be_misread_is_refused(text: str, says: str) -> None:
    entry = form(number=text)
    assert entry.number("number", 0, 5000, unit="mg") is None
    assert says in faults(entry)["number"]


@pytest.mark.parametrize(
    ("text", "thousands", "decimals"),
    [("1.234", "1234", "1.2340"), ("1,234", "1234", "1,2340"), ("-12,500", "-12500", "-12,5000")],
)
def test_a_number_that_may_be_in_thousands_is_refused_with_both_ways_to_write_it(
    text: str, thousands: str, decimals: str
) -> None:
    with pytest.raises(ValueError, match=f"Write {thousands} if it is, {decimals} if it is not"):
        read_number(text)
    assert read_number(thousands) == 1000 * read_number(decimals)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1,234.5", "1234.5, not 1,234.5."),
        ("1.234.567,8", "1234567,8, not 1.234.567,8."),
        ("1 000", "1000, not 1 000."),
        ("1'000", "1000, not 1'000."),
        ("1,234,5", "1234.5, not 1,234.5 or 1 234.5."),  # cannot be told: 1234.5 or 12345
        ("1,234.", "1234.5, not 1,234.5 or 1 234.5."),
    ],
)
def test_a_number_in_thousands_is_refused_with_its_own_digits(text: str, says: str) -> None:
    with pytest.raises(ValueError, match="Write thousands without a mark") as refused:
        read_number(text)
    assert str(refused.value).endswith(says)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_quoted_with_its_digits_and_no_exponent(number: float) -> None:
    said = write_number(number)
    assert float(said) == number
    assert "e" not in said.lower()


def test_a_limit_is_quoted_as_it_would_be_typed() -> None:
    assert [write_number(number) for number in (1e9, 100, 0.284, 2.50)] == ["1000000000", "100", "0.284", "2.5"]
    entry = form(number="-1", whole="0")
    entry.number("number", 0, 1e8)
    entry.whole("whole", 1, 10**9)
    said = faults(entry)
    assert "from 0 to 100000000." in said["number"]
    assert "from 1 to 1000000000." in said["whole"]


def test_a_whole_number_has_no_decimals() -> None:
    entry = form(count="2,5", other="3,0")
    assert entry.whole("count", 0, 10) is None
    assert entry.whole("other", 0, 10) == 3
    assert "whole" in faults(entry)["count"]


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from("\n\r\t")))
def test_a_note_is_kept_word_for_word(text: str) -> None:
    entry = form(note=text)
    assert entry.note() == text
    entry.done()


def test_a_note_of_one_megabyte_is_kept_and_a_longer_one_is_refused() -> None:
    whole = "ऄ" * (NOTE_BYTES // 3) + "a"
    assert form(note=whole).note() == whole
    entry = form(note=whole + "a")
    assert entry.note() == ""
    assert "1 MB" in faults(entry)["note"]


@pytest.mark.parametrize("text", ["a\x00b", "a\x1b[2Jb", "a\ud800b"])
def test_text_that_steers_a_terminal_is_refused(text: str) -> None:
    entry = form(note=text, text=text)
    entry.note()
    entry.text("text")
    assert set(faults(entry)) == {"note", "text"}


def test_a_line_of_text_is_trimmed_and_ends_somewhere() -> None:
    entry = form(text="  Фолиевая кислота ", long="x" * 201, lines="a\nb")
    assert entry.text("text") == "Фолиевая кислота"
    entry.text("long")
    entry.text("lines")
    assert set(faults(entry)) == {"long", "lines"}


def test_words_come_from_their_list() -> None:
    entry = form(route="im", other="knee", many="sc, im,im", repeated=["sc", "im"], wrong="im,knee")
    assert entry.choice("route", Route) == "im"
    assert entry.choice("other", Route) == ""
    assert entry.many("many", Route) == entry.many("repeated", Route) == ("im", "sc")
    assert entry.many("wrong", Route) == ()
    assert faults(entry) == {
        "other": "Choose one of: oral, sublingual, im, sc, nasal, diet, topical.",
        "wrong": "Choose from: oral, sublingual, im, sc, nasal, diet, topical.",
    }


def test_yes_no_and_not_answered_differ() -> None:
    entry = form(a="yes", b="No", c="", d="perhaps")
    assert (entry.yes_no("a"), entry.yes_no("b"), entry.yes_no("c"), entry.yes_no("e")) == (True, False, None, None)
    entry.yes_no("d")
    assert set(faults(entry)) == {"d"}


def test_every_fault_is_told_at_once_and_no_field_vanishes() -> None:
    entry = form(date="soon", number="many", drwan="2026-03-05", twice=["a", "b"])
    entry.date("date")
    entry.number("number", 0, 1)
    entry.text("missing", required=True)
    entry.text("twice")
    assert set(faults(entry)) == {"date", "number", "missing", "drwan", "twice"}


def test_an_odd_value_passes_once_it_is_confirmed() -> None:
    for confirmed in (False, True):
        entry = form(confirmed, dose="9000")
        entry.number("dose", 0, 10_000)
        entry.ask("dose", "This is a very high dose.")
        if confirmed:
            entry.done()
    entry = form(dose="9000")
    entry.number("dose", 0, 10_000)
    entry.ask("dose", "This is a very high dose.")
    with pytest.raises(RefusedEntryError, match="confirm it") as refused:
        entry.done()
    assert refused.value.odd == {"dose"}
