"""What others make of the same block: each peer as a function from points to labels."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from instances import LEAST, MOST, n_grids

if TYPE_CHECKING:
    from gridopt.problem import FloatArray, IntArray


class Answer(NamedTuple):
    """Labels, shape (n,), or None; the bound in metres, where the peer gives one."""

    labels: IntArray | None
    bound_m: float | None
    status: str


def kmeans_constrained(
    points: FloatArray, n_starts: int, centres: FloatArray | None = None
) -> Answer:
    """Cut by k-means-constrained, one process; clusters get their best medoids.

    Parameters
    ----------
    centres
        Where to start from, shape (k, 2), in place of seeds of its own; their number
        is that of the clusters.
    """
    from k_means_constrained import KMeansConstrained

    if n_grids(len(points)) == 1:  # it refuses what leaves no choice
        return Answer(np.zeros(len(points), dtype=np.int64), None, "one grid")
    model = KMeansConstrained(
        n_clusters=n_grids(len(points)) if centres is None else len(centres),
        size_min=LEAST,
        size_max=MOST,
        init="k-means++" if centres is None else centres,
        n_init=n_starts,
        random_state=0,
        n_jobs=1,
    )
    return Answer(model.fit_predict(points), None, "")


def spopt_p_median(points: FloatArray, seconds: int) -> Answer:
    """Cut by spopt's capacitated p-median (CBC): it knows most, not least members."""
    import pulp
    from spopt.locate import PMedian

    n = len(points)
    model = PMedian.from_cost_matrix(
        _distances(points),
        np.ones(n),
        p_facilities=n_grids(n),
        facility_capacities=np.full(n, MOST),
    )
    solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds, threads=1)
    try:
        model = model.solve(solver, results=True)
    except RuntimeError as fault:
        return Answer(None, None, str(fault))
    labels = np.full(n, -1, dtype=np.int64)
    for j, members in enumerate(model.fac2cli):
        labels[members] = j
    status = str(pulp.LpStatus[model.problem.status])
    return Answer(labels if (labels >= 0).all() else None, None, status)


def highs_compact(points: FloatArray, seconds: float) -> Answer:
    """Cut by the compact model, one variable per member and medoid, with HiGHS."""
    from ortools.math_opt.python import mathopt

    n, far = len(points), _distances(points)
    model = mathopt.Model()
    joins = [[model.add_binary_variable() for _ in range(n)] for _ in range(n)]
    for i in range(n):
        model.add_linear_constraint(sum(joins[i]) == 1)
        for j in range(n):
            if i != j:
                model.add_linear_constraint(joins[i][j] <= joins[j][j])
    for j in range(n):
        size = sum(joins[i][j] for i in range(n))
        model.add_linear_constraint(size >= LEAST * joins[j][j])
        model.add_linear_constraint(size <= MOST * joins[j][j])
    model.add_linear_constraint(sum(joins[j][j] for j in range(n)) == n_grids(n))
    model.minimize(sum(far[i, j] * joins[i][j] for i in range(n) for j in range(n)))
    limit = datetime.timedelta(seconds=seconds)
    parameters = mathopt.SolveParameters(time_limit=limit)
    result = mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters)
    reason = result.termination.reason.name
    bound_m = result.termination.objective_bounds.dual_bound
    if not result.has_primal_feasible_solution():
        return Answer(None, bound_m, reason)
    values = [result.variable_values(row) for row in joins]
    return Answer(np.array(values).argmax(axis=1), bound_m, reason)


def _distances(points: FloatArray) -> FloatArray:
    gap = points[:, None, :] - points[None, :, :]
    return np.sqrt((gap**2).sum(axis=2))
