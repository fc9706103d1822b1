"""What the cut does to the bill: two causes that add up, the golden grids of C13."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gridopt.appraisal.cuts import compare_cuts
from gridopt.appraisal.model import PassModel
from gridopt.awards import AwardRules, settle_awards
from gridopt.errors import InputError

C13 = (263, 211, 187, 219, 138, 61, 73, 109, 47, 7, 5, 122, 58)


def cut_units(sizes: tuple[int, ...], target: int) -> pd.DataFrame:
    """Cut each unit into grids as equal as possible, as the running example does."""
    rows = []
    for unit, m in enumerate(sizes):
        g = max(1, (2 * m + target) // (2 * target))
        for i in range(g):
            rows.append((f"u{unit:02d}", f"u{unit:02d}-{i:02d}", m // g + (i < m % g)))
    return pd.DataFrame(rows, columns=["unit", "grid_id", "members"])


@pytest.mark.parametrize(
    ("rounding", "golden"),
    [
        ("cum_half_up", 1_839_000),
        ("ceil_top", 1_914_000),
        ("floor_unfilled", 1_557_000),
        ("largest_remainder_low", 1_783_000),
    ],
)
def test_grid_pools_of_the_running_example(rounding: str, golden: int) -> None:
    """76 grids with grid floors at 80 %: 1,220 qualified, and the table's bills."""
    rules = AwardRules(
        pool="grid", floor_level="grid", pass_percent=0, rounding=rounding
    )
    cuts = {"20家": cut_units(C13, 20)}
    row = compare_cuts(cuts, rules).iloc[0]
    assert (row["n_pools"], row["qualified"]) == (76, 1220)
    assert row["exact_yuan"] == 1_830_000
    assert row["amount_yuan"] == golden


def test_differences_add_up_and_are_explained() -> None:
    """Topping up and rounding are the whole difference, for any targets."""
    rules = AwardRules(pool="grid", floor_level="grid", pass_percent=80)
    cuts = {f"{t}家": cut_units(C13, t) for t in (20, 15, 30, 10)}
    table = compare_cuts(cuts, rules)
    base = table["amount_yuan"].iloc[0]
    assert (table["difference_yuan"] == table["amount_yuan"] - base).all()
    parts = table["topped_difference_yuan"] + table["rounding_difference_yuan"]
    assert (parts == table["difference_yuan"]).all()
    assert table["why_zh"].iloc[0] == "对照方案"
    for _, row in table.iloc[1:].iterrows():
        assert ("合格人数" in row["why_zh"]) == (row["topped_difference_yuan"] != 0)
    for name, counts in cuts.items():
        bill = settle_awards(counts, rules).amount_yuan
        assert table.set_index("cut").at[name, "amount_yuan"] == bill


def test_unit_pools_do_not_feel_the_cut() -> None:
    """With pools and floors by unit every cut costs the same."""
    cuts = {f"{t}家": cut_units(C13, t) for t in (20, 15)}
    table = compare_cuts(cuts, AwardRules())
    assert table["difference_yuan"].tolist() == [0, 0]
    assert table["why_zh"].iloc[1] == "与对照方案相同"


def test_chances_stand_beside_the_plan() -> None:
    """With a model the expected bill lies between the bounds, P95 above it."""
    rules = AwardRules(pool="grid", floor_level="grid")
    cuts = {f"{t}家": cut_units(C13[:4], t) for t in (20, 10)}
    table = compare_cuts(cuts, rules, PassModel(0.9, 0.5, 0.3))
    assert (table["p95_yuan"] > table["mean_yuan"]).all()
    # smaller grids are topped up more often
    assert np.diff(table["mean_yuan"])[0] > 0


def test_other_members_are_no_other_cut() -> None:
    """Cuts of different registers cannot be held against each other."""
    one, two = cut_units(C13, 20), cut_units(C13[1:], 20)
    with pytest.raises(InputError, match="人数不同"):
        compare_cuts({"甲": one, "乙": two})
