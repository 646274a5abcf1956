"""What the lens and the sensor do to the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from station.world.looks import LightLook, Rng
from station.world.stretch import Stretch

Floats = NDArray[np.float64]
Picture = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Optics:
    """The view of a rig: pixels and scale on the plane of the site."""

    width_px: int
    height_px: int
    px_per_mm: float

    @property
    def size_mm(self) -> tuple[float, float]:
        return self.width_px / self.px_per_mm, self.height_px / self.px_per_mm


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera looks: the site's point (dx, dy) mm lies in the middle of the view, turned and scaled.

    stretch: how the skin is stretched besides; the point in the middle is one of the stretched skin.
    """

    dx_mm: float = 0.0
    dy_mm: float = 0.0
    rotation_deg: float = 0.0
    scale: float = 1.0
    stretch: Stretch | None = None

    def to_view(self, points: Floats, optics: Optics) -> Floats:
        """Points (n, 2) of the site in mm to the view in mm, origin at its top left corner."""
        if self.stretch is not None:
            points = self.stretch.apply(points)
        moved = (points - (self.dx_mm, self.dy_mm)) @ (_turn(self.rotation_deg) * self.scale).T
        return np.asarray(moved + np.asarray(optics.size_mm) / 2)

    def to_site(self, points: Floats, optics: Optics) -> Floats:
        """Points (n, 2) of the view in mm to the site in mm: the inverse of `to_view`."""
        turn = _turn(self.rotation_deg) / self.scale
        points = (points - np.asarray(optics.size_mm) / 2) @ turn + (self.dx_mm, self.dy_mm)
        return np.asarray(points if self.stretch is None else self.stretch.relaxed(points))

    def carry(self, paths: Floats, optics: Optics) -> Floats:
        """Paths (n, m, 2) of shafts, root first, to the view: a shaft moves with its root and isn't stretched."""
        if self.stretch is not None:
            paths = paths + self.stretch.displacement(paths[:, 0])[:, None]
        plain = replace(self, stretch=None)
        return plain.to_view(paths.reshape(-1, 2), optics).reshape(paths.shape)

    def moved(self, dx_mm: float, dy_mm: float, turn_deg: float, nearer: float = 1.0) -> Pose:
        """The pose after the picture's content was turned (x towards y) and enlarged about the middle of the view,
        and then shifted by dx to the right and dy downwards, in mm of the view."""
        rotation, scale = self.rotation_deg + turn_deg, self.scale * nearer
        shift = np.array([dx_mm, dy_mm]) @ _turn(rotation) / scale
        dx, dy = self.dx_mm - float(shift[0]), self.dy_mm - float(shift[1])
        return replace(self, dx_mm=dx, dy_mm=dy, rotation_deg=rotation, scale=scale)


def overlap(one: Pose, other: Pose, optics: Optics) -> float:
    """Share, 0 to 1, of the view in one pose that the view in the other shows as well; stretch left aside."""
    width, height = optics.size_mm
    corners = np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
    seen = replace(one, stretch=None).to_view(replace(other, stretch=None).to_site(corners, optics), optics)
    area, _ = cv2.intersectConvexConvex(corners.astype(np.float32), seen.astype(np.float32))
    return float(np.clip(area / (width * height), 0.0, 1.0))


