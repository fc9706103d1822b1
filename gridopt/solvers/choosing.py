"""Which medoids a bound takes: the least sum of their values within limits on regions.

What a region does not share with the regions inside it is a sort; the rest is a table
per region of the least sum for every number of medoids, joined from small to large.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridopt.solvers.compiling import inner, kernel, whole
from gridopt.solvers.offers import FAR

if TYPE_CHECKING:
    from gridopt.problem import IntArray

PARENT, FEWEST, MOST = range(3)
VALUE, MEDOID, SUM, TAKEN = range(4)


class Limits(NamedTuple):
    """Regions with limits on their medoids, the small before the large that hold them.

    Attributes
    ----------
    home
        Smallest region with limits that holds each enterprise, shape (n,).
    rules
        Next larger region (-1 for the whole block, the last), least and most medoids
        of each region, shape (3, r).
    """

    home: IntArray
    rules: IntArray


class Ranking(NamedTuple):
    """Room for one choice.

    Attributes
    ----------
    tables
        For each region the least values of its own medoids, rising, and who they are;
        the least sum for every number of medoids; how many of them stand in the
        region joined last; shape (4, r, m + 1), m the most medoids of the block.
    lengths
        How many medoids of its own each region ranks, shape (r,).
    chosen
        The medoids chosen, shape (m + 1,).
    """

    tables: IntArray
    lengths: IntArray
    chosen: IntArray


def ranking_of(limits: Limits) -> Ranking:
    """Make room for the choices of one case."""
    r, m = limits.rules.shape[1], int(max(limits.rules[MOST, -1], 0))
    return Ranking(
        tables=np.zeros((4, r, m + 1), dtype=np.int64),
        lengths=np.zeros(r, dtype=np.int64),
        chosen=np.zeros(m + 1, dtype=np.int64),
    )


@kernel
def lay_limits(
    order: IntArray,
    spans: IntArray,
    regions: IntArray,
    home: IntArray,
    parents: IntArray,
) -> None:
    """Fill in each enterprise's smallest region and each region's next larger one.

    Parameters
    ----------
    order, spans
        The enterprises in one order, and start and stop of every region in it.
    regions
        The regions with limits, the small before the large; the last is the block.
    """
    r = len(regions)
    for q in range(r - 1, -1, -1):
        start, stop = spans[regions[q]]
        parents[q] = home[order[start]] if q < r - 1 else -1
        for t in range(start, stop):
            home[order[t]] = q


@inner
def choose(
    rules: IntArray, tables: IntArray, lengths: IntArray, chosen: IntArray
) -> tuple[int, int]:
    """Choose the medoids of least total value that keep the limits.

    Returns
    -------
    The least sum, `FAR` where no choice keeps them, and how many are chosen.
    """
    r, width = tables.shape[1:]
    for region in range(r):
        total = whole(0)
        for c in range(width):
            tables[SUM, region, c] = total if c <= lengths[region] else FAR
            total += tables[VALUE, region, c]
    for region in range(r):
        sums = tables[SUM, region]
        for c in range(width):
            if c < rules[FEWEST, region] or c > rules[MOST, region]:
                sums[c] = FAR
        above = rules[PARENT, region]
        if above >= 0:
            _join(tables[SUM, above], sums, tables[TAKEN, region])
    sums = tables[SUM, r - 1]
    number = whole(0)
    for c in range(width):
        if sums[c] < sums[number]:
            number = whole(c)
    if sums[number] >= FAR // 2:
        return whole(FAR), whole(0)
    return sums[number], _collect(rules, tables, number, chosen)


@inner
def _join(above: IntArray, inside: IntArray, taken: IntArray) -> None:
    """Share medoids out between a region and one inside it; the inner one's part."""
    for c in range(len(above) - 1, -1, -1):
        best, part = above[c] + inside[0], 0
        for held in range(1, c + 1):
            value = above[c - held] + inside[held]
            if value < best:
                best, part = value, held
        above[c] = min(best, FAR)
        taken[c] = part


@inner
def _collect(rules: IntArray, tables: IntArray, number: int, chosen: IntArray) -> int:
    """Walk back from the whole block to the medoids of the least sum; how many."""
    r = rules.shape[1]
    left = np.zeros(r, dtype=np.int64)
    left[r - 1] = number
    n_chosen = whole(0)
    for region in range(r - 1, -1, -1):
        # the regions inside were joined from small to large: undone the other way
        for held in range(region - 1, -1, -1):
            if rules[PARENT, held] == region:
                left[held] = tables[TAKEN, held, left[region]]
                left[region] -= left[held]
        for c in range(left[region]):
            chosen[n_chosen] = tables[MEDOID, region, c]
            n_chosen += 1
    return n_chosen
