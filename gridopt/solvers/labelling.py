"""Under which label a grid costs least, and the least it can cost under any.

A label draws the enterprises that pay less under it. Few labels can pay at a medoid:
the most that each may save tells which, and one pass over all enterprises tells
beforehand whether any can bring the medoid into the choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.problem import NONE, IntArray
from gridopt.solvers.compiling import inner, whole
from gridopt.solvers.costs import label_cost
from gridopt.solvers.entries import best_size, insert
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
    STAY,
    WHO,
)
from gridopt.solvers.prices import BIG
from gridopt.solvers.result import DUAL_SCALE

if TYPE_CHECKING:
    from gridopt.solvers.costs import Costs
    from gridopt.solvers.offers import Offers, Positions, Scratch


@inner
def find_at_home(
    row: IntArray,
    stay: IntArray,
    pi: IntArray,
    worst: int,
    who: IntArray,
    values: IntArray,
) -> int:
    """Find who would be among the least of a whole row under the home label; how many.

    Written without a branch: who is above `worst` gives the place up again. Those
    without a home label may be among them.
    """
    n_found = 0
    for i in range(len(row)):
        value = row[i] + stay[i] - pi[i]
        who[n_found], values[n_found] = i, value
        n_found += value <= worst
    return n_found


@inner
def find_near(
    near: Positions,
    costs: IntArray,
    stay: IntArray,
    pi: IntArray,
    top: int,
    worst: int,
    who: IntArray,
    values: IntArray,
) -> int:
    """Find who would be among the least of a list under the home label; how many."""
    n_found = 0
    for t in range(len(near)):
        if costs[t] - top > worst:
            break
        i = near[t]
        value = costs[t] + stay[i] - pi[i]
        who[n_found], values[n_found] = i, value
        n_found += value <= worst
    return n_found


@inner
def merge_label(
    kept: IntArray,
    kept_who: IntArray,
    home: IntArray,
    p: int,
    who: IntArray,
    values: IntArray,
    n_found: int,
    merged: IntArray,
    merged_who: IntArray,
) -> int:
    """Put the least entries of a grid of label p together; how many.

    Those of a new grid come in as they are, the label's own people at their price.
    """
    width = len(kept)
    n = whole(0)
    for t in range(width):
        if home[kept_who[t]] != p:
            merged[n], merged_who[n] = kept[t], kept_who[t]
            n += 1
    for t in range(n_found):
        if home[who[t]] != p:
            continue
        if n < width:
            insert(merged, merged_who, n, values[t], who[t])
            n += 1
        elif values[t] < merged[width - 1]:
            insert(merged, merged_who, width - 1, values[t], who[t])
    return n


@inner
def merge_barred(
    costs: Costs,
    j: int,
    p: int,
    row: IntArray,
    pi: IntArray,
    merged: IntArray,
    merged_who: IntArray,
    width: int,
) -> int:
    """Put the least entries together under a label that somebody is barred from.

    Everybody is looked at anew; in a list alone nobody is, and what is found there has
    to be certified anyway.
    """
    n = whole(0)
    for i in range(len(row)):
        paid = label_cost(costs, i, p)
        if i == j or paid >= BIG:
            continue
        value = row[i] + paid * DUAL_SCALE - pi[i]
        if n < width:
            insert(merged, merged_who, n, value, i)
            n += 1
        elif value < merged[width - 1]:
            insert(merged, merged_who, width - 1, value, i)
    return n


@inner
def _note_savings(
    home: IntArray,
    leave: IntArray,
    stay: IntArray,
    j: int,
    worst: int,
    who: IntArray,
    values: IntArray,
    n_found: int,
    savings: IntArray,
    marks: IntArray,
) -> int:
    """Note the most that each label can save beside a new grid; the likeliest label.

    Who would not be among the least of a new grid takes the place of somebody who is,
    at `worst` at most. Labels met are stamped; others can save nothing.
    """
    stamp, likely = marks[-1], whole(NONE)
    for t in range(-1, n_found):
        i = whole(j) if t < 0 else who[t]
        p = home[i]
        if p < 0:
            continue
        if marks[p] != stamp:
            marks[p], savings[p] = stamp, 0
        saved = leave[i] - stay[i]
        if t >= 0:
            saved = min(saved, worst - values[t])
        savings[p] = min(savings[p] + max(saved, 0), FAR)
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
    useless: int,
) -> tuple[int, int, int]:
    """Find the label under which a grid at j costs least; `best` is that of a new one.

    `row` holds all costs at j, or is empty where only the list is to be looked at.

    Returns
    -------
    Value, size and label; from the value `useless` on, a bound on the value.
    """
    home, leave, stay = offers.terms[HOME], offers.terms[LEAVE], offers.terms[STAY]
    own, is_barred, sizes = offers.terms[OWN, j], offers.is_barred, offers.sizes
    who, values = scratch.found[FOUND], scratch.found[FOUND_VALUE]
    kept, kept_who = scratch.entries[KEPT], scratch.entries[WHO]
    merged, merged_who = scratch.entries[MERGED], scratch.entries[MERGED_WHO]
    marks, savings, band = scratch.marks, scratch.savings, costs.band
    width = offers.kept.shape[1]
    worst = kept[width - 1] if width else whole(-FAR)
    if len(row):
        n_found = find_at_home(row, stay, pi, worst, who, values)
    else:
        near, near_costs = offers.near[j], offers.costs[j]
        n_found = find_near(near, near_costs, stay, pi, top, worst, who, values)
    likely = _note_savings(
        home, leave, stay, j, worst, who, values, n_found, savings, marks
    )
    stamp, label, of_new, bound = marks[-1], whole(NONE), best, whole(FAR)
    for t in range(-2, n_found):
        p = likely if t == -2 else home[j] if t == -1 else home[who[t]]
        if p < 0 or marks[p] != stamp:
            continue
        marks[p] = -stamp  # once is enough
        least = of_new - savings[p] + sigma[p]
        if least >= min(best, useless):
            bound = min(bound, least)
            continue
        paid = label_cost(costs, j, p)
        if paid >= BIG:
            continue
        if is_barred[p] and len(row):
            n = merge_barred(costs, j, p, row, pi, merged, merged_who, width)
        else:
            n = merge_label(
                kept[:width], kept_who, home, p, who, values, n_found,
                merged, merged_who,
            )  # fmt: skip
        value, q = best_size(own + paid * DUAL_SCALE - pi[j], merged, n, sizes, band)
        value += sigma[p]
        if value < best:
            best, size, label = value, q, p
    return min(best, bound), size, label


@inner
def bound_value(
    own: int,
    row: IntArray,
    net: IntArray,
    pi: IntArray,
    stay: IntArray,
    home: IntArray,
    sigma: IntArray,
    j: int,
    level: int,
    sizes: IntArray,
    band: tuple[int, int],
    saved: IntArray,
    less: IntArray,
) -> int:
    """Bound the value of a grid at j from below, whatever its label, in one pass.

    With a price `level` for each place, who is below it comes in and nobody else: any
    price gives a bound, that of the last place the last time a good one.
    """
    places = whole(FAR)
    for q in range(band[0], band[1] + 1):
        places = min(places, sizes[q] + (q - 1) * level)
    total = own - net[j] + places
    for i in range(len(row)):
        new, old = row[i] - net[i] - level, row[i] + stay[i] - pi[i] - level
        less[i] = min(old, 0) - min(new, 0)
        total += min(new, 0)
    for p in range(len(saved)):
        saved[p] = 0
    less[j] = stay[j] - pi[j] + net[j]
    for i in range(len(row)):
        saved[home[i]] += less[i]  # at -1, the last place, who has no home label
    least = whole(0)
    for p in range(len(sigma)):
        least = min(least, saved[p] + sigma[p])
    return total + least
