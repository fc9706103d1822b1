"""How a comparison is shown: a workbook, a page, and a section of each report."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from gridopt.comparison import keep_one
from gridopt.differences import is_told, list_results
from gridopt.views.contrasts import (
    RESULTS,
    explain_results,
    head_of,
    list_companions,
    list_settings,
    list_tables,
)
from gridopt.views.drawing import draw_outlines
from gridopt.views.filters import show_filters
from gridopt.views.html import element, note, page, part, read_asset, table, wrap
from gridopt.views.labels import SYNTHETIC
from gridopt.views.saving import new_workbook, save_text
from gridopt.views.sheet import Formats, Sheet

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from gridopt.comparison import Comparison
    from gridopt.outcome import Outcome
    from gridopt.partition import Partition
    from gridopt.views.contrasts import Contrast

TITLE = "情景比较"
MOST_COMPANIONS = 500
"""With more enterprises than this the page points to `companions.csv`."""

MOST_BESIDE = 7
"""As many scenarios stand beside the baseline in one table; A4 has no room for more."""

_UNCHANGED_ELSEWHERE = (
    "其余没有不同的指标不列；全部指标见 comparison.xlsx、results.csv。"
)
_MAP_MEANING = (
    "各图范围、比例相同；彩色轮廓为网格，虚线轮廓为有例外的网格，方块为中心企业，"
    "颜色只用来区分相邻网格。鼠标停在方块上可看网格名称、家数。"
)
_BRIEF_MEANING = "括号内为较基准情景增减；没有括号的数与基准情景相同。"
_UNDATED = dt.date(2000, 1, 1)


def write_comparison_workbook(comparison: Comparison, path: str | Path) -> None:
    """Write a comparison as an xlsx workbook: inputs, results, companions.

    Parameters
    ----------
    comparison
        What differs.
    path
        File to write; an existing one is replaced.
    """
    date = comparison.outcomes[0].scenario.date or _UNDATED
    foot = "、".join(comparison.names)
    foot += f"（{SYNTHETIC}）" if _is_made_up(comparison) else ""
    with new_workbook(path) as book:
        book.set_properties(
            {"title": TITLE, "created": dt.datetime(date.year, date.month, date.day)}
        )
        formats = Formats(book)
        for found in list_tables(comparison):
            widths = [column.width for column in found.columns]
            page_of = book.add_worksheet(found.title)
            title = f"{TITLE}：{found.title}"
            sheet = Sheet(page_of, formats, widths, title, foot)
            if _is_made_up(comparison):
                sheet.wide(f"【{SYNTHETIC}】", "mark", height=22.0)
            concluded = comparison.sentences if found.title == RESULTS else ()
            for line in (*concluded, *found.notes):
                sheet.wide(line, "note")
            sheet.headings([column.heading for column in found.columns], is_kept=True)
            for row, styles in found.marked_rows:
                sheet.cells(row, styles)
            if not found.rows:
                sheet.wide("没有不同。", "note")


def write_comparison_page(comparison: Comparison, path: str | Path) -> None:
    """Write a comparison as one self-contained page, Chinese, ready to print on A4."""
    pieces = [
        _heading(comparison),
        _as_section(list_settings(comparison)),
        part("结论", *(element("p", text) for text in comparison.sentences)),
        _maps(comparison),
        _results(comparison),
        _as_section(list_companions(comparison)),
        '<div id="tip"></div>',
    ]
    text = page(
        TITLE,
        "\n".join(pieces),
        style=read_asset("report.css"),
        script=read_asset("report.js"),
    )
    save_text(text, path)


def show_standing(comparison: Comparison, outcome: Outcome) -> str:
    """Show in one scenario's report how it stands among those compared."""
    at = next(i for i, one in enumerate(comparison.outcomes) if one is outcome)
    name = comparison.names[at]
    if name == comparison.base_name:
        told = comparison.sentences
        return part("与其他情景比较", *(element("p", text) for text in told))
    only = keep_one(comparison, name)
    inputs = list_settings(only)
    return part(
        "与基准情景比较",
        element("p", comparison.sentences[at]),
        element("h3", inputs.title),
        _as_html(inputs),
        element("h3", RESULTS),
        *map(note, [*explain_results(only), _BRIEF_MEANING]),
        _table_of(only, _pick(list_results(only), is_told(only))),
        note(_UNCHANGED_ELSEWHERE),
    )


