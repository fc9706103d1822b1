"""Which amount falls on whom: lines, pools, grids and the two readings of F6 and F9."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from gridopt.awards.rounding import share_out
from gridopt.awards.settlement import CITY
from gridopt.terms import PARTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridopt.awards import Awards
    from gridopt.terms import BudgetRules

BUREAU = "zjj"
"""Unit code of 市住建局."""

LINE_COLUMNS = (
    *("unit", "payer", "item", "fiscal_year", "members", "amount_yuan"),
    "arrears_yuan",
)
AWARD_COLUMNS = (
    *("pool", "unit", "payer", "members", "qualified", "star1", "star2", "star3"),
    *("amount_yuan", "least_yuan", "most_yuan", "passed"),
)
GRID_COLUMNS = ("grid_id", "unit", "members", "activity_yuan")
FUNDING_COLUMNS = (
    *("clause", "section", "text", "payer"),
    *("need_yuan", "available_yuan", "new_yuan", "gap_yuan"),
)


class Remark(NamedTuple):
    """A sentence that has to stand beside the figures, with its clause."""

    clause: str
    message_zh: str
    message_en: str


ONE_POOL = Remark(
    "F6",
    "只给出全市人数一个数，按全市一个评定范围测算；网格工作活动经费不能分到承担单位。",
    "Only one number was given: it is settled as one city pool, and the activity "
    "money cannot be divided among its payers.",
)
BUREAU_REMARKS = {
    "bureau": Remark(
        "F2",
        "文件未写明市住建局网格的网格工作活动经费由谁承担，本测算暂列市住建局，请确认。",
        "The document names no payer for the activity money of the housing bureau's "
        "grids; this budget lets the bureau pay. Please confirm.",
    ),
    "township": Remark(
        "F2",
        "文件未写明市住建局网格的网格工作活动经费由谁承担，本测算列企业所在乡镇"
        "（街道）、玉环经济开发区，请确认。",
        "The document names no payer for the activity money of the housing bureau's "
        "grids; this budget lets the units pay where the firms lie. Please confirm.",
    ),
    "none": Remark(
        "F2",
        "文件未写明市住建局网格的网格工作活动经费由谁承担，本测算不安排，金额列为0元。",
        "The document names no payer for the activity money of the housing bureau's "
        "grids; this budget provides none: the line stands with 0 yuan.",
    ),
}


def tell_amendments(terms: BudgetRules, year: int | None) -> tuple[Remark, ...]:
    """Name the amendments that a year's money follows, with day and basis (F1)."""
    told = [one for one in terms.amendments if year and int(one["since"][:4]) <= year]
    return tuple(
        Remark(
            "F1",
            f"自{one['since']}起按修订后的口径：{_changes(one)}（依据：{one['basis']}）。",
            f"Amended from {one['since']} on: {_changes(one)} (basis: {one['basis']}).",
        )
        for one in told
    )


def _changes(amendment: Mapping[str, object]) -> str:
    pairs = [
        f"{key}={each}"
        for key, each in amendment.items()
        if key not in ("since", "basis")
    ]
    return ", ".join(pairs)


Line = tuple[str, str, str, int, int]


def tell_bureau(cells: pd.DataFrame, rules: BudgetRules) -> tuple[Remark, ...]:
    """Say who pays for the bureau's grids, where it has any (F2)."""
    if not (cells["unit"] == BUREAU).any():
        return ()
    return (BUREAU_REMARKS[rules.bureau_payer],)


def tell_arrears(rules: BudgetRules, arrears_yuan: int) -> tuple[Remark, ...]:
    """Say that earlier years' awards are paid first, and what is left of them (F9)."""
    if not rules.deferred_yuan:
        return ()
    left = rules.deferred_yuan - arrears_yuan
    return (
        Remark(
            "F9",
            f"以前年度未付的星级奖励{rules.deferred_yuan:,}元，先于本年度奖励支付"
            f"{arrears_yuan:,}元，单列一行，不分单元"
            + (f"；尚余{left:,}元结转下年度。" if left else "。"),
            f"Awards of earlier years unpaid: {rules.deferred_yuan:,} yuan, of which "
            f"{arrears_yuan:,} are paid before this year's, on a line of their own"
            + (f"; {left:,} are carried over." if left else "."),
        ),
    )


def kinds_of(lines: pd.DataFrame) -> pd.Series:
    """Tell lines apart: `activity`, `award` of this year, `arrears` of earlier ones."""
    return lines["item"].mask(lines["arrears_yuan"] > 0, "arrears")


