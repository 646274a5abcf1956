"""Dates as people and laboratories write them."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Mapping

from babel import dates

from station.intake.digits import plain_digits

_LANGUAGES = ("en", "de")
_EXAMPLE = "Write it as 2026-03-05 or 5 Mar 2026."
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_YEAR_LAST = re.compile(r"(\d{1,2})(\.\s?|[-/])(\d{1,2})(\.\s?|[-/])(\d{4})", re.ASCII)
_DAY_WORD = re.compile(r"(\d{1,2})\.?[ -]?([^\W\d_]+)\.?,?[ -]?(\d{4})")
_WORD_DAY = re.compile(r"([^\W\d_]+)\.? ?(\d{1,2}),? (\d{4})")
_SHORT_YEAR = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?\d{2}|\d{1,2}/\d{1,2}/\d{2}|\d{1,2}-\d{1,2}-\d{2}", re.ASCII)


def read_date(text: str) -> dt.date:
    """The date that a text stands for: 2026-03-05, 5.3.2026, 5 Mar 2026, March 5, 2026, 25/3/2026.

    Raises ValueError with a sentence that says what to do, also where day and month cannot be told apart: which of
    the two comes first in 03/04/2026 depends on the country.
    """
    plain = " ".join(plain_digits(text).split())
    if found := _YEAR_FIRST.fullmatch(plain):
        return _date(found[1], found[3], found[4])
    if found := _YEAR_LAST.fullmatch(plain):
        if "." in found[2] and "." in found[4]:
            return _date(found[5], found[3], found[1])
        if found[2] == found[4]:
            return _either_first(found[1], found[3], found[5])
    if found := _DAY_WORD.fullmatch(plain):
        return _date(found[3], _month(found[2]), found[1])
    if found := _WORD_DAY.fullmatch(plain):
        return _date(found[3], _month(found[1]), found[2])
    if _SHORT_YEAR.fullmatch(plain):
        raise ValueError(f"The year needs four digits. {_EXAMPLE}")
    raise ValueError(f"This is not a date that can be read. {_EXAMPLE}")


def _either_first(one: str, other: str, year: str) -> dt.date:
    """Both orders are in use with a slash or a dash; the date is clear where one of them cannot be a month."""
    if int(one) <= 12 and int(other) <= 12 and int(one) != int(other):
        names = dates.get_month_names("abbreviated", locale="en")
        raise ValueError(f"This can be {int(one)} {names[int(other)]} or {int(other)} {names[int(one)]}. {_EXAMPLE}")
    day, month = (one, other) if int(other) <= 12 else (other, one)
    return _date(year, month, day)


def _date(year: str, month: str | int, day: str) -> dt.date:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(f"There is no such day in the calendar. {_EXAMPLE}") from None


def _month(word: str) -> int:
    try:
        return _months()[word.casefold()]
    except KeyError:
        raise ValueError(f"The month cannot be read. {_EXAMPLE}") from None


@functools.cache
def _months() -> Mapping[str, int]:
    """Month names and their short forms in the station's languages, without the full stop."""
    return {
        name.rstrip(".").casefold(): month
        for language in _LANGUAGES
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for month, name in dates.get_month_names(width, context, language).items()
    }
