"""Which colour each grid has, so that neighbours are told apart."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

COLOURS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#56B4E9",
    "#CC79A7",
    "#4D4D4D",
)
"""Colours of Okabe and Ito (2008), safe for the colour-blind, without yellow."""

_OTHER_GROUP = 4.0


def spread_colours(
    points: npt.ArrayLike, groups: npt.ArrayLike, n_colours: int = len(COLOURS)
) -> npt.NDArray[np.int64]:
    """Give near grids different colours: each takes the colour farthest from it.

    Grids of the same group (category) are drawn over the same streets, so the ones
    of other groups count as four times farther away.

    Parameters
    ----------
    points
        Medoids in metres, shape (k, 2).
    groups
        Group of each, shape (k,).

    Returns
    -------
    ndarray
        Colour numbers, shape (k,).

    Examples
    --------
    >>> spread_colours([[0, 0], [1, 0], [2, 0]], ["a", "a", "a"], 2).tolist()
    [0, 1, 0]
    """
    places = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    names = np.asarray(groups)
    colours = np.zeros(len(places), dtype=np.int64)
    for i in range(1, len(places)):
        gap = np.hypot(*(places[:i] - places[i]).T)
        gap = np.where(names[:i] == names[i], gap, _OTHER_GROUP * gap)
        nearest = np.full(n_colours, np.inf)
        np.minimum.at(nearest, colours[:i], gap)
        colours[i] = int(np.argmax(nearest))
    return colours
