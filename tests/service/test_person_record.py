"""What the trends get: lean numbers that agree with the views, and entries that may be reasoned with."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database as Connection

from station.clock import ClockStatus, Timestamp
from station.entries import AcknowledgedEntry, AnswersEntry, EventEntry, LabEntry, ProfileEntry, RegimenEntry
from station.errors import NotFoundError
from station.records import readings
from station.records.capture_rows import measurement_columns
from station.records.detail import pack
from station.records.migrations import MIGRATIONS
from station.records.store import Records
from station.service.person_record import person_record
from station.settings import Settings, load
from station.trends.inputs import PersonRecord
from station.values import FollicularUnit, Measurement
from tests.records.test_store import header, image, measurement

T0 = Timestamp(dt.datetime(2026, 1, 5, 23, 30, tzinfo=dt.UTC), 60, ClockStatus.RTC)
TODAY = dt.date(2026, 3, 1)
LAB = LabEntry("b12", "250", "=", 250.0, 250.0, 250.0, "pg/mL", TODAY)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "station.sqlite3")


@pytest.fixture
def code(records: Records) -> str:
    return records.new_person(T0).code


@pytest.fixture
def settings() -> Settings:
    return load(environment={})


def gathered(records: Records, code: str, settings: Settings) -> PersonRecord:
    return person_record(records, records.health, code, TODAY, settings)


def take(records: Records, code: str, made: Measurement | None, site: str = "vertex", **changes: object) -> int:
    number = len(records.captures(code))
    capture_id = records.add_capture(header(code, site=site, taken=T0, **changes), image(f"{code}-{number}.jpg"))
    if made is not None:
        records.set_measured(capture_id, made, T0)
    return capture_id


@pytest.mark.req("REQ-17", "REQ-25")
def test_a_site_is_the_mean_of_its_photographs_each_with_its_latest_measurement(
    records: Records, code: str, settings: Settings
) -> None:
    calibre = measurement().calibre
    assert calibre is not None
    first = replace(measurement(), fu_per_cm2=80.0, hairs_per_cm2=150.0)
    second = replace(
        measurement(),
        fu_per_cm2=90.0,
        hairs_per_cm2=170.0,
        units=tuple(FollicularUnit(1, 1, hairs, 0.9) for hairs in (1, 1, 1, 2)),
        calibre=replace(calibre, thin_share=0.20, mean_um=50.0, hairs=60),
        grey_share=None,
    )
    again = take(records, code, replace(first, fu_per_cm2=1.0))
    records.set_measured(again, first, T0)
    take(records, code, second, frame=2)
    take(records, code, None, site="frontal")
    take(records, code, first, visit=2)
    found = gathered(records, code, settings)
    baseline, later = found.visits
    assert (baseline.number, baseline.protocol) == (1, "macro-8/1")
    assert baseline.date == dt.date(2026, 1, 6), "where the station stands"
    assert (baseline.finished, later.finished) == (False, True)
    assert baseline.series == later.series == f"reference {'cd' * 32} nominal-reference"
    (site,) = baseline.sites.values()
    assert (site.site, site.frames, site.fu_per_cm2, site.hairs_per_cm2) == ("vertex", 2, 85.0, 160.0)
    assert site.area_cm2 == pytest.approx(2.1)
    assert site.thin_share == pytest.approx((0.08 * 120 + 0.20 * 60) / 180), "by the hairs behind it"
    assert site.calibre_um == pytest.approx((61.5 * 120 + 50.0 * 60) / 180)
    assert site.grey_share == 0.125, "of the photograph that shows it"
    assert site.short_share is None
    assert site.single_share == pytest.approx((1 + 3) / (2 + 4))
    assert found.weights == pytest.approx(dict.fromkeys(found.weights, 1 / 8))
    assert (found.error_hairs.measured, found.error_hairs.pairs) == (False, 1)


def test_a_visit_made_with_two_models_is_a_series_of_its_own(records: Records, code: str, settings: Settings) -> None:
    other = replace(measurement(), provenance=replace(measurement().provenance, model_sha256="ef" * 32))
    take(records, code, measurement())
    take(records, code, measurement(), visit=2)
    take(records, code, other, visit=2, frame=2)
    take(records, code, other, visit=3, site="frontal")
    take(records, code, other, visit=4, site="frontal", rig_id="another, rig")
    names = [visit.series for visit in gathered(records, code, settings).visits]
    assert len(set(names)) == 4
    assert names[1] == f"{names[0]} + {names[2]}"


def test_shares_of_thin_hairs_below_another_diameter_are_left_out(
    records: Records, code: str, settings: Settings
) -> None:
    calibre = measurement().calibre
    assert calibre is not None
    take(records, code, replace(measurement(), calibre=replace(calibre, threshold_um=40.0)))
    take(records, code, measurement(), visit=2)
    take(records, code, replace(measurement(), calibre=replace(calibre, threshold_um=40.0)), visit=2, frame=2)
    take(records, code, measurement(), visit=3)
    shares = [visit.sites["vertex"].thin_share for visit in gathered(records, code, settings).visits]
    assert shares == [None, None, 0.08]


def test_only_the_latest_photographs_of_this_rig_and_model_say_how_it_repeats(
    records: Records, code: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "REPEATS_AT_MOST", 4)
    for frame in range(1, 7):
        take(records, code, replace(measurement(), fu_per_cm2=float(frame)), frame=frame)
    again = records.captures(code)[0].capture_id
    records.set_measured(again, replace(measurement(), fu_per_cm2=100.0), T0)
    take(records, code, measurement(), frame=7, rig_id="other")
    found = records.repeats("reference", "cd" * 32)
    assert [row.fu_per_cm2 for row in found] == [100.0, 6.0, 5.0, 4.0]
    assert (found[0].person, found[0].visit, found[0].site) == (code, 1, "vertex")
    assert records.repeats("reference", "ef" * 32) == ()


def test_entries_that_may_be_reasoned_with(records: Records, code: str) -> None:
    def add(*entries: object) -> list[int]:
        return [records.health.add(code, entry, "A", T0) for entry in entries]  # type: ignore[arg-type]

    (first,) = add(LAB)
    add(
        replace(LAB, text="260", supersedes=first),
        replace(LAB, text="12O", review=("unreadable",)),
        replace(LAB, analyte="tsh"),
        ProfileEntry(dt.date(1980, 1, 1)),
        ProfileEntry(dt.date(1981, 1, 1), "female"),
        AnswersEntry(TODAY, diet="vegan", note="later one of the day"),
        AnswersEntry(TODAY - dt.timedelta(days=9), diet="omnivore"),
        EventEntry("illness", TODAY, review=("odd",)),
        RegimenEntry("b12", "b12", "tablet", 1000.0, "ug", "oral", "daily", TODAY),
        AcknowledgedEntry(TODAY, "1"),
        AcknowledgedEntry(TODAY - dt.timedelta(days=1), "1"),
    )
    settings = load(environment={"STATION_SITE_HEMISPHERE": "south", "STATION_LABS_THRESHOLD_SET": "ng239"})
    found = gathered(records, code, settings)
    assert [(lab.analyte, lab.text) for lab in found.labs] == [("b12", "260"), ("tsh", "250")]
    assert found.review_count == 2
    assert found.profile == ProfileEntry(dt.date(1981, 1, 1), "female")
    assert found.answers is not None
    assert found.answers.diet == "vegan"
    assert found.events == ()
    assert len(found.regimens) == 1
    assert found.acknowledged == TODAY
    assert (found.south, found.threshold_set, found.today) == (True, "ng239", TODAY)


def test_somebody_without_anything_has_an_empty_record(records: Records, code: str, settings: Settings) -> None:
    found = gathered(records, code, settings)
    assert (found.visits, found.labs, found.answers, found.review_count) == ((), (), None, 0)
    assert sum(found.weights.values()) == pytest.approx(1)
    with pytest.raises(NotFoundError):
        gathered(records, "NOBODY", settings)


def test_measurements_of_an_earlier_version_keep_their_points_and_join_the_series(
    tmp_path: Path, settings: Settings
) -> None:
    path = tmp_path / "old.sqlite3"
    old = Connection(path)
    MIGRATIONS.apply(old, stop_before="m003_health_record_with_history")
    moment = {"utc": T0.utc.isoformat(), "offset_minutes": 60, "clock_status": "rtc"}
    old.table("persons").insert({"code": "BCDFGHJK", "demonstration": 0, "created_utc": T0.utc.isoformat()})
    old.table("visits").insert({"person_id": 1, "number": 1, "protocol": "macro-8/1", **moment})
    old.table("captures").insert(
        {
            **{"visit_id": 1, "site": "vertex", "frame": 1, "image": "a.jpg", "image_sha256": "ab" * 32, **moment},
            **{"px_per_mm": 135.0, "state": "measured", "error": "", "rig": "reference"},
            **{"calibration_id": "nominal-reference:0123", "image_bytes": 1, "width_px": 1, "height_px": 1},
        }
    )
    numbers = measurement_columns(1, measurement(), T0)
    del numbers["single_share"]
    old.table("measurements").insert({**numbers, "detail": pack(measurement())})
    old.close()
    records = Records(path)
    assert len(records.detail(1).hairs) == 3
    assert len(records.repeats("reference", "cd" * 32)) == 1
    (visit,) = gathered(records, "BCDFGHJK", settings).visits
    assert visit.sites["vertex"].single_share is None, "it was not counted then"
    assert visit.sites["vertex"].hairs_per_cm2 == 2.857
