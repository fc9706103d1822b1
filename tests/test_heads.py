"""What must hold of the heads' shares and of the matching of people to posts."""

from __future__ import annotations

from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridopt.solvers.heads import NONE, assign_heads
from gridopt.solvers.matching import match_people


def distances_between(points: np.ndarray) -> np.ndarray:
    """Measure straight lines, rounded to whole numbers."""
    gaps = np.asarray(points)[:, None, :] - np.asarray(points)[None, :, :]
    return np.floor(np.hypot(gaps[..., 0], gaps[..., 1]) + 0.5).astype(np.int64)


def worth(table: np.ndarray, heads: tuple[int, ...], n_heads: int) -> tuple[int, ...]:
    """Vacancies, largest load and metres of one plan, as the document ranks them."""
    loads = [sum(head == h for head in heads) for h in range(n_heads)]
    metres = sum(
        int(table[i, j])
        for i, j in combinations(range(len(heads)), 2)
        if heads[i] == heads[j] != NONE
    )
    return sum(head == NONE for head in heads), max(loads, default=0), metres


def best_by_trying_all(table: np.ndarray, limits: list[int]) -> tuple[int, ...]:
    """Try every plan."""
    people = [NONE, *range(len(limits))]
    allowed = (
        plan
        for plan in product(people, repeat=len(table))
        if all(
            most == NONE or sum(head == h for head in plan) <= most
            for h, most in enumerate(limits)
        )
    )
    return min(worth(table, plan, len(limits)) for plan in allowed)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=0, max_size=5),
    st.lists(st.sampled_from([NONE, 0, 1, 2, 3]), min_size=0, max_size=3),
)
def test_all_three_levels_equal_brute_force(points, limits):
    """Vacancies, then largest load, then metres are the least of all plans."""
    table = distances_between(np.array(points).reshape(-1, 2))
    plan = assign_heads(table, limits)
    expected = best_by_trying_all(table, limits)
    assert (plan.n_vacant, plan.largest_load, plan.distance) == expected
    assert worth(table, tuple(plan.heads.tolist()), len(limits)) == expected
    assert plan.status == "optimal"
    assert plan.bound == plan.distance


def best_with_a_past(table, limits, before) -> tuple[int, ...]:
    """Try every plan: vacancies, heads not kept, largest load, metres."""
    plans = product([NONE, *range(len(limits))], repeat=len(table))
    return min(
        worth_with_a_past(table, plan, limits, before)
        for plan in plans
        if all(
            most == NONE or plan.count(head) <= most for head, most in enumerate(limits)
        )
    )


def worth_with_a_past(table, plan, limits, before) -> tuple[int, ...]:
    """Rank one plan as `assign_heads` is to rank it."""
    n_vacant, largest, metres = worth(table, plan, len(limits))
    n_kept = sum(now == was != NONE for now, was in zip(plan, before, strict=True))
    return n_vacant, -n_kept, largest, metres


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=0, max_size=5),
    st.lists(st.sampled_from([NONE, 0, 1, 2, 3]), min_size=0, max_size=3),
    st.randoms(use_true_random=False),
)
def test_heads_who_can_stay_stay_as_brute_force_says(points, limits, random):
    """Vacancies, then people kept, then load and metres are the best of all plans."""
    table = distances_between(np.array(points).reshape(-1, 2))
    before = [random.randrange(NONE, len(limits)) for _ in points]
    plan = assign_heads(table, limits, previous=before)
    expected = best_with_a_past(table, limits, before)
    found = (plan.n_vacant, -plan.n_kept, plan.largest_load, plan.distance)
    assert found == expected
    named = tuple(plan.heads.tolist())
    assert worth_with_a_past(table, named, limits, before) == expected
    assert plan.status == "optimal"
    assert plan.bound == plan.distance


def test_a_head_keeps_more_than_an_even_share():
    """Who led four of six grids still does: an even load is worth less than that."""
    table = distances_between(np.arange(12).reshape(-1, 2) ** 2)
    plan = assign_heads(table, [NONE, NONE], previous=[0, 0, 0, 0, NONE, NONE])
    assert plan.heads.tolist() == [0, 0, 0, 0, 1, 1]
    assert (plan.n_kept, plan.largest_load, plan.status) == (4, 4, "optimal")


def test_a_large_unit_keeps_its_heads_too():
    """Above the size that can be proven everybody stays, and only gaps are filled."""
    table = distances_between(np.random.default_rng(1).integers(0, 80_000, (60, 2)))
    first = assign_heads(table, [NONE] * 20)
    before = first.heads.copy()
    again = assign_heads(table, [NONE] * 20, previous=before)
    assert again.heads.tolist() == before.tolist()
    assert again.status == "optimal"  # nothing was left to choose
    before[[7, 30]] = NONE
    filled = assign_heads(table, [NONE] * 20, previous=before)
    assert (filled.n_vacant, filled.n_kept) == (0, 58)


@pytest.mark.parametrize("previous", [[0], [0, 2], [-2, 0]])
def test_a_past_of_strangers_is_refused(previous):
    """A former head per grid is one of the heads, or none."""
    with pytest.raises(ValueError, match="one of 2 heads or -1 for each of 2 grids"):
        assign_heads(np.zeros((2, 2)), [NONE, NONE], previous=previous)


