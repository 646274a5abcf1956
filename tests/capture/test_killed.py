"""Power cut, full disk, read-only disk: nothing is lost and nothing is half-written.

The kill test runs the real capture and the real storing of a measurement in a child process that ends without any
clean-up (os._exit) at the n-th line of the station's own code, for every n. After each, the next start must find
either nothing, or the whole photograph, and finish the work.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from station.calibration.profile import nominal
from station.capture.protocol import load_protocol
from station.capture.session import CaptureSession, Place
from station.clock import SimulatedClock
from station.errors import StationError, StorageError
from station.imaging import read_photograph
from station.records.database import inspect
from station.records.images import ImageFolder
from station.records.photograph import check
from station.records.recovery import recover
from station.records.rows import CaptureState
from station.records.store import Records
from station.rig.profile import parse_profile
from station.rig.replay import replay_rig
from station.values import DensityMap, Interval, Measurement, Provenance, Quality
from tests.conftest import SmallDisk

MOMENT = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
CLOCK = SimulatedClock(MOMENT)
PROFILE = parse_profile(
    'id = "small"\nname = "S"\nnote = ""\n[camera]\nwidth_px = 96\nheight_px = 72\npx_per_mm = 60.0\n', "test"
)
TRACED = ("/station/capture/", "/station/records/")
KILLED = 9


def session_in(folder: Path) -> CaptureSession:
    photographs = folder / "photographs"
    photographs.mkdir(exist_ok=True)
    pixels = np.random.default_rng(1).integers(0, 256, (72, 96, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(photographs / "a.png")
    rig = replay_rig(photographs, PROFILE, CLOCK, cycle=True)
    records, images = Records(folder / "station.sqlite3"), ImageFolder(folder / "images")
    return CaptureSession(rig, nominal(PROFILE), load_protocol(), records, images, 95, 10**6)


def measured() -> Measurement:
    grid = np.full((5, 7), 80, np.float32)
    return Measurement(
        (), (), 0.019, 0.0, Interval(0, 157.0), 0.0, Interval(0, 157.0), DensityMap(grid, grid, 0.25, 1.0),
        Quality(1, 1, 0, 0), Provenance("m 1", "00", "e 1", "c", "0.1.0"), 60.0,
    )  # fmt: skip


def one_photograph(folder: Path) -> None:
    """What the station does for one photograph, from an empty folder to the stored measurement."""
    session = session_in(folder)
    person = session.records.new_person(CLOCK.now())
    capture_id = session.capture_frame(Place(person, 1, "vertex", 1))
    session.records.set_measured(capture_id, measured(), CLOCK.now())


def killed_at(step: int, work: Callable[[], None], traced: tuple[str, ...] = TRACED) -> bool:
    """Runs `work` in a child that ends at the step-th traced line; True if it got to its end before that."""
    child = os.fork()
    if child == 0:
        left = step

        def trace(frame: FrameType, event: str, _argument: Any) -> Any:
            nonlocal left
            if not any(part in frame.f_code.co_filename for part in traced):
                return None
            if event == "line":
                left -= 1
                if left == 0:
                    os._exit(KILLED)
            return trace

        try:
            sys.settrace(trace)
            work()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, KILLED), f"the work itself failed at step {step}"
    return code == 0


@pytest.fixture
def ram(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: hundreds of starts, each with its fsyncs, take long on a real disk."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


def test_killed_at_every_line_nothing_is_lost_or_half_written(ram: Path) -> None:
    report = in_a_process_of_its_own("capture", ram)
    assert report["steps"] > 150, "the trace saw too little"
    # The kills fell into every phase: before the photograph, after it, after its row, after its measurement.
    assert set(report["seen"]) == {"nothing", "adopted", "captured", "measured"}


def test_killed_during_recovery_the_next_one_finishes(ram: Path) -> None:
    assert in_a_process_of_its_own("recovery", ram)["steps"] > 50


def in_a_process_of_its_own(what: str, folder: Path, file: str = __file__) -> dict[str, Any]:
    """Runs a test file as a program: it forks, which only a process with a single thread can do safely."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning", file, what, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def kill_the_capture(ram: Path) -> dict[str, Any]:
    # Everything is imported by now, so that a child does nothing but the work.
    (ram / "warm").mkdir()
    one_photograph(ram / "warm")
    step, seen = 0, set()
    finished = False
    while not finished:
        step += 1
        folder = ram / f"step-{step}"
        folder.mkdir()
        finished = killed_at(step, lambda folder=folder: one_photograph(folder))  # type: ignore[misc]
        seen.add(look_after(folder))
        shutil.rmtree(folder)
    return {"steps": step, "seen": sorted(seen)}


def look_after(folder: Path) -> str:
    """The next start after a kill: checks every promise and says how far the work had come."""
    on_disk = {path.name: path.read_bytes() for path in (folder / "images").rglob("*") if path.is_file()}
    whole = [name for name, data in on_disk.items() if _is_whole(data)]
    assert all(_is_whole(data) for name, data in on_disk.items() if not name.endswith(".part"))
    records = Records(folder / "station.sqlite3")
    before = records.counts()
    images = ImageFolder(folder / "images")
    found = recover(records, images)
    assert inspect(records._database.path)[0] == ()
    assert found.missing == ()
    assert len(list(images.names())) == len(whole) + len(found.kept)
    for name in found.kept:
        assert name.endswith(".part"), "what is not whole never has a final name"
    for capture_id in records.pending():
        row = records.capture(capture_id)
        assert read_photograph(images.path(row.image)).shape == (72, 96, 3)
        records.set_measured(capture_id, measured(), CLOCK.now())
    after = records.counts()
    assert after[CaptureState.MEASURED] == len(whole) <= 1
    assert after[CaptureState.CAPTURED] == 0
    with records._database.read() as connection:
        assert connection.table("measurements").count == after[CaptureState.MEASURED]
    assert recover(records, images).adopted == ()
    records.close()
    if before[CaptureState.MEASURED]:
        return "measured"
    if before[CaptureState.CAPTURED]:
        return "captured"
    return "adopted" if found.adopted else "nothing"


