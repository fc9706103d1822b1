"""Which grid each enterprise joins when the medoids stand: a minimum-cost flow.

Every enterprise sends one unit to a grid; a grid sends at least `least` and at most
`most` units on. The least is the grid's own demand, so that lower bounds are exact;
a convex price per head off target becomes parallel arcs with rising costs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from gridopt.problem import NONE, IntArray, Problem
from gridopt.solvers.prices import BIG, CELLS_AT_ONCE, Prices

_NEAR = 12


@dataclass(frozen=True)
class Arcs:
    """Offers of places: member i may join grid g at this cost, arrays of one shape."""

    members: IntArray
    grids: IntArray
    costs: IntArray

    @classmethod
    def of_matrix(cls, cost: IntArray) -> Arcs:
        """Take every offer of a (m, k) cost matrix that is not forbidden."""
        members, grids = np.nonzero(cost < BIG)
        return cls(members, grids, cost[members, grids])


def _size_arcs(problem: Problem, taken: IntArray) -> tuple[IntArray, ...]:
    """Grid, capacity and unit cost of the places past each grid's least size."""
    grids = np.arange(len(taken))
    floor = np.maximum(taken, problem.least)
    room = problem.most - floor
    below = np.clip(problem.target - floor, 0, room)
    price = problem.size_price
    if price == 0:
        return grids, room, np.zeros_like(room)
    return (
        np.concatenate([grids, grids]),
        np.concatenate([below, room - below]),
        np.repeat([-price, price], len(taken)),
    )


def flow(problem: Problem, arcs: Arcs, n: int, taken: IntArray) -> IntArray | None:
    """Assign n members to grids at least cost within the band.

    Parameters
    ----------
    arcs
        The offers to choose from.
    taken
        Enterprises that each grid holds already, shape (k,).

    Returns
    -------
    Grid of each member, shape (n,); None where no assignment keeps the band.

    References
    ----------
    Bradley, Bennett, Demiriz (2000), Constrained K-Means Clustering, MSR-TR-2000-65.
    """
    k = len(taken)
    wanted = np.maximum(problem.least - taken, 0)
    spare = n - int(wanted.sum())
    if spare < 0 or (taken > problem.most).any():
        return None
    network = SimpleMinCostFlow()
    one = np.ones(len(arcs.members), dtype=np.int64)
    offers = network.add_arcs_with_capacity_and_unit_cost(
        arcs.members, n + arcs.grids, one, arcs.costs
    )
    grids, room, price = _size_arcs(problem, taken)
    sink = np.full(len(grids), n + k)
    network.add_arcs_with_capacity_and_unit_cost(n + grids, sink, room, price)
    supplies = np.concatenate([np.ones(n, np.int64), -wanted, [-spare]])
    network.set_nodes_supplies(np.arange(n + k + 1), supplies)
    if network.solve() != network.OPTIMAL:
        return None
    is_used = network.flows(offers) > 0
    labels = np.full(n, NONE, dtype=np.int64)
    labels[arcs.members[is_used]] = arcs.grids[is_used]
    return labels


def match_labels(cost: IntArray) -> IntArray:
    """Give each grid a label or none at least cost, each label at most once.

    Parameters
    ----------
    cost
        Cost of each grid under each label, none the last, shape (k, n_labels + 1).

    Returns
    -------
    Label of each grid, `NONE` for none, shape (k,).
    """
    k, width = cost.shape
    grids, labels = np.divmod(np.arange(k * width), width)
    network = SimpleMinCostFlow()
    cells = network.add_arcs_with_capacity_and_unit_cost(
        grids, k + labels, np.ones_like(grids), cost.ravel()
    )
    room = np.append(np.ones(width - 1, dtype=np.int64), k)
    network.add_arcs_with_capacity_and_unit_cost(
        k + np.arange(width), np.full(width, k + width), room, np.zeros_like(room)
    )
    supplies = np.concatenate([np.ones(k), np.zeros(width), [-k]]).astype(np.int64)
    network.set_nodes_supplies(np.arange(k + width + 1), supplies)
    if network.solve() != network.OPTIMAL:
        raise AssertionError(f"{k} grids cannot be matched to {width} labels")
    used = np.flatnonzero(network.flows(cells) > 0)
    chosen = np.full(k, NONE, dtype=np.int64)
    chosen[grids[used]] = labels[used]
    return np.where(chosen == width - 1, NONE, chosen)


def near_arcs(
    prices: Prices, medoids: IntArray, grid_labels: IntArray, n_near: int
) -> Arcs:
    """Offer each enterprise its cheapest `n_near` grids, in chunks of rows."""
    n, k = prices.problem.n, len(medoids)
    step = max(1, CELLS_AT_ONCE // k)
    parts = []
    for first in range(0, n, step):
        members = np.arange(first, min(first + step, n))
        cost = prices.costs(members, medoids, grid_labels)
        near = _cheapest(cost, n_near)
        parts.append(
            (
                np.repeat(members, near.shape[1]),
                near.ravel(),
                np.take_along_axis(cost, near, axis=1).ravel(),
            )
        )
    members, grids, costs = (np.concatenate(part) for part in zip(*parts, strict=True))
    is_open = costs < BIG
    return Arcs(members[is_open], grids[is_open], costs[is_open])


def _cheapest(cost: IntArray, n_near: int) -> IntArray:
    """Columns of the least costs of each row, ascending by column."""
    if n_near >= cost.shape[1]:
        return np.broadcast_to(np.arange(cost.shape[1]), cost.shape)
    k = cost.shape[1]
    keys = cost * k + np.arange(k)  # ties go by column on every machine
    return np.sort(np.partition(keys, n_near - 1, axis=1)[:, :n_near] % k, axis=1)


def assign(
    prices: Prices,
    medoids: IntArray,
    grid_labels: IntArray,
    placed: IntArray | None = None,
) -> IntArray | None:
    """Assign all enterprises to grids (medoid, label) at least cost within the band.

    Arcs go to near medoids first and are widened until the band can be kept.

    Parameters
    ----------
    placed
        Grid of each enterprise that is placed beforehand, `NONE` for the others,
        shape (n,).

    Returns
    -------
    Grid of each enterprise, shape (n,); None where nothing keeps band and wishes.
    """
    n, k = prices.problem.n, len(medoids)
    labels = np.full(n, NONE, dtype=np.int64) if placed is None else placed.copy()
    taken = np.bincount(labels[labels != NONE], minlength=k)
    free = np.flatnonzero(labels == NONE)
    rank = np.cumsum(labels == NONE) - 1
    n_near = _NEAR
    while True:
        offers = near_arcs(prices, medoids, grid_labels, n_near)
        is_free = labels[offers.members] == NONE
        arcs = Arcs(
            rank[offers.members[is_free]], offers.grids[is_free], offers.costs[is_free]
        )
        found = flow(prices.problem, arcs, len(free), taken)
        if found is not None:
            labels[free] = found
            return labels
        if n_near >= k:
            return None
        n_near *= 4
