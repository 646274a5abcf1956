"""The demonstration as a person sees it, in a real browser."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.browser.conftest import Demo, Visit

pytestmark = pytest.mark.browser

SIZES = [(1024, 600), (1280, 800)]
SCHEMES = ["light", "dark"]
TOUCH_PX = 44
DRAWN = "() => { const c = document.getElementById('course-chart'); return c.dataset.drawn && +c.dataset.drawn >= %d }"

OVERLAPS = """(selector) => {
  const boxes = [...document.querySelectorAll(selector)].map(e => [e.textContent, e.getBoundingClientRect()]);
  const found = [];
  boxes.forEach(([a, p], i) => boxes.slice(i + 1).forEach(([b, q]) => {
    const beside = p.left >= q.right - 1 || q.left >= p.right - 1;
    const below = p.top >= q.bottom - 1 || q.top >= p.bottom - 1;
    if (!beside && !below) found.push([a, b]);
  }));
  return found;
}"""

CONTROLS = "a[href], button, summary, input:not([type=radio]), input[type=radio]:checked"


def site_address(demo: Demo, number: int = 1) -> str:
    return f"{demo.person}/visit/{number}/site/vertex"


def picture(page: Any, selector: str) -> np.ndarray:
    """What an element looks like: (H, W, 3) float."""
    shot = Image.open(io.BytesIO(page.locator(selector).screenshot())).convert("RGB")
    return np.asarray(shot, dtype=np.float64)


def test_page_fills_while_the_year_is_measured(look: Visit, demo: Demo) -> None:
    """From the first seconds on, without a reload: the bar advances and measured visits appear."""
    page = look("/")
    page.wait_for_selector("#progress", timeout=60_000)
    page.evaluate("window.sameDocument = true")
    before = page.evaluate("+document.getElementById('progress').value")
    page.wait_for_function(f"() => +document.getElementById('progress').value >= {before + 3}", timeout=120_000)
    page.wait_for_function(DRAWN % 1, timeout=180_000)
    first = page.locator(".stop").count()
    page.wait_for_function(f"() => document.querySelectorAll('.stop').length > {first}", timeout=180_000)
    assert page.evaluate("window.sameDocument") is True
    assert "Photographs measured" in page.locator("#live label").inner_text()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_nothing_is_cut_off(look: Visit, two_visits: Demo, width: int, height: int, scheme: str) -> None:
    for path in (two_visits.person, f"{two_visits.person}/visit/1", site_address(two_visits), "/about"):
        page = look(path, width, height, scheme)
        page.wait_for_load_state("networkidle" if path != two_visits.person else "load")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        hidden = page.evaluate(
            """() => [...document.querySelectorAll('h1, h2, h3, .button, .segment, .switch, td, th, dt, dd')]
                 .filter(e => !e.matches('.hidden-title') && e.scrollWidth > e.clientWidth + 1)
                 .map(e => e.textContent.trim())"""
        )
        assert hidden == [], path


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_main_facts_need_no_scrolling(look: Visit, two_visits: Demo, width: int, height: int) -> None:
    page = look(two_visits.person, width, height)
    page.wait_for_function(DRAWN % 2)
    for selector in (".banner", "h1", "#headline", "#course-chart", "#visit-panel", "#timeline"):
        box = page.locator(selector).bounding_box()
        assert box is not None
        assert box["y"] >= 0, selector
        assert box["y"] + box["height"] <= height + 1, selector
    site = look(site_address(two_visits), width, height)
    for selector in ("#photo", ".numbers", "#opacity"):
        box = site.locator(selector).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height + 1, selector


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_labels_do_not_overlap(look: Visit, two_visits: Demo, width: int, height: int) -> None:
    page = look(two_visits.person, width, height)
    assert page.locator(".site").count() == 8
    assert page.evaluate(OVERLAPS, ".site text") == []
    assert page.evaluate(OVERLAPS, ".stop .day") == []
    assert page.evaluate(OVERLAPS, ".site-disc") == []


def test_pages_bring_their_own_typeface(look: Visit, two_visits: Demo) -> None:
    """A kiosk has few fonts: what fits here must fit there."""
    page = look(two_visits.person)
    page.wait_for_function(DRAWN % 2)
    loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert loaded == ["Source Sans 3"]
    asked = page.evaluate("performance.getEntriesByType('resource').map(e => e.name).filter(n => n.includes('woff2'))")
    assert len(asked) == 1, "the font is preloaded under another address than the style sheet names"


def test_chart_draws_both_densities(look: Visit, two_visits: Demo) -> None:
    page = look(two_visits.person)
    page.wait_for_function(DRAWN % 2)
    drawn = picture(page, "#course-chart canvas")
    tokens = page.evaluate(
        """() => ['--accent', '--second'].map(t => getComputedStyle(document.documentElement).getPropertyValue(t))"""
    )
    for token in tokens:
        colour = np.array([int(token.strip()[i : i + 2], 16) for i in (1, 3, 5)])
        assert (np.abs(drawn - colour).max(axis=2) < 8).sum() > 100, token


def test_chart_takes_a_new_size_at_once(look: Visit, two_visits: Demo) -> None:
    """As when a tablet is turned: bars, band and line stand where a fresh page draws them."""
    course = json.dumps(two_visits.course())
    pages = [look(f"{two_visits.person}?visit=1", *size, motion=True) for size in reversed(SIZES)]
    for page in pages:
        # The year grows meanwhile: both pages are to draw the same visits, with the same room for the chart.
        page.route("**/live?*", lambda route: route.fulfill(status=204))
        page.route("**/course", lambda route: route.fulfill(body=course, content_type="application/json"))
        page.reload()
        page.wait_for_function(DRAWN % 2)
        page.evaluate("document.getElementById('live').remove()")
    pages[0].set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
    pages[0].wait_for_timeout(100)
    turned, fresh = (picture(page, "#course-chart canvas") for page in pages)
    assert turned.shape == fresh.shape
    assert (np.abs(turned - fresh).max(axis=2) > 40).mean() < 0.002


def test_chart_and_table_have_the_same_numbers(look: Visit, two_visits: Demo) -> None:
    page = look(two_visits.person)
    page.locator("details:has(#course-table) summary").click()
    course = two_visits.course()
    for visit, row in zip(course["visits"][:2], page.locator("#course-table tbody tr").all()[:2], strict=True):
        text = row.inner_text()
        assert visit["date_text"] in text
        assert visit["hairs"]["text"] in text
        assert visit["fu"]["text"] in text


def test_a_visit_is_chosen_without_a_reload(look: Visit, two_visits: Demo) -> None:
    page = look(two_visits.person)
    page.evaluate("window.sameDocument = true")
    page.locator("#visit-1").tap()
    page.wait_for_function("() => document.getElementById('visit-panel-title').textContent.startsWith('Visit 1,')")
    assert page.locator("#visit-1").get_attribute("aria-current") == "true"
    assert page.url.endswith("?visit=1")
    assert page.evaluate("window.sameDocument") is True
    page.locator("#site-vertex").tap()
    page.wait_for_selector("#photo")
    assert page.url.endswith("/visit/1/site/vertex")


def test_opacity_slider_changes_the_map(look: Visit, two_visits: Demo) -> None:
    page = look(site_address(two_visits))
    page.wait_for_load_state("networkidle")
    slider = page.locator("#opacity")
    slider.focus()
    shots = {}
    for key, strength in (("Home", 0), ("End", 100)):
        slider.press(key)
        assert float(page.locator("#photo-map").get_attribute("opacity")) == strength / 100
        assert page.locator("#opacity-value").inner_text().startswith(str(strength))
        shots[strength] = picture(page, "#photo")
    assert np.abs(shots[0] - shots[100]).mean() > 10
    slider.press("ArrowLeft")
    assert float(page.locator("#photo-map").get_attribute("opacity")) == 0.95


def test_map_switches_between_units_and_hairs(look: Visit, two_visits: Demo) -> None:
    page = look(site_address(two_visits))
    assert page.locator("#photo-map").get_attribute("href").endswith("map-fu.png")
    assert page.locator("[data-legend=fu]").is_visible()
    page.locator("label.segment", has_text="Hairs/cm²").tap()
    assert page.locator("#photo-map").get_attribute("href").endswith("map-hairs.png")
    assert page.locator("[data-legend=hairs]").is_visible()
    assert not page.locator("[data-legend=fu]").is_visible()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_scale_bar_is_true_at_the_displayed_size(look: Visit, two_visits: Demo, width: int, height: int) -> None:
    page = look(site_address(two_visits), width, height)
    capture = page.locator("#site-page").get_attribute("data-capture")
    facts = two_visits.api(f"/api/capture/{capture}/points")
    shown, bar = (
        page.evaluate("id => document.getElementById(id).getBoundingClientRect().width", name)
        for name in ("photo-image", "scale-bar")
    )
    mm = float(page.locator(".scale-text").text_content().split("\u00a0")[0])
    assert bar == pytest.approx(mm * facts["px_per_mm"] * shown / facts["width_px"], abs=0.5)


def test_points_are_drawn_over_the_photograph(look: Visit, two_visits: Demo) -> None:
    page = look(site_address(two_visits))
    capture = page.locator("#site-page").get_attribute("data-capture")
    facts = two_visits.api(f"/api/capture/{capture}/points")
    assert facts["units"]
    for layer, key in (("photo-units", "units"), ("photo-roots", "hairs")):
        page.locator(f"[data-layer={layer}]").check()
        page.wait_for_function("id => document.getElementById(id).childElementCount > 0", arg=layer)
        places = page.evaluate(
            """id => [...document.querySelectorAll(`#${id} circle`)]
                 .map(c => [+c.getAttribute('cx'), +c.getAttribute('cy')])""",
            layer,
        )
        assert places == [[point["x_px"], point["y_px"]] for point in facts[key]]
        page.locator(f"[data-layer={layer}]").uncheck()
        assert not page.locator(f"#{layer}").is_visible()


def test_frames_and_visits_of_a_site_can_be_chosen(look: Visit, two_visits: Demo) -> None:
    page = look(site_address(two_visits))
    first = page.locator("#site-page").get_attribute("data-capture")
    page.locator("a.segment", has_text="Photo 2").tap()
    page.wait_for_url("**?frame=2")
    assert page.locator("#site-page").get_attribute("data-capture") != first
    page.locator("a[rel=next]").tap()
    page.wait_for_url("**/visit/2/site/vertex")


@pytest.mark.parametrize("name", ["overview", "visit", "site", "about"])
def test_every_control_is_reached_by_keyboard_and_shows_it(look: Visit, two_visits: Demo, name: str) -> None:
    paths = {
        "overview": two_visits.person,
        "visit": f"{two_visits.person}/visit/1",
        "site": site_address(two_visits),
        "about": "/about",
    }
    page = look(paths[name])
    # The year grows meanwhile: an update would put other controls in the place of those that were reached.
    page.route("**/live?*", lambda route: route.fulfill(status=204))
    page.wait_for_load_state("networkidle")
    page.evaluate(f"""() => document.querySelectorAll({CONTROLS!r}).forEach((e, i) => e.dataset.control = i)""")
    count = page.locator(CONTROLS).count()
    reached = set()
    unmarked = []
    for _ in range(3 * count):
        page.keyboard.press("Tab")
        control, marked = page.evaluate(
            """() => {
              const e = document.activeElement;
              const seen = e.closest('.segment') || e;
              const ring = e.querySelector('.site-ring');
              const outline = getComputedStyle(seen).outlineStyle !== 'none';
              return [e.dataset.control ?? e.id, outline || (!!ring && getComputedStyle(ring).stroke !== 'none')];
            }"""
        )
        if control in reached:
            continue
        reached.add(control)
        if not marked:
            unmarked.append(control)
    left = page.evaluate(
        f"""(reached) => [...document.querySelectorAll({CONTROLS!r})]
             .filter(e => e.checkVisibility() && !reached.includes(e.dataset.control ?? e.id)).map(e => e.outerHTML)""",
        sorted(reached),
    )
    assert left == []
    assert [control for control in unmarked if control] == []


@pytest.mark.parametrize("name", ["overview", "visit", "site"])
def test_controls_are_large_enough_to_touch(look: Visit, two_visits: Demo, name: str) -> None:
    paths = {"overview": two_visits.person, "visit": f"{two_visits.person}/visit/1", "site": site_address(two_visits)}
    page = look(paths[name])
    small = page.evaluate(
        """(least) => [...document.querySelectorAll('.button, .nav-link, .brand, .stop, .segment, .switch, summary,'
              + ' input[type=range], tbody th a, .site-ring')]
             .map(e => [e.outerHTML.slice(0, 120), e.getBoundingClientRect()])
             .filter(([, b]) => b.width && (b.height < least || b.width < least - 0.5))
             .map(([html, b]) => [html, b.width, b.height])""",
        TOUCH_PX - 0.5,
    )
    assert small == []


def test_about_names_the_model_and_the_limits(look: Visit, two_visits: Demo) -> None:
    page = look("/about")
    text = page.locator("main").inner_text()
    assert "It does not diagnose" in text
    assert "need prompt medical attention." in text
    assert page.locator(".facts .hash").inner_text().strip()
    assert page.locator("#card-title ~ *").count() > 0


def test_an_unknown_address_is_a_page_too(look: Visit, demo: Demo, browser: Any) -> None:
    page = browser.new_page()
    answer = page.goto(f"{demo.address}/person/NOBODY")
    assert answer.status == 404
    assert "Code of this message: not-found" in page.locator("main").inner_text()
    page.close()
