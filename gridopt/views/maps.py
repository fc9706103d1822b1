"""How a partition looks on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from gridopt.views.fonts import chinese_font, drawable
from gridopt.views.labels import SYNTHETIC, unit_name
from gridopt.views.layout import lay_out, scale_length_m
from gridopt.views.palette import COLOURS, INK, MARKERS

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from gridopt.partition import Partition
    from gridopt.views.layout import Layout
    from gridopt.views.panels import Panel

_NAMED_GRIDS = 16
_NUMBERED_GRIDS = 60
_LARGE = 1_500


def plot_map(
    partition: Partition,
    ax: Axes | None = None,
    *,
    unit: str | None = None,
    category: str | None = None,
) -> Axes:
    """Draw grids on a map: enterprises by grid, medoids, spokes and outlines.

    Colours are safe for the colour-blind; in a grey print the shapes of the points
    tell neighbouring grids apart. Grids of an exception are hatched.

    Parameters
    ----------
    ax
        Where to draw; a new figure where None.
    unit, category
        Draw only the grids of this unit (code or name) and this category (key or
        name).

    Returns
    -------
    Axes
        In metres, both axes alike.

    Raises
    ------
    InputError
        Where no such grid exists, or no font draws Chinese.
    """
    layout = lay_out(partition, unit, category)
    chinese_font()
    if ax is None:
        _, ax = plt.subplots(figsize=(9.5, 7), layout="constrained")
    _draw_outlines(ax, layout)
    _draw_spokes(ax, layout)
    _draw_enterprises(ax, layout)
    _draw_medoids(ax, layout)
    _set_frame(ax, layout)
    draw_scale(ax)
    ax.set_title(
        drawable(_title(partition, layout, unit, category)),
        fontproperties=chinese_font(13),
        color=INK,
        linespacing=1.4,
    )
    _draw_legend(ax, layout)
    return ax


def _draw_outlines(ax: Axes, layout: Layout) -> None:
    is_exception = layout.grids["is_exception"].to_numpy(dtype=bool)
    colours = np.array(COLOURS)[layout.colours]
    for chosen, hatch in ((~is_exception, None), (is_exception, "////")):
        shapes = PolyCollection(
            [layout.outlines[g] for g in np.flatnonzero(chosen)],
            facecolors=list(colours[chosen]),
            edgecolors=list(colours[chosen]),
            alpha=0.14,
            linewidths=0.8,
            hatch=hatch,
            zorder=1,
        )
        ax.add_collection(shapes)


def _draw_spokes(ax: Axes, layout: Layout) -> None:
    ends = np.stack([layout.points, layout.medoids[layout.labels]], axis=1)
    colours = [COLOURS[c] for c in layout.colours[layout.labels]]
    ax.add_collection(
        LineCollection(list(ends), colors=colours, linewidths=0.6, alpha=0.6, zorder=2)
    )


def _draw_enterprises(ax: Axes, layout: Layout) -> None:
    own = layout.colours[layout.labels]
    size = 22 if len(layout.points) < _LARGE else 8
    for c in np.unique(own):
        ax.scatter(
            *layout.points[own == c].T,
            s=size,
            c=COLOURS[c],
            marker=MARKERS[c],
            linewidths=0.3,
            edgecolors="white",
            zorder=3,
        )


def _draw_medoids(ax: Axes, layout: Layout) -> None:
    is_large = len(layout.points) >= _LARGE
    size = 40 if is_large else 95
    for c in np.unique(layout.colours):
        ax.scatter(
            *layout.medoids[layout.colours == c].T,
            s=size,
            c=COLOURS[c],
            marker=MARKERS[c],
            linewidths=0.8 if is_large else 1.4,
            edgecolors=INK,
            zorder=4,
        )
    if len(layout.grids) > _NUMBERED_GRIDS:
        return
    for (x, y), text in zip(layout.medoids, short_names(layout), strict=True):
        ax.annotate(
            drawable(text),
            (x, y),
            xytext=(6, 5),
            textcoords="offset points",
            fontproperties=chinese_font(8.5),
            color=INK,
            bbox={"boxstyle": "round,pad=0.12", "fc": "white", "ec": "none",
                  "alpha": 0.75},
            zorder=5,
        )  # fmt: skip


def _set_frame(ax: Axes, layout: Layout) -> None:
    low, high = layout.points.min(axis=0), layout.points.max(axis=0)
    margin = 0.06 * max(float((high - low).max()), 200.0)
    ax.set_xlim(low[0] - margin, high[0] + margin)
    ax.set_ylim(low[1] - 1.6 * margin, high[1] + margin)
    ax.set_aspect("equal", adjustable="box")
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_color("#B8C0CA")


def draw_scale(ax: Axes) -> None:
    """Draw a scale bar and where north is; call it once the limits are set."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    length = scale_length_m(right - left)
    x, y = left + 0.03 * (right - left), bottom + 0.03 * (top - bottom)
    ax.plot([x, x + length], [y, y], color=INK, linewidth=3, solid_capstyle="butt")
    text = f"{length // 1000}公里" if length >= 1000 else f"{length}米"
    ax.annotate(
        text,
        (x + length / 2, y),
        xytext=(0, 4),
        textcoords="offset points",
        ha="center",
        fontproperties=chinese_font(9),
        color=INK,
    )
    ax.annotate(
        "北\n▲",
        (0.975, 0.98),
        xycoords="axes fraction",
        ha="center",
        va="top",
        fontproperties=chinese_font(9),
        color=INK,
        linespacing=0.95,
    )


