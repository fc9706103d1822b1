"""The solver against brute force, hand-made cases and its own promises."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridopt.problem import NONE, Problem
from gridopt.solvers import (
    Contradiction,
    Duals,
    Effort,
    Tree,
    dual_bound,
    solve,
    tree_bound,
)
from gridopt.solvers.result import Plan

QUICK = Effort(starts=1, rounds=2, bound_steps=40, trials=2, long_trials=100)


def set_partitions(n, most):
    """All ways to cut 0 … n - 1 into groups of at most `most`."""

    def grow(i, groups):
        if i == n:
            yield [list(group) for group in groups]
            return
        for group in groups:
            if len(group) < most:
                group.append(i)
                yield from grow(i + 1, groups)
                group.pop()
        groups.append([i])
        yield from grow(i + 1, groups)
        groups.pop()

    yield from grow(0, [])


def keeps_links(problem, labels):
    """Whether a cut keeps must-link and cannot-link."""
    together = all(labels[i] == labels[j] for i, j in problem.must_link)
    return together and all(labels[i] != labels[j] for i, j in problem.cannot_link)


def keeps_labels(problem, labels, grid_labels):
    """Whether a labelled cut keeps fixed and forbidden grids."""
    carried = grid_labels[labels]
    fixed = all(carried[i] == p for i, p in problem.fixed)
    return fixed and all(carried[i] != p for i, p in problem.forbidden)


def brute_force(problem):
    """Least cost over all plans, None where there is none."""
    best = None
    costs = problem.member_costs(np.arange(problem.n), np.arange(problem.n))
    names = [*range(problem.n_labels)]
    for groups in set_partitions(problem.n, problem.most):
        k = len(groups)
        if not problem.n_grids[0] <= k <= problem.n_grids[1]:
            continue
        if min(map(len, groups)) < problem.least:
            continue
        labels = np.empty(problem.n, dtype=np.int64)
        for g, group in enumerate(groups):
            labels[group] = g
        if not keeps_links(problem, labels):
            continue
        medoids = np.array(
            [
                group[int(costs[np.ix_(group, group)].sum(axis=0).argmin())]
                for group in groups
            ]
        )
        choices = (
            set(permutations([*names, *[NONE] * k], k)) if names else {(NONE,) * k}
        )
        for choice in choices:
            grid_labels = np.array(choice)
            if keeps_labels(problem, labels, grid_labels):
                cost = problem.score(labels, medoids, grid_labels).cost
                best = cost if best is None else min(best, cost)
    return best


def assert_valid(problem, result):
    """A result is a plan that keeps band, wishes and its own claims."""
    k = len(result.medoids)
    sizes = np.bincount(result.labels, minlength=k)
    assert len(result.labels) == problem.n
    assert problem.n_grids[0] <= k <= problem.n_grids[1]
    assert sizes.min() >= problem.least and sizes.max() <= problem.most
    assert (result.labels[result.medoids] == np.arange(k)).all()
    used = result.grid_labels[result.grid_labels != NONE]
    assert len(np.unique(used)) == len(used)
    assert keeps_links(problem, result.labels)
    assert keeps_labels(problem, result.labels, result.grid_labels)
    score = problem.score(result.labels, result.medoids, result.grid_labels)
    assert score.cost == result.cost
    if result.bound is not None:
        assert result.bound <= result.cost
        assert tree_bound(problem, result.tree) == result.bound
    if result.status == "optimal":
        assert result.bound == result.cost


def blocks(n, seed, **changes):
    """Make a block of n enterprises with all prices, areas, groups and a past."""
    random = np.random.default_rng(seed)
    usual = {
        "least": 2,
        "most": 4,
        "target": 3,
        "n_grids": None,
        "weights": random.integers(1, 4, n).astype(float),
        "areas": random.integers(-1, 2, n),
        "groups": random.integers(-1, 2, n),
        "previous": random.integers(-1, 2, n),
        "n_labels": 2,
        "size_price": int(random.integers(0, 60)),
        "area_price": int(random.integers(0, 60)),
        "linkage_price": int(random.integers(0, 60)),
        "mover_price": int(random.integers(0, 90)),
    }
    points = random.integers(0, 300, (n, 2))
    return Problem.of_points(f"block-{seed}", points, **{**usual, **changes})


def spread(n, seed, **changes):
    """Make a plain block of n enterprises around a few centres."""
    random = np.random.default_rng(seed)
    centres = random.uniform(0, 9000, (3, 2))
    points = centres[random.integers(0, 3, n)] + random.normal(0, 700, (n, 2))
    return Problem.of_points(f"spread-{seed}", points, **changes)


@pytest.mark.parametrize("seed", range(12))
def test_cost_and_bound_enclose_the_optimum(seed):
    """With all prices at once no bound lies above, no plan below the optimum."""
    problem = blocks(8, seed)
    result = solve(problem, effort=QUICK)
    assert_valid(problem, result)
    best = brute_force(problem)
    assert result.bound <= best <= result.cost


@pytest.mark.parametrize("seed", range(8))
def test_two_grids_are_cut_optimally(seed):
    """The pair neighbourhood is exact where a block has two grids."""
    problem = blocks(8, 100 + seed, n_grids=2, size_price=seed * 10)
    assert solve(problem, effort=QUICK).cost == brute_force(problem)


@pytest.mark.parametrize("seed", range(6))
def test_free_number_of_grids_finds_the_best(seed):
    """Where the number of grids is free the best of all numbers is found."""
    problem = blocks(9, 200 + seed, n_grids=(3, 4))
    result = solve(problem)
    assert_valid(problem, result)
    best = brute_force(problem)
    assert result.bound <= best <= result.cost
    assert result.cost <= best * 1.05


@pytest.mark.parametrize("seed", range(4))
def test_travel_matrix_need_not_be_symmetric(seed):
    """A travel matrix takes the place of straight lines, row member, column medoid."""
    travel = np.random.default_rng(seed).integers(0, 500, (7, 7))
    np.fill_diagonal(travel, 0)
    problem = blocks(7, 300 + seed, travel_dm=travel)
    result = solve(problem, effort=QUICK)
    assert_valid(problem, result)
    assert result.bound <= brute_force(problem) <= result.cost


def grow_steps(random, n_regions, n_rows):
    """Make a random tree of cases over regions, leaves with random price rows."""
    steps, waiting = [], [0]
    while waiting:
        depth = waiting.pop()
        if depth < 4 and random.random() < 0.7:
            steps.append((random.integers(n_regions), random.integers(-1, 4)))
            waiting += [depth + 1, depth + 1]
        else:
            steps.append((-1, random.integers(n_rows)))
    return np.array(steps)


@pytest.mark.parametrize("seed", range(25))
def test_any_tree_proves_a_true_bound(seed):
    """Whatever the cases and their duals, the bound stays below the optimum."""
    from gridopt.solvers.prices import Prices
    from gridopt.solvers.regions import Regions

    random = np.random.default_rng(seed)
    n = int(random.integers(5, 9))
    problem = blocks(n, seed, n_grids=(-(-n // 4), n // 2))
    regions = Regions.of_prices(Prices(problem))
    tree = Tree(
        pi=random.integers(-100 * 1024, 500 * 1024, (3, n)),
        sigma=random.integers(0, 100 * 1024, (3, problem.n_labels)),
        order=regions.order,
        regions=regions.spans,
        steps=grow_steps(random, len(regions.spans), 3),
    )
    assert tree_bound(problem, tree) <= brute_force(problem)


@pytest.mark.parametrize("seed", range(12))
def test_cases_choose_the_least_medoids(seed):
    """Limits on nested regions are kept by the least choice there is."""
    from gridopt.solvers.prices import Prices
    from gridopt.solvers.regions import NEVER, Choice, Regions

    random = np.random.default_rng(seed)
    problem = blocks(7, seed)
    regions = Regions.of_prices(Prices(problem))
    values = random.integers(-50, 50, 7)
    limits = {0: (2, 3)}
    for region in random.integers(1, len(regions.spans), 3).tolist():
        low = int(random.integers(0, 2))
        limits[region] = (low, low + int(random.integers(0, 2)))
    best = NEVER
    for chosen in product((0, 1), repeat=7):
        inside = np.append(0, np.cumsum(np.array(chosen)[regions.order]))
        held = inside[regions.spans[:, 1]] - inside[regions.spans[:, 0]]
        if all(low <= held[r] <= high for r, (low, high) in limits.items()):
            best = min(best, int(values @ chosen))
    least, medoids = Choice(regions, limits).least(values)
    if best == NEVER:
        assert least > NEVER // 2
    else:
        assert least == best == values[medoids].sum()


@pytest.mark.parametrize(("n", "seed"), [(33, 1022), (48, 1088), (60, 113), (100, 105)])
def test_loose_blocks_are_proven_by_cases(n, seed):
    """Blocks whose plain dual bound stays below the optimum are closed by cases."""
    random = np.random.default_rng(seed)
    centres = random.uniform(0, 10000, (3, 2))
    m = int(0.8 * n)
    near = centres[random.integers(0, 3, m)] + random.normal(0, 400, (m, 2))
    points = np.vstack([near, random.uniform(0, 10000, (n - m, 2))])
    problem = Problem.of_points("loose", 10 * np.clip(points, 0, 10000))
    result = solve(problem)
    assert_valid(problem, result)
    assert result.status == "optimal"
    again = solve(problem)
    assert (again.tree.steps == result.tree.steps).all()
    assert (again.tree.pi == result.tree.pi).all()


def test_large_blocks_are_left_without_cases():
    """Where the work allowed comes to no case, the plain dual bound stands."""
    result = solve(spread(150, 2), effort=replace(QUICK, case_volume=0))
    assert result.tree.n_leaves == 1


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.integers(0, 10**6), st.integers(4, 7), st.data())
def test_any_duals_prove_a_true_bound(seed, n, draw):
    """Weak duality: whatever the duals, the bound stays below the optimum."""
    problem = blocks(n, seed, n_grids=(-(-n // 4), n // 2))
    price = st.integers(-400 * 1024, 1200 * 1024)
    pi = np.array(draw.draw(st.lists(price, min_size=n, max_size=n)))
    sigma = np.array(
        draw.draw(st.lists(st.integers(0, 100 * 1024), min_size=2, max_size=2))
    )
    assert dual_bound(problem, Duals(pi, sigma)) <= brute_force(problem)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.integers(0, 10**6), st.integers(5, 8), st.data())
def test_wishes_are_kept_or_named(seed, n, draw):
    """Hard wishes end in the plan, or in a contradiction that truly is one."""
    who, label = st.integers(0, n - 1), st.integers(0, 1)
    few = {"max_size": 2}
    problem = blocks(
        n,
        seed,
        n_grids=(-(-n // 4), n // 2),
        fixed=_pairs(draw.draw(st.lists(st.tuples(who, label), **few))),
        forbidden=_pairs(draw.draw(st.lists(st.tuples(who, label), **few))),
        must_link=_pairs(draw.draw(st.lists(st.tuples(who, who), **few))),
        cannot_link=_pairs(draw.draw(st.lists(st.tuples(who, who), **few))),
    )
    best = brute_force(problem)
    try:
        result = solve(problem, effort=QUICK)
    except Contradiction as contradiction:
        assert best is None
        assert contradiction.enterprises
        return
    assert_valid(problem, result)
    assert result.bound <= best <= result.cost


def _pairs(pairs):
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


@pytest.mark.parametrize(
    ("n", "n_grids"),
    [(15, None), (25, None), (30, 2), (45, 3), (60, 4), (75, 5), (75, 3), (140, None)],
)
def test_the_band_is_kept_at_its_edges(n, n_grids):
    """Every grid keeps the band, also where n = kL or n = kU leaves no room."""
    problem = spread(n, n, n_grids=n_grids)
    assert_valid(problem, solve(problem, effort=QUICK))


def test_one_grid_is_proven():
    """A block of one grid meets at its median, and the duals prove it."""
    problem = spread(22, 3, weights=np.linspace(1, 3, 22), size_price=40)
    result = solve(problem)
    costs = problem.member_costs(np.arange(22), np.arange(22)).sum(axis=0)
    assert result.cost == costs.min() + 2 * 40
    assert (result.status, result.bound) == ("optimal", result.cost)


def test_one_place_costs_nothing():
    """Enterprises in one building make a plan of no travel, proven."""
    problem = Problem.of_points("tower", np.zeros((60, 2)))
    result = solve(problem)
    assert (result.cost, result.bound, result.gap_share) == (0, 0, 0.0)


def test_duplicates_do_not_upset_the_bound():
    """Shared buildings leave a valid bound and a plan in the band."""
    points = np.repeat(np.random.default_rng(1).uniform(0, 5000, (20, 2)), 4, axis=0)
    problem = Problem.of_points("buildings", points)
    result = solve(problem)
    assert_valid(problem, result)
    assert result.gap_share < 0.1


def test_same_answer_every_time():
    """The answer depends on problem, seed and effort alone."""
    problem = spread(150, 5)
    first, again = solve(problem, seed=7), solve(problem, seed=7)
    assert (first.labels == again.labels).all()
    assert (first.tree.pi == again.tree.pi).all()
    assert (first.cost, first.bound, first.work) == (
        again.cost,
        again.bound,
        again.work,
    )


def test_key_and_seed_choose_the_draws():
    """Another block key or seed draws other random numbers, hash() plays no part."""
    from gridopt.solvers.ground import generator

    problem = spread(60, 5)
    draws = {
        int(generator(replace(problem, key=key), seed, "start").integers(1 << 60))
        for key in ("a", "b")
        for seed in (0, 1)
    }
    assert len(draws) == 4
    known = generator(replace(problem, key="331083001-industry"), 0, "start")
    assert known.integers(1 << 60) == 784510580172927128


def test_grids_stand_from_west_to_east():
    """Grids are numbered by the place of their medoid."""
    problem = spread(150, 8)
    result = solve(problem, effort=QUICK)
    places = problem.points_dm[result.medoids].tolist()
    assert places == sorted(places)


@pytest.mark.parametrize("n_asked", [0, 1, 3, 10, 40, 200])
def test_interrupted_plan_is_valid(n_asked):
    """Whenever the caller asks to stop, the best valid plan so far comes back."""
    problem = spread(150, 6)
    asked = []

    def should_stop():
        asked.append(1)
        return len(asked) > n_asked

    result = solve(problem, should_stop=should_stop)
    assert_valid(problem, result)
    is_cut_short = len(asked) > n_asked
    assert result.status == ("interrupted" if is_cut_short else "optimal")
    assert is_cut_short or n_asked > 3


def test_interrupted_while_the_number_is_free():
    """Asked to stop at once, a free number of grids still ends in a plan."""
    problem = spread(100, 6, n_grids=(4, 6))
    result = solve(problem, should_stop=lambda: True)
    assert_valid(problem, result)
    assert result.status == "interrupted"


def test_larger_blocks_come_near_their_bound():
    """A block of 200 around a few centres is cut to within two per cent."""
    result = solve(spread(200, 9))
    assert result.gap_share < 0.02
    assert result.status in ("bounded", "optimal")


def test_churn_price_keeps_the_past():
    """At a high price per mover the previous grids come back unchanged."""
    fresh = spread(100, 11)
    before = solve(fresh, effort=QUICK)
    again = replace(fresh, previous=before.labels.copy(), n_labels=5, mover_price=10**6)
    result = solve(again, seed=3, effort=QUICK)
    assert (result.grid_labels[result.labels] == before.labels).all()
    assert_valid(again, result)


def test_churn_price_is_weighed_against_travel():
    """A price per mover of nothing lets the plan be as cheap as a fresh one."""
    fresh = spread(100, 12)
    shuffled = np.random.default_rng(0).permutation(np.arange(100) % 5)
    moved = replace(fresh, previous=shuffled, n_labels=5, mover_price=0)
    assert solve(moved).cost <= solve(fresh).cost * 1.01
    held = replace(moved, mover_price=300)
    result = solve(held)
    assert_valid(held, result)
    score = held.score(result.labels, result.medoids, result.grid_labels)
    free = solve(moved)
    loose = held.score(free.labels, free.medoids, free.grid_labels)
    assert score.cost <= loose.cost


@pytest.mark.parametrize("n_labels", [2, 9])
def test_more_or_fewer_grids_than_before(n_labels):
    """Labels are used at most once, whether there were more or fewer grids."""
    previous = np.arange(100) % n_labels
    problem = spread(100, 13, previous=previous, n_labels=n_labels, mover_price=200)
    result = solve(problem, effort=QUICK)
    assert_valid(problem, result)
    assert len(result.grid_labels) == 5


def test_no_number_of_grids_is_refused():
    """A number of grids that the band cannot keep is refused with the figures."""
    problem = spread(27, 1, n_grids=2)
    with pytest.raises(ValueError, match="27 enterprises cannot be cut into 2 to 2"):
        solve(problem)


def test_large_blocks_need_no_full_matrix():
    """Above the cached size costs are computed on the way, with the same answer."""
    from gridopt.solvers import prices

    problem = blocks(60, 5, least=15, most=25, target=20)
    cached = prices.Prices(problem)
    fresh = prices.Prices(problem)
    fresh.__dict__["full"] = None
    members, medoids = np.arange(30), np.arange(20, 60, 3)
    assert (
        cached.member_costs(members, medoids) == fresh.member_costs(members, medoids)
    ).all()


def test_far_grids_are_offered_where_near_ones_are_full():
    """Arcs are widened beyond the near grids until the band can be kept."""
    from gridopt.solvers.assignment import assign
    from gridopt.solvers.prices import Prices

    points = np.concatenate([np.zeros((400, 2)), [[90000, 90000]] * 5])
    problem = Problem.of_points("crowd", points, n_grids=20)
    medoids = np.concatenate([np.arange(15), np.arange(400, 405)])
    labels = assign(Prices(problem), medoids, np.full(20, NONE))
    sizes = np.bincount(labels, minlength=20)
    assert sizes.min() >= 15 and sizes.max() <= 25


def test_no_room_is_said_not_raised():
    """The flow answers with nothing where taken places leave no room."""
    from gridopt.solvers.assignment import Arcs, assign, flow
    from gridopt.solvers.prices import Prices

    problem = Problem.of_points("full", np.zeros((30, 2)), n_grids=2)
    offers = Arcs(np.arange(4), np.zeros(4, dtype=int), np.zeros(4, dtype=int))
    assert flow(problem, offers, 4, np.array([26, 0])) is None
    placed = np.zeros(30, dtype=np.int64)
    assert assign(Prices(problem), np.array([0, 1]), np.full(2, NONE), placed) is None


def test_unproven_results_have_no_gap():
    """A result without a bound states no gap."""
    result = solve(spread(20, 1))
    assert replace(result, bound=None).gap_share is None


def test_a_draft_takes_nothing_that_is_no_cheaper():
    """A search ends because costs fall: a wrong forecast is named with its block."""
    from gridopt.solvers.flow.draft import Draft
    from gridopt.solvers.ground import Ground

    problem = blocks(60, 3)
    result = solve(problem)
    plan = Plan(result.labels, result.medoids, result.grid_labels)
    draft = Draft(Ground.of_problem(problem), plan)
    same = (draft.groups[:2], draft.medoids[:2].tolist(), [NONE, NONE])
    with pytest.raises(AssertionError, match=f"block {problem.key}: new grids"):
        draft.replace((0, 1), *same)


def test_duals_stay_where_their_sums_are_exact():
    """However far the steps lead, no sum of duals over all grids passes 64 bits."""
    from gridopt.solvers.bound import first_duals
    from gridopt.solvers.flow.dual_ascent import ascend, certify
    from gridopt.solvers.prices import Prices
    from gridopt.solvers.work import Work

    problem = blocks(60, 3)
    result = solve(problem)
    prices = Prices(problem)
    plan = Plan(result.labels, result.medoids, result.grid_labels)
    proof, lists = certify(prices, first_duals(prices, plan))
    far = ascend(prices, proof, lists, (1 << 62, 150), Work()).duals
    assert np.abs(far.pi).max() * problem.n * problem.most <= 1 << 60
    assert dual_bound(problem, far) <= result.cost
