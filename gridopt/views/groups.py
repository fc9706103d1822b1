"""How a map looks whose points tell their unit or their category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.patches import Patch

from gridopt.errors import InputError
from gridopt.geography import DEPARTMENT
from gridopt.views.figures import MOST_NAMED, show_legend
from gridopt.views.frames import draw_scale
from gridopt.views.labels import category_name, in_language, unit_name
from gridopt.views.marks import draw_points, point_handle
from gridopt.views.palette import COLOURS, spread_colours
from gridopt.views.placing import place_labels

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from gridopt.partition import Partition
    from gridopt.views.labels import Language
    from gridopt.views.layout import FloatArray, IntArray, Layout


def check_by(by: str) -> None:
    """Refuse what a map cannot be coloured by.

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


def draw_groups(
    ax: Axes,
    partition: Partition,
    layout: Layout,
    by: Literal["unit", "category"],
    language: Language,
) -> None:
    """Draw enterprises by unit or category, the units named where they lie."""
    rows = layout.enterprises[by].to_numpy(dtype=str)
    keys, own, counts = np.unique(rows, return_inverse=True, return_counts=True)
    middles = np.array(
        [np.median(layout.points[own == k], axis=0) for k in range(len(keys))]
    )
    numbers = _number(middles)
    draw_points(ax, layout, numbers[own])
    around = draw_scale(ax, language)
    names = [_name(partition, key, by, language) for key in keys]
    if by == "unit":
        # a department's firms lie all over the city, so it has no place of its own
        placed = [
            k for k, key in enumerate(keys) if not _is_department(partition, key)
        ][:MOST_NAMED]
        texts = [names[k] for k in placed]
        place_labels(ax, texts, middles[placed], around=around)
    show_legend(ax, _handles(names, numbers, counts, language))


def _number(middles: FloatArray) -> IntArray:
    """Give groups numbers of styles so that neighbours differ in colour."""
    colours = spread_colours(middles, np.zeros(len(middles)))
    earlier = [int((colours[:k] == colour).sum()) for k, colour in enumerate(colours)]
    return np.asarray(colours + len(COLOURS) * np.array(earlier, dtype=np.int64))


def _name(partition: Partition, key: str, by: str, language: Language) -> str:
    if by == "unit":
        return unit_name(partition.register, key)
    return category_name(partition.register, key, language)


def _is_department(partition: Partition, code: str) -> bool:
    unit = partition.register.units.get(code)
    return unit is not None and unit.kind == DEPARTMENT


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
