"""Random numbers that hang on seed, replication, id and purpose alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.simulation.normals import (
    Float32Array,
    FloatArray,
    normal_quantile,
    single_normals,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

Words = npt.NDArray[np.uint64]

NET_BITS = 10
NET_SIZE = 1 << NET_BITS
"""Replications that are spread evenly together: one net."""

_AT_A_TIME = 1 << 15
"""How many draws are worked on together: they stay in the processor's cache."""

_STEP = np.uint64(0x9E3779B97F4A7C15)
_ROUNDS = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)


def hash_ids(ids: Iterable[object]) -> Words:
    """Hash each id, as text, to 64 bits: the same on every machine, shape (n,).

    Examples
    --------
    >>> bool(hash_ids(["a", "b"])[1] == hash_ids(["b"])[0])
    True
    """
    joined = b"".join(_digest(str(each)) for each in ids)
    return np.frombuffer(joined, dtype="<u8").astype(np.uint64)


def make_keys(seed: int, purpose: str, hashed: Words) -> Words:
    """Make the keys under which ids draw for a purpose, shape as `hashed`.

    Examples
    --------
    >>> one, other = (make_keys(0, why, hash_ids(["a"])) for why in ("luck", "mood"))
    >>> bool(one[0] == other[0])
    False
    """
    salt = np.frombuffer(_digest(f"{seed}/{purpose}"), dtype="<u8").astype(np.uint64)
    return _scramble(hashed ^ salt[0])


def draw_words(keys: Words, replications: npt.ArrayLike) -> Words:
    """Draw 64 random bits for each key in each replication.

    Each key begins a SplitMix64 stream of its own, of which the replication picks a
    place; so nobody's draw hangs on who else draws, or on how many replications
    there are.

    Parameters
    ----------
    keys, replications
        Keys, and numbers of replications from 0, of shapes that broadcast.

    References
    ----------
    Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators.

    Examples
    --------
    >>> keys = make_keys(0, "luck", hash_ids(["a", "b"]))
    >>> some, more = draw_words(keys[1:], [7]), draw_words(keys, [[6], [7]])
    >>> bool(some[0] == more[1, 1])
    True
    """
    return _scramble(keys + _places(replications))


def to_chances(words: Words) -> FloatArray:
    """Turn random bits into chances above 0 and below 1, evenly spread.

    Examples
    --------
    >>> to_chances(np.array([0, 2**64 - 1], dtype=np.uint64)).tolist()
    [1.1102230246251565e-16, 0.9999999999999999]
    """
    chances = (words >> np.uint64(12)).astype(np.float64)
    chances += 0.5
    chances *= 2.0**-52
    return chances


