"""What a claim is: a cell of a run's files, held against what was computed anew."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN = 20


@dataclass(frozen=True)
class Falsehood:
    """One claim that does not hold.

    Attributes
    ----------
    file, row, column
        Where it is claimed; `row` as a spreadsheet shows it, None for the whole file.
    claimed, found
        What the file says and what was found instead.
    about
        What the claim is about, Chinese and English.
    """

    file: str
    row: int | None
    column: str
    claimed: str
    found: str
    about: str = ""

    def __str__(self) -> str:
        row = f" 第{self.row}行" if self.row is not None else ""
        about = f"（{self.about}）" if self.about else ""
        return (
            f"{self.file}{row} {self.column}{about}：文件为 {self.claimed or '空'}，"
            f"复核为 {self.found or '空'}"
        )


@dataclass(frozen=True)
class Verification:
    """What the independent check of a run folder found.

    Attributes
    ----------
    n_claims
        How many claims were checked.
    falsehoods
        Those that do not hold, in the order of the files.
    gap_share
        Certified gap of the whole, from the recomputed costs and bounds; None where
        some block claims no bound.
    n_bounds
        Number of blocks whose bound was proven anew.
    """

    n_claims: int
    falsehoods: tuple[Falsehood, ...]
    gap_share: float | None
    n_bounds: int

    @property
    def is_true(self) -> bool:
        """Whether every claim holds."""
        return not self.falsehoods

    def lines(self) -> list[str]:
        """Say it in lines for people: the verdict, then up to twenty falsehoods."""
        n = len(self.falsehoods)
        if not n:
            proof = "部分划分单元没有下界"
            if self.gap_share == 0:
                proof = "各单元方案均已证明最优，与理论下界没有差距"
            elif self.gap_share is not None:
                rounded_up = math.ceil(self.gap_share * 10_000) / 10_000
                proof = f"总代价与理论下界的差距不超过 {rounded_up:.2%}"
            return [
                f"复核通过：{self.n_claims:,} 项声明全部属实。"
                f" All {self.n_claims:,} claims hold.",
                f"{self.n_bounds} 个划分单元的下界已独立重算；{proof}"
                "（就各单元现有组成、网格个数和整数代价而言）。",
            ]
        head = f"复核不通过：{self.n_claims:,} 项声明中有 {n:,} 项不属实。"
        head += f" {n:,} of {self.n_claims:,} claims do not hold."
        shown = [str(one) for one in self.falsehoods[:_SHOWN]]
        more = [f"…… 另有 {n - _SHOWN:,} 项。"] if n > _SHOWN else []
        return [head, *shown, *more]


@dataclass
class Ledger:
    """Where checks write down what they compared (the one value here that grows)."""

    n_claims: int = 0
    falsehoods: list[Falsehood] = field(default_factory=list)

    def hold(
        self, file: str, column: str, claimed: object, found: object, about: str = ""
    ) -> None:
        """Hold one claim of a whole file against what was found."""
        self.n_claims += 1
        if _text(claimed) != _text(found):
            self.falsehoods.append(
                Falsehood(file, None, column, _text(claimed), _text(found), about)
            )

    def deny(self, file: str, row: int | None, column: str, **values: str) -> None:
        """Write down a claim that was found false."""
        self.n_claims += 1
        self.falsehoods.append(Falsehood(file, row, column, **values))

    def hold_column(
        self, file: str, table: pd.DataFrame, column: str, found: pd.Series
    ) -> None:
        """Hold a column of a table against what was found for each of its rows.

        `table` has the columns as text and the spreadsheet's row numbers in `_row`;
        `found` has its index, and missing values where nothing is known.
        """
        self.n_claims += len(table)
        if column not in table:
            self.falsehoods.append(Falsehood(file, 1, column, "（缺列）", "应有此列"))
            return
        texts = found.reindex(table.index).map(_text)
        wrong = table[column] != texts
        for index in table.index[wrong]:
            self.falsehoods.append(
                Falsehood(
                    file,
                    int(table.at[index, "_row"]),
                    column,
                    str(table.at[index, column]),
                    str(texts.at[index]),
                    str(index),
                )
            )

    def hold_values(
        self, file: str, claimed: Mapping[str, object], found: Mapping[str, object]
    ) -> None:
        """Hold several named claims of one file against what was found."""
        for name, value in found.items():
            self.hold(file, name, claimed.get(name, "（缺项）"), value)


def _text(value: object) -> str:
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)
