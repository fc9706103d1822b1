"""Random numbers inside the compiled loops: the same on every machine."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gridopt.solvers.compiling import inner, whole

Draws = npt.NDArray[np.uint64]
"""State of the draws, shape (1,)."""


def draws_of(seed: int) -> Draws:
    """Make the state that `draw` moves on, shape (1,)."""
    return np.array([seed % (1 << 64)], dtype=np.uint64)


@inner
def draw(state: Draws, below: int) -> int:
    """Draw a whole number from 0 up to, not with, `below`.

    References
    ----------
    Steele, Lea, Flood (2014), Fast splittable pseudorandom number generators
    (SplitMix64).
    """
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return whole((z >> np.uint64(2)) % np.uint64(below))
