"""How the grids of a unit are shared among its heads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from gridopt.solvers.incumbents import NONE, Incumbents

IntArray = npt.NDArray[np.int64]

_PROVABLE = 36
"""Grids of one unit up to which the pair model is worth its n^3 / 2 rows."""


@dataclass(frozen=True)
class HeadPlan:
    """Who leads which grid of one unit, and what is proven of it.

    Attributes
    ----------
    heads
        Position of each grid's head, `NONE` where vacant, shape (n,).
    n_vacant, n_kept, largest_load
        Grids without a head, as few as can be; grids whose head stays, as many as can
        be with these vacancies; most grids of one head, as few as can be with both.
    distance, bound
        Sum of the distances between all pairs of grids with the same head, and a
        number that no plan with these vacancies, people kept and load can stay below.
    status
        "optimal" where distance equals bound, else "feasible".
    """

    heads: IntArray
    n_vacant: int
    n_kept: int
    largest_load: int
    distance: int
    bound: int
    status: Literal["optimal", "feasible"]


def assign_heads(
    distances: npt.ArrayLike,
    limits: npt.ArrayLike,
    *,
    previous: npt.ArrayLike | None = None,
    effort: float = 2.0,
) -> HeadPlan:
    """Share the grids of one unit among its heads (S4).

    First the fewest vacancies, then the most heads kept where they are, then the
    lowest largest load (grids per head), then the fewest metres between the medoids
    of one head's grids, summed over all pairs. The first three are closed sums of
    the limits; the last is a clique partition with capacities, solved by CP-SAT from
    a local search's plan: a variable per grid and head, one per pair of grids, and
    triangle inequalities (Grötschel and Wakabayashi, 1989). Above 36 grids the local
    search stands alone.

    Parameters
    ----------
    distances
        Whole numbers (decimetres) between the medoids, shape (n, n), symmetric.
    limits
        Most grids of each head, `NONE` for no limit, shape (h,).
    previous
        Position of the head that each grid had, `NONE` where it had none of these,
        shape (n,); None where there is no past.
    effort
        Limit of CP-SAT's deterministic time; the plan does not depend on a clock.

    Raises
    ------
    ValueError
        Where the distances are not a square symmetric table without negatives, or
        `previous` is not one position per grid.

    Examples
    --------
    >>> line = np.abs(np.subtract.outer([0, 10, 90, 100], [0, 10, 90, 100]))
    >>> plan = assign_heads(line, [NONE, NONE])
    >>> plan.heads.tolist(), plan.largest_load, plan.distance, plan.status
    ([0, 0, 1, 1], 2, 20, 'optimal')
    >>> assign_heads(line, [NONE, NONE], previous=[0, 1, NONE, 1]).heads.tolist()
    [0, 1, 0, 1]
    """
    table = _checked(np.asarray(distances, dtype=np.int64))
    n = len(table)
    most = np.asarray(limits, dtype=np.int64)
    most = np.where(most == NONE, n, np.minimum(most, n))
    incumbents = Incumbents.of(previous, most, n)
    n_assigned = min(n, int(most.sum()))
    largest = _lowest_largest(most, n_assigned)
    rooms = np.minimum(most, max(largest, int(incumbents.held.max(initial=0))))
    filled = _fill_in_order(table, rooms, n_assigned, incumbents.kept)
    heads = _improve(table, rooms, incumbents.prices(table), filled)
    bound = max(
        _least_of_pairs(table, len(rooms), n_assigned), incumbents.sure_distance(table)
    )
    start = _plan_of(table, rooms, incumbents, heads, bound)
    if start.status == "optimal" or n > _PROVABLE:
        return start
    return _prove(table, rooms, incumbents, start, effort)


def _checked(table: IntArray) -> IntArray:
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        raise ValueError(f"distances must be square, not of shape {table.shape}")
    if (table < 0).any() or (table != table.T).any():
        raise ValueError("distances must be symmetric and not negative")
    return table * (1 - np.eye(len(table), dtype=np.int64))


def _lowest_largest(most: IntArray, n_assigned: int) -> int:
    """Find the smallest load L with sum of min(limit, L) at least n_assigned."""
    for load in range(n_assigned + 1):
        if int(np.minimum(most, load).sum()) >= n_assigned:
            return load
    raise AssertionError("the limits hold fewer grids than were to be assigned")


def _fill_in_order(
    table: IntArray, rooms: IntArray, n_assigned: int, kept: IntArray
) -> IntArray:
    """Give each open grid to the nearest head with room; the last stay vacant."""
    heads = kept.copy()
    n_open = n_assigned - int((kept != NONE).sum())
    for grid in np.flatnonzero(kept == NONE)[:n_open]:
        loads = np.bincount(heads[heads != NONE], minlength=len(rooms))
        free = np.flatnonzero(loads < rooms)
        sums = [int(table[grid, heads == head].sum()) for head in free]
        heads[grid] = free[int(np.argmin(sums))]
    return heads


def _improve(
    table: IntArray, rooms: IntArray, prices: IntArray, heads: IntArray
) -> IntArray:
    """Take the best swap of two grids or move of one, until none helps."""
    heads = heads.copy()
    n_heads = len(rooms)
    # column n_heads gathers the vacant grids, among which no metres are counted
    heads[heads == NONE] = n_heads
    while True:
        member = np.eye(n_heads + 1, dtype=np.int64)[heads]
        member[:, n_heads] = 0
        sums = table @ member + prices
        own = sums[np.arange(len(heads)), heads]
        swap, (first, second) = _best_swap(table, heads, sums, n_heads)
        move, (grid, head) = _best_move(heads, rooms, sums, own)
        if min(swap, move) >= 0:
            return np.where(heads == n_heads, NONE, heads)
        if swap <= move:
            heads[[first, second]] = heads[[second, first]]
        else:
            heads[grid] = head


def _best_swap(
    table: IntArray, heads: IntArray, sums: IntArray, n_heads: int
) -> tuple[int, tuple[int, int]]:
    if len(heads) == 0:
        return 0, (0, 0)
    is_led = (heads != n_heads).astype(np.int64)
    own = sums[np.arange(len(heads)), heads]
    joined = sums[:, heads]
    gain = joined + joined.T - own[:, None] - own[None, :]
    gain -= table * (is_led[:, None] + is_led[None, :])
    gain[heads[:, None] == heads[None, :]] = 0
    best = int(gain.argmin())
    first, second = divmod(best, len(heads))
    return int(gain[first, second]), (first, second)


def _best_move(
    heads: IntArray, rooms: IntArray, sums: IntArray, own: IntArray
) -> tuple[int, tuple[int, int]]:
    n_heads = len(rooms)
    if len(heads) == 0 or n_heads == 0:
        return 0, (0, 0)
    loads = np.bincount(heads, minlength=n_heads + 1)[:n_heads]
    gain = sums[:, :n_heads] - own[:, None]
    gain[:, loads >= rooms] = 0
    # a grid leaves the vacant only by a swap: their number is the least already
    gain[heads == n_heads] = 0
    best = int(gain.argmin())
    grid, head = divmod(best, n_heads)
    return int(gain[grid, head]), (grid, head)


def _least_of_pairs(table: IntArray, n_heads: int, n_assigned: int) -> int:
    """Bound from below: as many pairs as even loads make, each the shortest left."""
    n_pairs = _fewest_pairs(n_heads, n_assigned)
    upper = np.sort(table[np.triu_indices(len(table), 1)])
    return int(upper[:n_pairs].sum())


def _fewest_pairs(n_heads: int, n_assigned: int) -> int:
    if n_heads == 0:
        return 0
    load, rest = divmod(n_assigned, n_heads)
    return rest * load + n_heads * load * (load - 1) // 2


def _plan_of(
    table: IntArray,
    rooms: IntArray,
    incumbents: Incumbents,
    heads: IntArray,
    bound: int,
) -> HeadPlan:
    named = _name_heads(rooms, incumbents.held, heads)
    is_led = named != NONE
    is_pair = (named[:, None] == named[None, :]) & is_led[:, None]
    distance = int(table[is_pair].sum()) // 2
    loads = np.bincount(named[is_led], minlength=1)
    return HeadPlan(
        heads=named,
        n_vacant=int((~is_led).sum()),
        n_kept=int((is_led & (named == incumbents.before)).sum()),
        largest_load=int(loads.max()),
        distance=distance,
        bound=bound,
        status="optimal" if distance == bound else "feasible",
    )


def _name_heads(rooms: IntArray, held: IntArray, heads: IntArray) -> IntArray:
    """Give the groups to heads by rule: larger groups to more room, ties by order.

    Who keeps a grid keeps the group too.
    """
    others = np.flatnonzero(held == 0)
    groups = [np.flatnonzero(heads == head) for head in others]
    groups = sorted((g for g in groups if len(g)), key=lambda g: (-len(g), g[0]))
    order = others[np.argsort(-rooms[others], kind="stable")]
    named = heads.copy()
    for head, group in zip(order, groups, strict=False):
        named[group] = head
    named.flags.writeable = False
    return named


def _prove(
    table: IntArray,
    rooms: IntArray,
    incumbents: Incumbents,
    start: HeadPlan,
    effort: float,
) -> HeadPlan:
    """Improve the start, or prove that it cannot be."""
    model = cp_model.CpModel()
    leads = _add_leads(model, rooms, start)
    _add_kept(model, leads, incumbents)
    same = _add_pairs(model, leads, start.heads)
    _add_triangles(model, same, len(table))
    _add_degrees(model, same, start)
    n_assigned = len(table) - start.n_vacant
    model.add(sum(same.values()) >= _fewest_pairs(len(rooms), n_assigned))
    model.minimize(sum(int(table[pair]) * known for pair, known in same.items()))
    solver = cp_model.CpSolver()
    # it would leave the keyboard's interrupt to the system, which kills: see DESIGN
    solver.parameters.catch_sigint_signal = False
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = effort
    status = solver.solve(model)
    if status == cp_model.MODEL_INVALID:
        raise AssertionError(model.validate())
    bound = max(start.bound, int(np.ceil(solver.best_objective_bound - 1e-6)))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return replace(start, bound=min(bound, start.distance))
    heads = np.full(len(table), NONE, dtype=np.int64)
    for (grid, head), known in leads.items():
        if solver.boolean_value(known):
            heads[grid] = head
    found = _plan_of(table, rooms, incumbents, heads, bound)
    best = found if found.distance < start.distance else start
    is_proven = best.distance <= bound
    return replace(
        best,
        bound=min(bound, best.distance),
        status="optimal" if is_proven else "feasible",
    )


def _add_leads(
    model: cp_model.CpModel, rooms: IntArray, start: HeadPlan
) -> dict[tuple[int, int], cp_model.IntVar]:
    """Require at most one head per grid, no head above its room, all posts filled."""
    n, n_heads = len(start.heads), len(rooms)
    leads = {
        (grid, head): model.new_bool_var(f"grid {grid} head {head}")
        for grid in range(n)
        for head in range(n_heads)
    }
    for grid in range(n):
        model.add_at_most_one(leads[grid, head] for head in range(n_heads))
    for head in range(n_heads):
        load = sum(leads[grid, head] for grid in range(n))
        model.add(load <= int(rooms[head]))
    model.add(sum(leads.values()) == n - start.n_vacant)
    for (grid, head), known in leads.items():
        model.add_hint(known, bool(start.heads[grid] == head))
    return leads


def _add_kept(
    model: cp_model.CpModel,
    leads: dict[tuple[int, int], cp_model.IntVar],
    incumbents: Incumbents,
) -> None:
    """Every head keeps as many grids as it can."""
    for head in np.flatnonzero(incumbents.held).tolist():
        own = np.flatnonzero(incumbents.before == head).tolist()
        model.add(sum(leads[grid, head] for grid in own) >= int(incumbents.held[head]))


def _add_pairs(
    model: cp_model.CpModel,
    leads: dict[tuple[int, int], cp_model.IntVar],
    hint: IntArray,
) -> dict[tuple[int, int], cp_model.IntVar]:
    """Two grids are a pair exactly where one head leads both."""
    n, n_heads = len(hint), len(leads) // len(hint)
    same = {}
    for i, j in combinations(range(n), 2):
        pair = same[i, j] = model.new_bool_var(f"grids {i} and {j}")
        for head in range(n_heads):
            one, two = leads[i, head], leads[j, head]
            model.add_bool_or(~one, ~two, pair)
            model.add_bool_or(~pair, ~one, two)
            model.add_bool_or(~pair, one, ~two)
        model.add_hint(pair, bool(hint[i] == hint[j] != NONE))
    return same


def _add_triangles(
    model: cp_model.CpModel, same: dict[tuple[int, int], cp_model.IntVar], n: int
) -> None:
    """Where i goes with j and j with k, i goes with k."""
    for i, j, k in combinations(range(n), 3):
        sides = same[i, j], same[j, k], same[i, k]
        for side in sides:
            model.add(sum(sides) - 2 * side <= 1)


def _add_degrees(
    model: cp_model.CpModel,
    same: dict[tuple[int, int], cp_model.IntVar],
    start: HeadPlan,
) -> None:
    """No grid has more companions than the largest load leaves it."""
    for grid in range(len(start.heads)):
        own = [pair for key, pair in same.items() if grid in key]
        model.add(sum(own) <= start.largest_load - 1)
