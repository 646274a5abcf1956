"""Blood results as they are shown, and when B12 came above its limit."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import AnswersEntry, DoseEntry, LabEntry, LabFlag, RegimenEntry
from station.intake.lab import read_result, reference_range
from station.labs.analytes import analytes
from station.labs.flags import effects
from station.labs.thresholds import threshold_sets
from station.labs.variation import LabChange
from station.trends.inputs import PersonRecord
from station.trends.labs_view import AnalyteView, DrawnBand, b12_crossing, labs_view
from station.trends.sentences import Sentence, texts
from tests.trends.people import START, person, regimen

NBSP = "\N{NO-BREAK SPACE}"


def lab(text: str, days: int = 0, unit: str = "pg/mL", analyte: str = "b12", **more: Any) -> LabEntry:
    found = read_result(text)
    low, high = reference_range(more.get("reference", ""))
    known = {"laboratory": "North", "ref_low": low, "ref_high": high, **more}
    drawn = START + dt.timedelta(days)
    return LabEntry(analyte, text, found.comparator, found.number, found.low, found.high, unit, drawn, **known)


def record(*labs: LabEntry, **more: Any) -> PersonRecord:
    return person([], labs=labs, **more)


def one(*labs: LabEntry, **more: Any) -> AnalyteView:
    (view,) = labs_view(record(*labs, **more))
    return view


def crossing(*labs: LabEntry, **more: Any) -> tuple[int | None, int] | None:
    """In days since the first of the test."""
    found = b12_crossing(record(*labs, **more))
    return found and (None if found[0] is None else (found[0] - START).days, (found[1] - START).days)


def said(sentences: tuple[Sentence, ...]) -> list[str]:
    return [sentence.text().replace(NBSP, " ") for sentence in sentences]


@pytest.mark.req("REQ-09", "REQ-10", "REQ-11", "REQ-31")
def test_results_stand_in_the_order_of_time_as_printed_and_in_one_unit() -> None:
    view = one(lab("301", 90), lab("147", 0, "pmol/L"), lab("250", 30, "ng/L"), lab("<150", -30))
    assert (view.analyte, view.name, view.unit) == ("b12", "Vitamin B12 (total)", "pg/mL")
    assert [(each.text, each.unit) for each in view.results] == [
        ("<150", "pg/mL"),
        ("147", "pmol/L"),
        ("250", "ng/L"),
        ("301", "pg/mL"),
    ]
    assert [each.number for each in view.results] == pytest.approx([150, 199.24, 250, 301], abs=0.01)
    assert [each.band and each.band.label for each in view.results] == ["low", "low", "borderline", "normal"]
    assert view.latest.text == "301"


@pytest.mark.req("REQ-31")
def test_a_censored_result_keeps_its_open_end() -> None:
    below, above, word = one(lab("<150"), lab("> 2000", 1), lab("below detection", 2)).results
    assert (below.low, below.high, below.comparator) == (0, 150, "<")
    assert (above.low, above.high, above.comparator) == (2000, None, ">")
    assert (word.low, word.high, word.number) == (0, None, None)


@pytest.mark.req("REQ-09", "REQ-11")
def test_every_band_is_shown_with_its_set_and_year() -> None:
    assert said(one(lab("168")).latest.sentences) == ['In the band "low" (200 and 300 pg/mL limits, 2026).']
    assert said(one(lab("340"), threshold_set="ng239").latest.sentences) == [
        'In the band "borderline" (NICE NG239, 2024).'
    ]
    printed = one(lab("168", reference="180-914"), threshold_set="as-printed")
    assert said(printed.latest.sentences) == ["Below the range printed on the report."]
    assert said(one(lab("<250")).latest.sentences) == [
        "The result reaches across a limit (200 and 300 pg/mL limits), so no band is given."
    ]
    reaching = one(lab(">500", reference="180-914"), threshold_set="as-printed")
    assert said(reaching.latest.sentences) == [
        "The result reaches across a limit of the printed range, so it is not placed in it."
    ]


@pytest.mark.req("REQ-12")
def test_an_analyte_without_limits_in_the_set_is_placed_in_the_range_of_its_report() -> None:
    view = one(lab("400", 0, "nmol/L", "mma", reference="0-378"))
    assert (view.set_id, view.latest.band and view.latest.band.label) == ("as-printed", "high")
    assert view.bands == (DrawnBand("low", None, 0), DrawnBand("normal", 0, 378), DrawnBand("high", 378, None))
    none = one(lab("400", 0, "nmol/L", "mma"))
    assert (none.bands, none.latest.band, none.latest.sentences) == ((), None, ())


@pytest.mark.req("REQ-31")
def test_bands_are_drawn_in_the_default_unit() -> None:
    assert [(each.label, each.low, each.high) for each in one(lab("250", 0, "pmol/L")).bands] == [
        ("low", None, 200),
        ("borderline", 200, 300),
        ("normal", 300, None),
    ]
    ng239 = one(lab("250"), threshold_set="ng239").bands
    assert [each.low for each in ng239] == [None, 180, 350]
    old, new = lab("250", 0, reference="180-914"), lab("250", 9, "pmol/L", reference="145-569")
    edges = one(old, new, threshold_set="as-printed").bands[1]
    assert (edges.low, edges.high) == pytest.approx((196.53, 771.21), abs=0.01)


def test_another_set_changes_bands_and_no_result() -> None:
    labs = (lab("250"), lab("320", 30))
    views = [one(*labs, threshold_set=each.set_id) for each in threshold_sets()]
    assert len({tuple(result.entry for result in view.results) for view in views}) == 1
    labels = [[result.band and result.band.label for result in view.results] for view in views]
    assert labels == [["borderline", "normal"], ["borderline", "borderline"], [None, None]]


@pytest.mark.req("REQ-31")
def test_a_change_is_told_against_the_result_before_of_the_same_laboratory_and_method() -> None:
    view = one(
        lab("168"), lab("400", 60, laboratory="South"), lab("230", 90), lab("210", 120), lab("500", 150, method="CMIA")
    )
    assert [each.segment for each in view.results] == [1, 2, 1, 1, 3]
    assert [each.change for each in view.results] == [None, None, LabChange.BEYOND, LabChange.WITHIN, None]
    apart = "From another laboratory or by another method than the result before: the two are not compared."
    assert [apart in said(each.sentences) for each in view.results] == [False, True, True, False, True]
    assert (
        "Changed since 10 Jan 2025 by more than it varies anyway (−31.6 % to +31.6 %, the larger limits of two "
        "studies, Ozkanay 2023)."
    ) in said(view.results[2].sentences)
    assert any(text.startswith("No change beyond what it varies") for text in said(view.results[3].sentences))
    mma = one(lab("400", 0, "nmol/L", "mma"), lab("0.2", 30, "umol/L", "mma"))
    assert said(mma.latest.sentences) == [
        "Changed since 10 Jan 2025 by more than it varies anyway (−17.7 % to +21.0 %, Scand J Clin Lab Invest 79:247)."
    ]


def test_what_was_taken_becomes_a_flag_with_its_note() -> None:
    shot = DoseEntry(START + dt.timedelta(20), "b12", 1000, "mcg", "im")
    view = one(lab("168"), lab("400", 30, flags=("biotin",)), doses=(shot,))
    before, after = view.results
    assert before.flags == ()
    assert after.flags == ("biotin", "injection-14d", "on-treatment")
    assert after.entry.flags == ("biotin",)
    texts = said(after.sentences)
    assert "Recorded with this draw: biotin, B12 injection less than 14 days before and B12 supplement." in texts
    notes = [each for each in after.sentences if each.interpreting]
    assert [each.key for each in notes] == ["labs.biotin-competitive", "labs.injection", "labs.on-treatment"]


def test_a_low_egfr_is_noted_beside_what_it_raises() -> None:
    def noted(analyte: str, *more: LabEntry, **fields: Any) -> list[str]:
        own = lab("15", 0, "umol/L" if analyte == "homocysteine" else "pmol/L", analyte, **fields)
        views = {view.analyte: view for view in labs_view(record(own, *more))}
        return [each.key for each in views[analyte].latest.sentences]

    def egfr(text: str, days: int) -> LabEntry:
        return lab(text, days, "mL/min/{1.73_m2}", "egfr")

    assert "labs.kidney-raises" in noted("homocysteine", egfr("90", -400), egfr("59", -30))
    assert "labs.kidney-raises" not in noted("homocysteine", egfr("59", -400), egfr("60", -30))
    assert noted("homocysteine", egfr("<60", 0), flags=("kidney-disease",)).count("labs.kidney-raises") == 1
    assert "labs.kidney-raises" not in noted("active-b12", egfr("30", 0))


def test_everything_that_can_be_said_has_a_text() -> None:
    assert {effect.note for effect in effects()} <= set(texts())
    assert {f"labs.flag-{flag}" for flag in LabFlag} <= set(texts())


def test_without_results_there_is_nothing_to_show() -> None:
    assert labs_view(record()) == ()
    assert b12_crossing(record()) is None


def test_analytes_stand_in_their_own_order() -> None:
    labs = [lab("1", 0, each.default_unit, each.id) for each in analytes()]
    assert [view.analyte for view in labs_view(record(*reversed(labs)))] == [each.id for each in analytes()]


@pytest.mark.req("REQ-31", "REQ-32")
def test_the_crossing_lies_between_the_last_draw_not_above_and_the_first_above() -> None:
    assert crossing(lab("168"), lab("250", 30), lab("400", 90), lab("500", 180)) == (30, 90)
    assert crossing(lab("168"), lab("300", 30)) is None
    assert crossing(lab("400"), lab("500", 30)) == (None, 0)
    assert crossing(lab("168"), lab("340", 30), threshold_set="ng239") is None
    assert crossing(lab("168"), lab("360", 30), threshold_set="ng239") == (0, 30)


@pytest.mark.req("REQ-32")
def test_the_crossing_is_told_of_intervals() -> None:
    assert crossing(lab("<250"), lab(">300", 30)) == (0, 30)
    assert crossing(lab("168"), lab("<500", 30), lab("> 2000", 60)) == (0, 60)
    assert crossing(lab("168"), lab(">250", 30)) is None
    assert crossing(lab("<500"), lab("400", 30)) == (None, 30)


@pytest.mark.req("REQ-32")
def test_results_of_one_day_that_disagree_are_passed_over() -> None:
    assert crossing(lab("168"), lab("290", 30), lab("310", 30), lab("400", 60)) == (0, 60)
    assert crossing(lab("168"), lab("310", 30), lab("320", 30)) == (0, 30)


@pytest.mark.req("REQ-32")
def test_by_the_printed_range_its_lower_limit_is_crossed() -> None:
    labs = (lab("168", reference="180-914"), lab("200", 30), lab("180", 60, reference="180-914"))
    assert crossing(*labs, threshold_set="as-printed") == (0, 60)
    assert crossing(*labs[:2], threshold_set="as-printed") is None


@pytest.mark.req("REQ-32")
def test_active_b12_counts_where_total_b12_cannot_be_told() -> None:
    active = (lab("20", 0, "pmol/L", "active-b12"), lab("80", 30, "pmol/L", "active-b12"))
    assert crossing(*active, threshold_set="ng239") == (0, 30)
    assert crossing(*active) is None
    assert crossing(*active, lab("168", 60), threshold_set="ng239") is None


@pytest.mark.req("REQ-32")
def test_ups_and_downs_before_the_first_dose_do_not_count() -> None:
    taken = {"regimens": (regimen("b12", "b12", START + dt.timedelta(1000)),)}
    ups = (lab("180"), lab("400", 300), lab("170", 990))
    assert crossing(*ups, lab("500", 1090), **taken) == (990, 1090)
    assert crossing(*ups, **taken) is None
    assert crossing(*ups, lab("500", 1090)) == (0, 300)
    assert crossing(lab("400"), lab("170", 990), lab("500", 1090), **taken) == (990, 1090)
    assert crossing(lab("400"), lab("500", 1090), **taken) == (None, 0)
    assert crossing(lab("170", 1010), lab("500", 1090), **taken) == (1010, 1090)


def test_a_fall_after_the_first_draw_is_no_crossing_of_its_own() -> None:
    assert crossing(lab("400"), lab("170", 30)) == (None, 0)


# Draws by days; values away from edges, where rounding decides (domain reference 2.1: labs print whole pmol/L).
values = st.integers(30, 1500).filter(lambda value: all(abs(value - edge) > 2 for edge in (180, 200, 300, 350)))
courses = st.lists(
    st.tuples(st.integers(0, 700), values, st.sampled_from(["", "<", ">"]), st.sampled_from("NS"), st.booleans()),
    max_size=7,
    unique_by=lambda draw: draw[0],
)
sets = st.sampled_from(["brief", "ng239", "as-printed"])


def course(draws: list[Any], unit: str, shift: int = 0) -> list[LabEntry]:
    """The same draws in a unit, rounded as laboratories print it: to a tenth of a pmol/L."""
    factor = 0.7378 if unit == "pmol/L" else 1.0
    limits = (190 * factor, 900 * factor)
    return [
        lab(
            f"{sign}{value * factor:.1f}",
            days + shift,
            unit,
            laboratory=where,
            ref_low=limits[0] if ranged else None,
            ref_high=limits[1] if ranged else None,
        )
        for days, value, sign, where, ranged in draws
        if abs(value - 190) > 2 and abs(value - 900) > 2
    ]


def states(made: PersonRecord, *, days: int = 0) -> list[Any]:
    """Everything that is said but the numbers; dates moved back by so many days."""
    moved = dt.timedelta(days)
    found: list[Any] = [
        [
            (each.drawn - moved, each.band and each.band.label, each.segment, each.change, each.flags)
            for each in view.results
        ]
        for view in labs_view(made)
    ]
    between = b12_crossing(made)
    return [*found, between and (between[0] and between[0] - moved, between[1] - moved)]


@given(courses, sets, st.integers(-3000, 3000), st.integers(0, 99), st.integers(0, 700))
def test_order_and_calendar_change_nothing(draws: list[Any], chosen: str, shift: int, seed: int, dose: int) -> None:
    def taken(moved: int) -> tuple[RegimenEntry, ...]:
        return (regimen("b12", "b12", START + dt.timedelta(dose + moved)),)

    plain = record(*course(draws, "pg/mL"), threshold_set=chosen, regimens=taken(0))
    shuffled = random.Random(seed).sample(course(draws, "pg/mL", shift), len(plain.labs))
    other = record(*shuffled, threshold_set=chosen, regimens=taken(shift))
    assert states(other, days=shift) == states(plain)


@given(courses, sets, st.lists(st.booleans(), min_size=7, max_size=7))
def test_the_unit_of_a_result_changes_no_band_and_no_crossing(draws: list[Any], chosen: str, molar: list[bool]) -> None:
    plain = course(draws, "pg/mL")
    mixed = [
        second if other else first for first, second, other in zip(plain, course(draws, "pmol/L"), molar, strict=False)
    ]
    one, other = record(*plain, threshold_set=chosen), record(*mixed, threshold_set=chosen)
    assert [_but_change(state) for state in states(other)] == [_but_change(state) for state in states(one)]


def _but_change(state: Any) -> Any:
    """Without the changes, which rounding may move over a limit; `tests/labs/test_variation.py` has them."""
    return [(*row[:3], row[4]) for row in state] if isinstance(state, list) else state


@given(courses, st.booleans())
def test_pregnancy_at_the_draw_or_as_answered_is_asked_alike(draws: list[Any], answered: bool) -> None:
    labs = course(draws, "pg/mL")
    flagged = [dataclasses.replace(each, flags=("pregnancy",)) for each in labs]
    answers = AnswersEntry(START, pregnant=answered)
    assert [v.results[-1].band for v in labs_view(record(*labs, answers=answers))] == [
        v.results[-1].band for v in labs_view(record(*flagged))
    ]
