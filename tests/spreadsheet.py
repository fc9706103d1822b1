"""A small spreadsheet engine, so that formulas are recomputed by other code."""

from __future__ import annotations

import math
import re
import subprocess
import zipfile
from shutil import which
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from openpyxl.utils import range_boundaries

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from openpyxl import Workbook

_REFERENCE = re.compile(
    r"\"[^\"]*\"|(?:'([^']+)'!)?(\$?[A-Z]{1,2}\$?\d+(?::\$?[A-Z]{1,2}\$?\d+)?)"
)


class Blank(int):
    """An empty cell: 0 in sums, empty text in comparisons."""

    def __eq__(self, other: object) -> bool:
        """Equal empty text, and zero."""
        return other in ("", 0)

    __hash__ = int.__hash__


def recompute(book: Workbook) -> dict[tuple[str, str], Any]:
    """Compute every formula of a workbook; the cached values are not looked at."""
    known: dict[tuple[str, int, int], Any] = {}
    return {
        (sheet.title, cell.coordinate): _Cells(book, sheet.title, known).one(
            sheet.title, cell.row, cell.column
        )
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }


class _Cells:
    """The cells as seen from one sheet; what is computed once is kept in `known`."""

    def __init__(
        self, book: Workbook, sheet: str, known: dict[tuple[str, int, int], Any]
    ) -> None:
        self.book, self.sheet, self.known = book, sheet, known

    def at(self, reference: str, sheet: str | None = None) -> Any:
        """Give the value of a cell, or the values of a range."""
        name = sheet or self.sheet
        left, top, right, bottom = range_boundaries(reference.replace("$", ""))
        if ":" not in reference:
            return self.one(name, top, left)
        rows = range(top, bottom + 1)
        cells = [(r, c) for r in rows for c in range(left, right + 1)]
        return [self.one(name, r, c) for r, c in cells]

    def one(self, sheet: str, row: int, column: int) -> Any:
        """Give the value of one cell."""
        key = (sheet, row, column)
        if key not in self.known:
            cell = self.book[sheet].cell(row, column)
            if cell.data_type == "f":
                inside = _Cells(self.book, sheet, self.known)
                self.known[key] = inside.compute(str(cell.value)[1:])
            else:
                self.known[key] = Blank() if cell.value is None else cell.value
        return self.known[key]

    def compute(self, formula: str) -> Any:
        """Compute a formula without its equals sign."""
        text = _REFERENCE.sub(self._as_call, formula)
        text = re.sub(r"(?<![<>=])=(?!=)", "==", text)
        return eval(text, {"__builtins__": {}}, {**FUNCTIONS, "at": self.at})

    def _as_call(self, match: re.Match[str]) -> str:
        if match[0].startswith('"'):
            return match[0]
        return f"at({match[2]!r},{match[1]!r})"


def _sumifs(numbers: list[Any], *criteria: Any) -> Any:
    pairs = list(zip(criteria[::2], criteria[1::2], strict=True))
    return sum(
        n
        for i, n in enumerate(numbers)
        if all(where[i] == wanted for where, wanted in pairs)
    )


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "INT": math.floor,
    "MOD": lambda a, b: a - b * math.floor(a / b),
    "MIN": min,
    "MAX": max,
    "IF": lambda condition, yes, no: yes if condition else no,
    "AND": lambda *all_: all(all_),
    "SUM": lambda cells: sum(c for c in cells if not isinstance(c, str)),
    "SUMIFS": _sumifs,
}


OFFICE = which("soffice") or which("libreoffice")
"""A real spreadsheet program, None where there is none."""


def find_differences(file: Path, folder: Path) -> list[tuple[str, str]]:
    """Let LibreOffice recompute a workbook given no values; which formulas differ."""
    bare = folder / "bare.xlsx"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(bare, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", text)
            new.writestr(name, text)
    profile = (folder / "profile").as_uri()
    subprocess.run(
        [str(OFFICE), f"-env:UserInstallation={profile}", "--headless",
         "--convert-to", "xlsx", "--outdir", str(folder / "out"), str(bare)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    computed = openpyxl.load_workbook(folder / "out" / "bare.xlsx", data_only=True)
    expected = openpyxl.load_workbook(file, data_only=True)
    return [
        (sheet, cell)
        for sheet, cell in recompute(openpyxl.load_workbook(file))
        if computed[sheet][cell].value != pytest.approx(expected[sheet][cell].value)
    ]
