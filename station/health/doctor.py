"""All checks of the station, one after the other."""

from __future__ import annotations

import logging
from collections.abc import Callable

from station.clock import Clock
from station.errors import StationError
from station.health import camera, data_folder, database, disk, engine, photographs, python, wall_clock
from station.health.finding import Finding, State
from station.settings import Settings

Check = Callable[[Settings, Clock], Finding]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("python", python.check),
    ("engine", engine.check),
    ("disk", disk.check),
    ("clock", wall_clock.check),
    ("camera", camera.check),
    ("data-folder", data_folder.check),
    ("database", database.check),
    ("photographs", photographs.check),
)
log = logging.getLogger(__name__)


def examine(settings: Settings, clock: Clock) -> tuple[Finding, ...]:
    """What every check found. A check that breaks has failed and does not keep the others from looking."""
    return tuple(_examined(name, check, settings, clock) for name, check in CHECKS)


def healthy(findings: tuple[Finding, ...]) -> bool:
    """True if every check was made and found nothing to say."""
    return bool(findings) and all(finding.state is State.OK for finding in findings)


def failed(findings: tuple[Finding, ...]) -> bool:
    """True if something is broken."""
    return any(finding.state is State.FAILED for finding in findings)


def _examined(name: str, check: Check, settings: Settings, clock: Clock) -> Finding:
    try:
        return check(settings, clock)
    except StationError as error:
        return Finding(name, State.FAILED, error.operator)
    except Exception as error:  # whatever breaks a check is what the doctor is asked about
        log.exception("the check %s broke", name)
        return Finding(name, State.FAILED, f"The check itself broke: {error!r}.")
