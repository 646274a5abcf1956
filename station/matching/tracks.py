"""The same hair in several photographs: tracks on the plane of the baseline's first photograph.

A track is one hair root that at least one photograph counted. In each photograph in which it could have been counted it
was found, found only weakly, found as one with a neighbour, or not found.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree

from station.matching.constellation import Constellation
from station.matching.transform import Transform

Points = NDArray[np.float64]
Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

REACH_MM = 0.10
"""A hair is at most so far from its track: five times the usual residual, and about the distance of a unit's hairs."""
CROWD_MM = 0.22
"""Nearer than this two roots may be found as one, which then lies between them."""
LEAST_PULL_MM, LEAST_PULL = 0.03, 0.2
"""A neighbour that is found this far, and by this share of the distance, towards a hair that is not found stands for
both: half again the usual residual. A neighbour of a hair that is gone stays where it was."""


class Sight(enum.IntEnum):
    """What one photograph says about one track."""

    NOT_SHOWN = 0  # outside the view, or where nothing could be counted
    ABSENT = 1
    WEAK = 2
    MERGED = 3  # found as one with a neighbour: says nothing of either being gone
    FOUND = 4


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """at: (T, 2) mm on the reference plane; sight: (T, F) of `Sight`; hair: (T, F) row of the hair in each photograph's
    constellation, -1 where none was found; score: (T, F) of what was found or found weakly, 0 elsewhere."""

    at: Points
    sight: NDArray[np.int8]
    hair: Rows
    score: Floats


def follow(frames: Sequence[Constellation], transforms: Sequence[Transform]) -> Tracks:
    """Tracks over photographs, each with its transform to the plane of reference."""
    moved = [transform.apply(frame.hairs) for frame, transform in zip(frames, transforms, strict=True)]
    at = np.zeros((0, 2))
    for points in moved:
        _, rows = assigned(at, points, REACH_MM)
        fresh = np.setdiff1d(np.arange(len(points)), rows)
        at = np.concatenate([at, points[fresh]])
    for _pass in range(2):  # the first hair of a track may have been two that were not told apart
        hair = _hairs(at, moved)
        at = _means(at, hair, moved)
    hair = _hairs(at, moved)
    kept = np.any(hair >= 0, axis=1)
    at, hair = at[kept], hair[kept]
    sight = np.zeros(hair.shape, np.int8)
    score = np.zeros(hair.shape)
    for f, (frame, transform) in enumerate(zip(frames, transforms, strict=True)):
        sight[:, f], score[:, f] = _seen(at, hair[:, f], frame, transform)
    sight[_merged(at, hair, moved) & (sight != Sight.NOT_SHOWN)] = Sight.MERGED
    return Tracks(at, sight, hair, score)


def assigned(tracks: Points, points: Points, reach: float) -> tuple[Rows, Rows]:
    """Rows of tracks (T, 2) and points (N, 2) that belong together, at most `reach` apart: as many as can be, and of
    those choices the one with the least sum of squared distances (the assignment problem, group by group)."""
    none = np.zeros(0, np.intp)
    if not len(tracks) or not len(points):
        return none, none
    near = cKDTree(tracks).sparse_distance_matrix(cKDTree(points), reach, output_type="coo_matrix")
    cost = np.full((len(tracks), len(points)), 2 * reach**2)
    cost[near.row, near.col] = near.data**2
    rows, columns = linear_sum_assignment(cost)
    paired = cost[rows, columns] <= reach**2
    return rows[paired].astype(np.intp), columns[paired].astype(np.intp)


def _hairs(at: Points, moved: Sequence[Points]) -> Rows:
    hair = np.full((len(at), len(moved)), -1, np.intp)
    for f, points in enumerate(moved):
        rows, columns = assigned(at, points, REACH_MM)
        hair[rows, f] = columns
    return hair


def _means(at: Points, hair: Rows, moved: Sequence[Points]) -> Points:
    sums, count = np.zeros_like(at), np.zeros(len(at))
    for f, points in enumerate(moved):
        found = hair[:, f] >= 0
        sums[found] += points[hair[found, f]]
        count += found
    return np.where(count[:, None] > 0, sums / np.maximum(count, 1)[:, None], at)


def _seen(at: Points, hair: Rows, frame: Constellation, transform: Transform) -> tuple[NDArray[np.int8], Floats]:
    shown = frame.could_show(transform.undo(at))
    found = hair >= 0
    sight = np.where(found, Sight.FOUND, np.where(shown, Sight.ABSENT, Sight.NOT_SHOWN)).astype(np.int8)
    score = np.zeros(len(at))
    score[found] = frame.score[hair[found]]
    missing = np.flatnonzero(sight == Sight.ABSENT)
    if len(missing) and len(frame.weak):
        rows, columns = assigned(at[missing], transform.apply(frame.weak[:, :2]), REACH_MM)
        sight[missing[rows]] = Sight.WEAK
        score[missing[rows]] = frame.weak[columns, 2]
    return sight, score


def _merged(at: Points, hair: Rows, moved: Sequence[Points]) -> NDArray[np.bool_]:
    """(T, F) hairs that are not found, while a neighbour lies nearer to them than where both are told apart."""
    merged = np.zeros(hair.shape, np.bool_)
    pairs = cKDTree(at).query_pairs(CROWD_MM, output_type="ndarray")
    there = hair >= 0
    one, other = np.concatenate([pairs, pairs[:, ::-1]]).T
    both = there[one] & there[other]
    some = both.any(axis=1)
    if not some.any():
        return merged
    place = np.full((*hair.shape, 2), np.nan)
    for f, points in enumerate(moved):
        place[there[:, f], f] = points[hair[there[:, f], f]]
    one, other, both = one[some], other[some], both[some]
    apart = np.nanmedian(np.where(both[..., None], place[one], np.nan), axis=1)
    towards = np.nanmedian(place[other], axis=1) - apart
    distance = np.linalg.norm(towards, axis=1)
    pull = np.einsum("pfc,pc->pf", place[one] - apart[:, None], towards) / np.maximum(distance, 1e-9)[:, None]
    least = np.maximum(LEAST_PULL_MM, LEAST_PULL * distance)[:, None]
    pulled = there[one] & ~there[other] & (pull > least) & (pull < distance[:, None])
    np.logical_or.at(merged, other, pulled)
    return merged
