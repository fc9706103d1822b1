"""How a partition looks on a map: by grid, by unit, by category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from gridopt.views.branches import draw_branches
from gridopt.views.figures import begin, show_legend, write_title
from gridopt.views.frames import draw_scale, set_frame, size_of
from gridopt.views.groups import check_by, draw_units, name_units
from gridopt.views.labels import (
    category_name,
    grid_names,
    in_language,
    mark_of,
    place_name,
    unit_name,
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
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from gridopt.partition import Partition
    from gridopt.register import Register
    from gridopt.views.labels import Language
    from gridopt.views.layout import Layout

_NAMED_GRIDS = 16
_NUMBERED_GRIDS = 60
_FRONT = 4
"""Most letters of a unit's name before the number of its grid."""


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
    tell neighbouring grids apart. Grids with an exception are hatched. By category each
    has a small map of its own, all on one scale.

    Parameters
    ----------
    ax
        Where to draw; a new figure where None.
    by
        What is told of a point: its grid, the unit it belongs to or its category.
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
    if by == "category":
        ax = draw_branches(ax, partition, layout, language)
    else:
        ax = begin(ax, size_of(layout.points))
        draw_outlines(ax, layout, is_grey=by == "unit")
        set_frame(ax, layout.points)
        draw = _draw_grids if by == "grid" else draw_units
        draw(ax, partition, layout, language)
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
        names = short_names(partition.register, layout.grids, language)
        place_labels(ax, names, layout.medoids, around=around)
    else:
        name_units(ax, partition, layout, around, language)
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
                  label=say("有例外的网格", "grid with an exception"))
        )  # fmt: skip
    return handles


def short_names(
    register: Register, grids: pd.DataFrame, language: Language
) -> list[str]:
    """Name grids by number; 工3 is 工业第3网格 where several categories are shown.

    Where several units are, their first letters stand in front: 玉城工3. A grid of
    another make is named by its id.

    Parameters
    ----------
    grids
        Rows with `unit, category`, index `grid_id`.
    """
    initials = {
        key: category_name(register, key, language)[:1].upper()
        for key in grids["category"].unique()
    }
    units = {code: unit_name(register, code, language) for code in grids["unit"]}
    fronts = dict(zip(units, _fronts(list(units.values())), strict=True))
    found = []
    for grid_id, unit, key in zip(
        grids.index, grids["unit"], grids["category"], strict=True
    ):
        number = grid_id.rpartition("-")[2]
        front = fronts[unit] if len(units) > 1 else ""
        initial = initials[key] if len(initials) > 1 else ""
        own = f"{front}{initial}{int(number)}" if number.isdecimal() else grid_id
        found.append(own)
    return found


def _fronts(names: list[str]) -> list[str]:
    """Cut names to as many letters, two at least, as tell them apart.

    Examples
    --------
    >>> _fronts(["玉城街道", "玉环经济开发区"])
    ['玉城', '玉环']
    """
    most = max(map(len, names), default=2)
    for n in range(2, min(most, _FRONT) + 1):
        found = [name[:n] for name in names]
        if len(set(found)) == len(set(names)):
            return found
    return [name[:_FRONT] for name in names]


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
        "category": say("企业分布图，分行业", ": enterprises by category"),
    }[by]
    counts = say(f"（{k:,}个网格，{n:,}家企业）", f" ({k:,} grids, {n:,} enterprises)")
    return f"{place}{what}{counts}"
