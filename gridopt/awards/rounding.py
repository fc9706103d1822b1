"""How whole people and whole yuan are shared out: integers in, integers out."""

from __future__ import annotations

from collections.abc import Callable
from math import gcd

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
Stars = tuple[IntArray, IntArray, IntArray]
Quotient = Callable[[IntArray, int], IntArray]
MOST = 100_000_000
"""Largest number of people that is counted: their yuan stay inside int64."""


def whole(values: npt.ArrayLike, most: int = MOST) -> IntArray:
    """Return values as int64 counts; refuse anything that is not a whole number.

    Parameters
    ----------
    values
        Integers, any shape.
    most
        Largest number accepted; the least is 0.

    Raises
    ------
    TypeError
        Where a value is a float, a text or a truth value, even a whole one.
    ValueError
        Where a value is negative or above `most`.

    Examples
    --------
    >>> whole([7, 20]).dtype.name
    'int64'
    """
    found = np.asarray(values)
    if found.size and found.dtype.kind not in "iu":
        message = f"Counts must be whole numbers, not {found.dtype}: {values!r:.60}."
        raise TypeError(message)
    if found.size and (found.min() < 0 or found.max() > most):
        worst = found.min() if found.min() < 0 else found.max()
        raise ValueError(f"Counts must lie between 0 and {most}; found {worst}.")
    return found.astype(np.int64)


def half_up(over: IntArray, under: int) -> IntArray:
    """Round the fraction over / under half up: floor((2a + b) / 2b).

    Examples
    --------
    >>> int(half_up(whole(5), 10)), int(half_up(whole(14), 10))
    (1, 1)
    """
    return (2 * over + under) // (2 * under)


def sum_by(codes: IntArray, numbers: IntArray) -> IntArray:
    """Sum numbers by the code 0, 1, … of their group, integers throughout.

    Examples
    --------
    >>> sum_by(np.array([0, 1, 1]), np.array([5, 6, 7])).tolist()
    [5, 13]
    """
    # bincount with weights would pass through floats
    sums = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(sums, codes, numbers)
    return sums


