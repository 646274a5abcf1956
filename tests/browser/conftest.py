"""The real demonstration in a process of its own, and Chromium to look at it.

The demonstration captures and measures a simulated year from an empty folder. The tests begin at once, so that they
see it grow, and end it when they are done: they need its first visits, not the whole year.
"""

from __future__ import annotations

import contextlib
import ctypes.util
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import RequireComponent

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

START_S = 60
TWO_VISITS_S = 300
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
COMMAND = "import sys; from station.cli import main; sys.argv[0] = 'station'; main()"


@dataclass(slots=True)
class Demo:
    """A running demonstration. lines: what it printed."""

    address: str
    lines: list[str] = field(default_factory=list)

    def api(self, path: str) -> Any:
        """An answer of the API."""
        with urllib.request.urlopen(f"{self.address}{path}", timeout=30) as answer:
            return json.load(answer)

    @property
    def person(self) -> str:
        """Address of the demonstration person's overview, from where the start page leads."""
        with urllib.request.urlopen(f"{self.address}/", timeout=30) as answer:
            return str(answer.url).removeprefix(self.address)

    def acknowledge(self) -> None:
        """Reads the disclaimer that stands before the person's pages."""
        urllib.request.urlopen(
            urllib.request.Request(f"{self.address}{self.person}/acknowledge", method="POST")
        ).close()

    def course(self) -> Any:
        return self.api(f"/api{self.person}/course")

    def complete_visits(self) -> int:
        return sum(1 for visit in self.course()["visits"] if visit["complete"])


def wait_until(condition: Callable[[], bool], limit_s: float, what: str) -> None:
    """Waits for a condition; fails the test with `what` was waited for."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if condition():
                return
        time.sleep(0.5)
    pytest.fail(f"{what}: not within {limit_s:.0f} s", pytrace=False)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, root: Path, chromium: str) -> Iterator[Demo]:
    """The demonstration, just begun."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", COMMAND, "demo", "--data", str(folder), "--port", "0"],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")), daemon=True)
    try:
        reader.start()

        def printed() -> bool:
            return process.poll() is not None or any("http://" in line for line in lines)

        wait_until(printed, START_S, "the demonstration's address")
        found = re.search(r"http://[\w.:\[\]-]+", "".join(lines))
        if found is None:
            pytest.fail(f"the demonstration did not start:\n{''.join(lines)}", pytrace=False)
        running = Demo(found.group(0), lines)
        wait_until(lambda: running.api("/healthz")["status"] == "ok", START_S, "the demonstration's page")
        wait_until(lambda: running.person.startswith("/person/"), START_S, "the demonstration's person")
        running.acknowledge()
        yield running
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def two_visits(demo: Demo) -> Demo:
    """The demonstration with two complete visits: enough to tell a change."""
    wait_until(lambda: demo.complete_visits() >= 2, TWO_VISITS_S, "two complete visits")
    return demo


@pytest.fixture(scope="module")
def chromium(require_component: RequireComponent) -> str:
    """Path of Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    require_component("Chromium", path is not None, "apt-get install chromium")
    require_component(
        "playwright", importlib.util.find_spec("playwright") is not None, "it is among the test requirements"
    )
    atomic = ctypes.util.find_library("atomic")
    require_component("libatomic, for playwright's driver", atomic is not None, "apt-get install libatomic1")
    return str(path)


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_ARGUMENTS))
        yield running
        running.close()


Visit = Callable[..., "Page"]


def complains(message: Any) -> bool:
    """Whether a message of the console is a complaint. A form that is refused comes back with 422, which is none."""
    return message.type in {"error", "warning"} and "status of 422" not in message.text


@pytest.fixture
def look(browser: Browser, demo: Demo) -> Iterator[Visit]:
    """Opens a page of the demonstration: `look(path, width=1024, height=600, scheme="light", motion=False)`.

    At the end of the test it fails when a page wrote an error to the console, threw one, or asked another host.
    """
    contexts = []
    complaints: list[str] = []

    def opened(path: str, width: int = 1024, height: int = 600, scheme: str = "light", motion: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            has_touch=True,
            reduced_motion="no-preference" if motion else "reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if complains(m) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda r: complaints.append(r.url) if not r.url.startswith(f"{demo.address}/") else None)
        page.goto(f"{demo.address}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
