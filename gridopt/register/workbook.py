"""What an xlsx workbook holds: the texts of its first sheet, and what lies beside."""

from __future__ import annotations

import datetime
import io
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetVisibleEnum,
)

from gridopt.findings import make_findings
from gridopt.lookup import BLANKS
from gridopt.register.markup import count_span, find_errors
from gridopt.register.unreadable import refuse

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

BoolArray = npt.NDArray[np.bool_]
Area = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged area: row and column of each, from 0."""

OPENING = 10
"""First rows of a sheet among which a header is looked for."""

_MOST_CELLS = 20_000_000


class OtherSheet(NamedTuple):
    """A sheet that is not read: its place among the visible ones, its first rows."""

    place: int
    name: str
    opening: tuple[tuple[str, ...], ...]


class Contents(NamedTuple):
    """The texts of a file's table, where numbers stood, and what lies beside it."""

    records: list[list[str]]
    numbers: list[BoolArray]
    findings: list[pd.DataFrame]
    others: tuple[OtherSheet, ...] = ()


def parse_xlsx(path: Path, raw: bytes) -> Contents:
    """Read the first visible sheet with content.

    Raises
    ------
    UnreadableError
        If the workbook is damaged or spans too many cells.
    """
    n_cells = count_span(raw)
    if n_cells > _MOST_CELLS:
        raise refuse("file_sparse", path, n=f"{n_cells:,}", limit=f"{_MOST_CELLS:,}")
    try:
        name, cells, merged, others = _load(raw)
    except BaseException as bad:
        if not _is_of_reader(bad):
            raise
        raise refuse("file_damaged", path, reason=str(bad)) from None
    names = [name, *(one.name for one in others)]
    findings = [*_say_sheets(path.name, names), *_say_merged(path.name, merged)]
    columns = list(zip(*cells, strict=True))
    numbers = [np.array([type(c) in (float, int) for c in one]) for one in columns]
    texts = [[c if type(c) is str else _to_text(c) for c in one] for one in columns]
    for (row, column), error in find_errors(raw, name).items():
        if column < len(texts) and row < len(texts[column]):
            texts[column][row] = error
    records = [list(row) for row in zip(*texts, strict=True)]
    return Contents(records, numbers, findings, others)


def _load(
    raw: bytes,
) -> tuple[str, list[list[Any]], list[Area], tuple[OtherSheet, ...]]:
    """Take name, cells and merged areas of the sheet to read, and the other sheets."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
    visible = SheetVisibleEnum.Visible
    shown = [one.name for one in book.sheets_metadata if one.visible == visible]
    sheets = [book.get_sheet_by_name(name) for name in shown]
    filled = [(at, one) for at, one in enumerate(sheets, start=1) if one.height]
    if not filled:
        return "", [], [], ()
    first = filled[0][1]
    others = tuple(OtherSheet(at, one.name, _opening(one)) for at, one in filled[1:])
    cells = first.to_python(skip_empty_area=False)
    return first.name, cells, first.merged_cell_ranges or [], others


def _opening(sheet: CalamineSheet) -> tuple[tuple[str, ...], ...]:
    rows = sheet.to_python(skip_empty_area=True, nrows=OPENING)
    texts = [tuple(c if type(c) is str else _to_text(c) for c in row) for row in rows]
    return tuple(row for row in texts if "".join(row).strip(BLANKS))


def _is_of_reader(fault: BaseException) -> bool:
    """Tell what the reader raises, its panic included: that is no `Exception`."""
    is_panic = type(fault).__name__ == "PanicException"
    return is_panic or isinstance(fault, (CalamineError, OSError))


def _to_text(cell: object) -> str:
    """Write a spreadsheet's value as it was meant; whole numbers without ``.0``."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        return str(cell)
    return repr(cell)


def _say_sheets(file: str, names: list[str]) -> list[pd.DataFrame]:
    if len(names) < 2:
        return []
    told = "、".join(names)
    found = make_findings(
        "sheet_choice", file=file, values=[told], n=len(names), first=names[0]
    )
    return [found]


def _say_merged(file: str, merged: list[Area]) -> list[pd.DataFrame]:
    below = [(start, end) for start, end in merged if end[0] > 0]
    if not below:
        return []
    told = [f"{_address(*start)}:{_address(*end)}" for start, end in below]
    rows = [start[0] + 1 for start, _ in below]
    return [make_findings("merged_cells", file=file, rows=rows, values=told)]


def _address(row: int, column: int) -> str:
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
