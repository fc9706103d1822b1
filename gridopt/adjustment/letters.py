"""What each unit is told of a re-cut: numbers, and a letter ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.adjustment.value import FLOWS, UNIT_COLUMNS
from gridopt.names import name_unit
from gridopt.rules import DOCUMENT
from gridopt.words import ITEMS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from gridopt.partition import Partition

SUMMARY_TITLE, MONEY_TITLE = "总体情况", ITEMS["activity"]
"""What the parts of a letter on the numbers and on the money are headed."""

_COLON, _STOP = "：", "。"


@dataclass(frozen=True)
class Letter:
    """What one unit is told of a re-cut, part by part.

    Attributes
    ----------
    receiver, opening, closing
        Whom it is to, why and from when on, what to do.
    summary
        How many grids and firms there were, came, went and are.
    lists
        What is told one by one: pairs of a title and its lines.
    money
        What the activity money comes to; empty where that is unknown.
    """

    receiver: str
    opening: str
    summary: str
    lists: tuple[tuple[str, tuple[str, ...]], ...]
    money: str
    closing: str

    @property
    def text(self) -> str:
        """The letter as it is sent, its parts numbered."""
        parts = [(SUMMARY_TITLE, [self.summary])]
        for title, lines in self.lists:
            parts.append((title, [f"{i}．{line}" for i, line in enumerate(lines, 1)]))
        if self.money:
            parts.append((MONEY_TITLE, [self.money]))
        told = [
            "\n".join([f"{number}、{title}", *lines])
            for number, (title, lines) in zip("一二三四五六", parts, strict=False)
        ]
        return "\n\n".join([self.receiver, self.opening, *told, self.closing])


def describe_units(partition: Partition, grids: pd.DataFrame) -> pd.DataFrame:
    """Sum the flows by unit; columns `UNIT_COLUMNS` but the letter."""
    frame = grids.groupby("unit")[list(FLOWS)].sum()
    was, lives = grids["previous_size"] > 0, grids["size"] > 0
    for name, chosen in {
        "n_grids_previous": was,
        "n_opened": lives & ~was,
        "n_closed": was & ~lives,
        "n_grids": lives,
    }.items():
        frame[name] = chosen.groupby(grids["unit"]).sum()
    names = [name_unit(str(unit), partition.register.units) for unit in frame.index]
    frame["unit_name"] = names
    return frame[[name for name in UNIT_COLUMNS if name != "letter_zh"]]


def write_letters(
    units: pd.DataFrame,
    enterprises: pd.DataFrame,
    grids: pd.DataFrame,
    money: pd.DataFrame | None,
    date: dt.date | None,
) -> dict[str, Letter]:
    """Write to each unit, by its code.

    Parameters
    ----------
    money
        As `price_change` gives it; the letters say nothing of money where None.
    """
    sums = None if money is None else money.groupby("unit")[list(money.columns[2:])]
    known = None if sums is None else sums.sum(min_count=1)
    return {
        str(row.Index): _Case(
            enterprises, grids[grids["unit"] == row.Index], known, date
        ).write(row)
        for row in units.itertuples()
    }


def day_text(date: dt.date | None) -> str:
    """Write a day as a letter does; blanks to fill in where none is known.

    Examples
    --------
    >>> day_text(None)
    '＿＿＿＿年＿＿月＿＿日'
    """
    if date is None:
        return "＿＿＿＿年＿＿月＿＿日"
    return f"{date.year}年{date.month}月{date.day}日"


@dataclass(frozen=True)
class _Case:
    """What one unit is to be told of."""

    rows: pd.DataFrame
    grids: pd.DataFrame
    money: pd.DataFrame | None
    date: dt.date | None

    def write(self, unit: Any) -> Letter:
        """Put the letter together: opening, figures, lists, closing."""
        return Letter(
            receiver=f"{unit.unit_name}{_COLON}",
            opening=_open(self.date),
            summary=_sum_up(unit, self.rows),
            lists=tuple(
                (title, tuple(f"{line}{_STOP}" for line in lines))
                for title, lines in self.lists(str(unit.Index))
            ),
            money=self.tell_money(unit.Index),
            closing="请据此更新企业网格名册，并告知有关企业。",
        )

    def tell_money(self, code: str) -> str:
        """Tell of the unit's money; nothing where that is unknown."""
        if self.money is None or code not in self.money.index:
            return ""
        return _tell_money(self.money.loc[code])

    def lists(self, code: str) -> Iterator[tuple[str, list[str]]]:
        """List what there is to list, under its title."""
        rows, grids = self.rows, self.grids
        here, there = rows["grid_unit"] == code, rows["previous_grid_unit"] == code
        is_changed = rows["kind"].isin(["moved", "forced"]) & (here | there)
        is_new_or_old = grids["fate"].isin(["opened", "closed"])
        for title, chosen, tell in (
            ("更换网格的企业", rows[is_changed], _tell_changed),
            (
                "新纳入网格的企业",
                rows[(rows["kind"] == "entered") & here],
                _tell_entered,
            ),
            ("退出网格的企业", rows[(rows["kind"] == "left") & there], _tell_left),
            ("网格的设立和撤销", grids[is_new_or_old], _tell_grid),
        ):
            if len(chosen):
                yield title, [tell(row) for row in chosen.itertuples()]


