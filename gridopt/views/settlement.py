"""The settlement of the star awards as a sheet with live formulas (F5 to F8, F10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gridopt.rules import extra_of
from gridopt.views.formulas import (
    LIVE_ROUNDINGS,
    Cells,
    bill_formula,
    bound_people,
    least_formula,
    passed_formula,
    qualified_formula,
    star_formulas,
)
from gridopt.views.labels import pool_name, unit_name
from gridopt.views.sheet import Column, Formula, cell_name

if TYPE_CHECKING:
    from gridopt.outcome import Outcome
    from gridopt.views.sheet import Sheet

COLUMNS = (
    Column("单元", "text", 18),
    Column("评定范围", "text", 24),
    Column("资金承担单位", "text", 12),
    Column("网格成员\n（人）", "input", 9),
    Column("预计合格\n（人）", "int", 9),
    Column("最低合格\n（人）", "int", 9),
    Column("合格\n（人）", "int", 9),
    Column("合格率", "percent", 9),
    Column("一星级\n（人）", "int", 8),
    Column("二星级\n（人）", "int", 8),
    Column("三星级\n（人）", "int", 8),
    Column("奖励金额\n（元）", "yuan", 12),
    Column("最低可能\n（元）", "yuan", 12),
    Column("最高可能\n（元）", "yuan", 12),
    Column("系统测算\n（元）", "yuan", 12),
    Column("核对", "check", 8),
    Column("评定单位签章", "text", 14),
)
_FIXED = {
    "controlled": "各评定范围统筹确定，一处人数变动会影响其他各处",
    "random": "按种子{rules.draw_seed}抽签，每个评定范围一次",
}
"""Why the stars of a rule hang on more than the row they stand in."""

WIDTHS = [column.width for column in COLUMNS]
_UNIT, _PAYER, _MEMBERS, _PASSED, _LEAST, _QUALIFIED = 0, 2, 3, 4, 5, 6
_STAR1, _AMOUNT, _LEAST_YUAN, _MOST_YUAN, _ENGINE = 8, 11, 12, 13, 14


@dataclass(frozen=True)
class Settled:
    """Where other sheets find the settlement: its columns and total cells."""

    units: str
    payers: str
    amounts: str
    total: str
    least: str
    most: str


def write_settlement(sheet: Sheet, outcome: Outcome) -> Settled:
    """Write parameters, one row per pool with formulas, totals and checks."""
    rules = outcome.budget.rules
    live = _Live(outcome.budget)
    sheet.wide(_explanation(rules, live), "note")
    cells = _write_parameters(sheet, rules)
    sheet.wide(_choices_text(rules), "note")
    heads = [column.heading for column in COLUMNS]
    if live.is_settled:
        heads[_PASSED] = "评定合格\n（人）"
    sheet.headings(heads, is_kept=True)
    first = sheet.row
    styles = [column.style for column in COLUMNS]
    for _, pool in outcome.budget.awards.iterrows():
        sheet.cells(_pool_row(sheet.row, pool, outcome, cells), styles)
    last = sheet.row - 1
    total = _write_totals(sheet, outcome, first, last)
    sheet.signatures(["评定单位经办人", "市统计局确认", "市财政局审核"])
    return _addresses(sheet, first, last, total)


@dataclass(frozen=True)
class _Live:
    """Which parts the spreadsheet computes itself under the rules in force."""

    budget: Any

    @property
    def rules(self) -> Any:
        return self.budget.rules

    @property
    def is_settled(self) -> bool:
        """Whether results are known: what was lifted, dropped or cut has no formula."""
        return self.budget.settlement is not None

    def _is_moved(self, boundaries: tuple[str, ...]) -> bool:
        if not self.is_settled:
            return False
        ties = self.budget.settlement.ties
        moved = ties["taken"] != ties["wanted"]
        return bool((moved & ties["boundary"].isin(boundaries)).any())

    @property
    def has_lifts(self) -> bool:
        return self._is_moved(("qualified", "star1", "star2", "star3"))

    @property
    def has_prizes(self) -> bool:
        payment = self.budget.payment
        return payment is None or payment.paid_yuan == payment.due_yuan

    @property
    def has_passes(self) -> bool:
        return bool(self.rules.pool == "unit") and not self.is_settled

    @property
    def has_floor(self) -> bool:
        is_same = bool(self.rules.pool == self.rules.floor_level)
        return is_same and not self._is_moved(("qualified",))

    @property
    def has_stars(self) -> bool:
        is_plain = self.has_prizes and not self._is_moved(("star1", "star2", "star3"))
        return is_plain and self.rules.rounding in LIVE_ROUNDINGS

    @property
    def has_bounds(self) -> bool:
        # with other shares a bill by largest remainder may fall when q rises
        is_even = tuple(self.rules.star_percents) == (60, 30, 10)
        is_rising = is_even or not self.rules.rounding.startswith("largest")
        is_open = not self.is_settled
        return is_open and self.has_floor and self.has_stars and is_rising


def _explanation(rules: Any, live: _Live) -> str:
    text = (
        "底色为黄色的单元格是输入值，可以改动；其余为公式，改动后自动重算。"
        "“系统测算”是本次测算结果，“核对”列比较公式结果与系统测算。"
        "合格人数、星级人数均按整数计算，不涉及小数。"
    )
    if live.is_settled:
        text += "本表按评定结果结算，合格人数为评定结果，最低、最高可能金额即结算金额。"
        if not live.has_prizes:
            text += "资金不足，星级或金额已按所选办法调整，为系统测算值，不是公式。"
        elif live.has_lifts:
            text += "有同分的按所选办法同上或同下，相关人数为系统测算值，不是公式。"
    elif not live.has_floor:
        text += (
            "本口径的评定范围与最低合格率考核范围不同，合格人数由系统分配，"
            "此处为数值，不是公式。"
        )
    if not live.has_stars and not live.is_settled:
        text += f"取整规则“{rules.rounding}”没有逐格公式，星级人数为系统测算值"
        why = _FIXED.get(rules.rounding)
        text += f"（{why.format(rules=rules)}）。" if why else "。"
        text += (
            "改动人数后，星级合计与合格人数不符的，“核对”列显示“不一致”，须重新测算。"
        )
    if live.has_floor and not live.has_bounds and not live.is_settled:
        text += "最低、最高可能金额为系统测算值。"
    return text


def _write_parameters(sheet: Sheet, rules: Any) -> Cells:
    labels = [
        *(f"{star}星级占比\n（%）" for star in "一二三"),
        *(f"{star}星级奖励\n（元/人）" for star in "一二三"),
        "最低合格率\n（%）",
        "预计合格率\n（%）",
    ]
    values = (
        *rules.star_percents,
        *rules.prizes_yuan,
        rules.floor_percent,
        rules.pass_percent,
    )
    sheet.headings(["参数", "条款", "", *labels])
    styles = ["text", "text", "text"] + ["input"] * len(values)
    row = sheet.cells(["采用值", "F5、F6", "", *values], styles)
    sheet.page.set_row(row, 20)
    names = [cell_name(row, 3 + i, is_fixed=True) for i in range(len(values))]
    a, b, c, d, e, f, floor, expected = names
    return Cells((a, b, c), (d, e, f), floor, expected)


def _choices_text(rules: Any) -> str:
    parts = (
        ("评定范围", "pool"),
        ("星级人数取整", "rounding"),
        ("最低合格率的含义", "floor"),
        ("最低合格率考核范围", "floor_level"),
    )
    return (
        "采用口径——"
        + "；".join(f"{label}：{_words(rules, field)}" for label, field in parts)
        + "。"
    )


def _words(rules: Any, field: str) -> str:
    value = getattr(rules, field)
    words = extra_of(type(rules).model_fields[field]).get("words", {})
    return str(words.get(value, value))


def _pool_row(row: int, pool: Any, outcome: Outcome, cells: Cells) -> list[object]:
    rules, register = outcome.budget.rules, outcome.register
    live = _Live(outcome.budget)
    members, passed, least, qualified = (
        cell_name(row, c) for c in (_MEMBERS, _PASSED, _LEAST, _QUALIFIED)
    )
    n_least = -(-rules.floor_percent * int(pool["members"]) // 100)
    stars: list[object] = [int(pool[key]) for key in ("star1", "star2", "star3")]
    bounds: list[object] = [int(pool["least_yuan"]), int(pool["most_yuan"])]
    if live.has_stars:
        texts = star_formulas(rules.rounding, qualified, cells)
        stars = [Formula(f"={t}", n) for t, n in zip(texts, stars, strict=True)]  # type: ignore[arg-type]
    if live.has_bounds:
        people = bound_people(rules.floor, members, least)
        texts2 = [bill_formula(rules.rounding, q, cells) for q in people]
        bounds = [Formula(f"={t}", n) for t, n in zip(texts2, bounds, strict=True)]  # type: ignore[arg-type]
    name = pool_name(register, outcome.partition.grids, pool["pool"])
    return [
        unit_name(register, pool["unit"]),
        "全单元" if pool["pool"] == pool["unit"] else name,
        unit_name(register, pool["payer"]),
        int(pool["members"]),
        _passed(pool, rules, live, passed_formula(members, cells)),
        Formula(f"={least_formula(members, cells)}", n_least),
        _qualified(pool, rules, live, qualified_formula(rules.floor, passed, least)),
        Formula(f"=IF({members}=0,0,{qualified}/{members})", _rate(pool)),
        *stars,
        Formula(f"={_sum_of_prizes(row, cells)}", int(pool["amount_yuan"]))
        if live.has_prizes
        else int(pool["amount_yuan"]),
        *bounds,
        int(pool["amount_yuan"]),
        _check(row, has_stars=live.has_stars),
        "",
    ]


def _passed(pool: Any, rules: Any, live: _Live, formula: str) -> object:
    planned = (2 * rules.pass_percent * int(pool["members"]) + 100) // 200
    known = pool.get("passed")
    if not live.has_passes:
        return None if known is None else int(known)
    if known is not None and int(known) != planned:  # results of an appraisal
        return int(known)
    return Formula(f"={formula}", planned)


def _qualified(pool: Any, rules: Any, live: _Live, formula: str) -> object:
    n = int(pool["qualified"])
    needs_passes = rules.floor != "exact"
    is_known = live.has_passes or pool.get("passed") is not None
    if live.has_floor and (is_known or not needs_passes):
        return Formula(f"={formula}", n)
    return n


def _rate(pool: Any) -> float:
    members = int(pool["members"])
    return int(pool["qualified"]) / members if members else 0.0


def _sum_of_prizes(row: int, cells: Cells) -> str:
    stars = [cell_name(row, _STAR1 + i) for i in range(3)]
    return "+".join(f"{n}*{p}" for n, p in zip(stars, cells.prizes, strict=True))


def _check(row: int, *, has_stars: bool = True) -> Formula:
    amount, engine = cell_name(row, _AMOUNT), cell_name(row, _ENGINE)
    test = f"{amount}={engine}"
    if not has_stars:
        # stars that stand there as numbers do not follow the people
        stars = "+".join(cell_name(row, _STAR1 + i) for i in range(3))
        test = f"AND({test},{stars}={cell_name(row, _QUALIFIED)})"
    return Formula(f'=IF({test},"一致","不一致")', "一致")


def _write_totals(sheet: Sheet, outcome: Outcome, first: int, last: int) -> int:
    awards = outcome.budget.awards
    keys = {_MEMBERS: "members", _QUALIFIED: "qualified", _STAR1: "star1",
            _STAR1 + 1: "star2", _STAR1 + 2: "star3", _AMOUNT: "amount_yuan",
            _LEAST_YUAN: "least_yuan", _MOST_YUAN: "most_yuan",
            _ENGINE: "amount_yuan"}  # fmt: skip
    values: list[object] = ["合计", *([""] * (len(COLUMNS) - 1))]
    for column, key in keys.items():
        span = f"{cell_name(first, column)}:{cell_name(last, column)}"
        values[column] = Formula(f"=SUM({span})", int(awards[key].sum()))
    values[_ENGINE + 1] = _check(sheet.row)
    members, qualified = (cell_name(sheet.row, c) for c in (_MEMBERS, _QUALIFIED))
    rate = awards["qualified"].sum() / max(awards["members"].sum(), 1)
    values[_QUALIFIED + 1] = Formula(
        f"=IF({members}=0,0,{qualified}/{members})", float(rate)
    )
    styles = ["total_yuan"] * len(COLUMNS)
    styles[_QUALIFIED + 1] = "total_percent"
    return sheet.cells(values, styles)


def _addresses(sheet: Sheet, first: int, last: int, total: int) -> Settled:
    name = sheet.page.get_name()

    def span(column: int) -> str:
        ends = [cell_name(row, column, is_fixed=True) for row in (first, last)]
        return f"'{name}'!{ends[0]}:{ends[1]}"

    def cell(column: int) -> str:
        return f"'{name}'!{cell_name(total, column, is_fixed=True)}"

    return Settled(
        units=span(_UNIT),
        payers=span(_PAYER),
        amounts=span(_AMOUNT),
        total=cell(_AMOUNT),
        least=cell(_LEAST_YUAN),
        most=cell(_MOST_YUAN),
    )
