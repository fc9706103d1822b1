"""What two outcomes differ in: settings, results to the first, and companions."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from gridopt.appraisal.outlook import look_ahead
from gridopt.comparison import compare_outcomes
from gridopt.errors import InputError
from gridopt.outcome import run_scenario

SUMMARY = {
    "n_eligible": 4, "n_blocks": 1, "n_grids": 2, "n_exceptions": 0, "travel_m": 1500.0,
    "gap_share": 0.01, "activity_yuan": 2000, "award_yuan": 300, "total_yuan": 2300,
    "least_yuan": 2000, "most_yuan": 5000, "arrears_paid_yuan": 0,
    "n_movers": None, "n_forced": None,
}  # fmt: skip


def people_needed(n_grids):
    """Say that each grid needs a head and has every other post vacant."""
    vacant = ("n_vacant_heads", "n_vacant_deputies", "n_vacant_instructors")
    return pd.DataFrame({"heads_needed": [n_grids], **dict.fromkeys(vacant, 1)})


def make_money(total_yuan=2300):
    """Make a budget of one township and the finance office, with nobody to appraise."""
    lines = {"payer": ["331083001", "czj", ""], "amount_yuan": [2000, 290, 10]}
    lines["amount_yuan"][1] += total_yuan - 2300
    return SimpleNamespace(lines=pd.DataFrame(lines), counts=None, settlement=None)


def make_outcome(name, grids, choices=None, register="r", clauses=(), **summary):
    """Make an outcome of enterprises in grids, given as {enterprise: grid}."""
    plan = pd.DataFrame(
        {"grid_id": grids, "name": {key: f"厂{key}" for key in grids}}
    ).rename_axis("enterprise_id")
    sizes = plan.groupby("grid_id").size().rename("size").to_frame()
    told = {"grids.target": 20, "money.rounding": "floor", **(choices or {})}
    return SimpleNamespace(
        scenario=SimpleNamespace(name=name),
        register=SimpleNamespace(sha256=register, units=None, is_synthetic=False),
        partition=SimpleNamespace(
            enterprises=plan,
            grids=sizes,
            exceptions=pd.DataFrame({"clause": clauses}),
        ),
        clauses=pd.DataFrame({"status": ["met", *["departed"] * len(set(clauses))]}),
        budget=make_money(summary.get("total_yuan", 2300)),
        roster=SimpleNamespace(
            members=pd.Series({grid: 1 for grid in sizes.index}),
            needed=people_needed(len(sizes)),
        ),
        choices=[
            {
                "setting": key,
                "clause": "P5",
                "label": f"设置{key}",
                "value": value,
                "value_zh": str(value),
            }
            for key, value in told.items()
        ],  # fmt: skip
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


def test_movers_are_measured_where_a_plan_was_in_force(small_outcome) -> None:
    """Who changed grid has a line in the comparison, unknown without a plan."""
    fresh = compare_outcomes([small_outcome, small_outcome]).results
    assert not {"n_movers", "n_forced"} & set(fresh["measure"])
    again = run_scenario(
        small_outcome.register,
        replace(small_outcome.scenario, name="再"),
        small_outcome,
    )
    told = compare_outcomes([again, small_outcome]).results.set_index("measure")
    assert told.loc["n_movers", ["再", "small"]].tolist() == [0, None]
    assert told.loc["n_forced", "unit_of_measure"] == "enterprises"
    # nothing comes between a sum and its parts
    keys = [key.partition(":")[0] for key in told.index]
    for part, whole in (("exceptions", "n_exceptions"), ("payer_yuan", "total_yuan")):
        n, first = keys.count(part), keys.index(whole)
        assert n
        assert keys[first : first + 1 + n] == [whole, *[part] * n]


def test_sizes_people_and_means_are_measured():
    """Mean, least and most size, people and heads come from the plan itself."""
    moved = {**BASE, "D": "g1"}
    rows = compare_outcomes([make_outcome("甲", BASE), make_outcome("乙", moved)])
    told = rows.results.set_index("measure")["乙"].to_dict()
    assert (told["size_mean"], told["size_least"], told["size_most"]) == (2.5, 1, 4)
    assert (told["n_members"], told["heads_needed"]) == (2, 2)
    assert told["travel_mean_m"] == 300


def test_exceptions_and_payers_have_lines_of_their_own():
    """Clause by clause and payer by payer; who is not there counts as 0."""
    one = make_outcome("甲", BASE, clauses=["P5", "P3", "P5"])
    two = make_outcome("乙", BASE, clauses=["P8"], total_yuan=3300)
    told = compare_outcomes([one, two]).results.set_index("measure")
    rows = told.loc[["exceptions:P3", "exceptions:P5", "exceptions:P8", "n_departed"]]
    assert rows[["甲", "乙", "difference:乙"]].to_numpy().tolist() == [
        [1, 0, -1], [2, 0, -2], [0, 1, 1], [2, 1, -1],
    ]  # fmt: skip
    payers = told[told.index.str.startswith("payer_yuan:")]
    assert payers["label"].tolist() == [
        "其中：承担单位未定", "其中：331083001", "其中：市财政局"
    ]  # fmt: skip
    assert payers["甲"].tolist() == [10, 2000, 290]
    assert payers["difference:乙"].tolist() == [0, 0, 1000]
    assert payers["乙"].sum() == told.loc["total_yuan", "乙"]
    assert told.loc["award_p95_yuan", ["甲", "difference:乙"]].tolist() == [None, None]


def test_arrears_stand_before_the_total_that_holds_them():
    """Where one outcome pays earlier years it has a line, and the parts add up."""
    one = make_outcome("甲", BASE)
    two = make_outcome("乙", BASE, arrears_paid_yuan=40, total_yuan=2340)
    told = compare_outcomes([one, two]).results.set_index("measure")
    parts = ["activity_yuan", "award_yuan", "arrears_yuan"]
    at = told.index.get_loc("total_yuan")
    assert told.index[at - 3 : at].tolist() == parts
    assert told.loc["arrears_yuan", ["甲", "乙", "difference:乙"]].tolist() == [
        0, 40, 40
    ]  # fmt: skip
    for column in ("甲", "乙"):
        assert told.loc[parts, column].sum() == told.loc["total_yuan", column]
    assert "arrears_yuan" not in set(compare_outcomes([one, one]).results["measure"])


@pytest.mark.parametrize("baseline", [1, "乙"])
def test_differences_are_to_any_baseline(baseline):
    """By position or by name; companions are counted against it, too."""
    moved = {"A": "x", "B": "x", "C": "y", "D": "y", "E": "y"}
    three = [
        make_outcome("甲", BASE, total_yuan=2300),
        make_outcome("乙", moved, total_yuan=2000),
        make_outcome("丙", moved, total_yuan=2500),
    ]
    told = compare_outcomes(three, baseline)
    assert (told.base_name, told.others) == ("乙", ("甲", "丙"))
    total = told.results.set_index("measure").loc["total_yuan"]
    assert total[["difference:甲", "difference:丙"]].tolist() == [300, 500]
    assert "difference:乙" not in told.results
    rows = told.companions.set_index("enterprise_id")
    assert rows.loc["C", ["n_lost:甲", "n_gained:甲", "n_lost:丙"]].tolist() == [
        2,
        2,
        0,
    ]
    assert "基准情景：乙" in str(told)


@pytest.mark.parametrize("baseline", ["丁", 2, -1])
def test_an_unknown_baseline_is_refused(baseline):
    """The sentence lists what there is."""
    two = [make_outcome("甲", BASE), make_outcome("乙", BASE)]
    with pytest.raises(InputError, match=f"没有基准情景“{baseline}”.*可选：甲、乙"):
        compare_outcomes(two, baseline)


def test_outcomes_of_different_registers_are_refused():
    """Their figures differ for that alone: which is of which is said."""
    mixed = [
        make_outcome("甲", BASE, register="a"),
        make_outcome("乙", BASE, register="b"),
        make_outcome("丙", BASE, register="a"),
    ]
    with pytest.raises(InputError) as refusal:
        compare_outcomes(mixed)
    assert "3 个情景用了 2 份不同的名录" in refusal.value.message_zh
    assert "名录1：甲、丙；名录2：乙" in refusal.value.message_zh
    assert "--register" in refusal.value.message_en


def test_the_safe_bill_is_that_of_the_exact_distribution(small_outcome):
    """Measured on a real outcome: the 95 % quantile, and payers that add up."""
    told = compare_outcomes([small_outcome, small_outcome]).results
    told = told.set_index("measure")[small_outcome.scenario.name]
    budget = small_outcome.budget
    bill = look_ahead(budget.counts, budget.rules).distribution
    assert told["award_p95_yuan"] == bill.quantile(0.95)
    assert budget.award_yuan < told["award_p95_yuan"] <= bill.most_yuan
    payers = told[told.index.str.startswith("payer_yuan:")]
    assert payers.sum() == budget.total_yuan
    clauses = told[told.index.str.startswith("exceptions:")]
    assert clauses.sum() == told["n_exceptions"] > 0


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
    assert "设置不同之处：无" in text
    assert "基准情景：甲" in text
    assert "同格企业有变化的：0家" in text
