"""Units of laboratory values: reading them as people print them, and converting for display.

The factors are pinned with the analytes (`analytes.toml`): public tables disagree, and a conversion never replaces
what was printed (domain reference 2.1, traps). Tests hold them against `pint` and `ucumvert`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

from station.labs.analytes import Analyte, analyte, analytes

_SPELLED: Mapping[str, str] = MappingProxyType(
    {
        # Arbitrary units are printed with and without the I; UCUM writes them in brackets.
        "mu/l": "miu/l",
        "uu/ml": "uiu/ml",
        "gm/dl": "g/dl",
        "um3": "fl",
        "percent": "%",
        # "mL/min" alone is missing on purpose: a clearance that is not for 1.73 m² is printed so.
        "ml/min/1.73": "ml/min/1.73m2",
        "mmol/mol": "mmol/molcreat",
        "mmol/molcrea": "mmol/molcreat",
        "mmol/molcreatinine": "mmol/molcreat",
        "mmol/molkrea": "mmol/molcreat",
        "mmol/molkreatinin": "mmol/molcreat",
    }
)
"""Ways to print a unit that differ from its UCUM code in more than case, brackets and micro signs; as of `_plain`."""


def convert(name: str, value: float, from_unit: str, to_unit: str) -> float:
    """A value of an analyte in another of its units (UCUM). Raises ValueError for a unit that it does not have."""
    known = analyte(name)
    # One ratio, so that a value in its own unit, or in one that is the same by another name, stays what it is.
    return value * (_factor(known, to_unit) / _factor(known, from_unit))


def read_unit(name: str, text: str) -> str:
    """The UCUM code of a unit as it was printed ("µmol/l", "mIU/L", "mcg/L"). Raises ValueError with a sentence that
    lists the analyte's units."""
    known = analyte(name)
    wanted = _plain(text)
    for unit in known.units:
        if wanted == _plain(unit.ucum):
            return unit.ucum
    listed = ", ".join(printed_unit(unit.ucum) for unit in known.units)
    raise ValueError(f"{known.name} is not reported in this unit here. Choose the one on the report: {listed}.")


def is_unit(text: str) -> bool:
    """Whether results of some analyte are printed in this unit."""
    wanted = _plain(text)
    return any(wanted == _plain(unit.ucum) for known in analytes() for unit in known.units)


def printed_unit(ucum: str) -> str:
    """A UCUM code as laboratories print it: "umol/L" is µmol/L, "m[IU]/L" is mIU/L."""
    plain = ucum.replace("[", "").replace("]", "").replace("/{1.73_m2}", "/1.73 m²").replace("{creat}", " creatinine")
    return re.sub(r"^u(?=[A-Za-z])", "µ", plain)


def _factor(known: Analyte, ucum: str) -> float:
    for unit in known.units:
        if unit.ucum == ucum:
            return unit.factor
    raise ValueError(f"{known.id} has no unit {ucum!r}")


def _plain(text: str) -> str:
    """A unit without case, spaces and brackets, and with one way to write micro, powers and decimals."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("μ", "u").replace(",", ".")
    plain = re.sub(r"[\s\[\]{}_^]", "", plain)
    plain = re.sub("^mc(?=g|mol|iu|u)", "u", plain)
    return _SPELLED.get(plain, plain)
