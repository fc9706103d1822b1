"""Who changed its grid: survivors, movers, and those who had no choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.certificate import homes_of_grids

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.partition import Partition


def count_movers(partition: Partition) -> dict[str, int | None]:
    """Count survivors, movers and forced movers of a re-cut (P13).

    Returns
    -------
    dict
        `n_survivors` whose previous grid is one of their block's, `n_movers` of them
        who left it, `n_forced` who had a grid in another block; None each where there
        was no previous plan.
    """
    rows = partition.enterprises
    had = rows["previous_grid_id"] != ""
    if not had.any():
        return {"n_survivors": None, "n_movers": None, "n_forced": None}
    at_home = is_at_home(partition)
    moved = had & (rows["previous_grid_id"] != rows["grid_id"])
    return {
        "n_survivors": int((had & at_home).sum()),
        "n_movers": int((moved & at_home).sum()),
        "n_forced": int((had & ~at_home).sum()),
    }


def is_at_home(partition: Partition) -> pd.Series:
    """Tell whose previous grid belongs to the block they are in now, by enterprise."""
    home = homes_of_grids(partition.certificates)
    rows = partition.enterprises
    return rows["previous_grid_id"].map(home) == rows["block_id"]
