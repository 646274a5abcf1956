"""One photograph: the lamp is dark on every path, and a frame that was taken is never lost."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from station.calibration.profile import nominal
from station.capture.protocol import load_protocol
from station.capture.session import CaptureSession, Place
from station.clock import SimulatedClock
from station.errors import CameraError, CameraStoppedError, StorageError, UsageError
from station.records.images import ImageFolder
from station.records.photograph import check
from station.records.rows import CaptureState, PersonRow
from station.records.store import Records
from station.rig.profile import parse_profile
from station.rig.protocols import Camera, Light, Rig
from station.rig.simulated import simulated_rig
from station.values import Controls, Frame, Lamp

MOMENT = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
CLOCK = SimulatedClock(MOMENT)
PROFILE = parse_profile(
    'id = "small"\nname = "S"\nnote = ""\n[camera]\nwidth_px = 320\nheight_px = 240\npx_per_mm = 60.0\n'
    "[controls]\nexposure_us = 8000\n",
    "test",
)


class WatchedLight:
    """The world's light, with a diary and faults on order: how often `switch` to off fails."""

    def __init__(self, light: Light, off_fails: int = 0, on_fails: bool = False) -> None:
        self.light, self.off_fails, self.on_fails = light, off_fails, on_fails
        self.diary: list[Lamp] = []

    @property
    def lamp(self) -> Lamp:
        return self.light.lamp

    def switch(self, lamp: Lamp) -> None:
        self.diary.append(lamp)
        if lamp is Lamp.OFF and self.off_fails:
            self.off_fails -= 1
            raise CameraError("The light cannot be switched to off.")
        self.light.switch(lamp)
        if lamp is not Lamp.OFF and self.on_fails:
            raise CameraError("The light failed while it came on.")

    def close(self) -> None:
        self.light.close()


class FailingCamera:
    """A camera that raises what it is told to."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def expose(self, controls: Controls, lamp: Lamp) -> Frame:
        raise self.error

    @property
    def unavailable(self) -> tuple[str, ...]:
        return ()

    def describe(self) -> str:
        return "failing"

    def close(self) -> None:
        """Nothing to let go of."""


@dataclasses.dataclass
class Bench:
    session: CaptureSession
    light: WatchedLight
    person: PersonRow

    def place(self, site: str = "vertex", frame: int = 1) -> Place:
        return Place(self.person, 1, site, frame)

    def with_rig(self, *, camera: Camera | None = None, light: WatchedLight | None = None) -> Bench:
        rig = self.session.rig
        light = light or self.light
        rig = dataclasses.replace(rig, camera=camera or rig.camera, light=light)
        return Bench(dataclasses.replace(self.session, rig=rig), light, self.person)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    rig = simulated_rig(PROFILE, CLOCK, "healthy", 1, MOMENT.date())
    light = WatchedLight(rig.light)
    rig = Rig(rig.profile, rig.camera, light, rig.place)
    rig.place("vertex", MOMENT, 0)
    records = Records(tmp_path / "station.sqlite3")
    session = CaptureSession(
        rig, nominal(PROFILE), load_protocol(), records, ImageFolder(tmp_path / "images"), 95, keep_free=10**6
    )
    return Bench(session, light, records.new_person(CLOCK.now()))


def files(bench: Bench) -> list[str]:
    return list(bench.session.images.names())


def test_a_capture_is_stored_with_all_that_is_known(bench: Bench) -> None:
    capture_id = bench.session.capture_frame(bench.place())
    assert bench.light.diary == [Lamp.CROSS, Lamp.OFF]
    assert bench.light.lamp is Lamp.OFF
    row = bench.session.records.capture(capture_id)
    assert row.state is CaptureState.CAPTURED
    assert (row.rig_id, row.px_per_mm, row.px_per_mm_rel_sd) == ("small", 60.0, 0.01)
    assert row.calibration_id.startswith("nominal-small:")
    data = bench.session.images.path(row.image).read_bytes()
    whole = check(data)
    assert whole.header.requested == whole.header.confirmed == Controls(exposure_us=8000)
    assert whole.header.lamp is Lamp.CROSS
    assert whole.header.taken.utc == MOMENT
    assert files(bench) == [row.image.name]


@pytest.mark.parametrize("error", [CameraStoppedError("gone"), KeyboardInterrupt(), MemoryError(), SystemExit(1)])
def test_whatever_happens_during_the_exposure_the_lamp_goes_off(bench: Bench, error: BaseException) -> None:
    failing = bench.with_rig(camera=FailingCamera(error))
    with pytest.raises(type(error)):
        failing.session.capture_frame(bench.place())
    assert bench.light.diary == [Lamp.CROSS, Lamp.OFF]
    assert bench.light.lamp is Lamp.OFF
    assert files(bench) == []
    assert bench.session.records.captures(bench.person.code) == ()


def test_a_lamp_that_fails_while_it_comes_on_is_switched_off(bench: Bench) -> None:
    bench.light.on_fails = True
    with pytest.raises(CameraError, match="came on"):
        bench.session.capture_frame(bench.place())
    assert bench.light.lamp is Lamp.OFF
    assert files(bench) == []


def test_a_lamp_that_fails_to_go_off_once_is_tried_again(bench: Bench) -> None:
    bench.light.off_fails = 1
    bench.session.capture_frame(bench.place())
    assert bench.light.diary == [Lamp.CROSS, Lamp.OFF, Lamp.OFF]
    assert bench.light.lamp is Lamp.OFF


def test_a_lamp_that_never_goes_off_is_an_error_after_the_frame_is_safe(bench: Bench) -> None:
    bench.light.off_fails = 99
    with pytest.raises(CameraError, match="switched to off"):
        bench.session.capture_frame(bench.place())
    (row,) = bench.session.records.captures(bench.person.code)
    assert bench.session.images.path(row.image).exists()
    bench.light.off_fails = 99
    failing = bench.with_rig(camera=FailingCamera(CameraStoppedError("gone")))
    with pytest.raises(CameraStoppedError, match="gone"):
        failing.session.capture_frame(bench.place())


def test_without_room_on_the_disk_nothing_is_lit(bench: Bench) -> None:
    session = dataclasses.replace(bench.session, keep_free=10**18)
    with pytest.raises(StorageError, match="no photograph was taken"):
        session.capture_frame(bench.place())
    assert bench.light.diary == []
    assert files(bench) == []


def test_an_unknown_site_is_refused_before_anything_is_lit(bench: Bench) -> None:
    with pytest.raises(UsageError, match="no such site"):
        bench.session.capture_frame(bench.place("crown"))
    assert bench.light.diary == []
    assert files(bench) == []


def test_the_same_head_is_never_put_back_at_the_same_place(bench: Bench) -> None:
    pictures = []
    for placement in range(2):
        bench.session.rig.place("vertex", MOMENT, placement)
        row = bench.session.records.capture(bench.session.capture_frame(bench.place(frame=placement + 1)))
        pictures.append(bench.session.images.path(row.image).read_bytes())
    assert pictures[0] != pictures[1]
    assert np.ptp([len(picture) for picture in pictures]) < 60_000
