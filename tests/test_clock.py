"""Clocks: a time that cannot be right is never believed."""

from __future__ import annotations

import datetime as dt

from station.clock import (
    EARLIEST_PLAUSIBLE,
    ClockStatus,
    SimulatedClock,
    SystemClock,
    Timestamp,
    months_after,
    system_clock_status,
)


def test_a_clock_that_lost_its_time_is_unknown() -> None:
    assert system_clock_status(EARLIEST_PLAUSIBLE - dt.timedelta(seconds=1)) is ClockStatus.UNKNOWN
    assert system_clock_status(dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) is ClockStatus.UNKNOWN


def test_the_system_clock_gives_utc_with_the_local_offset() -> None:
    before = dt.datetime.now(dt.UTC)
    found = SystemClock().now()
    assert before <= found.utc <= dt.datetime.now(dt.UTC)
    assert found.utc.utcoffset() == dt.timedelta()
    local = dt.datetime.now().astimezone().utcoffset()
    assert dt.timedelta(minutes=found.offset_minutes) == local


def test_the_local_date_follows_the_offset() -> None:
    late = dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC)
    assert Timestamp(late, 60, ClockStatus.RTC).local_date == dt.date(2026, 3, 2)
    assert Timestamp(late, -60, ClockStatus.RTC).local_date == dt.date(2026, 3, 1)


def test_the_simulated_clock_stands_where_it_is_put() -> None:
    tokyo = dt.timezone(dt.timedelta(hours=9))
    clock = SimulatedClock(dt.datetime(2026, 1, 5, 9, tzinfo=tokyo))
    assert clock.now() == Timestamp(dt.datetime(2026, 1, 5, 0, tzinfo=dt.UTC), 0, ClockStatus.SIMULATED)


def test_a_month_later_is_the_same_day_or_the_last_of_the_month() -> None:
    assert months_after(dt.date(2026, 1, 31), 1) == dt.date(2026, 2, 28)
    assert months_after(dt.date(2024, 1, 31), 1) == dt.date(2024, 2, 29)
    assert months_after(dt.date(2024, 2, 29), 12) == dt.date(2025, 2, 28)
    assert months_after(dt.date(2026, 11, 15), 3) == dt.date(2027, 2, 15)
    assert months_after(dt.datetime(2026, 3, 31, 8, tzinfo=dt.UTC), -13) == dt.datetime(2025, 2, 28, 8, tzinfo=dt.UTC)
