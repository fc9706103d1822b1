"""How a re-cut looks beside the plan before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D

from gridopt.views.fonts import chinese_font, drawable
from gridopt.views.labels import CHANGE_KINDS, SYNTHETIC
from gridopt.views.maps import draw_scale, short_names
from gridopt.views.palette import CHANGES, INK
from gridopt.views.panels import lay_out_moves

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gridopt.adjustment import Adjustment
    from gridopt.views.panels import Panel, Panels

_NUMBERED_GRIDS = 40
_LARGE = 1_500
_GREY = "#9AA5B1"


def plot_adjustment(
    adjustment: Adjustment,
    axes: tuple[Axes, Axes] | None = None,
    *,
    unit: str | None = None,
    category: str | None = None,
) -> tuple[Axes, Axes]:
    """Draw the plan before and the plan after side by side, with who changed.

    Who stayed is a grey point. Who changed grid is marked in both panels and joined
    to its medoid there; who left stands on the left only, who entered on the right
    only. Colours are safe for the colour-blind, shapes tell the rest. Grids that were
    opened or closed have a dashed outline.

    Parameters
    ----------
    axes
        Where to draw, before and after; a new figure where None.
    unit, category
        Draw only the grids of this unit (code or name) and this category (key or
        name).

    Returns
    -------
    tuple of Axes
        Before and after, in metres, both on the same frame and scale.

    Raises
    ------
    InputError
        Where no such grid exists, or no font draws Chinese.
    """
    panels = lay_out_moves(adjustment, unit, category)
    chinese_font()
    if axes is None:
        _, pair = plt.subplots(1, 2, figsize=(12, 6.4), layout="constrained")
        axes = (pair[0], pair[1])
    for ax, panel in zip(axes, (panels.was, panels.now), strict=True):
        _draw_panel(ax, panel)
        _set_frame(ax, panels)
    n_was, n_now = len(panels.was.grids), len(panels.now.grids)
    _set_title(axes[0], f"上期（{n_was}个网格，{len(panels.was.firms)}家企业）")
    _set_title(axes[1], f"本期（{n_now}个网格，{len(panels.now.firms)}家企业）")
    draw_scale(axes[0])
    _draw_legend(axes, panels, adjustment)
    return axes


def _draw_panel(ax: Axes, panel: Panel) -> None:
    is_odd = panel.grids["fate"].isin(["opened", "closed"]).to_numpy()
    for chosen, edge, style in ((~is_odd, _GREY, "-"), (is_odd, INK, "--")):
        ax.add_collection(
            PolyCollection(
                [panel.outlines[g] for g in np.flatnonzero(chosen)],
                facecolors="#EEF1F5",
                edgecolors=edge,
                linestyles=style,
                linewidths=0.8,
                alpha=0.55,
                zorder=1,
            )
        )
    kinds = panel.firms["kind"].to_numpy()
    small = 4 if len(panel.points) >= _LARGE else 9
    ax.scatter(*panel.points[kinds == ""].T, s=small, c=_GREY, linewidths=0, zorder=2)
    ax.scatter(*panel.medoids.T, s=3 * small, c=INK, marker="P", linewidths=0, zorder=3)
    for kind, (colour, marker) in CHANGES.items():
        own = np.flatnonzero(kinds == kind)
        _draw_spokes(ax, panel, own, colour)
        ax.scatter(
            *panel.points[own].T,
            s=44,
            c=colour,
            marker=marker,
            edgecolors="white",
            linewidths=0.6,
            zorder=5,
        )
    _draw_numbers(ax, panel)


def _draw_spokes(ax: Axes, panel: Panel, own: np.ndarray, colour: str) -> None:
    ends = np.stack([panel.points[own], panel.medoids[panel.labels[own]]], axis=1)
    is_known = np.isfinite(ends).all(axis=(1, 2))
    lines = LineCollection(
        list(ends[is_known]), colors=colour, linewidths=0.9, alpha=0.8, zorder=4
    )
    ax.add_collection(lines)


def _draw_numbers(ax: Axes, panel: Panel) -> None:
    if len(panel.grids) > _NUMBERED_GRIDS:
        return
    for place, text in zip(panel.medoids, short_names(panel), strict=True):
        if np.isfinite(place).all():
            ax.annotate(
                drawable(text),
                place,
                xytext=(5, 4),
                textcoords="offset points",
                fontproperties=chinese_font(8.5),
                color=INK,
                bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none",
                      "alpha": 0.7},
                zorder=6,
            )  # fmt: skip


def _set_frame(ax: Axes, panels: Panels) -> None:
    low, high = panels.low, panels.high
    margin = 0.06 * max(float((high - low).max()), 200.0)
    ax.set_xlim(low[0] - margin, high[0] + margin)
    ax.set_ylim(low[1] - 1.6 * margin, high[1] + margin)
    ax.set_aspect("equal", adjustable="box")
    ax.set_xticks([])
    ax.set_yticks([])
    for side in ax.spines.values():
        side.set_color("#B8C0CA")


def _set_title(ax: Axes, text: str) -> None:
    ax.set_title(drawable(text), fontproperties=chinese_font(12), color=INK)


def _draw_legend(
    axes: tuple[Axes, Axes], panels: Panels, adjustment: Adjustment
) -> None:
    shown = set(panels.was.firms.index) | set(panels.now.firms.index)
    found = adjustment.enterprises
    counts = found[found.index.isin(sorted(shown))]["kind"].value_counts()
    handles = [
        Line2D([], [], marker=marker, linestyle="", markersize=7, color=colour,
               label=f"{CHANGE_KINDS[kind]}（{counts[kind]}家）")
        for kind, (colour, marker) in CHANGES.items()
        if kind in counts
    ]  # fmt: skip
    handles += [
        Line2D([], [], marker="o", linestyle="", markersize=3.5, color=_GREY,
               label="未变动的企业"),
        Line2D([], [], marker="P", linestyle="", markersize=6, color=INK,
               label="中心企业"),
        Line2D([], [], color="#6B7280", linewidth=0.9, label="至当期中心企业"),
    ]  # fmt: skip
    title = SYNTHETIC if adjustment.partition.register.is_synthetic else None
    axes[1].legend(
        handles=handles,
        title=title,
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        borderaxespad=0.0,
        frameon=False,
        prop=chinese_font(9),
        title_fontproperties=chinese_font(8),
        alignment="left",
    )
