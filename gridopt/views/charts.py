"""How large the grids are and how far apart their firms, as charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.views.figures import begin, letter, show_legend, write_title
from gridopt.views.fonts import chinese_font
from gridopt.views.labels import in_language, length_text, mark_of
from gridopt.views.palette import ACCENT, COLOURS, INK

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    from gridopt.partition import Partition
    from gridopt.views.labels import Language

_SIZE = (8, 4.2)
_BAND = "#E8F1F8"
_BINS = 40
_MARKED = (0.5, 0.9)


def plot_sizes(
    partition: Partition, ax: Axes | None = None, *, language: Language = "zh"
) -> Axes:
    """Draw how many grids have how many enterprises, with band and target (P5).

    Grids with an exception stand on top of the others, hatched.

    Parameters
    ----------
    ax
        Where to draw; a new figure where None.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Axes
        One bar per number of enterprises.

    Raises
    ------
    InputError
        Where no font draws Chinese.
    """
    say, rules = in_language(language), partition.rules
    sizes, plain, odd = count_sizes(partition)
    ax = begin(ax, _SIZE)
    ax.axvspan(
        rules.least - 0.5, rules.most + 0.5, color=_BAND, zorder=0,
        label=say(f"家数区间{rules.least}至{rules.most}家",
                  f"band {rules.least} to {rules.most}"),
    )  # fmt: skip
    ax.axvline(
        rules.target, color=ACCENT, linestyle="--", linewidth=1.4, zorder=3,
        label=say(f"目标{rules.target}家", f"target {rules.target}"),
    )  # fmt: skip
    names = (
        say("没有例外的网格", "other grids"),
        say("有例外的网格", "grids with an exception"),
    )
    ax.bar(sizes, plain, width=0.8, color=COLOURS[0], label=names[0], zorder=2)
    if odd.any():
        ax.bar(
            sizes, odd, width=0.8, bottom=plain, color="white", edgecolor=COLOURS[0],
            hatch="////", label=names[1], zorder=2,
        )  # fmt: skip
    ax.set_ylim(0, 1.08 * max(int((plain + odd).max(initial=0)), 1))
    n, n_odd = len(partition.grids), int(partition.grids["is_exception"].sum())
    title = say(
        f"企业网格家数分布（{n:,}个网格，其中有例外的{n_odd:,}个）",
        f"Sizes of grids ({n:,} grids, {n_odd:,} with an exception)",
    )
    write_title(ax, title, mark=mark_of(partition.register, language))
    letter(
        ax, say("每个网格的企业数（家）", "enterprises of a grid"),
        say("网格数（个）", "grids"), is_whole=True,
    )  # fmt: skip
    show_legend(ax)
    return ax


def count_sizes(
    partition: Partition,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Count grids by size: the sizes, the plain grids and those with an exception.

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


def plot_distances(
    partition: Partition, ax: Axes | None = None, *, language: Language = "zh"
) -> Axes:
    """Draw how far the enterprises are from their medoids (P9).

    Half of them and nine in ten are nearer than the lines that are marked.

    Parameters
    ----------
    ax
        Where to draw; a new figure where None.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Axes
        A histogram in metres or kilometres; medoids are left out.

    Raises
    ------
    InputError
        Where no font draws Chinese.
    """
    say = in_language(language)
    rows = partition.enterprises
    metres = rows.loc[~rows["is_medoid"].astype(bool), "distance_m"].to_numpy()
    ax = begin(ax, _SIZE)
    far = float(metres.max(initial=0.0))
    unit_m = 1000 if far >= 2000 else 1
    edges = np.linspace(0, max(far, 1.0) / unit_m, _BINS + 1)
    tall, *_ = ax.hist(metres / unit_m, bins=edges, color=COLOURS[0],
                       edgecolor="white", linewidth=0.5)  # fmt: skip
    top = 1.3 * max(float(tall.max(initial=0)), 1.0)
    ax.set_ylim(0, top)
    if len(metres):
        _mark_shares(ax, metres, unit_m, language)
    n = len(metres)
    title = say(f"企业到中心企业的距离（{n:,}家，不含中心企业本身）",
                f"Distance to the medoid ({n:,} enterprises, no medoids)")  # fmt: skip
    write_title(ax, title, mark=mark_of(partition.register, language))
    unit = say("公里", "km") if unit_m == 1000 else say("米", "m")
    letter(ax, say(f"距离（{unit}）", f"distance ({unit})"),
           say("企业数（家）", "enterprises"))  # fmt: skip
    return ax


def _mark_shares(
    ax: Axes, metres: npt.NDArray[np.float64], unit_m: int, language: Language
) -> None:
    """Mark the distances within which half and nine in ten are, one above the other."""
    say, top = in_language(language), ax.get_ylim()[1]
    for level, share in enumerate(_MARKED):
        at = float(np.quantile(metres, share))
        height = (0.96 - 0.1 * level) * top
        ax.plot([at / unit_m] * 2, [0, height], color=INK, linewidth=0.9,
                linestyle=(":", "--")[level])  # fmt: skip
        length = length_text(at, language)
        is_right = at > 0.55 * float(metres.max())
        ax.annotate(
            say(f"{share:.0%}的企业在{length}以内", f"{share:.0%} within {length}"),
            (at / unit_m, height), xytext=(-4 if is_right else 4, 0), va="center",
            ha="right" if is_right else "left", textcoords="offset points",
            fontproperties=chinese_font(9), color=INK,
        )  # fmt: skip
