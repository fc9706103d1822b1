"""How a small table beside the register is read: columns by name, all its findings."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from gridopt.errors import InputError
from gridopt.findings import COLUMNS as FINDING_COLUMNS
from gridopt.findings import errors_of, join_findings
from gridopt.lookup import BLANKS
from gridopt.pasted import read_pasted
from gridopt.register.sheet import UnreadableError, read_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from gridopt.register.sheet import Sheet

_SHOWN = 3
_PASTED = "所填内容"


class Kind(NamedTuple):
    """What a table is called, and which columns it has.

    `columns` maps every column to the Chinese headers that stand for it; those in
    `may_lack` need not be there, those in `may_be_empty` need a header only.
    """

    name_zh: str
    name_en: str
    nobody_zh: str
    columns: Mapping[str, tuple[str, ...]]
    may_lack: tuple[str, ...] = ()
    may_be_empty: tuple[str, ...] = ()


class Remarks:
    """The findings gathered so far."""

    def __init__(self, file: str, found: list[pd.DataFrame]) -> None:
        self.file = file
        self._found = found
        self._lines: list[tuple[object, ...]] = []

    def add(
        self,
        cell: tuple[int | None, str, str],
        rule: str,
        message_zh: str,
        message_en: str,
        *,
        severity: str = "error",
    ) -> None:
        """Note a finding; `cell` is its row number, column and value."""
        line = (*cell[:2], rule, cell[2], severity, message_zh, message_en)
        self._lines.append((*line, self.file, ""))

    def frame(self) -> pd.DataFrame:
        """List the findings in the order of the rows."""
        own = pd.DataFrame(self._lines, columns=list(FINDING_COLUMNS))
        return join_findings([*self._found, own.astype({"row": "Int64"})])


def name_nearest(text: str, words: Iterable[str]) -> tuple[str, str]:
    """Ask for the word that a text is closest to, in Chinese and English."""
    near = difflib.get_close_matches(text, list(words), n=1, cutoff=0.5)
    if not near:
        return "", ""
    return f"，是否为“{near[0]}”", f"; did you mean {near[0]!r}"


def hint_nearest(text: str, words: Iterable[str]) -> tuple[str, str]:
    """Name the id that a text is closest to, in Chinese and English, if any is close.

    Examples
    --------
    >>> hint_nearest("grid-2", ["grid-02", "x"])
    ('，最接近的是 grid-02', ', the nearest is grid-02')
    """
    near = difflib.get_close_matches(text, list(words), n=1)
    if not near:
        return "", ""
    return f"，最接近的是 {near[0]}", f", the nearest is {near[0]}"


def read_id(number: int, text: str, is_number: object, remarks: Remarks) -> str:
    """Read a person's id; one that lost digits as a number is a finding."""
    # a spreadsheet keeps fifteen digits of a number
    is_cut = bool(is_number) and len(text) > 15
    if is_cut or re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", text):
        remarks.add(
            (number, "person_id", text),
            "lost_digits",
            f"人员编号“{text}”存成了数字，位数已丢失，请按文本格式重新填写。",
            f"The person_id {text!r} was stored as a number and has lost digits; type "
            "it again as text.",
        )
    return text


def open_listing(path: str | Path, kind: Kind) -> Listing:
    """Read a table and name its columns; further ones are left alone.

    Raises
    ------
    InputError
        Where the file cannot be read, a column is missing or claimed twice, or there
        is no row.
    """
    return _open(lambda: read_sheet(path), kind)


def open_pasted(text: str, kind: Kind) -> Listing:
    """Name the columns of what was typed or pasted as such a table, header or not.

    Raises
    ------
    InputError
        As `open_listing` does.
    """
    return _open(lambda: read_pasted(text, kind.columns, _PASTED), kind)


def _open(read: Callable[[], Sheet], kind: Kind) -> Listing:
    try:
        sheet = read()
    except UnreadableError as bad:
        zh, en = bad.finding.loc[0, ["message_zh", "message_en"]]
        raise InputError(
            f"{kind.name_zh}无法读取：{zh}",
            f"The {kind.name_en} cannot be read: {en}",
            bad.finding,
        ) from None
    remarks = Remarks(sheet.file, list(sheet.findings))
    listing = Listing(kind, _name_columns(sheet, kind, remarks), remarks)
    listing.stop_on_errors()
    return listing


