"""A form of the health record as its page shows it: values as they were typed, faults at their fields."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from station.entries import Entry
from station.errors import RefusedEntryError
from web import vocabulary
from web.forms import ANALYTE, UNIT, Control, Field, Form
from web.record_text import RECORD
from web.vocabulary import Options

Values = Mapping[str, Sequence[str]]
"""What stands in the fields, as text: one text a field, several where several may be chosen."""

RESULT = "text"
"""The field that may be kept as it was printed although it cannot be read (see `station.intake.lab`)."""


@dataclass(frozen=True, slots=True)
class ControlView:
    """One field on the page. typed: the text beside a list, for what the list does not have; fault: the sentence at
    the field; first: whether the focus goes here."""

    name: str
    control: Control
    label: str
    hint: str
    required: bool
    values: tuple[str, ...]
    typed: str
    options: Options
    fault: str
    first: bool

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True)
class FormView:
    """A form on the page. asks: an odd value waits to be confirmed; keeps: something could not be read and may be
    kept as it is; other: faults that belong to no field of the form."""

    kind: str
    controls: tuple[ControlView, ...]
    asks: bool
    keeps: bool
    other: tuple[str, ...]
    by: str

    @property
    def refused(self) -> bool:
        return bool(self.other) or any(control.fault for control in self.controls)


def sent(form: Form, data: MultiDict[str, str]) -> dict[str, str | list[str]]:
    """The fields of a form as they were sent, for the intake. Empty texts beside a filled-in one are left out."""
    found: dict[str, str | list[str]] = {}
    for field in form.fields:
        texts = [text for text in data.getlist(field.name) if text.strip()]
        found[field.name] = texts if field.control is Control.MANY or len(texts) > 1 else "".join(texts)
    return found


def typed(form: Form, data: MultiDict[str, str]) -> Values:
    """What was typed, to be shown again."""
    return {field.name: [text for text in data.getlist(field.name) if text] for field in form.fields}


def of_entry(form: Form, entry: Entry) -> Values:
    """The fields of an entry on record, as they would be typed."""
    held = {field.name: getattr(entry, field.name) for field in dataclasses.fields(entry)}
    return {field.name: _texts(held[field.name]) for field in form.fields}


def view(
    form: Form,
    values: Values,
    references: Mapping[str, Options],
    refused: RefusedEntryError | None = None,
    by: str = "",
) -> FormView:
    """The form as its page shows it. references: what the reference fields may name; refused: why it was not taken."""
    faults = dict(refused.fields) if refused is not None else {}
    names = [field.name for field in form.fields]
    first = next((name for name in names if name in faults), "")
    return FormView(
        kind=form.kind,
        controls=tuple(_control(form, field, values, references, faults, first) for field in form.fields),
        asks=refused is not None and bool(refused.odd),
        keeps=form.kind == "lab" and RESULT in faults and bool(values.get(RESULT)),
        other=tuple(sentence for name, sentence in faults.items() if name not in names),
        by=by,
    )


def _control(
    form: Form,
    field: Field,
    values: Values,
    references: Mapping[str, Options],
    faults: Mapping[str, str],
    first: str,
) -> ControlView:
    key = f"{form.kind}.{field.name}"
    held = tuple(values.get(field.name, ()))
    known = references[field.name] if field.control is Control.REFERENCE else ()
    if field.vocabulary == UNIT:
        known = vocabulary.units("".join(values.get(ANALYTE, ())))
    elif field.vocabulary and field.control is not Control.REFERENCE:
        known = vocabulary.options(field.vocabulary)
    listed = {value for value, _ in known}
    return ControlView(
        name=field.name,
        control=field.control,
        label=RECORD.labels[key],
        hint=RECORD.hints.get(key, ""),
        required=field.required,
        values=held,
        typed=next((value for value in held if value not in listed), ""),
        options=known,
        fault=faults.get(field.name, ""),
        first=field.name == first,
    )


def _texts(value: object) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    if isinstance(value, tuple):
        return tuple(str(each) for each in value)
    if isinstance(value, float):
        return (f"{value:.15g}",)
    return (value.isoformat() if isinstance(value, dt.date) else str(value),)
