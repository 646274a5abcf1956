"""The live view in Chromium, over the simulated camera: a head that is not where it was, and is led back."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cv2
import pytest
from flask import render_template_string
from waitress.server import create_server

from station.capture.guidance_sight import live_constellation
from station.clock import SimulatedClock
from station.density.engine import Engine
from station.density.model import load_model
from station.rig.preview import Preview, preview_px_per_mm, preview_size
from station.rig.profile import load_profile
from station.rig.protocols import Rig
from station.rig.simulated import WorldCamera, WorldLight
from station.service.live import Live
from station.service.live_place import Place, locator
from station.service.live_state import Phase
from station.values import Lamp
from station.world import World, simulated_person
from station.world.faults import NO_FAULTS, LiveFaults
from station.world.optics import Optics
from tests.browser.conftest import complains
from tests.service.live_rig import until
from tests.web.fixture_station import FixtureStation
from web import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
MOMENT = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
PAGE = """{% extends "base.html" %}{% block title %}Visit{% endblock %}
{% block scripts %}<script src="{{ asset('vendor/htmx/htmx.min.js') }}" defer></script>{% endblock %}
{% block main %}{% set live_capture = "/taken" %}{% include "live_panel.html" %}{% endblock %}"""


@dataclass
class Sight:
    """A station whose camera sees a simulated head. taken: photographs that the page asked for."""

    address: str
    live: Live
    world: World
    place: Place
    taken: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def sight() -> Iterator[Sight]:
    profile = load_profile("reference")
    optics = Optics(profile.width_px, profile.height_px, profile.px_per_mm)
    world = World(simulated_person("healthy", 5), optics, MOMENT.date())
    camera = WorldCamera(world, profile, SimulatedClock(MOMENT))
    rig = Rig(profile, camera, WorldLight(world), camera.place)
    engine = Engine(load_model("density"), threads=1)
    rig.light.switch(Lamp.CROSS)
    world.place_head("vertex", MOMENT)
    baseline = Preview(world.live(60.0, preview_size(profile)), preview_px_per_mm(profile), 0.0)
    world.hold_still()
    rig.light.switch(Lamp.OFF)
    _, ghost = cv2.imencode(".jpg", cv2.cvtColor(baseline.pixels, cv2.COLOR_RGB2BGR))
    live = Live(lambda: rig, locator(lambda: engine))
    station = FixtureStation()
    station.live_view = live
    app = create_app(station)
    server = create_server(app, host="127.0.0.1", port=0, threads=8)
    place = Place(live_constellation(baseline, engine), ghost.tobytes())
    made = Sight(f"http://127.0.0.1:{server.effective_port}", live, world, place)
    app.add_url_rule("/visit", "visit", lambda: render_template_string(PAGE, live=live))
    app.add_url_rule("/taken", "taken", lambda: made.taken.append("x") or ("", 204), methods=["POST"])
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield made
    live.close()
    server.close()
    thread.join(10)


@pytest.fixture
def opened(browser: Browser, sight: Sight) -> Iterator[Callable[..., Page]]:
    """Opens a page; at the end it fails when the page complained."""
    complaints: list[str] = []
    contexts = []
    sight.live.aim(None)
    sight.world.faults = NO_FAULTS
    sight.world.place_head("vertex", MOMENT)
    sight.world.hold_still()

    def look(path: str, width: int = 1024, height: int = 600, scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, has_touch=True, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if complains(m) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{sight.address}{path}", wait_until="commit")  # the picture never stops loading
        page.wait_for_selector('[data-phase="running"]', timeout=30_000)
        return page

    yield look
    for context in contexts:
        context.close()
    assert complaints == []


def overlap(page: Page) -> float:
    return float(page.locator('[data-live="overlap"]').evaluate("meter => meter.value"))


def test_a_head_that_moved_is_led_back(opened: Callable[..., Page], sight: Sight) -> None:
    sight.live.aim(sight.place)
    page = opened("/visit")
    assert until(lambda: overlap(page) > 90, 20)
    assert page.locator(".live-moves li").count() == 0
    assert page.locator('[data-live="arrows"]').is_hidden()
    sight.world.move_by(-9.0, 3.0, -8.0)
    page.wait_for_selector('[data-arrow="right"].wanted', timeout=20_000)
    moves = page.locator(".live-moves").inner_text()
    assert "Move 9\u00a0mm to the right." in moves
    assert "Move 1.7\u00a0mm up." in moves
    assert "Turn 8° clockwise." in moves
    assert "Follow the arrows" in page.locator(".live-say").inner_text()
    assert page.locator('[data-picture="site-off"]').is_visible()
    assert page.locator(".live-outline polygon").get_attribute("points")
    assert page.locator('[data-live="ghost"]').is_visible()
    page.locator('[data-live="ghost-on"]').uncheck()
    assert page.locator('[data-live="ghost"]').is_hidden()
    sight.world.move_by(9.33, -1.72, 8.0)
    assert until(lambda: overlap(page) > 90, 20)
    page.wait_for_selector('.live-now[data-ok="good"]', timeout=20_000)


def test_faults_show_their_picture_one_at_a_time(opened: Callable[..., Page], sight: Sight) -> None:
    page = opened("/live")
    page.wait_for_selector('.live-now[data-ok="good"]', timeout=20_000)
    for faults, picture in (
        (LiveFaults(exposure=0.05), "exposure-dark"),
        (LiveFaults(defocus_mm=0.2), "distance"),
        (LiveFaults(glare=0.6), "glare"),
        (LiveFaults(unparted=True), "parted"),
    ):
        sight.world.faults = faults
        page.wait_for_selector(f'[data-picture="{picture}"]:not([hidden])', timeout=20_000)
        assert page.locator("[data-picture]:not([hidden])").count() == 1
        sight.world.faults = NO_FAULTS
        page.wait_for_selector('.live-now[data-ok="good"]', timeout=20_000)


def test_the_button_works_by_touch_and_by_keys(opened: Callable[..., Page], sight: Sight) -> None:
    page = opened("/visit")
    sight.taken.clear()
    page.get_by_role("button", name="Take the photograph").tap()
    assert until(lambda: len(sight.taken) == 1)
    page.locator("h1, .live-say").first.click()
    page.evaluate("document.activeElement.blur()")
    for number, key in enumerate(("Space", "Enter"), 2):
        page.keyboard.press(key)
        assert until(lambda number=number: len(sight.taken) == number)


@pytest.mark.parametrize(("width", "height"), [(1024, 600), (1280, 800)])
def test_everything_fits_on_the_screen(opened: Callable[..., Page], sight: Sight, width: int, height: int) -> None:
    sight.live.aim(sight.place)
    page = opened("/visit", width, height)
    assert until(lambda: overlap(page) > 90, 20)
    for part in (".live-frame", ".live-now", ".live-overlap", ".live-button"):
        box = page.locator(part).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height, part
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for name in (".live-button", ".live-toggle", ".live-checks summary"):
        box = page.locator(name).bounding_box()
        assert box is not None
        assert box["height"] >= 44, name


def test_a_page_that_is_left_ends_its_view(opened: Callable[..., Page], sight: Sight) -> None:
    page = opened("/live")
    assert sight.live.state().phase is Phase.RUNNING
    page.goto(f"{sight.address}/about")
    assert until(lambda: sight.live.state().phase is Phase.OFF, 15)
    assert sight.world.lamp is Lamp.OFF
