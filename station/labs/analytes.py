"""What a laboratory can report here: each analyte with its LOINC codes and its units, as data (`analytes.toml`)."""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

from station.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Loinc:
    """A LOINC code. property: what it measures ("mass", "molar", ...); source: provenance in the domain reference."""

    code: str
    property: str
    source: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit by its UCUM code. factor: how many of it one default unit of the analyte is."""

    ucum: str
    factor: float


@dataclass(frozen=True, slots=True)
class Analyte:
    """units: the first one is the default, for display; plausible: limits for typing errors in it, not medical ones;
    molar_mass in g/mol, None where mass and amount do not convert; design: "competitive" or "sandwich" where the usual
    immunoassay is misled by biotin, else ""."""

    id: str
    name: str
    specimen: str
    loinc: tuple[Loinc, ...]
    units: tuple[Unit, ...]
    plausible: tuple[float, float]
    molar_mass: float | None = None
    design: str = ""

    @property
    def default_unit(self) -> str:
        return self.units[0].ucum

    def code(self, property: str) -> str | None:
        """The first LOINC code of a property, None without one."""
        return next((each.code for each in self.loinc if each.property == property), None)


@functools.cache
def analytes() -> tuple[Analyte, ...]:
    """All analytes, B12 first."""
    return tuple(
        Analyte(
            id=each["id"],
            name=each["name"],
            specimen=each["specimen"],
            loinc=tuple(Loinc(**code) for code in each["loinc"]),
            units=tuple(Unit(**unit) for unit in each["units"]),
            plausible=(each["plausible"][0], each["plausible"][1]),
            molar_mass=each.get("molar_mass"),
            design=each.get("design", ""),
        )
        for each in _data()["analyte"]
    )


def analyte(name: str) -> Analyte:
    """An analyte by its id. Raises NotFoundError."""
    for each in analytes():
        if each.id == name:
            return each
    raise NotFoundError(f"There is no analyte {name!r}; there are {', '.join(each.id for each in analytes())}.")


def table_version() -> str:
    """Version of the table of units and factors: travels with what was converted by it."""
    return str(_data()["version"])


def check_digit(number: str) -> int:
    """The check digit of a LOINC code, for the digits before its hyphen (mod 10, domain reference 2.1): the digits at
    odd places from the right form a number that is doubled, those at even places stand before it, and the digit
    completes the sum of all digits to a multiple of ten."""
    odd, even = number[::-1][::2], number[::-1][1::2]
    digits = even + str(2 * int(odd))
    return -sum(map(int, digits)) % 10


@functools.cache
def _data() -> dict[str, Any]:
    text = (resources.files(__package__) / "analytes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
