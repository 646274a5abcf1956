"""Comparing visits: each site with its baseline as soon as it is measured, and any two visits when somebody asks."""

from __future__ import annotations

import functools
import logging
from collections import deque

from station.clock import Clock
from station.errors import EntryError, NotFoundError
from station.matching.comparison import Comparison, rejected
from station.matching.constellation import Constellation, constellation
from station.matching.same_hairs import compare
from station.records.rows import CaptureRow
from station.records.store import Records

log = logging.getLogger(__name__)
KEPT_PAIRS = 32
"""Comparisons of two visits that were asked for and are kept in memory: each holds some hundred kilobytes."""


class Comparing:
    """Makes the comparisons that are due, a person at a time. Any thread may use it, one at a time may make them."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._waiting = deque(row.code for row in records.persons())
        self._pair = functools.lru_cache(maxsize=KEPT_PAIRS)(self._compared)

    def announce(self, code: str) -> None:
        """A photograph of this person was measured."""
        if code not in self._waiting:
            self._waiting.append(code)

    def forget(self) -> None:
        """Nothing of anyone is kept in memory any more."""
        self._pair.cache_clear()

    def compare_next(self) -> bool:
        """Makes one comparison; False if none is due.

        Raises RecordError or StorageError; then it stays due, and is tried again when a photograph of this person is
        measured or the station starts: one damaged entry does not hold up everybody else's.
        """
        while self._waiting:
            code = self._waiting.popleft()
            due = self._records.comparisons.due(code)
            if due is None:
                continue
            try:
                made = self._compared(code, due.site, self._made_of(code, due.site, due.baseline, due.visit))
                self._records.comparisons.put(due, made, self._clock.now())
            except (EntryError, NotFoundError):
                log.info("a visit was erased while it was being compared")
            self._waiting.appendleft(code)
            return True
        return False

    def between(self, code: str, site: str, before: int, after: int) -> Comparison:
        """Two visits of a person to a site, compared as the later one is with its baseline. Raises NotFoundError for a
        visit that is not on record, or is not measured at this site."""
        try:
            baseline, stored = self._records.comparisons.detail(code, after, site)
        except NotFoundError:
            baseline = None
        if baseline == before:
            return stored
        return self._pair(code, site, self._made_of(code, site, before, after))

    def _made_of(self, code: str, site: str, before: int, after: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Numbers of the measurements of either visit: what a comparison rests on."""
        first, second = self._measured(code, site, before), self._measured(code, site, after)
        return tuple(map(_measurement, first)), tuple(map(_measurement, second))

    def _measured(self, code: str, site: str, visit: int) -> tuple[CaptureRow, ...]:
        rows = tuple(row for row in self._records.captures(code, visit, site) if row.measurement is not None)
        if not rows:
            raise NotFoundError(
                f"Site {site} of visit {visit} of {code} has no measured photograph.",
                person="There is no measured photograph of this site at this visit.",
            )
        return rows

    def _compared(self, code: str, site: str, made_of: tuple[tuple[int, ...], tuple[int, ...]]) -> Comparison:
        """made_of: the measurements of both visits; it is what the result is kept under."""
        rows = {_measurement(row): row for row in self._records.captures(code) if row.measurement is not None}
        ends = [[rows[number] for number in end if number in rows] for end in made_of]
        if len({made_with(row) for end in ends for row in end}) > 1:
            return rejected((), (), "compare.series")
        first, second = ([self._constellation(row) for row in end] for end in ends)
        return compare(first, second)

    def _constellation(self, row: CaptureRow) -> Constellation:
        size = row.image.width_px / row.px_per_mm, row.image.height_px / row.px_per_mm
        return constellation(self._records.detail(row.capture_id), size)


def made_with(row: CaptureRow) -> tuple[str, str, str]:
    """Rig, model and kind of calibration: what two photographs must share to be compared."""
    model = row.measurement.model_sha256 if row.measurement else ""
    return row.rig_id, model, row.calibration_id.partition(":")[0]


def _measurement(row: CaptureRow) -> int:
    return row.measurement.measurement_id if row.measurement else 0
