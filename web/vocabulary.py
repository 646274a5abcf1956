"""What can be chosen in a field, in the words of the reader's language."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping

from station.labs import regimens
from station.labs.analytes import analytes
from station.labs.units import printed_unit
from station.service.session_views import data_texts
from station.trends.sentences import translated
from web.forms import ANALYTE, UNIT
from web.language import language
from web.record_text import RECORD

Options = tuple[tuple[str, str], ...]
"""Values with their words, in the order in which they are offered."""


def options(vocabulary: str) -> Options:
    """The values of a vocabulary."""
    return tuple(_table(vocabulary, language()).items())


def units(analyte: str) -> Options:
    """The units that results of an analyte are reported in; none while it is not chosen."""
    return tuple(
        (each.ucum, printed_unit(each.ucum)) for known in analytes() if known.id == analyte for each in known.units
    )


def words(vocabulary: str, value: str) -> str:
    """The words for a value; the value itself where it has none, as for text that was typed."""
    if vocabulary == UNIT:
        return printed_unit(value)
    return _table(vocabulary, language()).get(value, value)


@functools.cache
def _table(vocabulary: str, spoken: str) -> Mapping[str, str]:
    """Values and words in a language, the one that is spoken now. Those of data files are named there."""
    if vocabulary == "dose-unit":
        return {unit.id: unit.id for unit in regimens.dose_units()}
    named: Mapping[str, Iterable[tuple[str, str]]] = {
        ANALYTE: ((each.id, each.name) for each in analytes()),
        "substance": ((each.id, each.name) for each in regimens.substances()),
        "schedule": ((each.id, each.name) for each in regimens.schedules()),
        "template": ((each.id, each.title) for each in regimens.templates()),
    }
    if vocabulary in named:
        return {key: translated(name, spoken) for key, name in named[vocabulary]}
    prefix = f"{vocabulary}."
    return {key.removeprefix(prefix): text for key, text in RECORD.choices.items() if key.startswith(prefix)}


def data_names() -> Iterator[tuple[str, str]]:
    """Keys and English names in data files, for the catalogues."""
    yield from data_texts()
    yield from ((f"analyte.{each.id}", each.name) for each in analytes())
    yield from ((f"substance.{each.id}", each.name) for each in regimens.substances())
    yield from ((f"schedule.{each.id}", each.name) for each in regimens.schedules())
    for template in regimens.templates():
        yield f"template.{template.id}", template.title
