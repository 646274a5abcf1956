"""The live quality gate: whether a photograph taken now could be counted, and compared with the baseline's.

Pure functions of live pictures. Every finding is good, not good, or not known yet, and has a sentence and a picture of
what to do; the limits are data in `gate.toml`, each with the reason for it. A picture that is too dark says nothing of
focus, and one out of focus nothing of hair: then these are not known, never good.

The distance comes from the registration to the baseline where there is one (`Sighting.scale`); otherwise from focus: a
fixed lens is sharp over about 1 mm (1.4 % of scale) and no further, so a sharp view has the right scale.
"""

from __future__ import annotations

import enum
import functools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from importlib import resources

from station.capture.gate_features import Look, look_at
from station.capture.gate_motion import movement, trackable
from station.capture.guidance import Sighting
from station.rig.preview import Preview
from station.trends.sentences import Sentence, say


class Code(enum.StrEnum):
    """What is judged, the most important first: whoever sees one instruction at a time sees the first that is not
    good."""

    EXPOSURE = "exposure"
    SITE = "site"
    MOTION = "motion"
    DISTANCE = "distance"
    SHARPNESS = "sharpness"
    GLARE = "glare"
    PARTED = "parted"
    DRY = "dry"


@dataclass(frozen=True, slots=True)
class Limits:
    """See `gate.toml`, which says where each comes from."""

    dark_level: float
    dim_level: float
    bright_share: float
    speed_mm_s: float
    sharpness: float
    blurred_share: float
    blurred_everywhere: float
    glare_share: float
    open_skin: float
    lines_everywhere: float
    wide_hair: float
    strand_sharpness: float
    scale_off: float
    overlap: float
    still_s: float
    gap_s: float


@dataclass(frozen=True, slots=True)
class GateFinding:
    """ok: None where it is not known yet; sentence: key of its text (`station.trends.texts`, table `gate`); picture:
    name of the drawing that shows what to do; needed: whether a capture waits for it."""

    code: Code
    ok: bool | None
    sentence: str
    picture: str
    needed: bool = True

    @property
    def text(self) -> Sentence:
        """The sentence."""
        return say(self.sentence)


@dataclass(frozen=True, slots=True)
class GateView:
    """findings: one of each code, in the order of `Code`; good_since: when all that are needed became good, in
    seconds of the pictures' clock, None while they are not; ready: they have been good for long enough."""

    taken: float
    findings: tuple[GateFinding, ...]
    good_since: float | None = None
    ready: bool = False

    @property
    def first(self) -> GateFinding | None:
        """What has to be put right first; None when nothing has."""
        bad = (finding for finding in self.findings if finding.ok is False)
        unknown = (finding for finding in self.findings if finding.ok is None and finding.needed)
        return next(bad, None) or next(unknown, None)

    def finding(self, code: Code) -> GateFinding:
        """The finding of a code."""
        return next(each for each in self.findings if each.code is code)


@dataclass(frozen=True, slots=True)
class Target:
    """What the view is compared with. baseline: there is one; sighting: where the view lies in it, None while nothing
    is known; misses: looks in a row in which it was not found."""

    baseline: bool = False
    sighting: Sighting | None = None
    misses: int = 0


NO_TARGET = Target()
MISSES = 2
"""One look that finds nothing may have been blurred by a movement."""


def gate(
    preview: Preview,
    before: Preview | None,
    target: Target = NO_TARGET,
    *,
    earlier: GateView | None = None,
    limits: Limits | None = None,
) -> GateView:
    """Judge a live picture. before: the picture before it; earlier: what was judged of that one."""
    moved = movement(trackable(before), trackable(preview)) if before is not None else None
    return judge(look_at(preview, moved, followed=before is not None), target, earlier=earlier, limits=limits)


def judge(
    look: Look, target: Target = NO_TARGET, *, earlier: GateView | None = None, limits: Limits | None = None
) -> GateView:
    """The findings from the facts of a picture, and since when they are good."""
    limits = limits or load_limits()
    findings = tuple(sorted(_findings(look, target, limits), key=lambda each: list(Code).index(each.code)))
    if any(finding.needed and finding.ok is not True for finding in findings):
        return GateView(look.taken, findings)
    since = look.taken
    if earlier is not None and earlier.good_since is not None and look.taken - earlier.taken <= limits.gap_s:
        since = earlier.good_since
    return GateView(look.taken, findings, since, look.taken - since >= limits.still_s)


