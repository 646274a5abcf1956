"""Two visits compared in a real browser: the line moves by keyboard, mouse and finger, points and map are switched."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Demo, Visit
from tests.browser.test_demo_pages import SIZES, TOUCH_PX

pytestmark = pytest.mark.browser


def opened(look: Visit, demo: Demo, **options: Any) -> Any:
    page = look(f"{demo.person}/compare?site=vertex&a=1&b=2", **options)
    page.wait_for_selector("#compare-page[data-drawn]")
    return page


def line(page: Any) -> float:
    """Where the later photograph begins, as a share of the picture's width."""
    return float(page.evaluate("document.getElementById('later-rect').x.baseVal.value / pair.viewBox.baseVal.width"))


def test_the_line_follows_keyboard_mouse_and_finger(look: Visit, two_visits: Demo) -> None:
    page = opened(look, two_visits)
    assert line(page) == pytest.approx(0.5)
    page.locator("#divide").focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    assert line(page) == pytest.approx(0.4)
    page.keyboard.press("End")
    assert line(page) == pytest.approx(1)
    box = page.evaluate(
        "(() => { const m = pair.getScreenCTM(); return {x: m.e, y: m.f, w: pair.viewBox.baseVal.width * m.a}; })()"
    )
    page.mouse.move(box["x"] + 0.9 * box["w"], box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.25 * box["w"], box["y"] + 80, steps=4)
    page.mouse.up()
    page.mouse.move(box["x"] + 0.8 * box["w"], box["y"] + 80)
    assert line(page) == pytest.approx(0.25, abs=0.01)
    assert page.locator("#divide").input_value() == "25"
    page.touchscreen.tap(box["x"] + 0.7 * box["w"], box["y"] + 60)
    assert line(page) == pytest.approx(0.7, abs=0.01)


def test_each_class_has_its_points_and_can_be_switched(look: Visit, two_visits: Demo) -> None:
    page = opened(look, two_visits)
    counts = two_visits.api(f"/api{two_visits.person}/compare?site=vertex&a=1&b=2")["counts"]
    assert counts["kept"] > 60
    for name, count in counts.items():
        layer, box = page.locator(f"g.pair-points[data-class={name}]"), page.locator(f"input[data-class={name}]")
        assert layer.locator("use").count() == count
        assert (layer.get_attribute("display") is None) == box.is_checked()
        assert page.locator("label.switch").filter(has=box).locator("output").text_content() == str(count)
        box.click()
        assert (layer.get_attribute("display") is None) == box.is_checked()


def test_both_photographs_and_the_map_are_drawn(look: Visit, two_visits: Demo) -> None:
    page = opened(look, two_visits)
    loaded = """async (href) => { const i = new Image(); i.src = href; await i.decode(); return i.naturalWidth; }"""
    for picture in page.locator("#pair image[href]").all():
        assert page.evaluate(loaded, picture.get_attribute("href")) >= 960
    page.locator("label.segment", has_text="Hairs/cm²").click()
    shown = page.locator(".change-map[data-map=hairs]")
    assert shown.get_attribute("display") is None
    assert page.evaluate(loaded, shown.get_attribute("href")) == 960
    assert page.locator("[data-legend=hairs]").is_visible()
    assert page.locator("[data-legend=fu]").is_hidden()
    page.locator("label.segment", has_text="off").click()
    assert shown.get_attribute("display") == "none"


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_fits_the_screen_and_is_large_enough_to_touch(
    look: Visit, two_visits: Demo, width: int, height: int, language: str
) -> None:
    page = opened(look, two_visits, width=width, height=height)
    if language == "de":
        page.get_by_role("link", name="Deutsch").click()
        page.wait_for_selector("#compare-page[data-drawn]")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    picture = page.locator("#pair").bounding_box()
    assert picture["y"] + picture["height"] <= height, "the whole picture is seen without scrolling"
    for control in page.locator("main .button, main select, main summary, main .switch, main .segment").all():
        box = control.bounding_box()
        if box is not None:
            assert box["height"] >= TOUCH_PX


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_page_on_repeatability_fits_the_screen(look: Visit, two_visits: Demo, width: int, height: int) -> None:
    for path in ("/repeatability", f"{two_visits.person}/repeatability"):
        page = look(path, width=width, height=height)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert "station repeatability" in str(page.locator("main").text_content())
