"""What each further mover would buy, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
from matplotlib.ticker import MaxNLocator

from gridopt.frontier import FORCED_PRICE_M
from gridopt.views.fonts import chinese_font
from gridopt.views.labels import SYNTHETIC
from gridopt.views.palette import ACCENT, COLOURS, INK

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from gridopt.frontier import Frontier


def plot_frontier(frontier: Frontier, ax: Axes | None = None) -> Axes:
    """Draw movers against kilometres, one point per plan (P13).

    Best plans are joined by steps; the plan that is suggested is marked, the price
    of a mover stands beside each.

    Parameters
    ----------
    ax
        Where to draw; a new figure where None.

    Returns
    -------
    Axes
        One point per row of `frontier.points`.

    Raises
    ------
    InputError
        Where no font draws Chinese.
    """
    chinese_font()
    if ax is None:
        _, ax = plt.subplots(figsize=(8, 4.6), layout="constrained")
    points = frontier.points
    best = points[points["is_best"]].sort_values("n_movers", kind="stable")
    ax.plot(
        best["n_movers"], best["travel_m"] / 1000, color=COLOURS[0], linewidth=1.4,
        marker="o", markersize=5, zorder=2, label="方案（点旁为每调整一家的代价）",
    )  # fmt: skip
    beaten = points[~points["is_best"]]
    if len(beaten):
        ax.plot(
            beaten["n_movers"], beaten["travel_m"] / 1000, linestyle="none",
            marker="o", markersize=5, markerfacecolor="white", zorder=2,
            markeredgecolor=COLOURS[0], label="调整更多而距离不更短的方案",
        )  # fmt: skip
    knee = points[points["is_knee"]]
    if len(knee):
        ax.plot(
            knee["n_movers"], knee["travel_m"] / 1000, linestyle="none", marker="D",
            markersize=10, markerfacecolor="none", markeredgecolor=ACCENT,
            markeredgewidth=2, zorder=3, label="建议考虑",
        )  # fmt: skip
    _name_points(ax, frontier)
    _label(ax, frontier)
    return ax


def _name_points(ax: Axes, frontier: Frontier) -> None:
    """Write the price beside each best plan; of plans at one place only the first."""
    best = frontier.points[frontier.points["is_best"]]
    for row in best.itertuples():
        price = f"{row.price_m:g}米"
        if row.price_m == FORCED_PRICE_M:
            price = "仅必须调整"
        ax.annotate(
            price, (row.n_movers, row.travel_m / 1000), xytext=(6, 6),
            textcoords="offset points", fontproperties=chinese_font(8.5), color=INK,
        )  # fmt: skip


def _label(ax: Axes, frontier: Frontier) -> None:
    n_forced = int(frontier.points["n_forced"].iloc[0])
    title = "调整家数与距离的取舍"
    if n_forced:
        title += f"（另有{n_forced}家因单元或行业变化必须调整）"
    if frontier.partitions[0].register.is_synthetic:
        title += f"\n{SYNTHETIC}"
    ax.set_title(title, fontproperties=chinese_font(12), color=INK, linespacing=1.4)
    ax.set_xlabel("调整企业（家）", fontproperties=chinese_font(10))
    ax.set_ylabel("企业到中心企业距离合计（公里）", fontproperties=chinese_font(10))
    ax.margins(x=0.08, y=0.12)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    for tick in ax.get_xticklabels() + ax.get_yticklabels():
        tick.set_fontproperties(chinese_font(9))
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(prop=chinese_font(9), frameon=False, loc="upper right")


def write_frontier_picture(frontier: Frontier, path: str | Path) -> None:
    """Write the picture as a PNG; the same plans give the same bytes."""
    figure, ax = plt.subplots(figsize=(8, 4.6), layout="constrained")
    try:
        plot_frontier(frontier, ax)
        figure.savefig(path, format="png", dpi=150, metadata={"Software": None})
    finally:
        plt.close(figure)