def _turn(degrees: float) -> Floats:
    angle = np.radians(degrees)
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def blur(picture: NDArray[np.uint8], light: LightLook, px_per_mm: float, rng: Rng) -> NDArray[np.uint8]:
    """Point spread of the lens, more of it towards the corners, and motion."""
    sigma = light.blur_mm * px_per_mm
    if sigma > 0.25:
        picture = _uint8(cv2.GaussianBlur(picture, (0, 0), sigma))
    edge = light.curvature_blur_mm * px_per_mm
    if edge > 0.3:
        x, y = _grid()
        share = (np.clip((x * x + y * y) / 2, 0, 1) ** 2).astype(np.float32)
        weight = cv2.resize(share, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)
        picture = _uint8(cv2.blendLinear(cv2.GaussianBlur(picture, (0, 0), edge), picture, weight, 1 - weight))
    length = round(light.motion_mm * px_per_mm)
    if length >= 2:
        kernel = np.zeros((length, length), np.float32)
        angle = rng.uniform(0, np.pi)
        middle = (length - 1) / 2
        dx, dy = np.cos(angle) * middle, np.sin(angle) * middle
        ends = [(round(middle + s * dx), round(middle + s * dy)) for s in (-1, 1)]
        cv2.line(kernel, ends[0], ends[1], (1.0,))
        picture = _uint8(cv2.filter2D(picture, -1, kernel / kernel.sum()))
    return picture


def motion_kernel(dx_px: float, dy_px: float) -> Picture | None:
    """Kernel of a movement by so many pixels during the exposure; none for less than one and a half."""
    length = float(np.hypot(dx_px, dy_px))
    if length < 1.5:
        return None
    reach = int(np.ceil(length / 2))
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    along = np.linspace(-0.5, 0.5, 4 * reach + 3)
    for share in along:  # each instant falls on the four pixels around it
        x, y = reach + share * dx_px, reach + share * dy_px
        column, row = min(int(x), 2 * reach - 1), min(int(y), 2 * reach - 1)
        u, v = x - column, y - row
        kernel[row : row + 2, column : column + 2] += np.outer([1 - v, v], [1 - u, u]).astype(np.float32)
    return np.asarray(kernel / kernel.sum(), np.float32)


def illuminate(picture: NDArray[np.uint8], light: LightLook) -> Picture:
    """Exposure, white balance with its gradient, and vignette: (H, W, 3) float32, 0 to 255 and beyond."""
    # The field is smooth: computed small and enlarged, it costs nothing at 12 megapixels.
    x, y = _grid()
    angle = np.radians(light.gradient_deg)
    slope = (x * np.cos(angle) + y * np.sin(angle))[..., None]
    falloff = (1 - light.vignette * (x * x + y * y) / 2)[..., None]
    gains = np.asarray(light.cast, np.float32) + slope * np.asarray(light.cast_gradient, np.float32)
    field = np.ascontiguousarray(light.exposure * gains * falloff, np.float32)
    full = cv2.resize(field, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(picture, full, dst=full, dtype=cv2.CV_32F).astype(np.float32, copy=False)


def expose(values: Picture, light: LightLook, rng: Rng) -> NDArray[np.uint8]:
    """Noise of the sensor (shot and read), sharpening, eight bits, and the camera's own compression if it has one.

    values: (H, W, 3) float32, overwritten. Shot noise grows with the root of the light: in gamma-encoded values
    that is nearly constant, so one level of noise serves.
    """
    noise = np.empty(values.shape, np.int8)
    cv2.setRNGSeed(int(rng.integers(1, 2**31 - 1)))
    cv2.randn(noise, np.zeros(3), np.full(3, 32.0))
    cv2.scaleAdd(noise.astype(np.float32), light.noise * 255 / 32, values, dst=values)
    if light.sharpening > 0:
        soft = cv2.GaussianBlur(values, (0, 0), 1.5)
        values = cv2.addWeighted(values, 1 + light.sharpening, soft, -light.sharpening, 0).astype(
            np.float32, copy=False
        )
    pixels = _uint8(cv2.convertScaleAbs(np.maximum(values, 0, out=values)))
    if light.jpeg_quality:
        _, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, light.jpeg_quality])
        pixels = _uint8(cv2.imdecode(packed, cv2.IMREAD_COLOR))
    return pixels


def _grid() -> tuple[Picture, Picture]:
    y, x = np.mgrid[-1:1:48j, -1:1:64j].astype(np.float32)
    return x, y


def _uint8(picture: object) -> NDArray[np.uint8]:
    return np.asarray(picture, np.uint8)
