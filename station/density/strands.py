"""From a skeleton to hairs: pieces between crossings, joined through them where the direction goes on.

A crossing is undone by the pairing of its ends that bends least. Where two hairs run together for a while, and where
one is faint for a little, ends that are left over are joined in a second round by the same measure.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csgraph
from scipy.spatial import cKDTree

from station.density.ridges import NEIGHBOURS
from station.density.tips import to_the_tips
from station.values import BoolMask

Floats = NDArray[np.float64]

SPUR_PX = 7
"""A piece with one free end that is shorter is a wart of the skeleton."""
BRIDGE_PX = 12
"""Crossings joined by a piece this short or shorter are one crossing."""
REACH_PX = 34
"""Length of a piece's end from which its direction and bend are taken."""
SETTLED_PX = 3
"""So much of it next to a crossing is bent by the other hair."""
UNMATCHED = 1.1
"""What leaving one end alone costs: a bend of this size squared, in radians."""
GAP_PX = 150
GAP_COSTS = (0.4, 0.55, 1.5)
"""Farthest and dearest join of two ends in the second round: by how many of them end on another hair. Tips seldom lie
there, so that two such ends near each other are most often one hair."""
FAR_COST = 0.1
BLIND_PX, COVERED_SHARE = 14, 0.55
"""Longer joins must run along lines for this share of their way."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An unbranched stretch of skeleton. points: (m, 2) x, y in pixels, smoothed; nodes: crossing at either end,
    -1 where it ends freely."""

    points: Floats
    nodes: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Strand:
    """One hair. points: (m, 2) x, y in pixels along it; joins: crossings and gaps that were passed; loose: how many
    of its two ends (0 to 2) end on another hair."""

    points: Floats
    joins: int
    loose: int

    @property
    def length(self) -> float:
        return polyline_length(self.points)


def polyline_length(points: Floats) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum()) if len(points) > 1 else 0.0


def strands_of(skeleton: BoolMask, lines: BoolMask) -> list[Strand]:
    """The hairs in a skeleton. lines: the pixels that it was thinned from."""
    pieces = pieces_of(skeleton)
    ends = [_end(piece, side) for piece in pieces for side in (0, 1)]
    partner = _through_crossings(pieces, ends)
    _over_gaps(pieces, ends, partner, lines)
    return [replace(strand, points=to_the_tips(strand.points, lines)) for strand in _chained(pieces, partner)]


def pieces_of(skeleton: BoolMask) -> list[Piece]:
    """Unbranched pieces of a skeleton, without spurs, short bridges taken into the crossing they cross."""
    width = skeleton.shape[1] + 2
    flat = np.pad(skeleton, 1).ravel()
    pixels = np.flatnonzero(flat)
    if not len(pixels):
        return []
    offsets = np.array([dy * width + dx for dy, dx in NEIGHBOURS])
    around = flat[pixels[:, None] + offsets]
    branch = _branches(around)
    place = np.full(len(flat), -1, np.int64)
    place[pixels] = np.arange(len(pixels))
    near = place[pixels[:, None] + offsets]
    while True:
        paths, nodes = _cut(near, branch, pixels, width)
        lengths = np.array([len(path) for path in paths])
        free = np.array([(a < 0) + (b < 0) for a, b in nodes]).reshape(-1)
        spur = (free == 1) & (lengths <= SPUR_PX)
        if not spur.any():
            break
        gone = np.concatenate([paths[i] for i in np.flatnonzero(spur)])
        keep = np.ones(len(near), bool)
        keep[gone] = False
        near = np.where((near >= 0) & keep[near], near, -1)
        near[~keep] = -1
        branch = keep & _branches(near >= 0)
        pixels = np.where(keep, pixels, -1)
    return _bridged(paths, nodes, pixels, width)


def _branches(around: BoolMask) -> BoolMask:
    """(n,) True where lines meet, of neighbourhoods (n, 8); without staircases a third neighbour tells."""
    return np.asarray(around.sum(axis=1) >= 3, bool)


