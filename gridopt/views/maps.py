"""How a partition looks on a map: by grid, by unit, by category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from gridopt.views.figures import begin, show_legend, write_title
from gridopt.views.frames import draw_scale, set_frame, size_of
from gridopt.views.groups import check_by, draw_groups
from gridopt.views.labels import (
    category_name,
    grid_names,
    in_language,
    mark_of,
    place_name,
)
from gridopt.views.layout import lay_out
from gridopt.views.marks import (
    GREY,
    LARGE,
    draw_outlines,
    draw_points,
    draw_spokes,
    point_handle,
)
from gridopt.views.palette import COLOURS, INK, MARKERS
from gridopt.views.placing import place_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from gridopt.partition import Partition
    from gridopt.views.labels import Language
    from gridopt.views.layout import Layout
    from gridopt.views.panels import Panel

_NAMED_GRIDS = 16
_NUMBERED_GRIDS = 60


def plot_map(
    partition: Partition,
    ax: Axes | None = None,
    *,
    by: Literal["grid", "unit", "category"] = "grid",
    unit: str | None = None,
    category: str | None = None,
    language: Language = "zh",
) -> Axes:
    """Draw grids on a map: enterprises, medoids, spokes and outlines.

    Colours are safe for the colour-blind; in a grey print the shapes of the points
    tell neighbouring grids apart. Grids of an exception are hatched.

    Parameters
    ----------
    ax
        Where to draw; a new figure where None.
    by
        What colour and shape of a point tell: its grid, the unit it belongs to or
        its category.
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
        Where no such grid exists, `by` or `language` is none of those, or no font
        draws Chinese.
    """
    in_language(language)
    check_by(by)
    layout = lay_out(partition, unit, category)
    ax = begin(ax, size_of(layout.points))
    draw_outlines(ax, layout, is_grey=by != "grid")
    set_frame(ax, layout.points)
    if by == "grid":
        _draw_grids(ax, partition, layout, language)
    else:
        draw_groups(ax, partition, layout, by, language)
    text = _title(partition, layout, (unit, category, by), language)
    write_title(ax, text, mark=mark_of(partition.register, language))
    return ax


def _draw_grids(
    ax: Axes, partition: Partition, layout: Layout, language: Language
) -> None:
    draw_spokes(ax, layout)
    draw_points(ax, layout, layout.colours[layout.labels])
    _draw_medoids(ax, layout)
    around = draw_scale(ax, language)
    if len(layout.grids) <= _NUMBERED_GRIDS:
        branches = [
            category_name(partition.register, key, language)
            for key in layout.grids["category"]
        ]
        names = short_names(layout, branches)
        place_labels(ax, names, layout.medoids, around=around)
    show_legend(ax, _grid_handles(partition, layout, language))


def _draw_medoids(ax: Axes, layout: Layout) -> None:
    is_large = len(layout.points) >= LARGE
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


def _grid_handles(
    partition: Partition, layout: Layout, language: Language
) -> list[Artist]:
    say = in_language(language)
    if len(layout.grids) <= _NAMED_GRIDS:
        names = grid_names(partition, layout.grids, language)
        handles: list[Artist] = [
            point_handle(int(colour), name + say(f"（{size}家）", f" ({size})"))
            for colour, name, size in zip(
                layout.colours, names, layout.grids["size"], strict=True
            )
        ]
    else:
        text = say("企业（同一网格同色同形）", "enterprise (colour, shape: grid)")
        handles = [point_handle(0, text)]
    handles += [
        Line2D([], [], marker="o", linestyle="", markersize=9, markeredgewidth=1.4,
               color="white", markeredgecolor=INK,
               label=say("中心企业（描黑边）", "medoid (black edge)")),
        Line2D([], [], color=GREY, linewidth=0.8,
               label=say("企业至中心企业", "enterprise to medoid")),
    ]  # fmt: skip
    if layout.grids["is_exception"].any():
        handles.append(
            Patch(facecolor="#E5E7EB", edgecolor=GREY, hatch="////",
                  label=say("有例外的网格", "grid of an exception"))
        )  # fmt: skip
    return handles


def short_names(
    layout: Layout | Panel, category_names: Sequence[str] | None = None
) -> list[str]:
    """Name grids by number; where several categories are shown, 工3 is 工业第3网格.

    A grid of another make is named by its id.

    Parameters
    ----------
    category_names
        Names of the grids' categories; the Chinese ones where None.
    """
    names = layout.category_names if category_names is None else category_names
    is_one = layout.grids["category"].nunique() == 1
    found = []
    for grid_id, name in zip(layout.grids.index, names, strict=True):
        number = grid_id.rpartition("-")[2]
        initial = "" if is_one else name[:1].upper()
        own = f"{initial}{int(number)}" if number.isdecimal() else grid_id
        found.append(own)
    return found


def _title(
    partition: Partition,
    layout: Layout,
    chosen: tuple[str | None, str | None, str],
    language: Language,
) -> str:
    say, (unit, category, by) = in_language(language), chosen
    place = place_name(partition, layout.grids, (unit, category), language)
    n, k = len(layout.points), len(layout.grids)
    what = {
        "grid": say("企业网格划分图", ": grids"),
        "unit": say("企业分布图，按二级统计网格着色", ": enterprises by unit"),
        "category": say("企业分布图，按行业着色", ": enterprises by category"),
    }[by]
    counts = say(f"（{k:,}个网格，{n:,}家企业）", f" ({k:,} grids, {n:,} enterprises)")
    return f"{place}{what}{counts}"
