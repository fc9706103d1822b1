"""How large the grids are, as a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from gridopt.views.fonts import chinese_font, drawable
from gridopt.views.labels import SYNTHETIC
from gridopt.views.palette import ACCENT, COLOURS, INK

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    from gridopt.partition import Partition


def plot_sizes(partition: Partition, ax: Axes | None = None) -> Axes:
    """Draw how many grids have how many enterprises, with band and target (P5).

    Grids of an exception stand on top of the others, hatched.

    Parameters
    ----------
    ax
        Where to draw; a new figure where None.

    Returns
    -------
    Axes
        One bar per number of enterprises.

    Raises
    ------
    InputError
        Where no font draws Chinese.
    """
    sizes, plain, odd = count_sizes(partition)
    chinese_font()
    if ax is None:
        _, ax = plt.subplots(figsize=(8, 4.2), layout="constrained")
    rules = partition.rules
    ax.axvspan(
        rules.least - 0.5, rules.most + 0.5, color="#E8F1F8", zorder=0,
        label=f"家数区间{rules.least}至{rules.most}家",
    )  # fmt: skip
    ax.axvline(
        rules.target, color=ACCENT, linestyle="--", linewidth=1.4, zorder=3,
        label=f"目标{rules.target}家",
    )  # fmt: skip
    ax.bar(sizes, plain, width=0.8, color=COLOURS[0], label="网格", zorder=2)
    if odd.any():
        ax.bar(
            sizes, odd, width=0.8, bottom=plain, color="white", edgecolor=COLOURS[0],
            hatch="////", label="有例外的网格", zorder=2,
        )  # fmt: skip
    _label(ax, partition)
    return ax


def count_sizes(
    partition: Partition,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Count grids by size: the sizes, the plain grids and those of an exception.

    Returns
    -------
    tuple of ndarray
        Sizes from the least to the most that occurs or is in the band, and for each
        the number of grids without and with an exception, shape (s,).
    """
    grids, rules = partition.grids, partition.rules
    found = grids["size"].to_numpy(dtype=np.int64)
    is_odd = grids["is_exception"].to_numpy(dtype=bool)
    low = min(int(found.min(initial=rules.least)), rules.least)
    high = max(int(found.max(initial=rules.most)), rules.most)
    sizes = np.arange(low, high + 1)
    n = high + 1
    plain = np.bincount(found[~is_odd], minlength=n)[low:]
    odd = np.bincount(found[is_odd], minlength=n)[low:]
    return sizes, plain, odd


def _label(ax: Axes, partition: Partition) -> None:
    n_odd = int(partition.grids["is_exception"].sum())
    title = f"企业网格家数分布（{len(partition.grids)}个网格，其中有例外的{n_odd}个）"
    if partition.register.is_synthetic:
        title += f"\n{SYNTHETIC}"
    ax.set_title(drawable(title), fontproperties=chinese_font(12), color=INK,
                 linespacing=1.4)  # fmt: skip
    ax.set_xlabel("每个网格的企业数（家）", fontproperties=chinese_font(10))
    ax.set_ylabel("网格数（个）", fontproperties=chinese_font(10))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    for tick in ax.get_xticklabels() + ax.get_yticklabels():
        tick.set_fontproperties(chinese_font(9))
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(prop=chinese_font(9), frameon=False, loc="upper left",
              bbox_to_anchor=(1.0, 1.0))  # fmt: skip