def _open(date: dt.date | None) -> str:
    return (
        f"根据{DOCUMENT}三（三）3“动态维护单位名录库和统计人员信息”的要求，"
        f"按最新企业名录对你单位的企业网格作如下调整，自{day_text(date)}起执行。"
    )


def _sum_up(unit: Any, rows: pd.DataFrame) -> str:
    is_forced = rows["kind"] == "forced"
    here = rows["grid_unit"] == unit.Index
    there = rows["previous_grid_unit"] == unit.Index
    counts = (
        ("新纳入", unit.entered),
        ("退出", unit.left),
        ("由其他单元转入", int((is_forced & here & ~there).sum())),
        ("转往其他单元", int((is_forced & there & ~here).sum())),
        ("在本单元内更换网格", unit.moved_in + int((is_forced & here & there).sum())),
    )
    told = "，".join(f"{words}{n}家" for words, n in counts if n)
    return (
        f"调整前有企业网格{unit.n_grids_previous}个、企业{unit.previous_size}家；"
        f"{told or '企业没有变动'}；"
        f"调整后有企业网格{unit.n_grids}个、企业{unit.size}家。"
    )


def _tell_changed(row: Any) -> str:
    text = (
        f"{row.name}（{row.Index}）{_COLON}由{row.previous_grid_name}调整至"
        f"{row.grid_name}，原因{_COLON}{row.reason_zh}"
    )
    if row.reason in ("nearer", "relocated") and row.saved_m > 0:
        text += f"（缩短{row.saved_m:,.0f}米）"
    return text


def _tell_entered(row: Any) -> str:
    return f"{row.name}（{row.Index}）{_COLON}纳入{row.grid_name}"


def _tell_left(row: Any) -> str:
    return f"{row.name}（{row.Index}）{_COLON}原在{row.previous_grid_name}"


def _tell_money(row: pd.Series) -> str:
    if row["members_before"] == row["members_after"]:
        return f"网格成员仍为{row['members_after']}人，经费不变。"
    text = f"网格成员由{row['members_before']}人变为{row['members_after']}人；"
    if pd.notna(row["difference_yuan"]):
        text += f"本年度经费{_change(row['difference_yuan'])}，"
    return f"{text}以后每个整年{_change(row['yearly_difference_yuan'])}。"


def _change(yuan: int) -> str:
    if yuan == 0:
        return "不变"
    return f"{'增加' if yuan > 0 else '减少'}{abs(yuan):,}元"


def _tell_grid(row: Any) -> str:
    verb = "设立" if row.fate == "opened" else "撤销"
    return f"{verb}{row.grid_name}{_COLON}{row.reason_zh}"
