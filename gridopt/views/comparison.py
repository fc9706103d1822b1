"""How a comparison is shown: a workbook and a page, what was chosen before results."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import xlsxwriter

from gridopt.measures import UNIT_WORDS
from gridopt.views.html import element, note, page, part, table
from gridopt.views.labels import SYNTHETIC, value_text
from gridopt.views.sheet import Column, Formats, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gridopt.comparison import Comparison

TITLE = "情景比较"
MOST_COMPANIONS = 500
"""With more enterprises than this the page points to `companions.csv`."""

_UNDATED = dt.date(2000, 1, 1)
_NUMBERS = {
    "int": "{:,.0f}",
    "decimal": "{:,.2f}",
    "int_change": "{:+,.0f}",
    "decimal_change": "{:+,.2f}",
}
"""How the page writes what the workbook formats by these styles."""


@dataclass(frozen=True)
class _Part:
    """One table of a comparison, as both the workbook and the page show it."""

    title: str
    notes: list[str]
    columns: list[Column]
    rows: list[list[object]]
    styles: list[list[str]]

    @property
    def marked_rows(self) -> Iterator[tuple[list[object], list[str]]]:
        return zip(self.rows, self.styles, strict=True)


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
    with xlsxwriter.Workbook(str(Path(path)), {"strings_to_formulas": False}) as book:
        book.set_properties(
            {"title": TITLE, "created": dt.datetime(date.year, date.month, date.day)}
        )
        formats = Formats(book)
        for found in _parts(comparison):
            widths = [column.width for column in found.columns]
            page_of = book.add_worksheet(found.title)
            title = f"{TITLE}：{found.title}"
            sheet = Sheet(page_of, formats, widths, title, foot)
            if _is_made_up(comparison):
                sheet.wide(f"【{SYNTHETIC}】", "mark", height=22.0)
            for line in found.notes:
                sheet.wide(line, "note")
            sheet.headings([column.heading for column in found.columns], is_kept=True)
            for row, styles in found.marked_rows:
                sheet.cells(row, styles)
            if not found.rows:
                sheet.wide("没有不同。", "note")


def write_comparison_page(comparison: Comparison, path: str | Path) -> None:
    """Write a comparison as one self-contained page, Chinese, ready to print on A4."""
    pieces = [element("h1", TITLE)]
    if _is_made_up(comparison):
        pieces.append(element("div", SYNTHETIC, class_="mark"))
    for found in _parts(comparison):
        pieces.append(part(found.title, *map(note, found.notes), _as_html(found)))
    style = files("gridopt.views").joinpath("report.css").read_text(encoding="utf-8")
    text = page(TITLE, "\n".join(pieces), style=style)
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def _as_html(found: _Part) -> str:
    if not found.rows:
        return note("没有不同。")
    if len(found.rows) > MOST_COMPANIONS:
        return note(f"共{len(found.rows):,}家，逐家情况见 companions.csv。")
    headings = [column.heading for column in found.columns]
    numbers = [i for i, c in enumerate(found.columns) if c.style in _NUMBERS]
    shown = [
        [_shown(value, style) for value, style in zip(row, styles, strict=True)]
        for row, styles in found.marked_rows
    ]
    return table(headings, shown, numbers=numbers)


def _shown(value: object, style: str) -> str:
    if value is None:
        return ""
    if isinstance(value, str) or style not in _NUMBERS:
        return str(value)
    # rounded as a spreadsheet does, which takes a half away from zero
    exact = Decimal(str(value))
    places = Decimal("0.01") if "decimal" in style else Decimal(1)
    rounded = exact.quantize(places, ROUND_HALF_UP)
    return "0" if exact == 0 else _NUMBERS[style].format(rounded)


def _is_made_up(comparison: Comparison) -> bool:
    return any(outcome.register.is_synthetic for outcome in comparison.outcomes)


def _parts(comparison: Comparison) -> list[_Part]:
    return [_inputs(comparison), _results(comparison), _companions(comparison)]


def _inputs(comparison: Comparison) -> _Part:
    pairs = zip(comparison.names, comparison.outcomes, strict=True)
    notes = [
        f"{name}：{outcome.scenario.title}"
        + ("（基准情景）" if i == comparison.baseline else "")
        for i, (name, outcome) in enumerate(pairs)
    ]
    columns = [Column("设置", "text", 34), Column("条款", "centre", 8)]
    columns += [Column(name, "text", 30) for name in comparison.names]
    told = [{row["setting"]: row for row in o.choices} for o in comparison.outcomes]
    rows: list[list[object]] = [
        [
            row["label"],
            row["clause"],
            *(_words(one.get(row["setting"])) for one in told),
        ]
        for _, row in comparison.inputs.iterrows()
    ]
    return _Part("设置差异", notes, columns, rows, _alike(columns, rows))


def _words(choice: dict[str, object] | None) -> str:
    if choice is None:
        return "不涉及"
    return str(choice.get("value_zh") or value_text(choice["value"]))


def _results(comparison: Comparison) -> _Part:
    others = comparison.others
    columns = [Column("指标", "text", 30), Column("单位", "centre", 8)]
    columns += [
        Column(f"{name}\n（基准）" if name not in others else name, "int", 18)
        for name in comparison.names
    ]
    columns += [Column(f"{name}\n较基准增减", "int", 18) for name in others]
    changes = [f"difference:{name}" for name in others]
    rows: list[list[object]] = []
    styles: list[list[str]] = []
    for _, row in comparison.results.iterrows():
        values = [row[name] for name in comparison.names]
        # whole numbers stay whole; what is measured has two decimals throughout
        kind = "decimal" if any(isinstance(v, float) for v in values) else "int"
        known = [_or(value, "未知") for value in values]
        known += [_or(row[key], "—") for key in changes]
        rows.append([row["label"], UNIT_WORDS[row["unit_of_measure"]], *known])
        of_row = [kind] * len(values) + [f"{kind}_change"] * len(changes)
        styles.append(["text", "centre", *of_row])
    return _Part("测算结果", _reading(comparison), columns, rows, styles)


def _or(value: object, word: str) -> object:
    return word if value is None or pd.isna(value) else value


def _reading(comparison: Comparison) -> list[str]:
    """Say how the results may be read, and how not."""
    notes = [
        "增减为该情景减去基准情景；合计下限、上限按口径允许的最少、最多合格人数测算，"
        "不是估计误差。",
        "与理论下界的差距只针对各情景自己的划分单元和网格个数，增减以百分点计，"
        "不说明哪个情景更好。",
    ]
    n_grids = {outcome.summary["n_grids"] for outcome in comparison.outcomes}
    if len(n_grids) > 1:
        notes.append(
            "各情景的网格个数不同：网格越多，企业到中心企业的距离合计通常越短，"
            "距离的增减包含这一影响。"
        )
    return notes


def _companions(comparison: Comparison) -> _Part:
    names = comparison.names
    columns = [Column("企业编号", "id", 22), Column("企业名称", "text", 36)]
    columns += [Column(f"{name}\n所在网格", "text", 26) for name in names]
    keys = ["enterprise_id", "name", *(f"grid_id:{name}" for name in names)]
    for name in comparison.others:
        for kind, word in (("kept", "保留"), ("lost", "减少"), ("gained", "新增")):
            columns.append(Column(f"{name}\n{word}（家）", "int", 15))
            keys.append(f"n_{kind}:{name}")
    shown = comparison.companions[keys].astype(object)
    for name, outcome in zip(names, comparison.outcomes, strict=True):
        grid_names = outcome.partition.grids["grid_name"]
        shown[f"grid_id:{name}"] = (
            shown[f"grid_id:{name}"].map(grid_names).fillna("未划入")
        )
    rows = shown.where(shown.notna(), None).to_numpy(dtype=object).tolist()
    notes = [
        "同格企业指同在一个网格的其他企业；保留、减少、新增为该情景较基准情景的家数，"
        "只有一个情景划入的企业不计。",
        *(_changed(comparison, name) for name in comparison.others),
    ]
    return _Part("同格企业变化", notes, columns, rows, _alike(columns, rows))


def _changed(comparison: Comparison, name: str) -> str:
    counts = comparison.companions[[f"n_lost:{name}", f"n_gained:{name}"]]
    n = int((counts.fillna(1) != 0).any(axis=1).sum())
    if not n:
        return f"{name}：与基准情景相比，没有企业的同格企业发生变化。"
    return f"{name}：与基准情景相比，{n:,}家企业的同格企业发生变化。"


def _alike(columns: Sequence[Column], rows: Sequence[object]) -> list[list[str]]:
    return [[column.style for column in columns]] * len(rows)
