"""What several scenarios come to, figure by figure, as one chart of bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gridopt.differences import HEADLINES, UNKNOWN, known, write_measure
from gridopt.measures import UNIT_WORDS
from gridopt.views import english
from gridopt.views.figures import (
    NAME_PT,
    begin,
    letter,
    name_rows,
    rows_that_fit,
    write_title,
    write_value,
)
from gridopt.views.fonts import chinese_font
from gridopt.views.labels import in_language, mark_of
from gridopt.views.palette import COLOURS, INK, PALE

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from gridopt.comparison import Comparison
    from gridopt.views.labels import Language

_ROW_INCHES = 0.27


def plot_results(
    comparison: Comparison, ax: Axes | None = None, *, language: Language = "zh"
) -> Axes:
    """Draw what compared scenarios come to: grids, distance, exceptions, heads, money.

    Each figure has a bar per scenario, all from zero and as long as the largest of
    them allows; the baseline is pale, and the others say by how much they differ.

    Parameters
    ----------
    ax
        Where to draw; a new figure where None.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Axes
        One block of bars per figure; a bar of length 1 is the largest of its block.
        Axes that have no room for all figures have the first ones.

    Raises
    ------
    InputError
        Where no font draws Chinese.

    Examples
    --------
    >>> import gridopt as go
    >>> outcome = go.run_scenario(go.read_sample())
    >>> len(plot_results(go.compare_outcomes([outcome, outcome])).patches)
    10
    """
    say, names = in_language(language), comparison.names
    n = len(names)
    n_rows = len(HEADLINES) * (n + 1)
    n_heads = max(rows_that_fit(ax, n_rows, 72 * _ROW_INCHES) // (n + 1), 1)
    ax = begin(ax, (8.5, _ROW_INCHES * n_rows + 0.9))
    results = comparison.results.set_index("measure")
    places = -np.arange(n_heads * (n + 1), dtype=float).reshape(-1, n + 1)
    for key, (head, *rows) in zip(list(HEADLINES)[:n_heads], places, strict=True):
        row = results.loc[key]
        values = np.array([float(known(row[name]) or 0) for name in names])
        lengths = values / (values.max() or 1.0)
        colours = [PALE if at == comparison.baseline else COLOURS[0] for at in range(n)]
        ax.barh(rows, lengths, 0.72, color=colours, edgecolor=INK, linewidth=0.6)
        for name, length, place in zip(names, lengths, rows, strict=True):
            write_value(ax, _words(row, name, language), (float(length), float(place)))
        unit = _unit(row["unit_of_measure"], language)
        label = say(HEADLINES[key].label, english.MEASURES[key])
        ax.text(
            0.01, head, say(f"{label}（{unit}）", f"{label} ({unit})"), va="center",
            fontproperties=chinese_font(NAME_PT), color=INK,
        )  # fmt: skip
    name_rows(ax, list(names) * n_heads, places[:, 1:].ravel())
    letter(ax, "", "")
    ax.set_xlim(0, 1.45)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.set_ylim(places.min() - 0.7, 0.7)
    register = comparison.outcomes[0].register
    title = say(
        f"{n}个情景的主要结果（浅色为基准情景 {comparison.base_name}）",
        f"Main results of {n} scenarios (pale: the baseline {comparison.base_name})",
    )
    if n_left := len(HEADLINES) - n_heads:
        title += say(f"，另有{n_left}项未画", f", {n_left} more left out")
    write_title(ax, title, mark=mark_of(register, language))
    return ax


def _words(row: pd.Series, name: str, language: Language) -> str:
    say, value = in_language(language), known(row[name])
    if value is None:
        return say(UNKNOWN, "unknown")
    change = known(row.get(f"difference:{name}"))
    if not change:
        return write_measure(value)
    told = f"{'+' if change > 0 else '−'}{write_measure(abs(change))}"
    return say(f"{write_measure(value)}（{told}）", f"{write_measure(value)} ({told})")


def _unit(unit: str, language: Language) -> str:
    return UNIT_WORDS[unit] if language == "zh" else english.UNITS.get(unit, unit)
