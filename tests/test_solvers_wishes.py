"""Hard wishes: kept where they can be, named where they cannot."""

from __future__ import annotations

import numpy as np
import pytest
from test_solvers import QUICK, assert_valid, blocks, brute_force, spread

from gridopt.solvers import Contradiction, feasible_counts, solve
from gridopt.solvers.contradictions import unplaced


def clashes(problem):
    """Contradictions found before solving."""
    with pytest.raises(Contradiction) as caught:
        feasible_counts(problem)
    assert str(caught.value)
    return caught.value.clashes


def test_fixed_twice_is_named():
    """An enterprise that is to be in two grids is named with both."""
    (clash,) = clashes(blocks(8, 1, fixed=np.array([[3, 0], [3, 1]])))
    assert (clash.kind, clash.enterprises, clash.labels) == (
        "fixed_twice",
        (3,),
        (0, 1),
    )


def test_fixed_and_forbidden_is_named():
    """An enterprise may not be fixed to a grid it is barred from."""
    pair = np.array([[2, 1]])
    (clash,) = clashes(blocks(8, 1, fixed=pair, forbidden=pair.copy()))
    assert (clash.kind, clash.enterprises) == ("fixed_and_forbidden", (2,))


def test_linked_and_parted_is_named():
    """Linked over a third enterprise and parted: both are named."""
    (clash,) = clashes(
        blocks(
            8, 1, must_link=np.array([[0, 1], [1, 2]]), cannot_link=np.array([[2, 0]])
        )
    )
    assert (clash.kind, clash.enterprises) == ("linked_and_parted", (0, 2))


def test_too_many_linked_are_named():
    """More linked enterprises than a grid may hold are all named."""
    chain = np.stack([np.arange(4), np.arange(1, 5)], axis=1)
    (clash,) = clashes(blocks(8, 1, must_link=chain))
    assert (clash.kind, clash.enterprises) == ("too_many_linked", (0, 1, 2, 3, 4))


def test_linked_but_fixed_apart_is_named():
    """Linked enterprises fixed to different grids are named with the grids."""
    (clash,) = clashes(
        blocks(8, 1, must_link=np.array([[4, 5]]), fixed=np.array([[4, 0], [5, 1]]))
    )
    assert (clash.kind, clash.labels) == ("linked_fixed_apart", (0, 1))


def test_too_many_fixed_are_named():
    """More enterprises fixed to a grid than it may hold are named."""
    fixed = np.stack([np.arange(5), np.zeros(5, dtype=int)], axis=1)
    (clash,) = clashes(blocks(8, 1, fixed=fixed))
    assert (clash.kind, clash.enterprises) == ("too_many_fixed", (0, 1, 2, 3, 4))


def test_too_many_labels_are_named():
    """More grids asked for by name than may be cut are named."""
    problem = blocks(
        8, 1, n_grids=2, n_labels=3, fixed=np.array([[0, 0], [1, 1], [2, 2]])
    )
    (clash,) = clashes(problem)
    assert (clash.kind, clash.labels) == ("too_many_labels", (0, 1, 2))


def test_all_plain_contradictions_come_at_once():
    """Nobody has to solve contradictions one by one."""
    problem = blocks(
        8,
        1,
        fixed=np.array([[3, 0], [3, 1]]),
        must_link=np.array([[0, 1]]),
        cannot_link=np.array([[0, 1]]),
    )
    assert {clash.kind for clash in clashes(problem)} == {
        "fixed_twice",
        "linked_and_parted",
    }


def test_a_packing_contradiction_names_only_its_own():
    """Three enterprises kept apart do not fit into two grids; others are not named."""
    problem = blocks(
        8, 1, n_grids=2, cannot_link=np.array([[0, 1], [1, 2], [0, 2], [5, 6]])
    )
    (clash,) = clashes(problem)
    assert (clash.kind, clash.enterprises) == ("together", (0, 1, 2))


def test_a_forbidden_contradiction_names_its_labels():
    """Barred from both grids that others are fixed to: all wishes are named."""
    problem = blocks(
        8,
        1,
        n_grids=2,
        fixed=np.array([[0, 0], [1, 1]]),
        forbidden=np.array([[2, 0], [2, 1]]),
    )
    (clash,) = clashes(problem)
    assert (clash.enterprises, clash.labels) == ((0, 1, 2), (0, 1))


def test_counts_that_wishes_rule_out_are_left():
    """Where three have to be apart two grids are no choice, three are."""
    problem = blocks(
        8, 1, n_grids=(2, 4), cannot_link=np.array([[0, 1], [1, 2], [0, 2]])
    )
    assert feasible_counts(problem) == [3, 4]


def test_links_in_a_real_block_are_kept():
    """Thirty links in a block of 150 leave a plan that keeps them all."""
    random = np.random.default_rng(4)
    ends = random.permutation(150)[:60].reshape(30, 2)
    problem = spread(150, 14, must_link=ends[:15], cannot_link=ends[15:])
    result = solve(problem, effort=QUICK)
    assert_valid(problem, result)


def test_many_links_between_two_grids_stay_valid():
    """More linked items in two grids than are tried on both sides stay pinned."""
    pairs = np.arange(24).reshape(12, 2)
    problem = spread(40, 15, must_link=pairs[:8], cannot_link=pairs[8:])
    assert_valid(problem, solve(problem, effort=QUICK))


def test_links_and_labels_together():
    """Links, fixed and forbidden grids are all kept in a block with a past."""
    previous = np.arange(100) % 5
    problem = spread(
        100,
        16,
        previous=previous,
        n_labels=5,
        mover_price=100,
        fixed=np.array([[0, 4], [7, 2]]),
        forbidden=np.array([[3, 3], [9, 4]]),
        must_link=np.array([[0, 1], [20, 60]]),
        cannot_link=np.array([[1, 9]]),
    )
    assert_valid(problem, solve(problem, effort=QUICK))


def test_everybody_in_wishes_is_still_cut():
    """A block in which every enterprise is linked is a pure packing question."""
    pairs = np.arange(8).reshape(4, 2)
    problem = blocks(8, 17, n_grids=2, must_link=pairs)
    result = solve(problem, effort=QUICK)
    assert_valid(problem, result)
    assert result.cost == brute_force(problem)


def test_barred_from_every_previous_grid_makes_a_new_one():
    """Whoever is forbidden all previous grids gets a grid that carries none on."""
    barred = np.array([[0, p] for p in range(5)])
    problem = spread(
        100,
        18,
        previous=np.arange(100) % 5,
        n_labels=5,
        mover_price=100,
        forbidden=barred,
    )
    result = solve(problem, effort=QUICK)
    assert_valid(problem, result)
    assert result.grid_labels[result.labels[0]] == -1


def test_room_not_found_names_all_who_are_bound():
    """Should the search for room run dry, everybody bound is named, none guessed."""
    problem = blocks(8, 1, must_link=np.array([[1, 4]]))
    assert unplaced(problem).enterprises == (1, 4)
