"""Numbers and dates as people read them. A density never appears without its unit and its error."""

from __future__ import annotations

import datetime as dt

from station.service.views import Estimate
from station.trends.wording import NBSP, date_words
from station.values import Calibre, Interval
from web.text import ENGLISH


def number(value: float) -> str:
    """A density: one decimal below 100, none above (finer digits would be within any error)."""
    return f"{value:.1f}" if abs(value) < 99.95 else f"{value:.0f}"


def count(value: int) -> str:
    """A whole number, thousands apart."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def range_words(interval: Interval) -> str:
    """ "71–86"; with one decimal where whole numbers would hide the width."""
    digits = 1 if interval.high - interval.low < 4 else 0
    return f"{interval.low:.{digits}f}–{interval.high:.{digits}f}"


def interval(interval: Interval) -> str:
    """ "90 % interval 71–86"."""
    return ENGLISH.interval.format(level=interval.level * 100, range=range_words(interval))


def estimate(value: Estimate | None, unit: str) -> str:
    """ "78.4 FU/cm² (90 % interval 71–86)", or a dash while nothing is measured."""
    return "–" if value is None else f"{number(value.value)}{NBSP}{unit} ({interval(value.interval)})"


def value_and_range(value: Estimate | None) -> str:
    """ "78.4 (71–86)" for tables whose head states unit and level, or a dash while nothing is measured."""
    return "–" if value is None else f"{number(value.value)} ({range_words(value.interval)})"


def percent(share: float) -> str:
    """A share of 0 to 1, "12 %"."""
    return f"{100 * share:.0f}{NBSP}%"


def calibre(value: Calibre) -> str:
    """Hair thickness with what it rests on, or why it is withheld."""
    if value.mean_um is None or value.median_um is None or value.thin_share is None:
        return ENGLISH.site_calibre_withheld.format(reason=value.reason)
    return ENGLISH.site_calibre_value.format(
        mean=value.mean_um,
        median=value.median_um,
        share=percent(value.thin_share),
        thin=value.threshold_um,
        hairs=count(value.hairs),
    )


def area(value: float) -> str:
    """A counted area, "1.24 cm²"."""
    return f"{value:.2f}{NBSP}cm²"


def short_date(date: dt.date) -> str:
    """Day and month: "3 Mar"."""
    return NBSP.join(date_words(date).split(NBSP)[:2])


def moment(taken: dt.datetime) -> str:
    """ "3 Mar 2025, 14:05 UTC"."""
    utc = taken.astimezone(dt.UTC)
    return f"{date_words(utc.date())}, {utc:%H:%M}{NBSP}UTC"


def clock_words(status: str) -> str:
    """How well the time of a record is known; a status of a later version is shown as it is."""
    return ENGLISH.clocks.get(status, status)


def duration(seconds: float) -> str:
    """A waiting time, rounded to what a person can use."""
    if seconds < 50:
        return ENGLISH.seconds.format(n=max(10, round(seconds / 10) * 10))
    return ENGLISH.minutes.format(n=max(1, round(seconds / 60)))
