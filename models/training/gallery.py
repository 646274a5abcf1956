"""The pictures of docs/renderer.md, made anew.

    python -m models.training.gallery docs/renderer

Each is a row of views from fixed seeds, as the network gets them, compressed until it is small enough for the
repository.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.styles import STYLE_SHARES
from models.training.views import draw_view

VIEWS = 3
MOST_BYTES = 58_000
FIRST_SEED = 4_000_000
"""Seeds from here on are never trained on."""


def row(style: str) -> NDArray[np.uint8]:
    """Views of a style side by side, (VIEW_PX, VIEWS * VIEW_PX, 3) RGB: the first seeds that show ten hairs or more."""
    shown: list[NDArray[np.uint8]] = []
    seed = FIRST_SEED + 100 * list(STYLE_SHARES).index(style)
    while len(shown) < VIEWS:
        view = draw_view(seed, style)
        if len(view.hairs) >= 10:
            shown.append(view.pixels)
        seed += 1
    return np.hstack(shown)


def pack(pixels: NDArray[np.uint8]) -> bytes:
    """JPEG of at most MOST_BYTES, in the best quality for which that holds."""
    for quality in range(90, 10, -5):
        _, packed = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
        if packed.size <= MOST_BYTES:
            return packed.tobytes()
    raise ValueError(f"the picture does not fit into {MOST_BYTES} bytes")


def main(folder: Path) -> None:
    """Write one picture a style into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for style in STYLE_SHARES:
        path = folder / f"{style}.jpg"
        path.write_bytes(pack(row(style)))
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/renderer"))
