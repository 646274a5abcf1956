"""Taking a photograph for the record: what `station capture` and every visit share."""

from __future__ import annotations

from dataclasses import dataclass

from station.calibration.profile import nominal
from station.capture.protocol import Protocol
from station.capture.session import CaptureSession, Place
from station.clock import Clock
from station.records.images import ImageFolder
from station.records.rows import PersonRow
from station.records.store import Records
from station.rig.protocols import Rig
from station.settings import Settings


@dataclass(frozen=True, slots=True)
class Taking:
    """Photographs go into these records and this folder."""

    records: Records
    images: ImageFolder
    settings: Settings
    clock: Clock

    @property
    def keep_free(self) -> int:
        """Bytes of the disk that a capture leaves free."""
        return self.settings.storage_reserve_mb * 1_000_000

    def session(self, rig: Rig, protocol: Protocol) -> CaptureSession:
        """A capture session at a rig."""
        return CaptureSession(
            rig=rig,
            calibration=nominal(rig.profile),
            protocol=protocol,
            records=self.records,
            images=self.images,
            quality=self.settings.image_jpeg_quality,
            keep_free=self.keep_free,
        )

    def take(self, rig: Rig, person: PersonRow, visit: int, site: str, protocol: Protocol) -> int:
        """Takes one photograph of a site in a visit, and returns its capture id; see `CaptureSession`.

        Raises NotFoundError for someone who was on record and is no more."""
        if person.person_id:
            self.records.person(person.code)  # who was erased since is not entered again
        frame = self.records.next_frame(person.code, visit, site)
        rig.place(site, self.clock.now().utc, frame - 1)
        return self.session(rig, protocol).capture_frame(Place(person, visit, site, frame))
