"""The cheapest plan of a small block, found by looking at all of them.

Every set of enterprises that may be a grid is priced at each label and at its best
medoid; sets are then put together by dynamic programming: the grid of the first
enterprise that is left, and the best of what it leaves. Nothing of the solvers is used.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import combinations

import numpy as np

from gridopt.problem import NONE

NO_PLAN = 1 << 61
"""Cost where no plan keeps band and wishes."""

BARRED = NO_PLAN // 16
"""Cost of a member where it must not be: dearer than any plan, a dozen add up."""


def best_cost(problem):
    """Find the least cost over all plans, None where there is none."""
    fewest, most = problem.n_grids
    costs = [cost for cost in costs_of_counts(problem)[fewest : most + 1]]
    least = min(costs, default=NO_PLAN)
    return None if least >= BARRED else least


def best_cost_within(problem, cap):
    """Find the least cost over all plans that move at most so many, None for none."""
    least = min(costs_of_movers(problem)[: cap + 1], default=NO_PLAN)
    return None if least >= BARRED else least


def costs_of_movers(problem):
    """Find the least cost of plans of 0 … n movers, `NO_PLAN` for none.

    As `costs_of_counts`, but what is left is known for each number of movers too.
    """
    n, n_labels, everybody = problem.n, problem.n_labels, (1 << problem.n) - 1
    grids, moved = grid_costs(problem), movers_of_sets(problem)
    ends, (whole, part) = pairs_of_sets(n, problem.least, min(problem.most, n))
    left = np.full((1 << n_labels, n + 1, 1 << n), NO_PLAN)
    left[:, 0, 0] = 0
    best = np.full(n + 1, NO_PLAN)
    for k in range(1, min(problem.n_grids[1], n) + 1):
        more = np.full_like(left, NO_PLAN)
        for labels in range(1 << n_labels):
            for label in (NONE, *(p for p in range(n_labels) if labels >> p & 1)):
                rest = left[labels if label == NONE else labels & ~(1 << label)]
                for n_before in range(n + 1):
                    total = grids[label][part] + rest[n_before][whole ^ part]
                    n_now = n_before + moved[label][part]
                    is_plan = (total < BARRED) & (n_now <= n)
                    at = (n_now[is_plan], whole[is_plan])
                    np.minimum.at(more[labels], at, total[is_plan])
        left = more
        if k >= problem.n_grids[0]:
            best = np.minimum(best, left[(1 << n_labels) - 1, :, everybody])
    return best.tolist()


def movers_of_sets(problem):
    """Count who moves in every set of enterprises, as a grid of each label."""
    inside = np.arange(1 << problem.n)[:, None] >> np.arange(problem.n) & 1
    before = problem.previous
    return {
        label: inside @ ((before != NONE) & (before != label)).astype(np.int64)
        for label in range(NONE, problem.n_labels)
    }


def costs_of_counts(problem):
    """Find the least cost of plans of 0 … n_grids[1] grids, `NO_PLAN` for none."""
    n, n_labels = problem.n, problem.n_labels
    grids = grid_costs(problem)
    ends, parts = pairs_of_sets(n, problem.least, min(problem.most, n))
    everybody, found = (1 << n) - 1, []
    # cost of all members of a set in k grids that carry some of the labels
    left = {labels: np.full(1 << n, NO_PLAN) for labels in range(1 << n_labels)}
    for of_set in left.values():
        of_set[0] = 0
    for _ in range(min(problem.n_grids[1], n) + 1):
        found.append(int(left[(1 << n_labels) - 1][everybody]))
        left = {
            labels: joined(labels, left, grids, ends, parts)
            for labels in range(1 << n_labels)
        }
    return found


def joined(labels, left, grids, ends, parts):
    """Give each set its first member's best grid and the best plan of the rest."""
    whole, part = parts
    best = np.full(len(grids[NONE]), NO_PLAN)
    if not len(part):
        return best
    at = whole[ends]
    for label in (NONE, *(p for p in range(16) if labels >> p & 1)):
        rest = labels if label == NONE else labels & ~(1 << label)
        total = grids[label][part] + left[rest][whole ^ part]
        best[at] = np.minimum(best[at], np.minimum.reduceat(total, ends))
    return np.minimum(best, NO_PLAN)


@cache
def pairs_of_sets(n, least, most):
    """List sets with the subsets of least to most members that hold their first.

    Returns
    -------
    Where each set's run starts, and the sets (bit i for enterprise i) and subsets.
    """
    everyone = range(n)
    sizes = range(least, most + 1)
    grids = [sum(1 << i for i in g) for q in sizes for g in combinations(everyone, q)]
    firsts = np.array([grid & -grid for grid in grids], dtype=np.int64)
    grids = np.array(grids, dtype=np.int64)
    wholes, parts = [], []
    for whole in range(1, 1 << n):
        inside = grids[(firsts == (whole & -whole)) & (grids & ~whole == 0)]
        wholes.append(np.full(len(inside), whole))
        parts.append(inside)
    whole = np.concatenate(wholes) if wholes else np.empty(0, dtype=np.int64)
    ends = np.flatnonzero(np.diff(whole, prepend=0))
    part = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
    return ends, (whole, part)


def grid_costs(problem):
    """Price every set of enterprises as one grid of each label, shape (2^n,)."""
    n = problem.n
    sets = np.arange(1 << n)
    inside = sets[:, None] >> np.arange(n) & 1
    sizes = inside.sum(axis=1)
    at_medoid = np.where(inside, inside @ pair_costs(problem), NO_PLAN)
    cost = at_medoid.min(axis=1, initial=NO_PLAN)
    cost += problem.size_price * np.abs(sizes - problem.target)
    together = inside[:, problem.must_link]
    apart = inside[:, problem.cannot_link]
    is_out = (together[..., 0] != together[..., 1]).any(axis=1)
    is_out |= apart.all(axis=2).any(axis=1)
    is_out |= (sizes < problem.least) | (sizes > problem.most)
    return {
        label: np.where(is_out, NO_PLAN, cost + inside @ paid).clip(max=NO_PLAN)
        for label, paid in label_costs(problem).items()
    }


def pair_costs(problem):
    """Price each member (row) under each medoid (column), by the words of the model."""
    n, areas, groups = problem.n, problem.areas, problem.groups
    cost = np.empty((n, n), dtype=np.int64)
    for i in range(n):
        for j in range(n):
            east, north = (problem.points_dm[i] - problem.points_dm[j]).tolist()
            way = math.sqrt(east * east + north * north)
            if problem.travel_dm is not None:
                way = float(problem.travel_dm[i, j])
            cost[i, j] = math.floor(problem.weights[i] * way + 0.5)
            if NONE not in (areas[i], areas[j]) and areas[i] != areas[j]:
                cost[i, j] += problem.area_price
            if groups[i] not in (NONE, groups[j]):
                cost[i, j] += problem.linkage_price
    return cost


def label_costs(problem):
    """Price each enterprise in a grid of each label: moves, and what must not be."""
    barred = {tuple(pair) for pair in problem.forbidden.tolist()}
    fixed = problem.fixed.tolist()
    paid = {}
    for label in range(NONE, problem.n_labels):
        paid[label] = np.zeros(problem.n, dtype=np.int64)
        for i, before in enumerate(problem.previous.tolist()):
            if before not in (NONE, label):
                paid[label][i] = problem.mover_price
            is_fixed_elsewhere = any(a == i and p != label for a, p in fixed)
            if is_fixed_elsewhere or (i, label) in barred:
                paid[label][i] = BARRED
    return paid
