"""Is the change report true: who moved and the flows of each grid, counted anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.certificate import homes_of_grids

if TYPE_CHECKING:
    from gridopt.verification.claims import Ledger
    from gridopt.verification.folder import Folder

_ADJUSTMENTS, _GRIDS = "adjustments.csv", "grid_changes.csv"


def check_changes(
    ledger: Ledger, folder: Folder, rows: pd.DataFrame, previous: pd.Series | None
) -> None:
    """Hold both tables of the change report against the two plans.

    Whose kind is which, and every number of a grid, follow from the plans; the
    reasons are words of the report and are not checked.
    """
    if previous is None:
        return
    changes = _changes(folder, rows, previous)
    for file, table, found in (
        (_ADJUSTMENTS, folder.adjustments, changes),
        (_GRIDS, folder.grid_changes, _flows(rows, previous, changes)),
    ):
        if table is None:
            ledger.deny(file, None, "", claimed="（缺文件）", found="应有此文件")
            continue
        known = _listed(ledger, file, table, found.index)
        for column in found:
            ledger.hold_column(file, known, column, found[column])


def _listed(
    ledger: Ledger, file: str, table: pd.DataFrame, ids: pd.Index
) -> pd.DataFrame:
    """Keep the rows that should be there, once each; deny the others and the gaps."""
    is_extra = table.index.duplicated() | ~table.index.isin(ids)
    name = str(table.index.name)
    for key, row in table.loc[is_extra, "_row"].items():
        ledger.deny(file, int(row), name, claimed=str(key), found="")
    known = table[~is_extra]
    for key in ids.difference(known.index):
        ledger.deny(file, None, name, claimed="", found=str(key))
    return known


def _changes(folder: Folder, rows: pd.DataFrame, previous: pd.Series) -> pd.DataFrame:
    then = previous[previous != ""]
    ids = rows.index.union(then.index)
    was, now = then.reindex(ids).fillna(""), rows["grid_id"].reindex(ids).fillna("")
    home = homes_of_grids(folder.certificates.values())
    is_home = was.map(home) == rows["block_id"].reindex(ids)
    is_gone = ~ids.isin(rows.index)
    kinds = np.select(
        [is_gone, was == "", ~is_home], ["left", "entered", "forced"], "moved"
    )
    found = pd.DataFrame({"previous_grid_id": was, "grid_id": now, "kind": kinds})
    return found[was != now]


def _flows(
    rows: pd.DataFrame, previous: pd.Series, changes: pd.DataFrame
) -> pd.DataFrame:
    then = previous[previous != ""]
    sizes = {
        "previous_size": then.value_counts(),
        "size": rows["grid_id"].value_counts(),
    }
    found = pd.DataFrame(sizes)
    for column, kinds in (
        ("previous_grid_id", {"left": "left", "moved": "moved_out",
                              "forced": "forced_out"}),
        ("grid_id", {"entered": "entered", "moved": "moved_in",
                     "forced": "forced_in"}),
    ):  # fmt: skip
        for kind, name in kinds.items():
            own = changes.loc[changes["kind"] == kind, column]
            found[name] = own.value_counts().reindex(found.index)
    found = found.fillna(0).astype("int64")
    medoids = rows[rows["is_medoid"] == "1"].drop_duplicates("grid_id")
    at = pd.Series(medoids.index, medoids["grid_id"].to_numpy(), dtype=object)
    found["medoid_id"] = at.reindex(found.index).fillna("")
    far = rows.groupby("grid_id")["_distance_dm"].sum().reindex(found.index)
    found["travel_m"] = far.map(lambda dm: "" if pd.isna(dm) else f"{dm / 10:.1f}")
    moved = changes[changes["kind"] == "moved"]
    is_new = found["previous_size"] == 0
    givers = moved.loc[moved["grid_id"].isin(found.index[is_new]), "previous_grid_id"]
    found["fate"] = np.select(
        [found["size"] == 0, is_new, found.index.isin(givers)],
        ["closed", "opened", "split"],
        "kept",
    )
    return found
