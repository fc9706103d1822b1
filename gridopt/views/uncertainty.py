"""How uncertain the bill is, as sheets: bounds, quantiles, curve, what moves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.views.sheet import Column, cell_name

if TYPE_CHECKING:
    import pandas as pd
    from xlsxwriter.workbook import Workbook

    from gridopt.appraisal import BillDistribution
    from gridopt.views.sheet import Sheet

RISK = (
    Column("项目", "text", 40),
    Column("金额\n（元）", "yuan", 18),
    Column("概率", "percent", 14),
    Column("说明", "text", 60),
)
CHANGES = (
    Column("变动的假定或口径", "text", 44),
    Column("期望值\n（元）", "yuan", 16),
    Column("标准差\n（元）", "yuan", 14),
    Column("95%分位数\n（元）", "yuan", 16),
    Column("期望值\n比基准增减（元）", "int_change", 18),
    Column("95%分位数\n比基准增减（元）", "int_change", 18),
)
_POINTS = 30
_NOTES = {
    "least": "任何评定结果都不会低于此数",
    "most": "任何评定结果都不会高于此数",
    "es95": "最贵的5%情形的平均数（一致性尾部期望）",
    "contingency": "90%分位数减50%分位数，可作预备金参考",
}


def write_risk(
    sheet: Sheet,
    book: Workbook,
    distribution: BillDistribution,
    appropriation_yuan: int | None,
    remark_zh: str,
) -> None:
    """Write hard bounds, quantiles and the exceedance curve of the award bill (F6)."""
    sheet.wide(
        "以下为星级奖励总额的概率分布，逐种可能精确计算，没有抽样误差；先看上下限，"
        "再看各概率水平。",
        "note",
    )
    sheet.wide(remark_zh, "note")
    sheet.headings([column.heading for column in RISK], is_kept=True)
    styles = [column.style for column in RISK]
    for row in distribution.summary(appropriation_yuan).itertuples(index=False):
        measure = str(row.measure)
        label = row.label_zh
        if measure[:1] == "p" and measure[1:].isdigit():
            label = f"{measure[1:]}%的把握不超过（{label}）"
        note = _NOTES.get(measure, "")
        sheet.cells([label, row.yuan, row.share, note], styles)
    sheet.section("超过概率曲线")
    points = _thin(distribution.exceedance())
    first, last = sheet.table(
        (Column("星级奖励总额（元）", "yuan", 40), Column("超过的概率", "percent", 18)),
        [(int(x), float(p)) for x, p in points],
    )
    chart = book.add_chart({"type": "scatter", "subtype": "straight"})
    name = sheet.page.get_name()
    chart.add_series(
        {
            "categories": [name, first, 0, last, 0],
            "values": [name, first, 1, last, 1],
            "line": {"color": "#0072B2", "width": 2},
        }
    )
    chart.set_legend({"none": True})
    chart.set_title({"name": "星级奖励总额的超过概率", "name_font": {"size": 12}})
    chart.set_x_axis(
        {
            "name": "总额（元）",
            "num_format": "#,##0",
            "min": int(points[0][0]),
            "max": int(points[-1][0]),
        }
    )
    chart.set_y_axis({"name": "概率", "num_format": "0%", "min": 0, "max": 1})
    chart.set_size({"width": 520, "height": 320})
    sheet.on_one_page()
    sheet.page.insert_chart(cell_name(first, 2), chart, {"x_offset": 20, "y_offset": 4})


def _thin(table: pd.DataFrame) -> list[tuple[int, float]]:
    """Keep the part of the curve that is seen, some thirty points of it."""
    share = table["exceedance_share"].to_numpy()
    seen = np.flatnonzero((share < 0.9995) & (share > 0.0005))
    if seen.size == 0:
        seen = np.arange(len(table))
    low, high = max(int(seen[0]) - 1, 0), min(int(seen[-1]) + 1, len(table) - 1)
    rows = np.unique(np.linspace(low, high, _POINTS).round().astype(int))
    kept = table.iloc[rows]
    return list(zip(kept["yuan"], kept["exceedance_share"], strict=True))


def write_changes(sheet: Sheet, book: Workbook, table: pd.DataFrame, what: str) -> None:
    """Write what each change of an assumption or reading does to the bill.

    Parameters
    ----------
    table
        Of `tornado`: the base first, then one change a row.
    what
        One sentence above the table.
    """
    sheet.wide(what, "note")
    columns = ["label_zh", "mean_yuan", "sd_yuan", "p95_yuan"]
    columns += ["mean_difference_yuan", "p95_difference_yuan"]
    rows = table[columns].itertuples(index=False, name=None)
    first, last = sheet.table(CHANGES, list(rows), is_kept=True)
    if last <= first:
        return
    chart = book.add_chart({"type": "bar"})
    name = sheet.page.get_name()
    chart.add_series(
        {
            "categories": [name, first + 1, 0, last, 0],
            "values": [name, first + 1, 5, last, 5],
            "fill": {"color": "#0072B2"},
            "gap": 40,
        }
    )
    chart.set_legend({"none": True})
    chart.set_title({"name": "95%分位数比基准增减（元）", "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True, "label_position": "low"})
    chart.set_x_axis({"num_format": "#,##0"})
    chart.set_size({"width": 900, "height": 26 * (last - first) + 110})
    sheet.on_one_page()
    sheet.page.insert_chart(cell_name(last + 2, 0), chart, {"x_offset": 8})
