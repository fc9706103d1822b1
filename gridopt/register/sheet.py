"""What a CSV or xlsx file holds: text cells, and the row each one stands in."""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from gridopt.findings import make_findings
from gridopt.lookup import BLANKS, DecodingError, decode

if TYPE_CHECKING:
    import pandas as pd

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
TextArray = npt.NDArray[np.object_]

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_MOST_CELLS = 20_000_000
_CELL = re.compile(rb'<(?:\w+:)?c (?:[^>]*? )?r="([A-Z]{1,7})([0-9]{1,10})"')
_CONTENTS = {
    _ZIP: ("xlsx 工作簿", "an xlsx workbook"),
    _OLE: ("旧版 xls 或设有密码的工作簿", "an old xls or a workbook with a password"),
}


@dataclass(frozen=True)
class Sheet:
    """A table as its file shows it, every cell as text.

    Attributes
    ----------
    header
        Texts of the header, outer blanks taken off.
    header_row
        Its row number in a spreadsheet, 1 unless blank rows stand above it.
    cells
        One array of texts per header, shape (n,) each.
    numbers
        Where a cell was stored as a number, one array per header.
    rows
        Row number of each row as a spreadsheet shows it, shape (n,).
    broken
        True for rows with more cells than the header, shape (n,).
    """

    file: str
    sha256: str
    header: tuple[str, ...]
    header_row: int
    cells: tuple[TextArray, ...]
    numbers: tuple[BoolArray, ...]
    rows: IntArray
    broken: BoolArray
    findings: tuple[pd.DataFrame, ...] = field(default=())


class UnreadableError(Exception):
    """A file that gives no table; carries the one finding that says why."""

    def __init__(self, finding: pd.DataFrame) -> None:
        super().__init__(finding.loc[0, "message_zh"])
        self.finding = finding


def read_sheet(path: str | Path) -> Sheet:
    """Read a CSV or xlsx file as text.

    Raises
    ------
    UnreadableError
        If the file is missing, of another type, damaged, undecodable or empty.
    """
    path = Path(path)
    raw = _read_bytes(path)
    records, numbers, findings = _parse(path, raw)
    return _lay_out(path.name, raw, records, numbers, findings)


def _stop(rule: str, path: Path, **words: Any) -> UnreadableError:
    finding = make_findings(rule, file=path.name, values=[path.name], **words)
    return UnreadableError(finding)


def _read_bytes(path: Path) -> bytes:
    try:
        # looking may fail, too: a locked folder, a name too long
        if path.is_dir():
            raise _stop("file_is_folder", path)
        if not path.exists():
            raise _stop("file_missing", path)
        raw = path.read_bytes()
    except OSError as bad:
        reason = bad.strerror or type(bad).__name__
        raise _stop("file_unreadable", path, reason=reason) from None
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise _stop("file_type", path)
    if not raw.strip():
        raise _stop("file_empty", path)
    return raw


def _parse(
    path: Path, raw: bytes
) -> tuple[list[list[str]], list[BoolArray], list[pd.DataFrame]]:
    start, is_xlsx = raw[:4], path.suffix.lower() == ".xlsx"
    if start == _OLE or is_xlsx != (start == _ZIP):
        zh, en = _CONTENTS.get(start, ("文本或其他内容", "text or something else"))
        raise _stop("file_type_differs", path, content_zh=zh, content_en=en)
    return _parse_xlsx(path, raw) if is_xlsx else (_parse_csv(path, raw), [], [])


def _parse_csv(path: Path, raw: bytes) -> list[list[str]]:
    try:
        text = decode(raw)
    except DecodingError as bad:
        raise _stop(bad.rule, path, line=bad.line) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[list[str]] = []
    try:
        records.extend(reader)
    except csv.Error as bad:
        line = reader.line_num
        raise _stop("quote_broken", path, line=line, reason=str(bad)) from None
    return records


def _parse_xlsx(
    path: Path, raw: bytes
) -> tuple[list[list[str]], list[BoolArray], list[pd.DataFrame]]:
    n_cells = _count_span(raw)
    if n_cells > _MOST_CELLS:
        raise _stop("file_sparse", path, n=f"{n_cells:,}", limit=f"{_MOST_CELLS:,}")
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        visible = SheetVisibleEnum.Visible
        shown = [one.name for one in book.sheets_metadata if one.visible == visible]
        sheets = [book.get_sheet_by_name(name) for name in shown]
        filled = [sheet for sheet in sheets if sheet.height]
        cells = filled[0].to_python(skip_empty_area=False) if filled else []
        merged = (filled[0].merged_cell_ranges or []) if filled else []
    except BaseException as bad:
        if not _is_of_reader(bad):
            raise
        raise _stop("file_damaged", path, reason=str(bad)) from None
    names = [sheet.name for sheet in filled]
    findings = [*_say_sheets(path.name, names), *_say_merged(path.name, merged)]
    columns = list(zip(*cells, strict=True))
    numbers = [np.array([type(c) in (float, int) for c in one]) for one in columns]
    texts = [[c if type(c) is str else _to_text(c) for c in one] for one in columns]
    return [list(row) for row in zip(*texts, strict=True)], numbers, findings


