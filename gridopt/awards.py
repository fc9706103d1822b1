"""What the award rule says of a number of members: stars and yuan, in integers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field, StrictInt, field_validator

from gridopt.errors import InputError
from gridopt.extremes import bound_bills, bound_sum
from gridopt.floors import plan_passes, qualify, reach_floor
from gridopt.rounding import (
    IntArray,
    check_shares,
    count_stars,
    sum_by,
    whole,
)
from gridopt.rules import Rules, setting

if TYPE_CHECKING:
    from pydantic import ValidationInfo

CITY = "city"
"""Id of the one pool, and the one line, of a whole city."""

POOL_COLUMNS = (
    *("pool", "unit", "members", "passed", "qualified"),
    *("star1", "star2", "star3", "amount_yuan", "least_yuan", "most_yuan"),
)

Percent = Annotated[StrictInt, Field(ge=0, le=100)]
Prize = Annotated[StrictInt, Field(ge=0, le=1_000_000)]

LEVEL_WORDS = {
    "unit": "各二级统计网格",
    "grid": "各企业网格",
    "city": "全市",
}
ROUNDING_WORDS = {
    "cum_half_up": "由高星级累计，四舍五入",
    "cum_floor": "由高星级累计，向下取整",
    "cum_ceil": "由高星级累计，向上取整",
    "floor_low": "三星级、二星级向下取整，其余为一星级",
    "floor_unfilled": "各星级均向下取整，其余不奖",
    "half_up": "三星级、二星级四舍五入，其余为一星级",
    "half_even": "三星级、二星级四舍六入五成双，其余为一星级",
    "ceil_top": "三星级、二星级向上取整，其余为一星级",
    "largest_remainder_low": "最大余数法，余数相同归低星级",
    "largest_remainder_high": "最大余数法，余数相同归高星级",
    "webster": "除数法（Webster），相同归低星级",
    "dhondt": "除数法（D'Hondt），相同归低星级",
    "adams": "除数法（Adams），相同归低星级",
}
FLOOR_WORDS = {
    "guarantee": "保底：不足最低合格率的，补足到最低合格率",
    "standard": "门槛：达不到最低合格率的，不予奖励",
    "none": "不设：按实际合格人数",
    "exact": "恰好：合格人数按最低合格率确定",
    "cap": "封顶：合格人数不超过最低合格率",
}


class AwardRules(Rules):
    """How stars are counted among the members of a pool (F5, F6, F7).

    The rules of this release need numbers of people only. Ties between scores,
    comparability of scores, minimum service and a cap on the bill need the results
    of an appraisal and are no settings here.

    Examples
    --------
    >>> AwardRules(rounding="floor_low").pool
    'unit'
    """

    pool: str = setting("unit", clause="F6", label="评定范围", words=LEVEL_WORDS)
    rounding: str = setting(
        "cum_half_up", clause="F7", label="星级人数取整", words=ROUNDING_WORDS
    )
    floor: str = setting(
        "guarantee", clause="F5", label="最低合格率的含义", words=FLOOR_WORDS
    )
    floor_percent: Percent = setting(80, clause="F5", label="最低合格率（%）")
    floor_level: str = setting(
        "unit", clause="F5", label="最低合格率的考核范围", words=LEVEL_WORDS
    )
    star_percents: tuple[Percent, Percent, Percent] = setting(
        (60, 30, 10), clause="F6", label="一、二、三星级比例（%）"
    )
    prizes_yuan: tuple[Prize, Prize, Prize] = setting(
        (1000, 2000, 3000), clause="F6", label="一、二、三星级奖励（元/人）"
    )
    pass_percent: Percent = setting(90, clause="F5", label="预计合格率（%）")
    pass_basis: str = setting(
        "文件只规定合格率不低于80%，未给出预期值；此数为本测算自行假定。",
        clause="F5",
        label="预计合格率的依据",
        min_length=1,
    )

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_unknown(cls, value: Any, info: ValidationInfo) -> Any:
        extra = cls.model_fields[str(info.field_name)].json_schema_extra
        words = extra.get("words") if isinstance(extra, dict) else None
        if not isinstance(words, dict):
            return value
        if not isinstance(value, str) or value not in words:
            accepted_zh = "、".join(f"{key}（{words[key]}）" for key in words)
            raise ValueError(
                f"{info.field_name} 不接受 {value!r}，可用的值：{accepted_zh}。 / "
                f"{info.field_name} does not take {value!r}; use one of: "
                f"{', '.join(words)}."
            )
        return value

    @field_validator("star_percents")
    @classmethod
    def _sum_to_hundred(cls, value: tuple[int, int, int]) -> tuple[int, int, int]:
        check_shares(value)
        return value

    @field_validator("prizes_yuan")
    @classmethod
    def _never_falling(cls, value: tuple[int, int, int]) -> tuple[int, int, int]:
        # the bounds and every rule of choice B take the higher star for the dearer
        if list(value) != sorted(value):
            found = "、".join(map(str, value))
            raise ValueError(
                f"星级越高奖励不得越低；现为{found}元。 / "
                f"A higher star must not earn less; found {value} yuan."
            )
        return value


@dataclass(frozen=True)
class Awards:
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

    @property
    def amount_yuan(self) -> int:
        """The bill of all pools, whole yuan."""
        return int(self.pools["amount_yuan"].sum())


def price_stars(
    qualified: IntArray, rules: AwardRules
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Count the stars of each pool and price them in whole yuan (F6, F7).

    Parameters
    ----------
    qualified
        Qualified people per pool, shape (n,).

    Returns
    -------
    tuple of IntArray
        One-, two- and three-star people and yuan, each of shape (n,).

    Examples
    --------
    >>> [int(n) for n in price_stars(150, AwardRules())]
    [90, 45, 15, 225000]
    """
    stars = count_stars(qualified, rules.rounding, rules.star_percents)
    yuan = sum(
        (prize * count for prize, count in zip(rules.prizes_yuan, stars, strict=True)),
        start=np.int64(0),
    )
    return (*stars, np.asarray(yuan, dtype=np.int64))


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
        Where the rules need grids and the counts have none.

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
    least, most, *total = _find_bounds(cells, rules)
    columns = (
        _ids(cells, rules.pool)[first],
        _ids(cells, "city" if rules.pool == "city" else "unit")[first],
        sum_by(pool, cells["members"].to_numpy()),
        sum_by(pool, cells["passed"].to_numpy()),
        settled,
        *price_stars(settled, rules),
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
    numbers = [key for key in ("members", "passed") if key in counts]
    rows = counts[keys].assign(**{key: whole(counts[key]) for key in numbers})
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
    def price(qualified: IntArray) -> IntArray:
        return price_stars(qualified, rules)[-1]

    pool, group = _codes(cells, rules.pool), _codes(cells, rules.floor_level)
    members = cells["members"].to_numpy()
    sizes, group_sizes = sum_by(pool, members), sum_by(group, members)
    low, high = reach_floor(group_sizes, rules.floor, rules.floor_percent)
    if sizes.size <= group_sizes.size:
        # every floor lies inside one pool: the pools are free of each other
        parent = pool[np.unique(group, return_index=True)[1]]
        least, most = bound_bills(price, sum_by(parent, low), sum_by(parent, high))
        return least, most, int(least.sum()), int(most.sum())
    parent = group[np.unique(pool, return_index=True)[1]]
    alone_low = np.maximum(0, low[parent] - (group_sizes[parent] - sizes))
    least, most = bound_bills(price, alone_low, np.minimum(sizes, high[parent]))
    total_least, total_most = 0, 0
    for i, (fewest, largest) in enumerate(zip(low, high, strict=True)):
        mine = parent == i
        both = bound_sum(price, sizes[mine], int(fewest), int(largest))
        total_least += max(both[0], int(least[mine].sum()))
        total_most += min(both[1], int(most[mine].sum()))
    return least, most, total_least, total_most
