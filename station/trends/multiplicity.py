"""Several questions asked of the same person: p-values that keep the chance of any false alarm at its level."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """p-values adjusted by Holm's step-down method, in the order given.

    The i-th smallest of m is multiplied by m - i + 1, and none becomes smaller than the one before it (Holm S, Scand J
    Stat 1979;6:65-70). The primary endpoint is tested by itself; this is for the sites beside it (domain reference
    5.3, reporting ladder).
    """
    adjusted = [1.0] * len(p_values)
    largest = 0.0
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(order) - rank) * p_values[index]))
        adjusted[index] = largest
    return tuple(adjusted)
