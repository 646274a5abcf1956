"""A person's comparisons with the baseline, as the trends take them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from station.records.comparisons import ComparisonRow
from station.records.readings import VisitSites
from station.trends.inputs import Matched

Place = tuple[int, str]
"""Number of a visit, and a site."""


def matched_sites(visits: Sequence[VisitSites], rows: Sequence[ComparisonRow]) -> Mapping[Place, Matched]:
    """What matching says of each site of each visit; the first one of its kind is its own baseline. A site that waits
    to be compared is left out."""
    found: dict[Place, Matched] = {}
    first: dict[object, int] = {}
    for visit in visits:
        for site in visit.sites:
            number = first.setdefault((visit.protocol, site.site, site.made_by), visit.number)
            if number == visit.number:
                found[visit.number, site.site] = Matched(visit.number)
    for row in rows:
        if (row.visit, row.site) not in found:
            found[row.visit, row.site] = _matched(row)
    return found


def waits(visit: VisitSites, matched: Mapping[Place, Matched], rows: Sequence[ComparisonRow]) -> bool:
    """Whether a site of a visit is still to be compared. Where nothing of this person was compared yet, as right after
    an update, nothing is waited for: changes are told by counts meanwhile."""
    return bool(rows) and any((visit.number, site.site) not in matched for site in visit.sites)


def _matched(row: ComparisonRow) -> Matched:
    if row.hair_percent is None or row.fu_percent is None or row.hair_sd_log is None or row.fu_sd_log is None:
        return Matched(row.baseline, accepted=False)
    if min(row.hair_percent, row.fu_percent) <= -100:  # nothing is left, and nothing has no logarithm
        return Matched(row.baseline, accepted=False)
    hairs, fu = (math.log1p(percent / 100) for percent in (row.hair_percent, row.fu_percent))
    return Matched(row.baseline, hairs, fu, row.hair_sd_log, row.fu_sd_log)
