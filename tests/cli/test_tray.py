"""`station tray` as a person at a terminal and a script meet it, and its count as an entry of the shed log."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from station.calibration.standard import with_scale
from station.cli import main
from station.density.tray import count_tray
from station.errors import RefusedEntryError
from station.service.shed import shed_entry
from station.world.optics import Optics
from station.world.tray import TrayLook, TrayTruth, photograph_tray

pytestmark = pytest.mark.req("REQ-20")

SCALE = ["--px-per-mm", "20"]


@pytest.fixture(scope="module")
def laid() -> tuple[Image.Image, TrayTruth]:
    """130 x 75 mm of a tray at 20 px/mm."""
    look = TrayLook(hairs=12, length_mm=50, short_share=0.3, tries=8)
    pixels, truth = photograph_tray(look, Optics(2600, 1500, 20.0), np.random.default_rng(4))
    return Image.fromarray(pixels), truth


@pytest.fixture
def photograph(tmp_path: Path, laid: tuple[Image.Image, TrayTruth]) -> Path:
    path = tmp_path / "wash.jpg"
    laid[0].save(path, quality=92)
    return path


def station(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["tray", *(str(each) for each in arguments)])


def one_sentence(result: Result, exit_code: int) -> str:
    assert result.exit_code == exit_code, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert line.endswith(".")
    return line


def test_a_table_shows_each_count_with_its_interval_and_the_scale(
    photograph: Path, laid: tuple[Image.Image, TrayTruth]
) -> None:
    result = station(photograph, *SCALE)
    assert result.exit_code == 0, result.output
    head, row = result.stdout.splitlines()[:2]
    assert head.split()[0] == "image"
    assert "20.00" in row
    assert row.count("(") == 3
    assert abs(int(row.split()[1]) - laid[1].count) <= 1


def test_json_holds_counts_intervals_lengths_and_origin(photograph: Path) -> None:
    row = json.loads(station(photograph, *SCALE, "--json").stdout)
    assert row["count"] == row["short"] + row["longer"]
    low, high = row["interval90"]["count"]
    assert low <= row["count"] <= high
    assert row["px_per_mm"] == 20.0
    assert row["calibration"].startswith("stated:20 px/mm tray:")


def test_the_map_is_a_drawing_that_is_never_counted(photograph: Path, tmp_path: Path) -> None:
    target = tmp_path / "map.png"
    assert station(photograph, *SCALE, "--map", target).exit_code == 0
    assert Image.open(target).size[0] == 1800
    assert "station drew" in one_sentence(station(target, *SCALE), 1)


def test_a_folder_gets_a_map_for_each_photograph(photograph: Path, tmp_path: Path) -> None:
    assert station(photograph.parent, *SCALE, "--map", tmp_path / "maps").exit_code == 0
    assert [file.name for file in (tmp_path / "maps").iterdir()] == ["wash-tray.png"]


def test_a_ruler_can_be_left_out(photograph: Path) -> None:
    pixels = np.array(Image.open(photograph))
    for x in range(300, 2300, 60):
        cv2.line(pixels, (x, 60), (x, 220), (30, 30, 30), 3)
    Image.fromarray(pixels).save(photograph, quality=92)
    with_ruler = json.loads(station(photograph, *SCALE, "--json").stdout)
    without = json.loads(station(photograph, *SCALE, "--json", "--ignore", "250,0,2350,240").stdout)
    assert without["count"] < with_ruler["count"]
    assert without["area_cm2"] < with_ruler["area_cm2"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "scale is missing"),
        (["--px-per-mm", "5"], 2, "15 to 500"),
        (["--px-per-mm", "20", "--ignore", "1,2"], 2, "not four numbers"),
        (["--px-per-mm", "20", "--ignore", "9000,0,9100,50"], 1, "outside the photograph"),
        (["--px-per-mm", "45"], 1, "measure the px/mm"),
    ],
)
def test_wrong_use_is_one_sentence(photograph: Path, arguments: list[str], code: int, words: str) -> None:
    assert words in one_sentence(station(photograph, *arguments), code)


def test_a_file_that_is_cut_short_does_not_stop_the_others(photograph: Path, tmp_path: Path) -> None:
    broken = tmp_path / "cut.jpg"
    broken.write_bytes(photograph.read_bytes()[:20_000])
    result = station(broken, photograph, *SCALE, "--json")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    assert "damaged or cut short" in result.stderr


def test_a_count_becomes_an_entry_that_keeps_interval_and_scale(laid: tuple[Image.Image, TrayTruth]) -> None:
    counted = count_tray(with_scale(np.array(laid[0]), 20.0, 0.01, "test"))
    entry = shed_entry(counted, "wash-5d", dt.date(2026, 2, 23), hours_since_wash=120.0, hair_length_cm=25.0)
    assert (entry.method, entry.count, entry.short, entry.counted_by) == (
        "wash-5d",
        counted.count,
        counted.short,
        "tray",
    )
    assert f"{counted.count_interval.low:.0f} to {counted.count_interval.high:.0f}" in entry.note
    assert "20 px/mm" in entry.note


@pytest.mark.parametrize("method", ["grade", "comb", ""])
def test_a_method_that_is_no_count_is_refused(method: str, laid: tuple[Image.Image, TrayTruth]) -> None:
    counted = count_tray(with_scale(np.array(laid[0]), 20.0, 0.01, "test"))
    with pytest.raises(RefusedEntryError, match="choose one of comb-60s"):
        shed_entry(counted, method, dt.date(2026, 2, 23))


def test_a_count_is_entered_into_a_persons_record(photograph: Path, tmp_path: Path) -> None:
    data = ["--data", str(tmp_path / "data")]
    code = CliRunner().invoke(main, ["record", "new", *data]).stdout.split()[-1]
    done = station(photograph, *SCALE, "--record", code, "--method", "comb-60s", *data)
    assert done.exit_code == 0, done.output
    listed = json.loads(CliRunner().invoke(main, ["record", "list", code, "shed", "--json", *data]).stdout)
    (entry,) = listed if isinstance(listed, list) else [listed]
    assert "tray" in json.dumps(entry)
    assert "90 % interval" in json.dumps(entry)


@pytest.mark.parametrize(
    "extra", [["--record", "ABCDEFGH"], ["--method", "daily"], ["--counted", "2026-01-02"]], ids=lambda each: each[0]
)
def test_half_an_entry_is_refused_before_counting(photograph: Path, extra: list[str]) -> None:
    assert "--record CODE --method NAME" in one_sentence(station(photograph, *SCALE, *extra), 2)