def list_lines(
    cells: pd.DataFrame,
    awards: Awards,
    rules: BudgetRules,
    year: int | None,
    arrears_yuan: int = 0,
) -> pd.DataFrame:
    """List who pays what: the rows of `budget.csv` (F1, F2, F6, F9).

    Parameters
    ----------
    cells
        Members for the activity money: `unit, place_unit, members, parts` (their
        money in 1 / `terms.PARTS` yuan).
    awards
        The settlement.
    year
        Year of the grids' work; `fiscal_year` stays empty where None.
    arrears_yuan
        Awards of earlier years that are paid with this year's.

    Returns
    -------
    DataFrame
        Columns `LINE_COLUMNS`, sorted by unit, payer and item. `arrears_yuan` is what
        of the amount is owed from earlier years: all of it on lines of their own,
        without a unit, and 0 on all others.
    """
    arrears = _list_arrears(arrears_yuan, rules)
    rows = list_activity(cells, rules) + _list_awards(awards, rules) + arrears
    columns = [column for column in LINE_COLUMNS[:-1] if column != "fiscal_year"]
    numbers = {"members": np.int64, "amount_yuan": np.int64}
    frame = pd.DataFrame(rows, columns=columns).astype(numbers)
    frame["arrears_yuan"] = frame["amount_yuan"].where(frame["unit"] == "", 0)
    offsets = {"activity": 0, "award": rules.award_year_offset}
    offset = frame["item"].map(offsets).astype("Int64")
    frame["fiscal_year"] = offset + (pd.NA if year is None else year)
    by = ["unit", "payer", "item"]
    return frame[list(LINE_COLUMNS)].sort_values(by, ignore_index=True)


def list_activity(cells: pd.DataFrame, rules: BudgetRules) -> list[Line]:
    """List who pays how much activity money (F1, F2).

    Parameters
    ----------
    cells
        As for `list_lines`.

    Returns
    -------
    list of tuple
        Unit, payer, `activity`, members and whole yuan, sorted by unit and payer.
    """
    lines: list[Line] = []
    for key, rows in cells.groupby("unit"):
        unit = str(key)
        payers = rows.groupby(_payers(unit, rows, rules))[["members", "parts"]].sum()
        amount = _price_activity(unit, int(payers["parts"].sum()), rules)
        amounts = share_out(amount, payers["parts"].to_numpy())
        lines += [
            (unit, str(payer), "activity", int(members), int(yuan))
            for payer, members, yuan in zip(
                payers.index, payers["members"], amounts, strict=True
            )
        ]
    return lines


def list_pools(awards: Awards, rules: BudgetRules) -> pd.DataFrame:
    """List the settlement pool by pool: the rows of `awards.csv` (F6).

    Returns
    -------
    DataFrame
        Columns `AWARD_COLUMNS`, sorted by pool and unit.
    """
    payers = "+".join(award_shares(rules))
    frame = awards.pools.assign(payer=payers)[list(AWARD_COLUMNS)]
    return frame.sort_values(["pool", "unit"], ignore_index=True)


def share_over_grids(cells: pd.DataFrame, rules: BudgetRules) -> pd.DataFrame:
    """Share each unit's activity money over its grids, in whole yuan (F4).

    Parameters
    ----------
    cells
        Members for the activity money: `unit, members, parts` and, where known,
        `grid_id`.

    Returns
    -------
    DataFrame
        Columns `GRID_COLUMNS`, sorted by grid; no rows where no grids are known.
        Remainders go to the largest, ties to the smaller grid id.
    """
    if "grid_id" not in cells:
        return pd.DataFrame(columns=list(GRID_COLUMNS))
    by = ["grid_id", "unit"]
    frame = cells.groupby(by, as_index=False)[["members", "parts"]].sum()
    frame["activity_yuan"] = np.zeros(len(frame), dtype=np.int64)
    for unit, rows in frame.groupby("unit"):
        parts = rows["parts"].to_numpy()
        amount = _price_activity(str(unit), int(parts.sum()), rules)
        frame.loc[rows.index, "activity_yuan"] = share_out(amount, parts)
    return frame[list(GRID_COLUMNS)]


def read_funding(need_yuan: int, rules: BudgetRules) -> pd.DataFrame:
    """Read the award bill in the two ways that F6 and F9 allow, hiding neither.

    Returns
    -------
    DataFrame
        One row per reading, columns `FUNDING_COLUMNS`: gross need, money of the
        departments' surveys that is there to pool (empty: unknown), net new money
        for the city, and the gap that neither covers.
    """
    pooled = rules.pooled_yuan
    gap = None if pooled is None else max(0, need_yuan - pooled)
    section = "三(四)5"
    by_city = "所需经费由市财政局承担"
    by_all = (
        "基层统计网格员以奖代补经费与各相关部门涉行业统计调查经费统筹安排，"
        "预算不再另行安排"
    )
    payer = "+".join(award_shares(rules))
    rows = [
        ("F6", section, by_city, payer, need_yuan, 0, need_yuan, 0),
        ("F9", section, by_all, "", need_yuan, pooled, 0, gap),
    ]
    frame = pd.DataFrame(rows, columns=list(FUNDING_COLUMNS))
    return frame.astype(dict.fromkeys(FUNDING_COLUMNS[4:], "Int64"))


