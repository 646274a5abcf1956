"""The page of trends in a real browser: the chart draws itself, its choices work, and it fits both screens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import TWO_VISITS_S, Demo, Visit, wait_until
from tests.browser.test_demo_pages import SIZES, TOUCH_PX

pytestmark = pytest.mark.browser


def shown_text(page: Any) -> str:
    return str(page.locator("#timeline svg").text_content())


def drawn(look: Visit, demo: Demo, **options: Any) -> Any:
    page = look(f"{demo.person}/trends", **options)
    page.wait_for_selector("#timeline[data-drawn] svg")
    return page


def timeline(demo: Demo) -> Any:
    return demo.api(f"/api{demo.person}/timeline")


@pytest.mark.req("REQ-01", "REQ-31")
def test_the_chart_shows_density_blood_values_treatment_and_shed_counts(look: Visit, demo: Demo) -> None:
    wait_until(lambda: bool(timeline(demo)["density"]["means"]), TWO_VISITS_S, "the first visit")
    page = drawn(look, demo)
    shown = shown_text(page)
    for words in (
        "Hairs/cm²",
        "Vitamin B12 (total), pg/mL",
        "Taken and happened",
        "Haircut",
        "Combing for 60 seconds",
    ):
        assert words in shown


def test_another_blood_value_and_another_unit_can_be_chosen(look: Visit, demo: Demo) -> None:
    page = drawn(look, demo)
    page.locator("#timeline-unit").select_option("pmol/L")
    assert "Vitamin B12 (total), pmol/L" in shown_text(page)
    page.locator("#timeline-analyte").select_option("ferritin")
    assert "Ferritin, ng/mL" in shown_text(page)
    assert page.locator("#timeline-unit option").count() == 3


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_it_fits_the_screen_and_is_large_enough_to_touch(look: Visit, demo: Demo, width: int, height: int) -> None:
    page = drawn(look, demo, width=width, height=height)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for control in page.locator("main .button, main select, main summary").all():
        box = control.bounding_box()
        if box is not None:
            assert box["height"] >= TOUCH_PX


LEADING_PX = 4
"""Of the height of a line of 12 px, what lies above and below its letters."""

SVG_TEXTS = """() => [...document.querySelectorAll("#timeline svg text")].map((text) => {
  const box = text.getBoundingClientRect();
  return { words: text.textContent, left: box.left, right: box.right, top: box.top, bottom: box.bottom };
}).filter((text) => text.words.trim())"""


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_words_of_the_chart_lie_upon_others(look: Visit, demo: Demo, width: int, height: int, language: str) -> None:
    page = drawn(look, demo, width=width, height=height)
    if language == "de":
        page.get_by_role("link", name="Deutsch").click()
        page.wait_for_selector("#timeline[data-drawn] svg")
    for ucum in ("pg/mL", "pmol/L"):
        page.locator("#timeline-unit").select_option(ucum)
        texts = page.evaluate(SVG_TEXTS)
        assert len(texts) > 10
        frame = page.locator("#timeline").bounding_box()
        for i, one in enumerate(texts):
            assert frame["x"] <= one["left"], one["words"]
            assert one["right"] <= frame["x"] + frame["width"], one["words"]
            for other in texts[i + 1 :]:
                beside = one["right"] <= other["left"] + 1 or other["right"] <= one["left"] + 1
                above = one["bottom"] <= other["top"] + LEADING_PX or other["bottom"] <= one["top"] + LEADING_PX
                assert beside or above, (one["words"], other["words"])


def test_the_expected_band_lies_wholly_in_its_panel(look: Visit, demo: Demo) -> None:
    wait_until(lambda: bool(timeline(demo)["expected"]), TWO_VISITS_S, "what may be expected from the first visit")
    page = drawn(look, demo)
    expected = timeline(demo)["expected"]
    axes = page.evaluate(
        """() => {
          const chart = echarts.getInstanceByDom(document.getElementById("timeline"));
          return chart.getModel().getComponent("yAxis", 0).axis.scale.getExtent();
        }"""
    )
    assert axes[0] <= min(point["low"] for point in expected)
    assert axes[1] >= max(point["high"] for point in expected)


def test_the_chart_takes_the_colours_of_the_dark_scheme(look: Visit, demo: Demo) -> None:
    page = drawn(look, demo)
    title = page.locator("#timeline svg text").filter(has_text="Vitamin B12 (total)").first
    light = title.get_attribute("fill")
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "(light) => ![...document.querySelectorAll('#timeline svg text')]"
        ".some((text) => text.getAttribute('fill') === light)",
        arg=light,
    )
