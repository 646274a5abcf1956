"""Starts the demonstration as a person would and times what they see.

    python3 tests/platform/watch_demo.py ./run demo

Needs nothing but Python. Times count from the end of the installation, which `./run` announces. It leaves with 1 when
the page answers later than 15 s after it, the first visit can be looked at later than 60 s, the whole year is there
later than 300 s (figures for two x86-64 cores), or when the second start does not find the year again.
"""

from __future__ import annotations

import json
import queue
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

PAGE_WITHIN_S = 15.0
FIRST_VISIT_WITHIN_S = 60.0
YEAR_WITHIN_S = 300.0
GIVE_UP_S = 1500.0
INSTALLED = "Installed in"
ADDRESS = re.compile(r"http://(?:127\.0\.0\.1|localhost)(?::\d+)?/?")


class Demo:
    """One run of the demonstration, with the moment of every line it prints."""

    def __init__(self, command: list[str]) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, bufsize=1)
        self.lines: queue.Queue[tuple[float, str]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.installed = self.started
        self.address = self._await_address()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            print(f"{time.monotonic() - self.started:7.1f} s  {line.rstrip()}", flush=True)
            self.lines.put((time.monotonic(), line))

    def _await_address(self) -> str:
        while time.monotonic() - self.started < GIVE_UP_S:
            try:
                moment, line = self.lines.get(timeout=0.2)
            except queue.Empty:
                if self.process.poll() is not None:
                    raise SystemExit(f"The demonstration ended with {self.process.returncode}.") from None
                continue
            if line.startswith(INSTALLED):
                self.installed = moment
            found = ADDRESS.search(line)
            if found:
                return found[0].rstrip("/")
        raise SystemExit("The demonstration printed no address.")

    def get(self, path: str) -> tuple[str, str]:
        """Final address and text of a page."""
        with urllib.request.urlopen(self.address + path, timeout=60) as answer:
            return answer.url, answer.read().decode("utf-8")

    def await_page(self) -> tuple[str, str]:
        while True:
            try:
                return self.get("/")
            except urllib.error.URLError:
                if time.monotonic() - self.started > GIVE_UP_S:
                    raise
                time.sleep(0.1)

    @property
    def since_installed(self) -> float:
        return time.monotonic() - self.installed

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


def complete_visits(demo: Demo, person: str) -> int:
    """person: the path of the person's page, which the start page leads to."""
    course = json.loads(demo.get(f"/api{person}/course")[1])
    return sum(bool(visit["complete"]) for visit in course["visits"])


class Watch:
    """What was seen, and what of it came too late."""

    def __init__(self) -> None:
        self.unmet: list[str] = []

    def within(self, what: str, seconds: float, limit: float) -> None:
        print(f"== {what}: {seconds:.1f} s (at most {limit:.0f} s)", flush=True)
        if seconds > limit:
            self.unmet.append(f"{what} within {limit:.0f} s")

    def year(self, demo: Demo) -> tuple[str, int]:
        """Waits until the whole year is measured: the path of the person's page and the number of visits."""
        _, text = demo.await_page()
        self.within("page answers after the installation", demo.since_installed, PAGE_WITHIN_S)
        if "demonstration" not in text.lower():
            self.unmet.append("the page is marked as a demonstration")
        person = ""
        first = False
        while demo.since_installed < GIVE_UP_S:
            progress = json.loads(demo.get("/api/progress")[1])
            if progress["error"]:
                raise SystemExit(f"The demonstration reports: {progress['error']}")
            if not person:
                led_to = urllib.parse.urlsplit(demo.get("/")[0]).path
                person = led_to if led_to.startswith("/person/") else ""
            elif not first and complete_visits(demo, person):
                first = True
                self.within("first visit can be looked at", demo.since_installed, FIRST_VISIT_WITHIN_S)
            if first and not progress["running"]:
                self.within("whole year", demo.since_installed, YEAR_WITHIN_S)
                return person, complete_visits(demo, person)
            time.sleep(1)
        raise SystemExit(f"The year was not done after {GIVE_UP_S:.0f} s: {progress}")


def main(command: list[str]) -> int:
    watch = Watch()
    demo = Demo(command)
    try:
        person, visits = watch.year(demo)
    finally:
        code = demo.stop()
    print(f"== {visits} visits; stopped with exit code {code}", flush=True)
    if code != 0:
        watch.unmet.append("Ctrl-C ends it with exit code 0")

    again = Demo([word for word in command if word != "--fresh"])
    try:
        again.await_page()
        watch.within("page answers at the second start", again.since_installed, PAGE_WITHIN_S)
        found = complete_visits(again, person)
    finally:
        again.stop()
    if found != visits or visits < 2:
        watch.unmet.append(f"the second start shows the same {visits} visits, not {found}")
    for what in watch.unmet:
        print(f"== NOT MET: {what}", flush=True)
    return 1 if watch.unmet else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
