"""Is the money what it says: members counted anew, and every line settled again."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from pandas.api.types import is_bool_dtype

from gridopt.budget import budget_members
from gridopt.payments import budget_results, list_tables
from gridopt.verification.folder import SETTLED

if TYPE_CHECKING:
    from gridopt.budget import Budget
    from gridopt.register import Register
    from gridopt.results import Results
    from gridopt.verification.claims import Ledger
    from gridopt.verification.folder import Folder

_LINE_KEY = ["unit", "payer", "item", "fiscal_year"]


def members_of(
    rows: pd.DataFrame, register: Register, *, is_once: bool
) -> pd.DataFrame:
    """Count the members of the plan's grids: a person once, at most of their firms.

    Returns
    -------
    DataFrame
        One row per member: `enterprise_id, grid_id, unit, place_unit, status`.
    """
    own = register.enterprises.loc[rows.index]
    firms: dict[str, list[_Firm]] = {}
    for person, *told in zip(
        own["statistician_id"],
        rows.index,
        rows["grid_id"],
        rows["block_id"].str.rpartition("-")[0],
        own["unit"],
        own["status"],
        strict=True,
    ):
        firm = _Firm(*told)
        key = person if person and is_once else f"enterprise:{firm.enterprise_id}"
        firms.setdefault(key, []).append(firm)
    members = [_at_home(firms[key]) for key in sorted(firms)]
    return pd.DataFrame(members, columns=list(_Firm._fields))


class _Firm(NamedTuple):
    enterprise_id: str
    grid_id: str
    unit: str
    place_unit: str
    status: str


def _at_home(firms: list[_Firm]) -> _Firm:
    """Choose the firm that stands for a person: most firms in its grid, least id."""
    served = Counter(firm.grid_id for firm in firms)
    most = max(served.values())
    home = min(firm for firm in firms if served[firm.grid_id] == most)
    is_above = any(firm.status == "above_scale" for firm in firms)
    return home._replace(status="above_scale") if is_above else home


def check_money(
    ledger: Ledger,
    folder: Folder,
    register: Register,
    rows: pd.DataFrame,
    results: Results | None,
) -> Budget:
    """Hold budget, awards, stars and the members of `grids.csv` against ours."""
    budget = _set_anew(folder, register, rows, results)
    _hold_table(ledger, "budget.csv", folder.budget, budget.lines, _LINE_KEY)
    _hold_table(ledger, "awards.csv", folder.awards, budget.awards, ["pool"])
    _hold_settlement(ledger, folder, budget)
    once = members_of(rows, register, is_once=True)
    n_members = once.groupby("grid_id").size()
    grids = folder.grids[~folder.grids.index.duplicated()]
    grids = grids.loc[grids.index.intersection(rows["grid_id"].unique())]
    n_members = n_members.reindex(grids.index, fill_value=0)
    ledger.hold_column("grids.csv", grids, "members", n_members)
    return budget


def _set_anew(
    folder: Folder, register: Register, rows: pd.DataFrame, results: Results | None
) -> Budget:
    """Settle the results, or plan from the members, on the grids of the folder."""
    rules, year = folder.scenario.money, folder.scenario.year
    if results is not None:
        own = register.enterprises
        known = pd.DataFrame(
            {
                # a firm struck off the plan is told there; it must not end this
                "grid_id": rows["grid_id"].reindex(own.index, fill_value="?"),
                "place_unit": own["unit"],
                "status": own["status"],
            }
        )
        return budget_results(results, rules, year=year, enterprises=known)
    activity, award = (
        members_of(rows, register, is_once=basis == "statisticians")
        for basis in (rules.activity_basis, rules.award_basis)
    )
    return budget_members(activity, rules, year=year, award_members=award)


def _hold_settlement(ledger: Ledger, folder: Folder, budget: Budget) -> None:
    """Hold who gets what; a run without results has no such table."""
    found = list_tables(budget)
    for name, key in SETTLED.items():
        told = folder.settled.get(name)
        if name in found and told is not None:
            _hold_table(ledger, name, told, found[name], list(key))
        elif name in found:
            ledger.deny(name, None, "", claimed="无此文件", found="应有此文件")
        elif told is not None:
            ledger.deny(name, None, "", claimed="有此文件", found="没有评定结果")


def _hold_table(
    ledger: Ledger, file: str, told: pd.DataFrame, found: pd.DataFrame, key: list[str]
) -> None:
    told = _keyed(told, key)
    flags = {name: int for name in found if is_bool_dtype(found[name])}
    ours = found.astype(flags).astype(object)
    ours = _keyed(ours.where(ours.notna(), "").astype(str), key)
    for missing in ours.index.difference(told.index):
        ledger.deny(file, None, "/".join(key), claimed="", found=str(missing))
    for index in told.index.difference(ours.index):
        row = int(told.loc[[index], "_row"].iloc[0])
        ledger.deny(file, row, "/".join(key), claimed=str(index), found="")
    both = told[~told.index.duplicated()]
    both = both.loc[both.index.intersection(ours.index)]
    for _, doubled in told[told.index.duplicated()].iterrows():
        ledger.deny(file, int(doubled["_row"]), "/".join(key), claimed="x2", found="x1")
    for column in found.columns:
        if column not in key:
            ledger.hold_column(file, both, column, ours[column])


def _keyed(table: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    index = reduce(lambda a, b: a + "|" + b, (table[name].astype(str) for name in key))
    return table.set_axis(pd.Index(index, name=None), axis=0)
