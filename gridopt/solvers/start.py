"""Where a first plan comes from: seeds, bounded assignment, best medoids, repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.problem import NONE, FloatArray, IntArray, Problem
from gridopt.solvers.assignment import assign, match_labels
from gridopt.solvers.packing import labels_required, place_items
from gridopt.solvers.prices import BIG, Prices
from gridopt.solvers.result import Plan

if TYPE_CHECKING:
    from gridopt.solvers.ground import Ground

_MOST_ROUNDS = 5


def seed_medoids(
    prices: Prices,
    k: int,
    random: np.random.Generator,
    favour: FloatArray | None = None,
) -> IntArray:
    """Draw k distinct medoids far from one another, by their cost.

    Parameters
    ----------
    favour
        Weight of each enterprise as a medoid, shape (n,); None where all are alike.

    References
    ----------
    Arthur, Vassilvitskii (2007), k-means++: the advantages of careful seeding.
    """
    n = prices.problem.n
    everyone = np.arange(n)
    weight = np.ones(n) if favour is None else favour
    favour = weight
    chosen = [int(random.choice(n, p=weight / weight.sum()))]
    least = np.full(n, np.inf)
    while len(chosen) < k:
        column = prices.member_costs(everyone, np.array(chosen[-1:]))[:, 0]
        least = np.minimum(least, np.maximum(column, 0).astype(np.float64))
        weight = least * favour
        weight[chosen] = 0
        if weight.sum() == 0:
            weight = np.ones(n)
            weight[chosen] = 0
        chosen.append(int(random.choice(n, p=weight / weight.sum())))
    return np.array(chosen, dtype=np.int64)


def round_favour(
    prices: Prices, k: int, random: np.random.Generator, favour: FloatArray
) -> IntArray:
    """Turn a fractional plan into k medoids: each takes up one unit of mass near it.

    Parameters
    ----------
    favour
        How much the duals favour each enterprise as a medoid, shape (n,), at least
        k of them above 0; scaled here to k units in all.
    """
    support = np.flatnonzero(favour > 0)
    mass = favour[support] * (k / favour.sum())
    chosen: list[int] = []
    for _ in range(k):
        noise = random.uniform(0.5, 1.0, len(support))
        noise[np.isin(support, chosen)] = 0
        at = int((noise * (mass + 1e-9)).argmax())
        chosen.append(int(support[at]))
        apart = prices.member_costs(support, support[at : at + 1])[:, 0]
        order = np.argsort(apart, kind="stable")
        before = np.cumsum(mass[order]) - mass[order]
        mass[order] -= np.clip(1.0 - before, 0, mass[order])
    return np.array(chosen, dtype=np.int64)


def best_medoid(prices: Prices, members: IntArray) -> int:
    """Find the member at which a grid meets at least cost, ties by position."""
    return int(members[prices.member_costs(members, members).sum(axis=0).argmin()])


def recentre(prices: Prices, labels: IntArray, k: int) -> IntArray:
    """Find the best medoid of each grid, shape (k,)."""
    order = np.argsort(labels, kind="stable")
    cuts = np.cumsum(np.bincount(labels, minlength=k))[:-1]
    groups = np.split(order, cuts)
    return np.array([best_medoid(prices, group) for group in groups], dtype=np.int64)


def relabel(ground: Ground, labels: IntArray, k: int, *, is_kept: bool) -> IntArray:
    """Give each grid the previous label that costs its members least.

    Each label is given at most once; a grid without one is new.

    Parameters
    ----------
    is_kept
        Whether the plan keeps all hard wishes and has to go on doing so; otherwise
        only labels that somebody is fixed to are made sure of.
    """
    problem = ground.problem
    if problem.n_labels == 0:
        return np.full(k, NONE, dtype=np.int64)
    cost = _label_costs(problem, labels, k)
    if is_kept:
        # last column: a grid without a label
        who, label = problem.forbidden.T
        np.add.at(cost, (labels[who], label), BIG)
        who, label = problem.fixed.T
        np.add.at(cost, labels[who], BIG)
        np.add.at(cost, (labels[who], label), -BIG)
    else:
        cost[:, ground.wishes.required_labels] -= BIG
    return match_labels(cost)


def _label_costs(problem: Problem, labels: IntArray, k: int) -> IntArray:
    """Churn price of each grid under each label, none the last, shape (k, p + 1)."""
    survivors = np.flatnonzero(problem.previous != NONE)
    width = problem.n_labels + 1
    cells = labels[survivors] * width + problem.previous[survivors]
    stay = np.bincount(cells, minlength=k * width).reshape(k, width)
    cost: IntArray = problem.mover_price * (stay.sum(axis=1)[:, None] - stay)
    return cost


def alternate(
    ground: Ground, medoids: IntArray, grid_labels: IntArray | None
) -> Plan | None:
    """Assign, re-centre and relabel in turn until nothing is gained.

    Returns None where the wishes do not fit, whatever the medoids.
    """
    prices, k = ground.prices, len(medoids)
    if grid_labels is None:
        nearest = _nearest(prices, medoids)
        grid_labels = relabel(ground, nearest, k, is_kept=False)
    labels = _assigned(ground, medoids, grid_labels)
    if labels is None:
        labels, grid_labels = _last_resort(ground, medoids)
    best: Plan | None = None
    for _ in range(_MOST_ROUNDS):
        if labels is None:
            break
        medoids = recentre(prices, labels, k)
        grid_labels = relabel(ground, labels, k, is_kept=True)
        plan = Plan(labels, medoids.copy(), grid_labels)
        if best is not None and plan.cost(ground.problem) >= best.cost(ground.problem):
            break
        best = plan
        labels = _assigned(ground, medoids, grid_labels)
    return best


def _last_resort(ground: Ground, medoids: IntArray) -> tuple[IntArray | None, IntArray]:
    """Assign with no label but those that somebody is fixed to, wherever it fits.

    Labels bar enterprises that are forbidden them; new grids bar nobody.
    """
    wishes = ground.wishes
    grid_labels = labels_required(wishes, len(medoids))
    placed = place_items(wishes, ground.prices, None, grid_labels)
    if placed is None:
        return None, grid_labels
    return assign(ground.prices, medoids, grid_labels, placed), grid_labels


def _nearest(prices: Prices, medoids: IntArray) -> IntArray:
    chunks = np.array_split(np.arange(prices.problem.n), 1 + prices.problem.n // 2000)
    return np.concatenate(
        [prices.member_costs(chunk, medoids).argmin(axis=1) for chunk in chunks]
    )


def _assigned(
    ground: Ground, medoids: IntArray, grid_labels: IntArray
) -> IntArray | None:
    """Assign everybody; linked enterprises are placed first, as whole items."""
    placed = None
    if ground.wishes.is_linked:
        placed = place_items(ground.wishes, ground.prices, medoids, grid_labels)
        if placed is None:
            return None
    return assign(ground.prices, medoids, grid_labels, placed)


def previous_medoids(
    ground: Ground, k: int, random: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Start from the previous grids: their best medoids and their labels.

    The smallest grids give way where there are too many, unless somebody is fixed to
    them; new grids are seeded where there are too few.
    """
    problem, prices = ground.problem, ground.prices
    previous = problem.previous
    sizes = np.bincount(previous[previous != NONE], minlength=problem.n_labels)
    sizes[ground.wishes.required_labels] += problem.n + 1
    order = np.argsort(-sizes, kind="stable")[:k]
    kept = np.sort(order[sizes[order] > 0])
    medoids: list[int] = []
    for label in kept.tolist():
        members = np.flatnonzero(previous == label)
        taken = np.isin(members, medoids)
        members = members[~taken] if len(members) else members
        medoids.append(best_medoid(prices, members) if len(members) else NONE)
    spare = [
        j
        for j in seed_medoids(prices, min(problem.n, 2 * k), random).tolist()
        if j not in medoids
    ]
    medoids = [spare.pop(0) if j == NONE else j for j in medoids]
    extra = spare[: k - len(medoids)]
    labels = np.concatenate([kept, np.full(len(extra), NONE)])
    return np.array(medoids + extra, dtype=np.int64), labels.astype(np.int64)