def _is_whole(data: bytes) -> bool:
    try:
        check(data)
    except ValueError:
        return False
    return True


def kill_the_recovery(ram: Path) -> dict[str, Any]:
    origin = ram / "origin"
    origin.mkdir()
    one_photograph(origin)
    (origin / "station.sqlite3").unlink()
    Records(origin / "station.sqlite3").close()
    (path,) = (origin / "images").rglob("*.jpg")
    data = path.read_bytes()
    path.with_name("vertex-01-00000001.jpg.part").write_bytes(data + bytes(2000))
    path.with_name("vertex-01-00000002.jpg.part").write_bytes(bytes(2000))
    path.with_name("vertex-01-00000003.jpg.part").write_bytes(data[:900])
    step, finished = 0, False
    while not finished:
        step += 1
        folder = ram / f"step-{step}"
        shutil.copytree(origin, folder)

        def work(folder: Path = folder) -> None:
            recover(Records(folder / "station.sqlite3"), ImageFolder(folder / "images"))

        finished = killed_at(step, work, ("/records/recovery.py", "/records/store.py", "/records/images.py"))
        records, images = Records(folder / "station.sqlite3"), ImageFolder(folder / "images")
        recover(records, images)
        (person,) = records.persons()
        assert len(records.captures(person.code)) == 2
        assert sorted(name.rsplit("-", 1)[1] for name in images.names() if name.endswith(".part")) == [
            "00000003.jpg.part"
        ]
        records.close()
        shutil.rmtree(folder)
    return {"steps": step}


def test_a_full_disk_is_one_sentence_and_costs_nothing_that_was_stored(small_disk: SmallDisk) -> None:
    disk = small_disk("4m")
    session = dataclasses.replace(session_in(disk), keep_free=0)
    person = session.records.new_person(CLOCK.now())
    first = session.capture_frame(Place(person, 1, "vertex", 1))
    (disk / "ballast").write_bytes(b"x")
    refusals = []
    for room in (200_000, 20_000, 4096, 0):
        _fill(disk, room)
        for frame in range(2, 12):
            try:
                session.capture_frame(Place(person, 1, "vertex", frame))
            except StorageError as error:
                refusals.append(str(error))
    assert len(refusals) >= 10
    assert all("full" in text or "MB are free" in text for text in refusals)
    with pytest.raises(StorageError, match="the disk is full"):
        _many_people(session.records)
    session.records.close()
    with pytest.raises(StorageError, match=r"the disk is full; nothing was stored\. Free some space"):
        Records(disk / "station.sqlite3").new_person(CLOCK.now())
    problems, captures = inspect(disk / "station.sqlite3")
    assert (problems, captures >= 1) == ((), True), "a full disk is no damage"
    (disk / "ballast").unlink()
    session = dataclasses.replace(session, records=Records(disk / "station.sqlite3"))
    recover(session.records, session.images)
    assert inspect(session.records._database.path)[0] == ()
    rows = session.records.captures(person.code)
    assert rows[0].capture_id == first
    assert sorted(row.image.name for row in rows) == list(session.images.names())
    assert all(_is_whole(session.images.path(row.image).read_bytes()) for row in rows)


def _many_people(records: Records) -> None:
    for _ in range(50):
        records.new_person(CLOCK.now())


def _fill(disk: Path, room: int) -> None:
    with (disk / "ballast").open("ab") as stream:
        while (free := shutil.disk_usage(disk).free) > room:
            try:
                stream.write(bytes(min(free - room, 65536)))
                stream.flush()
            except OSError:
                return


def test_a_read_only_disk_is_one_sentence(small_disk: SmallDisk) -> None:
    disk = small_disk("4m")
    session = session_in(disk)
    person = session.records.new_person(CLOCK.now())
    session.records.close()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(StorageError, match="read-only"):
        session.capture_frame(Place(person, 1, "vertex", 1))
    with pytest.raises(StationError) as caught:
        Records(disk / "station.sqlite3").new_person(CLOCK.now())
    assert isinstance(caught.value, StorageError)
    with pytest.raises(StorageError, match=r"mounted read-only; the record is unharmed\. Mount it"):
        Records(disk / "station.sqlite3")
    assert inspect(disk / "station.sqlite3") == ((), 0)  # read-only is no reason to call it damaged


def test_a_file_size_limit_acts_like_a_full_disk(tmp_path: Path) -> None:
    in_a_process_of_its_own("limit", tmp_path)
    session = session_in(tmp_path)
    assert list(session.images.names()) == []
    (person,) = session.records.persons()
    session.capture_frame(Place(person, 1, "vertex", 1))


def capture_under_a_limit(folder: Path) -> dict[str, Any]:
    session = session_in(folder)
    person = session.records.new_person(CLOCK.now())
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
    with pytest.raises(StorageError, match="full"):
        session.capture_frame(Place(person, 1, "vertex", 1))
    return {}


if __name__ == "__main__":
    work = {"capture": kill_the_capture, "recovery": kill_the_recovery, "limit": capture_under_a_limit}[sys.argv[1]]
    sys.stdout.write(json.dumps(work(Path(sys.argv[2]))))
