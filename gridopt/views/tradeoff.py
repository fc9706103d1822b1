"""What each further mover would buy, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gridopt.errors import refuse_kind
from gridopt.frontier import FORCED_PRICE_M, FREE_PRICE_M
from gridopt.views.figures import begin, letter, show_legend, write_title
from gridopt.views.labels import in_language, mark_of
from gridopt.views.palette import ACCENT, COLOURS
from gridopt.views.placing import place_labels

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from gridopt.frontier import Frontier
    from gridopt.views.labels import Language


def plot_frontier(
    frontier: Frontier, ax: Axes | None = None, *, language: Language = "zh"
) -> Axes:
    """Draw movers against kilometres, one point per plan (P13).

    Best plans are joined by steps; the plan that is suggested is marked, the price
    of a mover stands beside each.

    Parameters
    ----------
    ax
        Where to draw; a new figure where None.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Axes
        One point per row of `frontier.points`.

    Raises
    ------
    InputError
        Where no font draws Chinese.
    """
    refuse_kind("调整与距离的取舍", "Frontier", frontier, "points")
    say = in_language(language)
    ax = begin(ax, (9.5, 4.6))
    points = frontier.points
    best = points[points["is_best"]].sort_values("n_movers", kind="stable")
    ax.plot(
        best["n_movers"], best["travel_m"] / 1000, color=COLOURS[0], linewidth=1.4,
        marker="o", markersize=5, zorder=2, 
        label=say("方案（旁为每调整一家的代价）", "plan (price of a mover)"),
    )  # fmt: skip
    beaten = _beaten(points)
    if len(beaten):
        ax.plot(
            beaten["n_movers"], beaten["travel_m"] / 1000, linestyle="none",
            marker="o", markersize=5, markerfacecolor="white", zorder=1.9,
            markeredgecolor=COLOURS[0], 
            label=say("调整更多而距离不更短的方案", "more movers, no shorter"),
        )  # fmt: skip
    knee = points[points["is_knee"]]
    if len(knee):
        ax.plot(
            knee["n_movers"], knee["travel_m"] / 1000, linestyle="none", marker="D",
            markersize=10, markerfacecolor="none", markeredgecolor=ACCENT,
            markeredgewidth=2, zorder=3, label=say("建议考虑", "suggested"),
        )  # fmt: skip
    ax.margins(x=0.1, y=0.14)
    _name_points(ax, frontier, language)
    _label(ax, frontier, language)
    return ax


def _beaten(points: pd.DataFrame) -> pd.DataFrame:
    """Keep the plans that a best one beats; equal ones would hide it."""
    at = pd.MultiIndex.from_frame(points[["n_movers", "travel_m"]])
    return points[~at.isin(at[points["is_best"]])]


def _name_points(ax: Axes, frontier: Frontier, language: Language) -> None:
    """Write the price beside each best plan."""
    say = in_language(language)
    best = frontier.points[frontier.points["is_best"]]
    ends = {
        FORCED_PRICE_M: say("仅必须调整", "forced only"),
        FREE_PRICE_M: say("不计代价", "free"),
    }
    texts = [
        ends.get(price, say(f"{price:,g}米", f"{price:,g} m"))
        for price in best["price_m"]
    ]
    places = np.column_stack([best["n_movers"], best["travel_m"] / 1000])
    place_labels(ax, texts, places.astype(np.float64))


def _label(ax: Axes, frontier: Frontier, language: Language) -> None:
    say = in_language(language)
    n_forced = int(frontier.points["n_forced"].iloc[0])
    title = say("调整家数与距离的取舍", "Movers against distance")
    if n_forced:
        title += say(
            f"（另有{n_forced}家因单元或行业变化必须调整）",
            f" ({n_forced} more must move: unit or category changed)",
        )
    write_title(ax, title, mark=mark_of(frontier.partitions[0].register, language))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    up = say("企业到中心企业距离合计（公里）", "distance to medoids in all (km)")
    letter(ax, say("调整企业（家）", "movers"), up)
    show_legend(ax)


def write_frontier_picture(frontier: Frontier, path: str | Path) -> None:
    """Write the picture as a PNG; the same plans give the same bytes."""
    figure, ax = plt.subplots(figsize=(9.5, 4.6), layout="constrained")
    try:
        plot_frontier(frontier, ax)
        figure.savefig(path, format="png", dpi=150, metadata={"Software": None})
    finally:
        plt.close(figure)
