"""How long the simulated world takes for one photograph of the reference rig, and of the demonstration's, for the truth
without the photograph, and for a frame of the live view.

    python benchmarks/world.py

Figures are ratios to the time that OpenCV takes to compress the same photograph as JPEG on the same machine in the
same run; seconds stand beside them for orientation.
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from collections.abc import Callable

import cv2

from station.values import Lamp
from station.world import Optics, World, simulated_person

VIEWS = {"reference 4056x3040": Optics(4056, 3040, 135.0), "demonstration 1620x1215": Optics(1620, 1215, 135.0)}
REPEATS = 3
LIVE_FRAMES = 120


def seconds(work: Callable[[], object]) -> float:
    """Median time of a call."""
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def main() -> None:
    for name, optics in VIEWS.items():
        world = World(simulated_person("b12-recovery", 2), optics, dt.date(2026, 1, 1))
        world.lamp = Lamp.CROSS
        world.place_head("vertex", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        begun = time.perf_counter()
        pixels, _ = world.expose()
        first = time.perf_counter() - begun
        again = seconds(world.expose)
        jpeg = seconds(lambda pixels=pixels: cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 95]))
        print(
            f"{name}: first frame of a site {first / jpeg:.1f} x JPEG ({first:.2f} s), "
            f"the next {again / jpeg:.1f} x JPEG ({again:.2f} s)"
        )
        truth = seconds(world.truth)
        begun = time.perf_counter()
        world.live(0.0)
        drawn = time.perf_counter() - begun
        threads = cv2.getNumThreads()
        cv2.setNumThreads(1)
        before = time.process_time()
        for frame in range(LIVE_FRAMES):
            world.live(frame / 15)
        live = (time.process_time() - before) / LIVE_FRAMES
        cv2.setNumThreads(threads)
        print(
            f"{name}: truth alone {truth / jpeg:.2f} x JPEG ({truth:.2f} s), "
            f"first live frame {drawn / jpeg:.1f} x JPEG ({drawn:.2f} s), "
            f"each live frame {live / jpeg:.3f} x JPEG ({1 / live:.0f} frames/s on one core)"
        )


if __name__ == "__main__":
    main()
