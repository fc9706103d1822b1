"""What the award rule says of a number of members: stars and yuan, in integers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.awards.allotment import NOT_ALONE, allot_stars, bounding_rules
from gridopt.awards.extremes import bound_bills, bound_sum
from gridopt.awards.floors import plan_passes, qualify, reach_floor
from gridopt.awards.rounding import (
    IntArray,
    Stars,
    count_stars,
    sum_by,
    whole,
)
from gridopt.awards.rules import AwardRules
from gridopt.awards.tables import check_table
from gridopt.cards import Card, Shown
from gridopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

CITY = "city"
"""Id of the one pool, and the one line, of a whole city."""

POOL_COLUMNS = (
    *("pool", "unit", "members", "passed", "qualified"),
    *("star1", "star2", "star3", "amount_yuan", "least_yuan", "most_yuan"),
)


@dataclass(frozen=True, repr=False)
class Awards(Shown):
    """What a settlement gives: one row per pool, and the bounds of its sum.

    Attributes
    ----------
    pools
        One row per pool, columns `POOL_COLUMNS`: `passed` before the floor,
        `qualified` after it, `least_yuan` and `most_yuan` the hard bounds of that
        pool alone.
    least_yuan, most_yuan
        Hard bounds of the whole bill. They are the sums of the column but where the
        floor binds several pools together: there not every pool can be at its own
        bound at once, and these are the tighter ones.
    """

    pools: pd.DataFrame
    least_yuan: int
    most_yuan: int

    @classmethod
    def of_known(cls, pools: pd.DataFrame) -> Awards:
        """Take pools whose results are known: what is settled is both bounds."""
        due = pools["amount_yuan"]
        known = pools.assign(least_yuan=due, most_yuan=due)
        return cls(known[list(POOL_COLUMNS)], int(due.sum()), int(due.sum()))

    def card(self) -> Card:
        """Tell the bill with its bounds, and the stars of every pool."""
        span = f"{self.least_yuan:,}至{self.most_yuan:,}元"
        columns = ("members", "qualified", "star1", "star2", "star3", "amount_yuan")
        numbers = [self.pools[name].map("{:,}".format) for name in columns]
        return Card(
            title="星级奖励",
            brief=f"星级奖励{self.amount_yuan:,}元",
            facts=(("合计", f"{self.amount_yuan:,}元"), ("最低和最高可能", span)),
            headings=("评定范围", "人数", "合格", "一星", "二星", "三星", "元"),
            rows=tuple(zip(self.pools["pool"].astype(str), *numbers, strict=True)),
        )

    @property
    def amount_yuan(self) -> int:
        """The bill of all pools, whole yuan."""
        return int(self.pools["amount_yuan"].sum())


def price_stars(
    qualified: IntArray, rules: AwardRules
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Count the stars of each pool by itself and price them in whole yuan (F6, F7).

    Parameters
    ----------
    qualified
        Qualified people per pool, shape (n,).
    rules
        The choices in force.

    Returns
    -------
    tuple of IntArray
        One-, two- and three-star people and yuan, each of shape (n,).

    Raises
    ------
    InputError
        Where the rounding does not count a pool by itself.

    Examples
    --------
    >>> [int(n) for n in price_stars(150, AwardRules())]
    [90, 45, 15, 225000]
    """
    if rules.rounding in NOT_ALONE:
        raise InputError(
            f"取整规则 rounding 为 {rules.rounding}，星级人数不只取决于本评定范围的合格"
            "人数，此处逐个评定范围测算，不能采用。请改用其他取整规则；只要全市合计的，"
            "可将 pool 改为 city、rounding 改为 cum_half_up，合计与 controlled 相同。",
            f"rounding is {rules.rounding}: its stars hang on more than the qualified "
            "of a pool, but pools are settled one by one here. Choose another rule; "
            "for the bill of the city alone set pool to city and rounding to "
            "cum_half_up, which has the same sum as controlled.",
        )
    stars = count_stars(qualified, rules.rounding, rules.star_percents)
    return (*stars, _price(stars, rules))


def _price(stars: Stars, rules: AwardRules) -> IntArray:
    yuan = sum(
        (prize * count for prize, count in zip(rules.prizes_yuan, stars, strict=True)),
        start=np.int64(0),
    )
    return np.asarray(yuan, dtype=np.int64)


