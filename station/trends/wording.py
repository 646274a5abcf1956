"""The words for a change, in one place: pages, the API and exports all speak through this module.

The sentences describe what was recorded and how it compares with measurement error. They never say what it means for
the person. None claims a change that is not beyond the least detectable change. Their texts are in `texts/change.toml`.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass

from station.trends.sentences import Number, Sentence, Term, percent, say

HAIRS = Term("quantity.hairs")
FU = Term("quantity.fu")
"""The names of the two densities."""

MAX_DECIMALS = 4
"""Where a difference and its limit are still the same text, they are the same to anyone."""


class ChangeState(enum.StrEnum):
    """How a recorded difference compares with measurement error."""

    CHANGED = "changed"
    WITHIN = "within"
    NOT_ENOUGH = "not-enough"


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """The difference that is told now (`station.trends.ladder`).

    percent: later against earlier; mdc_percent: the minimal detectable change at 95 %, in the direction of the
    difference (rises and falls have different limits: error is symmetrical on logarithms); beyond_error: whether the
    one is larger than the other; since: date of the first visit that was compared; ends: the last three visits against
    the first three, otherwise the latest against the baseline.
    """

    percent: float
    mdc_percent: float
    beyond_error: bool
    since: dt.date
    ends: bool = False


def change_state(change: RecordedChange | None) -> ChangeState:
    """The state that a page may mark with a colour or a sign."""
    if change is None:
        return ChangeState.NOT_ENOUGH
    return ChangeState.CHANGED if change.beyond_error else ChangeState.WITHIN


def headline(quantity: Term, change: RecordedChange | None) -> Sentence:
    """The first sentence of a person's page. quantity: the density, `HAIRS` or `FU`."""
    if change is None:
        return say("change.none")
    if change.beyond_error:
        difference, _limit = _numbers(change)
        return say("change.beyond", quantity=quantity, difference=difference, since=change.since)
    return say("change.within", quantity=quantity, since=change.since)


def reason(change: RecordedChange | None, complete_visits: int) -> Sentence:
    """The sentence under the headline: how sure, and against what."""
    if change is None:
        return say("change.too-few-one") if complete_visits == 1 else say("change.too-few", visits=complete_visits)
    difference, limit = _numbers(change)
    rule = "ends" if change.ends else "pair"
    if change.beyond_error:
        return say(f"change.reason-beyond-{rule}", limit=limit)
    return say(f"change.reason-within-{rule}", difference=difference, limit=limit)


def beside(change: RecordedChange | None) -> Sentence | None:
    """One sentence for FU/cm2, told beside the claim on hairs/cm2: no change is claimed from it."""
    if change is None:
        return None
    difference, limit = _numbers(change)
    return say("ladder.fu", percent=difference, limit=limit)


def outside_band(below: Sequence[int], above: Sequence[int]) -> Sentence | None:
    """Which visits between the baseline and the latest lay outside the band of the least detectable change.

    below, above: visit numbers in rising order. None when there are none.
    """
    under, over = _runs(below), _runs(above)
    if below and above:
        return say(
            "change.outside-both", below=under, below_visits=_visits(below), above=over, above_visits=_visits(above)
        )
    if below:
        return say("change.outside-below", below=under, below_visits=_visits(below))
    return say("change.outside-above", above=over, above_visits=_visits(above)) if above else None


def _numbers(change: RecordedChange) -> tuple[Number, Number]:
    """The difference and the least detectable change, with as many decimals as tell the one from the other."""
    size, limit = abs(change.percent), change.mdc_percent
    decimals = 1
    while decimals < MAX_DECIMALS and f"{size:.{decimals}f}" == f"{limit:.{decimals}f}":
        decimals += 1
    return percent(change.percent, decimals), percent(limit, decimals, signed=False)


def _visits(numbers: Sequence[int]) -> Term:
    return Term("change.visit" if len(numbers) == 1 else "change.visits")


def _runs(numbers: Sequence[int]) -> str:
    """ "4", "4–8", "4, 6–8": runs of consecutive numbers are joined."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
