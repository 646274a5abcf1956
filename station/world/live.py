"""The live view: a site drawn once at the preview's scale, and moved as the head moves."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from station.world.brush import Bytes
from station.world.faults import WET_GLINTS, glare
from station.world.looks import LightLook
from station.world.optics import Optics, Pose, illuminate, motion_kernel

AROUND_MM = 42.0
"""What a canvas holds beyond the view's own width and height: 15 mm and 15 degrees off, and 15 % too far."""
MOST_PIXELS = 8e6
"""Of a canvas."""
NOISE = 1.2
"""Of the preview, in eight-bit levels: its pixels are means of several of the sensor's."""
NOISE_ROOM = 61
LEAST_BLUR_PX = 0.5


def canvas_optics(view: Optics) -> Optics:
    """The piece of ground that a canvas for this view shows."""
    width, height = (side + AROUND_MM for side in view.size_mm)
    scale = min(view.px_per_mm, float(np.sqrt(MOST_PIXELS / (width * height))))
    return Optics(round(width * scale), round(height * scale), scale)


def even_light(light: LightLook, wet: float) -> LightLook:
    """The light in which a canvas is drawn: what belongs to the view, and not to the ground, comes with each frame.

    wet: how far the ground shines with water, 0 to 1.
    """
    glints = max(light.glints, WET_GLINTS * wet)
    return LightLook(glints=glints, glint_patchiness=light.glint_patchiness, blur_mm=light.blur_mm, vignette=0.0)


class PreviewNoise:
    """Noise of previews of one size: drawn once, and laid over each frame at another place."""

    def __init__(self, view: Optics) -> None:
        shape = (view.height_px + NOISE_ROOM, view.width_px + NOISE_ROOM, 3)
        noise = np.random.default_rng(1).normal(0, NOISE, shape)
        self._brighter = np.asarray(np.clip(np.rint(noise), 0, 255), np.uint8)
        self._darker = np.asarray(np.clip(np.rint(-noise), 0, 255), np.uint8)

    def noisy(self, picture: Bytes, tick: int) -> Bytes:
        """The picture (H, W, 3) with noise, in place. tick: number of the frame."""
        top, left = (tick * 29) % NOISE_ROOM, (tick * 17) % NOISE_ROOM
        place = np.s_[top : top + picture.shape[0], left : left + picture.shape[1]]
        cv2.add(picture, self._brighter[place], dst=picture)
        cv2.subtract(picture, self._darker[place], dst=picture)
        return picture


class LiveView:
    """Frames of one size from one canvas (H, W, 3), which shows the ground around the site's origin in even light."""

    def __init__(self, canvas: Bytes, ground: Optics, view: Optics, noise: PreviewNoise) -> None:
        self._canvas = canvas
        self._ground = ground
        self._view = view
        self._noise = noise
        self._light: tuple[LightLook, NDArray[np.float32]] | None = None
        self._glare: tuple[float, Bytes] | None = None

    def frame(
        self,
        pose: Pose,
        light: LightLook,
        *,
        blur_mm: float = 0.0,
        motion: tuple[float, float] = (0.0, 0.0),
        thrown_back: float = 0.0,
        tick: int = 0,
    ) -> Bytes:
        """One frame (H, W, 3) uint8 RGB.

        blur_mm: standard deviation of what is added to the point spread; motion: way (x, y) in mm during the
        exposure; thrown_back: glare, 0 to 1; tick: number of the frame, on which its noise depends.
        """
        view = self._view
        seen: Bytes = np.empty((view.height_px, view.width_px, 3), np.uint8)
        # The canvas shows stretched skin: only the rest of the pose is left to do.
        plain = replace(pose, stretch=None)
        size = (view.width_px, view.height_px)
        corners = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        source = Pose().to_view(corners, self._ground) * self._ground.px_per_mm - 0.5
        target = plain.to_view(corners, view) * view.px_per_mm - 0.5
        matrix = cv2.getAffineTransform(source.astype(np.float32), target.astype(np.float32))
        cv2.warpAffine(self._canvas, matrix, size, dst=seen, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        sigma = blur_mm * view.px_per_mm
        if sigma > LEAST_BLUR_PX:
            seen = _blurred(seen, sigma)
        kernel = motion_kernel(motion[0] * view.px_per_mm, motion[1] * view.px_per_mm)
        if kernel is not None:
            cv2.filter2D(seen.copy(), -1, kernel, dst=seen)
        cv2.multiply(seen, self._gain(light), dst=seen, dtype=cv2.CV_8U)
        if thrown_back > 0:
            cv2.add(seen, self._thrown_back(thrown_back), dst=seen)
        return self._noise.noisy(seen, tick)

    def _gain(self, light: LightLook) -> NDArray[np.float32]:
        if self._light is None or self._light[0] != light:
            white = np.ones((self._view.height_px, self._view.width_px, 3), np.uint8)
            self._light = (light, illuminate(white, light))
        return self._light[1]

    def _thrown_back(self, strength: float) -> Bytes:
        if self._glare is None or self._glare[0] != strength:
            self._glare = (strength, glare((self._view.height_px, self._view.width_px), strength))
        return self._glare[1]


def _blurred(picture: Bytes, sigma: float) -> Bytes:
    """A strong blur costs as much as a weak one: it is made on a smaller picture."""
    shrink = max(1, int(sigma / 1.5))
    if shrink == 1:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
    size = (picture.shape[1], picture.shape[0])
    small = cv2.resize(picture, (size[0] // shrink, size[1] // shrink), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / shrink)
    return np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.uint8)
