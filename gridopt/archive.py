"""What runs leave behind: the run folder, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.chronicle import history
from gridopt.errors import InputError
from gridopt.evidence import save_certificates
from gridopt.numbering import LAST_NUMBERS, read_last_numbers
from gridopt.payments import list_tables
from gridopt.scenario import read_scenario, scenario_text
from gridopt.snapshots import read_table
from gridopt.views.accounts import write_accounts
from gridopt.views.changes import write_changes_page
from gridopt.views.comparison import (
    write_comparison_page,
    write_comparison_workbook,
)
from gridopt.views.report import write_report
from gridopt.views.tradeoff import write_frontier_picture
from gridopt.views.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridopt.appraisal.outlook import Outlook
    from gridopt.budget import Budget
    from gridopt.change import RegisterChange
    from gridopt.comparison import Comparison
    from gridopt.frontier import Frontier
    from gridopt.geography import Units
    from gridopt.outcome import Outcome
    from gridopt.register import Register
    from gridopt.scenario import Scenario

__all__ = [
    "BUDGET_MARKS",
    "COMPARISON_MARKS",
    "MARKS",
    "check_target",
    "history",
    "read_plan",
    "read_previous",
    "read_previous_roster",
    "read_table",
    "spare_finished",
    "tables",
    "write_budget",
    "write_comparison",
    "write_run",
    "write_table",
    "write_whole",
]

MARKS = ("summary.json", "partition.csv")
"""Files by which an earlier run folder is known."""
BUDGET_MARKS = ("summary.json", "budget.csv")
COMPARISON_MARKS = ("inputs.csv", "results.csv")
FRONTIER_MARKS = ("frontier.csv", "frontier.png")
CHANGES_MARKS = ("changes.csv", "changes.html")
"""The same of a budget, a comparison, a frontier, and a register's changes."""

_KINDS: dict[tuple[str, ...], tuple[str, str]] = {
    MARKS: ("运行目录", "run"),
    BUDGET_MARKS: ("经费测算目录", "budget"),
    COMPARISON_MARKS: ("情景比较目录", "comparison"),
    FRONTIER_MARKS: ("调整取舍目录", "frontier"),
    CHANGES_MARKS: ("名录变动目录", "changes"),
}


def write_run(
    outcome: Outcome, folder: str | Path, *, is_tables_only: bool = False
) -> Path:
    """Write a run folder whole or not at all.

    Everything is written to a folder beside it, which then takes its place; an
    earlier run folder is replaced, anything else is refused.

    Parameters
    ----------
    is_tables_only
        Leave out workbook and report.

    Raises
    ------
    InputError
        Where `folder` holds something that is no run, or cannot be written.
    """

    def write(beside: Path) -> None:
        _write_files(outcome, beside, is_tables_only)

    return write_whole(Path(folder), write, MARKS)


def write_whole(
    target: Path, write: Callable[[Path], None], marks: tuple[str, ...]
) -> Path:
    """Have a folder written beside `target`, and put it in its place when whole.

    Parameters
    ----------
    write
        Fills the empty folder that it is given.
    marks
        Files by which an earlier folder of the same kind is known.

    Raises
    ------
    InputError
        Where `target` holds something else, or cannot be written.
    """
    check_target(target, marks)
    try:
        _write_beside(target, write)
    except OSError as fault:
        raise _unwritable(target, fault) from fault
    return target


def check_target(target: Path, marks: tuple[str, ...] = MARKS) -> None:
    """Refuse a folder that holds anything but an earlier result of the same kind.

    An earlier result that a killed run left aside is put back in its place first.

    Raises
    ------
    InputError
        Before anything is computed or written.
    """
    if not target.name:  # "." and "/": nothing can be laid beside them
        raise _unwritable(target, ValueError("不能是当前目录本身 / not this folder"))
    try:
        _put_back(target, marks)
        is_free = not target.exists() or _is_replaceable(target, marks)
    except (OSError, ValueError) as fault:
        raise _unwritable(target, fault) from fault
    if not is_free:
        kind_zh, kind_en = _KINDS[marks]
        raise InputError(
            f"{target} 已存在且不是{kind_zh}，为避免覆盖未写入。请用 --out 另选目录。",
            f"{target} exists and is no {kind_en} folder; nothing was written. Choose "
            "another folder with --out.",
        )


