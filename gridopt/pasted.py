"""How typed or pasted lines become a table, with a header of their own or without."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from gridopt.lookup import BLANKS
from gridopt.register.sheet import lay_out_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridopt.register.sheet import Sheet

_PARTS = re.compile(r"[\s,;、]+")


def read_pasted(text: str, columns: Mapping[str, tuple[str, ...]], name: str) -> Sheet:
    r"""Lay out typed or pasted lines as a table.

    A first line with a known header makes it a table, as a spreadsheet (tabs) or a
    CSV file gives it. Without one each line names the columns in their order, parted
    by blanks, commas, semicolons or tabs. Full-width digits, letters and commas count
    as plain ones.

    Parameters
    ----------
    columns
        Every column with the other headers that stand for it.
    name
        What the table is called in findings.

    Returns
    -------
    Sheet
        Its row numbers are those of the lines.

    Raises
    ------
    UnreadableError
        If a quotation mark is left open, or there is nothing but blanks.

    Examples
    --------
    >>> columns = {"enterprise_id": ("企业编号",), "grid_id": ("网格编号",)}
    >>> sheet = read_pasted("Ｅ１，G1\n\nE2  G1", columns, "x")
    >>> [cells.tolist() for cells in sheet.cells], sheet.rows.tolist()
    ([['E1', 'E2'], ['G1', 'G1']], [1, 3])
    """
    plain = unicodedata.normalize("NFKC", text)
    lines = plain.splitlines()
    first = next((line for line in lines if line.strip(BLANKS)), "")
    heads = {*columns, *(alias for more in columns.values() for alias in more)}
    has_header = not heads.isdisjoint(_split(first))
    if has_header and ("\t" in first or "," in first):
        return lay_out_text(name, plain, "\t" if "\t" in first else ",")
    bare = [",".join(_split(line)) for line in lines]
    if has_header:
        return lay_out_text(name, "\n".join(bare))
    sheet = lay_out_text(name, "\n".join([",".join(columns), *bare]))
    # the header was ours: lines count from where theirs begin
    findings = tuple(one.assign(row=one["row"] - 1) for one in sheet.findings)
    return replace(sheet, rows=sheet.rows - 1, header_row=0, findings=findings)


def _split(line: str) -> list[str]:
    parts = (part.strip(BLANKS + "\"'") for part in _PARTS.split(line))
    return [part for part in parts if part]
