"""Where enterprises, medoids and outlines of grids lie on a map, in metres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.errors import InputError, refuse_kind
from gridopt.geography import local_plane
from gridopt.sketch import outline_grids
from gridopt.views.palette import spread_colours

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from gridopt.partition import Partition

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """The selected grids and their enterprises on one plane.

    Attributes
    ----------
    enterprises, grids
        The selected rows of the partition's frames, same order as the arrays.
    points
        Places of the enterprises, metres east and north, shape (n, 2).
    labels
        Position in `grids` of each enterprise's grid, shape (n,).
    medoids
        Places of the medoids, shape (k, 2).
    outlines
        Convex hull of each grid, closed, shape (m, 2) each; of two points a line.
    colours
        Number of each grid's colour, shape (k,).
    """

    enterprises: pd.DataFrame
    grids: pd.DataFrame
    points: FloatArray
    labels: IntArray
    medoids: FloatArray
    outlines: tuple[FloatArray, ...]
    colours: IntArray


def lay_out(
    partition: Partition,
    unit: str | None = None,
    category: str | None = None,
    *,
    centre: tuple[float, float] | None = None,
) -> Layout:
    """Put the grids of a unit, of a category or all of them on one plane.

    Parameters
    ----------
    unit
        Unit of the grids, code or name; every unit where None.
    category
        Category of the grids, key or Chinese name; every category where None.
    centre
        Longitude and latitude that the plane lies around, the same for plans that
        are held against each other; that of the enterprises where None.

    Raises
    ------
    InputError
        Where no such grid exists, or it is no partition at all.
    """
    refuse_kind("网格划分方案", "Partition", partition, "grids")
    grids = _select(partition, unit, category)
    enterprises = partition.enterprises
    enterprises = enterprises[enterprises["grid_id"].isin(grids.index)]
    places = partition.register.enterprises.loc[enterprises.index]
    points = np.asarray(
        local_plane(
            places["longitude"].to_numpy(), places["latitude"].to_numpy(), centre
        )
    )
    labels = grids.index.get_indexer(enterprises["grid_id"])
    medoids = points[enterprises.index.get_indexer(grids["medoid_id"])]
    return Layout(
        enterprises=enterprises,
        grids=grids,
        points=points,
        labels=labels,
        medoids=medoids,
        outlines=outline_grids(points, labels, len(grids)),
        colours=spread_colours(medoids, grids["category"].to_numpy()),
    )


def scale_length_m(width_m: float) -> int:
    """Choose the length of a scale bar: 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> scale_length_m(23_000), scale_length_m(900)
    (5000, 200)
    """
    wanted = max(width_m / 4, 1)
    power = 10 ** int(np.floor(np.log10(wanted)))
    return int(max(m * power for m in (1, 2, 5) if m * power <= wanted))


def _select(
    partition: Partition, unit: str | None, category: str | None
) -> pd.DataFrame:
    register, grids = partition.register, partition.grids
    for column, text, names in (
        ("unit", unit, {code: _unit_name(register, code) for code in grids["unit"]}),
        ("category", category, _category_names(register, grids["category"])),
    ):
        if text is None:
            continue
        keys = [key for key, name in names.items() if text in (key, name)]
        if not keys:
            raise InputError(
                f"没有“{text}”的网格，可选：{_listed(names.values())}。",
                f"No grids of {text!r}; there are {_listed(names)}.",
            )
        grids = grids[grids[column].isin(keys)]
    if grids.empty:
        raise InputError(
            f"单元“{unit}”没有行业“{category}”的网格。",
            f"Unit {unit!r} has no grids of category {category!r}.",
        )
    return grids


def _unit_name(register: object, code: str) -> str:
    unit = register.units.get(code)  # type: ignore[attr-defined]
    return code if unit is None else str(unit.name)


def _category_names(register: object, keys: Iterable[str]) -> dict[str, str]:
    name_of = register.classification.name_zh  # type: ignore[attr-defined]
    return {key: name_of(key) for key in keys}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
