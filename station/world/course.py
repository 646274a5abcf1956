"""How hairs come and go over months, for each course that the simulated world knows.

A follicle is empty for two reasons. In the normal cycle a hair is shed and its follicle stays empty for a while
(telogen lasts about 100 days, 12 % of hairs are in it; domain reference 3.4). Under a course, the follicles whose
vulnerability lies below the course's loss are empty as well, so the same hairs go first and return last.
New hairs grow 0.35 mm a day (3.4); clipped short, they are of full length within days. A seasonal course loses
hairs with the calendar: shedding is estimated to peak in October and November (Kunz 2009, cited in 3.4).
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from station.errors import UsageError
from station.world.hairs import HairTable

EMPTY_MONTHS = 2.0
SHEDDING_PEAK_DAY = 305
"""Day of the year on which seasonal shedding is at its height: 1 November."""

DAYS_PER_YEAR = 365.25
TOP_SITES = frozenset({"frontal", "midscalp", "vertex", "temporal-left", "temporal-right"})


@dataclass(frozen=True, slots=True)
class Course:
    """Loss as a function of the month since baseline.

    months, loss: knots of the share of hairs lost at the top; side_factor: loss elsewhere as a multiple of it;
    thinning_per_year: relative loss of diameter per year at the top; seasonal: share of hairs that are gone at the
    height of the shedding season, besides; cycle: whether hairs come and go in their natural cycle as well.
    """

    name: str
    sentence: str
    months: tuple[float, ...]
    loss: tuple[float, ...]
    side_factor: float = 1.0
    thinning_per_year: float = 0.0
    seasonal: float = 0.0
    cycle: bool = True

    def loss_at(self, site: str, month: float, season: float = 0.0) -> float:
        """Share of hairs that the course has taken at this site and month. season: as `shedding_season` gives it."""
        loss = float(np.interp(month, self.months, self.loss))
        return (loss if site in TOP_SITES else loss * self.side_factor) + self.seasonal * season


COURSES: dict[str, Course] = {
    course.name: course
    for course in (
        Course("healthy", "Nothing but the normal hair cycle.", (0.0,), (0.0,)),
        Course("no-change", "Thinned evenly before the first visit, and unchanged since.", (0.0,), (0.15,)),
        Course(
            # Phases of the brief, REQ-26 to 29: shedding goes on at first, the first measurable rise falls in
            # months 3 to 6, the plateau in months 6 to 12; the gain of hairs is 14 % of the baseline.
            "b12-recovery",
            "Evenly thinned by B12 deficiency, corrected after the first visit.",
            (0.0, 2.0, 3.0, 9.0, 12.0),
            (0.16, 0.19, 0.18, 0.05, 0.04),
        ),
        Course(
            "pattern-loss",
            "Top and temples thin slowly, the back of the head stays.",
            (0.0, 24.0),
            (0.05, 0.33),
            side_factor=0.0,
            thinning_per_year=0.12,
        ),
        Course(
            "seasonal-shedding",
            "Every autumn some hairs are missing, all over the head; by spring they are back.",
            (0.0,),
            (0.04,),
            seasonal=0.08,
        ),
    )
}


def shedding_season(day: dt.date) -> float:
    """How far the yearly shedding has gone on a calendar day, 0 (spring) to 1 (1 November)."""
    turn = 2 * math.pi * (day.timetuple().tm_yday - SHEDDING_PEAK_DAY) / DAYS_PER_YEAR
    return (1 + math.cos(turn)) / 2


STILL = Course("still", "Nothing changes at all, not even in the hair cycle.", (0.0,), (0.0,), cycle=False)


def step_course(change: float, months: float = 0.0) -> Course:
    """A known change and no other: by `change` of the hairs of month 0 (-0.10: a tenth of them goes) right after it.

    Everywhere on the head alike, without hair cycle or season: what one course takes, another gives back from the
    same follicles. months: where given, the change comes evenly over so many months. Which hairs of a view have
    changed follows from `Truth.identity`; their share scatters around `change` as a random draw of hairs does.
    Raises UsageError for a change of -1 or less, or of more than 1.
    """
    if not -1 < change <= 1:
        raise UsageError(f"unknown change of the hairs {change:g}; choose a share above -1 and up to 1")
    before, after = (change / (1 + change), 0.0) if change > 0 else (0.0, -change)
    soon = 1 / 32  # of a month: less than a day
    sentence = f"{abs(change):.1%} of the hairs {'come' if change > 0 else 'go'}, and nothing else changes."
    return Course("step", sentence, (0.0, max(months, soon)), (before, after), cycle=False)


def present(hairs: HairTable, loss: float, month: float, *, cycling: bool = True) -> NDArray[np.bool_]:
    """(n,) True where the follicle carries a hair at this month. cycling: whether the hair cycle goes on."""
    if not cycling:
        return np.asarray(hairs.vulnerability >= loss)
    cycle = (hairs.cycle_phase * hairs.cycle_months + month) % hairs.cycle_months
    return np.asarray((hairs.vulnerability >= loss) & (cycle >= EMPTY_MONTHS))
