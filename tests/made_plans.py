"""Plans made by hand: who was in which grid, who is, and where on one road."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import numpy as np
import pandas as pd
from odd_registers import Shape, reading, simple_rows

from gridopt.geography import local_plane
from gridopt.homes import homes_of
from gridopt.partition import Partition, name_grid
from gridopt.problem import GridRules
from gridopt.register import read_register

UNIT = "331083001"
BLOCK = f"{UNIT}-industry"
A, B, C = (f"{BLOCK}-{n:02d}" for n in (1, 2, 3))
METRES = 98_230.0
"""Metres per degree east at Yuhuan, near enough to lay firms out along a road."""


def read_rows(rows):
    """Read rows as a register."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "register.csv"
        rows.to_csv(path, index=False, encoding="utf-8-sig")
        return read_register(path, reading(Shape(n=1, seed=1)))


def road_rows(places_m, **cells):
    """Make one industrial firm per id, so many metres east along a road."""
    rows = simple_rows(len(places_m), latitude="28.150000", weight="1")
    rows["enterprise_id"] = list(places_m)
    rows["name"] = [f"{key}公司" for key in places_m]
    rows["status"] = "above_scale"
    rows["longitude"] = [f"{121.2 + x / METRES:.7f}" for x in places_m.values()]
    for column, by_id in cells.items():
        rows[column] = [by_id.get(key, rows[column].iloc[0]) for key in places_m]
    return rows


def make_plan(register, grid_of, before=None, *, band=(3, 5), **rules):
    """Make the partition in which each enterprise is in the grid that is told.

    Parameters
    ----------
    grid_of, before
        Grid by enterprise, now and in the plan in force.
    """
    who = register.enterprises
    before = before or {}
    frame = pd.DataFrame(index=who.index)
    frame[["unit", "category"]] = who[["unit", "category"]]
    bureau = frame["category"].isin(["construction", "real_estate"])
    frame["unit"] = frame["unit"].mask(bureau, "zjj")
    frame["grid_id"] = [grid_of[key] for key in who.index]
    frame["block_id"] = frame["grid_id"].str.rpartition("-")[0]
    frame["previous_grid_id"] = [before.get(key, "") for key in who.index]
    frame["name"] = who["name"]
    frame["is_medoid"], frame["distance_m"] = _medoids(who, frame)
    grids = _grids(register, frame)
    sizes = frame.groupby("block_id").size()
    blocks = pd.DataFrame({"n": sizes, "least": band[0], "most": band[1]})
    return Partition(
        register=register,
        rules=GridRules(least=band[0], most=band[1], target=band[0], **rules),
        enterprises=frame,
        grids=grids,
        blocks=blocks,
        exceptions=pd.DataFrame(),
        certificates=tuple(_certificates(frame)),
        small_blocks={},
    )


def _medoids(who, frame):
    is_medoid = pd.Series(False, frame.index)
    distance = pd.Series(0.0, frame.index)
    for _, block in frame.groupby("block_id"):
        places = who.loc[block.index, ["longitude", "latitude"]].astype(float)
        points = pd.DataFrame(local_plane(*places.to_numpy().T), block.index)
        for _, grid in block.groupby("grid_id"):
            own = points.loc[grid.index].to_numpy()
            gaps = np.hypot(*(own[:, None] - own).T)
            best = int(gaps.sum(axis=0).argmin())
            is_medoid[grid.index[best]] = True
            distance[grid.index] = gaps[best].round(1)
    return is_medoid, distance


def _grids(register, frame):
    by_grid = frame.groupby("grid_id")
    grids = pd.DataFrame({"block_id": by_grid["block_id"].first()})
    parts = grids["block_id"].str.rpartition("-")
    grids["unit"], grids["category"] = parts[0], parts[2]
    grids["size"] = by_grid.size()
    medoids = frame.index[frame["is_medoid"]]
    grids["medoid_id"] = pd.Series(medoids, frame.loc[medoids, "grid_id"].array)
    grids["travel_m"] = by_grid["distance_m"].sum()
    grids["grid_name"] = [name_grid(register, key) for key in grids.index]
    return grids


def _certificates(frame):
    rows = frame[frame["previous_grid_id"] != ""].sort_values("block_id")
    grids, names = pd.factorize(rows["previous_grid_id"], sort=True)
    blocks, block_ids = pd.factorize(rows["block_id"], sort=True)
    home = blocks[homes_of(grids, blocks)] if len(rows) else []
    held = dict(zip(names, home, strict=True))
    for at, block_id in enumerate(block_ids):
        own = tuple(name for name, block in held.items() if block == at)
        yield SimpleNamespace(block_id=block_id, previous_ids=own)


def tell(now, before, places_m=None, *, was_m=None, cells=None, **rules):
    """Make both plans of firms on a road; give the new one and the one in force.

    Firms stand 10 metres apart unless `places_m` (today) or `was_m` (then) say where.
    """
    everybody = sorted({*now, *before})
    along = {key: 10.0 * i for i, key in enumerate(everybody)} | (places_m or {})
    then_m = along | (was_m or {})
    then = read_rows(road_rows({key: then_m[key] for key in sorted(before)}))
    today = road_rows({key: along[key] for key in sorted(now)}, **(cells or {}))
    old = make_plan(then, before)
    return make_plan(read_rows(today), now, before, **rules), old


def assign(**grids):
    """Turn `A="1 2 3"` into the grid of each enterprise."""
    names = {"A": A, "B": B, "C": C}
    return {
        f"e{key}": names.get(grid, grid)
        for grid, keys in grids.items()
        for key in keys.split()
    }
