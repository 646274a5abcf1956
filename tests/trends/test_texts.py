"""The words of the trends: what they must never say, and that they are plain."""

from __future__ import annotations

import re

import pyphen
import pytest

from station.trends.sentences import texts

FORBIDDEN = re.compile(
    r"\bconfirms\b|\bdeficiency detected\b|\bcured\b|\bdiagnosis\b|\byou have\b|\bnormal hair loss\b", re.IGNORECASE
)
"""Words to avoid (domain reference 01, 1.9); the disclaimer alone may say what is not done."""
FIELD = re.compile(r"\{[^}]*\}")


def grade(text: str) -> float:
    """Flesch-Kincaid grade of a text; fields count as one short word."""
    plain = FIELD.sub("ten", text)
    words = re.findall(r"[A-Za-zµ²'-]+", plain)
    sentences = max(1, len(re.findall(r"[.?!](?:\s|$)", plain)))
    dictionary = pyphen.Pyphen(lang="en_US")
    syllables = sum(max(1, len(dictionary.positions(word)) + 1) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


@pytest.mark.req("REQ-35", "REQ-40", "REQ-41")
def test_no_text_holds_a_word_to_avoid() -> None:
    assert len(texts()) > 100
    found = {key: text for key, text in texts().items() if FORBIDDEN.search(text) and not key.startswith("disclaimer.")}
    assert found == {}


SUBJECTS = (
    "distribution",
    "comparison",
    "norwood",
    "grey",
    "prompt",
    "baseline",
    "education",
    "labs",
    "endpoint",
    "ladder",
    "milestones",
    "phases",
    "recovery",
)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subjects_sentences_are_plain_english(subject: str) -> None:
    own = [text for key, text in texts().items() if key.startswith(f"{subject}.") and text.endswith((".", "?"))]
    assert grade(" ".join(own)) < 8.5
