"""How a plan, a list of members or bare numbers become a budget."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridopt.accounts import (
    BUREAU,
    ONE_POOL,
    list_lines,
    list_pools,
    read_funding,
    share_over_grids,
    tell_amendments,
    tell_arrears,
    tell_bureau,
)
from gridopt.awards.rounding import MOST, whole
from gridopt.awards.settlement import CITY, settle_awards
from gridopt.awards.tables import check_table
from gridopt.budget.value import Budget
from gridopt.errors import InputError, refuse_kind
from gridopt.findings import some, some_ids
from gridopt.partition import count_members
from gridopt.terms import BudgetRules, activity_parts, paid_time

if TYPE_CHECKING:
    from gridopt.partition import Partition

_MEMBER_COLUMNS = ("unit", "place_unit", "grid_id", "status")


def set_budget(
    partition: Partition, rules: BudgetRules | None = None, *, year: int | None = None
) -> Budget:
    """Budget the activity money and the awards of a partition (F1 to F9).

    Parameters
    ----------
    partition
        Who is in which grid.
    rules
        The choices in force; the defaults where None.
    year
        Year of the grids' work; awards fall `award_year_offset` years later.

    Returns
    -------
    Budget

    Examples
    --------
    >>> import gridopt as go
    >>> budget = go.set_budget(go.make_grids(go.read_sample()), year=2026)
    >>> budget.total_yuan == budget.activity_yuan + budget.award_yuan
    True
    >>> budget.lines["fiscal_year"].unique().tolist()
    [2026, 2027]
    """
    refuse_kind("网格划分方案", "Partition", partition, "grids")
    rules = rules or BudgetRules()
    counted = {
        basis: count_members(partition, is_once=basis == "statisticians")
        for basis in {rules.activity_basis, rules.award_basis}
    }
    activity, award = counted[rules.activity_basis], counted[rules.award_basis]
    return budget_members(activity, rules, year=year, award_members=award)


def budget_members(
    members: pd.DataFrame,
    rules: BudgetRules | None = None,
    *,
    year: int | None = None,
    award_members: pd.DataFrame | None = None,
) -> Budget:
    """Budget lists of members: one row per person, or per post (F1, F8).

    Parameters
    ----------
    members
        Who counts for the activity money: `unit` (the one that appraises),
        `place_unit` (the one the enterprise lies in), `grid_id`, `status`
        (`above_scale` or `groomed`, P7).
    award_members
        Who counts for the awards, same columns; the same people where None.

    Returns
    -------
    Budget

    Raises
    ------
    InputError
        Where a column, or a unit or grid in it, is missing.

    Examples
    --------
    >>> members = pd.DataFrame({"unit": ["a"] * 20, "place_unit": ["a"] * 20,
    ...     "grid_id": ["a-1"] * 20, "status": ["above_scale"] * 20})
    >>> budget_members(members).total_yuan
    37000
    """
    terms = rules or BudgetRules()
    rules = terms.at_end_of(year)
    activity = _count_cells(members, rules)
    award = activity if award_members is None else _count_cells(award_members, rules)
    return _set(activity, award, terms, year)


def budget_counts(
    counts: Mapping[str, int] | int,
    rules: BudgetRules | None = None,
    *,
    year: int | None = None,
) -> Budget:
    """Budget bare numbers of members, per unit or one for a whole city.

    Parameters
    ----------
    counts
        Members by unit code, or one number, which is settled as one city pool with
        a city floor; `remarks` and `choices` then say so. The numbers are taken as
        counted already: basis and P7 change nothing.

    Returns
    -------
    Budget

    Raises
    ------
    InputError
        Where a count is no whole number from 0 up, or the rules ask for grids or
        for the places of the bureau's members, which bare numbers do not tell.

    Examples
    --------
    >>> budget = budget_counts({"331083001": 20, "331083002": 23})
    >>> budget.activity_yuan, budget.award_yuan
    (21500, 58000)
    """
    terms = rules or BudgetRules()
    by_unit = dict(counts) if isinstance(counts, Mapping) else {CITY: counts}
    _check_counts(by_unit, terms.at_end_of(year))
    units = sorted(by_unit)
    cells = pd.DataFrame({"unit": units, "place_unit": units}, dtype=object)
    cells["members"] = whole([by_unit[unit] for unit in units])
    if isinstance(counts, Mapping):
        return _set(cells, cells, terms, year)
    cells["place_unit"] = ""
    return _set(cells, cells, terms, year, is_one_pool=True)


def budget_years(
    counts: Mapping[str, int], rules: BudgetRules, years: Iterable[int]
) -> tuple[Budget, ...]:
    """Budget the same members year by year, each under the values then in force.

    Parameters
    ----------
    counts
        Members by unit code.
    rules
        The choices with their amendments; the year in which the document comes into
        force is settled pro rata.
    years
        Years of the grids' work.

    Examples
    --------
    >>> later = {"since": "2024-01-01", "basis": "assumed", "activity_yuan": 600}
    >>> rules = BudgetRules(amendments=(later,))
    >>> years = budget_years({"331083001": 20}, rules, (2022, 2023, 2024))
    >>> [budget.activity_yuan for budget in years]
    [5833, 10000, 12000]
    """
    return tuple(budget_counts(counts, rules, year=year) for year in years)


def _check_counts(by_unit: Mapping[str, int], rules: BudgetRules) -> None:
    _refuse_items(
        [
            f"{unit}={count!r}"
            for unit, count in by_unit.items()
            if not _is_whole(count)
        ],
        len(by_unit),
        ("人数须为0至1亿的整数", "Members must be whole numbers from 0 to 10^8"),
    )
    odd = [unit for unit in by_unit if not isinstance(unit, str) or not unit.strip()]
    _refuse_items(
        [f"{unit!r}={by_unit[unit]}" for unit in odd],
        len(by_unit),
        ("单位编码须为文本，不能空缺", "Codes of units must be texts, never empty"),
    )
    total = sum(by_unit.values())
    if total > MOST:
        raise InputError(
            f"人数合计{total}人，超过1亿人的上限；请核对所给人数。",
            f"{total} members in all are more than the 10^8 that can be counted; "
            "check the numbers.",
        )
    if rules.bureau_payer == "township" and by_unit.get(BUREAU):
        raise InputError(
            f"市住建局网格（{BUREAU}）的{by_unit[BUREAU]}人由企业所在乡镇（街道）承担，"
            "但所给人数未写明企业所在地；请用网格划分方案测算，或将 bureau_payer "
            "改为 bureau 或 none。",
            f"The money of the bureau's {by_unit[BUREAU]} members ({BUREAU}) is to be "
            "paid where their firms lie, which bare numbers do not tell; use a "
            "partition, or set bureau_payer to bureau or none.",
        )


def _is_whole(count: Any) -> bool:
    try:
        whole([count])
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _refuse_items(wrong: list[str], n: int, words: tuple[str, str]) -> None:
    if wrong:
        raise InputError(
            f"{words[0]}；{n}项中有{len(wrong)}项不是：{some(wrong)}。请改正后重试。",
            f"{words[1]}; {len(wrong)} of {n} are not: {some_ids(wrong)}. Correct "
            "them and try again.",
        )


def _count_cells(members: pd.DataFrame, rules: BudgetRules) -> pd.DataFrame:
    name = "人员表", "list of members"
    check_table(members, _MEMBER_COLUMNS, name=name, is_closed=False)
    counted = members
    if not rules.groomed_paid:
        counted = members[members["status"] != "groomed"]
    keys = ["unit", "place_unit", "grid_id"]
    cells = counted[keys].assign(members=np.ones(len(counted), dtype=np.int64))
    return cells.groupby(keys, as_index=False)[["members"]].sum()


def _set(
    activity: pd.DataFrame,
    award: pd.DataFrame,
    terms: BudgetRules,
    year: int | None,
    *,
    is_one_pool: bool = False,
) -> Budget:
    rules, remarks = terms.at_end_of(year), tell_amendments(terms, year)
    if is_one_pool:
        # model_copy is safe here: both values are accepted ones
        rules = rules.model_copy(update={"pool": CITY, "floor_level": CITY})
        remarks = (*remarks, ONE_POOL)
    counts = award.drop(columns="place_unit")
    awards = settle_awards(counts, rules)
    parts = int(activity_parts(terms, year).sum())
    activity = activity.assign(parts=activity["members"] * parts)
    remarks = (*remarks, *tell_bureau(activity, rules))
    # what is needed, whatever the appropriation
    arrears = rules.deferred_yuan
    return Budget(
        lines=list_lines(activity, awards, rules, year, arrears),
        awards=list_pools(awards, rules),
        grids=share_over_grids(activity, rules),
        funding=read_funding(awards.amount_yuan, rules),
        award_least_yuan=awards.least_yuan,
        award_most_yuan=awards.most_yuan,
        remarks=(*remarks, *tell_arrears(rules, arrears)),
        rules=rules,
        year=year,
        counts=counts,
        time=paid_time(terms, year),
        parts=activity.groupby("unit")["parts"].sum(),
    )
