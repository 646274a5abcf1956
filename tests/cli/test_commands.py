"""The commands as a person types them: exit codes, one sentence for a mistake, never a traceback."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from station import __version__
from station.cli import main
from station.settings import all_settings

RIG = 'id = "small"\nname = "Small"\nnote = ""\n[camera]\nwidth_px = 640\nheight_px = 480\npx_per_mm = 80.0\n'
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    for name in list(os.environ):
        if name.startswith("STATION_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("STATION_DATA_FOLDER", str(tmp_path / "data"))
    monkeypatch.setenv("STATION_STORAGE_RESERVE_MB", "20")
    (tmp_path / "small.toml").write_text(RIG)
    monkeypatch.setenv("STATION_RIG_PROFILE", str(tmp_path / "small.toml"))

    def invoke(*arguments: str) -> Result:
        result = CliRunner().invoke(main, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return invoke


def test_help_says_what_there_is(run: Run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    for name in ("capture", "demo", "doctor", "measure", "serve", "settings"):
        assert re.search(rf"^  {name}  ", result.output, re.MULTILINE)
        assert run(name, "--help").exit_code == 0
    assert __version__ in run("--version").output


def test_settings_lists_what_is_in_force(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATION_SERVER_PORT", "9001")
    rows = {row["key"]: row for row in json.loads(run("settings", "--json").output)}
    assert list(rows) == [setting.key for setting in all_settings()]
    assert (rows["server.port"]["value"], rows["server.port"]["default"]) == (9001, 8480)
    text = run("settings").output
    assert "server.port = 9001" in text
    for setting in all_settings():
        assert setting.sentence in text


def test_a_mistaken_setting_is_one_sentence_and_code_2(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    file.write_text("[server]\nprot = 1\n")
    for command in (["settings"], ["doctor"], ["serve"], ["demo"], ["capture", "--new", "--site", "vertex"]):
        result = run(*command, "--config", str(file))
        assert result.exit_code == 2, command
        assert result.stderr.count("\n") == 1
        assert "server.prot" in result.stderr


def test_photographs_are_captured_stored_and_measured(run: Run) -> None:
    result = run("capture", "--new", "--site", "vertex", "--frames", "2", "--camera", "simulated")
    assert result.exit_code == 0, result.output
    code = re.search(r"New person: ([0-9A-Z]{8})", result.output)
    assert code is not None
    paths = [Path(line.rsplit(", ", 1)[1]) for line in result.output.splitlines() if line.startswith("Stored")]
    assert len(paths) == 2
    assert all(Image.open(path).size == (640, 480) for path in paths)
    assert (
        len(re.findall(r"Measured photograph \d+: [\d.]+ FU/cm2 \(\d+ to \d+\), [\d.]+ hairs/cm2", result.output)) == 2
    )
    more = run("capture", "--person", code[1], "--site", "vertex", "--camera", "simulated")
    assert "visit 1, vertex, frame 3" in more.output


def test_photographs_from_a_folder_go_the_same_way(run: Run, tmp_path: Path) -> None:
    taken = run("capture", "--new", "--site", "vertex", "--camera", "simulated")
    original = re.search(r"(/\S+\.jpg)", taken.output)
    assert original is not None
    folder = tmp_path / "photographs"
    folder.mkdir()
    with Image.open(original[1]) as picture:
        picture.save(folder / "one.png")
    options = ["--camera", "replay", "--folder", str(folder), "--px-per-mm", "80"]
    result = run("capture", "--new", "--site", "vertex", *options)
    assert result.exit_code == 0, result.output
    first, second = (re.search(r"Measured.*: ([\d.]+) FU", each.output) for each in (taken, result))
    assert first is not None
    assert second is not None
    assert float(first[1]) == pytest.approx(float(second[1]), rel=0.1)
    short = run("capture", "--new", "--site", "vertex", "--frames", "2", *options)
    assert short.exit_code == 1
    assert "all 1 photographs" in short.stderr
    assert "Stored photograph" in short.stdout, "what was taken before is stored"
    assert "Measured photograph" in short.stdout, "and measured"


def test_a_photograph_that_cannot_be_measured_is_stored_and_ends_with_code_1(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "photographs"
    folder.mkdir()
    Image.new("RGB", (640, 480)).save(folder / "black.png")
    options = ["--camera", "replay", "--folder", str(folder), "--px-per-mm", "80"]
    result = run("capture", "--new", "--site", "vertex", *options)
    assert result.exit_code == 1
    assert "Stored photograph 1" in result.stdout
    assert re.fullmatch(r"Photograph 1 could not be measured: Nothing can be counted: .*\n", result.stderr)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--site", "vertex"], 2, "either --person CODE or --new"),
        (["--site", "vertex", "--new", "--person", "X"], 2, "either --person CODE or --new"),
        (["--site", "crown", "--new", "--camera", "simulated"], 2, "no such site"),
        (["--site", "vertex", "--person", "NOBODY", "--camera", "simulated"], 1, "no person NOBODY"),
        (["--site", "vertex", "--new", "--camera", "replay"], 2, "needs a folder of photographs"),
        (["--site", "vertex", "--new", "--camera", "replay", "--folder", "/no/such"], 2, "is no folder"),
        (["--site", "vertex", "--new", "--camera", "replay", "--folder", ""], 2, "--folder is empty"),
        (["--site", "vertex", "--new", "--camera", "simulated", "--data", ""], 2, "--data is empty"),
        (["--site", "vertex", "--new", "--px-per-mm", "181,4"], 2, "write it like 181.4"),
        (["--site", "vertex", "--new", "--camera", "simulated", "--px-per-mm", "90"], 2, "add --camera replay"),
        (["--site", "vertex", "--new", "--camera", "simulated", "--folder", "/tmp"], 2, "add --camera replay"),
        (["--site", "vertex", "--new", "--camera", "simulated", "--rig", "none"], 2, "Rig profile 'none'"),
        (["--new"], 2, "--site"),
        (["--site", "vertex", "--new", "--frames", "0"], 2, "--frames"),
    ],
)
def test_wrong_use_of_capture(run: Run, arguments: list[str], code: int, words: str) -> None:
    result = run("capture", *arguments)
    assert result.exit_code == code, result.output
    assert words in result.stderr
    assert "Stored" not in result.output


def test_without_a_camera_the_sentence_says_what_to_do(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    if Path("/dev/gpiochip0").exists():
        pytest.skip("this computer may have a camera")
    monkeypatch.setenv("STATION_RIG_PROFILE", "microscope-7mm")  # drives no light of its own
    result = run("capture", "--new", "--site", "vertex")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: The Pi's camera software is not installed")
    assert "sudo apt install python3-picamera2" in result.stderr


def test_a_data_folder_that_cannot_be_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for command in ("capture --new --site vertex --camera simulated", "serve --port 0"):
        result = run(*command.split(), "--data", str(tmp_path / "file" / "data"))
        assert result.exit_code == 1
        assert "a file stands where a folder is needed" in result.stderr
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("x")
    result = run("demo", "--fresh", "--port", "0", "--data", str(tmp_path / "other"))
    assert result.exit_code == 1
    assert "no demonstration folder" in result.stderr
    assert (tmp_path / "other" / "letter.txt").exists()


def test_doctor_says_what_has_failed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATION_CAMERA_DRIVER", "simulated")
    result = run("doctor", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert {finding["check"] for finding in report["findings"]} >= {"python", "engine", "disk", "clock", "camera"}
    assert report["healthy"] is False, "there is no record yet"
    monkeypatch.setenv("STATION_STORAGE_RESERVE_MB", "1000000")
    result = run("doctor")
    assert result.exit_code == 1
    assert re.search(r"^failed +disk ", result.output, re.MULTILINE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_capture_switches_the_lamp_off_before_a_signal_ends_it(tmp_path: Path, number: signal.Signals) -> None:
    """The signal comes while a light is lit; what the light was told is read from a log."""
    log = tmp_path / "lamp.log"
    program = (
        "import os, signal, sys\n"
        "from station.cli import main\n"
        "from station.rig import simulated\n"
        "from station.values import Lamp\n"
        "switch = simulated.WorldLight.switch\n"
        "def logged(self, lamp):\n"
        "    switch(self, lamp)\n"
        f"    print(lamp, file=open({str(log)!r}, 'a'))\n"
        "    if lamp is not Lamp.OFF:\n"
        f"        os.kill(os.getpid(), {int(number)})\n"
        "simulated.WorldLight.switch = logged\n"
        "main()\n"
    )
    (tmp_path / "small.toml").write_text(RIG)
    arguments = ["--new", "--site", "vertex", "--camera", "simulated", "--rig", str(tmp_path / "small.toml")]
    environment = {**os.environ, "STATION_STORAGE_RESERVE_MB": "20"}
    done = subprocess.run(
        [sys.executable, "-c", program, "capture", *arguments, "--data", str(tmp_path / "data")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 128 + number
    assert log.read_text().split() == ["cross-polarised", "off"]
    assert done.stderr == ""
    assert not [path for path in (tmp_path / "data" / "images").rglob("*") if path.is_file()]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = start("serve", "--data", str(tmp_path / "data"), "--port", "0")
    yield process, announced(process)
    process.kill()
    process.communicate()


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "station.cli", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def announced(process: subprocess.Popen[str]) -> str:
    """The address that is printed on a line of its own."""
    for line in process.stdout or ():
        if re.fullmatch(r"http://127\.0\.0\.1:\d+/\n", line):
            return line.strip()
    pytest.fail(f"no address: {process.stderr.read() if process.stderr else ''}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_and_ends_cleanly(served: tuple[subprocess.Popen[str], str], number: signal.Signals) -> None:
    process, address = served
    with urllib.request.urlopen(address + "healthz", timeout=20) as answer:
        assert json.load(answer) == {"status": "ok"}
    process.send_signal(number)
    _, complaints = process.communicate(timeout=30)
    assert process.returncode == 0
    assert complaints == "Stopping.\n"


def test_a_second_station_in_the_same_folder_is_one_sentence(
    served: tuple[subprocess.Popen[str], str], tmp_path: Path
) -> None:
    process, _ = served
    second = start("serve", "--data", str(tmp_path / "data"), "--port", "0")
    _, complaints = second.communicate(timeout=60)
    assert second.returncode == 1
    assert complaints.count("\n") == 1
    assert f"another station (process {process.pid})" in complaints


def test_a_taken_port_is_one_sentence_and_makes_no_folder(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start("demo", "--data", str(tmp_path / "demo"), "--port", str(port))
        _, complaints = process.communicate(timeout=60)
    assert process.returncode == 2
    assert complaints.count("\n") == 1
    assert f"Port {port} of 127.0.0.1 cannot be used" in complaints
    assert not (tmp_path / "demo").exists()
