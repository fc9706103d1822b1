"""Which enterprises cost a medoid least, kept from one look to the next.

The entries that were least the last time are priced first; one pass over the others
then finds the few that have come below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.solvers.compiling import inner, whole
from gridopt.solvers.offers import FAR

if TYPE_CHECKING:
    from gridopt.problem import IntArray
    from gridopt.solvers.offers import Positions


@inner
def insert(
    values: IntArray, members: IntArray | Positions, last: int, value: int, member: int
) -> None:
    """Put an entry into a sorted list whose last place is free or to be given up."""
    at = last
    while at > 0 and values[at - 1] > value:
        values[at] = values[at - 1]
        members[at] = members[at - 1]
        at -= 1
    values[at] = value
    members[at] = member


@inner
def _count_below(row: IntArray, net: IntArray, worst: int) -> int:
    n = 0
    for i in range(len(row)):
        n += row[i] - net[i] < worst
    return n


@inner
def keep_row(
    row: IntArray,
    net: IntArray,
    kept: Positions,
    values: IntArray,
    seen: IntArray,
    stamp: int,
) -> None:
    """Find the least entries of a whole row, rising; `kept` names who they are."""
    width = len(kept)
    for t in range(width):
        i = kept[t]
        seen[i] = stamp
        insert(values, kept, t, row[i] - net[i], i)
    worst = values[width - 1]
    n_less = width
    while n_less > 0 and values[n_less - 1] == worst:
        n_less -= 1
    if _count_below(row, net, worst) == n_less:
        return
    for i in range(len(row)):
        value = row[i] - net[i]
        if value < worst and seen[i] != stamp:
            insert(values, kept, width - 1, value, i)
            worst = values[width - 1]


@inner
def keep_list(
    near: Positions,
    costs: IntArray,
    net: IntArray,
    top: int,
    kept: Positions,
    values: IntArray,
    seen: IntArray,
    stamp: int,
) -> None:
    """Find the least entries of a list by rising cost; `kept` names their places."""
    width = len(kept)
    for t in range(width):
        place = kept[t]
        seen[near[place]] = stamp
        insert(values, kept, t, costs[place] - net[near[place]], place)
    worst = values[width - 1]
    for t in range(len(near)):
        if costs[t] - top >= worst:
            break
        value = costs[t] - net[near[t]]
        if value < worst and seen[near[t]] != stamp:
            insert(values, kept, width - 1, value, t)
            worst = values[width - 1]


@inner
def best_size(
    own: int, values: IntArray, n: int, sizes: IntArray, band: tuple[int, int]
) -> tuple[int, int]:
    """Least sum of own entry, the least others and the price of the size; the size.

    There are n values; a grid that would need more costs `FAR` or more.
    """
    least, most = band
    best, size = whole(FAR), whole(least)
    if least > n + 1:
        return best, size
    total = own
    for t in range(least - 1):
        total += values[t]
    for q in range(least, min(most, n + 1) + 1):
        if q > least:
            total += values[q - 2]
        if total + sizes[q] < best:
            best, size = total + sizes[q], whole(q)
    return best, size
