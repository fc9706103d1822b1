"""What goes on inside a cut: how its gap closes, and where the distance goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from gridopt.errors import InputError
from gridopt.views.fonts import chinese_font, drawable
from gridopt.views.labels import SYNTHETIC, gap_text
from gridopt.views.palette import COLOURS, INK, PALE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from gridopt.partition import Partition

_DM_PER_KM = 10_000


def plot_gap(steps: Sequence[tuple[int, int]], ax: Axes | None = None) -> Axes:
    """Draw how the cost of a block falls and its bound rises until they meet.

    Parameters
    ----------
    steps
        Cost and bound, whole decimetres, as `solve` tells them by `on_progress`.
    ax
        Where to draw; a new figure where None.

    Returns
    -------
    Axes
        Kilometres over steps.

    Raises
    ------
    InputError
        Where nothing was told: a block of one grid is proven at once.

    Examples
    --------
    >>> ax = plot_gap([(120_000, 90_000), (110_000, 100_000), (105_000, 105_000)])
    >>> ax.get_xlabel()
    '计算进程（次）'
    """
    if not len(steps):
        raise InputError(
            "没有计算进程可画：只有一个网格的划分单元一步即可证明。",
            "There are no steps to draw: a block of one grid is proven at once.",
        )
    ax = _axes(ax, (8, 4.2))
    cost, bound = np.asarray(steps, dtype=np.float64).T / _DM_PER_KM
    at = np.arange(1, len(cost) + 1)
    ax.fill_between(at, bound, cost, color=PALE, zorder=1, step="post")
    for values, colour, marker, label in (
        (cost, COLOURS[3], "o", "总代价（当时最好的方案）"),
        (bound, COLOURS[0], "s", "理论下界"),
    ):
        ax.plot(at, values, color=colour, marker=marker, markersize=4, linewidth=1.4,
                drawstyle="steps-post", label=label, zorder=2)  # fmt: skip
    share = (cost - bound) / np.where(cost > 0, cost, 1)
    title = f"差距由{gap_text(share[0])}收窄到{gap_text(share[-1])}"
    _dress(ax, title, "计算进程（次）", "公里")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(prop=chinese_font(9), frameon=False, loc="best")
    return ax


def plot_travel(
    partition: Partition, ax: Axes | None = None, *, n_most: int = 12
) -> Axes:
    """Draw the grids that carry most of the kilometres, the heaviest on top.

    Parameters
    ----------
    ax
        Where to draw; a new figure where None.
    n_most
        How many grids to draw.

    Returns
    -------
    Axes
        One bar per grid, kilometres to its medoid; how many firms stands beside it.
    """
    ax = _axes(ax, (8, 0.33 * n_most + 1.2))
    ordered = partition.grids.sort_values("travel_m", ascending=False, kind="stable")
    top = ordered.head(n_most).iloc[::-1]
    kilometres = top["travel_m"].to_numpy(dtype=np.float64) / 1000
    bars = ax.barh(
        [drawable(str(name)) for name in top["grid_name"]],
        kilometres,
        color=COLOURS[0],
        height=0.72,
    )
    words = [
        f"{km:,.1f}公里，{size}家"
        for km, size in zip(kilometres, top["size"], strict=True)
    ]
    ax.bar_label(bars, words, padding=4, fontproperties=chinese_font(8.5), color=INK)
    ax.margins(x=0.24)
    share = top["travel_m"].sum() / max(float(ordered["travel_m"].sum()), 1.0)
    title = f"距离最长的{len(top)}个网格，占全部{len(ordered)}个网格距离的{share:.0%}"
    if partition.register.is_synthetic:
        title += f"\n{SYNTHETIC}"
    _dress(ax, title, "企业到中心企业距离之和（公里）", "")
    return ax


def _axes(ax: Axes | None, inches: tuple[float, float]) -> Axes:
    chinese_font()
    return ax or plt.subplots(figsize=inches, layout="constrained")[1]


def _dress(ax: Axes, title: str, across: str, up: str) -> None:
    ax.set_title(drawable(title), fontproperties=chinese_font(12), color=INK,
                 linespacing=1.4)  # fmt: skip
    ax.set_xlabel(across, fontproperties=chinese_font(10))
    ax.set_ylabel(up, fontproperties=chinese_font(10))
    for tick in ax.get_xticklabels() + ax.get_yticklabels():
        tick.set_fontproperties(chinese_font(9))
    ax.spines[["top", "right"]].set_visible(False)
