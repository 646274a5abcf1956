"""From photographs to a site, from sites to a visit, from visits to a change: values with their error.

Two kinds of error are kept apart. What the model gets wrong on a photograph, its interval says; repeats of a site
share the skin, the hair and the light that mislead it, so this part is taken as common to all photographs and does
not average out. What differs from repeat to repeat, with the head put back each time, was measured (M1 of
`station.trends.error`) and averages out over photographs. Both are logarithms:

    site:   half = sqrt(mean(h_i)^2 + (z s)^2),  s = s_w / sqrt(m)
    visit:  half = sqrt((sum q_j h_j)^2 + z^2 sum (q_j s_j)^2),  q_j = w_j x_j / sum w x

with h_i the half width of a photograph's 90 % interval on logs, m photographs, z = 1.645, s_w the log standard
deviation of one photograph, w_j the protocol's weights, x_j the sites' values and q_j their shares in the mean.
The h_i hold part of the repeat error too, so the intervals are a little wide rather than narrow. Until the station
knows its own s_w, the default of 7 % is taken for a site and for a visit, undivided. Counts get 1/2 added before the
logarithm, as in `station.density.interval`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from station.service.views import Change, Estimate
from station.trends import endpoint
from station.trends.error import MIN_PAIRS, FrameError, cv_of_log_sd, log_sd, mdc95_log, visit_cv
from station.trends.sentences import Sentence, percent, say
from station.values import Interval

Z90 = 1.645
LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class Reading:
    """One photograph's density per cm2 of one kind."""

    value: float
    interval: Interval
    count: int
    area_cm2: float


@dataclass(frozen=True, slots=True)
class Spread:
    """A value with its error on logs.

    shift: centre of the interval less the value's logarithm (the model's known bias); model: half width that does
    not average out; random: standard deviation that does.
    """

    value: float
    shift: float
    model: float
    random: float
    count: int
    area_cm2: float
    frames: int

    def estimate(self) -> Estimate:
        """The value with its 90 % interval."""
        half = math.hypot(self.model, Z90 * self.random)
        area = self.area_cm2 / self.frames
        centre = math.log(self.value * area + 0.5) + self.shift
        low, high = math.exp(centre - half) - 0.5, math.exp(centre + half) - 0.5
        interval = Interval(max(low, 0.0) / area, max(high, 0.0) / area, LEVEL)
        return Estimate(self.value, interval, self.count, self.area_cm2, self.frames)


def single(reading: Reading) -> Estimate:
    """One photograph: the model's own interval."""
    return Estimate(reading.value, reading.interval, reading.count, reading.area_cm2, 1)


def site(readings: Sequence[Reading], error: FrameError) -> Spread:
    """The mean of a site's photographs. readings: at least one."""
    n = len(readings)
    logs = [_logs(reading) for reading in readings]
    random = log_sd(error.cv) / (math.sqrt(n) if error.measured else 1.0)
    return Spread(
        value=sum(reading.value for reading in readings) / n,
        shift=sum(shift for shift, _ in logs) / n,
        model=sum(half for _, half in logs) / n,
        random=random,
        count=sum(reading.count for reading in readings),
        area_cm2=sum(reading.area_cm2 for reading in readings),
        frames=n,
    )


def visit(sites: Sequence[Spread], weights: Sequence[float], error: FrameError) -> Spread:
    """The weighted mean of sites. weights: add up to 1."""
    value = sum(weight * spread.value for weight, spread in zip(weights, sites, strict=True))
    shares = [
        weight * spread.value / value if value > 0 else weight for weight, spread in zip(weights, sites, strict=True)
    ]
    pairs = list(zip(shares, sites, strict=True))
    random = math.sqrt(sum((share * spread.random) ** 2 for share, spread in pairs))
    return Spread(
        value=value,
        shift=sum(share * spread.shift for share, spread in pairs),
        model=sum(share * spread.model for share, spread in pairs),
        random=random if error.measured else log_sd(error.cv),
        count=sum(spread.count for spread in sites),
        area_cm2=sum(spread.area_cm2 for spread in sites),
        frames=sum(spread.frames for spread in sites),
    )


@dataclass(frozen=True, slots=True)
class VisitMean:
    """What the comparison of two visits needs: the value, the protocol's weights, and photographs per site."""

    value: float
    weights: tuple[float, ...]
    frames: tuple[int, ...]


def band(baseline: VisitMean, latest: VisitMean, error: FrameError) -> tuple[float, float] | None:
    """Between which densities one visit cannot be told from the baseline visit (M2); None from a baseline of 0.

    Both visits share the model and the rig, so the model's own error is in both and cancels; what is left is the
    measured repeatability. It comes from repeats within visits: what makes one day differ from another (washing,
    length of the hair, the hair cycle within the field) is not in it.
    """
    if baseline.value <= 0:
        return None
    before = visit_cv(error, baseline.weights, baseline.frames)
    after = visit_cv(error, latest.weights, latest.frames)
    limits = mdc95_log(before, after)
    return baseline.value * (1 + limits.fall), baseline.value * (1 + limits.rise)


def told(change: endpoint.Change, rule: str, error: FrameError) -> Change:
    """The change of `station.trends.ladder` for the pages. error: of the density that changed."""
    return Change(
        percent=change.percent,
        mdc_percent=change.mdc_percent,
        beyond_error=change.state is not endpoint.State.WITHIN,
        cv_percent=100 * cv_of_log_sd(change.after.sd),
        cv_source=cv_source(error),
        rule=rule,
        since=change.before.dates[0],
    )


def cv_source(error: FrameError) -> Sentence:
    """Where the error comes from."""
    share = percent(100 * error.cv, 1 if error.measured else 0, signed=False)
    if error.measured:
        return say("error.measured", pairs=error.pairs, share=share)
    key = {0: "error.default-none", 1: "error.default-one"}.get(error.pairs, "error.default")
    return say(key, share=share, needed=MIN_PAIRS, pairs=error.pairs)


def _logs(reading: Reading) -> tuple[float, float]:
    """Shift and half width of a photograph's interval on logs of counts."""
    low = math.log(reading.interval.low * reading.area_cm2 + 0.5)
    high = math.log(reading.interval.high * reading.area_cm2 + 0.5)
    return (low + high) / 2 - math.log(reading.value * reading.area_cm2 + 0.5), (high - low) / 2