def _heading(comparison: Comparison) -> str:
    pieces = [element("h1", TITLE)]
    if _is_made_up(comparison):
        pieces.append(element("div", SYNTHETIC, class_="mark"))
    first = comparison.outcomes[comparison.baseline]
    n = first.summary["n_eligible"]
    pieces.append(
        note(
            f"{len(comparison.names)}个情景，同一份名录 {first.register.file}；"
            f"基准情景 {comparison.base_name}，纳入划分{n:,}家。"
        )
    )
    return wrap("header", pieces)


def _maps(comparison: Comparison) -> str:
    """Draw each plan once: scenarios of other money only have the same.

    A plan is another one, too, where a grid is an exception under other rules only.
    """
    named: dict[str, list[str]] = {}
    plans: dict[str, Partition] = {}
    for name, outcome in zip(comparison.names, comparison.outcomes, strict=True):
        plan = outcome.partition
        key = plan.enterprises["grid_id"].to_csv() + plan.grids["is_exception"].to_csv()
        named.setdefault(key, []).append(name)
        plans.setdefault(key, plan)
    if any(plan.grids.empty for plan in plans.values()):
        return part("网格划分图", note("有的情景没有网格，不画图。"))
    drawings = zip(draw_outlines([*plans.values()]), named, strict=True)
    figures = [
        wrap("figure", drawn + _caption(named[key], plans[key], at))
        for at, (drawn, key) in enumerate(drawings, start=1)
    ]
    return part(
        "网格划分图",
        show_filters([*plans.values()]),
        wrap("div", figures, class_="pair"),
        note(_MAP_MEANING),
    )


def _caption(names: list[str], plan: Partition, at: int) -> str:
    n = f"{len(plan.grids):,}个网格"
    told = element("span", n, class_="shown", data_of=f"plan-{at}")
    same = "（划分相同）" if len(names) > 1 else ""
    return wrap("figcaption", element("b", "、".join(names)) + f"{same}：{told}")


def _results(comparison: Comparison) -> str:
    rows, marks = list_results(comparison), is_told(comparison)
    pieces = [*map(note, explain_results(comparison)), note(_BRIEF_MEANING)]
    pieces.append(_table_of(comparison, _pick(rows, marks)))
    if same := _pick(rows, ~marks):
        title = element("summary", f"其余没有不同的指标（{len(same)}项）")
        pieces.append(wrap("details", title + _table_of(comparison, same)))
    return part(RESULTS, *pieces)


def _pick(rows: list[list[str]], marks: pd.Series) -> list[list[str]]:
    return [row for row, is_picked in zip(rows, marks, strict=True) if is_picked]


def _table_of(comparison: Comparison, rows: list[list[str]]) -> str:
    """Write some of the results, each difference behind its figure."""
    if not rows:
        return note("没有不同。")
    heads = ["指标", "单位", *(head_of(comparison, name) for name in comparison.names)]
    tables = []
    for columns in _spread(comparison):
        shown = [[row[i] for i in columns] for row in [heads, *rows]]
        tables.append(table(shown[0], shown[1:], numbers=range(2, len(columns))))
    return wrap("div", tables, class_="compared")


def _spread(comparison: Comparison) -> list[list[int]]:
    """Spread the columns over tables that fit on a page, the baseline in each."""
    base = comparison.baseline
    others = [i for i in range(len(comparison.names)) if i != base]
    parts = [others[i : i + MOST_BESIDE] for i in range(0, len(others), MOST_BESIDE)]
    return [[0, 1, *(2 + i for i in sorted([base, *part]))] for part in parts]


def _as_section(found: Contrast) -> str:
    return part(found.title, *map(note, found.notes), _as_html(found))


def _as_html(found: Contrast) -> str:
    if not found.rows:
        return note("没有不同。")
    if len(found.rows) > MOST_COMPANIONS:
        where = "comparison.xlsx、companions.csv"
        return note(f"共{len(found.rows):,}家，逐家情况见 {where}。")
    headings = [column.heading for column in found.columns]
    numbers = [i for i, c in enumerate(found.columns) if c.style == "int"]
    shown = [["" if value is None else value for value in row] for row in found.rows]
    return table(headings, shown, numbers=numbers)


def _is_made_up(comparison: Comparison) -> bool:
    return any(outcome.register.is_synthetic for outcome in comparison.outcomes)
