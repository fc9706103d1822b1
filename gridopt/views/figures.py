"""How every figure is begun and lettered: a font per label, no global style."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gridopt.cards import width_of
from gridopt.views.fonts import chinese_font, drawable
from gridopt.views.palette import INK

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    from matplotlib.axes import Axes
    from matplotlib.backend_bases import RendererBase
    from matplotlib.text import Text

TITLE_PT, NAME_PT, TICK_PT = 12.0, 10.0, 9.0
ROW_COLUMNS, LEGEND_COLUMNS = 44, 48
LINES = 1.4
"""Line spacing; less lets Chinese characters touch."""
MOST_NAMED = 28
"""A legend has no more lines than this, and says how many are left out."""


def begin(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """Give the axes to draw on: those given, else new ones of this size in inches.

    Raises
    ------
    InputError
        Where no font draws Chinese; no figure is left open.
    """
    chinese_font()
    if ax is None:
        _, ax = plt.subplots(figsize=size, layout="constrained")
    return ax


def write_title(ax: Axes, text: str, *, mark: str = "") -> None:
    """Write a title whose lines fold, and move aside, before they leave the figure.

    Parameters
    ----------
    mark
        A warning, which stands on a line of its own.
    """
    figure_pt = float(ax.figure.get_size_inches()[0]) * 72
    # over a figure of several axes a title keeps to its own
    share = min(0.96, 1.25 * ax.get_position().width)
    columns = int(figure_pt * share / (TITLE_PT / 2))
    told = [*text.splitlines(), *([mark] if mark else [])]
    title = ax.set_title(
        "\n".join(fold(drawable(line), columns) for line in told),
        fontproperties=chinese_font(TITLE_PT), color=INK, linespacing=LINES,
    )  # fmt: skip
    ax.add_artist(_Keeper(title))


class _Keeper(Artist):
    """Draws nothing, but is drawn before a title and keeps it on the canvas."""

    def __init__(self, title: Text) -> None:
        super().__init__()
        self.set_zorder(-1)
        self.set_in_layout(False)
        self._title = title

    def draw(self, renderer: RendererBase) -> None:
        """Move the title sideways as far as it has to."""
        title, ax = self._title, self.axes
        title.set_x(0.5)
        box, canvas = title.get_window_extent(renderer), ax.figure.bbox
        gap = 2 * renderer.points_to_pixels(1.0)
        shift = min(canvas.x1 - gap - box.x1, 0) or max(canvas.x0 + gap - box.x0, 0)
        title.set_x(0.5 + shift / ax.get_window_extent(renderer).width)


def letter(ax: Axes, across: str, up: str, *, is_whole: bool = False) -> None:
    """Name the axes and give the ticks a font that draws Chinese.

    Parameters
    ----------
    is_whole
        Ticks of both axes at whole numbers only, with thousands.
    """
    ax.set_xlabel(across, fontproperties=chinese_font(NAME_PT))
    ax.set_ylabel(up, fontproperties=chinese_font(NAME_PT))
    if is_whole:
        for axis in (ax.xaxis, ax.yaxis):
            # steps of five meet band and target, which steps of three pass by
            axis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    for tick in ax.get_xticklabels() + ax.get_yticklabels():
        tick.set_fontproperties(chinese_font(TICK_PT))
    ax.spines[["top", "right"]].set_visible(False)


def name_rows(ax: Axes, names: Sequence[str], at: npt.ArrayLike) -> None:
    """Name the rows of a bar chart, one tick each."""
    rows = np.asarray(at, dtype=np.float64)
    ax.set_yticks(rows, [fold(drawable(name), ROW_COLUMNS) for name in names])
    ax.set_ylim(rows.min(initial=0) - 0.7, rows.max(initial=0) + 0.7)
    for tick in ax.get_yticklabels():
        tick.set_linespacing(LINES)


def write_value(ax: Axes, text: str, place: tuple[float, float], pt: float = 4) -> Text:
    """Write a number beside the end of a bar, `pt` points right of it (or left)."""
    return ax.annotate(
        drawable(text), place, xytext=(pt, 0), textcoords="offset points",
        va="center", ha="left" if pt >= 0 else "right",
        fontproperties=chinese_font(8), color=INK,
    )  # fmt: skip


def rows_that_fit(ax: Axes | None, wanted: int, row_pt: float = 13.0) -> int:
    """Count the rows of names for which axes have room; new ones have it for all."""
    if ax is None:
        return wanted
    high_pt = float(ax.get_position().height * ax.figure.get_size_inches()[1]) * 72
    return max(min(wanted, int(high_pt / row_pt)), 1)


def fit_words(ax: Axes, words: Sequence[Text], size_pt: tuple[float, float]) -> None:
    """Make letters smaller where axes are smaller than what they are written for.

    Parameters
    ----------
    size_pt
        Width and height, points, of axes for which the letters are right; 0: any.
    """
    for word in words:
        # a word that is too long for small axes is not to make them smaller still
        word.set_in_layout(False)
    ax.add_artist(_Fitter(words, size_pt))


class _Fitter(Artist):
    """Draws nothing, but is drawn before the words and sizes them to the axes."""

    def __init__(self, words: Sequence[Text], size_pt: tuple[float, float]) -> None:
        super().__init__()
        self.set_zorder(-1)
        self.set_in_layout(False)
        self._words, self._size_pt = words, size_pt
        self._was = [word.get_fontsize() for word in words]

    def draw(self, renderer: RendererBase) -> None:
        """Give each word its own size, or less."""
        box, pt = self.axes.get_window_extent(renderer), renderer.points_to_pixels(1.0)
        has = (box.width / pt, box.height / pt)
        room = zip(has, self._size_pt, strict=True)
        share = min(1.0, *(one / wanted for one, wanted in room if wanted))
        for word, size in zip(self._words, self._was, strict=True):
            word.set_fontsize(size * share)


def show_legend(ax: Axes, handles: Sequence[Artist] | None = None) -> None:
    """Put the legend to the right of the axes, where it hides nothing."""
    found = ax.get_legend_handles_labels()[0] if handles is None else list(handles)
    if found:
        labels = [fold(str(one.get_label()), LEGEND_COLUMNS) for one in found]
        ax.legend(
            found, labels, loc="upper left", bbox_to_anchor=(1.01, 1.0),
            borderaxespad=0.0, frameon=False, prop=chinese_font(TICK_PT),
        )  # fmt: skip


def fold(text: str, columns: int) -> str:
    r"""Break a text into lines of at most so many columns; Chinese takes two each.

    Breaks stand after a blank or between Chinese characters, never before a sign
    that ends a phrase; rather at the end of a phrase, where half the line is full.

    Examples
    --------
    >>> fold("企业网格划分图（全市）", 12)
    '企业网格划分\n图（全市）'
    >>> fold("grids of all units", 9)
    'grids of\nall units'
    """
    lines: list[str] = []
    line: list[str] = []
    pieces = [cut for piece in _pieces(text) for cut in _cut(piece, columns)]
    for piece in pieces:
        while line and width_of("".join(line) + piece.rstrip()) > columns:
            end = _end_of_line(line, piece, columns)
            lines.append("".join(line[:end]).rstrip())
            line = line[end:]
        line.append(piece)
    return "\n".join([*lines, "".join(line).rstrip()]).rstrip()


def _end_of_line(line: list[str], following: str, columns: int) -> int:
    """Count the pieces that stay on a full line: to the last phrase, or all."""
    pieces, width = [*line, following], width_of("".join(line))
    for end in range(len(line), 0, -1):
        if 2 * width < columns:
            break
        if pieces[end - 1][-1] in _PHRASE or pieces[end][0] in _OPENING:
            return end
        width -= width_of(pieces[end - 1])
    return len(line)


def _cut(piece: str, columns: int) -> list[str]:
    """Cut what has no place to break and is longer than a line all the same."""
    if width_of(piece) <= columns:
        return [piece]
    step = max(columns // 2, 1)
    return [piece[at : at + step] for at in range(0, len(piece), step)]


def _pieces(text: str) -> list[str]:
    """Split a text where a line may end."""
    pieces = [""]
    for before, c in zip(" " + text, text, strict=False):
        is_wide = unicodedata.east_asian_width(c) in "WF"
        was_wide = unicodedata.east_asian_width(before) in "WF"
        is_open = (is_wide or was_wide) and before not in _OPENING
        if (before == " " or is_open) and c not in _CLOSING:
            pieces.append("")
        pieces[-1] += c
    return [piece for piece in pieces if piece]


_OPENING = "（《“〔【("
_CLOSING = "，。、；：）》”〕】)%％,.;:"
_PHRASE = " ，。、；：）》”〕】"
