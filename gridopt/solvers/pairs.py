"""Two neighbouring grids re-cut exactly: all pairs of medoids, labels and sizes.

For two grids (medoid, label) the best cut of their m members into q and m - q is a
sort of the cost differences: prefix sums over the admissible q give every size. A pair
of medoids is dropped unsorted where even the cheaper side for every member costs too
much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.problem import NONE
from gridopt.solvers.compiling import inner, kernel, whole
from gridopt.solvers.costs import PREVIOUS, REQUIRED, add_labels, fill_block
from gridopt.solvers.cut import CARRIES, COUNT, MEETS, PAID, grid_cost, near_grids
from gridopt.solvers.prices import ANY, BIG

if TYPE_CHECKING:
    from gridopt.problem import BoolArray, IntArray
    from gridopt.solvers.costs import Costs
    from gridopt.solvers.cut import Cut
    from gridopt.solvers.ground import Ground
    from gridopt.solvers.work import Work

_N_NEAR = 6
_MOST_NAMES = 6
_AT_ONCE = 32


def improve_pairs(
    ground: Ground, cut: Cut, work: Work, dirty: BoolArray | None = None
) -> None:
    """Re-cut neighbouring pairs of grids until none can be cut better.

    Parameters
    ----------
    dirty
        Grids that have changed since all pairs were at their best, shape (k,); all
        where None.
    """
    k = cut.heads.shape[1]
    dirty = np.ones(k, dtype=np.bool_) if dirty is None else dirty.copy()
    while dirty.any() and k > 1:
        later = np.zeros(k, dtype=np.bool_)
        for first in range(0, k, _AT_ONCE):
            last = min(first + _AT_ONCE, k)
            n_seen = sweep_pairs(ground.costs, cut, dirty, later, first, last)
            if not work.step(int(n_seen)):
                return
        dirty = later


@kernel
def sweep_pairs(
    costs: Costs, cut: Cut, dirty: BoolArray, later: BoolArray, first: int, last: int
) -> int:
    """Re-cut the pairs of some grids with their neighbours; how many were looked at."""
    near = np.empty(_N_NEAR, dtype=np.int64)
    n_seen = 0
    for a in range(first, last):
        n_near = near_grids(costs, cut, a, near)
        for t in range(n_near):
            b = near[t]
            if dirty[a] or dirty[b] or later[a] or later[b]:
                n_seen += 1
                if _recut(costs, cut, a, b):
                    later[a] = True
                    later[b] = True
    return n_seen


@inner
def _recut(costs: Costs, cut: Cut, a: int, b: int) -> bool:
    """Re-cut two grids at least cost; whether that made them cheaper."""
    members = _members_of(cut, a, b)
    m = len(members)
    base = np.empty((m, m), dtype=np.int64)
    fill_block(costs, members, m, members, m, base)
    both = np.empty(m + 1, dtype=np.int64)
    for q in range(m + 1):
        both[q] = min(costs.sizes[q] + costs.sizes[m - q], whole(BIG))
    names, n_names = _names(costs, cut, members, a, b)
    extra = np.zeros((2, m), dtype=np.int64)
    side, keep = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.int64)
    cap = cut.heads[PAID, a] + cut.heads[PAID, b]
    one = two = whole(-1)
    label_one = label_two = whole(NONE)
    for u in range(n_names):
        for v in range(n_names):
            p, q = names[u], names[v]
            if p == q and p != NONE:
                continue
            is_even = _fill_extra(costs, cut, members, a, p, q, extra) and p == q
            found, x, y = best_cut(base, extra, both, cap, is_even, keep)
            if found < cap:
                cap, one, two, label_one, label_two = found, x, y, p, q
                for t in range(m):
                    side[t] = keep[t]
    if one < 0:
        return False
    _replace(cut, a, b, members, side, label_one, label_two)
    cut.heads[MEETS, a], cut.heads[MEETS, b] = members[one], members[two]
    cut.heads[PAID, a] = grid_cost(costs, cut, a)
    cut.heads[PAID, b] = grid_cost(costs, cut, b)
    return True


@inner
def _members_of(cut: Cut, a: int, b: int) -> IntArray:
    """Members of both grids, ascending."""
    n, m = cut.heads[COUNT, a], cut.heads[COUNT, b]
    members = np.empty(n + m, dtype=np.int64)
    for t in range(n):
        members[t] = cut.members[a, t]
    for t in range(m):
        members[n + t] = cut.members[b, t]
    sort_few(members)
    return members


@inner
def sort_few(values: IntArray) -> None:
    """Sort a short list in place."""
    for t in range(1, len(values)):
        value, at = values[t], t
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


@inner
def _names(
    costs: Costs, cut: Cut, members: IntArray, a: int, b: int
) -> tuple[IntArray, int]:
    """Labels that the two grids might carry: none, their own, free ones known here."""
    names = np.empty(_MOST_NAMES, dtype=np.int64)
    names[0] = NONE
    n_names = whole(1)
    if len(cut.holders) == 0:
        return names, n_names
    for g in (a, b):
        if cut.heads[CARRIES, g] != NONE:
            names[n_names] = cut.heads[CARRIES, g]
            n_names += 1
    for t in range(len(members)):
        p = costs.traits[REQUIRED, members[t]]
        if p == ANY:
            p = costs.traits[PREVIOUS, members[t]]
        if p == NONE or cut.holders[p] != NONE or n_names == _MOST_NAMES:
            continue
        is_new = True
        for u in range(1, n_names):
            is_new = is_new and names[u] != p
        if is_new:
            names[n_names] = p
            n_names += 1
    return names, n_names


@inner
def _fill_extra(
    costs: Costs, cut: Cut, members: IntArray, a: int, p: int, q: int, extra: IntArray
) -> bool:
    """Fill in what label and ties cost on both sides; whether nobody is tied."""
    m = len(members)
    for t in range(m):
        extra[0, t] = extra[1, t] = 0
    if len(cut.holders) > 0:
        add_labels(costs, members, m, p, extra[0])
        add_labels(costs, members, m, q, extra[1])
    is_free = True
    for t in range(m):
        i = members[t]
        if cut.tied[i]:
            is_free = False
            extra[1 if cut.grids[i] == a else 0, t] += BIG
    return is_free


@inner
def best_cut(
    base: IntArray,
    extra: IntArray,
    both: IntArray,
    cap: int,
    is_even: bool,
    keep: IntArray,
) -> tuple[int, int, int]:
    """Cut m members into two grids at least cost, all pairs of medoids considered.

    Parameters
    ----------
    base
        Cost of member (column) under medoid (row), shape (m, m).
    extra
        What each member pays besides in the first and in the second grid, (2, m).
    both
        Cost of sizes q and m - q together, `BIG` outside the band, shape (m + 1,).
    cap
        Only a cut cheaper than this is of interest.
    is_even
        Whether the two grids differ by their medoids alone.
    keep
        Filled with who joins the first grid, where a cut is found.

    Returns
    -------
    Cost, or `cap` where nothing is cheaper, and both medoids as positions.
    """
    m = len(base)
    row, other = np.empty(m, dtype=np.int64), np.empty(m, dtype=np.int64)
    gaps, floor = np.empty(m, dtype=np.int64), both[0]
    for q in range(1, m):
        floor = min(floor, both[q])
    one = two = whole(-1)
    for x in range(m):
        for t in range(m):
            row[t] = base[x, t] + extra[0, t]
        for y in range(x + 1 if is_even else 0, m):
            least, total = floor, whole(BIG)
            for t in range(m):
                other[t] = base[y, t] + extra[1, t]
                least += min(row[t], other[t])
                total += other[t]
            if least >= cap or x == y:
                continue
            _fill_gaps(row, other, x, y, gaps)
            sort_few(gaps)
            for q in range(1, m):
                total += gaps[q - 1]
                if total + both[q] < cap:
                    cap, one, two = total + both[q], whole(x), whole(y)
                    _mark(row, other, x, y, q, keep)
    return cap, one, two


@inner
def _fill_gaps(row: IntArray, other: IntArray, x: int, y: int, gaps: IntArray) -> None:
    """Fill in what each member saves by the second grid; a medoid is in its own."""
    for t in range(len(gaps)):
        gaps[t] = row[t] - other[t]
    gaps[x] -= BIG
    gaps[y] += BIG


@inner
def _mark(
    row: IntArray, other: IntArray, x: int, y: int, q: int, keep: IntArray
) -> None:
    """Mark the q members who gain most by the first grid, ties by position."""
    m = len(row)
    gaps = np.empty(m, dtype=np.int64)
    _fill_gaps(row, other, x, y, gaps)
    for t in range(m):
        keep[t] = 0
    for _ in range(q):
        least = -1
        for t in range(m):
            if not keep[t] and (least < 0 or gaps[t] < gaps[least]):
                least = t
        keep[least] = 1


@inner
def _replace(
    cut: Cut,
    a: int,
    b: int,
    members: IntArray,
    side: IntArray,
    label_one: int,
    label_two: int,
) -> None:
    """Put new members and labels in the place of two grids."""
    heads, holders = cut.heads, cut.holders
    for g in (a, b):
        if heads[CARRIES, g] != NONE:
            holders[heads[CARRIES, g]] = NONE
        heads[COUNT, g] = 0
    for t in range(len(members)):
        g = a if side[t] else b
        cut.grids[members[t]] = g
        cut.members[g, heads[COUNT, g]] = members[t]
        heads[COUNT, g] += 1
    heads[CARRIES, a], heads[CARRIES, b] = label_one, label_two
    for g in (a, b):
        if heads[CARRIES, g] != NONE:
            holders[heads[CARRIES, g]] = g
