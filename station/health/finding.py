"""What a check of the doctor says."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class State(enum.StrEnum):
    """No data is not healthy: what could not be looked at is `UNKNOWN`, never `OK`."""

    OK = "ok"
    WARNING = "warning"
    UNKNOWN = "unknown"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """check: its name; sentence: what was found; advice: what to do, empty when there is nothing to do."""

    check: str
    state: State
    sentence: str
    advice: str = ""
