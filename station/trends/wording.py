"""The words for a change, in one place: pages, the API and exports all speak through this module.

The words describe what was recorded and how it compares with measurement error. They never say what it means for
the person. No sentence claims a change that is not beyond the least detectable change.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass

NBSP = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class ChangeState(enum.StrEnum):
    """How a recorded difference compares with measurement error."""

    CHANGED = "changed"
    WITHIN = "within"
    NOT_ENOUGH = "not-enough"


@dataclass(frozen=True, slots=True)
class RecordedChange:
    """A difference against the baseline visit.

    percent: latest against baseline; mdc_percent: the minimal detectable change between two visits at 95 %, in the
    direction of the difference (rises and falls have different limits: error is symmetrical on logarithms);
    beyond_error: whether the one is larger than the other; since: date of the baseline visit.
    """

    percent: float
    mdc_percent: float
    beyond_error: bool
    since: dt.date


def date_words(date: dt.date) -> str:
    """A date as written in sentences: "3 Mar 2025"."""
    return NBSP.join((str(date.day), _MONTHS[date.month - 1], str(date.year)))


MAX_DECIMALS = 4
"""Where a difference and its limit are still the same text, they are the same to anyone."""


def signed_percent(percent: float, decimals: int = 1) -> str:
    """A signed percentage with a real minus sign: "−14.2 %", "+3.1 %", "0.0 %"."""
    digits = f"{abs(percent):.{decimals}f}"
    sign = "" if float(digits) == 0 else _MINUS if percent < 0 else "+"
    return f"{sign}{digits}{NBSP}%"


def _in_words(change: RecordedChange) -> tuple[str, str]:
    """The difference and the least detectable change, with as many decimals as tell the one from the other."""
    size, limit = abs(change.percent), change.mdc_percent
    decimals = 1
    while decimals < MAX_DECIMALS and f"{size:.{decimals}f}" == f"{limit:.{decimals}f}":
        decimals += 1
    return signed_percent(change.percent, decimals), f"{limit:.{decimals}f}{NBSP}%"


def change_state(change: RecordedChange | None) -> ChangeState:
    """The state that a page may mark with a colour or a sign."""
    if change is None:
        return ChangeState.NOT_ENOUGH
    return ChangeState.CHANGED if change.beyond_error else ChangeState.WITHIN


def headline(quantity: str, change: RecordedChange | None) -> str:
    """The first sentence of a person's page. quantity: the density's name, "Hairs/cm²"."""
    if change is None:
        return "Not enough data to tell a change"
    if change.beyond_error:
        difference, _limit = _in_words(change)
        return f"{quantity} changed by {difference} since {date_words(change.since)}"
    return f"{quantity}: within measurement error since {date_words(change.since)}"


def reason(change: RecordedChange | None, complete_visits: int) -> str:
    """The sentence under the headline: how sure, and against what."""
    if change is None:
        counted = "1 is complete" if complete_visits == 1 else f"{complete_visits} are complete"
        return f"A change is told from two complete visits or more; {counted} so far."
    difference, limit = _in_words(change)
    if change.beyond_error:
        return f"This is beyond measurement error: the least detectable change is {limit} (95{NBSP}%)."
    return (
        f"The recorded difference is {difference}; less than {limit} cannot be told from measurement error (95{NBSP}%)."
    )


def beside(quantity: str, change: RecordedChange | None) -> str:
    """One sentence for the second density, told beside the first."""
    if change is None:
        return f"{quantity}: not enough data."
    difference, limit = _in_words(change)
    if change.beyond_error:
        return f"{quantity} changed by {difference} (least detectable change {limit})."
    return f"{quantity}: {difference}, within measurement error ({limit})."


def outside_band(below: Sequence[int], above: Sequence[int]) -> str:
    """Which visits between the baseline and the latest lay outside the band of the least detectable change.

    below, above: visit numbers in rising order. Empty text when there are none.
    """
    parts = []
    if below:
        parts.append(f"{_visits(below)} recorded below the baseline's band")
    if above:
        parts.append(f"{_visits(above)} recorded above the baseline's band")
    if not parts:
        return ""
    sentence = ", ".join(parts)
    return f"In between: {sentence}."


def _visits(numbers: Sequence[int]) -> str:
    """ "visit 4", "visits 4–8", "visits 4, 6–8": runs of consecutive numbers are joined."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    listed = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in runs)
    return f"visit {listed}" if len(numbers) == 1 else f"visits {listed}"
