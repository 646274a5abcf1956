"""Measuring how well the rig repeats itself: the head is put back again and again, and counted each time.

The photographs stay in memory and are gone with the run: they belong to no visit, and nobody's record gets pictures
that no one asked for. What is kept is numbers (`station.records.repeatability`), each site as soon as it is done.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import station
from station.calibration.profile import CalibrationProfile, nominal
from station.calibration.standard import standardise
from station.capture.protocol import Site
from station.capture.session import expose
from station.clock import Clock, Timestamp
from station.density.engine import Engine
from station.density.measure import measure
from station.errors import ImageError, UncountableError
from station.matching.constellation import Constellation, constellation
from station.matching.same_hairs import compare
from station.records.repeatability import RepeatabilityRow
from station.rig.protocols import Rig
from station.values import Frame, Measurement

BACKLOG = 2
"""Photographs that may wait to be counted while the next is taken: a dozen of 12 megapixels fill half a gigabyte."""

VISIT = 2
"""Repeats that stand for one visit when hairs are matched: a later visit's photographs of a site."""

Ready = Callable[[Site, int], None]
"""Called before each repeat of a site, counted from 1: returns when the head was lifted and rests there again."""


@dataclass(frozen=True, slots=True)
class Design:
    """What is repeated. repeats: how often the head is put back at each site; photographs: taken each time without
    moving; person: code of who sits there, empty for nobody on record; simulated: at a simulated rig."""

    sites: Sequence[Site]
    repeats: int
    photographs: int
    person: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Hands:
    """What takes and counts the photographs."""

    rig: Rig
    engine: Engine
    clock: Clock
    thin_hair_um: float


@dataclass(frozen=True, slots=True)
class Counted:
    """One photograph: what was measured, and its points for matching."""

    measurement: Measurement
    points: Constellation


@dataclass(frozen=True, slots=True)
class Outcome:
    """The sites of a run, and sentences on photographs that could not be counted."""

    rows: tuple[RepeatabilityRow, ...]
    failures: tuple[str, ...]


def run(design: Design, hands: Hands, ready: Ready, keep: Callable[[RepeatabilityRow], None]) -> Outcome:
    """Repeats every site of the design; each photograph is counted while the next is taken. keep: called with each
    site when it is done.

    Raises CameraError; UncountableError when a site has fewer than two repeats that could be counted: what was kept
    before stays.
    """
    began = hands.clock.now()
    rows: list[RepeatabilityRow] = []
    failures: list[str] = []
    with ThreadPoolExecutor(1) as worker:
        for site in design.sites:
            row, failed = _site(design, hands, site, began, ready, worker)
            failures.extend(failed)
            keep(row)
            rows.append(row)
    return Outcome(tuple(rows), tuple(failures))


def _site(
    design: Design, hands: Hands, site: Site, began: Timestamp, ready: Ready, worker: ThreadPoolExecutor
) -> tuple[RepeatabilityRow, list[str]]:
    calibration = nominal(hands.rig.profile)
    first = int(began.utc.timestamp())  # another run at a simulated rig sees other placements
    counted: list[list[Future[Counted]]] = []
    waiting: deque[Future[Counted]] = deque()
    for repeat in range(design.repeats):
        ready(site, repeat + 1)
        hands.rig.place(site.id, began.utc, first + repeat)
        counted.append([])
        for _ in range(design.photographs):
            while len(waiting) >= BACKLOG:
                _settle(waiting.popleft())
            frame, still_lit = expose(hands.rig)
            if still_lit is not None:
                raise still_lit
            waiting.append(worker.submit(_count, frame, calibration, hands))
            counted[-1].append(waiting[-1])
    repeats: list[list[Counted]] = []
    failures: list[str] = []
    for futures in counted:
        repeats.append([])
        for future in futures:
            try:
                repeats[-1].append(future.result())
            except ImageError as error:
                failures.append(f"{site.name}: {error.operator}")
    repeats = [photographs for photographs in repeats if photographs]
    if len(repeats) < 2:
        raise UncountableError(f"{site.name}: fewer than two repeats could be counted. {' '.join(failures)}")
    matched, refused = _matched(repeats)
    provenance = repeats[0][0].measurement.provenance
    row = RepeatabilityRow(
        taken=began,
        rig_id=hands.rig.profile.id,
        model=provenance.model,
        model_sha256=provenance.model_sha256,
        calibration_id=provenance.calibration_id,
        simulated=design.simulated,
        person=design.person,
        site=site.id,
        hairs=tuple(tuple(found.measurement.hairs_per_cm2 for found in each) for each in repeats),
        fu=tuple(tuple(found.measurement.fu_per_cm2 for found in each) for each in repeats),
        matched=matched,
        refused=refused,
        software=station.__version__,
    )
    return row, failures


def _count(frame: Frame, calibration: CalibrationProfile, hands: Hands) -> Counted:
    image = standardise(frame, calibration)
    found = measure(image, hands.engine, thin_hair_um=hands.thin_hair_um)
    return Counted(found, constellation(found, image.size_mm))


def _settle(future: Future[Counted]) -> None:
    """Waits for a count; what it raised is raised again when its result is taken."""
    future.exception()


def _matched(repeats: Sequence[Sequence[Counted]]) -> tuple[tuple[float, ...], int]:
    """Logarithms of the ratio of hairs that matching told between visits that could have been, and how often it was not
    accepted. Such a visit is `VISIT` successive repeats with one photograph each, as a visit has them: photographs
    without moving are no independent witnesses, and matching takes its photographs for such."""
    points = [photographs[0].points for photographs in repeats]
    starts = range(len(points) - 2 * VISIT + 1)
    found = [compare(points[i : i + VISIT], points[i + VISIT : i + 2 * VISIT]) for i in starts]
    logs = tuple(round(math.log1p(each.hair.percent / 100), 6) for each in found if each.hair is not None)
    return logs, len(found) - len(logs)
