"""What a member pays in a grid, as the compiled loops see it: few arrays, two rules.

The innermost functions take bare arrays: a named tuple costs a compiled call more than
the work of a whole row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridopt.problem import NONE, FloatArray, IntArray
from gridopt.solvers.compiling import inner, whole
from gridopt.solvers.prices import ANY, BIG

if TYPE_CHECKING:
    from gridopt.solvers.prices import Prices

EAST, NORTH, WEIGHT = range(3)
AREA, GROUP, PREVIOUS, REQUIRED = range(4)
OTHER_AREA, UNLINKED, MOVER = range(3)


class Costs(NamedTuple):
    """One block's costs in whole decimetres.

    Attributes
    ----------
    places
        East, north (decimetres) and workload of each enterprise, shape (3, n).
    traits
        Work area, group, previous label (`NONE` for none) and the label that has to
        be (`ANY` for none) of each enterprise, shape (4, n).
    prices
        Prices of another work area, a missing link, a mover; shape (3,).
    matrix
        Cost of each member (column) under each medoid (row), shape (n, n), or (0, 0)
        where the block is too large to keep it.
    barred
        1 where an enterprise may not carry a label, shape (n, n_labels), or (0, 0).
    sizes
        Cost of a grid of 0 … n enterprises, shape (n + 1,), `BIG` outside the band.
    band
        Least and most number of enterprises per grid.
    """

    places: FloatArray
    traits: IntArray
    prices: IntArray
    matrix: IntArray
    barred: IntArray
    sizes: IntArray
    band: tuple[int, int]


def costs_of(prices: Prices) -> Costs:
    """Lay a problem's costs out for the compiled loops."""
    problem, whole = prices.problem, prices.full
    none = np.empty((0, 0), dtype=np.int64)
    barred = none
    if len(problem.forbidden):
        barred = np.zeros((problem.n, problem.n_labels), dtype=np.int64)
        barred[problem.forbidden[:, 0], problem.forbidden[:, 1]] = 1
    places = np.vstack([problem.points_dm.T.astype(np.float64), problem.weights])
    traits = [problem.areas, problem.groups, problem.previous, prices.required]
    return Costs(
        places=np.ascontiguousarray(places),
        traits=np.ascontiguousarray(np.vstack(traits).astype(np.int64)),
        prices=np.array(
            [problem.area_price, problem.linkage_price, problem.mover_price],
            dtype=np.int64,
        ),
        matrix=none if whole is None else np.ascontiguousarray(whole.T),
        barred=barred,
        sizes=prices.size_table.astype(np.int64),
        band=(int(problem.least), int(min(problem.most, problem.n))),
    )


@inner
def pair_cost(
    i: int,
    j: int,
    matrix: IntArray,
    places: FloatArray,
    traits: IntArray,
    prices: IntArray,
) -> int:
    """Cost of member i under medoid j, without the past."""
    if matrix.shape[0] > 0:
        return matrix[j, i]
    x = places[EAST, i] - places[EAST, j]
    y = places[NORTH, i] - places[NORTH, j]
    cost = whole(np.floor(places[WEIGHT, i] * np.sqrt(x * x + y * y) + 0.5))
    area, group = traits[AREA, i], traits[GROUP, i]
    if area != NONE and traits[AREA, j] != NONE and area != traits[AREA, j]:
        cost += prices[OTHER_AREA]
    if group != NONE and group != traits[GROUP, j]:
        cost += prices[UNLINKED]
    return cost


@inner
def fill_costs(costs: Costs, members: IntArray, n: int, j: int, row: IntArray) -> None:
    """Fill a row with what each of n members costs under medoid j, without the past."""
    matrix, places, traits, prices = (
        costs.matrix,
        costs.places,
        costs.traits,
        costs.prices,
    )
    for t in range(n):
        row[t] = pair_cost(members[t], j, matrix, places, traits, prices)


@inner
def fill_block(
    costs: Costs, medoids: IntArray, g: int, members: IntArray, n: int, block: IntArray
) -> None:
    """Fill rows with what each of n members costs under each of g medoids."""
    matrix, places, traits, prices = (
        costs.matrix,
        costs.places,
        costs.traits,
        costs.prices,
    )
    for a in range(g):
        for t in range(n):
            block[a, t] = pair_cost(
                members[t], medoids[a], matrix, places, traits, prices
            )


@inner
def best_medoid(
    costs: Costs, members: IntArray, n: int, medoid: int
) -> tuple[int, int]:
    """Find at which of n members they all meet at least cost, ties by position.

    Returns
    -------
    The cost and the medoid; `medoid` where there are no members.
    """
    matrix, places, traits, prices = (
        costs.matrix,
        costs.places,
        costs.traits,
        costs.prices,
    )
    best = whole(BIG) * n
    for s in range(n):
        j = members[s]
        total = whole(0)
        for t in range(n):
            total += pair_cost(members[t], j, matrix, places, traits, prices)
        if total < best or (total == best and j < medoid):
            best, medoid = total, j
    return best, medoid


@inner
def label_cost(costs: Costs, i: int, p: int) -> int:
    """Price the label p of its grid for member i: churn, or `BIG` if barred."""
    traits, barred = costs.traits, costs.barred
    if traits[REQUIRED, i] != ANY and traits[REQUIRED, i] != p:
        return whole(BIG)
    if p != NONE and barred.shape[0] > 0 and barred[i, p]:
        return whole(BIG)
    if traits[PREVIOUS, i] != NONE and traits[PREVIOUS, i] != p:
        return costs.prices[MOVER]
    return whole(0)


@inner
def add_labels(costs: Costs, members: IntArray, n: int, p: int, row: IntArray) -> None:
    """Add to a row what the label p of its grid costs each of n members."""
    traits, barred, price = costs.traits, costs.barred, costs.prices[MOVER]
    for t in range(n):
        i = members[t]
        required, previous = traits[REQUIRED, i], traits[PREVIOUS, i]
        is_out = required != ANY and required != p
        if p != NONE and barred.shape[0] > 0:
            is_out = is_out or barred[i, p] > 0
        if is_out:
            row[t] += BIG
        elif previous != NONE and previous != p:
            row[t] += price
