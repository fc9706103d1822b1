"""How several scenarios look side by side, all maps on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgba

from gridopt.views.figures import begin, write_title
from gridopt.views.frames import draw_scale
from gridopt.views.labels import in_language, length_text, mark_of
from gridopt.views.layout import lay_out
from gridopt.views.mosaic import arrange, frame, write_words
from gridopt.views.palette import COLOURS, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gridopt.comparison import Comparison
    from gridopt.outcome import Outcome
    from gridopt.views.labels import Language
    from gridopt.views.layout import FloatArray, Layout

_LINES = 3


def plot_scenarios(
    comparison: Comparison, ax: Axes | None = None, *, language: Language = "zh"
) -> Axes:
    """Draw the maps of the compared scenarios side by side, on the same scale.

    Above each stand its name, its number of grids and its kilometres; the baseline is
    named so.

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
    mosaic = arrange(len(layouts), np.max(sizes, axis=0), _LINES)
    ax = begin(ax, mosaic.inches)
    for layout, low, corner in zip(layouts, lows, mosaic.corners, strict=True):
        _draw_map(ax, layout, corner - low)
    frame(ax, mosaic)
    texts = [
        _words(outcome, name, language, is_base=at == comparison.baseline)
        for at, (outcome, name) in enumerate(
            zip(comparison.outcomes, comparison.names, strict=True)
        )
    ]
    write_words(ax, mosaic, texts)
    draw_scale(ax, language)
    n, register = len(layouts), comparison.outcomes[0].register
    title = say(f"{n}个情景的企业网格（同一比例尺）", f"{n} scenarios, on one scale")
    write_title(ax, title, mark=mark_of(register, language))
    return ax


def _draw_map(ax: Axes, layout: Layout, shift: FloatArray) -> None:
    colours = [COLOURS[c] for c in layout.colours]
    shapes = [outline + shift for outline in layout.outlines]
    # pale within and dark at the edge: a grey print has only the edges
    pale = [to_rgba(colour, 0.16) for colour in colours]
    ax.add_collection(
        PolyCollection(shapes, facecolors=pale, edgecolors=colours, linewidths=0.8)
    )
    points, medoids = layout.points + shift, layout.medoids + shift
    ax.scatter(*points.T, s=2, c="#6B7280", linewidths=0, zorder=2)
    ax.scatter(*medoids.T, s=9, c="white", edgecolors=INK, linewidths=0.7, zorder=3)


def _words(
    outcome: Outcome, name: str, language: Language, *, is_base: bool
) -> tuple[str, str]:
    say, partition = in_language(language), outcome.partition
    base = say("（基准情景）", " (baseline)") if is_base else ""
    k, far = len(partition.grids), length_text(partition.travel_m, language)
    return name + base, say(f"{k:,}个网格，距离合计{far}", f"{k:,} grids, {far} in all")
