"""Exact re-cuts of two neighbouring grids: all medoid pairs, labels and sizes at once.

For two grids (medoid, label) the best cut of their m members into q and m - q is a
sort of the cost differences: prefix sums over the admissible q give every size at
once, convex size prices or not. A medoid pair is dropped unsorted where even the
cheaper side for every member costs too much.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, permutations, product
from typing import TYPE_CHECKING

import numpy as np

from gridopt.problem import NONE, IntArray
from gridopt.solvers.prices import BIG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridopt.solvers.ground import Ground

_PAIRS_AT_ONCE = 48
_MOST_FREE_ITEMS = 4
_MOST_LABELS = 4


@dataclass(frozen=True)
class Cut:
    """Two grids out of one group of members: who joins the first, both ends, cost."""

    is_first: np.ndarray
    medoids: tuple[int, int]
    labels: tuple[int, int]
    cost: int


@lru_cache(maxsize=256)
def _couples(m: int, is_ordered: bool) -> tuple[IntArray, IntArray]:
    first, second = np.triu_indices(m, 1)
    if is_ordered:
        return np.concatenate([first, second]), np.concatenate([second, first])
    return first, second


def best_cut(
    first: IntArray, second: IntArray, sizes: IntArray, cap: int, is_ordered: bool
) -> tuple[int, int, int, np.ndarray] | None:
    """Cut m members into two grids at least cost, all medoid pairs considered.

    Parameters
    ----------
    first, second
        Cost of member (row) under medoid (column) in the first and in the second
        grid, shape (m, m); `BIG` where it must not be.
    sizes
        Cost of a first grid of 0 … m members together with the second of the rest,
        `BIG` outside the band, shape (m + 1,).
    cap
        Only a cut cheaper than this is of interest.
    is_ordered
        Whether the two grids differ by more than their medoids.

    Returns
    -------
    (cost, first medoid, second medoid, who joins the first), None if none is cheaper.
    """
    m = len(first)
    one, two = _couples(m, is_ordered)
    columns_one, columns_two = np.ascontiguousarray(first.T), second.T
    least = np.minimum(columns_one[one], columns_two[two]).sum(axis=1) + sizes.min()
    order = np.argsort(least, kind="stable")
    order = order[least[order] < cap]
    best = None
    for start in range(0, len(order), _PAIRS_AT_ONCE):
        pairs = order[start : start + _PAIRS_AT_ONCE]
        if least[pairs[0]] >= cap:
            break
        firsts, seconds = one[pairs], two[pairs]
        rows = np.arange(len(pairs))
        in_one, in_two = columns_one[firsts], columns_two[seconds].copy()
        in_two[rows, firsts] = BIG
        in_one[rows, seconds] = BIG
        ranked = np.sort(in_one - in_two, axis=1)
        total = np.cumsum(ranked, axis=1) + (in_two.sum(axis=1)[:, None] + sizes[1:])
        at = int(total.argmin())
        row, q = divmod(at, m)
        if total[row, q] < cap:
            cap = int(total[row, q])
            by_gain = np.argsort(in_one[row] - in_two[row], kind="stable")
            is_first = np.zeros(m, dtype=bool)
            is_first[by_gain[: q + 1]] = True
            best = (cap, int(firsts[row]), int(seconds[row]), is_first)
    return best


def recut_pair(
    ground: Ground,
    members: IntArray,
    side: IntArray,
    labels: tuple[int, int],
    unused: IntArray,
    cap: int,
) -> Cut | None:
    """Re-cut two grids optimally, hard wishes kept.

    Parameters
    ----------
    members
        Enterprises of both grids, ascending, shape (m,).
    side
        0 or 1: the grid each member is in now, shape (m,).
    labels
        Previous labels the two grids carry now.
    unused
        Labels no grid carries, that may be taken up.
    cap
        Cost of both grids now; only a cheaper cut is returned.
    """
    base = ground.prices.member_costs(members, members)
    m, table = len(members), ground.prices.size_table
    sizes = table[np.arange(m + 1)] + table[m - np.arange(m + 1)]
    sides = list(_sides(ground, members, side))
    is_tied = len(sides) > 1 or bool((sides[0] >= 0).any())
    best = None
    for p, q in _label_pairs(ground, members, labels, unused, is_tied):
        of_label = ground.prices.label_costs(members, np.array([p, q]))
        for pinned in sides:
            first = base + (of_label[:, 0] + BIG * (pinned == 1))[:, None]
            second = base + (of_label[:, 1] + BIG * (pinned == 0))[:, None]
            found = best_cut(
                np.minimum(first, BIG),
                np.minimum(second, BIG),
                sizes,
                cap,
                is_tied or p != q,
            )
            if found is not None:
                cap, first_at, second_at, is_first = found
                medoids = int(members[first_at]), int(members[second_at])
                best = Cut(is_first, medoids, (p, q), cap)
    return best


def _label_pairs(
    ground: Ground,
    members: IntArray,
    labels: tuple[int, int],
    unused: IntArray,
    is_ordered: bool,
) -> Iterator[tuple[int, int]]:
    """Pairs of labels that the two grids might carry on."""
    if not ground.prices.has_labels:
        return iter([(NONE, NONE)])
    previous = ground.problem.previous[members]
    counts = [(-int((previous == label).sum()), int(label)) for label in unused]
    required = [int(label) for label in ground.prices.required[members] if label >= 0]
    wanted = [label for count, label in sorted(counts) if count < 0]
    named = [label for label in labels if label != NONE] + required
    named += wanted[: _MOST_LABELS - 2]
    names = [p for p in dict.fromkeys(named) if p in labels or p in unused]
    pairs = permutations if is_ordered else combinations
    return iter(dict.fromkeys(pairs([*names, NONE, NONE], 2)))


def _sides(ground: Ground, members: IntArray, side: IntArray) -> Iterator[IntArray]:
    """Sides that linked members may be pinned to; -1 for members that are free.

    Few linked items are tried on both sides, many stay where they are.
    """
    wishes = ground.wishes
    free = np.full(len(members), -1, dtype=np.int64)
    if not wishes.is_linked or not wishes.is_tied[members].any():
        yield free
        return
    tied = np.flatnonzero(wishes.is_tied[members])
    component = wishes.component[members[tied]]
    keys, item = np.unique(component, return_inverse=True)
    if len(keys) > _MOST_FREE_ITEMS:
        pinned = free.copy()
        pinned[tied] = side[tied]
        yield pinned
        return
    parted = _parted_here(ground, keys)
    for sides in product((0, 1), repeat=len(keys)):
        if all(sides[a] != sides[b] for a, b in parted):
            pinned = free.copy()
            pinned[tied] = np.array(sides)[item]
            yield pinned


def _parted_here(ground: Ground, keys: IntArray) -> list[tuple[int, int]]:
    """Pairs of the items in these two grids that must be kept apart."""
    pairs = ground.wishes.component[ground.problem.cannot_link]
    both = np.isin(pairs, keys).all(axis=1)
    return [tuple(pair) for pair in np.searchsorted(keys, pairs[both]).tolist()]
