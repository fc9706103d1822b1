"""How good duals are found: subgradient steps on lists, certified on everything.

References
----------
Held, Wolfe, Crowder (1974), Validation of subgradient optimization; the step aims at
the cost of a real plan. Camerini, Fratta, Maffioli (1975) for the direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridopt.problem import NONE, FloatArray, IntArray, Problem
from gridopt.solvers.bound import (
    bound_of_values,
    counts_in_band,
    least_columns,
    price_offers,
)
from gridopt.solvers.prices import BIG, Prices
from gridopt.solvers.result import DUAL_SCALE, Duals

if TYPE_CHECKING:
    from gridopt.solvers.work import Work

_N_LABELS = 3
_PATIENCE = 20
_MEMORY = 0.7
_FADING = 0.97
_MOST_FULL = 240
_N_NEAR = 60


@dataclass(frozen=True)
class Lists:
    """Offers to choose from: medoid, label, and the members worth a look.

    Costs are 1 / 1024 dm as floats, rows are (medoid, label).
    """

    medoids: IntArray
    labels: IntArray
    own_costs: FloatArray
    near: IntArray
    costs: FloatArray


@dataclass(frozen=True)
class Proof:
    """Duals and the bound that they prove, whole decimetres."""

    duals: Duals
    bound: int


@dataclass(frozen=True)
class Ascent:
    """Where subgradient steps led.

    Attributes
    ----------
    duals
        The best prices met, by the lists.
    favour
        How often each enterprise was a chosen medoid of late, shape (n,): the
        fractional plan that the duals point to.
    """

    duals: Duals
    favour: FloatArray


def certify(prices: Prices, duals: Duals) -> tuple[Proof, Lists]:
    """Price everything exactly; also list what is worth a look from here."""
    problem = prices.problem
    n_near = problem.n if problem.n <= _MOST_FULL else max(_N_NEAR, 3 * problem.most)
    offers = list(price_offers(prices, duals, min(n_near, problem.n), _N_LABELS))
    values = np.concatenate([offer.values for offer in offers])
    proof = Proof(duals, bound_of_values(problem, duals, values))
    near = np.concatenate([offer.near for offer in offers])
    labels = np.concatenate([offer.labels for offer in offers])
    return proof, _lists(prices, near, labels)


def _lists(prices: Prices, near: IntArray, labels: IntArray) -> Lists:
    problem = prices.problem
    medoids = np.repeat(np.arange(problem.n), labels.shape[1])
    label = labels.ravel()
    near = np.repeat(near, labels.shape[1], axis=0)
    own = np.empty(len(medoids), dtype=np.int64)
    costs = np.empty(near.shape, dtype=np.int64)
    for j in range(problem.n):
        rows = slice(j * labels.shape[1], (j + 1) * labels.shape[1])
        members = near[rows.start]
        plain = prices.member_costs(members, np.array([j]))
        costs[rows] = (plain + prices.label_costs(members, label[rows])).T
        mine = np.array([j])
        own[rows] = (
            prices.member_costs(mine, mine) + prices.label_costs(mine, label[rows])
        )[0]
    costs[near == medoids[:, None]] = BIG
    scale = np.float64(DUAL_SCALE)
    return Lists(medoids, label, own * scale, near, costs * scale)


def ascend(
    prices: Prices, start: Proof, lists: Lists, aim: tuple[int, int], work: Work
) -> Ascent:
    """Follow subgradients from a proof towards the cost of a real plan.

    Parameters
    ----------
    lists
        Offers to look at; the result has to be certified on all.
    aim
        Cost of a plan, whole decimetres, at which the steps aim, and their number.
    """
    problem = prices.problem
    upper, n_steps = aim
    target = float(upper) * DUAL_SCALE
    pi = start.duals.pi.astype(np.float64)
    sigma = start.duals.sigma.astype(np.float64)
    best_value, best = -float(BIG) * DUAL_SCALE, (pi, sigma)
    push, way_pi, way_sigma, n_idle = 1.0, np.zeros_like(pi), np.zeros_like(sigma), 0
    favour = np.zeros(problem.n)
    for _ in range(n_steps):
        if not work.step():
            break
        value, slope_pi, slope_sigma, medoids = _evaluate(problem, lists, pi, sigma)
        favour *= _FADING
        favour[medoids] += 1
        if value > best_value + 1e-6 * abs(best_value):
            best_value, best, n_idle = value, (pi, sigma), 0
        else:
            n_idle += 1
        if n_idle >= _PATIENCE:
            push, n_idle = push / 2, 0
        way_pi = slope_pi + _MEMORY * way_pi
        way_sigma = slope_sigma + _MEMORY * way_sigma
        norm = float((way_pi**2).sum() + (way_sigma**2).sum())
        if norm == 0 or target - value <= 0 or push < 1e-4:
            break
        length = push * (target - value) / norm
        pi = pi + length * way_pi
        sigma = np.maximum(sigma + length * way_sigma, 0)
    limit = _highest_dual(problem)
    found = (np.clip(np.rint(each), -limit, limit).astype(np.int64) for each in best)
    return Ascent(Duals(*found), favour)


def _highest_dual(problem: Problem) -> int:
    """Highest price of whose sums over all grids none passes 64 bits."""
    terms = max(min(problem.most, problem.n), problem.n_grids[1] + 2)
    return (1 << 60) // (problem.n * terms)


def _evaluate(
    problem: Problem, lists: Lists, pi: FloatArray, sigma: FloatArray
) -> tuple[float, FloatArray, FloatArray, IntArray]:
    """Value of the dual on the lists, its slope in pi and sigma, and the medoids."""
    reduced = lists.costs - pi[lists.near]
    n_most = min(problem.most - 1, reduced.shape[1] - 1)
    ranked = np.partition(reduced, n_most, axis=1)[:, :n_most]
    ranked.sort(axis=1)
    own = lists.own_costs - pi[lists.medoids]
    values = least_columns(problem, own, ranked)
    has_label = lists.labels != NONE
    values = values + np.where(has_label, np.append(sigma, 0)[lists.labels], 0)
    chosen = _chosen_rows(problem, values)
    count, used = _usage(problem, lists, reduced[chosen], own[chosen], chosen)
    value = float(pi.sum() - sigma.sum() + values[chosen].sum())
    return value, 1.0 - count, used - 1.0, lists.medoids[chosen]


def _chosen_rows(problem: Problem, values: FloatArray) -> IntArray:
    """Rows of the k best medoids, k being the best of the range."""
    per_medoid = values.reshape(problem.n, -1)
    best = per_medoid.argmin(axis=1)
    rows = np.arange(problem.n) * per_medoid.shape[1] + best
    order = rows[np.argsort(values[rows], kind="stable")]
    fewest, most = counts_in_band(problem)
    sums = np.cumsum(values[order[:most]])
    k = fewest + int(sums[fewest - 1 :].argmin())
    return order[:k]


def _usage(
    problem: Problem,
    lists: Lists,
    reduced: FloatArray,
    own: FloatArray,
    chosen: IntArray,
) -> tuple[FloatArray, FloatArray]:
    """How often each enterprise and each label stands in the chosen columns."""
    n_most = min(problem.most - 1, reduced.shape[1] - 1)
    order = np.argsort(reduced, axis=1, kind="stable")[:, :n_most]
    ranked = np.take_along_axis(reduced, order, axis=1)
    total = np.cumsum(np.concatenate([own[:, None], ranked], axis=1), axis=1)
    sizes = np.arange(problem.least, total.shape[1] + 1)
    priced = total[:, problem.least - 1 :] + problem.size_costs(sizes) * DUAL_SCALE
    size = problem.least + priced.argmin(axis=1)
    members = np.take_along_axis(lists.near[chosen], order, axis=1)
    is_in = np.arange(n_most) < (size - 1)[:, None]
    count = np.bincount(members[is_in], minlength=problem.n)
    count = count + np.bincount(lists.medoids[chosen], minlength=problem.n)
    labels = lists.labels[chosen]
    used = np.bincount(labels[labels != NONE], minlength=problem.n_labels)
    return count.astype(np.float64), used.astype(np.float64)
