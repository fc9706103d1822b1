"""What each further mover buys: valid plans from forced moves only to free ones."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from test_grids import BLOCK, FIVES, clusters, plan_of, read

from gridopt.archive import read_table, write_frontier
from gridopt.errors import InputError
from gridopt.frontier import (
    FORCED_PRICE_M,
    _is_best,
    _is_knee,
    trace_frontier,
)
from gridopt.grids import make_grids
from gridopt.views import plot_frontier


@pytest.fixture(scope="module")
def frontier():
    """Four clumps whose plan in force mixes them up, at six prices."""
    register = read(clusters(5, [121.20, 121.21, 121.23, 121.30]))
    mixed = [f"{BLOCK}-0{1 + (i // 3) % 4}" for i in range(20)]
    prices = [1, 300, FORCED_PRICE_M, 2000, 1000, 5000]
    return trace_frontier(register, FIVES, plan_of(register, mixed), prices)


def test_dearer_movers_are_fewer_and_ways_longer(frontier):
    """From row to row movers do not fall and ways do not grow, where all is proven."""
    points = frontier.points
    assert (points["status"] == "optimal").all()
    assert points["price_m"].is_monotonic_decreasing
    assert points["n_movers"].is_monotonic_increasing
    assert points["travel_m"].is_monotonic_decreasing
    assert points["n_movers"].nunique() >= 3


def test_every_point_is_a_plan_of_its_own(frontier):
    """Rows count what their plans hold, and each plan keeps the band with a bound."""
    for row, partition in zip(
        frontier.points.itertuples(), frontier.partitions, strict=True
    ):
        plan = partition.enterprises
        moved = plan["grid_id"] != plan["previous_grid_id"]
        assert moved.sum() == row.n_movers + row.n_forced
        assert partition.travel_m == row.travel_m
        assert partition.grids["size"].between(4, 6).all()
        assert partition.bound <= partition.cost


def test_the_ends_are_forced_moves_and_a_fresh_cut(frontier):
    """The dearest price moves fewest, the cheapest is as short as a fresh cut."""
    fresh = make_grids(frontier.partitions[0].register, FIVES)
    assert frontier.partitions[-1].travel_m == fresh.travel_m
    assert frontier.points["n_movers"].iloc[0] == frontier.points["n_movers"].min()


def test_the_knee_is_the_row_farthest_below_the_chord():
    """By hand: of (0, 10), (2, 3), (10, 0) the middle one; on a line there is none."""
    movers = np.array([0, 2, 10])
    for travel, knee in (([10.0, 3.0, 0.0], [0, 1, 0]), ([10.0, 8.0, 0.0], [0, 0, 0])):
        found = _is_knee(movers, np.array(travel), np.ones(3, dtype=bool))
        assert found.tolist() == [bool(one) for one in knee]


def test_a_plan_that_another_beats_is_not_best():
    """More movers and longer ways is beaten; of two equal plans the first stays."""
    movers, travel = np.array([0, 3, 3, 5]), np.array([9.0, 4.0, 4.0, 6.0])
    assert _is_best(movers, travel).tolist() == [True, True, False, False]


def test_the_picture_has_a_point_per_plan(frontier):
    """Best plans are joined in the order of movers, and nothing else is drawn there."""
    ax = plot_frontier(frontier)
    x, y = ax.lines[0].get_data()
    best = frontier.points[frontier.points["is_best"]]
    assert sorted(x) == sorted(best["n_movers"])
    assert sorted(y) == sorted(best["travel_m"] / 1000)
    plt.close(ax.figure)


def test_a_frontier_is_written_whole(frontier, tmp_path):
    """Table, picture and each plan; the same bytes a second time."""
    first, second = (
        write_frontier(frontier, tmp_path / name) for name in ("one", "two")
    )
    names = sorted(path.name for path in first.iterdir())
    n = len(frontier.partitions)
    assert names == ["frontier.csv", "frontier.png"] + [
        f"partition-{i:02d}.csv" for i in range(1, n + 1)
    ]
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()
    table = read_table(first / "frontier.csv")
    assert table["n_movers"].astype(int).tolist() == list(frontier.points["n_movers"])


@pytest.mark.parametrize("prices", [[], [0], [-5, 100], [float("nan")], [1e9]])
def test_odd_prices_are_refused(prices):
    """No price, one of 0 or below, none at all or beyond all ways: told with values."""
    register = read(clusters(5, [121.20]))
    plan = plan_of(register, [f"{BLOCK}-01"] * 5)
    with pytest.raises(InputError, match="调整代价应大于 0"):
        trace_frontier(register, FIVES, plan, prices)
