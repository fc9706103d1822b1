"""How uncertain the bill is, and what moves it, as charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter, PercentFormatter

from gridopt.appraisal.distribution import name_quantile
from gridopt.errors import refuse_kind
from gridopt.views.figures import (
    LINES,
    begin,
    letter,
    name_rows,
    rows_that_fit,
    write_title,
    write_value,
)
from gridopt.views.fonts import chinese_font
from gridopt.views.labels import change_name, in_language, mark_of, money_unit
from gridopt.views.palette import ACCENT, COLOURS, INK
from gridopt.views.placing import place_labels

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from gridopt.appraisal import BillDistribution
    from gridopt.register import Register
    from gridopt.views.labels import Language

    FloatArray = npt.NDArray[np.float64]

_ROW_PT = 22.0
"""Room for a name of two lines."""
_MARKED = (0.5, 0.8, 0.95)
_SHOWN = (0.0005, 0.9995)
"""The tails beyond these quantiles are too thin to be seen."""


def plot_exceedance(
    distribution: BillDistribution,
    appropriation_yuan: int | None = None,
    ax: Axes | None = None,
    *,
    register: Register | None = None,
    language: Language = "zh",
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
    register
        Marks the picture where it is made up.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Axes
        A falling curve, the quantiles 50, 80 and 95 % marked.

    Raises
    ------
    InputError
        Where no font draws Chinese.
    """
    refuse_kind("奖励金额的分布", "BillDistribution", distribution, "chance")
    say, (per, unit) = in_language(language), money_unit(language)
    ax = begin(ax, (8, 4.2))
    table = distribution.exceedance()
    amounts, shares = table["yuan"] / per, table["exceedance_share"]
    ax.step(amounts, shares, where="post", color=COLOURS[0], linewidth=1.8)
    ax.fill_between(
        amounts, shares, step="post", color=COLOURS[0], alpha=0.12, linewidth=0
    )
    ends = [distribution.quantile(share) / per for share in _SHOWN]
    if appropriation_yuan is not None:
        ends.append(appropriation_yuan / per)
    margin = 0.04 * (max(ends) - min(ends) or 1)
    # the highest quantile has its words to the right
    ax.set_xlim(min(ends) - margin, max(ends) + 3 * margin)
    ax.set_ylim(0, 1.06)
    around = []
    if appropriation_yuan is not None:
        around = [_mark_money(ax, distribution, appropriation_yuan, language)]
    _mark_quantiles(ax, distribution, around, language)
    title = say("星级奖励总额超过某一数额的概率",
                "Chance that the award bill exceeds an amount")  # fmt: skip
    write_title(ax, title, mark=mark_of(register, language))
    letter(ax, say(f"星级奖励总额（{unit}）", f"award bill ({unit})"),
           say("超过的概率", "chance of more"))  # fmt: skip
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return ax


def _mark_money(
    ax: Axes, distribution: BillDistribution, yuan: int, language: Language
) -> Text:
    """Mark what is appropriated, its words on the side where there is room."""
    say, (per, unit) = in_language(language), money_unit(language)
    chance, at = distribution.sufficiency(yuan), yuan / per
    ax.axvline(at, color=ACCENT, linestyle="--", linewidth=1.4)
    low, high = ax.get_xlim()
    is_right = at - low > (high - low) / 2
    return ax.annotate(
        say(f"拨款{at:,.1f}{unit}\n足额概率{_chance(chance, language)}",
            f"appropriation {at:,.1f}\nsuffices: {_chance(chance, language)}"),
        (at, 0.99), xytext=(-6 if is_right else 6, 0), va="top",
        ha="right" if is_right else "left", textcoords="offset points",
        fontproperties=chinese_font(9), color=ACCENT, linespacing=LINES,
    )  # fmt: skip


def _chance(share: float, language: Language) -> str:
    """Write a chance that is neither nothing nor certain unless it is."""
    say = in_language(language)
    if 0.9995 <= share < 1:
        return say("超过99.9%", "over 99.9%")
    if 0 < share < 0.0005:
        return say("不到0.1%", "under 0.1%")
    return f"{share:.1%}"


def _mark_quantiles(
    ax: Axes, distribution: BillDistribution, around: list[Text], language: Language
) -> None:
    say, (per, unit) = in_language(language), money_unit(language)
    places = [(distribution.quantile(q) / per, 1 - q) for q in _MARKED]
    for at, share in places:
        ax.plot([at, at], [0, share], color=INK, linewidth=0.8, linestyle=":")
        ax.plot([at], [share], "o", color=COLOURS[0], markersize=5)
    names = [name_quantile(q).upper() for q in _MARKED]
    texts = [
        say(f"{name}：{at:,.1f}{unit}", f"{name}: {at:,.1f}")
        for name, (at, _) in zip(names, places, strict=True)
    ]
    place_labels(ax, texts, np.array(places), around=around, size_pt=9)


def plot_tornado(
    table: pd.DataFrame,
    measure: str = "p95",
    ax: Axes | None = None,
    *,
    register: Register | None = None,
    language: Language = "zh",
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
    register
        Marks the picture where it is made up.
    language
        ``zh`` or ``en``; a change of your own keeps its words.

    Returns
    -------
    Axes
        One bar per change, right where the bill rises.
    """
    say, (per, unit) = in_language(language), money_unit(language)
    column = f"{measure}_difference_yuan"
    changes = table.iloc[1:]
    rows = changes.iloc[changes[column].abs().argsort(kind="stable")]
    n_left = len(rows) - rows_that_fit(ax, len(rows), _ROW_PT)
    rows = rows.iloc[n_left:]
    ax = begin(ax, (8, 0.38 * len(rows) + 1.4))
    money, at = rows[column].to_numpy() / per, np.arange(len(rows))
    _draw_bars(ax, money)
    names = [
        change_name(change, label, language)
        for change, label in zip(rows["change"], rows["label_zh"], strict=True)
    ]
    name_rows(ax, names, at)
    what = {
        "p95": say("95%分位数", "95 % quantile"), "mean": say("期望值", "expectation")
    }[measure]  # fmt: skip
    base = table[f"{measure}_yuan"].iloc[0] / per
    title = say(
        f"各项假定对星级奖励{what}的影响（基准{base:,.1f}{unit}）",
        f"What moves the {what} of the award bill (base {base:,.1f} {unit})",
    )
    if n_left:
        title += say(f"，另有{n_left}项影响更小", f", {n_left} lesser ones left out")
    write_title(ax, title, mark=mark_of(register, language))
    letter(ax, say(f"比基准增减（{unit}）", f"change from the base ({unit})"), "")
    return ax


def _draw_bars(ax: Axes, money: FloatArray) -> None:
    """Draw bars to both sides of nothing, each with its number across from it."""
    is_up = money >= 0
    ax.barh(
        np.arange(len(money)), money, height=0.66, edgecolor="white", zorder=2,
        color=np.where(is_up, COLOURS[1], COLOURS[0]),
        hatch=np.where(is_up, "///", "").tolist(),
    )  # fmt: skip
    ax.axvline(0, color=INK, linewidth=0.9, zorder=3)
    for place, value in enumerate(money):
        # there is always room, however long the bar and small the axes
        side = -4.0 if value >= 0 else 4.0
        text = "0" if abs(value) < 0.05 else f"{value:+,.1f}".replace("-", "−")
        write_value(ax, text, (0.0, place), side)
    reach = float(np.abs(money).max(initial=0)) or 1.0
    ax.set_xlim(-1.08 * reach, 1.08 * reach)
