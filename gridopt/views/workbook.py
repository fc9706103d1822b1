"""The whole plan as a workbook for the desk, the signature and the audit."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from gridopt.views import money, notices, settlement, sheets, stars, summary
from gridopt.views.duties import CALENDAR, write_calendar
from gridopt.views.labels import SYNTHETIC
from gridopt.views.saving import new_workbook
from gridopt.views.sheet import Formats, Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import xlsxwriter

    from gridopt.outcome import Outcome
    from gridopt.views.sheet import Column

SHEETS = (
    "概要",
    "网格名册",
    "例外说明",
    "经费预算",
    "星级奖励结算",
    "口径与选择",
    "工作日历",
    "条款对照",
)

CHANGE_SHEETS = ("调整清单", "网格变动", "调整通知", "经费变动")
"""Four more, after the exceptions, where there was a plan before."""

_UNDATED = dt.date(2000, 1, 1)


def write_workbook(outcome: Outcome, path: str | Path) -> None:
    """Write the plan as an xlsx workbook, Chinese, A4 landscape.

    With the results of an appraisal, who gets which star, who is left out and ties
    stand on three sheets more. The settlement of the awards and the budget are live
    formulas; cells that a spreadsheet might run as a formula are text. The file
    carries the scenario's date and no clock: the same outcome gives the same bytes.

    Parameters
    ----------
    outcome
        What a scenario leads to.
    path
        File to write; an existing one is replaced.

    Examples
    --------
    >>> SHEETS[4]
    '星级奖励结算'
    """
    with new_workbook(path) as book:
        book.set_properties(_properties(outcome))
        pages = _add_sheets(book, outcome)
        settled = settlement.write_settlement(pages["星级奖励结算"], outcome)
        spent = money.write_money(pages["经费预算"], outcome, settled)
        summary.write_summary(pages["概要"], outcome, spent)
        if outcome.budget.settlement is not None:
            for name, _, write in stars.SHEETS:
                write(pages[name], outcome)
        sheets.write_roster(pages["网格名册"], outcome)
        sheets.write_exceptions(pages["例外说明"], outcome)
        sheets.write_choices(pages["口径与选择"], outcome)
        write_calendar(pages["工作日历"], outcome)
        sheets.write_clauses(pages["条款对照"], outcome)
        if outcome.adjustment is not None:
            notices.write_moves(pages["调整清单"], outcome)
            notices.write_grids(pages["网格变动"], outcome)
            notices.write_notices(pages["调整通知"], outcome)
            notices.write_money_change(pages["经费变动"], outcome)


def list_sheets(outcome: Outcome) -> tuple[str, ...]:
    """List the sheets that a workbook has: those of a re-cut or of results if any.

    Examples
    --------
    >>> import gridopt as go
    >>> list_sheets(go.run_scenario(go.read_sample())) == SHEETS
    True
    """
    changes = () if outcome.adjustment is None else CHANGE_SHEETS
    has_results = outcome.budget.settlement is not None
    of_results = (name for name, *_ in stars.SHEETS if has_results)
    return (*SHEETS[:3], *changes, *SHEETS[3:], *of_results)


def _add_sheets(book: xlsxwriter.Workbook, outcome: Outcome) -> dict[str, Sheet]:
    widths = {
        "概要": summary.WIDTHS,
        "网格名册": _widths(sheets.ROSTER),
        "例外说明": _widths(sheets.EXCEPTIONS),
        "经费预算": money.WIDTHS,
        "星级奖励结算": settlement.WIDTHS,
        "口径与选择": _widths(sheets.CHOICES),
        "工作日历": _widths(CALENDAR),
        "条款对照": _widths(sheets.CLAUSES),
        **{name: _widths(columns) for name, columns, _ in stars.SHEETS},
        "调整清单": _widths(notices.MOVE_COLUMNS),
        "网格变动": _widths(notices.GRID_COLUMNS),
        "调整通知": _widths(notices.NOTICE_COLUMNS),
        "经费变动": _widths(notices.MONEY_COLUMNS),
    }
    formats = Formats(book)
    foot = outcome.scenario.title
    if outcome.register.is_synthetic:
        foot += f"（{SYNTHETIC}）"
    pages = {}
    for name in list_sheets(outcome):
        title = outcome.scenario.title if name == "概要" else name
        page = book.add_worksheet(name)
        pages[name] = Sheet(page, formats, widths[name], title, foot)
    return pages


def _widths(columns: Sequence[Column]) -> list[float]:
    return [column.width for column in columns]


def _properties(outcome: Outcome) -> dict[str, object]:
    scenario = outcome.scenario
    date = dt.date.fromisoformat(str(scenario.date)) if scenario.date else _UNDATED
    return {
        "title": scenario.title,
        "author": scenario.author,
        "subject": "基层统计网格划分方案",
        "created": dt.datetime(date.year, date.month, date.day),
    }