def _cut(
    near: NDArray[np.int64], branch: BoolMask, pixels: NDArray[np.int64], width: int
) -> tuple[list[NDArray[np.int64]], list[tuple[int, int]]]:
    """Ordered paths of pixel numbers between branch pixels, and the crossing (a cluster of them) at both ends."""
    alive = pixels >= 0
    n = len(pixels)
    rows = np.repeat(np.arange(n), 8)
    columns = near.ravel()
    valid = columns >= 0
    rows, columns = rows[valid], columns[valid]
    among = branch[rows] & branch[columns]
    _, node = csgraph.connected_components(_graph(rows[among], columns[among], n), directed=False)
    plain = ~branch[rows] & ~branch[columns]
    graph = _graph(rows[plain], columns[plain], n)
    _, owner = csgraph.connected_components(graph, directed=False)
    inside = alive & ~branch
    members = np.flatnonzero(inside)
    # The pixel farthest from any one of a path is an end of it; the steps from there put the path in order.
    _, anyone = np.unique(owner[members], return_index=True)
    steps = _steps(graph, members[anyone])
    outward = members[np.lexsort((-steps[members], owner[members]))]
    _, farthest = np.unique(owner[outward], return_index=True)
    distance = _steps(graph, outward[farthest])
    order = members[np.lexsort((distance[members], owner[members]))]
    cuts = np.flatnonzero(np.diff(owner[order])) + 1
    paths = np.split(order, cuts) if len(order) else []
    nodes = []
    for path in paths:
        ends = []
        for pixel in (path[0], path[-1]):
            beside = near[pixel]
            beside = beside[beside >= 0]
            beside = beside[branch[beside]]
            ends.append([int(node[b]) for b in beside])
        if len(path) == 1 and len(set(ends[0])) > 1:
            one, two = sorted(set(ends[0]))[:2]
            nodes.append((one, two))
        elif len(path) == 1:
            nodes.append((ends[0][0] if ends[0] else -1, -1))
        else:
            nodes.append((ends[0][0] if ends[0] else -1, ends[1][0] if ends[1] else -1))
    return paths, nodes


def _graph(rows: NDArray[np.int64], columns: NDArray[np.int64], n: int) -> Any:
    return coo_matrix((np.ones(len(rows), np.int8), (rows, columns)), shape=(n, n)).tocsr()


def _steps(graph: Any, sources: NDArray[np.int64]) -> Floats:
    """Steps (n,) from each pixel of a graph to the one of `sources` that its path has."""
    n = graph.shape[0]
    links = graph.tocoo()
    joined = _graph(np.concatenate([links.row, np.full(len(sources), n)]), np.concatenate([links.col, sources]), n + 1)
    return np.asarray(csgraph.dijkstra(joined, directed=False, indices=n, unweighted=True)[:n])


def _bridged(
    paths: list[NDArray[np.int64]], nodes: list[tuple[int, int]], pixels: NDArray[np.int64], width: int
) -> list[Piece]:
    """Pieces, with crossings that a short piece joins made one."""
    merged: dict[int, int] = {}

    def root(node: int) -> int:
        while node in merged:
            node = merged[node]
        return node

    kept = []
    for path, (one, two) in zip(paths, nodes, strict=True):
        if one >= 0 and two >= 0 and len(path) <= BRIDGE_PX:
            a, b = root(one), root(two)
            if a != b:
                merged[a] = b
            continue
        kept.append((path, one, two))
    found = []
    for path, one, two in kept:
        y, x = np.divmod(pixels[path], width)
        points = np.stack([x - 1.0, y - 1.0], 1)
        ends = (root(one) if one >= 0 else -1, root(two) if two >= 0 else -1)
        if len(path) <= 2 and min(ends) < 0:
            continue
        found.append(Piece(_smooth(points), ends))
    return found


def _smooth(points: Floats) -> Floats:
    """A running mean over up to seven pixels, ends kept."""
    if len(points) < 5:
        return points
    padded = np.pad(points, ((3, 3), (0, 0)), mode="reflect", reflect_type="odd") if len(points) > 3 else points
    kernel = np.ones(7) / 7
    return np.stack([np.convolve(padded[:, k], kernel, "valid") for k in (0, 1)], 1)


