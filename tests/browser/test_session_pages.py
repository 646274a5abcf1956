"""A visit in a real browser on both screens: every step by touch, the live view, and a face that never leaves it."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from waitress.server import create_server

from station.clock import SystemClock
from station.service.station import Station
from station.settings import load
from tests.browser.conftest import complains
from tests.browser.test_demo_pages import SIZES, TOUCH_PX
from tests.service.conftest import RIG
from web import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

TOUCHED = (
    ".visit .button, .visit-start .button, .nav-link, .brand, summary, .choice span, "
    "input:not([type=hidden], [type=radio], [type=file])"
)
USUAL = {"head": "free", "state": "dry", "products": "none", "length": "trimmed", "cut": "no", "dye": "no"}


@dataclass
class Served:
    address: str
    station: Station


@pytest.fixture
def served(tmp_path: Path, chromium: str) -> Iterator[Served]:
    rig = tmp_path / "small.toml"
    rig.write_text(RIG)
    settings = load(
        environment={},
        data_folder=tmp_path / "data",
        camera_driver="simulated",
        rig_profile=str(rig),
        storage_reserve_mb=20,
    )
    station = Station(settings, SystemClock())
    station.start()
    server = create_server(create_app(station), host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.effective_port}", station)
    finally:
        station.close()
        server.close()
        thread.join(10)


Opened = Callable[..., "Page"]


@pytest.fixture
def opened(browser: Browser, served: Served) -> Iterator[Opened]:
    contexts, complaints = [], []

    def open_page(path: str = "/session", width: int = 1024, height: int = 600, language: str = "en") -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if complains(m) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda r: complaints.append(r.url) if not r.url.startswith(served.address) else None)
        page.goto(f"{served.address}/language/{language}?back={path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def fits(page: Page, width: int, what: str) -> None:
    """Nothing is wider than the screen, and everything that is touched is large enough."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width, what
    small = page.evaluate(
        """([selector, least]) => [...document.querySelectorAll(selector)]
             .map(e => [e.outerHTML.slice(0, 120), e.getBoundingClientRect()])
             .filter(([, b]) => b.width && (b.height < least || b.width < least)).map(([html]) => html)""",
        [TOUCHED, TOUCH_PX - 0.5],
    )
    assert small == [], what


def at_the_first_site(page: Page, fit: Callable[[str], None] = lambda _what: None) -> None:
    fit("start")
    page.locator("form:has(input[name=new]) button").first.tap()
    page.wait_for_selector(".visit-person")
    fit("person")
    page.locator(".visit-person .primary").tap()
    page.wait_for_selector(".question")
    fit("questions")
    for name, value in USUAL.items():
        page.evaluate("([n, v]) => document.querySelector(`input[name=${n}][value=${v}]`).click()", [name, value])
    page.locator(".visit-bar button").tap()
    page.wait_for_selector("#take")
    page.wait_for_timeout(300)  # htmx takes up what it has put into the page
    fit("site")


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_every_step_fits_the_screen(opened: Opened, served: Served, width: int, height: int, language: str) -> None:
    page = opened(width=width, height=height, language=language)
    at_the_first_site(page, lambda what: fits(page, width, what))
    take = page.locator("#take button").bounding_box()
    picture = page.locator(".live-frame").bounding_box()
    assert take is not None
    assert picture is not None
    assert take["y"] + take["height"] <= height, "the button needs no scrolling"
    assert picture["y"] + picture["height"] <= height, "nor does the picture"
    page.locator("form[hx-post$=review] button").tap()
    page.wait_for_selector(".review-sites")
    fits(page, width, "review")
    page.locator("a[href$=views]").tap()
    page.wait_for_selector(".view-card")
    fits(page, width, "views")


def test_a_site_is_taken_by_touch_and_undone(opened: Opened, served: Served) -> None:
    page = opened()
    at_the_first_site(page)
    served.station.live.on_ready = None  # by touch alone
    for _ in range(3):
        before = page.locator("h1").inner_text(), page.locator(".strip img").count()
        page.locator("#take button").tap()
        page.wait_for_function(
            "([h, n]) => document.querySelector('h1').innerText !== h"
            " || document.querySelectorAll('.strip img').length > n",
            arg=list(before),
        )
    assert page.locator("h1").inner_text() == "Midscalp"
    page.get_by_role("button", name="Begin anew: Frontal").tap()
    page.wait_for_function("() => document.querySelector('h1').innerText === 'Frontal'")
    assert page.locator(".strip img").count() == 0
    assert page.locator(".mark.now title").text_content() == "Frontal: next"
    view = served.station.sessions.resume()
    assert view is not None
    assert [each.reason.text() for each in view.set_aside] == ["the site was begun anew"] * 3


def test_the_live_view_takes_a_photograph_by_itself_and_the_page_follows(opened: Opened, served: Served) -> None:
    page = opened()
    at_the_first_site(page)
    page.evaluate("document.getElementById('live-view').dataset.same = 'yes'")
    page.wait_for_selector(".strip img", timeout=90_000)
    assert page.evaluate("document.getElementById('live-view').dataset.same") == "yes", "the live picture goes on"
    view = served.station.sessions.resume()
    assert view is not None
    assert view.sites[0].taken


def test_two_quick_touches_are_one_photograph(opened: Opened, served: Served) -> None:
    page = opened()
    at_the_first_site(page)
    served.station.live.on_ready = None
    page.evaluate("() => { const b = document.querySelector('#take button'); b.click(); b.click(); }")
    page.wait_for_selector(".strip img")
    page.wait_for_timeout(1500)
    view = served.station.sessions.resume()
    assert view is not None
    assert len(view.sites[0].taken) == 1


def test_a_face_is_blank_before_it_leaves_the_browser(
    opened: Opened, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened()
    at_the_first_site(page)
    page.locator("form[hx-post$=review] button").tap()
    page.wait_for_selector(".review-sites")
    page.locator("a[href$=views]").tap()
    pixels = np.random.default_rng(5).integers(0, 256, (600, 400, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "face.png")
    came: list[Any] = []
    store = served.station.views.store

    def watched(code: str, view: str, data: bytes, line: float | None) -> int:
        came.append((data, line))
        return store(code, view, data, line)

    monkeypatch.setattr(served.station.views, "store", watched)
    card = page.locator("#view-frontal")
    card.locator("input[type=file]").set_input_files(tmp_path / "face.png")
    card.locator("canvas").wait_for(state="visible")
    assert card.locator("input[type=range]").input_value() == "35", "the safe default"
    card.locator("input[type=range]").fill("45")
    card.locator(".store").tap()
    card.locator(".stored").wait_for()
    ((body, line),) = came
    assert line == 0.45
    left = np.asarray(Image.open(io.BytesIO(body)), dtype=np.int16)
    assert (abs(left[282:] - 96) < 6).all(), "what came to the station is blank below the line"
    assert left[:258].std() > 30
    view = served.station.sessions.resume()
    assert view is not None
    stored = served.station.views.of_visit(view.code)[0].stored
    assert stored is not None
    kept = np.asarray(Image.open(io.BytesIO(served.station.views.picture(view.code, stored))), dtype=np.int16)
    assert (abs(kept[282:] - 96) < 6).all()


def test_the_keyboard_reaches_every_answer(opened: Opened) -> None:
    page = opened()
    page.locator("form:has(input[name=new]) button").first.tap()
    page.wait_for_selector(".visit-person")
    page.locator(".visit-person .primary").press("Enter")
    page.wait_for_selector(".question")
    page.locator("input[name=head]").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("input[name=head]:checked").get_attribute("value") == "covered"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "state"
