"""What figures draws give, each with its standard error."""

from __future__ import annotations

from math import ceil, nan, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable

Values = npt.NDArray[np.int64] | npt.NDArray[np.float64] | npt.NDArray[np.bool_]
"""One figure or fact per replication, shape (n,)."""

BATCHES = 20
"""Parts of independent draws of which a standard error is taken where no formula is."""


_AT_A_TIME = 1 << 18


class Estimate(NamedTuple):
    """A figure and its standard error.

    The error is that of drawing alone; it is not a number where one net or less was
    drawn, since only different nets tell.
    """

    value: float
    se: float


def estimate_mean(values: Values, net_size: int | None) -> Estimate:
    """Estimate the mean.

    Parameters
    ----------
    values
        One per replication, shape (n,).
    net_size
        Replications that were spread evenly together; None where all are independent.

    Examples
    --------
    >>> estimate_mean(np.array([1.0, 2.0, 3.0, 4.0]), None).value
    2.5
    """
    mean = float(values.mean())
    if net_size:
        return Estimate(mean, _batch_error(values, np.mean, net_size))
    return Estimate(mean, _spread(values)[0] / sqrt(values.size))


def estimate_sd(values: Values, net_size: int | None) -> Estimate:
    """Estimate the standard deviation; its error from the fourth moment.

    Examples
    --------
    >>> estimate_sd(np.array([1, 3]), None).value
    1.0
    """
    sd, fourth = _spread(values)
    if net_size:
        return Estimate(sd, _batch_error(values, np.std, net_size))
    error = sqrt(max(fourth - sd**4, 0) / values.size) / (2 * sd) if sd else 0.0
    return Estimate(sd, error)


def estimate_quantile(values: Values, share: float, net_size: int | None) -> Estimate:
    """Estimate the smallest value that at least this share of all does not exceed.

    The standard error is a quarter of the distance between the values two standard
    deviations of the rank below and above: exact orders, no density is assumed.

    Examples
    --------
    >>> estimate_quantile(np.arange(1, 101), 0.9, None).value
    90.0
    """
    if net_size:
        return estimate_figure(
            values, lambda part: find_quantile(part, share), net_size
        )
    rising = np.sort(values)
    reach = 2 * sqrt(values.size * share * (1 - share))
    place = values.size * share
    low, high = (
        rising[min(max(ceil(at) - 1, 0), values.size - 1)]
        for at in (place - reach, place + reach)
    )
    value = float(rising[_rank_of(share, values.size)])
    return Estimate(value, float(high - low) / 4)


def estimate_tail(values: Values, share: float, net_size: int | None) -> Estimate:
    """Estimate the expected shortfall: the mean of the worst 1 - share of all.

    The quantile counts with as much weight as brings the tail to 1 - share.

    Examples
    --------
    >>> estimate_tail(np.arange(1, 101), 0.9, None).value
    95.5
    """
    if net_size:
        return estimate_figure(values, lambda part: find_tail(part, share), net_size)
    quantile, n = find_quantile(values, share), values.size
    beyond = (values[values > quantile] - quantile) / (1 - share)
    mean = float(beyond.sum()) / n
    variance = float((beyond * beyond).sum()) / n - mean * mean
    return Estimate(quantile + mean, sqrt(max(variance, 0) / n))


def estimate_share(is_so: npt.NDArray[np.bool_], net_size: int | None) -> Estimate:
    """Estimate a chance; where all or none are so, the error is about 1 / n, not 0.

    Examples
    --------
    >>> estimate_share(np.array([True, True, True, False]), None).value
    0.75
    """
    n = is_so.size
    error = share_error(np.asarray(is_so.sum()), n)
    if net_size:
        error = np.asarray(_batch_error(is_so, np.mean, net_size))
    return Estimate(float(is_so.mean()), float(error))


def share_error(n_so: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.float64]:
    """Return the standard errors of shares of n independent replications.

    One more success and one more failure are supposed, as Laplace did.

    Examples
    --------
    >>> share_error(np.array([0, 50]), 100).round(4).tolist()
    [0.0099, 0.05]
    """
    likely = (n_so + 1) / (n + 2)
    return np.asarray(np.sqrt(likely * (1 - likely) / n))


def estimate_figure(
    values: Values, figure: Callable[[Values], float], net_size: int | None
) -> Estimate:
    """Estimate any figure, with an error from batches.

    Examples
    --------
    >>> estimate_figure(np.ones(40), np.max, None)
    Estimate(value=1.0, se=0.0)
    """
    size = net_size or max(1, values.size // BATCHES)
    return Estimate(float(figure(values)), _batch_error(values, figure, size))


def estimate_difference(
    one: Values,
    other: Values,
    figure: Callable[[Values], float],
    net_size: int | None,
) -> Estimate:
    """Estimate how far a figure of the other is above that of the one.

    Parameters
    ----------
    one, other
        Drawn with the same draws, shape (n,) each: the error is taken from parts of
        both together.

    Examples
    --------
    >>> draws = np.arange(100.0)
    >>> estimate_difference(draws, draws + 5, np.mean, None)
    Estimate(value=5.0, se=0.0)
    """
    size = net_size or max(1, one.size // BATCHES)
    pairs = zip(_cut(one, size), _cut(other, size), strict=True)
    parts = [figure(mine) - figure(its) for its, mine in pairs]
    value = float(figure(other) - figure(one))
    return Estimate(value, _error_of(parts, size, one.size))


def find_quantile(values: Values, share: float) -> float:
    """Return the smallest value that at least this share of all does not exceed.

    Examples
    --------
    >>> find_quantile(np.arange(1, 101), 0.07)
    7.0
    """
    place = _rank_of(share, values.size)
    return float(np.partition(values, place)[place])


def find_tail(values: Values, share: float) -> float:
    """Return the mean of the largest 1 - share of all values.

    Examples
    --------
    >>> find_tail(np.arange(1, 101), 0.9)
    95.5
    """
    return estimate_tail(values, share, None).value


def _spread(values: Values) -> tuple[float, float]:
    """Return the standard deviation and the fourth moment about the mean."""
    mean, sums = values.mean(), np.zeros(2)
    # in parts: there may be millions, and the bills alone fill much of the memory
    for start in range(0, values.size, _AT_A_TIME):
        squares = np.square(values[start : start + _AT_A_TIME] - mean)
        sums += squares.sum(), np.square(squares).sum()
    second, fourth = sums / values.size
    return sqrt(second), float(fourth)


def _rank_of(share: float, n: int) -> int:
    # 0.29 x 100 is 28.999999999999996, and 0.07 x 100 is 7.000000000000001
    return min(max(ceil(n * share - 1e-9) - 1, 0), n - 1)


def _cut(values: Values, size: int) -> list[Values]:
    return [
        values[start : start + size] for start in range(0, values.size - size + 1, size)
    ]


def _batch_error(values: Values, figure: Callable[[Values], float], size: int) -> float:
    parts = [float(figure(part)) for part in _cut(values, size)]
    return _error_of(parts, size, values.size)


def _error_of(parts: list[float], size: int, n: int) -> float:
    if len(parts) < 2:
        return nan
    return float(np.std(parts, ddof=1)) / sqrt(n / size)
