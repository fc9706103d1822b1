"""Where a gap comes from: a stalled ascent, a loose relaxation, or a weak plan.

For some blocks the bound of the plain ascent is set beside that of the set-partitioning
relaxation itself, found by stabilised column generation (GLOP), and beside the cost
that the cases prove. The same columns are priced for both, so the difference between
the first two is what the ascent leaves, and the rest is what only cases can close.

    python benchmarks/bounds.py [--large] [--write]
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

import numpy as np
from instances import reference_points, with_duplicates
from measures import timed
from ortools.linear_solver import pywraplp
from results import machine, table, write_section

from gridopt.problem import Problem
from gridopt.solvers import Result, solve
from gridopt.solvers.ascent import ROOT, Reached, ascend
from gridopt.solvers.bound import first_duals
from gridopt.solvers.choosing import Limits
from gridopt.solvers.ground import Ground
from gridopt.solvers.result import DUAL_SCALE, Plan
from gridopt.solvers.work import Work

if TYPE_CHECKING:
    from gridopt.problem import FloatArray, IntArray

BLOCKS = [(n, seed, kind) for n in (80, 100, 200, 260) for seed in (101, 102)
          for kind in ("plain", "shared")]  # fmt: skip
LARGE = [(400, 101, "plain"), (400, 101, "shared"), (700, 101, "shared")]
"""Blocks for which the relaxation alone takes up to a quarter of an hour."""

STEPS = 600
ROUNDS = 60
ENOUGH = 5e-5
PULL = 0.7
"""How far the prices tried lie from the master's towards the best known."""


class Master:
    """The set-partitioning relaxation over the columns met so far."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        everyone = range(problem.n)
        self.served = [self.solver.Add(self.solver.Sum([]) == 1) for _ in everyone]
        self.meets = [self.solver.Add(self.solver.Sum([]) <= 1) for _ in everyone]
        k = problem.n_grids[0]
        self.number = self.solver.Add(self.solver.Sum([]) == k)
        self.known: set[tuple[int, bytes]] = set()

    def add(self, medoid: int, members: IntArray) -> None:
        """Add a column, unless it is known."""
        key = medoid, np.sort(members).tobytes()
        if key in self.known:
            return
        self.known.add(key)
        cost = self.problem.member_costs(members, np.array([medoid])).sum()
        column = self.solver.NumVar(0, self.solver.infinity(), "")
        self.solver.Objective().SetCoefficient(column, float(cost))
        for row in [
            self.number,
            self.meets[medoid],
            *(self.served[i] for i in members),
        ]:
            row.SetCoefficient(column, 1)

    def prices(self) -> tuple[float, FloatArray]:
        """Solve the master; its value and the price of every enterprise."""
        self.solver.Objective().SetMinimization()
        if self.solver.Solve() != pywraplp.Solver.OPTIMAL:
            raise SystemExit("the master has no solution")
        return self.solver.Objective().Value(), np.array(
            [row.dual_value() for row in self.served]
        )


def price(problem: Problem, costs: IntArray, pi: FloatArray) -> tuple[float, list]:
    """Price all medoids; the bound of these prices and every medoid's best column."""
    reduced = costs - pi[:, None]
    own = reduced.diagonal().copy()
    np.fill_diagonal(reduced, np.inf)
    order = np.argsort(reduced, axis=0, kind="stable")[: problem.most - 1]
    total = own + np.cumsum(np.take_along_axis(reduced, order, axis=0), axis=0)
    sizes = total[problem.least - 2 :].argmin(axis=0) + problem.least
    values = total[problem.least - 2 :].min(axis=0)
    bound = pi.sum() + np.sort(values)[: problem.n_grids[0]].sum()
    columns = [(j, np.append(order[: sizes[j] - 1, j], j)) for j in range(problem.n)]
    return float(bound), columns


def relaxation_bound(problem: Problem, plan: Plan, start: FloatArray) -> float:
    """Bound of the relaxation by column generation, stabilised, from given prices."""
    everyone = np.arange(problem.n)
    costs = problem.member_costs(everyone, everyone).astype(np.float64)
    master, best_pi = Master(problem), start
    for g, medoid in enumerate(plan.medoids.tolist()):
        master.add(medoid, np.flatnonzero(plan.labels == g))
    best, columns = price(problem, costs, best_pi)
    for _ in range(ROUNDS):
        for column in columns:
            master.add(*column)
        value, own = master.prices()
        pull, columns = PULL, []
        while pull > 0.05:
            pi = pull * best_pi + (1 - pull) * own
            bound, found = price(problem, costs, pi)
            columns += found
            if bound > best:
                best, best_pi = bound, pi
            pull /= 2
        if value - best <= ENOUGH * value:
            break
    return best


def ascent_bound(ground: Ground, plan: Plan, cost: int) -> Reached:
    """Follow subgradients from a plan, as the solver does before any case."""
    n, k = ground.problem.n, ground.problem.n_grids
    limits = Limits(np.zeros(n, dtype=np.int64), np.array([[-1], [k[0]], [k[1]]]))
    start = Reached.start(first_duals(ground.prices, plan))
    return ascend(ground, start, limits, (cost, STEPS), ROOT, Work())


def measure(n: int, seed: int, kind: str) -> list[str]:
    """Measure one block."""
    points = reference_points(n, seed)
    points = with_duplicates(points, seed) if kind == "shared" else points
    problem = Problem.of_points(f"bounds-{n}-{seed}", 10 * points)
    result: Result
    result, seconds = timed(lambda: solve(problem))
    plan = Plan(result.labels, result.medoids, result.grid_labels)
    ground = Ground.of_problem(problem)
    reached, ascent_s = timed(lambda: ascent_bound(ground, plan, result.cost))
    start = reached.duals.pi / DUAL_SCALE
    bound, columns_s = timed(lambda: relaxation_bound(problem, plan, start))
    ascent = reached.value / DUAL_SCALE
    gaps = [1 - value / result.cost for value in (ascent, bound, result.bound)]
    shown = [f"{max(gap, 0):.3%}" for gap in gaps]
    times = [f"{s:.2f}" for s in (ascent_s, columns_s, seconds)]
    cells = [cell for pair in zip(shown, times, strict=True) for cell in pair]
    return [str(n), kind, str(seed), *cells]


def main() -> int:
    """Measure all blocks, print the table, and write it down where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true", help="400 and 700 as well")
    parser.add_argument("--write", action="store_true", help="into results.md")
    told = parser.parse_args()
    blocks = [*BLOCKS, *LARGE] if told.large else BLOCKS
    measure(30, 1, "plain")  # compiles
    head = ("n", "places", "seed", f"gap of {STEPS} steps", "s",
            "gap of the relaxation", "s", "gap with cases", "s")  # fmt: skip
    text = "\n\n".join(
        [
            "## Where a gap comes from",
            "`python benchmarks/bounds.py --write`; " + machine(("numba", "ortools")),
            "All gaps are to the cost of the best plan found. Steps: the plain ascent. "
            "Relaxation: set partitioning by column generation. Cases: the solver.",
            table(head, [measure(*block) for block in blocks]),
        ]
    )
    print(text)
    if told.write:
        write_section("bounds", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
