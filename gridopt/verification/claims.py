"""What a claim is: a cell of a run's files, held against what was computed anew."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from gridopt.cards import Card, Shown
from gridopt.words import gap_text

if TYPE_CHECKING:
    from collections.abc import Mapping

REGISTER_HASH = "hashes.register"
"""Name of the claim that the register is the very file that was cut."""

_SHOWN = 20
_SHOWN_OF_OTHER = 3


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


@dataclass(frozen=True, repr=False)
class Verification(Shown):
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

    def card(self) -> Card:
        """Tell the verdict, and what does not hold with both values."""
        n = len(self.falsehoods)
        verdict = "全部属实" if not n else f"{n:,}项不属实"
        rows = tuple(
            (f"{one.file}{_row(one.row)} {one.column}", one.claimed, one.found)
            for one in self.falsehoods
        )
        return Card(
            title="独立复核",
            brief=f"{self.n_claims:,}项声明，{verdict}",
            facts=(
                ("结论", "通过" if not n else "不通过"),
                ("核对的声明", f"{self.n_claims:,}项，{verdict}"),
                ("重新计算的理论下界", f"{self.n_bounds:,}个划分单元"),
                ("与理论下界的差距", gap_text(self.gap_share)),
            ),
            headings=("不属实的位置", "文件所写", "复核所得") if n else (),
            rows=rows,
        )

    def lines(self) -> list[str]:
        """Say it in lines for people: the verdict, then up to twenty falsehoods.

        Where another register was given than was cut, that is said first, as whatever
        else does not hold was computed from it.
        """
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
        for one in self.falsehoods:
            if one.column == REGISTER_HASH and one.claimed:
                return _tell_other_register(one, self)
        head = f"复核不通过：{self.n_claims:,} 项声明中有 {n:,} 项不属实。"
        head += f" {n:,} of {self.n_claims:,} claims do not hold."
        shown = [str(one) for one in self.falsehoods[:_SHOWN]]
        more = [f"…… 另有 {n - _SHOWN:,} 项。"] if n > _SHOWN else []
        return [head, *shown, *more]


def _row(row: int | None) -> str:
    return "" if row is None else f" 第{row}行"


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


def _tell_other_register(hashes: Falsehood, told: Verification) -> list[str]:
    """Say that another register was given, then what else does not agree with it."""
    was, now, name = hashes.claimed[:16], hashes.found[:16], hashes.about
    rest = [one for one in told.falsehoods if one is not hashes]
    n, by_file = len(rest), Counter(one.file for one in rest)
    head = (
        f"复核不通过：所给名录不是该运行所用的名录{f'（{name}）' if name else ''}，"
        f"校验码前16位应为 {was}，现为 {now}。请换用原名录重新复核。 "
        "The register given is not the file that this run was cut from."
    )
    if not n:
        return [head, "其余各项声明与所给名录相符，可能只是另存过。 All else holds."]
    counts = "、".join(f"{file} {n_of:,} 项" for file, n_of in by_file.items())
    follows = (
        f"{told.n_claims:,} 项声明中另有 {n:,} 项不符（{counts}），"
        f"都是按所给名录计算得出，不能据此认定该运行有误。 "
        f"{n:,} more do not hold, reckoned from this register."
    )
    shown = [str(one) for one in rest[:_SHOWN_OF_OTHER]]
    more = [f"…… 另有 {n - len(shown):,} 项。"] if n > len(shown) else []
    return [head, follows, *shown, *more]


def _text(value: object) -> str:
    if value is None or value is pd.NA or value != value:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)
