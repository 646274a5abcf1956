"""Which visits belong together: the same protocol and the same rig. What is of another series is never compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from station.capture.protocol import Protocol
from station.capture.visit import Plan
from station.records.rows import CaptureRow, VisitRow


@dataclass(frozen=True, slots=True)
class Series:
    """The earlier visits of a person, as a visit with this protocol and rig sees them.

    visits: numbers of those of the same series, in order; sites: the earlier captures of this series by site; others:
    there are earlier visits of another series; other_protocol, other_rig: what the latest of them was made with, ""
    where that is no other.
    """

    visits: tuple[int, ...]
    sites: Mapping[str, tuple[CaptureRow, ...]]
    other_protocol: str = ""
    other_rig: str = ""

    @property
    def first(self) -> bool:
        """Whether a visit now begins the series."""
        return not self.visits


def series_before(
    visit: int, protocol: str, rig: str, visits: Sequence[VisitRow], captures: Sequence[CaptureRow]
) -> Series:
    """The series that a visit goes on with. visits, captures: all of the person's; later ones are passed over."""
    rigs: dict[int, set[str]] = {}
    for row in captures:
        rigs.setdefault(row.visit, set()).add(row.rig_id)
    earlier = [row for row in visits if row.number < visit and row.number in rigs]
    same = tuple(row.number for row in earlier if row.protocol == protocol and rigs[row.number] == {rig})
    sites: dict[str, tuple[CaptureRow, ...]] = {}
    for row in captures:
        if row.visit in same:
            sites[row.site] = (*sites.get(row.site, ()), row)
    if same or not earlier:
        return Series(same, sites)
    latest = earlier[-1]
    other_rigs = sorted(rigs[latest.number] - {rig})
    return Series(
        same, sites, latest.protocol if latest.protocol != protocol else "", other_rigs[0] if other_rigs else ""
    )


def plan_visit(code: str, visit: int, protocol: Protocol, rig: str, series: Series) -> Plan:
    """What a visit asks for: as many photographs as at a baseline where the series has none of a site yet."""
    baseline, later = protocol.frames_baseline, protocol.frames_later
    sites = tuple((site.id, later if series.sites.get(site.id) else baseline) for site in protocol.sites)
    return Plan(code, visit, protocol.id, rig, sites, series.first)