def draw_luck(keys: Words, replications: range) -> Float32Array:
    """Draw standard normal values in single precision.

    Parameters
    ----------
    keys
        Shape (n,).
    replications
        Numbers of the replications wanted, in steps of 1.

    Returns
    -------
    Float32Array
        Shape (len(replications), n).

    Examples
    --------
    >>> luck = draw_luck(make_keys(0, "luck", hash_ids(range(9))), range(2))
    >>> luck.shape, luck.dtype.name
    ((2, 9), 'float32')
    """
    luck = np.empty((len(replications), keys.size), dtype=np.float32)
    places = _places(np.arange(replications.start, replications.stop))[:, np.newaxis]
    n_rows = max(1, _AT_A_TIME // max(keys.size, 1))
    for first in range(0, len(luck), n_rows):
        rows = slice(first, first + n_rows)
        words = _scramble(keys + places[rows]) >> np.uint64(32)
        single_normals(words.astype(np.uint32).view(np.int32), luck[rows])
    return luck


def draw_normals(
    keys: Words,
    replications: range,
    sampling: str,
    *,
    is_axis: bool = False,
    shuffle: Words | None = None,
) -> FloatArray:
    """Draw standard normal values, each key's replications in a row.

    Parameters
    ----------
    keys
        Shape (n,).
    replications
        Numbers of the replications wanted, in steps of 1.
    sampling
        `plain`: all independent. `net`: each `NET_SIZE` replications are spread
        evenly, see `draw_net`.
    is_axis
        Whether this is the key whose pairs with all others are spread evenly.
    shuffle
        Key, shape (1,), that deals the points of a net to its replications in an
        order of its own; draws of one order are spread evenly together.

    Returns
    -------
    FloatArray
        Shape (n, len(replications)).

    Examples
    --------
    >>> keys = make_keys(0, "unit", hash_ids(["a", "b"]))
    >>> draw_normals(keys, range(4), "net").shape
    (2, 4)
    """
    numbers = np.arange(replications.start, replications.stop)
    words = draw_words(keys[:, np.newaxis], numbers)
    if sampling == "net":
        words >>= np.uint64(NET_BITS)
        bits = _net_bits(keys, replications, is_axis, shuffle)
        words |= bits << np.uint64(64 - NET_BITS)
    return normal_quantile(to_chances(words))


def draw_net(keys: Words, net: int, *, is_axis: bool = False) -> Words:
    """Draw the first ten bits of one net of 1024 replications, for each key.

    Replication i of the net has the digits i_1 (lowest) to i_10. The axis takes them
    in this order, another key takes L U (i_10, ..., i_1) modulo 2, with a random
    unit lower triangular L and unit upper triangular U of its own, and all are
    shifted by random digits. The leading minors of L U are 1, so whatever is drawn,
    axis and key together put one replication into each of the 1024 rectangles of
    every size 2^-k x 2^(k-10): a (0, 10, 2)-net in base 2, for any number of keys
    and without a table of directions. Two other keys form a random net; their first
    digits are tied in one net of 512, to a random side, which biases nothing.

    Parameters
    ----------
    keys
        Shape (n,).
    net
        Number of the net from 0; each is drawn afresh.

    Returns
    -------
    Words
        Whole numbers from 0 to 1023, shape (n, 1024).

    References
    ----------
    Niederreiter (1992), Random number generation and quasi-Monte Carlo methods,
    chapter 4; Matoušek (1998), On the L2-discrepancy for anchored boxes (random
    linear scrambling).

    Examples
    --------
    >>> points = draw_net(make_keys(0, "unit", hash_ids(["a"])), net=3)
    >>> len(set(points[0].tolist()))
    1024
    """
    drawn = draw_words(
        _scramble(keys ^ _STEP)[:, np.newaxis], np.arange(32) + 32 * net
    ) >> np.uint64(64 - NET_BITS)
    points = drawn[:, -1:]
    for digit in range(NET_BITS):
        # the axis turns digits round: the one that alternates fastest weighs most
        top = np.uint64(NET_SIZE >> (digit + 1))
        column = np.full_like(points[:, :1], top) if is_axis else _mix(drawn, digit)
        points = np.concatenate([points, points ^ column], axis=1)
    return points


def _mix(drawn: Words, digit: int) -> Words:
    """Give the column of L U that belongs to a digit, shape (n, 1)."""
    # in U the column's 1 stands in row 10 - digit, random bits above it
    low = 1 << digit
    column = drawn[:, digit : digit + 1] & np.uint64(NET_SIZE - 2 * low)
    column |= np.uint64(low)
    rows = drawn[:, NET_BITS : 2 * NET_BITS]
    tops = np.uint64(1) << np.arange(NET_BITS, dtype=np.uint64)
    # row by row of L: random bits of the rows above, 1 on the diagonal
    masks = (rows & ~(2 * tops - np.uint64(1))) | tops
    odd = np.bitwise_count(column & masks) & np.uint8(1)
    return (odd * tops).sum(axis=1, keepdims=True)


def _net_bits(
    keys: Words, replications: range, is_axis: bool, shuffle: Words | None
) -> Words:
    first, stop = replications.start, replications.stop
    nets = range(first // NET_SIZE, -(-stop // NET_SIZE))
    points = [draw_net(keys, net, is_axis=is_axis) for net in nets]
    if shuffle is not None:
        deals = (np.arange(NET_SIZE) + NET_SIZE * net for net in nets)
        orders = [np.argsort(draw_words(shuffle, deal)) for deal in deals]
        points = [of[:, order] for of, order in zip(points, orders, strict=True)]
    start = first - NET_SIZE * nets.start
    return np.concatenate(points, axis=1)[:, start : start + len(replications)]


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()


def _places(replications: npt.ArrayLike) -> Words:
    """How far along its stream each replication lies."""
    places = np.asarray(replications).astype(np.uint64)
    places += np.uint64(1)
    places *= _STEP
    return places


def _scramble(state: Words) -> Words:
    """Mix bits in place, as SplitMix64 does at its end."""
    part = np.empty_like(state)
    for shift, factor in _ROUNDS:
        np.right_shift(state, shift, out=part)
        state ^= part
        state *= factor
    np.right_shift(state, np.uint64(31), out=part)
    state ^= part
    return state
