"""Comparisons of a site with its baseline on record, and which are still to be made.

Like a measurement, a comparison can be made again at any time from what it was made of. It is due when all photographs
of its site and visit are measured and it is missing, was made by another version of the method, or one of the
measurements that it rests on is not the latest any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from station.clock import Timestamp
from station.errors import NotFoundError
from station.matching.comparison import VERSION, Comparison
from station.records.comparison_detail import pack, unpack
from station.records.database import Database
from station.records.readings import LATEST, MADE_BY
from station.records.rows import CaptureState

# One row a site of a visit that is wholly measured: what made it, and its latest measurement.
_SITES = f"""
    select visits.id as visit_id, visits.person_id, visits.number, visits.protocol, captures.site,
        max(m.id) as latest, min({MADE_BY}) as made_by, max({MADE_BY}) as also_made_by
    from captures join visits on visits.id = captures.visit_id left join measurements as m on {LATEST}
    where visits.person_id = (select id from persons where code = ?)
    group by captures.visit_id, captures.site
    having sum(captures.state = '{CaptureState.CAPTURED}') = 0 and max(m.id) is not null
"""

_DUE = f"""
    with sites as ({_SITES}), due as (
        select sites.*, (
            select first.visit_id from sites as first
            where first.person_id = sites.person_id and first.site = sites.site and first.number < sites.number
                and first.protocol = sites.protocol and first.made_by = sites.made_by
                and first.also_made_by = sites.also_made_by
            order by first.number limit 1
        ) as baseline_id
        from sites
    )
    select due.number as visit, due.site, base.number as baseline, due.visit_id, due.baseline_id,
        max(due.latest, own.latest) as latest
    from due join visits as base on base.id = due.baseline_id
    join sites as own on own.visit_id = due.baseline_id and own.site = due.site
    left join comparisons as c on c.visit_id = due.visit_id and c.site = due.site
    where c.id is null or c.version <> ? or c.baseline_id <> due.baseline_id
        or c.latest < max(due.latest, own.latest)
    order by due.visit_id, due.site limit 1
"""

_ROWS = """
    select visits.number as visit, base.number as baseline, c.site, c.accepted, c.reason, c.overlap, c.residual_mm,
        c.hair_percent, c.hair_sd_log, c.fu_percent, c.fu_sd_log, c.kept, c.lost, c.new
    from comparisons as c join visits on visits.id = c.visit_id join visits as base on base.id = c.baseline_id
    where visits.person_id = (select id from persons where code = ?) order by visits.number, c.site
"""


class Due(NamedTuple):
    """A comparison that is to be made. visit, baseline: numbers; latest: newest measurement that it will rest on."""

    person: str
    visit: int
    site: str
    baseline: int
    visit_id: int
    baseline_id: int
    latest: int


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """The numbers of a comparison with the baseline. percent, sd_log: of hairs/cm2 and FU/cm2 in the overlap, None
    where it was not accepted."""

    visit: int
    baseline: int
    site: str
    accepted: bool
    reason: str
    overlap: float
    residual_mm: float | None
    hair_percent: float | None
    hair_sd_log: float | None
    fu_percent: float | None
    fu_sd_log: float | None
    kept: int
    lost: int
    new: int


class Comparisons:
    """Reads and writes comparisons. Any thread may use it; raises as `station.records.store.Records` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, code: str) -> Due | None:
        """A person's next comparison to be made, the earliest visit first; None when all are."""
        with self._database.read() as connection:
            for row in connection.query(_DUE, [code, VERSION]):
                return Due(person=code, **row)
        return None

    def put(self, due: Due, made: Comparison, at: Timestamp) -> None:
        """Enters a comparison in the place of an earlier one. Raises EntryError when its visit is gone."""
        hair, fu = made.hair, made.fu
        with self._database.write() as connection:
            connection.execute("delete from comparisons where visit_id = ? and site = ?", [due.visit_id, due.site])
            connection.table("comparisons").insert(
                {
                    "visit_id": due.visit_id,
                    "baseline_id": due.baseline_id,
                    "site": due.site,
                    "version": VERSION,
                    "latest": due.latest,
                    "utc": at.utc.isoformat(),
                    "accepted": int(made.accepted),
                    "reason": made.reason,
                    "overlap": made.overlap,
                    "residual_mm": made.residual_mm if made.accepted else None,
                    "hair_percent": hair.percent if hair else None,
                    "hair_sd_log": hair.sd_log if hair else None,
                    "fu_percent": fu.percent if fu else None,
                    "fu_sd_log": fu.sd_log if fu else None,
                    **{state: sum(each.state == state for each in made.hairs) for state in ("kept", "lost", "new")},
                    "detail": pack(made),
                }
            )

    def of(self, code: str) -> tuple[ComparisonRow, ...]:
        """All comparisons of a person with their baselines, in the order of visits."""
        with self._database.read() as connection:
            return tuple(
                ComparisonRow(**{**row, "accepted": bool(row["accepted"])}) for row in connection.query(_ROWS, [code])
            )

    def detail(self, code: str, visit: int, site: str) -> tuple[int, Comparison]:
        """Number of the baseline, and the whole comparison with it. Raises NotFoundError."""
        sql = (
            "select base.number, c.detail from comparisons as c join visits on visits.id = c.visit_id "
            "join visits as base on base.id = c.baseline_id join persons on persons.id = visits.person_id "
            "where persons.code = ? and visits.number = ? and c.site = ?"
        )
        with self._database.read() as connection:
            rows: Sequence[tuple[int, bytes]] = connection.execute(sql, [code, visit, site]).fetchall()
        for number, blob in rows:
            return number, unpack(blob)
        raise NotFoundError(
            f"Site {site} of visit {visit} of {code} is not compared with its baseline.",
            person="This site is not compared with an earlier visit yet.",
        )
