"""What the cut into grids itself does to the bill, and why (F5 to F7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.appraisal.distribution import bill_distribution
from gridopt.awards.rules import AwardRules
from gridopt.awards.settlement import settle_awards
from gridopt.errors import InputError
from gridopt.partition import count_members

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridopt.appraisal.model import PassModel
    from gridopt.partition import Partition

COLUMNS = (
    *("cut", "n_pools", "members", "passed", "qualified"),
    *("exact_yuan", "rounding_yuan", "amount_yuan"),
    *("topped_difference_yuan", "rounding_difference_yuan", "difference_yuan"),
    *("mean_yuan", "p95_yuan", "why_zh"),
)


def compare_cuts(
    cuts: Mapping[str, Partition | pd.DataFrame],
    rules: AwardRules | None = None,
    model: PassModel | None = None,
) -> pd.DataFrame:
    """Compare what partitions of the same members cost, and take the gap apart.

    A bill is the exact price of its qualified people plus what rounding adds. So two
    bills differ by two causes and no third: how many are topped up to the floor, pool
    by pool, and what rounding makes of each pool.

    Parameters
    ----------
    cuts
        Partitions by name, or tables `unit, grid_id, members`; the first is what the
        others are held against.
    rules
        The choices in force; the cut matters where pool or floor level is the grid.
    model
        Where given, expected bill and 95 % quantile stand beside the planned case,
        where they can be reckoned exactly.

    Returns
    -------
    DataFrame
        One row per cut, columns `COLUMNS`. `exact_yuan` is q times the mean prize,
        in whole yuan rounded down; the three differences to the first cut add up.

    Raises
    ------
    InputError
        Where the cuts have different numbers of members.

    Examples
    --------
    >>> rules = AwardRules(pool="grid", floor_level="grid", pass_percent=80)
    >>> few = pd.DataFrame({"unit": "a", "grid_id": ["a-1"], "members": [40]})
    >>> many = pd.DataFrame({"unit": "a", "grid_id": ["a-1", "a-2"], "members": 20})
    >>> table = compare_cuts({"一个网格": few, "两个网格": many}, rules)
    >>> table[["amount_yuan", "rounding_difference_yuan"]].to_numpy().tolist()
    [[48000, 0], [48000, 0]]
    """
    rules = rules or AwardRules()
    counts = {name: _count(cut) for name, cut in cuts.items()}
    _refuse_other_members(counts)
    rows = [_describe(name, table, rules, model) for name, table in counts.items()]
    frame = pd.DataFrame(rows)
    topped = frame["exact_yuan"] - frame["exact_yuan"].iloc[0]
    rounding = frame["rounding_yuan"] - frame["rounding_yuan"].iloc[0]
    frame["topped_difference_yuan"] = topped
    frame["rounding_difference_yuan"] = rounding
    frame["difference_yuan"] = topped + rounding
    frame["why_zh"] = [_why(frame.iloc[0], row) for _, row in frame.iterrows()]
    return frame[list(COLUMNS)]


def _count(cut: Partition | pd.DataFrame) -> pd.DataFrame:
    if isinstance(cut, pd.DataFrame):
        return cut
    members = count_members(cut).groupby(["unit", "grid_id"], as_index=False).size()
    return members.rename(columns={"size": "members"})


def _refuse_other_members(counts: Mapping[str, pd.DataFrame]) -> None:
    sums = {name: int(table["members"].sum()) for name, table in counts.items()}
    if len(set(sums.values())) > 1:
        shown = "，".join(f"{name} {n}人" for name, n in sums.items())
        raise InputError(
            f"各方案的网格成员人数不同（{shown}），费用不能归因于划分；请用同一名录。",
            f"The cuts have different numbers of members ({shown}), so the bill cannot "
            "be put down to the cut; use one register.",
        )


def _describe(
    name: str, counts: pd.DataFrame, rules: AwardRules, model: PassModel | None
) -> dict[str, object]:
    awards = settle_awards(counts, rules)
    pools = awards.pools
    qualified = int(pools["qualified"].sum())
    mean_prize = np.dot(rules.star_percents, rules.prizes_yuan)
    exact = qualified * int(mean_prize) // 100
    told: dict[str, object] = {
        "cut": name,
        "n_pools": len(pools),
        "members": int(pools["members"].sum()),
        "passed": int(pools["passed"].sum()),
        "qualified": qualified,
        "exact_yuan": exact,
        "rounding_yuan": awards.amount_yuan - exact,
        "amount_yuan": awards.amount_yuan,
        "mean_yuan": None,
        "p95_yuan": None,
    }
    if model is not None:
        bill = bill_distribution(counts, rules, model)
        told["mean_yuan"] = int(bill.mean_yuan + 0.5)
        told["p95_yuan"] = bill.quantile(0.95)
    return told


def _why(base: pd.Series, row: pd.Series) -> str:
    if row["cut"] == base["cut"]:
        return "对照方案"
    people = int(row["qualified"] - base["qualified"])
    topped = int(row["topped_difference_yuan"])
    rounding = int(row["rounding_difference_yuan"])
    if not people and not rounding:
        return "与对照方案相同"
    parts = []
    if people:
        word = "多" if people > 0 else "少"
        parts.append(f"按最低合格率取整后合格人数{word}{abs(people)}人，{topped:+,}元")
    if rounding:
        parts.append(f"评定范围内星级人数取整，{rounding:+,}元")
    return "；".join(parts)
