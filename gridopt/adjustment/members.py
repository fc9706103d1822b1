"""What a re-cut does to the activity money: members before and after, by payer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.accounts import list_activity
from gridopt.adjustment.value import MONEY_COLUMNS
from gridopt.partition import list_members
from gridopt.terms import BudgetRules, activity_parts

if TYPE_CHECKING:
    import datetime as dt

    from gridopt.awards.rounding import IntArray
    from gridopt.partition import Partition
    from gridopt.register import Register

_KEYS = ["unit", "payer"]


def price_change(
    partition: Partition,
    before: pd.DataFrame,
    register_before: Register,
    rules: BudgetRules | None,
    date: dt.date | None,
) -> pd.DataFrame:
    """Compare the activity money of the members before and after (F1 to F3).

    Parameters
    ----------
    before
        The plan in force, with its blocks.
    register_before
        Who reported for whom when it was made.
    date
        From when the new plan holds; without it the year of the change is unknown.

    Returns
    -------
    DataFrame
        Columns `MONEY_COLUMNS`, sorted by unit and payer. `before_yuan`: the year of
        the date had nothing changed; `after_yuan`: the same year with the change, by
        `membership`: months (a month counts to the plan in force on its last day),
        who is there at the end of the year, or whoever was there in it.
        `yearly_difference_yuan`: a whole year of the new plan against one of the old.
    """
    terms = rules or BudgetRules()
    year = None if date is None else date.year
    settled = terms.at_end_of(year)
    is_once = settled.activity_basis == "statisticians"
    old = _paid(list_members(register_before, before, is_once=is_once), settled)
    new = list_members(partition.register, partition.enterprises, is_once=is_once)
    new = _paid(new, settled)
    months = activity_parts(terms, year)
    whole = int(months.sum())
    yearly = _lines(_cells(old, whole), settled), _lines(_cells(new, whole), settled)
    told = pd.DataFrame(
        {
            "members_before": yearly[0]["members"],
            "members_after": yearly[1]["members"],
            "before_yuan": yearly[0]["amount_yuan"],
            "then_yuan": yearly[1]["amount_yuan"],
        }
    )
    told = told.fillna(0).astype("Int64")
    told["yearly_difference_yuan"] = told["then_yuan"] - told["before_yuan"]
    told["after_yuan"] = pd.array([pd.NA] * len(told), dtype="Int64")
    if date is not None:
        cells = _of_the_year(old, new, settled, months, date)
        amounts = _lines(cells, settled)["amount_yuan"]
        told["after_yuan"] = amounts.reindex(told.index).fillna(0).astype("Int64")
    told["difference_yuan"] = told["after_yuan"] - told["before_yuan"]
    return told.reset_index()[list(MONEY_COLUMNS)].sort_values(_KEYS, ignore_index=True)


def _paid(members: pd.DataFrame, rules: BudgetRules) -> pd.DataFrame:
    if rules.groomed_paid:
        return members
    return members[members["status"] != "groomed"]


def _cells(members: pd.DataFrame, parts: int) -> pd.DataFrame:
    keys = members[["unit", "place_unit"]]
    cells = keys.assign(members=np.int64(1), parts=np.int64(parts))
    return cells.groupby(["unit", "place_unit"], as_index=False).sum()


def _of_the_year(
    old: pd.DataFrame,
    new: pd.DataFrame,
    rules: BudgetRules,
    months: IntArray,
    date: dt.date,
) -> pd.DataFrame:
    """Count the year in which the plan changes, as `membership` says (F3)."""
    if rules.membership == "snapshot":
        return _cells(new, int(months.sum()))
    if rules.membership == "ever":
        keys = ["person_key", "unit"]
        if rules.activity_basis != "statisticians":
            keys.append("enterprise_id")
        served = pd.concat([new, old]).drop_duplicates(keys)
        return _cells(served, int(months.sum()))
    first, last = (
        int(months[: date.month - 1].sum()),
        int(months[date.month - 1 :].sum()),
    )
    cells = pd.concat([_cells(old, first), _cells(new, last)])
    return cells.groupby(["unit", "place_unit"], as_index=False).sum()


def _lines(cells: pd.DataFrame, rules: BudgetRules) -> pd.DataFrame:
    columns = ["unit", "payer", "item", "members", "amount_yuan"]
    lines = pd.DataFrame(list_activity(cells, rules), columns=columns)
    return lines.set_index(_KEYS)[["members", "amount_yuan"]]
