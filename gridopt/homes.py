"""Where somebody is at home who stands in several places: where most of it lies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]


def homes_of(who: IntArray, where: IntArray) -> IntArray:
    """Find the first row of each of 0 … p - 1 in the place of most of their rows.

    Ties go to the place of the earlier row.

    Parameters
    ----------
    who, where
        Who stands in a row, and in what place, numbers from 0, shape (n,).

    Returns
    -------
    Positions of rows, shape (p,).

    Examples
    --------
    >>> homes_of(np.array([0, 0, 1, 0]), np.array([7, 8, 7, 8])).tolist()
    [1, 2]
    """
    n_places = int(where.max(initial=0)) + 1
    pairs, first, counts = np.unique(
        who * n_places + where, return_index=True, return_counts=True
    )
    holder = pairs // n_places
    order = np.lexsort((first, -counts, holder))
    return first[order[np.unique(holder, return_index=True)[1]]]
