"""An installed wheel works outside the checkout: it carries the model, the templates and the static files."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import urllib.request
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from station.values import Lamp
from station.world import Optics, World, simulated_person

PACKAGES = ("station", "web", "models", "firmware_config")
SOURCE_ONLY = "models/training/"


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=root, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the programs of a fresh virtual environment with the wheel in it.

    The packages that the station needs are those of this environment, by a .pth line: such a folder's own .pth
    files are not read, so an editable installation of the checkout does not come along.
    """
    folder = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=120)
    binaries = folder / "bin"
    install = [sys.executable, "-m", "pip", "--python", str(binaries / "python"), "install", "--quiet"]
    subprocess.run([*install, "--no-index", "--no-deps", str(wheel)], check=True, timeout=120)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "needed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", "utf-8")
    return binaries


def outside(home: Path) -> dict[str, str]:
    """An environment that knows nothing of the checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "STATION_"))}
    return {**kept, "HOME": str(home), "PYTHONSAFEPATH": "1"}


def run(program: Path, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    command = [str(program), *arguments]
    return subprocess.run(
        command, cwd=home, env=outside(home), capture_output=True, text=True, check=False, timeout=180
    )


def test_wheel_holds_every_tracked_file_of_the_packages(wheel: Path, root: Path) -> None:
    listing = subprocess.run(["git", "ls-files", *PACKAGES], cwd=root, capture_output=True, text=True, check=True)
    tracked = {name for name in listing.stdout.splitlines() if (root / name).exists()}
    wanted = {name for name in tracked if not name.startswith(SOURCE_ONLY)}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert wanted - held == set()
    assert {name for name in held if name.startswith((SOURCE_ONLY, "tests/"))} == set()
    assert any(name.endswith(".tflite") for name in held)
    assert any(name.startswith("web/templates/") for name in held)
    assert any(name.startswith("web/static/") for name in held)


def test_installed_package_is_not_the_checkout(programs: Path, root: Path, tmp_path: Path) -> None:
    where = "import station, web, models, firmware_config as f; print(station.__file__, web.__file__, f.__file__)"
    done = run(programs / "python", "-c", where, home=tmp_path)
    assert done.returncode == 0, done.stderr
    for file in done.stdout.split():
        assert Path(file).is_relative_to(programs.parent)
        assert not Path(file).is_relative_to(root)


def test_doctor_finds_the_model_and_an_engine(programs: Path, tmp_path: Path) -> None:
    done = run(programs / "station", "doctor", "--json", home=tmp_path)
    assert "Traceback" not in done.stderr
    report = json.loads(done.stdout)
    engine = [finding for finding in report["findings"] if finding["check"] == "engine"]
    assert [finding["state"] for finding in engine] == ["ok"], done.stdout


def test_measure_counts_a_photograph(programs: Path, tmp_path: Path) -> None:
    world = World(simulated_person("healthy", 5), Optics(1200, 900, 135.0), dt.date(2025, 3, 3))
    world.lamp = Lamp.CROSS
    world.place_head("vertex", dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC))
    pixels, truth = world.expose()
    Image.fromarray(np.ascontiguousarray(pixels)).save(tmp_path / "vertex.png")
    done = run(programs / "station", "measure", "vertex.png", "--px-per-mm", "135", "--json", home=tmp_path)
    assert done.returncode == 0, done.stderr
    counted = json.loads(done.stdout)
    assert counted["image"].endswith("vertex.png")
    assert counted["fu_count"] == pytest.approx(len(truth.units), rel=0.35)
    low, high = counted["interval90"]["fu_per_cm2"]
    assert low < counted["fu_per_cm2"] < high


def test_pages_are_served_with_their_templates_and_static_files(programs: Path, root: Path, tmp_path: Path) -> None:
    command = [str(programs / "station"), "serve", "--port", "0"]
    environment = {**outside(tmp_path), "STATION_CAMERA_DRIVER": "simulated", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as server:
        try:
            lines = []
            address = None
            for line in server.stdout or ():
                lines.append(line)
                address = re.search(r"http://[\w.]+:\d+", line)
                if address:
                    break
            assert address, "".join(lines)
            with urllib.request.urlopen(address[0] + "/", timeout=60) as answer:
                page = answer.read().decode("utf-8")
            assert "<html" in page
            assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
            assert "css" in {name.split("?")[0].rsplit(".", 1)[-1] for name in assets}
            static = root / "web" / "static"
            scripts = [f"/static/{file.relative_to(static).as_posix()}" for file in static.rglob("*.js")]
            assert scripts
            for asset in [*assets, *scripts]:
                with urllib.request.urlopen(address[0] + asset, timeout=60) as answer:
                    assert answer.status == 200
                    assert answer.read()
        finally:
            server.send_signal(signal.SIGINT)
