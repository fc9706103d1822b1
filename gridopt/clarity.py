"""How clear the boundaries are: how much nearer each firm is to its own grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.geography import local_plane

if TYPE_CHECKING:
    import numpy.typing as npt

    from gridopt.partition import Partition

CLARITY_COLUMNS = ("grid_id", "distance_m", "next_grid_id", "next_m", "clarity_m")
_MOST_PAIRS = 4_000_000
"""Distances held at a time, some 100 MB with what is made of them."""


def measure_clarity(partition: Partition) -> pd.DataFrame:
    """Measure how much nearer each firm is to its own medoid than to the next one.

    The next one is the nearest medoid of the other grids of the same block. A firm
    that is nearer to it, as a band on sizes may ask for, has a negative clarity.

    Parameters
    ----------
    partition
        The plan.

    Returns
    -------
    DataFrame
        Index `enterprise_id`, columns `CLARITY_COLUMNS` in metres; where the block
        has one grid only, `next_grid_id` is empty and `next_m` and `clarity_m` are
        unknown.

    Examples
    --------
    >>> import gridopt as go
    >>> found = measure_clarity(go.make_grids(go.read_sample()))
    >>> bool(found["clarity_m"].median() > 0)
    True
    """
    plan, grids = partition.enterprises, partition.grids
    points, medoids = _places(partition)
    blocks, keys = pd.factorize(plan["block_id"], sort=True)
    of_grid = pd.Index(keys).get_indexer(grids["block_id"])
    own = grids.index.get_indexer(plan["grid_id"])
    nearest = np.full(len(plan), -1)
    next_m = np.full(len(plan), np.nan)
    firms_of = np.split(np.argsort(blocks, kind="stable"), _starts(blocks, len(keys)))
    for block, firms in enumerate(firms_of):
        mine = np.flatnonzero(of_grid == block)
        if len(mine) > 1:
            nearest[firms], next_m[firms] = _find_next(
                points[firms], medoids[mine], own[firms], mine
            )
    distance = plan["distance_m"].to_numpy(dtype=np.float64)
    names = np.append(grids.index.to_numpy(dtype=object), "")
    columns = (plan["grid_id"], distance, names[nearest], next_m, next_m - distance)
    return pd.DataFrame(dict(zip(CLARITY_COLUMNS, columns, strict=True)))


def _places(
    partition: Partition,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    plan, grids = partition.enterprises, partition.grids
    rows = partition.register.enterprises.loc[plan.index]
    points = local_plane(rows["longitude"].to_numpy(), rows["latitude"].to_numpy())
    return points, points[plan.index.get_indexer(grids["medoid_id"])]


def _starts(blocks: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.int64]:
    return np.cumsum(np.bincount(blocks, minlength=n))[:-1]


def _find_next(
    points: npt.NDArray[np.float64],
    medoids: npt.NDArray[np.float64],
    own: npt.NDArray[np.int64],
    mine: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Find the nearest medoid that is not a firm's own, and how far it is."""
    step = max(_MOST_PAIRS // len(medoids), 1)
    nearest, far = [], []
    for at in range(0, len(points), step):
        part = slice(at, at + step)
        gap = np.hypot(*(points[part, None] - medoids[None]).transpose(2, 0, 1))
        gap[own[part, None] == mine[None]] = np.inf
        chosen = gap.argmin(axis=1)
        nearest.append(mine[chosen])
        far.append(gap[np.arange(len(gap)), chosen].round(1))
    return np.concatenate(nearest), np.concatenate(far)
