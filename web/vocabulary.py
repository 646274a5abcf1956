"""What can be chosen in a field, in the words of the reader's language."""

from __future__ import annotations

from collections.abc import Iterator

from station.labs import regimens
from station.trends.sentences import translated
from web.language import language
from web.record_text import RECORD

Options = tuple[tuple[str, str], ...]
"""Values with their words, in the order in which they are offered."""


def options(vocabulary: str) -> Options:
    """The values of a vocabulary. Those without a text of their own in `RECORD.choices` come from the data files."""
    spoken = language()
    if vocabulary == "dose-unit":
        return tuple((unit.id, unit.id) for unit in regimens.dose_units())
    if vocabulary == "substance":
        return tuple((each.id, translated(each.name, spoken)) for each in regimens.substances())
    if vocabulary == "schedule":
        return tuple((each.id, translated(each.name, spoken)) for each in regimens.schedules())
    if vocabulary == "template":
        return tuple((each.id, translated(each.title, spoken)) for each in regimens.templates())
    prefix = f"{vocabulary}."
    return tuple((key.removeprefix(prefix), text) for key, text in RECORD.choices.items() if key.startswith(prefix))


def words(vocabulary: str, value: str) -> str:
    """The words for a value; the value itself where it has none, as for text that was typed."""
    return dict(options(vocabulary)).get(value, value)


def data_names() -> Iterator[tuple[str, str]]:
    """Keys and English names in data files, for the catalogues."""
    yield from ((f"substance.{each.id}", each.name) for each in regimens.substances())
    yield from ((f"schedule.{each.id}", each.name) for each in regimens.schedules())
    for template in regimens.templates():
        yield f"template.{template.id}", template.title
