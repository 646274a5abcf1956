"""How often the station is wrong, and how soon it is right: simulated persons through the real functions.

Every person is looked at after every visit, with `station.trends.ladder` and its neighbours, as the pages do. Truth of
a recovery: flat to month 3, linear to +gain in month 9, flat after (domain reference 5.2). The station's measured error
is the true one. Seeded; run by hand.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from station.clock import months_after
from station.entries import LabEntry, RegimenEntry
from station.trends.endpoint import State, change, endpoint, level
from station.trends.error import FrameError, log_sd, mdc95
from station.trends.inputs import PersonRecord, SiteReading, VisitReading
from station.trends.ladder import compared_visits, ladder
from station.trends.milestones import Fit, Milestone, Seen, milestones
from station.trends.onset import LEAST_VISITS
from station.trends.rank import DAYS_PER_MONTH
from station.trends.recovery import Recovery, recovery
from station.trends.zones import ZONES

Floats = NDArray[np.float64]

SEED = 20_260_223
PERSONS = 1000
CVS = (0.02, 0.03, 0.05, 0.07)
VISITS = 13
"""At 0 to 12 months."""
HAIRS, HAIRS_PER_UNIT, FRAMES = 180.0, 2.0, 2
YEAR_DAYS = 365.25
SEASON = 0.05
"""Half the way between the densest and the thinnest season; the reference gives none. Thinnest in October (3.4)."""
DEVICE_STEP, DEVICE_VISIT = 0.90, 7
"""Another camera finds so much of what the first one found, from this visit on."""
PATTERN = {"temporal-left": 0.25, "temporal-right": 0.25, "vertex": 0.25, "frontal": 0.15, "midscalp": 0.15}
"""Share of hairs that pattern loss takes in a year (chosen)."""
LIMIT = 0.064
"""False alarms that 1000 persons may show at a step whose nominal rate is 5 %: two standard errors above it."""
MORE = 4
"""Times as many persons for the claim alone: its table is read cell by cell."""
POINTS = 3
"""The cells of 5.2 are met within so many points."""
LOOKS = (7, 10, 13)
"""Visits at month 6, 9 and 12."""
ENDS_CELLS = {
    (0.05, 0.02): (18, 72, 86), (0.05, 0.05): (6, 18, 24),
    (0.10, 0.02): (53, 100, 100), (0.10, 0.03): (28, 92, 98), (0.10, 0.05): (13, 53, 68), (0.10, 0.07): (9, 31, 42),
    (0.15, 0.05): (24, 85, 94), (0.15, 0.07): (14, 58, 73),
}  # fmt: skip
"""Domain reference 5.2: % of persons in which the last three visits stand out from the first three, by gain and CV."""

Truth = Callable[[str, dt.date, dt.date], float]
"""Density of a site on a day, for a first visit on another, as a share of the density without a change."""


def unchanged(_site: str, _day: dt.date, _start: dt.date) -> float:
    """Nothing happens."""
    return 1.0


def recovering(gain: float) -> Truth:
    """The truth of 5.2."""

    def truth(_site: str, day: dt.date, start: dt.date) -> float:
        return 1 + gain * min(max(((day - start).days / DAYS_PER_MONTH - 3) / 6, 0.0), 1.0)

    return truth


def thinning(site: str, day: dt.date, start: dt.date) -> float:
    """Pattern loss: temples and vertex first, the back of the head never."""
    return 1 - PATTERN.get(site, 0.0) * (day - start).days / YEAR_DAYS


def seasonal(_site: str, day: dt.date, start: dt.date) -> float:
    """The same every year, thinnest in the middle of October."""

    def wave(when: dt.date) -> float:
        return 1 - SEASON * float(np.cos(2 * np.pi * (when - dt.date(when.year, 10, 15)).days / YEAR_DAYS))

    return wave(day) / wave(start)


@dataclass(frozen=True, slots=True)
class Scenario:
    """gain: of the truth of 5.2; step: another device takes over at `DEVICE_VISIT`."""

    name: str
    truth: Truth
    gain: float = 0.0
    step: bool = False


SCENARIOS = (
    Scenario("no change", unchanged),
    Scenario("device change", unchanged, step=True),
    Scenario("seasonal shedding", seasonal),
    Scenario("pattern loss", thinning),
    *(Scenario(f"recovery {gain:.0%}", recovering(gain), gain) for gain in (0.05, 0.10, 0.15)),
)


def schedule(number: int, rng: np.random.Generator) -> tuple[dt.date, ...]:
    """Monthly visits, up to four days beside their day; one calendar for each month to begin in."""
    start = months_after(dt.date(2025, 1, 12), number)
    beside = rng.integers(-4, 5, VISITS).tolist()
    return (start, *(months_after(start, k) + dt.timedelta(beside[k]) for k in range(1, VISITS)))


def persons(scenario: Scenario, cv: float, count: int) -> Iterator[PersonRecord]:
    """Persons with all their visits, B12 low at the first dose and normal from the draw in month 3 on.

    cv: of a visit. The error of a site is independent from visit to visit, with cv sqrt(sites) for the mean's to be cv.
    """
    rng = np.random.default_rng([SEED, SCENARIOS.index(scenario), round(cv * 1000)])
    site_cv = cv * np.sqrt(len(ZONES))
    error = FrameError(float(site_cv * np.sqrt(FRAMES)), 100, measured=True)
    weights = dict.fromkeys(ZONES, 1 / len(ZONES))
    for number in range(12):
        days = schedule(number, rng)
        truth = HAIRS * np.array([[scenario.truth(site, day, days[0]) for site in ZONES] for day in days])
        if scenario.step:
            truth[DEVICE_VISIT - 1 :] *= DEVICE_STEP
        labs = tuple(_b12(value, months_after(days[0], month)) for month, value in ((0, 150.0), (3, 420.0), (6, 480.0)))
        dose = RegimenEntry("b12", "b12", "", 1000, "mcg", "oral", "daily", days[0])
        for _ in range(count * (number + 1) // 12 - count * number // 12):
            hairs, fu = (truth * np.exp(log_sd(site_cv) * rng.standard_normal(truth.shape)) for _ in range(2))
            visits = tuple(_visit(scenario, k, days[k], hairs[k], fu[k] / HAIRS_PER_UNIT) for k in range(VISITS))
            yield PersonRecord(days[-1], visits, weights, error, error, labs=labs, regimens=(dose,))


def at_look(person: PersonRecord, visits: int) -> PersonRecord:
    """What was on record after so many visits."""
    today = person.visits[visits - 1].date
    labs = tuple(entry for entry in person.labs if entry.drawn <= today)
    return replace(person, today=today, visits=person.visits[:visits], labs=labs)


def _visit(scenario: Scenario, k: int, day: dt.date, hairs: Floats, fu: Floats) -> VisitReading:
    series = "two" if scenario.step and k >= DEVICE_VISIT - 1 else "one"
    sites = {
        site: SiteReading(site, h, f, FRAMES, 2.0)
        for site, h, f in zip(ZONES, hairs.tolist(), fu.tolist(), strict=True)
    }
    return VisitReading(k + 1, day, "macro-8/1", series, sites)


def _b12(value: float, day: dt.date) -> LabEntry:
    return LabEntry("b12", f"{value:g}", "=", value, value, value, "pg/mL", day)


@dataclass(frozen=True, slots=True)
class Looks:
    """What was said, by person and visit (persons, looks). up, down: the claim; rule_ends: it rested on three visits at
    either end; trend: the guarded trend by itself, +1 or -1; trend_said, rise, rise_said: see `Ladder`; site: a site
    stood out; fell: temples or vertex (REQ-36); nadir: 5 % above the lowest visit, which the station never uses."""

    visits: tuple[int, ...]
    up: NDArray[np.bool_]
    down: NDArray[np.bool_]
    rule_ends: NDArray[np.bool_]
    trend: NDArray[np.int8]
    trend_said: NDArray[np.bool_]
    rise: NDArray[np.bool_]
    rise_said: NDArray[np.bool_]
    site: NDArray[np.bool_]
    fell: NDArray[np.bool_]
    nadir: NDArray[np.bool_]


def look(people: Sequence[PersonRecord], visits: Sequence[int]) -> Looks:
    """Look at everybody after each of these numbers of visits."""
    rows = [[_told(at_look(person, count)) for count in visits] for person in people]
    columns = np.array(rows, dtype=np.int8).transpose(2, 0, 1)
    up, down, ends, trend, trend_said, rise, rise_said, site, fell, nadir = columns
    flags = (up, down, ends, trend_said, rise, rise_said, site, fell, nadir)
    up, down, ends, trend_said, rise, rise_said, site, fell, nadir = (column.astype(bool) for column in flags)
    return Looks(tuple(visits), up, down, ends, trend, trend_said, rise, rise_said, site, fell, nadir)


def _told(record: PersonRecord) -> tuple[int, ...]:
    found = ladder(record)
    state = State.WITHIN if found.claim is None else found.claim.state
    trend = found.trend
    means = [np.mean([site.hairs_per_cm2 for site in visit.sites.values()]) for visit in record.visits]
    return (
        state is State.UP,
        state is State.DOWN,
        found.rule == "ends",
        0 if trend is None or not trend.survives else 1 if trend.slope > 0 else -1,
        found.trend_state in (State.UP, State.DOWN),
        found.onset is not None and found.onset.rises,
        found.onset_said,
        any(each.change.state is not State.WITHIN for each in found.sites),
        bool(recovery(record).falling_sites),
        bool(means[-1] >= 1.05 * min(means)),
    )


def share(flags: NDArray[np.bool_]) -> str:
    """A share of persons or looks in per cent."""
    return f"{100 * flags.mean():.1f}" if flags.size else "-"


def told(name: str, by_cv: dict[float, Looks], *, alarms: bool) -> list[str]:
    """What was said, per step of the ladder: per look over all looks of the step, the most at one look, and at least
    once in the year. alarms: all of it is false, and more than `LIMIT` per look is marked."""
    lines = [
        f"\n{name}: % of looks / most at one look / at least once in the year\n",
        f"| step | {' | '.join(f'CV {cv:.0%}' for cv in by_cv)} |",
        f"|---|{'---|' * len(by_cv)}",
    ]
    steps = [_steps(found) for found in by_cv.values()]
    for step in steps[0]:
        cells = [_cell(*each[step], alarms) for each in steps]
        lines.append(f"| {step} | {' | '.join(cells)} |")
    return lines


def _steps(found: Looks) -> dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Per step: what was said, and at which looks it could be."""
    claim, ends = found.up | found.down, found.rule_ends
    every = np.ones_like(ends)
    late = np.broadcast_to(np.array(found.visits) >= LEAST_VISITS, ends.shape)
    return {
        "latest against baseline": (claim, ~ends),
        "last three against first three": (claim, ends),
        "claim of the look": (claim, every),
        "guarded trend by itself": (found.trend != 0, ends),
        "trend as said": (found.trend_said, ends),
        "phase model by itself": (found.rise, late),
        "phase model as said": (found.rise_said, late),
        "any site (Holm)": (found.site, every),
        "temples or vertex (REQ-36)": (found.fell, every),
    }


