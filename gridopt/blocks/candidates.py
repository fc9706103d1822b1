"""Which host a small block could join: its unit's categories, its near units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.blocks.block import Block, kind_of_unit
from gridopt.blocks.options import (
    NEIGHBOUR,
    OTHER,
    RELATED,
    MergeOptions,
    is_awkward,
    price_sizes,
)
from gridopt.geography import DEPARTMENT, local_plane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.problem import GridRules
    from gridopt.register import Register

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
TextArray = npt.NDArray[np.object_]

N_NEAR_UNITS = 5


def merge_options(
    register: Register,
    blocks: Sequence[Block],
    rules: GridRules,
    previous_host: Sequence[str] | TextArray | None = None,
) -> MergeOptions:
    """List which awkward base block may join which other, and price it (P3, P5, P8).

    Candidates are the other categories of its unit and its own category in the five
    nearest units: no island unless the register's rules allow it, never the bureau.

    Parameters
    ----------
    blocks
        Base blocks, as `split_blocks` gives them.
    previous_host
        Per enterprise the id of the host that its base block had in the previous
        plan; empty for newcomers and for those that have to move because their own
        unit or category changed. Shape (n,).
    """
    places = _places(register, blocks)
    sizes = np.array([len(block.members) for block in blocks], dtype=np.int64)
    awkward = is_awkward(sizes, rules.least, rules.most)
    seekers = np.flatnonzero(awkward)
    inside = pairs_inside(places, seekers, _related(register, places.category_keys))
    across = pairs_across(places, seekers, *_open_units(register, places.unit_codes))
    columns = np.concatenate([inside, across], axis=1).astype(np.int64)
    guests, hosts, kinds = columns[:, np.lexsort((columns[1], columns[0]))]
    km = np.where(kinds == NEIGHBOUR, places.km(guests, hosts), 0)
    prices = rules.small_block_prices
    of_kind = (prices.related_category, prices.other_category, prices.other_unit)
    each = np.array(of_kind, dtype=np.int64)[kinds] + prices.per_km * km
    changed, changed_home = _count_changed(blocks, previous_host, guests, hosts)
    load = sizes.copy()
    np.add.at(load, hosts, sizes[guests])
    own_points, own_grids = price_sizes(rules, int(load.max(initial=0)))
    return MergeOptions(
        sizes=sizes,
        is_awkward=awkward,
        units=places.units,
        guests=guests,
        hosts=hosts,
        kinds=kinds,
        km=km,
        points=sizes[guests] * each + prices.changed_host * changed,
        home_points=prices.changed_host * changed_home,
        own_points=own_points,
        own_grids=own_grids,
    )


def _places(register: Register, blocks: Sequence[Block]) -> Places:
    rows = register.enterprises
    longitude, latitude = rows["longitude"].to_numpy(), rows["latitude"].to_numpy()
    points_m = local_plane(longitude, latitude) if len(rows) else np.zeros((0, 2))
    return Places.of_blocks(
        [block.unit for block in blocks],
        [block.category for block in blocks],
        [block.members for block in blocks],
        points_m,
    )


def _related(register: Register, keys: Sequence[str]) -> BoolArray:
    are_related = register.classification.are_related
    table = [[are_related(a, b) for b in keys] for a in keys]
    return np.array(table, dtype=bool).reshape(len(keys), len(keys))


def _open_units(
    register: Register, codes: Sequence[str]
) -> tuple[BoolArray, BoolArray]:
    """Say which units others may join, and which are places at all."""
    known = [register.units.get(code) for code in codes]
    is_island = np.array([u is not None and u.is_island for u in known], dtype=bool)
    kinds = [kind_of_unit(register, code) for code in codes]
    is_place = np.array([kind != DEPARTMENT for kind in kinds], dtype=bool)
    return ~is_island | register.rules.units.islands, is_place


def _count_changed(
    blocks: Sequence[Block],
    previous_host: Sequence[str] | TextArray | None,
    guests: IntArray,
    hosts: IntArray,
) -> tuple[IntArray, IntArray]:
    """Count the survivors that would change host, per pair and where all stay."""
    m = len(blocks)
    if previous_host is None:
        return np.zeros(len(guests), dtype=np.int64), np.zeros(m, dtype=np.int64)
    at = {block.block_id: i for i, block in enumerate(blocks)}
    before = np.array([at.get(host, m if host else -1) for host in previous_host])
    block_of = np.zeros(len(before), dtype=np.int64)
    for i, block in enumerate(blocks):
        block_of[block.members] = i
    is_survivor = before >= 0
    survivors = np.bincount(block_of[is_survivor], minlength=m)
    keys, counts = np.unique(
        (block_of * (m + 1) + before)[is_survivor], return_counts=True
    )
    kept = dict(zip(keys.tolist(), counts.tolist(), strict=True))

    def changed(a: IntArray, b: IntArray) -> IntArray:
        held = [kept.get(key, 0) for key in (a * (m + 1) + b).tolist()]
        return survivors[a] - np.array(held, dtype=np.int64)

    return changed(guests, hosts), changed(np.arange(m), np.arange(m))


@dataclass(frozen=True)
class Places:
    """Where the base blocks are: unit and category by number, and their means.

    Attributes
    ----------
    units, categories
        Number of each block's unit and category, shape (m,).
    unit_codes, category_keys
        What the numbers stand for, ascending.
    means_m
        Mean place of each block's enterprises in one local plane, shape (m, 2).
    unit_means_m
        The same of each unit's enterprises, shape (n_units, 2).
    """

    units: IntArray
    categories: IntArray
    unit_codes: tuple[str, ...]
    category_keys: tuple[str, ...]
    means_m: FloatArray
    unit_means_m: FloatArray

    @classmethod
    def of_blocks(
        cls,
        unit_of: Sequence[str],
        category_of: Sequence[str],
        members_of: Sequence[IntArray],
        points_m: FloatArray,
    ) -> Places:
        """Make places: units and categories numbered, means in whole decimetres.

        Sums of whole numbers are exact, so the order of the rows changes nothing.
        """
        codes, units = np.unique(np.array(unit_of, dtype=str), return_inverse=True)
        keys, categories = np.unique(
            np.array(category_of, dtype=str), return_inverse=True
        )
        whole = np.floor(10 * points_m + 0.5).astype(np.int64)
        sums = np.array([whole[members].sum(axis=0) for members in members_of])
        sums = sums.reshape(-1, 2)
        sizes = np.array([len(members) for members in members_of], dtype=np.int64)
        unit_sums = np.zeros((len(codes), 2), dtype=np.int64)
        unit_sizes = np.zeros(len(codes), dtype=np.int64)
        np.add.at(unit_sums, units, sums)
        np.add.at(unit_sizes, units, sizes)
        return cls(
            units=units.astype(np.int64),
            categories=categories.astype(np.int64),
            unit_codes=tuple(codes.tolist()),
            category_keys=tuple(keys.tolist()),
            means_m=sums / (10 * sizes[:, None]),
            unit_means_m=unit_sums / (10 * unit_sizes[:, None]),
        )

    def km(self, a: IntArray, b: IntArray) -> IntArray:
        """Whole kilometres, rounded down, between the means of blocks a and b."""
        gap = self.means_m[a] - self.means_m[b]
        return np.floor(np.sqrt((gap * gap).sum(axis=1)) / 1000).astype(np.int64)


def pairs_inside(
    places: Places, guests: IntArray, related: BoolArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Pair each guest with every other block of its unit.

    Parameters
    ----------
    related
        Whether two categories are related, shape (n_categories, n_categories).

    Returns
    -------
    guests, hosts, kinds
    """
    order = np.argsort(places.units, kind="stable")
    counts = np.bincount(places.units, minlength=len(places.unit_codes))
    first = np.cumsum(counts) - counts
    of_unit = places.units[guests]
    a = np.repeat(guests, counts[of_unit])
    shift = np.cumsum(counts[of_unit]) - counts[of_unit]
    within = np.arange(len(a)) - np.repeat(shift - first[of_unit], counts[of_unit])
    b = order[within]
    a, b = a[a != b], b[a != b]
    is_related = related[places.categories[a], places.categories[b]]
    return a, b, np.where(is_related, RELATED, OTHER)


