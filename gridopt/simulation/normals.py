"""What the normal distribution says of many numbers at once: chances and quantiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]

# Wichura (1988), PPND16: central, middle and far part, numerators and denominators
_CENTRAL = (
    (3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427,
     13731.693765509461125, 45921.953931549871457, 67265.770927008700853,
     33430.575583588128105, 2509.0809287301226727),
    (1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
     21213.794301586595867, 39307.895800092710610, 28729.085735721942674,
     5226.4952788528545610),
)  # fmt: skip
_MIDDLE = (
    (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550,
     3.64784832476320460504, 1.27045825245236838258, 0.241780725177450611770,
     0.0227238449892691845833, 7.74545014278341407640e-4),
    (1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
     0.148103976427480074590, 0.0151986665636164571966, 5.47593808499534494600e-4,
     1.05075007164441684324e-9),
)  # fmt: skip
_FAR = (
    (6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580,
     0.296560571828504891230, 0.0265321895265761230930, 0.00124266094738807843860,
     2.71155556874348757815e-5, 2.01033439929228813265e-7),
    (1.0, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
     7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
     2.04426310338993978564e-15),
)  # fmt: skip
# the same paper, PPND7, for numbers of single precision
_CENTRAL_32 = (
    (3.3871327179, 50.434271938, 159.29113202, 59.109374720),
    (1.0, 17.895169469, 78.757757664, 67.187563600),
)
_MIDDLE_32 = (
    (1.4234372777, 2.7568153900, 1.3067284816, 0.17023821103),
    (1.0, 0.73700164250, 0.12021132975),
)
_HALF_WIDTH = 0.425
# Hart (1968), function 5666, as in West (2005)
_TAIL = (
    (220.206867912376, 221.213596169931, 112.079291497871, 33.912866078383,
     6.37396220353165, 0.700383064443688, 0.0352624965998911),
    (440.413735824752, 793.826512519948, 637.333633378831, 296.564248779674,
     86.7807322029461, 16.064177579207, 1.75566716318264, 0.0883883476483184),
)  # fmt: skip


def normal_tail(distance: FloatArray) -> FloatArray:
    """Return the chance that a standard normal lies above a distance of 0 or more.

    Parameters
    ----------
    distance
        Standard deviations, 0 to infinity, any shape.

    Returns
    -------
    FloatArray
        Chances from 0.5 down to 0, right to 3e-16; relative to themselves to 1e-8
        up to a distance of 7, to 2e-7 up to 12.

    References
    ----------
    Hart (1968), Computer approximations, function 5666, as in West (2005), Better
    approximations to cumulative normal functions.

    Examples
    --------
    >>> normal_tail(np.array([0.0, 1.959963984540054])).round(12).tolist()
    [0.5, 0.025]
    """
    near = np.minimum(distance, 38.0)
    chance = near * near
    chance *= -0.5
    np.exp(chance, out=chance)
    chance *= _ratio(_TAIL, near)
    return chance


def normal_cdf(value: npt.ArrayLike) -> FloatArray:
    """Return the chance that a standard normal lies below each value.

    Parameters
    ----------
    value
        Any numbers, infinities included, any shape.

    Examples
    --------
    >>> normal_cdf([-np.inf, 0.0, 1.959963984540054]).round(12).tolist()
    [0.0, 0.5, 0.975]
    """
    value = np.asarray(value, dtype=np.float64)
    tail = normal_tail(np.abs(value))
    return np.where(value < 0, tail, 1 - tail)


def normal_quantile(chance: FloatArray) -> FloatArray:
    """Return the standard normal value below which each chance lies.

    Parameters
    ----------
    chance
        Above 0 and below 1, any shape.

    Returns
    -------
    FloatArray
        Values right to about 16 digits.

    References
    ----------
    Wichura (1988), Algorithm AS 241: the percentage points of the normal
    distribution, Applied Statistics 37, routine PPND16.

    Examples
    --------
    >>> normal_quantile(np.array([0.5, 0.975])).round(12).tolist()
    [0.0, 1.95996398454]
    """
    chance = np.asarray(chance, dtype=np.float64)
    offset = chance - 0.5
    inside = offset * offset
    np.subtract(_HALF_WIDTH**2, inside, out=inside)
    value = _ratio(_CENTRAL, inside)
    value *= offset
    outside = np.flatnonzero(inside < 0)
    if outside.size:
        of_these = chance.reshape(-1)[outside]
        reached = np.sqrt(-np.log(np.minimum(of_these, 1 - of_these)))
        size = _ratio(_MIDDLE, reached - 1.6)
        far = np.flatnonzero(reached > 5)
        size[far] = _ratio(_FAR, reached[far] - 5)
        value.reshape(-1)[outside] = np.copysign(size, of_these - 0.5)
    return value


def single_normals(
    level: npt.NDArray[np.int32], out: Float32Array | None = None
) -> Float32Array:
    """Return the standard normal values of levels of chance, in single precision.

    Parameters
    ----------
    level
        Whole numbers i of 32 bits with sign, contiguous, any shape: each stands for
        the chance 1/2 + (i + 1/2) / 2^32, so that both tails are equally fine.
    out
        Where to put the values, contiguous, shape of `level`.

    Returns
    -------
    Float32Array
        Values right to about 6 digits, at most 6.34 from 0.

    References
    ----------
    Wichura (1988), Algorithm AS 241, routine PPND7.

    Examples
    --------
    >>> single_normals(np.array([2**31 // 20 * 19], dtype=np.int32)).round(4).tolist()
    [1.9600000381469727]
    """
    value = np.empty(level.shape, dtype=np.float32) if out is None else out
    offset = level.astype(np.float32)
    offset += np.float32(0.5)
    offset *= np.float32(2.0**-32)
    inside = offset * offset
    np.subtract(np.float32(_HALF_WIDTH**2), inside, out=inside)
    _polynomial(_CENTRAL_32[0], inside, value)
    value /= _polynomial(_CENTRAL_32[1], inside)
    value *= offset
    outside = np.flatnonzero(inside < 0)
    of_these = level.reshape(-1)[outside]
    # the distance from 0 or 1 is counted in whole steps: near 1/2 a float is coarse
    steps = np.iinfo(np.int32).max - np.where(of_these < 0, ~of_these, of_these)
    near = (steps.astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-32)
    reached = np.sqrt(-np.log(near)) - np.float32(1.6)
    size = _ratio(_MIDDLE_32, reached)
    value.reshape(-1)[outside] = np.copysign(size, of_these.astype(np.float32))
    return value


def _ratio(
    terms: tuple[Sequence[float], Sequence[float]], x: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    above = _polynomial(terms[0], x)
    above /= _polynomial(terms[1], x)
    return above


def _polynomial(
    terms: Sequence[float], x: npt.NDArray[Any], out: npt.NDArray[Any] | None = None
) -> npt.NDArray[Any]:
    kind = x.dtype.type
    value: npt.NDArray[Any] = np.multiply(x, kind(terms[-1]), out=out)
    for term in terms[-2:0:-1]:
        value += kind(term)
        value *= x
    value += kind(terms[0])
    return value
