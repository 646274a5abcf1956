"""The health record: every kind comes back as it was entered, and every correction keeps what stood there before."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import os
import threading
import time
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.clock import ClockStatus, Timestamp
from station.entries import (
    AnswersEntry,
    DoseEntry,
    Entry,
    EventEntry,
    LabEntry,
    ProfileEntry,
    RegimenEntry,
    ShedEntry,
    SkipEntry,
)
from station.errors import NotFoundError, RecordError, RefusedEntryError, StorageError
from station.records.entry_rows import KINDS, Stored, plain, reader
from station.records.health import current_labs
from station.records.store import Records
from tests.conftest import SmallDisk

T0 = Timestamp(dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC), 60, ClockStatus.RTC)
LATER = Timestamp(dt.datetime(2026, 2, 5, 9, 30, tzinfo=dt.UTC), 120, ClockStatus.SYNCHRONISED)
DAY = dt.date(2026, 1, 5)
EVENT = EventEntry("illness", DAY, "fever")
LAB = LabEntry("b12", "<150", "<", 150.0, None, 150.0, "pg/mL", DAY, flags=("biotin", "fasting"))
REGIMEN = RegimenEntry("b12", "methylcobalamin", "tablet", 1000.0, "ug", "oral", "daily", DAY)
DOSE = DoseEntry(DAY, "hydroxocobalamin", 1.0, "mg", "im")


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path / "station.sqlite3")


@pytest.fixture
def code(records: Records) -> str:
    return records.new_person(T0).code


def entries_of(entry_type: type[Entry]) -> st.SearchStrategy[Entry]:
    """Any entry of a kind that the record can hold, without references to others."""
    floats = st.floats(allow_nan=False, allow_infinity=False)
    texts = st.text(st.characters(exclude_categories=["Cs"]))
    by_hint = {
        "str": texts,
        "int": st.integers(-(2**63) + 1, 2**63 - 1),
        "float": floats,
        "float | None": st.none() | floats,
        "int | None": st.none() | st.integers(0, 10**6),
        "bool | None": st.none() | st.booleans(),
        "dt.date": st.dates(),
        "dt.date | None": st.none() | st.dates(),
        "tuple[str, ...]": st.lists(texts, max_size=4).map(tuple),
    }
    references = {name for kind in KINDS if kind.entry is entry_type for name, _ in kind.references}
    return st.builds(
        entry_type,
        **{
            field.name: st.none() if field.name in references else by_hint[str(field.type)]
            for field in fields(entry_type)
        },
    )


@pytest.mark.req("REQ-13", "REQ-20", "REQ-23", "REQ-44")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_kind_comes_back_as_it_was_entered(records: Records, code: str, kind, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    first, second = data.draw(entries_of(kind.entry)), data.draw(entries_of(kind.entry))
    entry_id = records.health.add(code, first, "Ärztin", T0)
    stored = Stored(entry_id, first, T0, "Ärztin")
    assert records.health.entry(code, kind.entry, entry_id) == stored
    assert records.health.entries(code, kind.entry)[-1] == stored
    records.health.correct(code, entry_id, second, "B", LATER)
    assert records.health.entry(code, kind.entry, entry_id).entry == second
    assert records.health.history(code, kind.entry, entry_id)[0].after == first
    assert reader(kind.entry)(plain(second)) == second


def test_a_note_of_a_megabyte_in_any_script_stays_word_for_word(records: Records, code: str) -> None:
    note = "Ihre Werte: ปกติ, 正常, طبيعي, 🩸\r\n\t\x00 " * 30_000
    assert len(note.encode()) > 1_000_000
    entry_id = records.health.add(code, replace(EVENT, note=note), "", T0)
    assert records.health.entry(code, EventEntry, entry_id).entry.note == note


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (replace(LAB, high=math.inf), "high"),
        (replace(LAB, number=math.nan), "number"),
        (replace(LAB, note="half \ud800"), "note"),
        (replace(LAB, flags=("\udcff",)), "flags"),
        (ShedEntry("wash", DAY, 2**63), "count"),
        (replace(LAB, supersedes=7), "supersedes"),
        (replace(DOSE, regimen=1), "regimen"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_no_record_can_hold_is_refused_at_its_field(records: Records, code: str, entry: Entry, field: str) -> None:
    with pytest.raises(RefusedEntryError) as caught:
        records.health.add(code, entry, "", T0)
    assert list(caught.value.fields) == [field]
    assert records.health.entries(code, type(entry)) == ()


def test_an_unknown_name_or_person_or_entry_is_refused(records: Records, code: str) -> None:
    with pytest.raises(RefusedEntryError):
        records.health.add(code, EVENT, "\ud800", T0)
    with pytest.raises(NotFoundError, match="no person NOBODY"):
        records.health.add("NOBODY", EVENT, "", T0)
    with pytest.raises(NotFoundError, match="no person NOBODY"):
        records.health.entries("NOBODY", EventEntry)
    for number in (1, -1, 2**70):
        with pytest.raises(NotFoundError, match=f"no event entry {number}"):
            records.health.entry(code, EventEntry, number)
        with pytest.raises(NotFoundError, match=f"no event entry {number}"):
            records.health.history(code, EventEntry, number)


def test_a_correction_keeps_who_when_before_and_after(records: Records, code: str) -> None:
    entry_id = records.health.add(code, EVENT, "Ann", T0)
    corrected = replace(EVENT, happened=DAY - dt.timedelta(days=3))
    records.health.correct(code, entry_id, corrected, "Ben", LATER)
    records.health.correct(code, entry_id, corrected, "Cem", LATER)  # says the same: nothing happens
    assert records.health.entry(code, EventEntry, entry_id) == Stored(entry_id, corrected, T0, "Ann")
    history = records.health.history(code, EventEntry, entry_id)
    assert [(step.action, step.by, step.at, step.before, step.after) for step in history] == [
        ("added", "Ann", T0, None, EVENT),
        ("corrected", "Ben", LATER, EVENT, corrected),
    ]


def test_what_was_removed_is_gone_and_that_it_was_removed_stays(records: Records, code: str, tmp_path: Path) -> None:
    secret = replace(EVENT, note="MISTYPED-ENTRY")
    entry_id = records.health.add(code, secret, "Ann", T0)
    records.health.correct(code, entry_id, replace(secret, kind="surgery"), "Ben", T0)
    records.health.remove(code, EventEntry, entry_id, "Cem", LATER)
    assert records.health.entries(code, EventEntry) == ()
    history = records.health.history(code, EventEntry, entry_id)
    assert [(step.action, step.by) for step in history] == [("added", "Ann"), ("corrected", "Ben"), ("removed", "Cem")]
    assert history[-1].at == LATER
    assert all(step.before is None and step.after is None for step in history)
    records._database.empty_log()
    assert b"MISTYPED-ENTRY" not in (tmp_path / "station.sqlite3").read_bytes()
    assert records.health.add(code, EVENT, "", T0) > entry_id, "its number is not given to another"
    with pytest.raises(NotFoundError):
        records.health.remove(code, EventEntry, entry_id, "", T0)
    with pytest.raises(NotFoundError):
        records.health.correct(code, entry_id, EVENT, "", T0)


def test_an_entry_of_someone_else_can_neither_be_read_nor_changed(records: Records, code: str) -> None:
    entry_id = records.health.add(code, LAB, "Ann", T0)
    other = records.new_person(T0).code
    for attempt in (
        lambda: records.health.entry(other, LabEntry, entry_id),
        lambda: records.health.correct(other, entry_id, replace(LAB, text="1"), "", T0),
        lambda: records.health.remove(other, LabEntry, entry_id, "", T0),
        lambda: records.health.history(other, LabEntry, entry_id),
    ):
        with pytest.raises(NotFoundError):
            attempt()
    with pytest.raises(RefusedEntryError, match="no lab entry"):
        records.health.add(other, replace(LAB, supersedes=entry_id), "", T0)
    assert records.health.entries(code, LabEntry)[0].entry == LAB
    assert len(records.health.history(code, LabEntry, entry_id)) == 1


def test_a_correction_of_what_was_changed_meanwhile_is_refused(records: Records, code: str) -> None:
    entry_id = records.health.add(code, EVENT, "", T0)
    records.health.correct(code, entry_id, replace(EVENT, note="first"), "", T0, seen=EVENT)
    with pytest.raises(RefusedEntryError, match="changed meanwhile"):
        records.health.correct(code, entry_id, replace(EVENT, kind="surgery"), "", T0, seen=EVENT)
    assert records.health.entry(code, EventEntry, entry_id).entry.note == "first"


def test_corrections_at_the_same_time_each_stand_in_the_history(records: Records, code: str) -> None:
    entry_id = records.health.add(code, EVENT, "", T0)
    errors: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for step in range(5):
                records.health.correct(code, entry_id, replace(EVENT, note=f"{name}{step}"), name, T0)
        except BaseException as error:  # noqa: BLE001  # handed to the test below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "ABCDEF"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    history = records.health.history(code, EventEntry, entry_id)
    assert len(history) == 31
    assert all(later.before == earlier.after for earlier, later in itertools.pairwise(history))
    assert records.health.entry(code, EventEntry, entry_id).entry == history[-1].after


def test_a_result_that_the_laboratory_corrected_is_not_current(records: Records, code: str) -> None:
    first = records.health.add(code, LAB, "", T0)
    second = records.health.add(code, replace(LAB, text="250", supersedes=first), "", T0)
    third = records.health.add(code, replace(LAB, text="same day"), "", T0)

    def current() -> list[int]:
        return [stored.id for stored in current_labs(records.health.entries(code, LabEntry))]

    assert current() == [second, third]
    with pytest.raises(RefusedEntryError, match="cannot take its own place"):
        records.health.correct(code, first, replace(LAB, supersedes=second), "", T0)
    with pytest.raises(RefusedEntryError, match="cannot take its own place"):
        records.health.correct(code, first, replace(LAB, supersedes=first), "", T0)
    records.health.remove(code, LabEntry, second, "", T0)
    assert current() == [first, third], "without its correction the result counts again"


def test_a_dose_outlives_the_regimen_that_it_names(records: Records, code: str) -> None:
    regimen = records.health.add(code, REGIMEN, "", T0)
    dose = records.health.add(code, replace(DOSE, regimen=regimen), "", T0)
    records.health.remove(code, RegimenEntry, regimen, "", T0)
    assert records.health.entry(code, DoseEntry, dose).entry == DOSE


def test_ten_thousand_events_of_a_person_are_listed_at_once(records: Records, code: str) -> None:
    health = records.health
    with records._database.read() as connection, connection.atomic():
        person = records.person(code).person_id
        row = {"person_id": person, "kind": "haircut", "note": "n", "review": "[]", "entered_by": ""}
        moment = {"entered_utc": T0.utc.isoformat(), "offset_minutes": 0, "clock_status": "rtc"}
        days = (DAY + dt.timedelta(days=number % 3000) for number in range(10_000))
        connection.table("events").insert_all({**row, **moment, "happened": day.isoformat()} for day in days)
    began = time.perf_counter()
    found = health.entries(code, EventEntry)
    assert len(found) == 10_000
    assert time.perf_counter() - began < 1.0
    health.add(code, SkipEntry("shed", DAY, "too short"), "", T0)
    health.add(code, ProfileEntry(None, "female"), "", T0)
    assert len(health.entries(code, AnswersEntry)) == 0


def test_a_full_disk_is_one_sentence_and_keeps_what_was_there(small_disk: SmallDisk) -> None:
    disk = small_disk("1m")
    records = Records(disk / "station.sqlite3")
    code = records.new_person(T0).code
    entry_id = records.health.add(code, EVENT, "", T0)
    (disk / "ballast").write_bytes(bytes(max(0, free_bytes(disk) - 100_000)))
    with pytest.raises(StorageError, match=r"the disk is full; nothing was stored"):
        records.health.add(code, replace(EVENT, note="x" * 400_000), "", T0)
    with pytest.raises(StorageError, match=r"the disk is full; nothing was stored"):
        records.health.correct(code, entry_id, replace(EVENT, note="x" * 400_000), "", T0)
    assert [stored.entry for stored in records.health.entries(code, EventEntry)] == [EVENT]
    assert len(records.health.history(code, EventEntry, entry_id)) == 1
    (disk / "ballast").unlink()
    records.health.add(code, EVENT, "", T0)
    records.close()


def free_bytes(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


def test_a_closed_record_says_so(records: Records, code: str) -> None:
    records.close()
    with pytest.raises(RecordError, match="stopping"):
        records.health.add(code, EVENT, "", T0)