def _draw_legend(ax: Axes, layout: Layout) -> None:
    if len(layout.grids) <= _NAMED_GRIDS:
        handles = [_grid_handle(layout, g) for g in range(len(layout.grids))]
    else:
        point = {"marker": "o", "linestyle": "", "color": COLOURS[0]}
        handles = [Line2D([], [], label="企业（同一网格同色同形）", **point)]
    handles += [
        Line2D([], [], marker="o", linestyle="", markersize=9, markeredgewidth=1.4,
               color="white", markeredgecolor=INK, label="中心企业（描黑边）"),
        Line2D([], [], color="#6B7280", linewidth=0.8, label="企业至中心企业"),
    ]  # fmt: skip
    if layout.grids["is_exception"].any():
        handles.append(
            Patch(facecolor="#E5E7EB", edgecolor="#6B7280", hatch="////",
                  label="有例外的网格")
        )  # fmt: skip
    ax.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        borderaxespad=0.0,
        frameon=False,
        prop=chinese_font(9),
    )


def _grid_handle(layout: Layout, g: int) -> Artist:
    grid = layout.grids.iloc[g]
    colour = layout.colours[g]
    label = drawable(f"{grid['grid_name']}（{grid['size']}家）")
    return Line2D(
        [],
        [],
        marker=MARKERS[colour],
        linestyle="",
        color=COLOURS[colour],
        label=label,
    )


def short_names(layout: Layout | Panel) -> list[str]:
    """Name grids by number; where several categories are shown, 工3 is 工业第3网格."""
    numbers = [str(int(grid_id.rsplit("-", 1)[-1])) for grid_id in layout.grids.index]
    if layout.grids["category"].nunique() == 1:
        return numbers
    return [
        f"{name[:1]}{number}"
        for name, number in zip(layout.category_names, numbers, strict=True)
    ]


def _title(
    partition: Partition, layout: Layout, unit: str | None, category: str | None
) -> str:
    register = partition.register
    place = (
        "全市" if unit is None else unit_name(register, layout.grids["unit"].iloc[0])
    )
    branch = ""
    if category is not None:
        branch = register.classification.name_zh(layout.grids["category"].iloc[0])
    counts = f"{len(layout.grids)}个网格，{len(layout.points)}家企业"
    text = f"{place}{branch}企业网格划分图（{counts}）"
    return f"{text}\n{SYNTHETIC}" if register.is_synthetic else text
