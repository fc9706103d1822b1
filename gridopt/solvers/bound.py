"""What no plan can beat: exact evaluation of the Lagrangian dual of a block.

With a price pi_i for serving enterprise i and sigma_p >= 0 for using label p, the
dearest honest offer of a grid that meets at j under label p is

    v_j = least over p and q in L … U of
          s(q) + sigma_p + (c_jjp - pi_j) + the q - 1 least (c_ijp - pi_i), i != j

and  sum of pi - sum of sigma + the k least v_j  never exceeds the cost of a plan of k
grids (weak duality). All numbers are whole 1 / 1024 decimetres, so the sums are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridopt.problem import NONE, IntArray, Problem
from gridopt.solvers.prices import BIG, CELLS_AT_ONCE, Prices
from gridopt.solvers.regions import NEVER, Choice, Regions, leaf_limits
from gridopt.solvers.result import DUAL_SCALE, Duals, Plan, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Offers:
    """Cheapest columns of some medoids at given duals, in 1 / 1024 dm.

    Attributes
    ----------
    medoids
        Consecutive positions, shape (r,).
    values
        Least v_j of each medoid, shape (r,).
    labels
        Labels by ascending value, the best first, `NONE` for a new grid, shape (r, l).
    near
        Enterprises of least reduced cost as members of a new grid, shape (r, w).
    """

    medoids: IntArray
    values: IntArray
    labels: IntArray
    near: IntArray


def first_duals(prices: Prices, plan: Plan) -> Duals:
    """Take what each enterprise pays in a plan, and its share of nearness, as price."""
    problem = prices.problem
    members = np.arange(problem.n)
    own = np.empty(problem.n, dtype=np.int64)
    for g in range(plan.n_grids):
        inside = members[plan.labels == g]
        own[inside] = prices.costs(
            inside, plan.medoids[g : g + 1], plan.grid_labels[g : g + 1]
        )[:, 0]
    mean = int(own.sum()) // problem.n
    return Duals((own + mean) * DUAL_SCALE, np.zeros(problem.n_labels, dtype=np.int64))


def certain_duals(problem: Problem, prices: Prices) -> Duals:
    """Prices so high that one grid takes everybody: exact where k = 1."""
    everyone = np.arange(problem.n)
    highest = int(prices.member_costs(everyone, everyone).max())
    high = highest + problem.mover_price + problem.size_price + 1
    return Duals(
        np.full(problem.n, high * DUAL_SCALE),
        np.zeros(problem.n_labels, dtype=np.int64),
    )


def dual_bound(problem: Problem, duals: Duals) -> int:
    """Evaluate a lower bound on the cost of every plan of the full problem.

    All medoids, all labels and new grids, all sizes of the band and all numbers of
    grids of the range are considered; links are left out, which only lowers it.

    Parameters
    ----------
    duals
        Any values with sigma >= 0 prove something.

    Returns
    -------
    Whole decimetres, rounded up, as costs are whole.

    Examples
    --------
    >>> points = np.array([[0, 0], [30, 40], [0, 80]])
    >>> problem = Problem.of_points("toy", points, least=1, most=3, target=3)
    >>> none = np.empty(0, dtype=np.int64)
    >>> dual_bound(problem, Duals(np.full(3, 1024 * 90), none))
    100
    """
    return bound_of_values(problem, duals, medoid_values(Prices(problem), duals))


def medoid_values(prices: Prices, duals: Duals) -> IntArray:
    """Price the cheapest grid at each medoid, v_j, in 1 / 1024 dm, shape (n,)."""
    offers = price_offers(prices, duals, n_near=0, n_labels=1)
    return np.concatenate([offer.values for offer in offers])


def tree_bound(problem: Problem, tree: Tree) -> int:
    """Evaluate the bound that a tree proves: the least over its leaves.

    Returns
    -------
    Whole decimetres, rounded up.

    Examples
    --------
    >>> points = np.array([[0, 0], [30, 40], [0, 80]])
    >>> problem = Problem.of_points("toy", points, least=1, most=3, target=3)
    >>> duals = Duals(np.full(3, 1024 * 90), np.empty(0, dtype=np.int64))
    >>> tree_bound(problem, Tree.of_duals(duals))
    100
    """
    prices, regions = Prices(problem), Regions(tree.order, tree.regions)
    rows = [Duals(pi, sigma) for pi, sigma in zip(tree.pi, tree.sigma, strict=True)]
    values = [medoid_values(prices, duals) for duals in rows]
    least = NEVER
    for limits, row in leaf_limits(tree.steps, counts_in_band(problem)):
        total = int(Choice(regions, limits).least(values[row])[0])
        if total < NEVER // 2:
            sums = int(rows[row].pi.sum()) - int(rows[row].sigma.sum())
            least = min(least, sums + total)
    return -(-least // DUAL_SCALE)


def counts_in_band(problem: Problem) -> tuple[int, int]:
    """Least and most number of grids asked for that the band allows."""
    fewest, most = problem.n_grids
    fewest = max(fewest, -(-problem.n // problem.most))
    return fewest, min(most, problem.n // problem.least)


def bound_of_values(problem: Problem, duals: Duals, values: IntArray) -> int:
    """Put the offers of all medoids together to the bound, whole decimetres."""
    fewest, most = counts_in_band(problem)
    sums = np.cumsum(np.sort(values)[:most])
    least = int(sums[fewest - 1 :].min())
    total = int(duals.pi.sum()) - int(duals.sigma.sum()) + least
    return -(-total // DUAL_SCALE)


def price_offers(
    prices: Prices, duals: Duals, n_near: int, n_labels: int
) -> Iterator[Offers]:
    """Price every medoid exactly, a chunk of medoids at a time.

    Parameters
    ----------
    n_near
        How many enterprises of least reduced cost to name for each medoid.
    n_labels
        How many labels to name for each medoid.
    """
    step = max(1, CELLS_AT_ONCE // prices.problem.n)
    for first in range(0, prices.problem.n, step):
        medoids = np.arange(first, min(first + step, prices.problem.n))
        yield _price_chunk(prices, duals, medoids, (n_near, n_labels))


def _price_chunk(
    prices: Prices, duals: Duals, medoids: IntArray, wanted: tuple[int, int]
) -> Offers:
    problem = prices.problem
    everyone, rows = np.arange(problem.n), np.arange(len(medoids))
    huge = (1 << 61) // (min(problem.most, problem.n) + 1)
    of_new = prices.label_costs(everyone, np.array([NONE]))[:, 0]
    plain = np.ascontiguousarray(prices.member_costs(everyone, medoids).T)
    reduced = (plain + of_new) * DUAL_SCALE - duals.pi
    reduced[:, of_new >= BIG] = huge
    own = reduced[rows, medoids].copy()
    reduced[rows, medoids] = huge
    special = _special_members(prices)
    n_most = min(problem.most, problem.n) - 1
    widest = max((len(members) for members, _ in special), default=0)
    width = min(problem.n, max(n_most + widest, wanted[0]))
    near, ranked = _least_entries(reduced, width)
    values = [least_columns(problem, own, ranked)]
    for label, (members, of_label) in enumerate(special):
        values.append(
            _label_values(
                problem,
                medoids,
                own,
                near,
                ranked,
                members,
                _label_entries(plain, duals, members, of_label, huge),
            )
            + duals.sigma[label]
        )
    table = np.stack(values, axis=1)
    order = np.argsort(table, axis=1, kind="stable")[:, : wanted[1]]
    limit = (1 << 61) // problem.n
    return Offers(
        medoids, np.minimum(table.min(axis=1), limit), order - 1, near[:, : wanted[0]]
    )


def _special_members(prices: Prices) -> list[tuple[IntArray, IntArray]]:
    """Who pays otherwise under each label than in a new grid, and how much."""
    everyone = np.arange(prices.problem.n)
    of_new = prices.label_costs(everyone, np.array([NONE]))[:, 0]
    special = []
    for label in range(prices.problem.n_labels):
        of_label = prices.label_costs(everyone, np.array([label]))[:, 0]
        members = np.flatnonzero(of_label != of_new)
        special.append((members, of_label[members]))
    return special


def _least_entries(reduced: IntArray, width: int) -> tuple[IntArray, IntArray]:
    """Columns and values of the least entries of each row, ascending.

    Value and column make one whole number, so that ties go by column on every
    machine; entries beyond any cost are cut down to fit, which keeps a bound valid.
    """
    n = reduced.shape[1]
    limit = (1 << 61) // n
    keys = np.minimum(reduced, limit)
    keys *= n
    keys += np.arange(n)
    if width < n:
        keys = np.partition(keys, width - 1, axis=1)[:, :width]
    keys.sort(axis=1)
    values, near = np.divmod(keys, n)
    return near, values


def _label_entries(
    plain: IntArray,
    duals: Duals,
    members: IntArray,
    of_label: IntArray,
    huge: int,
) -> IntArray:
    """Reduced costs of the special members of a label, shape (r, members)."""
    entries = (plain[:, members] + of_label) * DUAL_SCALE - duals.pi[members]
    entries[:, of_label >= BIG] = huge
    return entries


def _label_values(
    problem: Problem,
    medoids: IntArray,
    own: IntArray,
    near: IntArray,
    ranked: IntArray,
    members: IntArray,
    entries: IntArray,
) -> IntArray:
    """Least columns of each medoid under one label, without the label's price.

    Where no special member comes among the best, the label cannot beat a new grid.
    """
    n_most = min(problem.most, problem.n) - 1
    huge = np.int64((1 << 61) // (n_most + 2))
    is_self = medoids[:, None] == members
    own = np.where(is_self.any(axis=1), (entries * is_self).sum(axis=1), own)
    entries = np.where(is_self, huge, entries)
    threshold = ranked[:, min(n_most, ranked.shape[1]) - 1] if n_most else huge
    is_near = (entries < np.reshape(threshold, (-1, 1))).any(axis=1)
    is_near |= is_self.any(axis=1)
    values = np.full(len(medoids), huge)
    rows = np.flatnonzero(is_near)
    masked = np.where(np.isin(near[rows], members), huge, ranked[rows])
    merged = np.sort(np.concatenate([masked, entries[rows]], axis=1), axis=1)
    values[rows] = least_columns(problem, own[rows], merged)
    return values


def least_columns(problem: Problem, own: np.ndarray, ranked: np.ndarray) -> np.ndarray:
    """Value of the best size: own entry, the least others, the price of the size.

    Parameters
    ----------
    own
        Reduced cost of each medoid as its own member, shape (r,).
    ranked
        Reduced costs of the others, ascending, at least `most` - 1 of them or all,
        shape (r, w).
    """
    most = min(problem.most, problem.n, ranked.shape[1] + 1)
    sizes = problem.size_costs(np.arange(problem.least, most + 1)) * DUAL_SCALE
    total = np.cumsum(
        np.concatenate([own[:, None], ranked[:, : most - 1]], axis=1), axis=1
    )
    return (total[:, problem.least - 1 :] + sizes).min(axis=1)
