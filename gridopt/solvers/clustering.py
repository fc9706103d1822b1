"""How near enterprises are gathered into ever larger regions: average linkage.

    repeat
        walk from a cluster to its nearest, and on, until two are each other's nearest
        merge the two; distances to the new cluster are means over its members
    until one is left

References
----------
Müllner (2011), Modern hierarchical, agglomerative clustering algorithms,
arXiv:1109.2378 (the nearest-neighbour chain); Lance, Williams (1967), A general theory
of classificatory sorting strategies, The Computer Journal 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.solvers.compiling import inner, kernel, whole

if TYPE_CHECKING:
    from gridopt.problem import FloatArray, IntArray


def gather(apart: FloatArray) -> tuple[IntArray, IntArray]:
    """Gather enterprises into nested regions.

    Parameters
    ----------
    apart
        How far any two are from one another, symmetric, shape (n, n); used up.

    Returns
    -------
    order, spans
        All enterprises in one order, shape (n,), and each region as start and stop
        in it, from large to small, shape (2 n - 1, 2); the first holds everybody.
    """
    n = len(apart)
    merges = np.zeros((max(n - 1, 0), 2), dtype=np.int64)
    merge_nearest(apart, merges)
    sizes = np.ones(2 * n - 1, dtype=np.int64)
    for node, (one, two) in enumerate(merges.tolist(), start=n):
        sizes[node] = sizes[one] + sizes[two]
    starts = np.zeros(2 * n - 1, dtype=np.int64)
    for node in range(2 * n - 2, n - 1, -1):
        one, two = merges[node - n]
        starts[one], starts[two] = starts[node], starts[node] + sizes[one]
    order = np.empty(n, dtype=np.int64)
    order[starts[:n]] = np.arange(n)
    spans = np.column_stack([starts, starts + sizes])
    return order, spans[np.lexsort((starts, -sizes))]


@kernel
def merge_nearest(apart: FloatArray, merges: IntArray) -> None:
    """Fill in which two clusters each merge joins; cluster n + t is that of merge t."""
    n = len(apart)
    names, sizes = np.empty(n, dtype=np.int64), np.ones(n, dtype=np.int64)
    chain = np.empty(n + 1, dtype=np.int64)
    for i in range(n):
        names[i] = i
    length = 0
    for t in range(n - 1):
        if length == 0:
            chain[0] = _first(sizes)
            length = 1
        while True:
            a = chain[length - 1]
            b = _nearest(apart[a], sizes, a, chain[length - 2] if length > 1 else -1)
            if length > 1 and b == chain[length - 2]:
                break
            chain[length] = b
            length += 1
        length -= 2
        a, b = min(a, b), max(a, b)
        merges[t, 0], merges[t, 1] = names[a], names[b]
        _join(apart, sizes, a, b)
        names[a] = n + t


@inner
def _first(sizes: IntArray) -> int:
    for i in range(len(sizes)):
        if sizes[i] > 0:
            return whole(i)
    return whole(0)


@inner
def _nearest(row: FloatArray, sizes: IntArray, a: int, before: int) -> int:
    """Find the cluster nearest to a; of equals the one before, then the first."""
    best, at = np.inf, whole(before)
    if before >= 0:
        best = row[before]
    for i in range(len(row)):
        if i != a and sizes[i] > 0 and row[i] < best:
            best, at = row[i], whole(i)
    return at


@inner
def _join(apart: FloatArray, sizes: IntArray, a: int, b: int) -> None:
    """Put b into a; the distance to another cluster is the mean over all members."""
    total = sizes[a] + sizes[b]
    for i in range(len(sizes)):
        if sizes[i] > 0 and i != a and i != b:
            mean = (sizes[a] * apart[a, i] + sizes[b] * apart[b, i]) / total
            apart[a, i] = apart[i, a] = mean
    sizes[a], sizes[b] = total, 0
