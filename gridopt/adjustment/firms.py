"""Which enterprises entered, left or changed grid, and how much nearer they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.geography import local_plane, mean_place, to_decimetres
from gridopt.movers import is_at_home

if TYPE_CHECKING:
    import numpy.typing as npt

    from gridopt.partition import Partition

    FloatArray = npt.NDArray[np.float64]

MET = ("name", "unit", "category", "block_id")


def list_changes(partition: Partition, before: pd.DataFrame) -> pd.DataFrame:
    """List who entered, left or changed grid, one row each, sorted by id.

    Returns
    -------
    DataFrame
        Index `enterprise_id`; `name, unit, category, block_id, previous_grid_id,
        grid_id, kind, saved_m`, and what the plan in force said of the enterprise:
        `unit_before, category_before`.
    """
    now = partition.enterprises
    gone = before[~before.index.isin(now.index)]
    rows = pd.concat([_placed(partition), _gone(gone)])
    then = before[["unit", "category"]].reindex(rows.index).fillna("")
    rows[["unit_before", "category_before"]] = then
    changed = rows[rows["grid_id"] != rows["previous_grid_id"]].copy()
    changed["saved_m"] = _saved_m(partition, changed)
    return changed.sort_index(kind="stable")


def _placed(partition: Partition) -> pd.DataFrame:
    now = partition.enterprises
    rows = now[[*MET, "previous_grid_id", "grid_id"]].copy()
    rows["kind"] = np.where(is_at_home(partition), "moved", "forced")
    rows.loc[rows["previous_grid_id"] == "", "kind"] = "entered"
    return rows


def _gone(rows: pd.DataFrame) -> pd.DataFrame:
    gone = rows[list(MET)].assign(previous_grid_id=rows["grid_id"])
    return gone.assign(grid_id="", kind="left")


def _saved_m(partition: Partition, rows: pd.DataFrame) -> pd.Series:
    """Say how much nearer each is to its medoid than to that of its old grid."""
    medoid = rows["previous_grid_id"].map(partition.grids["medoid_id"])
    placed = rows.index[(rows["grid_id"] != "") & medoid.notna()]
    places = partition.register.enterprises[["longitude", "latitude"]].astype(float)
    far = distances_m(partition, places.loc[placed], medoid[placed])
    own = partition.enterprises.loc[placed, "distance_m"].to_numpy()
    return pd.Series((far - own).round(1), placed).reindex(rows.index)


def distances_m(
    partition: Partition, places: pd.DataFrame, medoids: pd.Series
) -> FloatArray:
    """Measure from places to medoids as the cut does: in the plane of the block.

    Parameters
    ----------
    places
        Longitude and latitude, index the enterprises whose blocks are meant.
    medoids
        Id of the medoid to measure to, same index.

    Returns
    -------
    Metres to one decimal, shape (n,).
    """
    at = partition.register.enterprises[["longitude", "latitude"]].astype(float)
    blocks = partition.enterprises["block_id"]
    inside = blocks.groupby(blocks).indices
    own_blocks = blocks.loc[places.index]
    far = np.zeros(len(places))
    for block_id, own in own_blocks.groupby(own_blocks).indices.items():
        centre = mean_place(*at.iloc[inside[block_id]].to_numpy().T)
        ends = places.iloc[own], at.loc[medoids.iloc[own]]
        here, there = (
            to_decimetres(local_plane(end["longitude"], end["latitude"], centre))
            for end in ends
        )
        gap = (here - there).astype(np.float64)
        far[own] = np.floor(np.hypot(*gap.T) + 0.5) / 10
    return far
