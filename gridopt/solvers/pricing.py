"""Which grid is cheapest at each medoid when enterprises and labels have prices.

For prices pi_i and sigma_p the least reduced cost of a grid that meets at j is

    v_j = least over p and q in L … U of
          s(q) + sigma_p + (c_jjp - pi_j) + the q - 1 least (c_ijp - pi_i), i != j

The entries that were least the last time are priced first; one pass over the others
then finds the few that have come below them. All numbers are whole 1 / 1024
decimetres, so that sums are exact and every machine sees the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.problem import NONE, IntArray
from gridopt.solvers.compiling import inner, kernel, whole
from gridopt.solvers.costs import fill_costs, label_cost
from gridopt.solvers.offers import (
    FAR,
    FOUND,
    FOUND_VALUE,
    HOME,
    KEPT,
    LEAVE,
    MERGED,
    MERGED_WHO,
    OWN,
    SEEN,
    STAY,
    WHO,
)
from gridopt.solvers.prices import BIG
from gridopt.solvers.result import DUAL_SCALE

if TYPE_CHECKING:
    from gridopt.solvers.costs import Costs
    from gridopt.solvers.offers import Offers, Positions, Scratch


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


@inner
def find_at_home(
    offers: Offers,
    j: int,
    row: IntArray,
    pi: IntArray,
    top: int,
    worst: int,
    found: IntArray,
) -> int:
    """Find who would be among the least at j at the price of the home label; how many.

    `row` holds all costs at j, or is empty where only the list is to be looked at.
    """
    terms = offers.terms
    n_found = 0
    if len(row):
        for i in range(len(row)):
            value = row[i] + terms[STAY, i] - pi[i]
            if terms[HOME, i] >= 0 and value <= worst:
                found[FOUND, n_found] = i
                found[FOUND_VALUE, n_found] = value
                n_found += 1
        return n_found
    near, costs = offers.near[j], offers.costs[j]
    for t in range(len(near)):
        if costs[t] - top > worst:
            break
        i = near[t]
        value = costs[t] + terms[STAY, i] - pi[i]
        if terms[HOME, i] >= 0 and value <= worst:
            found[FOUND, n_found] = i
            found[FOUND_VALUE, n_found] = value
            n_found += 1
    return n_found


@inner
def _merge_one(entries: IntArray, n: int, width: int, value: int, i: int) -> int:
    if n < width:
        insert(entries[MERGED], entries[MERGED_WHO], n, value, i)
        return n + 1
    if value < entries[MERGED, width - 1]:
        insert(entries[MERGED], entries[MERGED_WHO], width - 1, value, i)
    return n


@inner
def merge_label(
    costs: Costs,
    offers: Offers,
    j: int,
    p: int,
    row: IntArray,
    pi: IntArray,
    n_found: int,
    scratch: Scratch,
) -> int:
    """Put the least entries of a grid of label p together; how many.

    Those of a new grid have to stand in the scratch; the label's own people come in
    at their price. Where somebody is barred everybody is looked at anew; in a list
    alone nobody is, and what is found there has to be certified anyway.
    """
    entries, found, home = scratch.entries, scratch.found, offers.terms[HOME]
    width = offers.kept.shape[1]
    n = whole(0)
    if offers.is_barred[p] and len(row):
        for i in range(len(row)):
            paid = label_cost(costs, i, p)
            if i != j and paid < BIG:
                value = row[i] + paid * DUAL_SCALE - pi[i]
                n = _merge_one(entries, n, width, value, i)
        return n
    for t in range(width):
        if home[entries[WHO, t]] != p:
            entries[MERGED, n] = entries[KEPT, t]
            entries[MERGED_WHO, n] = entries[WHO, t]
            n += 1
    for t in range(n_found):
        if home[found[FOUND, t]] == p:
            n = _merge_one(entries, n, width, found[FOUND_VALUE, t], found[FOUND, t])
    return n


@inner
def _note_savings(offers: Offers, j: int, n_found: int, scratch: Scratch) -> int:
    """Note the most that each label can save beside a new grid; the likeliest label.

    Labels met are stamped; others can save nothing.
    """
    terms, savings, marks = offers.terms, scratch.savings, scratch.marks
    likely = whole(NONE)
    for t in range(-1, n_found):
        i = whole(j) if t < 0 else scratch.found[FOUND, t]
        p = terms[HOME, i]
        if p < 0:
            continue
        if marks[p] != marks[-1]:
            marks[p], savings[p] = marks[-1], 0
        savings[p] += max(terms[LEAVE, i] - terms[STAY, i], 0)
        savings[p] = min(savings[p], FAR)
        if likely < 0 or savings[p] > savings[likely]:
            likely = p
    return likely


@inner
def best_label(
    costs: Costs,
    offers: Offers,
    j: int,
    row: IntArray,
    pi: IntArray,
    sigma: IntArray,
    top: int,
    scratch: Scratch,
    best: int,
    size: int,
) -> tuple[int, int, int]:
    """Find the label under which a grid at j costs least; `best` is that of a new one.

    Returns
    -------
    Value, size and label.
    """
    found, marks, home = scratch.found, scratch.marks, offers.terms[HOME]
    width = offers.kept.shape[1]
    worst = scratch.entries[KEPT, width - 1] if width else whole(-FAR)
    n_found = find_at_home(offers, j, row, pi, top, worst, found)
    stamp, label, of_new = marks[-1], whole(NONE), best
    likely = _note_savings(offers, j, n_found, scratch)
    for t in range(-2, n_found):
        p = likely if t == -2 else home[j] if t == -1 else home[found[FOUND, t]]
        if p < 0 or marks[p] != stamp:
            continue
        marks[p] = -stamp  # once is enough
        if of_new - scratch.savings[p] + sigma[p] >= best:
            continue
        paid = label_cost(costs, j, p)
        if paid >= BIG:
            continue
        n = merge_label(costs, offers, j, p, row, pi, n_found, scratch)
        own = offers.terms[OWN, j] + paid * DUAL_SCALE - pi[j]
        value, q = best_size(own, scratch.entries[MERGED], n, offers.sizes, costs.band)
        value += sigma[p]
        if value < best:
            best, size, label = value, q, p
    return best, size, label


@kernel
def price_all(
    costs: Costs,
    offers: Offers,
    pi: IntArray,
    sigma: IntArray,
    scratch: Scratch,
    values: IntArray,
) -> None:
    """Price every medoid exactly, whatever the size of the block: v_j, shape (n,)."""
    n, width = len(pi), offers.kept.shape[1]
    entries, marks = scratch.entries, scratch.marks
    net, everyone = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    row, kept = np.empty(n, dtype=np.int64), np.empty(width, dtype=np.int32)
    for i in range(n):
        net[i] = pi[i] - offers.terms[LEAVE, i]
        everyone[i] = i
    far = whole(FAR) // (costs.band[1] + 1)
    for j in range(n):
        fill_costs(costs, everyone, n, j, row)
        for i in range(n):
            row[i] *= DUAL_SCALE
        row[j] = far
        for t in range(width):
            kept[t] = t
        marks[-1] += 1
        if width:
            keep_row(row, net, kept, entries[KEPT], scratch.found[SEEN], marks[-1])
        own = offers.terms[OWN, j] - net[j]
        best, size = best_size(own, entries[KEPT], width, offers.sizes, costs.band)
        if len(sigma):
            for t in range(width):
                entries[WHO, t] = kept[t]
            best, _, _ = best_label(
                costs, offers, j, row, pi, sigma, whole(0), scratch, best, size
            )
        values[j] = min(best, whole(FAR) // n)
