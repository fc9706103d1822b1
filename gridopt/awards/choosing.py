"""Who of a group is taken where only so many can be: ranks and ties (choice G)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridopt.awards.rounding import IntArray, sum_by

if TYPE_CHECKING:
    import numpy.typing as npt

    BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Boundary:
    """Where the last who is taken and the first who is not are equal in merit.

    Attributes
    ----------
    group
        Number of the group.
    wanted, taken
        How many were to be taken, and how many are once the tie is settled.
    tied
        Positions of all who are equal there, rising.
    is_separated
        Whether the key told them apart just where the line falls; it has to where
        the tie is not lifted or dropped.
    """

    group: int
    wanted: int
    taken: int
    tied: IntArray
    is_separated: bool


def take_best(
    group: IntArray,
    merit: IntArray,
    key: IntArray,
    wanted: IntArray,
    ties: str = "key",
) -> tuple[BoolArray, list[Boundary]]:
    """Take the best so many of each group.

    Parameters
    ----------
    group
        Number of each person's group from 0, shape (n,).
    merit
        The higher the better, whole numbers, shape (n,).
    key
        Among equals the lower comes first, whole numbers, shape (n,).
    wanted
        How many to take from each group, at most its size, shape (g,).
    ties
        `lift` takes all who equal the last one taken, `drop` none of them where not
        all fit; any other word follows the key.

    Returns
    -------
    tuple
        Who is taken, shape (n,), and every boundary that is tied, by group.

    Examples
    --------
    >>> group, merit = np.zeros(4, dtype=int), np.array([9, 8, 8, 7])
    >>> taken, [tie] = take_best(group, merit, np.arange(4), np.array([2]), "lift")
    >>> taken.tolist(), tie.tied.tolist()
    ([True, True, True, False], [1, 2])
    """
    order = np.lexsort((key, -merit, group))
    sizes = sum_by(group, np.ones(group.size, dtype=np.int64))
    starts = np.cumsum(sizes) - sizes
    place = np.empty(group.size, dtype=np.int64)
    place[order] = np.arange(group.size) - starts[group[order]]
    taken: BoolArray = place < wanted[group]
    has_line = (wanted > 0) & (wanted < sizes)
    at = np.where(has_line, starts + wanted - 1, 0)
    last, first_out = order[at], order[np.minimum(at + 1, group.size - 1)]
    is_tied = has_line & (merit[last] == merit[first_out])
    equal = is_tied[group] & (merit == merit[last][group])
    if ties in ("lift", "drop"):
        taken[equal] = ties == "lift"
    counts = sum_by(group, taken.astype(np.int64))
    members = np.flatnonzero(equal)
    boundaries = [
        Boundary(
            group=int(g),
            wanted=int(wanted[g]),
            taken=int(counts[g]),
            tied=members[group[members] == g],
            is_separated=bool(key[last[g]] != key[first_out[g]]),
        )
        for g in np.flatnonzero(is_tied)
    ]
    return taken, boundaries
