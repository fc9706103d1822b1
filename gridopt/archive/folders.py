"""What a result folder is, and how it is written: whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import shutil
from typing import TYPE_CHECKING

from gridopt.errors import InputError, UnwrittenError, tell_reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MARKS = ("summary.json", "partition.csv")
"""Files by which an earlier run folder is known."""
BUDGET_MARKS = ("summary.json", "budget.csv")
COMPARISON_MARKS = ("inputs.csv", "results.csv")
FRONTIER_MARKS = ("frontier.csv", "frontier.png")
CHANGES_MARKS = ("changes.csv", "changes.html")
"""The same of a budget, a comparison, a frontier, and a register's changes."""

_ITSELF = ("不能是当前目录或根目录本身", "it is the current folder or a root itself")

_KINDS: dict[tuple[str, ...], tuple[str, str]] = {
    MARKS: ("运行目录", "run"),
    BUDGET_MARKS: ("经费测算目录", "budget"),
    COMPARISON_MARKS: ("情景比较目录", "comparison"),
    FRONTIER_MARKS: ("调整取舍目录", "frontier"),
    CHANGES_MARKS: ("名录变动目录", "changes"),
}


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
    except (OSError, UnwrittenError) as fault:
        cause = fault.__cause__ if isinstance(fault, UnwrittenError) else fault
        raise _unwritable(target, tell_reason(cause or fault)) from fault
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
        raise _unwritable(target, _ITSELF)
    try:
        _refuse_place(target)
        _put_back(target, marks)
        is_free = not target.exists() or _is_replaceable(target, marks)
    except (OSError, ValueError) as fault:
        raise _unwritable(target, tell_reason(fault)) from fault
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


def _refuse_place(target: Path) -> None:
    """Refuse a place below a file, or where nothing may be written, before the work."""
    above = next((p for p in target.absolute().parents if p.exists()), None)
    if above is None:
        return
    if not above.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, f"{above} is a file, not a folder")
    if not os.access(above, os.W_OK):
        raise PermissionError(errno.EACCES, f"{above} may not be written to")


def _unwritable(target: Path, reason: tuple[str, str]) -> InputError:
    reason_zh, reason_en = reason
    return InputError(
        f"无法写入 {target}：{reason_zh}。"
        "请关闭已打开的结果文件，或用 --out 另选目录。",
        f"{target} cannot be written: {reason_en}. Close files of it that are open, "
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