def _cell(flags: NDArray[np.bool_], used: NDArray[np.bool_], alarms: bool) -> str:
    said = flags & used
    rate = flags[used].mean()
    most = max(said[:, look].sum() / used[:, look].sum() for look in range(used.shape[1]) if used[:, look].any())
    mark = " (!)" if alarms and rate > LIMIT else ""
    return f"{100 * rate:.1f} / {100 * most:.1f} / {100 * said.any(axis=1).mean():.0f}{mark}"


@dataclass(frozen=True, slots=True)
class Claims:
    """-1, 0 or 1 by person and look: the claim as the station makes it, on logs, and by the rule as 5.2 has it, on
    shares: 1.96 CV sqrt(1/a + 1/b) (M2)."""

    station: NDArray[np.int8]
    shares: NDArray[np.int8]


def claims(people: Iterable[PersonRecord], visits: Sequence[int], cv: float) -> Claims:
    """The claim alone, for more persons than the whole ladder would have time for."""
    rows = [[_claimed(at_look(person, count), cv) for count in visits] for person in people]
    station, shares = np.array(rows, dtype=np.int8).transpose(2, 0, 1)
    return Claims(station, shares)


def _claimed(record: PersonRecord, cv: float) -> tuple[int, int]:
    _, before, after = compared_visits(endpoint(record))
    found = change(level(before), level(after))
    sign = 1 if found.percent > 0 else -1
    beyond = abs(found.percent) > 100 * mdc95(cv, len(before), len(after))
    return sign * (found.state is not State.WITHIN), sign * beyond


