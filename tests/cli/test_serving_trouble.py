"""`station serve` and `station demo`: a hopeless start is said at once, and impatient signals break nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import SmallDisk

MAIN = "from station.cli import main; main()"
NO_MODEL = f"import sys; sys.modules['models'] = None; {MAIN}"


def start(program: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("STATION_")}
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments, "--port", "0"],
        env=clean | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def one_sentence(process: subprocess.Popen[str]) -> str:
    said, complaints = process.communicate(timeout=120)
    assert process.returncode == 1
    assert said == "", "no address is announced"
    (line,) = complaints.splitlines()
    assert line.startswith("Error: ")
    assert line.endswith(".")
    return line


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_without_a_model_nothing_is_announced(tmp_path: Path, command: str) -> None:
    assert "model is not installed" in one_sentence(start(NO_MODEL, command, "--data", str(tmp_path / "data")))


def test_a_demonstration_without_room_is_not_announced(tmp_path: Path) -> None:
    process = start(MAIN, "demo", "--data", str(tmp_path / "demo"), STATION_STORAGE_RESERVE_MB="1000000")
    assert "Free some space and try again" in one_sentence(process)


def test_a_station_that_can_store_no_measurement_is_not_announced(small_disk: SmallDisk) -> None:
    said = one_sentence(start(MAIN, "serve", "--data", str(small_disk("1m") / "data")))
    assert re.search(r"MB are free, but measurements need 2 MB\. Free some space", said)


def test_two_quick_signals_end_it_once_and_cleanly(tmp_path: Path) -> None:
    """The second used to end Python while the measuring thread was in the run-time: an abort from C++."""
    process = start(MAIN, "demo", "--data", str(tmp_path / "demo"))
    try:
        for line in process.stdout or ():
            if line.startswith("http://"):
                break
        time.sleep(3)  # the first photographs are being measured
        for _ in range(6):
            process.send_signal(signal.SIGINT)
            time.sleep(0.03)
        _, complaints = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 0, complaints
    assert complaints == "Stopping.\n"
