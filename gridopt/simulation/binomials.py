"""How many of a group pass: binomial counts from one uniform draw, and their mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.simulation.normals import FloatArray, normal_quantile, normal_tail

if TYPE_CHECKING:
    from gridopt.awards.rounding import IntArray

FEW = 20.0
"""Below this mean of the rarer outcome, chances are added up one by one."""
_MOST_FEW = 120
"""A count whose mean is at most `FEW` passes this with a chance below 1e-45."""
_ROUNDING = 1e-14
"""What sums of chances may miss: a level is reached where no more is left."""
_STILL_ON = 0.5
_NODES_PER_SD = 5
_WINDOW_SD = 9.0
_NODES = 64


def invert_binomial(
    members: npt.ArrayLike, latent: FloatArray, chance: FloatArray
) -> IntArray:
    """Return how many pass, at a given level of chance, exactly one draw per group.

    Parameters
    ----------
    members
        Members of each group, 0 or more, a shape that broadcasts with `latent`.
    latent
        z such that each member passes with chance Phi(z), any shape.
    chance
        Level of chance, above 0 and below 1, shape of `latent`.

    Returns
    -------
    IntArray
        The smallest k with P(Bin(m, Phi(z)) <= k) >= chance, shape of `latent`: it
        never falls where the chance, or z, rises. Where the rarer outcome is
        expected `FEW` times or more, k is the next whole number above the
        Cornish-Fisher expansion to the fourth order, with Sheppard's correction for
        whole numbers: the chances of all k are then right to 1e-5, and their mean to
        1e-8.

    References
    ----------
    Cornish and Fisher (1938), Moments and cumulants in the specification of
    distributions; Kolassa and McCullagh (1990), Edgeworth series for lattice
    distributions.

    Examples
    --------
    >>> latent, chance = np.zeros(3), np.array([0.01, 0.5, 0.99])
    >>> invert_binomial(20, latent, chance).tolist()
    [5, 10, 15]
    """
    rare = normal_tail(np.abs(latent))
    # failures are rarer where z is positive; few of them means a high level of chance
    is_failure = latent > 0
    level = np.where(is_failure, 1 - chance, chance)
    size = np.empty(latent.shape)
    size[...] = members
    is_few = size * rare < FEW
    counts: FloatArray = np.empty(latent.size)
    for mask, invert in ((is_few, _add_up), (~is_few, _expand)):
        places = np.flatnonzero(mask)
        counts[places] = invert(*(x.ravel()[places] for x in (size, rare, level)))
    counts = counts.reshape(latent.shape)
    # rounding may let a level next to 1 ask for one more than there are
    np.clip(counts, 0, size, out=counts)
    np.subtract(size, counts, out=counts, where=is_failure)
    return counts.astype(np.int64)


def expect_value(values: npt.ArrayLike, latent: FloatArray) -> FloatArray:
    """Return the expected value of a number of passes, given what all share.

    Parameters
    ----------
    values
        Value of 0, 1, ..., m passes, shape (m + 1,).
    latent
        z such that each of the m members passes with chance Phi(z), any shape.

    Returns
    -------
    FloatArray
        Sum of values[k] P(Bin(m, Phi(z)) = k), shape of `latent`: exact at nodes a
        fifth of a standard deviation apart or closer, cubic between them.

    Examples
    --------
    >>> expect_value([0.0, 1.0, 2.0], np.array([0.0])).round(9).tolist()
    [1.0]
    """
    values = np.asarray(values, dtype=np.float64)
    # the count's standard deviation, measured in z, is least at z = 0
    step = np.sqrt(np.pi / 2 / max(values.size - 1, 1)) / _NODES_PER_SD
    place = np.clip(latent, -9, 9) / step
    node = np.floor(place)
    first = int(node.min()) - 1
    known = _values_at_nodes(values, step, first, int(node.max()) + 2)
    rest = place - node
    at = node.astype(np.int64) - first
    weights = (
        rest * (1 - rest) * (rest - 2) / 6,
        (1 - rest * rest) * (2 - rest) / 2,
        rest * (1 + rest) * (2 - rest) / 2,
        rest * (rest * rest - 1) / 6,
    )
    parts = (w * known[at + k] for k, w in enumerate(weights, start=-1))
    return np.asarray(sum(parts, start=np.zeros(())))


def _add_up(members: FloatArray, rare: FloatArray, level: FloatArray) -> FloatArray:
    """Add up the chances of 0, 1, 2, ... until the level is reached."""
    reached, places = np.zeros(members.size), np.arange(members.size)
    count, odds = np.zeros(members.size, dtype=np.uint8), rare / (1 - rare)
    mass = np.exp(members * np.log1p(-rare))
    state = np.stack([level - mass, mass, odds, odds * (members + 1)])
    for k in range(1, _MOST_FEW):
        is_on = state[0] > _ROUNDING
        if np.count_nonzero(is_on) < _STILL_ON * places.size:
            # those who are done need no further step
            reached[places] = count
            on = np.flatnonzero(is_on)
            state, places, count = state[:, on], places[on], count[on]
            is_on = is_on[on]
        if not places.size:
            break
        count += is_on.view(np.uint8)
        left, mass, odds, whole = state
        # P(k) = P(k - 1) (m + 1 - k) / k x odds
        step = whole * (1 / k)
        step -= odds
        mass *= step
        left -= mass
    reached[places] = count
    return reached


def _expand(members: FloatArray, rare: FloatArray, level: FloatArray) -> FloatArray:
    """Expand the quantile around the normal one and take the whole number above."""
    product = rare * (1 - rare)
    exact = members * product
    # the smooth distribution whose values round to the counts
    variance = exact - 1 / 12
    deviation = np.sqrt(variance)
    lean = 1 - 2 * rare
    skew = exact * lean
    g3 = skew * (1 - 12 * product)
    skew /= variance * deviation
    g3 /= variance * variance * deviation
    g2 = (exact * (1 - 6 * product) + 1 / 120) / (variance * variance)
    square = skew * skew
    z = normal_quantile(level)
    z2 = z * z
    odd = g2 / 24 - square / 18
    linear = g2 / -8 + square * (5 / 36) + 1
    even = g3 / 120 + skew * (square / 27 - g2 / 24)
    middle = skew / 6 - g3 / 20 + skew * (g2 * (5 / 24) - square * (53 / 324))
    rest = g3 / 40 - skew / 6 + skew * (square * (17 / 324) - g2 / 12)
    beyond = (odd * z2 + linear) * z + (even * z2 + middle) * z2 + rest
    return np.ceil(members * rare - 0.5 + deviation * beyond)


def _values_at_nodes(
    values: FloatArray, step: float, first: int, last: int
) -> FloatArray:
    groups = range(first // _NODES, last // _NODES + 1)
    known = [_values_of_group(values, step * _NODES * g, step) for g in groups]
    start = first - _NODES * groups.start
    return np.concatenate(known)[start : start + last - first + 1]


def _values_of_group(values: FloatArray, start: float, step: float) -> FloatArray:
    """Sum over the counts that some node of the group can reach, shape (nodes,)."""
    latent = start + step * np.arange(_NODES)
    tail = normal_tail(np.abs(latent))
    passes = np.where(latent < 0, tail, 1 - tail)
    m = values.size - 1
    reach = _WINDOW_SD * (np.sqrt(m * tail * (1 - tail)) + 2)
    low = max(0, int((m * passes - reach).min()))
    high = min(m, int((m * passes + reach).max()) + 1)
    k = np.arange(low, high + 1, dtype=np.float64)[:, np.newaxis]
    fails = np.where(latent < 0, 1 - tail, tail)
    log_mass = k * np.log(passes) + (m - k) * np.log(fails)
    mass = np.exp(log_mass + _log_ways(m)[low : high + 1, np.newaxis])
    return (mass * values[low : high + 1, np.newaxis]).sum(axis=0)


def _log_ways(m: int) -> FloatArray:
    """Logarithms of the ways to choose 0, ..., m of m."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, m + 1)))])
    return logs[-1] - logs - logs[::-1]
