"""How scores of different units are made comparable, exactly (choice H)."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridopt.awards.rounding import IntArray

    Standing = Callable[[IntArray, IntArray], list[Fraction]]


def compare_scores(scores: IntArray, unit: IntArray, way: str) -> IntArray:
    """Rank scores across units: a higher number is better, equal ones are ties.

    Parameters
    ----------
    scores
        Whole scores, shape (n,).
    unit
        Number of the unit of each member, from 0, shape (n,).
    way
        `raw`: the score as given. `centred`: (x - mean) / sd of the unit, population
        standard deviation, 0 where all are equal. `percentile`: (2 x people below +
        people equal) / 2m of the unit's m members.

    Returns
    -------
    IntArray
        Ranks from 0 without gaps, shape (n,). No fraction is ever rounded.

    Raises
    ------
    ValueError
        Where the way is unknown.

    Examples
    --------
    >>> scores, unit = np.array([70, 80, 90, 95]), np.array([0, 0, 1, 1])
    >>> compare_scores(scores, unit, "percentile").tolist()
    [0, 1, 0, 1]
    >>> compare_scores(scores, unit, "raw").tolist()
    [0, 1, 2, 3]
    """
    if way == "raw":
        return _rank(scores)
    if way not in _WAYS:
        raise ValueError(f"Unknown way {way!r}; use raw, centred or percentile.")
    pairs, place, n_people = np.unique(
        np.column_stack([unit, scores]), axis=0, return_inverse=True, return_counts=True
    )
    standings = np.empty(len(pairs), dtype=object)
    starts = np.searchsorted(pairs[:, 0], np.arange(int(unit.max(initial=-1)) + 2))
    for start, stop in zip(starts, starts[1:], strict=False):
        mine = slice(start, stop)
        standings[mine] = _WAYS[way](pairs[mine, 1], n_people[mine])
    return _rank(standings)[place.reshape(-1)]


def _rank(values: np.ndarray) -> IntArray:
    ranks: IntArray = np.unique(values, return_inverse=True)[1].reshape(-1)
    return ranks.astype(np.int64)


def _percentiles(scores: IntArray, n_people: IntArray) -> list[Fraction]:
    # the scores of a unit come in rising order
    below = np.cumsum(n_people) - n_people
    twice, n_members = 2 * below + n_people, 2 * int(n_people.sum())
    return [Fraction(int(count), n_members) for count in twice]


def _centred(scores: IntArray, n_people: IntArray) -> list[Fraction]:
    """Square each standing and keep its sign: the order is that of x - mean over sd."""
    told = [(int(x), int(n)) for x, n in zip(scores, n_people, strict=True)]
    m = sum(n for _, n in told)
    total = sum(n * x for x, n in told)
    spread = m * sum(n * x * x for x, n in told) - total * total
    if not spread:
        return [Fraction(0)] * len(told)
    apart = [m * x - total for x, _ in told]
    return [Fraction(far * abs(far), spread) for far in apart]


_WAYS: dict[str, Standing] = {"percentile": _percentiles, "centred": _centred}
