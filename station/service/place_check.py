"""Whether a photograph of a visit shows the place of the baseline: the wrong site, and somebody else's scalp, are told
before anything is compared (domain reference 7.4: warn if the scalp does not match)."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from station.errors import NotFoundError
from station.matching.constellation import Constellation, constellation
from station.matching.register import register
from station.records.rows import CaptureRow
from station.records.store import Records
from station.trends.sentences import Sentence, Term, say

LEAST_HAIRS = 12
"""With fewer hairs in a view nothing can be told about its place."""
BASELINES = 4
"""Photographs of the series that a new one is held against: those of its first visit, then the latest."""


class PlaceChecker:
    """Looks photographs up in the series. Any thread may use it; answers are kept, as pages ask again and again."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._told = functools.lru_cache(maxsize=256)(self._tell)

    def __call__(self, row: CaptureRow, sites: Mapping[str, Sequence[CaptureRow]]) -> Sentence | None:
        """What is told of a measured photograph that does not show its site; None when it does, and when there is
        nothing to tell it by. sites: the earlier captures of the series."""
        earlier = tuple((site, tuple(rows)) for site, rows in sites.items())
        try:
            return self._told(row, earlier)
        except NotFoundError:
            return None  # set aside or measured anew meanwhile

    def _tell(self, row: CaptureRow, sites: tuple[tuple[str, tuple[CaptureRow, ...]], ...]) -> Sentence | None:
        known = dict(sites)
        own = self._constellations(known.get(row.site, ()), BASELINES)
        later = self._constellation(row)
        if later is None or not own:
            return None
        if any(register(later, baseline).accepted for baseline in own):
            return None
        for site, rows in known.items():
            if site != row.site and any(register(later, each).accepted for each in self._constellations(rows, 1)):
                return say("session.other-site", other=Term(f"site.{site}"), site=Term(f"site.{row.site}"))
        return say("session.other-place")

    def _constellations(self, rows: Sequence[CaptureRow], most: int) -> list[Constellation]:
        """Of the first photographs, and of the latest one."""
        measured = [row for row in rows if row.measurement is not None]
        chosen = measured if len(measured) <= most else [*measured[: most - 1], measured[-1]][:most]
        found = (self._constellation(row) for row in chosen)
        return [each for each in found if each is not None]

    def _constellation(self, row: CaptureRow) -> Constellation | None:
        """None where too few hairs are seen."""
        size = (row.image.width_px / row.px_per_mm, row.image.height_px / row.px_per_mm)
        found = constellation(self._records.detail(row.capture_id), size)
        return found if len(found.hairs) >= LEAST_HAIRS else None
