"""What people, clinics and laboratories enter, as plain values: the record stores them, the trends read them.

What was typed or printed is kept word for word beside what was derived from it. Dates are calendar dates where the
person stood; a dose keeps the unit it was written in. `review` names why an entry needs a second look (keys of the
texts in `station.trends.wording`); an entry that is marked is shown and never reasoned with.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass, field


class Route(enum.StrEnum):
    """How a substance is taken (REQ-23)."""

    ORAL = "oral"
    SUBLINGUAL = "sublingual"
    INTRAMUSCULAR = "im"
    SUBCUTANEOUS = "sc"
    NASAL = "nasal"
    DIET = "diet"
    TOPICAL = "topical"


class RegimenKind(enum.StrEnum):
    """What a regimen is for, as entered: it decides which bar it becomes on the time axis."""

    B12 = "b12"
    MAINTENANCE = "b12-maintenance"
    CO_SUPPLEMENT = "co-supplement"
    OTHER_TREATMENT = "other-treatment"


class EventKind(enum.StrEnum):
    """What else happened to the hair or the body (domain reference 3.6)."""

    ILLNESS = "illness"
    SURGERY = "surgery"
    CHILDBIRTH = "childbirth"
    WEIGHT_LOSS = "weight-loss"
    STRESS = "stress"
    HAIRCUT = "haircut"
    DYE = "dye"
    OTHER = "other"


class ShedMethod(enum.StrEnum):
    """How shed hairs were counted; only counts of one method are ever compared (domain reference 3.4)."""

    COMB_60S = "comb-60s"
    WASH_24H = "wash-24h"
    WASH_5D = "wash-5d"
    DAILY = "daily"
    GRADE = "grade"


class LabFlag(enum.StrEnum):
    """Circumstances of a blood draw that change what a result means (domain reference 2.4)."""

    BIOTIN = "biotin"
    INJECTION_14D = "injection-14d"
    ON_TREATMENT = "on-treatment"
    PREGNANCY = "pregnancy"
    ORAL_CONTRACEPTIVE = "oral-contraceptive"
    FASTING = "fasting"
    ACUTE_ILLNESS = "acute-illness"
    KIDNEY_DISEASE = "kidney-disease"
    LIVER_DISEASE = "liver-disease"
    NITROUS_OXIDE = "nitrous-oxide"


@dataclass(frozen=True, slots=True)
class LabEntry:
    """A laboratory result as it was printed.

    analyte: id in `station.labs` ("b12"); text: the result word for word ("<150"); comparator: "<", "<=", "=", ">=",
    ">" or "" when no number could be read; number: as printed, in `unit`; low, high: the interval that the text
    stands for, in `unit` (None: unbounded; both equal the number for "="); unit: UCUM; reference: the range as printed,
    with ref_low and ref_high where it could be read; supersedes: id of the result that the laboratory corrected.
    """

    analyte: str
    text: str
    comparator: str
    number: float | None
    low: float | None
    high: float | None
    unit: str
    drawn: dt.date
    reported: dt.date | None = None
    reference: str = ""
    ref_low: float | None = None
    ref_high: float | None = None
    laboratory: str = ""
    method: str = ""
    flags: tuple[str, ...] = ()
    source: str = "typed"
    note: str = ""
    supersedes: int | None = None
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegimenEntry:
    """A substance that is taken by a plan. schedule: id in `station.labs.regimens` ("daily", "every-other-day",
    "weekly", "monthly", "as-needed"); end None: still taken; prescriber: as entered ("own choice" is one)."""

    kind: str
    substance: str
    form: str
    dose: float | None
    dose_unit: str
    route: str
    schedule: str
    start: dt.date
    end: dt.date | None = None
    prescriber: str = ""
    template: str = ""
    note: str = ""
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DoseEntry:
    """One dose that was given, for injections. regimen: id of its regimen on record, or None."""

    given: dt.date
    substance: str
    dose: float | None
    dose_unit: str
    route: str
    regimen: int | None = None
    note: str = ""
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventEntry:
    """Something that happened, see `EventKind`."""

    kind: str
    happened: dt.date
    note: str = ""
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShedEntry:
    """A shed count. count: hairs, or the grade for the visual grade; short: how many of them are 3 cm or shorter
    (None: not told apart); hours_since_wash, hair_length_cm, comb, replicate: what makes counts comparable;
    counted_by: "hand" or "tray"."""

    method: str
    counted: dt.date
    count: int
    short: int | None = None
    hours_since_wash: float | None = None
    hair_length_cm: float | None = None
    comb: str = ""
    replicate: int = 1
    counted_by: str = "hand"
    note: str = ""
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswersEntry:
    """The questionnaire (REQ-04 to 07, 34; domain reference 1.9 A15). None and "": not answered. The latest counts.

    diet: "omnivore", "vegetarian", "vegan", "other"; thinning: "none", "diffuse", "temples", "vertex", "other";
    onset: "weeks-months", "years"; hair_quality: of "thin", "brittle", "greying", "normal"; symptoms: "none" or
    of "fatigue", "numbness", "cognitive", "walking", "vision", "confusion", "severe-fatigue"; greying_share: per cent,
    estimated by the person; dates in "_since" are as well as they are remembered.
    """

    answered: dt.date
    diet: str = ""
    diet_since: dt.date | None = None
    metformin: bool | None = None
    metformin_dose: str = ""
    metformin_since: dt.date | None = None
    gastric_bypass: bool | None = None
    gastric_bypass_type: str = ""
    gastric_bypass_date: dt.date | None = None
    crohns: bool | None = None
    coeliac: bool | None = None
    alcohol_heavy: bool | None = None
    ppi: bool | None = None
    ppi_since: dt.date | None = None
    nitrous_oxide: bool | None = None
    pregnant: bool | None = None
    thinning: str = ""
    onset: str = ""
    hair_quality: tuple[str, ...] = ()
    symptoms: tuple[str, ...] = ()
    greying_share: float | None = None
    note: str = ""
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileEntry:
    """What stays. One per person; the latest counts. sex: "female", "male" or ""; years of age follow from born."""

    born: dt.date | None = None
    sex: str = ""
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HairlineEntry:
    """The hairline as marked on the frontal view, in mm.

    mid_mm: from the glabella up to the hairline on the midline; left_mm, right_mm: how far the hairline of each temple
    lies behind the line through the midline mark (depth of recession); bridge: "solid", "sparse", "none" or "" where it
    was not judged: the hair between frontal and vertex.
    """

    marked: dt.date
    mid_mm: float
    left_mm: float
    right_mm: float
    bridge: str = ""
    marked_by: str = ""
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrichogramEntry:
    """Shares of a trichogram made elsewhere (REQ-04), in per cent."""

    made: dt.date
    anagen_percent: float
    telogen_percent: float
    note: str = ""
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SkipEntry:
    """A step of the baseline that was left out on purpose. step: "baseline-lab", "shed"; reason: as typed (REQ-08)."""

    step: str
    skipped: dt.date
    reason: str
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AcknowledgedEntry:
    """The disclaimer was read and acknowledged (REQ-41). wording: version of the text."""

    acknowledged: dt.date
    wording: str
    review: tuple[str, ...] = field(default=())


Entry = (
    LabEntry
    | RegimenEntry
    | DoseEntry
    | EventEntry
    | ShedEntry
    | AnswersEntry
    | ProfileEntry
    | HairlineEntry
    | TrichogramEntry
    | SkipEntry
    | AcknowledgedEntry
)