def _count_span(raw: bytes) -> int:
    """Count the cells that the largest sheet spans, empty ones included.

    The reader lays them all out: one stray cell in a far corner would end the
    program for want of memory, with no way to say why.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            names = [n for n in book.namelist() if n.startswith("xl/worksheets/")]
            return max((_span_of(book.read(name)) for name in names), default=0)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError):
        return 0  # the reader itself says what is wrong with it


def _span_of(sheet: bytes) -> int:
    places = _CELL.findall(sheet)
    if not places:
        return 0
    letters, digits = (set(part) for part in zip(*places, strict=True))
    columns, rows = [_column_number(word) for word in letters], [*map(int, digits)]
    return (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


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


def _say_merged(
    file: str, merged: list[tuple[tuple[int, int], tuple[int, int]]]
) -> list[pd.DataFrame]:
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


def _lay_out(
    file: str,
    raw: bytes,
    records: list[list[str]],
    numbers: list[BoolArray],
    findings: list[pd.DataFrame],
) -> Sheet:
    filled = np.array(["".join(one).strip(BLANKS) != "" for one in records], dtype=bool)
    places = np.flatnonzero(filled)
    if not len(places):
        raise _stop("file_empty", Path(file))
    top, body = int(places[0]), places[1:]
    header = [cell.strip(BLANKS) for cell in records[top]]
    if top:
        shown = [str(top + 1)]
        findings.append(
            make_findings("header_not_first", file=file, rows=[top + 1], values=shown)
        )
    if len(body) and len(body) < body[-1] - top:
        blank = np.flatnonzero(~filled[top : body[-1]]) + top + 1
        first, n = int(blank[0]), len(blank)
        findings.append(
            make_findings("blank_rows", file=file, rows=[first], n=n, first=first)
        )
    kept = [records[place] for place in body]
    width = max([len(header), *map(len, kept)])
    lengths = np.array([len(one) for one in kept], dtype=np.int64)
    if (lengths < width).any():
        kept = [[*one, *[""] * (width - len(one))] for one in kept]
    columns = list(zip(*kept, strict=True)) if kept else [()] * width
    cells = [np.array(one, dtype=object) for one in columns]
    rows = body + 1
    broken, found = _check_ragged(file, header, cells, lengths, rows)
    seen = [one[body] for one in numbers] or [np.zeros(len(body), dtype=bool)] * width
    n = len(header)
    return Sheet(
        file=file,
        sha256=hashlib.sha256(raw).hexdigest(),
        header=tuple(header),
        header_row=top + 1,
        cells=tuple(cells[:n]),
        numbers=tuple(seen[:n]),
        rows=rows,
        broken=broken,
        findings=(*findings, *found),
    )


def _check_ragged(
    file: str,
    header: list[str],
    cells: list[TextArray],
    lengths: IntArray,
    rows: IntArray,
) -> tuple[BoolArray, list[pd.DataFrame]]:
    """Find rows with more filled cells than the header, or fewer cells."""
    n, width = len(rows), len(header)
    beyond = np.array(
        [" ".join(filter(None, one)) for one in zip(*cells[width:], strict=True)],
        dtype=object,
    )
    beyond = beyond if len(beyond) else np.full(n, "", dtype=object)
    is_long = np.array([text.strip(BLANKS) != "" for text in beyond], dtype=bool)
    is_short = lengths < width
    found = []
    for rule, mask in (("ragged_row", is_long), ("short_row", is_short)):
        if mask.any():
            values = beyond if rule == "ragged_row" else _last_cells(cells, lengths)
            found.append(
                make_findings(
                    rule,
                    file=file,
                    rows=rows[mask],
                    values=values[mask],
                    n=lengths[mask],
                    width=width,
                )
            )
    return is_long, found


def _last_cells(cells: list[TextArray], lengths: IntArray) -> TextArray:
    return np.array([cells[k - 1][i] for i, k in enumerate(lengths)], dtype=object)
