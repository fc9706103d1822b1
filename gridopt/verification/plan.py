"""Is the plan what it says: who is in which grid, how far, in blocks of which kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.certificate import distances_dm, places_dm

if TYPE_CHECKING:
    from gridopt.register import Register
    from gridopt.verification.claims import Ledger
    from gridopt.verification.folder import Folder

_GUESTS = {"merged_category": "category", "merged_unit": "unit"}


def check_members(ledger: Ledger, folder: Folder, register: Register) -> None:
    """Every eligible enterprise stands in exactly one grid, and no other does."""
    rows = folder.partition
    ids = register.enterprises.index
    ledger.n_claims += len(ids)
    for enterprise_id in ids.difference(rows.index):
        row = int(register.enterprises.at[enterprise_id, "row"])
        ledger.deny(
            "partition.csv",
            None,
            "enterprise_id",
            claimed="",
            found=str(enterprise_id),
            about=f"名录第{row}行的企业未划入任何网格",
        )
    for kind, wrong in (
        ("不在名录应划企业之中", ~rows.index.isin(ids)),
        ("企业出现不止一次", rows.index.duplicated()),
    ):
        for _, told in rows[wrong].iterrows():
            ledger.deny(
                "partition.csv",
                int(told["_row"]),
                "enterprise_id",
                claimed=str(told["enterprise_id"]),
                found="",
                about=kind,
            )


def known_rows(folder: Folder, register: Register) -> pd.DataFrame:
    """Keep the plan's rows that the register knows, once each, in the order of ids."""
    rows = folder.partition
    rows = rows[~rows.index.duplicated()]
    ids = register.enterprises.index
    return rows.loc[ids.intersection(rows.index)].sort_index()


def check_own_columns(
    ledger: Ledger, folder: Folder, register: Register, rows: pd.DataFrame
) -> None:
    """Hold unit after routing (P11), category and name against the register."""
    own = own_units(folder, register).loc[rows.index]
    for column in ("unit", "category", "name"):
        ledger.hold_column("partition.csv", rows, column, own[column])


def own_units(folder: Folder, register: Register) -> pd.DataFrame:
    """List unit after routing, category and name of each enterprise, by its id."""
    found = register.enterprises[["unit", "category", "name"]].copy()
    departments = [
        code
        for code in register.units.codes
        if (unit := register.units.get(code)) and unit.kind == "department"
    ]
    bureau = [c.key for c in register.classification.categories if c.is_bureau]
    if departments and folder.scenario.grids.bureau_owns:
        found.loc[found["category"].isin(bureau), "unit"] = departments[0]
    return found


def check_blocks_listed(ledger: Ledger, folder: Folder, rows: pd.DataFrame) -> None:
    """Blocks are unit x category, but for the joins listed among the exceptions."""
    host = rows["block_id"].str.rpartition("-")
    told = folder.exceptions
    guests = pd.DataFrame(
        {
            "block_id": rows["block_id"],
            "category": rows["category"] != host[2],
            "unit": rows["unit"] != host[0],
        }
    )
    for kind, column in _GUESTS.items():
        listed = told[told["kind"] == kind]
        n_listed = pd.to_numeric(listed["n_enterprises"], errors="coerce")
        by_block = n_listed.groupby(listed["block_id"]).agg(_count)
        found = guests[guests[column]].groupby("block_id").size()
        blocks = sorted(set(by_block.index) | set(found.index))
        for block_id in blocks:
            ledger.hold(
                "exceptions.csv",
                "n_enterprises",
                by_block.get(block_id, 0),
                int(found.get(block_id, 0)),
                f"{block_id} {kind}",
            )


def _count(listed: pd.Series) -> object:
    """Add numbers of enterprises up; what is no whole number is kept as it is."""
    total = float(listed.sum(skipna=False))
    return int(total) if total.is_integer() else total


def check_grids(ledger: Ledger, folder: Folder, rows: pd.DataFrame) -> None:
    """Each grid lies in one block, meets at one of its members, and is counted."""
    blocks_of = rows.groupby("grid_id")["block_id"].nunique()
    for grid_id in blocks_of.index[blocks_of > 1]:
        ledger.deny(
            "partition.csv",
            None,
            "block_id",
            claimed=str(blocks_of[grid_id]),
            found="1",
            about=f"{grid_id} 跨划分单元",
        )
    medoids = rows[rows["is_medoid"] == "1"]
    count = medoids.groupby("grid_id").size().reindex(blocks_of.index, fill_value=0)
    ledger.n_claims += len(count)
    for grid_id in count.index[count != 1]:
        ledger.deny(
            "partition.csv",
            None,
            "is_medoid",
            claimed=str(count[grid_id]),
            found="1",
            about=f"{grid_id} 的中心企业数",
        )
    for grid_id, told in folder.grids[folder.grids.index.duplicated()].iterrows():
        about = "网格出现不止一次"
        values = {"claimed": str(grid_id), "found": "", "about": about}
        ledger.deny("grids.csv", int(told["_row"]), "grid_id", **values)
    missing = blocks_of.index.difference(folder.grids.index)
    extra = folder.grids.index.difference(blocks_of.index)
    for grid_id in missing:
        ledger.deny("grids.csv", None, "grid_id", claimed="", found=str(grid_id))
    for grid_id in extra:
        row = int(folder.grids.loc[[grid_id], "_row"].iloc[0])
        ledger.deny("grids.csv", row, "grid_id", claimed=str(grid_id), found="")
    _check_grid_columns(ledger, folder, rows, medoids)


