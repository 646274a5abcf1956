"""Estimates on the pattern scales from zone densities and the marked hairline, and a graft range (REQ-43).

Hamilton-Norwood (men) as a lookup of recession depth, vertex loss and midscalp bridge; BASP (both sexes) from the
hairline's shape and the density of top and vertex (domain reference 4.1). A class always comes with its neighbours.
Nothing here needs an identity: `quick_estimate` works on one session's readings.
"""

from __future__ import annotations

import functools
import itertools
import math
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from station.entries import HairlineEntry
from station.trends.distribution import Distribution, Kind
from station.trends.error import FrameError
from station.trends.evidence import answers_of
from station.trends.inputs import PersonRecord, SiteReading
from station.trends.ratio import ratio_interval
from station.trends.sentences import Number, Sentence, say
from station.trends.zones import Group, comparable, group_cv, mean_hairs, site_terms

CLASSES = ("I", "II", "III", "III-vertex", "IV", "V", "VI", "VII")
"""From the least to the most. The "a" variants rank as the class they are a variant of."""

BRIDGES = ("solid", "sparse", "none")
NEEDED = (*Group.TOP.sites, *Group.REFERENCE.sites)


@dataclass(frozen=True, slots=True)
class Features:
    """What a class is looked up by. depth, vertex, bridge: grades of loss, 0 (none) to 3 (bridge: to 2); fringe: the
    sides are thin as well."""

    depth: int
    vertex: int
    bridge: int
    fringe: bool


@dataclass(frozen=True, slots=True)
class GraftRange:
    """Follicular units, with what was assumed: cm2 per top zone, wanted and recorded FU/cm2."""

    low: int
    high: int
    zone_cm2: tuple[float, float]
    target_fu_cm2: tuple[float, float]
    current_fu_cm2: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class NorwoodEstimate:
    """norwood: class, with low and high around it (at least its neighbours), None where refused; refused: key of the
    reason, "" if a class is given; basp: "M2F1V2", as far as it can be derived, "" if not at all; ratios: hairs/cm2 of
    a zone over those of the back of the head; depth_mm: mean of both temples."""

    norwood: str | None
    low: str | None
    high: str | None
    refused: str
    basp: str
    ratios: Mapping[str, float]
    depth_mm: float | None
    grafts: GraftRange | None
    sentences: tuple[Sentence, ...]


def estimate(record: PersonRecord, distribution: Distribution) -> NorwoodEstimate:
    """The estimate from the latest comparable visit and the latest hairline. distribution: of the same record."""
    visits = comparable(record.visits)
    if not visits:
        return _refusal(say("norwood.refused-no-visit"))
    reported_even = answers_of(record).thinning == "diffuse"
    patterned = distribution.kind in (Kind.TOP, Kind.TEMPLE)
    diffuse = None
    if distribution.kind is Kind.EVEN:
        diffuse = say("norwood.refused-even")
    elif reported_even and not patterned:
        diffuse = say("norwood.refused-reported-even")
    lines = sorted((line for line in record.hairlines if not line.review), key=lambda line: line.marked)
    first = lines[0] if lines else None
    return _estimate(
        visits[-1].sites, lines[-1] if lines else None, first, record.profile.sex, record.error_hairs, diffuse
    )


def quick_estimate(
    readings: Mapping[str, SiteReading], hairline: HairlineEntry | None, sex: str, error: FrameError
) -> NorwoodEstimate:
    """The estimate of a single session, without a stored identity. readings: by site; error: of hairs/cm2."""
    return _estimate(readings, hairline, hairline, sex, error, None)


