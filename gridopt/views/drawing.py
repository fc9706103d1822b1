"""How map and histogram are drawn as inline SVG, with a word for each point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gridopt.geography import mean_place
from gridopt.sketch import chain, on_page
from gridopt.views.charts import count_sizes
from gridopt.views.html import element, wrap
from gridopt.views.labels import metres_text
from gridopt.views.layout import lay_out, scale_length_m
from gridopt.views.palette import ACCENT, COLOURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gridopt.partition import Partition
    from gridopt.views.layout import FloatArray, Layout

MOST_POINTS = 5_000
"""With more enterprises than this the map shows grids only."""

_MARGIN = 0.03


def draw_map(partition: Partition) -> str:
    """Draw every grid: outline, spokes, enterprises, medoid; one group per grid.

    Coordinates are whole metres from the upper left corner. Above `MOST_POINTS`
    enterprises only outlines and medoids are drawn.
    """
    layout = lay_out(partition)
    corner, size = _frame(layout.points)
    has_points = len(layout.points) <= MOST_POINTS
    groups = [
        _draw_grid(layout, g, corner, has_points=has_points)
        for g in range(len(layout.grids))
    ]
    width, height = size
    parts = [*groups, draw_scale(int(width), int(height), id="scale")]
    return wrap(
        "svg",
        "\n".join(parts),
        id="map",
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_label="企业网格划分图",
        style=f"--f:{max(width, height) * 0.013:.0f}px",
    )


def draw_outlines(partitions: Sequence[Partition]) -> list[str]:
    """Draw plans on one frame: outlines and medoids, without the enterprises.

    Returns
    -------
    list of str
        An `svg` element each, `plan-1` and so on, one group per grid.
    """
    places = pd.concat(
        [one.register.enterprises.loc[one.enterprises.index] for one in partitions]
    )
    centre = mean_place(
        places["longitude"].to_numpy(float), places["latitude"].to_numpy(float)
    )
    layouts = [lay_out(partition, centre=centre) for partition in partitions]
    corner, (width, height) = _frame(np.concatenate([one.points for one in layouts]))
    drawn = []
    for i, layout in enumerate(layouts, start=1):
        groups = [
            _draw_grid(layout, g, corner, has_points=False)
            for g in range(len(layout.grids))
        ]
        parts = [*groups, draw_scale(width, height, class_="scale")]
        size = f"--f:{max(width, height) * 0.026:.0f}px"
        drawn.append(
            wrap("svg", "\n".join(parts), id=f"plan-{i}", class_="plan cut",
                 viewBox=f"0 0 {width} {height}", role="img",
                 aria_label="企业网格划分图", style=size)
        )  # fmt: skip
    return drawn


def _frame(points: FloatArray) -> tuple[FloatArray, tuple[int, int]]:
    low, high = points.min(axis=0), points.max(axis=0)
    margin = max(float((high - low).max()), 500.0) * _MARGIN
    corner = np.array([low[0] - margin, high[1] + margin])
    width, height = np.ceil(high - low + 2 * margin).astype(int)
    return corner, (int(width), int(height))


def _draw_grid(layout: Layout, g: int, corner: FloatArray, *, has_points: bool) -> str:
    grid = layout.grids.iloc[g]
    colour = COLOURS[layout.colours[g]]
    outline = on_page(layout.outlines[g], corner)
    medoid = on_page(layout.medoids[g : g + 1], corner)[0]
    parts = [path(chain(outline) + "z", class_="h")]
    if has_points:
        mine = np.flatnonzero(layout.labels == g)
        points = on_page(layout.points[mine], corner)
        x, y = medoid
        spokes = "".join(f"M{a} {b}L{x} {y}" for a, b in points)
        parts.append(path(spokes, class_="s"))
        rows = layout.enterprises.iloc[mine]
        parts += [
            _point(place, f"{name}\n{grid['grid_name']}\n距中心企业{metres_text(far)}")
            for place, name, far in zip(
                points, rows["name"], rows["distance_m"], strict=True
            )
        ]
    words = (
        f"{grid['grid_name']}：{grid['size']}家，最远{metres_text(grid['radius_m'])}"
        f"\n中心企业：{layout.enterprises.at[grid['medoid_id'], 'name']}"
    )
    # one metre long: a square cap on nothing is left out when the page is printed
    spot = f"M{medoid[0]} {medoid[1]}h1"
    parts.append(path(spot, class_="o"))
    parts.append(path(spot, words, class_="m"))
    kind = "g x" if grid["is_exception"] else "g"
    return wrap(
        "g", parts, class_=kind, data_u=grid["unit"], data_c=grid["category"],
        style=f"--c:{colour}",
    )  # fmt: skip


def _point(place: np.ndarray, words: str) -> str:
    return path(f"M{place[0]} {place[1]}h0", words, class_="p")


def path(d: str, words: str = "", **attributes: object) -> str:
    """Write a path, with words to show where one points at it."""
    inner = element("title", words) if words else ""
    return wrap("path", inner, **attributes, d=d)


def draw_scale(width: int, height: int, **attributes: object) -> str:
    """Draw the scale bar of a map of this size in metres."""
    length = scale_length_m(width)
    x, y = round(width * 0.02), round(height * 0.97)
    words = element("text", metres_text(length), x=x, y=round(y - height * 0.012))
    return wrap("g", [path(f"M{x} {y}h{length}"), words], **attributes)


def draw_sizes(partition: Partition) -> str:
    """Draw how many grids have how many enterprises; exceptions are hatched."""
    sizes, plain, odd = count_sizes(partition)
    rules = partition.rules
    step, floor, room = 26, 210, 170
    tallest = max(int((plain + odd).max(initial=1)), 1)
    unit = room / tallest
    left = 46

    def place(size: float) -> float:
        return left + (size - sizes[0]) * step

    parts = [
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/>'
        f'<path d="M0 0v6" stroke="{COLOURS[0]}" stroke-width="3"/>'
        "</pattern></defs>",
        _bar(place(rules.least), floor - room - 14,
             step * (rules.most - rules.least + 1), room + 14, "#E8F1F8"),
    ]  # fmt: skip
    for size, n_plain, n_odd in zip(sizes, plain, odd, strict=True):
        x = place(size)
        tall, high = n_plain * unit, n_odd * unit
        n = int(n_plain + n_odd)
        words = f"{size}家的网格：{n}个" + (f"，其中有例外的{n_odd}个" if n_odd else "")
        if n_plain:
            parts.append(_bar(x + 3, floor - tall, step - 6, tall, COLOURS[0], words))
        if n_odd:
            parts.append(
                _bar(x + 3, floor - tall - high, step - 6, high, "url(#hatch)", words)
            )
        if n:
            y = floor - tall - high - 4
            parts.append(_label(x + step / 2, y, str(n)))
        parts.append(_label(x + step / 2, floor + 16, str(size)))
    middle = place(rules.target) + step / 2
    parts.append(
        f'<path d="M{middle:g} {floor - room - 14}V{floor}" stroke="{ACCENT}" '
        'stroke-dasharray="5 4" fill="none"/>'
    )
    width = place(sizes[-1] + 1) + 14
    parts.append(f'<path d="M{left} {floor}H{width - 14:g}" stroke="#6B7280"/>')
    parts.append(_label((left + width) / 2, floor + 36, "每个网格的企业数（家）"))
    return wrap(
        "svg", "\n".join(parts), id="sizes", viewBox=f"0 0 {width:g} {floor + 46}",
        role="img", aria_label="企业网格家数分布", style=f"max-width:{width:g}px",
    )  # fmt: skip


def _bar(
    x: float, y: float, width: float, height: float, fill: str, words: str = ""
) -> str:
    edge = f' stroke="{COLOURS[0]}"' if fill.startswith("url") else ""
    title = element("title", words) if words else ""
    return (
        f'<rect x="{x:g}" y="{y:.1f}" width="{width:g}" height="{height:.1f}" '
        f'fill="{fill}"{edge}>{title}</rect>'
    )


def _label(x: float, y: float, text: str) -> str:
    return element("text", text, x=f"{x:g}", y=f"{y:.1f}", text_anchor="middle")
