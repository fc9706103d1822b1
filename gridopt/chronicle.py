"""What became of one enterprise, or of one grid, from dated run to dated run."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pandas as pd

from gridopt.errors import InputError
from gridopt.snapshots import Snapshot, read_snapshots

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

ENTERPRISE_COLUMNS = {
    "date": "日期",
    "run": "运行目录",
    "event": "情况",
    "enterprise_id": "企业编号",
    "name": "企业名称",
    "unit": "单位编码",
    "unit_name": "二级统计网格",
    "category": "类别代码",
    "category_name": "行业类别",
    "grid_id": "网格编号",
    "grid_name": "网格名称",
    "is_medoid": "中心企业",
    "distance_m": "距离（米）",
    "reason": "原因",
}
"""Columns of an enterprise's history, with their Chinese headings."""

GRID_COLUMNS = {
    "date": "日期",
    "run": "运行目录",
    "event": "情况",
    "grid_id": "网格编号",
    "grid_name": "网格名称",
    "size": "家数",
    "medoid_id": "中心企业编号",
    "medoid_name": "中心企业",
    "head": "网格长编号",
    "head_name": "网格长",
    "deputy": "副网格长编号",
    "deputy_name": "副网格长",
    "instructor": "网格指导员编号",
    "instructor_name": "网格指导员",
    "n_came": "转入",
    "n_went": "转出",
    "came": "转入企业编号",
    "went": "转出企业编号",
    "came_names": "转入企业",
    "went_names": "转出企业",
}
"""Columns of a grid's history, with their Chinese headings."""

EVENTS = {
    "recorded": "已在册",
    "entered": "新增",
    "stayed": "未变",
    "moved": "调整网格",
    "left": "退出",
    "returned": "重新纳入",
    "opened": "新设",
    "kept": "沿用",
    "closed": "撤销",
}
"""Every event with its Chinese word; `recorded` is how the first run found things."""

_KINDS = {
    "is_medoid": "boolean",
    "distance_m": "Float64",
    "size": "int64",
    "n_came": "int64",
    "n_went": "int64",
}
_ROLES = ("head", "deputy", "instructor")
_NEAR = 3


def history(
    runs: Iterable[str | Path],
    *,
    enterprise: str | None = None,
    grid: str | None = None,
) -> pd.DataFrame:
    """Follow one enterprise or one grid through dated run folders (P13).

    Runs are taken in the order of their scenarios' dates, and each is held against
    the one before it in this list.

    Parameters
    ----------
    runs
        Run folders, in any order.
    enterprise, grid
        The id of one or the other.

    Returns
    -------
    DataFrame
        One row per run from the first that knows the id. Columns
        `ENTERPRISE_COLUMNS` for an enterprise (`event`: `recorded, entered, stayed,
        moved, left, returned`), `GRID_COLUMNS` for a grid (`recorded, opened, kept,
        closed`); what has left or was closed has one row without a place. `came` and
        `went` hold the ids of enterprises, `came_names` and `went_names` their names.

    Raises
    ------
    InputError
        Where a folder is no run, has no date or that of another, or where no run
        knows the id.
    ValueError
        Where not exactly one id is asked for.

    Examples
    --------
    >>> import datetime, gridopt as go
    >>> from gridopt.archive import write_run
    >>> place, when = getfixture("tmp_path"), datetime.date(2025, 12, 31)
    >>> outcome = go.run_scenario(go.read_sample(), go.Scenario(date=when))
    >>> folder = write_run(outcome, place / "2025", is_tables_only=True)
    >>> grid_id = outcome.partition.grids.index[0]
    >>> history([folder], grid=grid_id)["event"].tolist()
    ['recorded']
    """
    if (enterprise is None) == (grid is None):
        raise ValueError("ask for one enterprise or for one grid")
    snapshots = read_snapshots(runs)
    if not snapshots:
        raise ValueError("a history needs at least one run")
    if enterprise is not None:
        return _of_enterprise(snapshots, enterprise)
    return _of_grid(snapshots, str(grid))


def _of_enterprise(snapshots: Sequence[Snapshot], enterprise_id: str) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    before: str | None = None
    for snapshot in snapshots:
        is_here = enterprise_id in snapshot.enterprises.index
        if not is_here and not before:
            continue
        place = _place(snapshot, enterprise_id) if is_here else {}
        now = str(place.get("grid_id", ""))
        event = _event(before, now, is_first=snapshot is snapshots[0])
        reason = "" if event == "stayed" else snapshot.reasons.get(enterprise_id, "")
        row = {"date": snapshot.date, "run": snapshot.run, "event": event}
        row |= {"enterprise_id": enterprise_id, "reason": reason}
        rows.append({**row, **place})
        before = now
    if not rows:
        raise _unknown(snapshots, enterprise_id, "enterprise")
    return _frame(rows, ENTERPRISE_COLUMNS)