def spare_finished(target: Path, status: str) -> Path:
    """Give an interrupted plan a folder of its own where a finished run stands.

    Parameters
    ----------
    status
        What is proven of the new plan (`Partition.status`).

    Returns
    -------
    `target`, or beside it `NAME-interrupted`.
    """
    summary = target / "summary.json"
    if status != "interrupted" or not summary.is_file():
        return target
    try:
        earlier = json.loads(summary.read_text(encoding="utf-8"))
        is_finished = earlier["status"] != "interrupted"
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        is_finished = True
    return target.with_name(f"{target.name}-interrupted") if is_finished else target


def _is_replaceable(target: Path, marks: tuple[str, ...]) -> bool:
    if not target.is_dir():
        return False
    # a run holds what a budget holds, and more: it is not to be lost to one
    is_other = marks != MARKS and all((target / mark).is_file() for mark in MARKS)
    is_ours = all((target / mark).is_file() for mark in marks) and not is_other
    return is_ours or not any(target.iterdir())


def _unwritable(target: Path, fault: Exception) -> InputError:
    reason = getattr(fault, "strerror", None) or str(fault)
    return InputError(
        f"无法写入 {target}：{reason}。请关闭已打开的结果文件，或用 --out 另选目录。",
        f"{target} cannot be written: {reason}. Close files of it that are open, "
        "or choose another folder with --out.",
    )


