"""Sentences with a key: written in the reader's language, and left out when interpretation is switched off."""

from __future__ import annotations

import datetime as dt
import string

import pytest

from station.trends import sentences
from station.trends.sentences import Number, Term, Terms, percent, say, shown, texts, written

DAY = dt.date(2025, 9, 3)


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [
        (percent(-14.23), "−14.2 %", "−14,2 %"),
        (percent(3.06), "+3.1 %", "+3,1 %"),
        (percent(-0.04), "0.0 %", "0,0 %"),
        (Number(1234.5, 1), "1,234.5", "1.234,5"),
        (Number(200, 0, unit="pg/mL"), "200 pg/mL", "200 pg/mL"),
        (DAY, "3 Sep 2025", "3. Sept. 2025"),
        (Term("site.vertex"), "vertex", "Wirbel"),
        (
            Terms(("site.frontal", "site.midscalp", "site.vertex")),
            "frontal, midscalp and vertex",
            "frontal, Scheitelmitte und Wirbel",
        ),
        ("verbatim", "verbatim", "verbatim"),
        (7, "7", "7"),
    ],
)
def test_values_are_written_as_the_language_writes_them(value: sentences.Value, english: str, german: str) -> None:
    assert written(value, "en").replace("\u00a0", " ") == english
    assert written(value, "de").replace("\u00a0", " ") == german


def test_a_sentence_is_never_invented() -> None:
    with pytest.raises(KeyError):
        say("change.no-such-sentence")


def test_a_language_without_a_translation_speaks_english() -> None:
    assert sentences.translated("A text that no catalogue has.", "de") == "A text that no catalogue has."


@pytest.mark.req("REQ-41")
def test_interpretation_can_be_switched_off() -> None:
    recorded, meant = say("change.none"), say("change.none", interpreting=True)
    assert shown([recorded, meant], interpretation=True) == (recorded, meant)
    assert shown([recorded, meant], interpretation=False) == (recorded,)


AVOIDED = ("confirms", "deficiency detected", "cured", "diagnosis", "you have", "normal hair loss")


@pytest.mark.req("REQ-35", "REQ-41")
def test_no_text_uses_a_word_to_avoid() -> None:
    """Domain reference 1.9, disclaimer: the words that no screen may use."""
    found = {key: word for key, text in texts().items() for word in AVOIDED if word in text.lower()}
    assert found == {}


def test_every_text_can_be_filled_in() -> None:
    for key, text in texts().items():
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        assert all(name.isidentifier() for name in names), key
