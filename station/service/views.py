"""What pages and the API may know: plain, read-only views of the record. No pixels, only addresses of them.

Every number carries its error; the unit is in the field's name.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from station.trends.sentences import Sentence
from station.values import Calibre, Interval


@dataclass(frozen=True, slots=True)
class Estimate:
    """A density with its error. interval: 90 %; count and area_cm2: what it rests on."""

    value: float
    interval: Interval
    count: int
    area_cm2: float
    frames: int


@dataclass(frozen=True, slots=True)
class SiteView:
    """One site of one visit. fu and hairs: None until the first frame is measured."""

    site: str  # id of the protocol: "frontal", "midscalp", "vertex", "parietal-left", ...
    name: str  # for people: "Frontal"
    head_x: float  # place on the head chart seen from above, 0 (left) to 1 (right); nose at the top
    head_y: float  # 0 (forehead) to 1 (nape)
    frames_planned: int
    frames_done: int
    frames_failed: int
    fu: Estimate | None  # per cm2
    hairs: Estimate | None  # per cm2
    hairs_per_fu: float | None
    warnings: tuple[str, ...]
    capture_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class VisitView:
    """One visit: mean over the protocol's sites with their weights; None while a site is missing."""

    number: int  # 1 is the baseline
    date: dt.date
    clock_status: str
    protocol: str
    fu: Estimate | None
    hairs: Estimate | None
    sites: tuple[SiteView, ...]
    complete: bool

    def site(self, site: str) -> SiteView | None:
        return next((view for view in self.sites if view.site == site), None)


@dataclass(frozen=True, slots=True)
class Change:
    """The change that is told now, in per cent, beside the minimal detectable change (95 %).

    rule: "pair" for the latest visit against the baseline, "ends" for the mean of the last three visits against that of
    the first three; since: the first visit that was compared.
    """

    percent: float
    mdc_percent: float
    beyond_error: bool
    cv_percent: float  # coefficient of variation of one visit's mean
    cv_source: Sentence  # from how many repeat pairs, or the default until there are enough
    rule: str
    since: dt.date


@dataclass(frozen=True, slots=True)
class CourseView:
    """The course over all visits, for the charts. fu_band, hairs_band: densities per cm2 between which one visit like
    the latest cannot be told from the baseline visit; None without two comparable ones."""

    visits: tuple[VisitView, ...]
    fu_change: Change | None = None
    hairs_change: Change | None = None
    fu_band: tuple[float, float] | None = None
    hairs_band: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person as the pages show them: a pseudonymous code and a label, no more."""

    code: str
    label: str
    demonstration: bool
    course: CourseView


@dataclass(frozen=True, slots=True)
class CaptureView:
    """One photograph with its measurement, for the site page. state: captured, measured, failed."""

    capture_id: int
    frame_number: int
    state: str
    error: str
    taken: dt.datetime
    clock_status: str
    width_px: int
    height_px: int
    px_per_mm: float
    fu: Estimate | None
    hairs: Estimate | None
    warnings: tuple[str, ...]
    model: str
    engine: str
    calibration: str
    image_sha256: str
    map_max_fu_per_cm2: float  # upper end of the map's colour scale, the same for all visits of a person
    map_max_hairs_per_cm2: float  # the same for the map of hairs
    calibre: Calibre | None = None
    grey_share: float | None = None
    short_share: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Work under way. done and total count photographs; text says what is being done."""

    running: bool
    done: int
    total: int
    text: str
    error: str = ""
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class AboutView:
    """What the station runs on: shown on the About page."""

    software: str
    model: str
    model_sha256: str
    engine: str
    model_card_markdown: str
    data_folder: str
    rig: str
    rig_note: str  # for the demonstration: that its field is smaller than the reference rig's
