"""Which parts of a block may hold how many medoids: nested regions and the best choice.

Regions are intervals of one fixed order of the enterprises, nested or apart. The best
choice of medoids under limits on regions is then a small dynamic programme: what a
region does not share with the regions inside it is a sort, the rest is a table per
region of the least sum for every number of medoids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridopt.solvers.clustering import gather

if TYPE_CHECKING:
    from gridopt.problem import IntArray
    from gridopt.solvers.prices import Prices

    Limits = dict[int, tuple[int, int]]

NEVER = 1 << 60
"""Least sum of a number of medoids that the limits rule out."""


@dataclass(frozen=True)
class Regions:
    """Nested parts of a block.

    Attributes
    ----------
    order
        All enterprises, neighbours side by side, shape (n,).
    spans
        Start and stop of each region in that order, shape (r, 2); the first is the
        whole block.
    """

    order: IntArray
    spans: IntArray

    @classmethod
    def of_prices(cls, prices: Prices) -> Regions:
        """Gather near enterprises into ever larger regions (average linkage)."""
        everyone = np.arange(prices.problem.n)
        cost = prices.member_costs(everyone, everyone)
        return cls(*gather(np.maximum(cost, cost.T).astype(np.float64)))

    @property
    def sizes(self) -> IntArray:
        """Number of enterprises of each region, shape (r,)."""
        return self.spans[:, 1] - self.spans[:, 0]


@dataclass
class _Table:
    """Least sums of one region, and how they come about."""

    span: tuple[int, int]
    sums: np.ndarray
    own: IntArray
    inner: list[tuple[_Table, IntArray]]

    def collect(self, n_medoids: int) -> list[int]:
        """Positions of the medoids behind the least sum of this number."""
        found: list[int] = []
        for table, n_own in reversed(self.inner):
            n_here = int(n_own[n_medoids])
            found += table.collect(n_medoids - n_here)
            n_medoids = n_here
        return found + self.own[:n_medoids].tolist()


@dataclass(frozen=True)
class Choice:
    """The medoids to choose under limits on some regions.

    Attributes
    ----------
    limits
        Least and most medoids of the regions that have limits; region 0, the whole
        block, among them.
    """

    regions: Regions
    limits: Limits

    def least(self, values: np.ndarray) -> tuple[np.ndarray, IntArray]:
        """Choose medoids of least total value; values are shape (n,).

        Returns
        -------
        The least sum (`NEVER` or above where there is no choice) and the medoids.
        """
        ordered = np.minimum(values[self.regions.order], NEVER // (len(values) + 1))
        tables: list[_Table] = []
        free = np.ones(len(ordered), dtype=bool)
        sizes = self.regions.sizes
        for region in sorted(self.limits, key=lambda r: (int(sizes[r]), -r)):
            table = self._table(region, ordered, free, tables)
            start, stop = table.span
            tables = [t for t in tables if not start <= t.span[0] < stop]
            free[start:stop] = False
            tables.append(table)
        n_medoids = int(tables[0].sums.argmin())
        chosen = tables[0].collect(n_medoids)
        return tables[0].sums[n_medoids], self.regions.order[chosen]

    def _table(
        self, region: int, ordered: np.ndarray, free: np.ndarray, tables: list[_Table]
    ) -> _Table:
        start, stop = self.regions.spans[region].tolist()
        most = max(self.limits[0][1], 0)
        own = start + np.flatnonzero(free[start:stop])
        own = own[np.argsort(ordered[own], kind="stable")[:most]]
        sums = np.full(most + 1, NEVER, dtype=ordered.dtype)
        sums[0] = 0
        sums[1 : len(own) + 1] = np.cumsum(ordered[own])
        inner = []
        for table in tables:
            if start <= table.span[0] < stop:
                sums, n_own = _join(sums, table.sums)
                inner.append((table, n_own))
        fewest, greatest = self.limits[region]
        sums[:fewest] = NEVER
        sums[max(greatest + 1, 0) :] = NEVER
        return _Table((start, stop), sums, own, inner)


def _join(one: np.ndarray, two: np.ndarray) -> tuple[np.ndarray, IntArray]:
    """Least sums of both together, and how many medoids the first then has."""
    numbers = np.arange(len(one))
    rest = numbers[:, None] - numbers
    total = np.where(rest >= 0, one + two[np.maximum(rest, 0)], 2 * NEVER)
    n_first = total.argmin(axis=1)
    return np.minimum(total[numbers, n_first], NEVER), n_first


def leaf_limits(steps: IntArray, n_grids: tuple[int, int]) -> list[tuple[Limits, int]]:
    """Limits and price row of every leaf of a tree, in the tree's order.

    Parameters
    ----------
    steps
        The tree, each node before its branches, shape (m, 2): a region and the number
        of medoids it has at most in the first branch, more in the second; or -1 and
        the price row of a leaf.
    """
    leaves, waiting = [], [{0: n_grids}]
    for region, number in steps.tolist():
        limits = waiting.pop()
        if region < 0:
            leaves.append((limits, number))
        else:
            waiting += split_limits(limits, region, number)[::-1]
    return leaves


def split_limits(limits: Limits, region: int, number: int) -> list[Limits]:
    """Limits of the two branches: at most so many medoids in the region, or more."""
    fewest, most = limits.get(region, (0, limits[0][1]))
    return [
        {**limits, region: (fewest, min(most, number))},
        {**limits, region: (max(fewest, number + 1), most)},
    ]
