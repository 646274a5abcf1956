"""The words for a change: they state what was recorded, and no change that is within measurement error."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.trends import sentences, wording
from station.trends.sentences import Sentence, written
from station.trends.wording import ChangeState, RecordedChange

SINCE = dt.date(2025, 3, 3)


def change(percent: float, mdc: float = 9.8) -> RecordedChange:
    return RecordedChange(percent, mdc, abs(percent) > mdc, SINCE)


def plain(sentence: Sentence, language: str = "en") -> str:
    return sentence.text(language).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("percent", "words"),
    [(-14.23, "−14.2 %"), (3.06, "+3.1 %"), (0.0, "0.0 %"), (-0.04, "0.0 %"), (0.04, "0.0 %"), (100.0, "+100.0 %")],
)
def test_percentages_are_signed(percent: float, words: str) -> None:
    assert written(sentences.percent(percent)).replace("\u00a0", " ") == words


@pytest.mark.parametrize(
    ("recorded", "state", "head"),
    [
        (change(-14.2), ChangeState.CHANGED, "Hairs/cm² changed by −14.2 % since 3 Mar 2025"),
        (change(12.0), ChangeState.CHANGED, "Hairs/cm² changed by +12.0 % since 3 Mar 2025"),
        (change(-9.8), ChangeState.WITHIN, "Hairs/cm²: within measurement error since 3 Mar 2025"),
        (None, ChangeState.NOT_ENOUGH, "Not enough data to tell a change"),
    ],
)
def test_headline(recorded: RecordedChange | None, state: ChangeState, head: str) -> None:
    assert wording.change_state(recorded) is state
    assert plain(wording.headline(wording.HAIRS, recorded)) == head


def beside(recorded: RecordedChange) -> Sentence:
    found = wording.beside(recorded)
    assert found is not None
    return found


def test_what_was_compared_is_said() -> None:
    assert "latest visit is compared with the baseline" in plain(wording.reason(change(3.0, 5.0), 4))
    ends = dataclasses.replace(change(9.0, 5.0), ends=True)
    assert "last three visits are compared with the first three" in plain(wording.reason(ends, 7))


def test_no_change_is_claimed_from_follicular_units() -> None:
    assert "no change is told from it" in plain(beside(change(9.0, 2.0)))
    assert wording.beside(None) is None


def test_a_change_never_reads_as_equal_to_its_limit() -> None:
    beyond, within = RecordedChange(-2.24, 2.21, True, SINCE), RecordedChange(2.2441, 2.2449, False, SINCE)
    assert plain(beside(beyond)).startswith("FU/cm² beside it: −2.24 % (least detectable change 2.21 %).")
    assert plain(wording.headline(wording.FU, beyond)).startswith("FU/cm² changed by −2.24 % since")
    assert "least detectable change is 2.21 %" in plain(wording.reason(beyond, 2))
    assert plain(beside(within)).startswith("FU/cm² beside it: +2.244 % (least detectable change 2.245 %).")


@given(st.floats(-60, 60), st.floats(1, 40))
def test_no_sentence_claims_a_change_within_error(percent: float, mdc: float) -> None:
    recorded = change(percent, mdc)
    said = [
        plain(sentence)
        for sentence in (
            wording.headline(wording.HAIRS, recorded),
            wording.reason(recorded, 2),
            beside(recorded),
        )
    ]
    claims = any("changed by" in sentence for sentence in said)
    assert claims == (abs(percent) > mdc)
    limits = [f"{mdc:.{decimals}f}" for decimals in range(1, wording.MAX_DECIMALS + 1)]
    assert any(limit in sentence for limit in limits for sentence in said)


@pytest.mark.parametrize(("complete", "words"), [(0, "0 are complete"), (1, "1 is complete")])
def test_too_few_visits_are_counted(complete: int, words: str) -> None:
    assert words in plain(wording.reason(None, complete))


@pytest.mark.parametrize(
    ("below", "above", "words"),
    [
        ([], [], ""),
        ([4], [], "In between: visit 4 recorded below the baseline's band."),
        ([4, 5, 6, 9], [], "In between: visits 4–6, 9 recorded below the baseline's band."),
        ([], [3, 4], "In between: visits 3–4 recorded above the baseline's band."),
        (
            [2],
            [7],
            "In between: visit 2 recorded below the baseline's band, visit 7 recorded above the baseline's band.",
        ),
    ],
)
def test_visits_outside_the_band(below: list[int], above: list[int], words: str) -> None:
    sentence = wording.outside_band(below, above)
    assert (plain(sentence) if sentence is not None else "") == words


def test_the_sentences_follow_the_readers_language() -> None:
    assert plain(wording.headline(wording.HAIRS, change(-14.2)), "de") == (
        "Haare/cm² seit 3. März 2025 um −14,2 % verändert"
    )
    outside = wording.outside_band([4, 5], [7])
    assert outside is not None
    assert plain(outside, "de") == (
        "Dazwischen: Besuche 4–5 unter dem Band des ersten Besuchs aufgezeichnet, Besuch 7 darüber."
    )


def test_what_was_recorded_is_not_interpretation() -> None:
    recorded = change(-14.2)
    said = (
        wording.headline(wording.HAIRS, recorded),
        wording.reason(recorded, 2),
        beside(recorded),
    )
    assert sentences.shown(said, interpretation=False) == said
