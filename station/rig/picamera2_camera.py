"""The Raspberry Pi's camera through picamera2.

picamera2 comes from the system's packages on a Pi and is imported when the camera is opened, here and nowhere else.
One still configuration is used for everything: changing modes fragments the contiguous memory of small Pis. It has a
second, small stream for the live picture where the camera offers one; otherwise that is made from the photograph's
stream.
"""

from __future__ import annotations

import contextlib
import importlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from station.clock import Clock
from station.errors import (
    CameraBusyError,
    CameraError,
    CameraMissingError,
    CameraStoppedError,
    ControlsNotConfirmedError,
)
from station.rig.preview import Preview, preview_px_per_mm, preview_size, shrunk
from station.rig.profile import RigProfile
from station.values import Controls, Frame, Lamp, UInt8Image

BUFFERS = 2
# Exposure is counted in sensor lines and gains in the sensor's own steps, so confirmed values differ a little.
_TOLERANCE = 0.03
_LINE_US = 80.0
_CONTROL_NAMES = {
    "exposure_us": "ExposureTime",
    "analogue_gain": "AnalogueGain",
    "colour_gains": "ColourGains",
    "lens_position": "LensPosition",
}
# What has to be switched off so that the camera does not move the control by itself.
_AUTOMATICS: dict[str, dict[str, Any]] = {
    "exposure_us": {"AeEnable": False},
    "analogue_gain": {"AeEnable": False},
    "colour_gains": {"AwbEnable": False},
    "lens_position": {"AfMode": 0},  # libcamera's AfModeManual
}


