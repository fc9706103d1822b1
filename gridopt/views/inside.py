"""What goes on inside a cut: how its gap closes, and where the distance goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from gridopt.errors import InputError, refuse_kind
from gridopt.views.figures import (
    begin,
    letter,
    name_rows,
    rows_that_fit,
    show_legend,
    write_title,
    write_value,
)
from gridopt.views.labels import gap_text, grid_names, in_language, mark_of
from gridopt.views.palette import COLOURS, PALE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from gridopt.partition import Partition
    from gridopt.register import Register
    from gridopt.views.labels import Language

_DM_PER_KM = 10_000


def plot_gap(
    steps: Sequence[tuple[int, int]],
    ax: Axes | None = None,
    *,
    register: Register | None = None,
    language: Language = "zh",
) -> Axes:
    """Draw how the cost of a block falls and its bound rises until they meet.

    Parameters
    ----------
    steps
        Cost and bound, whole decimetres, as `solve` tells them by `on_progress`.
    ax
        Where to draw; a new figure where None.
    register
        Marks the picture where it is made up.
    language
        ``zh`` or ``en``.

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
    say = in_language(language)
    if not len(steps):
        raise InputError(
            "没有计算进程可画：只有一个网格的划分单元一步即可证明。",
            "There are no steps to draw: a block of one grid is proven at once.",
        )
    ax = begin(ax, (9.5, 4.2))
    cost, bound = np.asarray(steps, dtype=np.float64).T / _DM_PER_KM
    at = np.arange(1, len(cost) + 1)
    ax.fill_between(at, bound, cost, color=PALE, zorder=1, step="post")
    best = say("总代价（当时最好的方案）", "cost (of the best plan so far)")
    for values, colour, marker, label in (
        (cost, COLOURS[3], "o", best),
        (bound, COLOURS[0], "s", say("理论下界", "bound")),
    ):
        ax.plot(at, values, color=colour, marker=marker, markersize=4, linewidth=1.4,
                drawstyle="steps-post", label=label, zorder=2)  # fmt: skip
    shares = (cost - bound) / np.where(cost > 0, cost, 1)
    first, last = (_gap(float(shares[i]), language) for i in (0, -1))
    title = say(f"差距由{first}收窄到{last}", f"The gap falls from {first} to {last}")
    write_title(ax, title, mark=mark_of(register, language))
    letter(ax, say("计算进程（次）", "step"), say("公里", "km"))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    show_legend(ax)
    return ax


def _gap(share: float, language: Language) -> str:
    return gap_text(share).replace("小于", in_language(language)("小于", "under "))


def plot_travel(
    partition: Partition,
    ax: Axes | None = None,
    *,
    n_most: int = 12,
    language: Language = "zh",
) -> Axes:
    """Draw the grids that carry most of the kilometres, the heaviest on top.

    Parameters
    ----------
    ax
        Where to draw; a new figure where None.
    n_most
        How many grids to draw; fewer in axes that have no room for them.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Axes
        One bar per grid, kilometres to its medoid; how many firms stands beside it.
    """
    refuse_kind("网格划分方案", "Partition", partition, "grids")
    say = in_language(language)
    ordered = partition.grids.sort_values("travel_m", ascending=False, kind="stable")
    top = ordered.head(rows_that_fit(ax, n_most)).iloc[::-1]
    ax = begin(ax, (9.5, 0.33 * len(top) + 1.4))
    kilometres = top["travel_m"].to_numpy(dtype=np.float64) / 1000
    rows = np.arange(len(top))
    ax.barh(rows, kilometres, color=COLOURS[0], height=0.72)
    name_rows(ax, grid_names(partition, top, language), rows)
    for row, km, size in zip(rows, kilometres, top["size"], strict=True):
        words = say(f"{km:,.1f}公里，{size}家", f"{km:,.1f} km, {size} firms")
        write_value(ax, words, (km, float(row)))
    ax.margins(x=0.3)
    share = top["travel_m"].sum() / max(float(ordered["travel_m"].sum()), 1.0)
    n, k = len(top), len(ordered)
    title = say(
        f"距离最长的{n}个网格，占全部{k}个网格距离的{share:.0%}",
        f"The {n} heaviest of {k} grids carry {share:.0%} of the distance",
    )
    write_title(ax, title, mark=mark_of(partition.register, language))
    across = say(
        "企业到中心企业距离之和（公里）", "sum of distances to the medoid (km)"
    )
    letter(ax, across, "")
    return ax
