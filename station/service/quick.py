"""Quick mode: a look at every site of the protocol without any identity. Photographs and numbers stay in memory and
are gone with the process; no data folder is opened, and nothing is written."""

from __future__ import annotations

import datetime as dt
import io
import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image

from station.calibration.profile import nominal
from station.calibration.standard import standardise
from station.capture.protocol import Site, load_protocol
from station.capture.refusal import refuse
from station.capture.session import expose
from station.capture.visit import Event, Plan, SessionState, Step, Took, follow
from station.clock import Clock
from station.density.engine import Engine
from station.density.measure import measure
from station.entries import HairlineEntry
from station.errors import ImageError, NotFoundError
from station.intake.hairline import read_hairline
from station.rig.profile import RigProfile
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


class QuickSitting:
    """The sites of the protocol one by one, as in a visit, and nothing of it outside of this object's memory.

    One photograph of each site, counted in the background while the next site is found. Used by one thread at a time;
    `close` forgets everything. Raises CameraError; VisitError as a visit does.
    """

    def __init__(self, profile: RigProfile, engine: Engine, clock: Clock, *, thin_hair_um: float) -> None:
        self._engine = engine
        self._clock = clock
        self._thin_hair_um = thin_hair_um
        self._calibration = nominal(profile)
        self.protocol = load_protocol()
        plan = Plan("", 1, self.protocol.id, profile.id, tuple((site.id, 1) for site in self.protocol.sites), True)
        self.state = SessionState(plan, step=Step.SITES, site=plan.site_ids[0])
        self.last_capture = time.monotonic()
        self._frames: dict[int, Frame] = {}
        self._counts: dict[int, Future[Measurement]] = {}
        self._number = 0
        self._worker = ThreadPoolExecutor(1)

    def take(self, rig: Rig) -> None:
        """One photograph of the site under the camera."""
        if self.state.step is not Step.SITES:
            raise refuse(f"step-{self.state.step}")
        self._number += 1
        rig.place(self.state.site, self._clock.now().utc, self._number - 1)
        frame, still_lit = expose(rig)
        self.last_capture = time.monotonic()
        if still_lit is not None:
            raise still_lit
        self._frames[self._number] = frame
        self._counts[self._number] = self._worker.submit(self._count, frame)
        self.tell(Took(self._number))

    def tell(self, event: Event) -> None:
        """Skip, undo, choose or review, as in a visit. What is set aside is forgotten at once."""
        self.state = follow(self.state, event)
        kept = {capture for _, captures in self.state.taken for capture in captures}
        for capture in set(self._frames) - kept:
            del self._frames[capture], self._counts[capture]

    def photo(self, capture: int, width: int) -> bytes:
        """A photograph as JPEG, at most so many pixels wide. Raises NotFoundError."""
        if capture not in self._frames:
            raise NotFoundError(f"no photograph {capture}", person=refuse("no-such-photograph", number=capture).person)
        pixels = self._frames[capture].pixels
        share = min(1.0, width / pixels.shape[1])
        size = (round(pixels.shape[1] * share), round(pixels.shape[0] * share))
        packed = io.BytesIO()
        Image.fromarray(pixels).resize(size).save(packed, "JPEG", quality=85)
        return packed.getvalue()

    def counted(self, capture: int) -> Measurement | ImageError | None:
        """What was counted in a photograph, why nothing could be, or None while it is being counted."""
        future = self._counts[capture]
        if not future.done():
            return None
        try:
            return future.result()
        except ImageError as error:
            return error

    def look(self) -> QuickLook:
        """Everything that was counted, waiting for what is still being counted."""
        readings: dict[str, SiteReading] = {}
        failures: dict[str, str] = {}
        for site in self.state.plan.site_ids:
            for capture in self.state.captures(site)[-1:]:
                try:
                    readings[site] = reading(site, self._counts[capture].result())
                except ImageError as error:
                    failures[site] = error.operator
        return QuickLook(readings, failures, self.last_capture)

    def close(self) -> None:
        """Forgets all photographs and numbers. May be called twice."""
        self._worker.shutdown(cancel_futures=True)
        self._frames.clear()
        self._counts.clear()

    def _count(self, frame: Frame) -> Measurement:
        return measure(standardise(frame, self._calibration), self._engine, thin_hair_um=self._thin_hair_um)


def quick_look(rig: Rig, engine: Engine, clock: Clock, ready: Ready, *, thin_hair_um: float) -> QuickLook:
    """One photograph of each site of the protocol; each is counted while the next site is found. Raises CameraError; a
    photograph that cannot be counted leaves its site without a number."""
    sitting = QuickSitting(rig.profile, engine, clock, thin_hair_um=thin_hair_um)
    try:
        while sitting.state.step is Step.SITES:
            ready(sitting.protocol.site(sitting.state.site))
            sitting.take(rig)
        return sitting.look()
    finally:
        sitting.close()


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
