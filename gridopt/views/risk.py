"""How uncertain the bill is, and what moves it, as charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import FuncFormatter, PercentFormatter

from gridopt.accounts import kinds_of
from gridopt.appraisal.distribution import name_quantile
from gridopt.views.fonts import chinese_font, drawable
from gridopt.views.labels import ITEMS, NO_UNIT, name_unit
from gridopt.views.palette import ACCENT, COLOURS, INK

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from gridopt.appraisal import BillDistribution
    from gridopt.budget import Budget
    from gridopt.geography import Units

_MARKED = (0.5, 0.8, 0.95)
_WAN = 10_000


def plot_exceedance(
    distribution: BillDistribution,
    appropriation_yuan: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the chance that the award bill exceeds an amount (F6).

    Parameters
    ----------
    distribution
        The bill's distribution.
    appropriation_yuan
        Marked with the chance that it suffices; none where None.
    ax
        Where to draw; a new figure where None.

    Returns
    -------
    Axes
        A falling curve, the quantiles 50, 80 and 95 % marked.

    Raises
    ------
    InputError
        Where no font draws Chinese.
    """
    ax = _prepare(ax, (8, 4.2))
    table = distribution.exceedance()
    ax.step(
        table["yuan"] / _WAN, table["exceedance_share"], where="post",
        color=COLOURS[0], linewidth=1.8,
    )  # fmt: skip
    ax.fill_between(
        table["yuan"] / _WAN, table["exceedance_share"], step="post",
        color=COLOURS[0], alpha=0.12, linewidth=0,
    )  # fmt: skip
    for share in _MARKED:
        _mark_quantile(ax, distribution.quantile(share) / _WAN, share)
    if appropriation_yuan is not None:
        chance = distribution.sufficiency(appropriation_yuan)
        ax.axvline(appropriation_yuan / _WAN, color=ACCENT, linestyle="--",
                   linewidth=1.4)  # fmt: skip
        ax.annotate(
            f"拨款{appropriation_yuan / _WAN:,.1f}万元\n足额概率{chance:.1%}",
            (appropriation_yuan / _WAN, 0.97), xytext=(-6, 0), ha="right", va="top",
            textcoords="offset points", fontproperties=chinese_font(9), color=ACCENT,
        )  # fmt: skip
    low, high = distribution.quantile(0.0005), distribution.quantile(0.9995)
    ends = [low / _WAN, high / _WAN]
    if appropriation_yuan is not None:
        ends.append(appropriation_yuan / _WAN)
    margin = 0.04 * (max(ends) - min(ends) or 1)
    ax.set_xlim(min(ends) - margin, max(ends) + margin)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    _name(ax, "星级奖励总额超过某一数额的概率", "星级奖励总额（万元）", "超过的概率")
    return ax


def _mark_quantile(ax: Axes, at: float, share: float) -> None:
    ax.plot([at, at], [0, 1 - share], color=INK, linewidth=0.8, linestyle=":")
    ax.plot([at], [1 - share], "o", color=COLOURS[0], markersize=5)
    ax.annotate(
        f"{name_quantile(share).upper()}：{at:,.1f}万元", (at, 1 - share),
        xytext=(7, 3), textcoords="offset points",
        fontproperties=chinese_font(9), color=INK, zorder=5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
    )  # fmt: skip


