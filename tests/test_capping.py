"""A cap on movers is kept at the least cost, over all blocks, with a true bound."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from exhaustive import NO_PLAN, best_cost, best_cost_within, costs_of_movers
from odd_blocks import draw_block
from test_solvers import assert_valid

from gridopt.solvers import (
    Contradiction,
    capping,
    solve,
    solve_all,
    solve_capped,
    tree_bound,
)
from gridopt.solvers.capping import choose_within

SMALL = {"mover"}


def draw_small(seed, features=SMALL):
    """Draw a block of 5 to 9 enterprises with a past."""
    rng = np.random.default_rng([seed, 7])
    return draw_block(seed, features, n=int(rng.integers(6, 10)), band=(2, 4))


def movers_of(problem, result):
    """Count the movers of a plan."""
    plan = result.labels, result.medoids, result.grid_labels
    return problem.score(*plan).n_movers


def assert_capped(problems, capped, cap):
    """Every plan is valid, all movers are within the cap, every bound is proven."""
    n_movers = 0
    for problem, run, allotted in zip(
        problems, capped.runs, capped.allotments.tolist(), strict=True
    ):
        result = run.result
        n_movers += movers_of(problem, result)
        dearer = replace(problem, mover_price=problem.mover_price + capped.surcharge)
        proven = tree_bound(dearer, result.tree) - capped.surcharge * allotted
        assert result.bound <= proven
        assert_valid(problem, replace(result, bound=None, status="feasible"))
        if capped.surcharge:
            assert movers_of(problem, result) <= allotted
    assert n_movers <= cap
    assert capped.allotments.sum() <= cap


@pytest.mark.parametrize("seed", range(40))
def test_the_cheapest_plan_within_the_cap_is_found(seed):
    """For every cap the plan costs what brute force finds, and no bound lies above."""
    features = (SMALL, {"mover", "size", "area"}, {"mover", "weights", "free"})
    problem = draw_small(seed, features[seed % 3])
    if best_cost(problem) is None:
        return
    for cap in range(problem.n + 1):
        best = best_cost_within(problem, cap)
        capped = solve_capped([problem], cap)
        if best is None:
            assert capped.n_movers > cap
            continue
        assert_capped([problem], capped, cap)
        assert capped.runs[0].result.cost == best


def test_caps_bind():
    """Among the blocks tested a cap costs something, as often as not."""
    blocks = [draw_small(seed) for seed in range(12)]
    dearer = [best_cost_within(block, 1) != best_cost(block) for block in blocks]
    assert sum(dearer) >= 6


@pytest.mark.parametrize("seed", range(8))
def test_blocks_share_a_cap(seed):
    """Over several blocks the movers go where they save most."""
    blocks = [draw_small(10 * seed + i) for i in range(3)]
    blocks = [block for block in blocks if best_cost(block) is not None]
    curves = [costs_of_movers(block) for block in blocks]
    for cap in (0, 1, 2, 4):
        best = min(
            sum(curve[n] for curve, n in zip(curves, spread, strict=True))
            for spread in product(range(cap + 1), repeat=len(blocks))
            if sum(spread) <= cap
        )
        capped = solve_capped(blocks, cap)
        if best >= NO_PLAN // 16:
            assert capped.n_movers > cap
            continue
        assert_capped(blocks, capped, cap)
        assert sum(run.result.cost for run in capped.runs) == best
        assert sum(run.result.bound for run in capped.runs) <= best


def test_a_cap_that_does_not_bind_changes_nothing():
    """With room enough the answer is that of no cap, and nobody pays a surcharge."""
    problem = draw_small(3)
    capped = solve_capped([problem], problem.n)
    free = solve(problem)
    assert capped.surcharge == 0
    assert capped.runs[0].result.labels.tolist() == free.labels.tolist()
    assert capped.runs[0].result.bound == free.bound


def test_the_number_of_workers_changes_nothing():
    """The same plans, bounds and surcharge with one process and with two."""
    blocks = [draw_small(seed) for seed in (1, 2, 4)]
    one, two = (solve_capped(blocks, 2, workers=workers) for workers in (1, 2))
    assert one.surcharge == two.surcharge
    assert one.allotments.tolist() == two.allotments.tolist()
    for a, b in zip(one.runs, two.runs, strict=True):
        assert a.result.labels.tolist() == b.result.labels.tolist()
        assert a.result.bound == b.result.bound
        assert a.result.tree.pi.tolist() == b.result.tree.pi.tolist()


def test_wishes_that_clash_are_told_first():
    """A contradiction is handed back as from a solve without a cap."""
    problem = draw_small(3)
    both = np.array([[0, 0]])
    clashing = replace(problem, fixed=both, forbidden=both)
    with pytest.raises(Contradiction):
        solve(clashing)
    assert solve_capped([clashing], 0).runs[0].clashes


def test_a_stopped_search_hands_back_what_it_has(monkeypatch):
    """Stopped at once: the plan in hand, marked; how many it moves is not hidden."""
    blocks = (draw_small(seed) for seed in range(12))
    problem = next(one for one in blocks if movers_of(one, solve(one)) > 0)
    runs = [
        replace(run, result=replace(run.result, status="interrupted"))
        for run in solve_all([problem])
    ]
    monkeypatch.setattr(capping, "solve_all", lambda problems, **how: runs)
    n_movers = movers_of(problem, runs[0].result)
    assert n_movers > 0
    capped = solve_capped([problem], 0)
    assert capped.runs[0].result.status == "interrupted"
    assert capped.n_movers == n_movers
    within = solve_capped([problem], n_movers)
    assert within.runs[0].result.status == "interrupted"


@pytest.mark.parametrize("seed", range(30))
def test_the_cheapest_choice_of_offers_is_made(seed):
    """One number of movers per block, as if all combinations were tried."""
    rng = np.random.default_rng(seed)
    offers = [
        {int(n): int(rng.integers(0, 50)) for n in rng.choice(6, rng.integers(1, 4))}
        for _ in range(4)
    ]
    for cap in (0, 3, 7):
        sums = [
            sum(own[n] for own, n in zip(offers, spread, strict=True))
            for spread in product(*offers)
            if sum(spread) <= cap
        ]
        chosen = choose_within(offers, cap)
        if not sums:
            assert chosen is None
            continue
        assert sum(chosen) <= cap
        assert sum(o[n] for o, n in zip(offers, chosen, strict=True)) == min(sums)
