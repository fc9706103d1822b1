"""Whose passes are counted: a table of members checked, and cut by unit and grid."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gridopt.awards.rounding import half_up, share_out, sum_by
from gridopt.awards.tables import check_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gridopt.awards.rounding import IntArray

Group = tuple[tuple[float, int], ...]
"""Members under one floor: chance to pass and number, one pair per chance, rising."""
Unit = tuple[tuple[Group, int], ...]
"""Groups of one unit: a group and how many of it there are, rising."""
City = tuple[tuple[Unit, int], ...]
"""Units of a city: a unit and how many of it there are, rising."""

COLUMNS = ("unit", "grid_id", "members", "pass_share")


def count_group(group: Group) -> int:
    """Return the members of a group.

    Examples
    --------
    >>> count_group(((0.8, 5), (0.9, 15)))
    20
    """
    return sum(members for _, members in group)


def count_unit(unit: Unit) -> int:
    """Return the members of a unit.

    Examples
    --------
    >>> count_unit(((((0.9, 20),), 3),))
    60
    """
    return sum(times * count_group(group) for group, times in unit)


def cut_city(counts: pd.DataFrame, pass_share: float, is_by_grid: bool) -> City:
    """Cut a checked table of members into units, grids and chances.

    Units that are alike, and grids of one unit that are, are listed once with their
    number: who they are changes no chance of the bill.

    Parameters
    ----------
    counts
        As `check_counts` accepts it.
    pass_share
        Chance of the members of rows that name none, 0 to 1.
    is_by_grid
        Whether each grid is a group of its own; else the whole unit is one.

    Examples
    --------
    >>> counts = pd.DataFrame({"unit": ["a", "b"], "members": [20, 20]})
    >>> cut_city(counts, 0.9, is_by_grid=False)
    ((((((0.9, 20),), 1),), 2),)
    """
    n_rows = len(counts)
    unit = pd.factorize(counts["unit"])[0]
    grid = pd.factorize(counts["grid_id"])[0] if is_by_grid else np.zeros(n_rows, int)
    share = np.full(n_rows, float(pass_share))
    if "pass_share" in counts:
        share = counts["pass_share"].to_numpy(dtype=np.float64)
    members = counts["members"].to_numpy(dtype=np.int64)
    order = np.lexsort((share, grid, unit))
    order = order[members[order] > 0]
    rows = (column[order].tolist() for column in (unit, grid, share, members))
    cut: dict[int, dict[int, dict[float, int]]] = {}
    for mine, place, chance, n in zip(*rows, strict=True):
        group = cut.setdefault(mine, {}).setdefault(place, {})
        group[chance] = group.get(chance, 0) + n
    return _count_alike(
        _count_alike(tuple(group.items()) for group in groups.values())
        for groups in cut.values()
    )


def _count_alike(things: Iterable[Any]) -> tuple[tuple[Any, int], ...]:
    return tuple(sorted(Counter(things).items()))


def scale_members(counts: pd.DataFrame, percent: int) -> pd.DataFrame:
    """Return the table with hu(m x percent / 100) members in each unit (F5).

    Where a unit has several rows, its members fall onto them by largest remainder in
    proportion to theirs, tie to the earlier row.

    Parameters
    ----------
    counts
        As `check_counts` accepts it.
    percent
        0 or more.

    Examples
    --------
    >>> counts = pd.DataFrame({"unit": ["a", "a", "b"], "members": [9, 10, 7]})
    >>> scale_members(counts, 110)["members"].tolist()
    [10, 11, 8]
    """
    unit = pd.factorize(counts["unit"])[0]
    members = np.asarray(counts["members"], dtype=np.int64)
    wanted = half_up(sum_by(unit, members) * percent, 100)
    scaled = np.zeros_like(members)
    for i, places in enumerate(_places(unit)):
        scaled[places] = share_out(int(wanted[i]), members[places])
    return counts.assign(members=scaled)


def _places(codes: IntArray) -> list[IntArray]:
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)


def check_counts(counts: pd.DataFrame, needs_grids: bool) -> None:
    """Refuse a table of members that cannot be used, with every fault at once.

    Parameters
    ----------
    counts
        `unit, members`, where grids count `grid_id`, and where chances differ
        `pass_share`; several rows may belong to one unit or grid.
    needs_grids
        Whether the rules speak of grids.

    Raises
    ------
    InputError
        Naming columns, rows (from 1), units and values.

    Examples
    --------
    >>> check_counts(pd.DataFrame({"unit": ["a"], "members": [20]}), False)
    """
    needed = ["unit", "members", *(["grid_id"] if needs_grids else [])]
    check_table(counts, needed, [name for name in COLUMNS if name not in needed])
