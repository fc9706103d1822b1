"""How the map looks that gives each category a small map of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D

from gridopt.views.figures import begin, show_legend
from gridopt.views.frames import draw_scale
from gridopt.views.labels import category_name, in_language
from gridopt.views.marks import GREY, LARGE
from gridopt.views.mosaic import arrange, frame, write_words
from gridopt.views.palette import COLOURS, INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gridopt.partition import Partition
    from gridopt.views.labels import Language
    from gridopt.views.layout import FloatArray, IntArray, Layout

_OTHERS = "#CBD2DA"


def draw_branches(
    ax: Axes | None, partition: Partition, layout: Layout, language: Language
) -> Axes:
    """Draw a small map per category, the largest first: its firms upon all others.

    Categories share the same streets, so that on one map no colour or shape tells
    them apart in a grey print.
    """
    say = in_language(language)
    rows = layout.enterprises["category"].to_numpy(dtype=str)
    keys, own, counts = np.unique(rows, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    low, size = layout.points.min(axis=0), np.ptp(layout.points, axis=0)
    mosaic = arrange(len(keys), size, 2)
    ax = begin(ax, (mosaic.inches[0] + 1.7, mosaic.inches[1]))
    frame(ax, mosaic)
    texts = []
    for k, corner in zip(order, mosaic.corners, strict=True):
        mine = np.flatnonzero(own == k)
        grids = np.unique(layout.labels[mine])
        _draw_branch(ax, layout, (mine, grids), corner - low)
        n, m = len(mine), len(grids)
        name = category_name(partition.register, str(keys[k]), language)
        counted = say(f"{n:,}家，在{m:,}个网格内", f"firms: {n:,}, in grids: {m:,}")
        texts.append((name, counted))
    write_words(ax, mosaic, texts)
    draw_scale(ax, language)
    show_legend(ax, _handles(language))
    return ax


def _draw_branch(
    ax: Axes, layout: Layout, chosen: tuple[IntArray, IntArray], shift: FloatArray
) -> None:
    mine, grids = chosen
    points, medoids = layout.points + shift, layout.medoids + shift
    small = 2.0 if len(points) >= LARGE else 5.0
    ax.add_collection(
        PolyCollection(
            [layout.outlines[g] + shift for g in grids], facecolors="#EEF1F5",
            edgecolors="#8A94A0", linewidths=0.6, alpha=0.6, zorder=1,
        )
    )  # fmt: skip
    ends = np.stack([points[mine], medoids[layout.labels[mine]]], axis=1)
    spokes = LineCollection(list(ends), colors=GREY, linewidths=0.4, zorder=2)
    ax.add_collection(spokes)
    ax.scatter(*points.T, s=small, c=_OTHERS, linewidths=0, zorder=1.5)
    ax.scatter(*points[mine].T, s=3 * small, c=COLOURS[0], linewidths=0, zorder=3)
    ax.scatter(*medoids[grids].T, s=7 * small, c="white", edgecolors=INK,
               linewidths=0.9, zorder=4)  # fmt: skip


def _handles(language: Language) -> list[Line2D]:
    say = in_language(language)
    dot = {"marker": "o", "linestyle": ""}
    return [
        Line2D([], [], markersize=6, color=COLOURS[0], **dot,
               label=say("本行业企业", "firm of the category")),
        Line2D([], [], markersize=4, color=_OTHERS, **dot,
               label=say("其他行业企业", "other firm")),
        Line2D([], [], markersize=7, color="white", markeredgecolor=INK, **dot,
               label=say("中心企业", "medoid")),
        Line2D([], [], color=GREY, linewidth=0.8,
               label=say("企业至中心企业", "firm to medoid")),
    ]  # fmt: skip
