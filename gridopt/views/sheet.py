"""How a printed sheet of the workbook is laid out: widths, pages, safe text."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from gridopt.views.labels import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

FONT = "宋体"
RUNNABLE = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters that make a spreadsheet run a cell when it is edited or pasted."""

LINE_HEIGHT = 15.0
PRINT_SCALE = 80
"""Per cent at which a sheet is printed that breaks its pages itself."""
PAGE_HEIGHT = 620.0
"""Height of rows, points, that A4 landscape takes at that scale: 645, less a line and
a half, as programs and printers differ."""

_BASE = {"font_name": FONT, "font_size": 10, "valign": "vcenter"}
_EDGE = {"border": 1, "border_color": "#A6A6A6"}
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"font_size": 16, "bold": True, "align": "center"},
    "mark": {"font_size": 12, "bold": True, "align": "center",
             "font_color": "#B42318"},
    "note": {"text_wrap": True, "font_color": "#404040"},
    "section": {"font_size": 12, "bold": True},
    "head": {**_EDGE, "bold": True, "align": "center", "text_wrap": True,
             "bg_color": "#DCE6F1"},
    "text": {**_EDGE, "text_wrap": True, "indent": 1},
    "centre": {**_EDGE, "align": "center", "text_wrap": True},
    "id": {**_EDGE, "num_format": "@", "indent": 1},
    "int": {**_EDGE, "num_format": "#,##0"},
    "decimal": {**_EDGE, "num_format": "#,##0.00"},
    "int_change": {**_EDGE, "num_format": "+#,##0;-#,##0;0"},
    "decimal_change": {**_EDGE, "num_format": "+#,##0.00;-#,##0.00;0"},
    "year": {**_EDGE, "num_format": "0", "align": "center"},
    "yuan": {**_EDGE, "num_format": "#,##0"},
    "metres": {**_EDGE, "num_format": "#,##0.0"},
    "percent": {**_EDGE, "num_format": "0.00%"},
    "input": {**_EDGE, "num_format": "#,##0", "bg_color": "#FFF2CC",
              "font_color": "#1F4E9E"},
    "check": {**_EDGE, "align": "center"},
    "total": {**_EDGE, "indent": 1, "bold": True, "bg_color": "#F2F2F2"},
    "total_yuan": {**_EDGE, "bold": True, "bg_color": "#F2F2F2",
                   "num_format": "#,##0"},
    "total_change": {**_EDGE, "bold": True, "bg_color": "#F2F2F2",
                     "num_format": "+#,##0;-#,##0;0"},
    "total_percent": {**_EDGE, "bold": True, "bg_color": "#F2F2F2",
                      "num_format": "0.00%"},
    "band": {**_EDGE, "bold": True, "bg_color": "#EAF1F8"},
    "sign": {"align": "left"},
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column of a table: heading, style, width in half characters."""

    heading: str
    style: str
    width: float


class Formats:
    """The cell formats of one workbook, made once each.

    Every style exists twice: plain, and with the quote mark that keeps a spreadsheet
    from running the text when somebody edits the cell.
    """

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._made: dict[tuple[str, bool], Format] = {}

    def get(self, style: str, *, is_quoted: bool = False) -> Format:
        """Return the format of a style name."""
        key = (style, is_quoted)
        if key not in self._made:
            parts = {**_BASE, **_STYLES[style]}
            if is_quoted:
                parts["quote_prefix"] = True
            self._made[key] = self._book.add_format(parts)
        return self._made[key]


class Sheet:
    """A worksheet that is written from top to bottom, ready for A4 landscape.

    Parameters
    ----------
    book, worksheet
        Where to write.
    formats
        The workbook's formats.
    widths
        Width of each column, half characters.
    title
        Printed on top and, with the page number, at the foot.
    """

    def __init__(
        self,
        worksheet: Worksheet,
        formats: Formats,
        widths: Sequence[float],
        title: str,
        foot: str,
    ) -> None:
        self.page = worksheet
        self.formats = formats
        self.widths = list(widths)
        self.row = 0
        self._heights: dict[int, float] = {}
        self._breaks: list[int] = []
        self._set_page(foot)
        self.wide(title, "title", height=27.0)

    def _set_page(self, foot: str) -> None:
        page = self.page
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        page.center_horizontally()
        page.hide_gridlines(2)
        page.freeze_panes(1, 0)
        safe = foot.replace("&", "&&")[:90]
        # a digit right after the size would be read as part of it
        gap = " " if safe[:1].isdigit() else ""
        page.set_footer(f"&L&9{gap}{safe}&C&9{page.get_name()}&R&9第 &P 页，共 &N 页")
        for i, width in enumerate(self.widths):
            page.set_column(i, i, width)

    @property
    def n_columns(self) -> int:
        """Number of columns in use."""
        return len(self.widths)

    def wide(self, text: str, style: str, *, height: float | None = None) -> None:
        """Write one text across all columns, on a row as high as it needs."""
        lines = n_lines(text, sum(self.widths))
        self._set_height(height or lines * LINE_HEIGHT + 3)
        self.merge(self.row, (0, self.n_columns - 1), text, style)
        self.row += 1

    def merge(self, row: int, columns: tuple[int, int], text: str, style: str) -> None:
        """Write one text over the first to the last of some columns of a row."""
        first, last = columns
        cell = self.formats.get(style, is_quoted=is_runnable(text))
        self.page.merge_range(row, first, row, last, "", cell)
        self.page.write_string(row, first, printable(text), cell)

    def section(self, text: str) -> None:
        """Write the heading of a part, with an empty row above it."""
        self.row += 1
        self.wide(text, "section", height=20.0)

    def on_one_page(self) -> None:
        """Print all of it on a single page."""
        self.page.fit_to_pages(1, 1)

    def headings(
        self,
        headings: Sequence[str],
        *,
        is_kept: bool = False,
        is_repeated: bool = False,
    ) -> None:
        """Write a row of headings; kept: on every page and screen, else pages only."""
        rows = [n_lines(h, w) for h, w in zip(headings, self.widths, strict=False)]
        self._set_height(max(rows) * LINE_HEIGHT + 6)
        for column, text in enumerate(headings):
            self.page.write_string(self.row, column, text, self.formats.get("head"))
        self.row += 1
        if is_kept or is_repeated:
            self.page.repeat_rows(self.row - 1)
        if is_kept:
            self.page.freeze_panes(self.row, 0)

    def cells(self, values: Sequence[object], styles: Sequence[str]) -> int:
        """Write a row of values; return its number (0-based)."""
        for column, (value, style) in enumerate(zip(values, styles, strict=True)):
            self.put(self.row, column, value, style)
        self._set_height(self._need(values, styles))
        self.row += 1
        return self.row - 1

    def put(self, row: int, column: int, value: object, style: str) -> None:
        """Write one value: text as text, numbers as numbers, a `Formula` live."""
        cell = self.formats.get(style)
        if isinstance(value, Formula):
            self.page.write_formula(row, column, value.text, cell, value.result)
        elif pd.isna(value) or value == "":
            self.page.write_blank(row, column, None, cell)
        elif isinstance(value, str):
            quoted = self.formats.get(style, is_quoted=is_runnable(value))
            self.page.write_string(row, column, printable(value), quoted)
        else:
            self.page.write_number(row, column, float(value), cell)  # type: ignore[arg-type]

    def _need(self, values: Sequence[object], styles: Sequence[str]) -> float:
        """Tell how high a row of these values has to be."""
        lines = 1
        for value, style, width in zip(values, styles, self.widths, strict=False):
            if isinstance(value, str) and _STYLES[style].get("text_wrap"):
                lines = max(lines, n_lines(value, width - _indent(style)))
        return max(lines * LINE_HEIGHT, 16.5)

    def _set_height(self, height: float) -> None:
        self._heights[self.row] = height
        self.page.set_row(self.row, height)

    def new_page(self) -> None:
        """Print what follows on a new page."""
        self._breaks.append(self.row)
        self.page.set_h_pagebreaks(self._breaks)

    def _is_full(self, height: float) -> bool:
        """Tell whether a row of this height no longer fits on the page."""
        first = self._breaks[-1] if self._breaks else 0
        rows = range(first, self.row)
        used = sum(self._heights.get(row, LINE_HEIGHT) for row in rows)
        return used + height > PAGE_HEIGHT

    def fold(self, row: int) -> None:
        """Put a written row one level down, so that it can be folded away."""
        self.page.set_row(row, self._heights[row], None, {"level": 1})

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[object]],
        *,
        is_kept: bool = False,
    ) -> tuple[int, int]:
        """Write headings and rows; return the first and last row (0-based)."""
        self.headings([column.heading for column in columns], is_kept=is_kept)
        styles = [column.style for column in columns]
        first = self.row
        for values in rows:
            self.cells(values, styles)
        return first, self.row - 1

    def paged_table(
        self, columns: Sequence[Column], rows: Sequence[Sequence[object]], again: str
    ) -> None:
        """Write a table; every further page begins with `again` and the headings.

        Rows to repeat are the same on all pages of a sheet, so a sheet of several
        tables breaks its pages itself.
        """
        styles = [column.style for column in columns]
        self.table(columns, rows[:1])
        for values in rows[1:]:
            if self._is_full(self._need(values, styles)):
                self.new_page()
                self.section(again)
                self.headings([column.heading for column in columns])
            self.cells(values, styles)

    def signatures(self, names: Sequence[str]) -> None:
        """Leave lines to sign on."""
        self.row += 1
        text = "　　　　　　".join(f"{name}：＿＿＿＿＿＿" for name in names)
        self.wide(
            f"{text}　　　　　　日期：＿＿＿＿年＿＿月＿＿日", "sign", height=30.0
        )


@dataclass(frozen=True)
class Formula:
    """A live formula and the value that the engine computed for it."""

    text: str
    result: float | str


def _indent(style: str) -> float:
    return 1.3 * float(_STYLES[style].get("indent", 0))


def cell_name(row: int, column: int, *, is_fixed: bool = False) -> str:
    """Name a cell: `cell_name(0, 0)` is A1, fixed $A$1."""
    return str(xl_rowcol_to_cell(row, column, row_abs=is_fixed, col_abs=is_fixed))


def is_runnable(text: str) -> bool:
    """Tell whether a spreadsheet might run this text as a formula.

    Examples
    --------
    >>> is_runnable("=1+1"), is_runnable("玉城街道")
    (True, False)
    """
    return text.startswith(RUNNABLE)


def text_width(text: str) -> int:
    """Measure a text in half characters; a Chinese character takes two.

    Examples
    --------
    >>> text_width("网格A")
    5
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in text)


def n_lines(text: str, width: float) -> int:
    """Count the lines that a text takes in a column."""
    # a half character of 10-point text is a little narrower than a unit of width
    room = max(width - 0.5, 1)
    return sum(max(1, -int(-text_width(t) // room)) for t in text.split("\n"))
