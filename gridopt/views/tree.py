"""How the four levels hang together, drawn as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridopt.appointments import VACANT
from gridopt.cards import Branch, width_of
from gridopt.errors import InputError, refuse_kind
from gridopt.views.figures import begin, fit_words, write_title
from gridopt.views.fonts import chinese_font, drawable
from gridopt.views.labels import (
    LEVELS,
    category_name,
    grid_names,
    in_language,
    mark_of,
    unit_name,
)
from gridopt.views.palette import INK, PALE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from gridopt.partition import Partition
    from gridopt.roster import Roster
    from gridopt.views.labels import Language

MOST_ROWS = 90
"""With more rows than this only the first ones are drawn, and the rest counted."""

_PT = 8.5
_ROW_PT, _GAP_PT, _PAD_PT = 17.0, 26.0, 8.0


def plot_tree(
    roster: Roster,
    partition: Partition,
    ax: Axes | None = None,
    *,
    unit: str | None = None,
    language: Language = "zh",
) -> Axes:
    """Draw the tree of the four levels: city, units, work areas, enterprise grids.

    Parameters
    ----------
    roster, partition
        The posts, and the plan they are for.
    ax
        Where to draw; in axes smaller than a new figure's the letters are smaller.
    unit
        Draw this unit alone (code or name), with every grid and its head; else the
        grids of each work area are counted by category.
    language
        ``zh`` or ``en``.

    Returns
    -------
    Axes
        From left to right, in points.

    Raises
    ------
    InputError
        Where there is no such unit, or no font draws Chinese.
    """
    refuse_kind("网格人员名册", "Roster", roster, "posts")
    refuse_kind("网格划分方案", "Partition", partition, "grids")
    say = in_language(language)
    told = _Told(roster, partition, language)
    root = told.whole() if unit is None else told.part(told.find(unit))
    rows = list(_walk(root))
    n_left = max(len(rows) - MOST_ROWS, 0)
    rows = rows[:MOST_ROWS] if n_left else rows
    widths = [0.0] * (1 + max(depth for depth, *_ in rows))
    for depth, text, *_ in rows:
        widths[depth] = max(widths[depth], width_of(text) * _PT / 2 + 2 * _PAD_PT)
    lefts = [sum(widths[:d]) + d * _GAP_PT for d in range(len(widths))]
    wide, high = lefts[-1] + widths[-1], _ROW_PT * (rows[-1][2] + 1)
    ax = begin(ax, ((wide + 20) / 72, (high + 50) / 72))
    ax.set_xlim(-10, wide + 10)
    ax.set_ylim(high, -_ROW_PT / 2)
    ax.set_axis_off()
    words = _draw(ax, rows, lefts)
    # a little less than the figure's own axes have, which the layout makes smaller
    fit_words(ax, words, (0.97 * (wide + 20), 0.97 * (high + _ROW_PT / 2)))
    title = say("四级统计网格层级图", "The four levels of statistical grids")
    title += say(f"（另有{n_left}行未画）", f" ({n_left} more rows)") if n_left else ""
    write_title(ax, title, mark=mark_of(partition.register, language))
    return ax


Row = tuple[int, str, float, int]
"""Depth, text, place down the page in rows, and the number of the row above."""


def _walk(root: Branch) -> Iterator[Row]:
    """List a tree from the top: each branch stands beside its first leaf."""
    rows: list[Row] = []

    def visit(branch: Branch, depth: int, down: int, parent: int) -> int:
        rows.append((depth, drawable(branch.text), float(down), parent))
        me = len(rows) - 1
        for one in branch.below:
            down = visit(one, depth + 1, down, me)
        return down if branch.below else down + 1

    visit(root, 0, 0, -1)
    yield from rows


def _draw(ax: Axes, rows: list[Row], lefts: list[float]) -> list[Text]:
    """Draw the lines, and the boxes upon them; return their words."""
    for depth, _, down, parent in rows:
        if parent >= 0:
            x = lefts[depth] - _GAP_PT / 2
            above = rows[parent][2] * _ROW_PT
            y, start = down * _ROW_PT, lefts[depth - 1] + _PAD_PT
            ends = [start, x, x, lefts[depth]]
            ax.plot(ends, [above, above, y, y], color=INK, linewidth=0.7, zorder=1)
    return [
        ax.text(
            lefts[depth] + _PAD_PT / 2, down * _ROW_PT, text, va="center",
            fontproperties=chinese_font(_PT), color=INK, zorder=2,
            bbox={"boxstyle": "square,pad=0.25", "lw": 0.6, "ec": INK,
                  "fc": PALE if depth % 2 == 0 else "white"},
        )
        for depth, text, down, _ in rows
    ]  # fmt: skip


class _Told:
    """Names what the tree shows, from the roster's posts and the plan's grids."""

    def __init__(
        self, roster: Roster, partition: Partition, language: Language
    ) -> None:
        self._partition, self._language = partition, language
        self._say = in_language(language)
        posts = roster.posts
        self._parent = posts.drop_duplicates("grid_id").set_index("grid_id")
        heads = posts[(posts["level"] == 4) & (posts["role"] == "head")]
        self._heads = heads.set_index("grid_id")["name"]
        grids = partition.grids
        names = grid_names(partition, grids, language)
        self._names = dict(zip(grids.index, names, strict=True))

    def find(self, text: str) -> str:
        """Find the code of a unit by its code or name."""
        register = self._partition.register
        codes = [*self._of_level(2).index]
        names = {code: unit_name(register, code) for code in codes}
        found = [code for code in codes if text in (code, names[code])]
        if not found:
            raise InputError(
                f"没有“{text}”这个二级统计网格，可选：{'、'.join(names.values())}。",
                f"No unit {text!r}; there are {', '.join(names)}.",
            )
        return str(found[0])

    def whole(self) -> Branch:
        """Hang all units below the first level, their grids counted."""
        units = self._of_level(2).index
        below = tuple(self._unit(code, self._count) for code in units)
        text = self._level(1) + self._say("：全市", ": whole city")
        return Branch(text, below)

    def part(self, code: str) -> Branch:
        """Hang every grid of one unit."""
        return self._unit(code, self._list)

    def _unit(
        self, code: str, show: Callable[[pd.Index], tuple[Branch, ...]]
    ) -> Branch:
        grids = self._of_level(4)
        areas = self._of_level(3)
        mine = areas.index[areas["parent_grid_id"] == code]
        below = tuple(
            Branch(self._area(area), show(grids.index[grids["parent_grid_id"] == area]))
            for area in mine
        )
        # a merged block's medoid may lie elsewhere: such grids hang on the unit itself
        direct = show(grids.index[grids["parent_grid_id"] == code])
        name = unit_name(self._partition.register, code, self._language)
        return Branch(f"{self._level(2)}{self._say('：', ': ')}{name}", below + direct)

    def _of_level(self, level: int) -> pd.DataFrame:
        return self._parent[self._parent["level"] == level].sort_index()

    def _level(self, level: int) -> str:
        return self._say(LEVELS[level], f"Level {level}")

    def _area(self, area: str) -> str:
        name = self._partition.register.work_areas.frame.at[area, "name"]
        return f"{self._say('三级：', 'Level 3: ')}{name}"

    def _count(self, grid_ids: pd.Index) -> tuple[Branch, ...]:
        if not len(grid_ids):
            return ()
        counts = self._partition.grids.loc[grid_ids, "category"].value_counts()
        register = self._partition.register
        parts = [
            category_name(register, key, self._language) + self._say(f"{n}", f" {n}")
            for key, n in counts.sort_index().items()
        ]
        n = len(grid_ids)
        text = self._say(f"四级：企业网格{n}个（", f"Level 4: {n} grids (")
        return (
            Branch(text + self._say("、", ", ").join(parts) + self._say("）", ")")),
        )

    def _list(self, grid_ids: pd.Index) -> tuple[Branch, ...]:
        sizes = self._partition.grids["size"]
        return tuple(
            Branch(
                self._names[one]
                + self._say(f"（{sizes[one]}家），网格长：", f" ({sizes[one]}), head: ")
                + self._head(one)
            )
            for one in grid_ids
        )

    def _head(self, grid_id: str) -> str:
        name = str(self._heads[grid_id])
        return self._say(name, "vacant" if name == VACANT else name)
