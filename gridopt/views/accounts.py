"""A budget made without a cut as a workbook: bills, stars, risk, what moves it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import xlsxwriter

from gridopt.results import score_text
from gridopt.views import checks, money, settlement, sheets, uncertainty
from gridopt.views.labels import unit_name
from gridopt.views.sheet import Column, Formats, Sheet

if TYPE_CHECKING:
    from gridopt.appraisal.outlook import Outlook
    from gridopt.budget import Budget
    from gridopt.geography import Units
    from gridopt.scenario import Scenario

STARS = (
    Column("评定单位", "text", 18),
    Column("人员编号", "id", 20),
    Column("企业编号", "id", 22),
    Column("在岗月数", "int", 8),
    Column("得分", "text", 9),
    Column("评定合格", "centre", 9),
    Column("按口径合格", "centre", 10),
    Column("星级", "centre", 10),
    Column("应发（元）", "yuan", 12),
    Column("实发（元）", "yuan", 12),
    Column("签收", "text", 14),
)
LEFT_OUT = (
    *STARS[:4],
    Column("原因", "text", 50),
)
TIES = (
    Column("评定范围", "text", 20),
    Column("界线", "centre", 10),
    Column("应取（人）", "int", 10),
    Column("实取（人）", "int", 10),
    Column("同分（人）", "int", 10),
    Column("处理", "text", 26),
    Column("同分人员", "text", 60),
)
_STAR_WORDS = {0: "—", 1: "一星级", 2: "二星级", 3: "三星级"}
_UNDATED = dt.date(2000, 1, 1)


@dataclass(frozen=True)
class _Names:
    """The units' names, where the sheets of a run look for a register's."""

    units: Units | None
    is_synthetic: bool = False


@dataclass(frozen=True)
class _Grids:
    grids: pd.DataFrame


@dataclass(frozen=True)
class _Books:
    """A budget as the sheets of a run's workbook read an outcome."""

    scenario: Scenario
    budget: Budget
    register: _Names
    partition: _Grids
    choices: list[dict[str, Any]]


def write_accounts(
    budget: Budget,
    scenario: Scenario,
    path: str | Path,
    *,
    units: Units | None = None,
    outlook: Outlook | None = None,
) -> None:
    """Write a budget as an xlsx workbook, Chinese, A4 landscape.

    The bills and the settlement are live formulas. The file carries the scenario's
    date and no clock: the same budget gives the same bytes.

    Parameters
    ----------
    budget
        A budget of counts, of a plan, or of the results of an appraisal.
    units
        Gives the units their names.
    outlook
        Adds the sheets on risk, assumptions and readings.
    """
    names = _Names(units)
    grids = _Grids(pd.DataFrame(columns=["grid_name"]))
    books: Any = _Books(scenario, budget, names, grids, budget.choices)
    with xlsxwriter.Workbook(str(Path(path)), {"strings_to_formulas": False}) as book:
        book.set_properties(_properties(scenario))
        formats = Formats(book)

        def add(name: str, widths: list[float]) -> Sheet:
            page = book.add_worksheet(name)
            return Sheet(page, formats, widths, name, scenario.title)

        spent = add("经费预算", money.WIDTHS)
        settled = add("星级奖励结算", settlement.WIDTHS)
        cells = settlement.write_settlement(settled, books)
        total = money.write_money(spent, books, cells)
        if budget.settlement is not None:
            _write_stars(add("星级评定名单", _widths(STARS)), books)
            _write_left_out(add("未参加评定", _widths(LEFT_OUT)), books)
            _write_ties(add("同分处理", _widths(TIES)), books)
        if outlook is not None:
            _write_outlook(add, book, books, outlook)
        sheets.write_choices(add("口径与选择", _widths(sheets.CHOICES)), books)
        checks.write_checks(add("核对", _widths(checks.COLUMNS)), budget, total, cells)


def _write_outlook(
    add: Any, book: xlsxwriter.Workbook, books: Any, outlook: Outlook
) -> None:
    page = add("风险测算", _widths(uncertainty.RISK))
    appropriation = books.budget.rules.appropriation_yuan
    uncertainty.write_risk(
        page, book, outlook.distribution, appropriation, outlook.remark_zh
    )
    widths = _widths(uncertainty.CHANGES)
    uncertainty.write_changes(
        add("口径比较", widths), book, outlook.readings,
        "文件未定之处的不同读法各值多少：第一行为所选口径，其余每行只改一项；"
        "逐种可能精确计算，差额没有抽样误差。",
    )  # fmt: skip
    uncertainty.write_changes(
        add("敏感性分析", widths), book, outlook.changes,
        "各项假定变动一项时，星级奖励总额如何变化；第一行为基准。",
    )  # fmt: skip


def _write_stars(sheet: Sheet, books: Any) -> None:
    settlement_, payment = books.budget.settlement, books.budget.payment
    stars = settlement_.stars.assign(score=score_text(settlement_.stars["score"]))
    paid = stars["amount_yuan"] if payment is None else payment.amount_yuan
    stars = stars.assign(paid=paid).sort_values(
        ["unit", "star", "person_id"], ascending=[True, False, True], kind="stable"
    )
    sheet.wide(
        f"应参加评定{len(stars)}人，按口径合格{int(stars['qualified'].sum())}人；"
        f"年内任职未参加评定{len(settlement_.left_out)}人，另表列出。",
        "note",
    )
    rows = [
        [
            unit_name(books.register, row.unit), row.person_id, row.enterprise_id,
            int(row.months), row.score, "是" if row.passed else "否",
            "是" if row.qualified else "否",
            "未定到人" if pd.isna(row.star) else _STAR_WORDS[int(row.star)],
            row.amount_yuan, row.paid, "",
        ]
        for row in stars.itertuples()
    ]  # fmt: skip
    sheet.table(STARS, rows, is_kept=True)


def _write_left_out(sheet: Sheet, books: Any) -> None:
    left_out = books.budget.settlement.left_out
    sheet.wide(f"年内任过职、未参加评定的{len(left_out)}人，逐人说明原因。", "note")
    rows = [
        [unit_name(books.register, row.unit), row.person_id, row.enterprise_id,
         int(row.months), row.reason_zh]
        for row in left_out.itertuples()
    ]  # fmt: skip
    sheet.table(LEFT_OUT, rows, is_kept=True)


def _write_ties(sheet: Sheet, books: Any) -> None:
    from gridopt.awards.rules import TIE_WORDS
    from gridopt.awards.ties import BOUNDARY_WORDS

    ties = books.budget.settlement.ties
    sheet.wide(
        f"界线处最后入选者与第一名落选者同分的，共{len(ties)}处，逐处列明。", "note"
    )
    rows = [
        [
            unit_name(books.register, row.pool), BOUNDARY_WORDS[row.boundary],
            row.wanted, row.taken, row.n_tied, TIE_WORDS[row.rule],
            row.person_ids.replace(" ", "、"),
        ]
        for row in ties.itertuples()
    ]  # fmt: skip
    sheet.table(TIES, rows, is_kept=True)


def _widths(columns: tuple[Column, ...]) -> list[float]:
    return [column.width for column in columns]


def _properties(scenario: Scenario) -> dict[str, object]:
    date = scenario.date or _UNDATED
    return {
        "title": scenario.title,
        "author": scenario.author,
        "subject": "星级奖励和网格工作活动经费",
        "created": dt.datetime(date.year, date.month, date.day),
    }
