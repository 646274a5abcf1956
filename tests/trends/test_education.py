"""Help pages and the disclaimer."""

from __future__ import annotations

import hashlib

import pytest

from station.trends.education import DISCLAIMER_VERSION, Page, disclaimer, pages


def page(name: str) -> Page:
    return next(each for each in pages() if each.id == name)


def words(name: str) -> str:
    return " ".join(sentence.text() for sentence in page(name).paragraphs)


@pytest.mark.req("REQ-02", "REQ-04")
def test_the_page_on_b12_gives_the_range_of_estimates_and_marks_it_as_disputed() -> None:
    text = words("b12")
    assert "1 to 2 % up to 6 %" in text
    assert "Causation and recovery are not established." in text
    assert "23 to 72 hours" in text
    assert page("b12").disputed is not None
    assert len(page("b12").sources) >= 3


@pytest.mark.req("REQ-24")
def test_the_two_guides_are_local_pages() -> None:
    assert page("vegan").title.text() == "Tracking hair on a vegan diet"
    assert page("diet").title.text() == "Diet and hair loss"


@pytest.mark.req("REQ-40")
def test_treatable_and_trackable_is_said_without_a_promise() -> None:
    assert "No one can promise it." in words("recovery")


@pytest.mark.req("REQ-42")
def test_the_missing_question_is_asked_and_answered() -> None:
    first, second = page("faq").paragraphs[:2]
    assert first.text() == "Is a shortage of vitamin B12 a cause of hair loss?"
    assert second.text().startswith("It may be one of several.")


@pytest.mark.req("REQ-41")
def test_another_wording_of_the_disclaimer_needs_another_version() -> None:
    text = "\n".join(sentence.text() for sentence in disclaimer())
    assert "qualified health professional" in text
    known = {"disclaimer/1": "a2311b6d84b1"}
    assert known[DISCLAIMER_VERSION] == hashlib.sha256(text.encode()).hexdigest()[:12]


def test_every_page_has_a_title_paragraphs_and_sources_and_stays_without_interpretation() -> None:
    for each in pages():
        assert each.title.text()
        assert each.paragraphs
        assert each.sources
        assert not any(sentence.interpreting for sentence in each.paragraphs)
