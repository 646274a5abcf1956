"""Quick mode: a look at every site of the protocol without any identity. Photographs and numbers stay in memory and
are gone with the process; no data folder is opened, and nothing is written."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass

from station.calibration.profile import nominal
from station.calibration.standard import standardise
from station.capture.protocol import Protocol, Site
from station.capture.session import expose
from station.clock import Clock
from station.density.engine import Engine
from station.density.measure import measure
from station.errors import ImageError
from station.rig.protocols import Rig
from station.trends.inputs import SiteReading
from station.values import Measurement

Ready = Callable[[Site], None]
"""Called before each site is photographed: returns when the head rests there."""


@dataclass(frozen=True, slots=True)
class QuickLook:
    """readings: by site; failures: for each site without a number, why."""

    readings: dict[str, SiteReading]
    failures: dict[str, str]


def quick_look(
    rig: Rig, engine: Engine, protocol: Protocol, clock: Clock, ready: Ready, *, thin_hair_um: float
) -> QuickLook:
    """One photograph of each site, counted before the next is taken. Raises CameraError; a photograph that cannot be
    counted leaves its site without a number."""
    calibration = nominal(rig.profile)
    readings: dict[str, SiteReading] = {}
    failures: dict[str, str] = {}
    for site in protocol.sites:
        ready(site)
        rig.place(site.id, clock.now().utc, 0)
        frame, still_lit = expose(rig)
        if still_lit is not None:
            raise still_lit
        try:
            found = measure(standardise(frame, calibration), engine, thin_hair_um=thin_hair_um)
        except ImageError as error:
            failures[site.id] = error.operator
        else:
            readings[site.id] = reading(site.id, found)
    return QuickLook(readings, failures)


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