def _write_beside(target: Path, write: Callable[[Path], None]) -> None:
    """Write a folder beside its place, then exchange it for the earlier one.

    Whatever ends this half-way, an interrupt or a lost machine: the earlier folder is
    whole, in its place or under `_aside`, where `_put_back` finds it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    beside, aside = target.with_name(f".{target.name}.new"), _aside(target)
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    try:
        write(beside)
        try:
            if target.exists():
                target.rename(aside)
            beside.rename(target)
        finally:
            if aside.exists() and not target.exists():
                aside.rename(target)
        if aside.exists():
            # only a whole folder ever bears this name, so it gets another to go under
            aside.rename(beside)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _aside(target: Path) -> Path:
    """Name where an earlier folder waits for the moment of the exchange."""
    return target.with_name(f".{target.name}.old")


def _put_back(target: Path, marks: tuple[str, ...]) -> None:
    """Put back, or clear away, an earlier folder that a killed run left aside."""
    aside = _aside(target)
    if not aside.exists() or not _is_replaceable(aside, marks):
        return
    if target.exists():
        shutil.rmtree(aside)
    else:
        aside.rename(target)


def _write_files(outcome: Outcome, folder: Path, is_tables_only: bool) -> None:
    for name, frame in tables(outcome).items():
        write_table(frame, folder / name)
    save_certificates(outcome.partition.certificates, folder / "certificate.npz")
    (folder / "scenario.yaml").write_bytes(scenario_text(outcome.scenario))
    if outcome.scenario.inputs:
        (folder / "inputs").mkdir()
    for name, source in outcome.scenario.inputs.items():
        shutil.copyfile(source, folder / "inputs" / name)
    _write_json(outcome.summary, folder / "summary.json")
    if not is_tables_only:
        write_workbook(outcome, folder / "workbook.xlsx")
        write_report(outcome, folder / "report.html")


def write_frontier(frontier: Frontier, folder: str | Path) -> Path:
    """Write what each further mover would buy: the table, the picture, the plans."""

    def write(beside: Path) -> None:
        write_table(frontier.points, beside / "frontier.csv")
        write_frontier_picture(frontier, beside / "frontier.png")
        for i, partition in enumerate(frontier.partitions, start=1):
            plan = partition.enterprises.reset_index()
            write_table(plan, beside / f"partition-{i:02d}.csv")

    return write_whole(Path(folder), write, FRONTIER_MARKS)


def tables(outcome: Outcome) -> dict[str, pd.DataFrame]:
    """List the tables of a run by file name, columns and order as in the contract."""
    partition = outcome.partition
    found = {
        "partition.csv": partition.enterprises.reset_index(),
        "grids.csv": _grids(outcome),
        "blocks.csv": partition.blocks.reset_index().sort_values("block_id"),
        "exceptions.csv": partition.exceptions,
        "findings.csv": outcome.register.findings,
        "roster.csv": outcome.roster.posts,
        "budget.csv": outcome.budget.lines,
        "awards.csv": outcome.budget.awards,
        "clauses.csv": outcome.clauses.sort_values("key"),
    }
    if len(outcome.register.quarantined):
        found["quarantine.csv"] = outcome.register.quarantined
    adjustment = outcome.adjustment
    if adjustment is not None:
        found["adjustments.csv"] = adjustment.enterprises.reset_index()
        found["grid_changes.csv"] = adjustment.grids.reset_index()
        if adjustment.money is not None:
            found["money_changes.csv"] = adjustment.money
    return found | list_tables(outcome.budget)


def write_budget(
    budget: Budget,
    scenario: Scenario,
    folder: str | Path,
    *,
    outlook: Outlook | None = None,
    units: Units | None = None,
) -> Path:
    """Write a budget made without a cut: tables, totals, choices, the workbook.

    Parameters
    ----------
    outlook
        Adds what the bill may come to: `risk.csv`, `sensitivity.csv`, `readings.csv`.
    units
        Gives the units their names in the workbook.
    """
    told = {"title": scenario.title, **budget.totals, "choices": budget.choices}

    def write(beside: Path) -> None:
        found = {"budget.csv": budget.lines, "awards.csv": budget.awards}
        found |= list_tables(budget)
        if outlook is not None:
            # None too where the arrears take all
            money = budget.rules.prize_money_yuan or None
            found["risk.csv"] = outlook.distribution.summary(money)
            found["sensitivity.csv"] = outlook.changes
            found["readings.csv"] = outlook.readings
        for name, table in found.items():
            write_table(table, beside / name)
        path = beside / "budget.xlsx"
        write_accounts(budget, scenario, path, units=units, outlook=outlook)
        _write_json(told, beside / "summary.json")
        (beside / "scenario.yaml").write_bytes(scenario_text(scenario))

    return write_whole(Path(folder), write, BUDGET_MARKS)


def write_comparison(comparison: Comparison, folder: str | Path) -> Path:
    """Write a comparison: its tables, workbook and page, and a run per scenario."""

    def write(beside: Path) -> None:
        write_table(comparison.inputs.drop(columns="label"), beside / "inputs.csv")
        write_table(comparison.results.drop(columns="label"), beside / "results.csv")
        write_table(comparison.companions, beside / "companions.csv")
        write_comparison_workbook(comparison, beside / "comparison.xlsx")
        write_comparison_page(comparison, beside / "comparison.html")
        for name, outcome in zip(comparison.names, comparison.outcomes, strict=True):
            (beside / name).mkdir()
            _write_files(outcome, beside / name, is_tables_only=False)

    return write_whole(Path(folder), write, COMPARISON_MARKS)


def write_changes(
    change: RegisterChange,
    register: Register,
    folder: str | Path,
    *,
    previous: pd.DataFrame | None = None,
    previous_roster: pd.DataFrame | None = None,
) -> Path:
    """Write what changed in a register: the table, a page, and the plan carried over.

    Parameters
    ----------
    register
        The new register.
    previous
        The plan in force; it is written under today's ids as `previous.csv`, which
        `run` and `verify` take as `--previous`, with the numbers ever given beside it.
    previous_roster
        The roster in force, written beside that plan.
    """

    def write(beside: Path) -> None:
        write_table(change.changes, beside / "changes.csv")
        write_changes_page(change, register, beside / "changes.html")
        if previous is not None:
            write_table(change.carry(previous), beside / "previous.csv")
            if LAST_NUMBERS in previous.attrs:
                numbers = {LAST_NUMBERS: previous.attrs[LAST_NUMBERS]}
                _write_json(numbers, beside / "summary.json")
        if previous_roster is not None:
            known = set(previous_roster["enterprise_id"])
            new_ids = {a: b for a, b in change.renumbered.items() if b not in known}
            ids = previous_roster["enterprise_id"].replace(new_ids)
            carried = previous_roster.assign(enterprise_id=ids)
            write_table(carried, beside / "roster.csv")

    return write_whole(Path(folder), write, CHANGES_MARKS)


def _write_json(told: dict[str, Any], path: Path) -> None:
    text = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_bytes(f"{text}\n".encode())


def _grids(outcome: Outcome) -> pd.DataFrame:
    roster, grids = outcome.roster, outcome.partition.grids.copy()
    grids["head"] = roster.heads.reindex(grids.index).fillna("")
    grids["deputy"] = roster.deputies.reindex(grids.index).fillna("")
    grids["instructor"] = roster.instructors.reindex(grids.index).fillna("")
    members = roster.members.reindex(grids.index).fillna(0)
    grids["members"] = members.astype(int)
    grids = grids.reset_index()
    return grids[
        [
            "grid_id",
            "block_id",
            "unit",
            "category",
            "size",
            "medoid_id",
            "travel_m",
            "radius_m",
            "head",
            "deputy",
            "instructor",
            "grid_name",
            "members",
            "n_other_category",
            "n_other_unit",
            "is_exception",
        ]
    ]


def write_table(frame: pd.DataFrame, path: Path) -> None:
    r"""Write one table: utf-8-sig, comma, LF, RFC 4180 quotes.

    Columns `_m` get one decimal, `_s` three, `_share` six; flags are 1 and 0;
    what is unknown is empty.

    Examples
    --------
    >>> path = getfixture("tmp_path") / "t.csv"
    >>> write_table(pd.DataFrame({"travel_m": [1.25], "is_medoid": [True]}), path)
    >>> path.read_text(encoding="utf-8-sig")
    'travel_m,is_medoid\n1.2,1\n'
    """
    shown = pd.DataFrame({name: _as_text(frame[name]) for name in frame.columns})
    shown.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


_DECIMALS = {"_m": 1, "_s": 3, "_share": 6}


def _as_text(column: pd.Series) -> pd.Series:
    name = str(column.name)
    if pd.api.types.is_bool_dtype(column):
        return column.astype(int)
    places = [n for suffix, n in _DECIMALS.items() if name.endswith(suffix)]
    if places and pd.api.types.is_numeric_dtype(column):
        known = column.notna()
        texts = column[known].map(f"{{:.{places[-1]}f}}".format)
        return column.astype(object).where(~known, texts)
    return column


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
        raise InputError(
            f"无法读取上期方案 {file.name}：{fault}。"
            "请给出上期运行目录中的 partition.csv。",
            f"The previous plan {file.name} cannot be read: {fault}. Give the "
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
        raise InputError(
            f"无法读取上期网格人员名册 {file}：{fault}。请使用上期运行目录中的文件。",
            f"The previous roster {file} cannot be read: {fault}. Use the file of the "
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
        shown = "、".join(odd[:3])
        raise InputError(
            f"{file} 与同一目录的 partition.csv 不是同一次运行的结果："
            f"{len(odd)} 个网格只在其中一个文件中，例如 {shown}。"
            "请使用同一次运行的两个文件；不需要沿用人员的，请移走 roster.csv。",
            f"{file} and the partition.csv beside it are not of one run: {len(odd)} "
            f"grids stand in one of them only, such as {', '.join(odd[:3])}. Use both "
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
        shown = ", ".join(map(str, odd[:3]))
        raise InputError(
            f"划分方案与企业名录不一致：{len(odd)} 家企业缺失、多出或重复，"
            f"例如 {shown}。请给出该方案所用的名录（--register）。",
            f"Plan and register differ in {len(odd)} enterprises, such as {shown}: "
            "give the register that was cut (--register).",
        )
    return plan
