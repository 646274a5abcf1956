"""`station capture` that ends early: nothing half-made is left, and what was stored is measured or announced."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from station.cli import main
from station.records.store import Records

RIG = 'id = "small"\nname = "Small"\nnote = ""\n[camera]\nwidth_px = 640\nheight_px = 480\npx_per_mm = 80.0\n'
SIMULATED = ["--new", "--site", "vertex", "--camera", "simulated"]
Run = Callable[..., Result]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("STATION_"):
            monkeypatch.delenv(name)
    (tmp_path / "small.toml").write_text(RIG)
    monkeypatch.setenv("STATION_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("STATION_STORAGE_RESERVE_MB", "20")
    monkeypatch.setenv("STATION_RIG_PROFILE", str(tmp_path / "small.toml"))
    return tmp_path / "data"


def capture(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["capture", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def left_behind(data: Path) -> list[str]:
    """Persons on record, and whatever lies in the image folder."""
    records = Records(data / "station.sqlite3")
    persons = [person.code for person in records.persons()]
    records.close()
    return persons + [str(path.relative_to(data)) for path in (data / "images").rglob("*")]


def test_without_room_there_is_no_person_and_no_folder(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATION_STORAGE_RESERVE_MB", "1000000")
    result = capture(*SIMULATED)
    assert result.exit_code == 1
    assert "no photograph was taken. Free some space" in result.stderr
    assert result.stdout == ""
    assert left_behind(data) == []


def test_a_first_photograph_that_cannot_be_read_leaves_no_person(data: Path, tmp_path: Path) -> None:
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    (photographs / "a.png").write_bytes(b"no picture")
    result = capture("--new", "--site", "vertex", "--camera", "replay", "--folder", str(photographs))
    assert result.exit_code == 1
    assert "a.png is not an image" in result.stderr
    assert left_behind(data) == []


def test_a_later_photograph_that_fails_costs_none_before_it(data: Path, tmp_path: Path) -> None:
    original = re.search(r"(/\S+\.jpg)", capture(*SIMULATED).stdout)
    assert original is not None
    photographs = tmp_path / "photographs"
    photographs.mkdir()
    with Image.open(original[1]) as picture:
        picture.save(photographs / "a.png")
    (photographs / "b.png").write_bytes(b"no picture")
    result = capture("--new", "--site", "vertex", "--camera", "replay", "--folder", str(photographs), "--frames", "2")
    assert result.exit_code == 1
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["New", "Stored", "Measured"]
    assert result.stderr.count("\n") == 1
    assert "b.png is not an image" in result.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 1)])
def test_what_waits_is_announced_when_a_signal_ends_it(data: Path, number: signal.Signals, code: int) -> None:
    """The signal comes when the third photograph is being exposed."""
    program = (
        "import os, signal\n"
        "from station.cli import main\n"
        "from station.rig import simulated\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # ignored where the tests run in the background
        "expose = simulated.WorldCamera.expose\n"
        "count = []\n"
        "def third(self, controls, lamp):\n"
        "    count.append(1)\n"
        f"    len(count) == 3 and os.kill(os.getpid(), {int(number)})\n"
        "    return expose(self, controls, lamp)\n"
        "simulated.WorldCamera.expose = third\n"
        "main()\n"
    )
    command = [sys.executable, "-c", program, "capture", *SIMULATED, "--frames", "5"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert done.stdout.count("Stored photograph") == 2
    said = done.stderr.splitlines()[0]
    assert (
        said == "2 photographs are stored and wait to be measured: the next start of the station measures what waits."
    )
    assert len([name for name in left_behind(data) if name.endswith(".jpg")]) == 2


def test_without_a_model_it_is_said_that_the_photographs_wait(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "models", None)
    result = capture(*SIMULATED)
    assert result.exit_code == 1
    waiting, error = result.stderr.splitlines()
    assert waiting.startswith("1 photograph is stored and waits to be measured")
    assert "model is not installed" in error


@pytest.mark.parametrize("command", [["capture", *SIMULATED], ["serve", "--port", "0"]])
def test_real_photographs_never_go_into_a_demonstration(data: Path, command: list[str]) -> None:
    data.mkdir()
    (data / "demonstration.json").write_text("{}")
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert "is a demonstration's folder" in result.stderr
    assert result.stderr.count("\n") == 1
    assert [path.name for path in data.iterdir()] == ["demonstration.json"]
