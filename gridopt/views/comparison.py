"""How a comparison is shown: a workbook and a page, what was chosen before results."""

from __future__ import annotations

import datetime as dt
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import xlsxwriter

from gridopt.views.html import element, page, table, wrap
from gridopt.views.labels import SYNTHETIC, value_text
from gridopt.views.sheet import Column, Formats, Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.comparison import Comparison

TITLE = "情景比较"
UNITS = {
    "enterprises": "家",
    "blocks": "个",
    "grids": "个",
    "exceptions": "项",
    "people": "人",
    "km": "公里",
    "m": "米",
    "%": "%",
    "yuan": "元",
}
MOST_COMPANIONS = 500
"""With more enterprises than this the page points to `companions.csv`."""

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
    scenarios = [outcome.scenario for outcome in comparison.outcomes]
    date = scenarios[0].date or _UNDATED
    foot = "、".join(comparison.names) + _mark(comparison)
    with xlsxwriter.Workbook(str(Path(path)), {"strings_to_formulas": False}) as book:
        book.set_properties(
            {"title": TITLE, "created": dt.datetime(date.year, date.month, date.day)}
        )
        formats = Formats(book)
        for name, (columns, rows) in _sheets(comparison).items():
            widths = [column.width for column in columns]
            sheet = Sheet(book.add_worksheet(name), formats, widths, name, foot)
            if name == "设置差异":
                for line in _legend(comparison):
                    sheet.wide(line, "note")
            sheet.table(columns, rows, is_kept=True)


def write_comparison_page(comparison: Comparison, path: str | Path) -> None:
    """Write a comparison as one self-contained page, Chinese, ready to print on A4."""
    sheets = _sheets(comparison)
    parts = [element("h1", TITLE)]
    if _mark(comparison):
        parts.append(element("div", SYNTHETIC, class_="mark"))
    parts += [element("p", line, class_="note") for line in _legend(comparison)]
    for name, (columns, rows) in sheets.items():
        parts.append(wrap("section", element("h2", name) + _as_html(columns, rows)))
    style = files("gridopt.views").joinpath("report.css").read_text(encoding="utf-8")
    text = page(TITLE, "\n".join(parts), style=style)
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def _as_html(columns: Sequence[Column], rows: list[list[object]]) -> str:
    if not rows:
        return element("p", "没有不同。", class_="note")
    if len(rows) > MOST_COMPANIONS:
        n = f"共{len(rows):,}家，逐家情况见 companions.csv。"
        return element("p", n, class_="note")
    headings = [column.heading for column in columns]
    numbers = [i for i, column in enumerate(columns) if column.style == "number"]
    shown = [["" if value is None else _shown(value) for value in row] for row in rows]
    return table(headings, shown, numbers=numbers)


def _shown(value: object) -> str:
    if isinstance(value, (bool, str)):
        return str(value)
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    return f"{value:,}"


def _legend(comparison: Comparison) -> list[str]:
    lines = [
        f"{name}：{outcome.scenario.title}" + ("（基准情景）" if i == 0 else "")
        for i, (name, outcome) in enumerate(
            zip(comparison.names, comparison.outcomes, strict=True)
        )
    ]
    return [
        *lines,
        "差额为各情景减去基准情景；差距以各划分单元的现有组成和网格个数为准。",
    ]


def _mark(comparison: Comparison) -> str:
    is_made_up = any(o.register.is_synthetic for o in comparison.outcomes)
    return f"（{SYNTHETIC}）" if is_made_up else ""


def _sheets(
    comparison: Comparison,
) -> dict[str, tuple[list[Column], list[list[object]]]]:
    return {
        "设置差异": _inputs(comparison),
        "测算结果": _results(comparison),
        "同格企业变化": _companions(comparison),
    }


def _inputs(comparison: Comparison) -> tuple[list[Column], list[list[object]]]:
    columns = [Column("设置", "text", 34), Column("条款", "centre", 8)]
    columns += [Column(name, "text", 26) for name in comparison.names]
    rows = [
        [row["label"], row["clause"], *(value_text(row[n]) for n in comparison.names)]
        for _, row in comparison.inputs.iterrows()
    ]
    return columns, rows


def _results(comparison: Comparison) -> tuple[list[Column], list[list[object]]]:
    base, *others = comparison.names
    columns = [Column("指标", "text", 26), Column("单位", "centre", 8)]
    columns += [Column(name, "number", 16) for name in comparison.names]
    columns += [Column(f"{name} 减 {base}", "number", 18) for name in others]
    keys = [*comparison.names, *(f"difference:{name}" for name in others)]
    rows = [
        [row["label"], UNITS[row["unit_of_measure"]], *(row[key] for key in keys)]
        for _, row in comparison.results.iterrows()
    ]
    return columns, rows


def _companions(comparison: Comparison) -> tuple[list[Column], list[list[object]]]:
    columns = [Column("企业编号", "id", 22), Column("企业名称", "text", 32)]
    columns += [Column(f"{name} 的网格", "text", 26) for name in comparison.names]
    keys = ["enterprise_id", "name", *(f"grid_id:{n}" for n in comparison.names)]
    names = [outcome.partition.grids["grid_name"] for outcome in comparison.outcomes]
    for name in comparison.names[1:]:
        for kind, word in (
            ("n_kept", "保留"),
            ("n_lost", "减少"),
            ("n_gained", "新增"),
        ):
            columns.append(Column(f"{name} {word}", "number", 10))
            keys.append(f"{kind}:{name}")
    shown = comparison.companions[keys].astype(object)
    for scenario, grid_names in zip(comparison.names, names, strict=True):
        grid_id = shown[f"grid_id:{scenario}"]
        shown[f"grid_id:{scenario}"] = grid_id.map(grid_names).fillna("未划入")
    known = shown.where(shown.notna(), None)
    return columns, known.to_numpy(dtype=object).tolist()
