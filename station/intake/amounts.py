"""What was taken, and how much: the fields that a regimen and a single dose share."""

from __future__ import annotations

import math

from station.entries import RegimenKind
from station.intake.digits import write_number
from station.intake.fields import Form
from station.labs.regimens import B12, dose_units, substances

_LARGEST = 1_000_000.0
"""No dose is written with a larger number, in any unit."""


def read_substance(form: Form, kind: str | None = None) -> str:
    """The id of a substance that has one, by id or name in any case; else the text as typed. kind: of the regimen,
    which must be one that the substance is taken for."""
    text = form.text("substance", required=True)
    word = text.casefold()
    for substance in substances():
        if word in (form_name.casefold() for form_name in substance.forms):
            name = substance.id
            form.refuse("substance", f"This is a form of {name}. Write {name} here, its form beside it or in the note.")
        if word not in (substance.id, substance.name.casefold()):
            continue
        if kind and kind not in substance.kinds:
            form.refuse("kind", f"{substance.name} is logged as {' or '.join(substance.kinds)}. Choose that.")
        return substance.id
    if kind in (RegimenKind.B12, RegimenKind.MAINTENANCE):
        form.refuse("substance", f"This kind is for vitamin B12. Write {B12} here, or choose another kind.")
    return text


def read_amount(form: Form, substance_id: str) -> tuple[float | None, str]:
    """The dose and its unit, both as entered: neither, or both. A dose that looks like mg for mcg is asked about
    (domain reference 1.9 A16)."""
    dose = form.number("dose", -math.inf, math.inf)
    unit = form.choice("dose_unit", (each.id for each in dose_units()))
    if dose is None:
        if unit:
            form.refuse("dose", "There is a unit without a dose. Write the dose, or leave the unit empty too.")
        return None, unit
    if not unit:
        form.refuse("dose_unit", "A dose needs its unit: 1 mg is 1000 mcg. Choose the unit on the package.")
    if dose <= 0:
        form.refuse("dose", "A dose is more than 0. Leave dose and unit empty if it is not known.")
    elif dose > _LARGEST:
        form.refuse("dose", "This number is too large for any dose. Check it against the package.")
    else:
        _ask_about_a_mix_up(form, dose, unit, substance_id)
    return dose, unit


def _ask_about_a_mix_up(form: Form, dose: float, unit: str, substance_id: str) -> None:
    limit = next((each.asks_above_mcg for each in substances() if each.id == substance_id), None)
    one = next((each.micrograms for each in dose_units() if each.id == unit), None)
    if limit is None or one is None or dose * one <= limit:
        return
    said, micrograms = write_number(dose), f"{dose * one:.0f} mcg"
    inside = f"{said} {unit} is {micrograms}" if one != 1 else f"This is {micrograms}"
    slip = f" Was {said} mcg meant?" if one != 1 and dose <= limit else ""
    form.ask("dose", f"{inside}, which is more than {limit:.0f} mcg.{slip} Check the number and the unit.")
