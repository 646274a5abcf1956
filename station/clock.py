"""Time with its trustworthiness: UTC, the local offset, and how well the clock is known.

The core never reads the wall clock itself; it is handed a `Clock`.
"""

from __future__ import annotations

import calendar
import datetime as dt
import enum
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

EARLIEST_PLAUSIBLE = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
"""A clock before this lost its time: the station's software is younger than that."""


class ClockStatus(enum.StrEnum):
    """How the time of a record was known."""

    SYNCHRONISED = "synchronised"
    RTC = "rtc"
    UNKNOWN = "unknown"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A moment: timezone-aware UTC, the local offset in minutes, and the status of the clock that gave it."""

    utc: dt.datetime
    offset_minutes: int
    status: ClockStatus

    @property
    def local_date(self) -> dt.date:
        """The calendar date where the station stands."""
        return (self.utc + dt.timedelta(minutes=self.offset_minutes)).date()


class Clock(Protocol):
    """Whatever can tell the time."""

    def now(self) -> Timestamp:
        """The present moment."""
        ...


class SystemClock:
    """The computer's clock, with its status from the kernel's time synchronisation or a hardware clock."""

    def now(self) -> Timestamp:
        local = dt.datetime.now().astimezone()
        offset = local.utcoffset() or dt.timedelta()
        return Timestamp(local.astimezone(dt.UTC), int(offset.total_seconds() // 60), system_clock_status(local))


def system_clock_status(now: dt.datetime) -> ClockStatus:
    """Status of the system clock; a time before `EARLIEST_PLAUSIBLE` is never believed."""
    if now < EARLIEST_PLAUSIBLE:
        return ClockStatus.UNKNOWN
    if Path("/run/systemd/timesync/synchronized").exists():
        return ClockStatus.SYNCHRONISED
    try:
        answer = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=2,
            check=False,
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        answer = ""
    if answer == "yes":
        return ClockStatus.SYNCHRONISED
    return ClockStatus.RTC if Path("/dev/rtc0").exists() else ClockStatus.UNKNOWN


@dataclass(slots=True)
class SimulatedClock:
    """A clock that stands where it is put: for the demonstration and for tests."""

    moment: dt.datetime

    def now(self) -> Timestamp:
        return Timestamp(self.moment.astimezone(dt.UTC), 0, ClockStatus.SIMULATED)


Day = TypeVar("Day", bound=dt.date)


def months_after(day: Day, months: int) -> Day:
    """The same day of a later month (of an earlier one where negative), or that month's last day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
