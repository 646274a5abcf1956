"""A pool of rendered views on disk, in shards that are written whole: rendering can stop and go on."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.views import draw_view

SHARD = 100


@dataclass(frozen=True, slots=True)
class Pool:
    """pixels: (n, side, side, 3) uint8; hairs, tips, units: n arrays (k, 2) of positions in pixels.

    style, colour: n names; tone: n steps of the skin's tone, 1 to 6 (see `View`).
    """

    pixels: NDArray[np.uint8]
    hairs: list[NDArray[np.float32]]
    tips: list[NDArray[np.float32]]
    units: list[NDArray[np.float32]]
    style: list[str]
    tone: list[int]
    colour: list[str]

    def __len__(self) -> int:
        return len(self.pixels)

    def part(self, rows: Sequence[int]) -> Pool:
        """Some of the views, by number."""
        lists = {name: [getattr(self, name)[row] for row in rows] for name in self.__slots__ if name != "pixels"}
        return Pool(self.pixels[list(rows)], **lists)


def render_shard(folder: str, first_seed: int) -> str:
    """Render `SHARD` views from first_seed on into one file, unless it is there."""
    path = Path(folder) / f"views-{first_seed:07d}.npz"
    if not path.exists():
        cv2.setNumThreads(1)
        views = [draw_view(seed) for seed in range(first_seed, first_seed + SHARD)]
        part = path.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as out:
            np.savez(
                out,
                pixels=np.stack([view.pixels for view in views]),
                hairs=np.concatenate([view.hairs for view in views]),
                tips=np.concatenate([view.tips for view in views]),
                units=np.concatenate([view.units for view in views]),
                hair_counts=[len(view.hairs) for view in views],
                unit_counts=[len(view.units) for view in views],
                style=[view.style for view in views],
                tone=[view.tone for view in views],
                colour=[view.colour for view in views],
            )
        part.replace(path)
    return str(path)


def render_pool(folder: Path, first_seed: int, count: int, workers: int) -> Iterator[str]:
    """Render views first_seed .. first_seed + count - 1, yielding each shard's path as it is there."""
    folder.mkdir(parents=True, exist_ok=True)
    seeds = range(first_seed, first_seed + count, SHARD)
    with ProcessPoolExecutor(workers) as workers_pool:
        yield from workers_pool.map(render_shard, [str(folder)] * len(seeds), seeds)


def load_pool(paths: list[str]) -> Pool:
    """Read shards into memory: 307 kB a view."""
    pixels, hairs, tips, units = [], [], [], []
    style: list[str] = []
    tone: list[int] = []
    colour: list[str] = []
    for path in paths:
        with np.load(path) as shard:
            pixels.append(shard["pixels"])
            each_hair = np.cumsum(shard["hair_counts"])[:-1]
            hairs += np.split(shard["hairs"], each_hair)
            tips += np.split(shard["tips"], each_hair)
            units += np.split(shard["units"], np.cumsum(shard["unit_counts"])[:-1])
            style += [str(name) for name in shard["style"]]
            tone += [int(step) for step in shard["tone"]]
            colour += [str(name) for name in shard["colour"]]
    return Pool(np.concatenate(pixels), hairs, tips, units, style, tone, colour)
