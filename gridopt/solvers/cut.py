"""A plan while the compiled loops work on it, grid by grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridopt.problem import NONE, IntArray
from gridopt.solvers.compiling import inner, kernel
from gridopt.solvers.costs import add_labels, fill_costs
from gridopt.solvers.result import Plan

if TYPE_CHECKING:
    from gridopt.solvers.costs import Costs
    from gridopt.solvers.ground import Ground

COUNT, MEETS, CARRIES, PAID = range(4)


class Cut(NamedTuple):
    """Grids in the making, changed in place.

    Attributes
    ----------
    grids
        Grid of each enterprise, shape (n,).
    members
        Enterprises of each grid, shape (k, most).
    heads
        Number of members, medoid, label and cost of each grid, shape (4, k).
    holders
        Grid that carries each label, `NONE` where none does, shape (n_labels,).
    tied
        1 where an enterprise must stay where it is, shape (n,).
    """

    grids: IntArray
    members: IntArray
    heads: IntArray
    holders: IntArray
    tied: IntArray

    @property
    def cost(self) -> int:
        """Cost of the whole plan, whole decimetres."""
        return int(self.heads[PAID].sum())

    @property
    def plan(self) -> Plan:
        """The plan as it stands."""
        heads = self.heads
        return Plan(self.grids.copy(), heads[MEETS].copy(), heads[CARRIES].copy())


def cut_of(ground: Ground, plan: Plan) -> Cut:
    """Lay a plan out for the compiled loops; linked enterprises are tied."""
    cut = empty_cut(ground, plan)
    fill_cut(ground.costs, cut)
    return cut


def empty_cut(ground: Ground, plan: Plan) -> Cut:
    """Make room for a plan; members, sizes and costs are not filled in."""
    k, costs = plan.n_grids, ground.costs
    holders = np.full(ground.problem.n_labels, NONE, dtype=np.int64)
    carrying = np.flatnonzero(plan.grid_labels != NONE)
    holders[plan.grid_labels[carrying]] = carrying
    heads = np.zeros((4, k), dtype=np.int64)
    heads[MEETS], heads[CARRIES] = plan.medoids, plan.grid_labels
    return Cut(
        grids=plan.labels.astype(np.int64),
        members=np.zeros((k, costs.band[1]), dtype=np.int64),
        heads=heads,
        holders=holders,
        tied=ground.wishes.is_tied.astype(np.int64),
    )


@kernel
def fill_cut(costs: Costs, cut: Cut) -> None:
    """Fill in members and costs of all grids."""
    counts = cut.heads[COUNT]
    for g in range(len(counts)):
        counts[g] = 0
    for i in range(len(cut.grids)):
        g = cut.grids[i]
        cut.members[g, counts[g]] = i
        counts[g] += 1
    for g in range(len(counts)):
        cut.heads[PAID, g] = grid_cost(costs, cut, g)


@inner
def grid_cost(costs: Costs, cut: Cut, g: int) -> int:
    """Cost of one grid, its size included."""
    n, members = cut.heads[COUNT, g], cut.members[g]
    row = np.empty(n, dtype=np.int64)
    fill_costs(costs, members, n, cut.heads[MEETS, g], row)
    if len(cut.holders) > 0:
        add_labels(costs, members, n, cut.heads[CARRIES, g], row)
    total = costs.sizes[n]
    for t in range(n):
        total += row[t]
    return total


@inner
def near_grids(costs: Costs, cut: Cut, g: int, near: IntArray) -> int:
    """Fill `near` with the grids whose medoids are nearest to that of g; how many."""
    medoids = cut.heads[MEETS]
    k, width, n_near = len(medoids), len(near), 0
    apart = np.empty(k, dtype=np.int64)
    fill_costs(costs, medoids, k, medoids[g], apart)
    for h in range(k):
        if h == g or (n_near == width and apart[h] >= apart[near[width - 1]]):
            continue
        n_near = min(n_near + 1, width)
        at = n_near - 1
        while at > 0 and apart[near[at - 1]] > apart[h]:
            near[at] = near[at - 1]
            at -= 1
        near[at] = h
    return n_near
