"""Two visits of the simulated head, from the record to the page: the same hairs, pictures that fit, and why not."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from station.clock import SimulatedClock
from station.errors import NotFoundError, UsageError
from station.rig.build import open_rig
from station.rig.protocols import Rig
from station.service.comparison_view import KEPT, LOST, NEW
from station.service.station import Station

MONTH = dt.timedelta(days=31)


class Visits:
    """A person at a small rig, a visit a month."""

    def __init__(self, station: Station, clock: SimulatedClock) -> None:
        self.station, self.clock = station, clock
        self.rig = open_rig(station.settings, clock)
        self.person = station.records.new_person(clock.now())

    def visit(self, site: str, frames: int, rig: Rig | None = None) -> None:
        for _ in range(frames):
            self.station.capture(rig or self.rig, self.person, site)
        self.clock.moment += MONTH

    @property
    def code(self) -> str:
        return self.person.code


@pytest.fixture
def visits(make_settings: Callable[..., object], clock: SimulatedClock, tmp_path: Path):  # type: ignore[no-untyped-def]
    rig = tmp_path / "middle.toml"
    rig.write_text(
        'id = "middle"\nname = "Middle rig"\nnote = "For tests."\n'
        "[camera]\nwidth_px = 1080\nheight_px = 810\npx_per_mm = 90.0\n[controls]\nexposure_us = 8000\n"
    )
    station = Station(make_settings(rig_profile=str(rig)), clock)  # type: ignore[arg-type]
    yield Visits(station, clock)
    station.close()


def test_two_visits_compared_from_the_record_to_the_pictures(visits: Visits) -> None:
    station, code = visits.station, visits.code
    visits.visit("vertex", 2)
    visits.visit("vertex", 2)
    assert station.comparison(code, "vertex", 1, 2).reason.key == "pair.not-measured"  # type: ignore[union-attr]
    station.measure_all()
    view = station.comparison(code, "vertex", 2, 1)
    assert view.reason is None
    assert view.before is not None
    assert view.after is not None
    assert (view.before.number, view.after.number) == (1, 2), "the earlier one first"
    assert (view.before.width_px, view.before.px_per_mm) == (1080, 90.0)
    assert view.counts[KEPT] > 80
    assert view.counts[LOST] + view.counts[NEW] < 0.25 * view.counts[KEPT]
    assert 0.4 < view.overlap <= 1
    assert view.residual_mm < 0.1
    assert view.hairs_change is not None
    interval = view.hairs_change.percent_interval
    assert interval.low < view.hairs_change.percent < interval.high
    assert [sentence.key for sentence in view.sentences][1:] == ["pair.fu", "pair.counts"]
    assert view.sentences[0].text()
    shown = [hair for hair in view.hairs if 0 <= hair.x_px <= 1080 and 0 <= hair.y_px <= 810]
    assert len(shown) > 0.8 * len(view.hairs)
    assert view.map is not None
    known = [value for row in view.map.hairs for value in row if value is not None]
    assert len(known) * view.map.pitch_mm**2 / 100 == pytest.approx(view.overlap_cm2, rel=0.15)

    before = _grey(station.photo(view.before.capture_id))
    after = _grey(station.photo(view.after.capture_id))
    warped = _grey(station.comparison_photo(code, "vertex", 1, 2))
    assert warped.shape == before.shape
    inner = np.s_[200:600, 250:800]
    assert _alike(before[inner], warped[inner]) > _alike(before[inner], after[inner]) + 0.25
    small = Image.open(io.BytesIO(station.comparison_photo(code, "vertex", 1, 2, 400)))
    assert small.size == (400, 300)
    drawn = Image.open(io.BytesIO(station.comparison_map(code, "vertex", 1, 2, "hairs")))
    assert (drawn.mode, drawn.width) == ("RGBA", 960)
    with pytest.raises(UsageError, match="no map of 'calibre'"):
        station.comparison_map(code, "vertex", 1, 2, "calibre")

    station.erase(code)
    with pytest.raises(NotFoundError):
        station.comparison(code, "vertex", 1, 2)


def test_why_visits_cannot_be_compared(visits: Visits) -> None:
    station, code = visits.station, visits.code

    def reason(site: str, a: int, b: int) -> str:
        found = station.comparison(code, site, a, b)
        assert found.reason is not None
        assert (found.hairs, found.map, found.sentences) == ((), None, ())
        return found.reason.key

    visits.visit("vertex", 1)
    other = dataclasses.replace(visits.rig, place=lambda _site, moment, n: visits.rig.place("occipital", moment, n))
    visits.visit("vertex", 1, other)
    elsewhere = dataclasses.replace(visits.rig.profile, id="elsewhere")
    strange = open_rig(visits.station.settings, visits.clock)
    strange = dataclasses.replace(strange, profile=elsewhere)
    strange.camera._profile = elsewhere  # type: ignore[attr-defined]
    visits.visit("vertex", 1, strange)
    visits.visit("frontal", 1)
    station.measure_all()
    assert reason("vertex", 1, 2) == "pair.elsewhere"
    assert reason("vertex", 1, 3) == "pair.other-rig"
    assert reason("vertex", 1, 4) == "pair.no-photograph"
    with pytest.raises(NotFoundError, match="cannot be compared"):
        station.comparison_photo(code, "vertex", 1, 2)
    with pytest.raises(UsageError):
        station.comparison(code, "vertex", 1, 1)
    for site, later in (("vertex", 9), ("nose", 2)):
        with pytest.raises(NotFoundError):
            station.comparison(code, site, 1, later)
    with pytest.raises(NotFoundError):
        station.comparison("NOBODY22", "vertex", 1, 2)


def _grey(jpeg: bytes) -> np.ndarray:
    """Blurred a little: hairs are combed otherwise at each visit, and their roots are what stays."""
    grey = np.asarray(Image.open(io.BytesIO(jpeg)).convert("L"), np.float32)
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 6.0) - cv2.GaussianBlur(grey, (0, 0), 40.0))


def _alike(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])
