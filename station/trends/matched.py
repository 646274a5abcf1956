"""Densities told by the same hairs: what was counted at the baseline, times the matched ratio of each later visit.

A change on the same hairs is known to 0.4 to 0.6 %, a difference of two counts to 9 to 12 % (Bokhari 2022, domain
reference 3.5). Every site is matched to the first visit that was made with the same rig, model and protocol. What is
the same in all those ratios, the error of the baseline's count, drops out of every change.

Two later visits share the baseline's part of the error of their ratios. It is counted twice when they are compared,
which makes a change between them harder to claim, never easier.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from station.trends.inputs import Matched, PersonRecord, VisitReading

COUNTED, MATCHED = "counted", "matched"
"""What a level or a change rests on."""

Valued = tuple[float, float]
"""A density per cm2 and its error on logs."""


class Both(NamedTuple):
    """Both densities."""

    hairs: Valued
    fu: Valued


def kind(visit: VisitReading) -> tuple[str, str]:
    """What must be the same for two visits to be comparable."""
    return visit.protocol, visit.series


def matched_kinds(record: PersonRecord) -> frozenset[tuple[str, str]]:
    """Kinds of visit whose changes are told by matching: those with a visit that is compared with an earlier one."""
    return frozenset(
        kind(visit)
        for visit in record.visits
        if any(
            each.matched is not None and each.matched.accepted and each.matched.baseline != visit.number
            for each in visit.sites.values()
        )
    )


def unmatched(record: PersonRecord, visit: VisitReading) -> tuple[str, ...]:
    """Sites of a visit that do not show the place of their baseline, or whose baseline has no hairs to compare with."""
    return tuple(site for site in sorted(record.weights) if not _usable(record, visit, site))


def matched_site(record: PersonRecord, visit: VisitReading, site: str) -> Both:
    """Densities of a site that `unmatched` does not name, with the errors of their ratios to the baseline."""
    matched = visit.sites[site].matched or Matched(visit.number)
    first = _visits(record)[matched.baseline].sites[site]
    error = record.error_matched
    return Both(
        (first.hairs_per_cm2 * math.exp(matched.hairs), _sd(matched, visit, matched.sd_hairs, error)),
        (first.fu_per_cm2 * math.exp(matched.fu), _sd(matched, visit, matched.sd_fu, error)),
    )


def matched_mean(record: PersonRecord, visit: VisitReading) -> Both:
    """The weighted mean over the sites of a visit that has no `unmatched` ones."""
    sites = [(weight, matched_site(record, visit, site)) for site, weight in record.weights.items()]
    return Both(*(_mean([(weight, of(each)) for weight, each in sites]) for of in (_hairs, _fu)))


def _mean(parts: Sequence[tuple[float, Valued]]) -> Valued:
    value = math.fsum(weight * density for weight, (density, _) in parts)
    sd = math.sqrt(math.fsum((weight * density * sd) ** 2 for weight, (density, sd) in parts)) / value
    return value, sd


def _hairs(both: Both) -> Valued:
    return both.hairs


def _fu(both: Both) -> Valued:
    return both.fu


def _usable(record: PersonRecord, visit: VisitReading, site: str) -> bool:
    matched = visit.sites[site].matched
    if matched is None or not matched.accepted:
        return False
    first = _visits(record).get(matched.baseline)
    return first is not None and site in first.sites and min(_densities(first, site)) > 0


def _densities(visit: VisitReading, site: str) -> tuple[float, float]:
    return visit.sites[site].hairs_per_cm2, visit.sites[site].fu_per_cm2


def _sd(matched: Matched, visit: VisitReading, own: float, least: float) -> float:
    """The larger of what this comparison says of itself and what the rig's repeats have shown."""
    return 0.0 if matched.baseline == visit.number else max(own, least)


def _visits(record: PersonRecord) -> dict[int, VisitReading]:
    return {visit.number: visit for visit in record.visits}
