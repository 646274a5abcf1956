"""The page of trends in a real browser: the chart draws itself, its choices work, and it fits both screens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Demo, Visit
from tests.browser.test_demo_pages import SIZES, TOUCH_PX

pytestmark = pytest.mark.browser


def shown_text(page: Any) -> str:
    return str(page.locator("#timeline svg").text_content())


def drawn(look: Visit, demo: Demo, **options: Any) -> Any:
    page = look(f"{demo.person}/trends", **options)
    page.wait_for_selector("#timeline[data-drawn] svg")
    return page


@pytest.mark.req("REQ-01", "REQ-31")
def test_the_chart_shows_density_blood_values_treatment_and_shed_counts(look: Visit, demo: Demo) -> None:
    page = drawn(look, demo)
    shown = shown_text(page)
    for words in (
        "Hairs/cm²",
        "Vitamin B12 (total), pg/mL",
        "Taken and happened · Vitamin B12",
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
