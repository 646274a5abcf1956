"""What is due next, and the calendar that tells it without telling on anyone."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Any

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.entries import DoseEntry, LabEntry, RegimenEntry
from station.trends.calendar import calendar_feed
from station.trends.error import FrameError
from station.trends.inputs import PersonRecord, VisitReading
from station.trends.reminders import Reminder, ReminderKind, ReminderState, reminders
from station.trends.sentences import texts

START = dt.date(2026, 1, 15)
ERROR = FrameError(0.07, 0, False)
YEARS_28 = dt.timedelta(days=10_227)
"""After 28 years the calendar repeats, leap days and all (until 2100)."""
KEY = b"a secret of this station"


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


def visit(date: dt.date, number: int = 1) -> VisitReading:
    return VisitReading(number, date, "macro-8/1", "rig", {})


def b12(drawn: dt.date, analyte: str = "b12") -> LabEntry:
    return LabEntry(analyte, "250", "=", 250.0, 250.0, 250.0, "pg/mL", drawn)


def regimen(
    start: dt.date = START, schedule: str = "daily", route: str = "oral", substance: str = "b12"
) -> RegimenEntry:
    return RegimenEntry("b12", substance, "", 1000.0, "mcg", route, schedule, start)


def dose(given: dt.date, substance: str = "b12") -> DoseEntry:
    return DoseEntry(given, substance, 1000.0, "mcg", "im")


def record(today: dt.date, **more: Any) -> PersonRecord:
    return PersonRecord(today, **({"visits": (), "weights": {}, "error_hairs": ERROR, "error_fu": ERROR} | more))


def states(found: tuple[Reminder, ...]) -> dict[str, tuple[dt.date, str]]:
    return {each.kind.value: (each.due, each.state.value) for each in found}


def only(kind: ReminderKind, found: tuple[Reminder, ...]) -> Reminder:
    (one,) = (each for each in found if each.kind is kind)
    return one


def test_an_empty_record_asks_for_nothing() -> None:
    assert reminders(record(START)) == ()


@pytest.mark.req("REQ-25")
@pytest.mark.parametrize(
    ("today", "state"),
    [("2026-02-07", "upcoming"), ("2026-02-08", "due"), ("2026-02-22", "due"), ("2026-02-23", "overdue")],
)
def test_the_next_visit_is_a_month_after_the_latest_with_a_week_on_both_sides(today: str, state: str) -> None:
    visits = (visit(START - days(31), 1), visit(START, 2))
    found = reminders(record(dt.date.fromisoformat(today), visits=visits))
    assert states(found) == {"capture": (dt.date(2026, 2, 15), state)}


@pytest.mark.req("REQ-25")
def test_a_visit_on_the_last_of_a_long_month_is_followed_by_the_last_of_a_short_one() -> None:
    for day, due in (("2026-01-31", "2026-02-28"), ("2024-01-31", "2024-02-29"), ("2026-08-31", "2026-09-30")):
        date = dt.date.fromisoformat(day)
        assert reminders(record(date, visits=(visit(date),)))[0].due == dt.date.fromisoformat(due)


@pytest.mark.req("REQ-30")
@pytest.mark.parametrize(
    ("today", "drawn", "three", "six"),
    [
        ("2026-03-31", [], "upcoming", "upcoming"),
        ("2026-04-01", [], "due", "upcoming"),
        ("2026-04-30", [], "overdue", "upcoming"),
        ("2026-04-30", ["2026-04-15"], "done", "upcoming"),
        ("2026-06-01", ["2026-05-30"], "done", "upcoming"),
        ("2026-04-30", ["2026-03-31"], "overdue", "upcoming"),
        ("2026-07-01", ["2026-04-15"], None, "due"),
        ("2026-07-30", ["2026-04-15"], None, "overdue"),
        ("2026-07-30", ["2026-07-02"], None, "done"),
        ("2026-12-31", [], None, "overdue"),
        ("2027-01-01", [], None, None),
    ],
)
def test_blood_is_drawn_three_and_six_months_after_the_first_dose(
    today: str, drawn: list[str], three: str | None, six: str | None
) -> None:
    labs = tuple(b12(dt.date.fromisoformat(day)) for day in drawn)
    found = states(reminders(record(dt.date.fromisoformat(today), regimens=(regimen(),), labs=labs)))
    expected = {"lab-3-months": (dt.date(2026, 4, 15), three), "lab-6-months": (dt.date(2026, 7, 15), six)}
    found.pop("lab-yearly", None)
    assert found == {kind: value for kind, value in expected.items() if value[1]}


@pytest.mark.req("REQ-30")
def test_a_test_during_treatment_is_optional_and_says_what_it_reflects() -> None:
    found = only(ReminderKind.LAB_3_MONTHS, reminders(record(dt.date(2026, 4, 15), regimens=(regimen(),))))
    assert "optional" in found.sentence.text()
    assert found.note is not None
    assert found.note.interpreting
    assert "reflects the treatment" in found.note.text()


@pytest.mark.req("REQ-38")
def test_b12_is_tested_a_year_after_the_last_test_of_any_kind_of_b12() -> None:
    labs = (b12(START, "active-b12"), b12(START - days(200)), b12(START + days(20), "ferritin"))
    for today, state in ((300, "upcoming"), (351, "due"), (380, "overdue")):
        found = reminders(record(START + days(today), labs=labs))
        assert states(found) == {"lab-yearly": (dt.date(2027, 1, 15), state)}
    leap = reminders(record(START, labs=(b12(dt.date(2024, 2, 29)),)))
    assert leap[0].due == dt.date(2025, 2, 28)


@pytest.mark.req("REQ-23")
def test_the_next_injection_of_every_regimen_is_told() -> None:
    both = (regimen(START, "monthly", "im"), regimen(START, "weekly", "sc", "Тирзепатид"))
    given = (dose(START), dose(START + days(7), "Тирзепатид"))
    found = [each for each in reminders(record(START + days(16), regimens=both, doses=given)) if each.substance]
    assert [(each.substance, each.due, each.state) for each in found] == [
        ("Тирзепатид", START + days(14), ReminderState.OVERDUE),
        ("b12", dt.date(2026, 2, 15), ReminderState.UPCOMING),
    ]
    assert "injection of vitamin B12" in found[1].sentence.text()


def test_two_regimens_that_fall_due_together_are_one_reminder() -> None:
    twice = (regimen(START, "monthly", "im"), regimen(START, "weekly", "im"))
    found = [each for each in reminders(record(START, regimens=twice)) if each.kind is ReminderKind.INJECTION]
    assert [(each.due, each.state) for each in found] == [(START, ReminderState.DUE)]


@pytest.mark.req("REQ-39")
@pytest.mark.parametrize(
    ("today", "latest", "state"),
    [
        ("2026-03-01", "2026-02-15", "upcoming"),
        ("2026-07-10", "2026-06-15", "due"),
        ("2026-07-10", "2026-07-09", "done"),
        ("2026-08-01", "2026-06-15", "overdue"),
    ],
)
def test_visits_go_on_for_six_months_after_a_recovery(today: str, latest: str, state: str) -> None:
    visits = (visit(dt.date.fromisoformat(latest)),)
    found = reminders(record(dt.date.fromisoformat(today), visits=visits), recovered=START)
    assert states(found)["confirmation"] == (dt.date(2026, 7, 15), state)


def test_every_kind_and_state_has_its_sentence() -> None:
    never_done = {ReminderKind.CAPTURE, ReminderKind.LAB_YEARLY, ReminderKind.INJECTION}
    expected = {
        f"reminder.{kind}-{state}"
        for kind in ReminderKind
        for state in ReminderState
        if not (state is ReminderState.DONE and kind in never_done)
    }
    assert expected | {"reminder.treated", "reminder.b12"} == {key for key in texts() if key.startswith("reminder.")}


FIRST, LAST = dt.date(2004, 1, 1), dt.date(2060, 1, 1)
DATES = st.dates(FIRST, LAST)


@st.composite
def records(draw: st.DrawFn) -> PersonRecord:
    schedules = st.sampled_from(["daily", "every-other-day", "monthly", "as-needed"])
    regimens = st.builds(regimen, DATES, schedules, st.sampled_from(["im", "oral"]), st.sampled_from(["b12", "iron"]))
    return record(
        draw(DATES),
        visits=tuple(visit(date) for date in draw(st.lists(DATES, max_size=5))),
        labs=tuple(b12(date) for date in draw(st.lists(DATES, max_size=5))),
        regimens=tuple(draw(st.lists(regimens, max_size=4))),
        doses=tuple(dose(date) for date in draw(st.lists(DATES, max_size=5))),
    )


def shifted(person: PersonRecord, by: dt.timedelta) -> PersonRecord:
    return replace(
        person,
        today=person.today + by,
        visits=tuple(replace(each, date=each.date + by) for each in person.visits),
        labs=tuple(replace(each, drawn=each.drawn + by) for each in person.labs),
        regimens=tuple(replace(each, start=each.start + by) for each in person.regimens),
        doses=tuple(replace(each, given=each.given + by) for each in person.doses),
    )


@given(records(), DATES)
def test_shifting_all_dates_shifts_the_reminders(person: PersonRecord, recovered: dt.date) -> None:
    found = reminders(person, recovered=recovered)
    later = reminders(shifted(person, YEARS_28), recovered=recovered + YEARS_28)
    assert [(each.kind, each.due + YEARS_28, each.state) for each in found] == [
        (each.kind, each.due, each.state) for each in later
    ]


@given(records(), st.randoms(use_true_random=False))
def test_the_order_of_the_record_changes_nothing(person: PersonRecord, shuffler: random.Random) -> None:
    mixed = replace(
        person,
        **{
            name: tuple(shuffler.sample(getattr(person, name), len(getattr(person, name))))
            for name in ("visits", "labs", "regimens", "doses")
        },
    )
    assert reminders(mixed) == reminders(person)


def full() -> tuple[Reminder, ...]:
    person = record(
        dt.date(2026, 4, 20),
        visits=(visit(dt.date(2026, 3, 31)),),
        labs=(b12(START),),
        regimens=(
            regimen(START, "monthly", "im"),
            regimen(START, "weekly", "sc", "x\r\nATTENDEE:mailto:a@b.example; ü,"),
        ),
        doses=(dose(dt.date(2026, 4, 1)),),
    )
    return reminders(person, recovered=dt.date(2026, 4, 1))


def feed(found: tuple[Reminder, ...], person: str = "K7QW2M", **more: Any) -> bytes:
    return calendar_feed(found, person=person, key=KEY, today=dt.date(2026, 4, 20), **more)


def events(found: tuple[Reminder, ...], **more: Any) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(feed(found, **more)).walk("VEVENT"))


def test_the_feed_holds_every_reminder_as_a_whole_day() -> None:
    found = full()
    assert {each.kind for each in found} == set(ReminderKind)
    written = events(found)
    assert [each.decoded("dtstart") for each in written] == [each.due for each in found]
    for event in written:
        assert event.decoded("dtend") - event.decoded("dtstart") == days(1)
        assert event.decoded("dtstamp") == dt.datetime(2026, 4, 20, tzinfo=dt.UTC)
        assert (event["transp"], event["class"]) == ("TRANSPARENT", "PRIVATE")
        assert not event.subcomponents
        assert set(event) == {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "CLASS", "TRANSP"}


def test_the_feed_is_a_calendar_by_the_rules_of_its_format() -> None:
    text = feed(full(), detailed=True)
    lines = text.split(b"\r\n")
    assert lines[:1] + lines[-2:] == [b"BEGIN:VCALENDAR", b"END:VCALENDAR", b""]
    assert max(len(line) for line in lines) <= 75
    assert b"\n" not in text.replace(b"\r\n", b"")
    calendar = icalendar.Calendar.from_ical(text)
    assert (calendar["version"], bool(calendar["prodid"])) == ("2.0", True)
    assert len(icalendar.Calendar.from_ical(text, multiple=True)) == 1


def test_a_shared_calendar_names_no_person_no_test_and_no_treatment() -> None:
    text = feed(full()).decode().casefold()
    for word in ("k7qw2m", "b12", "vitamin", "hair", "blood", "inject", "attendee", "recover", "treat"):
        assert word not in text
    assert {str(event["summary"]) for event in events(full())} == {
        "Monthly visit", "3-month check", "6-month check", "Yearly check", "Appointment", "6-month visit",
    }  # fmt: skip


def test_details_are_told_to_those_who_asked_for_them() -> None:
    titles = {str(event["summary"]): str(event["description"]) for event in events(full(), detailed=True)}
    assert "Injection of vitamin B12" in titles
    assert "reflects the treatment" in titles["Blood test at 3 months (optional)"]
    plain = {str(each["summary"]): each for each in events(full(), detailed=True, interpreting=False)}
    assert "reflects the treatment" not in str(plain["Blood test at 3 months (optional)"]["description"])


def test_what_was_typed_cannot_write_calendar_lines_of_its_own() -> None:
    lines = feed(full(), detailed=True).split(b"\r\n")
    assert not [line for line in lines if line.startswith(b"ATTENDEE")]
    (typed,) = (each for each in events(full(), detailed=True) if "ATTENDEE" in str(each["summary"]))
    assert "ü," in str(typed["summary"])


def test_an_event_keeps_its_uid_and_tells_nothing_by_it() -> None:
    def uids(**more: Any) -> list[str]:
        return [str(event["uid"]) for event in events(full(), **more)]

    assert uids() == uids(detailed=True)
    assert len(set(uids())) == len(full())
    assert not {*uids()} & {*uids(person="K7QW2N")}
    other = calendar_feed(full(), person="K7QW2M", key=b"another", today=START)
    assert not {*uids()} & {str(each["uid"]) for each in icalendar.Calendar.from_ical(other).walk("VEVENT")}


def test_what_is_done_is_not_in_the_calendar() -> None:
    assert events(tuple(replace(each, state=ReminderState.DONE) for each in full())) == []
