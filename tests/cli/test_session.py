"""`station session`: a visit in the terminal, one command at a time and by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from station.cli import main
from tests.cli.test_quick import RIG

ANSWERS = ("head=free", "state=dry", "products=none", "length=trimmed", "cut=no", "dye=no")


class Shell:
    def __init__(self, folder: Path) -> None:
        (folder / "small.toml").write_text(RIG)
        self.data = ["--data", str(folder / "data")]
        self.rig = ["--camera", "simulated", "--rig", str(folder / "small.toml")]

    def __call__(self, command: str, *arguments: str, rig: bool = False) -> Result:
        given = ["session", command, *self.data, *(self.rig if rig else []), *arguments]
        return CliRunner().invoke(main, given)

    def shown(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self("show", "--json").stdout)
        return found


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setenv("STATION_STORAGE_RESERVE_MB", "20")
    return Shell(tmp_path)


def code_of(done: Result) -> str:
    return next(line for line in done.stdout.splitlines() if line.startswith("New person: ")).split()[-1]


def test_a_whole_visit_runs_by_itself_with_the_simulated_rig(shell: Shell) -> None:
    done = shell("run", "--new", "--json", rig=True)
    assert done.exit_code == 0, done.output
    visit = json.loads(done.stdout)
    assert (visit["step"], visit["protocol"], visit["first"]) == ("done", "macro-8/2", True)
    assert [len(site["taken"]) for site in visit["sites"]] == [3] * 8
    assert all(taken["hairs_per_cm2"] for site in visit["sites"] for taken in site["taken"])
    again = shell("run", "--code", visit["code"], rig=True)
    assert again.exit_code == 0, again.output
    assert "There is a visit of today already" in again.stdout


def test_a_visit_step_by_step(shell: Shell, tmp_path: Path) -> None:
    begun = shell("begin", "--new", *ANSWERS, rig=True)
    assert begun.exit_code == 0, begun.output
    code = code_of(begun)
    assert "Frontal: On the midline" in begun.stdout
    one = shell("continue", "--yes", "--one", "--cm", "9.5", rig=True)
    assert "frontal         1 of 3 taken" in one.stdout, one.output
    again = shell("continue", "--yes", "--one", "--again", rig=True)
    assert "frontal         1 of 3 taken" in again.stdout, again.output
    assert shell.shown()["rejected"] == 1
    assert "0 of 3 taken" in shell("undo", "frontal").stdout
    for site in ("frontal", "midscalp", "parietal-left", "parietal-right", "temporal-left", "temporal-right", "vertex"):
        assert "left out (time)" in shell("skip", site, "--reason", "time").stdout
    refused = shell("finish")
    assert refused.exit_code == 2
    assert "Not done yet: occipital" in refused.stderr
    Image.new("RGB", (300, 400), (200, 160, 140)).save(tmp_path / "front.png")
    stored = shell("view", "--code", code, "frontal", str(tmp_path / "front.png"), "--mask", "40")
    assert "Stored picture" in stored.stdout, stored.output
    shell("skip", "occipital", "--reason", "wound")
    done = shell("finish")
    assert (done.exit_code, ": done." in done.stdout) == (0, True), done.output
    assert shell("show").exit_code == 2


def test_refused_answers_are_a_line_each_and_the_visit_stays_open(shell: Shell) -> None:
    begun = shell("begin", "--new", "head=covered", *ANSWERS[1:5], "dye=darker", rig=True)
    assert begun.exit_code == 2
    assert "head: Nothing can be counted under a cover." in begun.stderr
    assert "(--confirm)" in begun.stderr
    code = code_of(begun)
    assert code in begun.stderr
    done = shell("begin", "--code", code, *ANSWERS[:5], "dye=darker", "--confirm", rig=True)
    assert done.exit_code == 0, done.output
    left = shell("leave", "--reason", "went-away")
    assert "The person went away." in left.stdout


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["begin"], "either --code CODE or --new"),
        (["begin", "--new", "state"], "write it like state=dry"),
        (["continue", "--yes"], "No visit is open"),
        (["skip", "vertex", "--reason", "bored"], "none of wound"),
        (["leave", "--reason", "bored"], "none of ended"),
        (["view", "frontal", "nowhere.png"], "--code CODE"),
        (["view", "--code", "K7QF2MXD", "frontal", "nowhere.png"], "cannot be opened"),
    ],
)
def test_wrong_use_is_one_sentence(shell: Shell, command: list[str], words: str) -> None:
    done = shell(command[0], *command[1:])
    assert (done.exit_code, words in done.stderr) == (2, True), done.output
