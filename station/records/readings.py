"""Lean reads for the trends: numbers per site and visit, and repeats, each in one statement over indices."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import NamedTuple

from sqlite_utils import Database as Connection

from station.records.rows import CaptureState, RepeatRow, timestamp

REPEATS_AT_MOST = 2000
"""Photographs of a rig and model that its repeatability is taken from, the latest ones: what matters is how the rig
repeats now, 2,000 give its CV to about 3 % of itself, and the time does not grow with the years."""

LATEST = "m.id = (select max(id) from measurements where measurements.capture_id = captures.id)"

MADE_BY = (
    "json_array(captures.rig, m.model_sha256, "
    "substr(captures.calibration_id, 1, instr(captures.calibration_id || ':', ':') - 1))"
)
"""SQL of what made the measurement `m` of a photograph: what must be the same for two to be compared."""

# A mean of shares over photographs weighs each by the hairs (or units) that it was taken from.
_SITES = f"""
    select captures.visit_id, captures.site, count(*) as frames, sum(m.counted_area_cm2) as area_cm2,
        avg(m.fu_per_cm2) as fu_per_cm2, avg(m.hairs_per_cm2) as hairs_per_cm2,
        sum(m.thin_share * m.calibre_hairs) / sum(iif(m.thin_share is null, 0, m.calibre_hairs)) as thin_share,
        min(m.thin_um) as thin_least_um, max(m.thin_um) as thin_um,
        sum(m.calibre_mean_um * m.calibre_hairs) / sum(iif(m.calibre_mean_um is null, 0, m.calibre_hairs))
            as calibre_um,
        sum(m.grey_share * m.hair_count) / sum(iif(m.grey_share is null, 0, m.hair_count)) as grey_share,
        sum(m.short_share * m.hair_count) / sum(iif(m.short_share is null, 0, m.hair_count)) as short_share,
        sum(m.single_share * m.fu_count) / sum(iif(m.single_share is null, 0, m.fu_count)) as single_share,
        min({MADE_BY}) as made_by, max({MADE_BY}) as also_made_by
    from captures
    join measurements as m on {LATEST}
    where captures.visit_id in (select id from visits where person_id = ?)
    group by captures.visit_id, captures.site
"""

_VISITS = f"""
    select id, number, utc, offset_minutes, clock_status, protocol,
        exists (select 1 from captures where visit_id = visits.id and state = '{CaptureState.CAPTURED}') as waiting,
        (select count(*) from captures where visit_id = visits.id) as photographs
    from visits where person_id = ? order by number
"""

_REPEATS = f"""
    select persons.code, visits.number, captures.site, m.fu_per_cm2, m.hairs_per_cm2
    from measurements as m
    join captures on captures.id = m.capture_id
    join visits on visits.id = captures.visit_id
    join persons on persons.id = visits.person_id
    where m.rig = ? and m.model_sha256 = ? and {LATEST}
    order by m.id desc limit ?
"""


class MadeBy(NamedTuple):
    """What made a measurement. calibration: the name of its profile, without the hash of its content."""

    rig: str
    model_sha256: str
    calibration: str


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site of a visit over its measured photographs, each with its latest measurement.

    Densities are means per photograph; shares and calibre means over the hairs (single_share: units) behind them, None
    where no photograph resolves them; thin_um: diameter below which a hair counted as thin, None unless it was the same
    for all; made_by: what the photographs were made with, more than one if they differ.
    """

    site: str
    frames: int
    area_cm2: float
    fu_per_cm2: float
    hairs_per_cm2: float
    thin_share: float | None
    thin_um: float | None
    calibre_um: float | None
    grey_share: float | None
    short_share: float | None
    single_share: float | None
    made_by: frozenset[MadeBy]


@dataclass(frozen=True, slots=True)
class VisitSites:
    """A visit with the sites that are measured. waiting: some of its photographs are not measured yet; photographs:
    taken, those that could not be measured too."""

    number: int
    date: dt.date
    protocol: str
    waiting: bool
    photographs: int
    sites: tuple[SiteRow, ...]


def readings(connection: Connection, person_id: int) -> tuple[VisitSites, ...]:
    """A person's visits from the baseline on."""
    sites: dict[int, list[SiteRow]] = {}
    made_by: dict[frozenset[str], frozenset[MadeBy]] = {}  # the same few for all sites
    for site in connection.query(_SITES, [person_id]):
        if site.pop("thin_least_um") != site["thin_um"]:
            site["thin_um"] = None
        sources = frozenset((site.pop("made_by"), site.pop("also_made_by")))
        if sources not in made_by:
            made_by[sources] = frozenset(MadeBy(*json.loads(source)) for source in sources)
        site["made_by"] = made_by[sources]
        sites.setdefault(site.pop("visit_id"), []).append(SiteRow(**site))
    return tuple(
        VisitSites(
            number=row["number"],
            date=timestamp(row["utc"], row["offset_minutes"], row["clock_status"]).local_date,
            protocol=row["protocol"],
            waiting=bool(row["waiting"]),
            photographs=row["photographs"],
            sites=tuple(sites.get(row["id"], ())),
        )
        for row in connection.query(_VISITS, [person_id])
    )


def repeats(connection: Connection, rig_id: str, model_sha256: str) -> tuple[RepeatRow, ...]:
    """The latest `REPEATS_AT_MOST` photographs of a rig that a model measured, whoever they are of."""
    rows = connection.execute(_REPEATS, [rig_id, model_sha256, REPEATS_AT_MOST])
    return tuple(RepeatRow(*row) for row in rows)
