"""How a change is spread over the scalp: even, on the top, at the temples, mixed, none, or not to be told (REQ-05).

The rule of domain reference 4.3. It needs no population norm: every zone is compared with itself and with the back of
the head, by the station's own error. Its numbers are settings [E], not medical norms. Words describe the distribution
only.

Several groups of zones are looked at, so that with no change at all one of four would lie beyond its least detectable
change in almost one person of five. A change is therefore told only if a group survives Holm's correction over the
four; which class it is then follows the plain limits of the rule. Where the error was measured from few repeats, the
p-values are those of Student's t with as many degrees of freedom. `tests/trends/test_distribution.py` holds the
simulation.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scipy import stats

from station.trends.error import Z95, FrameError, log_sd
from station.trends.inputs import PersonRecord, SiteReading, VisitReading
from station.trends.multiplicity import holm
from station.trends.ratio import Ratio, ratio_interval
from station.trends.sentences import Number, Sentence, Term, percent, say
from station.trends.zones import ZONES, Group, comparable, group_cv, mean_hairs, missing, site_terms

UPPER_BOUND = 0.80
"""A contrast without a baseline of its own is marked if its interval lies below this (4.3 rule 1; a setting)."""
EVEN_SHARE = 0.5
"""From this share of the top's fall on, a fall of the reference makes it even (4.3 rule 2)."""
TOP_SHARE = 0.25
"""Below this share it is on the top, if the interval excludes `EVEN_SHARE` (4.3 rule 2)."""
THIN_SHARE = 0.20
"""Thin hairs on the top above this share are many (4.3 rule 3)."""
ALPHA = 0.05
WINDOW = 3
"""Visits averaged at either end, once there are twice as many (M2: means of a and b visits)."""

Ends = tuple[Sequence[VisitReading], Sequence[VisitReading]]
"""The visits at the start and at the end."""


class Kind(enum.StrEnum):
    """The classes of 4.3."""

    EVEN = "even"
    TOP = "top-weighted"
    TEMPLE = "temple-weighted"
    MIXED = "mixed"
    NO_CHANGE = "no-reliable-change"
    CANNOT_TELL = "cannot-tell"


@dataclass(frozen=True, slots=True)
class Shift:
    """Change of a zone or a group on logs. change: ln(now/base), of a group the mean over its zones; se: its standard
    error; p: two-sided, corrected by Holm over the zones or over the groups."""

    name: str
    change: float
    se: float
    p: float

    @property
    def percent(self) -> float:
        """The change in per cent."""
        return 100 * math.expm1(self.change)

    @property
    def limit_percent(self) -> float:
        """The least detectable change in per cent, in the direction of the change: negative for a fall."""
        return 100 * math.expm1(math.copysign(Z95 * self.se, self.change))

    @property
    def beyond(self) -> bool:
        """Beyond the least detectable change by itself."""
        return abs(self.change) > Z95 * self.se


@dataclass(frozen=True, slots=True)
class Contrast:
    """Static contrast top against reference (4.3 rule 1). now, base: of the latest and the first comparable visit;
    shift: now over base; marked: the top is low against the person's own first visit, or, without one, below
    `UPPER_BOUND`."""

    now: Ratio
    base: Ratio | None
    shift: Ratio | None
    marked: bool


@dataclass(frozen=True, slots=True)
class Calibre:
    """thin_top, thin_reference: shares of thin hairs; single_ratio: share of single-hair units, top over reference;
    None where not resolved. verdict: "telogen-like", "miniaturisation-like" or ""."""

    thin_top: float | None
    thin_reference: float | None
    single_ratio: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Distribution:
    """direction: "fall" or "rise" of the class, "" where there is none; groups, zones: change of hairs/cm2, which the
    class rests on; fu_groups, fu_zones: of FU/cm2 beside it; all of them empty where it cannot be told;
    reference_share: of the top's change that the reference took part in, with its interval where the top's change
    stands out; since, until: dates of the visits compared; window: how many visits were averaged at either end;
    missing: sites without a density."""

    kind: Kind
    direction: str
    groups: Mapping[Group, Shift]
    zones: Mapping[str, Shift]
    fu_groups: Mapping[Group, Shift]
    fu_zones: Mapping[str, Shift]
    reference_share: Ratio | None
    contrast: Contrast | None
    calibre: Calibre | None
    since: dt.date | None
    until: dt.date | None
    window: int
    missing: tuple[str, ...]
    sentences: tuple[Sentence, ...]


