"""Small blocks with linked enterprises, solved as one CP-SAT model.

Links do not enter the dual bound and tie the hands of the compiled search; where few
enterprises are concerned a model of who joins whom is small enough to be solved in
full. It finds plans, it certifies nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from ortools.sat.python import cp_model

from gridopt.problem import NONE, IntArray, Problem
from gridopt.solvers.result import Plan

if TYPE_CHECKING:
    from gridopt.solvers.ground import Ground

MOST = 40
"""Enterprises up to which the model is built: its variables are their square."""

_DETERMINISTIC_LIMIT = 8.0
_LIMIT_UNDER_CAP = 2.0
"""Under a cap on movers there are more models to solve."""

Row = list[cp_model.IntVar]


def solve_compact(ground: Ground, plan: Plan, mover_cap: int | None = None) -> Plan:
    """Look for a cheaper plan among all that keep band and wishes.

    Parameters
    ----------
    plan
        A plan to start from; it comes back where nothing cheaper is found within a
        deterministic limit.
    mover_cap
        Most survivors that may move; `plan` keeps it too.
    """
    model = _Model(ground)
    if mover_cap is not None:
        model.cap(mover_cap)
    model.hint(plan)
    solver = cp_model.CpSolver()
    # it would leave the keyboard's interrupt to the system, which kills: see DESIGN
    solver.parameters.catch_sigint_signal = False
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    limit = _DETERMINISTIC_LIMIT if mover_cap is None else _LIMIT_UNDER_CAP
    solver.parameters.max_deterministic_time = limit
    status = solver.solve(model.model)
    if status == cp_model.MODEL_INVALID:
        raise AssertionError(model.model.validate())
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return plan
    found = model.plan(solver)
    problem = ground.problem
    return found if found.cost(problem) < plan.cost(problem) else plan


class _Model:
    """Who joins whom: variables, rules and cost.

    `joins[i][j]` says that i is in the grid that meets at j, `carries[j][p]` that this
    grid carries label p, `stays[i][j]` that it is the one i was in.
    """

    def __init__(self, ground: Ground) -> None:
        self.problem: Problem = ground.problem
        self.model = cp_model.CpModel()
        n, n_labels = self.problem.n, self.problem.n_labels
        self.joins = self._square(n, n)
        self.carries = self._square(n, n_labels)
        self.stays = self._square(n, n if n_labels else 0)
        self._grids()
        self._labels()
        self._links()
        everyone = np.arange(n)
        self._price(ground.prices.member_costs(everyone, everyone))

    def _square(self, n: int, m: int) -> list[Row]:
        return [[self.model.new_bool_var("") for _ in range(m)] for _ in range(n)]

    def _grids(self) -> None:
        """Everybody once, medoids in their own grid, sizes and numbers in range."""
        model, problem, joins = self.model, self.problem, self.joins
        for i, row in enumerate(joins):
            model.add_exactly_one(row)
            for j, joined in enumerate(row):
                if i != j:
                    model.add_implication(joined, joins[j][j])
        self.sizes = []
        for j in range(problem.n):
            size = sum(joins[i][j] for i in range(problem.n))
            model.add(size >= problem.least * joins[j][j])
            model.add(size <= problem.most * joins[j][j])
            self.sizes.append(size)
        n_grids = sum(joins[j][j] for j in range(problem.n))
        model.add_linear_constraint(n_grids, *problem.n_grids)

    def _labels(self) -> None:
        """Each label once, one per grid; who is fixed or barred."""
        model, problem, joins = self.model, self.problem, self.joins
        for p in range(problem.n_labels):
            model.add_at_most_one(row[p] for row in self.carries)
        for j, row in enumerate(self.carries):
            model.add(sum(row) <= joins[j][j])
        for i, row in enumerate(self.stays):
            for j, stays in enumerate(row):
                before = int(problem.previous[i])
                if before == NONE:
                    model.add(stays == 0)
                else:
                    model.add_implication(stays, joins[i][j])
                    model.add_implication(stays, self.carries[j][before])
        for i, p in problem.fixed.tolist():
            for j in range(problem.n):
                model.add_implication(joins[i][j], self.carries[j][p])
        for i, p in problem.forbidden.tolist():
            for j in range(problem.n):
                model.add_at_most_one([joins[i][j], self.carries[j][p]])

    def _links(self) -> None:
        for a, b in self.problem.must_link.tolist():
            for one, other in zip(self.joins[a], self.joins[b], strict=True):
                self.model.add(one == other)
        for a, b in self.problem.cannot_link.tolist():
            for one, other in zip(self.joins[a], self.joins[b], strict=True):
                self.model.add_at_most_one([one, other])

    def _price(self, costs: IntArray) -> None:
        problem, joins = self.problem, self.joins
        pairs = zip(costs.tolist(), joins, strict=True)
        terms = [c * x for row, own in pairs for c, x in zip(row, own, strict=True)]
        is_survivor = problem.previous != NONE
        terms += [problem.mover_price * int(is_survivor.sum())]
        terms += [-problem.mover_price * x for row in self.stays for x in row]
        if problem.size_price:
            for j, size in enumerate(self.sizes):
                off = self.model.new_int_var(0, problem.n + problem.target, "")
                self.model.add(off >= size - problem.target * joins[j][j])
                self.model.add(off >= problem.target * joins[j][j] - size)
                terms.append(problem.size_price * off)
        self.model.minimize(sum(terms))

    def cap(self, mover_cap: int) -> None:
        """Let all survivors but so many stay in the grids they were in."""
        n_survivors = int((self.problem.previous != NONE).sum())
        n_stay = sum(x for row in self.stays for x in row)
        self.model.add(n_stay >= n_survivors - mover_cap)

    def hint(self, plan: Plan) -> None:
        """Start from a plan."""
        medoid_of = plan.medoids[plan.labels]
        for i, row in enumerate(self.joins):
            for j, joined in enumerate(row):
                self.model.add_hint(joined, int(medoid_of[i] == j))

    def plan(self, solver: cp_model.CpSolver) -> Plan:
        """Read the plan that was found."""
        joined = np.array([[solver.value(x) for x in row] for row in self.joins])
        medoids = np.flatnonzero(joined.diagonal())
        labels = joined[:, medoids].argmax(axis=1)
        carried = np.full(len(medoids), NONE, dtype=np.int64)
        for g, j in enumerate(medoids.tolist()):
            for p, carries in enumerate(self.carries[j]):
                if solver.value(carries):
                    carried[g] = p
        return Plan(labels.astype(np.int64), medoids.astype(np.int64), carried)
