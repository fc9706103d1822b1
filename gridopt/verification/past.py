"""Which grids of the previous plan live on, and in which block: counted anew."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pandas as pd

    from gridopt.verification.claims import Ledger
    from gridopt.verification.folder import Folder

_SUMMARY = "summary.json"
_NUMBERS, _ROSTER = "last_numbers", "roster_sha256"


def previous_ids(
    rows: pd.DataFrame, previous: pd.Series | None
) -> dict[str, tuple[str, ...]]:
    """Give each previous grid to the block of most of its survivors (ties: least)."""
    if previous is None:
        return {}
    before = previous.reindex(rows.index).fillna("")
    had = before != ""
    counts = Counter(zip(before[had], rows.loc[had, "block_id"], strict=True))
    home: dict[str, str] = {}
    for grid_id, block_id in sorted(counts, key=lambda key: (-counts[key], key[1])):
        home.setdefault(grid_id, block_id)
    carried: dict[str, tuple[str, ...]] = {}
    for grid_id in sorted(home):
        block_id = home[grid_id]
        carried[block_id] = (*carried.get(block_id, ()), grid_id)
    return carried


def check_ids_kept(
    ledger: Ledger,
    rows: pd.DataFrame,
    previous: pd.Series | None,
    carried: dict[str, tuple[str, ...]],
) -> None:
    """Hold ids against the previous plan: each names its own grid or none."""
    used = set() if previous is None else set(previous)
    own = {grid_id for grid_ids in carried.values() for grid_id in grid_ids}
    for block_id, block in rows.groupby("block_id", sort=True):
        ids = set(block["grid_id"])
        ledger.n_claims += len(ids)
        allowed = set(carried.get(str(block_id), ()))
        for grid_id in sorted((ids & (used | own)) - allowed):
            ledger.n_claims -= 1
            ledger.deny(
                "partition.csv",
                None,
                "grid_id",
                claimed=grid_id,
                found="",
                about=f"{block_id} 使用了上期其他网格的编号",
            )


def read_beside(plan: Path) -> dict[str, Any]:
    """Read what lies beside a previous plan: its numbers, its roster's hash, if any."""
    found: dict[str, Any] = {}
    roster = plan.with_name("roster.csv")
    if roster.is_file():
        found[_ROSTER] = hashlib.sha256(roster.read_bytes()).hexdigest()
    try:
        told = json.loads(plan.with_name(_SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return found  # then only the ids of the plan itself are known
    if isinstance(told, dict) and _is_numbers(told.get(_NUMBERS)):
        found[_NUMBERS] = told[_NUMBERS]
    return found


def _is_numbers(told: object) -> bool:
    return isinstance(told, dict) and all(type(n) is int for n in told.values())


def check_numbers(
    ledger: Ledger, folder: Folder, rows: pd.DataFrame, previous: pd.Series | None
) -> None:
    """No number is given again: new ids go on from the largest ever, which is told."""
    before = set() if previous is None else set(previous)
    beside = {} if previous is None else previous.attrs
    known = _largest(before, beside.get(_NUMBERS, {}))
    now = set(rows["grid_id"])
    ledger.n_claims += len(now - before)
    for grid_id in sorted(now - before):
        for block_id, number in _largest([grid_id], {}).items():
            if number <= known.get(block_id, 0):
                ledger.n_claims -= 1
                ledger.deny(
                    "partition.csv",
                    None,
                    "grid_id",
                    claimed=grid_id,
                    found="",
                    about=f"{block_id} 的新网格使用了已用过的编号",
                )
    told: Any = folder.summary.get(_NUMBERS)
    if previous is not None and _NUMBERS not in beside and _is_numbers(told):
        # the run may know of closed grids what this plan alone does not tell
        blocks = {**known, **told}
        known = {b: max(known.get(b, 0), told.get(b, 0)) for b in blocks}
    ledger.hold(_SUMMARY, _NUMBERS, told, _largest(now, known))


def _largest(grid_ids: Iterable[str], given: dict[str, int]) -> dict[str, int]:
    """Find the largest number of each block, ascending by block."""
    largest = dict(given)
    for grid_id in grid_ids:
        found = re.fullmatch(r"(.+)-(\d+)", grid_id, re.DOTALL)
        if found:
            largest[found[1]] = max(largest.get(found[1], 0), int(found[2]))
    return dict(sorted(largest.items()))


def check_roster_kept(
    ledger: Ledger, folder: Folder, previous: pd.Series | None
) -> None:
    """Where people were kept, they are those of the roster beside the previous plan."""
    hashes = folder.summary.get("hashes")
    told = hashes.get("previous_roster") if isinstance(hashes, dict) else None
    beside = {} if previous is None else previous.attrs
    found = beside.get(_ROSTER) if told is not None else None
    ledger.hold(_SUMMARY, "hashes.previous_roster", told, found)