def claim_table(count: int) -> list[str]:
    """False alarms of the claim at each look, and the rises it finds beside the cells of 5.2."""
    lines = [
        f"\nThe claim alone, {count} persons. No change: false alarms at each look, from visit 2 to {VISITS}, %\n",
        "| CV | on logs (station) | rises among them | on shares (5.2) | rises among them |",
        "|---|---|---|---|---|",
    ]
    for cv in CVS:
        found = claims(persons(SCENARIOS[0], cv, count), range(2, VISITS + 1), cv)
        cells = [(told != 0, told > 0) for told in (found.station, found.shares)]
        each = [" ".join(f"{100 * x:.1f}" for x in flags.mean(axis=0)) for pair in cells for flags in pair]
        lines.append(f"| {cv:.0%} | {' | '.join(each)} |")
    lines += [
        "\nRecovery: rises found at month 6 / 9 / 12, %\n",
        "| gain | CV | on logs (station) | on shares (5.2) | cells of 5.2 |",
        "|---|---|---|---|---|",
    ]
    for scenario in SCENARIOS:
        for cv in CVS if scenario.gain else ():
            found = claims(persons(scenario, cv, count), LOOKS, cv)
            rises = [100 * (told > 0).mean(axis=0) for told in (found.station, found.shares)]
            known = ENDS_CELLS.get((scenario.gain, cv))
            cell = "-" if known is None else " / ".join(map(str, known))
            if known is not None and np.abs(rises[1] - known).max() > POINTS:
                cell += " (!)"
            texts = (" / ".join(f"{x:.0f}" for x in rise) for rise in rises)
            lines.append(f"| {scenario.gain:.0%} | {cv:.0%} | {' | '.join(texts)} | {cell} |")
    return lines


