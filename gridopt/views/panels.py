"""Where two plans lie on one plane, and who changed between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.errors import InputError
from gridopt.geography import local_plane
from gridopt.views.layout import FloatArray, IntArray, outline_grids

if TYPE_CHECKING:
    from gridopt.adjustment import Adjustment


@dataclass(frozen=True)
class Panel:
    """One of the two plans.

    Attributes
    ----------
    grids
        Rows of `Adjustment.grids` that this plan has.
    firms
        Enterprises in them whose place is known, index `enterprise_id`: `name,
        kind, reason_zh`; `kind` is empty where nothing changed.
    points
        Their places, metres east and north, shape (n, 2).
    labels
        Position in `grids` of each one's grid, shape (n,).
    medoids
        Places of the medoids, shape (k, 2), nan where unknown.
    outlines
        Convex hull of each grid, shape (m, 2) each.
    """

    grids: pd.DataFrame
    firms: pd.DataFrame
    points: FloatArray
    labels: IntArray
    medoids: FloatArray
    outlines: tuple[FloatArray, ...]


@dataclass(frozen=True)
class Panels:
    """Both plans on one plane; `low` and `high` are the corners of all that is seen."""

    was: Panel
    now: Panel
    low: FloatArray
    high: FloatArray


def lay_out_moves(
    adjustment: Adjustment, unit: str | None = None, category: str | None = None
) -> Panels:
    """Put both plans, or the grids of a unit or category in them, on one plane.

    Parameters
    ----------
    unit, category
        Code or name, key or name; all of them where None.

    Raises
    ------
    InputError
        Where neither plan has such a grid.
    """
    grids = _select(adjustment, unit, category)
    before = adjustment.before[["grid_id", "name", "longitude", "latitude"]]
    register = adjustment.partition.register.enterprises
    now = adjustment.partition.enterprises[["grid_id", "name"]].join(
        register[["longitude", "latitude"]].astype(float)
    )
    placed = [
        frame[frame["grid_id"].isin(grids.index) & frame["longitude"].notna()]
        for frame in (before, now)
    ]
    both = pd.concat(placed)
    plane = np.asarray(local_plane(both["longitude"], both["latitude"]))
    n = len(placed[0])
    columns = ("previous_medoid_id", "medoid_id")
    parts = zip(placed, (plane[:n], plane[n:]), columns, strict=True)
    was, later = (_panel(adjustment, grids, *part) for part in parts)
    return Panels(was, later, plane.min(axis=0), plane.max(axis=0))


def _panel(
    adjustment: Adjustment,
    grids: pd.DataFrame,
    placed: pd.DataFrame,
    points: FloatArray,
    medoid: str,
) -> Panel:
    own = grids[grids.index.isin(placed["grid_id"])]
    labels = own.index.get_indexer(placed["grid_id"])
    changes = adjustment.enterprises[["kind", "reason_zh"]].reindex(placed.index)
    at = placed.index.get_indexer(own[medoid])
    places = np.where((at >= 0)[:, np.newaxis], points[at], np.nan)
    return Panel(
        grids=own,
        firms=placed[["name"]].join(changes.fillna("")),
        points=points,
        labels=labels,
        medoids=places,
        outlines=outline_grids(points, labels, len(own)),
    )


def _select(
    adjustment: Adjustment, unit: str | None, category: str | None
) -> pd.DataFrame:
    register, grids = adjustment.partition.register, adjustment.grids
    units = adjustment.units["unit_name"].to_dict()
    kinds = {
        key: register.classification.name_zh(key) for key in grids["category"].unique()
    }
    for column, text, names in (("unit", unit, units), ("category", category, kinds)):
        if text is not None:
            keys = [key for key, name in names.items() if text in (key, name)]
            grids = grids[grids[column].isin(keys)]
    if grids.empty:
        raise InputError(
            f"两期方案都没有“{unit or '全市'}”“{category or '各行业'}”的网格；单元有："
            f"{'、'.join(units.values())}；行业有：{'、'.join(kinds.values())}。",
            f"Neither plan has grids of {unit!r}, {category!r}; units are "
            f"{', '.join(units)}, categories {', '.join(kinds)}.",
        )
    return grids
