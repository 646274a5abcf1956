"""Finding the baseline's place in the live pictures, beside the thread that shows them.

A registration takes some hundred ms. It runs in a thread of its own on the newest picture; meanwhile the movement from
picture to picture is summed up, so that an answer about an earlier picture holds for the present one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from station.capture.gate import Target
from station.capture.gate_motion import Movement
from station.capture.guidance import Matrix, Sighting
from station.capture.guidance_sight import sight
from station.density.engine import Engine
from station.errors import StationError
from station.matching.constellation import Constellation
from station.rig.preview import Preview, preview_size
from station.rig.profile import RigProfile
from station.service.pictures import sized

BETWEEN_S = 0.3
"""Between the end of one registration and the next: the processor is needed for pictures and pages too."""
BETWEEN_STILL_S = 1.5
"""As long as the place is known and hardly anything moved since."""
STILL_MM = 0.3
OUT_OF_DATE_S = 10.0
"""A place that was not seen again for so long is not known any more. Followed from picture to picture it drifts by some
0.03 mm each, at random: 0.3 mm in that time."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a photograph is wanted. baseline: the first visit's constellation; ghost: its
    photograph as a JPEG of the preview's size."""

    baseline: Constellation
    ghost: bytes


Locate = Callable[[Preview, Place, Sighting | None], Sighting]
"""Finds a live picture in a place's baseline; the sighting before helps. One that is not accepted says: not found."""


def place_of(baseline: Constellation, photograph: bytes, profile: RigProfile) -> Place:
    """The place of a stored baseline. photograph: its JPEG, of any size."""
    return Place(baseline, sized(photograph, preview_size(profile)[0]))


def locator(engine: Callable[[], Engine]) -> Locate:
    """Finds places with the network. engine: gives it, and may raise ModelError."""
    return lambda preview, place, before: sight(preview, engine(), place.baseline, before)


class PlaceFinder:
    """Keeps what is known of the place."""

    def __init__(self, locate: Locate | None) -> None:
        self.place: Place | None = None
        self._locate = locate
        self._changed = threading.Condition()
        self._wanted: Preview | None = None
        self._round = 0  # another place, or pictures that do not belong together: answers of earlier rounds are void
        self._drift: Matrix | None = None  # movement since the picture that is being registered
        self._since = np.eye(3)  # movement since the last answer
        self._sighting: Sighting | None = None
        self._misses = 0
        self._ended = 0.0
        self._closed = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins to look, once there is something to look for."""
        if self._locate is not None and self._thread is None:
            self._thread = threading.Thread(target=self._work, name="live place", daemon=True)
            self._thread.start()

    def aim(self, place: Place | None) -> None:
        """Look for this place from now on."""
        with self._changed:
            self.place = place
            self._void()

    def lost(self) -> None:
        """The pictures to come do not follow those before."""
        with self._changed:
            self._void()

    def pause(self) -> None:
        """No pictures come for now."""
        self.lost()

    def close(self) -> None:
        """Ends the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def seen(self, preview: Preview, moved: Movement | None, *, followed: bool) -> Target:
        """Takes the next picture, with the movement since the one before, and says what is known."""
        with self._changed:
            if self.place is None or self._locate is None:
                return Target()
            if followed:
                self._follow(moved)
            if self._sighting is not None and preview.taken - self._sighting.seen > OUT_OF_DATE_S:
                self._sighting = None
            if self._wanted is None and preview.taken - self._ended >= self._between():
                self._wanted, self._drift = preview, np.eye(3)
                self._changed.notify_all()
            return Target(True, self._sighting, self._misses)

    def _follow(self, moved: Movement | None) -> None:
        if moved is None:
            self._drift = None
            self._sighting = None
            return
        step = moved.matrix()
        self._since = step @ self._since
        if self._drift is not None:
            self._drift = step @ self._drift
        if self._sighting is not None:
            self._sighting = self._sighting.after(moved)

    def _between(self) -> float:
        still = float(np.hypot(*self._since[:2, 2])) < STILL_MM
        return BETWEEN_STILL_S if self._sighting is not None and self._sighting.accepted and still else BETWEEN_S

    def _void(self) -> None:
        self._round += 1
        self._sighting = None
        self._drift = None
        self._misses = 0
        self._ended = 0.0

    def _work(self) -> None:
        said = ""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._wanted is not None)
                if self._closed:
                    return
                preview, place, number, before = self._wanted, self.place, self._round, self._sighting
            found: Sighting | None = None
            try:
                if preview is not None and place is not None and self._locate is not None:
                    found = self._locate(preview, place, before)
            except StationError as error:
                if error.operator != said:
                    log.warning("the place is not looked for: %s", error.operator)
                said = error.operator
            except Exception as error:  # the picture must go on, whatever a registration ran into
                if repr(error) != said:
                    log.exception("looking for the place failed")
                said = repr(error)
            self._answer(found, number)

    def _answer(self, found: Sighting | None, number: int) -> None:
        with self._changed:
            self._wanted = None
            self._ended = time.monotonic()
            if number != self._round or found is None:
                return
            if not found.accepted:
                self._misses += 1
                self._sighting = None
            elif self._drift is not None:
                self._misses = 0
                self._since = np.eye(3)
                self._sighting = Sighting(
                    found.to_baseline @ np.linalg.inv(self._drift),
                    found.live_mm,
                    found.baseline_mm,
                    found.probability,
                    found.accepted,
                    found.seen,
                )
