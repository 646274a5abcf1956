"""What a follicular unit is: a single-linkage cluster of hair roots at 0.30 mm.

It is the definition of the labels that the station is scored against, and close to the 0.3 mm within which the hairs
of one unit leave the skin. Measurement, simulated world and training share it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

UNIT_LINK_MM = 0.30
"""Two hair roots at most this far apart belong to one follicular unit."""


def clusters(points: NDArray[np.float64], link: float = UNIT_LINK_MM) -> NDArray[np.intp]:
    """Single-linkage clusters of (N, 2) points: a label from 0 for each; chains of steps of at most `link` join.

    Connected components of the graph of all pairs within `link`: the same partition as cutting the single-linkage
    dendrogram at that height.
    """
    if not len(points):
        return np.zeros(0, np.intp)
    pairs = cKDTree(points).query_pairs(link, output_type="ndarray")
    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(len(points), len(points)))
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels, np.intp)
