"""A simulated photograph of shed hairs on a white tray, with the truth of how many there are and how long.

The view is that of the tray profile, about 200 x 110 mm. Thickness of shed hairs is that of domain reference 3.4
(means of 60 to 83 um in Li 2022), 50 to 90 um here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from station.world import optics as lens
from station.world.brush import Bytes, Floats, fill, strip
from station.world.laid import Room, laid_apart
from station.world.looks import RGB, LightLook, Rng
from station.world.optics import Optics
from station.world.paths import normals

HAIR_COLOURS: tuple[RGB, ...] = (
    (0.10, 0.08, 0.07),  # black
    (0.20, 0.13, 0.09),  # dark brown
    (0.34, 0.22, 0.14),  # brown
    (0.48, 0.35, 0.23),  # light brown
    (0.66, 0.52, 0.34),  # blond
    (0.64, 0.62, 0.60),  # grey
)
SHORT_MM = 30.0
"""A shed hair is short up to this length (domain reference 3.4, modified wash test)."""


PIECE = 12
"""Steps of a path that are drawn at once."""


@dataclass(frozen=True, slots=True)
class TrayLook:
    """What lies on the tray and how it is photographed.

    hairs: how many; length_mm: median length of the full-grown ones; short_share: share of hairs of 10 to 30 mm;
    tries: how carefully they were laid apart (places looked at for each); waviness: amplitude in mm; rim: width in
    mm of what can be seen of tray's rim and table; shadow: strength of the hairs' soft shadow; dust, lint: specks
    and short fibres per 100 cm2.
    """

    hairs: int
    length_mm: float = 120.0
    short_share: float = 0.1
    tries: int = 4
    waviness: float = 0.0
    colour: RGB = HAIR_COLOURS[1]
    grey_share: float = 0.0
    rim: float = 4.0
    shadow: float = 0.12
    dust: float = 15.0
    lint: float = 2.0
    paper: float = 0.92
    light: LightLook = field(default_factory=lambda: LightLook(blur_mm=0.035, noise=0.008, jpeg_quality=92))


@dataclass(frozen=True, slots=True)
class TrayTruth:
    """lengths_mm: (n,) of the hairs on the tray; paths_mm: their centre lines (m, 2), mm from the top left corner."""

    lengths_mm: Floats
    paths_mm: tuple[Floats, ...]

    @property
    def count(self) -> int:
        return len(self.lengths_mm)

    @property
    def short(self) -> int:
        """Hairs of 3 cm or less."""
        return int(np.count_nonzero(self.lengths_mm <= SHORT_MM))


def random_look(rng: Rng, hairs: int, length_mm: float | None = None) -> TrayLook:
    """A tray as one person or another lays it."""
    length = float(np.exp(rng.uniform(np.log(20), np.log(350)))) if length_mm is None else length_mm
    colour = np.array(HAIR_COLOURS[int(rng.integers(len(HAIR_COLOURS)))]) * rng.uniform(0.9, 1.1)
    red, green, blue = (float(c) for c in np.clip(colour, 0.04, 0.72))
    light = LightLook(
        cast=(float(rng.normal(1, 0.02)), 1.0, float(rng.normal(0.98, 0.03))),
        cast_gradient=_even(rng.uniform(0.0, 0.10)),
        gradient_deg=float(rng.uniform(0, 360)),
        exposure=float(rng.uniform(0.82, 1.0)),
        vignette=float(rng.uniform(0.02, 0.2)),
        blur_mm=float(rng.uniform(0.025, 0.06)),
        curvature_blur_mm=float(rng.choice([0.0, 0.04, 0.07])),
        noise=float(rng.uniform(0.004, 0.016)),
        sharpening=float(rng.choice([0.0, 0.5])),
        jpeg_quality=int(rng.choice([0, 85, 92, 95])),
    )
    return TrayLook(
        hairs=hairs,
        length_mm=length,
        short_share=float(rng.choice([0.0, 0.05, 0.15, 0.3])),
        tries=int(rng.choice([2, 4, 8])),
        waviness=float(rng.choice([0.0, 0.0, 0.6, 1.2])),
        colour=(red, green, blue),
        grey_share=float(rng.choice([0.0, 0.0, 0.2])),
        rim=float(rng.choice([0.0, 3.0, 6.0])),
        shadow=float(rng.uniform(0.03, 0.2)),
        dust=float(rng.uniform(2, 40)),
        lint=float(rng.uniform(0, 5)),
        paper=float(rng.uniform(0.85, 0.97)),
        light=light,
    )


def photograph_tray(look: TrayLook, optics: Optics, rng: Rng) -> tuple[Bytes, TrayTruth]:
    """The photograph (H, W, 3) uint8 RGB of a tray, and its truth."""
    scale = optics.px_per_mm
    width_mm, height_mm = optics.size_mm
    edge = look.rim + 2.5
    room = Room(edge, edge, width_mm - edge, height_mm - edge)
    lengths = _lengths(look, rng)
    paths = laid_apart(lengths, room, look.waviness, look.tries, rng)
    picture = _tray(look, optics, rng)
    _draw_shadows(picture, paths, look, scale, rng)
    _draw_litter(picture, look, optics, room, rng)
    for path in paths:
        _draw_hair(picture, path, look, scale, rng)
    seen = lens.illuminate(lens.blur(picture, look.light, scale, rng), look.light)
    return lens.expose(seen, look.light, rng), TrayTruth(_measured(paths), tuple(paths))


def _even(size: float) -> RGB:
    return (size, size, size)


def _lengths(look: TrayLook, rng: Rng) -> Floats:
    """Lengths (n,) in mm, 10 to 600: grown ones spread by a quarter, short ones of 10 to 30 mm."""
    grown = look.length_mm * np.exp(rng.normal(0, 0.25, look.hairs))
    short = rng.uniform(10.0, SHORT_MM, look.hairs)
    return np.clip(np.where(rng.random(look.hairs) < look.short_share, short, grown), 10.0, 600.0)


def _measured(paths: list[Floats]) -> Floats:
    """A wave along a hair takes up length: what counts is the length of the line that was drawn."""
    return np.array([np.hypot(*np.diff(path, axis=0).T).sum() for path in paths])


def _tray(look: TrayLook, optics: Optics, rng: Rng) -> Bytes:
    """The empty tray, with its rim and the table around it when they are in the view."""
    shape = (optics.height_px, optics.width_px)
    warmth = rng.normal(0, 0.012)
    paper = 255 * look.paper * np.array([1 + warmth, 1.0, 1 - warmth])
    picture = np.empty((*shape, 3), np.uint8)
    picture[:] = np.clip(np.rint(paper), 0, 255)
    if look.rim > 0:
        table = 255 * np.array([[0.25, 0.18, 0.12], [0.15, 0.15, 0.17], [0.45, 0.42, 0.38]])[int(rng.integers(3))]
        picture[:] = np.clip(table, 0, 255)
        insets = (look.rim * rng.uniform(0.2, 0.6, 4) * optics.px_per_mm).astype(int)
        rim = max(2, round(rng.uniform(0.8, 1.8) * optics.px_per_mm))
        left, top, right, bottom = insets[0], insets[1], shape[1] - insets[2], shape[0] - insets[3]
        for inset, share in ((0, 1.04), (rim, 0.80), (rim + max(1, rim // 3), 0.93)):
            tone = np.clip(paper * share, 0, 255)
            picture[top + inset : bottom - inset, left + inset : right - inset] = np.rint(tone)
        deep = rim + max(1, rim // 3) + round(0.8 * optics.px_per_mm)
        picture[top + deep : bottom - deep, left + deep : right - deep] = np.clip(np.rint(paper), 0, 255)
        # A moulded rim has no sharp steps.
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.25 * optics.px_per_mm), np.uint8)
    return picture


def _draw_shadows(picture: Bytes, paths: list[Floats], look: TrayLook, scale: float, rng: Rng) -> None:
    """Soft shadows beside the hairs, deeper where a hair stands off the tray; drawn at a quarter of the size."""
    angle = rng.uniform(0, 2 * np.pi)
    shift = np.array([np.cos(angle), np.sin(angle)]) * rng.uniform(0.1, 0.5)
    mask = np.zeros((picture.shape[0] // 4 + 1, picture.shape[1] // 4 + 1), np.uint8)
    for path in paths:
        line = np.rint((path + shift) * scale / 4 * 16).astype(np.int32)
        cv2.polylines(mask, [line.reshape(-1, 1, 2)], False, (255.0,), 1, cv2.LINE_AA, 4)
    sigma = rng.uniform(0.15, 0.4) * scale / 4
    soft = cv2.GaussianBlur(mask, (0, 0), max(0.6, sigma))
    full = cv2.resize(soft, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    weight = np.asarray(255 - look.shadow * full.astype(np.float32), np.uint8)
    cv2.multiply(picture, cv2.merge([weight, weight, weight]), dst=picture, scale=1 / 255)


def _draw_litter(picture: Bytes, look: TrayLook, optics: Optics, room: Room, rng: Rng) -> None:
    """Dust specks of 0.05 to 0.4 mm and lint: curled fibres of 0.5 to 4 mm, thinner and paler than hair."""
    scale = optics.px_per_mm
    area = optics.size_mm[0] * optics.size_mm[1] / 10_000
    for _ in range(rng.poisson(look.dust * area)):
        centre = rng.uniform((room.x0, room.y0), (room.x1, room.y1)) * scale
        size = np.exp(rng.normal(np.log(0.07), 0.5)) * scale
        turn = rng.uniform(0, np.pi) + np.linspace(0, 2 * np.pi, 9)[:-1]
        radius = size * rng.uniform(0.5, 1.2, 8)
        outline = centre + np.stack([np.cos(turn), np.sin(turn)], 1) * radius[:, None]
        tone = rng.uniform(0.2, 0.85) * 255 * np.array([1.0, 0.95, 0.9])
        fill(picture, np.rint(outline * 16).astype(np.int32), tone)
    for _ in range(rng.poisson(look.lint * area)):
        path = _fibre(rng.uniform(0.5, 4.0), room, rng)
        tone = np.array([0.62, 0.66, 0.75]) * rng.uniform(0.8, 1.2) * 255
        _stroke(picture, path * scale, np.full(len(path), rng.uniform(0.012, 0.03) * scale), tone)


def _fibre(length_mm: float, room: Room, rng: Rng) -> Floats:
    """A curled fibre (m, 2) in mm."""
    start = rng.uniform((room.x0, room.y0), (room.x1, room.y1))
    heading = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(rng.normal(0, 0.15), 0.25, 16))
    steps = np.stack([np.cos(heading), np.sin(heading)], 1) * length_mm / 16
    return np.asarray(start + np.cumsum(steps, axis=0))


def _draw_hair(picture: Bytes, path_mm: Floats, look: TrayLook, scale: float, rng: Rng) -> None:
    """One hair: its shaft, tapered towards an uncut tip, and the club root at the other end."""
    colour = np.array(HAIR_COLOURS[-1] if rng.random() < look.grey_share else look.colour)
    colour = np.asarray(np.clip(colour * rng.normal(1, 0.06), 0.03, 0.74) * 255, np.float64)
    thick = rng.uniform(0.050, 0.090) * scale
    s = np.arange(len(path_mm)) / max(len(path_mm) - 1, 1)
    length = float(np.hypot(*np.diff(path_mm, axis=0).T).sum())
    width = np.full(len(path_mm), thick) * (1 + 0.06 * np.sin(2 * np.pi * s * length / 9 + rng.uniform(0, 6)))
    if rng.random() < 0.4:  # not cut since it grew: a fine tip
        taper = min(rng.uniform(2, 8), length / 3) / length
        width *= np.clip((1 - s) / taper, 0.35, 1)
    path = path_mm * scale - 0.5
    _stroke(picture, path, width / 2, colour)
    club = path[0] + (path[1] - path[0]) * np.linspace(-0.6, 0.6, 5)[:, None] * rng.uniform(0.5, 1.0)
    bulge = np.array([0.3, 0.9, 1.0, 0.8, 0.4]) * rng.uniform(1.0, 1.9) * thick / 2
    _stroke(picture, club, bulge, np.minimum(colour * rng.uniform(0.7, 1.3), 200.0))


def _stroke(picture: Bytes, path: Floats, half: Floats, colour: Floats) -> None:
    """In pieces: an outline that crosses itself would be left white where it does."""
    across = normals(path)
    for start in range(0, len(path) - 1, PIECE):
        piece = slice(start, start + PIECE + 1)
        fill(picture, strip(path[piece], across[piece], half[piece], half[piece]), colour)