def find_breaks(
    lines: pd.DataFrame, pools: pd.DataFrame, grids: pd.DataFrame, rules: BudgetRules
) -> list[str]:
    """Say which sums of a budget disagree; nothing where it is sound.

    Returns
    -------
    list of str
        One sentence for each rule that does not hold: whole yuan, nobody paid who
        is not qualified, every qualified person a star (but `floor_unfilled`),
        amounts that follow from stars, payers = units = pools, grids = payers.
    """
    stars = pools[["star1", "star2", "star3"]].to_numpy()
    paid, qualified = stars.sum(axis=1), pools["qualified"].to_numpy()
    prices = np.array(rules.prizes_yuan)
    amounts = lines["amount_yuan"], pools["amount_yuan"]
    is_filled = rules.rounding != "floor_unfilled"
    award_lines = lines[kinds_of(lines) == "award"]
    checks = {
        "an amount is not in whole yuan": all(a.dtype == np.int64 for a in amounts),
        "somebody is paid who is not qualified": (paid <= qualified).all(),
        "a qualified person has no star": not is_filled or (paid == qualified).all(),
        "more are qualified than there are members": (
            (qualified <= pools["members"].to_numpy()).all()
        ),
        "an amount is not that of its stars": (
            (stars @ prices >= amounts[1]).all()
            if rules.shortfall in ("scale", "defer")
            else (stars @ prices == amounts[1]).all()
        ),
        "payers and pools differ": _sum_units(award_lines) == _sum_units(pools),
        "payers and grids differ": not len(grids)
        or int(grids["activity_yuan"].sum())
        == int(lines.loc[lines["item"] == "activity", "amount_yuan"].sum()),
    }
    return [message for message, is_kept in checks.items() if not is_kept]


def _sum_units(rows: pd.DataFrame) -> dict[str, int]:
    sums = rows.groupby("unit")["amount_yuan"].sum()
    return {str(unit): int(yuan) for unit, yuan in sums.items()}


def _price_activity(unit: str, parts: int, rules: BudgetRules) -> int:
    if unit == BUREAU and rules.bureau_payer == "none":
        return 0
    return round_parts(parts)


def round_parts(parts: int) -> int:
    """Round a unit's money of the year, 1 / `PARTS` yuan, half up to whole yuan.

    Rounded once per unit, never per person or grid (F1).

    Examples
    --------
    >>> round_parts(PARTS // 2), round_parts(PARTS // 2 - 1)
    (1, 0)
    """
    return (2 * parts + PARTS) // (2 * PARTS)


def _payers(unit: str, rows: pd.DataFrame, rules: BudgetRules) -> pd.Series:
    if unit == BUREAU and rules.bureau_payer == "none":
        return pd.Series("", index=rows.index)
    if unit == CITY or (unit == BUREAU and rules.bureau_payer == "township"):
        return rows["place_unit"]
    return rows["unit"]


def _list_awards(awards: Awards, rules: BudgetRules) -> list[Line]:
    by_unit = awards.pools.groupby("unit")[["members", "amount_yuan"]].sum()
    payers = award_shares(rules)
    percents = np.array(list(payers.values()))
    return [
        (str(unit), payer, "award", int(members), int(part))
        for unit, members, yuan in by_unit.itertuples()
        for payer, part in zip(payers, share_out(int(yuan), percents), strict=True)
    ]


def _list_arrears(arrears_yuan: int, rules: BudgetRules) -> list[Line]:
    if not arrears_yuan:
        return []
    payers = award_shares(rules)
    parts = share_out(arrears_yuan, np.array(list(payers.values())))
    return [
        ("", payer, "award", 0, int(part))
        for payer, part in zip(payers, parts, strict=True)
        if part
    ]


def award_shares(rules: BudgetRules) -> dict[str, int]:
    """Return who bears the awards, whole per cents that sum to 100 (F6, choice J).

    Examples
    --------
    >>> from gridopt.terms import BudgetRules
    >>> award_shares(BudgetRules())
    {'czj': 100}
    """
    return dict(sorted(rules.award_percents.items())) or {rules.award_payer: 100}
