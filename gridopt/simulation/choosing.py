"""Who is among the best of a place: thresholds on sorted scores, and ties on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

    from gridopt.awards.rounding import IntArray
    from gridopt.simulation.members import Level
    from gridopt.simulation.normals import FloatArray

BoolArray = npt.NDArray[np.bool_]


class Ranked(NamedTuple):
    """Scores, and the same sorted within each place.

    Attributes
    ----------
    scores, rising
        Shape (n_replications, n).
    level
        Which rows lie in one place.
    """

    scores: FloatArray
    rising: FloatArray
    level: Level


@dataclass(frozen=True)
class Ties:
    """Who goes first among equal scores.

    Attributes
    ----------
    rule
        `key`, `lift`, `drop` or `lottery`.
    favour
        From numbers of replications (positions in the stretch), shape (k,), to how
        much each person is favoured in them, shape (1 or k, n), no two alike.
    """

    rule: str
    favour: Callable[[IntArray], FloatArray]


def rank(scores: FloatArray, level: Level) -> Ranked:
    """Sort scores within each place.

    Examples
    --------
    >>> from gridopt.simulation.members import Level
    >>> level = Level(np.array([0, 0, 1]), np.array([0, 2]))
    >>> rank(np.array([[3.0, 1.0, 2.0]]), level).rising.tolist()
    [[1.0, 3.0, 2.0]]
    """
    # whole sorts: choosing parts of an array is slower than sorting it
    rising = scores.copy()
    for start, stop in zip(level.starts.tolist(), level.stops.tolist(), strict=True):
        rising[:, start:stop].sort(axis=1)
    return Ranked(scores, rising, level)


def choose_best(
    ranked: Ranked, counts: IntArray, limits: IntArray, ties: Ties
) -> tuple[BoolArray, IntArray]:
    """Choose the people with the highest scores of each place.

    Parameters
    ----------
    ranked
        Scores, finite, or minus infinity where somebody cannot be chosen.
    counts
        How many to choose, shape (n_replications, n_places).
    limits
        How many can be chosen at most, of the same shape or one for all: a count of
        0 or of this many is no boundary.
    ties
        Who goes first where the last chosen and the next have equal scores.

    Returns
    -------
    tuple
        Whether each person is chosen, shape (n_replications, n); where a place is at
        its limit this may take in people who are equal to the last but cannot be
        chosen. And how many boundaries were tied, shape (n_replications,).

    Examples
    --------
    >>> from gridopt.simulation.members import Level
    >>> level = Level(np.zeros(3, int), np.zeros(1, int))
    >>> ranked = rank(np.array([[3.0, 1.0, 3.0]]), level)
    >>> ties = Ties("key", lambda _: np.array([[3.0, 2.0, 1.0]]))
    >>> choose_best(ranked, np.array([[1]]), np.array([[3]]), ties)[0].tolist()
    [[True, False, False]]
    """
    scores, rising, level = ranked
    places = level.stops - counts
    last = np.take_along_axis(rising, np.minimum(places, scores.shape[1] - 1), axis=1)
    after = np.take_along_axis(rising, np.maximum(places - 1, 0), axis=1)
    last[counts == 0] = np.inf
    is_tied = (last == after) & (counts > 0) & (counts < limits)
    chosen = scores >= np.repeat(last, level.sizes, axis=1)
    rows = np.flatnonzero(is_tied.any(axis=1))
    if rows.size and ties.rule != "lift":
        tied = Ranked(scores[rows], rising[rows], level)
        chosen[rows] = _resolve(
            tied, last[rows], counts[rows], is_tied[rows], ties, ties.favour(rows)
        )
    return chosen, is_tied.sum(axis=1)


def count_places(chosen: BoolArray, level: Level) -> IntArray:
    """Count the chosen of each place, shape (n_replications, n_places).

    Examples
    --------
    >>> from gridopt.simulation.members import Level
    >>> level = Level(np.array([0, 0, 1]), np.array([0, 2]))
    >>> count_places(np.array([[True, True, False]]), level).tolist()
    [[2, 0]]
    """
    return np.add.reduceat(chosen, level.starts, axis=1, dtype=np.int64)


def _resolve(
    ranked: Ranked,
    last: FloatArray,
    counts: IntArray,
    is_tied: BoolArray,
    ties: Ties,
    favour: FloatArray,
) -> BoolArray:
    """Choose above the last score, and among its equals as the rule says."""
    scores, _, level = ranked
    last = np.repeat(last, level.sizes, axis=1)
    is_above, is_equal = scores > last, scores == last
    if ties.rule == "drop":
        return is_above | (is_equal & ~np.repeat(is_tied, level.sizes, axis=1))
    # favours differ, so that this choice has no ties of its own
    favoured = rank(np.where(is_equal, favour, -np.inf), level)
    wanted = counts - count_places(is_above, level)
    return is_above | choose_best(favoured, wanted, wanted, ties)[0]


def spread_percentiles(scores: FloatArray, level: Level) -> FloatArray:
    """Return (2 x people below + people equal) / 2m within each place.

    Equal fractions are equal numbers, whatever m: they are whole numbers divided
    once.

    Examples
    --------
    >>> from gridopt.simulation.members import Level
    >>> level = Level(np.zeros(4, int), np.zeros(1, int))
    >>> spread_percentiles(np.array([[5.0, 7.0, 7.0, 9.0]]), level).tolist()
    [[0.125, 0.5, 0.5, 0.875]]
    """
    found = np.empty(scores.shape)
    for start, stop in zip(level.starts.tolist(), level.stops.tolist(), strict=True):
        part = scores[:, start:stop]
        order = np.argsort(part, axis=1)
        rising = np.take_along_axis(part, order, axis=1)
        is_new = np.diff(rising, axis=1, prepend=-np.inf) > 0
        place = np.arange(stop - start)
        below = np.maximum.accumulate(np.where(is_new, place, 0), axis=1)
        is_last = np.roll(is_new, -1, axis=1)  # the first is new, so the last is last
        ends = np.where(is_last, place + 1, stop - start)[:, ::-1]
        up_to = np.minimum.accumulate(ends, axis=1)[:, ::-1]
        fractions = (below + up_to) / (2 * (stop - start))
        np.put_along_axis(found[:, start:stop], order, fractions, axis=1)
    return found


def centre_scores(scores: FloatArray, level: Level) -> FloatArray:
    """Return scores less their place's mean, over its standard deviation (0: 0).

    Examples
    --------
    >>> from gridopt.simulation.members import Level
    >>> level = Level(np.array([0, 0, 1]), np.array([0, 2]))
    >>> centre_scores(np.array([[1.0, 3.0, 9.0]]), level).tolist()
    [[-1.0, 1.0, 0.0]]
    """
    found = scores.astype(np.float64)
    for start, stop in zip(level.starts.tolist(), level.stops.tolist(), strict=True):
        part = found[:, start:stop]
        part -= part.mean(axis=1, keepdims=True)
        deviation = np.sqrt((part * part).mean(axis=1, keepdims=True))
        is_spread = np.ptp(scores[:, start:stop], axis=1, keepdims=True) > 0
        part[...] = np.where(is_spread, part / np.where(is_spread, deviation, 1), 0)
    return found
