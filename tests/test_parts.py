"""Parts of a plan cut anew: valid, never dearer, at their best, always the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from test_solvers import QUICK, assert_valid, blocks, brute_force, spread

from gridopt.problem import NONE, Problem
from gridopt.solvers import exchanges, solve
from gridopt.solvers.ascent import ROOT, Reached, ascend
from gridopt.solvers.bound import first_duals
from gridopt.solvers.choosing import Limits
from gridopt.solvers.exchanges import improve_parts
from gridopt.solvers.ground import Ground
from gridopt.solvers.start import alternate, seed_medoids
from gridopt.solvers.windows import Prospect, part_of, put, recut, windows_of
from gridopt.solvers.work import Work

ALONE = replace(
    QUICK, rounds=1, case_volume=0, long_trials=0, trials=0, window_grids=(3,)
)
"""Effort of a block for which no cases are allowed, as if it were large."""

EFFORT = (3, 5), 10**9


def reached_at(problem, seed=0):
    """Give a rough plan of a block, and prices that know it."""
    ground, random = Ground.of_problem(problem), np.random.default_rng(seed)
    medoids = seed_medoids(ground.prices, problem.n_grids[0], random)
    plan = alternate(ground, medoids, None)
    start = Reached.start(first_duals(ground.prices, plan))
    fewest, most = problem.n_grids
    limits = Limits(
        np.zeros(problem.n, dtype=np.int64), np.array([[-1], [fewest], [most]])
    )
    aim = plan.cost(problem), 60
    return ground, plan, ascend(ground, start, limits, aim, ROOT, Work())


@pytest.mark.parametrize("seed", range(6))
def test_a_window_is_cut_at_its_best(seed):
    """A window of a whole small block is cut as cheaply as brute force cuts it."""
    kinds = {"n_grids": 2 + seed % 2, "size_price": 7 * seed, "n_labels": 0}
    problem = blocks(8, seed, previous=np.full(8, NONE), **kinds)
    ground, plan, reached = reached_at(problem)
    window = windows_of(ground, plan, plan.n_grids)[0]
    prospect = Prospect.of_reached(ground, reached)
    assert window.cost == plan.cost(problem)
    best = brute_force(problem)
    aim = plan.n_grids, window.cost + 1
    found = recut(ground, prospect, window.members, aim, Work())
    assert found.cost == best
    assert window.cost - window.most_saved(problem, prospect, plan.n_grids) <= best
    none = recut(ground, prospect, window.members, (plan.n_grids, best), Work())
    assert none.plan is None
    assert none.cost == best
    assert put(plan, window, window.grids, found.plan).cost(problem) == best


@pytest.mark.parametrize("seed", range(5))
def test_parts_never_make_a_plan_dearer(seed):
    """Cutting parts anew keeps number and band and costs no more, here much less."""
    problem = spread(150, seed, n_grids=8, size_price=20 * (seed % 2))
    ground, plan, reached = reached_at(problem)
    better = improve_parts(ground, plan, reached, EFFORT, Work())
    sizes = np.bincount(better.labels, minlength=8)
    assert len(sizes) == better.n_grids == 8
    assert problem.least <= sizes.min() <= sizes.max() <= problem.most
    assert (better.labels[better.medoids] == np.arange(8)).all()
    assert better.cost(problem) < plan.cost(problem)
    assert improve_parts(ground, plan, reached, ((3,), 0), Work()) is plan


@pytest.mark.parametrize("n_grids", [2, 3, 8])
def test_no_window_is_gathered_twice(n_grids):
    """Two grids that gather the same make one window: what is known of it is one."""
    ground, plan, _ = reached_at(spread(150, 3, n_grids=8))
    windows = windows_of(ground, plan, n_grids)
    assert len({window.key(n_grids) for window in windows}) == len(windows) <= 8
    assert set(np.concatenate([window.grids for window in windows])) == set(range(8))


def test_a_grid_goes_where_no_window_reaches():
    """A grid too many here and too few far away: only an exchange sees it."""
    random = np.random.default_rng(1)
    towns = [
        random.integers(0, width, (12, 2)) + [east, 0]
        for width, east in ((100, 0), (400, 9000))
    ]
    problem = Problem.of_points(
        "towns", np.concatenate(towns), least=2, most=8, target=4, n_grids=6
    )
    ground, _, reached = reached_at(problem)
    lopsided = alternate(ground, np.array([0, 3, 6, 9, 12, 18]), None)
    assert (lopsided.medoids < 12).sum() == 4
    prospect = Prospect.of_reached(ground, reached)
    parts = exchanges.Parts(ground, prospect, lopsided, 10**9, Work())
    parts.n_grids = 2
    exchanges.sweep(parts)
    stuck = parts.plan
    assert (stuck.medoids < 12).sum() == 4
    better = improve_parts(ground, lopsided, reached, ((2,), 10**9), Work())
    assert better.cost(problem) < stuck.cost(problem)
    assert (better.medoids < 12).sum() < 4


def test_a_part_keeps_prices_and_links():
    """A window is priced as in its block, and links among its members go along."""
    random = np.random.default_rng(4)
    problem = spread(
        60,
        4,
        weights=random.integers(1, 5, 60).astype(float),
        areas=random.integers(0, 3, 60),
        groups=random.integers(NONE, 4, 60),
        area_price=300,
        linkage_price=90,
        must_link=np.array([[3, 9], [1, 2]]),
        cannot_link=np.array([[9, 12], [0, 3]]),
        travel_dm=random.integers(0, 5000, (60, 60)),
    )
    members = np.arange(0, 60, 3)
    part = part_of(problem, members, 1)
    everyone = np.arange(len(members))
    assert (
        part.member_costs(everyone, everyone) == problem.member_costs(members, members)
    ).all()
    assert part.must_link.tolist() == [[1, 3]]
    assert part.cannot_link.tolist() == [[3, 4], [0, 1]]


@pytest.mark.parametrize("seed", [0, 1])
def test_large_blocks_keep_their_wishes(seed):
    """With links, areas and weights the plan is valid and costs no more than before."""
    random = np.random.default_rng(seed)
    problem = spread(
        150,
        seed,
        weights=random.integers(1, 4, 150).astype(float),
        areas=random.integers(0, 4, 150),
        area_price=500,
        must_link=random.integers(0, 150, (2, 2)) * (seed % 2),
        cannot_link=np.array([[5, 6], [7, 90]]),
    )
    before = solve(problem, effort=replace(ALONE, window_volume=0))
    result = solve(problem, effort=ALONE)
    assert_valid(problem, result)
    assert result.cost <= before.cost
    again = solve(problem, effort=ALONE)
    assert (again.labels == result.labels).all()
    assert again.work == result.work > before.work


def test_a_recut_is_left_near_the_plan_in_force():
    """Where labels are carried on no window is cut: the answer is that without."""
    fresh = solve(spread(150, 2), effort=ALONE)
    problem = spread(
        150, 2, previous=fresh.labels, n_labels=len(fresh.medoids), mover_price=50
    )
    result = solve(problem, effort=ALONE)
    assert result.work == solve(problem, effort=replace(ALONE, window_volume=0)).work


@pytest.mark.parametrize("share", [0.2, 0.6, 0.9])
def test_interrupted_parts_leave_a_valid_plan(share):
    """Whoever stops the windows half way gets a valid plan, dearer than none known."""
    problem = spread(150, 6, n_grids=8)
    ground, plan, reached = reached_at(problem)
    asked = []
    improve_parts(ground, plan, reached, EFFORT, Work(lambda: bool(asked.append(1))))
    n_most, n_asked = len(asked) * share, []
    work = Work(lambda: n_asked.append(1) or len(n_asked) > n_most)
    stopped = improve_parts(ground, plan, reached, EFFORT, work)
    assert work.is_interrupted
    assert len(n_asked) < len(asked)
    assert stopped.cost(problem) <= plan.cost(problem)
    sizes = np.bincount(stopped.labels, minlength=8)
    assert problem.least <= sizes.min() <= sizes.max() <= problem.most