def _check_grid_columns(
    ledger: Ledger, folder: Folder, rows: pd.DataFrame, medoids: pd.DataFrame
) -> None:
    table = folder.grids[~folder.grids.index.duplicated()]
    by_grid = rows.groupby("grid_id")
    host = by_grid["block_id"].first()
    parts = host.str.rpartition("-")
    unit, category = parts[0], parts[2]
    at = medoids.drop_duplicates("grid_id").set_index("grid_id")["enterprise_id"]
    far = pd.to_numeric(rows["_distance_dm"])
    other_category = rows["category"] != rows["grid_id"].map(category)
    other_unit = rows["unit"] != rows["grid_id"].map(unit)
    found = {
        "block_id": host,
        "unit": unit,
        "category": category,
        "size": by_grid.size(),
        "medoid_id": at,
        "travel_m": _metres(far.groupby(rows["grid_id"]).sum()),
        "radius_m": _metres(far.groupby(rows["grid_id"]).max()),
        "n_other_category": other_category.groupby(rows["grid_id"]).sum(),
        "n_other_unit": other_unit.groupby(rows["grid_id"]).sum(),
    }
    found["is_exception"] = _is_exception(folder, found)
    known = table.loc[table.index.intersection(host.index)]
    for column, values in found.items():
        ledger.hold_column("grids.csv", known, column, values)
    _check_sizes(ledger, folder, found["size"], known)


def _is_exception(folder: Folder, found: dict[str, pd.Series]) -> pd.Series:
    """Say which grids are off the scenario's band or mixed: 1, else 0."""
    rules = folder.scenario.grids
    is_off = ~found["size"].between(rules.least, rules.most)
    is_mixed = found["n_other_category"] + found["n_other_unit"] > 0
    return (is_off | is_mixed).astype(int)


def _check_sizes(
    ledger: Ledger, folder: Folder, sizes: pd.Series, table: pd.DataFrame
) -> None:
    """Each size keeps its block's band; a band other than the rules' is listed."""
    bands = folder.blocks[["least", "most"]].apply(pd.to_numeric, errors="coerce")
    bands = bands[~bands.index.duplicated()]
    home = table["block_id"]
    least, most = (home.map(bands[name]) for name in ("least", "most"))
    size = sizes.reindex(table.index)
    ledger.n_claims += len(table)
    for grid_id in table.index[~((size >= least) & (size <= most))]:
        ledger.deny(
            "grids.csv",
            int(table.at[grid_id, "_row"]),
            "size",
            claimed=str(size[grid_id]),
            found=f"{least[grid_id]} 至 {most[grid_id]}",
            about=f"{grid_id} 超出所在单元的家数区间",
        )


def _metres(decimetres: pd.Series) -> pd.Series:
    return decimetres.map(lambda value: f"{value / 10:.1f}")


def measure_distances(rows: pd.DataFrame, register: Register) -> pd.Series:
    """Measure each enterprise's way to its medoid anew, whole decimetres, half up."""
    found = pd.Series(0, index=rows.index, dtype="int64")
    places = register.enterprises.loc[rows.index, ["longitude", "latitude"]]
    for _, block in rows.groupby("block_id", sort=True):
        at = places.loc[block.index]
        plane = places_dm(at["longitude"].to_numpy(), at["latitude"].to_numpy())
        medoid_of = medoid_positions(block)
        found.loc[block.index] = np.floor(distances_dm(plane, medoid_of) + 0.5).astype(
            np.int64
        )
    return found


def medoid_positions(block: pd.DataFrame) -> np.ndarray:
    """Position in the block of each enterprise's medoid; itself where there is none."""
    position = pd.Series(range(len(block)), index=block.index)
    is_medoid = (block["is_medoid"] == "1").to_numpy()
    at = block[is_medoid].drop_duplicates("grid_id")
    of_grid = pd.Series(position.loc[at.index].to_numpy(), index=at["grid_id"])
    return block["grid_id"].map(of_grid).fillna(position).to_numpy(dtype=np.int64)


def check_distances(ledger: Ledger, rows: pd.DataFrame) -> None:
    """Distances of `partition.csv` are those measured anew."""
    ledger.hold_column(
        "partition.csv", rows, "distance_m", _metres(rows["_distance_dm"])
    )
