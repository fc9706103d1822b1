"""What became of each grid: who left, came and moved, and why it was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from gridopt.adjustment.value import FLOWS, GRID_COLUMNS
from gridopt.certificate import homes_of_grids
from gridopt.partition import name_grid

if TYPE_CHECKING:
    from gridopt.partition import Partition

_OUT = {"left": "left", "moved": "moved_out", "forced": "forced_out"}
_IN = {"entered": "entered", "moved": "moved_in", "forced": "forced_in"}


def count_flows(
    partition: Partition, before: pd.DataFrame, changes: pd.DataFrame
) -> pd.DataFrame:
    """Count who left, came and moved, grid by grid.

    Returns
    -------
    DataFrame
        Index `grid_id`, all grids of either plan ascending; columns `FLOWS`, and
        `unmoved_size`: how many it would hold had nobody been moved.
    """
    grids = partition.grids
    index = grids.index.union(before["grid_id"].unique()).sort_values()
    flows = pd.DataFrame(0, index=index.rename("grid_id"), columns=list(FLOWS))
    flows["previous_size"] = before["grid_id"].value_counts().reindex(index)
    flows["size"] = grids["size"].reindex(index)
    for column, names in (("previous_grid_id", _OUT), ("grid_id", _IN)):
        counts = changes.groupby(["kind", column]).size()
        for kind, name in names.items():
            if kind in counts.index:
                flows[name] = counts[kind].reindex(index)
    flows = flows.fillna(0).astype("int64")
    moves = flows["moved_in"] - flows["moved_out"]
    return flows.assign(unmoved_size=flows["size"] - moves)


def describe_grids(
    partition: Partition,
    before: pd.DataFrame,
    changes: pd.DataFrame,
    flows: pd.DataFrame,
) -> pd.DataFrame:
    """Tell each grid's fate and the reason of it; columns `GRID_COLUMNS`."""
    frame = flows.join(_homes(partition, before, flows.index))
    frame["grid_name"] = [name_grid(partition.register, g) for g in frame.index]
    frame["fate"] = _fates(partition, before, changes, flows.index)
    medoids = before.index[before["is_medoid"]]
    at = pd.Series(medoids, before.loc[medoids, "grid_id"].to_numpy(), dtype=object)
    at = at[~at.index.duplicated(keep=False)]  # of an edited plan: unknown
    frame["previous_medoid_id"] = at.reindex(frame.index).fillna("")
    sums = before.groupby("grid_id")["distance_m"].sum(min_count=1)
    frame["previous_travel_m"] = sums.round(1).reindex(frame.index)
    own = partition.grids[["medoid_id", "travel_m"]].reindex(frame.index)
    frame["medoid_id"] = own["medoid_id"].fillna("")
    frame["travel_m"] = own["travel_m"]
    of_block = frame["block_id"]
    frame["n_before"] = (frame["previous_size"] > 0).groupby(of_block).transform("sum")
    frame["n_now"] = (frame["size"] > 0).groupby(of_block).transform("sum")
    words = [_reason(partition, row) for row in frame.itertuples()]
    frame["reason_zh"] = [zh for zh, _ in words]
    frame["reason_en"] = [en for _, en in words]
    return frame[list(GRID_COLUMNS)]


def _homes(partition: Partition, before: pd.DataFrame, index: pd.Index) -> pd.DataFrame:
    """Say where each grid belongs today; a closed one where its last firms are."""
    then = before.groupby("grid_id")["block_id"].first()
    then = then.where(then != "", then.index.str.rpartition("-").get_level_values(0))
    block = partition.grids["block_id"].reindex(index)
    block = block.fillna(
        pd.Series(homes_of_grids(partition.certificates), dtype=object)
    )
    block = block.fillna(then)
    parts = block.str.rpartition("-")
    frame = pd.DataFrame({"block_id": block, "unit": parts[0], "category": parts[2]})
    own = partition.grids[["unit", "category"]]
    frame.update(own)
    return frame


def _fates(
    partition: Partition, before: pd.DataFrame, changes: pd.DataFrame, index: pd.Index
) -> pd.Series:
    known = index.isin(before["grid_id"].unique())
    lives = index.isin(partition.grids.index)
    fates = pd.Series("kept", index)
    moved = changes[changes["kind"] == "moved"]
    opened = index[~known]
    givers = moved.loc[moved["grid_id"].isin(opened), "previous_grid_id"]
    fates[index.isin(givers)] = "split"
    fates[opened] = "opened"
    fates[~lives] = "closed"
    return fates


def _reason(partition: Partition, row: Any) -> tuple[str, str]:
    if row.fate == "closed":
        return _why_closed(row)
    if row.fate == "opened":
        return _why_opened(row.n_before, row.n_now)
    block = partition.blocks.loc[row.block_id]
    return _why_changed(row, int(block["least"]), int(block["most"]))


def _why_closed(row: Any) -> tuple[str, str]:
    if row.moved_out == 0:
        return (
            "原有企业均已退出或转出，网格撤销",
            "All its enterprises left or belong to other blocks.",
        )
    return (
        f"所在划分单元的网格由{row.n_before}个变为{row.n_now}个，本网格撤销，"
        f"{row.moved_out}家并入其他网格",
        f"The block has {row.n_now} grids where it had {row.n_before}; its "
        f"{row.moved_out} remaining enterprises joined others.",
    )


def _why_opened(n_before: int, n_now: int) -> tuple[str, str]:
    if n_before == 0:
        return (
            "上期没有这一划分单元，新设网格",
            "The block is new, and so is its grid.",
        )
    if n_now > n_before:
        return (
            f"所在划分单元的网格由{n_before}个增至{n_now}个，新设网格",
            f"The block has {n_now} grids where it had {n_before}.",
        )
    return (
        "所在划分单元有网格撤销，另设网格",
        "It takes the place of a grid of its block that was closed.",
    )


def _why_changed(row: Any, least: int, most: int) -> tuple[str, str]:
    if row.unmoved_size > most:
        return (
            f"不作调整将有{row.unmoved_size}家，超过上限{most}家，{_moves(row)}",
            f"Without moves it would hold {row.unmoved_size}, more than {most}.",
        )
    if row.unmoved_size < least:
        return (
            f"不作调整只有{row.unmoved_size}家，低于下限{least}家，{_moves(row)}",
            f"Without moves it would hold {row.unmoved_size}, fewer than {least}.",
        )
    if row.moved_out or row.moved_in:
        return (
            f"就近调整或与相邻网格统筹调整，{_moves(row)}",
            f"Moved for nearness or with its neighbours: {row.moved_out} out, "
            f"{row.moved_in} in.",
        )
    if row.left or row.forced_out or row.entered or row.forced_in:
        return (
            "仅有企业新纳入、退出或转格，其余企业不变",
            "Only entries, exits and changes of block; nobody else moved.",
        )
    return ("没有变动", "Unchanged.")


def _moves(row: Any) -> str:
    told = ((row.moved_out, "调出"), (row.moved_in, "调入"))
    return "、".join(f"{word}{n}家" for n, word in told if n)
