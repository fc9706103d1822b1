"""How clear boundaries are: the next medoid of the block, by brute force."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gridopt import clarity
from gridopt.clarity import CLARITY_COLUMNS, measure_clarity
from gridopt.geography import local_plane


def next_by_hand(partition: Any, key: str) -> tuple[str, float]:
    """Find the nearest medoid of another grid of the firm's block, one by one."""
    plan, grids = partition.enterprises, partition.grids
    firms = partition.register.enterprises
    places = pd.DataFrame(
        local_plane(firms["longitude"].to_numpy(), firms["latitude"].to_numpy()),
        index=firms.index,
    )
    row = plan.loc[key]
    others = grids[(grids["block_id"] == row["block_id"])].drop(row["grid_id"])
    gaps = {
        grid_id: float(np.hypot(*(places.loc[key] - places.loc[medoid])))
        for grid_id, medoid in others["medoid_id"].items()
    }
    return min(gaps.items(), key=lambda item: item[1]) if gaps else ("", np.nan)


def test_the_next_medoid_is_the_nearest_of_the_block(small_outcome: Any) -> None:
    """Every seventh firm agrees with a search by hand; unknown where there is none."""
    partition = small_outcome.partition
    found = measure_clarity(partition)
    assert tuple(found.columns) == CLARITY_COLUMNS
    assert found.index.equals(partition.enterprises.index)
    for key in found.index[::7]:
        grid_id, metres = next_by_hand(partition, key)
        row = found.loc[key]
        assert row["next_grid_id"] == grid_id
        assert row["next_m"] == pytest.approx(metres, abs=0.06, nan_ok=True)
        wanted = metres - row["distance_m"]
        assert row["clarity_m"] == pytest.approx(wanted, abs=0.06, nan_ok=True)


def test_a_block_of_one_grid_has_no_next(small_outcome: Any) -> None:
    """Exactly the firms of blocks with one grid have no clarity."""
    partition = small_outcome.partition
    found = measure_clarity(partition)
    n_grids = partition.enterprises["block_id"].map(partition.blocks["n_grids"])
    assert (found["clarity_m"].isna() == (n_grids == 1)).all()
    assert (found["next_grid_id"] == "").equals(n_grids == 1)
    assert (n_grids > 1).any()


def test_large_blocks_are_measured_in_parts(
    small_outcome: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few distances are held at a time, the answer is the same."""
    whole = measure_clarity(small_outcome.partition)
    monkeypatch.setattr(clarity, "_MOST_PAIRS", 7)
    pd.testing.assert_frame_equal(measure_clarity(small_outcome.partition), whole)
