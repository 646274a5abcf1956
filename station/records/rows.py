"""What the records hold, as plain values."""

from __future__ import annotations

import datetime as dt
import enum
import math
from dataclasses import asdict, dataclass, replace
from typing import Any

from station.clock import ClockStatus, Timestamp
from station.names import readable
from station.values import Calibre, Controls, Interval, Lamp

HEADER_FORMAT = "station-capture/1"
MAX_COUNT = 10**6
"""Visits of a person and photographs of a site: beyond it a number is a mistake."""
MAX_OFFSET_MINUTES = 24 * 60


class CaptureState(enum.StrEnum):
    """The queue of work: what is `CAPTURED` waits to be measured."""

    CAPTURED = "captured"
    MEASURED = "measured"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person: a random code and nothing that names anyone."""

    person_id: int
    code: str
    demonstration: bool


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A visit. number: 1 is the baseline; began: time of its first photograph."""

    visit_id: int
    number: int
    began: Timestamp
    protocol: str


@dataclass(frozen=True, slots=True)
class CaptureHeader:
    """All that is known of a photograph when it is taken.

    It is written into the image file itself (JPEG comment), so that a file can be taken into the records again, and
    the records be rebuilt from the files.
    """

    person: str
    demonstration: bool
    visit: int
    protocol: str
    site: str
    frame: int
    taken: Timestamp
    lamp: Lamp
    rig_id: str
    requested: Controls
    confirmed: Controls
    calibration_id: str
    px_per_mm: float
    px_per_mm_rel_sd: float
    source: str
    software: str

    def as_dict(self) -> dict[str, Any]:
        taken = {"utc": self.taken.utc.isoformat(), "offset_minutes": self.taken.offset_minutes}
        return {
            **asdict(self),
            "format": HEADER_FORMAT,
            "taken": {**taken, "status": str(self.taken.status)},
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> CaptureHeader:
        """Raises ValueError when this is no header that this software knows, or one that no record can hold."""
        data = dict(content)
        if data.pop("format", None) != HEADER_FORMAT:
            raise ValueError("not a capture header")
        try:
            taken = data.pop("taken")
            header = cls(
                taken=timestamp(taken["utc"], taken["offset_minutes"], taken["status"]),
                lamp=Lamp(data.pop("lamp")),
                requested=controls(data.pop("requested")),
                confirmed=controls(data.pop("confirmed")),
                **data,
            )
            header = replace(header, px_per_mm=float(header.px_per_mm), px_per_mm_rel_sd=float(header.px_per_mm_rel_sd))
            possible = header._possible()
        except (LookupError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"incomplete capture header: {error}") from error
        if not possible:
            raise ValueError("a capture header with impossible values")
        return replace(header, source=readable(header.source))

    def _possible(self) -> bool:
        """A file can say anything: do its values have the types and ranges that the record expects?"""
        texts = (self.person, self.protocol, self.site, self.rig_id, self.calibration_id, self.software)
        return (
            all(text.isprintable() for text in texts)
            and isinstance(self.source, str)
            and isinstance(self.demonstration, bool)
            and all(type(count) is int and 0 < count <= MAX_COUNT for count in (self.visit, self.frame))
            and 0 < self.px_per_mm < math.inf
            and 0 <= self.px_per_mm_rel_sd < math.inf
            and type(self.taken.offset_minutes) is int
            and abs(self.taken.offset_minutes) <= MAX_OFFSET_MINUTES
        )


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image file that is safely on the disk. name: path below the image folder; size in bytes."""

    name: str
    sha256: str
    size: int
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class MeasurementRow:
    """The numbers of one measurement, without its points and map."""

    measurement_id: int
    fu_count: int
    hair_count: int
    counted_area_cm2: float
    fu_per_cm2: float
    fu_interval: Interval
    hairs_per_cm2: float
    hairs_interval: Interval
    warnings: tuple[str, ...]
    model: str
    model_sha256: str
    engine: str
    calibration_id: str
    software: str
    calibre: Calibre | None = None
    grey_share: float | None = None
    short_share: float | None = None


@dataclass(frozen=True, slots=True)
class RepeatRow:
    """A measured photograph as one of the repeats of a site in a visit."""

    person: str
    visit: int
    site: str
    fu_per_cm2: float
    hairs_per_cm2: float


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A photograph on record. measurement: the latest one; None until measured."""

    capture_id: int
    person: str
    visit: int
    site: str
    frame: int
    state: CaptureState
    error: str
    image: StoredImage
    taken: Timestamp
    rig_id: str
    calibration_id: str
    px_per_mm: float
    px_per_mm_rel_sd: float
    measurement: MeasurementRow | None


def timestamp(utc: str, offset_minutes: int, status: str) -> Timestamp:
    """A stored time. Raises ValueError for one without a time zone."""
    moment = dt.datetime.fromisoformat(utc)
    if moment.tzinfo is None:
        raise ValueError(f"a time without a time zone: {utc}")
    return Timestamp(moment, offset_minutes, ClockStatus(status))


def controls(content: dict[str, Any]) -> Controls:
    """Stored camera controls."""
    data = dict(content)
    gains = data.pop("colour_gains", None)
    return Controls(colour_gains=None if gains is None else (float(gains[0]), float(gains[1])), **data)
