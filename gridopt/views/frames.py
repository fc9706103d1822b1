"""What stands around every map: its extent, the scale bar, north."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.views.fonts import chinese_font
from gridopt.views.labels import in_language, length_text
from gridopt.views.layout import scale_length_m
from gridopt.views.palette import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from gridopt.views.labels import Language
    from gridopt.views.layout import FloatArray


HIGH_INCHES = 7.0
_WORDS_INCHES = 2.6


def size_of(points: FloatArray) -> tuple[float, float]:
    """Give the size in inches of a new figure for a map with a legend beside it."""
    wide, high = np.maximum(np.ptp(points, axis=0), 200.0)
    share = float(np.clip(wide / high, 0.5, 1.6))
    return share * HIGH_INCHES * 0.9 + _WORDS_INCHES, HIGH_INCHES


def set_frame(ax: Axes, points: FloatArray, margin_share: float = 0.06) -> None:
    """Show all points, both axes alike, with room for the scale bar below.

    Parameters
    ----------
    margin_share
        Margin as a share of the longer side.
    """
    low, high = points.min(axis=0), points.max(axis=0)
    margin = margin_share * max(float((high - low).max()), 200.0)
    ax.set_xlim(low[0] - margin, high[0] + margin)
    ax.set_ylim(low[1] - 1.6 * margin, high[1] + margin)
    # kept to the right, so that the legend beside it ends where the layout thinks
    ax.set_aspect("equal", adjustable="box", anchor="E")
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_color("#B8C0CA")


def draw_scale(ax: Axes, language: Language = "zh") -> list[Text]:
    """Draw the scale bar and north; return their words, to be kept clear of."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    length = scale_length_m(right - left)
    x, y = left + 0.03 * (right - left), bottom + 0.03 * (top - bottom)
    ax.plot([x, x + length], [y, y], color=INK, linewidth=3, solid_capstyle="butt")
    name = ax.annotate(
        length_text(length, language), (x, y), xytext=(0, 4),
        textcoords="offset points", fontproperties=chinese_font(9), color=INK,
        bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.7},
        zorder=6,
    )  # fmt: skip
    north = ax.annotate(
        in_language(language)("北\n▲", "N\n▲"), (0.975, 0.98),
        xycoords="axes fraction", ha="center", va="top", linespacing=0.95,
        fontproperties=chinese_font(9), color=INK,
    )  # fmt: skip
    return [name, north]
