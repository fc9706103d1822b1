"""How members are shared among a few grids at least cost: negative cycles cancelled.

    start    from any assignment
    repeat   find the member whose move from a to b changes the cost least, for all a, b
             find a cycle of such moves that lowers the cost, and make them
    until    there is none: then no cheaper assignment keeps the band

One node more than the grids takes and gives members, at the change of the cost of
sizes; these costs are convex, so the method stays exact.

References
----------
Klein (1967), A primal method for minimal cost flows with applications to the assignment
and transportation problems, Management Science 14.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridopt.solvers.compiling import inner, whole

if TYPE_CHECKING:
    from gridopt.problem import IntArray

GAIN, MOVER = range(2)
DISTANCE, BEFORE, CHANGED = range(3)

OFF_BAND = 1 << 46
"""Price of each member too few or too many: dearer than any plan."""

_NONE = 1 << 60


class Moves(NamedTuple):
    """Room for one transport.

    Attributes
    ----------
    arcs
        Least change of cost of a move between two nodes, and who moves, shape
        (2, g + 1, g + 1).
    nodes
        Distance, node before, and whether members have changed, shape (3, g + 1).
    """

    arcs: IntArray
    nodes: IntArray


def moves_of(n_grids: int) -> Moves:
    """Make room for transports among at most so many grids."""
    size = n_grids + 1
    return Moves(
        arcs=np.zeros((2, size, size), dtype=np.int64),
        nodes=np.zeros((3, size), dtype=np.int64),
    )


@inner
def transport(
    cost: IntArray,
    slots: IntArray,
    counts: IntArray,
    sizes: IntArray,
    band: tuple[int, int],
    moves: Moves,
    g: int,
    m: int,
) -> int:
    """Share m members among g grids at least cost, from any assignment.

    Parameters
    ----------
    cost
        Cost of member (column) in grid (row), at least (g, m).
    slots, counts
        Grid of each member and size of each grid; changed in place.

    Returns
    -------
    Cost of the cheapest assignment, sizes included; `OFF_BAND` or more where none
    keeps the band.
    """
    arcs, nodes = moves.arcs, moves.nodes
    for a in range(g):
        nodes[CHANGED, a] = 1
    while True:
        _fill_members(cost, slots, arcs[GAIN], arcs[MOVER], nodes[CHANGED], g, m)
        _fill_sizes(counts, sizes, band, arcs[GAIN], nodes[CHANGED], g)
        end = _find_cycle(arcs[GAIN], nodes[DISTANCE], nodes[BEFORE], g)
        if end < 0:
            break
        for a in range(g):
            nodes[CHANGED, a] = 0
        _make_moves(arcs[MOVER], nodes, slots, counts, end, g)
    total = whole(0)
    for t in range(m):
        total += cost[slots[t], t]
    for a in range(g):
        total += size_cost(sizes, band, counts[a])
    return total


@inner
def size_cost(sizes: IntArray, band: tuple[int, int], q: int) -> int:
    """Cost of a grid of q members, rising steeply outside the band."""
    least, most = band
    if q < least:
        return sizes[least] + OFF_BAND * (least - q)
    if q > most:
        return sizes[most] + OFF_BAND * (q - most)
    return sizes[q]


@inner
def _fill_members(
    cost: IntArray,
    slots: IntArray,
    gain: IntArray,
    mover: IntArray,
    changed: IntArray,
    g: int,
    m: int,
) -> None:
    """Find the cheapest move of each arc that starts at a changed grid."""
    for a in range(g):
        if changed[a]:
            for b in range(g):
                gain[a, b] = _NONE
    for t in range(m):
        a = slots[t]
        if changed[a]:
            for b in range(g):
                change = cost[b, t] - cost[a, t]
                if change < gain[a, b]:
                    gain[a, b] = change
                    mover[a, b] = t


@inner
def _fill_sizes(
    counts: IntArray,
    sizes: IntArray,
    band: tuple[int, int],
    gain: IntArray,
    changed: IntArray,
    g: int,
) -> None:
    """Fill in what one member less and one more change at the changed grids."""
    for a in range(g):
        if changed[a]:
            q = counts[a]
            now = size_cost(sizes, band, q)
            gain[g, a] = size_cost(sizes, band, q - 1) - now if q > 0 else _NONE
            gain[a, g] = size_cost(sizes, band, q + 1) - now


@inner
def _find_cycle(gain: IntArray, distance: IntArray, before: IntArray, g: int) -> int:
    """Find a node of a cycle that lowers the cost (Bellman, Ford), -1 if none."""
    for a in range(g + 1):
        distance[a] = 0
    last = whole(-1)
    for _ in range(g + 2):
        last = whole(-1)
        for a in range(g + 1):
            for b in range(g + 1):
                if a != b and gain[a, b] < _NONE:
                    value = distance[a] + gain[a, b]
                    if value < distance[b]:
                        distance[b] = value
                        before[b] = a
                        last = whole(b)
        if last < 0:
            return last
    for _ in range(g + 1):
        last = before[last]
    return last


@inner
def _make_moves(
    mover: IntArray,
    nodes: IntArray,
    slots: IntArray,
    counts: IntArray,
    end: int,
    g: int,
) -> None:
    """Move one member along each arc of a cycle."""
    b = end
    while True:
        a = nodes[BEFORE, b]
        if a < g and b < g:
            slots[mover[a, b]] = b
            counts[a] -= 1
            counts[b] += 1
        if a < g:
            nodes[CHANGED, a] = 1
        if b < g:
            nodes[CHANGED, b] = 1
        b = a
        if b == end:
            return