def plot_tornado(
    table: pd.DataFrame, measure: str = "p95", ax: Axes | None = None
) -> Axes:
    """Draw what each assumption is worth, the largest on top.

    Parameters
    ----------
    table
        Of `tornado`: the base first, then one change a row.
    measure
        `p95`: what is safe with 95 %; `mean`: the expected bill.
    ax
        Where to draw; a new figure where None.

    Returns
    -------
    Axes
        One bar per change, right where the bill rises.
    """
    column = f"{measure}_difference_yuan"
    changes = table.iloc[1:]
    order = changes[column].abs().argsort(kind="stable")
    rows = changes.iloc[order]
    ax = _prepare(ax, (8, 0.34 * len(rows) + 1.4))
    wan = rows[column].to_numpy() / _WAN
    is_up = wan >= 0
    ax.barh(
        np.arange(len(rows)), wan, height=0.66,
        color=np.where(is_up, COLOURS[1], COLOURS[0]), zorder=2,
    )  # fmt: skip
    ax.axvline(0, color=INK, linewidth=0.9, zorder=3)
    reach = float(np.abs(wan).max(initial=0)) or 1.0
    for at, value in enumerate(wan):
        ax.annotate(
            f"{value:+,.1f}", (value, at), xytext=(4 if value >= 0 else -4, 0),
            textcoords="offset points", va="center",
            ha="left" if value >= 0 else "right", fontproperties=chinese_font(8),
        )  # fmt: skip
    ax.set_xlim(-1.22 * reach, 1.22 * reach)
    ax.set_yticks(np.arange(len(rows)), [drawable(text) for text in rows["label_zh"]])
    what = {"p95": "95%分位数", "mean": "期望值"}[measure]
    base = table[f"{measure}_yuan"].iloc[0] / _WAN
    _name(
        ax, f"各项假定对星级奖励{what}的影响（基准{base:,.1f}万元）",
        "比基准增减（万元）", "",
    )  # fmt: skip
    return ax


def plot_bills(
    budget: Budget, units: Units | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what each unit's grids cost: activity money and awards (F1, F6).

    Parameters
    ----------
    budget
        A budget.
    units
        Gives the units their names; codes where None.
    ax
        Where to draw; a new figure where None.

    Returns
    -------
    Axes
        One stacked bar per unit, in the order of the budget.
    """
    sums = budget.lines.assign(kind=kinds_of(budget.lines)).pivot_table(
        index="unit", columns="kind", values="amount_yuan", aggfunc="sum", fill_value=0
    )
    ax = _prepare(ax, (8, 0.36 * len(sums) + 1.4))
    at = np.arange(len(sums))[::-1]
    left = np.zeros(len(sums))
    for item, colour, hatch in (
        ("activity", COLOURS[0], ""), ("award", COLOURS[1], "///"),
        ("arrears", COLOURS[2], "..."),
    ):  # fmt: skip
        if item not in sums:
            continue
        wan = sums[item].to_numpy() / _WAN
        ax.barh(
            at, wan, left=left, height=0.66, color=colour, hatch=hatch,
            edgecolor="white", label=ITEMS[item],
        )  # fmt: skip
        left += wan
    for place, total in zip(at, left, strict=True):
        ax.annotate(
            f"{total:,.1f}", (total, place), xytext=(4, 0), va="center",
            textcoords="offset points", fontproperties=chinese_font(8),
        )  # fmt: skip
    names = [name_unit(code, units) if code else NO_UNIT for code in sums.index]
    ax.set_yticks(at, [drawable(name) for name in names])
    ax.set_xlim(0, 1.12 * float(left.max(initial=0)) or 1)
    _name(ax, "各单位网格工作活动经费和星级奖励", "金额（万元）", "")
    ax.legend(prop=chinese_font(9), frameon=False, loc="lower right")
    return ax


def _prepare(ax: Axes | None, size: tuple[float, float]) -> Axes:
    chinese_font()
    if ax is None:
        _, ax = plt.subplots(figsize=size, layout="constrained")
    return ax


def _name(ax: Axes, title: str, across: str, up: str) -> None:
    ax.set_title(drawable(title), fontproperties=chinese_font(12), color=INK)
    ax.set_xlabel(across, fontproperties=chinese_font(10))
    ax.set_ylabel(up, fontproperties=chinese_font(10))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    for tick in ax.get_xticklabels() + ax.get_yticklabels():
        tick.set_fontproperties(chinese_font(9))
    ax.spines[["top", "right"]].set_visible(False)
