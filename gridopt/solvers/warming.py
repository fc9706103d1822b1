"""What a first run waits for: all compiled loops made ready on a toy block."""

from __future__ import annotations

import numpy as np

from gridopt.problem import Problem
from gridopt.solvers.ascent import ROOT, Reached, ascend
from gridopt.solvers.bound import first_duals
from gridopt.solvers.branching import branch
from gridopt.solvers.choosing import Limits
from gridopt.solvers.compiling import is_ready, note_ready
from gridopt.solvers.cut import cut_of
from gridopt.solvers.draws import draws_of
from gridopt.solvers.ground import Ground
from gridopt.solvers.offers import FAR
from gridopt.solvers.pairs import improve_pairs
from gridopt.solvers.pricing import price_all
from gridopt.solvers.recreate import improve_clusters
from gridopt.solvers.settling import settled
from gridopt.solvers.start import alternate
from gridopt.solvers.work import Work

__all__ = ["is_ready", "warm_up"]


def warm_up() -> None:
    """Compile every kernel, or load what an earlier run has kept."""
    line = np.column_stack([np.arange(6) * 10, np.zeros(6)])
    problem = Problem.of_points("toy", line, least=2, most=4, target=3)
    ground, work = Ground.of_problem(problem), Work()
    plan = alternate(ground, np.array([0, 5]), None)
    assert plan is not None
    cut = cut_of(ground, plan)
    improve_pairs(ground, cut, work)
    favour = np.ones(6, dtype=np.int64)
    improve_clusters(ground, cut, favour, (1, 0), draws_of(0), work)
    limits = Limits(np.zeros(6, dtype=np.int64), np.array([[-1], [2], [2]]))
    start = Reached.start(first_duals(ground.prices, plan))
    reached = ascend(ground, start, limits, (FAR >> 20, 1), ROOT, work)
    settled(ground, reached, FAR >> 20)
    pi, sigma = reached.duals.pi.copy(), reached.duals.sigma.copy()
    values = np.empty(6, dtype=np.int64)
    price_all(ground.costs, ground.offers, pi, sigma, ground.scratch, values)
    branch(ground, reached, (2, 2), FAR >> 20, (1, 1), lambda _: FAR >> 20, work)
    note_ready()
