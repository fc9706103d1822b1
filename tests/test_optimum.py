"""Whatever a planner prices or wishes, small blocks are cut at their true optimum."""

from __future__ import annotations

from dataclasses import replace

import pytest
from exhaustive import NO_PLAN, best_cost, costs_of_counts
from odd_blocks import FEATURES, draw_block
from test_solvers import assert_valid

from gridopt.solvers import Contradiction, solve

PRICES = {"size", "area", "linkage", "mover"}
MIXES = {
    "no price": set(),
    **{name: {name} for name in FEATURES},
    "fixed at a price": {"fixed", "mover"},
    "forbidden at a price": {"forbidden", "mover"},
    "all prices": PRICES,
    "all prices, heavy members": PRICES | {"weights"},
    "all prices, any number": PRICES | {"free"},
    "all": set(FEATURES),
}
CASES = [(name, seed) for name in MIXES for seed in range(30 if name == "all" else 8)]


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_the_cheapest_plan_is_found(name, seed):
    """The plan costs what the cheapest of all plans costs, and none is proven dearer.

    Where there is no plan at all, the wishes are named as contradictory.
    """
    problem = draw_block(seed, MIXES[name])
    best = best_cost(problem)
    try:
        result = solve(problem)
    except Contradiction:
        assert best is None
        return
    assert_valid(problem, result)
    assert result.cost == best
    assert result.bound <= best


@pytest.mark.parametrize("seed", range(24))
def test_the_first_method_stays_true(seed):
    """The method of flows keeps band and wishes, and proves no more than is so."""
    problem = draw_block(seed, [PRICES | {"free"}, PRICES, set(FEATURES)][seed % 3])
    best = best_cost(problem)
    try:
        result = solve(problem, method="flow")
    except Contradiction:
        assert best is None
        return
    assert_valid(problem, result)
    assert result.bound <= best <= result.cost


@pytest.mark.parametrize("name", ["size", "area", "linkage", "mover"])
def test_each_price_changes_what_is_cheapest(name):
    """Every price that is tested decides about some of the blocks: none is idle."""
    priced = [draw_block(seed, {name}) for seed in range(8)]
    free = [replace(problem, **{f"{name}_price": 0}) for problem in priced]
    assert sum(best_cost(a) > best_cost(b) for a, b in zip(priced, free, strict=True))


@pytest.mark.parametrize("name", ["fixed", "forbidden", "must_link", "cannot_link"])
def test_each_wish_changes_what_is_cheapest(name):
    """Every wish that is tested rules out some cheapest plan."""
    blocks = [draw_block(seed, {name, "mover"}) for seed in range(8)]
    bare = [replace(block, **{name: block.fixed[:0]}) for block in blocks]
    assert [best_cost(block) for block in blocks] != [
        best_cost(block) for block in bare
    ]


@pytest.mark.parametrize("seed", range(12))
def test_the_best_number_of_grids_is_taken(seed):
    """A free number of grids ends at the cheapest of the numbers, each fixed alone."""
    problem = draw_block(seed, PRICES | {"free"}, n=12, band=(2, 6))
    problem = replace(problem, n_grids=(2, 6))
    costs = costs_of_counts(problem)[2:]
    alone = [solve(replace(problem, n_grids=(k, k))).cost for k in range(2, 7)]
    assert alone == costs
    assert max(costs) < NO_PLAN
    assert solve(problem).cost == min(costs)