def detections(by_gain: dict[float, dict[float, Looks]]) -> list[str]:
    """What the whole ladder told of a rise by month 6, 9 and 12."""
    lines = [
        "\nRecovery: % of persons in which a rise was told at month 6 / 9 / 12\n",
        "| gain | CV | last three, first three | guarded trend by itself | trend as said | phase model as said |",
        "|---|---|---|---|---|---|",
    ]
    for gain, by_cv in by_gain.items():
        for cv, found in by_cv.items():
            columns = (found.up, found.trend > 0, found.trend_said & found.up, found.rise_said)
            texts = (" / ".join(f"{100 * x:.0f}" for x in flags.mean(axis=0)) for flags in columns)
            lines.append(f"| {gain:.0%} | {cv:.0%} | {' | '.join(texts)} |")
    return lines


def after_a_year(name: str, cv: float, people: Sequence[PersonRecord]) -> str:
    """What milestones and recovery say after twelve months."""
    steps = [milestones(person) for person in people]
    rise = np.array([found.steps[list(Milestone).index(Milestone.RISE)].state is Seen.SEEN for found in steps])
    fits = [np.array([found.fit is fit for found in steps]) for fit in Fit]
    ends = [recovery(person) for person in people]
    reached = np.array([found.state in (Recovery.CONFIRMING, Recovery.CONFIRMED) for found in ends])
    asked = np.array([found.unrecovered for found in ends])
    cells = " | ".join(share(flags) for flags in (rise, *fits, reached, asked))
    return f"| {name} | {cv:.0%} | {cells} |"


