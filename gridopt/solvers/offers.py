"""Who may join whom at what price, laid out for the compiled loops."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from gridopt.problem import NONE, IntArray
from gridopt.solvers.prices import ANY, BIG, CELLS_AT_ONCE, Prices
from gridopt.solvers.result import DUAL_SCALE

if TYPE_CHECKING:
    from gridopt.solvers.costs import Costs

OWN, HOME, LEAVE, STAY = range(4)
KEPT, WHO, MERGED, MERGED_WHO = range(4)
SEEN, FOUND, FOUND_VALUE = range(3)

Positions = npt.NDArray[np.int32]

FAR = 1 << 60
"""Value of a grid that must not be; the never of one entry is this over the band."""

_MOST_WHOLE = 1200
_WIDTH = 160


class Offers(NamedTuple):
    """Who may join whom at what price, and whose label makes a difference.

    Attributes
    ----------
    rows
        Cost of each member (column) under each medoid (row) in 1 / 1024 dm, a medoid
        under itself out of reach, shape (n, n); (0, 0) in a large block.
    near, costs
        In a large block the nearest members of each medoid by rising cost, and these
        costs in 1 / 1024 dm, shape (n, m); else (0, 0).
    kept
        The members of the last least column of each medoid, or their places in `near`,
        shape (n, most - 1); kept up to date.
    terms
        Of each enterprise its cost as its own medoid, its home label (the one under
        which it pays less than in a new grid, `NONE` if none), and what it pays
        besides in a new grid and under its home label, out of reach where it has none;
        1 / 1024 dm, shape (4, n).
    is_barred
        1 for labels that somebody is barred from, shape (n_labels,).
    sizes
        Cost of a grid of 0 … n enterprises, 1 / 1024 dm, shape (n + 1,).
    """

    rows: IntArray
    near: Positions
    costs: IntArray
    kept: Positions
    terms: IntArray
    is_barred: IntArray
    sizes: IntArray

    @property
    def is_whole(self) -> bool:
        """Whether all members are looked at, not only the nearest."""
        return self.rows.shape[0] > 0


def offers_of(prices: Prices, costs: Costs) -> Offers:
    """Lay out everybody's neighbours; in large blocks only the nearest."""
    problem = prices.problem
    n, width = problem.n, costs.band[1] - 1
    everyone = np.arange(n)
    is_barred = np.zeros(problem.n_labels, dtype=np.int64)
    is_barred[problem.forbidden[:, 1]] = 1
    terms, far = _terms(prices), _never(costs)
    np.clip(terms[LEAVE:], None, far, out=terms[LEAVE:])
    rows = near_costs = np.empty((0, 0), dtype=np.int64)
    near = np.empty((0, 0), dtype=np.int32)
    if n <= _MOST_WHOLE:
        whole = prices.member_costs(everyone, everyone).T
        rows = np.ascontiguousarray(whole) * DUAL_SCALE
        rows[everyone, everyone] = far
        kept = np.argpartition(rows, max(width - 1, 0), axis=1)[:, :width]
    else:
        n_near = min(max(_WIDTH, 4 * problem.most), n - 1)
        near, near_costs = _nearest(prices, n_near)
        kept = np.tile(np.arange(width), (n, 1))
    sizes = np.where(costs.sizes >= BIG, FAR, costs.sizes * DUAL_SCALE)
    return Offers(
        rows, near, near_costs, kept.astype(np.int32), terms, is_barred, sizes
    )


def _never(costs: Costs) -> int:
    """Price of what must not be: so many of it still add up exactly."""
    return FAR // (max(costs.band[1], 1) + 1)


def _terms(prices: Prices) -> IntArray:
    problem, required = prices.problem, prices.required
    terms = np.zeros((4, problem.n), dtype=np.int64)
    if problem.travel_dm is not None:  # a straight line to oneself costs nothing
        own = problem.travel_dm.diagonal() * problem.weights
        terms[OWN] = np.floor(own + 0.5).astype(np.int64)
    terms[HOME] = np.where(required != ANY, required, problem.previous)
    if prices.has_labels:
        everyone = np.arange(problem.n)
        terms[LEAVE] = prices.label_costs(everyone, np.array([NONE]))[:, 0]
        is_away = (problem.previous != NONE) & (problem.previous != terms[HOME])
        terms[STAY] = problem.mover_price * is_away
        who, label = problem.forbidden.T
        terms[STAY, who[label == terms[HOME, who]]] = BIG
    terms[STAY, terms[HOME] == NONE] = BIG
    terms[[OWN, LEAVE, STAY]] *= DUAL_SCALE
    return terms


def _nearest(prices: Prices, width: int) -> tuple[Positions, IntArray]:
    """Nearest members of each medoid by rising cost, some medoids at a time."""
    n = prices.problem.n
    everyone = np.arange(n)
    near = np.empty((n, width), dtype=np.int32)
    found = np.empty((n, width), dtype=np.int64)
    step = max(1, CELLS_AT_ONCE // n)
    for first in range(0, n, step):
        medoids = everyone[first : first + step]
        keys = np.ascontiguousarray(prices.member_costs(everyone, medoids).T) * n
        keys += everyone  # ties go by position on every machine
        keys[np.arange(len(medoids)), medoids] = np.iinfo(np.int64).max
        if width < n - 1:
            keys = np.partition(keys, width, axis=1)[:, :width]
        keys.sort(axis=1)
        part = slice(first, first + len(medoids))
        found[part], near[part] = np.divmod(keys[:, :width], n)
    found *= DUAL_SCALE
    return near, found


class Scratch(NamedTuple):
    """Room for the entries of one medoid; nothing in it outlives a call.

    Attributes
    ----------
    entries
        Values and members kept for a new grid, and for a grid of some label, rising,
        shape (4, most).
    found
        Stamp of the last look at each enterprise; who would do better under the home
        label, and at what value; shape (3, n).
    marks
        Stamp of the last look at each label; the last is the stamp in force, shape
        (n_labels + 1,).
    savings
        Most that a grid of each label may save beside a new one; the last is nobody's;
        shape (n_labels + 1,).
    """

    entries: IntArray
    found: IntArray
    marks: IntArray
    savings: IntArray


def scratch_of(costs: Costs, n_labels: int) -> Scratch:
    """Make room for one thread."""
    return Scratch(
        entries=np.zeros((4, max(costs.band[1], 1)), dtype=np.int64),
        found=np.zeros((3, len(costs.sizes)), dtype=np.int64),
        marks=np.zeros(n_labels + 1, dtype=np.int64),
        savings=np.zeros(n_labels + 1, dtype=np.int64),
    )
