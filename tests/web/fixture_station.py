"""A station with plausible records in memory, for the unit tests of the pages. The browser tests use the real one."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from station.capture.protocol import load_protocol
from station.errors import NotFoundError
from station.records.repeatability import RepeatabilityRow
from station.service.comparison_view import ComparisonView
from station.service.course import repeatability
from station.service.live import Live
from station.service.repeatability_view import RepeatabilityView, repeatability_view
from station.service.trends import Findings
from station.service.views import (
    AboutView,
    CaptureView,
    Change,
    CourseView,
    Estimate,
    PersonView,
    Progress,
    SiteView,
    VisitView,
)
from station.trends.analysis import analyse
from station.trends.sentences import Number, say
from station.values import Calibre, Interval
from tests.trends.courses import RECOVERY, treated
from tests.web.fixture_comparison import compared
from tests.web.fixture_health import FixtureHealth

CODE = "DEMO-7K2M"
START = dt.date(2025, 3, 3)
SITES = (
    ("frontal", "Frontal", 0.5, 0.17),
    ("midscalp", "Midscalp", 0.5, 0.42),
    ("vertex", "Vertex", 0.5, 0.68),
    ("parietal-left", "Parietal, left", 0.22, 0.5),
    ("parietal-right", "Parietal, right", 0.78, 0.5),
    ("temporal-left", "Temporal, left", 0.19, 0.28),
    ("temporal-right", "Temporal, right", 0.81, 0.28),
    ("occipital", "Occipital", 0.5, 0.91),
)
COURSE = (1.0, 0.96, 0.91, 0.85, 0.81, 0.8, 0.83, 0.88, 0.92, 0.95, 0.97, 0.99, 0.98)
MDC = 9.8
WIDTH, HEIGHT, PX_PER_MM = 1200, 900, 135.0


def estimate(value: float, area: float, frames: int, spread: float = 0.07) -> Estimate:
    return Estimate(value, Interval(value * (1 - spread), value * (1 + spread)), round(value * area), area, frames)


class FixtureStation:
    """visits: how many visits are measured; person_sites: the protocol's sites; demo: whether it is a demonstration."""

    def __init__(
        self,
        visits: int = 13,
        *,
        demo: bool = True,
        running: bool = False,
        partial: bool = False,
        acknowledged: bool = True,
    ) -> None:
        self.visits = visits
        self.demo = demo
        self.running = running
        self.partial = partial
        self.record = treated(RECOVERY)
        self.health_record = FixtureHealth(CODE, acknowledged)
        self.live_view: Live | None = None
        self.runs: tuple[RepeatabilityRow, ...] = ()
        self.card = "# Card\n\nTrained on the simulated world.\n\n| set | error |\n|---|---:|\n| test | 3 % |\n"

    def about(self) -> AboutView:
        return AboutView(
            software="hair-density-station 0.1.0",
            model="density-small",
            model_sha256="ab" * 32,
            engine="ai-edge-litert 2.1.6",
            model_card_markdown=self.card,
            data_folder="/var/lib/station",
            rig="demonstration rig",
            rig_note="Simulated rig: its field of 12 x 9 mm is about a sixth of the reference rig's.",
        )

    @property
    def live(self) -> Live | None:
        return self.live_view

    def demo_code(self) -> str | None:
        return CODE if self.demo else None

    def person(self, code: str) -> PersonView:
        if code != CODE:
            raise NotFoundError(f"no person {code!r}", person="There is no record under this code.")
        visits = tuple(self._visit(number) for number in range(1, self.visits + 1))
        complete = [visit for visit in visits if visit.complete]
        return PersonView(
            CODE,
            "Demo person",
            self.demo,
            CourseView(
                visits,
                self._change(complete, "fu"),
                self._change(complete, "hairs"),
                self._band(complete, "fu"),
                self._band(complete, "hairs"),
            ),
        )

    def findings(self, code: str) -> Findings:
        return Findings(self.person(code).code, self.demo, analyse(self.record))

    def calendar(self, code: str, *, detailed: bool, language: str, interpretation: bool) -> bytes:
        found = self.findings(code)
        return found.calendar(b"k" * 32, detailed=detailed, language=language, interpretation=interpretation)

    def visit(self, code: str, number: int) -> VisitView:
        for visit in self.person(code).course.visits:
            if visit.number == number:
                return visit
        raise NotFoundError(f"no visit {number}", person=f"There is no visit {number} in this record.")

    def captures(self, code: str, number: int, site: str) -> tuple[CaptureView, ...]:
        view = self.visit(code, number).site(site)
        if view is None:
            raise NotFoundError(f"no site {site!r}")
        states = {0: "measured", 1: "failed", 2: "captured"} if site == "occipital" else {}
        return tuple(
            self._capture(i, frame, states.get(frame, "measured"), view) for frame, i in enumerate(view.capture_ids)
        )

    def photo(self, capture_id: int, width: int | None = None) -> bytes:
        if capture_id >= 100_000:
            raise NotFoundError(f"no capture {capture_id}")
        rng = np.random.default_rng(capture_id)
        skin = np.clip(rng.normal((205, 165, 140), 6, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8)
        image = Image.fromarray(skin)
        if width is not None and width < WIDTH:
            image = image.resize((width, round(HEIGHT * width / WIDTH)))
        out = io.BytesIO()
        image.save(out, "JPEG")
        return out.getvalue()

    def map_png(self, capture_id: int, kind: str) -> bytes:
        rows = np.linspace(0, 255, 60, dtype=np.uint8)
        plane = np.stack([np.tile(rows, (45, 1))] * 3 + [np.full((45, 60), 255, np.uint8)], axis=-1)
        out = io.BytesIO()
        Image.fromarray(plane if kind == "fu" else plane[:, ::-1].copy(), "RGBA").save(out, "PNG")
        return out.getvalue()

    def points(self, capture_id: int) -> dict[str, Any]:
        rng = np.random.default_rng(capture_id)
        spots = [
            {"x_px": float(x * WIDTH), "y_px": float(y * HEIGHT), "x_mm": float(x * 8.9), "y_mm": float(y * 6.7)}
            for x, y in rng.random((40, 2))
        ]
        return {"units": [spot | {"hairs": 2, "score": 0.9} for spot in spots], "hairs": spots}

    def repeatability(self, code: str | None = None) -> RepeatabilityView:
        rows = tuple(row for row in self.runs if code is None or row.person == code)
        return repeatability_view(
            rows,
            repeatability((), self.runs),
            load_protocol(),
            person=code or "",
            rig="Demonstration rig",
            model="density-small",
            simulated=True,
        )

    def comparison(self, code: str, site: str, before: int, after: int) -> ComparisonView:
        return compared(self.person(code), site, before, after)

    def comparison_photo(self, code: str, site: str, before: int, after: int, width: int | None = None) -> bytes:
        return self.photo(after * 1000, width)

    def comparison_map(self, code: str, site: str, before: int, after: int, kind: str) -> bytes:
        return self.map_png(after, kind)

    def progress(self) -> Progress:
        done = self.visits * 16
        return Progress(self.running, done, 208, f"Visit {self.visits} is being measured", eta_s=130.0)

    def _visit(self, number: int) -> VisitView:
        last = number == self.visits and self.partial
        sites = tuple(self._site(number, i, missing=last and i > 4) for i in range(len(SITES)))
        date = START + dt.timedelta(days=30 * (number - 1))
        factor = COURSE[(number - 1) % len(COURSE)]
        fu = None if last else estimate(82 * (1 - (1 - factor) / 3), 10.0, 16, 0.04)
        hairs = None if last else estimate(168 * factor, 10.0, 16, 0.04)
        return VisitView(number, date, "simulated", "eight sites", fu, hairs, sites, not last)

    def _site(self, number: int, index: int, *, missing: bool) -> SiteView:
        site, name, x, y = SITES[index]
        factor = COURSE[(number - 1) % len(COURSE)]
        base = 74 + 5 * (index % 4)
        planned = 3 if number == 1 else 2
        ids = tuple(number * 1000 + index * 10 + frame for frame in range(planned))
        return SiteView(
            site,
            name,
            x,
            y,
            planned,
            0 if missing else planned - (site == "occipital"),
            1 if site == "occipital" else 0,
            None if missing else estimate(base * (1 - (1 - factor) / 3), 1.24, planned),
            None if missing else estimate(2.05 * base * factor, 1.24, planned),
            None if missing else 2.05 * factor,
            ("12 % of the photograph is out of focus and was left out.",) if site == "vertex" else (),
            () if missing else ids,
        )

    def _capture(self, capture_id: int, frame: int, state: str, site: SiteView) -> CaptureView:
        measured = state == "measured"
        return CaptureView(
            capture_id=capture_id,
            frame_number=frame + 1,
            state=state,
            error="The photograph is too dark to be counted." if state == "failed" else "",
            taken=dt.datetime(2025, 3, 3, 9, 30, tzinfo=dt.UTC),
            clock_status="simulated",
            width_px=WIDTH,
            height_px=HEIGHT,
            px_per_mm=PX_PER_MM,
            fu=replace(site.fu, frames=1) if measured and site.fu else None,
            hairs=replace(site.hairs, frames=1) if measured and site.hairs else None,
            warnings=site.warnings,
            model="density-small",
            engine="ai-edge-litert 2.1.6",
            calibration="demo-rig sha256:1234",
            image_sha256=hashlib.sha256(str(capture_id).encode()).hexdigest(),
            map_max_fu_per_cm2=140.0,
            map_max_hairs_per_cm2=280.0,
            calibre=self._calibre(frame) if measured else None,
            grey_share=0.125 if measured else None,
        )

    def _calibre(self, frame: int) -> Calibre:
        if frame:
            return Calibre(
                None, None, None, 30.0, 140, 31.0, "Edges are 31 um wide, and thin hairs take 25 um or less."
            )
        return Calibre(61.4, 63.0, 0.082, 30.0, 1140, 21.5)

    def _change(self, complete: list[VisitView], key: str) -> Change | None:
        if len(complete) < 2:
            return None
        first, latest = getattr(complete[0], key), getattr(complete[-1], key)
        percent = (latest.value / first.value - 1) * 100
        source = say("error.default-none", share=Number(7, 0, unit="%"), needed=10, pairs=0)
        return Change(percent, MDC, abs(percent) > MDC, 3.5, source, "pair", complete[0].date)

    def _band(self, complete: list[VisitView], key: str) -> tuple[float, float] | None:
        if len(complete) < 2:
            return None
        start = getattr(complete[0], key).value
        return start * (1 - MDC / 100), start / (1 - MDC / 100)
