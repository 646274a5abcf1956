"""`station measure` where names, disks and arguments are odd: the rest of the list goes on, and nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from station.cli import main
from tests.cli.conftest import scalp
from tests.conftest import SmallDisk

SCALE = ["--px-per-mm", "90"]
COMMAND = [sys.executable, "-m", "station.cli", "measure", *SCALE]


@pytest.fixture(scope="module")
def photograph() -> Image.Image:
    """6 x 5 mm of simulated scalp at 90 px/mm."""
    return scalp(540, 450)


@pytest.fixture
def folder(tmp_path: Path, photograph: Image.Image) -> Path:
    photos = tmp_path / "visit"
    photos.mkdir()
    photograph.save(photos / "a.png")
    photograph.transpose(Image.Transpose.ROTATE_180).save(photos / "b.png")
    return photos


def station(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["measure", *SCALE, *(str(each) for each in arguments)])


def sentence(result: Result, exit_code: int) -> str:
    assert result.exit_code == exit_code, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert line.endswith(".")
    return line


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_a_name_that_the_output_cannot_hold_stops_nothing(
    tmp_path: Path, photograph: Image.Image, encoding: str
) -> None:
    odd = os.fsdecode("頭".encode() + b"\xff\x1b[2J\n.png")
    for name in (odd, "plain.png"):
        photograph.save(tmp_path / name)
    (tmp_path / os.fsdecode(b"bad\xff.png")).write_bytes(b"no picture")
    points = tmp_path / "points.jsonl"
    for extra in ([], ["--json", "--points", str(points)]):
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": encoding}
        done = subprocess.run([*COMMAND, str(tmp_path), *extra], env=environment, capture_output=True, check=False)
        assert done.returncode == 1
        (failure,) = done.stderr.splitlines()
        assert b"bad\\udcff.png is not an image" in failure
        assert b"\x1b" not in done.stdout + done.stderr
        assert len(done.stdout.splitlines()) == (2 if extra else 3)
    expected = [f"{tmp_path}/plain.png", f"{tmp_path}/頭\\xff\x1b[2J\n.png"]
    for text in (done.stdout.decode("ascii"), points.read_text()):
        assert [row["image"] for row in lines(text)] == expected
        assert "\\ud" not in text.replace("\\u982d", ""), "a lone surrogate is no valid JSON"


def test_maps_in_the_measured_folder_are_no_photographs_of_the_next_run(folder: Path) -> None:
    for _ in range(2):
        result = station(folder, "--map", folder, "--json")
        assert result.exit_code == 0
        assert [Path(str(row["image"])).name for row in lines(result.stdout)] == ["a.png", "b.png"]
    assert "a-density.png is a density map that the station drew" in sentence(station(folder / "a-density.png"), 1)


@pytest.mark.parametrize("arguments", [[""], ["a.png", "--map", ""], ["a.png", "--points", ""]])
def test_an_empty_path_is_no_path(folder: Path, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert "is empty: name a file or a folder" in sentence(station(*arguments), 2)


def test_a_comma_in_the_scale_gets_the_right_spelling(folder: Path) -> None:
    result = CliRunner().invoke(main, ["measure", str(folder), "--px-per-mm", "181,4"])
    assert sentence(result, 2) == "Error: --px-per-mm 181,4 is not a number: write it like 181.4."


def test_what_is_no_picture_stops_no_other(folder: Path) -> None:
    with (folder / "0giant.png").open("wb") as giant:
        giant.truncate(40_000_000_000)
    result = station("/dev/zero", folder, "--json")
    assert result.exit_code == 1
    assert len(lines(result.stdout)) == 2
    first, second = result.stderr.splitlines()
    assert "/dev/zero cannot be read (it is a device" in first
    assert "0giant.png has more than 500 MB" in second


def test_a_map_that_finds_no_room_fails_alone(folder: Path, tmp_path: Path) -> None:
    """A limit on the size of files lets the points through and stops each map, as a disk does that is full by then."""
    points = tmp_path / "points.jsonl"
    limit = "import resource, sys; from station.cli import main, outputs; outputs.MAP_BYTES = 1; "
    program = f"{limit}resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)); main()"
    command = [sys.executable, "-c", program, "measure", str(folder), *SCALE, "--json"]
    command += ["--map", str(tmp_path / "maps"), "--points", str(points)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(lines(done.stdout)) == len(lines(points.read_text())) == 2
    assert done.stderr.count("cannot be written (File too large)") == 2
    assert list((tmp_path / "maps").iterdir()) == []


@pytest.mark.parametrize("option", ["--points", "--map"])
def test_a_disk_too_full_for_the_results_is_said_before_the_work(
    folder: Path, small_disk: SmallDisk, option: str
) -> None:
    disk = small_disk("24k")
    result = station(folder / "a.png", "--json", option, disk / "out.png")
    assert "No space left on device" in sentence(result, 1)
    assert result.stdout == ""
    assert list(disk.iterdir()) == []


def test_points_of_an_earlier_run_never_pass_for_this_ones(folder: Path, tmp_path: Path) -> None:
    points = tmp_path / "points.jsonl"
    assert station(folder, "--points", points).exit_code == 0
    (tmp_path / "text.png").write_text("no picture")
    result = station(tmp_path / "text.png", "--points", points)
    assert result.exit_code == 1
    assert (
        result.stderr.splitlines()[1] == f"{points} was of an earlier run and is removed: no image could be measured."
    )
    assert not points.exists()


def test_points_of_what_was_measured_are_written_when_it_is_interrupted(folder: Path, tmp_path: Path) -> None:
    points = tmp_path / "points.jsonl"
    os.mkfifo(tmp_path / "slow.png")
    command = [*COMMAND, str(folder), str(tmp_path / "slow.png"), "--json", "--points", str(points)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout is not None
        assert [bool(process.stdout.readline()) for _ in range(2)] == [True, True]
        time.sleep(0.5)  # it waits at the pipe now
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 1
    assert len(lines(points.read_text())) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0,0,nan,5", "nan and inf are no pixels"),
        ("0,0,inf,5", "nan and inf are no pixels"),
        ("0,0,1e999,5", "nan and inf are no pixels"),
        ("1,2,3", "write x0,y0,x1,y1 in pixels"),
    ],
)
def test_an_odd_rectangle_gets_its_true_reason(folder: Path, text: str, words: str) -> None:
    assert words in sentence(station(folder, "--ignore", text), 2)


def test_a_rectangle_outside_the_photograph_is_refused(folder: Path, photograph: Image.Image) -> None:
    Image.fromarray(np.tile(np.asarray(photograph), (2, 2, 1))).save(folder / "larger.png")
    result = station(folder, "--ignore", "600,0,700,100", "--json")
    assert result.exit_code == 1
    assert [Path(str(row["image"])).name for row in lines(result.stdout)] == ["larger.png"]
    for line, name in zip(result.stderr.splitlines(), ("a.png", "b.png"), strict=True):
        assert f"{name}: --ignore 600,0,700,100 lies outside the photograph of 540 x 450 px" in line


@pytest.mark.parametrize("rectangle", ["0,0,540,450", "-10,-10,9999,9999", "10,10,530,440"])
def test_a_rectangle_that_leaves_nothing_is_named_as_the_reason(folder: Path, rectangle: str) -> None:
    assert "a.png: --ignore leaves nothing to count" in sentence(station(folder / "a.png", "--ignore", rectangle), 1)


def test_transparent_areas_are_left_out_and_are_no_glare(tmp_path: Path, photograph: Image.Image) -> None:
    alpha = np.full((450, 540), 255, np.uint8)
    alpha[:, :270] = 0
    clear = photograph.convert("RGBA")
    clear.putalpha(Image.fromarray(alpha))
    clear.save(tmp_path / "a.png")
    (row,) = lines(station(tmp_path / "a.png", "--json").stdout)
    assert row["counted_area_cm2"] == pytest.approx((270 - 18) * (450 - 36) / 90**2 / 100, rel=0.03)
    assert row["quality"]["glare_share"] < 0.01  # type: ignore[index]
    clear.putalpha(0)
    clear.save(tmp_path / "b.png")
    assert "b.png is wholly transparent" in sentence(station(tmp_path / "b.png"), 1)


@pytest.mark.parametrize(
    ("name", "exit_code", "words"),
    [("m.txt", 2, "give a name that ends in .png, or a folder"), ("/dev/full", 1, "no folder has this name")],
)
def test_a_map_target_that_is_neither_png_nor_folder(folder: Path, name: str, exit_code: int, words: str) -> None:
    assert words in sentence(station(folder / "a.png", "--map", folder.parent / name), exit_code)
    assert not (folder.parent / "m.txt").exists()
