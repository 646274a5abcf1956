"""The Pi's camera driver against a class of picamera2's shape (picamera2 itself exists on a Pi alone)."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from station.clock import SimulatedClock
from station.errors import (
    CameraBusyError,
    CameraError,
    CameraMissingError,
    CameraStoppedError,
    ControlsNotConfirmedError,
)
from station.rig.picamera2_camera import Picamera2Camera, to_rgb
from station.rig.profile import parse_profile
from station.values import Controls, Lamp

CLOCK = SimulatedClock(dt.datetime(2026, 1, 5, tzinfo=dt.UTC))
PROFILE = parse_profile(
    'id = "x"\nname = "X"\nnote = ""\n[camera]\nwidth_px = 96\nheight_px = 64\npx_per_mm = 100\n', "test"
)
WANTED = Controls(exposure_us=8000, analogue_gain=1.5, colour_gains=(2.0, 1.5), lens_position=4.0)
RED, GREEN, BLUE = 200, 120, 40


class Request:
    """A completed request, as picamera2 hands it out."""

    def __init__(self, camera: SensorCamera, metadata: dict[str, Any]) -> None:
        self.camera, self.metadata, self.released = camera, metadata, False

    def get_metadata(self) -> dict[str, Any]:
        return self.metadata

    def make_array(self, name: str) -> NDArray[np.uint8]:
        assert name == "main"
        return np.full((64, 96, 3), (BLUE, GREEN, RED), np.uint8)

    def release(self) -> None:
        self.released = True


class SensorCamera:
    """Behaves as a sensor does: controls take effect some frames after they are set, and are rounded."""

    advertised: ClassVar[set[str]] = {"AeEnable", "AwbEnable", "ExposureTime", "AnalogueGain", "ColourGains"}
    delay = 3
    pixel_format = "RGB888"
    size = (96, 64)
    stuck = False
    timestamps = True
    made: ClassVar[list[SensorCamera]] = []

    def __init__(self) -> None:
        self.made.append(self)
        self.settings: dict[str, Any] = {}
        self.age = 0
        self.requests: list[Request] = []
        self.log: list[str] = []
        self.camera_controls = dict.fromkeys(self.advertised, (0, 1, 0))
        self.camera_properties = {"Model": "imx477"}

    @staticmethod
    def global_camera_info() -> list[dict[str, Any]]:
        return [{"Num": 0}]

    def create_still_configuration(self, **options: Any) -> dict[str, Any]:
        return options

    def configure(self, config: dict[str, Any]) -> None:
        assert config["main"] == {"format": "RGB888", "size": (96, 64)}
        self.log.append("configure")

    def camera_configuration(self) -> dict[str, Any]:
        return {"main": {"format": self.pixel_format, "size": self.size}}

    def start(self) -> None:
        self.log.append("start")

    def set_controls(self, controls: dict[str, Any]) -> None:
        for name in controls:
            if name not in self.advertised:
                raise RuntimeError(f"Control {name} is not advertised by libcamera")
        self.settings, self.age = dict(controls), 0

    def capture_request(self, wait: float) -> Request:
        assert 0 < wait <= 5
        self.age += 1
        took = not self.stuck and self.age > self.delay
        exposure = self.settings.get("ExposureTime", 0) + 7 if took else 100
        metadata: dict[str, Any] = {"AnalogueGain": self.settings.get("AnalogueGain", 1.0) * (1.004 if took else 3)}
        metadata["ColourGains"] = self.settings.get("ColourGains", (1.0, 1.0)) if took else (9.0, 9.0)
        metadata["ExposureTime"] = exposure
        if self.timestamps:
            metadata["SensorTimestamp"] = time.monotonic_ns() + 1000 * exposure
        request = Request(self, metadata)
        self.requests.append(request)
        return request

    def stop(self) -> None:
        self.log.append("stop")

    def close(self) -> None:
        self.log.append("close")


def camera(kind: type[SensorCamera], timeout_s: float = 2.0) -> Picamera2Camera:
    kind.made = []
    return Picamera2Camera(PROFILE, CLOCK, timeout_s, kind)


def test_waits_until_the_frames_own_metadata_confirms() -> None:
    driver = camera(SensorCamera)
    frame = driver.expose(WANTED, Lamp.CROSS)
    (sensor,) = SensorCamera.made
    assert len(sensor.requests) == SensorCamera.delay + 1
    assert all(request.released for request in sensor.requests)
    assert frame.requested == WANTED
    assert frame.confirmed == Controls(8007, pytest.approx(1.506), (2.0, 1.5), None)
    assert driver.unavailable == ("LensPosition",)
    assert sensor.settings["AeEnable"] is False
    assert sensor.settings["AwbEnable"] is False
    assert tuple(frame.pixels[0, 0]) == (RED, GREEN, BLUE)
    assert frame.pixels.shape == (64, 96, 3)


def test_one_configuration_serves_every_exposure() -> None:
    driver = camera(SensorCamera)
    driver.expose(WANTED, Lamp.CROSS)
    driver.expose(WANTED, Lamp.PARALLEL)
    assert driver.describe() == "imx477, 96 x 64 pixels, RGB888"
    driver.close()
    driver.close()
    assert SensorCamera.made[0].log == ["configure", "start", "stop", "close"]


def test_frames_exposed_before_the_request_are_left_out() -> None:
    class Late(SensorCamera):
        delay = 0

        def capture_request(self, wait: float) -> Request:
            request = super().capture_request(wait)
            if len(self.requests) <= 2:
                request.metadata["SensorTimestamp"] -= 60_000_000_000
            return request

    camera(Late).expose(WANTED, Lamp.CROSS)
    assert len(Late.made[0].requests) == 3


def test_without_times_the_frames_in_flight_are_left_out() -> None:
    class Timeless(SensorCamera):
        delay = 0
        timestamps = False

    camera(Timeless).expose(WANTED, Lamp.CROSS)
    assert len(Timeless.made[0].requests) == 4


def test_controls_that_never_hold_are_an_error_of_their_own() -> None:
    class Stuck(SensorCamera):
        stuck = True

        def capture_request(self, wait: float) -> Request:
            time.sleep(0.01)
            return super().capture_request(wait)

    with pytest.raises(ControlsNotConfirmedError, match="8000"):
        camera(Stuck, 0.2).expose(WANTED, Lamp.CROSS)
    assert all(request.released for request in Stuck.made[0].requests)


def test_a_camera_that_stops_is_closed_and_can_be_tried_again() -> None:
    class Stopping(SensorCamera):
        fails: ClassVar[list[Exception]] = [TimeoutError(), RuntimeError("dequeue failed")]

        def cancel_all_and_flush(self) -> None:
            self.log.append("flush")

        def capture_request(self, wait: float) -> Request:
            if self.fails:
                raise self.fails.pop(0)
            return super().capture_request(wait)

    driver = camera(Stopping)
    with pytest.raises(CameraStoppedError, match="no frame within 2 s"):
        driver.expose(WANTED, Lamp.CROSS)
    assert Stopping.made[0].log[-3:] == ["flush", "stop", "close"]
    with pytest.raises(CameraStoppedError, match="dequeue failed"):
        driver.expose(WANTED, Lamp.CROSS)
    driver.expose(WANTED, Lamp.CROSS)
    assert len(Stopping.made) == 3


def test_no_camera_busy_camera_and_another_failure_are_told_apart() -> None:
    class None_(SensorCamera):
        @staticmethod
        def global_camera_info() -> list[dict[str, Any]]:
            return []

    class OldNone(SensorCamera):
        def __init__(self) -> None:
            raise IndexError("list index out of range")

    class Busy(SensorCamera):
        def __init__(self) -> None:
            try:
                raise RuntimeError("Failed to acquire camera: Device or resource busy")
            except RuntimeError as error:
                raise RuntimeError("Camera __init__ sequence did not complete.") from error

    class Broken(SensorCamera):
        def __init__(self) -> None:
            raise RuntimeError("Tuning file not found")

    for kind, expected, words in (
        (None_, CameraMissingError, "No camera is connected"),
        (OldNone, CameraMissingError, "No camera is connected"),
        (Busy, CameraBusyError, "Another program"),
        (Broken, CameraError, "Tuning file not found"),
    ):
        with pytest.raises(expected, match=words) as caught:
            camera(kind).expose(WANTED, Lamp.CROSS)
        assert type(caught.value) is expected


def test_without_picamera2_the_sentence_says_how_to_get_it() -> None:
    try:
        import picamera2  # noqa: F401
    except ImportError:
        pass
    else:
        pytest.skip("picamera2 is installed here")
    with pytest.raises(CameraMissingError, match="python3-picamera2"):
        Picamera2Camera(PROFILE, CLOCK, 1).describe()


def test_another_size_would_be_another_scale() -> None:
    class Smaller(SensorCamera):
        size = (80, 60)

    with pytest.raises(CameraError, match="80 x 60"):
        camera(Smaller).expose(WANTED, Lamp.CROSS)
    assert Smaller.made[0].log == ["configure", "close"]

    class Raw(SensorCamera):
        pixel_format = "SRGGB10"

    with pytest.raises(CameraError, match="SRGGB10"):
        camera(Raw).expose(WANTED, Lamp.CROSS)


def test_every_supported_format_becomes_rgb() -> None:
    rgb = np.full((64, 96, 3), (RED, GREEN, BLUE), np.uint8)
    # Full-range BT.601, as in JPEG (ITU-T T.871): Y = 0.299 R + 0.587 G + 0.114 B.
    luma = 0.299 * RED + 0.587 * GREEN + 0.114 * BLUE
    cb, cr = 128 + (BLUE - luma) / 1.772, 128 + (RED - luma) / 1.402
    y, u, v = (np.full(shape, round(value), np.uint8) for shape, value in (((64, 96), luma), (1536, cb), (1536, cr)))
    i420 = np.concatenate([y, np.concatenate([u, v]).reshape(32, 96)])
    nv12 = np.concatenate([y, np.stack([u, v], axis=1).reshape(32, 96)])
    alpha = np.full((64, 96, 1), 255, np.uint8)
    memory = {
        "RGB888": rgb[..., ::-1],
        "BGR888": rgb,
        "XRGB8888": np.concatenate([rgb[..., ::-1], alpha], axis=2),
        "XBGR8888": np.concatenate([rgb, alpha], axis=2),
        "YUV420": i420,
        "NV12": nv12,
    }
    for name, array in memory.items():
        found = to_rgb(np.ascontiguousarray(array), name)
        assert found.shape == rgb.shape, name
        assert np.abs(found.astype(int) - rgb).max() <= 3, name
