"""Is the time of a record to be believed?"""

from __future__ import annotations

from station.clock import Clock, ClockStatus
from station.health.finding import Finding, State
from station.settings import Settings


def check(settings: Settings, clock: Clock) -> Finding:
    """How the clock knows the time."""
    now = clock.now()
    moment = f"{now.utc:%Y-%m-%d %H:%M:%S} UTC"
    if now.status is ClockStatus.SYNCHRONISED:
        return Finding("clock", State.OK, f"It is {moment}, synchronised over the network.")
    if now.status is ClockStatus.RTC:
        return Finding("clock", State.OK, f"It is {moment}, from the battery-backed clock.")
    if now.status is ClockStatus.SIMULATED:
        return Finding("clock", State.WARNING, f"It is {moment}, from a simulated clock.")
    return Finding(
        "clock",
        State.UNKNOWN,
        f"It is said to be {moment}, but nothing vouches for it; records say so.",
        "Connect the station to a network for a while, or fit a battery-backed clock.",
    )