@functools.cache
def load_limits() -> Limits:
    """The limits that come with the station."""
    text = (resources.files("station.capture") / "gate.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return Limits(**{each.name: float(table[each.name]["limit"]) for each in fields(Limits)})


@dataclass(frozen=True, slots=True)
class _Known:
    """What the picture is good enough to tell."""

    lit: bool
    sharp: bool
    clear: bool


def _findings(look: Look, target: Target, limits: Limits) -> Iterator[GateFinding]:
    exposure = _exposure(look, limits)
    yield exposure
    moving = _motion(look, limits)
    yield moving
    everywhere = look.blurred >= limits.blurred_everywhere
    sharp = look.sharpness >= limits.sharpness and look.blurred <= limits.blurred_share
    lit = exposure.ok is True
    if not lit:
        yield GateFinding(Code.SHARPNESS, None, "gate.unknown", "wait")
    elif sharp:
        yield GateFinding(Code.SHARPNESS, True, "gate.sharpness-good", "good")
    else:
        yield GateFinding(Code.SHARPNESS, False, "gate.sharpness" if everywhere else "gate.sharpness-part", "sharpness")
    glares = look.glare > limits.glare_share and look.saturated < limits.bright_share
    known = _Known(lit, sharp, not glares)
    yield _distance(look, target, limits, known, still=moving.ok is True)
    if glares:
        yield GateFinding(Code.GLARE, False, "gate.glare", "glare")
    elif not lit:
        yield GateFinding(Code.GLARE, None, "gate.unknown", "wait")
    else:
        yield GateFinding(Code.GLARE, True, "gate.glare-good", "good")
    yield from _hair(look, limits, known)
    yield _site(target, limits)


def _exposure(look: Look, limits: Limits) -> GateFinding:
    # Where black hair hides dark skin the level is low in good light too.
    dim = look.skin_level < limits.dim_level and look.open_skin >= limits.open_skin
    if dim or look.skin_level < limits.dark_level:
        return GateFinding(Code.EXPOSURE, False, "gate.exposure-dark", "exposure-dark")
    if look.saturated >= limits.bright_share:
        return GateFinding(Code.EXPOSURE, False, "gate.exposure-bright", "exposure-bright")
    return GateFinding(Code.EXPOSURE, True, "gate.exposure-good", "good")


def _motion(look: Look, limits: Limits) -> GateFinding:
    """A sharp picture in which the one before cannot be found again has moved; others show too little to tell."""
    lost = look.movement is None
    if not look.followed or (lost and (look.skin_level < limits.dark_level or look.sharpness < limits.sharpness)):
        return GateFinding(Code.MOTION, None, "gate.unknown", "wait")
    if look.movement is None or look.movement.speed_mm_s > limits.speed_mm_s:
        return GateFinding(Code.MOTION, False, "gate.motion", "motion")
    return GateFinding(Code.MOTION, True, "gate.motion-good", "good")


def _distance(look: Look, target: Target, limits: Limits, known: _Known, *, still: bool) -> GateFinding:
    seen = target.sighting
    if seen is not None and seen.accepted and abs(seen.scale - 1) > limits.scale_off:
        if seen.scale < 1:  # a mm of the live view is less than a mm of the baseline: everything looks larger
            return GateFinding(Code.DISTANCE, False, "gate.distance-near", "distance-near")
        return GateFinding(Code.DISTANCE, False, "gate.distance-far", "distance-far")
    if known.lit and known.sharp:
        return GateFinding(Code.DISTANCE, True, "gate.distance-good", "good")
    if known.lit and still and look.blurred >= limits.blurred_everywhere:
        return GateFinding(Code.DISTANCE, False, "gate.distance", "distance")
    return GateFinding(Code.DISTANCE, None, "gate.unknown", "wait")


def _hair(look: Look, limits: Limits, known: _Known) -> Iterator[GateFinding]:
    if not (known.lit and known.sharp and known.clear):
        yield GateFinding(Code.PARTED, None, "gate.unknown", "wait")
        yield GateFinding(Code.DRY, None, "gate.unknown", "wait")
        return
    # Smooth hair that covers everything has open surface too, but no skin has so many fine lines.
    hidden = look.open_skin < limits.open_skin or look.sharpness >= limits.lines_everywhere
    if hidden:
        yield GateFinding(Code.PARTED, False, "gate.parted", "parted")
    else:
        yield GateFinding(Code.PARTED, True, "gate.parted-good", "good")
    if not hidden:
        # Clipped hair lies in no strands, and the light is cross-polarised: water does not shine.
        yield GateFinding(Code.DRY, None, "gate.dry-short", "wait", needed=False)
    elif look.wide_hair > limits.wide_hair and look.sharpness < limits.strand_sharpness:
        # Dry hair of that length crosses in fine lines, which raise the ratio of fine to coarse edges.
        yield GateFinding(Code.DRY, False, "gate.dry", "dry")
    else:
        yield GateFinding(Code.DRY, True, "gate.dry-good", "good")


def _site(target: Target, limits: Limits) -> GateFinding:
    if not target.baseline:
        return GateFinding(Code.SITE, None, "gate.site-none", "wait", needed=False)
    seen = target.sighting
    if seen is not None and seen.accepted:
        if seen.overlap >= limits.overlap:
            return GateFinding(Code.SITE, True, "gate.site-good", "good")
        return GateFinding(Code.SITE, False, "gate.site-off", "site-off")
    if target.misses >= MISSES:
        return GateFinding(Code.SITE, False, "gate.site", "site")
    return GateFinding(Code.SITE, None, "gate.unknown", "wait")
