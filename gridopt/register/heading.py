"""Where the header of a register stands, when it is not where it is looked for."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gridopt.lookup import BLANKS
from gridopt.register.headers import REQUIRED
from gridopt.register.titles import on_one_line, recognise
from gridopt.register.unreadable import UnreadableError, refuse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gridopt.register.sheet import Sheet

CLEARLY = 3
"""So many more of our columns make another row the header."""

_NO_HEADER = 2
"""A title, or the header of another list, names fewer of our columns than this."""

MOSTLY = 4
"""So many of the columns that we must have make another sheet the register."""

_SEPARATORS = {
    ";": ("“;”", "semicolons"),
    "\t": ("制表符", "tabs"),
    "；": ("“；”", "full-width semicolons"),
    "，": ("“，”", "full-width commas"),
    "|": ("“|”", "bars"),
}
_LONGEST = 30


class _Line(NamedTuple):
    """A row that may be a header: which column of ours each cell names, "" if none."""

    row: int
    cells: tuple[str, ...]
    claims: tuple[str, ...]

    @property
    def columns(self) -> frozenset[str]:
        """The columns of ours that the row names."""
        return frozenset(self.claims) - {""}


def require_heading(sheet: Sheet, columns: Mapping[str, str]) -> None:
    """Stop where the header stands elsewhere; nothing is read by guessing.

    A first row with every column that we must have is the header, whatever stands
    below or beside: so no file is refused here that could be read.

    Parameters
    ----------
    columns
        The scenario's own headers; where one is in the first row, that is the header.

    Raises
    ------
    UnreadableError
        If the header is in a later row or on another sheet, if it takes two rows,
        or if it is one cell that a strange separator joins.
    """
    mapped = {head.strip(BLANKS): column for head, column in columns.items()}
    first = _line_of(sheet.header_row, sheet.header, mapped)
    if first.columns >= set(REQUIRED):
        return
    lines = [first, *(_line_of(row, cells, mapped) for row, cells in sheet.opening)]
    is_named = any(recognise(head, mapped)[2] in mapped for head in first.cells)
    fault = _in_two_rows(sheet, lines[:2] if is_named else lines)
    if not is_named:
        fault = fault or _in_later_row(sheet, lines)
        fault = fault or _on_other_sheet(sheet, mapped, first)
    fault = fault or _joined(sheet, first)
    if fault is not None:
        raise fault


def _line_of(row: int, cells: Sequence[str], mapped: Mapping[str, str]) -> _Line:
    heads = tuple(cell.strip(BLANKS) for cell in cells)
    return _Line(row, heads, tuple(recognise(head, mapped)[0] for head in heads))


def _fault(sheet: Sheet, rule: str, **words: Any) -> UnreadableError:
    return refuse(rule, Path(sheet.file), **words)


def _in_two_rows(sheet: Sheet, lines: list[_Line]) -> UnreadableError | None:
    n_first = len(lines[0].columns)
    for upper, lower in pairwise(lines if n_first < _NO_HEADER else lines[:2]):
        n_needed = CLEARLY + (0 if upper is lines[0] else n_first)
        is_clear = len(upper.columns | lower.columns) >= n_needed
        missing = set(REQUIRED) - upper.columns
        pairs = zip(lower.cells, lower.claims, strict=True)
        more = dict.fromkeys(on_one_line(h) for h, claim in pairs if claim in missing)
        if is_clear and more and _goes_on(upper, lower):
            words = {"first": upper.row, "second": lower.row, "names": "、".join(more)}
            return _fault(sheet, "header_two_rows", **words)
    return None


def _goes_on(upper: _Line, lower: _Line) -> bool:
    """Tell whether a row continues the header above it, and holds no data.

    Below a heading that we must have, a header's second row is empty or repeats it,
    a row of data is mostly filled.
    """
    below = zip(upper.claims, lower.cells, lower.claims, strict=False)
    is_data = any(
        head in REQUIRED and cell and claim != head for head, cell, claim in below
    )
    is_next = lower.row == upper.row + 1
    return is_next and not is_data and bool(upper.columns - lower.columns)


def _in_later_row(sheet: Sheet, lines: list[_Line]) -> UnreadableError | None:
    first = lines[0]
    for line in lines[1:]:
        n_more = len(line.columns) - len(first.columns)
        n_own = len(first.columns - line.columns)
        if n_more >= CLEARLY and n_own < _NO_HEADER:
            until = line.row - 1
            zh, en = f"第 1 至 {until} 行", f"rows 1 to {until}"
            if until == 1:
                zh, en = "第 1 行", "row 1"
            words = {"first": first.row, "top": line.row}
            return _fault(sheet, "header_below", above_zh=zh, above_en=en, **words)
    return None


def _on_other_sheet(
    sheet: Sheet, mapped: Mapping[str, str], first: _Line
) -> UnreadableError | None:
    # beside a register that lacks a column, another year's may be complete
    if len(first.columns) >= _NO_HEADER:
        return None
    for other in sheet.others:
        # an empty form has no row below its header
        for cells in other.opening[:-1]:
            columns = _line_of(0, cells, mapped).columns
            if len(columns & set(REQUIRED)) >= MOSTLY:
                words = {"place": other.place, "name": other.name}
                return _fault(sheet, "header_elsewhere", **words)
    return None


def _joined(sheet: Sheet, first: _Line) -> UnreadableError | None:
    head = sheet.header[0]
    signs = [sign for sign in _SEPARATORS if sign in head]
    if len(sheet.header) > 1 or not signs or first.columns:
        return None
    zh, en = _SEPARATORS[max(signs, key=head.count)]
    shown = " ".join(head[:_LONGEST].split()) + ("…" if len(head) > _LONGEST else "")
    words = {"shown": shown, "separator_zh": zh, "separator_en": en}
    return _fault(sheet, "header_separator", **words)
