"""What two outcomes differ in: settings, results to the first, and companions."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from gridopt.comparison import compare_outcomes
from gridopt.errors import InputError

SUMMARY = {
    "n_eligible": 4, "n_blocks": 1, "n_grids": 2, "n_exceptions": 0, "travel_m": 1500.0,
    "gap_share": 0.01, "activity_yuan": 2000, "award_yuan": 300, "total_yuan": 2300,
    "least_yuan": 2000, "most_yuan": 5000,
}  # fmt: skip


def make_outcome(name, grids, choices=None, **summary):
    """Make an outcome of enterprises in grids, given as {enterprise: grid}."""
    plan = pd.DataFrame(
        {"grid_id": grids, "name": {key: f"厂{key}" for key in grids}}
    ).rename_axis("enterprise_id")
    sizes = plan.groupby("grid_id").size().rename("size").to_frame()
    told = {"grids.target": 20, "money.rounding": "floor", **(choices or {})}
    return SimpleNamespace(
        scenario=SimpleNamespace(name=name),
        partition=SimpleNamespace(enterprises=plan, grids=sizes),
        roster=SimpleNamespace(
            members=pd.Series({grid: 1 for grid in sizes.index}),
            needed=pd.DataFrame({"heads_needed": [len(sizes)]}),
        ),
        choices=[
            {"setting": key, "clause": "P5", "label": f"设置{key}", "value": value}
            for key, value in told.items()
        ],
        summary={**SUMMARY, "n_eligible": len(plan), "n_grids": len(sizes), **summary},
    )


BASE = {"A": "g1", "B": "g1", "C": "g1", "D": "g2", "E": "g2"}


def test_companions_by_hand():
    """C goes from A and B to D and E: everybody's companions change, none of names."""
    moved = {"A": "x", "B": "x", "C": "y", "D": "y", "E": "y"}
    told = compare_outcomes([make_outcome("甲", BASE), make_outcome("乙", moved)])
    rows = told.companions.set_index("enterprise_id")
    counts = rows[["n_kept:乙", "n_lost:乙", "n_gained:乙"]].astype(int)
    assert counts.to_dict("index") == {
        "A": {"n_kept:乙": 1, "n_lost:乙": 1, "n_gained:乙": 0},
        "B": {"n_kept:乙": 1, "n_lost:乙": 1, "n_gained:乙": 0},
        "C": {"n_kept:乙": 0, "n_lost:乙": 2, "n_gained:乙": 2},
        "D": {"n_kept:乙": 1, "n_lost:乙": 0, "n_gained:乙": 1},
        "E": {"n_kept:乙": 1, "n_lost:乙": 0, "n_gained:乙": 1},
    }
    assert rows.loc["C", ["name", "grid_id:甲", "grid_id:乙"]].tolist() == [
        "厂C", "g1", "y"
    ]  # fmt: skip


def test_new_names_of_the_same_grids_change_nobody():
    """Companions count, not ids."""
    renamed = {key: grid.upper() for key, grid in BASE.items()}
    told = compare_outcomes([make_outcome("甲", BASE), make_outcome("乙", renamed)])
    assert len(told.companions) == 0


def test_who_is_in_one_register_only_is_listed():
    """An enterprise that the other register lacks has no counts, but is listed."""
    fewer = {key: grid for key, grid in BASE.items() if key != "E"}
    more = {**BASE, "F": "g1"}
    told = compare_outcomes([make_outcome("甲", BASE), make_outcome("乙", fewer)])
    rows = told.companions.set_index("enterprise_id")
    assert rows.index.tolist() == ["D", "E"]
    assert rows.loc["D", "n_lost:乙"] == 1
    assert pd.isna(rows.loc["E", "n_lost:乙"])
    assert pd.isna(rows.loc["E", "grid_id:乙"])
    told = compare_outcomes([make_outcome("甲", BASE), make_outcome("乙", more)])
    rows = told.companions.set_index("enterprise_id")
    assert rows.index.tolist() == ["A", "B", "C", "F"]
    assert rows["name"].tolist() == ["厂A", "厂B", "厂C", "厂F"]


def test_settings_that_differ_are_listed():
    """Only what differs, in the order of the settings, unset as empty."""
    other = {"grids.target": 15, "grids.area_price_m": None}
    one = make_outcome("甲", BASE, {"grids.area_price_m": 0})
    told = compare_outcomes([one, make_outcome("乙", BASE, other)]).inputs
    assert told.to_dict("list") == {
        "setting": ["grids.target", "grids.area_price_m"],
        "clause": ["P5", "P5"],
        "label": ["设置grids.target", "设置grids.area_price_m"],
        "甲": ["20", "0"],
        "乙": ["15", ""],
    }


def test_differences_are_to_the_first():
    """Three outcomes: each difference is to the baseline, not to its neighbour."""
    three = [
        make_outcome("甲", BASE, travel_m=1500.0, total_yuan=2300),
        make_outcome("乙", BASE, travel_m=1250.0, total_yuan=2000),
        make_outcome("丙", BASE, travel_m=3000.0, total_yuan=2300, gap_share=None),
    ]
    rows = compare_outcomes(three).results.set_index("measure")
    assert rows.loc["total_yuan", ["甲", "乙", "丙"]].tolist() == [2300, 2000, 2300]
    assert rows.loc["total_yuan", "difference:乙"] == -300
    assert rows.loc["total_yuan", "difference:丙"] == 0
    assert rows.loc["travel_km", ["甲", "difference:乙", "difference:丙"]].tolist() == [
        1.5, -0.25, 1.5
    ]  # fmt: skip
    assert rows.loc["gap_percent", "甲"] == 1.0
    assert rows.loc["gap_percent", "difference:丙"] is None
    assert "difference:甲" not in rows


def test_sizes_people_and_means_are_measured():
    """Mean, least and most size, people and heads come from the plan itself."""
    moved = {**BASE, "D": "g1"}
    rows = compare_outcomes([make_outcome("甲", BASE), make_outcome("乙", moved)])
    told = rows.results.set_index("measure")["乙"].to_dict()
    assert (told["size_mean"], told["size_least"], told["size_most"]) == (2.5, 1, 4)
    assert (told["n_members"], told["heads_needed"]) == (2, 2)
    assert told["travel_mean_m"] == 300


def test_the_same_name_gets_a_number():
    """Files of the same name are told apart, also where the number is taken."""
    same = [make_outcome(name, BASE) for name in ("a", "a", "a-2", "a")]
    assert compare_outcomes(same).names == ("a", "a-2", "a-2-2", "a-3")


def test_one_outcome_is_no_comparison():
    """Fewer than two are refused in words."""
    with pytest.raises(InputError, match="至少需要两个情景，现有 1 个"):
        compare_outcomes([make_outcome("甲", BASE)])


def test_it_speaks():
    """The printed form tells inputs, results and the number of changed companions."""
    text = str(compare_outcomes([make_outcome("甲", BASE), make_outcome("乙", BASE)]))
    assert "设置不同之处（0 项）" in text
    assert "以 甲 为基准情景" in text
    assert "同格企业有变化的：0 家" in text
