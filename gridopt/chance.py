"""What chance decides: draws that hang on a seed, a purpose and a key alone.

No generator hands out its numbers in turn, so nobody's draw changes where others come
or go, and no machine or release of NumPy draws anything else.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable


def draw(seed: int, purpose: str, keys: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Draw one number in [0, 1) per key; nobody's draw hangs on anybody else's.

    The keys are hashed with the finaliser of SplitMix64 (Steele, Lea and Flood 2014),
    so that machine, order and release of NumPy do not matter.

    Examples
    --------
    >>> some, all_of_them = draw(7, "moves", [3]), draw(7, "moves", [1, 2, 3])
    >>> bool(some[0] == all_of_them[2])
    True
    """
    digest = hashlib.sha256(f"{seed}/{purpose}".encode()).digest()
    mixed = np.asarray(keys).astype(np.uint64) + np.uint64(
        int.from_bytes(digest[:8], "little") >> 1
    )
    for factor in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB):
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(factor)
    mixed = (mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)
    return mixed.astype(np.float64) * 2.0**-53


def draw_whole(
    seed: int, purpose: str, ids: Iterable[str], below: int
) -> npt.NDArray[np.int64]:
    """Draw one whole number from 0 up to, not with, `below` per id, without floats.

    Examples
    --------
    >>> draw_whole(7, "stars", ["a", "b", "c"], 10).tolist()
    [1, 2, 4]
    """
    texts = (f"{seed}/{purpose}/{name}".encode() for name in ids)
    heads = (hashlib.sha256(text).digest()[:8] for text in texts)
    drawn = [int.from_bytes(head, "little") * below >> 64 for head in heads]
    return np.array(drawn, dtype=np.int64)
