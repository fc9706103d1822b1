"""What the plan costs, unit by unit and payer by payer, as charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter

from gridopt.accounts import kinds_of
from gridopt.errors import refuse_kind
from gridopt.views.figures import (
    begin,
    letter,
    name_rows,
    show_legend,
    write_title,
    write_value,
)
from gridopt.views.labels import (
    NO_UNIT,
    award_basis_name,
    in_language,
    item_name,
    mark_of,
    money_unit,
    payer_name,
)
from gridopt.views.palette import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gridopt.budget import Budget
    from gridopt.geography import Units
    from gridopt.register import Register
    from gridopt.views.labels import Language

_ITEMS = (
    ("activity", COLOURS[0], ""),
    ("award", COLOURS[1], "///"),
    ("arrears", COLOURS[2], "..."),
)


def plot_bills(
    budget: Budget,
    units: Units | None = None,
    ax: Axes | None = None,
    *,
    register: Register | None = None,
    language: Language = "zh",
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
    register
        Marks the picture where it is made up.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Axes
        One stacked bar per unit, in the order of the budget.
    """
    refuse_kind("经费预算", "Budget", budget, "lines")
    title = in_language(language)(
        "各单位网格工作活动经费和星级奖励", "Activity money and awards by unit"
    )
    return _draw(budget, "unit", title, units, ax, register, language)


def plot_payers(
    budget: Budget,
    units: Units | None = None,
    ax: Axes | None = None,
    *,
    register: Register | None = None,
    language: Language = "zh",
) -> Axes:
    """Draw who pays how much: activity money and awards (F3, F6, F9).

    Parameters
    ----------
    budget
        A budget.
    units
        Gives the units their names; codes where None.
    ax
        Where to draw; a new figure where None.
    register
        Marks the picture where it is made up.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Axes
        One stacked bar per payer, in the order of the codes.
    """
    refuse_kind("经费预算", "Budget", budget, "lines")
    title = in_language(language)(
        "各资金承担单位应安排的经费", "Activity money and awards by payer"
    )
    return _draw(budget, "payer", title, units, ax, register, language)


def _draw(
    budget: Budget,
    index: str,
    title: str,
    units: Units | None,
    ax: Axes | None,
    register: Register | None,
    language: Language,
) -> Axes:
    say, (per, unit) = in_language(language), money_unit(language)
    digits = say("2", "1")  # hundreds of yuan, so that the bars add up to the total
    sums = budget.lines.assign(kind=kinds_of(budget.lines)).pivot_table(
        index=index, columns="kind", values="amount_yuan", aggfunc="sum", fill_value=0
    )
    ax = begin(ax, (8.5, 0.36 * len(sums) + 1.5))
    at, left = np.arange(len(sums))[::-1], np.zeros(len(sums))
    for item, colour, hatch in _ITEMS:
        if item in sums:
            money = sums[item].to_numpy() / per
            ax.barh(at, money, left=left, height=0.66, color=colour, hatch=hatch,
                    edgecolor="white", label=item_name(item, language))  # fmt: skip
            left = left + money
    for place, end in zip(at, left, strict=True):
        write_value(ax, f"{end:,.{digits}f}", (float(end), float(place)))
    nobody = say(NO_UNIT, "no unit") if index == "unit" else ""
    names = [
        payer_name(str(code), units, language) if code or not nobody else nobody
        for code in sums.index
    ]
    name_rows(ax, names, at)
    ax.set_xlim(0, 1.15 * float(left.max(initial=0)) or 1)
    total = budget.total_yuan / per
    text = title + say(f"（合计{total:,.{digits}f}{unit}）",
                       f" (in all {total:,.{digits}f} {unit})")  # fmt: skip
    basis = award_basis_name(budget, language)
    write_title(ax, f"{text}\n{basis}", mark=mark_of(register, language))
    letter(ax, say(f"金额（{unit}）", f"amount ({unit})"), "")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    show_legend(ax)
    return ax