def settle_awards(counts: pd.DataFrame, rules: AwardRules | None = None) -> Awards:
    """Settle the awards of numbers of members, pool by pool (F5 to F7).

    Parameters
    ----------
    counts
        One row per unit, or per unit and grid: `unit, members`, where pool or floor
        level is the grid also `grid_id`, and `passed` where results are known.
        Units count in the order of their first rows, grids by id; where counts are
        shared out, equal remainders go to the earlier unit and the smaller grid id.
        Without `passed`, hu(m x pass_percent / 100) of each unit's m members pass,
        and fall onto its grids in proportion to their members.
    rules
        The choices in force; the defaults where None.

    Returns
    -------
    Awards
        Bounds: the passes may be any number from 0 to all members, so q runs from
        the floor to everybody under `guarantee`, from nobody to everybody under
        `standard` and `none`, is the floor under `exact`, and runs from nobody to
        the floor under `cap`.

    Raises
    ------
    InputError
        Where the rules need grids and the counts have none, and where a unit is
        missing or a number of people cannot be.

    Examples
    --------
    >>> counts = pd.DataFrame({"unit": ["a", "b"], "members": [20, 23]})
    >>> settle_awards(counts).pools[["pool", "qualified", "amount_yuan"]].to_numpy()
    array([['a', 18, 27000],
           ['b', 21, 31000]], dtype=object)
    """
    rules = rules or AwardRules()
    cells = _order_cells(counts, rules)
    pool = _codes(cells, rules.pool)
    first = np.unique(pool, return_index=True)[1]
    settled = sum_by(pool, _qualify(cells, rules))
    ids = _ids(cells, rules.pool)[first]
    stars = allot_stars(settled, rules, ids, cells["order"].to_numpy()[first])
    least, most, *total = _find_bounds(cells, rules)
    columns = (
        ids,
        _ids(cells, "city" if rules.pool == "city" else "unit")[first],
        sum_by(pool, cells["members"].to_numpy()),
        sum_by(pool, cells["passed"].to_numpy()),
        settled,
        *stars,
        _price(stars, rules),
        least,
        most,
    )
    table = pd.DataFrame(dict(zip(POOL_COLUMNS, columns, strict=True)))
    return Awards(table, *total)


def _order_cells(counts: pd.DataFrame, rules: AwardRules) -> pd.DataFrame:
    keys = [key for key in ("unit", "grid_id") if key in counts]
    if "grid" in (rules.pool, rules.floor_level) and "grid_id" not in keys:
        raise InputError(
            f"评定范围 pool 为 {rules.pool}、最低合格率考核范围 floor_level 为 "
            f"{rules.floor_level}，须有各企业网格的人数，而所给的只有二级统计网格"
            "（乡镇、街道等）的人数；请改用网格划分方案，或将两项改为 unit 或 city。",
            f"pool is {rules.pool} and floor_level {rules.floor_level}: this needs "
            "members per grid, but only members per unit were given; use a "
            "partition, or set both to unit or city.",
        )
    check_table(counts, ("unit", "members"), ("grid_id", "passed"), is_closed=False)
    numbers = [key for key in ("members", "passed") if key in counts]
    whole_numbers = {key: whole(counts[key].to_numpy(np.int64)) for key in numbers}
    rows = counts[keys].assign(**whole_numbers)
    rows.insert(0, "order", pd.factorize(rows["unit"])[0])
    cells = rows.groupby(["order", *keys], as_index=False)[numbers].sum()
    if "passed" not in cells:
        members, unit = cells["members"].to_numpy(), cells["order"].to_numpy()
        cells["passed"] = plan_passes(members, unit, rules.pass_percent)
    return cells


def _codes(cells: pd.DataFrame, level: str) -> IntArray:
    n_cells = len(cells)
    if level == "city":
        return np.zeros(n_cells, dtype=np.int64)
    return np.arange(n_cells) if level == "grid" else cells["order"].to_numpy()


def _ids(cells: pd.DataFrame, level: str) -> npt.NDArray[np.object_]:
    if level == "city":
        return np.full(len(cells), CITY, dtype=object)
    return cells["grid_id" if level == "grid" else "unit"].to_numpy(dtype=object)


def _qualify(cells: pd.DataFrame, rules: AwardRules) -> IntArray:
    unit, members, passed = (
        cells[key].to_numpy() for key in ("order", "members", "passed")
    )
    arrays = unit, members, passed
    return qualify(arrays, rules.floor_level, rules.floor, rules.floor_percent)


def _find_bounds(
    cells: pd.DataFrame, rules: AwardRules
) -> tuple[IntArray, IntArray, int, int]:
    cheapest, dearest = (_pricing(name, rules) for name in bounding_rules(rules))
    pool, group = _codes(cells, rules.pool), _codes(cells, rules.floor_level)
    members = cells["members"].to_numpy()
    sizes, group_sizes = sum_by(pool, members), sum_by(group, members)
    low, high = reach_floor(group_sizes, rules.floor, rules.floor_percent)
    is_free = sizes.size <= group_sizes.size
    if is_free:
        # every floor lies inside one pool: the pools are free of each other
        parent = pool[np.unique(group, return_index=True)[1]]
        fewest, largest = sum_by(parent, low), sum_by(parent, high)
    else:
        parent = group[np.unique(pool, return_index=True)[1]]
        fewest = np.maximum(0, low[parent] - (group_sizes[parent] - sizes))
        largest = np.minimum(sizes, high[parent])
    least, most = bound_bills(cheapest, fewest, largest, dearest)
    if rules.rounding == "controlled":
        # the city's own counts, however they fall on its pools
        city = _pricing("cum_half_up", rules)
        return least, most, int(city(low.sum())), int(city(high.sum()))
    if is_free:
        return least, most, int(least.sum()), int(most.sum())
    total_least, total_most = 0, 0
    for i, ends in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
        mine = parent == i
        both = bound_sum(cheapest, sizes[mine], *ends, dearest)
        total_least += max(both[0], int(least[mine].sum()))
        total_most += min(both[1], int(most[mine].sum()))
    return least, most, total_least, total_most


def _pricing(rounding: str, rules: AwardRules) -> Callable[[IntArray], IntArray]:
    def price(qualified: IntArray) -> IntArray:
        return _price(count_stars(qualified, rounding, rules.star_percents), rules)

    return price
