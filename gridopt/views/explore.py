"""The map as a page to walk about in, offline: hover, zoom, look up a firm."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from gridopt.errors import InputError
from gridopt.views.groups import place_units
from gridopt.views.html import element, note, page, read_asset, wrap
from gridopt.views.labels import (
    category_name,
    grid_names,
    in_language,
    length_text,
    mark_of,
    printable,
    unit_name,
)
from gridopt.views.layout import lay_out
from gridopt.views.palette import COLOURS, INK
from gridopt.views.saving import save_text

if TYPE_CHECKING:
    from pathlib import Path

    from plotly.graph_objects import Figure

    from gridopt.partition import Partition
    from gridopt.views.labels import Language
    from gridopt.views.layout import FloatArray, Layout

SYMBOLS = ["circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "x"]
"""What plotly calls the shapes of `palette.MARKERS`."""

_DRAWN = 5_000
"""With more firms than this the browser draws points by WebGL."""

_FAMILY = (
    "Microsoft YaHei, PingFang SC, Noto Sans CJK SC, Source Han Sans SC, "
    "WenQuanYi Micro Hei, sans-serif"
)
_BUTTONS = ["toImage", "zoomIn2d", "zoomOut2d", "resetScale2d"]
_CONFIG = {
    "displaylogo": False,
    "scrollZoom": True,
    "responsive": True,
    "modeBarButtons": [_BUTTONS],  # none that would send the plan elsewhere
}


def explore(
    partition: Partition,
    path: str | Path | None = None,
    *,
    language: Language = "zh",
) -> Figure:
    """Draw the plan as an interactive map that needs no network.

    Hovering tells name, id, unit, category, grid and distance; a list jumps to a
    unit. The page that is written has a box to look up a firm by name or id besides;
    it holds everything it needs, and the same plan gives the same bytes.

    Parameters
    ----------
    partition
        The plan.
    path
        Page to write, some 5 MB, most of it the drawing program; none where None.
    language
        ``zh`` or ``en``.

    Returns
    -------
    plotly.graph_objects.Figure
        In kilometres east and north of the centre of the register.

    Raises
    ------
    InputError
        Where plotly is not installed, the plan has no grids or is none, or the page
        cannot be written.

    Examples
    --------
    >>> import gridopt as go
    >>> figure = explore(go.make_grids(go.read_sample()))  # doctest: +SKIP
    """
    graphs = _load_plotly()
    say = in_language(language)
    layout = lay_out(partition)
    places, medoids = _kilometres(layout.points), _kilometres(layout.medoids)
    words = _words(partition, layout, language)
    traces = []
    for colour in np.unique(layout.colours):
        traces += _shapes(graphs, layout, int(colour))
    for colour in np.unique(layout.colours):
        mine = np.flatnonzero(layout.colours[layout.labels] == colour)
        traces.append(_points(graphs, places[mine], words[mine], int(colour)))
    traces.append(
        graphs.Scatter(
            x=medoids[:, 0].tolist(), y=medoids[:, 1].tolist(), mode="markers",
            hoverinfo="skip", name=say("中心企业", "medoids"),
            marker={"symbol": "circle-open", "size": 11, "color": INK,
                    "line": {"width": 1.6}},
        )
    )  # fmt: skip
    traces.append(_unit_names(graphs, partition, layout, language))
    figure = graphs.Figure(traces, _page_layout(partition, layout, language))
    if path is not None:
        save_text(_write_page(figure, layout, language), path)
    return figure


def _load_plotly() -> Any:
    try:
        import plotly.graph_objects
    except ImportError:
        raise InputError(
            "交互地图需要 plotly，尚未安装。请执行 pip install 'gridopt[notebook]'，"
            "或改用 plot_map。",
            "An interactive map needs plotly, which is not installed: run "
            "pip install 'gridopt[notebook]', or use plot_map.",
        ) from None
    return plotly.graph_objects


def _kilometres(metres: FloatArray) -> FloatArray:
    """Round to whole metres: more would make the page larger, not truer."""
    return np.asarray(np.round(metres) / 1000)


def _shapes(graphs: Any, layout: Layout, colour: int) -> list[Any]:
    """Draw the outlines and the spokes of all grids of one colour."""
    grids = np.flatnonzero(layout.colours == colour)
    outlines = _chain([layout.outlines[g] for g in grids])
    mine = np.flatnonzero(np.isin(layout.labels, grids))
    ends = np.stack([layout.points[mine], layout.medoids[layout.labels[mine]]], axis=1)
    ink = COLOURS[colour]
    drawn = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    return [
        graphs.Scatter(
            x=outlines[0], y=outlines[1], fill="toself", opacity=0.25,
            line={"color": ink, "width": 1}, fillcolor=ink, **drawn,
        ),
        graphs.Scatter(
            **dict(zip("xy", _chain(list(ends)), strict=True)), opacity=0.5,
            line={"color": ink, "width": 0.7}, **drawn,
        ),
    ]  # fmt: skip


def _chain(lines: list[FloatArray]) -> tuple[list[float | None], list[float | None]]:
    """Put lines one after the other, each ended by a gap."""
    gap = np.full((1, 2), np.nan)
    joined = np.concatenate([part for line in lines for part in (line, gap)])
    values = _kilometres(joined).astype(object)
    values[np.isnan(joined)] = None
    return values[:, 0].tolist(), values[:, 1].tolist()


def _points(graphs: Any, places: FloatArray, words: Any, colour: int) -> Any:
    is_many = len(words) > _DRAWN
    kind = graphs.Scattergl if is_many else graphs.Scatter
    return kind(
        x=places[:, 0].tolist(), y=places[:, 1].tolist(), mode="markers",
        text=words.tolist(), hovertemplate="%{text}<extra></extra>", showlegend=False,
        marker={"color": COLOURS[colour], "symbol": SYMBOLS[colour], "size": 7,
                "line": {"color": "white", "width": 0.5}},
    )  # fmt: skip


def _unit_names(
    graphs: Any, partition: Partition, layout: Layout, language: Language
) -> Any:
    """Write the name of each unit where its enterprises lie."""
    names, places = place_units(partition, layout, language)
    at = _kilometres(places)
    return graphs.Scatter(
        x=at[:, 0].tolist(), y=at[:, 1].tolist(), mode="text", hoverinfo="skip",
        text=[f"<b>{escape(name, quote=False)}</b>" for name in names],
        textfont={"color": INK, "size": 13, "shadow": "auto"},
        name=in_language(language)("单元名称", "names of units"),
    )  # fmt: skip


def _words(partition: Partition, layout: Layout, language: Language) -> Any:
    """Write what hovering tells; a name is text, whatever marks it has."""
    say, rows, register = in_language(language), layout.enterprises, partition.register
    grids = np.array(grid_names(partition, layout.grids, language), dtype=object)
    units = {
        code: unit_name(register, code, language) for code in rows["unit"].unique()
    }
    branches = {
        key: category_name(register, key, language) for key in rows["category"].unique()
    }
    lines = zip(
        rows["name"], rows.index, rows["unit"].map(units),
        rows["category"].map(branches), grids[layout.labels], rows["distance_m"],
        rows["is_medoid"], strict=True,
    )  # fmt: skip
    return np.array(
        [
            "<br>".join(
                escape(printable(str(text)), quote=False).replace("\n", " ")
                for text in (
                    name, key, f"{unit}{say('，', ', ')}{branch}", grid,
                    say("中心企业", "medoid") if is_medoid else
                    say("距中心企业", "to the medoid: ") + length_text(far, language),
                )
            )
            for name, key, unit, branch, grid, far, is_medoid in lines
        ],
        dtype=object,
    )  # fmt: skip


def _page_layout(
    partition: Partition, layout: Layout, language: Language
) -> dict[str, Any]:
    say = in_language(language)
    n, k = len(layout.points), len(layout.grids)
    title = say(f"企业网格划分图（{k:,}个网格，{n:,}家企业）",
                f"Grids ({k:,} grids, {n:,} enterprises)")  # fmt: skip
    mark = mark_of(partition.register, language)
    axis = {"showgrid": False, "zeroline": False, "ticksuffix": say("公里", " km")}
    return {
        "title": {"text": f"{title}<br><sup>{mark}</sup>" if mark else title,
                  "y": 0.97, "yanchor": "top"},
        "font": {"family": _FAMILY, "color": INK},
        "template": "plotly_white",
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": "white", "align": "left",
                       "font": {"family": _FAMILY, "color": INK, "size": 13}},
        "dragmode": "pan",
        "height": 720,
        "margin": {"l": 60, "r": 20, "t": 96, "b": 36},
        "legend": {"orientation": "h", "y": 1.01, "yanchor": "bottom",
                   "x": 1, "xanchor": "right"},
        "xaxis": axis,
        "yaxis": {**axis, "scaleanchor": "x"},
        "updatemenus": [
            {
                "buttons": _jumps(partition, layout, language),
                "x": 0, "xanchor": "left", "y": 1.01, "yanchor": "bottom",
            }
        ],
    }  # fmt: skip


def _jumps(partition: Partition, layout: Layout, language: Language) -> list[Any]:
    """List where the map may jump to: the whole of it, and each unit's grids."""
    units = layout.grids["unit"].to_numpy(dtype=object)
    buttons = [_jump(in_language(language)("全市", "All units"), layout.points)]
    for code in sorted(set(units)):
        mine = np.isin(layout.labels, np.flatnonzero(units == code))
        name = escape(unit_name(partition.register, code, language), quote=False)
        buttons.append(_jump(name, layout.points[mine]))
    return buttons


