"""Threshold sets, and the band that a result falls into."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import LabEntry
from station.labs.thresholds import Edges, Rule, band_of, is_above, threshold_set, threshold_sets, upper_threshold
from station.labs.units import convert

DRAWN = dt.date(2026, 3, 2)


def result(text: str, unit: str = "pg/mL", analyte: str = "b12", **more: Any) -> LabEntry:
    """A result as the readers of the intake leave it: `result("<150")`."""
    comparator = text.rstrip("0123456789.") or "="
    number = float(text.lstrip("<>="))
    low = 0.0 if comparator.startswith("<") else number
    high = None if comparator.startswith(">") else number
    return LabEntry(analyte, text, comparator, number, low, high, unit, DRAWN, **more)


def label(set_id: str, text: str, unit: str = "pg/mL", analyte: str = "b12", **more: Any) -> str | None:
    band = band_of(set_id, result(text, unit, analyte, **more))
    return None if band is None else band.label


@pytest.mark.req("REQ-09", "REQ-10", "REQ-11")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("168", "low"),
        ("199.999999999", "low"),
        (repr(math.nextafter(200, 0)), "low"),
        ("200", "borderline"),
        ("250", "borderline"),
        ("300", "borderline"),
        (repr(math.nextafter(300, 301)), "normal"),
        ("301", "normal"),
        ("2000", "normal"),
    ],
)
def test_the_brief_bands_b12_with_both_edges_borderline(text: str, expected: str) -> None:
    assert label("brief", text) == expected


@pytest.mark.req("REQ-09", "REQ-10", "REQ-11")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<150", "low"),
        ("<200", "low"),
        ("<=200", None),
        ("<250", None),
        (">=300", None),
        (">300", "normal"),
        (">2000", "normal"),
        (">250", None),
    ],
)
def test_a_censored_result_has_a_band_only_if_all_of_it_lies_in_one(text: str, expected: str | None) -> None:
    assert label("brief", text) == expected


@pytest.mark.req("REQ-10")
def test_a_printed_range_of_values_is_banded_as_a_whole() -> None:
    def span(low: float, high: float) -> LabEntry:
        return LabEntry("b12", f"{low:g}-{high:g}", "", None, low, high, "pg/mL", DRAWN)

    inside = band_of("brief", span(200, 300))
    assert inside is not None
    assert inside.label == "borderline"
    assert band_of("brief", span(190, 210)) is None


def test_two_names_of_one_unit_band_alike() -> None:
    assert [label("brief", text, "ng/L") for text in ("199.9999999", "200", "300", "300.0000001")] == [
        "low",
        "borderline",
        "borderline",
        "normal",
    ]


@pytest.mark.req("REQ-09", "REQ-10", "REQ-11")
def test_molar_results_are_compared_by_conversion() -> None:
    # 200 pg/mL = 147.6 pmol/L, 300 = 221.3 (domain reference 2.1).
    found = [label("brief", text, "pmol/L") for text in ("147", "148", "221", "222", "250")]
    assert found == ["low", "borderline", "borderline", "normal", "normal"]


@pytest.mark.req("REQ-10")
def test_a_conversion_moves_nothing_over_an_edge() -> None:
    for edge in (200.0, 300.0):
        molar = convert("b12", edge, "pg/mL", "pmol/L")
        for value in (molar, math.nextafter(molar, 0), math.nextafter(molar, 999)):
            assert label("brief", repr(value), "pmol/L") == "borderline"


@pytest.mark.req("REQ-11")
def test_ng239_bands_total_and_active_b12() -> None:
    assert [label("ng239", text, "ng/L") for text in ("179", "180", "350", "351")] == [
        "low",
        "borderline",
        "borderline",
        "normal",
    ]
    assert [label("ng239", text, "pmol/L", "active-b12") for text in ("24", "25", "70", "70.1")] == [
        "low",
        "borderline",
        "borderline",
        "normal",
    ]


@pytest.mark.req("REQ-12")
def test_the_printed_range_bands_any_analyte_in_its_own_unit() -> None:
    def printed(text: str, low: float | None, high: float | None) -> str | None:
        return label("as-printed", text, "nmol/L", "mma", ref_low=low, ref_high=high)

    assert [printed(text, 100, 378) for text in ("90", "100", "378", "379")] == ["low", "normal", "normal", "high"]
    assert [printed(text, None, 378) for text in ("378", "379", ">378", "<378", ">300")] == [
        "normal",
        "high",
        "high",
        "normal",
        None,
    ]
    assert [printed(text, 100, None) for text in ("99", "100", "<100")] == ["low", "normal", "low"]
    assert printed("300", None, None) is None


@pytest.mark.req("REQ-11")
def test_a_band_names_its_set_source_year_and_edges() -> None:
    brief = band_of("brief", result("250"))
    assert brief is not None
    assert (brief.set_id, brief.title, brief.year) == ("brief", "200 and 300 pg/mL limits", 2026)
    assert (brief.low, brief.high, brief.unit) == (200, 300, "pg/mL")
    assert "23 February 2026" in brief.source
    ng239 = band_of("ng239", result("100", "pmol/L"))
    assert ng239 is not None
    assert (ng239.title, ng239.year, ng239.low, ng239.high, ng239.unit) == ("NICE NG239", 2024, None, 180, "ng/L")
    printed = band_of("as-printed", result("250", ref_low=232, ref_high=1245, laboratory="North"))
    assert printed is not None
    assert (printed.source, printed.year, printed.low, printed.high) == ("North", 2026, 232, 1245)


def test_a_set_has_nothing_for_other_analytes_nor_for_words() -> None:
    assert label("brief", "40", "pmol/L", "active-b12") is None
    assert label("ng239", "400", "nmol/L", "mma") is None
    word = LabEntry("b12", "haemolysed", "", None, None, None, "pg/mL", DRAWN)
    assert band_of("brief", word) is None
    assert is_above("brief", word) is None


def test_an_unknown_set_is_an_error() -> None:
    with pytest.raises(KeyError):
        band_of("another", result("250"))


def test_the_sets_are_those_of_the_setting() -> None:
    assert [each.set_id for each in threshold_sets()] == ["brief", "ng239", "as-printed"]
    for each in threshold_sets():
        assert each.source
        assert all(rule.set_id == each.set_id for rule in each.rules)
    assert len(threshold_set("ng239").rules) == 2


@pytest.mark.req("REQ-11", "REQ-32")
def test_the_upper_threshold_is_the_lower_edge_of_the_normal_band() -> None:
    assert upper_threshold("brief", "b12") == (300, "pg/mL")
    assert upper_threshold("ng239", "b12") == (350, "ng/L")
    assert upper_threshold("ng239", "active-b12") == (70, "pmol/L")
    assert upper_threshold("brief", "ferritin") is None
    assert upper_threshold("as-printed", "b12") is None


@pytest.mark.req("REQ-32")
def test_above_the_threshold_is_told_of_intervals_that_span_the_lower_bands() -> None:
    found = [is_above("brief", result(text)) for text in ("<250", "<=300", "300", "301", ">300", ">250", "<400")]
    assert found == [False, False, False, True, True, None, None]
    printed = [is_above("as-printed", result(text, ref_low=200, ref_high=900)) for text in ("199", "200", ">500")]
    assert printed == [False, True, True]
    assert is_above("as-printed", result("500", ref_high=900)) is None


def test_a_rule_is_for_those_that_it_names() -> None:
    rule = Rule("x", "mma", "umol/L", (), assay="Architect", sex="female", age_min=18, age_max=64, pregnancy=False)
    assert rule.applies("Abbott ARCHITECT", 18, "female", False)
    for other in (
        ("Roche", 18, "female", False),
        ("Architect", 17, "female", False),
        ("Architect", 65, "female", False),
        ("Architect", None, "female", False),
        ("Architect", 18, "male", False),
        ("Architect", 18, "", False),
        ("Architect", 18, "female", True),
        ("Architect", 18, "female", None),
    ):
        assert not rule.applies(*other)
    assert Rule("x", "mma", "umol/L", ()).applies("", None, "", None)


@given(st.floats(0, 5000), st.sampled_from(["brief", "ng239"]))
def test_every_number_has_exactly_one_band(value: float, set_id: str) -> None:
    band = band_of(set_id, _number(value))
    assert band is not None
    holding = [edges for edges in threshold_set(set_id).rules[0].bands if _holds(edges, value)]
    assert [edges.label for edges in holding] == [band.label]


def _number(value: float) -> LabEntry:
    return LabEntry("b12", repr(value), "=", value, value, value, "pg/mL", DRAWN)


def _holds(edges: Edges, value: float) -> bool:
    low = edges.low is None or value > edges.low or (edges.low_incl and value == edges.low)
    high = edges.high is None or value < edges.high or (edges.high_incl and value == edges.high)
    return low and high
