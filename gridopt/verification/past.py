"""Which grids of the previous plan live on, and in which block: counted anew."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.verification.claims import Ledger


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
