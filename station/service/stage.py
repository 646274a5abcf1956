"""The rig as a visit sees it: a camera to take photographs with, turned to one site at a time."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import Image

from station.capture.gate import GateView
from station.errors import StationError
from station.matching.constellation import constellation
from station.records.rows import CaptureRow
from station.rig.preview import preview_size
from station.rig.protocols import Rig
from station.service.live import Live
from station.service.live_place import Place
from station.service.live_rig import ShownRig
from station.service.taking import Taking

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the next photograph is of. code: "" in quick mode; start: the person's first day; baseline: earlier
    photographs of the site in the series; take: called when the live view finds everything good."""

    code: str
    start: dt.date | None
    site: str
    baseline: tuple[CaptureRow, ...]
    take: Callable[[], None]


class Stage(Protocol):
    """What visits and quick looks need of the rig. Any thread may use it."""

    def camera(self) -> AbstractContextManager[Rig]:
        """The rig for one photograph. Raises CameraError, SettingsError or ImageError."""
        ...

    def turn_to(self, wanted: Wanted) -> None:
        """This is under the camera now. Never raises: what the camera lacks is said when a photograph is due."""
        ...

    def release(self) -> None:
        """Nothing is wanted any more."""
        ...


class HeldStage:
    """A rig without a live view: opened by the first photograph, held until it is released."""

    def __init__(self, open_it: Callable[[], Rig]) -> None:
        self._open = open_it
        self._lock = threading.RLock()
        self._rig: Rig | None = None

    @contextlib.contextmanager
    def camera(self) -> Iterator[Rig]:
        with self._lock:
            if self._rig is None:
                self._rig = self._open()
            yield self._rig

    def turn_to(self, wanted: Wanted) -> None:
        """At this rig nothing moves by itself."""

    def release(self) -> None:
        with self._lock:
            rig, self._rig = self._rig, None
        if rig is not None:
            rig.close()


class LiveStage:
    """The station's rig with its live view, which is aimed at the site and takes the photograph by itself."""

    def __init__(self, live: Live, shown: ShownRig, taking: Taking) -> None:
        self._live = live
        self._shown = shown
        self._taking = taking
        self._lock = threading.Lock()
        self._wanted: Wanted | None = None
        self._turned: tuple[str, str] | None = None
        live.on_ready = self._ready

    def camera(self) -> AbstractContextManager[Rig]:
        return self._live.camera()

    def turn_to(self, wanted: Wanted) -> None:
        with self._lock:
            self._wanted = wanted
            if self._turned == (wanted.code, wanted.site):
                return
            self._turned = (wanted.code, wanted.site)
        try:
            self._shown.of(wanted.start)
            with self._live.camera() as rig:
                rig.place(wanted.site, self._taking.clock.now().utc, 0)
            self._live.aim(self._place(wanted.baseline))
        except StationError as error:
            log.info("the live view could not be turned to a site: %s", error.operator)
            with self._lock:
                self._turned = None  # the next look at the page tries again

    def release(self) -> None:
        with self._lock:
            was, self._wanted, self._turned = self._wanted, None, None
        if was is not None:
            self._live.aim(None)

    def _ready(self, _gate: GateView) -> None:
        """Everything is good: called from the live view's own thread, which has to go on whatever happens."""
        with self._lock:
            wanted = self._wanted
        if wanted is None:
            return
        try:
            wanted.take()
        except StationError as error:
            log.warning("no photograph was taken by itself: %s", error.operator)

    def _place(self, baseline: Sequence[CaptureRow]) -> Place | None:
        """Where the live view guides to: the first measured photograph of the site; None when there is none."""
        for row in baseline:
            if row.measurement is None:
                continue
            size = (row.image.width_px / row.px_per_mm, row.image.height_px / row.px_per_mm)
            found = constellation(self._taking.records.detail(row.capture_id), size)
            return Place(found, self._ghost(row))
        return None

    def _ghost(self, row: CaptureRow) -> bytes:
        """The photograph as a JPEG of the preview's size; empty when it cannot be read."""
        try:
            with Image.open(self._taking.images.path(row.image)) as picture:
                small = picture.convert("RGB").resize(preview_size(self._shown.profile))
        except OSError:
            return b""
        packed = io.BytesIO()
        Image.fromarray(np.asarray(small)).save(packed, "JPEG", quality=80)
        return packed.getvalue()
