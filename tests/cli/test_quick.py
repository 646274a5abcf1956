"""`station quick`: an answer in one sitting, and nothing is left of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from station.capture.protocol import load_protocol
from station.cli import main

RIG = (
    'id = "small"\nname = "Small rig"\nnote = "For tests."\n'
    "[camera]\nwidth_px = 640\nheight_px = 480\npx_per_mm = 80.0\n[controls]\nexposure_us = 8000\n"
)
MARKED = ("--mid-mm", "68", "--left-mm", "24", "--right-mm", "26", "--bridge", "solid")


@pytest.fixture
def simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Arguments for a small simulated rig; the home folder is empty."""
    (tmp_path / "small.toml").write_text(RIG)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(home)
    return ["quick", "--camera", "simulated", "--rig", str(tmp_path / "small.toml"), "--yes"]


@pytest.mark.req("REQ-43")
def test_it_answers_with_an_estimate_and_writes_nothing(simulated: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(main, [*simulated, "--json", "--sex", "male", *MARKED])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert set(answer["sites"]) == {site.id for site in load_protocol().sites}
    assert answer["norwood"]["norwood"] is not None
    assert answer["norwood"]["grafts"]["low"] <= answer["norwood"]["grafts"]["high"]
    assert 0 <= answer["seconds_after_last_capture"] <= 30
    assert list((tmp_path / "home").rglob("*")) == []


def test_it_says_what_was_counted_and_that_nothing_was_stored(simulated: list[str]) -> None:
    done = CliRunner().invoke(main, [*simulated, "--sex", "male", *MARKED])
    assert done.exit_code == 0, done.output
    assert "occipital: " in done.stdout
    assert "not a surgical plan" in done.stdout
    assert "Nothing was stored." in done.stdout


def test_without_a_hairline_it_says_that_one_is_needed(simulated: list[str]) -> None:
    done = CliRunner().invoke(main, [*simulated, "--sex", "male"])
    assert done.exit_code == 0, done.output
    assert "the hairline is not marked yet" in done.stdout


def test_a_hairline_that_cannot_be_is_refused_before_the_first_photograph(simulated: list[str]) -> None:
    done = CliRunner().invoke(main, [*simulated, *MARKED[:-2], "--left-mm", "-5"])
    assert done.exit_code == 2
    assert "left_mm" in done.stderr
    assert "Frontal" not in done.stdout


def test_the_estimate_stays_an_estimate_for_women(simulated: list[str]) -> None:
    done = CliRunner().invoke(main, [*simulated, "--sex", "female", *MARKED])
    assert done.exit_code == 0, done.output
    assert "the scale was made for men" in done.stdout
