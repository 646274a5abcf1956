"""Colours of densities: viridis, which keeps its order for colour-blind eyes and in grey.

The same colours, from 0 to the upper end that the legend states, are those of the service's density maps; a test
compares them.
"""

from __future__ import annotations

import cv2
import numpy as np

STOPS = 16
"""Samples of the scale that a legend is drawn with; between them the browser interpolates."""


def _table() -> tuple[tuple[int, int, int], ...]:
    steps = np.arange(256, dtype=np.uint8).reshape(-1, 1)
    bgr = cv2.applyColorMap(steps, cv2.COLORMAP_VIRIDIS).reshape(-1, 3)
    return tuple((int(r), int(g), int(b)) for b, g, r in bgr)


_COLOURS = _table()


def colour(fraction: float) -> str:
    """Colour of a fraction of the scale, as "#rrggbb". Fractions outside 0 to 1 take the colour of the end."""
    return "#{:02x}{:02x}{:02x}".format(*_rgb(fraction))


def ink_on(fraction: float) -> str:
    """Black or white: whichever stands out more on `colour(fraction)` (WCAG 2.2 contrast)."""
    light = luminance(_rgb(fraction))
    return "#000000" if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else "#ffffff"


def stops() -> tuple[tuple[float, str], ...]:
    """Offsets from 0 to 1 and their colours, for the gradient of a legend."""
    return tuple((i / (STOPS - 1), colour(i / (STOPS - 1))) for i in range(STOPS))


def luminance(rgb: tuple[int, int, int]) -> float:
    """Relative luminance of an sRGB colour, 0 to 1 (WCAG 2.2, definition of relative luminance)."""
    linear = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rgb(fraction: float) -> tuple[int, int, int]:
    return _COLOURS[round(min(max(fraction, 0.0), 1.0) * 255)]