def correlations(count: int) -> list[str]:
    """Quarterly B12 and monthly density over years: nothing in common, and two rises that have nothing in common."""
    lines = [
        "\nCorrelation: % of persons, CV 5 %\n",
        "| course | pairs | plain p up to 5 % | association as said |",
        "|---|---|---|---|",
    ]
    for row, (name, rise) in enumerate((("no change", 0.0), ("both rise by themselves", 0.06))):
        rng = np.random.default_rng([SEED, 100 + row])
        for pairs in (8, 12):
            found = np.array([_association(rng, pairs, rise) for _ in range(count)])
            lines.append(f"| {name} | {pairs} | {share(found[:, 0])} | {share(found[:, 1])} |")
    return lines


def _association(rng: np.random.Generator, pairs: int, rise: float) -> tuple[bool, bool]:
    """rise: of density in a year, as a share; B12 rises ten times as steeply."""
    months = 3 * pairs + 5
    start = dt.date(2022, 1, 12)
    days = [months_after(start, k) for k in range(months)]
    logs = np.log1p(rise) * np.arange(months) / 12 + 0.05 * rng.standard_normal(months)
    visits = tuple(
        VisitReading(k + 1, day, "one-site/1", "one", {"vertex": SiteReading("vertex", hairs, hairs / 2, 1, 2.0)})
        for k, (day, hairs) in enumerate(zip(days, (HAIRS * np.exp(logs)).tolist(), strict=True))
    )
    values = 400 * np.exp(10 * np.log1p(rise) * np.arange(pairs) / 4 + 0.2 * rng.standard_normal(pairs))
    labs = tuple(_b12(value, days[3 * k] - dt.timedelta(1)) for k, value in enumerate(values.tolist(), 1))
    error = FrameError(0.05, 100, measured=True)
    found = ladder(PersonRecord(days[-1], visits, {"vertex": 1.0}, error, error, labs=labs))
    plain = found.correlation.p if found.correlation is not None else None
    return plain is not None and plain <= 0.05, found.associated


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=PERSONS, help="per scenario and CV")
    count = parser.parse_args().persons
    began = time.perf_counter()
    recovered: dict[float, dict[float, Looks]] = {}
    year = [
        "\nAfter twelve months, % of persons\n",
        "| course | CV | rise seen | order fits | does not | cannot tell | target reached | asked (REQ-33) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for scenario in SCENARIOS:
        by_cv = {}
        for cv in CVS:
            people = tuple(persons(scenario, cv, count))
            by_cv[cv] = look(people, LOOKS if scenario.gain else range(2, VISITS + 1))
            year.append(after_a_year(scenario.name, cv, people))
        if scenario.gain:
            recovered[scenario.gain] = by_cv
        else:
            print("\n".join(told(scenario.name, by_cv, alarms=scenario.truth is unchanged)), flush=True)
        if scenario.truth is unchanged and not scenario.step:
            nadir = by_cv[0.05].nadir[:, [visits - 2 for visits in LOOKS]].mean(axis=0)
            print("\nNever used: 5 % above the lowest visit, CV 5 %, month 6 / 9 / 12:")
            print(" / ".join(f"{100 * x:.0f}" for x in nadir), "%")
    print("\n".join((*detections(recovered), *year, *correlations(count), *claim_table(MORE * count))))
    print(f"\n{count} persons per scenario and CV, {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
