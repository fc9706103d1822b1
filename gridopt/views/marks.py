"""How enterprises, spokes and outlines are marked on every map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D

from gridopt.views.fonts import drawable
from gridopt.views.palette import COLOURS, INK, MARKERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gridopt.views.layout import IntArray, Layout

GREY = "#6B7280"
LARGE = 1_500
"""With more enterprises than this their points are small."""
AMONG_ALL = -1
"""Number of a group that lies among all others: black crosses, like none of them."""


def style_of(number: int) -> tuple[str, str]:
    """Give the colour and shape of a group; 49 of them differ from each other.

    Examples
    --------
    >>> style_of(0), style_of(7), style_of(AMONG_ALL)
    (('#0072B2', 'o'), ('#0072B2', 's'), ('#1F2933', '+'))
    """
    if number == AMONG_ALL:
        return INK, "+"
    n = len(COLOURS)
    return COLOURS[number % n], MARKERS[(number + number // n) % len(MARKERS)]


def point_handle(number: int, name: str) -> Line2D:
    """Show a group's point in a legend."""
    colour, marker = style_of(number)
    return Line2D(
        [], [], marker=marker, linestyle="", color=colour, label=drawable(name)
    )


def draw_outlines(ax: Axes, layout: Layout, *, is_grey: bool = False) -> None:
    """Draw the outline of each grid, hatched where it is an exception."""
    is_exception = layout.grids["is_exception"].to_numpy(dtype=bool)
    colours = np.array(COLOURS)[layout.colours]
    if is_grey:
        colours[:] = GREY
    for chosen, hatch in ((~is_exception, None), (is_exception, "////")):
        shapes = PolyCollection(
            [layout.outlines[g] for g in np.flatnonzero(chosen)],
            facecolors=list(colours[chosen]),
            edgecolors=list(colours[chosen]),
            alpha=0.07 if is_grey else 0.14,
            linewidths=0.8,
            hatch=None if is_grey else hatch,
            zorder=1,
        )
        ax.add_collection(shapes)


def draw_spokes(ax: Axes, layout: Layout) -> None:
    """Draw a line from each enterprise to its medoid."""
    ends = np.stack([layout.points, layout.medoids[layout.labels]], axis=1)
    colours = [COLOURS[c] for c in layout.colours[layout.labels]]
    ax.add_collection(
        LineCollection(list(ends), colors=colours, linewidths=0.6, alpha=0.6, zorder=2)
    )


def draw_points(ax: Axes, layout: Layout, own: IntArray) -> None:
    """Draw each enterprise in the colour and shape of its group."""
    size = 22 if len(layout.points) < LARGE else 10
    for number in np.unique(own):
        colour, marker = style_of(int(number))
        is_cross = number == AMONG_ALL
        edge = {"linewidths": 0.8} if is_cross else {
            "linewidths": 0.3, "edgecolors": "white"
        }  # fmt: skip
        ax.scatter(
            *layout.points[own == number].T,
            s=2 * size if is_cross else size,
            c=colour,
            marker=marker,
            zorder=3.5 if is_cross else 3,
            **edge,
        )
