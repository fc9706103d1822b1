"""How an answer is found: the only room that knows OR-Tools."""

from gridopt.solvers.bound import dual_bound, tree_bound
from gridopt.solvers.capping import Capped, solve_capped
from gridopt.solvers.contradictions import Clash, Contradiction, feasible_counts
from gridopt.solvers.controlled import round_controlled
from gridopt.solvers.merges import choose_merges
from gridopt.solvers.progress import Watch
from gridopt.solvers.result import DUAL_SCALE, Duals, Plan, Result, Tree
from gridopt.solvers.schedule import Run, solve_all
from gridopt.solvers.solve import Effort, solve

__all__ = [
    "DUAL_SCALE",
    "Capped",
    "Clash",
    "Contradiction",
    "Duals",
    "Effort",
    "Plan",
    "Result",
    "Run",
    "Tree",
    "Watch",
    "choose_merges",
    "dual_bound",
    "feasible_counts",
    "round_controlled",
    "solve",
    "solve_all",
    "solve_capped",
    "tree_bound",
]