@dataclass(frozen=True, slots=True)
class _End:
    """One end of a piece: its place, and the direction (unit vector) in which the hair would go on."""

    place: Floats
    direction: Floats
    bend: float
    length: float


def _end(piece: Piece, side: int) -> _End:
    """From the last stretch of the piece: direction by a parabola where there is enough of it."""
    points = piece.points if side else piece.points[::-1]
    inner = points[-REACH_PX:]
    settled = inner[:-SETTLED_PX] if piece.nodes[side] >= 0 and len(inner) > 3 * SETTLED_PX else inner
    place = points[-1]
    if len(settled) < 3:
        direction = points[-1] - points[0]
        size = float(np.hypot(*direction))
        direction = direction / size if size > 0 else np.array([1.0, 0.0])
        return _End(place, direction, 0.0, float(len(points)))
    t = np.arange(len(settled), dtype=np.float64) - len(settled) + 1
    order = 2 if len(settled) >= 16 else 1
    fit = np.linalg.lstsq(np.vander(t, order + 1, increasing=True), settled, rcond=None)[0]
    ahead = len(inner) - len(settled)
    slope = fit[1] + (2 * fit[2] * ahead if order == 2 else 0)
    size = float(np.hypot(*slope))
    direction = slope / size if size > 0 else np.array([1.0, 0.0])
    bend = 0.0
    if order == 2 and size > 0:
        bend = float(np.clip((direction[0] * 2 * fit[2][1] - direction[1] * 2 * fit[2][0]) / size**2, -0.05, 0.05))
    return _End(place, direction, bend, float(len(points)))


def bending(one: _End, two: _End) -> float:
    """How much a hair would bend, in squared radians, that left at `one` and went on at `two`; inf when it turns back.

    Both directions are compared with each other, after half of the bend that either shows, and with the line between
    the places, for which short distances count less: there the places are no surer than the line is long.
    """
    line = two.place - one.place
    distance = float(np.hypot(*line))
    allowed = 0.5 * distance
    first = math.atan2(one.direction[1], one.direction[0]) + one.bend * allowed
    second = math.atan2(-two.direction[1], -two.direction[0]) - two.bend * allowed
    turn = _wrapped(second - first)
    if abs(turn) > 1.4:
        return math.inf
    trust = distance / (distance + 8.0)
    along = math.atan2(line[1], line[0])
    aside = 0.0
    if distance > 1:
        aside = trust * (_wrapped(along - first) ** 2 + _wrapped(along - second) ** 2) / 2
    doubt = 1.0 / (1.0 + 3.0 / min(one.length, two.length))
    return doubt * turn * turn + aside


def _wrapped(angle: float) -> float:
    return (angle + math.pi) % (2 * math.pi) - math.pi


def _through_crossings(pieces: Sequence[Piece], ends: Sequence[_End]) -> NDArray[np.int64]:
    """Partner of each end (2 * piece + side), -1 without one: at each crossing the pairing that bends least."""
    at: dict[int, list[int]] = {}
    for index, piece in enumerate(pieces):
        for side in (0, 1):
            if piece.nodes[side] >= 0:
                at.setdefault(piece.nodes[side], []).append(2 * index + side)
    partner = np.full(2 * len(pieces), -1, np.int64)
    for members in at.values():
        for a, b in _least_bent(members, ends):
            partner[a], partner[b] = b, a
    return partner


