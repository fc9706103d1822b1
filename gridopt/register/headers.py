"""Which header means which column of ours."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.findings import make_findings, nothing_found
from gridopt.lookup import BLANKS, shipped
from gridopt.register.remarks import find_contradiction, is_about_filling
from gridopt.register.titles import (
    aliases,
    on_one_line,
    plain_of,
    quoted,
    recognise,
    title_of,
    titles,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridopt.register.settings import RegisterRules
    from gridopt.register.sheet import Sheet

TextArray = npt.NDArray[np.object_]
BoolArray = npt.NDArray[np.bool_]

REQUIRED = ("enterprise_id", "name", "unit", "industry", "longitude", "latitude")
RESERVED = ("category", "work_area", "row", "rule", "message_zh", "message_en")


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
    others, renamed = _keep_unknown(sheet, claims)
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
    read = [recognise(head, mapped) for head in sheet.header]
    sure = {column for column, rule, _ in read if rule != "header_trimmed"}
    claims, found = [], []
    for head, (column, rule, text) in zip(sheet.header, read, strict=True):
        if rule == "header_trimmed" and column:
            # a remark may tell two columns apart: what is named outright comes first
            remark = "" if column in sure else head.replace(text, "", 1)
            column, said = _read_remark(sheet, rules, column, head, remark)
            found += said
        elif rule and column:
            found.append(_say(sheet, rule, column, on_one_line(head)))
        claims.append(column)
    told = [
        text
        for (column, _, text), claim in zip(read, claims, strict=True)
        if claim or not column
    ]
    return claims, found + _check_mapped(sheet, mapped, told)


def _read_remark(
    sheet: Sheet, rules: RegisterRules, column: str, head: str, remark: str
) -> tuple[str, list[pd.DataFrame]]:
    """Decide whether a header with a remark, "" for none to look at, is the column.

    A column that we must have is taken whatever the remark, since the file is of no
    use without; any other only if the remark surely leaves its meaning as it is.
    """
    if not remark:
        return "", []
    shown, title = on_one_line(head), title_of(column)
    if column not in REQUIRED and not is_about_filling(remark):
        words = {"title": title, "key": quoted(head)}
        return "", [_say(sheet, "header_unread", column, shown, **words)]
    found = [_say(sheet, "header_trimmed", column, shown, title=title)]
    against = find_contradiction(column, remark, rules)
    if against:
        words = against._asdict()
        found.append(_say(sheet, "header_contradicts", column, shown, **words))
    return column, found


def _check_mapped(
    sheet: Sheet, mapped: Mapping[str, str], told: list[str]
) -> list[pd.DataFrame]:
    """Find headers that the scenario names and the file has not."""
    found = []
    for head, column in mapped.items():
        if head not in {*sheet.header, *told}:
            zh, en = _nearest(head, list(sheet.header), column)
            words = {"hint_zh": zh, "hint_en": en}
            found.append(_say(sheet, "header_mapped_missing", column, head, **words))
    return found


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
            head, other = (on_one_line(sheet.header[k]) for k in (at, first))
            found.append(_say(sheet, "header_twice", column, head, other=other))
    return found


def _check_missing(
    sheet: Sheet, rules: RegisterRules, columns: list[str], required: tuple[str, ...]
) -> list[pd.DataFrame]:
    missing = [column for column in required if column not in columns]
    free = [
        head for head in sheet.header if head and aliases().get(plain_of(head)) is None
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
    plain = {plain_of(head): head for head in heads}
    best = _closest([plain_of(name) for name in names], list(plain))
    if best is None:
        return (
            f"请加上表头“{title_of(column)}”，或在情景的 columns 中说明哪一列是它。",
            f"Head it {column}, or say under the scenario's columns which one it is.",
        )
    told, key = on_one_line(plain[best]), quoted(plain[best])
    return (
        f"最接近的表头是“{told}”；如果是它，请在情景的 columns 中写 {key}: {column}。",
        f"The nearest header is {told!r}; if that is it, write {key}: {column} "
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
    best = _closest([plain_of(head)], [plain_of(one) for one in heads])
    known = next((one for one in heads if plain_of(one) == best), None)
    if known is None:
        listed = "、".join(on_one_line(one) for one in heads if one)
        return f"文件的表头是：{listed}。", f"Its headers are: {listed}."
    told, key = on_one_line(known), quoted(known)
    return (
        f"最接近的表头是“{told}”，请改写为 {key}: {column}。",
        f"The nearest header is {told!r}: write {key}: {column}.",
    )


def _keep_unknown(
    sheet: Sheet, claims: list[str]
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
        taken = {*kept, *titles(), *RESERVED}
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