def distribution(record: PersonRecord) -> Distribution:
    """The distribution of the change in hairs/cm2 between the first and the latest comparable visits."""
    visits = comparable(record.visits)
    whole = [visit for visit in visits if not missing(visit.sites)]
    absent = missing(visits[-1].sites) if visits else ()
    if not absent and len(visits) >= 2 and len(whole) < 2:
        absent = missing(visits[0].sites)
    error = record.error_hairs
    contrast = _contrast(visits, error)
    if absent or len(whole) < 2:
        reason = say("distribution.cannot-tell-visits")
        if absent:
            reason = say("distribution.cannot-tell-zones", sites=site_terms(absent))
        calibre = _calibre(visits[-1].sites, Kind.CANNOT_TELL, "") if visits else None
        said = (reason, *_contrast_said(contrast), *_calibre_said(calibre))
        return Distribution(Kind.CANNOT_TELL, "", {}, {}, {}, {}, None, contrast, calibre, None, None, 0, absent, said)
    window = WINDOW if len(whole) >= 2 * WINDOW else 1
    before, after = whole[:window], whole[-window:]
    ends = (before, after)
    groups, zones = _parts(ends, error, lambda reading: reading.hairs_per_cm2)
    fu_groups, fu_zones = _parts(ends, record.error_fu, lambda reading: reading.fu_per_cm2)
    kind, direction = _classified(groups)
    share = _reference_share(groups)
    calibre = _calibre(whole[-1].sites, kind, direction)
    since, until = before[0].date, after[-1].date
    said = (
        *_class_said(kind, direction, groups, share, since),
        *(_group_said(group, shift) for group, shift in groups.items()),
        _window_said(window, since, until),
        *_contrast_said(contrast),
        *_calibre_said(calibre),
        say("distribution.limits"),
    )
    return Distribution(
        kind, direction, groups, zones, fu_groups, fu_zones, share, contrast, calibre, since, until, window, (), said
    )


def _parts(
    ends: Ends, error: FrameError, density: Callable[[SiteReading], float]
) -> tuple[dict[Group, Shift], dict[str, Shift]]:
    """The change of the groups and of the zones."""
    groups = _shifts({group: group.sites for group in Group}, ends, error, density)
    zones = _shifts({site: (site,) for site in ZONES}, ends, error, density)
    return dict(zip(Group, groups, strict=True)), dict(zip(ZONES, zones, strict=True))


def _shifts(
    parts: Mapping[str, Sequence[str]], ends: Ends, error: FrameError, density: Callable[[SiteReading], float]
) -> list[Shift]:
    """The change of each part of the scalp, with p-values corrected over the parts."""
    found = [(name, *_change(sites, ends, error, density)) for name, sites in parts.items()]
    adjusted = holm([_p_value(change / se, error) for _, change, se in found])
    return [Shift(name, change, se, p) for (name, change, se), p in zip(found, adjusted, strict=True)]


def _change(
    sites: Sequence[str], ends: Ends, error: FrameError, density: Callable[[SiteReading], float]
) -> tuple[float, float]:
    """Mean over sites and visits of ln(now) - ln(base), and its standard error from M1 and M2."""
    logs, variances = [], []
    for visits in ends:
        readings = [[visit.sites[site] for site in sites] for visit in visits]
        densities = [math.log(density(reading)) for row in readings for reading in row]
        logs.append(math.fsum(densities) / len(densities))
        variances.append(math.fsum(log_sd(group_cv(error, row)) ** 2 for row in readings) / len(readings) ** 2)
    return logs[1] - logs[0], math.sqrt(math.fsum(variances))


def _p_value(z: float, error: FrameError) -> float:
    two_sided = stats.t.sf(abs(z), error.pairs) if error.measured else stats.norm.sf(abs(z))
    return float(2 * two_sided)


def _classified(groups: Mapping[Group, Shift]) -> tuple[Kind, str]:
    """The class of 4.3 rule 2, for falls; rises without a fall are classed by the same rule turned round."""
    if min(shift.p for shift in groups.values()) > ALPHA:
        return Kind.NO_CHANGE, ""
    falls = any(shift.beyond and shift.change < 0 for shift in groups.values())
    sign = -1 if falls else 1
    top, temples, reference = (groups[group] for group in (Group.TOP, Group.TEMPLES, Group.REFERENCE))

    def went(shift: Shift) -> bool:
        return shift.beyond and sign * shift.change > 0

    if went(top) and went(reference) and sign * reference.change >= EVEN_SHARE * sign * top.change:
        kind = Kind.EVEN
    elif went(top) and (not reference.beyond or _surely_on_top(top, reference, sign)):
        kind = Kind.TOP
    elif went(temples) and not any(groups[group].beyond for group in Group if group is not Group.TEMPLES):
        kind = Kind.TEMPLE
    else:
        kind = Kind.MIXED
    return kind, "fall" if falls else "rise"


def _surely_on_top(top: Shift, reference: Shift, sign: int) -> bool:
    """Whether the reference changed by less than `TOP_SHARE` of the top, and the interval of its share excludes
    `EVEN_SHARE` (Fieller: reference - 0.5 top stands out from 0)."""
    little = sign * reference.change < TOP_SHARE * sign * top.change
    excess = sign * reference.change - EVEN_SHARE * sign * top.change
    return little and excess < -Z95 * math.hypot(reference.se, EVEN_SHARE * top.se)


def _reference_share(groups: Mapping[Group, Shift]) -> Ratio | None:
    """reference/top of the changes with Fieller's interval at 95 %; None while the top's change does not stand out."""
    top, reference = groups[Group.TOP], groups[Group.REFERENCE]
    if not top.beyond:
        return None
    share = reference.change / top.change
    g = (Z95 * top.se / top.change) ** 2
    half = Z95 / abs(top.change) * math.sqrt(reference.se**2 * (1 - g) + (share * top.se) ** 2)
    return Ratio(share, (share - half) / (1 - g), (share + half) / (1 - g))


