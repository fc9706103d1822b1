"""Who is a member of which grid, and what a partition says of itself as a whole."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gridopt.homes import homes_of
from gridopt.partition import (
    EXCEPTION_COLUMNS,
    Partition,
    count_members,
    gap_share,
    list_members,
    sort_exceptions,
)
from gridopt.problem import GridRules

COLUMNS = ["statistician_id", "grid", "unit", "status"]


def members(rows, *, is_once=True):
    """List the members of firms E0, E1 … given as (person, grid, unit, status)."""
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame.index = pd.Index([f"E{i}" for i in range(len(rows))], name="enterprise_id")
    firms = frame.assign(statistician_name="张" + frame["statistician_id"])
    block = frame["grid"].str.rpartition("-")[0]
    plan = pd.DataFrame({"block_id": block, "grid_id": frame["grid"]})
    register = SimpleNamespace(enterprises=firms)
    told = list_members(register, plan.iloc[::-1], is_once=is_once)
    return told.set_index("person_key")


A1, A2, B1 = "u1-trade-01", "u1-trade-02", "u2-trade-01"
ABOVE, GROOMED = "above_scale", "groomed"


def test_a_person_counts_once_where_most_firms_are():
    """Two firms of three in a grid of another unit: the person belongs there."""
    told = members(
        [("t1", A1, "u1", ABOVE), ("t1", B1, "u2", ABOVE), ("t1", B1, "u2", ABOVE)]
    )
    assert told["grid_id"].to_dict() == {"t1": B1}
    assert told.loc["t1", ["enterprise_id", "unit", "place_unit"]].tolist() == [
        "E1", "u2", "u2"
    ]  # fmt: skip


def test_a_tie_goes_to_the_grid_of_the_smallest_enterprise():
    """As many firms here as there: the smallest id of all decides, not the grid's."""
    told = members(
        [
            ("t1", A2, "u1", ABOVE),
            ("t1", A1, "u1", ABOVE),
            ("t1", A1, "u1", ABOVE),
            ("t1", A2, "u1", ABOVE),
        ]
    )
    assert told["grid_id"].to_dict() == {"t1": A2}
    assert told["enterprise_id"].to_dict() == {"t1": "E0"}


def test_who_is_not_named_counts_per_firm():
    """Firms without a statistician count one person each, keyed by the firm."""
    told = members([("", A1, "u1", ABOVE), ("", A1, "u1", ABOVE), ("t", A1, "u1", "")])
    assert told.index.tolist() == ["enterprise:E0", "enterprise:E1", "t"]
    assert told["person_id"].tolist() == ["", "", "t"]


def test_once_per_firm_counts_every_firm():
    """By choice F8 a person counts once per firm, in the grid of each firm."""
    rows = [("t1", B1, "u2", ABOVE), ("t1", A1, "u1", GROOMED), ("", A1, "u1", ABOVE)]
    told = members(rows, is_once=False)
    assert told["enterprise_id"].tolist() == ["E2", "E0", "E1"]
    assert told["grid_id"].tolist() == [A1, B1, A1]
    assert told["status"].tolist() == [ABOVE, ABOVE, GROOMED]


@pytest.mark.parametrize(
    ("statuses", "status"),
    [((GROOMED, ABOVE), ABOVE), ((ABOVE, GROOMED), ABOVE), ((GROOMED,) * 2, GROOMED)],
)
def test_one_firm_above_scale_is_enough(statuses, status):
    """A person who serves a firm above scale counts so, whichever firm stands first."""
    told = members([("t1", A1, "u1", each) for each in statuses])
    assert told["status"].to_dict() == {"t1": status}


def test_others_do_not_lend_their_status():
    """The status of one person says nothing of the next."""
    told = members([("t1", A1, "u1", ABOVE), ("t2", A1, "u1", GROOMED)])
    assert told["status"].to_dict() == {"t1": ABOVE, "t2": GROOMED}


def test_the_unit_that_appraises_may_have_a_hyphen():
    """The unit is all that stands before the category in the block's id."""
    told = members([("t1", "u-1-trade-01", "place", ABOVE)])
    assert told.loc["t1", ["unit", "place_unit"]].tolist() == ["u-1", "place"]


