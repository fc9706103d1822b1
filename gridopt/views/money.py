"""The budget as a sheet: who pays what in which year, two readings, a cash plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.views.labels import ITEMS, unit_name
from gridopt.views.sheet import Column, Formula, cell_name

if TYPE_CHECKING:
    from gridopt.outcome import Outcome
    from gridopt.views.settlement import Settled
    from gridopt.views.sheet import Sheet

COLUMNS = (
    Column("资金承担单位", "text", 22),
    Column("单元", "text", 18),
    Column("经费项目", "text", 26),
    Column("预算年度", "year", 11),
    Column("人数\n（人）", "int", 10),
    Column("金额\n（元）", "yuan", 16),
    Column("最低可能\n（元）", "yuan", 16),
    Column("最高可能\n（元）", "yuan", 16),
    Column("说明", "text", 34),
)
WIDTHS = [column.width for column in COLUMNS]
STYLES = [column.style for column in COLUMNS]
_PAYER, _UNIT, _ITEM, _YEAR, _MEMBERS, _AMOUNT, _LEAST, _MOST = range(8)
UNSETTLED = "未定（文件未写明）"
UNDATED = "未定"


@dataclass(frozen=True)
class Money:
    """Where other sheets find the total of the budget and its hard bounds."""

    total: str
    least: str
    most: str


def write_money(sheet: Sheet, outcome: Outcome, settled: Settled) -> Money:
    """Write the budget by payer, its lines, the readings of F6 and F9, the quarters."""
    budget = outcome.budget
    lines = _lines(outcome)
    for remark in budget.remarks:
        sheet.wide(f"注意（{remark.clause}）：{remark.message_zh}", "note")
    groups = (
        lines.groupby(["payer", "item", "year"], sort=False)
        .agg(members=("members", "sum"), amount=("amount_yuan", "sum"))
        .reset_index()
        .sort_values("item", kind="stable", ignore_index=True)
    )
    sheet.section("一、按资金承担单位和预算年度汇总")
    sheet.headings([column.heading for column in COLUMNS])
    first = sheet.row
    sheet.row += len(groups)  # the sums are written once their lines have a place
    total = _write_total(sheet, first, budget)
    _write_readings(sheet, outcome, settled)
    _write_quarters(sheet, groups, first)
    sheet.signatures(["编制人", "审核人", "市财政局负责人"])
    spans = _write_lines(sheet, lines, outcome, settled)
    end, sheet.row = sheet.row, first
    for group in groups.itertuples():
        sheet.cells(_sum_row(sheet.row, group, outcome, settled, spans), STYLES)
    sheet.row = end
    return _addresses(sheet, total)


def _write_lines(
    sheet: Sheet, lines: pd.DataFrame, outcome: Outcome, settled: Settled
) -> dict[str, str]:
    sheet.section("四、明细")
    rate, months = _write_rates(sheet, outcome)
    sheet.row += 1
    sheet.headings([column.heading for column in COLUMNS[:_LEAST]], is_repeated=True)
    sheet.put(sheet.row - 1, _LEAST, "说明", "head")
    sheet.page.merge_range(
        sheet.row - 1, _LEAST, sheet.row - 1, 8, "说明", sheet.formats.get("head")
    )
    first = sheet.row
    for line in lines.itertuples():
        sheet.cells(_line_row(sheet.row, line, outcome, settled, rate, months), STYLES)
        row = sheet.row - 1
        note = _line_note(line, outcome)
        sheet.page.merge_range(row, _LEAST, row, 8, "", sheet.formats.get("text"))
        sheet.page.write_string(row, _LEAST, note, sheet.formats.get("text"))
    return _spans(first, sheet.row - 1)


def _lines(outcome: Outcome) -> pd.DataFrame:
    rows, register = outcome.budget.lines, outcome.register
    years = rows["fiscal_year"]
    return rows.assign(
        payer=[
            unit_name(register, code) if code else UNSETTLED for code in rows["payer"]
        ],
        unit_name=[unit_name(register, code) for code in rows["unit"]],
        year=[UNDATED if pd.isna(year) else int(year) for year in years],
        item_name=rows["item"].map(ITEMS),
    )


def _write_rates(sheet: Sheet, outcome: Outcome) -> tuple[str, str]:
    rules = outcome.budget.rules
    sheet.headings(["参数", "条款", "", "采用值"])
    rows = (
        ("网格工作活动经费（元/人·年）", "F1", "", rules.activity_yuan),
        ("本年度计发月数", "F3", "", rules.activity_months),
    )
    styles = ("text", "centre", "text", "input")
    rate, months = (
        cell_name(sheet.cells(row, styles), 3, is_fixed=True) for row in rows
    )
    return rate, months


def _spans(first: int, last: int) -> dict[str, str]:
    columns = {"payer": _PAYER, "item": _ITEM, "year": _YEAR, "members": _MEMBERS,
               "amount": _AMOUNT}  # fmt: skip
    return {
        name: ":".join(cell_name(row, c, is_fixed=True) for row in (first, last))
        for name, c in columns.items()
    }


def _sum_row(
    row: int, group: Any, outcome: Outcome, settled: Settled, spans: dict[str, str]
) -> list[object]:
    keys = ",".join(
        f"{spans[name]},{cell_name(row, column)}"
        for name, column in (("payer", _PAYER), ("item", _ITEM), ("year", _YEAR))
    )
    amount = Formula(f"=SUMIFS({spans['amount']},{keys})", int(group.amount))
    bounds: list[object] = [Formula(f"={cell_name(row, _AMOUNT)}", int(group.amount))]
    bounds *= 2
    if group.item == "award":
        bounds = _award_bounds(outcome, settled)
    return [
        group.payer,
        "",
        ITEMS[group.item],
        group.year,
        Formula(f"=SUMIFS({spans['members']},{keys})", int(group.members)),
        amount,
        *bounds,
        "人数固定，金额不浮动" if group.item == "activity"
        else "最低：合格人数最少；最高：全员合格",
    ]  # fmt: skip


def _award_bounds(outcome: Outcome, settled: Settled) -> list[object]:
    budget = outcome.budget
    pairs = (
        (budget.award_least_yuan, "least_yuan", settled.least),
        (budget.award_most_yuan, "most_yuan", settled.most),
    )
    # where the floor binds several pools together the sum of the pools is too wide
    return [
        Formula(f"={cell}", int(yuan))
        if int(yuan) == int(budget.awards[key].sum())
        else int(yuan)
        for yuan, key, cell in pairs
    ]


def _write_total(sheet: Sheet, first: int, budget: Any) -> int:
    last = sheet.row - 1
    values: list[object] = ["合计", "", "", "", ""]
    for column, yuan in (
        (_AMOUNT, budget.total_yuan),
        (_LEAST, budget.least_yuan),
        (_MOST, budget.most_yuan),
    ):
        span = f"{cell_name(first, column)}:{cell_name(last, column)}"
        values.append(Formula(f"=SUM({span})", int(yuan)))
    return sheet.cells([*values, ""], ["total_yuan"] * len(COLUMNS))


def _line_row(
    row: int, line: Any, outcome: Outcome, settled: Settled, rate: str, months: str
) -> list[object]:
    amount = int(line.amount_yuan)
    live: object = amount
    if line.item == "activity" and _is_plain(line, outcome):
        member = cell_name(row, _MEMBERS)
        live = Formula(f"=INT((2*{rate}*{months}*{member}+12)/24)", amount)
    elif line.item == "award" and _is_sum_of_pools(outcome, line):
        unit, payer = cell_name(row, _UNIT), cell_name(row, _PAYER)
        keys = f"{settled.units},{unit},{settled.payers},{payer}"
        live = Formula(f"=SUMIFS({settled.amounts},{keys})", amount)
    return [
        line.payer, line.unit_name, line.item_name, line.year, int(line.members), live,
        "", "", "",
    ]  # fmt: skip


def _line_note(line: Any, outcome: Outcome) -> str:
    if line.item == "activity" and _is_plain(line, outcome):
        return "人数×标准×月数÷12，按元四舍五入"
    if line.item == "award" and _is_sum_of_pools(outcome, line):
        return "取自“星级奖励结算”"
    return "系统测算值" if line.amount_yuan else "不安排"


def _is_plain(line: Any, outcome: Outcome) -> bool:
    rules = outcome.budget.rules
    twice = 2 * rules.activity_yuan * rules.activity_months * int(line.members)
    return (twice + 12) // 24 == int(line.amount_yuan)


def _is_sum_of_pools(outcome: Outcome, line: Any) -> bool:
    awards, codes = outcome.budget.awards, outcome.budget.lines
    of_line = codes.loc[line.Index]
    same = (awards["unit"] == of_line["unit"]) & (awards["payer"] == of_line["payer"])
    return int(awards.loc[same, "amount_yuan"].sum()) == int(line.amount_yuan)


def _write_readings(sheet: Sheet, outcome: Outcome, settled: Settled) -> None:
    sheet.section("二、星级奖励由谁承担：文件的两种读法")
    sheet.wide(
        "文件既写“所需经费由市财政局承担”（F6），又写“统筹安排，预算不再另行安排”（F9）。"
        "两种读法并列，由决策者选定；可统筹经费为黄色单元格，填入后缺口自动重算。",
        "note",
    )
    heads = ["读法", "承担单位", "文件原文", "", "", "总需求\n（元）",
             "可统筹经费\n（元）", "新增预算\n（元）", "缺口（元）"]  # fmt: skip
    sheet.headings(heads)
    sheet.page.merge_range(
        sheet.row - 1, 2, sheet.row - 1, 4, "文件原文", sheet.formats.get("head")
    )
    for reading in outcome.budget.funding.itertuples():
        _write_reading(sheet, reading, outcome, settled)


def _write_reading(
    sheet: Sheet, reading: Any, outcome: Outcome, settled: Settled
) -> None:
    row = sheet.row
    need, pooled = cell_name(row, _AMOUNT), cell_name(row, _LEAST)
    is_pooled = reading.clause == "F9"
    payer = (
        unit_name(outcome.register, reading.payer)
        if reading.payer
        else "各相关部门统筹"
    )
    gap: object = int(reading.gap_yuan) if not pd.isna(reading.gap_yuan) else 0
    if is_pooled:
        known = "尚未提供" if pd.isna(reading.gap_yuan) else int(reading.gap_yuan)
        gap = Formula(
            f'=IF({pooled}="","可统筹经费尚未提供",MAX(0,{need}-{pooled}))',
            "可统筹经费尚未提供" if known == "尚未提供" else known,
        )
    available = None if pd.isna(reading.available_yuan) else int(reading.available_yuan)
    values = [
        f"{reading.clause} · {reading.section}", payer, reading.text, "", "",
        Formula(f"={settled.total}", int(reading.need_yuan)), available,
        int(reading.new_yuan), gap,
    ]  # fmt: skip
    styles = ["text", "text", "text", "text", "text", "yuan",
              "input" if is_pooled else "yuan", "yuan", "yuan"]  # fmt: skip
    sheet.cells(values, styles)
    sheet.page.set_row(row, 48)
    sheet.page.merge_range(row, 2, row, 4, "", sheet.formats.get("text"))
    sheet.page.write_string(row, 2, f"“{reading.text}”", sheet.formats.get("text"))


def _write_quarters(sheet: Sheet, groups: pd.DataFrame, first_sum: int) -> None:
    sheet.section("三、分季度用款计划")
    sheet.wide(
        "按以下假定编排，文件未作规定：网格工作活动经费在预算年度内按季平均安排，除不尽的并入第四季度；"
        "星级奖励待评定结果确认后，在列支年度第一季度一次支付（当年列支的在第四季度）。",
        "note",
    )
    sheet.headings(
        ["资金承担单位", "", "经费项目", "预算年度", "", "第一季度\n（元）",
         "第二季度\n（元）", "第三季度\n（元）", "第四季度（元）"]
    )  # fmt: skip
    first = sheet.row
    styles = ["text", "text", "text", "year", "text", "yuan", "yuan", "yuan", "yuan"]
    paid_later = len(set(groups["year"])) > 1
    for i, group in enumerate(groups.itertuples()):
        cell = cell_name(first_sum + i, _AMOUNT)
        quarters = _quarters(group, cell, is_later=paid_later)
        head = [group.payer, "", ITEMS[group.item], group.year, ""]
        sheet.cells([*head, *quarters], styles)
    values: list[object] = ["合计", "", "", "", ""]
    for column in range(5, 9):
        span = f"{cell_name(first, column)}:{cell_name(sheet.row - 1, column)}"
        values.append(
            Formula(f"=SUM({span})", _quarter_sum(groups, column - 5, paid_later))
        )
    sheet.cells(values, ["total_yuan"] * 9)


def _quarters(group: Any, cell: str, *, is_later: bool) -> list[object]:
    amount = int(group.amount)
    if group.item == "award":
        parts: list[object] = [0, 0, 0, 0]
        parts[0 if is_later else 3] = Formula(f"={cell}", amount)
        return parts
    quarter = Formula(f"=INT({cell}/4)", amount // 4)
    rest = Formula(f"={cell}-3*INT({cell}/4)", amount - 3 * (amount // 4))
    return [quarter, quarter, quarter, rest]


def _quarter_sum(groups: pd.DataFrame, quarter: int, is_later: bool) -> int:
    parts = [
        _quarters(g, "A1", is_later=is_later)[quarter] for g in groups.itertuples()
    ]
    return sum(int(p.result) if isinstance(p, Formula) else 0 for p in parts)


def _addresses(sheet: Sheet, total: int) -> Money:
    name = sheet.page.get_name()
    cells = (cell_name(total, c, is_fixed=True) for c in (_AMOUNT, _LEAST, _MOST))
    amount, least, most = (f"'{name}'!{cell}" for cell in cells)
    return Money(amount, least, most)
