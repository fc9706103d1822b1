"""What a re-cut after a change moves, costs and takes, beside a fresh cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from instances import reference_points, travel_m
from measures import timed

from gridopt.problem import NONE, Problem
from gridopt.solvers import solve

if TYPE_CHECKING:
    from measures import Row

    from gridopt.problem import FloatArray, IntArray

CHURN_SIZES = (100, 200, 400, 1000, 3000)
CHURN_SEEDS = range(101, 111)
CHANGED_SHARE = 0.03
MOVER_PRICE_M = 100
"""Price of a mover, metres: what the planner would pay in travel to spare one."""


def changed(points: FloatArray, seed: int) -> tuple[FloatArray, IntArray]:
    """Let three per cent leave, and as many arrive near others; points and stayers."""
    random = np.random.default_rng([seed, 3])
    n = len(points)
    n_changed = int(CHANGED_SHARE * n + 0.5)
    left = random.choice(n, n_changed, replace=False)
    stayers = np.setdiff1d(np.arange(n), left)
    hosts = points[random.integers(0, n, n_changed)]
    arrived = hosts + random.normal(0, 400, (n_changed, 2))
    return np.vstack([points[stayers], np.clip(arrived, 0, 10000)]), stayers


def measure_churn(n: int, n_seeds: int) -> list[Row]:
    """Re-cut blocks of one size after a change, and cut them afresh."""
    return [_measure(n, seed) for seed in CHURN_SEEDS[:n_seeds]]


def _measure(n: int, seed: int) -> Row:
    key, points = f"churn-{n}-{seed}", reference_points(n, seed)
    before = solve(Problem.of_points(key, 10 * points))
    points, stayers = changed(points, seed)
    k = len(before.medoids)
    previous = np.full(len(points), NONE, dtype=np.int64)
    previous[: len(stayers)] = before.labels[stayers]
    fresh = Problem.of_points(key, 10 * points, n_grids=k)
    bound_to_past = Problem.of_points(
        key,
        10 * points,
        n_grids=k,
        previous=previous,
        n_labels=k,
        mover_price=10 * MOVER_PRICE_M,
    )
    again, again_s = timed(lambda: solve(bound_to_past))
    anew, anew_s = timed(lambda: solve(fresh))
    now = np.asarray(again.grid_labels)[again.labels]
    moved = (previous != NONE) & (now != previous)
    return {
        "key": key,
        "n": n,
        "moved": float(moved.sum() / len(stayers)),
        "dearer": travel_m(points, again.labels) / travel_m(points, anew.labels) - 1,
        "again_s": again_s,
        "anew_s": anew_s,
        "gap": again.gap_share,
        "status": again.status,
    }
