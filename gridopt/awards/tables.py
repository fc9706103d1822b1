"""What a table of members must hold: columns and values, every fault told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from gridopt.awards.rounding import MOST
from gridopt.errors import InputError
from gridopt.findings import some, some_ids
from gridopt.words import join_both

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    BoolArray = npt.NDArray[np.bool_]

_NO_GRIDS = (
    "评定范围、最低合格率考核范围或宽严涉及企业网格时，须有每行的企业网格",
    "pools, floors or leniency by grid need the grid of every row",
)

Words = tuple[str, str]
"""The same in Chinese and in English."""


class Fault(NamedTuple):
    """Rows whose value of a column cannot be used, shape (n,), and what it must be."""

    column: str
    is_wrong: BoolArray
    words: Words


def check_table(
    table: pd.DataFrame,
    needed: Sequence[str],
    optional: Sequence[str] = (),
    *,
    name: Words = ("人数表", "table of members"),
    is_closed: bool = True,
) -> None:
    """Refuse a table of members that cannot be used (F5).

    Parameters
    ----------
    needed, optional
        Columns that must be there, and those that may.
    name
        What the table is called.
    is_closed
        Refuse any further column; else it is left alone.

    Raises
    ------
    InputError
        Naming columns, rows (from 1), units and values, all at once.

    Examples
    --------
    >>> check_table(pd.DataFrame({"unit": ["a"], "members": [20]}), ["unit", "members"])
    """
    known = [*needed, *optional]
    _check_columns(table, needed, known if is_closed else table.columns, name)
    columns = [column for column in known if column in table]
    faults = [
        Fault(column, ~_VALUES[column][0](table[column]), _VALUES[column][1])
        for column in columns
    ]
    refuse_faults(table, faults, name)
    if {"passed", "members"} <= set(columns):
        over = (table["passed"] > table["members"]).to_numpy(dtype=bool)
        words = "不得多于 members", "must not be more than members"
        refuse_faults(table, [Fault("passed", over, words)], name)


def refuse_faults(
    table: pd.DataFrame, faults: Sequence[Fault], name: Words = ("人数表", "table")
) -> None:
    """Refuse a table where any row has a fault.

    Raises
    ------
    InputError
        For each column how many rows out of how many, and the first three.
    """
    told = [_tell(table, fault) for fault in faults if fault.is_wrong.any()]
    if told:
        zh, en = join_both(told)
        raise InputError(
            f"{name[0]}有误：{zh}。请改正后重试。",
            f"Faults in the {name[1]}: {en}. Correct them and try again.",
        )


def _tell(table: pd.DataFrame, fault: Fault) -> Words:
    (column, is_wrong, (zh, en)), n = fault, len(table)
    wrong = np.flatnonzero(is_wrong)
    values = table[column].tolist()
    units = table["unit"].tolist() if column != "unit" and "unit" in table else None
    shown = [
        (int(i) + 1, f"（{units[i]}）" if units else " ", values[i]) for i in wrong
    ]
    shown_zh = some(f"第{row}行{who}{value!r}" for row, who, value in shown)
    shown_en = some_ids(
        f"row {row}{f' ({units[row - 1]})' if units else ''} {value!r}"
        for row, _, value in shown
    )
    return (
        f"{column} {zh}，{n}行中有{wrong.size}行不是：{shown_zh}",
        f"{column} {en}; {wrong.size} of {n} rows are not: {shown_en}",
    )


def _check_columns(
    table: pd.DataFrame,
    needed: Sequence[str],
    known: Sequence[str],
    name: Words,
) -> None:
    missing = [column for column in needed if column not in table]
    unknown = [str(column) for column in table if column not in known]
    told = []
    if missing:
        words = "、".join(missing), ", ".join(missing)
        told.append((f"缺少列 {words[0]}", f"lacks the columns {words[1]}"))
    if "grid_id" in missing:
        told.append(_NO_GRIDS)
    if unknown:
        zh = f"有不认识的列 {'、'.join(unknown)}，请删去或改名"
        en = f"has unknown columns, to be dropped or renamed: {', '.join(unknown)}"
        told.append((zh, en))
    if not told:
        return
    usable = list(dict.fromkeys([*needed, *map(str, known)]))
    zh, en = join_both(told)
    raise InputError(
        f"{name[0]}{zh}。可用的列：{'、'.join(usable)}。",
        f"The {name[1]} {en}. Columns: {', '.join(usable)}.",
    )


def _is_named(column: pd.Series) -> BoolArray:
    named = {v: not pd.isna(v) and str(v).strip() != "" for v in column.unique()}
    return column.map(named).to_numpy(dtype=bool)


def _is_count(column: pd.Series) -> BoolArray:
    return _hold(column, (int, np.integer), 0, MOST)


def _is_share(column: pd.Series) -> BoolArray:
    return _hold(column, (int, float, np.number), 0, 1)


def _is_quality(column: pd.Series) -> BoolArray:
    return _hold(column, (int, float, np.number), -100, 100)


def _hold(
    column: pd.Series, kinds: tuple[type, ...], least: int, most: int
) -> BoolArray:
    plain = "iuf" if float in kinds else "iu"
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in plain:
        return column.between(least, most).to_numpy(dtype=bool)
    return np.array(
        [_is_number(n, kinds) and bool(least <= n <= most) for n in column], dtype=bool
    )


def _is_number(value: Any, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)


_NAMED = (_is_named, ("不能空缺", "must not be empty"))
_WHOLE = f"须为0至{MOST}的整数", f"must be whole numbers from 0 to {MOST}"
_COUNT = (_is_count, _WHOLE)
_VALUES: dict[str, tuple[Callable[[pd.Series], BoolArray], Words]] = {
    "unit": _NAMED,
    "place_unit": _NAMED,
    "grid_id": _NAMED,
    "person_id": _NAMED,
    "status": _NAMED,
    "members": _COUNT,
    "passed": _COUNT,
    "pass_share": (
        _is_share,
        (
            "须为0至1的小数，如90%写作0.9",
            "must be shares from 0 to 1: write 90 % as 0.9",
        ),
    ),
    "quality": (
        _is_quality,
        (
            "须为-100至100的数（以个人运气的标准差计）",
            "must be numbers from -100 to 100 (standard deviations of a member's luck)",
        ),
    ),
}
"""What the values of a column must be, and how to say so."""
