"""Which survivors keep their category when a code was merely revised (P3, P13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.change.revision import Revision, find_revision
from gridopt.change.settings import ChangeRules

if TYPE_CHECKING:
    from gridopt.register import Register

KEEPING = ("category", "industry")
"""Columns of a plan without which nothing is known of the codes it was made from."""


def revision_since(
    previous: pd.DataFrame, register: Register, rules: ChangeRules | None = None
) -> Revision:
    """Find out whether the classification was revised since a plan was made.

    Parameters
    ----------
    previous
        The plan's enterprises, index `enterprise_id`; without the column `industry`
        nothing is recognised.
    rules
        From where on it is a revision; the defaults where None.
    """
    rows = _survivors(previous, register)
    now = register.enterprises["industry"].reindex(rows.index)
    return find_revision(
        rows["industry"],
        now,
        rules or ChangeRules(),
        is_declared=_is_declared(rows, register),
    )


def kept_categories(
    previous: pd.DataFrame, register: Register, rules: ChangeRules | None = None
) -> pd.Series:
    """Say which survivors stay in their old category, and in which (P3, P13).

    Who was revised and has another category by that stays in the category of its
    grid. Who stayed so before goes on to, until its code truly changes, or its
    category comes to be that of its grid.

    Parameters
    ----------
    previous
        The plan's enterprises, index `enterprise_id`, with `category` and `industry`,
        and, where the plan itself kept some, `kept_category`.

    Returns
    -------
    Series of str
        Index as `register.enterprises`; empty for everybody else.
    """
    now = register.enterprises
    kept = pd.Series("", index=now.index, dtype=object)
    rows = _survivors(previous, register)
    if rows.empty:
        return kept
    of_grid = rows["kept_category"].where(rows["kept_category"] != "", rows["category"])
    is_revised = revision_since(previous, register, rules).is_revised
    is_same = (rows["industry"] == now["industry"].reindex(rows.index)).to_numpy()
    was_kept = (rows["kept_category"] != "").to_numpy()
    is_other = (of_grid != now["category"].reindex(rows.index)).to_numpy()
    stays = (is_revised | (was_kept & is_same)) & is_other
    kept.loc[rows.index[stays]] = of_grid[stays]
    return kept


def _survivors(previous: pd.DataFrame, register: Register) -> pd.DataFrame:
    """Keep the plan's enterprises that are in the register and whose code it knows."""
    if not set(KEEPING) <= set(previous.columns):
        columns = [*KEEPING, "kept_category", "industry_edition"]
        return pd.DataFrame(columns=columns, dtype=object)
    rows = previous[previous.index.isin(register.enterprises.index)]
    known = {name: rows[name].fillna("") for name in KEEPING}
    for name in ("kept_category", "industry_edition"):
        known[name] = rows[name].fillna("") if name in rows else ""
    frame = pd.DataFrame(known, index=rows.index)
    return frame[frame["industry"] != ""].sort_index()


def _is_declared(rows: pd.DataFrame, register: Register) -> bool:
    """Tell whether the plan was made under another edition of the codes."""
    now = register.rules.industry_edition
    then = np.unique(rows["industry_edition"].astype(str).to_numpy())
    return bool(now) and len(then) == 1 and then[0] not in ("", now)
