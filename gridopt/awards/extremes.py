"""How low and how high a bill can be, whatever the results."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gridopt.awards.rounding import IntArray

Price = Callable[[IntArray], IntArray]
PERIOD = 200
"""After so many people every rule has given each star exactly its share: 100, twice
for the even and odd of `half_even`."""
EXACT_MOST = 20_000
"""Most people in one group for which `bound_sum` tries every way to share them."""


def bound_bills(
    price: Price, low: IntArray, high: IntArray, dearest: Price | None = None
) -> tuple[IntArray, IntArray]:
    """Return the least and the largest bill of each pool by itself.

    Parameters
    ----------
    price
        Yuan of q people, shape in and out the same, with price(q + `PERIOD`) never
        below price(q).
    low, high
        Fewest and most people of each pool, shape (n,).
    dearest
        Most yuan of q people, where `price` is the least of several; else the same.

    Examples
    --------
    >>> bound_bills(lambda q: 1000 * q, np.array([16]), np.array([20]))
    (array([16000]), array([20000]))
    """
    # not price(low) and price(high): with odd shares and prizes a largest-remainder
    # bill may fall from one person to the next, never over a whole period
    steps = np.arange(PERIOD)
    from_low = np.minimum(low[:, np.newaxis] + steps, high[:, np.newaxis])
    from_high = np.maximum(high[:, np.newaxis] - steps, low[:, np.newaxis])
    return price(from_low).min(axis=1), (dearest or price)(from_high).max(axis=1)


def bound_sum(
    price: Price,
    sizes: IntArray,
    low: int,
    high: int,
    dearest: Price | None = None,
) -> tuple[int, int]:
    """Return the least and the largest bill of several pools that share one floor.

    Parameters
    ----------
    price, dearest
        Yuan of q people, as in `bound_bills`.
    sizes
        People of each pool, shape (n,).
    low, high
        Fewest and most rewarded people of all pools together.

    Returns
    -------
    tuple of int
        Extremes of the sum of price(q_i) over all 0 <= q_i <= sizes_i with
        low <= sum of q_i <= high. Above `EXACT_MOST` people they are not tried one
        by one but taken from the rule's largest deviation from its mean price: still
        true, wider by about a thousand yuan a pool.

    Examples
    --------
    >>> bound_sum(lambda q: q * q, np.array([2, 2]), 2, 2)
    (2, 4)
    """
    dearest = dearest or price
    if sizes.sum() > EXACT_MOST:
        # two periods: a share capped by the few people of a small pool stands only
        # in the first
        people = np.arange(2 * PERIOD)
        mean, n_pools = int(price(people)[PERIOD]), sizes.size
        below, above = (PERIOD * p(people) - people * mean for p in (price, dearest))
        least = low * mean + n_pools * int(below.min())
        most = high * mean + n_pools * int(above.max())
        return -(-least // PERIOD), most // PERIOD
    low_sums = high_sums = np.zeros(1, dtype=np.int64)
    for size in sizes:
        people = np.arange(size + 1)
        low_sums = -_largest_sums(-low_sums, -price(people))
        high_sums = _largest_sums(high_sums, dearest(people))
    return int(low_sums[low : high + 1].min()), int(high_sums[low : high + 1].max())


def _largest_sums(sums: IntArray, bill: IntArray) -> IntArray:
    # (max, +) convolution: best[t] = largest sums[t - people] + bill[people]
    n_totals = sums.size + bill.size - 1
    best = np.full(n_totals, np.iinfo(np.int64).min, dtype=np.int64)
    for people, yuan in enumerate(bill):
        part = best[people : people + sums.size]
        np.maximum(part, sums + yuan, out=part)
    return best
