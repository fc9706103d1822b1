"""What plan some medoids lead to: members assigned exactly, medoids moved, in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridopt.problem import NONE
from gridopt.solvers.compiling import inner, kernel, whole
from gridopt.solvers.costs import add_labels, best_medoid, fill_block
from gridopt.solvers.cut import empty_cut
from gridopt.solvers.prices import BIG
from gridopt.solvers.result import Plan
from gridopt.solvers.start import alternate, relabel
from gridopt.solvers.transport import Moves, moves_of, transport

if TYPE_CHECKING:
    from gridopt.problem import IntArray
    from gridopt.solvers.ascent import Reached
    from gridopt.solvers.costs import Costs
    from gridopt.solvers.cut import Cut
    from gridopt.solvers.ground import Ground

COUNT, MEETS, CARRIES, BEST_MEETS, GRID = range(5)
WHO, SLOT, BEST_SLOT = range(3)

_MOST_GRIDS = 60
"""Above this many grids a flow on arcs to near grids is faster."""

_MOST_ROUNDS = 8
_HOPELESS = 4


class Cluster(NamedTuple):
    """Room for a few grids that are cut anew.

    Attributes
    ----------
    cost
        Cost of member (column) in grid (row), shape (g, m).
    heads
        Of each grid its size, medoid and label, the medoid of the best plan met, and
        its number in the whole cut; shape (5, g).
    people
        The members, the grid each is in, and that of the best plan; shape (3, m).
    """

    cost: IntArray
    heads: IntArray
    people: IntArray
    moves: Moves


def cluster_of(n_grids: int, n_members: int) -> Cluster:
    """Make room for so many grids and members."""
    return Cluster(
        cost=np.zeros((n_grids, n_members), dtype=np.int64),
        heads=np.zeros((5, n_grids), dtype=np.int64),
        people=np.zeros((3, n_members), dtype=np.int64),
        moves=moves_of(n_grids),
    )


def settled(ground: Ground, reached: Reached, cost: int) -> Plan | None:
    """Turn the medoids that duals point to into a plan.

    Parameters
    ----------
    cost
        Cost of the best plan known; what starts much dearer is given up.

    Returns
    -------
    None where nothing comes of it.
    """
    k, n = len(reached.chosen), ground.problem.n
    if ground.wishes.is_linked or k > _MOST_GRIDS:
        return alternate(ground, reached.chosen, None)
    labels = _once(reached.labels)
    plan = Plan(np.zeros(n, dtype=np.int64), reached.chosen.copy(), labels)
    cut, cluster = empty_cut(ground, plan), cluster_of(k, n)
    found = settle_all(ground.costs, cut, cluster, reached.chosen, labels, cost)
    if found >= BIG:
        return None
    grids, medoids = cluster.people[BEST_SLOT], cluster.heads[BEST_MEETS]
    if ground.prices.has_labels:
        labels = relabel(ground, grids, k, is_kept=True)
    return Plan(grids.copy(), medoids.copy(), labels)


def _once(labels: IntArray) -> IntArray:
    """Let each label be carried once, by the first grid that asks for it."""
    once = np.full(len(labels), NONE, dtype=np.int64)
    _, first = np.unique(labels, return_index=True)
    once[first] = labels[first]
    return once


@inner
def settle(costs: Costs, cut: Cut, cluster: Cluster, g: int, m: int, cap: int) -> int:
    """Assign and move medoids in turn until nothing is gained.

    Members, medoids and labels have to stand in the cluster. What starts much dearer
    than `cap` is given up.

    Returns
    -------
    Cost of the best plan met, which then stands in the cluster; `BIG` or more where
    there is none.
    """
    cost, heads, people = cluster.cost, cluster.heads, cluster.people
    most = cap + cap // _HOPELESS
    best = whole(BIG)
    for turn in range(_MOST_ROUNDS):
        _fill(costs, cut, cluster, g, m)
        if turn == 0 and _nearest(cost, heads[COUNT], people[SLOT], g, m) > most:
            break
        total = transport(
            cost, people[SLOT], heads[COUNT], costs.sizes, costs.band, cluster.moves,
            g, m,
        )  # fmt: skip
        if total >= best:
            break
        best = total
        for t in range(m):
            people[BEST_SLOT, t] = people[SLOT, t]
        for a in range(g):
            heads[BEST_MEETS, a] = heads[MEETS, a]
        if total > most or not _recentre(costs, heads[MEETS], people, g, m):
            break
    return best


@inner
def _fill(costs: Costs, cut: Cut, cluster: Cluster, g: int, m: int) -> None:
    """Fill in what each member pays in each grid; who is tied may not leave."""
    cost, heads, people = cluster.cost, cluster.heads, cluster.people
    medoids, members = heads[MEETS], people[WHO]
    fill_block(costs, medoids, g, members, m, cost)
    if len(cut.holders) > 0:
        for a in range(g):
            add_labels(costs, members, m, heads[CARRIES, a], cost[a])
    grids, tied = cut.grids, cut.tied
    for t in range(m):
        i = members[t]
        for a in range(g):
            if tied[i] and heads[GRID, a] != grids[i]:
                cost[a, t] += BIG
            if medoids[a] == i:  # a medoid is in its own grid
                for b in range(g):
                    cost[b, t] += BIG * (b != a)


@inner
def _nearest(cost: IntArray, counts: IntArray, slots: IntArray, g: int, m: int) -> int:
    """Put every member where it is cheapest, whatever the band; what that costs."""
    total = whole(0)
    for a in range(g):
        counts[a] = 0
    for t in range(m):
        at = 0
        for a in range(1, g):
            if cost[a, t] < cost[at, t]:
                at = a
        slots[t] = at
        counts[at] += 1
        total += cost[at, t]
    return total


@inner
def _recentre(
    costs: Costs, medoids: IntArray, people: IntArray, g: int, m: int
) -> bool:
    """Give each grid its best medoid; whether any has moved."""
    inside = np.empty(m, dtype=np.int64)
    is_moved = False
    for a in range(g):
        n = whole(0)
        for t in range(m):
            if people[SLOT, t] == a:
                inside[n] = people[WHO, t]
                n += 1
        _, medoid = best_medoid(costs, inside, n, medoids[a])
        is_moved = is_moved or medoid != medoids[a]
        medoids[a] = medoid
    return is_moved


@kernel
def settle_all(
    costs: Costs,
    cut: Cut,
    cluster: Cluster,
    medoids: IntArray,
    labels: IntArray,
    cap: int,
) -> int:
    """Settle a whole block on given medoids and labels; the cost, `BIG` if hopeless."""
    g, m = len(medoids), len(cut.grids)
    for a in range(g):
        cluster.heads[MEETS, a] = medoids[a]
        cluster.heads[CARRIES, a] = labels[a]
        cluster.heads[GRID, a] = a
    for t in range(m):
        cluster.people[WHO, t] = t
    return settle(costs, cut, cluster, g, m, cap)
