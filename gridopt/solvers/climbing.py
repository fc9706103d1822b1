"""One ascent in the duals, step by step, as compiled loops.

    repeat
        price       every medoid that may matter: v_j and its column
        choose      the medoids of least total value within the limits of the case
        value       sum of pi - sum of sigma + that total; the best is kept
        step        along the slope, 1 - how often each enterprise is served, and
                    what is left of earlier slopes; its length aims at the cost

A medoid is priced anew only where its value may have fallen below the best of others:
no value falls by more than the greatest gains of as many prices as a grid has members.
With labels, which make that dear, a bound in one pass comes first.

References
----------
Held, Wolfe, Crowder (1974), Validation of subgradient optimization, Mathematical
Programming 6. Camerini, Fratta, Maffioli (1975), On improving relaxation methods by
modified gradient techniques, Mathematical Programming Study 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from gridopt.problem import NONE, FloatArray, IntArray
from gridopt.solvers.choosing import MEDOID, MOST, VALUE, choose
from gridopt.solvers.compiling import inner, kernel, whole
from gridopt.solvers.entries import best_size, insert, keep_list, keep_row
from gridopt.solvers.labelling import (
    best_label,
    bound_value,
    find_at_home,
    find_near,
    merge_barred,
    merge_label,
)
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
from gridopt.solvers.result import DUAL_SCALE

if TYPE_CHECKING:
    from gridopt.solvers.choosing import Limits, Ranking
    from gridopt.solvers.costs import Costs
    from gridopt.solvers.offers import Offers, Scratch

NOW, BEST, SLOPE, BEFORE = range(4)
LOWER, LABEL, SIZE, LEVEL = range(4)
PUSH, IDLE, SEEN_MASS = range(3)
REACHED, N_STEPS, N_CHOSEN, N_PRICED = range(4)

GRAIN = 16
"""Prices are multiples of this many 1 / 1024 dm: they pack well."""

_LEAST_AIM = 8.0 * DUAL_SCALE
_LEAST_GAIN = 1e-6


class Pace(NamedTuple):
    """How steps grow and shrink.

    Attributes
    ----------
    push
        First share of the way to the aim.
    growth, patience
        A better value makes the push grow by this factor, up to 1; so many steps
        without one halve it.
    memory
        Share of the last direction that goes into the next.
    fading
        Share of the past in the running average of the medoids chosen.
    least_push
        Push at which steps end.
    is_back
        Whether halving goes back to the best prices.
    """

    push: float
    growth: float
    patience: int
    memory: float
    fading: float
    least_push: float
    is_back: bool


class Climb(NamedTuple):
    """An ascent on the way, changed in place.

    Attributes
    ----------
    duals
        pi and then sigma: now, at their best, the slope, and one step before, shape
        (4, n + n_labels).
    way
        Direction of the last step, shape (n + n_labels,).
    net
        pi less what one pays in a new grid, shape (n,).
    last
        Of each medoid a bound on its value, the label, the size and about the
        dearest member of its last column; a negative size marks the medoids chosen
        last; shape (4, n).
    mass
        Running sum of how often each enterprise was a chosen medoid, shape (n,).
    chosen
        The medoids chosen at the best prices and their labels, shape (2, m + 1).
    gains
        Room for the greatest gains of prices, shape (most,).
    pace, counts
        Push, idle steps and mass seen so far; best value, steps, medoids chosen and
        medoids priced.
    """

    duals: IntArray
    way: FloatArray
    net: IntArray
    last: IntArray
    mass: FloatArray
    chosen: IntArray
    gains: IntArray
    pace: FloatArray
    counts: IntArray


@kernel
def climb_on(
    costs: Costs,
    offers: Offers,
    limits: Limits,
    ranking: Ranking,
    climb: Climb,
    scratch: Scratch,
    pace: Pace,
    aim: int,
    enough: int,
    n_steps: int,
) -> bool:
    """Take some steps; whether there is nothing more to gain."""
    duals, counts, state = climb.duals, climb.counts, climb.pace
    n = len(climb.net)
    for _ in range(n_steps):
        counts[N_STEPS] += 1
        value, number, top = _evaluate(costs, offers, limits, ranking, climb, scratch)
        if value >= FAR // 2:
            counts[REACHED] = FAR
            return True
        _fill_slope(costs, offers, ranking.chosen, number, top, climb, scratch)
        _note_mass(climb.mass, state, ranking.chosen, number, pace.fading)
        state[IDLE] += 1
        if value > counts[REACHED]:
            if value > counts[REACHED] + _LEAST_GAIN * abs(value):
                state[IDLE] = 0
                state[PUSH] = min(state[PUSH] * pace.growth, 1.0)
            counts[REACHED] = value
            counts[N_CHOSEN] = number
            _copy(duals[NOW], duals[BEST])
            for c in range(number):
                climb.chosen[0, c] = ranking.chosen[c]
                climb.chosen[1, c] = climb.last[LABEL, ranking.chosen[c]]
        if counts[REACHED] >= enough:
            return True
        _copy(duals[NOW], duals[BEFORE])
        if state[IDLE] >= pace.patience:
            state[PUSH] /= 2
            state[IDLE] = 0
            if pace.is_back:
                _copy(duals[BEST], duals[NOW])
            if state[PUSH] < pace.least_push:
                return True
        length = state[PUSH] * max(float(aim - value), _LEAST_AIM)
        if not _step(duals, climb.way, length, pace.memory, n):
            return True
        _loosen(duals, climb.gains, climb.last[LOWER], n)
    return False


@inner
def _copy(source: IntArray, target: IntArray) -> None:
    # a loop: numba takes seconds to compile what assigns one slice to another
    for i in range(len(source)):
        target[i] = source[i]


@inner
def _note_mass(
    mass: FloatArray, state: FloatArray, chosen: IntArray, number: int, fading: float
) -> None:
    for j in range(len(mass)):
        mass[j] *= fading
    state[SEEN_MASS] = state[SEEN_MASS] * fading + 1.0
    for c in range(number):
        mass[chosen[c]] += 1.0


@inner
def _step(
    duals: IntArray, way: FloatArray, length: float, memory: float, n: int
) -> bool:
    """Move the prices; False where the slope is flat."""
    norm = 0.0
    for i in range(len(way)):
        way[i] = duals[SLOPE, i] + memory * way[i]
        norm += way[i] * way[i]
    if norm == 0.0:
        return False
    for i in range(len(way)):
        moved = (duals[NOW, i] + length / norm * way[i]) / GRAIN
        duals[NOW, i] = whole(np.floor(moved + 0.5)) * GRAIN
        if i >= n:
            duals[NOW, i] = max(duals[NOW, i], 0)
    return True


@inner
def _loosen(duals: IntArray, gains: IntArray, lower: IntArray, n: int) -> None:
    """Lower the bounds on values by the most that the last step can have cost."""
    for at in range(len(gains)):
        gains[at] = 0
    for i in range(n):
        gain = duals[NOW, i] - duals[BEFORE, i]
        if gain > gains[-1]:
            at = len(gains) - 1
            while at > 0 and gains[at - 1] < gain:
                gains[at] = gains[at - 1]
                at -= 1
            gains[at] = gain
    drop = whole(0)
    for p in range(n, duals.shape[1]):
        drop = max(drop, duals[BEFORE, p] - duals[NOW, p])
    for at in range(len(gains)):
        drop += gains[at]
    for j in range(n):
        lower[j] -= drop


@inner
def _evaluate(
    costs: Costs,
    offers: Offers,
    limits: Limits,
    ranking: Ranking,
    climb: Climb,
    scratch: Scratch,
) -> tuple[int, int, int]:
    """Value of the dual now, how many medoids are chosen, and the highest price."""
    n, net, last = len(climb.net), climb.net, climb.last
    now, leave = climb.duals[NOW], offers.terms[LEAVE]
    top, total = now[0], whole(0)
    for i in range(n):
        net[i] = now[i] - leave[i]
        top = max(top, now[i])
        total += now[i]
    for p in range(n, len(now)):
        total -= now[p]
    for region in range(len(ranking.lengths)):
        ranking.lengths[region] = 0
    # first those that were chosen, so that few others need a look
    for turn in range(2):
        climb.counts[N_PRICED] += _price_some(
            costs, offers, limits, ranking, climb, scratch, top, turn == 0
        )
    for j in range(n):
        last[SIZE, j] = abs(last[SIZE, j])
    least, number = choose(
        limits.rules, ranking.tables, ranking.lengths, ranking.chosen
    )
    for c in range(number):
        last[SIZE, ranking.chosen[c]] *= -1
    return (FAR if least >= FAR // 2 else total + least), number, top


@inner
def _price_some(
    costs: Costs,
    offers: Offers,
    limits: Limits,
    ranking: Ranking,
    climb: Climb,
    scratch: Scratch,
    top: int,
    is_first: bool,
) -> int:
    """Price the medoids that may be among the best of their region; how many."""
    n, net, last = len(climb.net), climb.net, climb.last
    pi, sigma = climb.duals[NOW, :n], climb.duals[NOW, n:]
    rows, near, near_costs, kept_all = (
        offers.rows,
        offers.near,
        offers.costs,
        offers.kept,
    )
    entries, seen, marks = scratch.entries, scratch.found[SEEN], scratch.marks
    values, own, home = entries[KEPT], offers.terms[OWN], limits.home
    stay, home_label = offers.terms[STAY], offers.terms[HOME]
    saved, less = scratch.savings, scratch.found[FOUND_VALUE]
    size_costs, band, rules = offers.sizes, costs.band, limits.rules
    ranked, lengths = ranking.tables, ranking.lengths
    is_whole, width = rows.shape[0] > 0, kept_all.shape[1]
    most_ranked, highest = ranked.shape[2] - 1, whole(FAR) // (4 * n)
    none = np.empty(0, dtype=np.int64)
    n_priced = 0
    for j in range(n):
        if (last[SIZE, j] < 0) != is_first:
            continue
        h = home[j]
        n_here, most_here = lengths[h], min(rules[MOST, h], most_ranked)
        is_full = n_here >= most_here
        if is_full and (n_here == 0 or last[LOWER, j] >= ranked[VALUE, h, n_here - 1]):
            continue
        useless = ranked[VALUE, h, n_here - 1] if is_full else whole(FAR)
        if is_full and is_whole and len(sigma):
            value = bound_value(
                own[j], rows[j], net, pi, stay, home_label, sigma, j, last[LEVEL, j],
                size_costs, band, saved, less,
            )  # fmt: skip
            if value >= useless:
                last[LOWER, j] = value
                continue
        marks[-1] += 1
        kept = kept_all[j]
        if width and is_whole:
            keep_row(rows[j], net, kept, values, seen, marks[-1])
        elif width:
            keep_list(near[j], near_costs[j], net, top, kept, values, seen, marks[-1])
        value, size = best_size(own[j] - net[j], values, width, size_costs, band)
        label = whole(NONE)
        if len(sigma):
            for t in range(width):
                entries[WHO, t] = kept[t] if is_whole else near[j, kept[t]]
            value, size, label = best_label(
                costs, offers, j, rows[j] if is_whole else none, pi, sigma, top,
                scratch, value, size, useless,
            )  # fmt: skip
        n_priced += 1
        last[LOWER, j], last[LABEL, j] = value, label
        if width and size > 1:
            used = values if label == NONE else entries[MERGED]
            last[LEVEL, j] = min(used[size - 2], highest)
        last[SIZE, j] = -size if is_first else size
        if not is_full:
            lengths[h] = n_here + 1
            n_here += 1
        elif value >= ranked[VALUE, h, n_here - 1]:
            continue
        insert(ranked[VALUE, h], ranked[MEDOID, h], n_here - 1, value, j)
    return n_priced


@inner
def _fill_slope(
    costs: Costs,
    offers: Offers,
    chosen: IntArray,
    number: int,
    top: int,
    climb: Climb,
    scratch: Scratch,
) -> None:
    """Fill in 1 - how often each is served, and how often each label is used - 1."""
    n, net, entries = len(climb.net), climb.net, scratch.entries
    pi, slope = climb.duals[NOW, :n], climb.duals[SLOPE]
    rows, near, near_costs, kept_all = (
        offers.rows,
        offers.near,
        offers.costs,
        offers.kept,
    )
    is_whole, width = rows.shape[0] > 0, kept_all.shape[1]
    none = np.empty(0, dtype=np.int64)
    stay, home = offers.terms[STAY], offers.terms[HOME]
    who, values = scratch.found[FOUND], scratch.found[FOUND_VALUE]
    merged, merged_who = entries[MERGED], entries[MERGED_WHO]
    for i in range(len(slope)):
        slope[i] = 1 if i < n else -1
    for c in range(number):
        j = chosen[c]
        label, size = climb.last[LABEL, j], abs(climb.last[SIZE, j])
        slope[j] -= 1
        # who is kept was left as the last look at j found it
        for t in range(width):
            place = kept_all[j, t]
            entries[WHO, t] = place if is_whole else near[j, place]
            cost = rows[j, place] if is_whole else near_costs[j, place]
            entries[KEPT, t] = cost - net[entries[WHO, t]]
        inside = entries[WHO]
        if label != NONE:
            slope[n + label] += 1
            row = rows[j] if is_whole else none
            worst = entries[KEPT, width - 1] if width else whole(-FAR)
            if offers.is_barred[label] and is_whole:
                merge_barred(costs, j, label, row, pi, merged, merged_who, width)
            else:
                if is_whole:
                    n_found = find_at_home(row, stay, pi, worst, who, values)
                else:
                    n_found = find_near(
                        near[j], near_costs[j], stay, pi, top, worst, who, values
                    )
                merge_label(
                    entries[KEPT, :width], entries[WHO], home, label, who, values,
                    n_found, merged, merged_who,
                )  # fmt: skip
            inside = entries[MERGED_WHO]
        for t in range(size - 1):
            slope[inside[t]] -= 1
