"""The budget line by line: activity money and awards as formulas an auditor follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridopt.accounts import round_parts
from gridopt.terms import PARTS
from gridopt.views.sheet import Formula, cell_name

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.budget import Budget
    from gridopt.outcome import Outcome
    from gridopt.terms import PaidTime
    from gridopt.views.settlement import Settled
    from gridopt.views.sheet import Sheet

PAYER, UNIT, ITEM, YEAR, MEMBERS, AMOUNT, LEAST, MOST = range(8)
"""Columns of the sheet on money; below, `LEAST` holds the time in post."""
_TIME, _NOTES = LEAST, (MOST, 8)
_STYLES = ("text", "text", "text", "year", "int", "yuan", "int", "text", "text")
_SPELLS = {12: "月", 24: "半月"}
_SHARED = "单元合计按元四舍五入后，按最大余数法分到各承担单位"


@dataclass(frozen=True)
class _Rates:
    """Where the parameters stand: each rate with its time, and the whole year."""

    spans: tuple[tuple[str, str], ...]
    whole: str


def write_lines(
    sheet: Sheet, lines: pd.DataFrame, outcome: Outcome, settled: Settled
) -> dict[str, str]:
    """Write parameters and one row per line; return where the columns stand.

    Parameters
    ----------
    lines
        The budget's lines with their words: `payer, unit_name, kind, item_name, year`.
    """
    sheet.section("四、明细")
    budget = outcome.budget
    spell = _SPELLS.get(budget.time.whole, "天")
    rates = _write_rates(sheet, budget, spell)
    sheet.row += 1
    heads = ["资金承担单位", "单元", "经费项目", "预算年度", "人数\n（人）",
             "金额\n（元）", f"计发时间\n（人·{spell}）", "说明", ""]  # fmt: skip
    sheet.headings(heads, is_repeated=True)
    sheet.merge(sheet.row - 1, _NOTES, "说明", "head")
    first = sheet.row
    for line in lines.itertuples():
        write = _write_activity if line.kind == "activity" else _write_award
        note = write(sheet, line, outcome, rates, settled)
        sheet.merge(sheet.row - 1, _NOTES, note, "text")
    return _spans(first, sheet.row - 1)


def _write_rates(sheet: Sheet, budget: Budget, spell: str) -> _Rates:
    sheet.headings(["参数", "条款", "", "采用值"])
    styles = ("text", "centre", "text", "input")

    def write(label: str, clause: str, value: int) -> str:
        return cell_name(
            sheet.cells((label, clause, "", value), styles), 3, is_fixed=True
        )

    n_rates, spans = len(budget.time.spans), []
    for number, (yuan, n) in enumerate(budget.time.spans, 1):
        which = f"（第{number}段）" if n_rates > 1 else ""
        rate = write(f"网格工作活动经费（元/人·年）{which}", "F1", yuan)
        spans.append((rate, write(f"本年度计发{spell}数{which}", "F3", n)))
    return _Rates(tuple(spans), write(f"全年{spell}数", "F3", budget.time.whole))


def _write_activity(
    sheet: Sheet, line: Any, outcome: Outcome, rates: _Rates, _: Settled
) -> str:
    budget, row = outcome.budget, sheet.row
    amount, members = int(line.amount_yuan), int(line.members)
    time, formula, note = _activity(budget, line, rates, row)
    live = amount if formula is None else Formula(formula, amount)
    sheet.cells([*_words(line), members, live, time, "", ""], _STYLES)
    return note


def _activity(
    budget: Budget, line: Any, rates: _Rates, row: int
) -> tuple[object, str | None, str]:
    """Give a line's time in post, the formula of its amount, and the note on it."""
    paid, whole = budget.time, rates.whole
    of_unit = budget.lines["unit"].eq(budget.lines.at[line.Index, "unit"])
    if (of_unit & budget.lines["item"].eq("activity")).sum() > 1:
        return None, None, _SHARED
    parts = int(budget.parts[budget.lines.at[line.Index, "unit"]])
    if round_parts(parts) != int(line.amount_yuan):
        return None, None, "不安排"
    members, time = cell_name(row, MEMBERS), cell_name(row, _TIME)
    if parts == int(line.members) * _worth(paid):
        all_time = "+".join(n for _, n in rates.spans)
        worth = "+".join(f"{rate}*{n}" for rate, n in rates.spans)
        return (
            Formula(f"={members}*({all_time})", int(line.members) * paid.paid),
            f"=INT((2*({worth})*{members}+{whole})/(2*{whole}))",
            "人数×标准×计发时间÷全年，按元四舍五入",
        )
    (yuan, _), *more = paid.spans
    if more or not yuan:
        return None, None, "年内标准有变动，按各人在岗时间逐月计算，为系统测算值"
    n_time = parts * paid.whole // (PARTS * yuan)
    return (
        n_time,
        f"=INT((2*{rates.spans[0][0]}*{time}+{whole})/(2*{whole}))",
        "各人在岗时间之和×标准÷全年，按元四舍五入",
    )


def _worth(paid: PaidTime) -> int:
    """Price a member of the whole year, in 1 / `PARTS` yuan."""
    return sum(yuan * n * PARTS // paid.whole for yuan, n in paid.spans)


def _write_award(
    sheet: Sheet, line: Any, outcome: Outcome, _: _Rates, settled: Settled
) -> str:
    row, amount = sheet.row, int(line.amount_yuan)
    live: object = amount
    note = "系统测算值" if amount else "不安排"
    if line.kind == "arrears":
        note = "以前年度结转，先于本年度奖励支付"
    elif _is_sum_of_pools(outcome, line):
        unit, payer = cell_name(row, UNIT), cell_name(row, PAYER)
        keys = f"{settled.units},{unit},{settled.payers},{payer}"
        live = Formula(f"=SUMIFS({settled.amounts},{keys})", amount)
        note = "取自“星级奖励结算”"
    sheet.cells([*_words(line), int(line.members), live, "", "", ""], _STYLES)
    return note


def _words(line: Any) -> list[object]:
    return [line.payer, line.unit_name, line.item_name, line.year]


def _is_sum_of_pools(outcome: Outcome, line: Any) -> bool:
    awards, codes = outcome.budget.awards, outcome.budget.lines
    of_line = codes.loc[line.Index]
    same = (awards["unit"] == of_line["unit"]) & (awards["payer"] == of_line["payer"])
    return int(awards.loc[same, "amount_yuan"].sum()) == int(line.amount_yuan)


def _spans(first: int, last: int) -> dict[str, str]:
    columns = {"payer": PAYER, "item": ITEM, "year": YEAR, "members": MEMBERS,
               "amount": AMOUNT}  # fmt: skip
    return {
        name: ":".join(cell_name(row, c, is_fixed=True) for row in (first, last))
        for name, c in columns.items()
    }
