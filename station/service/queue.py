"""The queue of photographs that wait to be measured. Its only memory is the state in the record."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable

from station.calibration.standard import with_scale
from station.clock import Clock
from station.density.engine import Engine
from station.density.measure import measure
from station.errors import EntryError, ImageError, NotFoundError, StationError, UsageError
from station.imaging import decode_photograph
from station.records.images import ImageFolder
from station.records.rows import CaptureRow
from station.records.store import Records
from station.service.comparing import Comparing
from station.values import Measurement

IDLE_S = 2.0
"""How often the queue is looked at when nobody announced a photograph."""

log = logging.getLogger(__name__)


class MeasuringQueue:
    """Measures what is captured, the oldest first, in a thread of its own or when asked to.

    engine: gives the loaded engine, or raises ModelError; then the photographs stay in the queue. thin_hair_um:
    diameter below which a hair is thin. comparing: what is done with a site's measurements when none waits.
    """

    def __init__(
        self,
        records: Records,
        images: ImageFolder,
        engine: Callable[[], Engine],
        clock: Clock,
        thin_hair_um: float = 30.0,
        comparing: Comparing | None = None,
    ) -> None:
        self._records = records
        self._images = images
        self._engine = engine
        self._clock = clock
        self._thin_hair_um = thin_hair_um
        self._comparing = comparing
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.error = ""

    def work_next(self) -> bool:
        """Measures one photograph, or compares one site with its baseline if none waits; False if nothing is to be
        done. Raises as `measure_next` does."""
        return self.measure_next() or (self._comparing is not None and self._comparing.compare_next())

    def measure_next(self) -> bool:
        """Measures one photograph; False if none waits.

        One that cannot be used is set aside as failed, with the reason; of one that is erased meanwhile nothing is
        stored. Raises ModelError, RecordError or
        StorageError, and then it stays in the queue.
        """
        pending = self._records.pending()
        if not pending:
            return False
        try:
            self._measure(self._records.capture(pending[0]))
        except (EntryError, NotFoundError):
            if pending[0] in self._records.pending():
                raise
            log.info("photograph %s was erased while it was being measured", pending[0])
        return True

    def _measure(self, row: CaptureRow) -> None:
        try:
            measurement = self._measured(row)
        except (ImageError, UsageError) as error:
            self._records.set_failed(row.capture_id, error.operator)
        else:
            self._records.set_measured(row.capture_id, measurement, self._clock.now())
        if self._comparing is not None:
            self._comparing.announce(row.person)

    def start(self) -> None:
        """Begins to measure in the background."""
        self._thread = threading.Thread(target=self._work, name="measuring", daemon=True)
        self._thread.start()

    def announce(self) -> None:
        """There is a new photograph."""
        self._wake.set()

    def stop(self) -> None:
        """Ends the background work after the photograph in hand."""
        self._ended.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _work(self) -> None:
        while not self._ended.is_set():
            try:
                found = self.work_next()
                self.error = ""
            except StationError as error:
                found = False
                if error.operator != self.error:  # once, not at every look at the queue
                    log.error("measuring waits: %s", error.operator)
                self.error = error.operator
            except Exception as error:  # the thread must outlive any fault, and the page must say it
                found = False
                self.error = f"Measuring stopped: {error!r}."
                log.exception("measuring failed")
            if not found:
                self._wake.wait(IDLE_S)
                self._wake.clear()

    def _measured(self, row: CaptureRow) -> Measurement:
        path = self._images.path(row.image)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ImageError(
                f"{path}: the photograph cannot be read ({error.strerror}): copy it back from a backup."
            ) from error
        if hashlib.sha256(data).hexdigest() != row.image.sha256:
            raise ImageError(
                f"{path}: the photograph is no longer what was stored (its SHA-256 differs): copy it back."
            )
        pixels = decode_photograph(data, str(path))
        image = with_scale(pixels, row.px_per_mm, row.px_per_mm_rel_sd, row.calibration_id)
        return measure(image, self._engine(), thin_hair_um=self._thin_hair_um)
