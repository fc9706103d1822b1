"""How the stars of all pools are rounded together: a minimum-cost flow.

    floors     every pool takes the floors of its shares; 0, 1 or 2 people are left over
    flow       they go from the pool to stars of its unit, and on to stars of the city:
               a cell takes one at most, for 10 - 2r, where r are the tenths of a person
               that its floor cuts off; a unit takes what floor or ceiling of its share
               leaves, the city what it must have
    prices     what one star more costs, in each unit and in the city
    largest    of all flows of that cost the largest vector, pool by pool

Pools of a unit whose floors cut off the same are one node, so the network has ten nodes
per unit at most, a hundred with odd shares, however many pools there are.

References
----------
Causey, Cox, Ernst (1985), Applications of transportation theory to statistical
problems, Journal of the American Statistical Association 80.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from gridopt.quotas import Controlled, IntArray
from gridopt.solvers.largest import PATTERNS, Choices, choose_largest

FAR = 1 << 40
"""Price of what cannot be done: dearer than any path."""

_MOST = 100_000_000
_SWEEPS = 16
"""Steps of the longest way to a price, and one: it meets three stars of the city, and
three of a unit before, between and after them."""


def round_controlled(
    qualified: npt.ArrayLike,
    shares: tuple[int, int, int] = (60, 30, 10),
    parents: npt.ArrayLike | None = None,
) -> Controlled:
    """Round the stars of many pools together, so that the city's counts are right (F7).

    Every cell is the floor or the ceiling of its share, and so is every star of a unit;
    a pool's stars add up to its people, and the city has the counts of `cum_half_up`.
    Of all such tables the least sum of 10 - 2r over the cells rounded up is taken, and
    of several the largest vector, read pool by pool in the order given, star 3, 2, 1.

    Parameters
    ----------
    qualified
        Qualified people of each pool, whole numbers, shape (n,).
    shares
        Per cent of one, two and three stars, summing to 100.
    parents
        Number of the unit that each pool lies in, from 0 without gaps, shape (n,);
        where None the pools lie in the city itself.

    Returns
    -------
    Controlled

    Raises
    ------
    TypeError, ValueError
        Where a number is not whole or out of range, shares do not sum to 100, or
        units do not fit the pools.

    Examples
    --------
    >>> round_controlled([6, 16, 19, 150]).stars.tolist()
    [[4, 1, 1], [10, 5, 1], [11, 6, 2], [90, 45, 15]]
    """
    people, unit = _read(qualified, shares, parents)
    table = _Table.of_people(people, shares, unit)
    choices = _find_choices(table, *_find_prices(table, _send(table)))
    chosen = choose_largest(choices, table.group)
    ups = PATTERNS[table.left[table.group], chosen]
    # prices anew: those of the flow hang on which of several flows was found
    city, units = _find_prices(table, _sum_by(table.group, ups, len(table.unit)))
    return Controlled(
        stars=table.floors + ups,
        cost=int((table.cost[table.group] * ups).sum()),
        city_prices=city,
        unit_prices=units,
    )


def _read(
    qualified: npt.ArrayLike,
    shares: tuple[int, int, int],
    parents: npt.ArrayLike | None,
) -> tuple[IntArray, IntArray]:
    people = _whole(qualified, "Qualified people")
    if len(shares) != 3 or min(shares) < 0 or sum(shares) != 100:
        message = f"Shares are three whole per cents that sum to 100, not {shares}."
        raise ValueError(message)
    if parents is None:
        return people, np.zeros_like(people)
    unit = _whole(parents, "Numbers of units")
    if unit.shape != people.shape:
        message = f"{unit.size} numbers of units do not fit {people.size} pools."
        raise ValueError(message)
    found = np.unique(unit)
    if not np.array_equal(found, np.arange(found.size)):
        missing = int(np.flatnonzero(found != np.arange(found.size))[0])
        message = f"Units are numbered from 0 without gaps; no pool lies in {missing}."
        raise ValueError(message)
    return people, unit


def _whole(numbers: npt.ArrayLike, what: str) -> IntArray:
    found = np.asarray(numbers)
    if found.size and found.dtype.kind not in "iu":
        raise TypeError(f"{what} must be whole numbers, not {found.dtype}.")
    if found.ndim != 1:
        raise ValueError(f"{what} are one number per pool, not of shape {found.shape}.")
    if found.size and not 0 <= found.min() <= found.max() <= _MOST:
        worst = found.min() if found.min() < 0 else found.max()
        raise ValueError(f"{what} must lie between 0 and {_MOST}; found {worst}.")
    return found.astype(np.int64)


@dataclass(frozen=True)
class _Table:
    """What the floors leave over, for groups of pools that cannot be told apart.

    Attributes
    ----------
    floors, group
        Floors of each pool (n, 3), and number of its group (n,).
    unit, count, left
        Unit of each group, its pools, and the people that each of them has left (g,).
    cost, is_open
        Cost of a person more in each cell, and whether it may take one (g, 3).
    least, most, city
        Fewest and most people over the floors in each star of a unit (p, 3), and those
        of the city (3,).
    """

    floors: IntArray
    group: IntArray
    unit: IntArray
    count: IntArray
    left: IntArray
    cost: IntArray
    is_open: npt.NDArray[np.bool_]
    least: IntArray
    most: IntArray
    city: IntArray

    @classmethod
    def of_people(
        cls, people: IntArray, shares: tuple[int, int, int], unit: IntArray
    ) -> _Table:
        """Cut off the floors and see who is left."""
        scale = 10 if all(share % 10 == 0 for share in shares) else 100
        parts = np.array(shares, dtype=np.int64) * scale // 100
        floors = people[:, np.newaxis] * parts // scale
        # what the floors cut off repeats with the people, modulo the scale
        kinds = unit * scale + people % scale
        counts = np.bincount(kinds)
        found = np.flatnonzero(counts)
        rest = found[:, np.newaxis] * parts % scale
        n_units = int(unit.max(initial=-1)) + 1
        unit_people, unit_floors = (
            _sum_by(unit, rows, n_units) for rows in (people, floors)
        )
        wanted, cut = np.divmod(unit_people[:, np.newaxis] * parts, scale)
        return cls(
            floors=floors,
            group=np.searchsorted(found, kinds),
            unit=found // scale,
            count=counts[found],
            left=rest.sum(axis=1) // scale,
            cost=scale - 2 * rest,
            is_open=rest > 0,
            least=wanted - unit_floors,
            most=wanted - unit_floors + (cut > 0),
            city=_count_city(int(people.sum()), parts, scale) - floors.sum(axis=0),
        )


def _sum_by(codes: IntArray, rows: IntArray, n: int) -> IntArray:
    sums = np.zeros((n, *rows.shape[1:]), dtype=np.int64)
    np.add.at(sums, codes, rows)
    return sums


def _count_city(people: int, parts: IntArray, scale: int) -> IntArray:
    """Count the stars of the city: half up, three stars first, then two and more."""
    _, two, three = parts.tolist()
    top = (2 * three * people + scale) // (2 * scale)
    both = (2 * (two + three) * people + scale) // (2 * scale)
    return np.array([people - both, both - top, top], dtype=np.int64)


def _send(table: _Table) -> IntArray:
    """Send who is left over to stars at least cost: people by group and star (g, 3)."""
    n_groups, stars = len(table.unit), np.arange(3)
    of_unit = n_groups + np.arange(table.least.size).reshape(-1, 3)
    of_city = n_groups + table.least.size + stars
    group, star = np.nonzero(table.is_open)
    network = SimpleMinCostFlow()
    cells = network.add_arcs_with_capacity_and_unit_cost(
        group,
        of_unit[table.unit[group], star],
        table.count[group],
        table.cost[group, star],
    )
    room = table.most - table.least
    network.add_arcs_with_capacity_and_unit_cost(
        of_unit.ravel(),
        np.broadcast_to(of_city, of_unit.shape).ravel(),
        room.ravel(),
        np.zeros(room.size, dtype=np.int64),
    )
    demand = table.least.ravel(), table.city - table.least.sum(axis=0)
    supplies = np.concatenate([table.left * table.count, *(-part for part in demand)])
    network.set_nodes_supplies(np.arange(supplies.size), supplies)
    if network.solve() != network.OPTIMAL:
        # the shares themselves are a flow, so there is always a whole one
        raise AssertionError(f"{supplies.size} nodes of a rounding have no flow")
    ups = np.zeros(table.cost.shape, dtype=np.int64)
    ups[group, star] = network.flows(cells)
    return ups


def _find_choices(table: _Table, city: IntArray, units: IntArray) -> Choices:
    """Find what every cheapest rounding may do: what costs no more at these prices."""
    reduced = table.cost - units[table.unit]
    # of one person left over the star is chosen, of two the star that goes without
    sign = np.where(table.left == 2, -1, 1)[:, np.newaxis]
    worth = np.where(table.is_open, sign * reduced, FAR)
    is_tied = worth == worth.min(axis=1, keepdims=True)
    is_tied[table.left == 0] = (True, False, False)
    gain = units - city
    return Choices(
        unit=table.unit,
        left=table.left,
        is_tied=is_tied,
        least=np.where(gain < 0, table.most, table.least),
        most=np.where(gain > 0, table.least, table.most),
        city=table.city,
    )


def _find_prices(table: _Table, ups: IntArray) -> tuple[IntArray, IntArray]:
    """Find what a star more costs in the city (3,) and in each unit (p, 3).

    They are shortest ways, from nothing: over a pool that gives up one star for
    another, at the difference of their costs, and for nothing between a star of a unit
    and of the city, where the unit may have one more or one fewer.
    """
    moves = np.full((len(table.least), 3, 3), FAR)
    can_take = table.is_open & (ups < table.count[:, np.newaxis])
    change = table.cost[:, np.newaxis, :] - table.cost[:, :, np.newaxis]
    is_move = (ups > 0)[:, :, np.newaxis] & can_take[:, np.newaxis, :]
    np.minimum.at(moves, table.unit, np.where(is_move, change, FAR))
    has = _sum_by(table.unit, ups, len(table.least))
    fall, rise = (
        np.where(is_free, 0, FAR) for is_free in (has > table.least, has < table.most)
    )
    city, units = np.zeros(3, dtype=np.int64), np.zeros_like(table.least)
    for _ in range(_SWEEPS):
        nearer = np.minimum(units, (units[:, :, np.newaxis] + moves).min(axis=1))
        nearer = np.minimum(nearer, city + fall)
        inner = np.minimum(city, (nearer + rise).min(axis=0, initial=FAR))
        if np.array_equal(nearer, units) and np.array_equal(inner, city):
            return city, units
        city, units = inner, nearer
    raise AssertionError("a flow that is called cheapest can be made cheaper")
