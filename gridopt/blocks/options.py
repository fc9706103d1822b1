"""Which small block may join which other, and at what price, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.problem import GridRules

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

RELATED, OTHER, NEIGHBOUR = 0, 1, 2
"""What a host is to its guest: a related or another category of the same unit, or
the same category of a near unit."""


def is_awkward(sizes: IntArray, least: int, most: int) -> BoolArray:
    """Say which sizes cannot be cut into grids of least to most enterprises.

    Examples
    --------
    >>> np.flatnonzero(is_awkward(np.arange(100), 15, 25)).tolist()[-6:]
    [13, 14, 26, 27, 28, 29]
    """
    awkward: BoolArray = -(-sizes // most) > sizes // least
    return awkward


def price_sizes(rules: GridRules, most_size: int) -> tuple[IntArray, IntArray]:
    """Price a host's size alone, and count the grids that are cheapest for it (P5).

    Parameters
    ----------
    rules
        Band, viable least and prices.
    most_size
        Largest size asked for.

    Returns
    -------
    points, n_grids
        For 0 … most_size enterprises; ties go to fewer grids. Fewer enterprises than
        a grid's least are one grid, whatever the prices.
    """
    n = np.arange(most_size + 1, dtype=np.int64)
    prices = rules.small_block_prices
    fewer = np.maximum(1, n // rules.least)
    more = np.maximum(1, -(-n // rules.most))

    def off_band(n_grids: IntArray) -> IntArray:
        over = np.maximum(0, n - rules.most * n_grids)
        under = np.maximum(0, rules.least * n_grids - n)
        return prices.off_band * (over + under)

    is_fewer = off_band(fewer) <= off_band(more)
    points = np.minimum(off_band(fewer), off_band(more))
    points = np.where(n < rules.least, prices.undersized * (rules.least - n), points)
    is_leftover = n < min(rules.viable_least, rules.least)
    points = np.where(is_leftover, prices.leftover * n, points)
    return points, np.where(is_fewer, fewer, more)


@dataclass(frozen=True)
class MergeOptions:
    """Which base block may join which other, and at what price, as plain arrays.

    Attributes
    ----------
    sizes, is_awkward, units
        Enterprises, whether no number of grids fits, and number of the unit of each
        base block, shape (m,); base blocks are numbered in the order of their ids.
    guests, hosts, kinds, km, points
        The possible joins, sorted by guest and host, shape (p,): positions of both,
        `RELATED`, `OTHER` or `NEIGHBOUR`, whole kilometres between them, points.
    home_points
        Points of staying at home for what was elsewhere before, shape (m,).
    own_points, own_grids
        Points of a host of 0 … N enterprises for its size alone, and the number of
        grids that is cheapest, shape (N + 1,).
    """

    sizes: IntArray
    is_awkward: BoolArray
    units: IntArray
    guests: IntArray
    hosts: IntArray
    kinds: IntArray
    km: IntArray
    points: IntArray
    home_points: IntArray
    own_points: IntArray
    own_grids: IntArray

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for array in vars(self).values():
            array.flags.writeable = False

    @classmethod
    def of_pairs(
        cls,
        sizes: Sequence[int],
        pairs: Sequence[tuple[int, int, int]],
        rules: GridRules,
    ) -> MergeOptions:
        """Make options from sizes and (guest, host, points), without a register."""
        of_size = np.array(sizes, dtype=np.int64)
        table = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 3)
        nothing = np.zeros(len(table), dtype=np.int64)
        own_points, own_grids = price_sizes(rules, int(of_size.sum()))
        return cls(
            sizes=of_size,
            is_awkward=is_awkward(of_size, rules.least, rules.most),
            units=np.zeros(len(of_size), dtype=np.int64),
            guests=table[:, 0].copy(),
            hosts=table[:, 1].copy(),
            kinds=nothing,
            km=nothing.copy(),
            points=table[:, 2].copy(),
            home_points=np.zeros(len(of_size), dtype=np.int64),
            own_points=own_points,
            own_grids=own_grids,
        )

    @property
    def n_blocks(self) -> int:
        """Number of base blocks."""
        return len(self.sizes)

    def points_of(self, hosts: IntArray) -> int:
        """Price a choice: the host of every base block, shape (m,)."""
        everyone = np.arange(self.n_blocks)
        is_guest = hosts != everyone
        pair_key = self.guests * self.n_blocks + self.hosts
        wanted = everyone[is_guest] * self.n_blocks + hosts[is_guest]
        at = np.searchsorted(pair_key, wanted)
        load = np.zeros(self.n_blocks, dtype=np.int64)
        np.add.at(load, hosts, self.sizes)
        of_guests = int(self.points[at].sum())
        of_hosts = self.home_points[~is_guest] + self.own_points[load[~is_guest]]
        return of_guests + int(of_hosts.sum())


@dataclass(frozen=True)
class MergeChoice:
    """Which base block joins which host, and what is known about that choice.

    Attributes
    ----------
    hosts
        Position of the host of every base block, its own where it stays, shape (m,).
    points, bound
        Price of the choice, and what no choice can fall below.
    status
        `optimal` or `bounded`.
    """

    options: MergeOptions
    hosts: IntArray
    points: int
    bound: int
    status: Literal["optimal", "bounded"]
