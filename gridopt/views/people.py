"""Who serves how many grids, as a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from gridopt.errors import refuse_kind
from gridopt.views.figures import (
    begin,
    letter,
    name_rows,
    rows_that_fit,
    show_legend,
    write_title,
    write_value,
)
from gridopt.views.fonts import chinese_font
from gridopt.views.labels import in_language, mark_of, name_unit, role_name
from gridopt.views.palette import ACCENT, COLOURS, INK

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from gridopt.register import Register
    from gridopt.roster import Roster
    from gridopt.views.labels import Language

MOST_PEOPLE = 40
"""With more people than this only those with the most grids are drawn."""

_ROLES = (("head", COLOURS[0], ""), ("instructor", COLOURS[1], "///"))


def plot_load(
    roster: Roster,
    ax: Axes | None = None,
    *,
    register: Register | None = None,
    language: Language = "zh",
) -> Axes:
    """Draw how many grids each head and instructor of the staff table serves (S4).

    Parameters
    ----------
    ax
        Where to draw; a new figure where None.
    register
        Marks the picture where it is made up.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Axes
        One bar per person and post, by unit; a limit of the staff table is a red
        line. Without a staff table one sentence says so.

    Raises
    ------
    InputError
        Where no font draws Chinese.
    """
    refuse_kind("网格人员名册", "Roster", roster, "posts")
    say, load = in_language(language), roster.load
    if load.empty:
        return _tell_nobody(begin(ax, (8, 2.2)), language)
    rows = _choose(load, rows_that_fit(ax, MOST_PEOPLE))
    ax = begin(ax, (8.5, 0.3 * len(rows) + 1.5))
    at = np.arange(len(rows))[::-1]
    n_grids = rows["n_grids"].to_numpy(dtype=np.int64)
    _draw_bars(ax, rows, at, language)
    name_rows(ax, _names(roster, rows), at)
    reach = max(int(n_grids.max()), int(rows["max_grids"].fillna(0).max()), 1)
    ax.set_xlim(0, 1.3 * reach)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    n = len(load)
    title = say(f"每人负责的网格数（{n:,}人次）", f"Grids per person ({n:,} posts)")
    if n > len(rows):
        title += say(f"，图示最多的{len(rows)}人次", f", the {len(rows)} largest")
    write_title(ax, title, mark=mark_of(register, language))
    letter(ax, say("网格数（个）", "grids"), "")
    show_legend(ax, _handles(rows, language))
    return ax


def _choose(load: pd.DataFrame, most: int) -> pd.DataFrame:
    """Keep those with the most grids, in the order of unit, post and person."""
    if len(load) <= most:
        return load
    order = np.argsort(-load["n_grids"].to_numpy(dtype=np.int64), kind="stable")
    return load.iloc[np.sort(order[:most])]


def _draw_bars(
    ax: Axes, rows: pd.DataFrame, at: np.ndarray, language: Language
) -> None:
    say, n_grids = in_language(language), rows["n_grids"].to_numpy(dtype=np.int64)
    roles = rows["role"].to_numpy(dtype=str)
    for role, colour, hatch in _ROLES:
        mine = roles == role
        ax.barh(at[mine], n_grids[mine], height=0.66, color=colour, hatch=hatch,
                edgecolor="white")  # fmt: skip
    limits = rows["max_grids"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    has_limit = ~np.isnan(limits)
    ax.vlines(limits[has_limit], at[has_limit] - 0.42, at[has_limit] + 0.42,
              color=ACCENT, linewidth=2.2, zorder=4)  # fmt: skip
    for place, n, limit in zip(at, n_grids, limits, strict=True):
        # right of the line of a limit, where a bare number would be taken for it
        of = (
            "" if np.isnan(limit) else say(f"（上限{limit:.0f}）", f" (of {limit:.0f})")
        )
        write_value(ax, f"{n}{of}", (float(np.fmax(n, limit)), float(place)), 6)


def _names(roster: Roster, rows: pd.DataFrame) -> list[str]:
    names = roster.needed["unit_name"]
    return [
        f"{name}（{names.get(unit) or name_unit(unit, None)}）"
        for name, unit in zip(rows["name"], rows["unit"], strict=True)
    ]


def _handles(rows: pd.DataFrame, language: Language) -> list[Artist]:
    found: list[Artist] = [
        Patch(facecolor=colour, hatch=hatch, edgecolor="white",
              label=role_name(role, language))
        for role, colour, hatch in _ROLES
        if (rows["role"] == role).any()
    ]  # fmt: skip
    if rows["max_grids"].notna().any():
        text = in_language(language)("负责网格上限", "limit")
        found.append(Line2D([], [], color=ACCENT, linewidth=2.2, label=text))
    return found


def _tell_nobody(ax: Axes, language: Language) -> Axes:
    say = in_language(language)
    ax.set_axis_off()
    ax.text(
        0.5, 0.5,
        say("没有人员表，网格长和网格指导员空缺，无从统计每人负责的网格数。",
            "There is no staff table: heads and instructors are vacant."),
        ha="center", va="center", transform=ax.transAxes, color=INK,
        fontproperties=chinese_font(10),
    )  # fmt: skip
    return ax
