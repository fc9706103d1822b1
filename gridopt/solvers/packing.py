"""Where the enterprises that wishes bind may go: a packing question for CP-SAT.

Bound enterprises come as items (must-link components); whether they fit into k grids
beside the free enterprises is decided exactly, with one worker and a deterministic
limit, so that the answer is the same everywhere.
"""

from __future__ import annotations

import numpy as np
from ortools.sat.python import cp_model

from gridopt.problem import NONE, IntArray, Problem
from gridopt.solvers.prices import BIG, Prices
from gridopt.solvers.wishes import Wishes

Choices = list[dict[int, cp_model.IntVar]]
"""For each item the grids open to it, with the variable that says it goes there."""

_DETERMINISTIC_LIMIT = 20.0


def place_items(
    wishes: Wishes, prices: Prices, medoids: IntArray | None, grid_labels: IntArray
) -> IntArray | None:
    """Place the bound enterprises so that the free ones can fill the grids.

    Parameters
    ----------
    medoids
        Medoids to stay near to, shape (k,); None where only feasibility is asked.
    grid_labels
        Label of each grid, shape (k,).

    Returns
    -------
    Grid of each bound enterprise, `NONE` for the free ones, shape (n,); None where
    the items do not fit.
    """
    problem, _k = wishes.problem, len(grid_labels)
    placed = np.full(problem.n, NONE, dtype=np.int64)
    if not wishes.items:
        return placed
    cost = _item_costs(wishes, prices, medoids, grid_labels)
    model, inside = _model(wishes, cost, has_costs=medoids is not None)
    chosen = _solved(model, inside)
    if chosen is None:
        return None
    for item, g in zip(wishes.items, chosen, strict=True):
        placed[item] = g
    return placed


def _model(
    wishes: Wishes, cost: IntArray, *, has_costs: bool
) -> tuple[cp_model.CpModel, Choices]:
    """Each item in one grid that is open to it, parted items apart, all grids full."""
    model = cp_model.CpModel()
    inside: Choices = [
        {g: model.new_bool_var("") for g in np.flatnonzero(row < BIG).tolist()}
        for row in cost
    ]
    for choices in inside:
        model.add_exactly_one(choices.values())
    for a, b in wishes.parted:
        for g in inside[a].keys() & inside[b].keys():
            model.add_at_most_one([inside[a][g], inside[b][g]])
    _fill(model, wishes, inside, cost.shape[1])
    if has_costs:
        terms = [
            int(cost[t, g]) * x
            for t, choices in enumerate(inside)
            for g, x in choices.items()
        ]
        model.minimize(sum(terms))
    return model, inside


def _item_costs(
    wishes: Wishes, prices: Prices, medoids: IntArray | None, grid_labels: IntArray
) -> IntArray:
    """Cost of each item in each grid, shape (items, k)."""
    bound = np.concatenate(wishes.items)
    if medoids is None:
        cost = prices.label_costs(bound, grid_labels)
    else:
        cost = prices.costs(bound, medoids, grid_labels)
    starts = np.cumsum([0] + [len(item) for item in wishes.items[:-1]])
    return np.add.reduceat(cost, starts, axis=0)


def _fill(model: cp_model.CpModel, wishes: Wishes, inside: Choices, k: int) -> None:
    """Free enterprises fill every grid to its least and none beyond its most."""
    problem = wishes.problem
    sizes = [len(item) for item in wishes.items]
    n_free = problem.n - sum(sizes)
    fills = [model.new_int_var(0, n_free, "") for _ in range(k)]
    model.add(sum(fills) == n_free)
    for g, fill in enumerate(fills):
        held = sum(
            size * choices[g]
            for size, choices in zip(sizes, inside, strict=True)
            if g in choices
        )
        model.add_linear_constraint(held + fill, problem.least, problem.most)


def _solved(model: cp_model.CpModel, inside: Choices) -> list[int] | None:
    solver = cp_model.CpSolver()
    # it would leave the keyboard's interrupt to the system, which kills: see DESIGN
    solver.parameters.catch_sigint_signal = False
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = _DETERMINISTIC_LIMIT
    solver.parameters.relative_gap_limit = 0.01
    status = solver.solve(model)
    if status == cp_model.MODEL_INVALID:
        raise AssertionError(model.validate())
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return [
        next(g for g, x in choices.items() if solver.value(x)) for choices in inside
    ]


def labels_required(wishes: Wishes, k: int) -> IntArray:
    """Labels of k grids of which only the required ones carry one, shape (k,)."""
    labels = np.full(k, NONE, dtype=np.int64)
    required = wishes.required_labels
    labels[: len(required)] = required
    return labels


def fits(problem: Problem, k: int) -> bool:
    """Tell whether band and wishes can be kept with k grids."""
    wishes = Wishes(problem)
    if len(wishes.required_labels) > k:
        return False
    labels = labels_required(wishes, k)
    return place_items(wishes, Prices(problem), None, labels) is not None
