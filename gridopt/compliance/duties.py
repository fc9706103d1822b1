"""What is due when, by whom: the duties (M), the timetable (T) and the documents."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Annotated

import pandas as pd
from pydantic import Field

from gridopt.compliance.plan import Plan, Verdict, choice, met, outside
from gridopt.rules import Rules, setting

if TYPE_CHECKING:
    from gridopt.roster import Roster

Month = Annotated[int, Field(ge=1, le=12)]

CALENDAR_COLUMNS = (
    *("year", "month", "duty", "who", "whom", "n_who"),
    *("clause", "section", "frequency_source"),
)
DOCUMENT_COLUMNS = ("document", "owner", "due", "clause", "section")

_IN_CHARGE = {
    "二级网格长": (2, "head"),
    "乡镇（街道）": (2, "instructor"),
    "乡镇（街道）、市住建局": (2, "head"),
    "各乡镇（街道）、市住建局": (2, "head"),
    "四级网格长": (4, "head"),
    "网格指导员": (4, "instructor"),
}
"""The post whose holders are counted: only townships have a level-2 instructor."""


class CalendarRules(Rules):
    """When the duties fall due where the document gives no month.

    Examples
    --------
    >>> CalendarRules().activity_months
    (3, 6, 9, 12)
    """

    activity_months: tuple[Month, ...] = setting(
        (3, 6, 9, 12), clause="M4", label="活动、走访、培训、联审、法治宣传的月份"
    )
    plan_month: Month = setting(1, clause="M3", label="制定年度工作计划的月份")
    prepare_month: Month = setting(3, clause="T1", label="完成准备的月份")
    operate_month: Month = setting(4, clause="T2", label="开始运行的月份")
    appraise_month: Month = setting(12, clause="T3", label="完成考核的月份")


def duty_calendar(
    roster: Roster, year: int | None = None, rules: CalendarRules | None = None
) -> pd.DataFrame:
    """List what is due in each month of a year (M1 to M5, M9; T1 to T3).

    Parameters
    ----------
    roster
        The four levels; how many are in charge of a duty is counted there.
    year
        The year of the calendar; None for every year.
    rules
        The months that the document leaves open.

    Returns
    -------
    DataFrame
        Columns `CALENDAR_COLUMNS`, by month; `month` is missing for what holds all
        year round, `frequency_source` says whether the text or we chose how often.

    Examples
    --------
    >>> posts = pd.DataFrame({"grid_id": ["a", "b"], "level": [2, 4],
    ...                       "role": ["head", "head"]})
    >>> from types import SimpleNamespace
    >>> due = duty_calendar(SimpleNamespace(posts=posts), 2026)
    >>> int((due["clause"] == "M1").sum())
    12
    """
    months = _months(rules or CalendarRules())
    duties = _read("duties.csv")
    duties["month"] = duties["when"].map(months)
    rows = duties.explode("month").reset_index(names="order")
    rows["month"] = rows["month"].astype("Int64")
    rows["year"] = pd.array([year] * len(rows), dtype="Int64")
    rows["n_who"] = rows["who"].map(_n_in_charge(roster)).astype("Int64")
    is_ours = rows["is_frequency_ours"] == "1"
    rows["frequency_source"] = list(map(_source, rows["when"], is_ours))
    ordered = rows.sort_values(["month", "order"], kind="stable", ignore_index=True)
    return ordered[list(CALENDAR_COLUMNS)]


def documents_owed() -> pd.DataFrame:
    """List the documents that each actor owes, and by when (M3, M10).

    Examples
    --------
    >>> documents_owed()["document"].tolist()[-1]
    '年度工作计划'
    """
    return _read("documents.csv")[list(DOCUMENT_COLUMNS)]


def _months(rules: CalendarRules) -> dict[str, list[int | None]]:
    return {
        "monthly": list(range(1, 13)),
        "activity": list(rules.activity_months),
        "plan": [rules.plan_month],
        "prepare": [rules.prepare_month],
        "operate": [rules.operate_month],
        "appraise": [rules.appraise_month],
        "always": [None],
    }


def _source(when: str, is_ours: bool) -> str:
    if when == "always":
        return "全年，文件未定次数"
    if when == "plan":
        return "每年一份为文件规定，月份为本项目选定"
    return "次数为本项目选定" if is_ours else "文件规定"


def _n_in_charge(roster: Roster) -> dict[str, int]:
    posts = roster.posts
    keys = [posts["level"].astype(int), posts["role"]]
    n = posts.groupby(keys)["grid_id"].nunique()
    return {who: int(n.get(post, 0)) for who, post in _IN_CHARGE.items()}


def _read(name: str) -> pd.DataFrame:
    with files("gridopt.tables").joinpath(name).open(encoding="utf-8-sig") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)


def check_hearings(plan: Plan) -> Verdict:
    """M1: the level-2 head hears the heads below at least monthly."""
    n = _n_in_charge(plan.roster)["二级网格长"]
    zh = f"工作日历列{n}个二级统计网格每月1次，全年12次；是否召开以实际记录为准。"
    return met(zh, f"In the calendar: {n} level-2 grids, monthly.")


def check_meetings(plan: Plan) -> Verdict:
    """M2: a monthly analysis meeting per township."""
    n = len(plan.units(is_department=False))
    zh = f"工作日历列{n}个{plan.territory}每月1次；是否召开以实际记录为准。"
    return met(zh, f"In the calendar: {n} townships, monthly.")


def check_year_plans(plan: Plan) -> Verdict:
    """M3: one plan per grid and year."""
    n = len(plan.partition.grids)
    zh = f"工作日历列年度工作计划{n}份，每个企业网格一份。"
    return met(zh, f"In the calendar: {n} yearly plans, one per grid.")


def check_activities(plan: Plan) -> Verdict:
    """M4: regular activities; how often is ours."""
    months = "、".join(str(month) for month in CalendarRules().activity_months)
    zh = f"文件未定次数，工作日历按每季度一次（{months}月）安排（默认）。"
    return choice(zh, "No number in the text; quarterly in the calendar (default).")


def check_reports(plan: Plan) -> Verdict:
    """M5: events with a large effect are reported at once."""
    return outside(
        "重大事项由乡镇（街道）随时报告；工作日历列为常年事项，本方案不作判定。",
        "Events are reported by the townships; a standing entry of the calendar.",
    )


def check_four_haves(plan: Plan) -> Verdict:
    """M7: leader in charge, body, staff and system of every department."""
    return outside(
        "由各部门对照“四有”（分管领导、责任机构、统计专业人员、全行业统计工作制度）自查，"
        "本方案没有部门资料。",
        "Each department checks itself; this plan holds nothing about departments.",
    )


def check_ledgers(plan: Plan) -> Verdict:
    """M8: ledgers and records are the enterprises' own duty."""
    return outside("属企业自身责任，不在本方案范围内。", "The enterprises' own duty.")


def check_contact(plan: Plan) -> Verdict:
    """M9: contact online and in meetings."""
    zh = "工作日历列为常年事项；方式由各网格自定，是否落实以实际记录为准。"
    return met(zh, "A standing entry of the calendar.")


def check_documents(plan: Plan) -> Verdict:
    """M10: the documents are for others to write; here is the list."""
    owed = documents_owed()
    names = owed.loc[owed["clause"] == "M10", "document"]
    zh = f"由各责任主体制定，应有{len(names)}项：{'、'.join(names)}。"
    return outside(zh, f"For others to write: {len(names)} documents are listed.")


def check_dates(month: int) -> Verdict:
    """T1 to T3: the month of a phase stands in the calendar."""
    zh = f"工作日历列于{month}月；日期为设定，是否按期完成以实际为准。"
    return met(zh, f"In the calendar, month {month}; a setting.")