def pairs_across(
    places: Places, guests: IntArray, is_open: BoolArray, is_place: BoolArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Pair each guest with its own category in the five nearest units.

    Parameters
    ----------
    is_open
        Whether others may join a unit (an island only where allowed), shape
        (n_units,).
    is_place
        Whether a unit is a place at all; the bureau is not, it spans the city.

    Returns
    -------
    guests, hosts, kinds
    """
    near = near_units(places.unit_means_m, is_open & is_place)
    n_categories = max(len(places.category_keys), 1)
    block_at = np.full((len(places.unit_codes) + 1, n_categories), -1, dtype=np.int64)
    block_at[places.units, places.categories] = np.arange(len(places.units))
    guests = guests[is_place[places.units[guests]]]
    hosts = block_at[near[places.units[guests]], places.categories[guests][:, None]]
    a = np.repeat(guests, N_NEAR_UNITS)
    b = hosts.reshape(-1)
    return a[b >= 0], b[b >= 0], np.full(int((b >= 0).sum()), NEIGHBOUR)


def near_units(means_m: FloatArray, is_open: BoolArray) -> IntArray:
    """Find each unit's five nearest open units; ties go to the smaller number.

    Returns
    -------
    array of int
        Shape (n_units, 5), nearest first, -1 where there are fewer.
    """
    pool = np.flatnonzero(is_open)
    near = np.full((len(means_m), N_NEAR_UNITS), -1, dtype=np.int64)
    for unit, mean in enumerate(means_m):
        others = pool[pool != unit]
        gap = means_m[others] - mean
        square = (gap * gap).sum(axis=1)
        if len(others) > N_NEAR_UNITS:
            farthest = np.partition(square, N_NEAR_UNITS - 1)[N_NEAR_UNITS - 1]
            others, square = others[square <= farthest], square[square <= farthest]
        nearest = others[np.argsort(square, kind="stable")][:N_NEAR_UNITS]
        near[unit, : len(nearest)] = nearest
    return near
