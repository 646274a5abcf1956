"""Sentences with a key: what the trends say travels as key and values, and becomes text only where it is shown.

All texts are in `station/trends/texts/*.toml`, one table a subject: `ladder.one-visit` is `one-visit` in `[ladder]`.
The English text is also the message that a translation's catalogue is looked up by (gettext). Numbers and dates are
written as the reader's language writes them.
"""

from __future__ import annotations

import datetime as dt
import decimal
import functools
import gettext
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from babel import dates, lists, numbers

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
LANGUAGES = ("en", "de")
DOMAIN = "station"
LOCALES = Path(__file__).with_name("locale")
"""Folder of the catalogues that `python -m web.catalogue` keeps."""

_DATE = {"en": "d MMM y", "de": "d. MMM y"}
_LIST = {"en": "en_GB", "de": "de"}  # "a, b and c"


@dataclass(frozen=True, slots=True)
class Number:
    """A number with its decimals; signed ones carry a plus or a real minus. unit: follows after a thin bond."""

    value: float
    decimals: int = 1
    signed: bool = False
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A word that has a text of its own and is translated with it: `Term("site.vertex")`."""

    key: str


@dataclass(frozen=True, slots=True)
class Terms:
    """Several words as a list: "frontal, midscalp and vertex"."""

    keys: tuple[str, ...]


Value = str | int | dt.date | Number | Term | Terms


@dataclass(frozen=True, slots=True)
class Sentence:
    """key: of the text; values: what is filled in; interpreting: it says more than what was recorded, and is left out
    when interpretation is switched off."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)
    interpreting: bool = False

    def text(self, language: str = "en") -> str:
        """The sentence in a language of `LANGUAGES`."""
        template = translated(texts()[self.key], language)
        return template.format(**{name: written(value, language) for name, value in self.values.items()})


def percent(value: float, decimals: int = 1, *, signed: bool = True) -> Number:
    """A share in per cent: `percent(-14.2)` is "−14.2 %"."""
    return Number(value, decimals, signed, "%")


def say(key: str, /, *, interpreting: bool = False, **values: Value) -> Sentence:
    """The sentence of a key. Raises KeyError for a key without a text: a sentence is never invented."""
    if key not in texts():
        raise KeyError(key)
    return Sentence(key, values, interpreting)


@functools.cache
def texts() -> Mapping[str, str]:
    """All texts by key, in English."""
    found: dict[str, str] = {}
    for file in sorted(resources.files(__package__).joinpath("texts").iterdir(), key=lambda each: each.name):
        if not file.name.endswith(".toml"):
            continue
        for table, content in tomllib.loads(file.read_text(encoding="utf-8")).items():
            found.update({f"{table}.{name}": text for name, text in content.items()})
    return found


def translated(message: str, language: str) -> str:
    """The message in a language; English where there is no translation."""
    return message if language == "en" else _catalogue(language).gettext(message)


@functools.cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, LOCALES, [language], fallback=True)


def shown(sentences: Iterable[Sentence], *, interpretation: bool) -> tuple[Sentence, ...]:
    """The sentences that may be shown. interpretation: the setting `text.interpretation`."""
    return tuple(sentence for sentence in sentences if interpretation or not sentence.interpreting)


def written(value: Value, language: str = "en") -> str:
    """A value as a sentence of that language writes it: "−14.2 %", "3 Mar 2025", "frontal, midscalp and vertex"."""
    if isinstance(value, Number):
        return _number(value, language)
    if isinstance(value, dt.date):
        return dates.format_date(value, _DATE[language], locale=language).replace(" ", NBSP)
    if isinstance(value, Term):
        return translated(texts()[value.key], language)
    if isinstance(value, Terms):
        words = [translated(texts()[key], language) for key in value.keys]
        return _listed(words, language)
    return str(value)


def _number(number: Number, language: str) -> str:
    pattern = "#,##0" if number.decimals == 0 else "#,##0." + "0" * number.decimals
    rounded = decimal.Decimal(f"{abs(number.value):.{number.decimals}f}")
    digits = numbers.format_decimal(rounded, pattern, locale=language)
    zero = not digits.strip("0.,")
    sign = "" if zero else MINUS if number.value < 0 else "+" if number.signed else ""
    return f"{sign}{digits}{NBSP + number.unit if number.unit else ''}"


def _listed(words: list[str], language: str) -> str:
    return lists.format_list(words, locale=_LIST[language])
