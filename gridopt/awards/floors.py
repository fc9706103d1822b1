"""Who is qualified: planned passes, the least rate, and where it is applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.awards.rounding import IntArray, half_up, share_out, sum_by, whole

if TYPE_CHECKING:
    from collections.abc import Callable


def least_qualified(members: IntArray, percent: int = 80) -> IntArray:
    """Return the fewest qualified people that keep the floor: ceil(f m / 100) (F5).

    Examples
    --------
    >>> least_qualified(np.array([7, 20, 23, 187])).tolist()
    [6, 16, 19, 150]
    """
    return (percent * whole(members) + 99) // 100


def apply_floor(
    members: IntArray, passed: IntArray, floor: str = "guarantee", percent: int = 80
) -> IntArray:
    """Return how many are qualified once the floor is applied, by group (F5).

    Parameters
    ----------
    members, passed
        Members and natural passes of each group, shape (n,).
    floor
        `guarantee` tops up to the floor, `standard` gives nobody anything below it,
        `none` takes the passes, `exact` the floor itself, `cap` at most the floor.
    percent
        The floor, whole per cent of the members, rounded up to a person.

    Raises
    ------
    ValueError
        Where more people passed than there are members.

    Examples
    --------
    >>> apply_floor(np.array([20, 20]), np.array([12, 18])).tolist()
    [16, 18]
    """
    least, passes = least_qualified(members, percent), whole(passed)
    if (passes > members).any():
        raise ValueError("More people passed than there are members.")
    return {
        "guarantee": np.maximum(passes, least),
        "standard": np.where(passes >= least, passes, 0),
        "none": passes,
        "exact": least,
        "cap": np.minimum(passes, least),
    }[floor]


def reach_floor(
    members: IntArray, floor: str = "guarantee", percent: int = 80
) -> tuple[IntArray, IntArray]:
    """Return the fewest and the most people who can end up qualified (F5).

    The passes may be any number from nobody to everybody. `guarantee` then leads
    from the floor to everybody, `standard` and `none` from nobody to everybody,
    `exact` to the floor, `cap` from nobody to the floor.

    Examples
    --------
    >>> [part.tolist() for part in reach_floor(np.array([20]), "cap")]
    [[0], [16]]
    """
    least = least_qualified(members, percent)
    low = least if floor in ("guarantee", "exact") else np.zeros_like(least)
    return low, least if floor in ("exact", "cap") else whole(members)


def plan_passes(members: IntArray, unit: IntArray, pass_percent: int) -> IntArray:
    """Return how many pass where no results are known yet (F5, planned case).

    Of a unit's m members hu(m x pass_percent / 100) pass; they fall onto its grids
    by largest remainder in proportion to the grids' members.

    Parameters
    ----------
    members
        Members of each grid, shape (n,).
    unit
        Number of the unit of each grid, rising from 0, shape (n,).

    Examples
    --------
    >>> plan_passes(np.array([20, 21, 7]), np.array([0, 0, 1]), 90).tolist()
    [18, 19, 6]
    """
    planned = half_up(sum_by(unit, members) * pass_percent, 100)
    return _per_unit(share_out, planned, unit, members)


def qualify(
    cells: tuple[IntArray, IntArray, IntArray], level: str, floor: str, percent: int
) -> IntArray:
    """Return the qualified of each cell, the floor kept at the level asked for (F5).

    Parameters
    ----------
    cells
        Number of the unit (rising from 0), members and passes of each cell, the
        finest group known, shape (n,) each.
    level
        `unit`, `grid` (each cell for itself) or `city`. A top-up of a larger group
        falls onto its parts in proportion to members who did not pass, a cut in
        proportion to those who did, by largest remainder, tie to the earlier part:
        from the city to its units, from a unit to its cells.
    floor, percent
        See `apply_floor`.

    Examples
    --------
    >>> unit, members = np.array([0, 1]), np.array([20, 30])
    >>> qualify((unit, members, np.array([10, 27])), "city", "guarantee", 80).tolist()
    [12, 28]
    """
    unit, members, passed = cells
    if level == "grid":
        return apply_floor(members, passed, floor, percent)
    of_units = sum_by(unit, members), sum_by(unit, passed)
    if level == "unit":
        wanted = apply_floor(*of_units, floor, percent)
    else:
        city_members, city_passed = (numbers.sum(keepdims=True) for numbers in of_units)
        city = apply_floor(city_members, city_passed, floor, percent)
        wanted = _spread(int(city[0]), *of_units)
    return _per_unit(_spread, wanted, unit, members, passed)


def _per_unit(
    share: Callable[..., IntArray], totals: IntArray, unit: IntArray, *cells: IntArray
) -> IntArray:
    shares = np.zeros(unit.size, dtype=np.int64)
    starts = np.searchsorted(unit, np.arange(totals.size + 1))
    for i, total in enumerate(totals):
        mine = slice(starts[i], starts[i + 1])
        shares[mine] = share(int(total), *(numbers[mine] for numbers in cells))
    return shares


def _spread(wanted: int, members: IntArray, passed: IntArray) -> IntArray:
    gap = wanted - int(passed.sum())
    if gap > 0:
        return passed + share_out(gap, members - passed)
    return passed - share_out(-gap, passed)
