"""Taking one photograph so that it cannot be lost, with the lamp lit no longer than needed."""

from __future__ import annotations

from dataclasses import dataclass

import station
from station.calibration.profile import CalibrationProfile
from station.capture.protocol import Protocol
from station.errors import StationError
from station.records.images import ImageFolder
from station.records.photograph import encode
from station.records.rows import CaptureHeader, PersonRow
from station.records.store import Records
from station.rig.profile import RigProfile
from station.rig.protocols import Light, Rig
from station.values import Frame, Lamp

RESERVED_BYTES_PER_PIXEL = 1.5
"""Room set aside before the exposure. JPEG 95 at 4:4:4 of a sharp, noisy scalp takes about 1 byte a pixel."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a photograph is of. frame: its number at this site of this visit, from 1."""

    person: PersonRow
    visit: int
    site: str
    frame: int


@dataclass(frozen=True, slots=True)
class CaptureSession:
    """Everything a capture needs. keep_free: bytes of disk that must stay free; quality: of the JPEG."""

    rig: Rig
    calibration: CalibrationProfile
    protocol: Protocol
    records: Records
    images: ImageFolder
    quality: int
    keep_free: int

    def capture_frame(self, place: Place) -> int:
        """Takes one photograph and returns its capture id.

        In this order: room on the disk is reserved, the lamp goes on, one frame is exposed, the lamp goes off on
        every path, the file is stored durably, the row is entered. Raises StorageError before anything is lit when
        there is no room; CameraError when there was no frame (nothing is stored); RecordError or StorageError when
        the row could not be entered (the file is kept, and the next start enters it). A light that cannot be
        switched off is raised after its frame is safe.
        """
        profile = self.rig.profile
        size = size_to_reserve(profile)
        self.protocol.site(place.site)
        with self.images.reserve(
            place.person.code, place.visit, place.site, place.frame, size, self.keep_free
        ) as reservation:
            frame, still_lit = expose(self.rig)
            header = self._header(place, frame)
            height, width = frame.pixels.shape[:2]
            image = reservation.store(encode(frame.pixels, header, self.quality), width, height)
            # Inside the reservation: nobody can be erased between the photograph and its row.
            capture_id = self.records.add_capture(header, image)
        if still_lit is not None:
            raise still_lit
        return capture_id

    def _header(self, place: Place, frame: Frame) -> CaptureHeader:
        return CaptureHeader(
            person=place.person.code,
            demonstration=place.person.demonstration,
            visit=place.visit,
            protocol=self.protocol.id,
            site=place.site,
            frame=place.frame,
            taken=frame.taken,
            lamp=frame.lamp,
            rig_id=frame.rig_id,
            requested=frame.requested,
            confirmed=frame.confirmed,
            calibration_id=self.calibration.id,
            px_per_mm=self.calibration.px_per_mm,
            px_per_mm_rel_sd=self.calibration.px_per_mm_rel_sd,
            source=frame.source,
            software=station.__version__,
        )


def expose(rig: Rig) -> tuple[Frame, StationError | None]:
    """One frame with the lamp lit for it alone, and what the light said if it could not be switched off after it."""
    light = rig.light
    try:
        light.switch(rig.lamp)
        frame = rig.camera.expose(rig.profile.controls, rig.lamp)
    except BaseException:
        _dark(light)
        raise
    return frame, _dark(light)


def size_to_reserve(profile: RigProfile) -> int:
    """Bytes of the disk that are set aside for one photograph of this rig."""
    return int(profile.width_px * profile.height_px * RESERVED_BYTES_PER_PIXEL)


def _dark(light: Light) -> StationError | None:
    """Switches the light off, and once more if that fails; returns the second failure instead of raising it."""
    for _attempt in range(2):
        try:
            light.switch(Lamp.OFF)
        except StationError as error:
            failure = error
        else:
            return None
    return failure
