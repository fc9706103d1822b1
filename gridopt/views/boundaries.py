"""How clear the boundaries between grids are, on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D

from gridopt.clarity import measure_clarity
from gridopt.views.figures import begin, show_legend, write_title
from gridopt.views.frames import draw_scale, set_frame, size_of
from gridopt.views.groups import name_units
from gridopt.views.labels import in_language, mark_of, place_name
from gridopt.views.layout import lay_out
from gridopt.views.marks import LARGE
from gridopt.views.palette import INK

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from gridopt.partition import Partition
    from gridopt.views.labels import Language
    from gridopt.views.layout import IntArray, Layout

LIMITS_M = (0.0, 200.0, 1000.0)
"""Between these a firm is nearer to its own medoid than to the next grid's."""

_MARKS = (
    ("#9B2C00", "X", 36),
    ("#E08A00", "^", 28),
    ("#56B4E9", "o", 16),
    ("#93C5E7", "o", 12),
    ("#B8C0CA", "s", 8),
)
"""Colour, shape and size of each class: the more doubtful, the darker and larger."""


def plot_clarity(
    partition: Partition,
    ax: Axes | None = None,
    *,
    unit: str | None = None,
    category: str | None = None,
    language: Language = "zh",
) -> Axes:
    """Draw how much nearer each firm is to its own medoid than to the next grid's.

    The next grid is one of the same block, see `measure_clarity`. A firm that is
    nearer to the next one sits where it does because of the sizes of the grids, or
    of wishes.

    Parameters
    ----------
    ax
        Where to draw; a new figure where None.
    unit, category
        Draw only the grids of this unit (code or name) and this category (key or
        name).
    language
        ``zh`` or ``en``.

    Returns
    -------
    Axes
        In metres, both axes alike.

    Raises
    ------
    InputError
        Where no such grid exists, or no font draws Chinese.
    """
    say = in_language(language)
    layout = lay_out(partition, unit, category)
    found = measure_clarity(partition).loc[layout.enterprises.index]
    ax = begin(ax, size_of(layout.points))
    _draw_grids(ax, layout)
    classes = _classify(found["clarity_m"])
    _draw_points(ax, layout, classes)
    set_frame(ax, layout.points)
    around = draw_scale(ax, language)
    if layout.grids["unit"].nunique() > 1:
        name_units(ax, partition, layout, around, language)
    _name(ax, classes, language)
    place = place_name(partition, layout.grids, (unit, category), language)
    text = say(f"{place}网格边界清晰度", f"{place}: how clear the boundaries are")
    write_title(ax, text, mark=mark_of(partition.register, language))
    return ax


def _classify(clarity_m: pd.Series) -> IntArray:
    """Find the class of each firm; where there is no next grid, the last one."""
    metres = clarity_m.to_numpy(dtype=np.float64)
    classes = np.searchsorted(LIMITS_M, metres, side="right")
    return np.where(np.isnan(metres), len(LIMITS_M) + 1, classes)


def _draw_grids(ax: Axes, layout: Layout) -> None:
    ax.add_collection(
        PolyCollection(
            list(layout.outlines), facecolors="#F3F6F9", edgecolors="#6B7280",
            alpha=0.6, linewidths=0.8, zorder=1,
        )
    )  # fmt: skip
    size = 9 if len(layout.points) >= LARGE else 26
    ax.scatter(*layout.medoids.T, s=size, c="white", edgecolors=INK, linewidths=0.9,
               zorder=5)  # fmt: skip


def _draw_points(ax: Axes, layout: Layout, classes: IntArray) -> None:
    for number, (colour, marker, size) in enumerate(_MARKS):
        ax.scatter(
            *layout.points[classes == number].T, s=size, c=colour, marker=marker,
            linewidths=0.3, edgecolors="white", zorder=4 - 0.1 * number,
        )  # fmt: skip


def _name(ax: Axes, classes: IntArray, language: Language) -> None:
    say, counts = in_language(language), np.bincount(classes, minlength=len(_MARKS))
    names = (
        say("离相邻网格的中心企业更近", "nearer to the next grid's medoid"),
        say("离本网格中心企业更近，不到200米", "nearer to its own, by less than 200 m"),
        say("更近200米至1公里", "by 200 m to 1 km"),
        say("更近1公里以上", "by 1 km or more"),
        say("划分单元只有一个网格", "only grid of its block"),
    )
    handles = [
        Line2D([], [], color=colour, marker=marker, linestyle="",
               label=name + say(f"（{n:,}家）", f" ({n:,})"))
        for (colour, marker, _), name, n in zip(_MARKS, names, counts, strict=True)
        if n
    ]  # fmt: skip
    handles.append(
        Line2D([], [], color="white", marker="o", markeredgecolor=INK, linestyle="",
               label=say("中心企业", "medoid"))
    )  # fmt: skip
    show_legend(ax, handles)
