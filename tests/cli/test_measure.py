"""`station measure` as a person at a terminal and a script meet it."""

from __future__ import annotations

import io
import json
import math
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from station import __version__
from station.cli import main
from station.cli.measure import measure
from station.density.engine import Backend, installed_backends
from station.density.model import MODELS
from tests.cli.conftest import scalp

KEYS = [
    "image",
    "fu_per_cm2",
    "hairs_per_cm2",
    "fu_count",
    "hair_count",
    "hairs_per_fu",
    "counted_area_cm2",
    "interval90",
    "calibre",
    "grey_share",
    "short_share",
    "quality",
    "model",
    "software",
]
SCALE = ["--px-per-mm", "90"]


@pytest.fixture(scope="session")
def photograph() -> Image.Image:
    """8 x 6 mm of simulated scalp at 90 px/mm."""
    return scalp(720, 540)


@pytest.fixture
def folder(tmp_path: Path, photograph: Image.Image) -> Path:
    """Two photographs, and other files."""
    photos = tmp_path / "visit"
    photos.mkdir()
    photograph.save(photos / "site1.png")
    photograph.transpose(Image.Transpose.ROTATE_180).save(photos / "site2.jpg", quality=95)
    (photos / "notes.txt").write_text("shaved")
    (photos / "labels.json").write_text("{}")
    return photos


def station(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["measure", *(str(each) for each in arguments)])


def one_sentence(result: Result, exit_code: int) -> str:
    assert result.exit_code == exit_code, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert line.endswith(".")
    assert "Traceback" not in line
    return line


