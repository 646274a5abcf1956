"""Pictures that show no scalp, drawn or taken from scikit-image where that is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from station.imaging import read_photograph

Picture = NDArray[np.uint8]
HEIGHT, WIDTH = 900, 1200

# fmt: off
PHOTOGRAPHS = (
    "astronaut.png", "brick.png", "camera.png", "cell.png", "chelsea.png", "clock_motion.png", "coffee.png",
    "coins.png", "color.png", "grass.png", "gravel.png", "horse.png", "hubble_deep_field.jpg", "ihc.png", "logo.png",
    "moon.png", "motorcycle_left.png", "page.png", "retina.jpg", "rocket.jpg", "text.png",
)
# fmt: on
"""A face, brick, a man with a camera, cells, a cat, a clock out of focus, a cup, coins, grass, gravel, galaxies,
tissue, the moon, a workshop, two pages, a retina, a rocket and some drawings."""


def photographs() -> Iterator[tuple[str, Picture]]:
    """The pictures in scikit-image's package, by name; none when it is not installed."""
    found = importlib.util.find_spec("skimage")
    if found is None or not found.submodule_search_locations:
        return
    for name in PHOTOGRAPHS:
        path = Path(found.submodule_search_locations[0]) / "data" / name
        if path.is_file():
            yield name, read_photograph(path)


def drawings() -> Iterator[tuple[str, Picture]]:
    """Drawn pictures, 1200 x 900, by name."""
    for name, draw in DRAWINGS.items():
        yield name, draw(np.random.default_rng(5))


def _noise(rng: np.random.Generator, sigma: float) -> NDArray[np.float64]:
    """Gaussian noise of mean 0 and standard deviation 1, smooth over `sigma` pixels."""
    white = rng.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    smooth = (cv2.GaussianBlur(white, (0, 0), sigma) if sigma else white).astype(np.float64)
    return (smooth - smooth.mean()) / smooth.std()


def _picture(values: NDArray[np.float64], tint: tuple[float, float, float] = (1, 1, 1)) -> Picture:
    colour = values[..., None] * np.array(tint) if values.ndim == 2 else values
    return colour.clip(0, 255).astype(np.uint8)


def _noise_of(sigma: float) -> Callable[[np.random.Generator], Picture]:
    return lambda rng: _picture(128 + 40 * _noise(rng, sigma))


def _mottled(rng: np.random.Generator) -> Picture:
    """Noise of all scales in a skin colour."""
    return _picture(170 + 9 * sum(_noise(rng, s) for s in (1, 2, 4, 8, 16, 32)), (1, 0.8, 0.7))


def _gradient(rng: np.random.Generator) -> Picture:
    return _picture(np.linspace(20, 235, WIDTH) * np.ones((HEIGHT, 1)) + 2 * _noise(rng, 0))


