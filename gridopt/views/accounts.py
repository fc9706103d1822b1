"""A budget made without a cut as a workbook: bills, stars, risk, what moves it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.views import checks, money, settlement, sheets, stars, uncertainty
from gridopt.views.saving import new_workbook
from gridopt.views.sheet import Formats, Sheet

if TYPE_CHECKING:
    from pathlib import Path

    import xlsxwriter

    from gridopt.appraisal.outlook import Outlook
    from gridopt.budget import Budget
    from gridopt.geography import Units
    from gridopt.scenario import Scenario
    from gridopt.views.sheet import Column

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
    with new_workbook(path) as book:
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
            for name, columns, write in stars.SHEETS:
                write(add(name, _widths(columns)), books)
        if outlook is not None:
            _write_outlook(add, book, books, outlook)
        sheets.write_choices(add("口径与选择", _widths(sheets.CHOICES)), books)
        checks.write_checks(add("核对", _widths(checks.COLUMNS)), budget, total, cells)


def _write_outlook(
    add: Any, book: xlsxwriter.Workbook, books: Any, outlook: Outlook
) -> None:
    page = add("风险测算", _widths(uncertainty.RISK))
    # None too where the arrears take all
    money_yuan = books.budget.rules.prize_money_yuan or None
    uncertainty.write_risk(
        page, book, outlook.distribution, money_yuan, outlook.remark_zh
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
