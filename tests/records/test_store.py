"""The record: what goes in comes out, with its provenance; damage and contradiction are one sentence."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database as Connection

from station.clock import ClockStatus, Timestamp
from station.errors import NotFoundError, RecordError
from station.records import migrations
from station.records.database import inspect
from station.records.detail import pack, unpack
from station.records.migrations import MIGRATIONS
from station.records.rows import CaptureHeader, CaptureState, StoredImage
from station.records.store import CODE_LETTERS, Records
from station.values import (
    Calibre,
    Controls,
    DensityMap,
    FollicularUnit,
    HairRoot,
    Interval,
    Lamp,
    Measurement,
    Provenance,
    Quality,
)

T0 = Timestamp(dt.datetime(2026, 1, 5, 9, 30, 0, 123456, tzinfo=dt.UTC), 60, ClockStatus.RTC)


CALIBRE = Calibre(61.5, 63.0, 0.08, 30.0, 120, 21.5)


def header(person: str, **changes: object) -> CaptureHeader:
    base = CaptureHeader(
        person=person,
        demonstration=False,
        visit=1,
        protocol="macro-8/1",
        site="vertex",
        frame=1,
        taken=T0,
        lamp=Lamp.CROSS,
        rig_id="reference",
        requested=Controls(8000, 1.0, (2.9, 1.7), None),
        confirmed=Controls(8003, 1.01, (2.9, 1.7), None),
        calibration_id="nominal-reference:0123456789ab",
        px_per_mm=135.0,
        px_per_mm_rel_sd=0.01,
        source="",
        software="0.1.0",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def image(name: str) -> StoredImage:
    return StoredImage(name, "ab" * 32, 1234, 1620, 1215)


def measurement() -> Measurement:
    grid = np.array([[70.5, np.nan], [81.25, 90.0]], np.float32)
    return Measurement(
        hairs=(HairRoot(1.25, 2.5, 0.9, 0, -1.5, 0.75, 62.5), HairRoot(1.3, 2.6, 0.8, 0), HairRoot(4.0, 4.0, 0.5, 1)),
        units=(FollicularUnit(1.275, 2.55, 2, 0.9), FollicularUnit(4.0, 4.0, 1, 0.5)),
        counted_area_cm2=1.05,
        fu_per_cm2=1.9047,
        fu_interval=Interval(1.5, 2.5),
        hairs_per_cm2=2.857,
        hairs_interval=Interval(2.0, 3.5),
        map=DensityMap(grid, 2 * grid, 0.25, 1.0),
        quality=Quality(0.97, 1.4, 0.01, 0.02, ("A tenth is out of focus.",)),
        provenance=Provenance("density 1.0", "cd" * 32, "ai-edge-litert 2.1.6", "nominal:0123", "0.1.0"),
        px_per_mm=135.0,
        calibre=CALIBRE,
        grey_share=0.125,
        short_share=None,
    )


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "station.sqlite3")


def test_a_person_is_a_random_code_and_nothing_else(records: Records) -> None:
    people = [records.new_person(T0) for _ in range(50)]
    assert len({person.code for person in people}) == 50
    assert all(len(person.code) == 8 and set(person.code) <= set(CODE_LETTERS) for person in people)
    assert records.person(people[3].code) == people[3]
    assert records.persons() == tuple(people)
    with pytest.raises(NotFoundError, match="NOBODY"):
        records.person("NOBODY")


def test_a_capture_comes_back_with_all_that_was_known(records: Records) -> None:
    code = records.new_person(T0).code
    capture_id = records.add_capture(header(code), image("a.jpg"))
    found = records.capture(capture_id)
    assert (found.person, found.visit, found.site, found.frame) == (code, 1, "vertex", 1)
    assert found.state is CaptureState.CAPTURED
    assert found.image == image("a.jpg")
    assert found.taken == T0
    assert (found.px_per_mm, found.px_per_mm_rel_sd) == (135.0, 0.01)
    assert found.measurement is None
    assert records.pending() == (capture_id,)
    (visit,) = records.visits(code)
    assert (visit.number, visit.began, visit.protocol) == (1, T0, "macro-8/1")
    row = sqlite3.connect(records._database.path).execute("select requested_controls, confirmed_controls from captures")
    assert row.fetchone() == (
        '{"exposure_us": 8000, "analogue_gain": 1.0, "colour_gains": [2.9, 1.7], "lens_position": null}',
        '{"exposure_us": 8003, "analogue_gain": 1.01, "colour_gains": [2.9, 1.7], "lens_position": null}',
    )


def test_a_measurement_comes_back_with_points_map_and_provenance(records: Records) -> None:
    capture_id = records.add_capture(header(records.new_person(T0).code), image("a.jpg"))
    with pytest.raises(NotFoundError, match="not measured yet"):
        records.detail(capture_id)
    records.set_measured(capture_id, measurement(), T0)
    found = records.capture(capture_id)
    assert found.state is CaptureState.MEASURED
    assert records.pending() == ()
    numbers = found.measurement
    assert numbers is not None
    assert (numbers.fu_count, numbers.hair_count, numbers.counted_area_cm2) == (2, 3, 1.05)
    assert numbers.fu_interval == Interval(1.5, 2.5)
    assert numbers.warnings == ("A tenth is out of focus.",)
    assert (numbers.model, numbers.engine, numbers.calibration_id) == (
        "density 1.0",
        "ai-edge-litert 2.1.6",
        "nominal:0123",
    )
    detail = records.detail(capture_id)
    assert [hair.unit for hair in detail.hairs] == [0, 0, 1]
    assert detail.units[0].x_mm == pytest.approx(1.275, abs=1e-6)
    assert detail.map.pitch_mm == 0.25
    np.testing.assert_array_equal(detail.map.fu_per_cm2, measurement().map.fu_per_cm2)
    np.testing.assert_array_equal(detail.map.hairs_per_cm2, measurement().map.hairs_per_cm2)


def test_calibre_and_what_each_hair_shows_come_back(records: Records) -> None:
    capture_id = records.add_capture(header(records.new_person(T0).code), image("a.jpg"))
    records.set_measured(capture_id, measurement(), T0)
    numbers = records.capture(capture_id).measurement
    assert numbers is not None
    assert (numbers.calibre, numbers.grey_share, numbers.short_share) == (CALIBRE, 0.125, None)
    first, second, _ = records.detail(capture_id).hairs
    assert (first.direction_rad, first.length_mm, first.diameter_um) == (-1.5, 0.75, 62.5)
    assert (second.direction_rad, second.length_mm, second.diameter_um) == (None, None, None)
    withheld = Calibre(None, None, None, 45.0, 7, None, "Only 7 shafts could be measured, fewer than 20.")
    records.set_measured(capture_id, replace(measurement(), calibre=withheld), T0)
    latest = records.capture(capture_id).measurement
    assert latest is not None
    assert latest.calibre == withheld


def test_a_record_of_the_first_version_is_taken_over(tmp_path: Path) -> None:
    """Its measurements have no calibre, and its points no shafts."""
    path = tmp_path / "station.sqlite3"
    old = Connection(path)
    MIGRATIONS.apply(old, stop_before="m002_calibre_grey_and_short_hairs")
    assert "grey_share" not in old.table("measurements").columns_dict
    old.close()
    records = Records(path)
    capture_id = records.add_capture(header(records.new_person(T0).code), image("a.jpg"))
    records.set_measured(capture_id, replace(measurement(), calibre=None), T0)
    numbers = records.capture(capture_id).measurement
    assert numbers is not None
    assert numbers.calibre is None
    with np.load(io.BytesIO(pack(measurement()))) as data:
        kept = {name: data[name] for name in data.files if name != "hair_shafts"}
    blob = io.BytesIO()
    np.savez_compressed(blob, **kept)
    assert [hair.diameter_um for hair in unpack(blob.getvalue()).hairs] == [None, None, None]


def test_measuring_again_keeps_the_earlier_measurement_and_shows_the_latest(records: Records) -> None:
    capture_id = records.add_capture(header(records.new_person(T0).code), image("a.jpg"))
    records.set_measured(capture_id, measurement(), T0)
    records.set_measured(capture_id, replace(measurement(), fu_per_cm2=2.5), T0)
    numbers = records.capture(capture_id).measurement
    assert numbers is not None
    assert numbers.fu_per_cm2 == 2.5
    with records._database.read() as connection:
        assert connection.table("measurements").count == 2


def test_a_failed_photograph_leaves_the_queue_with_its_reason(records: Records) -> None:
    capture_id = records.add_capture(header(records.new_person(T0).code), image("a.jpg"))
    records.set_failed(capture_id, "Nothing can be counted.")
    found = records.capture(capture_id)
    assert (found.state, found.error) == (CaptureState.FAILED, "Nothing can be counted.")
    assert records.counts() == {CaptureState.CAPTURED: 0, CaptureState.MEASURED: 0, CaptureState.FAILED: 1}


def test_a_visit_is_a_day_where_the_station_stands(records: Records) -> None:
    code = records.new_person(T0).code
    assert records.visit_at(code, T0) == 1
    records.add_capture(header(code), image("a.jpg"))
    assert records.next_frame(code, 1, "vertex") == 2
    assert records.next_frame(code, 1, "frontal") == 1
    same_day = replace(T0, utc=T0.utc + dt.timedelta(hours=13, minutes=29))  # 23:59 local
    next_day = replace(T0, utc=T0.utc + dt.timedelta(hours=13, minutes=31))
    assert records.visit_at(code, same_day) == 1
    assert records.visit_at(code, next_day) == 2


def test_photographs_keep_their_own_numbers_and_never_share_one(records: Records) -> None:
    code = records.new_person(T0).code
    ids = [records.add_capture(header(code, frame=frame), image(f"{n}.jpg")) for n, frame in enumerate((2, 1, 2))]
    assert [records.capture(capture_id).frame for capture_id in ids] == [2, 1, 3]
    with pytest.raises(RecordError, match="contradicts"):
        records.add_capture(header(code), image("1.jpg"))
    assert len(records.captures(code)) == 3
    assert len(records.captures(code, 1, "vertex")) == 3
    assert records.captures(code, 2) == ()


def test_a_failed_write_leaves_nothing_behind(records: Records) -> None:
    with pytest.raises(RecordError):
        records.add_capture(header("NEWPERSN", site=None), image("a.jpg"))
    assert records.persons() == ()
    with pytest.raises(RecordError, match="contradicts"):
        records.set_measured(77, measurement(), T0)  # no such capture: refused by the foreign key
    assert inspect(records._database.path)[0] == ()


def test_every_commit_is_on_the_disk_before_it_returns(records: Records) -> None:
    with records._database.read() as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_threads_have_connections_of_their_own_and_write_in_turn(records: Records) -> None:
    code = records.new_person(T0).code
    connections: set[int] = set()
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for frame in range(5):
                records.add_capture(header(code, site=f"site-{number}", frame=frame), image(f"{number}-{frame}.jpg"))
                with records._database.read() as connection:
                    connections.add(id(connection))
        except BaseException as error:  # noqa: BLE001  # handed to the test below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(connections) == 6
    assert len(records.captures(code)) == 30
    records.close()
    records.close()
    with pytest.raises(RecordError, match="the station is stopping"):
        records.pending()


def test_a_newer_step_is_applied_once(tmp_path: Path) -> None:
    path = tmp_path / "station.sqlite3"
    first = Records(path)
    code = first.new_person(T0).code
    first.close()
    again = Records(path)
    assert again.person(code).code == code
    with again._database.read() as connection:
        steps = [name for name in vars(migrations) if name.startswith("m0")]
        assert connection.table("_sqlite_migrations").count == len(steps) >= 5


@pytest.mark.parametrize("damage", ["header", "middle", "cut", "text"])
def test_a_damaged_database_is_one_sentence_that_says_what_to_do(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "station.sqlite3"
    records = Records(path)
    code = records.new_person(T0).code
    for frame in range(60):
        capture_id = records.add_capture(header(code, frame=frame), image(f"{frame}.jpg"))
        records.set_measured(capture_id, measurement(), T0)
    records.close()
    data = bytearray(path.read_bytes())
    if damage == "header":
        data[:100] = b"x" * 100
    elif damage == "middle":
        data[8192:-4096] = bytes(len(data) - 8192 - 4096)
    elif damage == "cut":
        del data[len(data) // 2 :]
    else:
        data = bytearray(b"this is no database, it is a letter" * 400)
    path.write_bytes(data)
    with pytest.raises(RecordError) as caught:
        Records(path)
    assert str(path) in str(caught.value)
    assert "damaged" in str(caught.value)
    assert "photographs are intact" in str(caught.value)
    shutil.copy(path, tmp_path / "kept")
    assert path.read_bytes() == bytes(data), "a damaged database is left as it is"


def test_another_programs_hold_is_told_from_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.records.database.BUSY_TIMEOUT_S", 0.05)
    records = Records(tmp_path / "station.sqlite3")
    other = sqlite3.connect(tmp_path / "station.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(RecordError, match="another program"):
        records.new_person(T0)
    other.execute("ROLLBACK")
    records.new_person(T0)