def _jump(name: str, points: FloatArray) -> dict[str, Any]:
    low, high = _kilometres(points.min(axis=0)), _kilometres(points.max(axis=0))
    margin = 0.06 * max(float((high - low).max()), 0.2)
    ranges = {
        f"{axis}axis.range": [float(low[i] - margin), float(high[i] + margin)]
        for i, axis in enumerate("xy")
    }
    return {"label": name, "method": "relayout", "args": [ranges]}


def _write_page(figure: Figure, layout: Layout, language: Language) -> str:
    say = in_language(language)
    # a page is as high as its window, what a notebook shows is not
    tall = type(figure)(figure).update_layout(height=None, autosize=True)
    drawn = tall.to_html(
        full_html=False, include_plotlyjs=True, div_id="map", config=_CONFIG
    )
    ask = element("span", say("查找企业（名称或编号）：", "Find (name or id): "))
    search = wrap(
        "div",
        wrap("label", ask + '<input id="find" autocomplete="off">')
        + element("span", "", id="told", class_="note") + '<ul id="found"></ul>',
        class_="find",
    )  # fmt: skip
    help_ = note(
        say("拖动移动，滚轮缩放，双击复原；鼠标停在点上可看名称、编号、单元、网格和距离。",
            "Drag to move, wheel to zoom, double-click to reset; hover for details.")
    )  # fmt: skip
    words = {
        "none": say("没有找到", "nothing found"),
        "more": say("另有{n}家", "{n} more"),
    }
    data = {"firms": _firms(layout), "words": words}
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    kept = f'<script type="application/json" id="data">{text}</script>'
    return page(
        say("企业网格划分图", "Grids"), search + drawn + help_ + kept,
        style=read_asset("explore.css"),
        script=read_asset("explore.js"),
    )  # fmt: skip


def _firms(layout: Layout) -> list[list[Any]]:
    rows, places = layout.enterprises, _kilometres(layout.points).tolist()
    return [
        [printable(str(name)), str(key), *place]
        for name, key, place in zip(rows["name"], rows.index, places, strict=True)
    ]