@dataclass(frozen=True)
class Listing:
    """A table with its columns named, and what was found wrong with it so far.

    Attributes
    ----------
    rows
        One row per line of the file, the columns of its kind that the file has, as
        texts, `row` as a spreadsheet numbers it and, for the column `person_id`,
        `is_number` where the cell was stored as a number.
    """

    kind: Kind
    rows: pd.DataFrame
    remarks: Remarks

    def stop_on_errors(self, ids: Mapping[int, str] | None = None) -> None:
        """Raise all errors found so far as one, the first few in its words.

        Parameters
        ----------
        ids
            Whom each row is about, shown beside the row's number.
        """
        findings = self.remarks.frame()
        errors = errors_of(findings)
        if errors.empty:
            return
        n_rows, n_bad = len(self.rows), errors["row"].nunique()
        shown = errors.head(_SHOWN)
        more = len(errors) - len(shown)
        zh = "".join(
            f"第{row}行{f'（{who}）' if who else ''}：{text}" if row else text
            for row, who, text in _places(shown, ids or {}, "message_zh")
        )
        en = " ".join(
            f"row {row}{f' ({who})' if who else ''}: {text}" if row else text
            for row, who, text in _places(shown, ids or {}, "message_en")
        )
        raise InputError(
            f"{self.kind.name_zh}“{self.remarks.file}”共{n_rows}行，有{len(errors)}处"
            f"错误，涉及{n_bad}行。{zh}"
            + (f"其余{more}处见问题清单。" if more else "")
            + "请逐条改正后重试。",
            f"The {self.kind.name_en} {self.remarks.file!r} has {n_rows} rows and "
            f"{len(errors)} errors in {n_bad} of them. {en}"
            + (f" {more} more stand in the findings." if more else "")
            + " Correct each and run again.",
            findings,
        )


def _places(
    shown: pd.DataFrame, ids: Mapping[int, str], column: str
) -> list[tuple[int, str, str]]:
    rows = [0 if pd.isna(row) else int(row) for row in shown["row"]]
    who = [ids.get(row, "") for row in rows]
    return list(zip(rows, who, shown[column], strict=True))


def _name_columns(sheet: Sheet, kind: Kind, remarks: Remarks) -> pd.DataFrame:
    names = {alias: name for name, more in kind.columns.items() for alias in more}
    names |= {name: name for name in kind.columns}
    found = [names.get(head, "") for head in sheet.header]
    _check_header(sheet, found, kind, remarks)
    if not len(sheet.rows):
        remarks.add(
            (None, "", ""),
            "no_rows",
            kind.nobody_zh,
            "There is nobody below the header.",
        )
    kept = {name: found.index(name) for name in kind.columns if name in found}
    frame = pd.DataFrame({name: sheet.cells[i] for name, i in kept.items()})
    if "person_id" in kept:
        frame["is_number"] = sheet.numbers[kept["person_id"]]
    return frame.map(_strip).assign(row=sheet.rows)


def _strip(cell: object) -> object:
    return cell.strip(BLANKS) if isinstance(cell, str) else cell


def _check_header(sheet: Sheet, found: list[str], kind: Kind, remarks: Remarks) -> None:
    heads = "、".join(head for head in sheet.header if head)
    for name, aliases in kind.columns.items():
        pairs = zip(sheet.header, found, strict=True)
        claims = [head for head, ours in pairs if ours == name]
        if not claims and name not in kind.may_lack:
            may_be_empty = name in kind.may_be_empty
            remarks.add(
                (None, name, heads),
                "missing_column",
                f"缺少列“{aliases[0]}”（{name}），现有列为：{heads}。"
                + ("该列内容可以空着，列名须有。" if may_be_empty else ""),
                f"Column {name} is missing; the header has: {heads}.",
            )
        if len(claims) > 1:
            told = "、".join(claims)
            remarks.add(
                (None, name, told),
                "doubled_column",
                f"表头“{told}”都对应列 {name}，不知以哪一个为准，请只留一列。",
                f"The headers {told} all claim column {name}; keep one.",
            )