def _contrast(visits: Sequence[VisitReading], error: FrameError) -> Contrast | None:
    needed = (*Group.TOP.sites, *Group.REFERENCE.sites)
    whole = [visit for visit in visits if not missing(visit.sites, needed)]
    if not whole or whole[-1] is not visits[-1]:
        return None
    now = _ratio(whole[-1].sites, error)
    if len(whole) == 1:
        return Contrast(now, None, None, now.high < UPPER_BOUND)
    base = _ratio(whole[0].sites, error)
    reach = math.hypot(math.log(now.high / now.ratio), math.log(base.high / base.ratio))
    moved = now.ratio / base.ratio
    shift = Ratio(moved, moved * math.exp(-reach), moved * math.exp(reach))
    return Contrast(now, base, shift, shift.high < 1)


def _ratio(sites: Mapping[str, SiteReading], error: FrameError) -> Ratio:
    top, reference = ([sites[site] for site in group.sites] for group in (Group.TOP, Group.REFERENCE))
    return ratio_interval(mean_hairs(top), mean_hairs(reference), group_cv(error, top), group_cv(error, reference))


def _calibre(sites: Mapping[str, SiteReading], kind: Kind, direction: str) -> Calibre | None:
    """The calibre axis (4.3 rule 3) of the latest visit; None where neither share is resolved."""
    thin_top, thin_reference = (
        _mean(sites, group.sites, lambda reading: reading.thin_share) for group in (Group.TOP, Group.REFERENCE)
    )
    single_top, single_reference = (
        _mean(sites, group.sites, lambda reading: reading.single_share) for group in (Group.TOP, Group.REFERENCE)
    )
    single = single_top / single_reference if single_top is not None and single_reference else None
    if single is None and (thin_top is None or thin_reference is None):
        return None
    verdict = ""
    if direction == "fall" and thin_top is not None:
        if kind is Kind.EVEN and thin_top <= THIN_SHARE:
            verdict = "telogen-like"
        elif kind is Kind.TOP and thin_top > THIN_SHARE:
            verdict = "miniaturisation-like"
    return Calibre(thin_top, thin_reference, single, verdict)


def _mean(
    sites: Mapping[str, SiteReading], names: Sequence[str], of: Callable[[SiteReading], float | None]
) -> float | None:
    values = [of(sites[name]) if name in sites else None for name in names]
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if len(known) == len(names) else None


def _class_said(
    kind: Kind, direction: str, groups: Mapping[Group, Shift], share: Ratio | None, since: dt.date
) -> list[Sentence]:
    if kind is Kind.NO_CHANGE:
        said = [say("distribution.no-reliable-change", since=since)]
        if any(shift.beyond for shift in groups.values()):
            said.append(say("distribution.one-of-several"))
        return said
    changes = {str(group): percent(shift.percent) for group, shift in groups.items()}
    said = [say(f"distribution.{kind}{'-rise' if direction == 'rise' else ''}", interpreting=False, **changes)]
    if kind is Kind.TOP and direction == "fall" and share is not None and share.high > EVEN_SHARE:
        said.append(_said_of("even-not-excluded", share))
    return said


def _group_said(group: Group, shift: Shift) -> Sentence:
    name = Term(f"distribution.{group}")
    return say("distribution.group", group=name, change=percent(shift.percent), limit=percent(shift.limit_percent))


def _window_said(window: int, since: dt.date, until: dt.date) -> Sentence:
    visits = Term("distribution.one-visit" if window == 1 else "distribution.three-visits")
    return say("distribution.since", before=visits, after=visits, since=since, until=until)


def _contrast_said(contrast: Contrast | None) -> list[Sentence]:
    if contrast is None:
        return []
    said = [_said_of("contrast", contrast.now)]
    if contrast.base is not None:
        said.append(_said_of("contrast-baseline", contrast.base))
    if contrast.marked and contrast.base is not None:
        said.append(say("distribution.contrast-fell"))
    elif contrast.marked:
        said.append(say("distribution.contrast-low", bound=Number(UPPER_BOUND, 2)))
    return said


def _said_of(key: str, ratio: Ratio) -> Sentence:
    low, high = Number(ratio.low, 2), Number(ratio.high, 2)
    return say(f"distribution.{key}", ratio=Number(ratio.ratio, 2), low=low, high=high)


def _calibre_said(calibre: Calibre | None) -> list[Sentence]:
    if calibre is None:
        return []
    said = []
    if calibre.thin_top is not None and calibre.thin_reference is not None:
        top, reference = (percent(100 * share, 0, signed=False) for share in (calibre.thin_top, calibre.thin_reference))
        said.append(say("distribution.thin", top=top, reference=reference))
    if calibre.single_ratio is not None:
        said.append(say("distribution.single", ratio=Number(calibre.single_ratio, 1)))
    if calibre.verdict:
        said.append(say(f"distribution.{calibre.verdict}", interpreting=True))
    return said
