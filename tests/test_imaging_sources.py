"""Where pictures come from: pipes, devices, giant files and the station's own drawings."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from station.errors import ImageError
from station.imaging import encode_png, photographs_in, read_photograph


def picture() -> NDArray[np.uint8]:
    return np.random.default_rng(2).integers(0, 256, (80, 100, 3), np.uint8)


def test_a_device_is_refused_and_a_pipe_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ImageError, match=r"/dev/zero cannot be read \(it is a device"):
        read_photograph(Path("/dev/zero"))
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(encode_png(picture()),))
    writer.start()
    np.testing.assert_array_equal(read_photograph(pipe), picture())
    writer.join()
    monkeypatch.setattr("station.imaging.PIPE_WAIT_S", 0.1)
    with pytest.raises(ImageError, match=r"nothing came through this pipe in 0\.1 s"):
        read_photograph(pipe)  # nobody writes


def test_a_pipe_without_an_end_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.imaging.MAX_FILE_BYTES", 3_000_000)
    pipe = tmp_path / "pipe.png"
    os.mkfifo(pipe)
    with subprocess.Popen(["dd", "if=/dev/zero", f"of={pipe}", "bs=64k"], stderr=subprocess.DEVNULL) as writer:
        with pytest.raises(ImageError, match="more than 3 MB"):
            read_photograph(pipe)
        assert writer.wait(timeout=30) != 0, "its pipe is closed"


def test_a_giant_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "giant.png").open("wb") as stream:
        stream.truncate(40_000_000_000)
    with pytest.raises(ImageError, match=r"giant\.png has more than 500 MB"):
        read_photograph(tmp_path / "giant.png")


def test_a_file_that_does_not_fit_in_memory_is_one_sentence(tmp_path: Path) -> None:
    with (tmp_path / "large.png").open("wb") as stream:
        stream.truncate(450_000_000)
    program = (
        "import pathlib, resource, sys\n"
        "from station.errors import ImageError\n"
        "from station.imaging import read_photograph\n"
        "used = int(pathlib.Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000,) * 2)\n"
        "try:\n    read_photograph(pathlib.Path(sys.argv[1]))\n"
        "except ImageError as error:\n    sys.stdout.write(error.operator)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "large.png")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.endswith("large.png does not fit in memory: make it smaller."), done.stderr


def test_a_map_that_the_station_drew_is_no_photograph(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encode_png(picture()))
    (tmp_path / "a-density.png").write_bytes(encode_png(picture(), drawn=True))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    assert [path.name for path in photographs_in(tmp_path)] == ["a.png", "broken.png"]
    with pytest.raises(ImageError, match=r"a-density\.png is a density map that the station drew: give the photograph"):
        read_photograph(tmp_path / "a-density.png")
    (tmp_path / "a.png").unlink()
    (tmp_path / "broken.png").unlink()
    with pytest.raises(ImageError, match="holds no photographs"):
        photographs_in(tmp_path)
