"""What a grid's row says of its enterprises: how many, how far, how many guests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from gridopt.problem import GridRules


def tally_grids(
    host: pd.DataFrame, enterprises: pd.DataFrame, rules: GridRules
) -> pd.DataFrame:
    """Count and measure grids from the enterprises in them.

    Parameters
    ----------
    host
        Index `grid_id`, columns `block_id`, `unit` and `category` of each grid's host.
    enterprises
        Columns `unit`, `category`, `grid_id`, `is_medoid` and `distance_m`, index
        `enterprise_id`.

    Returns
    -------
    DataFrame
        `host` with `size`, `medoid_id`, `travel_m`, `radius_m`, `n_other_category`,
        `n_other_unit` and `is_exception` in place of what it had.
    """
    found = host.copy()
    home = enterprises["grid_id"]
    own = enterprises.assign(
        other_unit=enterprises["unit"] != home.map(host["unit"]),
        other_category=enterprises["category"] != home.map(host["category"]),
    )
    by_grid = own.groupby("grid_id")
    medoids = enterprises.index[enterprises["is_medoid"]]
    at_medoid = pd.Series(medoids, enterprises.loc[medoids, "grid_id"].to_numpy())
    found["size"] = by_grid.size()
    found["medoid_id"] = at_medoid.astype(str)
    found["travel_m"] = by_grid["distance_m"].sum().round(1)
    found["radius_m"] = by_grid["distance_m"].max()
    found["n_other_category"] = by_grid["other_category"].sum()
    found["n_other_unit"] = by_grid["other_unit"].sum()
    is_off = ~found["size"].between(rules.least, rules.most)
    is_mixed = found["n_other_category"] + found["n_other_unit"] > 0
    found["is_exception"] = is_off | is_mixed
    return found
