"""What a CSV or xlsx file holds: text cells, and the row each one stands in."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.findings import make_findings
from gridopt.lookup import BLANKS, DecodingError, decode
from gridopt.register.cells import is_formula_error
from gridopt.register.unreadable import UnreadableError, refuse
from gridopt.register.workbook import OPENING, Contents, OtherSheet, parse_xlsx

if TYPE_CHECKING:
    import pandas as pd

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
TextArray = npt.NDArray[np.object_]

__all__ = ["Sheet", "UnreadableError", "lay_out_text", "read_sheet"]
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
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
    opening
        First rows below the header with their row numbers, whatever their width.
    others
        Sheets of the workbook that are not read.
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
    opening: tuple[tuple[int, tuple[str, ...]], ...] = ()
    others: tuple[OtherSheet, ...] = ()


def read_sheet(path: str | Path) -> Sheet:
    """Read a CSV or xlsx file as text.

    Raises
    ------
    UnreadableError
        If the file is missing, of another type, damaged, undecodable or empty.
    """
    path = Path(path)
    raw = _read_bytes(path)
    return _lay_out(path.name, raw, _parse(path, raw))


def lay_out_text(name: str, text: str, delimiter: str = ",") -> Sheet:
    """Lay out delimited text that stands in no file, under a name.

    Raises
    ------
    UnreadableError
        If a quotation mark is left open, or there is nothing but blanks.
    """
    raw = text.encode("utf-8", errors="surrogatepass")
    contents = Contents(_records(Path(name), text, delimiter), [], [])
    return _lay_out(name, raw, contents)


def _read_bytes(path: Path) -> bytes:
    try:
        # looking may fail, too: a locked folder, a name too long
        if path.is_dir():
            raise refuse("file_is_folder", path)
        if not path.exists():
            raise refuse("file_missing", path)
        raw = path.read_bytes()
    except OSError as bad:
        reason = bad.strerror or type(bad).__name__
        raise refuse("file_unreadable", path, reason=reason) from None
    if path.suffix.lower() not in (".csv", ".xlsx"):
        raise refuse("file_type", path)
    if not raw.strip():
        raise refuse("file_empty", path)
    return raw


def _parse(path: Path, raw: bytes) -> Contents:
    start, is_xlsx = raw[:4], path.suffix.lower() == ".xlsx"
    if start == _OLE or is_xlsx != (start == _ZIP):
        zh, en = _CONTENTS.get(start, ("文本或其他内容", "text or something else"))
        raise refuse("file_type_differs", path, content_zh=zh, content_en=en)
    return parse_xlsx(path, raw) if is_xlsx else Contents(_parse_csv(path, raw), [], [])


def _parse_csv(path: Path, raw: bytes) -> list[list[str]]:
    try:
        text = decode(raw)
    except DecodingError as bad:
        raise refuse(bad.rule, path, line=bad.line) from None
    return _records(path, text)


def _records(path: Path, text: str, delimiter: str = ",") -> list[list[str]]:
    source = io.StringIO(text, newline="")
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    records: list[list[str]] = []
    try:
        records.extend(reader)
    except csv.Error as bad:
        line = reader.line_num
        raise refuse("quote_broken", path, line=line, reason=str(bad)) from None
    return records


def _lay_out(file: str, raw: bytes, contents: Contents) -> Sheet:
    records, numbers, findings, others = contents
    filled = np.array(["".join(one).strip(BLANKS) != "" for one in records], dtype=bool)
    if not filled.any():
        raise refuse("file_empty", Path(file))
    filled, said = _leave_errors(file, records, filled)
    places = np.flatnonzero(filled)
    top, body = int(places[0]), places[1:]
    header = [cell.strip(BLANKS) for cell in records[top]]
    kept = [records[place] for place in body]
    width = max([len(header), *map(len, kept)])
    cells, lengths = _square(kept, width)
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
        findings=(*findings, *_say_blank(file, filled), *said, *found),
        opening=tuple(
            (int(place) + 1, tuple(records[place])) for place in body[:OPENING]
        ),
        others=others,
    )


def _leave_errors(
    file: str, records: list[list[str]], filled: BoolArray
) -> tuple[BoolArray, list[pd.DataFrame]]:
    """Take rows of nothing but formula errors at the end of a table as blank.

    Formulas are drawn down farther than the table goes; above its last row, and where
    there is no other row, such a row is an enterprise that has lost its cells.
    """
    places = np.flatnonzero(filled)
    last = len(places) - 1
    while last > 0 and _is_all_errors(records[places[last]]):
        last -= 1
    if last in (0, len(places) - 1):
        return filled, []
    rows, kept = places[last + 1 :] + 1, filled.copy()
    kept[rows - 1] = False
    top, end = int(rows[0]), int(rows[-1])
    shown = next(text for text in map(_bare, records[top - 1]) if text)
    words = {"span_zh": str(top), "span_en": f"Row {top}"}
    if end > top:
        words = {"span_zh": f"{top} 至 {end}", "span_en": f"Rows {top} to {end}"}
    return kept, [
        make_findings("error_rows", file=file, rows=[top], values=[shown], **words)
    ]


def _bare(cell: str) -> str:
    return cell.strip(BLANKS)


def _is_all_errors(cells: list[str]) -> bool:
    return all(is_formula_error(text) for text in map(_bare, cells) if text)


def _say_blank(file: str, filled: BoolArray) -> list[pd.DataFrame]:
    """Say which blank rows stand above the header and between the rows."""
    places = np.flatnonzero(filled)
    top, last = int(places[0]), int(places[-1])
    blank = (np.flatnonzero(~filled[top:last]) + top + 1).tolist()
    rows, found = [top + 1], []
    if top:
        shown = [str(top + 1)]
        found.append(
            make_findings("header_not_first", file=file, rows=rows, values=shown)
        )
    if blank:
        first, n = blank[0], len(blank)
        found.append(
            make_findings("blank_rows", file=file, rows=[first], n=n, first=first)
        )
    return found


def _square(records: list[list[str]], width: int) -> tuple[list[TextArray], IntArray]:
    """Turn rows into columns of one length, and say how long each row was."""
    lengths = np.array([len(one) for one in records], dtype=np.int64)
    if (lengths < width).any():
        records = [[*one, *[""] * (width - len(one))] for one in records]
    columns = list(zip(*records, strict=True)) if records else [()] * width
    return [np.array(one, dtype=object) for one in columns], lengths


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
