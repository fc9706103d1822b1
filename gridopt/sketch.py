"""How a plan is sketched without a drawing library: outlines of grids as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gridopt.colours import COLOURS, spread_colours
from gridopt.html import wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SIZE = 240
"""Length of a sketch's longer side, in units of its own."""

_MARGIN = 6


def draw_sketch(
    points: FloatArray, labels: IntArray, medoids: FloatArray, groups: Sequence[str]
) -> str:
    """Draw the outline and the medoid of every grid, small and without a word.

    The darkest colour is that of the text around, so that it shows on a dark page.

    Parameters
    ----------
    points
        Places of the enterprises, metres east and north, shape (n, 2).
    labels
        Number of each enterprise's grid, shape (n,).
    medoids
        Places of the medoids, shape (k, 2).
    groups
        Category of each grid, length k: grids of one category differ in colour
        first of all.

    Returns
    -------
    str
        An `svg` element; empty where there are no grids.

    Examples
    --------
    >>> ends = np.array([[0.0, 0.0], [900.0, 400.0]])
    >>> draw_sketch(ends, np.array([0, 0]), ends[:1], ["industry"])[:26]
    '<svg viewBox="0 0 252 119"'
    """
    if not len(medoids):
        return ""
    low, high = points.min(axis=0), points.max(axis=0)
    scale = SIZE / max(float((high - low).max()), 1.0)
    corner = np.array([low[0], high[1]])
    width, height = np.ceil((high - low) * scale + 2 * _MARGIN).astype(int)
    inks = [_ink(colour) for colour in spread_colours(medoids, groups)]
    outlines = outline_grids(points, labels, len(medoids))
    shapes = [
        _draw_shape(on_page(outline, corner, scale), ink)
        for outline, ink in zip(outlines, inks, strict=True)
    ]
    dots = [
        wrap("circle", "", cx=x, cy=y, r="1.6", fill=ink)
        for (x, y), ink in zip(
            on_page(medoids, corner, scale) + _MARGIN, inks, strict=True
        )
    ]
    parts = [
        wrap("g", shapes, fill_opacity="0.25", stroke_width="0.8"),
        wrap("g", dots),
    ]
    return wrap(
        "svg", parts, viewBox=f"0 0 {width} {height}", width=width, height=height,
        role="img", aria_label="企业网格划分示意图",
    )  # fmt: skip


def _ink(colour: int) -> str:
    return "currentColor" if colour == len(COLOURS) - 1 else COLOURS[colour]


def _draw_shape(outline: IntArray, ink: str) -> str:
    d = chain(outline + _MARGIN)
    return wrap("path", "", d=f"{d}z", fill=ink, stroke=ink)


def outline_grids(
    points: FloatArray, labels: IntArray, k: int
) -> tuple[FloatArray, ...]:
    """Find the convex hull of each grid, closed; of two points a line.

    Parameters
    ----------
    points
        Places, shape (n, 2).
    labels
        Number of each one's grid from 0 to k - 1, each at least once, shape (n,).

    Returns
    -------
    tuple of ndarray
        Corners of each hull, shape (m, 2).

    Examples
    --------
    >>> square = np.array([[0.0, 0], [2, 0], [2, 2], [0, 2], [1, 1]])
    >>> [len(one) for one in outline_grids(square, np.zeros(5, dtype=int), 1)]
    [5]
    """
    import shapely  # only pictures need it, and not every run shows one

    order = np.argsort(labels, kind="stable")
    clouds = shapely.multipoints(shapely.points(points[order]), indices=labels[order])
    hulls = shapely.convex_hull(clouds)
    coordinates, of_hull = shapely.get_coordinates(hulls, return_index=True)
    return tuple(coordinates[of_hull == g] for g in range(k))


def on_page(points: FloatArray, corner: FloatArray, scale: float = 1.0) -> IntArray:
    """Turn places into whole units right and down from the upper left corner.

    Examples
    --------
    >>> on_page(np.array([[3.0, 7.0]]), np.array([1.0, 10.0])).tolist()
    [[2, 3]]
    """
    shifted = (points - corner) * np.array([scale, -scale])
    return np.floor(shifted + 0.5).astype(np.int64)


def chain(points: IntArray) -> str:
    """Write corners as the data of an SVG path, not closed.

    Examples
    --------
    >>> chain(np.array([[0, 0], [3, 4]]))
    'M0 0L3 4'
    """
    return "M" + "L".join(f"{x} {y}" for x, y in points)