def _estimate(
    readings: Mapping[str, SiteReading],
    hairline: HairlineEntry | None,
    first: HairlineEntry | None,
    sex: str,
    error: FrameError,
    diffuse: Sentence | None,
) -> NorwoodEstimate:
    absent = [site for site in NEEDED if site not in readings]
    reference = readings.get(Group.REFERENCE.sites[0])
    if reference is not None and reference.hairs_per_cm2 <= 0:
        absent.append(reference.site)
    depth = None if hairline is None else (hairline.left_mm + hairline.right_mm) / 2
    if absent or reference is None:
        return _refusal(diffuse or say("norwood.refused-missing-zones", sites=site_terms(absent)), depth)
    ratios = _ratios(readings, reference)
    basp = _basp(ratios, depth, _retreat(hairline, first))
    refusal = diffuse or _unsuited(sex, hairline)
    grafts = None if diffuse or hairline is None else _grafts(readings, hairline)
    norwood = low = high = None
    said: list[Sentence] = []
    if refusal is None and hairline is not None and depth is not None:
        norwood = _name(_features(depth, ratios, hairline.bridge))
        low, high = _around(depth, ratios, hairline.bridge, readings, error)
        said.append(say("norwood.estimate", interpreting=True, norwood=norwood, low=low, high=high))
        difference = abs(hairline.left_mm - hairline.right_mm)
        if difference > 2 * _table()["depth_mm"]["marking_error"]:
            said.append(say("norwood.asymmetric", difference=Number(difference, 0, unit="mm")))
    elif refusal is not None:
        said.append(refusal)
    said.append(say("norwood.basp", interpreting=True, basp=basp))
    if grafts is not None:
        said += _grafts_said(grafts)
    return NorwoodEstimate(norwood, low, high, refusal.key if refusal else "", basp, ratios, depth, grafts, tuple(said))


def _refusal(reason: Sentence, depth: float | None = None) -> NorwoodEstimate:
    basp = "" if depth is None else _shape(depth, 0.0)
    return NorwoodEstimate(None, None, None, reason.key, basp, {}, depth, None, (reason,))


def _unsuited(sex: str, hairline: HairlineEntry | None) -> Sentence | None:
    if sex == "female":
        return say("norwood.refused-women")
    if sex != "male":
        return say("norwood.refused-sex-unknown")
    return say("norwood.refused-no-hairline") if hairline is None else None


def _ratios(readings: Mapping[str, SiteReading], reference: SiteReading) -> dict[str, float]:
    """Zones over the back of the head; "sides" where both were measured."""
    ratios = {site: readings[site].hairs_per_cm2 / reference.hairs_per_cm2 for site in Group.TOP.sites}
    sides = [readings[site] for site in Group.SIDES.sites if site in readings]
    if len(sides) == len(Group.SIDES.sites):
        ratios["sides"] = mean_hairs(sides) / reference.hairs_per_cm2
    return ratios


def _features(depth_mm: float, ratios: Mapping[str, float], bridge: str) -> Features:
    """Grades by the table. A bridge that was judged on the view goes before the midscalp's density."""
    table = _table()
    return Features(
        depth=bisect_right(table["depth_mm"]["grades"], depth_mm),
        vertex=_loss(ratios["vertex"]),
        bridge=BRIDGES.index(bridge) if bridge in BRIDGES else _below(table["ratio"]["bridge"], ratios["midscalp"]),
        fringe=ratios.get("sides", 1.0) < table["ratio"]["fringe"],
    )


def _name(features: Features) -> str:
    """The class of the definitions in 4.1. Never falls when the recession deepens or the vertex thins."""
    deep, vertex, bridge = features.depth, features.vertex, features.bridge
    if vertex == 0:
        # En bloc without an island at the vertex: the "a" variants.
        return ("I", "II", "III", ("III", "IVa", "Va")[bridge])[deep]
    if deep < 2 or (deep == 2 and (vertex == 1 or bridge == 0)):
        return "III-vertex"
    if bridge < 2:
        return ("IV", "V")[bridge]
    return "VII" if features.fringe and vertex == 3 else "VI"


def rank(norwood: str) -> int:
    """Place of a class in `CLASSES`; an "a" variant has that of its class."""
    return CLASSES.index(norwood.removesuffix("a"))


def _around(
    depth: float, ratios: Mapping[str, float], bridge: str, readings: Mapping[str, SiteReading], error: FrameError
) -> tuple[str, str]:
    """The classes at both ends of the errors of depth and densities, and at least the neighbours (4.1: class +-1)."""
    slack = _table()["depth_mm"]["marking_error"]
    cv_reference = group_cv(error, [readings[site] for site in Group.REFERENCE.sites])
    ends = {}
    for name, ratio in ratios.items():
        sites = Group.SIDES.sites if name == "sides" else (name,)
        cv = group_cv(error, [readings[site] for site in sites])
        ends[name] = (0.0, 0.0)
        if ratio > 0:
            interval = ratio_interval(ratio, 1.0, cv, cv_reference)
            ends[name] = (interval.low, interval.high)
    ranks = [rank(_name(_features(depth, ratios, bridge)))]
    ranks = [ranks[0] - 1, ranks[0] + 1]
    for milder, step in itertools.product((True, False), (-slack, slack)):
        at = {name: high if milder else low for name, (low, high) in ends.items()}
        ranks.append(rank(_name(_features(depth + step, at, bridge))))
    return CLASSES[max(min(ranks), 0)], CLASSES[min(max(ranks), len(CLASSES) - 1)]


