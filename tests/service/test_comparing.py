"""Every measured site is compared with the first visit of its series, once, and again when something newer is there."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from station.clock import ClockStatus, SimulatedClock, Timestamp
from station.errors import NotFoundError, RecordError
from station.matching.constellation import Constellation
from station.records.erase import erase
from station.records.images import ImageFolder
from station.records.store import Records
from station.service.comparing import Comparing
from station.service.matched import matched_sites, waits
from station.values import Evidence, FollicularUnit, HairRoot, Measurement
from tests.matching.skies import View, photograph, site
from tests.records.test_store import header, image, measurement

T0 = Timestamp(dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC), 0, ClockStatus.SYNCHRONISED)
PX_PER_MM = 81.0  # the photographs on record have 1620 x 1215 pixels, those of the skies 20 x 15 mm
HAIRS = site(1)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "station.sqlite3")


@pytest.fixture
def code(records: Records) -> str:
    return records.new_person(T0).code


@pytest.fixture
def comparing(records: Records, code: str) -> Comparing:
    return Comparing(records, SimulatedClock(T0.utc))


def measured(shown: Constellation) -> Measurement:
    """A measurement with the points of a constellation."""
    hairs = tuple(
        HairRoot(float(x), float(y), 1.0, int(unit)) for (x, y), unit in zip(shown.hairs, shown.hair_unit, strict=True)
    )
    units = tuple(
        FollicularUnit(float(x), float(y), int(n), 1.0) for (x, y), n in zip(shown.units, shown.unit_hairs, strict=True)
    )
    evidence = Evidence(shown.weak.astype("float32"), 0.5, shown.countable, shown.pitch_mm)
    return replace(measurement(), hairs=hairs, units=units, evidence=evidence)


def take(records: Records, code: str, visit: int, shown: Constellation, **changes: object) -> int:
    number = len(records.captures(code))
    moment = replace(T0, utc=T0.utc + dt.timedelta(days=30 * (visit - 1)))
    given = header(code, visit=visit, taken=moment, frame=number + 1, px_per_mm=PX_PER_MM, **changes)
    capture = records.add_capture(given, image(f"{code}-{number}.jpg"))
    records.set_measured(capture, measured(shown), moment)
    return capture


def settle(comparing: Comparing, code: str) -> int:
    """Makes all comparisons of a person; how many there were."""
    comparing.announce(code)
    made = 0
    while comparing.compare_next():
        made += 1
    return made


def test_a_later_visit_is_compared_once_with_the_first_of_its_series(
    records: Records, code: str, comparing: Comparing
) -> None:
    take(records, code, 1, photograph(HAIRS, View(), 1))
    take(records, code, 2, photograph(HAIRS, View(1, 0, 5), 2))
    take(records, code, 3, photograph(HAIRS[: len(HAIRS) * 9 // 10], View(), 3))
    assert settle(comparing, code) == 2
    assert settle(comparing, code) == 0
    rows = records.comparisons.of(code)
    assert [(row.visit, row.baseline, row.accepted) for row in rows] == [(2, 1, True), (3, 1, True)]
    baseline, whole = records.comparisons.detail(code, 2, "vertex")
    assert baseline == 1
    assert whole.hair is not None
    assert whole.hair.percent == rows[0].hair_percent
    assert comparing.between(code, "vertex", 1, 2).hairs == whole.hairs


def test_it_is_made_anew_when_a_measurement_is_newer(records: Records, code: str, comparing: Comparing) -> None:
    first = take(records, code, 1, photograph(HAIRS, View(), 1))
    take(records, code, 2, photograph(HAIRS, View(), 2))
    assert settle(comparing, code) == 1
    before = records.comparisons.of(code)[0].hair_percent
    records.set_measured(first, measured(photograph(HAIRS[::2], View(), 4)), T0)
    assert settle(comparing, code) == 1
    after = records.comparisons.of(code)[0].hair_percent
    assert before is not None
    assert after is not None
    assert after > before + 20  # half of the hairs were not there


def test_another_rig_or_protocol_has_a_baseline_of_its_own(records: Records, code: str, comparing: Comparing) -> None:
    take(records, code, 1, photograph(HAIRS, View(), 1))
    take(records, code, 2, photograph(HAIRS, View(), 2), rig_id="other")
    take(records, code, 3, photograph(HAIRS, View(), 3), protocol="macro-8/2")
    assert settle(comparing, code) == 0
    assert comparing.between(code, "vertex", 1, 2).reason == "compare.series"


def test_another_scalp_is_told_and_says_nothing(records: Records, code: str, comparing: Comparing) -> None:
    take(records, code, 1, photograph(HAIRS, View(), 1))
    take(records, code, 2, photograph(site(2), View(), 2))
    assert settle(comparing, code) == 1
    (row,) = records.comparisons.of(code)
    assert not row.accepted
    assert row.reason == "compare.elsewhere"
    assert row.hair_percent is None
    found = matched_sites(records.readings(code), (row,))
    assert found[1, "vertex"].accepted
    assert not found[2, "vertex"].accepted


def test_a_visit_is_waited_for_only_while_others_are_compared(
    records: Records, code: str, comparing: Comparing
) -> None:
    for visit in (1, 2):
        take(records, code, visit, photograph(HAIRS, View(), visit))
    readings = records.readings(code)
    assert not any(waits(visit, matched_sites(readings, ()), ()) for visit in readings)
    settle(comparing, code)
    take(records, code, 3, photograph(HAIRS, View(), 3))
    readings, rows = records.readings(code), records.comparisons.of(code)
    assert [waits(visit, matched_sites(readings, rows), rows) for visit in readings] == [False, False, True]


def test_a_damaged_entry_does_not_hold_up_others(records: Records, code: str, comparing: Comparing) -> None:
    other = records.new_person(T0).code
    damaged = take(records, code, 1, photograph(HAIRS, View(), 1))
    for person, visit in ((code, 2), (other, 1), (other, 2)):
        take(records, person, visit, photograph(HAIRS, View(), visit))
    with records._database.write() as connection:
        connection.execute(
            "update details set detail = x'00' where measurement_id in "
            "(select id from measurements where capture_id = ?)",
            [damaged],
        )
    comparing.announce(other)
    with pytest.raises(RecordError, match="damaged"):
        comparing.compare_next()
    assert comparing.compare_next()
    assert [row.visit for row in records.comparisons.of(other)] == [2]


def test_erasing_leaves_no_comparison(records: Records, code: str, comparing: Comparing, tmp_path: Path) -> None:
    for visit in (1, 2):
        take(records, code, visit, photograph(HAIRS, View(), visit))
    settle(comparing, code)
    erase(records.erasures, ImageFolder(tmp_path / "images"), code, T0, lambda _: None)
    with records._database.read() as connection:
        assert connection.execute("select count(*) from comparisons").fetchone() == (0,)
    with pytest.raises(NotFoundError):
        comparing.between(code, "vertex", 1, 2)
    assert settle(comparing, code) == 0