@pytest.mark.parametrize("seed", range(20))
def test_homes_are_where_most_rows_are(seed):
    """Most rows decide, then the earliest; the first row there stands for all."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 30))
    person = np.unique(rng.integers(4, size=n), return_inverse=True)[1]
    grid = rng.integers(3, size=n)

    def home(one):
        rows = np.flatnonzero(person == one).tolist()
        served = {at: [row for row in rows if grid[row] == grid[at]] for at in rows}
        return min(rows, key=lambda at: (-len(served[at]), served[at][0], at))

    wanted = [home(one) for one in range(person.max() + 1)]
    assert homes_of(person, grid).tolist() == wanted


def test_counting_a_partition_is_listing_its_enterprises(small_outcome):
    """`count_members` reads the partition's own plan; every firm has somebody."""
    partition = small_outcome.partition
    listed = list_members(small_outcome.register, partition.enterprises)
    pd.testing.assert_frame_equal(count_members(partition), listed)
    per_firm = count_members(partition, is_once=False)
    assert sorted(per_firm["enterprise_id"]) == partition.enterprises.index.tolist()
    assert 0 < len(listed) < len(per_firm)
    assert listed["person_key"].is_unique


def partition_of(rows):
    """Make a partition of blocks given as (cost, bound, status)."""
    blocks = pd.DataFrame(rows, columns=["cost", "bound", "status"])
    return Partition(
        register=None,
        rules=GridRules(),
        enterprises=pd.DataFrame(),
        grids=pd.DataFrame({"travel_m": [0.1, 0.2]}),
        blocks=blocks.astype({"bound": "Int64"}),
        exceptions=pd.DataFrame(columns=list(EXCEPTION_COLUMNS)),
        certificates=(),
        small_blocks={},
    )


def test_totals_are_sums_of_blocks():
    """Cost and bound are sums, the gap is that of the sums, metres keep a decimal."""
    whole = partition_of([(1000, 990, "bounded"), (3000, 3000, "optimal")])
    assert (whole.cost, whole.bound, whole.gap_share) == (4000, 3990, 0.0025)
    assert whole.travel_m == 0.3


def test_one_block_without_a_bound_leaves_the_whole_without():
    """No total bound and no gap where a block proves none."""
    whole = partition_of([(1000, None, "feasible"), (3000, 3000, "optimal")])
    assert (whole.bound, whole.gap_share) == (None, None)


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        (["optimal", "optimal"], "optimal"),
        (["optimal", "bounded"], "bounded"),
        (["bounded", "feasible"], "feasible"),
        (["feasible", "interrupted"], "interrupted"),
    ],
)
def test_the_weakest_status_is_told(statuses, status):
    """The whole is no better proven than its weakest block."""
    assert partition_of([(1, 1, each) for each in statuses]).status == status


def test_a_plan_that_costs_nothing_has_no_gap():
    """Gap 0 where the cost is 0; unknown where there is no bound."""
    assert gap_share(0, 0) == 0
    assert gap_share(0, None) is None


def test_exceptions_are_added_in_order():
    """More exceptions are sorted in with the others; the first value is untouched."""
    whole = partition_of([(1, 1, "optimal")])
    rows = pd.DataFrame(
        [
            ("S4", "b", "", "role_vacant", "甲", "x", 0),
            ("P5", "a", "", "leftover", "乙", "y", 1),
        ],
        columns=list(EXCEPTION_COLUMNS),
    )
    more = whole.with_exceptions(rows)
    assert more.exceptions["clause"].tolist() == ["P5", "S4"]
    assert len(whole.exceptions) == 0
    again = more.with_exceptions(rows.iloc[:0])
    pd.testing.assert_frame_equal(again.exceptions, more.exceptions)


def test_exceptions_sort_by_clause_block_grid_and_kind():
    """The order of `exceptions.csv` does not depend on the order they came in."""
    keys = [("P3", "b", "1"), ("P5", "a", "2"), ("P5", "a", "1"), ("P3", "a", "9")]
    rows = pd.DataFrame(keys, columns=["clause", "block_id", "grid_id"])
    told = sort_exceptions(rows)
    assert tuple(told.columns) == EXCEPTION_COLUMNS
    keyed = list(zip(told["clause"], told["block_id"], told["grid_id"], strict=True))
    assert keyed == sorted(keys)