def share_out(total: int, weights: npt.ArrayLike) -> IntArray:
    """Share a whole total in proportion to weights, by largest remainder.

    Parameters
    ----------
    total
        Whole number to share, 0 or more.
    weights
        Whole weights, shape (n,); equal remainders go to the earlier one.

    Returns
    -------
    IntArray
        Shares, shape (n,), whose sum is `total`; none exceeds its weight where the
        total does not exceed the sum of the weights.

    Raises
    ------
    ValueError
        Where there is something to share and all weights are 0, or a negative total.

    Examples
    --------
    >>> share_out(10, [1, 1, 1]).tolist()
    [4, 3, 3]
    """
    # people, or what they are worth: any 64-bit number
    wanted = whole(weights, 2**62)
    if not total:
        return np.zeros_like(wanted)
    if total < 0 or not wanted.sum():
        raise ValueError(f"Cannot share {total} over weights that sum to {sum(wanted)}")
    # as Python integers: yuan times people may pass int64
    exact, total_weight = total * wanted.astype(object), int(wanted.sum())
    shares = (exact // total_weight).astype(np.int64)
    rest = (exact % total_weight).astype(np.int64)
    first = np.argsort(-rest, kind="stable")[: total - int(shares.sum())]
    shares[first] += 1
    return shares


def check_shares(shares: tuple[int, ...]) -> None:
    """Refuse star shares that are not three whole per cents summing to 100 (F6).

    Examples
    --------
    >>> check_shares((60, 30, 10))
    """
    if len(shares) != 3 or min(shares) < 0 or sum(shares) != 100:
        found = "、".join(str(share) for share in shares)
        raise ValueError(
            f"三个星级的比例须为整数百分数，合计100；现为{found}，"
            f"合计{sum(shares)}。 / "
            "The shares of the three stars must be whole per cents that sum to 100; "
            f"found {', '.join(map(str, shares))}, which sum to {sum(shares)}."
        )


def count_draws(shares: tuple[int, int, int]) -> int:
    """Return how many draws j of the rule `random` there are: 10, or 100 (B).

    Examples
    --------
    >>> count_draws((60, 30, 10)), count_draws((55, 30, 15))
    (10, 100)
    """
    return 10 if all(share % 10 == 0 for share in shares) else 100


def count_stars(
    qualified: npt.ArrayLike,
    rounding: str,
    shares: tuple[int, int, int] = (60, 30, 10),
    draw: npt.ArrayLike | None = None,
) -> Stars:
    """Count the one-, two- and three-star people among the qualified (F6, F7).

    The rules are those of choice B, "the shares of a number that does not divide".

    Parameters
    ----------
    qualified
        Qualified people per pool, whole numbers, any shape.
    rounding
        One of `ROUNDINGS`.
    shares
        Per cent of one, two and three stars, summing to 100.
    draw
        For `random` only: j from 0 to `count_draws(shares)` - 1, one per pool or
        one for all.

    Returns
    -------
    tuple of IntArray
        One-, two- and three-star people, each in the shape of `qualified`; they sum
        to it, but under `floor_unfilled`, where some get nothing.

    Raises
    ------
    TypeError, ValueError
        Where a count is not a whole number, the rule is unknown, shares do not sum
        to 100, or a draw is missing, out of range or not wanted.

    Examples
    --------
    >>> [int(n) for n in count_stars(6, "cum_half_up")]
    [4, 1, 1]
    """
    check_shares(shares)
    people = whole(qualified)
    if (draw is not None) != (rounding == "random"):
        raise ValueError("A draw j goes with the rule random, and only with it.")
    if draw is not None:
        return _random(people, shares, draw)
    if rounding not in ROUNDINGS:
        raise ValueError(f"Unknown rule {rounding!r}; use one of {ROUNDINGS}.")
    if rounding in _SEPARATE:
        return _separate(people, shares, _SEPARATE[rounding])
    if rounding in _CUMULATIVE:
        return _cumulative(people, shares, _CUMULATIVE[rounding])
    if rounding in _DIVISORS:
        return _divide(people, shares, *_DIVISORS[rounding])
    if rounding == "floor_unfilled":
        one, two, three = (share * people // 100 for share in shares)
        return one, two, three
    return _largest_remainder(people, shares, rounding.endswith("_low"))


def _floor(over: IntArray, under: int) -> IntArray:
    return over // under


def _ceil(over: IntArray, under: int) -> IntArray:
    return -(-over // under)


def _half_even(over: IntArray, under: int) -> IntArray:
    low, rest = np.divmod(over, under)
    is_up = (2 * rest > under) | ((2 * rest == under) & (low % 2 == 1))
    return low + is_up


_SEPARATE: dict[str, Quotient] = {
    "floor_low": _floor,
    "half_up": half_up,
    "half_even": _half_even,
    "ceil_top": _ceil,
}
_CUMULATIVE: dict[str, Quotient] = {
    "cum_floor": _floor,
    "cum_half_up": half_up,
    "cum_ceil": _ceil,
}
# d(n) = slope * n + start
_DIVISORS = {"webster": (2, 1), "dhondt": (1, 1), "adams": (1, 0)}
ROUNDINGS = (
    *("floor_unfilled", *_SEPARATE, *_CUMULATIVE, *_DIVISORS),
    *("largest_remainder_low", "largest_remainder_high", "random"),
)
"""Rules of choice B that `count_stars` knows."""


def _separate(people: IntArray, shares: tuple[int, ...], rule: Quotient) -> Stars:
    three = np.minimum(people, rule(shares[2] * people, 100))
    two = np.minimum(people - three, rule(shares[1] * people, 100))
    return people - two - three, two, three


def _cumulative(people: IntArray, shares: tuple[int, ...], rule: Quotient) -> Stars:
    three = rule(shares[2] * people, 100)
    two_up = rule((shares[1] + shares[2]) * people, 100)
    return people - two_up, two_up - three, three


def _random(
    people: IntArray, shares: tuple[int, int, int], draw: npt.ArrayLike
) -> Stars:
    n_draws = count_draws(shares)
    drawn = whole(draw)
    if drawn.size and drawn.max() >= n_draws:
        raise ValueError(f"Draws j lie between 0 and {n_draws - 1}; {drawn.max()}.")
    # one draw for both boundaries: floor(share * q + u) with u = j / n_draws
    lift = drawn * (100 // n_draws)
    return _cumulative(people, shares, lambda over, under: (over + lift) // under)


def _largest_remainder(
    people: IntArray, shares: tuple[int, ...], is_low: bool
) -> Stars:
    counts, rest = np.divmod(np.multiply.outer(np.array(shares), people), 100)
    # remainders first, the star only where two are equal
    preference = np.array([2, 1, 0] if is_low else [0, 1, 2])
    rank = 3 * rest + preference.reshape((3,) + (1,) * people.ndim)
    place = (rank[np.newaxis] > rank[:, np.newaxis]).sum(axis=1)
    one, two, three = counts + (place < people - counts.sum(axis=0))
    return one, two, three


def _divide(people: IntArray, shares: tuple[int, ...], slope: int, start: int) -> Stars:
    # with d(n) = slope * n + start the seats repeat: after 100 / gcd people every
    # star has exactly its share, and adding shares shifts no comparison
    divisor = gcd(*shares)
    seats = _first_seats(shares, 100 // divisor, slope, start)
    rounds, rest = np.divmod(people, 100 // divisor)
    one, two, three = (
        share // divisor * rounds + seat[rest]
        for share, seat in zip(shares, seats, strict=True)
    )
    return one, two, three


def _first_seats(
    shares: tuple[int, ...], n_people: int, slope: int, start: int
) -> IntArray:
    seats = np.zeros((3, n_people), dtype=np.int64)
    counts = [0, 0, 0]
    for person in range(n_people):
        seats[:, person] = counts
        best, *others = [star for star in range(3) if shares[star]]
        for star in others:
            # cross-multiplied w / d(n): 0 in the denominator needs no infinity
            mine = shares[star] * (slope * counts[best] + start)
            if mine > shares[best] * (slope * counts[star] + start):
                best = star
        counts[best] += 1
    return seats