def test_limits_and_loads_hold():
    """Nobody leads more than the own limit, and a limit of 0 leads nothing."""
    table = distances_between(np.random.default_rng(3).integers(0, 900, (11, 2)))
    plan = assign_heads(table, [0, 2, NONE, 3])
    loads = np.bincount(plan.heads, minlength=4)
    assert plan.n_vacant == 0
    assert loads.tolist()[:2] == [0, 2]
    assert loads[3] <= 3
    assert loads.sum() == 11
    assert plan.largest_load == loads.max() == 6


def test_vacancies_come_before_an_even_load():
    """A grid is given to a head with room even where that makes the load uneven."""
    plan = assign_heads(np.zeros((5, 5), dtype=int), [1, NONE])
    assert plan.n_vacant == 0
    assert plan.largest_load == 4


def test_search_beats_the_fill_in_order():
    """The plan is better than giving each grid in turn to the nearest with room."""
    table = distances_between(np.random.default_rng(24).integers(0, 80_000, (24, 2)))
    plan = assign_heads(table, [NONE] * 8)
    in_turn = worth(table, tuple(g // 3 for g in range(24)), 8)
    assert plan.status == "optimal"
    assert plan.distance == plan.bound < in_turn[2]
    assert plan.largest_load == 3


@pytest.mark.parametrize("effort", [0.0, 1e-6])
def test_without_effort_the_plan_is_feasible_and_says_so(effort):
    """Cut short, the search still gives a valid plan with an honest bound."""
    table = distances_between(np.random.default_rng(9).integers(0, 80_000, (24, 2)))
    short = assign_heads(table, [NONE] * 5, effort=effort)
    full = assign_heads(table, [NONE] * 5)
    assert full.status == "optimal"
    assert short.bound <= full.distance <= short.distance
    assert (short.status == "optimal") == (short.bound == short.distance)
    assert short.largest_load == full.largest_load == 5


def test_large_unit_is_feasible_with_a_bound():
    """Above the size that can be proven there is a plan, a bound and `feasible`."""
    table = distances_between(np.random.default_rng(1).integers(0, 80_000, (60, 2)))
    plan = assign_heads(table, [NONE] * 20)
    assert plan.status == "feasible"
    assert 0 < plan.bound < plan.distance
    assert plan.largest_load == 3
    assert worth(table, tuple(plan.heads.tolist()), 20) == (0, 3, plan.distance)


def test_same_input_same_plan():
    """Two runs agree in every head."""
    table = distances_between(np.random.default_rng(5).integers(0, 9000, (15, 2)))
    first, second = (assign_heads(table, [NONE, 4, NONE]) for _ in range(2))
    assert first.heads.tolist() == second.heads.tolist()
    assert not first.heads.flags.writeable


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (np.zeros((2, 3)), r"square, not of shape \(2, 3\)"),
        (np.array([[0, 1], [2, 0]]), "symmetric"),
        (np.array([[0, -1], [-1, 0]]), "not negative"),
    ],
)
def test_wrong_tables_are_refused(table, words):
    """A table of distances that is none raises and says what it should be."""
    with pytest.raises(ValueError, match=words):
        assign_heads(table, [NONE])


def best_matching(pairs: dict, limits: list[int], n_posts: int) -> tuple[int, ...]:
    """Try every matching."""
    people = [NONE, *range(len(limits))]
    found = []
    for plan in product(people, repeat=n_posts):
        held = [(post, p) for post, p in enumerate(plan) if p != NONE]
        loads = [sum(p == q for q in plan) for p in range(len(limits))]
        is_in = all(m in (NONE,) or n <= m for n, m in zip(loads, limits, strict=True))
        if is_in and all(pair in pairs for pair in held):
            cost = sum(pairs[pair] for pair in held)
            found.append((plan.count(NONE), cost, max(loads, default=0)))
    return min(found)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.integers(0, 4), st.integers(0, 2)), st.integers(0, 3), max_size=12
    ),
    st.lists(st.sampled_from([NONE, 0, 1, 2]), min_size=3, max_size=3),
)
def test_matching_equals_brute_force(pairs, limits):
    """Fewest vacant posts, then least cost, then lowest largest load."""
    rows = [(post, person, cost) for (post, person), cost in sorted(pairs.items())]
    posts, people, costs = np.array(rows, dtype=int).reshape(-1, 3).T
    found = match_people(posts, people, costs, limits, n_posts=5)
    expected = best_matching(pairs, limits, 5)
    assert (found.n_vacant, found.cost, found.largest_load) == expected
    held = [(post, p) for post, p in enumerate(found.people.tolist()) if p != NONE]
    assert all(pair in pairs for pair in held)


def test_order_of_grids_changes_no_worth():
    """The three levels do not depend on how the grids are numbered."""
    points = np.random.default_rng(8).integers(0, 500, (4, 2))
    plans = [
        assign_heads(distances_between(points[list(order)]), [NONE, 2])
        for order in permutations(range(4))
    ]
    assert len({(p.n_vacant, p.largest_load, p.distance) for p in plans}) == 1
