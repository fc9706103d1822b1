"""How several scenarios look side by side, all maps on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import PolyCollection

from gridopt.views.figures import begin, fold, write_title
from gridopt.views.fonts import chinese_font, drawable
from gridopt.views.frames import draw_scale, set_frame
from gridopt.views.labels import in_language, length_text, mark_of
from gridopt.views.layout import lay_out
from gridopt.views.palette import COLOURS, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gridopt.comparison import Comparison
    from gridopt.outcome import Outcome
    from gridopt.views.labels import Language
    from gridopt.views.layout import FloatArray, Layout

_ACROSS = 3
_PANEL_INCHES = 3.6
_PT = 9.5
_LINES = 3


def plot_scenarios(
    comparison: Comparison, ax: Axes | None = None, *, language: Language = "zh"
) -> Axes:
    """Draw the maps of the compared scenarios side by side, on the same scale.

    Above each stand its name, its number of grids and its kilometres; the first is
    the baseline.

    Parameters
    ----------
    ax
        Where to draw, all maps on the same axes; a new figure where None.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Axes
        In metres, both axes alike.

    Raises
    ------
    InputError
        Where no font draws Chinese.
    """
    say = in_language(language)
    layouts = [lay_out(outcome.partition) for outcome in comparison.outcomes]
    lows = [layout.points.min(axis=0) for layout in layouts]
    sizes = [np.ptp(layout.points, axis=0) for layout in layouts]
    size = np.maximum(np.max(sizes, axis=0), 200.0)
    n, across = len(layouts), min(len(layouts), _ACROSS)
    panel = np.array([1.08 * size[0], size[1]])
    # a panel of a tall county is made wide enough for the words above it
    panel[0] = max(panel[0], 0.8 * size[1])
    per_m = _PANEL_INCHES / panel[0]
    panel[1] += _LINES * 1.5 * _PT / 72 / per_m
    down = -(-n // across)
    ax = begin(ax, (across * _PANEL_INCHES + 0.6, down * panel[1] * per_m + 1.0))
    corners = [np.array([i % across, -(i // across)]) * panel for i in range(n)]
    for layout, low, corner in zip(layouts, lows, corners, strict=True):
        _draw_map(ax, layout, corner - low)
    ends = np.array([*corners, *(corner + panel for corner in corners)])
    set_frame(ax, ends, 0.03)
    for at, (outcome, name, corner) in enumerate(
        zip(comparison.outcomes, comparison.names, corners, strict=True)
    ):
        text = _words(outcome, name, language, is_base=at == comparison.baseline)
        _write(ax, text, corner + np.array([0.0, panel[1]]))
    draw_scale(ax, language)
    register = comparison.outcomes[0].register
    title = say(f"{n}个情景的企业网格（同一比例尺）", f"{n} scenarios, on one scale")
    write_title(ax, title, mark=mark_of(register, language))
    return ax


def _draw_map(ax: Axes, layout: Layout, shift: FloatArray) -> None:
    colours = [COLOURS[c] for c in layout.colours]
    shapes = [outline + shift for outline in layout.outlines]
    ax.add_collection(
        PolyCollection(
            shapes, facecolors=colours, edgecolors=colours, alpha=0.3, linewidths=0.8
        )
    )
    points, medoids = layout.points + shift, layout.medoids + shift
    ax.scatter(*points.T, s=2, c="#6B7280", linewidths=0, zorder=2)
    ax.scatter(*medoids.T, s=14, c=colours, edgecolors=INK, linewidths=0.7, zorder=3)


def _words(outcome: Outcome, name: str, language: Language, *, is_base: bool) -> str:
    say, partition = in_language(language), outcome.partition
    base = say("（基准情景）", " (baseline)") if is_base else ""
    k, far = len(partition.grids), length_text(partition.travel_m, language)
    columns = int(_PANEL_INCHES * 0.8 * 72 / (_PT / 2))
    counts = say(f"{k:,}个网格，距离合计{far}", f"{k:,} grids, {far} in all")
    lines = fold(drawable(name) + base, columns).splitlines()[: _LINES - 1]
    return "\n".join([*lines, fold(counts, columns)])


def _write(ax: Axes, text: str, corner: FloatArray) -> None:
    ax.text(
        *corner, text, va="top", fontproperties=chinese_font(_PT), color=INK,
        linespacing=1.25,
    )  # fmt: skip
