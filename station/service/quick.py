"""Quick mode: a look at every site of the protocol without any identity. Photographs and numbers stay in memory and
are gone with the process; no data folder is opened, and nothing is written."""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from station.calibration.profile import nominal
from station.calibration.standard import standardise
from station.capture.protocol import Site, load_protocol
from station.capture.session import expose
from station.clock import Clock
from station.density.engine import Engine
from station.density.measure import measure
from station.entries import HairlineEntry
from station.errors import ImageError
from station.intake.hairline import read_hairline
from station.rig.protocols import Rig
from station.trends.error import frame_error
from station.trends.inputs import SiteReading
from station.trends.norwood import NorwoodEstimate, quick_estimate
from station.trends.sentences import Sentence
from station.values import Frame, Measurement

Ready = Callable[[Site], None]
"""Called before each site is photographed: returns when the head rests there."""


@dataclass(frozen=True, slots=True)
class QuickLook:
    """readings: by site; failures: for each site without a number, why; last_capture: `time.monotonic` of the last
    photograph."""

    readings: dict[str, SiteReading]
    failures: dict[str, str]
    last_capture: float


@dataclass(frozen=True, slots=True)
class QuickResult:
    """sites: what was counted; norwood: the estimate from it."""

    sites: dict[str, SiteReading]
    norwood: NorwoodEstimate

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return self.norwood.sentences


def hairline(measures: Mapping[str, str], bridge: str, today: dt.date) -> HairlineEntry | None:
    """The hairline as typed; None where nothing of it was. Raises RefusedEntryError."""
    if not measures and not bridge:
        return None
    return read_hairline({**measures, "bridge": bridge, "marked": today.isoformat()}, today=today, born=None)


def quick_look(rig: Rig, engine: Engine, clock: Clock, ready: Ready, *, thin_hair_um: float) -> QuickLook:
    """One photograph of each site of the protocol; each is counted while the next site is found. Raises CameraError; a
    photograph that cannot be counted leaves its site without a number."""
    calibration = nominal(rig.profile)

    def count(frame: Frame) -> Measurement:
        return measure(standardise(frame, calibration), engine, thin_hair_um=thin_hair_um)

    counted: dict[str, Future[Measurement]] = {}
    last_capture = time.monotonic()
    with ThreadPoolExecutor(1) as worker:
        for site in load_protocol().sites:
            ready(site)
            rig.place(site.id, clock.now().utc, 0)
            frame, still_lit = expose(rig)
            last_capture = time.monotonic()
            if still_lit is not None:
                raise still_lit
            counted[site.id] = worker.submit(count, frame)
    readings: dict[str, SiteReading] = {}
    failures: dict[str, str] = {}
    for name, future in counted.items():
        try:
            readings[name] = reading(name, future.result())
        except ImageError as error:
            failures[name] = error.operator
    return QuickLook(readings, failures, last_capture)


def quick_result(look: QuickLook, marked: HairlineEntry | None, sex: str) -> QuickResult:
    """What one sitting tells. There are no repeats, so that the default error stands in."""
    return QuickResult(look.readings, quick_estimate(look.readings, marked, sex, frame_error(())))


def reading(site: str, found: Measurement) -> SiteReading:
    """One photograph as the reading of its site."""
    calibre = found.calibre
    return SiteReading(
        site=site,
        hairs_per_cm2=found.hairs_per_cm2,
        fu_per_cm2=found.fu_per_cm2,
        frames=1,
        area_cm2=found.counted_area_cm2,
        thin_share=None if calibre is None else calibre.thin_share,
        calibre_um=None if calibre is None else calibre.mean_um,
        grey_share=found.grey_share,
        short_share=found.short_share,
        single_share=statistics.fmean(unit.hairs == 1 for unit in found.units) if found.units else None,
    )
