"""Numbers and dates as people read them, in their language. A density never appears without its unit and its error."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from babel import dates, numbers

from station.service.views import Estimate, PersonView, SiteView
from station.trends.sentences import MINUS, NBSP, written
from station.values import Calibre, Interval
from web.language import language
from web.text import TEXT

SHORT_DATE = {"en": "d MMM", "de": "d.M."}


def decimal(value: float, decimals: int = 1) -> str:
    """A number with so many decimals: "1.24", "1,24". Thousands are not set apart."""
    pattern = "0." + "0" * decimals if decimals else "0"
    return numbers.format_decimal(Decimal(f"{value:.{decimals}f}"), pattern, locale=language())


def number(value: float) -> str:
    """A density: one decimal below 100, none above (finer digits would be within any error)."""
    return decimal(value, 1 if abs(value) < 99.95 else 0)


def plain(value: float) -> str:
    """A number with the decimals that it has: "30", "2.5"."""
    return numbers.format_decimal(value, "0.######", locale=language())


def count(value: int) -> str:
    """A whole number, thousands apart."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def range_words(interval: Interval) -> str:
    """ "71–86"; with one decimal where whole numbers would hide the width."""
    digits = 1 if interval.high - interval.low < 4 else 0
    return f"{decimal(interval.low, digits)}–{decimal(interval.high, digits)}"


def interval(interval: Interval) -> str:
    """ "90 % interval 71–86"."""
    return TEXT.interval.format(level=decimal(interval.level * 100, 0), range=range_words(interval))


def estimate(value: Estimate | None, unit: str) -> str:
    """ "78.4 FU/cm² (90 % interval 71–86)", or a dash while nothing is measured."""
    return "–" if value is None else f"{number(value.value)}{NBSP}{unit} ({interval(value.interval)})"


def value_and_range(value: Estimate | None) -> str:
    """ "78.4 (71–86)" for tables whose head states unit and level, or a dash while nothing is measured."""
    return "–" if value is None else f"{number(value.value)} ({range_words(value.interval)})"


def percent(share: float) -> str:
    """A share of 0 to 1, "12 %"."""
    return f"{decimal(100 * share, 0)}{NBSP}%"


def share(value: float) -> str:
    """A small share of 0 to 1 in per cent, "1.2 %", below 1 % with two decimals."""
    return f"{decimal(100 * value, 2 if abs(value) < 0.00995 else 1)}{NBSP}%"


def signed_share(value: float) -> str:
    """The same with its sign: "+1.2 %", "−0.85 %"."""
    sign = MINUS if value < 0 else "+"
    return sign + share(abs(value))


def signed(value: float) -> str:
    """A change of a density with its sign, decimals as `number`: "−4.2", "+12.0", "+104"."""
    return ("+" if value >= 0 else MINUS) + number(abs(value))


def calibre(value: Calibre) -> str:
    """Hair thickness with what it rests on, or why it is withheld."""
    if value.mean_um is None or value.median_um is None or value.thin_share is None:
        return TEXT.site_calibre_withheld.format(reason=value.reason)
    return TEXT.site_calibre_value.format(
        mean=decimal(value.mean_um, 0),
        median=decimal(value.median_um, 0),
        share=percent(value.thin_share),
        thin=plain(value.threshold_um),
        hairs=count(value.hairs),
    )


def area(value: float) -> str:
    """A counted area, "1.24 cm²"."""
    return f"{decimal(value, 2)}{NBSP}cm²"


def date_words(date: dt.date) -> str:
    """A date as written in sentences: "3 Mar 2025"."""
    return written(date, language())


def short_date(date: dt.date) -> str:
    """Day and month where room is scarce: "3 Mar", "3.3."."""
    return dates.format_date(date, SHORT_DATE[language()], locale=language()).replace(" ", NBSP)


def moment(taken: dt.datetime) -> str:
    """ "3 Mar 2025, 14:05 UTC"."""
    utc = taken.astimezone(dt.UTC)
    return f"{date_words(utc.date())}, {utc:%H:%M}{NBSP}UTC"


def person_label(person: PersonView) -> str:
    """What a person is called on their pages."""
    return TEXT.person_simulated if person.demonstration else TEXT.person.format(code=person.code)


def iso_date(text: str) -> str:
    """A date of the API as sentences write it."""
    return date_words(dt.date.fromisoformat(text))


def is_iso_date(text: str) -> bool:
    """Whether a field for dates can show what stands in it; what cannot be read as a date is shown as text."""
    try:
        return not text or dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def site_name(site: SiteView) -> str:
    """Name of a site; one that only another protocol has is shown as that one calls it."""
    return TEXT.sites.get(site.site, site.name)


def protocol_name(name: str) -> str:
    """Name of a protocol in the reader's language where it is known."""
    return TEXT.protocols.get(name, name)


def clock_words(status: str) -> str:
    """How well the time of a record is known; a status of a later version is shown as it is."""
    return TEXT.clocks.get(status, status)


def duration(seconds: float) -> str:
    """A waiting time, rounded to what a person can use."""
    if seconds < 50:
        return TEXT.seconds.format(n=max(10, round(seconds / 10) * 10))
    return TEXT.minutes.format(n=max(1, round(seconds / 60)))
