"""Times that are compared with each other."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping


def least_ms(works: Mapping[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Shortest time of each work in ms, after one run each that does not count.

    They take turns, so that other jobs on the computer disturb all alike; the shortest is the least disturbed.
    """
    for work in works.values():
        work()
    least = dict.fromkeys(works, math.inf)
    for _ in range(repeats):
        for name, work in works.items():
            start = time.perf_counter()
            work()
            least[name] = min(least[name], 1000 * (time.perf_counter() - start))
    return least