def _basp(ratios: Mapping[str, float], depth: float | None, retreat: float) -> str:
    """Basic shape and specific grades (Lee 2007). F is graded on the top without the vertex."""
    gone = _table()["ratio"]["grades"][-1]
    if ratios["frontal"] < gone and ratios["midscalp"] < gone:
        # Front and midscalp are bare: the hairline has gone back past them.
        fringe = ratios.get("sides", 1.0) < _table()["ratio"]["fringe"]
        basic = "U1" if ratios["vertex"] >= gone else "U3" if fringe else "U2"
    else:
        basic = "" if depth is None else _shape(depth, retreat)
    front = _loss((ratios["frontal"] + ratios["midscalp"]) / 2)
    vertex = _loss(ratios["vertex"])
    return f"{basic}F{front}V{vertex}"


def _shape(depth: float, retreat: float) -> str:
    """L, M or C: temples first, then the middle of the hairline against its earliest mark."""
    table = _table()
    grade = bisect_right(table["depth_mm"]["grades"], depth)
    receded = bisect_right(table["retreat_mm"]["grades"], retreat)
    if receded > grade:
        return f"C{receded}"
    return f"M{grade}" if depth >= table["depth_mm"]["basp_m0"] else "L"


def _retreat(latest: HairlineEntry | None, first: HairlineEntry | None) -> float:
    return 0.0 if latest is None or first is None else latest.mid_mm - first.mid_mm


def _loss(ratio: float) -> int:
    return _below(_table()["ratio"]["grades"], ratio)


def _below(falling: Sequence[float], ratio: float) -> int:
    """How many of the falling limits the ratio lies below."""
    return bisect_left([-limit for limit in falling], -ratio)


def _grafts(readings: Mapping[str, SiteReading], hairline: HairlineEntry) -> GraftRange:
    """Units that bring the top zones and the temples' triangles to the target, at both ends of the assumptions."""
    assumed = _table()["grafts"]
    current = {site: readings[site].fu_per_cm2 for site in Group.TOP.sites}
    ends = []
    for area, base, target in zip(
        assumed["zone_cm2"], assumed["triangle_base_mm"], assumed["target_fu_cm2"], strict=True
    ):
        zones = math.fsum(area * max(0.0, target - density) for density in current.values())
        depths = max(hairline.left_mm, 0.0) + max(hairline.right_mm, 0.0)
        ends.append(zones + target * depths * base / 2 / 100)
    step = assumed["round_to"]
    return GraftRange(
        low=math.floor(ends[0] / step) * step,
        high=math.ceil(ends[1] / step) * step,
        zone_cm2=tuple(assumed["zone_cm2"]),
        target_fu_cm2=tuple(assumed["target_fu_cm2"]),
        current_fu_cm2=current,
    )


def _grafts_said(grafts: GraftRange) -> list[Sentence]:
    if grafts.high == 0:
        found = say("norwood.grafts-none", interpreting=True)
    else:
        low, high = Number(grafts.low, 0), Number(grafts.high, 0)
        found = say("norwood.grafts", interpreting=True, low=low, high=high)
    assumptions = say(
        "norwood.grafts-assumptions",
        interpreting=True,
        area_low=Number(grafts.zone_cm2[0], 0, unit="cm²"),
        area_high=Number(grafts.zone_cm2[1], 0, unit="cm²"),
        target_low=Number(grafts.target_fu_cm2[0], 0),
        target_high=Number(grafts.target_fu_cm2[1], 0),
        **{site: Number(density, 0) for site, density in grafts.current_fu_cm2.items()},
    )
    return [found, assumptions]


@functools.cache
def _table() -> Mapping[str, Any]:
    file = resources.files(__package__).joinpath("tables", "norwood.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))
