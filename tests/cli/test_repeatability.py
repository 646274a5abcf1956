"""`station repeatability`: by itself at a simulated rig, with a person at a real one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from station.cli import main
from station.clock import SystemClock
from station.density.model import load_model
from station.records.folder import DATABASE
from station.records.store import Records
from station.service.demo import demo_settings, prepare_demo
from station.settings import load
from tests.cli.test_quick import RIG

KEYS = {"visit_cv_pct", "reposition_cv_pct", "icc", "mdc95_pct"}


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A small simulated rig and an empty data folder."""
    (tmp_path / "small.toml").write_text(RIG)
    monkeypatch.chdir(tmp_path)
    return ["repeatability", "--rig", str(tmp_path / "small.toml"), "--data", str(tmp_path / "data"), "--repeats", "3"]


@pytest.fixture
def simulated(arguments: list[str]) -> list[str]:
    return [*arguments, "--camera", "simulated"]


def test_one_site_by_itself_as_json(simulated: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(main, [*simulated, "--site", "vertex", "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert list(answer["sites"]) == ["vertex"]
    assert answer["all"].keys() >= KEYS
    assert answer["sites"]["vertex"].keys() >= KEYS
    assert answer["all"]["repeats"] == 3
    assert answer["all"]["icc"] is None
    assert answer["in_use"]["hairs"]["default"] is True
    assert answer["in_use"]["hairs"]["pairs"] == 2
    again = json.loads(CliRunner().invoke(main, [*simulated, "--site", "vertex", "--json"]).stdout)
    assert again["in_use"]["hairs"]["pairs"] == 4, "runs add up"
    assert list((tmp_path / "data").rglob("*.jpg")) == []


def test_all_sites_in_words(simulated: list[str]) -> None:
    done = CliRunner().invoke(main, [*simulated, "--photographs", "1"])
    assert done.exit_code == 0, done.output
    assert "Occipital, 3 of 3" in done.stdout
    assert "All sites: 24 repeats." in done.stdout
    assert "ICC(2,1)" in done.stdout
    assert "From 16 repeat pairs" in done.stdout


def test_with_a_person_the_terminal_says_when_to_put_the_head_back(arguments: list[str], tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    from tests.cli.conftest import scalp  # renders what the folder's camera delivers

    picture = scalp(640, 480)
    for number in range(3):
        picture.save(photos / f"{number}.png")
    settings = {"STATION_REPLAY_FOLDER": str(photos)}
    asked = [*arguments, "--camera", "replay", "--site", "vertex", "--photographs", "1"]
    done = CliRunner().invoke(main, asked, input="\n\n\n", env=settings)
    assert done.exit_code == 0, done.output
    assert done.stdout.count("Lift the head off") == 2
    assert done.stdout.count("Press Enter") == 3
    quiet = CliRunner().invoke(main, [*asked, "--json"], input="\n\n\n", env=settings)
    assert json.loads(quiet.stdout)["all"]["visit_cv_pct"] == 0
    assert "Lift the head off" in quiet.stderr
    left = CliRunner().invoke(main, asked, input="\n", env=settings)
    assert left.exit_code == 1, "nobody answered the second time"


def test_a_demonstrations_folder_takes_its_own_rig_and_person(arguments: list[str], tmp_path: Path) -> None:
    settings = load(environment={}, demo_folder=tmp_path / "demo", demo_scenario="healthy")
    prepare_demo(demo_settings(settings), SystemClock(), fresh=False)
    records = Records(tmp_path / "demo" / DATABASE)
    code = records.new_person(SystemClock().now(), demonstration=True).code
    where = [*arguments, "--data", str(tmp_path / "demo"), "--site", "vertex", "--repeats", "4", "--photographs", "1"]
    done = CliRunner().invoke(main, [*where, "--json"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert (answer["rig"], answer["person"]) == ("Demonstration rig, 12 x 9 mm", code)
    assert (answer["all"]["matched_pairs"], answer["all"]["matched_refused"]) == (1, 0)
    (row,) = records.repeatability.of("demo", _sha256(), simulated=True)
    assert (row.person, row.site, len(row.hairs)) == (code, "vertex", 4)
    records.close()
    refused = CliRunner().invoke(main, [*where, "--camera", "picamera2"])
    assert refused.exit_code == 2
    assert "demonstration's folder" in refused.stderr


def _sha256() -> str:
    return load_model().sha256


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--site", "nose"], "has no such site"),
        (["--person", "K7QF2MXD"], "shows nobody on record"),
        (["--repeats", "1"], "1 is not in the range"),
    ],
)
def test_wrong_use_is_one_sentence(simulated: list[str], more: list[str], sentence: str) -> None:
    done = CliRunner().invoke(main, [*simulated, *more])
    assert done.exit_code == 2
    assert sentence in done.stderr


def test_a_person_who_is_not_on_record(arguments: list[str]) -> None:
    done = CliRunner().invoke(main, [*arguments, "--camera", "picamera2", "--person", "K7QF2MXD"])
    assert done.exit_code == 1
    assert "no person K7QF2MXD" in done.stderr
