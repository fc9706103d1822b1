"""How a re-cut looks beside the plan before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.lines import Line2D

from gridopt.errors import refuse_kind
from gridopt.views.figures import show_legend, write_title
from gridopt.views.fonts import chinese_font
from gridopt.views.frames import draw_scale, set_frame
from gridopt.views.labels import (
    change_kind_name,
    in_language,
    mark_of,
    place_name,
)
from gridopt.views.maps import short_names
from gridopt.views.palette import CHANGES, INK
from gridopt.views.panels import lay_out_moves
from gridopt.views.placing import place_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from gridopt.adjustment import Adjustment
    from gridopt.views.labels import Language
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
    language: Language = "zh",
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
    language
        ``zh`` or ``en``.

    Returns
    -------
    tuple of Axes
        Before and after, in metres, both on the same frame and scale.

    Raises
    ------
    InputError
        Where no such grid exists, or no font draws Chinese.
    """
    refuse_kind("变动说明", "Adjustment", adjustment, "before")
    say = in_language(language)
    panels = lay_out_moves(adjustment, unit, category)
    chinese_font()
    if axes is None:
        _, pair = plt.subplots(1, 2, figsize=(13, 6.4), layout="constrained")
        axes = (pair[0], pair[1])
    register = adjustment.partition.register
    ends = np.array([panels.low, panels.high])
    place = place_name(
        adjustment.partition, panels.now.grids, (unit, category), language
    )
    periods = (say("，上期", ": before"), say("，本期", ": after"))
    for ax, panel, period in zip(axes, (panels.was, panels.now), periods, strict=True):
        _draw_panel(ax, panel)
        set_frame(ax, ends)
        around = draw_scale(ax, language)
        names = short_names(register, panel.grids, language)
        _draw_numbers(ax, panel, names, around)
        k, n = len(panel.grids), len(panel.firms)
        text = say(
            f"（{k:,}个网格，{n:,}家企业）", f" ({k:,} grids, {n:,} enterprises)"
        )
        write_title(ax, place + period + text, mark=mark_of(register, language))
    _draw_legend(axes, panels, adjustment, language)
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
    # above all, as a firm that changed may be the medoid
    ax.scatter(*panel.medoids.T, s=6 * small, c=INK, marker="P", linewidths=0.6,
               edgecolors="white", zorder=6)  # fmt: skip
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


def _draw_spokes(ax: Axes, panel: Panel, own: np.ndarray, colour: str) -> None:
    ends = np.stack([panel.points[own], panel.medoids[panel.labels[own]]], axis=1)
    is_known = np.isfinite(ends).all(axis=(1, 2))
    lines = LineCollection(
        list(ends[is_known]), colors=colour, linewidths=0.9, alpha=0.8, zorder=4
    )
    ax.add_collection(lines)


def _draw_numbers(ax: Axes, panel: Panel, names: list[str], around: list[Text]) -> None:
    if len(panel.grids) > _NUMBERED_GRIDS:
        return
    known = np.flatnonzero(np.isfinite(panel.medoids).all(axis=1))
    place_labels(ax, [names[k] for k in known], panel.medoids[known], around=around)


def _draw_legend(
    axes: tuple[Axes, Axes], panels: Panels, adjustment: Adjustment, language: Language
) -> None:
    say = in_language(language)
    shown = set(panels.was.firms.index) | set(panels.now.firms.index)
    found = adjustment.enterprises
    counts = found[found.index.isin(sorted(shown))]["kind"].value_counts()
    handles = [
        Line2D([], [], marker=marker, linestyle="", markersize=7, color=colour,
               label=change_kind_name(kind, language)
               + say(f"（{counts[kind]}家）", f" ({counts[kind]})"))
        for kind, (colour, marker) in CHANGES.items()
        if kind in counts
    ]  # fmt: skip
    handles += [
        Line2D([], [], marker="o", linestyle="", markersize=3.5, color=_GREY,
               label=say("未变动的企业", "unchanged")),
        Line2D([], [], marker="P", linestyle="", markersize=6, color=INK,
               label=say("中心企业", "medoid")),
        Line2D([], [], color="#6B7280", linewidth=0.9,
               label=say("至当期中心企业", "to its medoid of the period")),
    ]  # fmt: skip
    show_legend(axes[1], handles)
