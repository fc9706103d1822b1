"""What dated run folders say of enterprises and grids, read in the order of time."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.classification import read_classification
from gridopt.errors import InputError
from gridopt.findings import join_errors, some, some_ids
from gridopt.geography import read_units
from gridopt.scenario import read_scenario

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NEEDED = {
    "partition.csv": (
        *("enterprise_id", "grid_id", "unit", "category", "is_medoid"),
        *("distance_m", "name"),
    ),
    "grids.csv": (
        *("grid_id", "medoid_id", "grid_name", "head", "deputy", "instructor"),
    ),
    "roster.csv": ("grid_id", "level", "role", "name"),
}
"""Tables that a history is read from, with columns without which there is none."""
_OTHERS = ("summary.json", "scenario.yaml")
_ADJUSTMENTS = "adjustments.csv"


@dataclass(frozen=True)
class Snapshot:
    """One dated run, as far as a history needs it; tables as text.

    Attributes
    ----------
    run, date
        Name of the folder, and the scenario's date (ISO).
    enterprises, grids
        `partition.csv` by `enterprise_id` and `grids.csv` by `grid_id`.
    people
        Names of heads, deputies and instructors, index `role, grid_id`.
    reasons
        Why enterprises moved (`adjustments.csv`), by id; empty where the run has none.
    unit_names, category_names
        What the codes of units and categories are called.
    """

    run: str
    date: str
    enterprises: pd.DataFrame
    grids: pd.DataFrame
    people: pd.Series
    reasons: pd.Series
    unit_names: dict[str, str]
    category_names: dict[str, str]


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a table of a run folder as text, what is unknown as empty."""
    return pd.read_csv(
        path, dtype=str, encoding="utf-8-sig", keep_default_na=False, na_filter=False
    )


def read_snapshots(folders: Iterable[str | Path]) -> tuple[Snapshot, ...]:
    """Read run folders in the order of their scenarios' dates, never of a clock.

    Raises
    ------
    InputError
        Where a folder is no whole run, cannot be read or has no date, or where two
        have the same date: all such folders are named at once.
    """
    paths = [Path(folder) for folder in folders]
    _raise_all([fault for path in paths for fault in _missing(path)])
    dates = {path: _date_of(path / "summary.json") for path in paths}
    _refuse_undated(dates)
    _refuse_doubled([(dates[path], path) for path in paths])
    ordered = sorted(paths, key=dates.__getitem__)
    return tuple(_read(path, dates[path]) for path in ordered)


def incomplete_run(path: Path, missing: Sequence[str]) -> InputError:
    """Say that a folder is no whole run folder."""
    return InputError(
        f"{path} 不是完整的运行目录，缺少 {len(missing)} 个文件："
        + "、".join(missing)
        + "。",
        f"{path} is no whole run folder; {len(missing)} files are missing: "
        + ", ".join(missing),
    )


def unreadable_run(path: Path, fault: Exception) -> InputError:
    """Say that a file of a run folder cannot be read."""
    return InputError(
        f"无法读取 {path.name}（{type(fault).__name__}：{fault}）。"
        "请重新运行 gridopt run。",
        f"{path.name} cannot be read ({type(fault).__name__}: {fault}): run "
        "gridopt run again.",
    )


def _missing(path: Path) -> list[InputError]:
    names = [name for name in (*_NEEDED, *_OTHERS) if not (path / name).is_file()]
    return [incomplete_run(path, names)] if names else []


def _raise_all(faults: list[InputError]) -> None:
    if faults:
        raise join_errors(faults)


def _date_of(summary: Path) -> str:
    """Read the scenario's date from a summary, empty where there is none."""
    try:
        told: Any = json.loads(summary.read_text(encoding="utf-8"))
        date = told.get("date", "")
        return dt.date.fromisoformat(date).isoformat() if date else ""
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as fault:
        raise unreadable_run(summary, fault) from fault


def _refuse_undated(dates: dict[Path, str]) -> None:
    undated = [str(path) for path, date in dates.items() if not date]
    if undated:
        raise InputError(
            f"{len(dates)} 个运行目录中有 {len(undated)} 个没有日期：{some(undated)}。"
            "沿革按情景的日期排列，请在情景文件写明 date 后重新运行。",
            f"{len(undated)} of {len(dates)} run folders have no date: "
            f"{some_ids(undated)}. A history goes by the scenario's date: set it "
            "and run again.",
        )


def _refuse_doubled(dated: list[tuple[str, Path]]) -> None:
    counts = Counter(date for date, _ in dated)
    for date in sorted(date for date, n in counts.items() if n > 1):
        same = [str(path) for own, path in dated if own == date]
        raise InputError(
            f"{len(same)} 个运行目录的日期都是 {date}：{some(same)}。"
            "同一日期请只给一个运行目录。",
            f"{len(same)} run folders have the same date {date}: "
            f"{some_ids(same)}. Give one of each date.",
        )


def _read(path: Path, date: str) -> Snapshot:
    tables = {name: _table(path / name, needed) for name, needed in _NEEDED.items()}
    posts = tables["roster.csv"]
    posts = posts[(posts["level"] == "4") & (posts["role"] != "member")]
    rules = read_scenario(path / "scenario.yaml").register
    units = None if rules.units.from_register else read_units(rules.units.table)
    categories = read_classification(rules.classification.table).categories
    return Snapshot(
        run=path.resolve().name,
        date=date,
        enterprises=_by_id(tables["partition.csv"], path / "partition.csv"),
        grids=_by_id(tables["grids.csv"], path / "grids.csv"),
        people=posts.drop_duplicates(["role", "grid_id"]).set_index(
            ["role", "grid_id"]
        )["name"],
        reasons=_reasons(path / _ADJUSTMENTS),
        unit_names={} if units is None else {u.code: u.name for u in units.members},
        category_names={one.key: one.name_zh for one in categories},
    )


def _by_id(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    rows = table.set_index(table.columns[0], drop=False)
    if rows.index.duplicated().any():
        twice = rows.index[rows.index.duplicated()][0]
        raise unreadable_run(path, ValueError(f"{twice} 出现不止一次"))
    return rows


def _reasons(path: Path) -> pd.Series:
    if path.is_file():
        moves = _table(path, ("enterprise_id",)).drop_duplicates("enterprise_id")
        if "reason_zh" in moves:
            return moves.set_index("enterprise_id")["reason_zh"]
    return pd.Series(dtype=object)


def _table(path: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    try:
        table = read_table(path)
    except (OSError, ValueError) as fault:
        raise unreadable_run(path, fault) from fault
    require_columns(path, table, needed)
    return table


def require_columns(path: Path, table: pd.DataFrame, needed: Iterable[str]) -> None:
    """Refuse a table of a run folder that lacks a column; all of them are named."""
    lacking = [name for name in needed if name not in table]
    if lacking:
        raise InputError(
            f"{path.name} 缺少列 {'、'.join(lacking)}。请重新运行 gridopt run。",
            f"{path.name} lacks {', '.join(lacking)}: run gridopt run again.",
        )
