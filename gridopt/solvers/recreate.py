"""How a plan gets better: a few neighbouring grids are torn down and built anew.

    repeat
        ruin       a cluster of 2 to 6 neighbouring grids loses one or two medoids
        recreate   other members take their place, by how much the duals favour them;
                   members are assigned exactly, medoids move, until nothing is gained
        accept     what is cheaper, or dearer by less than a threshold that falls to
                   nothing; the cheapest plan met is kept

References
----------
Dueck, Scheuer (1990), Threshold accepting: a general purpose optimization algorithm
appearing superior to simulated annealing, Journal of Computational Physics 90.
Schrimpf, Schneider, Stamm-Wilbrandt, Dueck (2000), Record breaking optimization results
using the ruin and recreate principle, Journal of Computational Physics 159.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.solvers import cut as rooms
from gridopt.solvers.compiling import inner, kernel, whole
from gridopt.solvers.cut import PAID, grid_cost, near_grids
from gridopt.solvers.draws import draw
from gridopt.solvers.pairs import improve_pairs
from gridopt.solvers.settling import (
    BEST_MEETS,
    BEST_SLOT,
    CARRIES,
    GRID,
    MEETS,
    WHO,
    cluster_of,
    settle,
)

if TYPE_CHECKING:
    from gridopt.problem import BoolArray, IntArray
    from gridopt.solvers.costs import Costs
    from gridopt.solvers.cut import Cut
    from gridopt.solvers.draws import Draws
    from gridopt.solvers.ground import Ground
    from gridopt.solvers.result import Plan
    from gridopt.solvers.settling import Cluster
    from gridopt.solvers.work import Work

_MOST_GRIDS = 6
_N_NEAR = 7
_MOST_TRIES = 30
_SIZE, _MEDOID, _LABEL = rooms.COUNT, rooms.MEETS, rooms.CARRIES


def improve_clusters(
    ground: Ground,
    cut: Cut,
    favour: IntArray,
    trials: tuple[int, int],
    draws: Draws,
    work: Work,
) -> Plan:
    """Tear down and rebuild clusters, then re-cut the pairs that changed, in turn.

    Parameters
    ----------
    cut
        A plan whose pairs are all cut at their best.
    favour
        Weight of each enterprise as a medoid, whole numbers from 1, shape (n,).
    trials
        Clusters to try, and by how much the first of them may get dearer, whole
        decimetres; the threshold falls to nothing on the way.

    Returns
    -------
    The cheapest plan met.
    """
    k = cut.heads.shape[1]
    cluster = cluster_of(_MOST_GRIDS, _MOST_GRIDS * ground.costs.band[1])
    best, cost = cut.plan, cut.cost
    at_once, (n_trials, first_room), n_left = max(2 * k, 50), trials, trials[0]
    while n_left > 0 and k > 1 and work.step(min(n_left, at_once)):
        dirty = np.zeros(k, dtype=np.bool_)
        part = min(n_left, at_once)
        n_left -= part
        room = first_room * n_left // n_trials
        recreate(ground.costs, cut, cluster, favour, draws, part, room, dirty)
        improve_pairs(ground, cut, work, dirty)
        if cut.cost < cost:
            best, cost = cut.plan, cut.cost
    return best


@kernel
def recreate(
    costs: Costs,
    cut: Cut,
    cluster: Cluster,
    favour: IntArray,
    draws: Draws,
    n_trials: int,
    room: int,
    dirty: BoolArray,
) -> None:
    """Tear down and rebuild clusters; what is kept is marked as dirty.

    Kept is what costs less than now, or more by less than `room`.
    """
    heads, people = cluster.heads, cluster.people
    for _ in range(n_trials):
        g = _pick_cluster(costs, cut, heads[GRID], draws)
        m, cap = _gather(cut, heads, people, g)
        for _ in range(1 + (draw(draws, 3) == 0)):
            j = _pick_member(favour, people[WHO], m, draws)
            out = draw(draws, g)
            is_new = True
            for a in range(g):
                is_new = is_new and heads[MEETS, a] != j
            if is_new:
                heads[MEETS, out] = j
        found = settle(costs, cut, cluster, g, m, cap)
        if found != cap and found < cap + max(room, 1):
            _keep(costs, cut, heads, people, g, m)
            for a in range(g):
                dirty[heads[GRID, a]] = True


@inner
def _pick_cluster(costs: Costs, cut: Cut, grids: IntArray, draws: Draws) -> int:
    """Pick 2 to 6 grids that hang together; how many."""
    k = cut.heads.shape[1]
    near = np.empty(_N_NEAR, dtype=np.int64)
    wanted = min(k, 2 + draw(draws, _MOST_GRIDS - 1))
    grids[0] = draw(draws, k)
    g = whole(1)
    for _ in range(_MOST_TRIES):
        if g == wanted:
            break
        n_near = near_grids(costs, cut, grids[draw(draws, g)], near)
        h = near[draw(draws, min(n_near, wanted))]
        is_new = True
        for a in range(g):
            is_new = is_new and grids[a] != h
        if is_new:
            grids[g] = h
            g += 1
    return g


@inner
def _gather(cut: Cut, heads: IntArray, people: IntArray, g: int) -> tuple[int, int]:
    """Lay the cluster out; how many members it has and what it costs now."""
    m, cap = whole(0), whole(0)
    for a in range(g):
        h = heads[GRID, a]
        heads[MEETS, a] = cut.heads[_MEDOID, h]
        heads[CARRIES, a] = cut.heads[_LABEL, h]
        cap += cut.heads[PAID, h]
        for t in range(cut.heads[_SIZE, h]):
            people[WHO, m] = cut.members[h, t]
            m += 1
    return m, cap


@inner
def _pick_member(favour: IntArray, members: IntArray, m: int, draws: Draws) -> int:
    """Draw a member by favour."""
    total = whole(0)
    for t in range(m):
        total += favour[members[t]]
    at = draw(draws, total)
    for t in range(m):
        at -= favour[members[t]]
        if at < 0:
            return members[t]
    return members[m - 1]


@inner
def _keep(
    costs: Costs, cut: Cut, heads: IntArray, people: IntArray, g: int, m: int
) -> None:
    """Put the best plan of the cluster into the cut."""
    for a in range(g):
        cut.heads[_SIZE, heads[GRID, a]] = 0
        cut.heads[_MEDOID, heads[GRID, a]] = heads[BEST_MEETS, a]
    for t in range(m):
        h = heads[GRID, people[BEST_SLOT, t]]
        cut.grids[people[WHO, t]] = h
        cut.members[h, cut.heads[_SIZE, h]] = people[WHO, t]
        cut.heads[_SIZE, h] += 1
    for a in range(g):
        cut.heads[PAID, heads[GRID, a]] = grid_cost(costs, cut, heads[GRID, a])