def _event(before: str | None, now: str, *, is_first: bool) -> str:
    """Tell what happened to a firm: grids are None before it was seen, "" if gone."""
    if before is None:
        return "recorded" if is_first else "entered"
    if not now:
        return "left"
    if not before:
        return "returned"
    return "stayed" if before == now else "moved"


def _place(snapshot: Snapshot, enterprise_id: str) -> dict[str, object]:
    """Say where a firm stands in a run."""
    told = snapshot.enterprises.loc[enterprise_id]
    unit, category, grid_id = told["unit"], told["category"], told["grid_id"]
    names = snapshot.grids["grid_name"]
    return {
        "name": told["name"],
        "unit": unit,
        "unit_name": snapshot.unit_names.get(unit, unit),
        "category": category,
        "category_name": snapshot.category_names.get(category, category),
        "grid_id": grid_id,
        "grid_name": names.get(grid_id, grid_id),
        "is_medoid": told["is_medoid"] == "1",
        "distance_m": pd.to_numeric(told["distance_m"], errors="coerce"),
    }


def _of_grid(snapshots: Sequence[Snapshot], grid_id: str) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    members: set[str] = set()
    names: dict[str, str] = {}
    for snapshot in snapshots:
        is_here = grid_id in snapshot.grids.index
        if not is_here and not members:
            continue
        firms = snapshot.enterprises
        inside = firms[firms["grid_id"] == grid_id]
        now = set(inside.index)
        names |= dict(zip(inside.index, inside["name"], strict=True))
        is_first = snapshot is snapshots[0]
        came = () if is_first else tuple(sorted(now - members))
        went = tuple(sorted(members - now))
        row = {
            "date": snapshot.date,
            "run": snapshot.run,
            "event": _fate(is_here, bool(members), is_first),
            "grid_id": grid_id,
            "size": len(now),
            "n_came": len(came),
            "n_went": len(went),
            "came": came,
            "went": went,
            "came_names": tuple(names[one] for one in came),
            "went_names": tuple(names[one] for one in went),
        }
        rows.append(row | (_staffed(snapshot, grid_id) if is_here else {}))
        members = now
    if not rows:
        raise _unknown(snapshots, grid_id, "grid")
    return _frame(rows, GRID_COLUMNS)


def _fate(is_here: bool, was_here: bool, is_first: bool) -> str:
    if not is_here:
        return "closed"
    if was_here:
        return "kept"
    return "recorded" if is_first else "opened"


def _staffed(snapshot: Snapshot, grid_id: str) -> dict[str, object]:
    """Say what a grid is called, who is its centre and who leads it in a run."""
    told = snapshot.grids.loc[grid_id]
    medoid = told["medoid_id"]
    people = {role: told[role] for role in _ROLES}
    people |= {
        f"{role}_name": snapshot.people.get((role, grid_id), "") for role in _ROLES
    }
    return {
        "grid_name": told["grid_name"],
        "medoid_id": medoid,
        "medoid_name": snapshot.enterprises["name"].get(medoid, ""),
        **people,
    }


def _frame(rows: list[dict[str, object]], columns: dict[str, str]) -> pd.DataFrame:
    """Lay rows out; numbers and flags that are not known are missing, texts empty."""
    frame = pd.DataFrame(rows, columns=list(columns), dtype=object)
    kinds = {name: kind for name, kind in _KINDS.items() if name in columns}
    return frame.astype(kinds).fillna(dict.fromkeys(set(columns) - set(kinds), ""))


def _unknown(snapshots: Sequence[Snapshot], asked: str, what: str) -> InputError:
    """Say that no run knows an id, and which ids it might have been."""
    words = {"enterprise": ("企业", "enterprise"), "grid": ("网格", "grid")}
    zh, en = words[what]
    near = _near(snapshots, asked, what)
    span = " 至 ".join(dict.fromkeys((snapshots[0].date, snapshots[-1].date)))
    hint_zh = f"相近的有：{'、'.join(near)}。" if near else ""
    hint_en = f" Near to it: {', '.join(near)}." if near else ""
    return InputError(
        f"{len(snapshots)} 次运行（{span}）中都没有编号为“{asked}”的{zh}。{hint_zh}"
        "请核对编号，或加上更早的运行目录。",
        f"None of {len(snapshots)} runs ({snapshots[0].date} to {snapshots[-1].date}) "
        f"knows the {en} {asked!r}.{hint_en} Check the id, or add earlier runs.",
    )


def _near(snapshots: Sequence[Snapshot], asked: str, what: str) -> list[str]:
    """List ids that are spelt like the one asked for, or belong to that name."""
    column = "name" if what == "enterprise" else "grid_name"
    known: dict[str, None] = {}
    for snapshot in snapshots:
        table = snapshot.enterprises if what == "enterprise" else snapshot.grids
        named = table.index[table[column] == asked]
        if len(named):
            return sorted(named)[:_NEAR]
        known |= dict.fromkeys(table.index)
    return difflib.get_close_matches(asked, sorted(known), n=_NEAR)
