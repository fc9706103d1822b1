"""How the editable tables are found, decoded and checked before anybody uses them."""

from __future__ import annotations

import csv
import io
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from gridopt.errors import InputError
from gridopt.words import join_both

if TYPE_CHECKING:
    from collections.abc import Iterable

BLANKS = " \t\r\n\v\f\u00a0\u3000\u200b\u200c\u200d\ufeff"
"""What counts as blank around a cell: also full-width and zero-width spaces."""


class DecodingError(ValueError):
    """Bytes in no encoding that is read here; says which rule and which line."""

    def __init__(self, rule: str, line: int) -> None:
        super().__init__(rule)
        self.rule = rule
        self.line = line


def decode(raw: bytes) -> str:
    """Decode UTF-8 (with or without a mark at its start), else GB18030.

    Raises
    ------
    DecodingError
        For UTF-16, for UTF-8 with damaged characters, and for neither of the two.

    Examples
    --------
    >>> decode("玉环".encode("gb18030")), decode("玉环".encode("utf-8-sig"))
    ('玉环', '玉环')
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DecodingError("encoding_utf16", 1)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        line = raw.count(b"\n", 0, bad.start) + 1
    if _is_mostly_utf8(raw):
        raise DecodingError("encoding_damaged", line)
    try:
        return raw.decode("gb18030")
    except UnicodeDecodeError as bad:
        line = raw.count(b"\n", 0, bad.start) + 1
        raise DecodingError("encoding_unknown", line) from None


def _is_mostly_utf8(raw: bytes) -> bool:
    """Tell damaged UTF-8 from GB18030, whose letters never form UTF-8 Chinese."""
    text = raw.decode("utf-8", errors="replace")
    n_bad = text.count("\ufffd")
    n_chinese = sum("\u2e80" <= letter < "\ufffd" for letter in text)
    return n_chinese > n_bad


def shipped(name: str) -> pd.DataFrame:
    """Read a shipped table by its name, every cell as text, unchecked.

    Examples
    --------
    >>> shipped("units-yuhuan")["code"].iloc[0]
    '331083001'
    """
    return _shipped(name).copy()


@cache
def _shipped(name: str) -> pd.DataFrame:
    with (files("gridopt.tables") / f"{name}.csv").open(encoding="utf-8-sig") as file:
        return pd.read_csv(file, dtype=str, keep_default_na=False)


def is_shipped(name: str) -> bool:
    """Tell whether a table of this name is shipped."""
    plain = "/" not in name and "\\" not in name
    return plain and (files("gridopt.tables") / f"{name}.csv").is_file()


def read_table(
    source: str | Path, needed: Iterable[str], optional: Iterable[str] = ()
) -> pd.DataFrame:
    """Read an editable CSV table, every cell as text, and check its columns.

    Parameters
    ----------
    source
        The file.
    needed, optional
        Columns it must and may have; a missing optional one comes back empty.

    Returns
    -------
    pandas.DataFrame
        The needed and optional columns, and ``row``: the row of the file.

    Raises
    ------
    InputError
        If the file cannot be read, or columns are missing, unknown or doubled.
    """
    path = Path(source)
    needed, optional = list(needed), list(optional)
    records = _records(path)
    header = [cell.strip(BLANKS) for cell in records[0]] if records else []
    wrong = _header_problems(header, needed, needed + optional)
    check_table(path.name, wrong)
    cells = [[cell.strip(BLANKS) for cell in record] for record in records[1:]]
    kept = [(at + 2, row) for at, row in enumerate(cells) if any(row)]
    long = [at for at, row in kept if len(row) > len(header)]
    check_table(
        path.name,
        [(f"第 {at} 行单元格多于表头", f"row {at} has too many cells") for at in long],
    )
    filled = [[*row, *[""] * (len(header) - len(row))] for _, row in kept]
    frame = pd.DataFrame(filled, columns=header, dtype=object)
    frame = frame.reindex(columns=needed + optional, fill_value="")
    return frame.assign(row=[at for at, _ in kept])


def _records(path: Path) -> list[list[str]]:
    try:
        text = decode(path.read_bytes())
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except OSError as bad:
        reason = bad.strerror or type(bad).__name__
    except DecodingError as bad:
        reason = f"编码无法辨认，第 {bad.line} 行 / unknown encoding, line {bad.line}"
    except csv.Error as bad:
        reason = str(bad)
    raise InputError(
        f"无法读取表“{path.name}”（{reason}）。请核对文件，并存为“CSV UTF-8”。",
        f"The table {path.name!r} cannot be read ({reason}). Save it as CSV UTF-8.",
    )


def _header_problems(
    header: list[str], needed: list[str], known: list[str]
) -> list[tuple[str, str]]:
    missing = [name for name in needed if name not in header]
    unknown = [name for name in header if name not in known]
    doubled = sorted({name for name in header if header.count(name) > 1})
    return (
        [(f"缺少列 {name}", f"column {name} is missing") for name in missing]
        + [(f"不认识的列“{n}”", f"column {n!r} is unknown") for n in unknown]
        + [(f"列 {name} 重复", f"column {name} is doubled") for name in doubled]
    )


def check_table(name: str, problems: list[tuple[str, str]]) -> None:
    """Raise with every problem of a table, where there is any.

    Parameters
    ----------
    name
        The table's file name.
    problems
        What is wrong, in Chinese and in English, one pair each.

    Raises
    ------
    InputError
        If `problems` is not empty.
    """
    if problems:
        zh, en = join_both(problems)
        raise InputError(
            f"表“{name}”有 {len(problems)} 处错误：{zh}。请改正后重试。",
            f"The table {name!r} has {len(problems)} errors: {en}. Correct them.",
        )