def rows(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_table_is_readable(folder: Path) -> None:
    result = station(folder, *SCALE)
    assert result.exit_code == 0, result.stderr
    head, first, second = result.stdout.splitlines()
    assert head.split()[:2] == ["image", "FU/cm2"]
    assert first.startswith(str(folder / "site1.png"))
    assert second.startswith(str(folder / "site2.jpg"))
    assert result.stderr == ""
    assert len(head) == len(first) == len(second)


def test_json_has_exactly_the_promised_keys(folder: Path) -> None:
    result = station(folder / "site1.png", *SCALE, "--json")
    (row,) = rows(result)
    assert list(row) == KEYS
    assert row["image"] == str(folder / "site1.png")
    assert row["software"] == f"hair-density-station {__version__}"
    low, high = row["interval90"]["fu_per_cm2"]  # type: ignore[index]
    assert 0 < low < high
    assert row["fu_per_cm2"] == pytest.approx(row["fu_count"] / row["counted_area_cm2"], rel=1e-3)  # type: ignore[operator]
    assert row["hairs_per_fu"] == pytest.approx(row["hair_count"] / row["fu_count"], abs=1e-3)  # type: ignore[operator]
    assert row["counted_area_cm2"] == pytest.approx(7.6 * 5.6 / 100, rel=0.01)
    assert set(row["model"]) == {"name", "sha256", "engine"}  # type: ignore[call-overload]
    calibre: dict[str, object] = row["calibre"]  # type: ignore[assignment]
    assert set(calibre) == {"mean_um", "median_um", "thin_share", "thin_um", "hairs", "edge_spread_um", "withheld"}
    assert (calibre["mean_um"], calibre["thin_um"]) == (None, 30.0)
    assert "One pixel is 11.1 um" in str(calibre["withheld"])
    assert result.stderr == ""


def test_thin_hairs_are_those_below_the_threshold_that_was_chosen(folder: Path) -> None:
    (row,) = rows(station(folder / "site1.png", *SCALE, "--json", "--thin-um", "45"))
    assert row["calibre"]["thin_um"] == 45.0  # type: ignore[index]
    refused = station(folder / "site1.png", *SCALE, "--thin-um", "300")
    assert refused.exit_code == 2


def test_folder_and_file_are_measured_once_each(folder: Path) -> None:
    result = station(folder / "site2.jpg", folder, *SCALE, "--json")
    assert [row["image"] for row in rows(result)] == [str(folder / "site2.jpg"), str(folder / "site1.png")]


def test_several_folders(folder: Path, tmp_path: Path, photograph: Image.Image) -> None:
    (tmp_path / "other").mkdir()
    photograph.save(tmp_path / "other" / "site1.png")
    result = station(folder, tmp_path / "other", *SCALE, "--json", "--map", tmp_path / "maps")
    assert result.exit_code == 0
    assert len(rows(result)) == 3
    names = sorted(path.name for path in (tmp_path / "maps").iterdir())
    assert names == ["site1-density-2.png", "site1-density.png", "site2-density.png"]


def test_points_are_what_the_scorer_reads(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "points.jsonl"
    result = station(folder, *SCALE, "--points", target, "--json")
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    for row, line in zip(rows(result), lines, strict=True):
        assert list(line) == ["image", "hairs", "follicular_units"]
        assert line["image"] == row["image"]
        assert len(line["hairs"]) == row["hair_count"]
        assert len(line["follicular_units"]) == row["fu_count"]
        for x, y in line["hairs"] + line["follicular_units"]:
            assert 18 <= x <= 702
            assert 18 <= y <= 522


def test_points_are_in_pixels_of_the_upright_photograph(folder: Path, tmp_path: Path, photograph: Image.Image) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photograph.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=exif)
    for path, target in ((folder / "site1.png", "a"), (tmp_path / "turned.png", "b")):
        assert station(path, *SCALE, "--points", tmp_path / target).exit_code == 0
    upright, turned = (json.loads((tmp_path / name).read_text()) for name in "ab")
    assert upright["hairs"] == turned["hairs"]


def test_map_of_one_image_is_one_file(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "map.png"
    assert station(folder / "site1.png", *SCALE, "--map", target).exit_code == 0
    with Image.open(target) as sheet:
        assert sheet.format == "PNG"
        assert sheet.width > 900


def test_ignored_rectangles_are_not_counted(folder: Path, tmp_path: Path) -> None:
    whole, less = (
        rows(station(folder / "site1.png", *SCALE, "--json", "--points", tmp_path / "points.jsonl", *ignore))[0]
        for ignore in ([], ["--ignore", "0,0,360,540", "--ignore", "500.5,100,9999,200"])
    )
    assert less["counted_area_cm2"] == pytest.approx((342 * 504 - 201 * 100) / 90**2 / 100, rel=0.02)
    assert less["hair_count"] < whole["hair_count"]  # type: ignore[operator]
    for x, y in json.loads((tmp_path / "points.jsonl").read_text())["hairs"]:
        assert x >= 359
        assert not (x > 502 and 101 < y < 199)


def _choices(option: str) -> tuple[str, ...]:
    (found,) = (each for each in measure.params if each.name == option)
    return tuple(found.type.choices)  # type: ignore[attr-defined]


def test_every_model_can_be_named() -> None:
    assert _choices("model") == MODELS


def test_every_run_time_can_be_named() -> None:
    assert [each.value for each in Backend] == list(_choices("backend"))[1:]  # type: ignore[attr-defined]


@pytest.mark.parametrize("backend", installed_backends(), ids=str)
def test_run_time_that_was_chosen_counts(folder: Path, backend: Backend) -> None:
    (row,) = rows(station(folder / "site1.png", *SCALE, "--json", "--engine", backend.value))
    assert row["model"]["engine"].startswith(f"{backend} ")  # type: ignore[index]
    assert row["fu_count"] > 0  # type: ignore[operator]


@pytest.mark.parametrize("scale", [[], ["--px-per-mm", "14"], ["--px-per-mm", "501"], ["--px-per-mm", "nan"]])
def test_scale_that_is_missing_or_out_of_range(folder: Path, scale: list[str]) -> None:
    assert "px" in one_sentence(station(folder, *scale), 2)


@pytest.mark.parametrize("text", ["1,2,3", "a,b,c,d", "5,5,5,9", "9,0,1,5", "0,0,nan,5", "", "1,2,3,4,5"])
def test_odd_rectangle(folder: Path, text: str) -> None:
    assert "--ignore" in one_sentence(station(folder, *SCALE, "--ignore", text), 2)


def test_path_that_does_not_exist(folder: Path) -> None:
    assert "gone.jpg does not exist" in one_sentence(station(folder, folder / "gone.jpg", *SCALE), 2)


def test_a_name_that_no_file_can_have(folder: Path, tmp_path: Path) -> None:
    assert "File name too long" in one_sentence(station(tmp_path / ("a" * 300), *SCALE), 2)
    for option in ("--points", "--map"):
        target = tmp_path / f"{'a' * 300}.png"
        assert "File name too long" in one_sentence(station(folder / "site1.png", *SCALE, option, target), 1)


def test_full_output_is_one_sentence(folder: Path) -> None:
    command = [sys.executable, "-m", "station.cli", "measure", str(folder), *SCALE, "--json"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Error: The output cannot be used (No space left on device): choose another place.\n"


@pytest.mark.parametrize("option", ["--points", "--map"])
def test_a_photograph_is_never_overwritten_by_its_results(folder: Path, option: str) -> None:
    photograph = folder / "site1.png"
    before = photograph.read_bytes()
    (folder / "link.png").symlink_to(photograph)
    for target in (photograph, folder / "link.png", folder / ".." / "visit" / "site1.png"):
        assert "would overwrite" in one_sentence(station(photograph, *SCALE, option, target), 2)
    assert photograph.read_bytes() == before


def test_map_and_points_need_two_names(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.png"
    words = one_sentence(station(folder / "site1.png", *SCALE, "--map", target, "--points", target), 2)
    assert "two names" in words
    assert not target.exists()


def test_map_that_is_no_png(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "map.jpg"
    assert "ends in .png" in one_sentence(station(folder / "site1.png", *SCALE, "--map", target), 2)
    assert not target.exists()


def test_one_map_file_for_several_images(folder: Path, tmp_path: Path) -> None:
    assert "give a folder" in one_sentence(station(folder, *SCALE, "--map", tmp_path / "map.png"), 2)


def test_folder_without_photographs(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none here")
    assert "holds no photographs" in one_sentence(station(tmp_path, *SCALE), 1)


def png_of_size(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n" + body + b"\x00\x00\x00\x00IDAT\x35\xaf\x06\x1e"


UGLY = {
    "text.jpg": b"not an image\n",
    "empty.png": b"",
    "bomb.png": png_of_size(20_000, 10_000),
    "dot.png": None,
    "black.png": None,
    "cut.jpg": None,
}


def ugly_file(folder: Path, name: str, photograph: Image.Image) -> Path:
    data = UGLY[name]
    if name == "dot.png":
        Image.new("RGB", (1, 1)).save(folder / name)
    elif name == "black.png":
        Image.new("RGB", (400, 300)).save(folder / name)
    elif name == "cut.jpg":
        stream = io.BytesIO()
        photograph.save(stream, "JPEG")
        (folder / name).write_bytes(stream.getvalue()[: stream.tell() // 2])
    else:
        assert data is not None
        (folder / name).write_bytes(data)
    return folder / name


@pytest.mark.parametrize("name", UGLY)
def test_bad_picture_is_one_sentence_and_leaves_nothing(tmp_path: Path, name: str, photograph: Image.Image) -> None:
    path = ugly_file(tmp_path, name, photograph)
    result = station(path, *SCALE, "--json", "--map", tmp_path / "map.png", "--points", tmp_path / "points.jsonl")
    assert name in one_sentence(result, 1)
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("convert", ["L", "CMYK", "I;16"])
def test_honest_oddities_are_measured(tmp_path: Path, photograph: Image.Image, convert: str) -> None:
    if convert == "I;16":
        deep = np.asarray(photograph.convert("L")).astype(np.uint16) * 257
        Image.fromarray(deep).save(tmp_path / "a.png")
    else:
        photograph.convert(convert).save(tmp_path / "a.tif")
    (row,) = rows(station(tmp_path, *SCALE, "--json"))
    assert row["counted_area_cm2"] > 0.3  # type: ignore[operator]


def test_one_bad_picture_does_not_stop_the_others(folder: Path, tmp_path: Path, photograph: Image.Image) -> None:
    for name in UGLY:
        ugly_file(folder, name, photograph)
    (tmp_path / "empty").mkdir()
    target = tmp_path / "points.jsonl"
    result = station(folder, tmp_path / "empty", *SCALE, "--json", "--points", target, "--map", tmp_path / "maps")
    assert result.exit_code == 1
    assert [Path(str(row["image"])).name for row in rows(result)] == ["site1.png", "site2.jpg"]
    assert len(target.read_text().splitlines()) == 2
    assert len(list((tmp_path / "maps").iterdir())) == 2
    failures = result.stderr.splitlines()
    assert len(failures) == len(UGLY) + 1
    for name in [*UGLY, "empty"]:
        assert sum(name in line for line in failures) >= 1


@pytest.mark.parametrize("option", ["--points", "--map"])
def test_output_that_cannot_be_written_is_said_before_the_work(folder: Path, tmp_path: Path, option: str) -> None:
    result = station(folder / "site1.png", *SCALE, option, tmp_path / "gone" / "out.png")
    assert "cannot be written" in one_sentence(result, 1)


def test_devices_are_not_replaced(folder: Path) -> None:
    assert "it is not a file" in one_sentence(station(folder, *SCALE, "--points", "/dev/null"), 1)
    assert Path("/dev/null").is_char_device()


def test_map_folder_that_is_a_file(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "maps").write_text("in the way")
    assert "cannot be made" in one_sentence(station(folder, *SCALE, "--map", tmp_path / "maps"), 1)


def test_photographs_are_never_overwritten_by_maps(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert station(folder, *SCALE, "--map", folder).exit_code == 0
    for name, data in before.items():
        assert (folder / name).read_bytes() == data
    assert (folder / "site1-density.png").exists()


def test_missing_model_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "models", None)
    assert "model is not installed" in one_sentence(station(folder, *SCALE), 1)


def test_help_is_plain() -> None:
    result = station("--help")
    assert result.exit_code == 0
    for word in ("--px-per-mm", "--ignore", "--points", "90 % interval", "Example:"):
        assert word in result.output


def test_a_terminal_sees_a_progress_bar_and_a_clean_table(folder: Path) -> None:
    """In a real pseudo-terminal, both streams on it."""
    pty = pytest.importorskip("pty")
    leader, follower = pty.openpty()
    program = "from station.cli import main; main()"
    command = [sys.executable, "-c", program, "measure", str(folder), *SCALE]
    with subprocess.Popen(command, stdin=follower, stdout=follower, stderr=follower) as process:
        os.close(follower)
        seen = b""
        while True:
            try:
                piece = os.read(leader, 4096)
            except OSError:
                break
            if not piece:
                break
            seen += piece
    os.close(leader)
    assert process.returncode == 0
    text = seen.decode()
    assert "Measuring" in text
    assert "2/2" in text
    bar_end = text.rindex("2/2")
    assert text.index("FU/cm2") > bar_end
    assert "INFO" not in text


def test_numbers_are_finite(folder: Path) -> None:
    for row in rows(station(folder, *SCALE, "--json")):
        for key in ("fu_per_cm2", "hairs_per_cm2", "counted_area_cm2", "hairs_per_fu"):
            assert math.isfinite(row[key])  # type: ignore[arg-type]
