"""The health record in a real browser: a form with faults, a good entry, and pages that fit both screens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import Demo, Visit
from tests.browser.test_demo_pages import CONTROLS, SIZES, TOUCH_PX

pytestmark = pytest.mark.browser

LANGUAGES = ["en", "de"]
TOUCHED = (
    ".button, .nav-link, .brand, .switch, .segment, summary, .entry, select, textarea,"
    " input:not([type=hidden], [type=checkbox], [type=radio])"
)


def paths(demo: Demo) -> list[str]:
    record = f"{demo.person}/record"
    forms = ("regimen/new?template=loading-injections", "answers/new", "shed/new", "lab/new?analyte=b12")
    return [record, *(f"{record}/{form}" for form in forms)]


def speak(page: Any, demo: Demo, language: str, path: str) -> None:
    page.goto(f"{demo.address}/language/{language}?back={path}")


@pytest.mark.req("REQ-13", "REQ-20")
def test_a_fault_stands_at_its_field_and_a_good_entry_in_the_list(look: Visit, demo: Demo) -> None:
    page = look(f"{demo.person}/record/shed/new")
    page.locator("#method").select_option("comb-60s")
    page.locator("#counted").fill("2026-02-03")
    page.locator("#count").fill("12O")
    page.locator("#comb").fill("fine comb")
    page.locator("button[type=submit]").click()
    page.wait_for_selector("#count-fault")
    assert page.evaluate("document.activeElement.id") == "count"
    assert page.input_value("#count") == "12O"
    assert page.input_value("#comb") == "fine comb"
    assert page.input_value("#method") == "comb-60s"
    page.locator("#count").fill("23")
    page.locator("#count").press("Enter")
    page.wait_for_url("**#shed-*")
    entry = page.locator(f"#{page.url.split('#')[1]} .entry")
    assert entry.inner_text().split("\n") == [
        "Combing for 60 seconds 23",
        "3\N{NO-BREAK SPACE}Feb\N{NO-BREAK SPACE}2026",
    ]
    entry.tap()
    page.wait_for_selector(".steps")
    page.locator("summary").tap()
    page.get_by_text("Remove for good").tap()
    page.wait_for_url("**/record")
    assert page.locator(".entry", has_text="3\N{NO-BREAK SPACE}Feb\N{NO-BREAK SPACE}2026").count() == 0


@pytest.mark.req("REQ-13")
def test_a_wrong_unit_has_its_sentence_at_the_field(look: Visit, demo: Demo) -> None:
    page = look(f"{demo.person}/record/lab/new")
    page.locator("#analyte").select_option("mma")
    page.wait_for_selector("#unit option[value='umol/L']", state="attached")
    page.locator("#unit").select_option("nmol/L")
    page.locator("#text").fill("0.25")
    page.locator("#drawn").fill("2026-02-03")
    page.locator("button[type=submit]").click()
    page.wait_for_selector("#unit-fault")
    assert "0.25 µmol/L" in page.locator("#unit-fault").inner_text()
    assert page.evaluate("document.activeElement.id") == "unit"
    assert page.input_value("#text") == "0.25"
    page.locator("#unit").select_option("umol/L")
    page.locator("button[type=submit]").click()
    page.wait_for_url("**#lab-*")
    assert "Methylmalonic acid (MMA) 0.25 µmol/L" in page.locator(".record").inner_text()


def test_an_odd_value_is_confirmed(look: Visit, demo: Demo) -> None:
    page = look(f"{demo.person}/record/shed/new")
    page.locator("#method").select_option("daily")
    page.locator("#counted").fill("2026-02-04")
    page.locator("#count").fill("5000")
    page.locator("button[type=submit]").click()
    page.locator("input[name=confirmed]").check()
    page.locator("button[type=submit]").click()
    page.wait_for_url("**#shed-*")
    assert "All hairs of one day 5000" in page.locator(".record").inner_text()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_record_pages_fit_and_can_be_touched(look: Visit, demo: Demo, width: int, height: int, language: str) -> None:
    page = look("/about", width, height)
    for path in [*paths(demo), "/help", "/help/b12"]:
        speak(page, demo, language, path)
        assert page.evaluate("document.documentElement.lang") == language
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        small = page.evaluate(
            """([selector, least]) => [...document.querySelectorAll(selector)]
                 .map(e => [e.outerHTML.slice(0, 120), e.getBoundingClientRect()])
                 .filter(([, b]) => b.width && (b.height < least || b.width < least))
                 .map(([html, b]) => [html, b.width, b.height])""",
            [TOUCHED, TOUCH_PX - 0.5],
        )
        assert small == [], path


def test_every_field_is_reached_by_keyboard_in_its_order(look: Visit, demo: Demo) -> None:
    page = look(f"{demo.person}/record/shed/new")
    names = page.evaluate(
        "[...document.querySelectorAll('#entry-form :is(input, select, textarea, button)')].map(e => e.id || e.type)"
    )
    page.locator(f"#{names[0]}").focus()
    reached = [names[0]]
    while len(reached) < 3 * len(names) and reached[-1] != "submit":
        page.keyboard.press("Tab")
        at = page.evaluate("document.activeElement.id || document.activeElement.type")
        if at != reached[-1]:  # the parts of a date are reached one by one
            reached.append(at)
    assert reached == names
    assert page.locator(CONTROLS).count() > len(names)
