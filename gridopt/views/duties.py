"""The duties of the year and the documents owed, as a sheet (M1 to M5, M10, T)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.compliance.duties import documents_owed, duty_calendar
from gridopt.views.sheet import Column

if TYPE_CHECKING:
    from gridopt.outcome import Outcome
    from gridopt.views.sheet import Sheet

CALENDAR = (
    Column("月份", "centre", 13),
    Column("事项", "text", 44),
    Column("责任人", "text", 28),
    Column("对象", "text", 28),
    Column("责任人数\n（人）", "int", 10),
    Column("条款", "centre", 8),
    Column("文件出处", "centre", 14),
    Column("频次依据", "text", 28),
    Column("完成情况", "text", 18),
)
DOCUMENTS = ("时限", "文件", "制定单位", "", "", "条款", "文件出处", "", "完成情况")


def write_calendar(sheet: Sheet, outcome: Outcome) -> None:
    """Write what is due in each month, and which documents are owed."""
    rows = duty_calendar(outcome.roster, _year(outcome))
    sheet.wide(
        "文件写明次数的照写；未写明的，“频次依据”栏注明为本项目选定。是否落实以实际记录为准。",
        "note",
    )
    _write_documents(sheet)
    sheet.section("二、全年工作安排")
    sheet.headings([column.heading for column in CALENDAR], is_repeated=True)
    for row in rows.itertuples():
        sheet.cells(_duty(row), [column.style for column in CALENDAR])


def _write_documents(sheet: Sheet) -> None:
    # before the months: the headings that print on every page are those of the months
    sheet.section("一、应当制定的文件")
    sheet.headings(DOCUMENTS)
    styles = ["centre", "text", "text", "text", "text", "centre", "centre", "text",
              "text"]  # fmt: skip
    for row in documents_owed().itertuples():
        values = [
            row.due,
            row.document,
            row.owner,
            "",
            "",
            row.clause,
            row.section,
            "",
            "",
        ]
        sheet.cells(values, styles)


def _year(outcome: Outcome) -> int | None:
    date = outcome.scenario.date
    return dt.date.fromisoformat(str(date)).year if date else None


def _duty(row: Any) -> list[object]:
    month = "全年" if pd.isna(row.month) else f"{row.month}月"
    year = "" if pd.isna(row.year) or pd.isna(row.month) else f"{row.year}年"
    return [
        year + month,
        row.duty,
        row.who,
        row.whom,
        None if pd.isna(row.n_who) else int(row.n_who),
        row.clause,
        row.section,
        row.frequency_source,
        "",
    ]
