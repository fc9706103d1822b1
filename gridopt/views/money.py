"""The budget as a sheet: who pays what in which year, two readings, a cash plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.accounts import kinds_of
from gridopt.views.fund import write_fund
from gridopt.views.labels import ITEMS, NO_UNIT, unit_name
from gridopt.views.lines import AMOUNT, ITEM, LEAST, MOST, PAYER, YEAR, write_lines
from gridopt.views.sheet import Column, Formula, cell_name

if TYPE_CHECKING:
    from gridopt.budget import Budget
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
UNSETTLED = "未定（文件未写明）"
UNDATED = "未定"
_TEXT = (2, 4)


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
        lines.groupby(["payer", "kind", "year"], sort=False)
        .agg(members=("members", "sum"), amount=("amount_yuan", "sum"))
        .reset_index()
        .sort_values("kind", kind="stable", ignore_index=True)
    )
    sheet.section("一、按资金承担单位和预算年度汇总")
    sheet.headings([column.heading for column in COLUMNS])
    first = sheet.row
    sheet.row += len(groups)  # the sums are written once their lines have a place
    total = _write_total(sheet, first, budget)
    _write_readings(sheet, outcome, settled)
    _write_quarters(sheet, groups, first)
    sheet.signatures(["编制人", "审核人", "市财政局负责人"])
    spans = write_lines(sheet, lines, outcome, settled)
    write_fund(sheet, outcome.budget, settled)
    end, sheet.row = sheet.row, first
    for group in groups.itertuples():
        sheet.cells(_sum_row(sheet.row, group, outcome, settled, spans), STYLES)
    sheet.row = end
    return _addresses(sheet, total)


def _lines(outcome: Outcome) -> pd.DataFrame:
    rows, register = outcome.budget.lines, outcome.register
    years = rows["fiscal_year"]
    return rows.assign(
        payer=[
            unit_name(register, code) if code else UNSETTLED for code in rows["payer"]
        ],
        unit_name=[
            unit_name(register, code) if code else NO_UNIT for code in rows["unit"]
        ],
        year=[UNDATED if pd.isna(year) else int(year) for year in years],
        kind=kinds_of(rows),
        item_name=kinds_of(rows).map(ITEMS),
    )


def _sum_row(
    row: int, group: Any, outcome: Outcome, settled: Settled, spans: dict[str, str]
) -> list[object]:
    keys = ",".join(
        f"{spans[name]},{cell_name(row, column)}"
        for name, column in (("payer", PAYER), ("item", ITEM), ("year", YEAR))
    )
    amount = Formula(f"=SUMIFS({spans['amount']},{keys})", int(group.amount))
    bounds: list[object] = [Formula(f"={cell_name(row, AMOUNT)}", int(group.amount))]
    bounds *= 2
    if group.kind == "award":
        bounds = _award_bounds(outcome, settled)
    return [
        group.payer,
        "",
        ITEMS[group.kind],
        group.year,
        Formula(f"=SUMIFS({spans['members']},{keys})", int(group.members)),
        amount,
        *bounds,
        _sum_note(group.kind, outcome.budget),
    ]


def _sum_note(kind: str, budget: Budget) -> str:
    if kind == "activity":
        return "人数固定，金额不浮动" if budget.settlement is None else "按在岗时间计算"
    if kind == "arrears":
        return "先于本年度奖励支付，不分单元"
    if budget.settlement is not None:
        return "按评定结果结算"
    return "最低：合格人数最少；最高：全员合格"


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
        (AMOUNT, budget.total_yuan),
        (LEAST, budget.least_yuan),
        (MOST, budget.most_yuan),
    ):
        span = f"{cell_name(first, column)}:{cell_name(last, column)}"
        values.append(Formula(f"=SUM({span})", int(yuan)))
    return sheet.cells([*values, ""], ["total_yuan"] * len(COLUMNS))


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
    sheet.merge(sheet.row - 1, _TEXT, "文件原文", "head")
    for reading in outcome.budget.funding.itertuples():
        _write_reading(sheet, reading, outcome, settled)


def _write_reading(
    sheet: Sheet, reading: Any, outcome: Outcome, settled: Settled
) -> None:
    row = sheet.row
    need, pooled = cell_name(row, AMOUNT), cell_name(row, LEAST)
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
        _need(outcome.budget, reading, settled), available,
        int(reading.new_yuan), gap,
    ]  # fmt: skip
    styles = ["text", "text", "text", "text", "text", "yuan",
              "input" if is_pooled else "yuan", "yuan", "yuan"]  # fmt: skip
    sheet.cells(values, styles)
    sheet.page.set_row(row, 48)
    sheet.merge(row, _TEXT, f"“{reading.text}”", "text")


def _need(budget: Budget, reading: Any, settled: Settled) -> object:
    need = int(reading.need_yuan)
    # what is due is more than what stands as paid where the money was short
    return Formula(f"={settled.total}", need) if need == budget.award_yuan else need


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
        cell = cell_name(first_sum + i, AMOUNT)
        quarters = _quarters(group, cell, is_later=paid_later)
        head = [group.payer, "", ITEMS[group.kind], group.year, ""]
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
    if group.kind != "activity":
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
    cells = (cell_name(total, c, is_fixed=True) for c in (AMOUNT, LEAST, MOST))
    amount, least, most = (f"'{name}'!{cell}" for cell in cells)
    return Money(amount, least, most)
