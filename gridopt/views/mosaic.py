"""How several maps stand side by side on one scale, each under its own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gridopt.views.figures import fit_words, fold
from gridopt.views.fonts import chinese_font, drawable
from gridopt.views.frames import set_frame
from gridopt.views.palette import INK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from gridopt.views.layout import FloatArray

_PANEL_INCHES = 3.6
_PT = 9.5
_LINE_PT = 1.5 * _PT


@dataclass(frozen=True)
class Mosaic:
    """Where each map stands.

    Attributes
    ----------
    panel
        Width and height of a map with its words, metres, shape (2,).
    corners
        Lower left corner of each, metres, shape (n, 2).
    line_m
        Height of a line of words, metres.
    inches
        Width and height of a figure for all of them.
    """

    panel: FloatArray
    corners: FloatArray
    line_m: float
    inches: tuple[float, float]


def arrange(n: int, size: FloatArray, n_lines: int) -> Mosaic:
    """Give n maps their places, row by row, three in a row and two where they are four.

    Parameters
    ----------
    size
        Width and height of the largest map, metres, shape (2,).
    n_lines
        Lines of words above each.

    Examples
    --------
    >>> arrange(4, np.array([1000.0, 1000.0]), 2).corners[:, 0].tolist()
    [0.0, 1080.0, 0.0, 1080.0]
    """
    across = 2 if n in (2, 4) else min(n, 3)
    wide, high = np.maximum(size, 200.0)
    # a panel of a tall county is made wide enough for the words above it
    panel = np.array([max(1.08 * wide, 0.8 * high), high])
    per_m = _PANEL_INCHES / panel[0]
    line_m = _LINE_PT / 72 / per_m
    panel[1] += (n_lines + 1) * line_m
    down = -(-n // across)
    corners = np.array([[i % across, -(i // across)] for i in range(n)]) * panel
    inches = across * _PANEL_INCHES + 0.6, down * float(panel[1]) * per_m + 1.0
    return Mosaic(panel, corners, float(line_m), inches)


def frame(ax: Axes, mosaic: Mosaic) -> None:
    """Show all maps of a mosaic, both axes alike."""
    set_frame(ax, np.vstack([mosaic.corners, mosaic.corners + mosaic.panel]), 0.03)


def write_words(ax: Axes, mosaic: Mosaic, texts: Sequence[Sequence[str]]) -> None:
    """Write a few lines above each map; where the maps are small, so are the letters.

    Parameters
    ----------
    texts
        Lines of each map; the first takes what room the others leave, two lines at
        most.
    """
    columns = int(0.8 * _PANEL_INCHES * 72 / (_PT / 2))
    words = []
    # half a line keeps the words off the map above them
    top = mosaic.panel[1] - 0.5 * mosaic.line_m
    for corner, lines in zip(mosaic.corners, texts, strict=True):
        first = fold(drawable(lines[0]), columns).splitlines()[:2]
        below = [fold(drawable(line), columns) for line in lines[1:]]
        text = ax.text(
            corner[0], corner[1] + top, "\n".join([*first, *below]),
            va="top", fontproperties=chinese_font(_PT), color=INK, linespacing=1.25,
        )  # fmt: skip
        words.append(text)
    width_m = float(np.ptp(mosaic.corners[:, 0]) + mosaic.panel[0])
    n_across = round(width_m / float(mosaic.panel[0]))
    fit_words(ax, words, (n_across * _PANEL_INCHES * 72, 0.0))