class Picamera2Camera:
    """A camera that picamera2 can open. It is opened by the first exposure and stays open until `close`.

    camera_class: `picamera2.Picamera2` or a class of the same shape; None imports it. timeout_s: within this time
    `expose` returns or raises.
    """

    def __init__(
        self, profile: RigProfile, clock: Clock, timeout_s: float, camera_class: Callable[[], Any] | None = None
    ) -> None:
        self._profile = profile
        self._clock = clock
        self._timeout_s = timeout_s
        self._class = camera_class
        self._camera: Any = None
        self._format = ""
        self._small_format = ""
        self._controlled = False
        self._unavailable: tuple[str, ...] = ()

    @property
    def unavailable(self) -> tuple[str, ...]:
        return self._unavailable

    def describe(self) -> str:
        self._open()
        model = self._camera.camera_properties.get("Model", "camera")
        return f"{model}, {self._profile.width_px} x {self._profile.height_px} pixels, {self._format}"

    def expose(self, controls: Controls, lamp: Lamp) -> Frame:
        self._open()
        wanted = self._request(controls)
        began_ns = time.monotonic_ns()
        deadline = time.monotonic() + self._timeout_s
        reported = Controls()
        with self._working():
            self._control(wanted)
            for number in range(10_000):
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                request = self._camera.capture_request(wait=left)
                try:
                    metadata = request.get_metadata()
                    if not _is_new(metadata, began_ns, number):
                        continue
                    taken = self._clock.now()
                    reported = confirmed_controls(metadata)
                    if _agree(wanted, metadata):
                        pixels = to_rgb(request.make_array("main"), self._format)
                        return Frame(pixels, controls, reported, lamp, taken, self._profile.id)
                finally:
                    request.release()
        raise ControlsNotConfirmedError(
            f"The camera did not confirm the requested controls within {self._timeout_s:g} s: "
            f"asked for {wanted}, it last reported {reported.as_dict()}."
        )

    def preview(self) -> Preview:
        """The next live picture, under the controls of the last exposure, or the profile's before the first one.

        Where there is a small stream the photograph's pixels are not touched.
        """
        self._open()
        if not self._controlled:
            wanted = self._request(self._profile.controls)
            with self._working():
                self._control(wanted)
        with self._working():
            request = self._camera.capture_request(wait=self._timeout_s)
            try:
                taken = time.monotonic()
                array = request.make_array("lores" if self._small_format else "main")
            finally:
                request.release()
        if not self._small_format:
            return shrunk(to_rgb(array, self._format), self._profile, taken)
        width, height = preview_size(self._profile)
        pixels = to_rgb(array, self._small_format)[:height, :width]  # lines may be padded
        return Preview(np.ascontiguousarray(pixels), preview_px_per_mm(self._profile), taken)

    def close(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            try:
                camera.stop()
            finally:
                camera.close()

    def _control(self, wanted: dict[str, Any]) -> None:
        self._camera.set_controls(wanted)
        self._controlled = True

    @contextlib.contextmanager
    def _working(self) -> Iterator[None]:
        """What the camera's own failures become; after one it is closed, and the next call opens it again."""
        try:
            yield
        except TimeoutError as error:
            self._give_up()
            raise CameraStoppedError(
                f"The camera delivered no frame within {self._timeout_s:g} s; check its ribbon cable."
            ) from error
        except (RuntimeError, OSError) as error:
            if isinstance(error, CameraError):
                raise
            self._give_up()
            raise CameraStoppedError(f"The camera stopped: {_last_line(error)}.") from error

    def _give_up(self) -> None:
        """After a failure: drop what waits, so that the camera can be closed and opened again by the next call."""
        camera, self._camera = self._camera, None
        for step in ("cancel_all_and_flush", "stop", "close"):
            try:
                getattr(camera, step)()
            except (RuntimeError, OSError, AttributeError):
                continue  # the camera is broken already; the caller raises what broke it

    def _open(self) -> None:
        if self._camera is not None:
            return
        camera_class = self._class or _picamera2_class()
        camera = _opened(camera_class)
        try:
            size = (self._profile.width_px, self._profile.height_px)
            configured = _configured(camera, size, preview_size(self._profile))
            main = configured["main"]
            # libcamera adjusts what it cannot deliver without a word; another size would be another scale.
            if tuple(main["size"]) != size:
                raise CameraError(
                    f"The camera delivers {main['size'][0]} x {main['size'][1]} pixels, but rig profile "
                    f"{self._profile.id} says {size[0]} x {size[1]}; use the profile of this camera."
                )
            if main["format"] not in FORMATS:
                raise CameraError(f"The camera delivers the pixel format {main['format']}, which is not supported.")
            camera.start()
        except BaseException as error:
            camera.close()
            if isinstance(error, RuntimeError | OSError) and not isinstance(error, CameraError):
                raise CameraError(f"The camera cannot be configured: {_last_line(error)}.") from error
            raise
        self._format = main["format"]
        self._small_format = _small_format(configured, preview_size(self._profile))
        self._controlled = False
        self._camera = camera

    def _request(self, controls: Controls) -> dict[str, Any]:
        """The controls under picamera2's names, less those that the camera does not advertise."""
        advertised = self._camera.camera_controls
        wanted: dict[str, Any] = {}
        missing: list[str] = []
        for key, name in _CONTROL_NAMES.items():
            value = getattr(controls, key)
            if value is None:
                continue
            if name not in advertised:
                missing.append(name)
                continue
            wanted[name] = value
            wanted.update({other: state for other, state in _AUTOMATICS[key].items() if other in advertised})
        self._unavailable = tuple(missing)
        return wanted


def _picamera2_class() -> Callable[[], Any]:
    try:
        module = importlib.import_module("picamera2")
    except ImportError as error:
        raise CameraMissingError(
            f"The Pi's camera software is not installed ({error}); install it with: sudo apt install python3-picamera2"
        ) from error
    found: Callable[[], Any] = module.Picamera2
    return found


def _opened(camera_class: Callable[[], Any]) -> Any:
    """An open camera, or the error that says why not."""
    listing = getattr(camera_class, "global_camera_info", None)
    try:
        if listing is not None and not listing():
            raise CameraMissingError("No camera is connected; switch the Pi off and check the ribbon cable.")
        return camera_class()
    except IndexError as error:  # picamera2 before 0.3.31 when there is no camera
        raise CameraMissingError("No camera is connected; switch the Pi off and check the ribbon cable.") from error
    except (RuntimeError, OSError) as error:
        if isinstance(error, CameraError):
            raise
        reasons = _last_line(error)
        if any(word in reasons.lower() for word in ("busy", "acquire", "in use")):
            raise CameraBusyError("Another program holds the camera; stop it and try again.") from error
        raise CameraError(f"The camera cannot be opened: {reasons}.") from error


def _configured(camera: Any, size: tuple[int, int], small: tuple[int, int]) -> Mapping[str, Any]:
    """The camera's one configuration: with a small stream of the size `small` if the camera can deliver two."""
    options = {"main": {"format": "RGB888", "size": size}, "buffer_count": BUFFERS, "display": None, "encode": None}
    try:
        # YUV420 is the one format that every Raspberry Pi's second stream has.
        camera.configure(camera.create_still_configuration(lores={"format": "YUV420", "size": small}, **options))
    except (RuntimeError, OSError, AttributeError, LookupError, TypeError, ValueError):
        # What picamera2 raises for a second stream where there is one depends on its version.
        camera.configure(camera.create_still_configuration(**options))
    found: Mapping[str, Any] = camera.camera_configuration()
    return found


def _small_format(configured: Mapping[str, Any], small: tuple[int, int]) -> str:
    """Pixel format of the small stream; empty where there is none of the size and format that were asked for."""
    stream = configured.get("lores")
    if not stream or tuple(stream["size"]) != small or stream["format"] not in FORMATS:
        return ""
    return str(stream["format"])


def _last_line(error: BaseException) -> str:
    """The root cause's message: picamera2 wraps it in general ones."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip().rstrip(".") or type(error).__name__


def _is_new(metadata: Mapping[str, Any], began_ns: int, number: int) -> bool:
    """True if the frame's exposure began after the request was made."""
    if "SensorTimestamp" in metadata and "ExposureTime" in metadata:
        return bool(metadata["SensorTimestamp"] - 1000 * metadata["ExposureTime"] >= began_ns)
    return number > BUFFERS  # without times: what was in flight when the request was made has passed


def _agree(wanted: Mapping[str, Any], metadata: Mapping[str, Any]) -> bool:
    """True once the frame's metadata shows every requested control."""
    for name in _CONTROL_NAMES.values():
        if name not in wanted:
            continue
        if name not in metadata:
            return False
        asked = np.atleast_1d(np.asarray(wanted[name], dtype=np.float64))
        got = np.atleast_1d(np.asarray(metadata[name], dtype=np.float64))
        floor = _LINE_US if name == "ExposureTime" else 0.02
        if asked.shape != got.shape or np.any(np.abs(asked - got) > np.maximum(_TOLERANCE * np.abs(asked), floor)):
            return False
    return True


def confirmed_controls(metadata: Mapping[str, Any]) -> Controls:
    """What a frame's metadata says of its controls."""
    gains = metadata.get("ColourGains")
    exposure = metadata.get("ExposureTime")
    return Controls(
        exposure_us=None if exposure is None else int(exposure),
        analogue_gain=_number(metadata.get("AnalogueGain")),
        colour_gains=None if gains is None else (float(gains[0]), float(gains[1])),
        lens_position=_number(metadata.get("LensPosition")),
    )


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


# picamera2 names formats by their place in a little-endian word: its RGB888 lies in memory as B, G, R.
_TO_RGB: dict[str, int | None] = {
    "RGB888": cv2.COLOR_BGR2RGB,
    "BGR888": None,
    "XRGB8888": cv2.COLOR_BGRA2RGB,
    "XBGR8888": cv2.COLOR_RGBA2RGB,
}
_PLANAR = ("NV12", "YUV420")
FORMATS = (*_TO_RGB, *_PLANAR)


def to_rgb(array: NDArray[np.uint8], pixel_format: str) -> UInt8Image:
    """(H, W, 3) uint8 RGB from picamera2's array of a stream in one of `FORMATS`.

    The planar formats are taken as full-range BT.601, the colour space (sYCC) of picamera2's still configuration.
    """
    if pixel_format in _PLANAR:
        return _from_planes(array, interleaved=pixel_format == "NV12")
    conversion = _TO_RGB[pixel_format]
    if conversion is None:
        return np.ascontiguousarray(array)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(array), conversion), dtype=np.uint8)


def _from_planes(array: NDArray[np.uint8], *, interleaved: bool) -> UInt8Image:
    """RGB from (H * 3 / 2, W): luma over chroma of half the width and height."""
    height, width = array.shape[0] * 2 // 3, array.shape[1]
    chroma = array[height:].reshape(-1)
    half = (height // 2, width // 2)
    blue, red = (chroma[0::2], chroma[1::2]) if interleaved else np.split(chroma, 2)
    planes = [array[:height], *(cv2.resize(plane.reshape(half), (width, height)) for plane in (red, blue))]
    # OpenCV's own NV12 and I420 conversions expect video range and would stretch the contrast.
    return np.asarray(cv2.cvtColor(cv2.merge(planes), cv2.COLOR_YCrCb2RGB), dtype=np.uint8)
