"""Units as people print them, and factors against pint and ucumvert."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ucumvert import PintUcumRegistry

from station.labs.analytes import analyte, analytes
from station.labs.units import convert, is_unit, printed_unit, read_unit

PAIRS = [
    (each.id, one.ucum, other.ucum)
    for each in analytes()
    for one, other in itertools.permutations(each.units, 2)
]  # fmt: skip
UNITS = [(each.id, unit.ucum) for each in analytes() for unit in each.units]

# mass to molar factors as domain reference 2.1 prints them.
PRINTED = [
    ("b12", "pg/mL", "pmol/L", 0.7378),
    ("mma", "ng/mL", "nmol/L", 8.468),
    ("homocysteine", "mg/L", "umol/L", 7.398),
    ("folate", "ng/mL", "nmol/L", 2.266),
    ("folate-red-cell", "ng/mL", "nmol/L", 2.266),
    ("ferritin", "ng/mL", "pmol/L", 2.247),
    ("haemoglobin", "g/dL", "mmol/L", 0.6206),
    ("haemoglobin", "g/dL", "g/L", 10.0),
    ("free-t4", "ng/dL", "pmol/L", 12.87),
    ("vitamin-d", "ng/mL", "nmol/L", 2.496),
    ("vitamin-d3", "ng/mL", "nmol/L", 2.496),
    ("zinc", "ug/dL", "umol/L", 0.1530),
    ("testosterone", "ng/dL", "nmol/L", 0.03467),
    ("dhea-s", "ug/dL", "umol/L", 0.02714),
    ("creatinine", "mg/dL", "umol/L", 88.42),
    ("iron", "ug/dL", "umol/L", 0.1791),
    ("tibc", "ug/dL", "umol/L", 0.1791),
    ("mma", "umol/L", "nmol/L", 1000.0),
    ("tsh", "u[IU]/mL", "m[IU]/L", 1.0),
]


@pytest.fixture(scope="module")
def ucum() -> PintUcumRegistry:
    return PintUcumRegistry()


@pytest.mark.parametrize(("name", "unit"), UNITS)
def test_every_unit_is_ucum(ucum: PintUcumRegistry, name: str, unit: str) -> None:
    assert ucum.from_ucum(unit) is not None, name


@pytest.mark.parametrize(("name", "one", "other"), PAIRS)
def test_every_factor_is_that_of_pint_with_the_molar_mass(
    ucum: PintUcumRegistry, name: str, one: str, other: str
) -> None:
    quantity, target = ucum.from_ucum(one), ucum.from_ucum(other)
    mass = ucum.from_ucum("g/mol") * (analyte(name).molar_mass or 1)
    if not quantity.is_compatible_with(target):
        quantity = quantity / mass if quantity.check("[mass]/[length]**3") else quantity * mass
    # The printed factors have four digits; that of creatinine differs from its molar mass by 2 in 10,000.
    assert convert(name, 1.0, one, other) == pytest.approx((quantity / target).to("").magnitude, rel=4e-4)


@pytest.mark.parametrize(("name", "mass", "molar", "factor"), PRINTED)
def test_every_factor_is_the_one_that_is_printed(name: str, mass: str, molar: str, factor: float) -> None:
    assert convert(name, 1.0, mass, molar) == pytest.approx(factor, rel=1e-4)


def test_there_is_a_printed_factor_for_every_analyte_with_a_molar_mass() -> None:
    assert {each.id for each in analytes() if each.molar_mass} <= {name for name, *_ in PRINTED}


@pytest.mark.req("REQ-13")
@pytest.mark.parametrize(
    ("pg_ml", "pmol_l"), [(200.6, 148), (200, 147.6), (300, 221.3), (180, 132.8), (350, 258.2), (900, 664.0)]
)
def test_b12_converts_as_the_anchors_say(pg_ml: float, pmol_l: float) -> None:
    assert convert("b12", pg_ml, "pg/mL", "pmol/L") == pytest.approx(pmol_l, abs=0.05)
    assert convert("b12", pmol_l, "pmol/L", "ng/L") == pytest.approx(pg_ml, abs=0.07)


@given(st.sampled_from(PAIRS), st.floats(1e-6, 1e9))
def test_there_and_back_is_the_same_value(pair: tuple[str, str, str], value: float) -> None:
    name, one, other = pair
    assert convert(name, convert(name, value, one, other), other, one) == pytest.approx(value, rel=1e-14)


@given(st.sampled_from(UNITS), st.floats(allow_nan=False))
def test_a_value_in_its_own_unit_is_untouched(unit: tuple[str, str], value: float) -> None:
    name, code = unit
    assert convert(name, value, code, code) == value


def test_a_unit_that_the_analyte_lacks_is_no_unit_to_convert() -> None:
    with pytest.raises(ValueError, match="b12 has no unit 'g/dL'"):
        convert("b12", 1.0, "g/dL", "pg/mL")
    with pytest.raises(ValueError, match="active-b12 has no unit"):
        convert("active-b12", 1.0, "pmol/L", "pg/mL")


@pytest.mark.parametrize(("name", "unit"), UNITS)
def test_a_unit_is_read_in_any_case_and_spacing(name: str, unit: str) -> None:
    for printed in (
        unit,
        unit.lower(),
        unit.upper(),
        unit.replace("/", " / "),
        f" {unit} ",
        unit.replace("[IU]", "IU"),
    ):
        assert read_unit(name, printed) == unit


@pytest.mark.parametrize(
    ("name", "printed", "unit"),
    [
        ("b12", "ng/l", "ng/L"),
        ("folate", "µg/L", "ug/L"),  # micro sign
        ("folate", "μg/l", "ug/L"),  # Greek mu
        ("folate", "ΜG/L", "ug/L"),  # a Greek mu after .upper()
        ("folate", "mcg/L", "ug/L"),
        ("folate", "㎍/l", "ug/L"),
        ("homocysteine", "umol/l", "umol/L"),
        ("homocysteine", "µmol/L", "umol/L"),
        ("tsh", "mIU/L", "m[IU]/L"),
        ("tsh", "mU/l", "m[IU]/L"),
        ("tsh", "µIU/mL", "u[IU]/mL"),
        ("tsh", "uU/mL", "u[IU]/mL"),
        ("tsh", "mcIU/mL", "u[IU]/mL"),
        ("tsh", "mcU/mL", "u[IU]/mL"),
        ("homocysteine", "mcmol/L", "umol/L"),
        ("iron", "mcg/dL", "ug/dL"),
        ("haemoglobin", "gm/dL", "g/dL"),
        ("mcv", "fl", "fL"),
        ("mcv", "µm³", "fL"),
        ("egfr", "mL/min/1.73 m²", "mL/min/{1.73_m2}"),
        ("egfr", "ml/min/1,73m^2", "mL/min/{1.73_m2}"),
        ("mma-urine", "mmol/mol creatinine", "mmol/mol{creat}"),
        ("mma-urine", "mmol/mol Krea", "mmol/mol{creat}"),
        ("transferrin-saturation", "percent", "%"),
    ],
)
def test_a_unit_is_read_as_people_print_it(name: str, printed: str, unit: str) -> None:
    assert read_unit(name, printed) == unit


@pytest.mark.parametrize(
    ("name", "printed"),
    [("b12", "nmol/L"), ("b12", ""), ("b12", "ng"), ("b12", "pg/dL"), ("egfr", "mL/min"), ("active-b12", "pg/mL")],
)
def test_any_other_unit_is_refused_with_those_there_are(name: str, printed: str) -> None:
    with pytest.raises(ValueError, match="is not reported in this unit here") as refused:
        read_unit(name, printed)
    assert all(printed_unit(unit.ucum) in str(refused.value) for unit in analyte(name).units)


@pytest.mark.parametrize(("name", "unit"), UNITS)
def test_a_unit_is_shown_as_it_is_printed_and_read_back(name: str, unit: str) -> None:
    assert not set(printed_unit(unit)) & set("[]{}_")
    assert read_unit(name, printed_unit(unit)) == unit
    assert is_unit(printed_unit(unit))


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("m[IU]/L", "mIU/L"),
        ("u[IU]/mL", "µIU/mL"),
        ("umol/L", "µmol/L"),
        ("mL/min/{1.73_m2}", "mL/min/1.73 m²"),
        ("mmol/mol{creat}", "mmol/mol creatinine"),
        ("pg/mL", "pg/mL"),
        ("%", "%"),
    ],
)
def test_the_printed_form_of_a_unit(unit: str, words: str) -> None:
    assert printed_unit(unit) == words


@pytest.mark.parametrize("text", ["", "H", "mg", "mL/min", "see note"])
def test_other_words_are_no_unit_of_a_result(text: str) -> None:
    assert not is_unit(text)


@given(st.sampled_from([each.id for each in analytes()]), st.text())
def test_no_text_makes_the_reader_of_units_fail(name: str, text: str) -> None:
    try:
        said = read_unit(name, text)
    except ValueError:
        return
    assert said in {unit.ucum for unit in analyte(name).units}
