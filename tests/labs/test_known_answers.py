"""Units and codes against answers computed elsewhere: tests/trends/known_answers.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from station.labs.analytes import analyte, check_digit
from station.labs.units import convert

KNOWN: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "trends" / "known_answers.json").read_text(encoding="utf-8")
)


def test_b12_conversion() -> None:
    row = KNOWN["b12_conversion_pg_ml_to_pmol_l"]
    assert analyte("b12").molar_mass == pytest.approx(row["M"], rel=1e-5)
    for pg_ml, pmol_l in row["pairs"]:
        assert convert("b12", pg_ml, "pg/mL", "pmol/L") == pytest.approx(pmol_l, abs=row["tol"])


def test_loinc_check_digit() -> None:
    for number, digit in KNOWN["loinc_check_digit"].items():
        assert check_digit(number) == digit
