"""Which joins matter, and how their choice falls into parts solved apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from gridopt.blocks import MergeOptions

    IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """A set of blocks that is solved in one model.

    Attributes
    ----------
    blocks
        Positions of its base blocks, ascending.
    inside
        Positions of the pairs whose guest and host both stand in it.
    leaving, arriving
        Pairs that cross its border: its block joins a host outside, a block from
        outside joins its host.
    """

    blocks: IntArray
    inside: IntArray
    leaving: IntArray
    arriving: IntArray


def useful_pairs(options: MergeOptions) -> IntArray:
    """Positions of the pairs that some best choice may use.

    A guest that leaves its host can always go home, or to any block that cannot but
    be a host. Where a pair costs more than the cheapest of these and all that the
    host could lose, no best choice has it.
    """
    guests, hosts = options.guests, options.hosts
    size = options.sizes[guests]
    is_sure = ~options.is_awkward[hosts]
    gain = _greatest_change(options, size, options.sizes[hosts], sign=-1)
    loss = _greatest_change(options, size, options.sizes[hosts], sign=1)
    fallback = options.home_points + options.own_points[options.sizes]
    np.minimum.at(fallback, guests[is_sure], (options.points + loss)[is_sure])
    is_useful: npt.NDArray[np.bool_] = options.points <= fallback[guests] + gain
    return np.flatnonzero(is_useful)


def _greatest_change(
    options: MergeOptions, sizes: IntArray, floors: IntArray, sign: int
) -> IntArray:
    """Most that a host's own points can rise (sign 1) or fall (-1), never below 0.

    The host has at least `floors` enterprises before `sizes` more arrive.
    """
    own = options.own_points
    change = np.zeros(len(sizes), dtype=np.int64)
    for size in np.unique(sizes):
        rise = sign * (own[size:] - own[: len(own) - size])
        greatest = np.maximum.accumulate(rise[::-1])[::-1]
        of_size = sizes == size
        change[of_size] = np.maximum(greatest[floors[of_size]], 0)
    return change


def split_parts(
    options: MergeOptions, pairs: IntArray, part_blocks: int, cut_blocks: int
) -> list[Part]:
    """Find the connected components, and cut the large ones between units.

    Parameters
    ----------
    pairs
        Positions of the pairs that matter.
    part_blocks
        Largest component that stays whole.
    cut_blocks
        Number of blocks in a part of a larger one; one unit is never cut.
    """
    n = options.n_blocks
    part_of = components(n, options.guests[pairs], options.hosts[pairs])
    sizes = np.bincount(part_of, minlength=n)
    for component in np.flatnonzero(sizes > part_blocks).tolist():
        blocks = np.flatnonzero(part_of == component)
        part_of[blocks] = _cut(options, pairs, blocks, cut_blocks) + part_of.max() + 1
    order = np.argsort(part_of, kind="stable")
    starts = np.flatnonzero(np.diff(part_of[order], prepend=-1))
    _, part_of = np.unique(part_of, return_inverse=True)
    from_part, to_part = part_of[options.guests[pairs]], part_of[options.hosts[pairs]]
    crosses = from_part != to_part
    inside = _grouped(pairs[~crosses], from_part[~crosses], len(starts))
    leaving = _grouped(pairs[crosses], from_part[crosses], len(starts))
    arriving = _grouped(pairs[crosses], to_part[crosses], len(starts))
    blocks_of = np.split(order, starts[1:])
    return [
        Part(*sets) for sets in zip(blocks_of, inside, leaving, arriving, strict=True)
    ]


def _grouped(values: IntArray, groups: IntArray, n_groups: int) -> list[IntArray]:
    order = np.argsort(groups, kind="stable")
    ends = np.cumsum(np.bincount(groups, minlength=n_groups))[:-1]
    return list(np.split(values[order], ends))


def components(n: int, a: IntArray, b: IntArray) -> IntArray:
    """Give each of n nodes the smallest node that it is connected with."""
    least = np.arange(n, dtype=np.int64)
    while True:
        before = least.copy()
        edge = np.minimum(least[a], least[b])
        np.minimum.at(least, a, edge)
        np.minimum.at(least, b, edge)
        least = least[least]
        if np.array_equal(before, least):
            return least


def _cut(
    options: MergeOptions, pairs: IntArray, blocks: IntArray, cut_blocks: int
) -> IntArray:
    """Walk a component unit by unit, nearest first, and start anew when full."""
    near: dict[int, list[int]] = {}
    units = options.units
    is_among = np.isin(options.guests[pairs], blocks)
    for pair in pairs[is_among].tolist():
        a, b = int(units[options.guests[pair]]), int(units[options.hosts[pair]])
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    codes, n_of_unit = np.unique(units[blocks], return_counts=True)
    part_of_unit = _walk(
        dict(zip(codes.tolist(), n_of_unit.tolist(), strict=True)), near, cut_blocks
    )
    return np.array([part_of_unit[unit] for unit in units[blocks].tolist()])


def _walk(
    n_of_unit: dict[int, int], near: dict[int, list[int]], cut_blocks: int
) -> dict[int, int]:
    part_of: dict[int, int] = {}
    part = room = 0
    for start in n_of_unit:
        queue = [start]
        for unit in queue:
            if unit in part_of:
                continue
            room -= n_of_unit[unit]
            if room < 0:
                part, room = part + 1, cut_blocks - n_of_unit[unit]
            part_of[unit] = part
            queue += [other for other in near[unit] if other not in part_of]
    return part_of
