"""How many members there are to budget for: a number, a table, or a plan on file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from gridopt.errors import InputError, tell_reason
from gridopt.lookup import decode
from gridopt.words import join_both

if TYPE_CHECKING:
    from gridopt.geography import Units

_COLUMNS = ["unit", "members"]
_ALIASES = {
    "单位": "unit",
    "二级统计网格": "unit",
    "乡镇街道": "unit",
    "人数": "members",
    "网格成员数": "members",
}
"""Chinese headers of the two columns."""
_MOST_DIGITS = 30


def read_headcounts(told: str, units: Units | None = None) -> dict[str, int] | int:
    """Read head counts as the command line gives them.

    Parameters
    ----------
    told
        One whole number (members of a whole city) or the path of a CSV file with
        the columns `unit` (code or name) and `members`, in Chinese 单位 and 人数.
    units
        The units that the file may name; any name goes where None.

    Raises
    ------
    InputError
        With every fault of the file at once: row, value and remedy.

    Examples
    --------
    >>> read_headcounts("1500")
    1500
    """
    if _is_whole(told.strip()):
        return int(told)
    if not Path(told).suffix:
        raise InputError(
            f"--members {told!r} 既不是不小于0的整数，也不是人数表文件。",
            f"--members {told!r} is neither a whole number from 0 nor a file of "
            "unit,members.",
        )
    frame = _read(Path(told))
    faults = _faults(frame, units)
    if faults:
        zh, en = join_both(faults[:10])
        name, n = Path(told).name, len(faults)
        raise InputError(
            f"{name} 有 {n} 处错误：{zh}。",
            f"{name} has {n} fault{'s' if n > 1 else ''}: {en}.",
        )
    rows = zip(frame["unit"], frame["members"], strict=True)
    return {_code(unit, units) or unit: int(n) for unit, n in rows}


def _read(path: Path) -> pd.DataFrame:
    try:
        text = io.StringIO(decode(path.read_bytes()))
        frame = pd.read_csv(text, dtype=str, na_filter=False)
    except (OSError, ValueError) as fault:
        zh, en = tell_reason(fault)
        raise InputError(
            f"--members 应为整数或人数表文件；{path} 无法读取（{zh}）。",
            f"--members takes a whole number or a file of unit,members; {path} "
            f"cannot be read ({en}).",
        ) from fault
    frame = frame.rename(columns=lambda name: _ALIASES.get(name.strip(), name.strip()))
    twice = sorted(set(frame.columns[frame.columns.duplicated()]) & set(_COLUMNS))
    if twice:
        raise InputError(
            f"{path.name} 有几列都表示 {'、'.join(twice)}，请只保留一列。",
            f"Several columns of {path.name} claim to be {', '.join(twice)}: keep one.",
        )
    missing = [name for name in _COLUMNS if name not in frame]
    if missing:
        raise InputError(
            f"{path.name} 缺少列 {'、'.join(missing)}，现有列：{'、'.join(frame)}。",
            f"{path.name} lacks the columns {', '.join(missing)}; it has "
            f"{', '.join(frame)}.",
        )
    return frame.apply(lambda column: column.str.strip())


def _faults(frame: pd.DataFrame, units: Units | None) -> list[tuple[str, str]]:
    faults: list[tuple[str, str]] = []
    seen: dict[str, int] = {}
    told_rows = zip(frame["unit"], frame["members"], strict=True)
    for row, (unit, n) in enumerate(told_rows, 2):
        code = _code(unit, units)
        if code is None:
            zh = f"第{row}行 unit {unit!r} 不是已知的二级统计网格"
            faults.append((zh, f"row {row}: unit {unit!r} is not a known unit"))
        elif code in seen:
            zh = f"第{row}行 unit {unit!r} 与第{seen[code]}行重复"
            faults.append((zh, f"row {row}: unit {unit!r} repeats row {seen[code]}"))
        seen.setdefault(code or unit, row)
        if not _is_whole(n):
            zh = f"第{row}行 members {n!r} 应为不小于0的整数"
            en = f"row {row}: members {n!r} should be a whole number from 0"
            faults.append((zh, en))
    if frame.empty:
        faults.append(("没有数据行", "there are no rows"))
    return faults


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def _code(unit: str, units: Units | None) -> str | None:
    return unit if units is None else units.resolve(unit)
