"""What is read back from a run folder: plan, roster, band and numbers."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.errors import InputError, tell_reason
from gridopt.findings import some, some_ids
from gridopt.numbering import LAST_NUMBERS, read_last_numbers
from gridopt.scenario import read_scenario
from gridopt.snapshots import read_table

if TYPE_CHECKING:
    from gridopt.register import Register


def read_previous(path: str | Path) -> pd.DataFrame:
    """Read a run's `partition.csv` as the plan in force.

    The frame carries in its `attrs` the file's SHA-256 (`sha256`), for
    `summary.json`; where the run's scenario lies beside it, the band that it was cut
    by and the enterprises that were placed by hand; and where its `summary.json`
    does, the numbers ever given to grids (`last_numbers`): those of grids that were
    closed earlier stand nowhere else.

    Raises
    ------
    InputError
        Where the file cannot be read or is no partition, or the summary beside it is
        damaged.
    """
    file = _plan_file(path)
    if not file.is_file():
        raise InputError(
            f"无法读取上期方案 {file}：文件不存在。"
            "请给出上期运行目录中的 partition.csv。",
            f"There is no previous plan {file}: give the partition.csv of a run.",
        )
    try:
        frame = read_table(file)
        frame.attrs["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
        frame.attrs |= _told_beside(file)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, ValueError) as fault:
        zh, en = tell_reason(fault)
        raise InputError(
            f"无法读取上期方案 {file.name}：{zh}。"
            "请给出上期运行目录中的 partition.csv。",
            f"The previous plan {file.name} cannot be read: {en}. Give the "
            "partition.csv of a run folder.",
        ) from fault
    numbers = read_last_numbers(file.with_name("summary.json"))
    if numbers is not None:
        frame.attrs[LAST_NUMBERS] = numbers
    return frame


def _told_beside(plan: Path) -> dict[str, Any]:
    """Read band and moves by hand of a plan from the scenario of its run folder."""
    scenario = plan.with_name("scenario.yaml")
    if not scenario.is_file():
        return {"band": None, "moved": ()}
    rules = read_scenario(scenario).grids
    return {"band": (rules.least, rules.most), "moved": rules.moved}


def read_previous_roster(
    path: str | Path, plan: pd.DataFrame | None = None
) -> pd.DataFrame | None:
    """Read the `roster.csv` beside a run's `partition.csv`; None where there is none.

    The frame carries the file's SHA-256 in its `attrs`, for `summary.json`.

    Parameters
    ----------
    path
        The `partition.csv`, or its folder.
    plan
        That `partition.csv` as read: both must name the same grids.

    Raises
    ------
    InputError
        Where the file cannot be read or belongs to another plan.
    """
    file = _plan_file(path).with_name("roster.csv")
    if not file.is_file():
        return None
    try:
        roster = read_table(file)
        roster.attrs["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, ValueError) as fault:
        zh, en = tell_reason(fault)
        raise InputError(
            f"无法读取上期网格人员名册 {file}：{zh}。请使用上期运行目录中的文件。",
            f"The previous roster {file} cannot be read: {en}. Use the file of the "
            "run folder.",
        ) from fault
    if plan is not None:
        _refuse_other_roster(roster, plan, file)
    return roster


def _plan_file(path: str | Path) -> Path:
    file = Path(path)
    return file / "partition.csv" if file.is_dir() else file


def _refuse_other_roster(roster: pd.DataFrame, plan: pd.DataFrame, file: Path) -> None:
    if not {"grid_id", "level"} <= set(roster.columns) or "grid_id" not in plan:
        return  # whoever uses them says which column lacks
    staffed = set(roster.loc[roster["level"] == "4", "grid_id"])
    odd = sorted(staffed ^ (set(plan["grid_id"]) - {""}))
    if odd:
        raise InputError(
            f"{file} 与同一目录的 partition.csv 不是同一次运行的结果："
            f"{len(odd)} 个网格只在其中一个文件中，例如 {some(odd)}。"
            "请使用同一次运行的两个文件；不需要沿用人员的，请移走 roster.csv。",
            f"{file} and the partition.csv beside it are not of one run: {len(odd)} "
            f"grids stand in one of them only, such as {some_ids(odd)}. Use both "
            "files of one run, or move roster.csv away to keep nobody.",
        )


def read_plan(path: str | Path, register: Register) -> pd.DataFrame:
    """Read a run's `partition.csv` as a plan of this very register.

    Returns
    -------
    DataFrame
        Index `enterprise_id`, columns `block_id`, `grid_id` and the rest as text.

    Raises
    ------
    InputError
        Where an enterprise of the register is missing, doubled or unknown.
    """
    frame = read_previous(path)
    missing = {"enterprise_id", "block_id", "grid_id"} - set(frame.columns)
    if missing:
        named = "、".join(sorted(missing))
        raise InputError(
            f"{Path(path).name} 缺少列 {named}。请使用运行目录中的 partition.csv。",
            f"{Path(path).name} lacks {', '.join(sorted(missing))}: give the "
            "partition.csv of a run folder.",
        )
    plan = frame.set_index("enterprise_id")
    odd = plan.index.symmetric_difference(register.enterprises.index)
    odd = odd.union(plan.index[plan.index.duplicated()])
    if len(odd):
        raise InputError(
            f"划分方案与企业名录不一致：{len(odd)} 家企业缺失、多出或重复，"
            f"例如 {some(odd)}。请给出该方案所用的名录（--register）。",
            f"Plan and register differ in {len(odd)} enterprises, such as "
            f"{some_ids(odd)}: give the register that was cut (--register).",
        )
    return plan
