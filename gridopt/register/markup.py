"""What the markup of an xlsx workbook tells and its reader does not."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from html import unescape
from xml.etree import ElementTree as Xml

_CELL = re.compile(rb'<(?:\w+:)?c (?:[^>]*? )?r="([A-Z]{1,7})([0-9]{1,10})"')
_ERROR_CELL = re.compile(
    rb'<(?:\w+:)?c (?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,7})([0-9]{1,10})"[^>]*(?<!/)>'
    rb"(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<",
    re.DOTALL,
)
_DAMAGE = (*(zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError),)
"""What unpacking a damaged workbook raises."""


def find_errors(raw: bytes, name: str) -> dict[tuple[int, int], str]:
    """Find the cells whose formula failed, by row and column from 0, with the error.

    The reader gives them as empty, which would be taken for something not filled in.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            sheet = book.read(_part_of(book, name))
    except (*_DAMAGE, Xml.ParseError, KeyError):
        return {}
    if b't="e"' not in sheet:
        return {}
    return {
        (int(row) - 1, _column_number(letters) - 1): _to_text(error)
        for letters, row, error in _ERROR_CELL.findall(sheet)
    }


def _to_text(error: bytes) -> str:
    return unescape(error.decode("utf-8", errors="replace"))


def _part_of(book: zipfile.ZipFile, name: str) -> str:
    """Name the part of a workbook that holds a sheet; KeyError where there is none."""
    sheets = Xml.fromstring(book.read("xl/workbook.xml")).iterfind(".//{*}sheet")
    keys = {
        one.get("name"): value
        for one in sheets
        for key, value in one.items()
        if key.endswith("}id")
    }
    links = Xml.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    parts = {one.get("Id"): one.get("Target", "") for one in links}
    return posixpath.join("xl", parts[keys[name]]).removeprefix("/")


def count_span(raw: bytes) -> int:
    """Count the cells that the largest sheet spans, empty ones included.

    The reader lays them all out: one stray cell in a far corner would end the
    program for want of memory, with no way to say why.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as book:
            names = [n for n in book.namelist() if n.startswith("xl/worksheets/")]
            return max((_span_of(book.read(name)) for name in names), default=0)
    except _DAMAGE:
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