def _least_bent(members: list[int], ends: Sequence[_End]) -> list[tuple[int, int]]:
    """Pairs among the ends of one crossing; all pairings are tried up to seven ends, the best taken first above."""
    costs = {(a, b): bending(ends[a], ends[b]) for a, b in itertools.combinations(members, 2) if a // 2 != b // 2}
    if len(members) > 7:
        return _best_first(costs, 2 * UNMATCHED)
    best: tuple[float, list[tuple[int, int]]] = (math.inf, [])

    def search(left: list[int], cost: float, pairs: list[tuple[int, int]]) -> None:
        nonlocal best
        if cost >= best[0]:
            return
        if not left:
            best = (cost, pairs)
            return
        first, rest = left[0], left[1:]
        for other in rest:
            extra = costs.get((first, other), math.inf)
            if extra < 2 * UNMATCHED:
                search([x for x in rest if x != other], cost + extra, [*pairs, (first, other)])
        search(rest, cost + UNMATCHED, pairs)

    search(members, 0.0, [])
    return best[1]


def _best_first(costs: dict[tuple[int, int], float], limit: float) -> list[tuple[int, int]]:
    used: set[int] = set()
    pairs = []
    for (a, b), cost in sorted(costs.items(), key=lambda item: item[1]):
        if cost < limit and a not in used and b not in used:
            used.update((a, b))
            pairs.append((a, b))
    return pairs


def _over_gaps(pieces: Sequence[Piece], ends: Sequence[_End], partner: NDArray[np.int64], lines: BoolMask) -> None:
    """Joins ends that are left over, the least bent first: across a gap, or along a stretch shared with another."""
    left = [i for i in range(len(ends)) if partner[i] < 0 and ends[i].length >= 5]
    if len(left) < 2:
        return
    places = np.array([ends[i].place for i in left])
    costs = {}
    for a, b in cKDTree(places).query_pairs(GAP_PX):
        one, two = left[a], left[b]
        if one // 2 == two // 2 and polyline_length(pieces[one // 2].points) < 4 * GAP_PX:
            continue
        on_hair = sum(pieces[i // 2].nodes[i % 2] >= 0 for i in (one, two))
        distance = float(np.hypot(*(places[a] - places[b])))
        cost = (bending(ends[one], ends[two]) + FAR_COST * distance / GAP_PX) / GAP_COSTS[on_hair]
        if cost >= 1:
            continue
        if distance > BLIND_PX and _covered(places[a], places[b], ends[one], ends[two], lines) < COVERED_SHARE:
            continue
        costs[one, two] = cost
    for one, two in _best_first(costs, 1.0):
        partner[one], partner[two] = two, one


def _covered(a: Floats, b: Floats, one: _End, two: _End, lines: BoolMask) -> float:
    """Share of a smooth curve between two ends that lies on lines, one pixel beside them allowed."""
    size = float(np.hypot(*(b - a)))
    t = np.linspace(0, 1, max(4, round(size)))[:, None]
    h1, h2 = 2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t
    h3, h4 = -2 * t**3 + 3 * t**2, t**3 - t**2
    curve = h1 * a + h2 * size * one.direction + h3 * b - h4 * size * two.direction
    x = np.clip(np.rint(curve[:, 0]).astype(int), 1, lines.shape[1] - 2)
    y = np.clip(np.rint(curve[:, 1]).astype(int), 1, lines.shape[0] - 2)
    seen = np.zeros(len(x), bool)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            seen |= lines[y + dy, x + dx]
    return float(seen.mean())


def _chained(pieces: Sequence[Piece], partner: NDArray[np.int64]) -> list[Strand]:
    """Pieces put one behind the other along their joins; a ring begins anywhere."""
    done = np.zeros(len(pieces), bool)
    found = []
    starts = [i for i in range(2 * len(pieces)) if partner[i] < 0] + list(range(2 * len(pieces)))
    for start in starts:
        if done[start // 2]:
            continue
        parts, at, joins = [], start, 0
        loose = int(pieces[start // 2].nodes[start % 2] >= 0 and partner[start] < 0)
        while True:
            index, side = divmod(at, 2)
            done[index] = True
            points = pieces[index].points
            parts.append(points if side == 0 else points[::-1])
            other = 2 * index + 1 - side
            follower = int(partner[other])
            if follower < 0:
                loose += int(pieces[index].nodes[1 - side] >= 0)
                break
            if done[follower // 2]:
                break
            at, joins = follower, joins + 1
        found.append(Strand(np.concatenate(parts), joins, loose))
    return found
