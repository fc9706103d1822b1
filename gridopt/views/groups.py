"""How a map looks whose points tell their unit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.patches import Patch

from gridopt.errors import InputError
from gridopt.geography import DEPARTMENT
from gridopt.views.figures import MOST_NAMED, show_legend
from gridopt.views.frames import draw_scale
from gridopt.views.labels import in_language, unit_name
from gridopt.views.marks import AMONG_ALL, draw_points, point_handle
from gridopt.views.palette import COLOURS, spread_colours
from gridopt.views.placing import place_labels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from gridopt.partition import Partition
    from gridopt.views.labels import Language
    from gridopt.views.layout import FloatArray, IntArray, Layout


def check_by(by: str) -> None:
    """Refuse what a map cannot tell of its points.

    Raises
    ------
    InputError
        Where it is none of grid, unit and category.
    """
    if by not in ("grid", "unit", "category"):
        raise InputError(
            "地图只能按 grid（网格）、unit（单元）或 category（行业）着色，"
            f"不能按 {by!r}。",
            f"A map is coloured by grid, unit or category, not by {by!r}.",
        )


def draw_units(
    ax: Axes, partition: Partition, layout: Layout, language: Language
) -> None:
    """Draw enterprises by unit, the units named where they lie."""
    rows = layout.enterprises["unit"].to_numpy(dtype=str)
    keys, own, counts = np.unique(rows, return_inverse=True, return_counts=True)
    numbers = _number(_middles(layout, own, len(keys)))
    offices = [k for k, key in enumerate(keys) if is_department(partition, key)]
    if len(offices) == 1 < len(keys):
        numbers[offices] = AMONG_ALL
    draw_points(ax, layout, numbers[own])
    name_units(ax, partition, layout, draw_scale(ax, language), language)
    names = [unit_name(partition.register, key, language) for key in keys]
    show_legend(ax, _handles(names, numbers, counts, language))


def name_units(
    ax: Axes,
    partition: Partition,
    layout: Layout,
    around: Sequence[Text],
    language: Language,
) -> None:
    """Write the units' names where their enterprises lie, at most `MOST_NAMED`."""
    names, places = place_units(partition, layout, language)
    place_labels(ax, names[:MOST_NAMED], places[:MOST_NAMED], around=around)


def place_units(
    partition: Partition, layout: Layout, language: Language
) -> tuple[list[str], FloatArray]:
    """Name the units and find where their enterprises lie, metres, shape (n, 2).

    A department is left out: its firms lie all over the city.
    """
    rows = layout.enterprises["unit"].to_numpy(dtype=str)
    keys, own = np.unique(rows, return_inverse=True)
    placed = [k for k, key in enumerate(keys) if not is_department(partition, key)]
    names = [unit_name(partition.register, keys[k], language) for k in placed]
    return names, _middles(layout, own, len(keys))[placed]


def is_department(partition: Partition, code: str) -> bool:
    """Tell whether a unit is a department of the city, with firms in all of it."""
    unit = partition.register.units.get(code)
    return unit is not None and unit.kind == DEPARTMENT


def _middles(layout: Layout, own: IntArray, n: int) -> FloatArray:
    """Find where the firms of each of n groups lie, shape (n, 2)."""
    return np.array([np.median(layout.points[own == k], axis=0) for k in range(n)])


def _number(middles: FloatArray) -> IntArray:
    """Give groups numbers of styles so that neighbours differ in colour."""
    colours = spread_colours(middles, np.zeros(len(middles)))
    earlier = [int((colours[:k] == colour).sum()) for k, colour in enumerate(colours)]
    return np.asarray(colours + len(COLOURS) * np.array(earlier, dtype=np.int64))


def _handles(
    names: list[str], numbers: IntArray, counts: IntArray, language: Language
) -> list[Artist]:
    say = in_language(language)
    handles: list[Artist] = [
        point_handle(int(number), name + say(f"（{n:,}家）", f" ({n:,})"))
        for name, number, n in zip(names, numbers, counts, strict=True)
    ][:MOST_NAMED]
    n_left = len(names) - len(handles)
    if n_left:
        text = say(f"另有{n_left}个", f"{n_left} more")
        handles.append(Patch(alpha=0, label=text))
    return handles
