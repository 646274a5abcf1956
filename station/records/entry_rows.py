"""Entries of the health record as rows and as plain JSON, and back: one mapping for all kinds.

Text stays as it is, whatever its script; dates become ISO text, lists JSON, yes and no 1 and 0. What no record can
hold (infinity, NaN, half a surrogate pair, a number beyond 64 bits) is refused at its field.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args, get_type_hints

from station.clock import Timestamp
from station.entries import (
    AcknowledgedEntry,
    AnswersEntry,
    DoseEntry,
    Entry,
    EventEntry,
    HairlineEntry,
    LabEntry,
    ProfileEntry,
    RegimenEntry,
    ShedEntry,
    SkipEntry,
    TrichogramEntry,
)
from station.errors import RefusedEntryError

E = TypeVar(
    "E",
    LabEntry,
    RegimenEntry,
    DoseEntry,
    EventEntry,
    ShedEntry,
    AnswersEntry,
    ProfileEntry,
    HairlineEntry,
    TrichogramEntry,
    SkipEntry,
    AcknowledgedEntry,
)
LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Stored(Generic[E]):
    """An entry on record. id: its number among the entries of its kind; entered, by: when it was first entered and
    by whom."""

    id: int
    entry: E
    entered: Timestamp
    by: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entry. name: what people call it; references: fields that name another entry of the same person,
    with that entry's type."""

    name: str
    table: str
    entry: type[Entry]
    references: tuple[tuple[str, type[Entry]], ...] = ()


KINDS = (
    Kind("lab", "labs", LabEntry, (("supersedes", LabEntry),)),
    Kind("regimen", "regimens", RegimenEntry),
    Kind("dose", "doses", DoseEntry, (("regimen", RegimenEntry),)),
    Kind("event", "events", EventEntry),
    Kind("shed", "sheds", ShedEntry),
    Kind("answers", "answers", AnswersEntry),
    Kind("profile", "profiles", ProfileEntry),
    Kind("hairline", "hairlines", HairlineEntry),
    Kind("trichogram", "trichograms", TrichogramEntry),
    Kind("skip", "skips", SkipEntry),
    Kind("acknowledged", "acknowledgements", AcknowledgedEntry),
)


def kind_of(entry_type: type[Entry]) -> Kind:
    return next(kind for kind in KINDS if kind.entry is entry_type)


def plain(entry: Entry) -> dict[str, Any]:
    """An entry as JSON values. Raises RefusedEntryError for values that no record can hold."""
    found = {field.name: getattr(entry, field.name) for field in dataclasses.fields(entry)}
    faults = {name: fault for name, value in found.items() if (fault := _fault(value))}
    if faults:
        raise RefusedEntryError(faults)
    return {name: _plain(value) for name, value in found.items()}


def row(entry: Entry) -> dict[str, Any]:
    """An entry's columns. Raises RefusedEntryError as `plain` does."""
    return {name: json.dumps(value) if isinstance(value, list) else value for name, value in plain(entry).items()}


def reader(entry_type: type[E]) -> Callable[[Mapping[str, Any]], E]:
    """What makes an entry of a row, or of an object made by `plain`. Fields that it lacks have their default."""
    decoders = [(name, _decoder(hint)) for name, hint in get_type_hints(entry_type).items()]

    def read(content: Mapping[str, Any]) -> E:
        known = {name: decode(content[name]) for name, decode in decoders if name in content}
        return entry_type(**known)

    return read


def checked_text(name: str, text: str) -> str:
    """The text itself. Raises RefusedEntryError at the field `name` when no record can hold it."""
    if fault := _fault(text):
        raise RefusedEntryError({name: fault})
    return text


def _fault(value: object) -> str:
    """Why no record can hold a value; empty when it can."""
    if isinstance(value, str):
        return "" if _is_text(value) else "This holds what is no text: type it again."
    if isinstance(value, tuple):
        return next((fault for each in value if (fault := _fault(each))), "")
    if isinstance(value, float):
        return "" if math.isfinite(value) else "This is not a finite number: type it as it was printed."
    if isinstance(value, int):
        return "" if abs(value) <= LARGEST else "This number is too large: check it."
    return ""


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return str(value) if isinstance(value, str) else value


def _decoder(hint: Any) -> Callable[[Any], Any]:
    """What turns a stored value of this type back; None stays None."""
    plain_types = [each for each in get_args(hint) or (hint,) if each is not type(None)]
    if dt.date in plain_types:
        return lambda value: None if value is None else dt.date.fromisoformat(value)
    if bool in plain_types:
        return lambda value: None if value is None else bool(value)
    if str in plain_types and Ellipsis in plain_types:
        return lambda value: tuple(json.loads(value) if isinstance(value, str) else value)
    return lambda value: value
