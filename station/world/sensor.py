"""The optical path of the reference rig, in linear light: diffraction, lens, pixels, mosaic, noise, eight bits.

It is what the calibre is validated on: scenes come in finely sampled, photographs of known sharpness go out. The
numbers are those of the rig profile `reference`: IMX477 (pixel 1.55 um, full well about 8000 electrons, read noise
about 3 electrons at unity gain) behind a lens at f/5.6.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from station.world.looks import Rng

Light = NDArray[np.float32]

WAVELENGTHS_UM = (0.60, 0.54, 0.46)
"""Centres of the red, green and blue filters."""
PAD_PX = 4
"""Pixels mirrored around a scene before it is blurred, so that its opposite edges do not mix."""
BLACK = 256
WHITE = 4095
"""Of the 12-bit converter."""


@dataclass(frozen=True, slots=True)
class Sensor:
    """Lens and sensor.

    px_per_mm: scale on the plane of the site; f_number: as engraved on the lens (at infinity); pixel_um: pitch;
    lens_blur_um: standard deviation of the lens's own blur on the sensor; white_share: share of the full well
    that white fills in the green pixels; gains: of red and blue, by which those pixels are filled less.
    """

    px_per_mm: float = 135.0
    f_number: float = 5.6
    pixel_um: float = 1.55
    lens_blur_um: float = 0.5
    full_well: float = 8000.0
    read_noise: float = 3.0
    white_share: float = 0.8
    gains: tuple[float, float] = (2.9, 1.7)

    @property
    def magnification(self) -> float:
        return self.px_per_mm * self.pixel_um / 1000

    @property
    def working_f_number(self) -> float:
        """N (1 + m) of a lens with a pupil magnification of 1."""
        return self.f_number * (1 + self.magnification)


def focal_plane(scene: Light, sensor: Sensor, oversampling: int) -> Light:
    """What falls on each pixel: (h, w, 3) linear light from a scene (h * oversampling, w * oversampling, 3).

    Diffraction acts as the transfer function of an ideal circular pupil in incoherent light,
    2/pi (acos v - v sqrt(1 - v^2)) with v = frequency * wavelength * working f-number (Goodman, Introduction to
    Fourier Optics, 6.3); the lens's blur as a Gaussian; the pixel as the mean over its area.
    """
    pad = PAD_PX * oversampling
    height, width = scene.shape[0] // oversampling, scene.shape[1] // oversampling
    padded_shape = (scene.shape[0] + 2 * pad, scene.shape[1] + 2 * pad)
    fy = fft.fftfreq(padded_shape[0], sensor.pixel_um / oversampling).astype(np.float32)[:, None]
    fx = fft.rfftfreq(padded_shape[1], sensor.pixel_um / oversampling).astype(np.float32)[None]
    f = np.sqrt(fy * fy + fx * fx)
    lens = np.exp(-2 * (np.pi * sensor.lens_blur_um * f) ** 2)
    seen = np.empty((height, width, 3), np.float32)
    for channel, wavelength in enumerate(WAVELENGTHS_UM):
        padded = np.pad(scene[..., channel], pad, mode="reflect").astype(np.float32, copy=False)
        v = f * np.float32(wavelength * sensor.working_f_number)
        passed = v < 1
        transfer = np.zeros_like(f)
        v = v[passed]
        transfer[passed] = 2 / np.pi * (np.arccos(v) - v * np.sqrt(1 - v * v)) * lens[passed]
        blurred = fft.irfft2(fft.rfft2(padded) * transfer, padded_shape)
        inner = blurred[pad : pad + height * oversampling, pad : pad + width * oversampling]
        seen[..., channel] = inner.reshape(height, oversampling, width, oversampling).mean(axis=(1, 3))
    return seen


def develop(light: Light, sensor: Sensor, rng: Rng) -> NDArray[np.uint8]:
    """The photograph (h, w, 3) uint8 RGB of linear light (h, w, 3), 1 being white; h and w even.

    RGGB mosaic, shot and read noise, 12-bit converter, demosaicing (OpenCV, edge-aware), white balance, sRGB.
    """
    filters = _mosaic(light)
    fill = _mosaic(np.broadcast_to(np.array([1 / sensor.gains[0], 1, 1 / sensor.gains[1]], np.float32), light.shape))
    white = sensor.full_well * sensor.white_share
    electrons = rng.poisson(np.maximum(filters * fill, 0) * white) + rng.normal(0, sensor.read_noise, filters.shape)
    raw = np.clip(np.rint(BLACK + electrons * (WHITE - BLACK) / sensor.full_well), 0, WHITE)
    # White balance before demosaicing, as edges are found across colours.
    balanced = (raw - BLACK) / ((WHITE - BLACK) * sensor.white_share * fill)
    sixteen = np.clip(np.rint(balanced * 30_000 + 2_000), 0, 65_535).astype(np.uint16)
    # OpenCV names the pattern by the second row's second and third pixel: its BG is RGGB.
    colours = cv2.cvtColor(sixteen, cv2.COLOR_BayerBG2RGB_EA).astype(np.float32)
    return encoded((colours - 2_000) / 30_000)


def encoded(light: Light) -> NDArray[np.uint8]:
    """Linear light, 0 to 1, as eight bits in sRGB (IEC 61966-2-1)."""
    clipped = np.clip(light, 0, 1)
    curve = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * np.maximum(clipped, 1e-9) ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * curve), np.uint8)


def _mosaic(colours: Light) -> Light:
    raw = colours[..., 1].copy()
    raw[::2, ::2] = colours[::2, ::2, 0]
    raw[1::2, 1::2] = colours[1::2, 1::2, 2]
    return raw