def _checker(side: int) -> Callable[[np.random.Generator], Picture]:
    def draw(rng: np.random.Generator) -> Picture:
        squares = (np.mgrid[:HEIGHT, :WIDTH] // side).sum(axis=0) % 2
        return _picture(60 + 130.0 * squares + 2 * _noise(rng, 0))

    return draw


def _text(size: float) -> Callable[[np.random.Generator], Picture]:
    def draw(rng: np.random.Generator) -> Picture:
        page = np.full((HEIGHT, WIDTH), 245, np.uint8)
        for y in range(int(30 * size), HEIGHT, int(36 * size)):
            line = "".join(rng.choice(list("abcdefghij lmnopq rstuv wxyz"), 80))
            thickness = max(1, int(2 * size))
            cv2.putText(page, line, (20, y), cv2.FONT_HERSHEY_SIMPLEX, size, (30,), thickness, cv2.LINE_AA)
        return _picture(cv2.GaussianBlur(page, (0, 0), 0.8) + 2 * _noise(rng, 0))

    return draw


def _cloth(period: int) -> Callable[[np.random.Generator], Picture]:
    def draw(rng: np.random.Generator) -> Picture:
        y, x = np.mgrid[:HEIGHT, :WIDTH].astype(float)
        weave = 35 * np.sin(2 * np.pi * x / period) * np.cos(2 * np.pi * y / period)
        return _picture(
            110 + weave + 25 * np.sign(np.sin(np.pi * (x + y) / period)) + 8 * _noise(rng, 1), (0.8, 0.9, 1.1)
        )

    return draw


def _brick_wall(rng: np.random.Generator) -> Picture:
    wall = np.full((HEIGHT, WIDTH), 170, np.uint8)
    for y in range(0, HEIGHT, 60):
        cv2.line(wall, (0, y), (WIDTH, y), (210,), 5)
        for x in range(y // 60 % 2 * 70, WIDTH, 140):
            cv2.line(wall, (x, y), (x, y + 60), (210,), 5)
    return _picture(wall + 10 * _noise(rng, 2) + 6 * _noise(rng, 12), (1, 0.6, 0.5))


def _plaster(rng: np.random.Generator) -> Picture:
    return _picture(190 + 9 * _noise(rng, 1.5) + 7 * _noise(rng, 5), (1, 0.98, 0.93))


def _foliage(rng: np.random.Generator) -> Picture:
    leaves = np.full((HEIGHT, WIDTH, 3), (40, 60, 30), np.uint8)
    for _ in range(2500):
        colour = (int(rng.integers(30, 110)), int(rng.integers(80, 190)), int(rng.integers(20, 80)))
        centre = (int(rng.integers(WIDTH)), int(rng.integers(HEIGHT)))
        axes = (int(rng.integers(10, 40)), int(rng.integers(4, 12)))
        cv2.ellipse(leaves, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA)
    return _picture(leaves + 3 * _noise(rng, 0)[..., None])


def _sky(rng: np.random.Generator) -> Picture:
    height = np.mgrid[:HEIGHT, :WIDTH][0] / HEIGHT
    blue = np.stack([120 + 40 * height, 160 + 40 * height, 220 + 20 * height], axis=2)
    return _picture(blue + 12 * np.maximum(_noise(rng, 60), 0)[..., None] + 2 * _noise(rng, 0)[..., None])


def _keyboard(rng: np.random.Generator) -> Picture:
    keys = np.full((HEIGHT, WIDTH), 50, np.uint8)
    for number, (y, x) in enumerate(np.ndindex(HEIGHT // 90, WIDTH // 90)):
        left, top = 90 * x + 10, 90 * y + 10
        cv2.rectangle(keys, (left, top), (left + 75, top + 75), (85,), -1)
        letter = (left + 25, top + 50)
        cv2.putText(keys, chr(65 + number % 26), letter, cv2.FONT_HERSHEY_SIMPLEX, 1, (220,), 2, cv2.LINE_AA)
    return _picture(cv2.GaussianBlur(keys, (0, 0), 1) + 2 * _noise(rng, 0))


def _hand(rng: np.random.Generator) -> Picture:
    skin = (205, 160, 130)
    hand = np.full((HEIGHT, WIDTH, 3), (90, 110, 120), np.uint8)
    for x, length in ((300, 350), (430, 450), (560, 480), (690, 430)):
        cv2.line(hand, (x, HEIGHT), (x, HEIGHT - length - 200), skin, 100, cv2.LINE_AA)
    cv2.ellipse(hand, (500, 850), (280, 220), 0, 0, 360, skin, -1)
    return _picture(cv2.GaussianBlur(hand, (0, 0), 6) + 5 * (_noise(rng, 1.5) + _noise(rng, 20))[..., None])


def _face(rng: np.random.Generator) -> Picture:
    face = np.full((HEIGHT, WIDTH, 3), (150, 160, 170), np.uint8)
    cv2.ellipse(face, (600, 470), (300, 400), 0, 0, 360, (215, 175, 150), -1)
    for x in (480, 720):
        cv2.ellipse(face, (x, 400), (60, 28), 0, 0, 360, (245, 245, 240), -1)
        cv2.circle(face, (x, 400), 24, (70, 50, 30), -1)
        cv2.ellipse(face, (x, 340), (80, 14), 0, 180, 360, (60, 45, 35), 12)
    cv2.ellipse(face, (600, 680), (110, 30), 0, 0, 360, (170, 80, 80), -1)
    cv2.ellipse(face, (600, 170), (310, 140), 0, 180, 360, (50, 35, 30), -1)
    return _picture(cv2.GaussianBlur(face, (0, 0), 2) + 4 * _noise(rng, 1.2)[..., None])


def _long_hair(rng: np.random.Generator) -> Picture:
    """Strands so dense that no scalp is seen."""
    strands = np.full((HEIGHT, WIDTH), 60, np.uint8)
    for _ in range(6000):
        x, y, angle = rng.uniform(-100, WIDTH), rng.uniform(-100, HEIGHT), rng.normal(0.6, 0.12)
        end = (int(x + 300 * np.cos(angle)), int(y + 300 * np.sin(angle)))
        cv2.line(strands, (int(x), int(y)), end, (int(rng.integers(20, 130)),), 4, cv2.LINE_AA)
    return _picture(strands.astype(float), (1, 0.85, 0.7))


def _scribble(rng: np.random.Generator) -> Picture:
    paper = np.full((HEIGHT, WIDTH), 190, np.uint8)
    for _ in range(60):
        x, y = rng.integers(WIDTH, size=2), rng.integers(HEIGHT, size=2)
        width = int(rng.integers(2, 9))
        cv2.line(paper, (int(x[0]), int(y[0])), (int(x[1]), int(y[1])), (70,), width, cv2.LINE_AA)
    return _picture(cv2.GaussianBlur(paper, (0, 0), 1) + 2 * _noise(rng, 0))


DRAWINGS: dict[str, Callable[[np.random.Generator], Picture]] = {
    **{f"noise {sigma:g} px": _noise_of(sigma) for sigma in (0, 1, 2, 4, 8)},
    "mottled skin colour": _mottled,
    "gradient": _gradient,
    **{f"checkerboard {side} px": _checker(side) for side in (8, 25, 80)},
    **{f"text {size:g}": _text(size) for size in (0.5, 1, 2.5)},
    **{f"cloth {period} px": _cloth(period) for period in (6, 14, 40)},
    "brick wall": _brick_wall,
    "plaster": _plaster,
    "foliage": _foliage,
    "sky": _sky,
    "keyboard": _keyboard,
    "hand": _hand,
    "face": _face,
    "long hair": _long_hair,
    "scribble": _scribble,
}
