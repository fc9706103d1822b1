"""How likely each number of passes is: exact chances of sums of independent members."""

from __future__ import annotations

import heapq
from functools import cache
from math import ceil, erfc, sqrt
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable

FloatArray = npt.NDArray[np.float64]

BLOCK = 128
"""Most members that are added one after another; more are halved first."""
DIRECT = 24
"""Below this many points sums are taken product by product, above by Fourier."""
MOST_NODES = 100
"""Most Gauss-Hermite nodes; numpy computes no more of them reliably."""
MASS_ERROR = 1e-9
"""Largest miss of the total chance that is still rounding."""
_SURE = 800.0
"""Log odds that are certainty: exp(-800) is 0 in 64 bits."""
_LOWEST = -100.0
"""Logarithm of the least chance that counts beside the largest, 4e-44."""
_NEIGHBOURS = 32
"""So many neighbouring cases have windows that mostly overlap."""
_erfc = np.frompyfunc(erfc, 1, 1)


def split_chance(latent: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the chances that a standard normal draw lies below and above a value.

    Both come from their own tail, so that neither is 1 minus a rounded number.

    Parameters
    ----------
    latent
        Values, any shape; infinite ones are allowed.

    Examples
    --------
    >>> below, above = split_chance([0.0, np.inf])
    >>> below.tolist(), above.tolist()
    ([0.5, 1.0], [0.5, 0.0])
    """
    scaled = np.asarray(latent, dtype=np.float64) / sqrt(2)
    below = 0.5 * np.asarray(_erfc(-scaled), dtype=np.float64)
    return below, 0.5 * np.asarray(_erfc(scaled), dtype=np.float64)


@cache
def gauss_hermite(n_nodes: int) -> tuple[FloatArray, FloatArray]:
    """Return points and weights that average a function over a standard normal draw.

    Parameters
    ----------
    n_nodes
        1 to `MOST_NODES`; exact for polynomials up to degree 2 n_nodes - 1.

    Returns
    -------
    tuple of FloatArray
        Points, rising, and weights, which sum to 1; each of shape (n_nodes,) and
        read-only.

    Raises
    ------
    ValueError
        Where the number lies outside its range.

    Examples
    --------
    >>> points, weights = gauss_hermite(5)
    >>> round(float(weights @ points**4), 12)
    3.0
    """
    if not 1 <= n_nodes <= MOST_NODES:
        raise ValueError(f"Nodes lie between 1 and {MOST_NODES}; {n_nodes!r}.")
    points, weights = np.polynomial.hermite_e.hermegauss(n_nodes)
    weights /= weights.sum()
    for array in (points, weights):
        array.flags.writeable = False
    return points, weights


def settle_mass(chance: FloatArray) -> FloatArray:
    """Refuse chances that do not sum to 1, then clear rounding below zero.

    Parameters
    ----------
    chance
        Chances along the last axis, any other axes before it.

    Raises
    ------
    ArithmeticError
        Where a row misses 1, or an entry lies below 0, by more than rounding.

    Examples
    --------
    >>> settle_mass(np.array([0.5, -1e-17, 0.5])).tolist()
    [0.5, 0.0, 0.5]
    """
    mass = chance.sum(axis=-1, keepdims=True)
    miss = float(np.abs(mass - 1).max(initial=0))
    least = float(chance.min(initial=0))
    # only now: clipped negatives would hide a sum gone wrong
    if not (miss <= MASS_ERROR and least >= -MASS_ERROR):
        raise ArithmeticError(f"Chances miss 1 by {miss:.1e}; the least is {least:.1e}")
    clipped = np.maximum(chance, 0)
    return clipped / clipped.sum(axis=-1, keepdims=True)


def binomial(
    n_members: int, chance: npt.ArrayLike, miss: npt.ArrayLike | None = None
) -> FloatArray:
    """Return the chances of 0 … n passes of members with equal chances.

    Parameters
    ----------
    n_members
        Members, 0 or more.
    chance
        Chance of one member to pass, 0 to 1, any shape.
    miss
        Chance not to pass, where known better than as 1 - `chance`.

    Returns
    -------
    FloatArray
        One more axis than `chance`, of length n_members + 1.

    Examples
    --------
    >>> binomial(2, 0.5).tolist()
    [0.25, 0.5, 0.25]
    """
    passing = np.atleast_1d(np.asarray(chance, dtype=np.float64))
    failing = 1 - passing if miss is None else np.atleast_1d(np.asarray(miss))
    low, window = _window(_ratios(n_members), passing.ravel(), failing.ravel())
    found = np.zeros((passing.size, n_members + 1))
    np.put_along_axis(found, low[:, None] + np.arange(window.shape[1]), window, 1)
    return found.reshape(*np.shape(chance), n_members + 1)


def mix_binomials(
    weights: FloatArray, n_members: int, chance: FloatArray, miss: FloatArray
) -> FloatArray:
    """Return weighted averages of the binomial chances of several cases.

    Parameters
    ----------
    weights
        Weight of each case in each average, shape (n_averages, n_cases).
    n_members
        Members, 0 or more.
    chance, miss
        Chance of one member to pass and not to pass in each case, shape (n_cases,);
        quickest where they rise or fall from case to case.

    Returns
    -------
    FloatArray
        Shape (n_averages, n_members + 1).

    Examples
    --------
    >>> half = np.array([0.5, 0.5])
    >>> mix_binomials(half[None], 1, np.array([0.2, 0.4]), np.array([0.8, 0.6]))
    array([[0.7, 0.3]])
    """
    mixed = np.zeros((len(weights), n_members + 1))
    ratios, is_cut = _ratios(n_members), _width(n_members) <= n_members
    n_at_once = _NEIGHBOURS if is_cut else max(1, 2**20 // (n_members + 1))
    for first in range(0, chance.size, n_at_once):
        cases = slice(first, first + n_at_once)
        low, window = _window(ratios, chance[cases], miss[cases])
        start, end = int(low.min()), int(low.max()) + window.shape[1]
        mixed[:, start:end] += weights[:, cases] @ _lay_out(low - start, window)
    return mixed


def _lay_out(low: npt.NDArray[np.int64], window: FloatArray) -> FloatArray:
    # windows as rows of one table, each from its own column on
    if not low.any():
        return window
    n_rows, width = window.shape
    table = np.zeros((n_rows, int(low.max()) + width))
    np.put_along_axis(table, low[:, np.newaxis] + np.arange(width), window, axis=1)
    return table


def _ratios(n_members: int) -> FloatArray:
    # log of C(n, k) / C(n, k - 1) = (n - k + 1) / k, from k = 1 on
    k = np.arange(1, n_members + 1)
    ratios: FloatArray = np.log((n_members - k + 1) / k)
    return ratios


def _width(n_members: int, variance: float = 0.25) -> int:
    # Bernstein: beyond 11 standard deviations and 30 people lie less than 1e-19; a
    # window is cut only where it saves most of the work
    width = 2 * (ceil(11 * sqrt(variance * n_members)) + 30) + 1
    return width if 4 * width <= n_members else n_members + 1


def _window(
    ratios: FloatArray, chance: FloatArray, miss: FloatArray
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    # the passes that matter in each case: the first of them, and their chances, from
    # the ratios of neighbouring ones in logarithms
    n_members = ratios.size
    width = _width(n_members)
    if width <= n_members:
        width = _width(n_members, float((chance * miss).max()))
    middle = np.floor(n_members * chance).astype(np.int64) - width // 2
    low = np.clip(middle, 0, n_members + 1 - width)
    with np.errstate(divide="ignore"):
        odds = np.clip(np.log(chance) - np.log(miss), -_SURE, _SURE)
    heights = np.zeros((chance.size, width))
    if width == n_members + 1:
        steps = np.multiply.outer(odds, np.arange(1, width))
        heights[:, 1:] = np.cumsum(ratios) + steps
    else:
        # within the window only, so that the sum stays small and exact
        places = low[:, np.newaxis] + np.arange(width - 1)
        np.cumsum(ratios[places] + odds[:, np.newaxis], axis=1, out=heights[:, 1:])
    heights -= heights.max(axis=1, keepdims=True)
    # 0, not numbers so small that computing with them is slow
    heights[heights < _LOWEST] = -np.inf
    np.exp(heights, out=heights)
    return low, heights / heights.sum(axis=1, keepdims=True)


def poisson_binomial(chances: npt.ArrayLike) -> FloatArray:
    """Return the chances of 0 … n passes of members with chances of their own.

    Up to `BLOCK` members are added one after another; more are cut into halves again
    and again, whose chances are multiplied as polynomials, by Fourier where long.
    The order of the members changes no bit.

    Parameters
    ----------
    chances
        Chance of each member, 0 to 1, shape (..., n); n up to a million.

    Returns
    -------
    FloatArray
        Shape (..., n + 1); absolute error about 1e-16.

    Raises
    ------
    ArithmeticError
        Where the chances found do not sum to 1.

    Notes
    -----
    Biscarri, Zhao and Brunner (2018), "A simple and fast method for computing the
    Poisson binomial distribution function".

    Examples
    --------
    >>> poisson_binomial([0.5, 0.1]).round(12).tolist()
    [0.45, 0.5, 0.05]
    """
    members = np.sort(np.asarray(chances, dtype=np.float64), axis=-1)
    *cases, n_members = members.shape
    n_blocks = 1
    while n_blocks * BLOCK < n_members:
        n_blocks *= 2
    size = -(-n_members // n_blocks)
    # members who never pass fill the last blocks: they change no chance
    filled = np.zeros((*cases, n_blocks * size))
    filled[..., :n_members] = members
    blocks = filled.reshape(*cases, n_blocks, size)
    low, window = _halve(_add_members(blocks), blocks.sum(axis=-1), size)
    found = np.zeros((*cases, n_blocks * size + 1))
    places = low + np.arange(window.shape[-1])
    np.put_along_axis(found, places, window[..., 0, :], axis=-1)
    return settle_mass(found[..., : n_members + 1])


def _halve(
    window: FloatArray, mean: FloatArray, size: int
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    # pairs of blocks become one, cut to the passes that matter, until one is left
    low = np.zeros(mean.shape, dtype=np.int64)
    while mean.shape[-1] > 1:
        window = convolve(window[..., ::2, :], window[..., 1::2, :])
        mean = mean[..., ::2] + mean[..., 1::2]
        low = low[..., ::2] + low[..., 1::2]
        size *= 2
        width = min(window.shape[-1], _width(size))
        middle = np.floor(mean).astype(np.int64) - low - width // 2
        start = np.clip(middle, 0, window.shape[-1] - width)
        places = start[..., None] + np.arange(width)
        window, low = np.take_along_axis(window, places, axis=-1), low + start
    return low, window


def _add_members(chances: FloatArray) -> FloatArray:
    *cases, n_members = chances.shape
    found = np.zeros((n_members + 1, *cases))
    found[0] = 1
    for i, chance in enumerate(np.moveaxis(chances, -1, 0), 1):
        passed = found[:i] * chance
        found[:i] -= passed
        found[1 : i + 1] += passed
    return np.moveaxis(found, 0, -1)


def convolve(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return the chances of the sum of two independent counts, case by case.

    Parameters
    ----------
    first, second
        Chances of 0, 1, 2 …, shapes (..., n) and (..., m) with the same cases.

    Returns
    -------
    FloatArray
        Shape (..., n + m - 1). Where both are long it comes from Fourier transforms,
        with an absolute error of about 1e-17 of either sign.

    Examples
    --------
    >>> convolve(np.array([0.5, 0.5]), np.array([0.5, 0.5])).tolist()
    [0.25, 0.5, 0.25]
    """
    if second.shape[-1] > first.shape[-1]:
        first, second = second, first
    n, m = first.shape[-1], second.shape[-1]
    if m > DIRECT:
        length = _fast_length(n + m - 1)
        spectrum = np.fft.rfft(first, length) * np.fft.rfft(second, length)
        return np.fft.irfft(spectrum, length)[..., : n + m - 1]
    found = np.zeros((*first.shape[:-1], n + m - 1))
    for shift in range(m):
        found[..., shift : shift + n] += first * second[..., shift, None]
    return found


def convolve_all(parts: Iterable[FloatArray]) -> FloatArray:
    """Return the chances of the sum of many independent counts, shortest first.

    Parameters
    ----------
    parts
        Chances as in `convolve`, at least one, all with the same cases.

    Examples
    --------
    >>> convolve_all([np.array([0.5, 0.5])] * 3).tolist()
    [0.125, 0.375, 0.375, 0.125]
    """
    waiting = [(part.shape[-1], i, part) for i, part in enumerate(parts)]
    heapq.heapify(waiting)
    for i in range(len(waiting), 2 * len(waiting) - 1):
        first, second = heapq.heappop(waiting)[2], heapq.heappop(waiting)[2]
        both = convolve(first, second)
        heapq.heappush(waiting, (both.shape[-1], i, both))
    return waiting[0][2]


def convolve_power(chance: FloatArray, times: int) -> FloatArray:
    """Return the chances of the sum of several counts that are alike.

    Parameters
    ----------
    chance
        Chances of 0, 1, 2 …, shape (..., n).
    times
        How many counts are added, 1 or more.

    Examples
    --------
    >>> convolve_power(np.array([0.5, 0.5]), 2).tolist()
    [0.25, 0.5, 0.25]
    """
    whole = chance if times % 2 else None
    while times > 1:
        chance, times = convolve(chance, chance), times // 2
        if times % 2:
            whole = chance if whole is None else convolve(whole, chance)
    return chance if whole is None else whole


@cache
def _fast_length(least: int) -> int:
    # the next length that Fourier transforms quickly: a power of two by 1, 3, 5, 9, 15
    factors = (1, 3, 5, 9, 15)
    return min(factor << (-(-least // factor) - 1).bit_length() for factor in factors)
