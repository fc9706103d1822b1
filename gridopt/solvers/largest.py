"""Which of many equally cheap roundings is taken: the largest, pool by pool.

    needs      fewest people that the pools of a unit must have in each set of stars
    limits     raise them to what the least and the most of the unit leave
    room       what the city must have in each set of stars, over the needs of all units
    choose     pool by pool, the largest pattern that leaves room everywhere

What pools can have together is a base polytope, and stays one when a unit bounds it and
the city adds it up. So eight numbers tell whether the pools not yet chosen still find a
way, and no flow is sent anew.

References
----------
Gale (1957), A theorem on flows in networks, Pacific Journal of Mathematics 7.
Frank (2011), Connections in Combinatorial Optimization, chapter 14.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from gridopt.quotas import IntArray

PATTERNS = np.array(
    [np.zeros((3, 3)), np.eye(3), 1 - np.eye(3)],
    dtype=np.int64,
)
"""Who takes a person more, by people left over, choice and star, shape (3, 3, 3): of
one person the chosen star, of two people all but the chosen one."""

_ORDER = ((0,), (2, 1, 0), (0, 1, 2))
"""Choices from the largest pattern to the smallest, star 3 first, by people left."""

_SETS = (np.arange(8)[:, np.newaxis] >> np.arange(3)) & 1
"""The eight sets of stars, shape (8, 3)."""

_PEOPLE = PATTERNS @ _SETS.T
"""People that a pattern has in each set, shape (3, 3, 8)."""

_OTHERS = _SETS[:, np.newaxis] & (1 - _SETS)
"""Stars of the first set that are not in the second, shape (8, 8, 3)."""

_FAR = 1 << 40


@dataclass(frozen=True)
class Choices:
    """What every cheapest rounding may do.

    Attributes
    ----------
    unit, left
        Unit of each group of pools, and people that each of its pools has left over,
        0 to 2, shape (g,).
    is_tied
        Which choices are among the cheapest, shape (g, 3).
    least, most
        Fewest and most people in each star of each unit, shape (p, 3).
    city
        People in each star of the city, shape (3,).
    """

    unit: IntArray
    left: IntArray
    is_tied: npt.NDArray[np.bool_]
    least: IntArray
    most: IntArray
    city: IntArray


def choose_largest(choices: Choices, group: IntArray) -> IntArray:
    """Choose for each pool the largest pattern that leaves the others a way.

    Parameters
    ----------
    choices
        What every cheapest rounding may do; there is one at least.
    group
        Group of each pool, in the order in which the pools are read, shape (n,).

    Returns
    -------
    Choice of each pool, an index into `PATTERNS[left]`, shape (n,).

    Examples
    --------
    >>> tied = Choices(unit=np.array([0]), left=np.array([1]),
    ...     is_tied=np.array([[False, True, True]]), least=np.array([[0, 1, 1]]),
    ...     most=np.array([[0, 1, 1]]), city=np.array([0, 1, 1]))
    >>> choose_largest(tied, np.array([0, 0])).tolist()
    [2, 1]
    """
    people = _PEOPLE[choices.left]
    is_tied = choices.is_tied[:, :, np.newaxis]
    fewest = np.where(is_tied, people, _FAR).min(axis=1)
    steps = people - fewest[:, np.newaxis]
    reach = _Reach(choices, np.bincount(group, minlength=len(people)), fewest)
    options = [
        [choice for choice in _ORDER[left] if is_mine[choice]]
        for left, is_mine in zip(choices.left, choices.is_tied.tolist(), strict=True)
    ]
    chosen = np.array([mine[0] for mine in options], dtype=np.int64)[group]
    is_free = np.array([len(mine) > 1 for mine in options], dtype=bool)[group]
    units, [free] = choices.unit.tolist(), np.nonzero(is_free)
    for pool, g in zip(free.tolist(), group[free].tolist(), strict=True):
        mine = options[g]
        # refused once, refused ever after: room only shrinks. And what no way uses
        # need not be taken out of the needs
        while len(mine) > 1 and not reach.take(units[g], steps[g, mine[0]]):
            del mine[0]
        chosen[pool] = mine[0]
    return chosen


class _Reach:
    """Whether pools not yet chosen still find a way; changes as they are chosen."""

    def __init__(self, choices: Choices, count: IntArray, fewest: IntArray) -> None:
        self._needs = np.zeros((len(choices.least), 8), dtype=np.int64)
        np.add.at(self._needs, choices.unit, count[:, np.newaxis] * fewest)
        # a set needs what any other set does, with the least of the stars that this
        # other one lacks, and without the most of those that it has too many
        limits = _OTHERS @ choices.least.T - _OTHERS.swapaxes(0, 1) @ choices.most.T
        self._limits = np.ascontiguousarray(np.moveaxis(limits, -1, 0))
        self._bounded = (self._needs[:, np.newaxis] + self._limits).max(axis=2)
        self._room = _SETS @ choices.city - self._bounded.sum(axis=0)

    def take(self, unit: int, step: IntArray) -> bool:
        """Add a step to the needs of a unit, where that leaves room."""
        needs = self._needs[unit] + step
        bounded = (needs + self._limits[unit]).max(axis=1)
        room = self._room + self._bounded[unit] - bounded
        if room.min() < 0:
            return False
        self._needs[unit], self._bounded[unit], self._room = needs, bounded, room
        return True
