"""Which header means which column of ours."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.findings import make_findings, nothing_found
from gridopt.lookup import BLANKS, shipped

if TYPE_CHECKING:
    from gridopt.register.settings import RegisterRules
    from gridopt.register.sheet import Sheet

TextArray = npt.NDArray[np.object_]
BoolArray = npt.NDArray[np.bool_]

REQUIRED = ("enterprise_id", "name", "unit", "industry", "longitude", "latitude")
RESERVED = ("category", "work_area", "row", "rule", "message_zh", "message_en")
_NUMBERED = re.compile(r"^\W*\d{1,3}\s*[.、．):）:：\s]\s*(?=\D)")
_SIGNS = re.compile(r"[\s_*＊'\"“”]+")


@dataclass(frozen=True)
class Rows:
    """The rows of a register as text, under our columns.

    Attributes
    ----------
    frame
        Our columns that the file has, then its unknown columns untouched, in the
        order of the file; shape (n, columns).
    numbers
        By column of ours: where a cell was stored as a number, shape (n,).
    broken
        Rows that cannot be trusted at all, shape (n,).
    """

    file: str
    frame: pd.DataFrame
    numbers: dict[str, BoolArray]
    row: npt.NDArray[np.int64]
    broken: BoolArray
    header_row: int = 1

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.row)

    def has(self, column: str) -> bool:
        """Tell whether the file has this column of ours."""
        return column in self.numbers

    def text(self, column: str) -> TextArray:
        """Texts of one column, all empty where the file has not got it."""
        if not self.has(column):
            return np.full(self.n, "", dtype=object)
        return self.frame[column].to_numpy(dtype=object)

    def find(
        self,
        mask: BoolArray,
        rule: str,
        column: str,
        values: TextArray | list[str] | None = None,
        **words: Any,
    ) -> pd.DataFrame:
        """Word one finding for each row of the mask.

        An array among `values` and `words` holds all rows, a list those of the mask.
        """
        at = np.flatnonzero(mask)
        if not len(at):
            return nothing_found()
        shown = self.text(column) if values is None else values
        picked = {
            name: list(word[at]) if isinstance(word, np.ndarray) else word
            for name, word in {"values": shown, **words}.items()
        }
        return make_findings(
            rule,
            file=self.file,
            column=column,
            rows=self.row[at].tolist(),
            ids=self.text("enterprise_id")[at],
            **picked,
        )

    def say(
        self, rule: str, column: str = "", value: str = "", **words: Any
    ) -> pd.DataFrame:
        """Word one finding about the whole file."""
        return make_findings(
            rule, file=self.file, column=column, values=[value], **words
        )


def title_of(column: str) -> str:
    """Name a column of ours in Chinese, as a bureau heads it.

    Examples
    --------
    >>> title_of("unit")
    '乡镇街道'
    """
    return _titles().get(column, column)


@cache
def _titles() -> dict[str, str]:
    return dict(shipped("header-aliases").drop_duplicates("column").to_numpy())


@cache
def _aliases() -> dict[str, str]:
    table = shipped("header-aliases")
    return {_plain(alias): column for column, alias in table.to_numpy()}


def _plain(header: str) -> str:
    folded = unicodedata.normalize("NFKC", header).casefold()
    return _SIGNS.sub("", folded)


def name_columns(
    sheet: Sheet, rules: RegisterRules, required: tuple[str, ...] = REQUIRED
) -> tuple[Rows, list[pd.DataFrame]]:
    """Turn a sheet into rows under our columns, with what is wrong in its header."""
    claims, found = _claim(sheet, rules)
    columns = [column for column in claims if column]
    found += _check_claims(sheet, claims)
    found += _check_missing(sheet, rules, columns, required)
    first = {column: claims.index(column) for column in dict.fromkeys(columns)}
    cells = {column: sheet.cells[at] for column, at in first.items()}
    others, renamed = _keep_unknown(sheet, claims, list(cells))
    rows = Rows(
        file=sheet.file,
        frame=pd.DataFrame(
            {**cells, **others}, index=range(len(sheet.rows)), dtype=object
        ),
        numbers={column: sheet.numbers[at] for column, at in first.items()},
        row=sheet.rows,
        broken=sheet.broken,
        header_row=sheet.header_row,
    )
    return rows, found + renamed


def _claim(sheet: Sheet, rules: RegisterRules) -> tuple[list[str], list[pd.DataFrame]]:
    """Say which column of ours each header claims, "" for none."""
    mapped = {head.strip(BLANKS): column for head, column in rules.columns.items()}
    claims, found = [], []
    for head in sheet.header:
        column = mapped[head] if head in mapped else _aliases().get(_plain(head), "")
        bare = _NUMBERED.sub("", head)
        if head not in mapped and not column and bare != head:
            column = mapped.get(bare) or _aliases().get(_plain(bare), "")
            if column:
                found.append(_say(sheet, "header_numbered", column, head))
        claims.append(column)
    bare_heads = {_NUMBERED.sub("", head) for head in sheet.header}
    for head in mapped:
        if head not in sheet.header and head not in bare_heads:
            zh, en = _nearest(head, list(sheet.header), mapped[head])
            said = _say(
                sheet,
                "header_mapped_missing",
                mapped[head],
                head,
                hint_zh=zh,
                hint_en=en,
            )
            found.append(said)
    return claims, found


def _say(
    sheet: Sheet, rule: str, column: str, value: str, **words: Any
) -> pd.DataFrame:
    return make_findings(
        rule,
        file=sheet.file,
        column=column,
        rows=[sheet.header_row],
        values=[value],
        **words,
    )


def _check_claims(sheet: Sheet, claims: list[str]) -> list[pd.DataFrame]:
    found = []
    for at, column in enumerate(claims):
        first = claims.index(column)
        if column and first != at:
            head, other = sheet.header[at], sheet.header[first]
            found.append(_say(sheet, "header_twice", column, head, other=other))
    return found


def _check_missing(
    sheet: Sheet, rules: RegisterRules, columns: list[str], required: tuple[str, ...]
) -> list[pd.DataFrame]:
    missing = [column for column in required if column not in columns]
    joined = next((sign for sign in ";\t；，|" if sign in sheet.header[0]), "")
    if missing and len(sheet.header) == 1 and joined:
        head = sheet.header[0]
        return [_say(sheet, "header_separator", "", head, separator=joined)]
    free = [
        head for head in sheet.header if head and _aliases().get(_plain(head)) is None
    ]
    free = [head for head in free if not rules.columns.get(head)]
    found = []
    for column in missing:
        zh, en = _nearest_to_column(column, free)
        said = _say(
            sheet, "header_missing", column, title_of(column), hint_zh=zh, hint_en=en
        )
        found.append(said.assign(column=column))
    return found


def _nearest_to_column(column: str, heads: list[str]) -> tuple[str, str]:
    table = shipped("header-aliases")
    names = [column, *table.loc[table["column"] == column, "alias"]]
    plain = {_plain(head): head for head in heads}
    best = _closest([_plain(name) for name in names], list(plain))
    if best is None:
        return (
            f"请加上表头“{title_of(column)}”，或在情景的 columns 中说明哪一列是它。",
            f"Head it {column}, or say under the scenario's columns which one it is.",
        )
    head = plain[best]
    return (
        f"最接近的表头是“{head}”；如果是它，请在情景的 columns 中写 {head}: {column}。",
        f"The nearest header is {head!r}; if that is it, write {head}: {column} "
        "under columns.",
    )


def _closest(names: list[str], heads: list[str]) -> str | None:
    scored = [
        (difflib.SequenceMatcher(None, name, head).ratio(), head)
        for head in heads
        for name in names
    ]
    score, head = max(scored, default=(0.0, None))
    return head if score >= 0.6 else None


def _nearest(head: str, heads: list[str], column: str) -> tuple[str, str]:
    best = _closest([_plain(head)], [_plain(one) for one in heads])
    known = next((one for one in heads if _plain(one) == best), None)
    if known is None:
        listed = "、".join(one for one in heads if one)
        return f"文件的表头是：{listed}。", f"Its headers are: {listed}."
    return (
        f"最接近的表头是“{known}”，请改写为 {known}: {column}。",
        f"The nearest header is {known!r}: write {known}: {column}.",
    )


def _keep_unknown(
    sheet: Sheet, claims: list[str], ours: list[str]
) -> tuple[dict[str, TextArray], list[pd.DataFrame]]:
    """Keep the columns that are none of ours, each under a name of its own."""
    kept: dict[str, TextArray] = {}
    found = []
    for at, head in enumerate(sheet.header):
        cells = sheet.cells[at]
        if claims[at]:
            continue
        name, filled = (
            head or f"第{at + 1}列",
            [cell for cell in cells if cell.strip(BLANKS)],
        )
        if not head and not filled:
            continue
        taken = {*kept, *_titles(), *RESERVED}
        if name in taken:
            tries = (f"{name}({number})" for number in range(2, len(sheet.header) + 2))
            name = next(one for one in tries if one not in taken)
            found.append(_say(sheet, "header_renamed", head, head, name=name))
        if not head:
            found.append(
                _say(sheet, "header_blank", name, filled[0], n=at + 1, name=name)
            )
        kept[name] = cells
    return kept, found
