"""Chances of whole numbers, people or yuan: mapped, spread over a lattice, added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridopt.appraisal.chances import FloatArray, convolve_all, convolve_power
from gridopt.awards.rounding import IntArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Mapping = Callable[[IntArray], IntArray]
"""Whole numbers to whole numbers of the same shape (n,), or of shape (k, n) where k
results are equally likely."""


@dataclass(frozen=True)
class Law:
    """Chances of whole numbers in one or several cases.

    Attributes
    ----------
    values
        Rising, shape (n,).
    chance
        Shape (n_cases, n), rows summing to 1.
    """

    values: IntArray
    chance: FloatArray

    def map(self, function: Mapping) -> Law:
        """Return the law of a function of the number; equal results are added.

        Examples
        --------
        >>> law = Law(np.arange(3), np.array([[0.25, 0.5, 0.25]]))
        >>> law.map(lambda n: np.maximum(n, 1)).chance
        array([[0.75, 0.25]])
        """
        found = np.atleast_2d(function(self.values)).ravel()
        n_likely = found.size // self.values.size
        chance = np.tile(self.chance / n_likely, n_likely)
        order = np.argsort(found, kind="stable")
        rising = found[order]
        starts = np.flatnonzero(np.append(True, rising[1:] > rising[:-1]))
        return Law(rising[starts], np.add.reduceat(chance[:, order], starts, axis=1))

    def spread(self, step: int) -> FloatArray:
        """Return the chances of every multiple of a step, from the least value on.

        Examples
        --------
        >>> Law(np.array([0, 20]), np.array([[0.5, 0.5]])).spread(10)
        array([[0.5, 0. , 0.5]])
        """
        places = (self.values - self.values[0]) // step
        found = np.zeros((len(self.chance), int(places[-1]) + 1))
        found[:, places] = self.chance
        return found


def add_laws(laws: Sequence[tuple[Law, int]], step: int) -> Law:
    """Return the law of a sum of independent numbers.

    Parameters
    ----------
    laws
        A law and how many numbers follow it; all of the same cases.
    step
        What all differences of values are multiples of.

    Examples
    --------
    >>> coin = Law(np.array([1000, 3000]), np.array([[0.5, 0.5]]))
    >>> add_laws([(coin, 2)], 1000).values.tolist()
    [2000, 3000, 4000, 5000, 6000]
    """
    start = sum(times * int(law.values[0]) for law, times in laws)
    chance = convolve_all(
        convolve_power(law.spread(step), times) for law, times in laws
    )
    return Law(start + step * np.arange(chance.shape[1]), chance)
